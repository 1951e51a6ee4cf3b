/*
title = "Confidence in words"
description = "The sentences about confidence that a trust's pack prints, made from the numbers. Each belongs to one layer and says which: chance in the metrics, the choice of metrics, or the rules. A confidence set is never called a probability, and a range of draws is never called a confidence interval. A trust without metric scores gets the reason why there is no set."
grain = ["trust_code", "sentence_order"]

[columns]
trust_code = { meaning = "Organisation code" }
sentence_order = { unit = "count", meaning = "Order on the page" }
quarter = { meaning = "Latest quarter of the trust" }
topic = { meaning = "What the sentence is about: no set, rank, whole table, told apart, segment, coverage, likely range, rules or change" }
layer = { meaning = "Which layer it belongs to: chance in the metrics, choice of metrics, or choice of rules; missing where there is no set" }
sentence = { meaning = "The sentence" }

[[tests]]
check = "not_null"
columns = ["sentence", "topic", "quarter"]

[[tests]]
check = "sql"
name = "no sentence calls a set a probability, or a range of draws a confidence interval"
where = "contains(sentence, 'probability that the true rank') OR contains(lower(sentence), 'confidence interval')"

[[tests]]
check = "sql"
name = "every trust has a set or the reason why there is none"
query = """
SELECT trusts.trust_code
FROM trusts
ANTI JOIN confidence_words ON confidence_words.trust_code = trusts.trust_code AND confidence_words.topic IN ('rank', 'no set')
"""
*/
WITH held AS (
    SELECT
        trusts.trust_code,
        trusts.latest_quarter AS quarter,
        trusts.has_metric_scores,
        trusts.has_override_flag,
        league_positions.league_rank,
        league_positions.average_score,
        league_positions.trusts_in_table,
        league_positions.trusts_held,
        rank_sets.rank_best,
        rank_sets.rank_worst,
        rank_sets.table_rank_best,
        rank_sets.table_rank_worst,
        rank_sets.cannot_be_told_apart,
        rank_sets.other_trusts,
        CAST(round(100 * parameters.confidence_level) AS BIGINT) || '%' AS level,
        CAST(round(100 * parameters.weight_level) AS BIGINT) || '%' AS weight_level
    FROM trusts
    LEFT JOIN league_positions
        ON league_positions.trust_code = trusts.trust_code AND league_positions.quarter = trusts.latest_quarter
    LEFT JOIN rank_sets
        ON rank_sets.trust_code = trusts.trust_code AND rank_sets.quarter = trusts.latest_quarter
    CROSS JOIN parameters
),

why_no_set AS (
    SELECT
        trust_code,
        1 AS sentence_order,
        quarter,
        'no set' AS topic,
        NULL AS layer,
        CASE
            WHEN league_rank IS NULL THEN 'No league rank is held for this trust, so nothing can be said of how sure it is.'
            ELSE 'Published rank ' || league_rank || ' of ' || trusts_in_table
                || '. No confidence set can be computed for it: '
                || CASE
                    WHEN NOT has_metric_scores
                        THEN 'these files hold the trust''s average score and not the scores of its metrics.'
                    WHEN NOT has_override_flag
                        THEN 'these files do not say whether the financial override applies.'
                    WHEN trusts_held < trusts_in_table
                        THEN 'these files hold ' || trusts_held || ' of the ' || trusts_in_table || ' trusts in the table.'
                    ELSE 'the cuts between segments are not known for the quarter.'
                END
                || ' That is not a sign that the rank is sure.'
        END AS sentence
    FROM held
    WHERE rank_best IS NULL
),

ranks AS (
    SELECT
        trust_code,
        2,
        quarter,
        'rank',
        'chance in the metrics',
        'Published rank ' || league_rank || ' of ' || trusts_in_table || '. The data are consistent with '
            || CASE
                WHEN rank_best = rank_worst THEN 'a true rank of ' || rank_best || ' only'
                ELSE 'any true rank from ' || rank_best || ' to ' || rank_worst
            END
            || ' (' || level || ').'
    FROM held
    WHERE rank_best IS NOT NULL
),

whole_table AS (
    SELECT
        trust_code,
        3,
        quarter,
        'whole table',
        'chance in the metrics',
        'For all trusts of the table at once, the data are consistent with '
            || CASE
                WHEN table_rank_best = table_rank_worst THEN 'a true rank of ' || table_rank_best || ' only'
                ELSE 'any true rank from ' || table_rank_best || ' to ' || table_rank_worst
            END
            || ' for this one (' || level || ').'
    FROM held
    WHERE rank_best IS NOT NULL
),

told_apart AS (
    SELECT
        trust_code,
        4,
        quarter,
        'told apart',
        'chance in the metrics',
        CASE
            WHEN cannot_be_told_apart = 0 THEN 'The trust can be told apart from every other trust in the table.'
            ELSE 'The trust cannot be told apart from ' || cannot_be_told_apart || ' of the ' || other_trusts
                || ' other trusts in the table.'
        END
    FROM held
    WHERE rank_best IS NOT NULL
),

likely_segments AS (
    -- Whole per cents, the likeliest segment first, segments under one in a hundred left out.
    SELECT
        trust_code,
        segment,
        probability,
        CASE
            WHEN probability > 0.99 THEN 'more than 99%'
            WHEN probability < 0.01 THEN 'less than 1%'
            ELSE CAST(round(100 * probability) AS BIGINT) || '%'
        END AS in_words,
        row_number() OVER (PARTITION BY trust_code ORDER BY probability DESC, segment) AS place
    FROM (
        SELECT
            trust_code,
            unnest([1, 2, 3, 4]) AS segment,
            unnest([p_score_segment_1, p_score_segment_2, p_score_segment_3, p_score_segment_4]) AS probability
        FROM league_simulation
        WHERE is_latest_for_type
    )
),

segment_words AS (
    SELECT
        trust_code,
        max(in_words) FILTER (place = 1) AS likeliest_in_words,
        max(segment) FILTER (place = 1) AS likeliest,
        max(CAST(round(100 * probability) AS BIGINT)) FILTER (place = 1) AS per_cent,
        list(in_words || ' that it belongs in segment ' || segment ORDER BY place)
            FILTER (place > 1 AND probability >= 0.01) AS the_others,
        sum(CAST(round(100 * probability) AS BIGINT)) FILTER (place = 1 OR probability >= 0.01) AS printed_total
    FROM likely_segments
    WHERE probability IS NOT NULL
    GROUP BY trust_code
),

segments AS (
    SELECT
        held.trust_code,
        5,
        held.quarter,
        'segment',
        'chance in the metrics',
        CASE
            WHEN likeliest IS NULL THEN 'Chance in the metrics explains the whole spread of the table: no ranking is supported.'
            ELSE
                'There is '
                || CASE
                    WHEN likeliest_in_words LIKE 'more%' THEN 'a probability of more than 99%'
                    WHEN per_cent BETWEEN 80 AND 89 THEN 'an ' || likeliest_in_words || ' probability'
                    ELSE 'a ' || likeliest_in_words || ' probability'
                END
                || ' that this trust''s underlying score belongs in segment ' || likeliest
                || coalesce(CASE WHEN len(the_others) > 1 THEN ', ' || array_to_string(the_others[:-2], ', ') END, '')
                || coalesce(', and ' || the_others[-1], '')
                || CASE WHEN the_others IS NOT NULL AND printed_total <> 100 THEN ' (per cents are rounded)' ELSE '' END
                || '.'
                || CASE
                    WHEN override_applies
                        THEN ' The financial override keeps it in segment ' || held_at || ' or worse, whatever the score.'
                    ELSE ''
                END
        END
    FROM held
    JOIN scored_trusts ON scored_trusts.trust_code = held.trust_code AND scored_trusts.quarter = held.quarter
    LEFT JOIN segment_words ON segment_words.trust_code = held.trust_code
    WHERE held.rank_best IS NOT NULL
),

coverage AS (
    SELECT
        held.trust_code,
        6,
        held.quarter,
        'coverage',
        'chance in the metrics',
        'This counts chance and volatility in ' || metrics_modelled || ' of the trust''s ' || metrics || ' metrics, which carry '
            || CAST(round(100 * weight_modelled) AS BIGINT) || '% of its average.'
            || CASE
                WHEN fixed_metrics IS NULL THEN ''
                ELSE ' The others have no model of chance and stand still: ' || fixed_metrics
                    || '. If they varied as much, the data would be consistent with any true rank from '
                    || wider.rank_best || ' to ' || wider.rank_worst || '.'
            END
    FROM held
    JOIN rank_set_sensitivity AS wider
        ON wider.trust_code = held.trust_code
        AND wider.quarter = held.quarter
        AND wider.supposition = 'metrics without a model of chance vary as much as the others'
    JOIN noise_coverage ON noise_coverage.trust_code = held.trust_code AND noise_coverage.quarter = held.quarter
    WHERE held.rank_best IS NOT NULL
),

likely AS (
    SELECT
        held.trust_code,
        7,
        held.quarter,
        'likely range',
        'choice of metrics',
        CASE
            WHEN published_rank_best IS NULL
                THEN 'Resampling the trust''s own metrics puts the rank from '
            ELSE 'The published likely range of the rank is ' || published_rank_best || ' to ' || published_rank_worst
                || ', and how it is made is not published; resampling the trust''s own metrics gives '
        END
        || likely_ranges.rank_best || ' to ' || likely_ranges.rank_worst
        || '. The resampling shows how far the rank hangs on which metrics are counted.'
        || ' It leaves out chance in the metrics, delay in reporting and the rules.'
    FROM held
    JOIN likely_ranges ON likely_ranges.trust_code = held.trust_code AND likely_ranges.quarter = held.quarter
    WHERE likely_ranges.rank_best IS NOT NULL
),

rules AS (
    SELECT
        held.trust_code,
        8,
        held.quarter,
        'rules',
        'choice of rules',
        'Had the same figures been put together by any of ' || alternatives || ' other rules, the rank would have been '
            || CASE
                WHEN method_range.rank_best = method_range.rank_worst THEN 'the same'
                ELSE 'from ' || method_range.rank_best || ' to ' || method_range.rank_worst
            END
            || '; ' || weight_level || ' of random weights put it from ' || weights_rank_best || ' to ' || weights_rank_worst
            || '. This is not chance: it is how far the rank depends on how the table is made.'
    FROM held
    JOIN method_range ON method_range.trust_code = held.trust_code AND method_range.quarter = held.quarter
),

changes AS (
    SELECT
        held.trust_code,
        9,
        held.quarter,
        'change',
        'chance in the metrics',
        'Between ' || previous_quarter || ' and ' || held.quarter || ' the average score '
            || CASE
                WHEN score_change > 0 THEN 'rose by ' || format('{:.2f}', CAST(score_change AS DOUBLE)) || ', which is worse'
                WHEN score_change < 0 THEN 'fell by ' || format('{:.2f}', CAST(-score_change AS DOUBLE)) || ', which is better'
                ELSE 'did not change'
            END
            || coalesce(
                ' (' || level || ' interval of the change '
                || replace(format('{:+.2f}', change_low), '-', '−') || ' to '
                || replace(format('{:+.2f}', change_high), '-', '−') || ')',
                ''
            )
            || ': ' || verdict
            || CASE rests_on
                WHEN 'mostly metrics without a model of chance'
                    THEN ' by the stated rule, though it rests mostly on metrics whose chance cannot be measured here, '
                        || largest_metric || ' above all.'
                WHEN 'metrics with a model of chance and without one together'
                    THEN ' by the stated rule, though it rests in part on metrics whose chance cannot be measured here.'
                ELSE '.'
            END
            || CASE
                WHEN places_up = 0 THEN ' The rank did not move'
                ELSE ' The rank moved ' || CASE WHEN places_up > 0 THEN 'up ' ELSE 'down ' END || abs(places_up)
                    || CASE WHEN abs(places_up) = 1 THEN ' place' ELSE ' places' END
            END
            || '; chance alone would move it '
            || CASE
                WHEN round(expected_movement) = 0 THEN 'less than one place'
                WHEN round(expected_movement) = 1 THEN 'about one place'
                ELSE 'about ' || CAST(round(expected_movement) AS BIGINT) || ' places'
            END
            || ' either way.'
    FROM held
    JOIN quarter_change_confidence AS change ON change.trust_code = held.trust_code AND change.quarter = held.quarter
)

SELECT trust_code, sentence_order, quarter, topic, layer, sentence
FROM (
    SELECT * FROM why_no_set
    UNION ALL
    SELECT * FROM ranks
    UNION ALL
    SELECT * FROM whole_table
    UNION ALL
    SELECT * FROM told_apart
    UNION ALL
    SELECT * FROM segments
    UNION ALL
    SELECT * FROM coverage
    UNION ALL
    SELECT * FROM likely
    UNION ALL
    SELECT * FROM rules
    UNION ALL
    SELECT * FROM changes
)
