/*
title = "Published positions"
description = "What is published about each trust in each quarter: average score, segments, override, league rank and likely ranges. The data file comes first, then the league table, then the extract."
grain = ["quarter", "trust_code"]

[columns]
quarter = { meaning = "Financial quarter" }
trust_code = { meaning = "Organisation code" }
trust_name = { meaning = "Name" }
trust_type = { meaning = "Trust type" }
trust_subtype = { meaning = "Trust subtype" }
region = { meaning = "NHS England region" }
average_score = { unit = "score", decimals = 2, meaning = "Average metric score" }
unadjusted_segment = { unit = "segment", meaning = "Segment before the financial override" }
override_applies = { meaning = "Whether the trust is in deficit or receives deficit support; missing where not published" }
adjusted_segment = { unit = "segment", meaning = "Segment after the financial override: the one in the league table" }
final_segment = { unit = "segment", meaning = "Segment after regional decisions, published in the first two quarters only; 5 is the Recovery Support Programme" }
in_recovery_support = { meaning = "Whether the trust was in the Recovery Support Programme, where published" }
league_rank = { unit = "rank", meaning = "League rank in the trust type" }
score_rank = { unit = "rank", meaning = "Rank by average score alone, which is not the league rank" }
score_range_low = { unit = "score", decimals = 2, meaning = "Low end of NHS England's likely range of the average score" }
score_range_high = { unit = "score", decimals = 2, meaning = "High end of that range" }
rank_range_low = { unit = "rank", meaning = "Best rank of NHS England's likely range" }
rank_range_high = { unit = "rank", meaning = "Worst rank of that range" }
basis = { meaning = "Which file the position comes from: official or extract" }

[[tests]]
check = "not_null"
columns = ["average_score", "adjusted_segment"]
severity = "warn"

[[tests]]
check = "range"
column = "average_score"
min = 1
max = 4

[[tests]]
check = "range"
column = "adjusted_segment"
min = 1
max = 5

[[tests]]
check = "sql"
name = "likely ranges run from low to high and hold the figure itself"
where = "score_range_low > average_score OR score_range_high < average_score OR rank_range_low > league_rank OR rank_range_high < league_rank"
severity = "warn"

[[tests]]
check = "sql"
name = "the league table and the data file say the same"
query = """
SELECT *
FROM nof_league AS league
JOIN published_positions AS positions USING (quarter, trust_code)
WHERE league.rank <> positions.league_rank
    OR league.segment <> positions.adjusted_segment
    OR CAST(league.average_score AS DECIMAL(9, 2)) <> positions.average_score
    OR league.trust_in_financial_deficit <> positions.override_applies
"""
severity = "warn"
*/
WITH summary AS (
    SELECT
        quarter,
        trust_code,
        max(value) FILTER (quantity = 'average score') AS average_score,
        max(value) FILTER (quantity = 'unadjusted segment') AS unadjusted_segment,
        max(value) FILTER (quantity = 'financial override') AS override_flag,
        max(value) FILTER (quantity = 'adjusted segment') AS adjusted_segment,
        max(value) FILTER (quantity = 'final segment') AS final_segment,
        max(value) FILTER (quantity = 'recovery support programme') AS recovery_flag,
        -- The league rank stands on the adjusted segment's row. The rank on the average's row goes by score alone.
        max(rank) FILTER (quantity = 'adjusted segment') AS league_rank,
        max(rank) FILTER (quantity = 'average score') AS score_rank
    FROM nof_data
    JOIN published_quantities USING (metric_id)
    GROUP BY quarter, trust_code
),

league AS (
    SELECT
        quarter,
        trust_code,
        average_score,
        segment,
        trust_in_financial_deficit,
        rank,
        -- "1.2 to 1.89" and "1 to 11".
        TRY_CAST(regexp_extract(likely_range_of_average_score, '^([0-9.]+) to ([0-9.]+)$', 1) AS DECIMAL(9, 2)) AS score_range_low,
        TRY_CAST(regexp_extract(likely_range_of_average_score, '^([0-9.]+) to ([0-9.]+)$', 2) AS DECIMAL(9, 2)) AS score_range_high,
        TRY_CAST(regexp_extract(likely_range_of_rank, '^([0-9]+) to ([0-9]+)$', 1) AS BIGINT) AS rank_range_low,
        TRY_CAST(regexp_extract(likely_range_of_rank, '^([0-9]+) to ([0-9]+)$', 2) AS BIGINT) AS rank_range_high
    FROM nof_league
),

extract AS (
    SELECT
        trust_quarters.quarter,
        trust_quarters.trust_code,
        league_avg_score AS average_score,
        league_segment AS segment,
        league_rank AS rank
    FROM nof_extract_league
    JOIN trust_quarters ON trust_quarters.trust_code = nof_extract_league.org_code AND trust_quarters.basis = 'extract'
)

SELECT
    quarter,
    trust_code,
    trust_name,
    trust_type,
    trust_subtype,
    region,
    CAST(coalesce(summary.average_score, league.average_score, extract.average_score) AS DECIMAL(9, 2)) AS average_score,
    CAST(summary.unadjusted_segment AS BIGINT) AS unadjusted_segment,
    coalesce(summary.override_flag = 1, league.trust_in_financial_deficit) AS override_applies,
    CAST(coalesce(summary.adjusted_segment, league.segment, extract.segment) AS BIGINT) AS adjusted_segment,
    CAST(summary.final_segment AS BIGINT) AS final_segment,
    summary.recovery_flag = 1 AS in_recovery_support,
    coalesce(summary.league_rank, league.rank, extract.rank) AS league_rank,
    summary.score_rank,
    league.score_range_low,
    league.score_range_high,
    league.rank_range_low,
    league.rank_range_high,
    trust_quarters.basis
FROM trust_quarters
LEFT JOIN summary USING (quarter, trust_code)
LEFT JOIN league USING (quarter, trust_code)
LEFT JOIN extract USING (quarter, trust_code)
