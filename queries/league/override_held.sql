/*
title = "Held by the override"
description = "Trusts whose score alone would place them in a better segment than the financial override allows, in the latest quarter of their type, by league position."
grain = ["trust_code"]

[columns]
trust_code = { meaning = "Organisation code" }
quarter = { meaning = "Latest quarter of the trust type" }
trust_name = { meaning = "Name" }
trust_type = { meaning = "Trust type" }
region = { meaning = "NHS England region" }
average_score = { unit = "score", decimals = 2, meaning = "Average metric score" }
segment_by_score = { unit = "segment", meaning = "Segment by score alone" }
adjusted_segment = { unit = "segment", meaning = "Segment in the league table" }
league_rank = { unit = "rank", meaning = "League rank" }
score_rank = { unit = "rank", meaning = "Rank by score alone, among the trusts in these files" }
trusts_in_table = { unit = "count", meaning = "Trusts in the table" }
override_known_from = { meaning = "Whether the override is published or inferred from segment and score" }

[[tests]]
check = "sql"
name = "a trust that is held has a better segment by score"
where = "segment_by_score >= adjusted_segment"
*/
SELECT
    positions.trust_code,
    positions.quarter,
    positions.trust_name,
    positions.trust_type,
    positions.region,
    positions.average_score,
    coalesce(segments.published_unadjusted_segment, segments.segment_by_score) AS segment_by_score,
    positions.adjusted_segment,
    positions.league_rank,
    positions.score_rank,
    positions.trusts_in_table,
    segments.override_known_from
FROM league_positions AS positions
JOIN segments USING (quarter, trust_code)
WHERE positions.is_latest_for_type AND segments.held_by_override
ORDER BY positions.trust_type, positions.average_score, positions.trust_name, positions.trust_code
