/*
title = "Which places hold under every rule?"
description = "Of the trusts in the published worst and best quarter of each examined table, how many stay there under every other rule tried, and how many trusts are there under at least one; and how many trusts keep their segment under every rule."
grain = ["trust_type"]

[columns]
trust_type = { meaning = "Trust type" }
quarter = { meaning = "Latest quarter of the trust type" }
trusts = { unit = "count", meaning = "Trusts in the table" }
rules = { unit = "count", meaning = "Other rules tried" }
worst_published = { unit = "count", meaning = "Trusts in the published worst quarter" }
worst_always = { unit = "count", meaning = "Trusts of the published worst quarter that are in the worst quarter under every rule" }
worst_ever = { unit = "count", meaning = "Trusts in it under at least one rule, the published one included" }
best_published = { unit = "count", meaning = "Trusts in the published best quarter" }
best_always = { unit = "count", meaning = "Trusts of the published best quarter that are in the best quarter under every rule" }
best_ever = { unit = "count", meaning = "Trusts in it under at least one rule" }
same_segment = { unit = "count", meaning = "Trusts in the same segment under every rule" }
median_range = { unit = "places", decimals = 0, meaning = "Median over trusts of the places from the best to the worst rank under any rule" }
weights_median_range = { unit = "places", decimals = 0, meaning = "Median over trusts of the places that the middle of the random weights covers" }
weight_level = { unit = "fraction", decimals = 0, meaning = "Share of the random weights that the middle holds" }

[[tests]]
check = "sql"
name = "always is no more than published, and published no more than ever"
where = "worst_always > worst_published OR worst_published > worst_ever OR best_always > best_published OR best_published > best_ever OR same_segment > trusts"
*/
WITH placed AS (
    SELECT
        *,
        count(*) OVER (PARTITION BY quarter, trust_type, alternative) AS trusts,
        count(*) OVER (PARTITION BY quarter, trust_type, alternative) // 4 AS quarter_size
    FROM method_ranks
),

by_trust AS (
    SELECT
        quarter,
        trust_type,
        trust_code,
        max(trusts) AS trusts,
        count(*) FILTER (kind <> 'as published') AS rules,
        bool_or(league_rank > trusts - quarter_size) AS worst_published,
        bool_and(rank > trusts - quarter_size) AS worst_always,
        bool_or(rank > trusts - quarter_size) AS worst_ever,
        bool_or(league_rank <= quarter_size) AS best_published,
        bool_and(rank <= quarter_size) AS best_always,
        bool_or(rank <= quarter_size) AS best_ever,
        min(segment) = max(segment) AS same_segment
    FROM placed
    GROUP BY quarter, trust_type, trust_code
)

SELECT
    by_trust.trust_type,
    by_trust.quarter,
    max(trusts) AS trusts,
    max(rules) AS rules,
    count(*) FILTER (worst_published) AS worst_published,
    count(*) FILTER (worst_always) AS worst_always,
    count(*) FILTER (worst_ever) AS worst_ever,
    count(*) FILTER (best_published) AS best_published,
    count(*) FILTER (best_always) AS best_always,
    count(*) FILTER (best_ever) AS best_ever,
    count(*) FILTER (same_segment) AS same_segment,
    median(method_range.rank_worst - method_range.rank_best + 1) AS median_range,
    median(method_range.weights_rank_worst - method_range.weights_rank_best + 1) AS weights_median_range,
    max(CAST(parameters.weight_level AS DOUBLE)) AS weight_level
FROM by_trust
JOIN method_range USING (quarter, trust_code)
CROSS JOIN parameters
GROUP BY by_trust.trust_type, by_trust.quarter
