/*
title = "What an answer says"
description = "Every sentence of every draft answer, in its order. A sentence of a figure holds only if the numbers behind it give it again. What the data do not hold is said of the data held for this answer, never of the Department: what the Department holds is for the official to say."
grain = ["uin", "line"]
claim = {}

[columns]
uin = { meaning = "Number of the question" }
line = { unit = "count", meaning = "Order of the sentence" }
part = { meaning = "answer or background" }
source_name = { meaning = "Source of the sentence, where no table of the answer names it" }
measure = { meaning = "Measure" }
time_limit = { meaning = "Limit of time in the sentence" }
is_cut = { meaning = "Whether it was moved to the background because the answer is full" }
words_behind = { meaning = "Words with numbers that come from the question or the rule tables" }
fixed_words = { meaning = "Words with a number that the sentence holds" }
place_name = { meaning = "Where" }
lead_words = { meaning = "When" }
value = { meaning = "A figure of the sentence" }
value_words = { meaning = "The figure as it is said" }
counts_words = { meaning = "Counts behind it" }
numerator = { unit = "count", decimals = 1, meaning = "Count behind a share" }
denominator = { unit = "count", decimals = 1, meaning = "Count that it is a share of" }
other_place_name = { meaning = "Where the other figure is" }
before_value = { meaning = "The earlier figure, or the other one" }
before_value_words = { meaning = "As it is said" }
figures = { unit = "count", meaning = "Figures in the table" }
places = { unit = "count", meaning = "Places of them" }
change = { meaning = "Difference" }
change_percent = { unit = "%", decimals = 1, meaning = "Size of the difference as a share of the earlier figure" }
change_low = { unit = "score", decimals = 2, meaning = "Low end of its interval" }
change_high = { unit = "score", decimals = 2, meaning = "High end of it" }
confidence_level = { unit = "fraction", decimals = 0, meaning = "Level of the interval" }
before_lead_words = { meaning = "The earlier time" }
before_counts_words = { meaning = "Counts behind it" }
periods_held = { unit = "count", meaning = "Periods in the table" }
asked_words = { meaning = "Period asked for" }
first_words = { meaning = "First period held" }
last_words = { meaning = "Last period held" }
closed_on = { meaning = "Day on which an organisation closed" }
quarter = { meaning = "Latest quarter of the trust type" }
segment = { unit = "segment", meaning = "Segment" }
average_score = { unit = "score", decimals = 2, meaning = "Average metric score" }
rank = { unit = "rank", meaning = "Rank" }
trusts = { unit = "count", meaning = "Trusts counted" }
rank_low = { unit = "rank", meaning = "Best end of its range" }
rank_high = { unit = "rank", meaning = "Worst end of its range" }
best = { unit = "segment", meaning = "Best segment or score" }
segment_by_score = { unit = "segment", meaning = "Segment that the score alone gives" }
level = { unit = "fraction", decimals = 0, meaning = "Level of sets and intervals" }
trusts_in_table = { unit = "count", meaning = "Trusts in the published tables" }
segment_1 = { unit = "count", meaning = "Trusts in segment 1" }
segment_2 = { unit = "count", meaning = "Trusts in segment 2" }
segment_3 = { unit = "count", meaning = "Trusts in segment 3" }
segment_4 = { unit = "count", meaning = "Trusts in segment 4" }
best_segment = { unit = "segment", meaning = "Number of the best segment" }
second_segment = { unit = "segment", meaning = "Number of the second" }
third_segment = { unit = "segment", meaning = "Number of the third" }
fourth_segment = { unit = "segment", meaning = "Number of the fourth" }
held_by_override = { unit = "count", meaning = "Trusts in a worse segment than their score gives" }
wide_ranges = { unit = "count", meaning = "Trusts whose published likely range covers at least half of the table" }
ranges_published = { unit = "count", meaning = "Trusts with a published likely range" }
median_range_width = { unit = "places", decimals = 0, meaning = "Median width of those ranges" }
share_told_apart = { unit = "fraction", decimals = 0, meaning = "Share of the pairs of trusts that can be told apart" }
previous_quarter = { meaning = "The quarter before" }
better_segment = { unit = "count", meaning = "Trusts in a better segment than before" }
worse_segment = { unit = "count", meaning = "Trusts in a worse segment than before" }
real_changes = { unit = "count", meaning = "Trusts whose average really changed" }
partly_unmeasured = { unit = "count", meaning = "Of those, resting at least in part on metrics without a model of chance" }
lowest = { unit = "fraction", decimals = 1, meaning = "Lowest productivity growth" }
highest = { unit = "fraction", decimals = 1, meaning = "Highest productivity growth" }
median = { unit = "fraction", decimals = 1, meaning = "Growth of the middle trust" }
low = { meaning = "Another" }
high = { meaning = "Another" }
period_words = { meaning = "Another period" }
number = { unit = "count", meaning = "A count of the sentence" }
other_number = { unit = "count", meaning = "Another" }
share = { unit = "fraction", decimals = 0, meaning = "A share of the sentence" }
correlation = { unit = "correlation", decimals = 2, meaning = "Correlation with growth in the next period" }
correlation_low = { unit = "correlation", decimals = 2, meaning = "Low end of its interval" }
correlation_high = { unit = "correlation", decimals = 2, meaning = "High end of it" }
told_apart_percent = { unit = "%", decimals = 0, meaning = "The same in per cent" }
changed_segment = { unit = "count", meaning = "Trusts in another segment than before" }
expected_segment_changes = { unit = "count", decimals = 0, meaning = "Segments that chance alone would change" }
no_clear_change = { unit = "count", meaning = "Trusts whose average shows no clear change" }
top_chance_low = { unit = "count", meaning = "Low end of the middle 95% of drawing lots" }
top_chance_high = { unit = "count", meaning = "High end of the middle 95% of drawing lots" }
bottom_now = { unit = "count", meaning = "Of the top quarter, in the bottom quarter of the next period" }
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
SELECT uin FROM question_readings WHERE form <> 'not recognised' AND words_unread IS NULL AND uin NOT IN (SELECT uin FROM claim_answers WHERE part = 'answer')
"""

[[tests]]
check = "sql"
name = "nothing is answered while words of the question are unread"
query = "SELECT uin, line FROM claim_answers WHERE part = 'answer' AND uin IN (SELECT uin FROM question_readings WHERE words_unread IS NOT NULL)"

[determinism]
list = "numbers are put in the order of the numbers themselves"
window = "rows that tie in all of these say the same sentence"
*/
WITH fixed AS (
    SELECT
        uin, measure, measure_order, 0 AS line, 'answer' AS part, true AS holds, answer_measures.time_limit, answer_measures.fixed_words,
        'The published data held for this answer do not include '
            || CASE WHEN not_held THEN short_words WHEN measure = 'productivity' THEN 'growth in productivity of regions or integrated care boards' ELSE 'this' END || '.' AS statement
    FROM question_readings
    LEFT JOIN answer_measures USING (measure, measure_order)
    WHERE form = 'not held'
    UNION ALL BY NAME
    SELECT uin, measure, measure_order, 1 AS line, 'answer' AS part, true AS holds, answer_measures.time_limit, answer_measures.fixed_words, coalesce(nearest_words, 'Growth is held for single acute trusts.') AS statement
    FROM question_readings
    JOIN answer_measures USING (measure, measure_order)
    WHERE form = 'not held' AND (nearest_words IS NOT NULL OR measure = 'productivity')
    UNION ALL BY NAME
    SELECT
        uin, min(measure) AS measure, 0 AS measure_order, 0 AS line, 'answer' AS part, true AS holds,
        CASE WHEN bool_and(divisions_published)
            THEN 'The figures made for this answer are not divided by ' || replace(min(divisions), '; ', ' or by ') || ', though the publication is.'
            ELSE 'The published data held for this answer do not divide these figures by ' || replace(min(divisions), '; ', ' or by ') || '.'
        END AS statement
    FROM question_readings
    WHERE form = 'division not held'
    GROUP BY uin
    UNION ALL BY NAME
    SELECT
        uin, min(measure) AS measure, 0 AS measure_order, 0 AS line, 'answer' AS part, true AS holds, min(other_limit) AS words_behind,
        'The figures made for this answer do not count waits by a limit of ' || min(other_limit) || '.' AS statement
    FROM question_readings
    WHERE form = 'limit not held'
    GROUP BY uin
    UNION ALL BY NAME
    SELECT
        question_readings.uin, min(question_readings.measure) AS measure, 0 AS measure_order, 1 AS line, 'answer' AS part, true AS holds,
        array_to_string(list_transform(list(DISTINCT CAST(split_part(answer_measures.time_limit, ' ', 1) AS INTEGER) ORDER BY CAST(split_part(answer_measures.time_limit, ' ', 1) AS INTEGER)), lambda many: many || ' ' || split_part(min(other_limit), ' ', 2)), ', ') AS words_behind,
        'The limits in ' || split_part(min(other_limit), ' ', 2) || ' that they count are: '
            || array_to_string(list_transform(list(DISTINCT CAST(split_part(answer_measures.time_limit, ' ', 1) AS INTEGER) ORDER BY CAST(split_part(answer_measures.time_limit, ' ', 1) AS INTEGER)), lambda many: many || ' ' || split_part(min(other_limit), ' ', 2)), ', ') || '.' AS statement
    FROM question_readings
    JOIN answer_measures ON split_part(answer_measures.time_limit, ' ', 2) = split_part(question_readings.other_limit, ' ', 2)
    WHERE form = 'limit not held' AND answer_measures.from_metric IS NOT NULL
        AND other_limit NOT IN (SELECT time_limit FROM answer_measures WHERE time_limit IS NOT NULL)
    GROUP BY question_readings.uin
    UNION ALL BY NAME
    SELECT uin, min(measure) AS measure, 0 AS measure_order, 0 AS line, 'answer' AS part, true AS holds, 'The information requested could only be obtained at disproportionate cost.' AS statement
    FROM question_readings
    WHERE form = 'disproportionate cost'
    GROUP BY uin
    UNION ALL BY NAME
    SELECT
        uin, 'none' AS measure, 0 AS measure_order, -10 AS line, 'background' AS part, true AS holds, min(words_unread) AS words_behind,
        'What follows leaves these words of the question out, and is no answer to it: ' || min(words_unread) || '.' AS statement
    FROM question_readings
    WHERE form <> 'not recognised' AND words_unread IS NOT NULL
    GROUP BY uin
    UNION ALL BY NAME
    SELECT
        question_places.uin, 'none' AS measure, 0 AS measure_order, place_order AS line, 'answer' AS part, place_name, true AS holds,
        'The health service in ' || place_name || ' is a devolved matter, and the published data held for this answer are about England.' AS statement
    FROM question_places
    WHERE place_kind = 'nation'
),

-- The same figures without the division that the data do not have: the nearest thing held.
nearest AS (
    SELECT
        answer_values.uin, answer_values.measure, answer_values.measure_order, 1 + row_number() OVER (PARTITION BY answer_values.uin, answer_values.measure ORDER BY place_order, place_kind, place_code, period_start, period_end) AS line, 'answer' AS part,
        answer_measures.time_limit, answer_measures.fixed_words, place_name, lower(left(lead_words, 1)) || substr(lead_words, 2) AS lead_words, value, said_words AS value_words, said_behind_words AS counts_words, numerator, denominator, true AS holds,
        'Without that division: ' || lower(left(answer_values.lead_words, 1)) || substr(answer_values.lead_words, 2) || ', ' || sentence_words || '.' AS statement
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
),

-- However a question is worded, its draft says at least that.
at_least AS (
    SELECT * FROM lines
    UNION ALL BY NAME
    SELECT uin, min(measure) AS measure, 0 AS measure_order, 0 AS line, 'answer' AS part, true AS holds, 'The published data held for this answer give no figure for the question as it is worded.' AS statement
    FROM question_readings
    WHERE uin NOT IN (SELECT uin FROM lines WHERE part = 'answer')
    GROUP BY uin
    HAVING bool_and(form <> 'not recognised')
),

-- A sentence that two measures share is said once, at its last place; in the answer rather than in the background.
said_once AS (
    SELECT *
    FROM at_least
    QUALIFY row_number() OVER (PARTITION BY uin, statement ORDER BY part, measure_order DESC, line DESC, measure) = 1
),

-- What goes over the word limit is background.
measured AS (
    SELECT
        said_once.*,
        sum(CASE WHEN part = 'answer' THEN len(regexp_split_to_array(trim(statement), '\s+')) ELSE 0 END)
            OVER (PARTITION BY said_once.uin ORDER BY measure_order, line, statement ROWS UNBOUNDED PRECEDING) AS words_so_far,
        CASE
            WHEN questions.kind IN ('oral', 'topical') THEN parameters.answer_words_oral
            WHEN questions.house = 'Lords' THEN parameters.answer_words_lords
            ELSE parameters.answer_words_commons
        END AS word_limit
    FROM said_once
    JOIN questions ON questions.uin = said_once.uin
    CROSS JOIN parameters
)

SELECT
    uin,
    row_number() OVER (PARTITION BY uin ORDER BY measure_order, line, statement) AS line,
    * EXCLUDE (uin, line, measure_order, words_so_far, word_limit) REPLACE (
        -- An answer that leaves words of the question out is none: it is background for the official.
        CASE WHEN part = 'answer' AND (words_so_far > word_limit OR uin IN (SELECT uin FROM question_readings WHERE words_unread IS NOT NULL)) THEN 'background' ELSE part END AS part
    ),
    part = 'answer' AND words_so_far > word_limit AS is_cut
FROM measured
ORDER BY uin, line
