/*
title = "Does growth last?"
description = "How far growth in one period tells growth in the next: for the published figures, and for the crude series that has several years. Correlation with Fisher's interval, Spearman's, how many of the top quarter stay in it beside what drawing lots would give, and the regression of the next growth on this one. Crude series that broke are left out. For levels see their own table: the two are never shown together."
grain = ["series", "from_period"]

[columns]
series = { meaning = "Published growth, or the crude series of activity for each member of staff" }
series_order = { unit = "count", meaning = "Order on the page" }
from_period = { meaning = "Earlier period" }
to_period = { meaning = "Later period" }
measure = { meaning = "What kind of figure this is: growth, never level" }
pairs = { unit = "count", meaning = "Trusts with both (of the crude series, those that are whole)" }
correlation = { unit = "correlation", decimals = 2, meaning = "Pearson correlation" }
correlation_low = { unit = "correlation", decimals = 2, meaning = "Low end of the 95% interval of the correlation" }
correlation_high = { unit = "correlation", decimals = 2, meaning = "High end of the 95% interval of the correlation" }
spearman = { unit = "correlation", decimals = 2, meaning = "Spearman's rank correlation" }
spearman_low = { unit = "correlation", decimals = 2, meaning = "Low end of the 95% interval of the rank correlation" }
spearman_high = { unit = "correlation", decimals = 2, meaning = "High end of the 95% interval of the rank correlation" }
top_quarter = { unit = "count", meaning = "Trusts in the top quarter of the earlier period" }
next_top_quarter = { unit = "count", meaning = "Trusts in the top quarter of the later period" }
top_again = { unit = "count", meaning = "Trusts in the top quarter of both" }
stay_share = { unit = "fraction", decimals = 0, meaning = "Share of the top quarter that is in the top quarter of the next period" }
stay_low = { unit = "fraction", decimals = 0, meaning = "Low end of the 95% interval (Wilson) of the share that stayed in the top quarter" }
stay_high = { unit = "fraction", decimals = 0, meaning = "High end of the 95% interval (Wilson) of the share that stayed in the top quarter" }
top_by_chance = { unit = "count", decimals = 1, meaning = "How many drawing lots would keep in the top quarter on average" }
chance_low = { unit = "count", meaning = "Low end of the middle 95% of what drawing lots would keep" }
chance_high = { unit = "count", meaning = "High end of the middle 95% of what drawing lots would keep" }
chance_of_as_many = { unit = "fraction", decimals = 0, meaning = "Probability that drawing lots would keep so many or more" }
slope = { unit = "ratio", decimals = 3, meaning = "Points of growth in the later period for each point in the earlier" }
intercept = { unit = "%", decimals = 2, meaning = "Growth to be expected in the later period after none in the earlier" }
residual_sd = { unit = "points", decimals = 2, meaning = "Standard deviation of the later growth about that line" }
from_mean = { unit = "%", decimals = 2, meaning = "Mean growth in the earlier period" }
from_sum_of_squares = { unit = "points squared", meaning = "Sum of squared distances from that mean" }
lasts = { meaning = "Whether the correlation's interval lies above 0" }
about_chance = { meaning = "Whether the number that stayed lies in the middle 95% of drawing lots" }

[[tests]]
check = "sql"
name = "each correlation lies within its interval"
where = "correlation NOT BETWEEN correlation_low AND correlation_high OR spearman NOT BETWEEN spearman_low AND spearman_high"

[[tests]]
check = "sql"
name = "the number expected by lot lies in the middle of its own law"
where = "top_by_chance NOT BETWEEN chance_low AND chance_high"

[[tests]]
check = "sql"
name = "the slope is the correlation times the ratio of spreads: both of one sign"
where = "slope * correlation < 0"

[[tests]]
check = "accepted"
column = "measure"
values = ["growth"]

[determinism]
list = "each pair of periods has one row for each trust"
*/
WITH z AS (
    -- The normal quantile of the book's confidence level, from the interval of a difference with errors 1 and 1.
    SELECT confidence_level, difference_interval(0, 1, 0, 1, 0, confidence_level).upper / sqrt(2) AS z
    FROM parameters
),

growth_pairs AS (
    SELECT
        'published growth' AS series,
        0 AS series_order,
        period AS from_period,
        next_period AS to_period,
        trust_code,
        100 * productivity_growth AS growth,
        CAST(next_growth AS DOUBLE) AS next_growth
    FROM productivity_growth
    WHERE productivity_growth IS NOT NULL AND next_growth IS NOT NULL
    UNION ALL
    SELECT
        'activity for each member of staff',
        earlier.fy_start,
        earlier.fy_start || '/' || right(CAST(earlier.fy_start + 1 AS VARCHAR), 2) || ' compared with the year before',
        later.fy_start || '/' || right(CAST(later.fy_start + 1 AS VARCHAR), 2) || ' compared with the year before',
        earlier.trust_code,
        100 * earlier.growth,
        100 * later.growth
    FROM activity_per_fte_growth AS earlier
    JOIN activity_per_fte_growth AS later
        ON later.trust_code = earlier.trust_code AND later.fy_start = earlier.fy_start + 1
    JOIN activity_per_fte_steady AS steady ON steady.trust_code = earlier.trust_code AND is_steady
),

placed AS (
    SELECT
        *,
        rank() OVER (PARTITION BY series, from_period ORDER BY growth DESC) AS place,
        rank() OVER (PARTITION BY series, from_period ORDER BY next_growth DESC) AS next_place,
        count(*) OVER (PARTITION BY series, from_period) // 4 AS quarter_size
    FROM growth_pairs
),

measured AS (
    SELECT
        series,
        series_order,
        from_period,
        to_period,
        count(*) AS pairs,
        CASE
            WHEN min(growth) < max(growth) AND min(next_growth) < max(next_growth)
                THEN greatest(-1, least(1, corr(next_growth, growth)))
        END AS correlation,
        CASE
            -- Values all the same have no order to compare.
            WHEN min(growth) < max(growth) AND min(next_growth) < max(next_growth)
                THEN spearman(
                    list(growth ORDER BY trust_code), list(next_growth ORDER BY trust_code), any_value(confidence_level)
                )
        END AS rank_correlation,
        count(*) FILTER (place <= quarter_size) AS top_quarter,
        count(*) FILTER (next_place <= quarter_size) AS next_top_quarter,
        count(*) FILTER (place <= quarter_size AND next_place <= quarter_size) AS top_again,
        CASE WHEN min(growth) < max(growth) THEN regr_slope(next_growth, growth) END AS slope,
        CASE WHEN min(growth) < max(growth) THEN regr_intercept(next_growth, growth) END AS intercept,
        CASE WHEN min(growth) < max(growth) THEN sqrt(greatest(regr_syy(next_growth, growth) - regr_slope(next_growth, growth) * regr_sxy(next_growth, growth), 0)
            / nullif(count(*) - 2, 0)) END AS residual_sd,
        avg(growth) AS from_mean,
        regr_sxx(next_growth, growth) AS from_sum_of_squares
    FROM placed
    CROSS JOIN z
    GROUP BY series, series_order, from_period, to_period
    HAVING count(*) > 3
),

outcomes AS (
    SELECT
        series,
        from_period,
        pairs,
        top_quarter,
        next_top_quarter,
        top_again,
        unnest(generate_series(
            greatest(0, top_quarter + next_top_quarter - pairs), least(top_quarter, next_top_quarter)
        )) AS kept
    FROM measured
),

lots AS (
    -- Drawing lots: of `pairs` trusts, `next_top_quarter` are drawn, and `kept` of them were in the top quarter before.
    SELECT
        *,
        exp(
            lgamma(top_quarter + 1) - lgamma(kept + 1) - lgamma(top_quarter - kept + 1)
            + lgamma(pairs - top_quarter + 1) - lgamma(next_top_quarter - kept + 1)
            - lgamma(pairs - top_quarter - next_top_quarter + kept + 1)
            - lgamma(pairs + 1) + lgamma(next_top_quarter + 1) + lgamma(pairs - next_top_quarter + 1)
        ) AS probability
    FROM outcomes
),

cumulated AS (
    SELECT *, sum(probability) OVER (PARTITION BY series, from_period ORDER BY kept) AS up_to
    FROM lots
),

by_lot AS (
    SELECT
        series,
        from_period,
        -- A hair is allowed for logarithms of factorials that do not add up to exactly 1.
        min(kept) FILTER (up_to >= 0.025 - 1e-9) AS chance_low,
        min(kept) FILTER (up_to >= 0.975 - 1e-9) AS chance_high,
        least(sum(probability) FILTER (kept >= top_again), 1) AS chance_of_as_many
    FROM cumulated
    GROUP BY series, from_period
),

intervals AS (
    SELECT
        measured.*,
        CASE WHEN abs(correlation) < 1 THEN tanh(atanh(correlation) - z / sqrt(pairs - 3)) END AS correlation_low,
        CASE WHEN abs(correlation) < 1 THEN tanh(atanh(correlation) + z / sqrt(pairs - 3)) END AS correlation_high,
        wilson_interval(top_again, top_quarter, confidence_level) AS stay
    FROM measured
    CROSS JOIN z
)

SELECT
    series,
    series_order,
    from_period,
    to_period,
    'growth' AS measure,
    pairs,
    correlation,
    correlation_low,
    correlation_high,
    rank_correlation.coefficient AS spearman,
    rank_correlation.lower AS spearman_low,
    rank_correlation.upper AS spearman_high,
    top_quarter,
    next_top_quarter,
    top_again,
    top_again / nullif(top_quarter, 0) AS stay_share,
    stay.lower AS stay_low,
    stay.upper AS stay_high,
    top_quarter * next_top_quarter / pairs AS top_by_chance,
    chance_low,
    chance_high,
    chance_of_as_many,
    slope,
    intercept,
    residual_sd,
    from_mean,
    from_sum_of_squares,
    correlation_low > 0 AS lasts,
    top_again BETWEEN chance_low AND chance_high AS about_chance
FROM intervals
JOIN by_lot USING (series, from_period)
ORDER BY series_order, series, from_period
