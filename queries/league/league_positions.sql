/*
title = "League positions"
description = "The league table of each trust type in each quarter: by adjusted segment, then by average metric score, ties sharing the best rank. Recomputed ranks stand beside the published ones. Where some trusts of a table are missing from these files, a recomputed rank counts only those that are here."
grain = ["quarter", "trust_code"]

[columns]
quarter = { meaning = "Financial quarter" }
trust_code = { meaning = "Organisation code" }
trust_name = { meaning = "Name" }
trust_type = { meaning = "Trust type" }
trust_subtype = { meaning = "Trust subtype" }
region = { meaning = "NHS England region" }
league_rank = { unit = "rank", meaning = "Published league rank" }
recomputed_rank = { unit = "rank", meaning = "League rank recomputed among the trusts in these files" }
trusts_in_table = { unit = "count", meaning = "Trusts in the published table" }
trusts_held = { unit = "count", meaning = "Trusts of the table that these files hold" }
table_is_complete = { meaning = "Whether these files hold the whole table" }
score_rank = { unit = "rank", meaning = "Rank by average score alone, recomputed among the trusts in these files" }
average_score = { unit = "score", decimals = 2, meaning = "Average metric score" }
adjusted_segment = { unit = "segment", meaning = "Adjusted segment" }
segment_by_score = { unit = "segment", meaning = "Segment by score alone" }
override_applies = { meaning = "Whether the financial override applies; missing where not published" }
held_by_override = { meaning = "Whether the override holds the trust in a worse segment than its score gives" }
score_range_low = { unit = "score", decimals = 2, meaning = "Low end of NHS England's likely range of the average score" }
score_range_high = { unit = "score", decimals = 2, meaning = "High end of that range" }
rank_range_low = { unit = "rank", meaning = "Best rank of NHS England's likely range" }
rank_range_high = { unit = "rank", meaning = "Worst rank of that range" }
is_latest_for_type = { meaning = "Whether this is the latest quarter held for the trust type" }
basis = { meaning = "Which file the position comes from" }

[[tests]]
check = "sql"
name = "in a complete table every recomputed rank equals the published one"
where = "table_is_complete AND recomputed_rank <> league_rank"
severity = "warn"

[[tests]]
check = "sql"
name = "no rank is beyond the end of its table"
where = "league_rank > trusts_in_table"
*/
WITH ranked AS (
    SELECT
        segments.*,
        published_positions.league_rank,
        score_range_low,
        score_range_high,
        rank_range_low,
        rank_range_high,
        rank() OVER (table_of_type ORDER BY segments.adjusted_segment, segments.average_score) AS recomputed_rank,
        rank() OVER (table_of_type ORDER BY segments.average_score) AS score_rank,
        count(*) OVER table_of_type AS trusts_held,
        rank() OVER (table_of_type ORDER BY published_positions.league_rank) AS rank_of_rank
    FROM segments
    JOIN published_positions USING (quarter, trust_code)
    WINDOW table_of_type AS (PARTITION BY segments.quarter, segments.trust_type)
),

completeness AS (
    -- In a whole table every rank is one more than the number of trusts ranked above it.
    SELECT quarter, trust_type, bool_and(league_rank = rank_of_rank) AS table_is_complete, max(league_rank) AS last_rank
    FROM ranked
    GROUP BY quarter, trust_type
),

latest AS (
    SELECT trust_type, arg_max(quarter, quarter_order) AS latest_quarter
    FROM segments
    JOIN quarters USING (quarter)
    GROUP BY trust_type
)

SELECT
    ranked.quarter,
    trust_code,
    trust_name,
    ranked.trust_type,
    trust_subtype,
    region,
    league_rank,
    recomputed_rank,
    CASE
        WHEN table_is_complete THEN trusts_held
        ELSE greatest(trusts_held, last_rank, framework_trust_types.published_trusts)
    END AS trusts_in_table,
    trusts_held,
    table_is_complete,
    score_rank,
    average_score,
    adjusted_segment,
    segment_by_score,
    override_applies,
    held_by_override,
    score_range_low,
    score_range_high,
    rank_range_low,
    rank_range_high,
    ranked.quarter = latest.latest_quarter AS is_latest_for_type,
    basis
FROM ranked
JOIN completeness USING (quarter, trust_type)
JOIN latest USING (trust_type)
LEFT JOIN framework_trust_types
    ON framework_trust_types.trust_type = ranked.trust_type
    AND framework_trust_types.framework_year = (SELECT framework_year FROM parameters)
