/*
title = "A&E CSV files: providers and total"
description = "For each monthly CSV file the sum of its providers against its row TOTAL."
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
        upper(org_code) = 'TOTAL' AS is_total,
        unnest([
            {'measure': 'att_type1', 'value': att_type1},
            {'measure': 'att_type2', 'value': att_type2},
            {'measure': 'att_other', 'value': att_other},
            {'measure': 'att_booked_type1', 'value': att_booked_type1},
            {'measure': 'att_booked_type2', 'value': att_booked_type2},
            {'measure': 'att_booked_other', 'value': att_booked_other},
            {'measure': 'over4_type1', 'value': over4_type1},
            {'measure': 'over4_type2', 'value': over4_type2},
            {'measure': 'over4_other', 'value': over4_other},
            {'measure': 'over4_booked_type1', 'value': over4_booked_type1},
            {'measure': 'over4_booked_type2', 'value': over4_booked_type2},
            {'measure': 'over4_booked_other', 'value': over4_booked_other},
            {'measure': 'dta_4_to_12', 'value': dta_4_to_12},
            {'measure': 'dta_over12', 'value': dta_over12},
            {'measure': 'adm_type1', 'value': adm_type1},
            {'measure': 'adm_type2', 'value': adm_type2},
            {'measure': 'adm_other', 'value': adm_other},
            {'measure': 'adm_not_via_ae', 'value': adm_not_via_ae}
        ]) AS entry
    FROM ae_official_csv
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
