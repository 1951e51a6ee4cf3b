/*
title = "Cancelled operations: providers and England"
description = "For each quarterly workbook the sum of the providers against both rows for England: NHS trusts, whose codes are an R or a T and two more characters, against the row without the independent sector, and all providers against the row with it."
grain = ["file", "period", "england_row", "measure"]

[columns]
file = { meaning = "The file" }
period = { meaning = "First day of the period" }
england_row = { meaning = "Which of the two rows for England" }
measure = { meaning = "What is added up" }
provider_rows = { unit = "count", meaning = "Rows added up" }
of_providers = { unit = "count", decimals = 1, meaning = "Sum of the rows" }
as_printed = { unit = "count", decimals = 1, meaning = "The total that the file prints" }
difference = { unit = "count", decimals = 1, meaning = "Sum less printed total" }

[[tests]]
check = "sql"
name = "rows add up to the printed total, exactly"
where = "difference IS NULL OR difference <> 0"
*/
WITH cells AS (
    SELECT
        _file AS file,
        period,
        org_code = '-' AS is_england,
        org_name,
        regexp_full_match(org_code, '[RT][A-Z0-9]{2}') AS is_trust,
        unnest([
            {'measure': 'last_minute_cancelled', 'value': last_minute_cancelled},
            {'measure': 'not_treated_within_28_days', 'value': not_treated_within_28_days}
        ]) AS entry
    FROM cancelled_operations_official
),
england AS (
    SELECT
        file,
        period,
        org_name AS england_row,
        contains(lower(org_name), 'excluding') AS trusts_only,
        entry.measure AS measure,
        CAST(entry.value AS DECIMAL(18, 0)) AS as_printed
    FROM cells
    WHERE is_england
),
sums AS (
    SELECT
        england.file,
        england.period,
        england.england_row,
        england.measure,
        england.as_printed,
        count(cells.file) AS provider_rows,
        coalesce(sum(CAST(cells.entry.value AS DECIMAL(18, 0))), 0) AS of_providers
    FROM england
    LEFT JOIN cells
        ON cells.file = england.file
        AND cells.period = england.period
        AND cells.entry.measure = england.measure
        AND NOT cells.is_england
        AND (cells.is_trust OR NOT england.trusts_only)
    GROUP BY ALL
)
SELECT
    file,
    period,
    england_row,
    measure,
    provider_rows,
    of_providers,
    as_printed,
    of_providers - as_printed AS difference
FROM sums
ORDER BY ALL NULLS LAST
