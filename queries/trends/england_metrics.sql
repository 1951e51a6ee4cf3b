/*
title = "Measures of England: latest value, change and control chart"
description = "One row for each measure of England in its latest period: value with interval, standard, change on the same period a year before and of the year on the year before, control chart, and how many trusts stand out. Everything is worked out in the cells that it reads. England's interval from counts is very narrow because the counts are large; its usual variation is the fairer guide to whether it moved."
grain = ["metric_id"]

[columns]
metric_id = { meaning = "Measure" }
metric_name = { meaning = "Name of the measure" }
metric_group = { meaning = "Group of measures" }
group_order = { unit = "count", meaning = "Order of the group" }
metric_order = { unit = "count", meaning = "Order of the measure" }
better = { meaning = "high or low, whichever is better; missing where neither is" }
measure_words = { meaning = "What the number is" }
denominator_words = { meaning = "What the denominator counts" }
step_months = { unit = "count", meaning = "Months from one period to the next" }
decimals = { meaning = "Decimals with which values are shown" }
unit_suffix = { meaning = "What follows the number" }
source_name = { meaning = "Source that holds the counts of the trusts" }
coverage = { meaning = "Whose figures are added: NHS trusts alone, or all providers" }
status_words = { meaning = "The status that is furthest from final among the rows" }
period = { meaning = "Latest period" }
period_words = { meaning = "The period in words" }
value = { meaning = "Value in the unit shown" }
numerator = { unit = "count", decimals = 1, meaning = "Sum of the numerators of those that reported" }
denominator = { unit = "count", decimals = 1, meaning = "Sum of the denominators of those that reported" }
low = { meaning = "Lower end of the 95% interval" }
high = { meaning = "Upper end of the 95% interval" }
interval_method = { meaning = "How the interval was made" }
interval_basis = { meaning = "What the interval covers and what it does not" }
target = { meaning = "National standard, or target where there is no standard" }
target_words = { meaning = "National standard, or target where there is no standard, in words" }
previous_value = { meaning = "Value in the same period a year before" }
previous_period_words = { meaning = "The same period a year before, in words" }
change = { meaning = "Change since a year before, in points for a percentage" }
change_low = { meaning = "Low end of the 95% interval of the change" }
change_high = { meaning = "High end of the 95% interval of the change" }
change_unit = { meaning = "Unit of the change" }
change_suffix = { meaning = "What follows the number of a change" }
change_words = { meaning = "rose, fell or no change beyond chance" }
change_reading = { meaning = "better or worse" }
change_caveat = { meaning = "What to keep in mind about the change" }
year_change = { meaning = "Change of the latest year on the year before, over the months held in both" }
year_change_low = { meaning = "Low end of the 95% interval of the change of the latest year" }
year_change_high = { meaning = "High end of the 95% interval of the change of the latest year" }
year_change_words = { meaning = "rose, fell or no change beyond chance" }
variation = { meaning = "common cause, improvement, concern, neutral or too few points" }
variation_direction = { meaning = "high or low" }
variation_icon = { meaning = "Name of the icon" }
variation_rule_words = { meaning = "What the latest point shows, in words" }
assurance = { meaning = "consistently passes, consistently fails, hit and miss, no target or too few points" }
points = { unit = "count", meaning = "Points drawn" }
limits_status = { meaning = "full, trial or none" }
is_trial = { meaning = "Whether the limits are trial limits" }
mean = { meaning = "Mean of the latest phase" }
lower_limit = { meaning = "Lower limit of the latest phase" }
upper_limit = { meaning = "Upper limit of the latest phase" }
chart_caveat = { meaning = "What to keep in mind about the chart" }
organisations_expected = { unit = "count", meaning = "Organisations whose series runs over the period" }
organisations_reporting = { unit = "count", meaning = "Organisations that reported" }
trusts_charted = { unit = "count", meaning = "Trusts with a current chart" }
trusts_concern = { unit = "count", meaning = "Trusts with a current chart whose latest point is a concern" }
trusts_improvement = { unit = "count", meaning = "Trusts with a current chart whose latest point is an improvement" }
trusts_outside = { unit = "count", meaning = "Trusts outside the limits of their kind after allowing for the number of tests; missing where there is no funnel" }

[[tests]]
check = "sql"
name = "an interval and a change hold their value"
where = "value NOT BETWEEN low - 1e-9 AND high + 1e-9 OR change NOT BETWEEN change_low - 1e-9 AND change_high + 1e-9"

[[tests]]
check = "sql"
name = "no more trusts signal than have a chart"
where = "trusts_concern + trusts_improvement > trusts_charted"

[[tests]]
check = "not_null"
columns = ["metric_name", "period_words", "value", "variation", "assurance"]
*/
WITH trusts_signalling AS (
    SELECT
        metric_id,
        count(*) AS trusts_charted,
        count(*) FILTER (variation = 'concern') AS trusts_concern,
        count(*) FILTER (variation = 'improvement') AS trusts_improvement
    FROM control_chart_summary
    WHERE level = 'trust' AND is_current AND limits_status <> 'none'
    GROUP BY metric_id
),

sources_of_trusts AS (
    SELECT metric_id, min(source) AS source_name FROM measured_series WHERE level = 'trust' AND is_latest GROUP BY metric_id
),

outside AS (
    SELECT metric_id, sum(outside_fdr) AS trusts_outside FROM funnel_summary GROUP BY metric_id
)

SELECT
    charts.metric_id,
    metrics.metric_name,
    metrics.metric_group,
    metrics.group_order,
    metrics.metric_order,
    metrics.better,
    metrics.measure_words,
    metrics.denominator_words,
    latest.step_months,
    metrics.decimals,
    metrics.unit_suffix,
    sources_of_trusts.source_name,
    sums.coverage,
    sums.status AS status_words,
    charts.period,
    sums.period_words,
    charts.value,
    CAST(sums.numerator AS DOUBLE) AS numerator,
    CAST(sums.denominator AS DOUBLE) AS denominator,
    metric_intervals.low,
    metric_intervals.high,
    metric_intervals.interval_method,
    metric_intervals.interval_basis,
    charts.target,
    charts.target_words,
    year_ago.before_value AS previous_value,
    before.period_words AS previous_period_words,
    year_ago.change,
    year_ago.change_low,
    year_ago.change_high,
    year_ago.change_unit,
    CASE WHEN metrics.unit_suffix = '%' THEN ' points' ELSE metrics.unit_suffix END AS change_suffix,
    year_ago.change_words,
    year_ago.change_reading,
    year_ago.caveat AS change_caveat,
    years.change AS year_change,
    years.change_low AS year_change_low,
    years.change_high AS year_change_high,
    years.change_words AS year_change_words,
    charts.variation,
    charts.variation_direction,
    charts.variation_icon,
    charts.signal_words AS variation_rule_words,
    charts.assurance,
    charts.points,
    charts.limits_status,
    charts.limits_status = 'trial' AS is_trial,
    charts.mean,
    charts.lower_limit,
    charts.upper_limit,
    charts.caveat AS chart_caveat,
    sums.organisations_expected,
    sums.organisations_reporting,
    coalesce(trusts_signalling.trusts_charted, 0) AS trusts_charted,
    coalesce(trusts_signalling.trusts_concern, 0) AS trusts_concern,
    coalesce(trusts_signalling.trusts_improvement, 0) AS trusts_improvement,
    outside.trusts_outside
FROM control_chart_summary AS charts
JOIN metrics USING (metric_id)
JOIN metric_england AS sums ON sums.metric_id = charts.metric_id AND sums.period = charts.period AND sums.is_main
JOIN measured_series AS latest
    ON latest.metric_id = charts.metric_id AND latest.trust_code = charts.trust_code AND latest.period = charts.period
LEFT JOIN metric_intervals
    ON metric_intervals.metric_id = charts.metric_id
    AND metric_intervals.trust_code = charts.trust_code
    AND metric_intervals.period = charts.period
LEFT JOIN metric_change AS year_ago
    ON year_ago.metric_id = charts.metric_id
    AND year_ago.trust_code = charts.trust_code
    AND year_ago.comparison = 'same period last year'
LEFT JOIN england_trends AS before ON before.metric_id = charts.metric_id AND before.period = year_ago.before_period
LEFT JOIN metric_change AS years
    ON years.metric_id = charts.metric_id AND years.trust_code = charts.trust_code AND years.comparison = 'year on year'
LEFT JOIN sources_of_trusts ON sources_of_trusts.metric_id = charts.metric_id
LEFT JOIN trusts_signalling ON trusts_signalling.metric_id = charts.metric_id
LEFT JOIN outside ON outside.metric_id = charts.metric_id
WHERE charts.level = 'England'
ORDER BY metrics.group_order, metrics.metric_order
