/*
title = "How far apart two scores must be"
description = "The pairs of trusts of each latest table by the distance of their average scores, in steps of a tenth, and how many of each step are told apart by the tests behind the sets for the whole table. A pair with a trust that the override holds in a worse segment is left out: its order is not that of the scores."
grain = ["trust_type", "step"]

[columns]
trust_type = { meaning = "Trust type" }
quarter = { meaning = "Latest quarter of the trust type" }
step = { unit = "count", meaning = "Order of the step, from the nearest pairs" }
distance_from = { unit = "score", decimals = 1, meaning = "Least distance of the two averages in the step" }
distance_to = { unit = "score", decimals = 1, meaning = "Distance at which the next step begins; missing in the last" }
pairs = { unit = "count", meaning = "Pairs of trusts at this distance" }
told_apart = { unit = "count", meaning = "Of them, pairs in which one trust is shown to be ahead" }
share_told_apart = { unit = "fraction", decimals = 0, meaning = "Share of the pairs that are told apart" }
nearest_told = { unit = "score", decimals = 2, meaning = "In the whole table, the least distance of a pair told apart" }
farthest_unclear = { unit = "score", decimals = 2, meaning = "In the whole table, the largest distance of a pair not told apart" }
pairs_in_all = { unit = "count", meaning = "Pairs of the table that are counted here" }
pairs_left_out = { unit = "count", meaning = "Pairs left out because the override holds one of the two" }

[[tests]]
check = "sql"
name = "the steps and what is left out add up to the pairs of the table"
query = """
SELECT trust_type
FROM scrutiny_distance
JOIN table_signal USING (trust_type)
GROUP BY trust_type
HAVING sum(scrutiny_distance.pairs) + min(pairs_left_out) <> min(table_signal.pairs)
    OR sum(scrutiny_distance.pairs) <> min(pairs_in_all)
"""

[[tests]]
check = "sql"
name = "no more pairs are told apart than there are, and no more than in the table"
query = """
SELECT trust_type
FROM scrutiny_distance
JOIN table_signal USING (trust_type)
GROUP BY trust_type
HAVING bool_or(told_apart > scrutiny_distance.pairs) OR sum(told_apart) > min(pairs_told_apart)
"""
*/
WITH judged AS (
    SELECT
        pairs.quarter,
        pairs.trust_type,
        CAST(abs(this.average_score - other.average_score) AS DECIMAL(9, 4)) AS distance,
        pairs.verdict <> 'unclear' AS is_told_apart,
        coalesce(this.held_by_override, false) OR coalesce(other.held_by_override, false) AS is_held
    FROM rank_pairs_latest AS pairs
    JOIN league_positions AS this ON this.quarter = pairs.quarter AND this.trust_code = pairs.trust_code
    JOIN league_positions AS other ON other.quarter = pairs.quarter AND other.trust_code = pairs.other_code
    WHERE pairs.trust_code < pairs.other_code
),

of_table AS (
    SELECT
        trust_type,
        min(distance) FILTER (is_told_apart AND NOT is_held) AS nearest_told,
        max(distance) FILTER (NOT is_told_apart AND NOT is_held) AS farthest_unclear,
        count(*) FILTER (NOT is_held) AS pairs_in_all,
        count(*) FILTER (is_held) AS pairs_left_out
    FROM judged
    GROUP BY trust_type
),

stepped AS (
    SELECT
        trust_type,
        quarter,
        -- Beyond this every pair of a table of scores from 1 to 4 is in one step: few pairs lie so far apart.
        CAST(least(floor(distance * 10), 8) AS INTEGER) AS step,
        count(*) AS pairs,
        count(*) FILTER (is_told_apart) AS told_apart
    FROM judged
    WHERE NOT is_held
    GROUP BY ALL
)

SELECT
    stepped.trust_type,
    stepped.quarter,
    stepped.step,
    CAST(stepped.step AS DOUBLE) / 10 AS distance_from,
    CASE WHEN stepped.step < 8 THEN CAST(stepped.step + 1 AS DOUBLE) / 10 END AS distance_to,
    stepped.pairs,
    stepped.told_apart,
    CAST(stepped.told_apart AS DOUBLE) / stepped.pairs AS share_told_apart,
    of_table.nearest_told,
    of_table.farthest_unclear,
    of_table.pairs_in_all,
    of_table.pairs_left_out
FROM stepped
JOIN of_table USING (trust_type)
ORDER BY trust_type, step
