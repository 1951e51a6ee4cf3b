/*
title = "What an answer says"
description = "Every sentence of every draft answer, in its order. A sentence of a figure holds only if the numbers behind it give it again. What the data do not hold is said of the data held for this answer, never of the Department: what the Department holds is for the official to say."
grain = ["uin", "line"]
claim = {}

[columns]
uin = { meaning = "Number of the question" }
line = { unit = "count", meaning = "Order of the sentence" }
part = { meaning = "answer or background" }
measure = { meaning = "Measure" }
time_limit = { meaning = "Limit of time in the sentence" }
words_behind = { meaning = "Words with numbers that come from the question or the rule tables" }
holds = { meaning = "Whether it may be said" }
statement = { meaning = "The sentence" }

[[tests]]
check = "not_null"
columns = ["statement", "holds", "part"]

[[tests]]
check = "sql"
name = "the data never speak for the Department"
where = "contains(statement, 'Department')"

[[tests]]
check = "sql"
name = "nothing is called the best or the worst"
where = "regexp_matches(lower(statement), '\\b(the best|the worst|best performing|worst performing)\\b')"

[[tests]]
check = "sql"
name = "every question that was understood has an answer"
query = """
SELECT uin FROM question_readings WHERE form <> 'not recognised' AND uin NOT IN (SELECT uin FROM claim_answers WHERE part = 'answer')
"""
*/
WITH fixed AS (
    SELECT
        uin, measure, measure_order, 0 AS line, 'answer' AS part, true AS holds, answer_measures.time_limit,
        'The published data held for this answer do not include '
            || CASE WHEN not_held THEN short_words WHEN measure = 'productivity' THEN 'growth in productivity of regions or integrated care boards' ELSE 'this' END || '.' AS statement
    FROM question_readings
    LEFT JOIN answer_measures USING (measure, measure_order)
    WHERE form = 'not held'
    UNION ALL BY NAME
    SELECT uin, measure, measure_order, 1 AS line, 'answer' AS part, true AS holds, coalesce(nearest_words, 'Growth is held for single acute trusts.') AS statement
    FROM question_readings
    JOIN answer_measures USING (measure, measure_order)
    WHERE form = 'not held' AND (nearest_words IS NOT NULL OR measure = 'productivity')
    UNION ALL BY NAME
    SELECT
        uin, min(measure) AS measure, 0 AS measure_order, 0 AS line, 'answer' AS part, true AS holds,
        'The published data held for this answer do not divide these figures by ' || replace(min(divisions), '; ', ' or by ') || '.' AS statement
    FROM question_readings
    WHERE form = 'division not held'
    GROUP BY uin
    UNION ALL BY NAME
    SELECT
        uin, min(measure) AS measure, 0 AS measure_order, 0 AS line, 'answer' AS part, true AS holds, min(other_limit) AS words_behind,
        'The published data held for this answer do not count waits by a limit of ' || min(other_limit) || '.' AS statement
    FROM question_readings
    WHERE form = 'limit not held'
    GROUP BY uin
    UNION ALL BY NAME
    SELECT
        question_readings.uin, min(question_readings.measure) AS measure, 0 AS measure_order, 1 AS line, 'answer' AS part, true AS holds,
        string_agg(DISTINCT answer_measures.time_limit, ', ' ORDER BY answer_measures.time_limit) AS words_behind,
        'The limits in ' || split_part(min(other_limit), ' ', 2) || ' that they count are: '
            || string_agg(DISTINCT answer_measures.time_limit, ', ' ORDER BY answer_measures.time_limit) || '.' AS statement
    FROM question_readings
    JOIN answer_measures ON split_part(answer_measures.time_limit, ' ', 2) = split_part(question_readings.other_limit, ' ', 2)
    WHERE form = 'limit not held'
    GROUP BY question_readings.uin
    UNION ALL BY NAME
    SELECT uin, min(measure) AS measure, 0 AS measure_order, 0 AS line, 'answer' AS part, true AS holds, 'The information requested could only be obtained at disproportionate cost.' AS statement
    FROM question_readings
    WHERE form = 'disproportionate cost'
    GROUP BY uin
),

-- The same figures without the division that the data do not have: the nearest thing held.
nearest AS (
    SELECT
        answer_values.uin, answer_values.measure, answer_values.measure_order, 1 + row_number() OVER (PARTITION BY answer_values.uin, answer_values.measure ORDER BY place_order, period_start) AS line, 'answer' AS part,
        answer_measures.time_limit, answer_measures.fixed_words, place_name, lead_words, value, value_words, counts_words, numerator, denominator, true AS holds,
        'Without that division: ' || lower(left(lead_words, 1)) || substr(lead_words, 2) || ', ' || replace(replace(replace(answer_words, '{value}', value_words), '{place}', place_words), '{counts}', counts_words) || '.' AS statement
    FROM answer_values
    JOIN question_readings USING (uin, measure)
    JOIN answer_measures USING (measure)
    WHERE question_readings.form = 'division not held' AND role = 'value'
    QUALIFY count(*) OVER (PARTITION BY answer_values.uin) <= 2
),

lines AS (
    SELECT * FROM fixed
    UNION ALL BY NAME SELECT * FROM nearest
    UNION ALL BY NAME SELECT * FROM answer_metric_lines
    UNION ALL BY NAME SELECT * FROM answer_league_lines
)

SELECT
    uin,
    row_number() OVER (PARTITION BY uin ORDER BY measure_order, line, statement) AS line,
    * EXCLUDE (uin, line, measure_order)
FROM lines
ORDER BY uin, line
