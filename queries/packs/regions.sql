/*
title = "Regions"
description = "One row for each region with a trust in the oversight tables: its code in the register, and how many trusts and integrated care boards it holds. One regional pack is made for each row. A region that the register does not code takes its name, without what a file name cannot hold."
grain = ["region_code"]

[columns]
region_code = { meaning = "Region code in the register of organisations" }
region = { meaning = "NHS England region, as in the oversight tables" }
region_words = { meaning = "The region as it stands in a sentence" }
trusts = { unit = "count", meaning = "Trusts with an oversight record" }
boards = { unit = "count", meaning = "Integrated care boards of 2025 that these trusts belong to" }
trusts_without_board = { unit = "count", meaning = "Trusts whose board is not known" }

[[tests]]
check = "rows"
min = 1

[[tests]]
check = "unique"
columns = ["region"]

[[tests]]
check = "sql"
name = "every trust is in one region of the list, and the regions hold all trusts"
query = "SELECT sum(trusts) AS listed FROM regions HAVING sum(trusts) <> (SELECT count(*) FROM trusts)"
*/
WITH coded AS (
    SELECT trusts.region, region_code, count(*) AS trusts
    FROM trusts
    JOIN trust_reference ON trust_reference.org_code = trusts.trust_code
    WHERE region_code IS NOT NULL
    GROUP BY ALL
),

-- The code that most trusts of the region have in the register.
codes AS (
    SELECT region, arg_max(region_code, (trusts, region_code)) AS region_code
    FROM coded
    GROUP BY region
)

SELECT
    coalesce(codes.region_code, regexp_replace(trusts.region, '[^A-Za-z0-9]+', '-', 'g')) AS region_code,
    trusts.region,
    CASE WHEN trusts.region = 'London' THEN '' ELSE 'the ' END || trusts.region AS region_words,
    count(*) AS trusts,
    count(DISTINCT icb_code) AS boards,
    count(*) FILTER (icb_code IS NULL) AS trusts_without_board
FROM trusts
LEFT JOIN codes USING (region)
GROUP BY ALL
ORDER BY region_code
