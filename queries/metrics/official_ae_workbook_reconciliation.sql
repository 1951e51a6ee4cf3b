/*
title = "A&E workbooks: providers and England"
description = "For each monthly workbook the sum of its providers against its row England."
grain = ["file", "period", "measure"]

[columns]
file = { meaning = "The file" }
period = { meaning = "First day of the period" }
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
        org_code = '-' AS is_total,
        unnest([
            {'measure': 'att_type1', 'value': att_type1},
            {'measure': 'att_type2', 'value': att_type2},
            {'measure': 'att_type3', 'value': att_type3},
            {'measure': 'att_total', 'value': att_total},
            {'measure': 'within4_type1', 'value': within4_type1},
            {'measure': 'within4_type2', 'value': within4_type2},
            {'measure': 'within4_type3', 'value': within4_type3},
            {'measure': 'within4_total', 'value': within4_total},
            {'measure': 'over4_type1', 'value': over4_type1},
            {'measure': 'over4_type2', 'value': over4_type2},
            {'measure': 'over4_type3', 'value': over4_type3},
            {'measure': 'over4_total', 'value': over4_total},
            {'measure': 'adm_type1', 'value': adm_type1},
            {'measure': 'adm_type2', 'value': adm_type2},
            {'measure': 'adm_type3', 'value': adm_type3},
            {'measure': 'adm_via_ae', 'value': adm_via_ae},
            {'measure': 'adm_other', 'value': adm_other},
            {'measure': 'adm_total', 'value': adm_total},
            {'measure': 'dta_over4', 'value': dta_over4},
            {'measure': 'dta_over12', 'value': dta_over12}
        ]) AS entry
    FROM ae_official_workbook
),
sums AS (
    SELECT
        file,
        period,
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
    measure,
    provider_rows,
    of_providers,
    as_printed,
    of_providers - as_printed AS difference
FROM sums
ORDER BY ALL NULLS LAST
