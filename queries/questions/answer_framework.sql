/*
title = "Figures of the oversight framework that a question asks for"
description = "The value of a framework metric of each trust of a question, as published, in the quarter asked for, or, where that is not held, in the latest that is, which is said. What months a value counts is said where the file says it, and otherwise that it does not."
grain = ["uin", "measure", "place_order", "quarter"]

[columns]
uin = { meaning = "Number of the question" }
measure = { meaning = "Measure" }
measure_order = { unit = "count", meaning = "Order of the measure" }
place_order = { unit = "count", meaning = "Order of the trust" }
trust_code = { meaning = "Organisation code" }
place_name = { meaning = "Name" }
quarter = { meaning = "Quarter of the framework in which the value was used" }
quarter_order = { unit = "count", meaning = "Number that puts quarters in order of time" }
asked_words = { meaning = "The period as the question says it" }
is_asked = { meaning = "Whether the quarter is one of those asked for" }
figure_period = { meaning = "Period of the value, in the publisher's words; missing where the file has none" }
value = { meaning = "The value" }
decimals = { meaning = "Decimals of it" }
unit_suffix = { meaning = "What stands after it" }
value_words = { meaning = "The value as a sentence gives it" }
middle_words = { meaning = "The published median of the trust type; missing where none is published" }
sentence_words = { meaning = "The sentence, without its lead" }
source_name = { meaning = "Source" }

[[tests]]
check = "sql"
name = "every value is the one published"
query = """
SELECT answer_framework.uin, answer_framework.measure FROM answer_framework
JOIN answer_measures USING (measure)
JOIN metric_scores ON metric_scores.quarter = answer_framework.quarter AND metric_scores.trust_code = answer_framework.trust_code AND metric_number = from_framework
WHERE metric_scores.value <> answer_framework.value
"""
*/
WITH held AS (
    SELECT
        question_readings.uin,
        question_readings.measure,
        question_readings.measure_order,
        question_places.place_order,
        metric_values.trust_code,
        question_places.place_name,
        question_quarters.quarter,
        question_quarters.quarter_order,
        question_quarters.asked_words,
        question_quarters.is_asked,
        question_quarters.wants_each,
        -- "Jun-25" is June 2025; whatever else the file says is left as it is.
        CASE
            WHEN regexp_full_match(reporting_date, '[A-Z][a-z]{2}-[0-9]{2}') THEN strftime(strptime('01-' || reporting_date, '%d-%b-%y'), '%B %Y')
            ELSE nullif(trim(reporting_date), '')
        END AS figure_period,
        CAST(metric_values.value AS DOUBLE) AS value,
        CAST(metric_values.published_median AS DOUBLE) AS middle,
        answer_measures.framework_decimals AS decimals,
        answer_measures.framework_suffix AS unit_suffix,
        answer_measures.answer_words,
        question_places.place_words,
        CASE metric_values.basis WHEN 'official' THEN 'nof_data' ELSE 'nof_extract_metrics' END AS source_name
    FROM question_readings
    JOIN answer_measures USING (measure)
    JOIN question_places USING (uin)
    JOIN question_quarters USING (uin)
    JOIN metric_values ON metric_values.metric_number = answer_measures.from_framework AND metric_values.quarter = question_quarters.quarter
        AND metric_values.trust_code = coalesce(question_places.successor_code, question_places.place_code)
    WHERE question_readings.form IN ('framework', 'division not held') AND place_kind = 'trust' AND metric_values.value IS NOT NULL
    WINDOW one AS (PARTITION BY question_readings.uin, question_readings.measure, place_order)
    QUALIFY is_asked = bool_or(is_asked) OVER one
        AND (is_asked AND wants_each OR question_quarters.quarter_order = coalesce(max(question_quarters.quarter_order) FILTER (is_asked) OVER one, max(question_quarters.quarter_order) OVER one))
),

worded AS (
    SELECT
        *,
        CASE WHEN value < 0 THEN '−' ELSE '' END || printf('%.' || decimals || 'f', round(abs(value) + 1e-9, CAST(decimals AS INTEGER))) || unit_suffix AS value_words
    FROM held
)

SELECT
    uin,
    measure,
    measure_order,
    place_order,
    trust_code,
    place_name,
    quarter,
    quarter_order,
    asked_words,
    is_asked,
    figure_period,
    value,
    decimals,
    unit_suffix,
    value_words,
    'median of its type ' || CASE WHEN middle < 0 THEN '−' ELSE '' END || printf('%.' || decimals || 'f', round(abs(middle) + 1e-9, CAST(decimals AS INTEGER))) || unit_suffix AS middle_words,
    replace(replace(answer_words, '{value}', value_words), '{place}', place_words) AS sentence_words,
    source_name
FROM worded
ORDER BY uin, measure_order, measure, place_order, quarter_order, quarter
