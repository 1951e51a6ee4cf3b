/*
title = "Segments that a question asks for"
description = "How many trusts of each type are in each segment, for England or for the regions that the question names, in the quarter asked for; where that is not held, in the latest that is, which is said. A table of which the files hold fewer than five trusts is not counted."
grain = ["uin", "place_code", "trust_type"]

[columns]
uin = { meaning = "Number of the question" }
place_code = { meaning = "ENG, or a region" }
place_words = { meaning = "The place as an answer says it; nothing for England" }
trust_type = { meaning = "Trust type" }
kind = { meaning = "Type of trust, in the plural" }
type_order = { unit = "count", meaning = "Order of the type" }
quarter = { meaning = "Quarter counted" }
asked_words = { meaning = "The period as the question says it" }
is_asked = { meaning = "Whether the quarter is one of those asked for" }
is_complete = { meaning = "Whether the files hold the whole table" }
is_counted = { meaning = "Whether enough of the table is held to be counted" }
basis = { meaning = "Which file the positions come from" }
trusts_held = { unit = "count", meaning = "Trusts counted" }
trusts_in_table = { unit = "count", meaning = "Trusts in the published table; missing for a region" }
segment_1 = { unit = "count", meaning = "Trusts in segment 1" }
segment_2 = { unit = "count", meaning = "Trusts in segment 2" }
segment_3 = { unit = "count", meaning = "Trusts in segment 3" }
segment_4 = { unit = "count", meaning = "Trusts in segment 4" }
held_by_override = { unit = "count", meaning = "Trusts in a worse segment than their score alone gives" }
override_applies = { unit = "count", meaning = "Trusts to which the override applies; missing where it is not published" }
kind_words = { meaning = "The trusts counted, as an answer says them" }

[[tests]]
check = "sql"
name = "every trust counted is in one segment"
where = "is_counted AND segment_1 + segment_2 + segment_3 + segment_4 <> trusts_held"

[[tests]]
check = "sql"
name = "for the latest quarter of England the counts are those of the briefing"
query = """
SELECT uin, trust_type FROM answer_segments JOIN national_summary USING (trust_type, quarter)
WHERE place_code = 'ENG' AND (answer_segments.segment_4 <> national_summary.segment_4 OR answer_segments.held_by_override <> national_summary.held_by_override)
"""
*/
WITH types AS (
    SELECT
        trust_type,
        lower(left(trust_type_plural, 1)) || substr(trust_type_plural, 2) AS kind,
        type_order,
        ' (' || replace(replace(lower(trust_type), ' trust', ''), ' and ', '|') || ') ' AS words
    FROM framework_trust_types
    WHERE framework_year = (SELECT framework_year FROM parameters)
),

-- "How many acute trusts": the type that the question names, else all of them.
wanted AS (
    SELECT question_readings.uin, types.*, vocabulary.phrase
    FROM question_readings
    JOIN question_vocabulary AS vocabulary ON vocabulary.kind = 'question' AND vocabulary.target = question_readings.uin
    CROSS JOIN types
    WHERE form = 'segments'
    QUALIFY regexp_matches(' ' || phrase || ' ', types.words)
        OR NOT bool_or(regexp_matches(' ' || phrase || ' ', types.words)) OVER (PARTITION BY question_readings.uin)
),

places AS (
    SELECT DISTINCT uin, CASE WHEN place_kind = 'region' THEN place_code ELSE 'ENG' END AS place_code, CASE WHEN place_kind = 'region' THEN ' ' || replace(place_words, 'at organisations in', 'in') ELSE '' END AS place_words
    FROM question_places
    WHERE place_kind <> 'not recognised'
    QUALIFY place_kind = 'region' OR NOT bool_or(place_kind = 'region') OVER (PARTITION BY uin)
),

held AS (
    SELECT wanted.* EXCLUDE (words, phrase), places.* EXCLUDE (uin), question_quarters.* EXCLUDE (uin, quarter), league_positions.* EXCLUDE (trust_type, held_by_override, override_applies), league_positions.held_by_override AS is_held, league_positions.override_applies AS is_applied
    FROM wanted
    JOIN places USING (uin)
    JOIN question_quarters USING (uin)
    JOIN league_positions ON league_positions.trust_type = wanted.trust_type AND league_positions.quarter = question_quarters.quarter
    WHERE places.place_code = 'ENG' OR league_positions.region = places.place_code
    WINDOW one AS (PARTITION BY wanted.uin, places.place_code, wanted.trust_type)
    QUALIFY quarter_order = coalesce(max(quarter_order) FILTER (is_asked) OVER one, max(quarter_order) OVER one)
)

SELECT
    uin,
    place_code,
    min(place_words) AS place_words,
    trust_type,
    min(kind) AS kind,
    min(type_order) AS type_order,
    min(quarter) AS quarter,
    min(asked_words) AS asked_words,
    bool_and(is_asked) AS is_asked,
    bool_and(table_is_complete) AS is_complete,
    bool_and(table_is_complete) OR max(trusts_held) >= 5 AS is_counted,
    min(basis) AS basis,
    count(*) AS trusts_held,
    CASE WHEN place_code = 'ENG' THEN max(trusts_in_table) END AS trusts_in_table,
    count(*) FILTER (adjusted_segment = 1) AS segment_1,
    count(*) FILTER (adjusted_segment = 2) AS segment_2,
    count(*) FILTER (adjusted_segment = 3) AS segment_3,
    count(*) FILTER (adjusted_segment = 4) AS segment_4,
    count(*) FILTER (is_held) AS held_by_override,
    CASE WHEN count(is_applied) > 0 THEN count(*) FILTER (is_applied) END AS override_applies,
    CASE
        WHEN bool_and(table_is_complete) THEN 'all ' || count(*) || ' '
        WHEN place_code = 'ENG' THEN count(*) || ' of the ' || max(trusts_in_table) || ' '
        ELSE 'the ' || count(*) || ' ' 
    END || min(kind) || min(place_words) || CASE WHEN place_code <> 'ENG' AND NOT bool_and(table_is_complete) THEN ' that are held' ELSE '' END AS kind_words
FROM held
GROUP BY uin, place_code, trust_type
ORDER BY uin, place_code, min(type_order), trust_type
