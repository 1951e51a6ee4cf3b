/*
title = "Sentences about league tables and productivity"
description = "What an answer says of a trust's position, of the tables as a whole, of growth in productivity, of how far trusts differ, and of boards. A rank never stands without its range: the published likely range, or the words that none is held. Counts of segments and of trusts held by the override are those of claim_top_lines. Growth is never said without its period, and never as a level."
grain = ["uin", "measure_order", "line"]

[columns]
uin = { meaning = "Number of the question" }
measure = { meaning = "Measure" }
measure_order = { unit = "count", meaning = "Order of the measure" }
line = { unit = "count", meaning = "Order of the sentence" }
part = { meaning = "answer or background" }
source_name = { meaning = "Source of the sentence, where no table of the answer names it" }
place_name = { meaning = "Trust" }
other_place_name = { meaning = "Another trust" }
quarter = { meaning = "Quarter or period" }
period_words = { meaning = "Another period" }
segment = { unit = "segment", meaning = "Segment" }
segment_by_score = { unit = "segment", meaning = "Segment that the score alone gives" }
average_score = { unit = "score", decimals = 2, meaning = "Average metric score" }
rank = { unit = "rank", meaning = "Rank" }
rank_low = { unit = "rank", meaning = "Best end of its range" }
rank_high = { unit = "rank", meaning = "Worst end of its range" }
trusts = { unit = "count", meaning = "Trusts in the table" }
best = { unit = "segment", meaning = "Best segment or score" }
value = { meaning = "A figure of the sentence" }
low = { meaning = "Another" }
high = { meaning = "Another" }
number = { unit = "count", meaning = "A count of the sentence" }
other_number = { unit = "count", meaning = "Another" }
share = { unit = "fraction", decimals = 0, meaning = "A share of the sentence" }
level = { unit = "fraction", decimals = 0, meaning = "Level of sets and intervals" }
time_limit = { meaning = "Limit of time in the sentence" }
fixed_words = { meaning = "Words with a number that the sentence holds" }
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
confidence_level = { unit = "fraction", decimals = 0, meaning = "Level of the interval" }
previous_quarter = { meaning = "The quarter before" }
better_segment = { unit = "count", meaning = "Trusts in a better segment than before" }
worse_segment = { unit = "count", meaning = "Trusts in a worse segment than before" }
real_changes = { unit = "count", meaning = "Trusts whose average really changed" }
partly_unmeasured = { unit = "count", meaning = "Of those, resting at least in part on metrics without a model of chance" }
lowest = { unit = "fraction", decimals = 1, meaning = "Lowest productivity growth" }
highest = { unit = "fraction", decimals = 1, meaning = "Highest productivity growth" }
median = { unit = "fraction", decimals = 1, meaning = "Growth of the middle trust" }
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
asked_words = { meaning = "A figure as the sentence gives it" }
holds = { meaning = "Whether the numbers give the sentence again" }
statement = { meaning = "The sentence" }

[[tests]]
check = "not_null"
columns = ["statement", "part"]

[[tests]]
check = "sql"
name = "no rank stands without its range, or the words that there is none"
where = "regexp_matches(statement, 'ranked [0-9]|[0-9](st|nd|rd|th) of') AND NOT regexp_matches(statement, 'range|confidence set|from the highest')"

[[tests]]
check = "sql"
name = "growth is not called a level"
where = "regexp_matches(lower(statement), 'most productive|least productive')"

[determinism]
window = "a trust has one position in a quarter, and a question one row for each place and period: their grains, which are tested"
*/
WITH positions AS (
    SELECT
        answer_positions.*,
        question_readings.measure,
        question_readings.measure_order,
        4 * row_number() OVER (PARTITION BY uin ORDER BY place_order, quarter_order) AS place_in_list,
        row_number() OVER (PARTITION BY uin, place_order ORDER BY quarter_order) = 1 AS is_first
    FROM answer_positions
    JOIN question_readings USING (uin)
    WHERE form = 'position'
),

positioned AS (
    SELECT
        uin, measure, measure_order, place_in_list AS line, 'answer' AS part,
        trust_name AS place_name, quarter, adjusted_segment AS segment, average_score, league_rank AS rank, trusts_in_table AS trusts, rank_range_low AS rank_low, rank_range_high AS rank_high,
        1 AS best,
        adjusted_segment IS NOT NULL AND league_rank BETWEEN 1 AND trusts_in_table AND coalesce(rank_range_low <= rank_range_high, true) AS holds,
        CASE
            WHEN is_first THEN 'In ' || quarter || ', ' || trust_name || ' was in segment ' || adjusted_segment || ' of the NHS Oversight Framework (1 is best), with an average metric score of '
            ELSE 'In ' || quarter || ' it was in segment ' || adjusted_segment || ', with an average metric score of '
        END
            || printf('%.2f', average_score) || ', and ranked ' || league_rank
            || CASE WHEN league_rank % 100 BETWEEN 11 AND 13 THEN 'th' WHEN league_rank % 10 = 1 THEN 'st' WHEN league_rank % 10 = 2 THEN 'nd' WHEN league_rank % 10 = 3 THEN 'rd' ELSE 'th' END
            || ' of ' || trusts_in_table || ' ' || kind
            || CASE
                WHEN rank_range_low IS NOT NULL THEN '; the likely range that NHS England published with the rank is ' || rank_range_low || ' to ' || rank_range_high || '.'
                ELSE '; no likely range of the rank is in the files held for this quarter.'
            END AS statement
    FROM positions
    -- Of several quarters the first and the last are said; the table has each.
    WHERE is_first OR is_last
    UNION ALL BY NAME
    -- The quarter asked for is not held: said first, so that the figures are not taken for it.
    SELECT
        uin, measure, measure_order, place_in_list - 1 AS line, 'answer' AS part, trust_name AS place_name, asked_words AS quarter, quarter AS period_words, NOT is_asked AS holds,
        'No position of ' || trust_name || ' for ' || asked_words || ' is in the data held for this answer; that for ' || quarter || ' follows.' AS statement
    FROM positions
    WHERE NOT is_asked
),

held AS (
    SELECT
        uin, measure, measure_order, place_in_list + 1 AS line, 'answer' AS part,
        trust_name AS place_name, quarter, segment_by_score, adjusted_segment AS segment, segment_by_score < adjusted_segment AS holds,
        'Its score alone gives segment ' || segment_by_score || ': '
            || CASE WHEN override_applies THEN 'the financial override holds it in segment ' || adjusted_segment || '.'
                ELSE 'that it is in segment ' || adjusted_segment || ' is taken to be the financial override, whose flag is not in the files held for this quarter.' END AS statement
    FROM positions
    WHERE held_by_override AND is_last
),

surest AS (
    SELECT
        positions.uin, positions.measure, positions.measure_order, place_in_list + 2 AS line, 'background' AS part,
        positions.trust_name AS place_name, quarter, rank_sets.confidence_level AS level, rank_sets.rank_best AS rank_low, rank_sets.rank_worst AS rank_high, positions.trusts_in_table AS trusts,
        rank_sets.rank_best <= positions.league_rank AND positions.league_rank <= rank_sets.rank_worst AS holds,
        'The ' || printf('%.0f', 100 * rank_sets.confidence_level) || '% confidence set of its rank in ' || quarter || ' is ' || rank_sets.rank_best || ' to ' || rank_sets.rank_worst || ' of ' || positions.trusts_in_table
            || ': it counts chance in the measures that can be modelled, and takes the override to stay as it is.' AS statement
    FROM positions
    JOIN rank_sets USING (quarter, trust_code)
),

unranked AS (
    SELECT
        question_readings.uin, measure, measure_order, 1000 + question_places.place_order AS line, 'answer' AS part, question_places.place_name, true AS holds,
        'The league tables held for this answer have no position of ' || question_places.place_name || '.' AS statement
    FROM question_readings
    JOIN question_places USING (uin)
    LEFT JOIN answer_positions USING (uin, place_order)
    WHERE form = 'position' AND place_kind = 'trust' AND answer_positions.uin IS NULL
),

-- Of several times asked for, those of which no position is held.
unplaced AS (
    SELECT
        question_readings.uin, measure, measure_order, 1100 + 10 * question_places.place_order + question_periods.ask_order AS line, 'answer' AS part,
        question_places.place_name, question_periods.words AS asked_words, true AS holds,
        CASE
            WHEN question_periods.ask IN ('at', 'span') THEN 'No position of ' || question_places.place_name || ' for ' || question_periods.words || ' is in the data held for this answer.'
            ELSE 'Earlier positions of ' || question_places.place_name || ' in the time asked for (' || question_periods.words || ') are not in the data held for this answer.'
        END AS statement
    FROM question_readings
    JOIN question_places USING (uin)
    JOIN question_periods USING (uin)
    JOIN (
        -- The number of a quarter is four times the year it starts in, and its place in it.
        SELECT uin, place_order, min(first_day) AS first_day, list(first_day ORDER BY first_day) AS first_days
        FROM (
            SELECT uin, place_order, CAST(make_date(CAST((quarter_order - 1) // 4 AS BIGINT), 4, 1) + to_months(CAST(3 * ((quarter_order - 1) % 4) AS INTEGER)) AS DATE) AS first_day
            FROM answer_positions
            WHERE is_asked
        )
        GROUP BY uin, place_order
    ) AS placed USING (uin, place_order)
    WHERE form = 'position' AND place_kind = 'trust'
        AND CASE
            WHEN question_periods.ask IN ('at', 'span') THEN len(list_filter(first_days, lambda day: day BETWEEN question_periods.from_date - INTERVAL 2 MONTH AND question_periods.to_date)) = 0
            ELSE question_periods.ask IN ('between', 'since') AND first_day > question_periods.from_date
        END
),

-- How many trusts the publisher puts in each band of deaths.
bands AS (
    SELECT
        question_readings.uin, question_readings.measure, question_readings.measure_order, 0 AS line, 'answer' AS part, counted.period_words AS quarter, counted.trusts, counted.above AS number, counted.below AS other_number,
        above + below <= trusts AS holds,
        'In ' || counted.period_words || ' NHS England puts ' || above || ' of ' || trusts || ' trusts in the band "higher than expected", ' || below || ' in "lower than expected" and ' || trusts - above - below || ' in "as expected".' AS statement,
        CAST(trusts - above - below AS DOUBLE) AS value,
        'shmi_counts' AS source_name
    FROM question_readings
    CROSS JOIN (
        SELECT period_words, count(*) AS trusts, count(*) FILTER (shmi_banding = 1) AS above, count(*) FILTER (shmi_banding = 3) AS below
        FROM shmi_counts
        JOIN metric_current ON metric_current.metric_id = 'shmi' AND metric_current.org_code = shmi_counts.org_code AND is_main AND is_latest_period
            AND metric_current.period_start = CAST(left(shmi_counts.period, 7) || '-01' AS DATE)
        WHERE shmi_banding IS NOT NULL
        GROUP BY period_words
    ) AS counted
    WHERE form IN ('ranking', 'variation') AND from_metric = 'shmi'
),

-- Counted again from the positions themselves.
counted AS (
    SELECT
        answer_segments.*,
        question_readings.measure,
        question_readings.measure_order,
        question_readings.segment_asked,
        question_readings.asks_override,
        question_readings.asks_list,
        3 * row_number() OVER (PARTITION BY uin ORDER BY place_code, type_order, answer_segments.trust_type) AS place_in_list,
        recounted.*
    FROM answer_segments
    JOIN question_readings USING (uin)
    CROSS JOIN LATERAL (
        SELECT
            count(*) AS in_all,
            count(*) FILTER (adjusted_segment = 4) AS in_last,
            count(*) FILTER (adjusted_segment < 3) AS in_first_two,
            count(*) FILTER (adjusted_segment > segment_by_score) AS in_worse,
            count(*) FILTER (adjusted_segment = segment_asked) AS in_asked
        FROM league_positions
        WHERE league_positions.quarter = answer_segments.quarter AND league_positions.trust_type = answer_segments.trust_type
            AND (answer_segments.place_code = 'ENG' OR league_positions.region = answer_segments.place_code)
    ) AS recounted
    WHERE form = 'segments' AND NOT asks_move
),

segments AS (
    SELECT
        uin, measure, measure_order, place_in_list AS line, 'answer' AS part,
        quarter, trusts_held AS trusts, trusts_in_table, segment_1, segment_2, segment_3, segment_4, 1 AS best_segment, 2 AS second_segment, 3 AS third_segment, 4 AS fourth_segment,
        in_all = trusts_held AND in_last = segment_4 AND in_first_two = segment_1 + segment_2 AS holds,
        'In ' || quarter || ', among ' || kind_words || ', ' || segment_1 || CASE WHEN segment_1 = 1 THEN ' is' ELSE ' are' END || ' in segment 1 (best), '
            || segment_2 || ' in segment 2, ' || segment_3 || ' in segment 3 and ' || segment_4 || ' in segment 4.' AS statement
    FROM counted
    WHERE is_counted AND segment_asked IS NULL AND NOT (asks_override AND asks_list)
    UNION ALL BY NAME
    SELECT
        uin, measure, measure_order, place_in_list AS line, 'answer' AS part,
        quarter, trusts_held AS trusts, trusts_in_table, segment_asked AS segment, in_asked AS number, in_all = trusts_held AS holds,
        'In ' || quarter || ', among ' || kind_words || ', ' || in_asked || CASE WHEN in_asked = 1 THEN ' is' ELSE ' are' END || ' in segment ' || segment_asked || CASE WHEN in_asked > 0 THEN ': the table names each.' ELSE '.' END AS statement
    FROM counted
    WHERE is_counted AND segment_asked IS NOT NULL
    UNION ALL BY NAME
    -- In the answer only where the override is asked about.
    SELECT
        uin, measure, measure_order, place_in_list + 1 AS line, CASE WHEN asks_override THEN 'answer' ELSE 'background' END AS part,
        quarter, trusts_held AS trusts, held_by_override, in_worse = held_by_override AS holds,
        CASE WHEN asks_override AND asks_list THEN 'In ' || quarter || ', of ' || trusts_held || ' ' || kind || place_words ELSE 'Of these ' || trusts_held || ' ' || kind END || ', '
            || CASE WHEN override_applies IS NULL THEN 'at least ' ELSE '' END || held_by_override || CASE WHEN held_by_override = 1 THEN ' is in a worse segment than its' ELSE ' are in a worse segment than their' END || ' score alone gives'
            || CASE WHEN override_applies IS NULL THEN ' (inferred: not every file has the flag)' ELSE '' END
            || CASE WHEN asks_override AND asks_list AND held_by_override > 0 THEN ': the table names each.' ELSE '.' END AS statement
    FROM counted
    WHERE is_counted AND segment_asked IS NULL
    UNION ALL BY NAME
    SELECT
        uin, measure, measure_order, place_in_list AS line, CASE WHEN count(*) OVER (PARTITION BY uin) = 1 THEN 'answer' ELSE 'background' END AS part,
        quarter, trusts_held AS trusts, trusts_in_table, in_all = trusts_held AS holds,
        'Of the ' || coalesce(trusts_in_table || ' ', '') || kind || place_words || ' the data held for this answer have ' || trusts_held || ' in ' || quarter || ', too few to be counted by segment.' AS statement
    FROM counted
    WHERE NOT is_counted
    UNION ALL BY NAME
    SELECT
        uin, measure, measure_order, place_in_list - 1 AS line, CASE WHEN is_counted THEN 'answer' ELSE 'background' END AS part, asked_words AS quarter, quarter AS period_words, NOT is_asked AS holds,
        'No league table of ' || kind || ' for ' || asked_words || ' is in the data held for this answer; that for ' || quarter || ' is given.' AS statement
    FROM counted
    WHERE NOT is_asked
    UNION ALL BY NAME
    SELECT
        uin, measure, measure_order,
        CAST(10 * claim_top_lines.part + claim_top_lines.line AS BIGINT) AS line,
        'answer' AS part,
        claim_top_lines.* EXCLUDE (line, part, holds, statement, about, trusts),
        claim_top_lines.trusts,
        claim_top_lines.holds,
        replace(claim_top_lines.statement, 'By the rule of this briefing', 'By the rule used here') AS statement
    FROM question_readings
    JOIN claim_top_lines ON claim_top_lines.line = 4
    WHERE form = 'segments' AND asks_move
    UNION ALL BY NAME
    SELECT question_readings.uin, measure, measure_order, 1 AS line, 'answer' AS part, true AS holds, 'The league tables held for this answer have no trust of that place or kind.' AS statement
    FROM question_readings
    LEFT JOIN answer_segments USING (uin)
    WHERE form = 'segments' AND answer_segments.uin IS NULL
),

-- Metrics of the framework, as published.
framework AS (
    SELECT
        uin, measure, measure_order, 3 * row_number() OVER (PARTITION BY uin, measure ORDER BY place_order, quarter_order) AS line, 'answer' AS part,
        place_name, quarter, figure_period AS period_words, value, answer_framework.value_words AS asked_words, answer_measures.time_limit, answer_measures.fixed_words, true AS holds,
        'In the NHS Oversight Framework for ' || quarter || CASE WHEN figure_period IS NOT NULL AND figure_period <> quarter THEN ' (figure for ' || figure_period || ')' ELSE '' END || ', ' || sentence_words || '.'
            || CASE WHEN figure_period IS NULL THEN ' ' || coalesce(framework_caveat, 'The file held does not say which period that covers.') ELSE '' END AS statement
    FROM answer_framework
    JOIN answer_measures USING (measure, measure_order)
    UNION ALL BY NAME
    SELECT
        uin, measure, measure_order, 3 * row_number() OVER (PARTITION BY uin, measure ORDER BY place_order, quarter_order) - 1 AS line, 'answer' AS part, place_name, asked_words AS quarter, quarter AS period_words, NOT is_asked AS holds,
        'No figure of this measure for ' || place_name || ' in ' || asked_words || ' is in the data held for this answer; that for ' || quarter || ' follows.' AS statement
    FROM answer_framework
    WHERE NOT is_asked
    UNION ALL BY NAME
    SELECT
        question_readings.uin, question_readings.measure, question_readings.measure_order, 300 + question_places.place_order AS line, 'answer' AS part, question_places.place_name, answer_measures.time_limit, answer_measures.fixed_words, true AS holds,
        CASE
            WHEN place_kind = 'trust' THEN 'The published data held for this answer have no figure of this measure for ' || question_places.place_name || '.'
            WHEN place_kind = 'every trust' THEN 'The figures made for this answer give this measure for trusts that are named, and do not compare trusts by it.'
            ELSE 'The published data held for this answer give this measure for single trusts, and have no figure for ' || CASE place_kind WHEN 'country' THEN 'England' WHEN 'region' THEN 'regions' WHEN 'every region' THEN 'regions' ELSE 'integrated care boards' END || '.'
        END AS statement
    FROM question_readings
    JOIN answer_measures USING (measure, measure_order)
    JOIN question_places USING (uin)
    LEFT JOIN answer_framework ON answer_framework.uin = question_readings.uin AND answer_framework.measure = question_readings.measure AND answer_framework.place_order = question_places.place_order
    WHERE form = 'framework' AND answer_framework.uin IS NULL AND place_kind <> 'not recognised'
),

boards AS (
    SELECT
        uin, measure, measure_order, 1 AS line, 'answer' AS part, framework_years.framework_year AS quarter,
        NOT icbs_scored AND NOT coalesce(icbs_ranked, false) AS holds,
        'Integrated care boards were not scored, segmented or ranked in ' || framework_years.framework_year || '.' AS statement
    FROM question_readings
    JOIN framework_years ON framework_years.framework_year = (SELECT framework_year FROM parameters)
    WHERE form = 'boards not scored' AND NOT icbs_scored
    UNION ALL
    SELECT
        uin, measure, measure_order, 2, 'answer', framework_years.framework_year, NOT icbs_scored,
        'The NHS Oversight Framework for that year applied segmentation to NHS trusts and foundation trusts only.'
    FROM question_readings
    JOIN framework_years ON framework_years.framework_year = (SELECT framework_year FROM parameters)
    WHERE form = 'boards not scored' AND NOT icbs_scored
),

growths AS (
    SELECT question_readings.uin, question_readings.measure, measure_order, place_order, asks_persistence, question_places.place_name AS asked_name, productivity_growth.* EXCLUDE (measure), claim_productivity.statement, claim_productivity.holds
    FROM question_readings
    JOIN question_places USING (uin)
    JOIN productivity_growth ON productivity_growth.trust_code = coalesce(question_places.successor_code, question_places.place_code)
    JOIN claim_productivity ON claim_productivity.trust_code = productivity_growth.trust_code
    WHERE form = 'productivity'
),

growth AS (
    SELECT
        uin, measure, measure_order, 4 * place_order - 3 AS line, 'answer' AS part, trust_name AS place_name, period AS quarter,
        productivity_growth AS value, activity_growth AS low, resource_growth AS high, growth_rank AS rank, trusts_ranked AS trusts, holds, statement
    FROM growths
    UNION ALL BY NAME
    SELECT
        uin, measure, measure_order, 4 * place_order - 2 AS line, 'answer' AS part, trust_name AS place_name, next_period AS quarter,
        next_growth AS value, next_rank AS rank, next_ranked AS trusts,
        next_rank BETWEEN 1 AND next_ranked AS holds,
        'The next published estimate is ' || CASE WHEN next_growth < 0 THEN '−' ELSE '+' END || printf('%.1f', round(abs(CAST(next_growth AS DOUBLE)) + 1e-9, 1)) || '%, for the ' || next_period || '.' AS statement
    FROM growths
    WHERE next_growth IS NOT NULL
    UNION ALL BY NAME
    SELECT uin, measure, measure_order, 4 * max(place_order) - 1 AS line, 'answer' AS part, true AS holds, 'These are estimates of growth, and not of the level of productivity; they are published without a measure of their uncertainty, and no range can be computed for a place.' AS statement
    FROM growths
    GROUP BY uin, measure, measure_order
    UNION ALL BY NAME
    SELECT
        uin, measure, measure_order, 4 * place_order AS line, 'background' AS part, trust_name AS place_name, next_period AS quarter, next_growth AS value, next_rank AS rank, next_ranked AS trusts, next_rank BETWEEN 1 AND next_ranked AS holds,
        'In the ' || next_period || ' the estimate for ' || trust_name || ' is ' || CASE WHEN next_tied > 1 THEN 'joint ' ELSE '' END || next_rank
            || CASE WHEN next_rank % 100 BETWEEN 11 AND 13 THEN 'th' WHEN next_rank % 10 = 1 THEN 'st' WHEN next_rank % 10 = 2 THEN 'nd' WHEN next_rank % 10 = 3 THEN 'rd' ELSE 'th' END
            || ' of ' || next_ranked || ', from the highest; no range can be computed for that place.' AS statement
    FROM growths
    WHERE next_rank IS NOT NULL
),

no_growth AS (
    SELECT
        uin, measure, measure_order, 4 * place_order - 3 AS line, 'answer' AS part, question_places.place_name, true AS holds,
        'Estimates of productivity growth are published for acute trusts, and none is held for ' || question_places.place_name || '.' AS statement
    FROM question_readings
    JOIN question_places USING (uin)
    WHERE form = 'productivity' AND place_kind = 'trust' AND coalesce(successor_code, place_code) NOT IN (SELECT trust_code FROM claim_productivity)
),

lasting AS (
    SELECT
        question_readings.uin, measure, measure_order, 90 AS line,
        CASE WHEN asks_persistence AND form = 'national productivity' THEN 'answer' ELSE 'background' END AS part,
        claim_persistence.period AS quarter, next_period AS period_words, pairs AS trusts, correlation AS value, correlation_low AS low, correlation_high AS high, confidence_level AS level,
        top_quarter AS number, top_again AS other_number, top_chance_low, top_chance_high, bottom_now, holds, statement
    FROM question_readings
    CROSS JOIN claim_persistence
    WHERE form IN ('productivity', 'national productivity')
),

national AS (
    SELECT
        question_readings.uin, question_readings.measure, measure_order, 1 AS line, 'answer' AS part,
        claim_top_lines.quarter, claim_top_lines.trusts, lowest AS low, highest AS high, median AS value, correlation, correlation_low, correlation_high, claim_top_lines.confidence_level AS level, claim_top_lines.holds, claim_top_lines.statement
    FROM question_readings
    JOIN claim_top_lines ON claim_top_lines.line = 5
    WHERE form = 'national productivity'
    UNION ALL BY NAME
    -- Of the next period where it is asked for.
    SELECT
        question_readings.uin, question_readings.measure, measure_order, -1 AS line,
        CASE WHEN bool_or(later.period_from <= question_periods.to_date AND later.period_to >= question_periods.from_date) THEN 'answer' ELSE 'background' END AS part,
        any_value(growths.words) AS quarter, any_value(growths.trusts) AS trusts, any_value(growths.low) AS low, any_value(growths.high) AS high, any_value(growths.middle) AS value,
        bool_and(growths.low <= growths.middle AND growths.middle <= growths.high) AS holds,
        'In the ' || any_value(growths.words) || ', estimated productivity growth ran from ' || replace(printf('%+.1f', any_value(growths.low)), '-', '−') || '% to ' || replace(printf('%+.1f', any_value(growths.high)), '-', '−') || '% across ' || any_value(growths.trusts)
            || ' acute trusts (middle trust ' || replace(printf('%+.1f', any_value(growths.middle)), '-', '−') || '%).' AS statement
    FROM question_readings
    JOIN question_periods USING (uin)
    JOIN productivity_periods AS later ON later.figure = 'next'
    CROSS JOIN (
        SELECT min(next_period) AS words, count(next_growth) AS trusts, CAST(min(next_growth) AS DOUBLE) AS low, CAST(max(next_growth) AS DOUBLE) AS high, CAST(median(next_growth) AS DOUBLE) AS middle
        FROM productivity_growth
        HAVING count(next_growth) > 0
    ) AS growths
    WHERE form = 'national productivity'
    GROUP BY question_readings.uin, question_readings.measure, measure_order
    UNION ALL BY NAME
    SELECT
        uin, measure, measure_order, 5 AS line, 'answer' AS part, number, trusts, number <= trusts AS holds,
        'Of the ' || trusts || ' estimates for the year, ' || number || CASE WHEN number = 1 THEN ' is' ELSE ' are' END || ' below zero.' AS statement
    FROM question_readings
    CROSS JOIN (SELECT count(productivity_growth) AS trusts, count(*) FILTER (productivity_growth < 0) AS number FROM productivity_growth) AS counted
    WHERE form = 'national productivity' AND trusts > 0
    UNION ALL BY NAME
    SELECT uin, measure, measure_order, 3 AS line, 'answer' AS part, least(coalesce(list_asked, listed_at_each_end), answer_table_periods) AS number, true AS holds,
        'The table names the ' || least(coalesce(list_asked, listed_at_each_end), answer_table_periods) || ' trusts at each end of the order of growth; no range can be computed for a place in it.' AS statement
    FROM question_readings
    CROSS JOIN parameters
    WHERE form = 'national productivity' AND asks_ranking
    UNION ALL BY NAME
    SELECT uin, measure, measure_order, 2 AS line, 'background' AS part, true AS holds, 'No figure for all trusts taken together is in the data held for this answer: a national figure, where one has been published, is for the official to add.' AS statement
    FROM question_readings
    WHERE form = 'national productivity'
),

spread AS (
    SELECT
        question_readings.uin, question_readings.measure, question_readings.measure_order,
        CASE trust_kind WHEN 'Acute trust' THEN 1 ELSE 10 END + row_number() OVER (PARTITION BY uin, question_readings.measure, trust_kind = 'Acute trust' ORDER BY trust_kind) AS line,
        CASE WHEN trust_kind = 'Acute trust' OR count(*) OVER (PARTITION BY uin, question_readings.measure) = 1 THEN 'answer' ELSE 'background' END AS part,
        access_variation.*,
        answer_measures.time_limit,
        answer_measures.fixed_words,
        answer_measures.answer_words,
        CASE WHEN question_readings.is_stock THEN 'At the end of ' ELSE 'In ' END || access_variation.period_words AS lead_words
    FROM question_readings
    JOIN answer_measures USING (measure)
    JOIN access_variation ON access_variation.metric_id = question_readings.from_metric
    WHERE form = 'variation' AND question_readings.takes = 'value'
),

varied AS (
    SELECT
        uin, measure, measure_order, line, part, trust_kind AS place_name, period_words AS quarter, trusts, tenth AS low, ninetieth AS high, middle AS value, time_limit, fixed_words,
        lowest <= tenth AND tenth <= middle AND middle <= ninetieth AND ninetieth <= highest AS holds,
        lead_words || ', ' || replace(replace(replace(answer_words, '{value}', 'between ' || printf('%.' || decimals || 'f', round(CAST(tenth AS DOUBLE) + 1e-9, CAST(decimals AS INTEGER))) || unit_suffix || ' and ' || printf('%.' || decimals || 'f', round(CAST(ninetieth AS DOUBLE) + 1e-9, CAST(decimals AS INTEGER))) || unit_suffix),
                '{place}', 'at eight in ten of ' || trusts || ' ' || lower(trust_kind) || 's'), '{counts}', '')
            || '; the figure of the middle trust was ' || printf('%.' || decimals || 'f', round(CAST(middle AS DOUBLE) + 1e-9, CAST(decimals AS INTEGER))) || unit_suffix || '.' AS statement
    FROM spread
    UNION ALL BY NAME
    SELECT
        uin, measure, measure_order, line + 100 AS line, part, trust_kind AS place_name, between_regions AS share, share_beyond_chance AS level, underlying_tenth AS low, underlying_ninetieth AS high,
        between_regions BETWEEN 0 AND 1 AS holds,
        CASE WHEN share_beyond_chance > 0.99 THEN 'Nearly all' ELSE printf('%.0f', 100 * share_beyond_chance) || '%' END || ' of the variance between them is more than chance explains, and '
            || CASE WHEN round(100 * between_regions) = 0 THEN 'regions differ no more than chance would make them.' ELSE printf('%.0f', 100 * between_regions) || '% of it lies between regions.' END AS statement
    FROM spread
    WHERE between_regions IS NOT NULL
    UNION ALL BY NAME
    SELECT uin, measure, measure_order, 300 AS line, 'answer' AS part, true AS holds, 'These figures show how far trusts differ. They do not show why, nor whether access is equal for people with the same need.' AS statement
    FROM spread
    GROUP BY uin, measure, measure_order
),

-- How many trusts could be first or last, as far as the figures can tell.
ranked AS (
    SELECT
        answer_orders.uin, answer_orders.measure, answer_orders.measure_order, trust_kind,
        min(answer_measures.time_limit) AS time_limit,
        min(answer_measures.fixed_words) AS fixed_words,
        CASE WHEN bool_or(by_count) AND min(answer_measures.count_words) IS NOT NULL
            THEN regexp_replace(min(answer_measures.count_words), '( \(\{share\}|, equal to ).*$', '')
            ELSE min(answer_measures.answer_words)
        END AS answer_words,
        CASE WHEN bool_or(answer_measures.is_stock) THEN 'At the end of ' ELSE 'In ' END || min(period_words) AS lead_words,
        count(*) AS trusts,
        min(ordered_by) AS low,
        max(ordered_by) AS high,
        min_by(trust_name, (ordered_by, trust_name)) AS low_name,
        max_by(trust_name, (ordered_by, trust_name)) AS high_name,
        min_by(ordered_words, (ordered_by, trust_name, ordered_words)) AS low_words,
        max_by(ordered_words, (ordered_by, trust_name, ordered_words)) AS high_words,
        min(period_words) AS period_words,
        min(asked_words) AS asked_words,
        bool_and(answer_orders.is_asked) AS is_asked,
        bool_or(by_count) AS by_count,
        count(list_best) > 0 AS has_sets,
        min(end_asked) AS end_asked,
        least(count(*), any_value(least(coalesce(question_readings.list_asked, 2 * parameters.listed_at_each_end), parameters.answer_table_periods))) AS listed,
        count(*) FILTER (list_best = 1) AS could_be_first,
        count(*) FILTER (list_worst = trusts_ranked) AS could_be_last,
        min(target_words) AS target_words,
        count(*) FILTER (meets) AS meeting,
        count(meets) AS judged,
        min(lower(trust_kind)) || 's' || min(area_words) AS kind_words,
        bool_and(is_first_kind) AS is_first_kind,
        bool_or(question_readings.asks_meeting) AS asks_meeting,
        bool_or(question_readings.asks_each) AS asks_each,
        min(parameters.answer_table_periods) AS table_holds,
        min(parameters.confidence_level) AS confidence_level
    FROM answer_orders
    JOIN question_readings USING (uin, measure)
    JOIN answer_measures USING (measure)
    CROSS JOIN parameters
    GROUP BY answer_orders.uin, answer_orders.measure, answer_orders.measure_order, trust_kind
),

ordered AS (
    SELECT
        *,
        CASE WHEN is_first_kind THEN 1 ELSE 10 END + row_number() OVER (PARTITION BY uin, measure, is_first_kind ORDER BY trust_kind) AS place_in_list,
        CASE WHEN is_first_kind THEN 'answer' ELSE 'background' END AS part
    FROM ranked
),

order_lines AS (
    SELECT
        uin, measure, measure_order, place_in_list AS line, part,
        low_name AS place_name, high_name AS other_place_name, period_words AS quarter, trusts, low, high, low_words AS asked_words, high_words AS period_words, time_limit, fixed_words, low <= high AND trusts > 1 AS holds,
        lead_words || ', ' || replace(replace(replace(answer_words, '{value}', 'from ' || low_words || ' (' || low_name || ') to ' || high_words || ' (' || high_name || ')'),
                '{place}', 'at ' || trusts || ' ' || kind_words), '{counts}', '') || '.' AS statement
    FROM ordered
    UNION ALL BY NAME
    SELECT
        uin, measure, measure_order, place_in_list + 25 AS line, part, listed AS number, trusts, listed BETWEEN 1 AND trusts AS holds,
        CASE WHEN listed = trusts THEN 'The table names all ' || trusts || ', from the ' || end_asked || CASE WHEN by_count THEN ' number.' ELSE ' figure.' END
            ELSE 'The table names the ' || listed || ' of these ' || trusts || ' with the ' || end_asked || CASE WHEN by_count THEN ' numbers' ELSE ' figures' END || ', in that order.'
        END AS statement
    FROM ordered
    WHERE end_asked IS NOT NULL AND part = 'answer'
    UNION ALL BY NAME
    SELECT
        uin, measure, measure_order, place_in_list + 26 AS line, part, trusts, trusts > table_holds AS holds,
        'The table does not give each of the ' || trusts || ', but the ends of their order.' AS statement
    FROM ordered
    WHERE asks_each AND end_asked IS NULL AND part = 'answer' AND trusts > table_holds
    UNION ALL BY NAME
    -- Of a question how many met the standard, that is the answer, and comes first.
    SELECT
        uin, measure, measure_order, place_in_list + CASE WHEN asks_meeting THEN -1 ELSE 50 END AS line, part,
        meeting AS number, trusts, target_words AS period_words, period_words AS quarter, meeting <= trusts AND judged = trusts AS holds,
        CASE WHEN asks_meeting
            THEN lead_words || ', ' || meeting || ' of ' || trusts || ' ' || kind_words || ' met the standard, or the target of the period (' || target_words || ').'
            ELSE 'Of these ' || trusts || ', ' || meeting || ' met the standard, or the target of the period (' || target_words || ').'
        END AS statement
    FROM ordered
    WHERE target_words IS NOT NULL
    UNION ALL BY NAME
    SELECT
        uin, measure, measure_order, place_in_list + 100 AS line, CASE WHEN asks_meeting THEN 'background' ELSE part END AS part,
        could_be_first AS number, could_be_last AS other_number, trusts, CAST(confidence_level AS DOUBLE) AS level, could_be_first >= 1 AND could_be_last >= 1 AND could_be_first <= trusts AS holds,
        'The order is not exact: by the ' || printf('%.0f', 100 * CAST(confidence_level AS DOUBLE)) || '% confidence sets of the ranks, ' || could_be_first || ' of the ' || trusts || ' could be first in it and ' || could_be_last || ' could be last.' AS statement
    FROM ordered
    WHERE has_sets
    UNION ALL BY NAME
    SELECT
        uin, measure, measure_order, place_in_list + 100 AS line, part, NOT has_sets AS holds,
        CASE
            WHEN by_count THEN 'A larger trust has more of whatever is counted: the order by number says nothing about how well a trust does.'
            ELSE 'No confidence set of this order is in the data held for this answer: trusts near each other in it are not to be told apart.'
        END AS statement
    FROM ordered
    WHERE NOT has_sets
    UNION ALL BY NAME
    SELECT
        uin, measure, measure_order, 0 AS line, 'answer' AS part, asked_words AS quarter, period_words, NOT is_asked AS holds,
        'No comparison of trusts for ' || asked_words || ' is in the data held for this answer; that for ' || period_words || ' is given.' AS statement
    FROM ordered
    WHERE NOT is_asked AND is_first_kind
),

unordered AS (
    SELECT
        uin, measure, measure_order, 1 AS line, 'answer' AS part, true AS holds, answer_measures.time_limit, answer_measures.fixed_words,
        'Trusts are not put in order by this measure in the data held for this answer' || coalesce(': ' || not_ranked_because, '') || '.' AS statement
    FROM question_readings
    JOIN answer_measures USING (measure, measure_order)
    LEFT JOIN trend_metrics ON trend_metrics.metric_id = answer_measures.from_metric
    WHERE form IN ('ranking', 'variation') AND (uin, measure) NOT IN (SELECT (uin, measure) FROM ranked UNION ALL SELECT (uin, measure) FROM spread)
),

-- The period asked for is not the one that is held: said, so that the figures are not taken for it.
otherwise AS (
    SELECT DISTINCT
        question_readings.uin, question_readings.measure, question_readings.measure_order, question_periods.ask_order - 20 AS line, 'answer' AS part, question_periods.words AS quarter, true AS holds,
        'Trusts are compared in the data held for this answer in the latest period alone, and not for ' || question_periods.words || '.' AS statement
    FROM question_readings
    JOIN question_periods USING (uin)
    JOIN measured_series ON measured_series.metric_id = question_readings.from_metric AND level = 'trust' AND is_latest
    WHERE form = 'variation' AND ask IN ('at', 'span', 'between', 'since')
        AND NOT (measured_series.period BETWEEN question_periods.from_date AND question_periods.to_date AND ask = 'at')
    UNION ALL BY NAME
    SELECT DISTINCT
        question_readings.uin, question_readings.measure, question_readings.measure_order, question_periods.ask_order - 20 AS line, 'answer' AS part, question_periods.words AS quarter, true AS holds,
        'No estimate for ' || question_periods.words || ' is in the data held for this answer; those held are given.' AS statement
    FROM question_readings
    JOIN question_periods USING (uin)
    WHERE form IN ('productivity', 'national productivity') AND ask IN ('at', 'span')
        AND NOT EXISTS (FROM productivity_periods WHERE period_from <= question_periods.to_date AND period_to >= question_periods.from_date AND figure <> 'later')
),

unfinal AS (
    SELECT
        question_readings.uin, measure, measure_order, 310 AS line, 'answer' AS part, min(period_words) AS quarter, true AS holds,
        'Figures for ' || min(period_words) || ' are provisional and may be revised.' AS statement
    FROM question_readings
    JOIN measured_series ON measured_series.metric_id = question_readings.from_metric AND level = 'trust' AND is_latest AND contains(status, 'provisional')
    WHERE form = 'variation' AND takes = 'value'
    GROUP BY question_readings.uin, measure, measure_order
    UNION ALL BY NAME
    SELECT uin, measure, measure_order, 310 AS line, 'answer' AS part, min(period_words) AS quarter, true AS holds,
        'Figures for ' || min(period_words) || ' are provisional and may be revised.' AS statement
    FROM answer_orders
    WHERE contains(status, 'provisional')
    GROUP BY uin, measure, measure_order
),

lines AS (
    SELECT * FROM positioned
    UNION ALL BY NAME SELECT * FROM held
    UNION ALL BY NAME SELECT * FROM surest
    UNION ALL BY NAME SELECT * FROM unranked
    UNION ALL BY NAME SELECT * FROM unplaced
    UNION ALL BY NAME SELECT * FROM bands
    UNION ALL BY NAME SELECT * FROM segments
    UNION ALL BY NAME SELECT * FROM framework
    UNION ALL BY NAME SELECT * FROM boards
    UNION ALL BY NAME SELECT * FROM growth
    UNION ALL BY NAME SELECT * FROM no_growth
    UNION ALL BY NAME SELECT * FROM lasting
    UNION ALL BY NAME SELECT * FROM national
    UNION ALL BY NAME SELECT * FROM varied
    UNION ALL BY NAME SELECT * FROM order_lines
    UNION ALL BY NAME SELECT * FROM unordered
    UNION ALL BY NAME SELECT * FROM unfinal
    UNION ALL BY NAME SELECT * FROM otherwise
)

SELECT * FROM lines
ORDER BY uin, measure_order, line
