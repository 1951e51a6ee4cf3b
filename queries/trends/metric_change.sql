/*
title = "Change of each measure, with its interval"
description = "The latest value against the period before, against the same period a year before, and the latest year against the year before over the same months. A change of a percentage is in points. Two intervals are made. From counts: Newcombe's for shares of patients, the log ratio for counts and ratios. From the process: the usual variation of the trust from one period to the next, because a month's patients are not the only thing that varies. The interval given is the wider at each end, and the words follow it: only a change that is beyond both kinds of chance rose or fell. Two months of a waiting list share patients: treating them as independent makes the interval from counts wider than it need be. A change from one month to the next of a seasonal measure is partly the season."
grain = ["metric_id", "trust_code", "comparison"]

[columns]
metric_id = { meaning = "Measure" }
trust_code = { meaning = "Organisation code" }
comparison = { meaning = "previous period, same period last year, or year on year" }
period = { meaning = "Latest period of the trust" }
before_period = { meaning = "Period compared with; for a year on year, the first of the earlier year that is used" }
level = { meaning = "trust or England" }
comparison_words = { meaning = "What the latest value is compared with, in words" }
is_current = { meaning = "Whether the latest period is the latest of the measure" }
periods_compared = { unit = "count", meaning = "Periods on each side: 1, or for a year on year how many months or quarters are held in both years" }
value = { meaning = "Latest value, or mean over the latest year, in the unit shown" }
before_value = { meaning = "Value, or mean, before" }
change = { meaning = "Value less the value before; for a percentage in points" }
change_low = { meaning = "Lower end of the 95% interval: the wider of the two" }
change_high = { meaning = "Upper end of the 95% interval: the wider of the two" }
counts_low = { meaning = "Lower end of the interval from counts; missing where counts say nothing of chance" }
counts_high = { meaning = "Upper end of the interval from counts; missing where counts say nothing of chance" }
process_low = { meaning = "Lower end of the interval from usual variation; missing with too few points" }
process_high = { meaning = "Upper end of the interval from usual variation; missing with too few points" }
change_unit = { meaning = "points for a percentage, else the unit of the measure" }
change_words = { meaning = "rose, fell or no change beyond chance; missing where there is no interval" }
change_reading = { meaning = "better or worse, where it rose or fell and one direction is better" }
p_value = { decimals = 4, meaning = "Two-sided p-value, the larger of the two kinds of chance" }
interval_basis = { meaning = "What the interval rests on" }
caveat = { meaning = "What to keep in mind" }

[[tests]]
check = "accepted"
column = "change_words"
values = ["rose", "fell", "no change beyond chance"]

[[tests]]
check = "sql"
name = "the words follow the interval"
where = "change_words IS DISTINCT FROM CASE WHEN change_low > 0 THEN 'rose' WHEN change_high < 0 THEN 'fell' WHEN change_low IS NOT NULL THEN 'no change beyond chance' END"

[[tests]]
check = "sql"
name = "the change is the difference of the two values, and lies in its interval"
where = "abs(change - (value - before_value)) > 1e-9 OR change NOT BETWEEN change_low - 1e-9 AND change_high + 1e-9"

[[tests]]
check = "sql"
name = "the interval given holds both intervals"
where = "change_low > least(counts_low, process_low) OR change_high < greatest(counts_high, process_high)"

[[tests]]
check = "sql"
name = "the period compared with is the one that the comparison says"
query = """
SELECT change.metric_id, change.trust_code, comparison
FROM metric_change AS change
JOIN (SELECT metric_id, min(step_months) AS step_months FROM measured_series GROUP BY metric_id) USING (metric_id)
WHERE (comparison = 'previous period' AND date_diff('month', before_period, period) <> step_months)
    OR (comparison = 'same period last year' AND date_diff('month', before_period, period) <> 12)
"""
*/
WITH series AS (
    SELECT
        metric_id,
        trust_code,
        level,
        period,
        is_latest,
        step_months,
        latest_of_trust,
        numerator,
        denominator,
        value,
        scale
    FROM measured_series
),

pairs AS (
    SELECT
        after.metric_id,
        after.trust_code,
        after.level,
        CASE
            WHEN date_diff('month', before.period, after.period) = after.step_months THEN 'previous period'
            ELSE 'same period last year'
        END AS comparison,
        after.period,
        before.period AS before_period,
        after.is_latest AS is_current,
        1 AS periods_compared,
        after.scale,
        after.value,
        before.value AS before_value,
        after.numerator AS x,
        after.denominator AS n,
        before.numerator AS before_x,
        before.denominator AS before_n
    FROM series AS after
    JOIN series AS before
        ON before.metric_id = after.metric_id
        AND before.trust_code = after.trust_code
        AND date_diff('month', before.period, after.period) IN (after.step_months, 12)
    WHERE after.period = after.latest_of_trust AND after.step_months < 12
),

years AS (
    -- The months held in both years, so that a season is the same on both sides. A list is averaged over its months, because
    -- adding it up would count the same patients again; attendances and treatments are added.
    SELECT
        after.metric_id,
        after.trust_code,
        after.level,
        'year on year' AS comparison,
        max(after.period) AS period,
        min(before.period) AS before_period,
        bool_or(after.is_latest) AS is_current,
        count(*) AS periods_compared,
        min(after.scale) AS scale,
        CASE WHEN bool_or(shares_patients) THEN avg(after.value) ELSE min(after.scale) * sum(after.numerator) / coalesce(sum(after.denominator), count(*)) END AS value,
        CASE WHEN bool_or(shares_patients) THEN avg(before.value) ELSE min(after.scale) * sum(before.numerator) / coalesce(sum(before.denominator), count(*)) END AS before_value,
        CASE WHEN NOT bool_or(shares_patients) THEN sum(after.numerator) END AS x,
        CASE WHEN NOT bool_or(shares_patients) THEN sum(after.denominator) END AS n,
        CASE WHEN NOT bool_or(shares_patients) THEN sum(before.numerator) END AS before_x,
        CASE WHEN NOT bool_or(shares_patients) THEN sum(before.denominator) END AS before_n
    FROM series AS after
    JOIN series AS before
        ON before.metric_id = after.metric_id
        AND before.trust_code = after.trust_code
        AND date_diff('month', before.period, after.period) = 12
    JOIN trend_metrics ON trend_metrics.metric_id = after.metric_id
    CROSS JOIN trend_settings
    WHERE date_diff('month', after.period, after.latest_of_trust) < 12 AND after.step_months < 12
    GROUP BY after.metric_id, after.trust_code, after.level
    HAVING count(*) >= min(CASE WHEN after.step_months = 1 THEN least_pairs ELSE least_pairs_of_quarters END)
        AND max(after.period) = min(after.latest_of_trust)
),

compared AS (
    SELECT
        together.*,
        trend_metrics.interval_method,
        trend_metrics.shares_patients,
        trend_metrics.seasonal,
        metrics.better,
        CASE WHEN metrics.unit_suffix = '%' THEN 'points' WHEN metrics.unit_suffix <> '' THEN trim(metrics.unit_suffix) ELSE metrics.unit END AS change_unit,
        parameters.confidence_level,
        -- Each side varies by sigma; a mean of so many periods by sigma over the root of their number.
        charts.sigma / sqrt(together.periods_compared) AS process_error,
        charts.rebase_words,
        charts.latest_start,
        before_series.period_words AS before_words,
        CASE before_series.step_months WHEN 3 THEN 'quarter' ELSE 'month' END AS period_noun
    FROM (SELECT * FROM pairs UNION ALL BY NAME SELECT * FROM years) AS together
    JOIN trend_metrics USING (metric_id)
    JOIN metrics USING (metric_id)
    CROSS JOIN parameters
    JOIN measured_series AS before_series
        ON before_series.metric_id = together.metric_id
        AND before_series.trust_code = together.trust_code
        AND before_series.period = together.before_period
    LEFT JOIN control_chart_summary AS charts
        ON charts.metric_id = together.metric_id AND charts.trust_code = together.trust_code
),

judged AS (
    SELECT
        *,
        CASE WHEN interval_method = 'wilson' AND x <= n AND before_x <= before_n
            THEN newcombe_interval(x, n, before_x, before_n, confidence_level) END AS newcombe,
        CASE
            WHEN interval_method = 'ratio' AND before_x > 0 THEN rate_ratio_interval(x, n, before_x, before_n, confidence_level)
            WHEN interval_method = 'count' AND before_x > 0 THEN rate_ratio_interval(x, 1, before_x, 1, confidence_level)
        END AS ratio,
        CASE WHEN process_error > 0
            THEN difference_interval(before_value, process_error, value, process_error, 0, confidence_level) END AS process,
        -- Two added to each side keep the standard error of none or all from being nothing.
        CASE WHEN interval_method = 'wilson' AND x <= n AND before_x <= before_n THEN difference_interval(
            (before_x + 2) / (before_n + 4), sqrt((before_x + 2) / (before_n + 4) * (1 - (before_x + 2) / (before_n + 4)) / (before_n + 4)),
            (x + 2) / (n + 4), sqrt((x + 2) / (n + 4) * (1 - (x + 2) / (n + 4)) / (n + 4)),
            0, confidence_level
        ).p_value END AS counts_p
    FROM compared
),

bounded AS (
    SELECT
        *,
        coalesce(scale * newcombe.lower, before_value * (ratio.lower - 1)) AS counts_low,
        coalesce(scale * newcombe.upper, before_value * (ratio.upper - 1)) AS counts_high,
        process.lower AS process_low,
        process.upper AS process_high
    FROM judged
),

intervals AS (
    SELECT *, least(counts_low, process_low) AS change_low, greatest(counts_high, process_high) AS change_high
    FROM bounded
)

SELECT
    metric_id,
    trust_code,
    comparison,
    period,
    before_period,
    level,
    CASE comparison
        WHEN 'previous period' THEN 'the ' || period_noun || ' before, ' || before_words
        WHEN 'same period last year' THEN 'the same ' || period_noun || ' a year before, ' || before_words
        ELSE 'the year before, over the ' || periods_compared || ' ' || period_noun || 's held in both'
    END AS comparison_words,
    is_current,
    periods_compared,
    value,
    before_value,
    value - before_value AS change,
    change_low,
    change_high,
    counts_low,
    counts_high,
    process_low,
    process_high,
    change_unit,
    CASE
        WHEN change_low > 0 THEN 'rose'
        WHEN change_high < 0 THEN 'fell'
        WHEN change_low IS NOT NULL THEN 'no change beyond chance'
    END AS change_words,
    CASE
        WHEN change_low > 0 THEN CASE better WHEN 'high' THEN 'better' WHEN 'low' THEN 'worse' END
        WHEN change_high < 0 THEN CASE better WHEN 'high' THEN 'worse' WHEN 'low' THEN 'better' END
    END AS change_reading,
    greatest(counts_p, process.p_value) AS p_value,
    CASE
        WHEN counts_low IS NOT NULL AND process_low IS NOT NULL
            THEN 'the wider of chance in the counts and the usual variation from period to period'
        WHEN counts_low IS NOT NULL THEN 'chance in the counts alone: too few periods to know the usual variation'
        WHEN process_low IS NOT NULL THEN 'the usual variation from period to period'
        ELSE 'no interval: too few periods, or no variation in them'
    END AS interval_basis,
    nullif(concat_ws(
        ' ',
        CASE WHEN comparison = 'previous period' AND seasonal THEN 'Part of the change may be the season.' END,
        CASE WHEN shares_patients AND counts_low IS NOT NULL THEN 'The two share patients: taken as independent, which widens the interval.' END,
        CASE WHEN latest_start > before_period THEN 'The chart starts afresh between the two: ' || rebase_words || '.' END,
        CASE WHEN comparison = 'year on year' THEN 'Over the ' || periods_compared || ' periods held in both years.' END
    ), '') AS caveat
FROM intervals
