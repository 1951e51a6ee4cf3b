/*
title = "Operations cancelled at the last minute: counts"
description = "Elective operations cancelled at the last minute for reasons that are not clinical, by financial quarter. Nothing reconciles this extract: it is context."
grain = ["org_code", "period", "basis", "known_from"]

[columns]
metric_id = { meaning = "Metric" }
org_code = { meaning = "Organisation code" }
period = { meaning = "First day of the quarter" }
frequency = { meaning = "Month, quarter or year" }
basis = { meaning = "On what basis the counts stand: see metric_bases" }
numerator = { unit = "count", meaning = "Operations cancelled at the last minute" }
denominator = { unit = "count", meaning = "None: a count" }
published_value = { unit = "value", meaning = "Not published beside the counts" }
status = { meaning = "As the publisher gives it" }
known_from = { meaning = "Day from which the version was known" }
known_from_basis = { meaning = "Whether that day is printed in the file or is the day this copy was taken" }
source = { meaning = "Source that holds the counts" }

[[tests]]
check = "sql"
name = "no count is negative and no denominator is nothing"
where = "numerator < 0 OR denominator <= 0"
*/
SELECT
    'cancelled_operations' AS metric_id,
    cancelled_operation_counts.org_code,
    -- "2024-25 Q4": the year in which the financial year begins, and the quarter, whose first month is April, July, October or January.
    make_date(
        CAST(fy_quarter[1:4] AS BIGINT) + CAST(fy_quarter[10] = '4' AS BIGINT),
        1 + (3 * CAST(fy_quarter[10] AS BIGINT)) % 12,
        1
    ) AS period,
    'quarter' AS frequency,
    'as published' AS basis,
    cancelled_operation_counts.last_minute_cancelled_ops AS numerator,
    CAST(NULL AS BIGINT) AS denominator,
    CAST(NULL AS DOUBLE) AS published_value,
    source_vintages.status,
    source_vintages.known_from,
    source_vintages.known_from_basis,
    source_vintages.source
FROM cancelled_operation_counts
JOIN source_vintages ON source_vintages.source = 'cancelled_operation_counts'
WHERE cancelled_operation_counts.last_minute_cancelled_ops IS NOT NULL
