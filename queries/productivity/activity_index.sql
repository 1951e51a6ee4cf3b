/*
title = "Index numbers of each trust's activity"
description = "Quantity indices of four kinds of activity at national unit costs: from the year before (step), from the first year (fixed base) and as a product of steps (chained). Unit costs of one year only are held, so that Laspeyres, Paasche and Fisher are one number; Törnqvist weights by shares of cost, which move with volumes, and differs a little. What other unit costs could do is in the table of the weights' spread. The index says how activity grew and nothing of its level."
grain = ["trust_code", "fy_start"]

[columns]
trust_code = { meaning = "Organisation code" }
fy_start = { unit = "year", meaning = "Year in which the financial year begins" }
first_year = { unit = "year", meaning = "Year of the fixed base" }
laspeyres_step = { unit = "ratio", decimals = 4, meaning = "Laspeyres, on the year before" }
paasche_step = { unit = "ratio", decimals = 4, meaning = "Paasche, on the year before" }
fisher_step = { unit = "ratio", decimals = 4, meaning = "Fisher, on the year before" }
tornqvist_step = { unit = "ratio", decimals = 4, meaning = "Törnqvist, on the year before; missing where a volume is 0" }
laspeyres_fixed = { unit = "ratio", decimals = 4, meaning = "Laspeyres, on the first year" }
laspeyres_chained = { unit = "ratio", decimals = 4, meaning = "Laspeyres, chained from the first year" }
tornqvist_fixed = { unit = "ratio", decimals = 4, meaning = "Törnqvist, on the first year" }
tornqvist_chained = { unit = "ratio", decimals = 4, meaning = "Törnqvist, chained from the first year" }
chain_drift = { unit = "fraction", decimals = 2, meaning = "Törnqvist chained over fixed base, less 1: what chaining alone does" }

[[tests]]
check = "sql"
name = "with unit costs of one year Laspeyres, Paasche and Fisher are one number, and chaining does nothing to it"
where = "abs(laspeyres_step - paasche_step) > 1e-12 OR abs(laspeyres_step - fisher_step) > 1e-12 OR abs(laspeyres_chained - laspeyres_fixed) > 1e-9"

[[tests]]
check = "sql"
name = "the Laspeyres step is the growth in activity of the growth table"
query = """
SELECT trust_code, fy_start
FROM activity_index
JOIN activity_per_fte_growth USING (trust_code, fy_start)
WHERE abs(laspeyres_step - 1 - activity_growth) > 0.000000001
"""

[[tests]]
check = "sql"
name = "every index starts at 1"
where = "fy_start = first_year AND (laspeyres_fixed <> 1 OR laspeyres_chained <> 1)"
*/
WITH years AS (
    SELECT
        volumes.trust_code,
        volumes.fy_start,
        list(CAST(volume AS DOUBLE) ORDER BY activity) AS volumes,
        list(CAST(unit_cost AS DOUBLE) ORDER BY activity) AS costs,
        min(volume) > 0 AS all_positive
    FROM activity_volumes AS volumes
    JOIN activity_per_fte USING (trust_code, fy_start)
    GROUP BY volumes.trust_code, volumes.fy_start
),

unbroken AS (
    -- A chain with a missing link is not a chain: only the run of years from a trust's first without a gap.
    SELECT
        *,
        min(fy_start) OVER (PARTITION BY trust_code) AS first_year
    FROM years
    QUALIFY fy_start - min(fy_start) OVER (PARTITION BY trust_code)
        = row_number() OVER (PARTITION BY trust_code ORDER BY fy_start) - 1
),

compared AS (
    SELECT
        later.*,
        first.volumes AS first_volumes,
        first.all_positive AND later.all_positive AS fixed_positive,
        coalesce(before.volumes, later.volumes) AS volumes_before,
        coalesce(before.all_positive, TRUE) AND later.all_positive AS step_positive,
        before.trust_code IS NOT NULL AS has_step
    FROM unbroken AS later
    JOIN unbroken AS first ON first.trust_code = later.trust_code AND first.fy_start = later.first_year
    LEFT JOIN unbroken AS before ON before.trust_code = later.trust_code AND before.fy_start = later.fy_start - 1
),

indices AS (
    SELECT
        trust_code,
        fy_start,
        first_year,
        has_step,
        laspeyres(volumes_before, costs, volumes, costs) AS laspeyres_step,
        paasche(volumes_before, costs, volumes, costs) AS paasche_step,
        fisher(volumes_before, costs, volumes, costs) AS fisher_step,
        CASE WHEN step_positive THEN tornqvist(volumes_before, costs, volumes, costs) END AS tornqvist_step,
        laspeyres(first_volumes, costs, volumes, costs) AS laspeyres_fixed,
        CASE WHEN fixed_positive THEN tornqvist(first_volumes, costs, volumes, costs) END AS tornqvist_fixed
    FROM compared
),

chained AS (
    SELECT
        *,
        product(laspeyres_step) OVER (PARTITION BY trust_code ORDER BY fy_start) AS laspeyres_chained,
        CASE
            WHEN count(tornqvist_step) OVER (PARTITION BY trust_code ORDER BY fy_start) = fy_start - first_year + 1
                THEN product(tornqvist_step) OVER (PARTITION BY trust_code ORDER BY fy_start)
        END AS tornqvist_chained
    FROM indices
)

SELECT
    trust_code,
    fy_start,
    first_year,
    CASE WHEN has_step THEN laspeyres_step END AS laspeyres_step,
    CASE WHEN has_step THEN paasche_step END AS paasche_step,
    CASE WHEN has_step THEN fisher_step END AS fisher_step,
    CASE WHEN has_step THEN tornqvist_step END AS tornqvist_step,
    laspeyres_fixed,
    laspeyres_chained,
    tornqvist_fixed,
    tornqvist_chained,
    tornqvist_chained / tornqvist_fixed - 1 AS chain_drift
FROM chained
ORDER BY trust_code, fy_start
