/*
title = "Kinds of trust in one table"
description = "The latest table of each type by the publisher's subtypes: how many trusts, their segments, their average scores and their ranks; and the estimated share of the variance of average scores that lies between subtypes, allowing for their number (epsilon squared). It describes the table: nothing in it says why kinds differ, or that one is better run."
grain = ["trust_type", "trust_subtype"]

[columns]
trust_type = { meaning = "Trust type" }
trust_subtype = { meaning = "Subtype, as published" }
quarter = { meaning = "Latest quarter of the trust type" }
trusts = { unit = "count", meaning = "Trusts held" }
upper_segments = { unit = "count", meaning = "Of them in segments 1 and 2" }
score_upper_segments = { unit = "count", meaning = "Of them in segments 1 and 2 by the score alone, before the override" }
best_score = { unit = "score", decimals = 2, meaning = "Best average score" }
median_score = { unit = "score", decimals = 2, meaning = "Median average score" }
worst_score = { unit = "score", decimals = 2, meaning = "Worst average score" }
best_rank = { unit = "rank", meaning = "Best league rank" }
worst_rank = { unit = "rank", meaning = "Worst league rank" }
subtypes = { unit = "count", meaning = "Subtypes of the type" }
between_subtypes = { unit = "fraction", decimals = 0, meaning = "Estimated share of the variance of average scores between subtypes; 0 where they explain no more than chance would, missing with fewer than 5 trusts a subtype" }

[[tests]]
check = "sql"
name = "the subtypes add up to the trusts held"
query = """
SELECT trust_type
FROM scrutiny_subtypes
JOIN national_summary USING (trust_type)
GROUP BY trust_type
HAVING sum(trusts) <> min(trusts_held) OR sum(upper_segments) <> min(segment_1 + segment_2)
"""

[[tests]]
check = "range"
column = "between_subtypes"
min = 0
max = 1
*/
WITH held AS (
    SELECT
        trust_type,
        coalesce(trust_subtype, 'not known') AS trust_subtype,
        quarter,
        CAST(average_score AS DECIMAL(9, 4)) AS score,
        adjusted_segment,
        segment_by_score,
        league_rank
    FROM league_positions
    WHERE is_latest_for_type
),

by_subtype AS (
    SELECT
        trust_type,
        trust_subtype,
        quarter,
        count(*) AS trusts,
        count(*) FILTER (adjusted_segment <= 2) AS upper_segments,
        count(*) FILTER (segment_by_score <= 2) AS score_upper_segments,
        min(score) AS best_score,
        median(score) AS median_score,
        max(score) AS worst_score,
        min(league_rank) AS best_rank,
        max(league_rank) AS worst_rank,
        sum(score) AS total,
        sum(score * score) AS squares
    FROM held
    GROUP BY trust_type, trust_subtype, quarter
),

by_type AS (
    SELECT
        trust_type,
        count(*) AS subtypes,
        sum(trusts) AS trusts,
        CAST(sum(squares) AS DOUBLE) - CAST(sum(total) AS DOUBLE) ** 2 / sum(trusts) AS in_all,
        CAST(sum(squares) AS DOUBLE) - list_sum(list(CAST(total AS DOUBLE) ** 2 / trusts ORDER BY trust_subtype, quarter)) AS within
    FROM by_subtype
    GROUP BY trust_type
)

SELECT
    by_subtype.* EXCLUDE (total, squares),
    by_type.subtypes,
    CASE WHEN by_type.subtypes > 1 AND by_type.trusts >= 5 * by_type.subtypes AND by_type.in_all > 0
        THEN greatest(0, 1 - by_type.within / (by_type.trusts - by_type.subtypes) * (by_type.trusts - 1) / by_type.in_all)
    END AS between_subtypes
FROM by_subtype
JOIN by_type USING (trust_type)
ORDER BY trust_type, trust_subtype
