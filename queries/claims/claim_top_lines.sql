/*
title = "The top lines of the briefing"
description = "The sentences of the five top lines: segments, the override, ranks, movement and productivity; one for all trusts where every type's table is of one quarter, otherwise one for each type. Short enough for all five to be read in a minute. Each is counted again from the cells below those that it quotes, and may be said only if the two agree."
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
told_apart_percent = { unit = "%", decimals = 0, meaning = "Share of the pairs of trusts that can be told apart, in per cent" }
confidence_level = { unit = "fraction", decimals = 0, meaning = "Level of the confidence sets and intervals" }
better_segment = { unit = "count", meaning = "Trusts in a better segment than before" }
worse_segment = { unit = "count", meaning = "Trusts in a worse segment than before" }
changed_segment = { unit = "count", meaning = "Trusts in another segment than before" }
expected_segment_changes = { unit = "count", decimals = 0, meaning = "Segments that chance alone would change" }
real_changes = { unit = "count", meaning = "Trusts whose average really changed" }
partly_unmeasured = { unit = "count", meaning = "Trusts whose real change rests at least in part on metrics without a model of chance" }
no_clear_change = { unit = "count", meaning = "Trusts whose average shows no clear change" }
lowest = { unit = "fraction", decimals = 1, meaning = "Lowest productivity growth" }
highest = { unit = "fraction", decimals = 1, meaning = "Highest productivity growth" }
median = { unit = "fraction", decimals = 1, meaning = "Growth of the middle trust" }
correlation = { unit = "correlation", decimals = 2, meaning = "Correlation with growth in the next period" }
correlation_low = { unit = "correlation", decimals = 2, meaning = "Low end of the 95% interval of the correlation" }
correlation_high = { unit = "correlation", decimals = 2, meaning = "High end of the 95% interval of the correlation" }
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
where = "line = 5 AND (contains(statement, 'most productive') OR NOT contains(statement, 'growth and not level') OR NOT contains(statement, 'estimated'))"

[[tests]]
check = "sql"
name = "no line is too long to be read aloud with the four others in a minute or so"
query = "SELECT line, sum(length(statement)) AS characters FROM claim_top_lines GROUP BY line HAVING sum(length(statement)) > 640"
severity = "warn"

[[tests]]
check = "sql"
name = "a line on movement says how many changes are clear, or that it is not known, and every segment that changed was better or worse"
where = "line = 4 AND (changed_segment <> better_segment + worse_segment OR NOT contains(statement, 'chance') OR real_changes + no_clear_change > trusts)"
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
        CASE WHEN count(expected_segment_changes) = count(*) THEN sum(CAST(expected_segment_changes AS DECIMAL(18, 6))) END AS expected_segment_changes,
        CASE WHEN count(no_clear_changes) = count(*) THEN CAST(sum(no_clear_changes) AS BIGINT) END AS no_clear_change,
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
        count(*) FILTER (segment_change <> 0) AS changed
    FROM quarter_movement
    CROSS JOIN shape
    WHERE places_up IS NOT NULL AND trust_type IN (SELECT trust_type FROM types)
    GROUP BY 1, quarter
),

counted_verdicts AS (
    SELECT
        CASE WHEN together THEN 'All trusts' ELSE trust_type END AS about,
        quarter,
        count(*) FILTER (verdict = 'real change') AS really,
        count(*) FILTER (verdict = 'no clear change') AS unclear,
        count(*) FILTER (verdict = 'real change' AND rests_on <> 'metrics with a model of chance') AS unmeasured
    FROM quarter_change_confidence
    CROSS JOIN shape
    WHERE trust_type IN (SELECT trust_type FROM types)
    GROUP BY 1, quarter
),

counted_growth AS (
    SELECT
        count(productivity_growth) AS trusts,
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
            || ' ' || kind || ', ' || segment_1 || CASE WHEN segment_1 = 1 THEN ' is' ELSE ' are' END || ' in segment 1 (best), '
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
            || CASE WHEN override_applies IS NULL THEN ' (inferred: not every file has the flag)' ELSE '' END || '.' AS statement
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
        'In ' || quarter || ', NHS England''s likely range of rank covers '
            || CASE
                WHEN median_range_width IS NULL THEN 'at least half of the table for ' || wide_ranges || ' of ' || ranges_published || ' ' || kind || '.'
                ELSE CAST(round(median_range_width) AS BIGINT) || ' or more of ' || trusts_in_table || ' places for half of the ' || kind || '.'
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
        round(100 * share_told_apart) AS told_apart_percent,
        CAST(parameters.confidence_level AS DOUBLE) AS confidence_level,
        pairs = table_signal.trusts * (table_signal.trusts - 1) / 2 AND share_told_apart BETWEEN 0 AND 1 AND abs(share_told_apart - pairs_told_apart / pairs) < 0.000001 AS holds,
        CAST(round(100 * share_told_apart) AS BIGINT) || '% of the pairs of ' || kind || ' can be told apart, at the '
            || printf('%.0f', 100 * CAST(parameters.confidence_level AS DOUBLE)) || '% level.' AS statement
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
        better_segment + worse_segment AS changed_segment,
        expected_segment_changes,
        real_changes,
        no_clear_change,
        real_changes - real_changes_modelled AS partly_unmeasured,
        changed = better_segment + worse_segment
            AND (real_changes IS NULL OR (really = real_changes AND unclear = no_clear_change AND unmeasured = real_changes - real_changes_modelled)) AS holds,
        'From ' || previous_quarter || ' to ' || quarter || ', ' || (better_segment + worse_segment) || ' of ' || trusts || ' ' || kind
            || ' changed segment (' || better_segment || ' better, ' || worse_segment || ' worse)'
            || CASE
                WHEN real_changes IS NULL THEN '. The files do not say how many of these changes are more than chance.'
                ELSE coalesce('; chance alone would change about ' || CAST(round(expected_segment_changes) AS BIGINT), '')
                    || '. The average score of ' || real_changes || ' changed by more than modelled chance explains'
                    || CASE
                        WHEN real_changes = real_changes_modelled THEN ''
                        WHEN real_changes_modelled = 0 THEN ', each resting in part on metrics whose chance cannot be measured here'
                        WHEN real_changes - real_changes_modelled = 1 THEN ', one of them resting in part on metrics whose chance cannot be measured here'
                        ELSE ', ' || (real_changes - real_changes_modelled) || ' of them resting in part on metrics whose chance cannot be measured here'
                    END
                    || '; for ' || no_clear_change || ' there is no clear change.'
            END AS statement
    FROM moves
    JOIN counted_moves USING (about, quarter)
    LEFT JOIN counted_verdicts USING (about, quarter)
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
        correlation,
        correlation_low,
        correlation_high,
        CAST(parameters.confidence_level AS DOUBLE) AS confidence_level,
        summary.trusts = counted_growth.trusts
            AND abs(summary.lowest - counted_growth.lowest) < 0.000001 AND abs(summary.highest - counted_growth.highest) < 0.000001
            AND median BETWEEN summary.lowest AND summary.highest AND coalesce(correlation BETWEEN correlation_low AND correlation_high, true) AS holds,
        'In ' || period || ', estimated productivity growth ran from '
            || CASE WHEN summary.lowest < 0 THEN '−' ELSE '+' END || printf('%.1f', round(100 * abs(CAST(summary.lowest AS DOUBLE)), 1)) || '% to '
            || CASE WHEN summary.highest < 0 THEN '−' ELSE '+' END || printf('%.1f', round(100 * abs(CAST(summary.highest AS DOUBLE)), 1)) || '% across '
            || summary.trusts || ' acute trusts (middle trust '
            || CASE WHEN median < 0 THEN '−' ELSE '+' END || printf('%.1f', round(100 * abs(CAST(median AS DOUBLE)), 1)) || '%). This is growth and not level'
            || CASE
                WHEN correlation IS NULL THEN ''
                ELSE '; its correlation with the next period''s is ' || replace(printf('%.2f', round(correlation, 2)), '-', '−')
                    || ' (' || printf('%.0f', 100 * CAST(parameters.confidence_level AS DOUBLE)) || '% interval '
                    || replace(printf('%.2f', round(correlation_low, 2)), '-', '−') || ' to ' || replace(printf('%.2f', round(correlation_high, 2)), '-', '−') || ')'
            END || '.' AS statement
    FROM productivity_summary AS summary
    CROSS JOIN counted_growth
    CROSS JOIN parameters
)

SELECT * FROM lines
ORDER BY line, part
