/*
title = "England over time"
description = "The control chart of England for each measure, from numerators and denominators added up, point by point, by the same rules as for a trust. England is an average of many trusts: its limits are narrow, and a signal says that the country as a whole moved, not by how much any trust did."
grain = ["metric_id", "period"]

[columns]
metric_id = { meaning = "Measure" }
period = { meaning = "First day of the month, or last day of the quarter" }
position = { unit = "count", meaning = "Place in time: 12 times the year and the month" }
period_words = { meaning = "The period in words" }
value = { meaning = "Value in the unit shown" }
numerator = { unit = "count", decimals = 1, meaning = "Sum of the numerators of those that reported" }
denominator = { unit = "count", decimals = 1, meaning = "Sum of the denominators of those that reported" }
low = { meaning = "Lower end of the 95% interval" }
high = { meaning = "Upper end of the 95% interval" }
mean = { meaning = "Mean of the phase; missing where there are too few points for a chart" }
lower_limit = { meaning = "Lower limit of the phase" }
upper_limit = { meaning = "Upper limit of the phase" }
phase = { unit = "count", meaning = "Number of the phase" }
signal = { meaning = "What the point shows" }
variation = { meaning = "common cause, improvement, concern or neutral" }
limits_status = { meaning = "full, trial or none" }
gap_before = { meaning = "Whether a period is missing before this one" }
target = { meaning = "National standard, or target where there is no standard" }

[[tests]]
check = "sql"
name = "the value is the sum of the trusts' and others' counts for England"
query = """
SELECT metric_id, period FROM england_trends JOIN metrics USING (metric_id)
WHERE denominator > 0 AND abs(value - metrics.scale * numerator / denominator) > 1e-9
"""

[[tests]]
check = "sql"
name = "England has a reading in every period drawn in which a trust has one"
query = """
SELECT DISTINCT metric_id, period
FROM measured_series
JOIN metrics USING (metric_id)
ANTI JOIN england_trends USING (metric_id, period)
WHERE level = 'trust' AND is_charted AND additive
"""
*/
SELECT
    measured_series.metric_id,
    measured_series.period,
    12 * year(measured_series.period) + month(measured_series.period) AS position,
    measured_series.period_words,
    measured_series.value,
    measured_series.numerator,
    measured_series.denominator,
    metric_intervals.low,
    metric_intervals.high,
    control_charts.mean,
    control_charts.lower_limit,
    control_charts.upper_limit,
    control_charts.phase,
    control_charts.signal,
    control_charts.variation,
    coalesce(control_charts.limits_status, 'none') AS limits_status,
    measured_series.gap_before,
    measured_series.target
FROM measured_series
LEFT JOIN control_charts USING (metric_id, trust_code, period)
LEFT JOIN metric_intervals USING (metric_id, trust_code, period)
WHERE measured_series.level = 'England' AND measured_series.is_charted
