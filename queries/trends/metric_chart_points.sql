/*
title = "Points of control charts, with mean and limits"
description = "The points of the control charts that packs draw: the first exceptions of each trust that has a board pack, and every measure of England. Taken from control_charts, which says what everything means."
grain = ["metric_id", "trust_code", "period"]

[columns]
metric_id = { meaning = "Measure" }
trust_code = { meaning = "Organisation code; ENG for England" }
period = { meaning = "First day of the month, or last day of the quarter" }
position = { unit = "count", meaning = "Place in time: 12 times the year and the month" }
period_label = { meaning = "The period in words" }
value = { meaning = "Value in the unit shown" }
mean = { meaning = "Mean of the phase" }
lower_limit = { meaning = "Lower limit of the phase" }
upper_limit = { meaning = "Upper limit of the phase" }
near_lower = { meaning = "Lower near limit of the phase" }
near_upper = { meaning = "Upper near limit of the phase" }
phase = { unit = "count", meaning = "Number of the phase" }
point_type = { meaning = "common cause, improvement, concern or neutral" }
signal = { meaning = "What the point shows" }
is_trial = { meaning = "Whether the limits are trial limits" }
gap_before = { meaning = "Whether a period is missing before this one" }
rebase_words = { meaning = "Why the chart starts afresh at this point" }
target = { meaning = "National standard, or target where there is no standard" }

[[tests]]
check = "sql"
name = "every exception drawn that has a chart has all its points"
query = """
SELECT exceptions.metric_id, exceptions.trust_code
FROM exceptions
JOIN trusts USING (trust_code)
CROSS JOIN trend_settings
JOIN control_charts USING (metric_id, trust_code)
ANTI JOIN metric_chart_points AS points
    ON points.metric_id = control_charts.metric_id AND points.trust_code = control_charts.trust_code AND points.period = control_charts.period
WHERE exception_order <= listed_exceptions
"""
*/
WITH drawn AS (
    SELECT exceptions.metric_id, exceptions.trust_code
    FROM exceptions
    JOIN trusts USING (trust_code)
    CROSS JOIN trend_settings
    WHERE exception_order <= listed_exceptions
    UNION ALL
    SELECT metric_id, trust_code FROM control_chart_summary WHERE level = 'England'
)

SELECT
    control_charts.metric_id,
    control_charts.trust_code,
    control_charts.period,
    12 * year(control_charts.period) + month(control_charts.period) AS position,
    measured_series.period_words AS period_label,
    control_charts.value,
    control_charts.mean,
    control_charts.lower_limit,
    control_charts.upper_limit,
    control_charts.near_lower,
    control_charts.near_upper,
    control_charts.phase,
    control_charts.variation AS point_type,
    control_charts.signal,
    control_charts.limits_status = 'trial' AS is_trial,
    control_charts.gap_before AND control_charts.point > 1 AS gap_before,
    control_charts.rebase_words,
    control_charts.target
FROM control_charts
JOIN drawn USING (metric_id, trust_code)
JOIN measured_series USING (metric_id, trust_code, period)
