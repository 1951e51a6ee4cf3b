/*
title = "Boards of each region"
description = "The integrated care boards of 2025 to which the trusts of a region belong. A board is a place here, in whose area care is given; it was not scored or ranked."
grain = ["region_code", "icb_code"]

[columns]
region_code = { meaning = "Region code" }
icb_code = { meaning = "Board code in 2025" }
icb_name = { meaning = "Board in 2025, without 'NHS' and 'Integrated Care Board'" }
trusts = { unit = "count", meaning = "Trusts of the region that belong to it" }

[[tests]]
check = "not_null"
columns = ["icb_name"]

[[tests]]
check = "sql"
name = "every board that a trust of a region belongs to is there, with all of its trusts"
query = """
SELECT regions.region_code, regions.trusts, regions.trusts_without_board, sum(region_boards.trusts) AS in_boards
FROM regions
LEFT JOIN region_boards USING (region_code)
GROUP BY ALL
HAVING coalesce(sum(region_boards.trusts), 0) + regions.trusts_without_board <> regions.trusts
"""
*/
SELECT
    regions.region_code,
    icb_code,
    min(icb_name) AS icb_name,
    count(*) AS trusts
FROM trusts
JOIN regions USING (region)
WHERE icb_code IS NOT NULL
GROUP BY regions.region_code, icb_code
ORDER BY regions.region_code, icb_name, icb_code
