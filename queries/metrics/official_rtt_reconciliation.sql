/*
title = "RTT extracts: treatment functions and their total"
description = "For each extract and part the sum of the treatment functions against the rows C_999, which hold the total of each provider and commissioner. The extract has no row for England. Adding C_999 to the rest would double every figure."
grain = ["file", "period", "part", "measure"]

[columns]
file = { meaning = "The file" }
period = { meaning = "First day of the period" }
part = { meaning = "Part of the pathway" }
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
        part,
        treatment_function_code = 'C_999' AS is_total,
        unnest([
            {'measure': 'total_all', 'value': total_all},
            {'measure': 'within_18', 'value': within_18},
            {'measure': 'over_52', 'value': over_52},
            {'measure': 'unknown_start', 'value': unknown_start}
        ]) AS entry
    FROM rtt_full_extract
),
sums AS (
    SELECT
        file,
        period,
        part,
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
    part,
    measure,
    provider_rows,
    of_providers,
    as_printed,
    of_providers - as_printed AS difference
FROM sums
ORDER BY ALL NULLS LAST
