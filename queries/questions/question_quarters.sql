/*
title = "Quarters that a question asks for"
description = "For questions about the oversight framework: the financial quarters for which files are held and that the question's period touches. A question that names no period, or counts back from now, is about the latest of all of them."
grain = ["uin", "quarter"]

[columns]
uin = { meaning = "Number of the question" }
quarter = { meaning = "Financial quarter" }
quarter_order = { unit = "count", meaning = "Number that puts quarters in order of time" }
asked_words = { meaning = "The period as the question says it" }
is_named = { meaning = "Whether the question names a period that the quarter belongs to" }
is_asked = { meaning = "Whether the quarter is among those asked for" }
wants_each = { meaning = "Whether each of the quarters is wanted, and not the last of them alone" }

[[tests]]
check = "sql"
name = "a quarter that belongs to no period asked for is not taken for one"
where = "is_asked AND NOT is_named AND asked_words IS NOT NULL"
*/
WITH dated AS (
    -- The number of a quarter is four times the year it starts in, and its place in it.
    SELECT
        quarter,
        quarter_order,
        CAST(make_date(CAST((quarter_order - 1) // 4 AS BIGINT), 4, 1) + to_months(CAST(3 * ((quarter_order - 1) % 4) AS INTEGER)) AS DATE) AS first_day,
        CAST(make_date(CAST((quarter_order - 1) // 4 AS BIGINT), 4, 1) + to_months(CAST(3 * ((quarter_order - 1) % 4) + 3 AS INTEGER)) AS DATE) - 1 AS last_day
    FROM quarters
),

asked AS (
    SELECT
        uin,
        count(*) FILTER (ask IN ('at', 'span', 'between', 'since') AND from_date IS NOT NULL) AS named,
        -- Of two moments each is wanted; of a year the last quarter held, unless its course is asked for.
        count(*) FILTER (ask IN ('at', 'span')) > 1 AS several,
        string_agg(words, ' and ' ORDER BY ask_order) FILTER (ask IN ('at', 'span', 'between', 'since') AND from_date IS NOT NULL) AS asked_words
    FROM question_periods
    GROUP BY uin
)

SELECT
    asked.uin,
    dated.quarter,
    dated.quarter_order,
    CASE WHEN named > 0 THEN asked_words END AS asked_words,
    bool_or(coalesce(question_periods.from_date <= last_day AND question_periods.to_date >= first_day, false)) AS is_named,
    named = 0 OR bool_or(coalesce(question_periods.from_date <= last_day AND question_periods.to_date >= first_day, false)) AS is_asked,
    several OR bool_or(question_readings.wants <> 'value') AS wants_each
FROM asked
JOIN question_periods USING (uin)
JOIN question_readings USING (uin)
CROSS JOIN dated
WHERE question_readings.measure = 'league position' OR question_readings.from_framework IS NOT NULL
GROUP BY asked.uin, dated.quarter, dated.quarter_order, named, several, asked_words
ORDER BY asked.uin, dated.quarter_order
