/*
title = "Likely follow-ups"
description = "What is likely to be asked next, with an answer of one or two sentences. For a measure at a trust: England beside it, the change since a year before and whether it is more than chance, the place among trusts of its kind with its confidence set, and the standard. For a position: the last change and whether it is real. For productivity: whether growth has lasted, and that it is no level. An oral question also gets the headline measures of the trusts in the member's constituency."
grain = ["uin", "follow_order"]
claim = {}

[columns]
uin = { meaning = "Number of the question" }
follow_order = { unit = "count", meaning = "Order in the index" }
about = { meaning = "Trust and measure" }
ask = { meaning = "The likely follow-up" }
place_name = { meaning = "Trust, or England" }
period_words = { meaning = "When" }
previous_period_words = { meaning = "A year before" }
value = { meaning = "The figure" }
previous_value = { meaning = "The earlier figure" }
england_value = { meaning = "England's figure" }
change = { meaning = "Change" }
change_low = { meaning = "Low end of its interval" }
change_high = { meaning = "High end of it" }
rank = { unit = "rank", meaning = "Place" }
rank_best = { unit = "rank", meaning = "Best place of its set" }
rank_worst = { unit = "rank", meaning = "Worst place of it" }
trusts_ranked = { unit = "count", meaning = "Trusts ranked" }
target_words = { meaning = "The standard, or the target" }
short_words = { meaning = "The measure" }
confidence_level = { unit = "fraction", decimals = 0, meaning = "Level of sets and intervals" }
source_name = { meaning = "Source of the figures" }
other_source_name = { meaning = "Source of the earlier figure, where it is another" }
quarter = { meaning = "Latest quarter of the trust type" }
previous_quarter = { meaning = "The quarter before" }
previous_score = { unit = "score", decimals = 2, meaning = "Average metric score the quarter before" }
average_score = { unit = "score", decimals = 2, meaning = "Average metric score" }
score_change = { unit = "score", decimals = 2, meaning = "Change of the average; below zero is better" }
verdict = { meaning = "real change or no clear change" }
rests_on = { meaning = "What a real change rests on" }
largest_metric = { meaning = "Metric that changed the average most" }
period = { meaning = "Period" }
next_period = { meaning = "Next period" }
pairs = { unit = "count", meaning = "Trusts with both figures" }
correlation = { unit = "correlation", decimals = 2, meaning = "Correlation of growth in the two periods" }
correlation_low = { unit = "correlation", decimals = 2, meaning = "Low end of its interval" }
correlation_high = { unit = "correlation", decimals = 2, meaning = "High end of its interval" }
top_quarter = { unit = "count", meaning = "Trusts in the top quarter" }
top_again = { unit = "count", meaning = "Of those, in the top quarter of the next period" }
top_chance_low = { unit = "count", meaning = "Low end of the middle 95% of drawing lots" }
top_chance_high = { unit = "count", meaning = "High end of the middle 95% of drawing lots" }
bottom_now = { unit = "count", meaning = "Of the top quarter, in the bottom quarter of the next period" }
trusts = { unit = "count", meaning = "Trusts counted" }
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
better_segment = { unit = "count", meaning = "Trusts in a better segment than before" }
worse_segment = { unit = "count", meaning = "Trusts in a worse segment than before" }
real_changes = { unit = "count", meaning = "Trusts whose average really changed" }
partly_unmeasured = { unit = "count", meaning = "Of those, resting at least in part on metrics without a model of chance" }
lowest = { unit = "fraction", decimals = 1, meaning = "Lowest productivity growth" }
highest = { unit = "fraction", decimals = 1, meaning = "Highest productivity growth" }
median = { unit = "fraction", decimals = 1, meaning = "Growth of the middle trust" }
told_apart_percent = { unit = "%", decimals = 0, meaning = "The same in per cent" }
changed_segment = { unit = "count", meaning = "Trusts in another segment than before" }
expected_segment_changes = { unit = "count", decimals = 0, meaning = "Segments that chance alone would change" }
no_clear_change = { unit = "count", meaning = "Trusts whose average shows no clear change" }
holds = { meaning = "Whether the numbers give the answer again" }
statement = { meaning = "The answer" }

[[tests]]
check = "not_null"
columns = ["ask", "statement"]

[[tests]]
check = "sql"
name = "a place in an order has its confidence set"
where = "rank IS NOT NULL AND trusts_ranked IS NOT NULL AND NOT (contains(statement, 'confidence set') OR contains(statement, 'from the highest'))"

[determinism]
window = "rows that tie in all of these are the same sentence"
*/
WITH subjects AS (
    SELECT uin, coalesce(successor_code, place_code) AS trust_code, place_order
    FROM question_places
    WHERE place_kind = 'trust'
    UNION
    SELECT questions.uin, constituency_trusts.trust_code, 100 + row_number() OVER (PARTITION BY questions.uin ORDER BY constituency_trusts.trust_code)
    FROM questions
    JOIN constituency_trusts USING (constituency)
    WHERE questions.kind IN ('oral', 'topical')
        AND (questions.uin, constituency_trusts.trust_code) NOT IN (SELECT (uin, place_code) FROM question_places WHERE place_kind = 'trust')
),

-- The measures asked about, and for the chamber the headline ones as well.
wanted AS (
    SELECT uin, from_metric AS metric_id, min(measure_order) AS measure_order
    FROM question_readings
    WHERE from_metric IS NOT NULL AND takes = 'value' AND form IN ('value', 'change', 'series', 'division not held')
    GROUP BY uin, from_metric
    UNION
    SELECT uin, headline.metric_id, 100 + headline.place
    FROM questions
    CROSS JOIN (VALUES ('ae_4hr_all_types', 1), ('rtt_within_18wk', 2), ('cancer_62d', 3)) AS headline (metric_id, place)
    WHERE kind IN ('oral', 'topical')
        AND (uin, headline.metric_id) NOT IN (SELECT (uin, from_metric) FROM question_readings WHERE from_metric IS NOT NULL)
),

readings AS (
    SELECT
        wanted.uin,
        1000 * wanted.measure_order + 10 * subjects.place_order AS base_order,
        trust_kinds.trust_name AS place_name,
        trust_metric_summary.* EXCLUDE (metric_name),
        answer_measures.short_words,
        CAST(trust_metric_summary.decimals AS INTEGER) AS places,
        parameters.confidence_level
    FROM wanted
    JOIN subjects USING (uin)
    JOIN trust_metric_summary USING (metric_id, trust_code)
    JOIN trust_kinds USING (trust_code)
    JOIN answer_measures ON answer_measures.measure = metric_id
    CROSS JOIN parameters
    CROSS JOIN trend_settings
    -- An old figure, or one of a handful of patients, is no answer.
    WHERE trust_metric_summary.is_current AND coalesce(trust_metric_summary.denominator >= least_denominator, true)
),

written AS (
    SELECT
        *,
        CASE WHEN places = 0 THEN printf('%,d', CAST(round(value + 1e-9) AS BIGINT)) ELSE printf('%.' || places || 'f', round(CAST(value AS DOUBLE) + 1e-9, places)) END || unit_suffix AS value_words,
        CASE WHEN places = 0 THEN printf('%,d', CAST(round(previous_value + 1e-9) AS BIGINT)) ELSE printf('%.' || places || 'f', round(CAST(previous_value AS DOUBLE) + 1e-9, places)) END || unit_suffix AS previous_words,
        CASE WHEN places = 0 THEN printf('%,d', CAST(round(england_value + 1e-9) AS BIGINT)) ELSE printf('%.' || places || 'f', round(CAST(england_value AS DOUBLE) + 1e-9, places)) END || unit_suffix AS england_words,
        CASE WHEN change_low < 0 THEN '−' ELSE '+' END || CASE WHEN places = 0 THEN printf('%,d', CAST(round(abs(change_low) + 1e-9) AS BIGINT)) ELSE printf('%.' || places || 'f', round(abs(CAST(change_low AS DOUBLE)) + 1e-9, places)) END
            || ' to ' || CASE WHEN change_high < 0 THEN '−' ELSE '+' END || CASE WHEN places = 0 THEN printf('%,d', CAST(round(abs(change_high) + 1e-9) AS BIGINT)) ELSE printf('%.' || places || 'f', round(abs(CAST(change_high AS DOUBLE)) + 1e-9, places)) END AS interval_words
    FROM readings
),

of_measures AS (
    SELECT
        uin, base_order + 1 AS follow_order, place_name || ': ' || short_words AS about, 'And in England?' AS ask,
        place_name, period_words, value, england_value, short_words, source_name, value IS NOT NULL AND england_value IS NOT NULL AS holds,
        'In ' || period_words || ': ' || place_name || ' ' || value_words || ', England ' || england_words || '.' AS statement
    FROM written
    WHERE england_value IS NOT NULL
    UNION ALL BY NAME
    SELECT
        uin, base_order + 2 AS follow_order, place_name || ': ' || short_words AS about, 'Has it moved over the year?' AS ask,
        place_name, written.period_words, previous_period_words, written.value, previous_value, change, change_low, change_high, short_words, source_name, nullif(before.source, source_name) AS other_source_name, CAST(confidence_level AS DOUBLE) AS confidence_level,
        change_words = CASE WHEN change_low > 0 THEN 'rose' WHEN change_high < 0 THEN 'fell' ELSE 'no change beyond chance' END AS holds,
        CASE change_words WHEN 'rose' THEN 'It rose' WHEN 'fell' THEN 'It fell' ELSE 'No change beyond chance' END
            || ': ' || previous_words || ' in ' || previous_period_words || ', ' || value_words || ' in ' || written.period_words || ' (' || printf('%.0f', 100 * CAST(confidence_level AS DOUBLE)) || '% interval of the change ' || interval_words || ').' AS statement
    FROM written
    LEFT JOIN measured_series AS before
        ON before.metric_id = written.metric_id AND before.trust_code = written.trust_code
        AND before.period_words = written.previous_period_words
    WHERE change_low IS NOT NULL
    UNION ALL BY NAME
    SELECT
        uin, base_order + 3 AS follow_order, place_name || ': ' || short_words AS about, 'Where does it stand among trusts of its kind?' AS ask,
        place_name, period_words, metric_rank AS rank, rank_best, rank_worst, trusts_ranked, short_words, source_name, CAST(confidence_level AS DOUBLE) AS confidence_level, metric_rank BETWEEN rank_best AND rank_worst AS holds,
        'In ' || period_words || ', place ' || metric_rank || ' of ' || trusts_ranked || '; the ' || printf('%.0f', 100 * CAST(confidence_level AS DOUBLE)) || '% confidence set is ' || rank_best || ' to ' || rank_worst || '.' AS statement
    FROM written
    WHERE metric_rank IS NOT NULL AND rank_best IS NOT NULL
    UNION ALL BY NAME
    SELECT
        uin, base_order + 4 AS follow_order, place_name || ': ' || short_words AS about, 'Is the standard met?' AS ask,
        place_name, period_words, value, target_words, short_words, source_name, target IS NOT NULL AS holds,
        'The standard, or the target of the period, is ' || target_words || '; in ' || period_words || ' the figure was ' || value_words || ', which '
            || CASE WHEN better = 'high' AND value >= target OR better = 'low' AND value <= target THEN 'meets it.' ELSE 'does not meet it.' END AS statement
    FROM written
    WHERE target IS NOT NULL AND target_words IS NOT NULL
),

of_positions AS (
    SELECT
        subjects.uin, 50000 + 10 * subjects.place_order + 1 AS follow_order, changed.trust_name || ': league tables' AS about, 'Has its score really changed since the quarter before?' AS ask,
        changed.trust_name AS place_name, claim_score_change.* EXCLUDE (trust_code, holds, statement), claim_score_change.holds, claim_score_change.statement, 'nof_data' AS source_name
    FROM subjects
    JOIN question_readings ON question_readings.uin = subjects.uin AND question_readings.form IN ('position', 'productivity')
    JOIN claim_score_change USING (trust_code)
    JOIN quarter_change_confidence AS changed USING (trust_code, quarter)
),

of_growth AS (
    SELECT
        subjects.uin, 60000 + 10 * subjects.place_order + 1 AS follow_order, productivity_growth.trust_name || ': productivity' AS about, 'Has the growth lasted?' AS ask,
        productivity_growth.trust_name AS place_name, next_period AS period_words, period AS previous_period_words, next_growth AS value, 100 * productivity_growth AS previous_value,
        next_rank AS rank, next_ranked AS trusts_ranked, growth_rank AS rank_best, 'trust_productivity' AS source_name,
        next_rank BETWEEN 1 AND next_ranked AS holds,
        'The estimate for the ' || next_period || ' is ' || CASE WHEN next_growth < 0 THEN '−' ELSE '+' END || printf('%.1f', round(abs(CAST(next_growth AS DOUBLE)) + 1e-9, 1)) || '%, place ' || next_rank || ' of ' || next_ranked
            || ' from the highest; for ' || period || ' it was ' || CASE WHEN productivity_growth < 0 THEN '−' ELSE '+' END || printf('%.1f', round(abs(100 * CAST(productivity_growth AS DOUBLE)) + 1e-9, 1)) || '%, place ' || growth_rank || '. No range can be computed for these places, and neither figure says that the other will be repeated.' AS statement
    FROM subjects
    JOIN question_readings ON question_readings.uin = subjects.uin AND question_readings.form IN ('productivity', 'position')
    JOIN productivity_growth USING (trust_code)
    WHERE next_growth IS NOT NULL
    UNION ALL BY NAME
    SELECT DISTINCT
        uin, 60000 AS follow_order, 'Productivity' AS about, 'Does that make it one of the more productive trusts?' AS ask, 'trust_productivity' AS source_name, true AS holds,
        'These figures cannot say so: they are growth from one period to the next, and no level of productivity is published for trusts.' AS statement
    FROM question_readings
    WHERE form IN ('productivity', 'national productivity')
    UNION ALL BY NAME
    SELECT
        question_readings.uin, 60001 AS follow_order, 'Productivity' AS about, 'Does growth in one period go on in the next?' AS ask, 'trust_productivity' AS source_name,
        claim_persistence.* EXCLUDE (holds, statement), claim_persistence.holds, claim_persistence.statement
    FROM question_readings
    CROSS JOIN claim_persistence
    WHERE form IN ('productivity', 'national productivity')
),

of_tables AS (
    SELECT
        question_readings.uin, 70000 + claim_top_lines.line * 1000 + claim_top_lines.part AS follow_order, 'League tables' AS about,
        CASE claim_top_lines.line WHEN 3 THEN 'How sure are these ranks?' ELSE 'What has changed since the quarter before?' END AS ask, 'nof_data' AS source_name,
        claim_top_lines.* EXCLUDE (line, part, about, holds, statement), claim_top_lines.holds,
        replace(claim_top_lines.statement, 'By the rule of this briefing', 'By the rule used here') AS statement
    FROM question_readings
    JOIN claim_top_lines ON claim_top_lines.line IN (3, 4)
    WHERE form = 'segments'
),

together AS (
    SELECT * FROM of_measures
    UNION ALL BY NAME SELECT * FROM of_positions
    UNION ALL BY NAME SELECT * FROM of_growth
    UNION ALL BY NAME SELECT * FROM of_tables
)

SELECT
    uin,
    row_number() OVER (PARTITION BY uin ORDER BY follow_order, ask, about, statement) AS follow_order,
    * EXCLUDE (uin, follow_order)
FROM together
WHERE statement IS NOT NULL
ORDER BY uin, follow_order
