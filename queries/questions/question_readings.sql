/*
title = "How each question is read"
description = "For each measure of a question, the form of answer that its words call for. The form that the row names comes first: that an answer would be at disproportionate cost is never decided here. Then whatever keeps the data from answering: no measure, place or period recognised, a division or a limit of time that is not in the data. A form says nothing yet about whether the figures are there."
grain = ["uin", "measure"]

[columns]
uin = { meaning = "Number of the question" }
measure = { meaning = "Measure; 'none' where none was recognised" }
measure_order = { unit = "count", meaning = "Order of the measure in the answer" }
form = { meaning = "Form of the answer" }
from_metric = { meaning = "Metric that the measure is taken from" }
takes = { meaning = "value, complement or denominator" }
is_stock = { meaning = "Whether it stands at the end of a period" }
is_average = { meaning = "Whether it is averaged over periods in place of being added" }
wants = { meaning = "How figures of periods are wanted: value, change or series" }
asks_change = { meaning = "Whether a change is asked for" }
asks_ranking = { meaning = "Whether an order is asked for" }
asks_persistence = { meaning = "Whether it is asked if something lasts" }
asks_override = { meaning = "Whether it asks about trusts held back by the financial override" }
asks_list = { meaning = "Whether it asks for names" }
asks_meeting = { meaning = "Whether it asks which or how many met a standard" }
list_asked = { unit = "count", meaning = "How many names it asks for" }
divisions_published = { meaning = "Whether the publications divide by all divisions asked for" }
from_framework = { meaning = "Metric of the oversight framework that the measure is taken from" }
asks_policy = { meaning = "Whether it asks for steps, plans or an assessment" }
asks_count = { meaning = "Whether it asks how many, and for no share" }
asks_years = { meaning = "Whether a figure of each year is asked for" }
asks_quarters = { meaning = "Whether a figure of each quarter is asked for" }
asks_end = { meaning = "Whether the top or the bottom of an order is asked for" }
asks_each = { meaning = "Whether a figure of each trust is asked for" }
order_asked = { meaning = "Which end of an order is asked for: worst, best, highest or lowest" }
asks_move = { meaning = "Whether it asks how many moved between segments" }
segment_asked = { meaning = "The segment whose trusts are asked for" }
divisions = { meaning = "Divisions asked for that the data do not have" }
other_limit = { meaning = "A limit of time that is not counted" }
places_unread = { meaning = "Places that were not recognised" }
periods_unread = { meaning = "Words for a time that were not understood" }
asked_of = { meaning = "Whom the question is put to, where it is not the department that answers here" }
words_unread = { meaning = "Words that played no part in the reading: with any, the official answers" }
places = { unit = "count", meaning = "Places that were recognised" }

[[tests]]
check = "sql"
name = "every form has its words"
query = "SELECT uin, form FROM question_readings WHERE form NOT IN (SELECT form FROM answer_forms)"

[[tests]]
check = "sql"
name = "what was not recognised is never answered with figures"
where = "(measure = 'none' OR asked_of IS NOT NULL OR places_unread IS NOT NULL OR periods_unread IS NOT NULL) AND form IN ('value', 'change', 'series', 'ranking', 'variation', 'position', 'segments', 'framework', 'productivity', 'national productivity')"

[[tests]]
check = "sql"
name = "disproportionate cost is decided by the row alone"
query = """
SELECT uin FROM question_readings JOIN questions USING (uin)
WHERE (form = 'disproportionate cost') <> coalesce(questions.answer_form = 'disproportionate cost', false)
"""
*/
WITH places AS (
    SELECT
        uin,
        string_agg(place_code, '; ' ORDER BY place_order, place_code) FILTER (place_kind = 'not recognised') AS places_unread,
        count(*) FILTER (place_kind <> 'not recognised') AS places,
        bool_and(place_kind = 'nation') AS is_elsewhere,
        bool_or(place_kind = 'trust') AS has_trust,
        bool_or(place_kind IN ('board', 'every board')) AS has_board,
        bool_or(place_kind IN ('region', 'every region')) AS has_region,
        bool_or(place_kind = 'every trust') AS has_every_trust
    FROM question_places
    GROUP BY uin
),

periods AS (
    SELECT
        uin,
        string_agg(words, '; ' ORDER BY ask_order) FILTER (ask = 'not understood') AS periods_unread,
        bool_or(ask IN ('between', 'since')) AS is_between,
        count(*) AS asks
    FROM question_periods
    GROUP BY uin
),

-- A question that names a measure and what it divides into is about the measure that can be answered, if there is one.
read AS (
    SELECT
        question_measures.*,
        answer_measures.* EXCLUDE (measure, time_limit, answer_words, count_words, takes_over, country_words, behind_form, held_for, framework_decimals, framework_suffix, framework_caveat, count_short_words, short_words, nearest_words),
        places.* EXCLUDE (uin),
        periods.* EXCLUDE (uin),
        questions.answer_form,
        question_texts.asked_of,
        question_unread.words_unread
    FROM question_measures
    JOIN questions USING (uin)
    JOIN question_texts USING (uin)
    LEFT JOIN question_unread USING (uin)
    JOIN places USING (uin)
    JOIN periods USING (uin)
    LEFT JOIN answer_measures USING (measure)
)

SELECT
    uin,
    measure,
    coalesce(measure_order, 0) AS measure_order,
    CASE
        WHEN answer_form IN ('disproportionate cost', 'not recognised', 'not held') THEN answer_form
        WHEN asked_of IS NOT NULL THEN 'not recognised'
        WHEN is_elsewhere THEN 'devolved'
        -- What is not held is not held of any place.
        WHEN not_held THEN 'not held'
        WHEN places_unread IS NOT NULL OR periods_unread IS NOT NULL THEN 'not recognised'
        -- A limit that a measure counts, without the words of that measure, is no limit that is missing.
        WHEN measure = 'none' AND other_limit IS NOT NULL AND other_limit NOT IN (SELECT time_limit FROM answer_measures WHERE time_limit IS NOT NULL) THEN 'limit not held'
        WHEN measure = 'none' OR measure_order IS NULL THEN 'not recognised'
        -- A metric that is itself about children is not divided by age.
        WHEN divisions IS NOT NULL AND divisions <> coalesce(covers_division, '') THEN 'division not held'
        WHEN from_framework IS NOT NULL THEN 'framework'
        WHEN other_limit IS NOT NULL THEN 'limit not held'
        WHEN measure = 'league position' AND has_board THEN 'boards not scored'
        WHEN measure = 'productivity' AND (has_board OR has_region) THEN 'not held'
        WHEN answer_form IS NOT NULL AND (from_metric IS NULL) = (answer_form IN ('position', 'segments', 'productivity', 'national productivity', 'boards not scored')) THEN answer_form
        -- Of the tables as a whole the segments are counted, and the moves between them: no other change, and no places.
        WHEN measure = 'league position' AND NOT has_trust AND (asks_change AND NOT asks_move OR asks_end OR asks_each AND segment_asked IS NULL AND NOT asks_override) THEN 'not recognised'
        WHEN measure = 'league position' THEN CASE WHEN has_trust THEN 'position' ELSE 'segments' END
        WHEN measure = 'productivity' THEN CASE WHEN has_trust THEN 'productivity' ELSE 'national productivity' END
        WHEN asks_variation AND NOT has_trust THEN 'variation'
        WHEN has_every_trust OR (asks_ranking OR asks_meeting) AND NOT (has_trust OR has_board OR has_region) THEN 'ranking'
        WHEN asks_series THEN 'series'
        WHEN asks_change THEN 'change'
        ELSE 'value'
    END AS form,
    from_metric,
    takes,
    is_stock,
    coalesce(is_average, false) AS is_average,
    CASE WHEN asks_series THEN 'series' WHEN asks_change THEN 'change' ELSE 'value' END AS wants,
    asks_ranking,
    asks_change,
    asks_persistence,
    asks_override,
    asks_list,
    asks_meeting,
    list_asked,
    divisions_published,
    from_framework,
    asks_policy,
    asks_count,
    asks_years,
    asks_quarters,
    order_asked,
    asks_end,
    asks_each,
    asks_move,
    segment_asked,
    divisions,
    other_limit,
    places_unread,
    periods_unread,
    asked_of,
    -- What is left out of an answer at disproportionate cost, or of another country's health service, changes nothing in it.
    CASE WHEN answer_form IS NULL AND NOT is_elsewhere THEN words_unread END AS words_unread,
    places
FROM read
