/*
title = "What an error in the deflator would do"
description = "Real-terms resource is spending deflated by pay and prices: (E1 / E0) / D. Were the deflator out by a point for every trust, each trust's productivity growth would move by about a point the other way or the same way, and no rank would change: it bears on the size of the claim, not on the order of trusts."
grain = ["deflator_error"]

[columns]
deflator_error = { unit = "points", decimals = 1, meaning = "Supposed error of the deflator, in points" }
trusts = { unit = "count", meaning = "Trusts recomputed" }
median_shift = { unit = "points", decimals = 2, meaning = "Median shift of productivity growth" }
least_shift = { unit = "points", decimals = 2, meaning = "Least shift" }
most_shift = { unit = "points", decimals = 2, meaning = "Most shift" }
ranks_changed = { unit = "count", meaning = "Trusts whose rank changes" }

[[tests]]
check = "sql"
name = "a common error of the deflator changes no rank"
where = "ranks_changed > 0"

[[tests]]
check = "sql"
name = "a deflator that was too low understates productivity, and the shift is about a point for a point"
where = "deflator_error * median_shift <= 0 OR abs(median_shift / deflator_error - 1) > 0.2"
*/
WITH shifted AS (
    SELECT
        deflator_error,
        trust_code,
        recomputed_growth,
        -- With prices up by more, the same spending bought less: input falls, productivity rises.
        (1 + activity_growth) / ((1 + resource_growth) / (1 + deflator_error / 100)) - 1 AS growth
    FROM productivity_growth
    CROSS JOIN deflator_errors
    WHERE recomputed_growth IS NOT NULL
),

ranked AS (
    SELECT
        *,
        rank() OVER (PARTITION BY deflator_error ORDER BY round(recomputed_growth, 12) DESC) AS place,
        rank() OVER (PARTITION BY deflator_error ORDER BY round(growth, 12) DESC) AS shifted_place
    FROM shifted
)

SELECT
    deflator_error,
    count(*) AS trusts,
    100 * median(growth - recomputed_growth) AS median_shift,
    100 * min(growth - recomputed_growth) AS least_shift,
    100 * max(growth - recomputed_growth) AS most_shift,
    count(*) FILTER (place <> shifted_place) AS ranks_changed
FROM ranked
GROUP BY deflator_error
ORDER BY deflator_error
