/*
title = "Rows of the tables in answers"
description = "The figures of an answer as the rows of its table: where, what, when, the figure, what stands behind it and its status. For a measure the figures of answer_values; for a position segment, score and rank with its range; for productivity growth and its two parts; for an order of trusts both ends of it with confidence sets. Longer tables keep the first and the last periods."
grain = ["uin", "measure_order", "row_order"]

[columns]
uin = { meaning = "Number of the question" }
measure = { meaning = "Measure" }
measure_order = { unit = "count", meaning = "Order of the measure" }
row_order = { unit = "count", meaning = "Order of the row" }
place_name = { meaning = "Where" }
what = { meaning = "What the figure is" }
period_words = { meaning = "When" }
value = { meaning = "The figure" }
decimals = { meaning = "Decimals of the figure" }
unit_suffix = { meaning = "What stands after it" }
is_signed = { meaning = "Whether it is growth, and shown with its sign" }
behind_words = { meaning = "Counts or range behind it" }
behind_head = { meaning = "Heading of what stands behind it" }
bounded_value = { meaning = "The figure that the interval is of: the share, where the count is shown" }
bounded_decimals = { meaning = "Decimals of it" }
bounded_suffix = { meaning = "What stands after it" }
low = { meaning = "Low end of its interval" }
high = { meaning = "High end of it" }
status = { meaning = "Status" }
source_name = { meaning = "Source of the figure" }
other_source_name = { meaning = "Second source" }
judged_metric = { meaning = "Metric of which the figure is the latest value, or the rest of it to the whole; missing for sums, counts behind a share and areas" }
judged_code = { meaning = "Trust, or ENG, whose value it is" }

[[tests]]
check = "not_null"
columns = ["place_name", "what", "period_words", "value", "decimals", "status"]

[[tests]]
check = "sql"
name = "a rank has its range, or the words that there is none"
where = "what = 'League rank' AND behind_words IS NULL"

[determinism]
window = "a trust has one position in a quarter: the grain of league_positions, which is tested"
*/
WITH figures AS (
    SELECT
        answer_values.uin, measure, answer_values.measure_order,
        row_number() OVER one AS row_order,
        place_name,
        CASE WHEN leads_with_count THEN coalesce(count_short_words, answer_measures.short_words) ELSE answer_measures.short_words END AS what,
        period_words,
        -- Of a question that asks how many, the count is the figure and the share stands behind it.
        CASE WHEN leads_with_count THEN numerator ELSE value END AS value,
        CASE WHEN NOT leads_with_count THEN decimals WHEN numerator <> round(numerator) AND 2 * numerator = round(2 * numerator) AND NOT coalesce(answer_measures.is_average, false) THEN 1 ELSE 0 END AS decimals,
        CASE WHEN leads_with_count THEN '' ELSE unit_suffix END AS unit_suffix,
        false AS is_signed,
        nullif(trim(CASE WHEN leads_with_count THEN said_behind_words ELSE counts_words END, ' ()'), '') AS behind_words,
        CASE WHEN leads_with_count THEN 'Share' WHEN low IS NOT NULL THEN 'Counts' END AS behind_head,
        value AS bounded_value, decimals AS bounded_decimals, unit_suffix AS bounded_suffix, low, high,
        status,
        coalesce(source_name, (SELECT min(source) FROM metric_current WHERE metric_current.metric_id = answer_values.from_metric AND is_latest_period AND is_main)) AS source_name,
        CASE WHEN is_latest AND periods_in = 1 AND place_kind IN ('trust', 'country') AND answer_values.takes <> 'denominator' AND NOT leads_with_count THEN answer_values.from_metric END AS judged_metric,
        place_code AS judged_code
    FROM answer_values
    JOIN answer_measures USING (measure)
    CROSS JOIN parameters
    -- A change has its first and last figure, and a long series the latest periods.
    WINDOW one AS (PARTITION BY uin, measure ORDER BY place_order, place_name, period_start, place_kind, place_code, role, period_end)
    QUALIFY row_number() OVER (PARTITION BY uin, measure, place_kind, place_order, place_name ORDER BY period_end DESC, period_start, place_code, role) <= answer_table_periods
),

positions AS (
    SELECT
        answer_positions.uin, question_readings.measure, question_readings.measure_order,
        3 * row_number() OVER (PARTITION BY answer_positions.uin, facts.place ORDER BY place_order, quarter_order) - 3 + facts.place AS row_order,
        trust_name AS place_name,
        facts.what,
        quarter AS period_words,
        CASE facts.place WHEN 1 THEN adjusted_segment WHEN 2 THEN average_score ELSE league_rank END AS value,
        CASE facts.place WHEN 2 THEN 2 ELSE 0 END AS decimals,
        '' AS unit_suffix,
        false AS is_signed,
        CASE facts.place
            WHEN 1 THEN 'segment ' || segment_by_score || ' by score alone'
            WHEN 2 THEN CASE WHEN score_range_low IS NULL THEN 'no likely range in the files' ELSE 'likely range ' || printf('%.2f', score_range_low) || ' to ' || printf('%.2f', score_range_high) END
            ELSE 'of ' || trusts_in_table || CASE WHEN rank_range_low IS NULL THEN '; no likely range in the files' ELSE '; likely range ' || rank_range_low || ' to ' || rank_range_high END
        END AS behind_words,
        (SELECT min(source_files.status) FROM source_files WHERE source = CASE basis WHEN 'official' THEN 'nof_data' ELSE 'nof_extract_league' END) AS status,
        CASE basis WHEN 'official' THEN 'nof_data' ELSE 'nof_extract_league' END AS source_name,
        CASE basis WHEN 'official' THEN 'nof_league' END AS other_source_name
    FROM answer_positions
    JOIN question_readings USING (uin)
    CROSS JOIN (VALUES (1, 'Segment (1 is best)'), (2, 'Average metric score (1.00 is best)'), (3, 'League rank')) AS facts (place, what)
    WHERE form = 'position'
),

segments AS (
    SELECT
        answer_segments.uin, question_readings.measure, question_readings.measure_order,
        row_number() OVER (PARTITION BY answer_segments.uin ORDER BY place_code, type_order, answer_segments.trust_type, facts.place) AS row_order,
        upper(left(kind, 1)) || substr(kind, 2) || place_words AS place_name,
        facts.what,
        quarter AS period_words,
        CASE facts.place WHEN 1 THEN segment_1 WHEN 2 THEN segment_2 WHEN 3 THEN segment_3 WHEN 4 THEN segment_4 ELSE held_by_override END AS value,
        0 AS decimals, '' AS unit_suffix, false AS is_signed,
        CASE
            WHEN facts.place = 5 THEN CASE WHEN override_applies IS NULL THEN 'at least; inferred' ELSE 'the override applies to ' || override_applies END
            ELSE 'of ' || trusts_held || CASE WHEN is_complete OR trusts_in_table IS NULL THEN '' ELSE ' held, of ' || trusts_in_table END
        END AS behind_words,
        (SELECT min(source_files.status) FROM source_files WHERE source = CASE basis WHEN 'official' THEN 'nof_data' ELSE 'nof_extract_league' END) AS status,
        CASE basis WHEN 'official' THEN 'nof_data' ELSE 'nof_extract_league' END AS source_name,
        CASE basis WHEN 'official' THEN 'nof_league' ELSE 'nof_extract_metrics' END AS other_source_name
    FROM answer_segments
    JOIN question_readings USING (uin)
    CROSS JOIN (VALUES (1, 'Segment 1'), (2, 'Segment 2'), (3, 'Segment 3'), (4, 'Segment 4'), (5, 'Held in a worse segment than by score')) AS facts (place, what)
    WHERE form = 'segments' AND is_counted AND NOT asks_move AND segment_asked IS NULL AND NOT (asks_override AND asks_list)
),

-- "Which trusts are in segment 4?" and "Which does the override hold back?"
listed AS (
    SELECT
        answer_segments.uin, question_readings.measure, question_readings.measure_order,
        row_number() OVER (PARTITION BY answer_segments.uin ORDER BY place_code, type_order, league_rank, trust_name, trust_code) AS row_order,
        trust_name AS place_name,
        CASE WHEN segment_asked IS NULL THEN 'Segment (1 is best)' ELSE 'League rank' END AS what,
        answer_segments.quarter AS period_words,
        CASE WHEN segment_asked IS NULL THEN adjusted_segment ELSE league_rank END AS value,
        0 AS decimals, '' AS unit_suffix, false AS is_signed,
        CASE
            WHEN segment_asked IS NULL THEN 'segment ' || segment_by_score || ' by score alone'
            ELSE 'of ' || league_positions.trusts_in_table || CASE WHEN rank_range_low IS NULL THEN '; no range held' ELSE '; likely range ' || rank_range_low || ' to ' || rank_range_high END
        END AS behind_words,
        (SELECT min(source_files.status) FROM source_files WHERE source = CASE league_positions.basis WHEN 'official' THEN 'nof_data' ELSE 'nof_extract_league' END) AS status,
        CASE league_positions.basis WHEN 'official' THEN 'nof_data' ELSE 'nof_extract_league' END AS source_name,
        CASE league_positions.basis WHEN 'official' THEN 'nof_league' END AS other_source_name
    FROM answer_segments
    JOIN question_readings USING (uin)
    JOIN league_positions USING (quarter, trust_type)
    WHERE form = 'segments' AND is_counted AND league_rank IS NOT NULL AND (place_code = 'ENG' OR league_positions.region = place_code)
        AND CASE WHEN segment_asked IS NOT NULL THEN adjusted_segment = segment_asked ELSE asks_override AND asks_list AND league_positions.held_by_override END
),

framework AS (
    SELECT
        uin, answer_framework.measure, answer_framework.measure_order,
        row_number() OVER (PARTITION BY uin, answer_framework.measure ORDER BY place_order, quarter_order) AS row_order,
        place_name, answer_measures.short_words AS what,
        quarter || CASE WHEN figure_period <> quarter THEN ' (' || figure_period || ')' ELSE '' END AS period_words,
        value, decimals, unit_suffix, false AS is_signed, middle_words AS behind_words,
        (SELECT min(source_files.status) FROM source_files WHERE source = source_name) AS status,
        source_name
    FROM answer_framework
    JOIN answer_measures USING (measure)
),

growth AS (
    SELECT
        question_readings.uin, question_readings.measure, measure_order,
        4 * place_order - 4 + facts.place AS row_order,
        trust_name AS place_name,
        facts.what,
        CASE facts.place WHEN 4 THEN next_period ELSE period END AS period_words,
        CASE facts.place WHEN 1 THEN 100 * productivity_growth WHEN 2 THEN 100 * activity_growth WHEN 3 THEN 100 * resource_growth ELSE next_growth END AS value,
        1 AS decimals, '%' AS unit_suffix, true AS is_signed,
        CASE facts.place
            WHEN 1 THEN 'place ' || growth_rank || ' of ' || trusts_ranked || ' from the highest; no range can be computed'
            WHEN 4 THEN 'place ' || next_rank || ' of ' || next_ranked || ' from the highest; no range can be computed'
        END AS behind_words,
        CASE facts.place WHEN 4 THEN next_status ELSE status END AS status,
        'trust_productivity' AS source_name
    FROM question_readings
    JOIN question_places USING (uin)
    JOIN productivity_growth ON productivity_growth.trust_code = coalesce(question_places.successor_code, question_places.place_code)
    CROSS JOIN (VALUES (1, 'Growth in productivity, estimate'), (2, 'of which growth in cost-weighted activity'), (3, 'and growth in real-terms resource'), (4, 'Growth in productivity, next estimate')) AS facts (place, what)
    WHERE form = 'productivity' AND (facts.place <> 4 OR next_growth IS NOT NULL)
),

national AS (
    SELECT
        uin, measure, measure_order, facts.place AS row_order, trusts || ' acute trusts' AS place_name, facts.what, period AS period_words,
        100 * CASE facts.place WHEN 1 THEN lowest WHEN 2 THEN lower_quartile WHEN 3 THEN median WHEN 4 THEN upper_quartile ELSE highest END AS value,
        1 AS decimals, '%' AS unit_suffix, true AS is_signed, NULL AS behind_words, status, 'trust_productivity' AS source_name
    FROM question_readings
    CROSS JOIN productivity_national
    CROSS JOIN (VALUES (1, 'Lowest growth'), (2, 'Lower quartile'), (3, 'Middle trust'), (4, 'Upper quartile'), (5, 'Highest growth')) AS facts (place, what)
    WHERE form = 'national productivity'
    UNION ALL BY NAME
    -- "Which trusts had the highest growth?" An order of growth, which is no order of levels.
    SELECT
        uin, question_readings.measure, measure_order, 10 + row_number() OVER (PARTITION BY uin ORDER BY growth_rank, trust_name, trust_code) AS row_order, trust_name AS place_name, 'Growth in productivity, estimate' AS what, period AS period_words,
        100 * productivity_growth AS value, 1 AS decimals, '%' AS unit_suffix, true AS is_signed, 'place ' || growth_rank || ' of ' || trusts_ranked || ' from the highest; no range can be computed' AS behind_words, status, 'trust_productivity' AS source_name
    FROM question_readings
    CROSS JOIN productivity_growth
    CROSS JOIN parameters
    WHERE form = 'national productivity' AND asks_ranking AND (growth_rank <= least(coalesce(list_asked, listed_at_each_end), answer_table_periods) OR growth_rank > trusts_ranked - least(coalesce(list_asked, listed_at_each_end), answer_table_periods))
),

ends AS (
    SELECT
        answer_orders.uin, answer_orders.measure, answer_orders.measure_order,
        CASE WHEN end_asked IS NULL THEN best_first ELSE asked_first END AS row_order,
        trust_name AS place_name,
        answer_measures.short_words AS what,
        period_words,
        ordered_by AS value,
        decimals, unit_suffix, false AS is_signed,
        behind_words,
        CASE WHEN list_best IS NOT NULL THEN 'Place and set' WHEN by_count THEN 'Share' ELSE 'Counts' END AS behind_head,
        status, source AS source_name
    FROM answer_orders
    JOIN question_readings USING (uin, measure)
    JOIN answer_measures USING (measure)
    CROSS JOIN parameters
    -- Both ends of the order; of counts the highest, as many as the question names.
    WHERE is_first_kind AND CASE WHEN asks_each AND end_asked IS NULL AND trusts_ranked <= answer_table_periods THEN true WHEN end_asked IS NOT NULL THEN asked_first <= least(coalesce(list_asked, 2 * listed_at_each_end), answer_table_periods) ELSE best_first <= least(coalesce(list_asked, CASE WHEN by_count THEN 2 ELSE 1 END * listed_at_each_end), answer_table_periods)
        OR NOT by_count AND list_asked IS NULL AND best_first > trusts_ranked - listed_at_each_end END
),

spread AS (
    SELECT
        uin, question_readings.measure, question_readings.measure_order, facts.place AS row_order, trusts || ' ' || lower(trust_kind) || 's' AS place_name, facts.what, access_variation.period_words,
        CASE facts.place WHEN 1 THEN tenth WHEN 2 THEN middle WHEN 3 THEN ninetieth WHEN 4 THEN underlying_tenth ELSE underlying_ninetieth END AS value,
        access_variation.decimals, access_variation.unit_suffix, false AS is_signed, NULL AS behind_words,
        periods.status, periods.source AS source_name
    FROM question_readings
    JOIN access_variation ON access_variation.metric_id = question_readings.from_metric
    JOIN (SELECT metric_id, string_agg(DISTINCT status, ' and ' ORDER BY status) AS status, min(source) AS source FROM measured_series WHERE level = 'trust' AND is_latest GROUP BY metric_id) AS periods ON periods.metric_id = access_variation.metric_id
    CROSS JOIN (VALUES (1, 'One in ten trusts below'), (2, 'Middle trust'), (3, 'One in ten trusts above'), (4, 'One in ten below, chance taken out'), (5, 'One in ten above, chance taken out')) AS facts (place, what)
    WHERE form = 'variation' AND question_readings.takes = 'value'
        AND access_variation.trust_kind = (SELECT min(kinds.trust_kind) FROM access_variation AS kinds WHERE kinds.metric_id = question_readings.from_metric)
),

tables AS (
    SELECT * FROM figures
    UNION ALL BY NAME SELECT * FROM positions
    UNION ALL BY NAME SELECT * FROM segments
    UNION ALL BY NAME SELECT * FROM listed
    UNION ALL BY NAME SELECT * FROM framework
    UNION ALL BY NAME SELECT * FROM growth
    UNION ALL BY NAME SELECT * FROM national
    UNION ALL BY NAME SELECT * FROM ends
    UNION ALL BY NAME SELECT * FROM spread
)

SELECT
    uin, measure, measure_order, row_order, place_name, what, period_words, CAST(value AS DOUBLE) AS value, decimals, unit_suffix, is_signed, behind_words, coalesce(behind_head, 'Range or base') AS behind_head, CAST(bounded_value AS DOUBLE) AS bounded_value, bounded_decimals, bounded_suffix, low, high, status, source_name, other_source_name,
    judged_metric, CASE WHEN judged_metric IS NOT NULL THEN judged_code END AS judged_code
FROM tables
ORDER BY uin, measure_order, row_order
