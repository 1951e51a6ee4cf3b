/*
title = "Operations cancelled at the last minute: counts"
description = "Elective operations cancelled at the last minute for reasons that are not clinical, by financial quarter. The extract doubled its counts in ten quarters, in which not one of some 138 organisations has an odd number: those counts are halved here, and their status says so. Nothing else reconciles this extract: it is context."
grain = ["metric_id", "org_code", "period", "basis", "known_from"]
parts = "metric_id"

[columns]
metric_id = { meaning = "Metric" }
org_code = { meaning = "Organisation code" }
period = { meaning = "First day of the quarter" }
frequency = { meaning = "Month, quarter or year" }
basis = { meaning = "On what basis the counts stand: see metric_bases" }
numerator = { unit = "count", meaning = "Operations cancelled at the last minute" }
denominator = { unit = "count", meaning = "None: a count" }
published_value = { unit = "value", meaning = "Not published beside the counts" }
status = { meaning = "As the publisher gives it, or halved" }
known_from = { meaning = "Day from which the version was known" }
known_from_basis = { meaning = "Whether that day is printed in the file or is the day this copy was taken" }
source = { meaning = "Source that holds the counts" }

[[tests]]
check = "sql"
name = "no count is negative and no denominator is nothing"
where = "numerator < 0 OR denominator <= 0"

[[tests]]
check = "sql"
name = "no quarter of many organisations is still doubled: some counts are odd"
query = """
SELECT period FROM counts_cancelled_operations WHERE numerator > 0
GROUP BY period HAVING count(*) >= 20 AND count(*) FILTER (WHERE CAST(numerator AS BIGINT) % 2 = 1) = 0
"""
*/
WITH counts AS (
    SELECT
        *,
        -- "2024-25 Q4": the year in which the financial year begins, and the quarter, whose first month is April, July, October or January.
        make_date(
            CAST(fy_quarter[1:4] AS BIGINT) + CAST(fy_quarter[10] = '4' AS BIGINT),
            1 + (3 * CAST(fy_quarter[10] AS BIGINT)) % 12,
            1
        ) AS period,
        -- Twenty organisations with no odd count among them happen by chance once in a million times.
        count(*) FILTER (WHERE last_minute_cancelled_ops > 0) OVER quarter >= 20
            AND count(*) FILTER (WHERE last_minute_cancelled_ops % 2 = 1 OR not_treated_within_28d % 2 = 1) OVER quarter = 0
            AS is_doubled
    FROM cancelled_operation_counts
    WINDOW quarter AS (PARTITION BY fy_quarter)
)

SELECT
    'cancelled_operations' AS metric_id,
    counts.org_code,
    counts.period,
    'quarter' AS frequency,
    'as published' AS basis,
    CASE WHEN counts.is_doubled THEN counts.last_minute_cancelled_ops // 2 ELSE counts.last_minute_cancelled_ops END AS numerator,
    CAST(NULL AS BIGINT) AS denominator,
    CAST(NULL AS DOUBLE) AS published_value,
    CASE WHEN counts.is_doubled THEN 'halved' ELSE source_vintages.status END AS status,
    source_vintages.known_from,
    source_vintages.known_from_basis,
    source_vintages.source
FROM counts
JOIN source_vintages ON source_vintages.source = 'cancelled_operation_counts'
WHERE counts.last_minute_cancelled_ops IS NOT NULL
