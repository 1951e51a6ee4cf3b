/*
title = "Metrics by region and integrated care board"
description = "Numerators and denominators of the organisations of each area that reported, added up by the area in which each lies now, and the value that they give: never an average of percentages. Organisations whose area is not known are counted under 'not known', so that the areas always add up to England."
grain = ["metric_id", "basis", "period", "area_kind", "area_code"]
parts = "metric_id"

[columns]
metric_id = { meaning = "Metric" }
metric_name = { meaning = "Name of the metric" }
metric_order = { unit = "count", meaning = "Order of the metric on a page" }
basis = { meaning = "On what basis the counts stand" }
period = { meaning = "Period, as in metric_current" }
period_words = { meaning = "The period in words" }
area_kind = { meaning = "region or integrated care board" }
area_code = { meaning = "The region's name, or the board's code in 2025" }
area_name = { meaning = "Name of the area" }
better = { meaning = "Whether a high or a low value is better; missing where neither is" }
unit = { meaning = "Unit of the value" }
decimals = { meaning = "Decimals of the shown number" }
unit_suffix = { meaning = "What stands after the shown number" }
scale = { meaning = "Shown number for a value of 1" }
numerator = { unit = "count", decimals = 1, meaning = "Sum of the numerators of those that reported" }
denominator = { unit = "count", decimals = 1, meaning = "Sum of the denominators of those that reported; missing for a count" }
value = { unit = "value", decimals = 4, meaning = "The one over the other, or the sum of a count; missing where nobody reported" }
organisations_expected = { unit = "count", meaning = "Organisations of the area whose series runs over the period" }
organisations_reporting = { unit = "count", meaning = "Organisations of the area that reported" }
trusts_reporting = { unit = "count", meaning = "NHS trusts among those reporting" }
is_latest_period = { meaning = "Whether the period is the latest of the metric and basis" }

[[tests]]
check = "sql"
name = "the areas add up to England"
query = """
SELECT area.metric_id, area.basis, area.period, area.area_kind, area.numerator, metric_england.numerator
FROM (
    SELECT metric_id, basis, period, area_kind,
        sum(CAST(numerator AS DECIMAL(18, 6))) AS numerator, sum(CAST(denominator AS DECIMAL(18, 6))) AS denominator,
        sum(organisations_reporting) AS reporting
    FROM metric_by_area GROUP BY ALL
) AS area
JOIN metric_england USING (metric_id, basis, period)
WHERE area.numerator <> CAST(metric_england.numerator AS DECIMAL(18, 6))
    OR area.denominator <> CAST(metric_england.denominator AS DECIMAL(18, 6))
    OR area.reporting <> metric_england.organisations_reporting
"""

[[tests]]
check = "not_null"
columns = ["area_name", "organisations_expected"]
*/
WITH rows_expected AS (
    SELECT
        expected_returns.metric_id,
        expected_returns.basis,
        expected_returns.period,
        expected_returns.report,
        organisations.is_trust,
        organisations.region,
        organisations.icb_code,
        organisations.icb_name,
        metric_current.numerator,
        metric_current.denominator
    FROM expected_returns
    JOIN organisations ON organisations.org_code = expected_returns.org_code
    LEFT JOIN metric_current
        ON metric_current.metric_id = expected_returns.metric_id
        AND metric_current.basis = expected_returns.basis
        AND metric_current.org_code = expected_returns.org_code
        AND metric_current.period = expected_returns.period
),

placed AS (
    SELECT *, 'region' AS area_kind, coalesce(region, 'not known') AS area_code, coalesce(region, 'not known') AS area_name
    FROM rows_expected
    UNION ALL
    SELECT *, 'integrated care board', coalesce(icb_code, 'not known'), coalesce(icb_name, icb_code, 'not known')
    FROM rows_expected
),

sums AS (
    SELECT
        metric_id,
        basis,
        period,
        area_kind,
        area_code,
        min(area_name) AS area_name,
        CAST(sum(CAST(numerator AS DECIMAL(18, 6))) AS DOUBLE) AS numerator,
        CAST(sum(CAST(denominator AS DECIMAL(18, 6))) FILTER (WHERE report = 'reported') AS DOUBLE) AS denominator,
        count(*) AS organisations_expected,
        count(*) FILTER (WHERE report = 'reported') AS organisations_reporting,
        count(*) FILTER (WHERE is_trust AND report = 'reported') AS trusts_reporting
    FROM placed
    GROUP BY metric_id, basis, period, area_kind, area_code
)

SELECT
    sums.metric_id,
    metrics.metric_name,
    metrics.metric_order,
    sums.basis,
    sums.period,
    metric_england.period_words,
    sums.area_kind,
    sums.area_code,
    sums.area_name,
    metrics.better,
    metrics.unit,
    metrics.decimals,
    metrics.unit_suffix,
    metrics.scale,
    sums.numerator,
    sums.denominator,
    CASE WHEN metrics.kind = 'count' THEN sums.numerator ELSE sums.numerator / sums.denominator END AS value,
    sums.organisations_expected,
    sums.organisations_reporting,
    sums.trusts_reporting,
    metric_england.is_latest_period
FROM sums
JOIN metrics USING (metric_id)
JOIN metric_england USING (metric_id, basis, period)
