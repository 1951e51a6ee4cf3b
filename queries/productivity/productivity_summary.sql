/*
title = "National spread of productivity growth"
description = "One row: how trusts' growth is spread, how far one period's figure tells the next, and how the staff figures compare. The correlation's interval is Fisher's."
grain = ["period"]

[columns]
period = { meaning = "Period of the growth figures" }
next_period = { meaning = "Period of the next figures" }
trusts = { unit = "count", meaning = "Trusts with a figure" }
lowest = { unit = "fraction", decimals = 1, meaning = "Lowest growth" }
lower_quartile = { unit = "fraction", decimals = 1, meaning = "Lower quartile" }
median = { unit = "fraction", decimals = 1, meaning = "Median" }
upper_quartile = { unit = "fraction", decimals = 1, meaning = "Upper quartile" }
highest = { unit = "fraction", decimals = 1, meaning = "Highest growth" }
standard_deviation = { unit = "fraction", decimals = 1, meaning = "Standard deviation between trusts" }
negative = { unit = "count", meaning = "Trusts whose productivity is estimated to have fallen" }
negative_share = { unit = "fraction", decimals = 0, meaning = "Share of the trusts whose productivity is estimated to have fallen" }
pairs = { unit = "count", meaning = "Trusts with a figure for both periods" }
correlation = { unit = "correlation", decimals = 2, meaning = "Pearson correlation between the two periods" }
correlation_low = { unit = "correlation", decimals = 2, meaning = "Low end of the 95% interval of the correlation" }
correlation_high = { unit = "correlation", decimals = 2, meaning = "High end of the 95% interval of the correlation" }
spearman = { unit = "correlation", decimals = 2, meaning = "Spearman's rank correlation between the two periods" }
spearman_low = { unit = "correlation", decimals = 2, meaning = "Low end of the 95% interval of the rank correlation" }
spearman_high = { unit = "correlation", decimals = 2, meaning = "High end of the 95% interval of the rank correlation" }
top_quarter = { unit = "count", meaning = "Trusts in the top quarter of the first period" }
top_again = { unit = "count", meaning = "Trusts in the top quarter of both periods" }
top_by_chance = { unit = "count", decimals = 1, meaning = "How many chance alone would place there again" }
top_chance_low = { unit = "count", meaning = "Low end of the middle 95% of what drawing lots would place there again" }
top_chance_high = { unit = "count", meaning = "High end of the middle 95% of what drawing lots would place there again" }
stay_share = { unit = "fraction", decimals = 0, meaning = "Share of the top quarter that was in it again" }
stay_low = { unit = "fraction", decimals = 0, meaning = "Low end of the 95% interval (Wilson) of the share that stayed in the top quarter" }
stay_high = { unit = "fraction", decimals = 0, meaning = "High end of the 95% interval (Wilson) of the share that stayed in the top quarter" }
lasts = { meaning = "Whether the correlation's interval lies above 0" }
about_chance = { meaning = "Whether the number that stayed lies in the middle 95% of drawing lots" }
next_median = { unit = "%", decimals = 1, meaning = "Median of the next figures" }
median_triangulation_gap = { unit = "points", decimals = 1, meaning = "Median of growth in staff less growth in resource, in percentage points" }
mean_triangulation_gap = { unit = "points", decimals = 1, meaning = "Mean of growth in staff less growth in resource, in percentage points" }
triangulation_deviation = { unit = "fraction", decimals = 1, meaning = "Standard deviation of that gap between trusts" }
largest_identity_gap = { unit = "fraction", decimals = 6, meaning = "Largest difference between a published estimate and the ratio of its components" }

[[tests]]
check = "range"
column = "correlation"
min = -1
max = 1

[[tests]]
check = "rows"
max = 1
*/
WITH exact AS (
    -- Decimals, so that sums do not depend on the order in which rows are read.
    SELECT
        *,
        CAST(productivity_growth AS DECIMAL(18, 12)) AS growth,
        CAST(triangulation_gap AS DECIMAL(18, 12)) AS gap
    FROM productivity_growth
),

spread AS (
    SELECT
        count(growth) AS trusts,
        min(growth) AS lowest,
        quantile_cont(growth, 0.25) AS lower_quartile,
        quantile_cont(growth, 0.5) AS median,
        quantile_cont(growth, 0.75) AS upper_quartile,
        max(growth) AS highest,
        sqrt(
            (sum(growth * growth) - sum(growth) * sum(growth) / count(growth)) / nullif(count(growth) - 1, 0)
        ) AS standard_deviation,
        count(*) FILTER (growth < 0) AS negative,
        quantile_cont(next_growth, 0.5) AS next_median,
        quantile_cont(gap, 0.5) AS median_triangulation_gap,
        sum(gap) / count(gap) AS mean_triangulation_gap,
        sqrt((sum(gap * gap) - sum(gap) * sum(gap) / count(gap)) / nullif(count(gap) - 1, 0)) AS triangulation_deviation,
        max(abs(identity_gap)) AS largest_identity_gap
    FROM exact
)

SELECT
    parameters.productivity_period AS period,
    parameters.productivity_next_period AS next_period,
    trusts,
    lowest,
    lower_quartile,
    median,
    upper_quartile,
    highest,
    standard_deviation,
    negative,
    negative / nullif(trusts, 0) AS negative_share,
    coalesce(pairs, 0) AS pairs,
    correlation,
    correlation_low,
    correlation_high,
    spearman,
    spearman_low,
    spearman_high,
    top_quarter,
    top_again,
    top_by_chance,
    chance_low AS top_chance_low,
    chance_high AS top_chance_high,
    stay_share,
    stay_low,
    stay_high,
    lasts,
    about_chance,
    next_median,
    median_triangulation_gap,
    mean_triangulation_gap,
    triangulation_deviation,
    largest_identity_gap
FROM spread
CROSS JOIN parameters
LEFT JOIN growth_persistence ON series = 'published growth'
WHERE trusts > 0
