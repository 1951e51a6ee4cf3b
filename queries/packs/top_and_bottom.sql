/*
title = "Top and bottom of each table"
description = "The trusts at both ends of each league table in its latest quarter, with the published likely range of the rank. Trusts that share a rank at the edge are all listed."
grain = ["trust_code"]

[columns]
trust_code = { meaning = "Organisation code" }
trust_type = { meaning = "Trust type" }
end_of_table = { meaning = "Top or bottom" }
quarter = { meaning = "Latest quarter of the trust type" }
trust_name = { meaning = "Name" }
region = { meaning = "NHS England region" }
league_rank = { unit = "rank", meaning = "League rank" }
trusts_in_table = { unit = "count", meaning = "Trusts in the published table" }
average_score = { unit = "score", decimals = 2, meaning = "Average metric score" }
adjusted_segment = { unit = "segment", meaning = "Segment" }
rank_range_low = { unit = "rank", meaning = "Best rank of NHS England's likely range" }
rank_range_high = { unit = "rank", meaning = "Worst rank of that range" }

[[tests]]
check = "accepted"
column = "end_of_table"
values = ["top", "bottom"]
*/
WITH placed AS (
    -- Places among the trusts that are here, so that a table with gaps still has two ends.
    SELECT
        peers.*,
        rank() OVER (PARTITION BY trust_type ORDER BY league_rank) AS from_top,
        rank() OVER (PARTITION BY trust_type ORDER BY league_rank DESC) AS from_bottom
    FROM peers
)

SELECT
    trust_code,
    trust_type,
    CASE WHEN from_top <= listed_at_each_end THEN 'top' ELSE 'bottom' END AS end_of_table,
    quarter,
    trust_name,
    region,
    league_rank,
    trusts_in_table,
    average_score,
    adjusted_segment,
    rank_range_low,
    rank_range_high
FROM placed, parameters
WHERE from_top <= listed_at_each_end OR from_bottom <= listed_at_each_end
ORDER BY trust_type, league_rank, trust_name, trust_code
