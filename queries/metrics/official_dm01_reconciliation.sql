/*
title = "Diagnostics workbooks: providers and England"
description = "For each monthly workbook the sum of its tests against its row Total; and the sum of the tests of each provider, all providers together, against their own totals (test 16)."
grain = ["file", "period", "compared_with", "measure"]

[columns]
file = { meaning = "The file" }
period = { meaning = "First day of the period" }
compared_with = { meaning = "England: the row Total of the sheet; test 16: the totals of the providers" }
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
        org_code IS NULL AS is_england,
        coalesce(test_id = 16, FALSE) AS is_total,
        unnest([
            {'measure': 'waiting_list', 'value': waiting_list},
            {'measure': 'waiting_6wk_plus', 'value': waiting_6wk_plus},
            {'measure': 'waiting_13wk_plus', 'value': waiting_13wk_plus},
            {'measure': 'planned_tests', 'value': planned_tests},
            {'measure': 'unscheduled_tests', 'value': unscheduled_tests},
            {'measure': 'waiting_list_tests', 'value': waiting_list_tests}
        ]) AS entry
    FROM dm01_official_workbook
),
compared AS (
    SELECT
        file,
        period,
        unnest(['England', 'test 16']) AS compared_with,
        is_england,
        is_total,
        entry
    FROM cells
),
sums AS (
    SELECT
        file,
        period,
        compared_with,
        entry.measure AS measure,
        count(*) FILTER (WHERE NOT is_england AND NOT is_total) AS provider_rows,
        coalesce(sum(CAST(entry.value AS DECIMAL(18, 0))) FILTER (WHERE NOT is_england AND NOT is_total), 0) AS of_providers,
        sum(CAST(entry.value AS DECIMAL(18, 0))) FILTER (
            WHERE is_england AND compared_with = 'England' OR is_total AND compared_with = 'test 16'
        ) AS as_printed
    FROM compared
    WHERE entry.value IS NOT NULL
    GROUP BY ALL
)
SELECT
    file,
    period,
    compared_with,
    measure,
    provider_rows,
    of_providers,
    as_printed,
    of_providers - as_printed AS difference
FROM sums
ORDER BY ALL NULLS LAST
