/*
title = "Layers of uncertainty, trust by trust"
description = "For each trust of the latest examined table of each type, the ranks that each layer of uncertainty leaves open, side by side: chance in the metrics, the quarters held, and the choices of metrics, weights and rules. They answer different questions, overlap, and must not be added up. Only those of chance are confidence sets."
grain = ["quarter", "trust_code", "layer"]

[columns]
quarter = { meaning = "Latest quarter of the trust type" }
trust_code = { meaning = "Organisation code" }
trust_type = { meaning = "Trust type" }
layer = { meaning = "Layer of uncertainty" }
layer_order = { unit = "count", meaning = "Order on the page" }
league_rank = { unit = "rank", meaning = "League rank as published" }
order_in_table = { unit = "count", meaning = "Order in the table, ties by name" }
trusts_in_table = { unit = "count", meaning = "Trusts in the table" }
rank_best = { unit = "rank", meaning = "Best rank that the layer leaves open" }
rank_worst = { unit = "rank", meaning = "Worst rank that the layer leaves open" }
places_covered = { unit = "places", meaning = "Places that the range covers" }

[[tests]]
check = "sql"
name = "a range lies in its table and its best end is no worse than its worst"
where = "rank_best < 1 OR rank_best > rank_worst OR rank_worst > trusts_in_table"

[[tests]]
check = "sql"
name = "every trust has every layer that is computed here"
query = """
SELECT quarter, trust_code, count(*) AS layers
FROM scrutiny_layers
WHERE layer <> 'published range'
GROUP BY quarter, trust_code
HAVING count(*) <> (SELECT count(*) - 1 FROM uncertainty_layers)
"""

[[tests]]
check = "sql"
name = "the published rank lies in every range that is built around it"
where = "layer IN ('chance', 'chance, whole table', 'chance, cautious', 'quarters', 'rules') AND league_rank NOT BETWEEN rank_best AND rank_worst"

[[tests]]
check = "sql"
name = "the cautious set is no narrower than the set for one trust"
query = """
SELECT cautious.trust_code
FROM scrutiny_layers AS cautious
JOIN scrutiny_layers AS chance USING (quarter, trust_code)
WHERE cautious.layer = 'chance, cautious' AND chance.layer = 'chance'
    AND (cautious.rank_best > chance.rank_best OR cautious.rank_worst < chance.rank_worst)
"""
*/
WITH cautious AS (
    SELECT quarter, trust_code, min(rank_best) AS rank_best, max(rank_worst) AS rank_worst
    FROM rank_set_sensitivity
    GROUP BY quarter, trust_code
),

over_quarters AS (
    SELECT rank_sets.quarter, trust_code, min(positions.league_rank) AS rank_best, max(positions.league_rank) AS rank_worst
    FROM rank_sets
    JOIN league_positions AS positions USING (trust_code, trust_type)
    WHERE positions.table_is_complete
    GROUP BY rank_sets.quarter, trust_code
),

ranges AS (
    SELECT quarter, trust_code, 'chance' AS layer, rank_best, rank_worst FROM rank_sets
    UNION ALL
    SELECT quarter, trust_code, 'chance, whole table', table_rank_best, table_rank_worst FROM rank_sets
    UNION ALL
    SELECT quarter, trust_code, 'chance, cautious', rank_best, rank_worst FROM cautious
    UNION ALL
    SELECT quarter, trust_code, 'quarters', rank_best, rank_worst FROM over_quarters
    UNION ALL
    SELECT quarter, trust_code, 'published range', published_rank_best, published_rank_worst
    FROM likely_ranges
    WHERE is_latest_for_type AND table_is_whole AND published_rank_best IS NOT NULL
    UNION ALL
    SELECT quarter, trust_code, 'metrics', rank_best, rank_worst FROM likely_ranges WHERE is_latest_for_type AND table_is_whole
    UNION ALL
    SELECT quarter, trust_code, 'weights', weights_rank_best, weights_rank_worst FROM method_range
    UNION ALL
    SELECT quarter, trust_code, 'rules', rank_best, rank_worst FROM method_range
)

SELECT
    quarter,
    trust_code,
    rank_sets.trust_type,
    layer,
    uncertainty_layers.layer_order,
    rank_sets.league_rank,
    rank_sets.order_in_table,
    rank_sets.trusts_in_table,
    ranges.rank_best,
    ranges.rank_worst,
    ranges.rank_worst - ranges.rank_best + 1 AS places_covered
FROM ranges
JOIN rank_sets USING (quarter, trust_code)
JOIN uncertainty_layers USING (layer)
ORDER BY rank_sets.trust_type, layer_order, order_in_table, quarter, trust_code, layer
