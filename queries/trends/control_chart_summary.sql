/*
title = "Control charts, one row for each trust and measure"
description = "What the latest point of each control chart shows, what the limits promise about the target, and what must be kept in mind. With too few points there is no chart and the words say so. A chart supposes that values vary about a steady level and do not follow on from each other: a seasonal measure, a waiting list that holds the same patients as a month before, and any series with autocorrelation break that supposition, so that signals come more often than by chance alone."
grain = ["metric_id", "trust_code"]

[columns]
metric_id = { meaning = "Measure" }
trust_code = { meaning = "Organisation code" }
level = { meaning = "trust or England" }
period = { meaning = "Latest period of the trust" }
is_current = { meaning = "Whether that is the latest period of the measure" }
value = { meaning = "Latest value in the unit shown" }
points = { unit = "count", meaning = "Points drawn" }
points_in_phase = { unit = "count", meaning = "Points since the chart last started afresh" }
limits_status = { meaning = "full, trial (a short phase), or none (too few points for a chart)" }
mean = { meaning = "Mean of the latest phase" }
lower_limit = { meaning = "Lower limit of the latest phase" }
upper_limit = { meaning = "Upper limit of the latest phase" }
sigma = { meaning = "How much one period's value varies about the underlying level: mean moving range over 1.128" }
p_value = { decimals = 4, meaning = "Two-sided probability of a value this far from the mean, or further, if values were normal and nothing had changed" }
signal = { meaning = "What the latest point shows" }
signal_words = { meaning = "What the latest point shows, in words that may follow 'The latest point:'" }
variation = { meaning = "common cause, improvement, concern, neutral or too few points" }
variation_direction = { meaning = "high or low; missing for common cause" }
variation_icon = { meaning = "Name of the icon: variation and direction" }
assurance = { meaning = "consistently passes, consistently fails, hit and miss, no target or too few points" }
target = { meaning = "National standard, or target where there is no standard, in the unit shown" }
target_words = { meaning = "National standard, or target where there is no standard, in words" }
special_points = { unit = "count", meaning = "Points drawn that show a special cause" }
screened_ranges = { unit = "count", meaning = "Moving ranges of the latest phase so large that they were left out of the mean range" }
autocorrelation = { decimals = 2, meaning = "Correlation of each value with the one before, in the latest phase" }
gaps = { unit = "count", meaning = "Places where a period is missing among those drawn" }
latest_start = { meaning = "Period at which the latest phase begins, where the chart started afresh" }
rebase_words = { meaning = "Why the chart started afresh" }
caveat = { meaning = "What to keep in mind, in sentences" }

[[tests]]
check = "sql"
name = "every trust with a reading among those drawn has a row, and no other"
query = """
SELECT coalesce(summary.metric_id, drawn.metric_id) AS metric_id, coalesce(summary.trust_code, drawn.trust_code) AS trust_code
FROM control_chart_summary AS summary
FULL JOIN (SELECT DISTINCT metric_id, trust_code FROM measured_series WHERE is_charted) AS drawn
    ON drawn.metric_id = summary.metric_id AND drawn.trust_code = summary.trust_code
WHERE summary.metric_id IS NULL OR drawn.metric_id IS NULL
"""

[[tests]]
check = "sql"
name = "too few points is said of variation and assurance together, and only where there is no chart"
where = "(variation = 'too few points') <> (assurance = 'too few points') OR (variation = 'too few points') <> (limits_status = 'none') OR (limits_status = 'none') <> (mean IS NULL)"

[[tests]]
check = "sql"
name = "an icon has a direction unless it is of common cause"
where = "(variation IN ('improvement', 'concern', 'neutral')) <> (variation_direction IS NOT NULL)"

[[tests]]
check = "sql"
name = "improvement and concern agree with which way is better, and neutral is kept for measures without one"
query = """
SELECT summary.metric_id, trust_code
FROM control_chart_summary AS summary
JOIN metrics USING (metric_id)
WHERE (variation = 'improvement' AND variation_direction IS DISTINCT FROM better)
    OR (variation = 'concern' AND variation_direction IS NOT DISTINCT FROM better)
    OR (variation = 'neutral' AND better IS NOT NULL)
    OR (variation IN ('improvement', 'concern') AND better IS NULL)
"""

[[tests]]
check = "sql"
name = "what is promised about a target agrees with target and limits"
query = """
SELECT summary.metric_id, trust_code
FROM control_chart_summary AS summary
JOIN metrics USING (metric_id)
WHERE (assurance = 'hit and miss' AND summary.target NOT BETWEEN lower_limit AND upper_limit)
    OR (assurance = 'consistently passes' AND NOT CASE better WHEN 'high' THEN summary.target < lower_limit ELSE summary.target > upper_limit END)
    OR (assurance = 'consistently fails' AND NOT CASE better WHEN 'high' THEN summary.target > upper_limit ELSE summary.target < lower_limit END)
    OR (assurance = 'no target' AND summary.target IS NOT NULL)
"""

[determinism]
window = "a series has one row for each period: the grain of control_charts"
*/
WITH latest AS (
    SELECT *
    FROM measured_series
    WHERE is_charted AND period = latest_of_trust
),

drawn AS (
    SELECT
        metric_id,
        trust_code,
        count(*) AS points,
        count(*) FILTER (gap_before AND NOT is_first) AS gaps
    FROM (
        SELECT *, row_number() OVER (PARTITION BY metric_id, trust_code ORDER BY period) = 1 AS is_first
        FROM measured_series
        WHERE is_charted
    )
    GROUP BY metric_id, trust_code
),

last_points AS (
    SELECT *
    FROM control_charts
    WHERE point = points
),

ranges AS (
    -- The ranges of the latest phase, with the value before, to count those left out and to measure autocorrelation.
    SELECT
        control_charts.metric_id,
        control_charts.trust_code,
        control_charts.period,
        control_charts.value,
        control_charts.is_usual_value,
        lag(control_charts.value) OVER in_time AS value_before
    FROM control_charts
    JOIN last_points USING (metric_id, trust_code, phase)
    WINDOW in_time AS (PARTITION BY control_charts.metric_id, control_charts.trust_code ORDER BY control_charts.period)
),

screening AS (
    SELECT
        metric_id,
        trust_code,
        min(period) AS phase_start,
        -- A series that does not vary has no correlation.
        CASE WHEN stddev_pop(value) > 0 AND stddev_pop(value_before) > 0 THEN corr(value, value_before) END AS autocorrelation,
        count(*) FILTER (value = 0) / count(*) AS share_at_zero,
        bool_or(is_usual_value) AS has_usual_value,
        count(*) FILTER (abs(value - value_before) >= 3.267 * mean_range) AS screened_ranges
    FROM (SELECT *, avg(abs(value - value_before)) OVER (PARTITION BY metric_id, trust_code) AS mean_range FROM ranges)
    GROUP BY metric_id, trust_code
),

history AS (
    SELECT
        metric_id,
        trust_code,
        count(*) FILTER (is_special) AS special_points,
        arg_max(rebase_words, period) FILTER (rebase_words IS NOT NULL) AS rebase_words
    FROM control_charts
    GROUP BY metric_id, trust_code
)

SELECT
    latest.metric_id,
    latest.trust_code,
    latest.level,
    latest.period,
    latest.is_latest AS is_current,
    latest.value,
    drawn.points,
    last_points.points_in_phase,
    coalesce(last_points.limits_status, 'none') AS limits_status,
    last_points.mean,
    last_points.lower_limit,
    last_points.upper_limit,
    last_points.sigma,
    difference_interval(last_points.mean, 0, latest.value, nullif(last_points.sigma, 0), 0, confidence_level).p_value AS p_value,
    last_points.signal,
    CASE last_points.signal
        WHEN 'common cause' THEN 'nothing beyond the usual variation'
        WHEN 'above the upper limit' THEN 'above the upper limit'
        WHEN 'below the lower limit' THEN 'below the lower limit'
        WHEN 'rising' THEN trend_settings.trend_points || ' or more values in a row, each above the last'
        WHEN 'falling' THEN trend_settings.trend_points || ' or more values in a row, each below the last'
        WHEN 'two in three near the upper limit' THEN 'two of three values in a row near the upper limit'
        WHEN 'two in three near the lower limit' THEN 'two of three values in a row near the lower limit'
        WHEN 'shift above the mean' THEN trend_settings.shift_points || ' or more values in a row above the mean'
        WHEN 'shift below the mean' THEN trend_settings.shift_points || ' or more values in a row below the mean'
        ELSE 'too few values for a chart'
    END AS signal_words,
    coalesce(last_points.variation, 'too few points') AS variation,
    last_points.variation_direction,
    concat_ws(' ', coalesce(last_points.variation, 'too few points'), last_points.variation_direction) AS variation_icon,
    coalesce(last_points.assurance, 'too few points') AS assurance,
    latest.target,
    latest.target_words,
    coalesce(history.special_points, 0) AS special_points,
    screening.screened_ranges,
    screening.autocorrelation,
    drawn.gaps,
    CASE WHEN history.rebase_words IS NOT NULL THEN screening.phase_start END AS latest_start,
    history.rebase_words,
    nullif(concat_ws(
        ' ',
        CASE WHEN NOT latest.is_latest THEN 'The latest value is of an earlier period than other trusts''.' END,
        CASE WHEN last_points.limits_status = 'trial'
            THEN 'Trial limits: only ' || last_points.points_in_phase || ' values since the chart began.' END,
        CASE WHEN last_points.metric_id IS NOT NULL AND trend_metrics.seasonal
            THEN 'Seasonal: a usual winter or summer can show as a signal; compare with the same period a year earlier.' END,
        CASE WHEN last_points.metric_id IS NOT NULL
                AND (trend_metrics.shares_patients OR screening.autocorrelation > trend_settings.high_autocorrelation)
            THEN 'Successive values follow on from each other, so signals come more often than chance alone would give.' END,
        CASE WHEN last_points.assurance = 'consistently fails'
                AND CASE metrics.better WHEN 'high' THEN latest.value >= latest.target ELSE latest.value <= latest.target END
            THEN 'The latest value meets the standard that the limits do not reach: the process may have changed.' END,
        CASE WHEN screening.has_usual_value
                THEN 'Half or more of the values are one and the same, so the limits say little; that value is taken as no sign of change.'
            WHEN screening.share_at_zero >= trend_settings.rare_at_zero
                THEN 'Rare events: many values are 0, for which limits are rough.' END,
        CASE WHEN last_points.metric_id IS NOT NULL AND drawn.gaps > 0
            THEN 'Periods are missing: runs are not looked for across the gap.' END
    ), '') AS caveat
FROM latest
JOIN drawn USING (metric_id, trust_code)
JOIN trend_metrics USING (metric_id)
JOIN metrics USING (metric_id)
CROSS JOIN trend_settings
CROSS JOIN parameters
LEFT JOIN last_points USING (metric_id, trust_code)
LEFT JOIN screening USING (metric_id, trust_code)
LEFT JOIN history USING (metric_id, trust_code)
