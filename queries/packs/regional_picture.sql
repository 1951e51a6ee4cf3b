/*
title = "Regional picture"
description = "Each region's trusts of each type in the type's latest quarter: how many, in which segments, how many are held by the override, and the spread of their average scores."
grain = ["trust_type", "region"]

[columns]
trust_type = { meaning = "Trust type" }
region = { meaning = "NHS England region, or 'All regions'" }
quarter = { meaning = "Latest quarter of the trust type" }
type_order = { unit = "count", meaning = "Order of the trust type on the page" }
trusts = { unit = "count", meaning = "Trusts in these files" }
segment_1 = { unit = "count", meaning = "Trusts in segment 1" }
segment_2 = { unit = "count", meaning = "Trusts in segment 2" }
segment_3 = { unit = "count", meaning = "Trusts in segment 3" }
segment_4 = { unit = "count", meaning = "Trusts in segment 4" }
held_by_override = { unit = "count", meaning = "Trusts held in segment 3 by the override" }
best_score = { unit = "score", decimals = 2, meaning = "Best average score" }
median_score = { unit = "score", decimals = 2, meaning = "Median average score" }
worst_score = { unit = "score", decimals = 2, meaning = "Worst average score" }
best_trust = { meaning = "The trust placed highest in the league table" }
best_rank = { unit = "rank", meaning = "League rank of the trust placed highest" }

[[tests]]
check = "sql"
name = "segments add to the trusts of the region"
where = "segment_1 + segment_2 + segment_3 + segment_4 <> trusts"
severity = "warn"
*/
WITH regions AS (
    SELECT trust_type, region, quarter, trust_name, league_rank, average_score, adjusted_segment, held_by_override FROM peers
    UNION ALL
    SELECT trust_type, 'All regions', quarter, trust_name, league_rank, average_score, adjusted_segment, held_by_override FROM peers
)

SELECT
    regions.trust_type,
    region,
    min(quarter) AS quarter,
    min(type_order) AS type_order,
    count(*) AS trusts,
    count(*) FILTER (adjusted_segment = 1) AS segment_1,
    count(*) FILTER (adjusted_segment = 2) AS segment_2,
    count(*) FILTER (adjusted_segment = 3) AS segment_3,
    count(*) FILTER (adjusted_segment = 4) AS segment_4,
    count(*) FILTER (held_by_override) AS held_by_override,
    min(average_score) AS best_score,
    CAST(round(quantile_cont(CAST(average_score AS DECIMAL(18, 6)), 0.5), 2) AS DECIMAL(9, 2)) AS median_score,
    max(average_score) AS worst_score,
    arg_min(trust_name, (league_rank, trust_name)) AS best_trust,
    min(league_rank) AS best_rank
FROM regions
LEFT JOIN framework_trust_types
    ON framework_trust_types.trust_type = regions.trust_type
    AND framework_year = (SELECT framework_year FROM parameters)
GROUP BY regions.trust_type, region
ORDER BY min(type_order), regions.trust_type, region <> 'All regions', region
