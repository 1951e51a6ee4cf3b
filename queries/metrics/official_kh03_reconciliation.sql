/*
title = "Bed workbooks: trusts and England"
description = "For each quarterly workbook the sum of the trusts against the row England. Averages are turned back into bed days, whole numbers but for trusts that average over part of a quarter, and compared to a tenth of a day."
grain = ["file", "period", "measure"]

[columns]
file = { meaning = "The file" }
period = { meaning = "First day of the period" }
measure = { meaning = "What is added up" }
provider_rows = { unit = "count", meaning = "Rows added up" }
of_providers = { unit = "bed days", decimals = 1, meaning = "Sum of the rows" }
as_printed = { unit = "bed days", decimals = 1, meaning = "The total that the file prints" }
difference = { unit = "bed days", decimals = 1, meaning = "Sum less printed total" }

[[tests]]
check = "sql"
name = "rows add up to the printed total, exactly"
where = "difference IS NULL OR difference <> 0"
*/
WITH cells AS (
    SELECT
        _file AS file,
        period,
        org_code IS NULL AS is_total,
        unnest([
            {'measure': 'total_available', 'value': total_available},
            {'measure': 'ga_available', 'value': ga_available},
            {'measure': 'ld_available', 'value': ld_available},
            {'measure': 'maternity_available', 'value': maternity_available},
            {'measure': 'mh_available', 'value': mh_available},
            {'measure': 'total_occupied', 'value': total_occupied},
            {'measure': 'ga_occupied', 'value': ga_occupied},
            {'measure': 'ld_occupied', 'value': ld_occupied},
            {'measure': 'maternity_occupied', 'value': maternity_occupied},
            {'measure': 'mh_occupied', 'value': mh_occupied}
        ]) AS entry
    FROM kh03_official_workbook
),
sums AS (
    SELECT
        file,
        period,
        entry.measure AS measure,
        count(*) FILTER (WHERE NOT is_total) AS provider_rows,
        coalesce(sum(CAST(entry.value * date_diff('day', period, period + INTERVAL 3 MONTH) AS DECIMAL(18, 3))) FILTER (WHERE NOT is_total), 0) AS of_providers,
        sum(CAST(entry.value * date_diff('day', period, period + INTERVAL 3 MONTH) AS DECIMAL(18, 3))) FILTER (WHERE is_total) AS as_printed
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
    round(of_providers - as_printed, 1) AS difference
FROM sums
ORDER BY ALL NULLS LAST
