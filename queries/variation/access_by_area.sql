/*
title = "Access by region and integrated care board"
description = "Each measure in the latest period by the area in which organisations lie, from numerators and denominators added up, with England beside it, and how many of the area's trusts lie outside the limits of their kind. It is where care is given, not where patients live. The interval is from the counts, as if each patient were independent; an area's trusts differ from one another by more than that, so it is too narrow for saying that one area is better than another."
grain = ["metric_id", "area_kind", "area_code"]

[columns]
metric_id = { meaning = "Measure" }
metric_name = { meaning = "Name of the measure" }
metric_group = { meaning = "Group of measures" }
metric_order = { unit = "count", meaning = "Order of the measure" }
decimals = { meaning = "Decimals with which values are shown" }
unit_suffix = { meaning = "What follows the number" }
better = { meaning = "high or low, whichever is better" }
area_kind = { meaning = "region or integrated care board" }
area_code = { meaning = "The region's name, or the board's code in 2025" }
area_name = { meaning = "Name of the area" }
period = { meaning = "Period" }
period_words = { meaning = "The period in words" }
numerator = { unit = "count", decimals = 1, meaning = "Sum of numerators" }
denominator = { unit = "count", decimals = 1, meaning = "Sum of denominators" }
value = { meaning = "Value in the unit shown" }
low = { meaning = "Lower end of the 95% interval from counts; missing where counts say nothing of chance" }
high = { meaning = "Upper end of the 95% interval from counts; missing where counts say nothing of chance" }
england_value = { meaning = "England in the same period" }
difference = { meaning = "Value less England's, in points for a percentage" }
organisations_reporting = { unit = "count", meaning = "Organisations that reported" }
organisations_missing = { unit = "count", meaning = "Organisations expected that did not" }
trusts_compared = { unit = "count", meaning = "Trusts of the area placed in the funnel of their kind" }
trusts_better = { unit = "count", meaning = "Trusts of the area outside the 95% limits and better" }
trusts_worse = { unit = "count", meaning = "Trusts of the area outside the 95% limits and worse" }
lowest_trust = { meaning = "Lowest value of the trusts placed" }
highest_trust = { meaning = "Highest value of the trusts placed" }

[[tests]]
check = "sql"
name = "the value lies in its interval, and no more trusts stand out than are compared"
where = "value NOT BETWEEN low - 1e-9 AND high + 1e-9 OR trusts_better + trusts_worse > trusts_compared OR organisations_missing < 0"

[[tests]]
check = "sql"
name = "regions add up to England"
query = """
SELECT access.metric_id
FROM access_by_area AS access
JOIN england_trends AS england USING (metric_id, period)
WHERE area_kind = 'region'
GROUP BY access.metric_id
HAVING abs(sum(access.numerator) - min(england.numerator)) > 1e-6 * min(england.numerator) + 1e-6
"""
*/
WITH placed AS (
    SELECT funnels.metric_id, 'region' AS area_kind, trust_kinds.region AS area_code, funnels.value, funnels.reading
    FROM funnels
    JOIN trust_kinds USING (trust_code)
    UNION ALL
    SELECT funnels.metric_id, 'integrated care board', trust_kinds.icb_code, funnels.value, funnels.reading
    FROM funnels
    JOIN trust_kinds USING (trust_code)
),

trusts_of_area AS (
    SELECT
        metric_id,
        area_kind,
        area_code,
        count(*) AS trusts_compared,
        count(*) FILTER (reading = 'better') AS trusts_better,
        count(*) FILTER (reading = 'worse') AS trusts_worse,
        min(value) AS lowest_trust,
        max(value) AS highest_trust
    FROM placed
    GROUP BY metric_id, area_kind, area_code
),

england AS (
    SELECT metric_id, basis, period, scale * CAST(value AS DOUBLE) AS value
    FROM metric_england
    WHERE is_main
    QUALIFY period = max(period) OVER (PARTITION BY metric_id)
),

areas AS (
    SELECT
        area.metric_id,
        area.area_kind,
        area.area_code,
        area.area_name,
        area.period,
        area.period_words,
        CAST(area.numerator AS DOUBLE) AS numerator,
        CAST(area.denominator AS DOUBLE) AS denominator,
        area.scale,
        area.scale * CAST(area.value AS DOUBLE) AS value,
        england.value AS england_value,
        area.organisations_reporting,
        area.organisations_expected - area.organisations_reporting AS organisations_missing
    FROM metric_by_area AS area
    JOIN england USING (metric_id, basis, period)
    WHERE area.value IS NOT NULL
),

with_intervals AS (
    SELECT
        areas.*,
        CASE WHEN trend_metrics.interval_method = 'wilson' AND numerator <= denominator
            THEN wilson_interval(numerator, denominator, confidence_level) END AS from_counts
    FROM areas
    JOIN trend_metrics USING (metric_id)
    CROSS JOIN parameters
)

SELECT
    with_intervals.metric_id,
    metrics.metric_name,
    metrics.metric_group,
    metrics.metric_order,
    metrics.decimals,
    metrics.unit_suffix,
    metrics.better,
    with_intervals.area_kind,
    with_intervals.area_code,
    with_intervals.area_name,
    with_intervals.period,
    with_intervals.period_words,
    with_intervals.numerator,
    with_intervals.denominator,
    with_intervals.value,
    with_intervals.scale * from_counts.lower AS low,
    with_intervals.scale * from_counts.upper AS high,
    with_intervals.england_value,
    with_intervals.value - with_intervals.england_value AS difference,
    with_intervals.organisations_reporting,
    with_intervals.organisations_missing,
    coalesce(trusts_of_area.trusts_compared, 0) AS trusts_compared,
    coalesce(trusts_of_area.trusts_better, 0) AS trusts_better,
    coalesce(trusts_of_area.trusts_worse, 0) AS trusts_worse,
    trusts_of_area.lowest_trust,
    trusts_of_area.highest_trust
FROM with_intervals
JOIN metrics USING (metric_id)
LEFT JOIN trusts_of_area USING (metric_id, area_kind, area_code)
ORDER BY metrics.metric_order, metric_id, area_kind DESC, area_name, area_code
