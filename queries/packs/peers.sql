/*
title = "Peers"
description = "Every trust of each type in the type's latest quarter, in league order: the table and chart in which a trust finds itself."
grain = ["trust_code"]

[columns]
trust_code = { meaning = "Organisation code" }
quarter = { meaning = "Latest quarter of the trust type" }
trust_name = { meaning = "Name" }
trust_type = { meaning = "Trust type" }
trust_subtype = { meaning = "Trust subtype" }
region = { meaning = "NHS England region" }
league_rank = { unit = "rank", meaning = "Published league rank" }
trusts_in_table = { unit = "count", meaning = "Trusts in the published table" }
trusts_held = { unit = "count", meaning = "Trusts of the table that these files hold" }
average_score = { unit = "score", decimals = 2, meaning = "Average metric score" }
adjusted_segment = { unit = "segment", meaning = "Adjusted segment" }
segment_by_score = { unit = "segment", meaning = "Segment by score alone" }
held_by_override = { meaning = "Whether the override holds the trust in a worse segment than its score gives" }
score_range_low = { unit = "score", decimals = 2, meaning = "Low end of the published likely range of the score" }
score_range_high = { unit = "score", decimals = 2, meaning = "High end of that range" }
rank_range_low = { unit = "rank", meaning = "Best rank of the published likely range" }
rank_range_high = { unit = "rank", meaning = "Worst rank of that range" }
order_in_table = { unit = "count", meaning = "Order in the table, ties by name" }

[[tests]]
check = "not_null"
columns = ["average_score", "adjusted_segment"]
severity = "warn"
*/
SELECT
    trust_code,
    quarter,
    trust_name,
    trust_type,
    trust_subtype,
    region,
    league_rank,
    trusts_in_table,
    trusts_held,
    average_score,
    adjusted_segment,
    segment_by_score,
    held_by_override,
    score_range_low,
    score_range_high,
    rank_range_low,
    rank_range_high,
    row_number() OVER (
        PARTITION BY trust_type
        ORDER BY league_rank, adjusted_segment, average_score, trust_name, trust_code
    ) AS order_in_table
FROM league_positions
WHERE is_latest_for_type
ORDER BY trust_type, order_in_table
