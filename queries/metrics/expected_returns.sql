/*
title = "Who was expected to report, and who did"
description = "Every organisation and period in which a metric was expected of it: those between its first and its last figure in which any organisation has one. Reported, not reported (the organisation gave the denominator and no numerator) and no return are three things, and none of them is zero. Metrics that do not add up over organisations, and files of one area alone, are left out, and so are other providers where a metric is added up over NHS trusts alone."
grain = ["metric_id", "basis", "org_code", "period"]
parts = "metric_id"

[columns]
metric_id = { meaning = "Metric" }
basis = { meaning = "On what basis the counts stand" }
org_code = { meaning = "Organisation code" }
period = { meaning = "Period, as in metric_current" }
report = { meaning = "reported, not reported or no return" }

[[tests]]
check = "accepted"
column = "report"
values = ["reported", "not reported", "no return"]

[[tests]]
check = "sql"
name = "whoever reported was expected"
query = """
SELECT metric_id, basis, org_code, period FROM metric_current
JOIN metrics USING (metric_id)
WHERE metrics.additive AND source NOT IN (SELECT source FROM area_sources) AND (added_over <> 'NHS trusts' OR is_trust)
EXCEPT SELECT metric_id, basis, org_code, period FROM expected_returns WHERE report <> 'no return'
"""
*/
WITH rows_held AS (
    SELECT metric_current.metric_id, basis, org_code, period, is_reported
    FROM metric_current
    JOIN metrics USING (metric_id)
    WHERE metrics.additive
        AND metric_current.source NOT IN (SELECT source FROM area_sources)
        AND (metrics.added_over <> 'NHS trusts' OR metric_current.is_trust)
),

spans AS (
    SELECT metric_id, basis, org_code, min(period) AS first_period, max(period) AS last_period
    FROM rows_held
    GROUP BY ALL
),

periods AS (
    SELECT DISTINCT metric_id, basis, period FROM rows_held
)

SELECT
    spans.metric_id,
    spans.basis,
    spans.org_code,
    periods.period,
    CASE
        WHEN rows_held.is_reported THEN 'reported'
        WHEN rows_held.org_code IS NOT NULL THEN 'not reported'
        ELSE 'no return'
    END AS report
FROM spans
JOIN periods
    ON periods.metric_id = spans.metric_id
    AND periods.basis = spans.basis
    AND periods.period BETWEEN spans.first_period AND spans.last_period
LEFT JOIN rows_held
    ON rows_held.metric_id = spans.metric_id
    AND rows_held.basis = spans.basis
    AND rows_held.org_code = spans.org_code
    AND rows_held.period = periods.period
