/*
title = "Which trusts can be told apart"
description = "Every ordered pair of trusts in the latest table of each type: whether the first is ahead of the second, behind it, or neither can be said, by the tests behind the sets that hold for the whole table at once."
grain = ["quarter", "trust_code", "other_code"]

[columns]
quarter = { meaning = "Latest quarter of the trust type" }
trust_code = { meaning = "Organisation code" }
other_code = { meaning = "Organisation code of the other trust" }
trust_type = { meaning = "Trust type" }
verdict = { meaning = "ahead, behind or unclear" }
order_in_table = { unit = "count", meaning = "Order of the trust in the table" }
other_order = { unit = "count", meaning = "Order of the other trust in the table" }
other_name = { meaning = "Name of the other trust" }

[[tests]]
check = "accepted"
column = "verdict"
values = ["ahead", "behind", "unclear"]

[[tests]]
check = "sql"
name = "if one is ahead, the other is behind"
query = """
SELECT this.*
FROM rank_pairs_latest AS this
JOIN rank_pairs_latest AS other
    ON other.quarter = this.quarter AND other.trust_code = this.other_code AND other.other_code = this.trust_code
WHERE (this.verdict = 'ahead') <> (other.verdict = 'behind')
"""

[determinism]
list = "is_main holds for one correlation, so there is one row for each trust."
*/
WITH by_quarter AS (
    SELECT
        quarter,
        list(trust_code ORDER BY trust_code) AS ids,
        list(trust_type ORDER BY trust_code) AS tables,
        list(held_at ORDER BY trust_code) AS held_at,
        list(CAST(average_score AS DOUBLE) ORDER BY trust_code) AS scores,
        flatten(list(covariance ORDER BY trust_code)) AS covariance,
        min(cuts) AS cuts
    FROM scored_trusts
    JOIN simulation_runs USING (quarter, trust_code)
    WHERE is_main
    GROUP BY quarter
    HAVING bool_or(is_latest_for_type)
),

compared AS (
    SELECT
        quarter,
        unnest(league_pairs(
            ids, tables, held_at, scores, covariance, cuts, confidence_level, 'simultaneous', critical_draws, seed
        )) AS pair
    FROM by_quarter
    CROSS JOIN parameters
)

SELECT
    compared.quarter,
    pair.id AS trust_code,
    pair.other AS other_code,
    this.trust_type,
    pair.verdict,
    this.order_in_table,
    other.order_in_table AS other_order,
    other.trust_name AS other_name
FROM compared
JOIN rank_sets AS this ON this.quarter = compared.quarter AND this.trust_code = compared.pair.id
JOIN rank_sets AS other ON other.quarter = compared.quarter AND other.trust_code = compared.pair.other
ORDER BY compared.quarter, this.trust_type, this.order_in_table, other.order_in_table, trust_code, other_code
