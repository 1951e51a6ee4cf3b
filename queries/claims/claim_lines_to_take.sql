/*
title = "Lines to take: the facts"
description = "What may be said on each topic, and what may be said if pressed: facts only, in sentences for speaking. The position that goes with them is for people to write. Each number is counted again from the cells below those that it quotes, and the sentence may be said only if the two agree. Topics that have claims of their own (movement, waiting times, whether growth lasts) are printed from those."
grain = ["topic", "kind", "part"]
claim = {}

[columns]
topic = { meaning = "Topic" }
topic_order = { unit = "count", meaning = "Order of the topic" }
kind = { meaning = "line to take or if pressed" }
part = { unit = "count", meaning = "Order within the topic: the trust type's, where there is one for each" }
about = { meaning = "Trust type, measure or framework year that the sentence is about" }
period = { meaning = "Quarter or period" }
trusts = { unit = "count", meaning = "Trusts counted" }
trusts_in_table = { unit = "count", meaning = "Trusts in the published table" }
upper_segments = { unit = "count", meaning = "Trusts in segments 1 and 2" }
lower_segments = { unit = "count", meaning = "Trusts in segments 3 and 4" }
segment_first = { unit = "segment", meaning = "Number of a segment that the sentence names" }
segment_second = { unit = "segment", meaning = "Number of the second that it names" }
segment_third = { unit = "segment", meaning = "Number of the third" }
segment_fourth = { unit = "segment", meaning = "Number of the fourth" }
could_be_first = { unit = "count", meaning = "Trusts whose confidence set for the whole table reaches the first place" }
could_be_last = { unit = "count", meaning = "Trusts whose confidence set for the whole table reaches the last place" }
confidence_level = { unit = "fraction", decimals = 0, meaning = "Level of the confidence sets" }
held_by_override = { unit = "count", meaning = "Trusts in a worse segment than their score gives" }
first_on_score = { unit = "count", meaning = "Trusts held in a worse segment that are in segment 1 on score alone" }
second_on_score = { unit = "count", meaning = "Trusts held in a worse segment that are in segment 2 on score alone" }
real_better = { unit = "count", meaning = "Trusts whose average is better by more than modelled chance explains" }
real_worse = { unit = "count", meaning = "Trusts whose average is worse by more than modelled chance explains" }
no_clear_changes = { unit = "count", meaning = "Trusts without a clear change" }
real_changes_modelled = { unit = "count", meaning = "Of the real changes, those that would be real on metrics with a model of chance alone" }
tenth = { decimals = 1, meaning = "Value below which a tenth of trusts lie" }
ninetieth = { decimals = 1, meaning = "Value above which a tenth of trusts lie" }
between_regions = { unit = "fraction", decimals = 0, meaning = "Share of the variance between trusts that lies between regions" }
between_regions_percent = { unit = "%", decimals = 0, meaning = "Share of the variance between trusts that lies between regions, in per cent" }
above_zero = { unit = "count", meaning = "Trusts with estimated growth above zero" }
median = { unit = "fraction", decimals = 1, meaning = "Growth of the middle trust" }
holds = { meaning = "Whether a second count agrees" }
statement = { meaning = "The sentence" }

[[tests]]
check = "accepted"
column = "kind"
values = ["line to take", "if pressed"]

[[tests]]
check = "sql"
name = "facts and not positions: no sentence praises, blames, promises or gives a cause"
where = "regexp_matches(lower(statement), '\\b(welcome|proud|deliver|committed|failing|because|thanks to|record|government)\\b')"

[[tests]]
check = "sql"
name = "every topic with a line has something to say if pressed"
query = """
SELECT DISTINCT topic FROM claim_lines_to_take
WHERE kind = 'line to take' AND topic NOT IN (SELECT topic FROM claim_lines_to_take WHERE kind = 'if pressed') AND topic NOT IN ('Change since the quarter before', 'Productivity')
"""

[[tests]]
check = "sql"
name = "no line on productivity speaks of a level"
where = "topic = 'Productivity' AND (contains(statement, 'productive') OR NOT contains(statement, 'estimated'))"
*/
WITH types AS (
    SELECT *, lower(left(trust_type_plural, 1)) || substr(trust_type_plural, 2) AS kind
    FROM national_summary
    WHERE trusts_held >= 5
),

counted AS (
    SELECT
        trust_type,
        count(*) FILTER (adjusted_segment <= 2) AS upper_segments,
        count(*) FILTER (adjusted_segment >= 3) AS lower_segments,
        count(*) FILTER (adjusted_segment > segment_by_score) AS held,
        count(*) FILTER (adjusted_segment > segment_by_score AND segment_by_score = 1) AS first_on_score,
        count(*) FILTER (adjusted_segment > segment_by_score AND segment_by_score = 2) AS second_on_score
    FROM league_positions
    WHERE is_latest_for_type
    GROUP BY trust_type
),

reached AS (
    SELECT
        trust_type,
        min(quarter) AS quarter,
        min(trusts_in_table) AS trusts_in_table,
        min(confidence_level) AS confidence_level,
        count(*) AS trusts,
        count(*) FILTER (table_rank_best = 1) AS could_be_first,
        count(*) FILTER (table_rank_worst = trusts_in_table) AS could_be_last,
        bool_and(table_rank_best <= league_rank AND league_rank <= table_rank_worst) AS holds_ranks
    FROM rank_sets
    GROUP BY trust_type
),

changed AS (
    SELECT
        trust_type,
        count(*) FILTER (verdict = 'real change' AND change_high < 0) AS better_by_interval,
        count(*) FILTER (verdict = 'real change' AND change_low > 0) AS worse_by_interval
    FROM quarter_change_confidence
    GROUP BY trust_type
),

growth AS (
    SELECT count(productivity_growth) AS trusts, count(*) FILTER (productivity_growth > 0) AS above_zero, count(*) FILTER (productivity_growth <= 0) AS others
    FROM productivity_growth
),

sentences AS (
    SELECT
        1 AS topic_order,
        'League tables and segments' AS topic,
        'line to take' AS kind,
        type_order AS part,
        trust_type AS about,
        quarter AS period,
        trusts_held AS trusts,
        segment_1 + segment_2 AS upper_segments,
        segment_3 + segment_4 AS lower_segments,
        1 AS segment_first,
        2 AS segment_second,
        3 AS segment_third,
        4 AS segment_fourth,
        counted.upper_segments = segment_1 + segment_2 AND counted.lower_segments = segment_3 + segment_4 AS holds,
        'In ' || quarter || ', ' || (segment_1 + segment_2) || ' of ' || trusts_held || ' ' || types.kind || ' in these files are in segments 1 and 2 (1 is best), and '
            || (segment_3 + segment_4) || ' in segments 3 and 4.' AS statement
    FROM types
    JOIN counted USING (trust_type)
    UNION ALL BY NAME
    SELECT
        1 AS topic_order,
        'League tables and segments' AS topic,
        'if pressed' AS kind,
        type_order AS part,
        trust_type AS about,
        reached.quarter AS period,
        reached.trusts_in_table,
        could_be_first,
        could_be_last,
        reached.confidence_level,
        reached.trusts = reached.trusts_in_table AND holds_ranks AS holds,
        'The figures do not rule out the first place for ' || could_be_first || ' of ' || reached.trusts_in_table || ' ' || types.kind || ', nor the last for ' || could_be_last
            || ' (' || printf('%.0f', 100 * reached.confidence_level) || '% confidence sets worked out here, ' || reached.quarter || ').' AS statement
    FROM reached
    JOIN types USING (trust_type)
    UNION ALL BY NAME
    SELECT
        1 AS topic_order,
        'League tables and segments' AS topic,
        'if pressed' AS kind,
        100 + type_order AS part,
        trust_type AS about,
        quarter AS period,
        trusts_held AS trusts,
        ranges_published = 0 AND trust_type NOT IN (SELECT trust_type FROM rank_sets) AS holds,
        'For ' || types.kind || ' in ' || quarter || ' the files hold no range for any rank, so no single rank is safe to quote.' AS statement
    FROM types
    WHERE ranges_published = 0 AND trust_type NOT IN (SELECT trust_type FROM reached)
    UNION ALL BY NAME
    SELECT
        2 AS topic_order,
        'The financial override' AS topic,
        'line to take' AS kind,
        type_order AS part,
        trust_type AS about,
        quarter AS period,
        trusts_held AS trusts,
        held_by_override,
        held = held_by_override AS holds,
        'In ' || quarter || ' the override places '
            || CASE WHEN override_applies IS NULL THEN 'at least ' ELSE '' END || held_by_override || ' of ' || trusts_held || ' ' || types.kind
            || ' in a worse segment than their score alone gives' || CASE WHEN override_applies IS NULL THEN ' (inferred).' ELSE '.' END AS statement
    FROM types
    JOIN counted USING (trust_type)
    WHERE held_by_override > 0
    UNION ALL BY NAME
    SELECT
        2 AS topic_order,
        'The financial override' AS topic,
        'if pressed' AS kind,
        type_order AS part,
        trust_type AS about,
        quarter AS period,
        held_by_override,
        first_on_score,
        second_on_score,
        1 AS segment_first,
        2 AS segment_second,
        held = held_by_override AND first_on_score + second_on_score = held_by_override AS holds,
        -- Where the flag is inferred, a score in the bracket of a boundary is read as the worse segment: the numbers are then the least.
        'On score alone, of these ' || held_by_override || ' ' || types.kind || ', '
            || CASE
                WHEN override_applies IS NULL THEN 'at least ' || first_on_score || ' would be in segment 1 and the others in segment 2 or better (inferred, ' || quarter || ').'
                ELSE first_on_score || ' would be in segment 1 and ' || second_on_score || ' in segment 2 (' || quarter || ').'
            END AS statement
    FROM types
    JOIN counted USING (trust_type)
    WHERE held_by_override > 0
    UNION ALL BY NAME
    SELECT
        3 AS topic_order,
        'Change since the quarter before' AS topic,
        'line to take' AS kind,
        types.type_order AS part,
        trust_type AS about,
        movement.quarter || ' after ' || movement.previous_quarter AS period,
        movement.trusts,
        real_better,
        real_worse,
        no_clear_changes,
        real_changes_modelled,
        movement.holds AND better_by_interval = real_better AND worse_by_interval = real_worse AS holds,
        'For ' || no_clear_changes || ' of ' || movement.trusts || ' ' || types.kind || ' there is no clear change of score (' || movement.quarter || ' after ' || movement.previous_quarter || '); '
            || real_better || CASE WHEN real_better = 1 THEN ' is' ELSE ' are' END || ' better and ' || real_worse || ' worse by more than modelled chance explains'
            || CASE
                WHEN real_changes = real_changes_modelled THEN '.'
                ELSE ', ' || CASE WHEN real_changes_modelled = 0 THEN 'none of them' ELSE 'only ' || real_changes_modelled || ' of them' END || ' on metrics with a model of chance alone.'
            END AS statement
    FROM claim_movement AS movement
    JOIN types USING (trust_type)
    JOIN changed USING (trust_type)
    WHERE movement.part = 1
    UNION ALL BY NAME
    SELECT
        5 AS topic_order,
        'Differences between places' AS topic,
        'line to take' AS kind,
        metric_order AS part,
        metric_id AS about,
        metric_name || ', ' || period_words AS period,
        trusts,
        tenth,
        ninetieth,
        lowest <= tenth AND tenth <= ninetieth AND ninetieth <= highest AS holds,
        'Among ' || trusts || ' acute trusts, one in ten is below ' || printf('%.1f', round(CAST(tenth AS DOUBLE) + 1e-9, 1)) || unit_suffix || ' and one in ten above '
            || printf('%.1f', round(CAST(ninetieth AS DOUBLE) + 1e-9, 1)) || unit_suffix || ' (' || metric_name || ', ' || period_words || ').' AS statement
    FROM access_variation
    WHERE trust_kind = 'Acute trust' AND metric_id IN ('rtt_within_18wk', 'ae_4hr_all_types')
    UNION ALL BY NAME
    SELECT
        5 AS topic_order,
        'Differences between places' AS topic,
        'if pressed' AS kind,
        metric_order AS part,
        metric_id AS about,
        metric_name || ', ' || period_words AS period,
        between_regions,
        round(100 * between_regions) AS between_regions_percent,
        between_regions BETWEEN 0 AND 1 AS holds,
        CASE WHEN round(100 * between_regions) < 1 THEN 'Almost none' ELSE 'An estimated ' || CAST(round(100 * between_regions) AS BIGINT) || '%' END
            || ' of the variance between acute trusts lies between regions (' || metric_name || ', ' || period_words
            || '). It is not adjusted for the people served, and does not say why trusts differ.' AS statement
    FROM access_variation
    WHERE trust_kind = 'Acute trust' AND metric_id IN ('rtt_within_18wk', 'ae_4hr_all_types') AND between_regions IS NOT NULL
    UNION ALL BY NAME
    SELECT
        6 AS topic_order,
        'Productivity' AS topic,
        'line to take' AS kind,
        1 AS part,
        'Acute trust' AS about,
        period,
        summary.trusts,
        above_zero,
        median,
        growth.trusts = summary.trusts AND above_zero + summary.negative <= summary.trusts AND others >= summary.negative AND (median > 0) = (2 * above_zero >= summary.trusts) AS holds,
        'In ' || period || ', productivity is estimated to have grown at ' || above_zero || ' of ' || summary.trusts || ' acute trusts; the middle trust stood at '
            || CASE WHEN median < 0 THEN '−' ELSE '+' END || printf('%.1f', round(100 * abs(CAST(median AS DOUBLE)), 1)) || '%. This is growth and not level.' AS statement
    FROM productivity_summary AS summary
    CROSS JOIN growth
    UNION ALL BY NAME
    SELECT
        7 AS topic_order,
        'Integrated care boards' AS topic,
        kinds.kind,
        kinds.part,
        framework_year AS about,
        framework_year AS period,
        NOT icbs_scored AND NOT icbs_segmented AND NOT icbs_ranked AS holds,
        CASE kinds.kind
            WHEN 'line to take' THEN 'Integrated care boards were not scored, segmented or ranked in ' || framework_year || '.'
            ELSE 'Figures can be added up for the trusts in a board''s area. They describe care given there in ' || framework_year || ' and are no score or rank of the board.'
        END AS statement
    FROM framework_years
    CROSS JOIN (VALUES ('line to take', 1), ('if pressed', 1)) AS kinds(kind, part)
    WHERE framework_year = (SELECT framework_year FROM parameters)
)

SELECT * FROM sentences
ORDER BY topic_order, topic, kind DESC, part
