/*
title = "Positions that a question asks for"
description = "The place in the league tables of each trust of a question, in the quarters asked for; where none of those is held, in the latest that is, which is said."
grain = ["uin", "place_order", "quarter"]

[columns]
uin = { meaning = "Number of the question" }
place_order = { unit = "count", meaning = "Order of the trust in the question" }
quarter = { meaning = "Financial quarter" }
quarter_order = { unit = "count", meaning = "Number that puts quarters in order of time" }
asked_words = { meaning = "The period as the question says it" }
is_asked = { meaning = "Whether the quarter is one of those asked for" }
is_last = { meaning = "Whether it is the last of those given" }
kind = { meaning = "Type of trust, in the plural" }
trust_code = { meaning = "Organisation code" }
trust_name = { meaning = "Name" }
adjusted_segment = { unit = "segment", meaning = "Segment in the league table" }
segment_by_score = { unit = "segment", meaning = "Segment that the score alone gives" }
held_by_override = { meaning = "Whether the override holds the trust in a worse segment than its score gives" }
override_applies = { meaning = "Whether the financial override applies; missing where not published" }
average_score = { unit = "score", decimals = 2, meaning = "Average metric score" }
league_rank = { unit = "rank", meaning = "Published rank" }
trusts_in_table = { unit = "count", meaning = "Trusts in the published table" }
score_range_low = { unit = "score", decimals = 2, meaning = "Low end of the published likely range of the score" }
score_range_high = { unit = "score", decimals = 2, meaning = "High end of it" }
rank_range_low = { unit = "rank", meaning = "Best rank of the published likely range" }
rank_range_high = { unit = "rank", meaning = "Worst rank of it" }
basis = { meaning = "Which file the position comes from" }

[[tests]]
check = "sql"
name = "where a quarter asked for is held, no other is given"
query = "SELECT uin, place_order FROM answer_positions GROUP BY uin, place_order HAVING bool_or(is_asked) AND NOT bool_and(is_asked)"
*/
WITH held AS (
    SELECT
        question_quarters.*,
        question_places.place_order,
        lower(left(framework_trust_types.trust_type_plural, 1)) || substr(framework_trust_types.trust_type_plural, 2) AS kind,
        league_positions.* EXCLUDE (quarter)
    FROM question_quarters
    JOIN question_readings ON question_readings.uin = question_quarters.uin AND question_readings.form = 'position'
    JOIN question_places ON question_places.uin = question_quarters.uin
    JOIN league_positions ON league_positions.quarter = question_quarters.quarter
        AND league_positions.trust_code = coalesce(question_places.successor_code, question_places.place_code)
    LEFT JOIN framework_trust_types ON framework_trust_types.trust_type = league_positions.trust_type
        AND framework_trust_types.framework_year = (SELECT framework_year FROM parameters)
    WHERE place_kind = 'trust' AND league_rank IS NOT NULL
),

chosen AS (
    SELECT *
    FROM held
    WINDOW one AS (PARTITION BY uin, place_order)
    QUALIFY is_asked = bool_or(is_asked) OVER one
        AND (is_asked AND wants_each OR quarter_order = max(quarter_order) FILTER (is_asked) OVER one
            OR NOT bool_or(is_asked) OVER one AND quarter_order = max(quarter_order) OVER one)
)

SELECT
    uin,
    place_order,
    quarter,
    quarter_order,
    asked_words,
    is_asked,
    quarter_order = max(quarter_order) OVER (PARTITION BY uin, place_order) AS is_last,
    kind,
    trust_code,
    trust_name,
    adjusted_segment,
    segment_by_score,
    held_by_override,
    override_applies,
    average_score,
    league_rank,
    trusts_in_table,
    score_range_low,
    score_range_high,
    rank_range_low,
    rank_range_high,
    basis
FROM chosen
ORDER BY uin, place_order, quarter_order, quarter
