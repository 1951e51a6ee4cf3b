/*
title = "What can be said and what cannot"
description = "Sayings about the trusts of a question, each put to the published figures, with the reason. A number that the question itself names is among them. Those that do not hold are here to be printed as such: this is a table of findings and not of claims."
grain = ["uin", "saying_order"]

[columns]
uin = { meaning = "Number of the question" }
saying_order = { unit = "count", meaning = "Order on the page" }
place_name = { meaning = "Trust" }
words = { meaning = "The saying" }
can_be_said = { meaning = "Whether the figures bear it out" }
verdict = { meaning = "can be said, or cannot be said" }
reason = { meaning = "Why" }

[[tests]]
check = "not_null"
columns = ["words", "can_be_said", "reason", "verdict"]

[[tests]]
check = "sql"
name = "growth never makes a trust the most productive"
where = "can_be_said AND contains(words, 'most productive')"

[[tests]]
check = "sql"
name = "what the question says and what the book says of the same figure agree"
query = """
SELECT answer_sayings.words, claim_sayings.words
FROM answer_sayings
JOIN claim_sayings ON claim_sayings.trust_name = answer_sayings.place_name AND claim_sayings.words = answer_sayings.words
WHERE answer_sayings.can_be_said <> claim_sayings.holds
"""
*/
WITH subjects AS (
    SELECT uin, coalesce(successor_code, place_code) AS trust_code
    FROM question_places
    WHERE place_kind = 'trust'
    UNION
    SELECT questions.uin, constituency_trusts.trust_code
    FROM questions
    JOIN constituency_trusts USING (constituency)
    WHERE questions.kind IN ('oral', 'topical')
),

about_growth AS (
    SELECT subjects.uin, productivity_growth.*
    FROM subjects
    JOIN question_readings ON question_readings.uin = subjects.uin AND question_readings.measure = 'productivity'
    JOIN productivity_growth USING (trust_code)
),

-- "by over 11%" in the words of the question.
named AS (
    SELECT
        uin,
        regexp_extract(replace(lower(question), ' per cent', '%'), '(over|more than|at least|under|less than|nearly|almost|by|of) ([0-9]+(?:\.[0-9]+)?) ?%', ['comparison', 'amount']) AS found
    FROM questions
),

asserted AS (
    SELECT
        about_growth.uin,
        1 AS saying_order,
        trust_name,
        trust_name || ' increased productivity by ' || CASE WHEN found.comparison IN ('by', 'of') THEN '' ELSE found.comparison || ' ' END || found.amount || '%' AS words,
        CASE
            WHEN found.comparison IN ('over', 'more than') THEN 100 * productivity_growth > TRY_CAST(found.amount AS DOUBLE)
            WHEN found.comparison = 'at least' THEN 100 * productivity_growth >= TRY_CAST(found.amount AS DOUBLE)
            WHEN found.comparison IN ('under', 'less than', 'nearly', 'almost') THEN 100 * productivity_growth < TRY_CAST(found.amount AS DOUBLE)
            ELSE round(100 * productivity_growth, CASE WHEN contains(found.amount, '.') THEN 1 ELSE 0 END) = TRY_CAST(found.amount AS DOUBLE)
        END AS can_be_said,
        'The published estimate is ' || CASE WHEN productivity_growth < 0 THEN '−' ELSE '+' END || printf('%.1f', round(abs(100 * CAST(productivity_growth AS DOUBLE)) + 1e-9, 1)) || '%, for ' || period || '. Say the period with it.' AS reason
    FROM about_growth
    JOIN named USING (uin)
    WHERE found.amount <> '' AND productivity_growth IS NOT NULL
),

general AS (
    SELECT uin, 2 AS saying_order, trust_name, trust_name || '''s growth in productivity has been kept up' AS words,
        next_growth >= 100 * productivity_growth AND productivity_growth > 0 AS can_be_said,
        'The next estimate is ' || CASE WHEN next_growth < 0 THEN '−' ELSE '+' END || printf('%.1f', round(abs(CAST(next_growth AS DOUBLE)) + 1e-9, 1)) || '%, for the ' || next_period || ', after '
            || CASE WHEN productivity_growth < 0 THEN '−' ELSE '+' END || printf('%.1f', round(abs(100 * CAST(productivity_growth AS DOUBLE)) + 1e-9, 1)) || '%.' AS reason
    FROM about_growth
    WHERE next_growth IS NOT NULL AND productivity_growth IS NOT NULL
    UNION ALL
    SELECT uin, 3, trust_name, trust_name || ' is among the most productive trusts', false,
        'The figures are growth and not level. A trust may grow from a low level, and no level is published.'
    FROM about_growth
),

of_book AS (
    SELECT DISTINCT subjects.uin, 10 + claim_sayings.saying_order AS saying_order, claim_sayings.trust_name, claim_sayings.words, claim_sayings.holds AS can_be_said, claim_sayings.reason
    FROM subjects
    JOIN question_readings ON question_readings.uin = subjects.uin AND question_readings.measure = 'productivity'
    JOIN claim_sayings USING (trust_code)
    WHERE claim_sayings.holds IS NOT NULL
),

of_positions AS (
    SELECT
        subjects.uin, 20 AS saying_order, changed.trust_name, changed.trust_name || ' has got better in the league tables since ' || changed.previous_quarter AS words,
        coalesce(changed.verdict = 'real change' AND changed.score_change < 0, false) AS can_be_said,
        'Its average score moved by ' || CASE WHEN changed.score_change < 0 THEN '−' ELSE '+' END || printf('%.2f', abs(changed.score_change)) || ' (below zero is better): ' || changed.verdict || '.' AS reason
    FROM subjects
    JOIN question_readings ON question_readings.uin = subjects.uin AND question_readings.measure IN ('league position', 'productivity')
    JOIN quarter_change_confidence AS changed USING (trust_code)
    WHERE changed.score_change IS NOT NULL
),

of_measures AS (
    SELECT
        subjects.uin, 30 + metrics.metric_order AS saying_order, trust_kinds.trust_name,
        answer_measures.short_words || ': ' || trust_kinds.trust_name || ' has got better over the year' AS words,
        coalesce(change_reading = 'better', false) AS can_be_said,
        'The figure moved from ' || printf('%.' || summary.decimals || 'f', round(CAST(previous_value AS DOUBLE) + 1e-9, CAST(summary.decimals AS INTEGER))) || summary.unit_suffix || ' in ' || previous_period_words
            || ' to ' || printf('%.' || summary.decimals || 'f', round(CAST(summary.value AS DOUBLE) + 1e-9, CAST(summary.decimals AS INTEGER))) || summary.unit_suffix || ' in ' || period_words || ': '
            || CASE change_reading WHEN 'better' THEN 'better, by more than chance explains' WHEN 'worse' THEN 'worse, by more than chance explains' ELSE 'no change beyond chance' END || '.' AS reason
    FROM subjects
    JOIN questions USING (uin)
    JOIN trust_metric_summary AS summary USING (trust_code)
    JOIN metrics USING (metric_id)
    JOIN answer_measures ON answer_measures.measure = summary.metric_id
    JOIN trust_kinds USING (trust_code)
    WHERE summary.is_current AND summary.change_low IS NOT NULL AND metrics.better IS NOT NULL
        AND (summary.metric_id IN ('ae_4hr_all_types', 'rtt_within_18wk', 'cancer_62d') AND questions.kind IN ('oral', 'topical')
            OR (subjects.uin, summary.metric_id) IN (SELECT (uin, from_metric) FROM question_readings WHERE from_metric IS NOT NULL))
),

together AS (
    SELECT * FROM asserted
    UNION ALL SELECT * FROM general
    UNION ALL SELECT * FROM of_book
    UNION ALL SELECT * FROM of_positions
    UNION ALL SELECT * FROM of_measures
),

-- The same saying in the question and in the book is said once.
said_once AS (
    SELECT uin, words, min(saying_order) AS saying_order, min_by(trust_name, (saying_order, trust_name)) AS trust_name, min_by(can_be_said, (saying_order, can_be_said)) AS can_be_said, min_by(reason, (saying_order, reason)) AS reason
    FROM together
    GROUP BY uin, words
)

SELECT
    uin,
    row_number() OVER (PARTITION BY uin ORDER BY can_be_said DESC, saying_order, words) AS saying_order,
    trust_name AS place_name,
    words,
    can_be_said,
    CASE WHEN can_be_said THEN 'can be said' ELSE 'cannot be said' END AS verdict,
    reason
FROM said_once
ORDER BY uin, saying_order
