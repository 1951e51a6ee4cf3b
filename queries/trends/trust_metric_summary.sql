/*
title = "Measures of each trust: latest value, change, place, control chart and funnel"
description = "One row for each measure of each trust that has a board pack: the latest value with interval, standard, England, change on the same period a year before, place with its set, control chart, funnel and whether it is an exception. Everything is worked out in the cells that it reads; here it is only put side by side."
grain = ["metric_id", "trust_code"]

[columns]
metric_id = { meaning = "Measure" }
trust_code = { meaning = "Organisation code" }
trust_kind = { meaning = "Kind of trust compared with; missing where not known" }
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
source_name = { meaning = "Source that holds the counts" }
status_words = { meaning = "Published, provisional or final" }
basis = { meaning = "On what basis the counts stand" }
period = { meaning = "Latest period of the trust" }
period_words = { meaning = "The period in words" }
is_current = { meaning = "Whether it is the latest period of the measure" }
value = { meaning = "Value in the unit shown" }
numerator = { unit = "count", decimals = 1, meaning = "Numerator" }
denominator = { unit = "count", decimals = 1, meaning = "Denominator" }
low = { meaning = "Lower end of the 95% interval" }
high = { meaning = "Upper end of the 95% interval" }
interval_method = { meaning = "How the interval was made" }
interval_basis = { meaning = "What the interval covers and what it does not" }
target = { meaning = "National standard, or target where there is no standard" }
target_words = { meaning = "National standard, or target where there is no standard, in words" }
england_value = { meaning = "England in the same period, in the unit shown; missing for a count" }
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
year_change = { meaning = "Change of the mean of the latest year on the year before, over the months held in both" }
year_change_low = { meaning = "Low end of the 95% interval of the change of the latest year" }
year_change_high = { meaning = "High end of the 95% interval of the change of the latest year" }
year_change_words = { meaning = "rose, fell or no change beyond chance" }
metric_rank = { unit = "rank", meaning = "Place among trusts of the kind, 1 is best" }
rank_best = { unit = "rank", meaning = "Best place in the 95% set of the place" }
rank_worst = { unit = "rank", meaning = "Worst place in the 95% set of the place" }
trusts_ranked = { unit = "count", meaning = "Trusts ranked" }
rank_set_words = { meaning = "Place and set in words, or why there is none" }
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
rebase_words = { meaning = "Why the chart last started afresh" }
funnel_flag = { meaning = "Where the value lies in the funnel of its kind; missing where it is not placed" }
funnel_side_words = { meaning = "Where the value lies in the funnel of its kind, in a sentence's words" }
funnel_fdr_flag = { meaning = "Whether the value lies outside its funnel after allowing for the number of tests" }
is_exception = { meaning = "Whether the measure stands out, so that a board should look at it" }
exception_order = { unit = "count", meaning = "Order among the trust's exceptions" }
exceptions_in_all = { unit = "count", meaning = "Exceptions of the trust" }
exception_reason_words = { meaning = "Why the measure stands out" }

[[tests]]
check = "sql"
name = "every trust with a pack and a reading among those drawn has its row"
query = """
SELECT charts.metric_id, charts.trust_code
FROM control_chart_summary AS charts
JOIN trusts USING (trust_code)
ANTI JOIN trust_metric_summary USING (metric_id, trust_code)
"""

[[tests]]
check = "sql"
name = "an interval, a place and a change hold their value"
where = "value NOT BETWEEN low - 1e-9 AND high + 1e-9 OR metric_rank NOT BETWEEN rank_best AND rank_worst OR change NOT BETWEEN change_low - 1e-9 AND change_high + 1e-9"

[[tests]]
check = "sql"
name = "what is no longer current is not ranked, placed in a funnel or called an exception"
where = "NOT is_current AND (metric_rank IS NOT NULL OR funnel_flag IS NOT NULL OR is_exception)"

[[tests]]
check = "not_null"
columns = ["metric_name", "period_words", "value", "variation", "assurance", "rank_set_words", "is_exception"]
*/
SELECT
    charts.metric_id,
    charts.trust_code,
    latest.trust_kind,
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
    latest.source AS source_name,
    latest.status AS status_words,
    latest.basis,
    charts.period,
    latest.period_words,
    charts.is_current,
    charts.value,
    latest.numerator,
    latest.denominator,
    metric_intervals.low,
    metric_intervals.high,
    metric_intervals.interval_method,
    metric_intervals.interval_basis,
    charts.target,
    charts.target_words,
    -- A count of one trust is not to be set beside that of a country.
    CASE WHEN metrics.kind <> 'count' THEN england.value END AS england_value,
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
    metric_ranks.metric_rank,
    metric_ranks.rank_best,
    metric_ranks.rank_worst,
    metric_ranks.trusts_ranked,
    CASE
        WHEN metric_ranks.rank_words IS NOT NULL THEN metric_ranks.rank_words
        WHEN metrics.better IS NULL OR metrics.kind = 'count' THEN 'not ranked: neither more nor less is better by itself'
        WHEN trend_metrics.not_ranked_because IS NOT NULL THEN 'not ranked: ' || trend_metrics.not_ranked_because
        WHEN NOT charts.is_current THEN 'not ranked: the latest value is of an earlier period'
        ELSE 'not ranked: too few patients, too few trusts of the kind, or no measure of chance'
    END AS rank_set_words,
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
    charts.rebase_words,
    funnels.flag AS funnel_flag,
    CASE
        WHEN funnels.flag IS NULL THEN NULL
        WHEN funnels.flag = 'within the limits' THEN 'within the limits of its kind'
        ELSE coalesce(funnels.reading || ' than its kind: ', 'unlike its kind: ') || funnels.flag
    END AS funnel_side_words,
    coalesce(exceptions.outside_funnel, false) AS funnel_fdr_flag,
    exceptions.metric_id IS NOT NULL AS is_exception,
    exceptions.exception_order,
    exceptions.exceptions_in_all,
    exceptions.why AS exception_reason_words
FROM control_chart_summary AS charts
JOIN trusts USING (trust_code)
JOIN metrics USING (metric_id)
JOIN trend_metrics USING (metric_id)
JOIN measured_series AS latest
    ON latest.metric_id = charts.metric_id AND latest.trust_code = charts.trust_code AND latest.period = charts.period
LEFT JOIN metric_intervals
    ON metric_intervals.metric_id = charts.metric_id
    AND metric_intervals.trust_code = charts.trust_code
    AND metric_intervals.period = charts.period
LEFT JOIN england_trends AS england ON england.metric_id = charts.metric_id AND england.period = charts.period
LEFT JOIN metric_change AS year_ago
    ON year_ago.metric_id = charts.metric_id
    AND year_ago.trust_code = charts.trust_code
    AND year_ago.comparison = 'same period last year'
LEFT JOIN measured_series AS before
    ON before.metric_id = charts.metric_id
    AND before.trust_code = charts.trust_code
    AND before.period = year_ago.before_period
LEFT JOIN metric_change AS years
    ON years.metric_id = charts.metric_id AND years.trust_code = charts.trust_code AND years.comparison = 'year on year'
LEFT JOIN metric_ranks ON metric_ranks.metric_id = charts.metric_id AND metric_ranks.trust_code = charts.trust_code
LEFT JOIN funnels ON funnels.metric_id = charts.metric_id AND funnels.trust_code = charts.trust_code
LEFT JOIN exceptions ON exceptions.metric_id = charts.metric_id AND exceptions.trust_code = charts.trust_code
ORDER BY charts.trust_code, metrics.group_order, metrics.metric_order
