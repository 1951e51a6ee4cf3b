/*
title = "Figures asked for that are not there"
description = "For each measure, place and period of a question without a figure in answer_values: what the data cover instead. 'not reported': the organisation returned the rest and not this. 'not covered': its figures begin later or end earlier. 'missing between': they begin before and end after, and have none of that time. 'never held': no figure of the measure for that place at all. 'does not add up': the measure is of single organisations and has no figure of an area."
grain = ["uin", "measure", "place_order", "place_code", "ask_order"]

[columns]
uin = { meaning = "Number of the question" }
measure = { meaning = "Measure" }
place_kind = { meaning = "trust, board, region or country" }
place_code = { meaning = "Code" }
place_name = { meaning = "Name" }
place_words = { meaning = "The place as an answer says it" }
place_order = { unit = "count", meaning = "Order of the place" }
ask_order = { unit = "count", meaning = "Order of the period asked for" }
asked_words = { meaning = "The period asked for" }
gap = { meaning = "not reported, not covered, missing between, never held or does not add up" }
first_words = { meaning = "First period held for the place" }
last_words = { meaning = "Last period held for it" }
short_words = { meaning = "The measure in words" }

[[tests]]
check = "accepted"
column = "gap"
values = ["not reported", "not covered", "missing between", "never held", "does not add up"]

[[tests]]
check = "sql"
name = "what is held is not called missing"
query = """
SELECT answer_gaps.uin, answer_gaps.measure, answer_gaps.place_code
FROM answer_gaps JOIN answer_values USING (uin, measure, place_order)
JOIN question_periods USING (uin, ask_order)
WHERE question_periods.ask IN ('at', 'span') AND answer_values.period_start <= from_date AND answer_values.period_end >= to_date
"""
*/
WITH asked AS (
    SELECT
        question_readings.uin,
        measure,
        question_readings.from_metric,
        place_kind,
        place_code,
        place_name,
        place_words,
        place_order,
        successor_code,
        ask,
        ask_order,
        words AS asked_words,
        question_periods.from_date,
        question_periods.to_date,
        question_periods.months_back,
        answer_measures.short_words,
        question_readings.wants,
        metrics.additive
    FROM question_readings
    JOIN question_places USING (uin)
    JOIN question_periods USING (uin)
    JOIN answer_measures USING (measure)
    JOIN metrics ON metrics.metric_id = question_readings.from_metric
    WHERE form IN ('value', 'change', 'series') AND place_kind IN ('trust', 'board', 'region', 'country')
),

found AS (
    SELECT
        asked.*,
        count(answer_values.uin) FILTER (
            ask NOT IN ('at', 'span') OR answer_values.period_start <= asked.to_date AND answer_values.period_end >= asked.from_date
        ) AS figures,
        count(DISTINCT answer_values.role) FILTER (answer_values.role IN ('before', 'after')) AS sides,
        bool_or(answer_values.role = 'before') AS has_before,
        bool_or(answer_values.role = 'after') AS has_after
    FROM asked
    LEFT JOIN answer_values ON answer_values.uin = asked.uin AND answer_values.measure = asked.measure
        AND answer_values.place_order = asked.place_order AND answer_values.place_kind = asked.place_kind
        AND answer_values.place_code IN (asked.place_code, asked.successor_code)
    GROUP BY ALL
),

missing AS (
    SELECT
        *,
        -- Of a change of which one end is there, the other end is what is asked for in vain.
        CASE
            WHEN ask NOT IN ('between', 'since') OR wants = 'series' OR sides = 0 AND wants <> 'change' THEN CASE WHEN ask = 'at' THEN from_date END
            WHEN has_after AND NOT coalesce(has_before, false) THEN from_date
            WHEN has_before AND NOT coalesce(has_after, false) THEN to_date
        END AS missing_date
    FROM found
    WHERE figures = 0 OR wants = 'change' AND sides < 2 OR wants = 'value' AND sides = 1 AND ask IN ('between', 'since')
),

coverage AS (
    SELECT metric_id, org_code AS place_code, min_by(period_words, (period, period_words)) AS first_words, max_by(period_words, (period, period_words)) AS last_words, min(period_start) AS first_start, max(period_start) AS last_start
    FROM metric_current
    WHERE is_main AND is_reported AND org_code IN (SELECT place_code FROM missing UNION SELECT successor_code FROM missing)
        AND metric_id IN (SELECT from_metric FROM missing)
    GROUP BY metric_id, org_code
    UNION ALL
    SELECT metric_id, 'ENG', min_by(period_words, (period, period_words)), max_by(period_words, (period, period_words)), min(period_start), max(period_start)
    FROM metric_england
    WHERE is_main AND value IS NOT NULL AND metric_id IN (SELECT from_metric FROM missing)
    GROUP BY metric_id
),

unreported AS (
    SELECT DISTINCT missing.uin, missing.measure, missing.place_code, missing.ask_order
    FROM missing
    JOIN metric_current ON metric_current.metric_id = missing.from_metric AND metric_current.org_code = missing.place_code
        AND NOT metric_current.is_reported AND metric_current.period_start <= missing.to_date AND metric_current.period_end >= missing.from_date
)

SELECT
    missing.uin,
    missing.measure,
    place_kind,
    missing.place_code,
    place_name,
    place_words,
    place_order,
    missing.ask_order,
    CASE WHEN months_back IS NOT NULL AND figures > 0 THEN 'the month ' || months_back || ' months before the latest' WHEN missing_date IS NOT NULL THEN strftime(missing_date, '%B %Y') WHEN ask = 'latest' AND figures > 0 THEN 'a year before' ELSE asked_words END AS asked_words,
    CASE
        WHEN unreported.uin IS NOT NULL THEN 'not reported'
        WHEN NOT additive AND place_kind <> 'trust' THEN 'does not add up'
        WHEN coverage.place_code IS NULL THEN 'never held'
        WHEN missing_date BETWEEN first_start AND last_start OR months_back IS NOT NULL AND figures > 0 AND last_start - to_months(CAST(months_back AS INTEGER)) >= first_start THEN 'missing between'
        ELSE 'not covered'
    END AS gap,
    CASE WHEN additive OR place_kind = 'trust' THEN first_words END AS first_words,
    CASE WHEN additive OR place_kind = 'trust' THEN last_words END AS last_words,
    short_words
FROM missing
LEFT JOIN coverage ON coverage.metric_id = missing.from_metric
    AND coverage.place_code = CASE WHEN place_kind IN ('region', 'board') THEN 'ENG' ELSE missing.place_code END
LEFT JOIN unreported ON unreported.uin = missing.uin AND unreported.measure = missing.measure
    AND unreported.place_code = missing.place_code AND unreported.ask_order = missing.ask_order
ORDER BY missing.uin, missing.measure, place_order, missing.place_code, missing.ask_order
