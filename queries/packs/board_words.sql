/*
title = "What a board should know, in words"
description = "The sentences on the first page of a board pack that no other cell makes: the segment and what decides it, the metrics that stand out, and the way to the next segment with how often the past has seen it. Made from the numbers; a topic without figures has no sentence."
grain = ["trust_code", "topic"]

[columns]
trust_code = { meaning = "Organisation code" }
topic = { meaning = "segment, metrics, route or chance" }
sentence = { meaning = "The sentence" }

[[tests]]
check = "accepted"
column = "topic"
values = ["segment", "metrics", "route", "chance"]

[[tests]]
check = "not_null"
columns = ["sentence"]

[[tests]]
check = "sql"
name = "a frequency is never given without its interval"
where = "topic = 'chance' AND contains(sentence, '%') AND NOT contains(sentence, 'interval')"

[[tests]]
check = "sql"
name = "every trust is told what decides its segment"
query = "SELECT trust_code FROM trusts ANTI JOIN (FROM board_words WHERE topic = 'segment') USING (trust_code)"
*/
WITH latest AS (
    SELECT
        segments.*,
        coalesce(segments.published_unadjusted_segment, segments.segment_by_score) AS by_score,
        -- The score lies where the boundary is known only as a range, so a better segment is not ruled out.
        segments.published_unadjusted_segment IS NULL AND bool_or(coalesce(
            cuts.threshold IS NULL AND cuts.pooled_quartile IS NULL
            AND segments.average_score > cuts.bracket_low AND segments.average_score < cuts.bracket_high,
            false
        )) OVER (PARTITION BY segments.trust_code) AS near_cut,
        row_number() OVER (PARTITION BY segments.trust_code ORDER BY cuts.boundary) AS one
    FROM segments
    JOIN trusts ON trusts.trust_code = segments.trust_code AND trusts.latest_quarter = segments.quarter
    LEFT JOIN segment_cuts AS cuts ON cuts.quarter = segments.quarter AND cuts.domain = 'All metrics'
),

segment_words AS (
    SELECT
        trust_code,
        'segment' AS topic,
        CASE
            WHEN adjusted_segment IS NULL THEN 'No published segment is held for this trust.'
            WHEN held_by_override AND override_known_from = 'published'
                THEN 'The trust is published in segment ' || adjusted_segment || '; its average score alone, '
                    || format('{:.2f}', CAST(average_score AS DOUBLE)) || ', gives segment ' || by_score
                    || '. The financial override decides.'
            WHEN held_by_override
                THEN 'The trust is published in segment ' || adjusted_segment || '; its average score alone, '
                    || format('{:.2f}', CAST(average_score AS DOUBLE)) || ', gives segment ' || by_score
                    || CASE WHEN near_cut THEN ' or one better' ELSE '' END
                    || '. The rules give that only where the financial override applies; the files do not print it, so it is inferred.'
            ELSE 'The trust is published in segment ' || adjusted_segment || '. '
                || CASE
                    WHEN near_cut AND override_applies IS NULL
                        THEN 'Its average score, ' || format('{:.2f}', CAST(average_score AS DOUBLE))
                            || ', lies where the boundary is known only as a range: alone it gives the same segment or one better.'
                    ELSE 'Its average score alone, ' || format('{:.2f}', CAST(average_score AS DOUBLE)) || ', gives the same segment'
                        || CASE
                            WHEN override_applies THEN '; the financial override applies and changes nothing.'
                            WHEN override_applies IS NULL THEN '.'
                            ELSE '; the financial override does not apply.'
                        END
                END
        END AS sentence
    FROM latest
    WHERE one = 1
),

standing_out AS (
    SELECT
        trust_code,
        exception_order,
        metric_name || ' (' || concat_ws(
            ', ',
            CASE variation
                WHEN 'concern' THEN 'special cause, concern'
                WHEN 'improvement' THEN 'special cause, improvement'
                WHEN 'neutral' THEN 'special cause'
            END,
            CASE WHEN funnel_fdr_flag THEN replace(split_part(funnel_side_words, ':', 1), 'its kind', 'the limits of its kind') END,
            CASE WHEN contains(exception_reason_words, 'wrong side') THEN 'limits miss the target' END
        ) || ')' AS words
    FROM trust_metric_summary
    WHERE is_exception
),

metric_words AS (
    SELECT
        readings.trust_code,
        'metrics',
        CASE
            WHEN max(exceptions_in_all) IS NULL
                THEN CASE WHEN count(*) = 1 THEN 'One metric' ELSE count(*) || ' metrics' END
                    || ' of the trust can be followed over time, and none stands out by the stated rules.'
            ELSE max(exceptions_in_all) || ' of ' || count(*) || ' metrics followed over time '
                || CASE WHEN max(exceptions_in_all) = 1 THEN 'stands out: ' ELSE 'stand out: ' END
                || any_value(named.words)
                || CASE WHEN max(exceptions_in_all) > 3 THEN '; and ' || (max(exceptions_in_all) - 3) || ' more.' ELSE '.' END
        END
    FROM trust_metric_summary AS readings
    LEFT JOIN (
        SELECT trust_code, string_agg(words, '; ' ORDER BY exception_order, words) AS words
        FROM standing_out
        WHERE exception_order <= 3
        GROUP BY trust_code
    ) AS named ON named.trust_code = readings.trust_code
    GROUP BY readings.trust_code
),

route_words AS (
    SELECT
        trust_code,
        'route',
        CASE
            WHEN better_segment IS NULL THEN 'On its score the trust is in the best segment; its average could rise by at least '
                || format('{:.2f}', CAST(points_to_worse AS DOUBLE)) || ' before it left it.'
            ELSE 'A fall of ' || format('{:.2f}', CAST(points_to_better AS DOUBLE)) || ' in the average score, from '
                || format('{:.2f}', CAST(average_score AS DOUBLE)) || ', would reach segment ' || better_segment || ' on the score'
                || CASE WHEN override_blocks_better THEN ', but not the published segment while the financial override applies.' ELSE '.' END
        END
    FROM next_segment
    WHERE better_segment IS NOT NULL OR points_to_worse IS NOT NULL
),

chance_words AS (
    SELECT
        route.trust_code,
        'chance',
        CASE
            WHEN route.past_changes = 0 THEN 'The files hold no earlier change of such a score, so nothing is said of how likely that is.'
            ELSE 'Of ' || route.past_changes || ' changes of an average from one quarter to the next, in trusts of the type that began within '
                || format('{:.2f}', CAST(route.score_window AS DOUBLE)) || ' of this one, ' || route.past_as_large
                || CASE WHEN route.past_as_large = 1 THEN ' was a fall' ELSE ' were falls' END || ' at least as large ('
                || CAST(round(100 * route.past_share) AS BIGINT) || '%, '
                || CAST(round(100 * parameters.confidence_level) AS BIGINT) || '% interval '
                || CAST(round(100 * route.past_low) AS BIGINT) || '% to ' || CAST(round(100 * route.past_high) AS BIGINT)
                || '%). That is the past, of few quarters, and no forecast.'
        END
    FROM segment_route AS route
    CROSS JOIN parameters
    WHERE route.metric_number = 'average'
)

SELECT trust_code, topic, sentence FROM segment_words
UNION ALL
SELECT * FROM metric_words
UNION ALL
SELECT * FROM route_words
UNION ALL
SELECT * FROM chance_words
