/*
title = "Cancer workbooks: providers and England"
description = "For each workbook, standard and route or stage the sum of the providers against the row ALL ENGLISH PROVIDERS. Patients of the 62-day standard are counted in halves."
grain = ["file", "period", "standard", "route_or_stage", "measure"]

[columns]
file = { meaning = "The file" }
period = { meaning = "First day of the period" }
standard = { meaning = "The standard, in days" }
route_or_stage = { meaning = "Route of referral, or stage of treatment" }
measure = { meaning = "What is added up" }
provider_rows = { unit = "count", meaning = "Rows added up" }
of_providers = { unit = "patients", decimals = 1, meaning = "Sum of the rows" }
as_printed = { unit = "patients", decimals = 1, meaning = "The total that the file prints" }
difference = { unit = "patients", decimals = 1, meaning = "Sum less printed total" }

[[tests]]
check = "sql"
name = "rows add up to the printed total, exactly"
where = "difference IS NULL OR difference <> 0"
*/
WITH cells AS (
    SELECT
        _file AS file,
        period,
        standard,
        route_or_stage,
        org_code IS NULL AS is_total,
        unnest([
            {'measure': 'total', 'value': total},
            {'measure': 'within', 'value': within},
            {'measure': 'after', 'value': after}
        ]) AS entry
    FROM cancer_official_workbook
),
sums AS (
    SELECT
        file,
        period,
        standard,
        route_or_stage,
        entry.measure AS measure,
        count(*) FILTER (WHERE NOT is_total) AS provider_rows,
        coalesce(sum(CAST(entry.value AS DECIMAL(18, 1))) FILTER (WHERE NOT is_total), 0) AS of_providers,
        sum(CAST(entry.value AS DECIMAL(18, 1))) FILTER (WHERE is_total) AS as_printed
    FROM cells
    WHERE entry.value IS NOT NULL
    GROUP BY ALL
)
SELECT
    file,
    period,
    standard,
    route_or_stage,
    measure,
    provider_rows,
    of_providers,
    as_printed,
    of_providers - as_printed AS difference
FROM sums
ORDER BY ALL NULLS LAST
