/*
title = "The top lines of the briefing"
description = "The sentences of the five top lines: segments, the override, ranks, movement and productivity; one for all trusts where every type's table is of one quarter, otherwise one for each type. Each is counted again from the cells below those that it quotes, and may be said only if the two agree."
grain = ["line", "part"]
claim = {}

[columns]
line = { unit = "count", meaning = "Which of the five lines" }
part = { unit = "count", meaning = "Order within the line" }
about = { meaning = "Trust type, or all trusts" }
quarter = { meaning = "Quarter" }
previous_quarter = { meaning = "The quarter before" }
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
median_places_covered = { unit = "places", decimals = 0, meaning = "Median width of the confidence sets for one trust" }
confidence_level = { unit = "fraction", decimals = 0, meaning = "Level of the confidence sets" }
better_segment = { unit = "count", meaning = "Trusts in a better segment than before" }
worse_segment = { unit = "count", meaning = "Trusts in a worse segment than before" }
ten_or_more = { unit = "count", meaning = "Trusts that moved at least as many places as the next column says" }
many_places = { unit = "places", meaning = "How many places count as many" }
real_changes = { unit = "count", meaning = "Trusts whose average really changed" }
partly_unmeasured = { unit = "count", meaning = "Of those, resting at least in part on metrics without a model of chance" }
lowest = { unit = "fraction", decimals = 1, meaning = "Lowest productivity growth" }
highest = { unit = "fraction", decimals = 1, meaning = "Highest productivity growth" }
median = { unit = "fraction", decimals = 1, meaning = "Growth of the middle trust" }
negative = { unit = "count", meaning = "Trusts with growth below zero" }
holds = { meaning = "Whether a second count agrees" }
statement = { meaning = "The sentence" }

[[tests]]
check = "sql"
name = "the five lines begin with segments, and no line is left out that has figures"
query = """
SELECT 'no line on segments' AS missing WHERE NOT EXISTS (FROM claim_top_lines WHERE line = 1) AND EXISTS (FROM national_summary WHERE trusts_held >= 5)
UNION ALL
SELECT 'no line on productivity' WHERE NOT EXISTS (FROM claim_top_lines WHERE line = 5) AND EXISTS (FROM productivity_summary)
"""

[[tests]]
check = "sql"
name = "a line on productivity never speaks of a level"
where = "line = 5 AND contains(statement, 'most productive')"
*/
WITH types AS (
    SELECT *, lower(left(trust_type_plural, 1)) || substr(trust_type_plural, 2) AS kind
    FROM national_summary
    WHERE trusts_held >= 5
),

shape AS (
    SELECT
        count(*) > 1
            AND count(DISTINCT quarter) = 1
            AND NOT EXISTS (FROM national_summary WHERE trusts_held < 5) AS together
    FROM types
),

-- One row for each sentence about tables: all types together, or each by itself.
tables AS (
    SELECT type_order AS part, trust_type AS about, * EXCLUDE (type_order, trust_type)
    FROM types
    WHERE NOT (SELECT together FROM shape)
    UNION ALL BY NAME
    SELECT
        0 AS part,
        'All trusts' AS about,
        'trusts' AS kind,
        min(quarter) AS quarter,
        CAST(sum(trusts_held) AS BIGINT) AS trusts_held,
        CAST(sum(trusts_in_table) AS BIGINT) AS trusts_in_table,
        bool_and(table_is_complete) AS table_is_complete,
        CAST(sum(segment_1) AS BIGINT) AS segment_1,
        CAST(sum(segment_2) AS BIGINT) AS segment_2,
        CAST(sum(segment_3) AS BIGINT) AS segment_3,
        CAST(sum(segment_4) AS BIGINT) AS segment_4,
        CAST(sum(held_by_override) AS BIGINT) AS held_by_override,
        CASE WHEN count(override_applies) = count(*) THEN CAST(sum(override_applies) AS BIGINT) END AS override_applies,
        CAST(sum(wide_ranges) AS BIGINT) AS wide_ranges,
        CAST(sum(ranges_published) AS BIGINT) AS ranges_published
    FROM types
    HAVING (SELECT together FROM shape)
),

-- The second count, from the positions of single trusts.
counted AS (
    SELECT
        CASE WHEN (SELECT together FROM shape) THEN 'All trusts' ELSE trust_type END AS about,
        count(*) AS trusts,
        count(*) FILTER (adjusted_segment = 1) AS first,
        count(*) FILTER (adjusted_segment = 2) AS second,
        count(*) FILTER (adjusted_segment = 3) AS third,
        count(*) FILTER (adjusted_segment = 4) AS fourth,
        count(*) FILTER (adjusted_segment > segment_by_score) AS held
    FROM league_positions
    WHERE is_latest_for_type
    GROUP BY 1
),

counted_ranges AS (
    SELECT
        CASE WHEN together THEN 'All trusts' ELSE trust_type END AS about,
        count(rank_range_high) AS published,
        count(*) FILTER (2 * (rank_range_high - rank_range_low + 1) >= trusts_in_table) AS wide
    FROM league_positions
    CROSS JOIN shape
    WHERE is_latest_for_type AND trust_type IN (SELECT trust_type FROM types)
    GROUP BY 1
),

moves AS (
    SELECT
        CASE WHEN together THEN 'All trusts' ELSE trust_type END AS about,
        CASE WHEN together THEN 'trusts' ELSE min(types.kind) END AS kind,
        CASE WHEN together THEN 0 ELSE min(types.type_order) END AS part,
        quarter,
        movement_summary.previous_quarter,
        CAST(sum(movement_summary.trusts) AS BIGINT) AS trusts,
        CAST(sum(better_segment) AS BIGINT) AS better_segment,
        CAST(sum(worse_segment) AS BIGINT) AS worse_segment,
        CAST(sum(ten_or_more) AS BIGINT) AS ten_or_more,
        -- Missing where the changes of one of the types are not tested.
        CASE WHEN count(real_changes) = count(*) THEN CAST(sum(real_changes) AS BIGINT) END AS real_changes,
        CASE WHEN count(real_changes) = count(*) THEN CAST(sum(real_changes_modelled) AS BIGINT) END AS real_changes_modelled
    FROM movement_summary
    JOIN types USING (trust_type, quarter)
    LEFT JOIN table_stability USING (trust_type, quarter)
    CROSS JOIN shape
    WHERE is_latest_for_type
    GROUP BY 1, together, quarter, movement_summary.previous_quarter, CASE WHEN together THEN '' ELSE trust_type END
),

counted_moves AS (
    SELECT
        CASE WHEN together THEN 'All trusts' ELSE trust_type END AS about,
        quarter,
        count(*) FILTER (abs(places_up) >= 10) AS many,
        count(*) FILTER (segment_change <> 0) AS changed
    FROM quarter_movement
    CROSS JOIN shape
    WHERE places_up IS NOT NULL AND trust_type IN (SELECT trust_type FROM types)
    GROUP BY 1, quarter
),

counted_growth AS (
    SELECT
        count(productivity_growth) AS trusts,
        count(*) FILTER (productivity_growth < 0) AS negative,
        min(productivity_growth) AS lowest,
        max(productivity_growth) AS highest
    FROM productivity_growth
),

lines AS (
    SELECT
        1 AS line,
        part,
        about,
        quarter,
        trusts_held AS trusts,
        trusts_in_table,
        segment_1,
        segment_2,
        segment_3,
        segment_4,
        1 AS best_segment,
        2 AS second_segment,
        3 AS third_segment,
        4 AS fourth_segment,
        counted.trusts = trusts_held AND first = segment_1 AND second = segment_2 AND third = segment_3 AND fourth = segment_4 AS holds,
        'In ' || quarter || ', among '
            || CASE WHEN table_is_complete THEN 'all ' || trusts_held ELSE trusts_held || ' of the ' || trusts_in_table END
            || ' ' || kind || ', ' || segment_1 || CASE WHEN segment_1 = 1 THEN ' is' ELSE ' are' END || ' in segment 1 (1 is best), '
            || segment_2 || ' in segment 2, ' || segment_3 || ' in segment 3 and ' || segment_4 || ' in segment 4.' AS statement
    FROM tables
    JOIN counted USING (about)
    UNION ALL BY NAME
    SELECT
        2 AS line,
        part,
        about,
        quarter,
        trusts_held AS trusts,
        held_by_override,
        counted.held = held_by_override AS holds,
        'In ' || quarter || ', ' || CASE WHEN override_applies IS NULL THEN 'at least ' ELSE '' END || held_by_override || ' of ' || trusts_held || ' ' || kind
            || CASE WHEN held_by_override = 1 THEN ' is' ELSE ' are' END || ' in a worse segment than '
            || CASE WHEN held_by_override = 1 THEN 'its' ELSE 'their' END || ' score alone gives'
            || CASE WHEN override_applies IS NULL THEN ' (inferred, wholly or partly: the flag itself is not in every file)' ELSE '' END || '.' AS statement
    FROM tables
    JOIN counted USING (about)
    UNION ALL BY NAME
    SELECT
        3 AS line,
        part,
        about,
        quarter,
        trusts_in_table,
        wide_ranges,
        ranges_published,
        median_range_width,
        wide = wide_ranges AND published = ranges_published AND coalesce(median_range_width <= trusts_in_table, true) AS holds,
        'In ' || quarter || ', the likely range that NHS England publishes with each rank covers at least half of the table for '
            || wide_ranges || ' of ' || ranges_published || ' ' || kind
            || CASE
                WHEN median_range_width IS NULL THEN '.'
                ELSE '; half of the ranges cover ' || CAST(round(median_range_width) AS BIGINT) || ' or more of ' || trusts_in_table || ' places.'
            END AS statement
    FROM tables
    JOIN counted_ranges USING (about)
    WHERE ranges_published > 0
    UNION ALL BY NAME
    SELECT
        3 AS line,
        100 + type_order AS part,
        trust_type AS about,
        table_signal.quarter,
        table_signal.trusts,
        share_told_apart,
        median_places_covered,
        CAST(parameters.confidence_level AS DOUBLE) AS confidence_level,
        pairs = table_signal.trusts * (table_signal.trusts - 1) / 2 AND share_told_apart BETWEEN 0 AND 1 AND abs(share_told_apart - pairs_told_apart / pairs) < 0.000001 AS holds,
        'The figures can tell apart ' || CAST(round(100 * share_told_apart) AS BIGINT)
            || '% of the pairs of ' || kind || '; half of the ' || printf('%.0f', 100 * CAST(parameters.confidence_level AS DOUBLE))
            || '% confidence sets cover ' || CAST(round(median_places_covered) AS BIGINT) || ' or more of ' || table_signal.trusts || ' ranks.' AS statement
    FROM table_signal
    JOIN types USING (trust_type)
    CROSS JOIN parameters
    UNION ALL BY NAME
    SELECT
        4 AS line,
        part,
        about,
        quarter,
        previous_quarter,
        trusts,
        better_segment,
        worse_segment,
        ten_or_more,
        10 AS many_places,
        real_changes,
        real_changes - real_changes_modelled AS partly_unmeasured,
        many = ten_or_more AND changed = better_segment + worse_segment AND coalesce(real_changes >= real_changes_modelled, true) AS holds,
        'From ' || previous_quarter || ' to ' || quarter || ', of ' || trusts || ' ' || kind || ', ' || better_segment || ' moved to a better segment and '
            || worse_segment || ' to a worse one, and ' || ten_or_more || ' moved 10 places or more in their table.'
            || CASE
                WHEN real_changes IS NULL THEN ' The files do not say how many of these changes are larger than the uncertainty of the scores.'
                ELSE ' By the rule of this briefing, the average score of ' || real_changes || ' changed by more than modelled chance explains'
                    || CASE
                        WHEN real_changes = 0 OR real_changes = real_changes_modelled THEN ''
                        WHEN real_changes_modelled = 0 THEN ', each resting at least in part on metrics whose chance cannot be measured here'
                        ELSE ', ' || (real_changes - real_changes_modelled) || ' of them resting at least in part on metrics whose chance cannot be measured here'
                    END
                    || '; for the others there is no clear change.'
            END AS statement
    FROM moves
    JOIN counted_moves USING (about, quarter)
    UNION ALL BY NAME
    SELECT
        5 AS line,
        1 AS part,
        'Acute trust' AS about,
        period AS quarter,
        summary.trusts,
        summary.lowest,
        summary.highest,
        median,
        summary.negative,
        summary.trusts = counted_growth.trusts AND summary.negative = counted_growth.negative
            AND abs(summary.lowest - counted_growth.lowest) < 0.000001 AND abs(summary.highest - counted_growth.highest) < 0.000001
            AND median BETWEEN summary.lowest AND summary.highest AS holds,
        'In ' || period || ', the estimated productivity growth of ' || summary.trusts || ' acute trusts ran from '
            || CASE WHEN summary.lowest < 0 THEN '−' ELSE '+' END || printf('%.1f', round(100 * abs(CAST(summary.lowest AS DOUBLE)), 1)) || '% to '
            || CASE WHEN summary.highest < 0 THEN '−' ELSE '+' END || printf('%.1f', round(100 * abs(CAST(summary.highest AS DOUBLE)), 1)) || '%, with the middle trust at '
            || CASE WHEN median < 0 THEN '−' ELSE '+' END || printf('%.1f', round(100 * abs(CAST(median AS DOUBLE)), 1)) || '%. It was below zero for '
            || summary.negative || CASE WHEN summary.negative = 1 THEN ' trust' ELSE ' trusts' END || '. This is growth, not level: it does not say which trust gives the most for its resource'
            || CASE WHEN correlation_low <= 0 AND correlation_high >= 0 THEN ', and one period''s growth has not been a guide to the next' ELSE '' END || '.' AS statement
    FROM productivity_summary AS summary
    CROSS JOIN counted_growth
)

SELECT * FROM lines
ORDER BY line, part
