/*
title = "Questions and their draft answers"
description = "One row for each question: what was asked, when the answer is due, how the question was read and what was not understood, and how long the draft is. A draft is an official's to complete until the row of the question says that it is cleared."
grain = ["uin"]

[columns]
uin = { meaning = "Number of the question" }
house = { meaning = "House" }
kind = { meaning = "named day, ordinary, oral or topical" }
kind_words = { meaning = "Kind of question in words" }
is_oral = { meaning = "Whether it is answered in the chamber" }
asked_on = { meaning = "Day on which it was tabled" }
due_on = { meaning = "Day on which the answer is due" }
due_words = { meaning = "When the answer is due, and by what rule" }
member = { meaning = "Member who asks" }
constituency = { meaning = "The member's constituency" }
minister = { meaning = "Minister who answers" }
question = { meaning = "The question" }
topic = { meaning = "Subject" }
form_words = { meaning = "How the question was read" }
asks_policy = { meaning = "Whether steps, plans, reasons or an assessment are asked for, which figures do not answer" }
is_understood = { meaning = "Whether all of it was understood" }
has_figures = { meaning = "Whether the draft gives figures" }
is_cleared = { meaning = "Whether the row of the question says that the answer is cleared" }
answered_on = { meaning = "Day on which it was answered" }
answer = { meaning = "The answer as it was given" }
marking = { meaning = "What stands over the draft" }
measures_read = { meaning = "Measures recognised" }
places_read = { meaning = "Places recognised, and how" }
periods_read = { meaning = "Periods recognised" }
referred_to = { meaning = "What the question refers to, and is read no further" }
not_read = { meaning = "What was not understood; missing where all was" }
official_words = { meaning = "What the official has to decide or add; missing where nothing is known to be missing" }
words = { unit = "count", meaning = "Words of the draft's body" }
word_limit = { unit = "count", meaning = "Most words it may have" }

[[tests]]
check = "sql"
name = "no draft is over its word limit"
where = "words > word_limit"

[[tests]]
check = "sql"
name = "every draft has a body, or says that it was not understood"
where = "words = 0 AND is_understood"

[[tests]]
check = "sql"
name = "what was not understood has no figures"
where = "NOT is_understood AND has_figures"

[[tests]]
check = "sql"
name = "every answer has the day on which it is due, and not before it was asked"
where = "due_on IS NULL OR due_on < asked_on"
severity = "warn"

[[tests]]
check = "sql"
name = "only an answer that is cleared was given"
where = "answered_on IS NOT NULL AND NOT is_cleared"
severity = "warn"

[determinism]
list = "texts are put in the order of the texts themselves"
*/
WITH read AS (
    SELECT
        question_readings.uin,
        string_agg(DISTINCT answer_forms.form_words, '; ' ORDER BY answer_forms.form_words) AS form_words,
        bool_and(form <> 'not recognised' AND words_unread IS NULL) AS is_understood,
        bool_or(form = 'not held' OR form = 'division not held' OR form = 'limit not held') AS is_not_held,
        bool_or(form = 'disproportionate cost') AS is_disproportionate,
        bool_or(form = 'boards not scored') AS is_of_boards,
        bool_or(form = 'division not held' AND divisions_published) AS is_divided_elsewhere,
        bool_or(asks_policy) AS asks_policy,
        string_agg(answer_measures.short_words, '; ' ORDER BY question_readings.measure_order, answer_measures.short_words) AS measures_read,
        nullif(concat_ws('; ',
            CASE WHEN bool_or(question_readings.measure = 'none' AND form = 'not recognised' AND places_unread IS NULL AND periods_unread IS NULL AND asked_of IS NULL) THEN 'no measure that is held' END,
            min('it is put to ' || asked_of),
            CASE WHEN bool_or(question_readings.measure = 'league position' AND form = 'not recognised' AND (asks_change OR asks_end OR asks_each) AND words_unread IS NULL AND places_unread IS NULL AND periods_unread IS NULL) THEN 'places of single trusts in the league tables as a whole, or a change that is not one of segments' END,
            string_agg(DISTINCT 'the measure "' || question_readings.measure || '"', '; ' ORDER BY 'the measure "' || question_readings.measure || '"') FILTER (question_readings.measure <> 'none' AND answer_measures.measure IS NULL),
            min('the place "' || places_unread || '"'),
            min('the time "' || periods_unread || '"'),
            min('the words "' || words_unread || '"')
        ), '') AS not_read
    FROM question_readings
    JOIN answer_forms USING (form)
    LEFT JOIN answer_measures ON answer_measures.measure = question_readings.measure
    GROUP BY question_readings.uin
),

placed AS (
    SELECT
        uin,
        string_agg(place_name || ' (' || how || ')', '; ' ORDER BY place_order, place_name || ' (' || how || ')') FILTER (place_kind <> 'not recognised') AS places_read,
        min(near_words) AS near_words
    FROM question_places
    GROUP BY uin
),

timed AS (
    SELECT uin, string_agg(words || ' (' || how || ')', '; ' ORDER BY ask_order) FILTER (ask <> 'not understood') AS periods_read
    FROM question_periods
    GROUP BY uin
),

said AS (
    SELECT
        uin,
        count(*) FILTER (part = 'answer') AS lines,
        count(*) FILTER (is_cut) AS cut,
        sum(len(regexp_split_to_array(trim(statement), '\s+'))) FILTER (part = 'answer') AS words,
        bool_or(part = 'answer' AND (value IS NOT NULL OR segment IS NOT NULL OR trusts IS NOT NULL)) AS has_figures
    FROM claim_answers
    GROUP BY uin
),

gaps AS (
    SELECT uin, count(*) AS gaps FROM answer_gaps GROUP BY uin
)

SELECT
    questions.uin,
    house,
    kind,
    CASE kind
        WHEN 'named day' THEN 'Named day question'
        WHEN 'ordinary' THEN CASE house WHEN 'Lords' THEN 'Question for written answer' ELSE 'Ordinary written question' END
        WHEN 'oral' THEN 'Oral question'
        ELSE 'Topical question'
    END AS kind_words,
    kind IN ('oral', 'topical') AS is_oral,
    asked_on,
    due_on,
    CASE
        WHEN due_on IS NULL THEN 'no day given'
        ELSE day(due_on) || strftime(due_on, ' %B %Y')
    END
        || CASE
            WHEN house = 'Lords' AND kind = 'ordinary' THEN ' (House of Lords: within 10 working days)'
            WHEN kind = 'named day' THEN ' (the day named by the member)'
            WHEN kind = 'ordinary' THEN ' (House of Commons: within five working days)'
            ELSE ' (in the chamber)'
        END AS due_words,
    member,
    constituency,
    minister,
    question,
    topic,
    read.form_words,
    coalesce(read.asks_policy, false) AS asks_policy,
    read.is_understood,
    coalesce(said.has_figures, false) AND read.is_understood AS has_figures,
    coalesce(answer_status = 'cleared', false) AS is_cleared,
    answered_on,
    answer,
    CASE
        WHEN answered_on IS NOT NULL THEN 'Answered on ' || day(answered_on) || strftime(answered_on, ' %B %Y') || '. Below: what the figures say now'
        WHEN answer_status = 'cleared' THEN 'Cleared'
        ELSE 'Draft for official to complete'
    END AS marking,
    read.measures_read,
    placed.places_read,
    timed.periods_read,
    question_texts.referred_to,
    read.not_read,
    nullif(concat_ws(
        ' ',
        'Spelt much like it: ' || placed.near_words || '.',
        CASE WHEN NOT read.is_understood THEN 'Answer it from other sources, or fill the columns organisations, metrics and periods of its row and make the draft again.' END,
        CASE WHEN is_not_held OR gaps.gaps > 0 THEN 'Say whether the Department or NHS England holds what is asked for. The draft speaks only of the publications that it is made from.' END,
        CASE WHEN is_divided_elsewhere THEN 'The publication itself divides these figures as the question asks: add them from it.' END,
        CASE WHEN is_disproportionate THEN 'Check that an estimate of the cost has been made and is above the limit; say what can be given within it.' END,
        CASE WHEN asks_policy AND read.is_understood THEN 'The question asks for steps, plans, reasons or an assessment, which figures do not answer: that is for you to write.' END,
        CASE WHEN said.cut > 0 THEN 'The answer is at its word limit: further sentences are in the background.' END,
        CASE WHEN is_of_boards THEN 'Say when boards will be scored, if that has been announced.' END
    ), '') AS official_words,
    coalesce(said.words, 0) AS words,
    CASE
        WHEN kind IN ('oral', 'topical') THEN parameters.answer_words_oral
        WHEN house = 'Lords' THEN parameters.answer_words_lords
        ELSE parameters.answer_words_commons
    END AS word_limit
FROM questions
CROSS JOIN parameters
JOIN read ON read.uin = questions.uin
JOIN question_texts ON question_texts.uin = questions.uin
LEFT JOIN placed ON placed.uin = questions.uin
LEFT JOIN timed ON timed.uin = questions.uin
LEFT JOIN said ON said.uin = questions.uin
LEFT JOIN gaps ON gaps.uin = questions.uin
ORDER BY is_oral, due_on, questions.uin
