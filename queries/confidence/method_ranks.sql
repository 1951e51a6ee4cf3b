/*
title = "Ranks under other rules"
description = "Third layer: where each trust would stand had the same figures been put together by another rule. One row for each trust and alternative, in the latest table of its type. Segments by score keep as many trusts of the type as they have, so that an alternative changes who is in them and not how many; quartiles within the type are the exception. The override and the order by segment and score then apply as published. Nothing here is chance, and no range of these ranks is a confidence set. The thresholds of 2026/27 are not published, so that year's rule is not tried."
grain = ["quarter", "trust_code", "alternative"]

[columns]
quarter = { meaning = "Latest quarter of the trust type" }
trust_code = { meaning = "Organisation code" }
trust_type = { meaning = "Trust type" }
alternative = { meaning = "The rule" }
kind = { meaning = "Kind of rule" }
alternative_order = { unit = "count", meaning = "Order on the page" }
league_rank = { unit = "rank", meaning = "League rank as published" }
score = { unit = "score", decimals = 2, meaning = "What the rule sorts by; an average of scores except under z-scores" }
segment = { unit = "segment", meaning = "Segment under the rule" }
rank = { unit = "rank", meaning = "League rank under the rule" }
places_up = { unit = "places", meaning = "Places gained by the rule; below zero is places lost" }

[[tests]]
check = "sql"
name = "the published rule gives the published rank"
where = "kind = 'as published' AND rank <> league_rank"
severity = "warn"

[[tests]]
check = "not_null"
columns = ["score", "segment", "rank"]

[[tests]]
check = "sql"
name = "a rule that keeps the scale of scores keeps to it"
where = "kind <> 'z-scores' AND score NOT BETWEEN 1 AND 4"

[[tests]]
check = "sql"
name = "a geometric mean is never above the mean of the same scores, but for rounding"
query = """
SELECT trust_code, geometric.score, published.score
FROM method_ranks AS geometric
JOIN method_ranks AS published USING (quarter, trust_code)
WHERE geometric.kind = 'geometric mean' AND published.kind = 'as published' AND geometric.score > published.score + 0.011
"""

[[tests]]
check = "unique"
columns = ["quarter", "trust_code", "alternative_order"]
*/
WITH trusts_ranked AS (
    SELECT
        scored_trusts.*,
        count(*) FILTER (average_score <= cuts[1]) OVER of_table AS in_segment_1,
        count(*) FILTER (average_score <= cuts[2]) OVER of_table AS in_segments_1_2,
        count(*) FILTER (average_score <= cuts[3]) OVER of_table AS in_segments_1_3
    FROM scored_trusts
    WHERE is_latest_for_type AND table_is_whole
    WINDOW of_table AS (PARTITION BY quarter, trust_type)
),

scores AS (
    SELECT metric_noise.*
    FROM metric_noise
    SEMI JOIN trusts_ranked USING (quarter, trust_code)
),

distances AS (
    -- Low is good, as for scores: the distance of the value where there is one, and of the score where there is none.
    SELECT
        *,
        CASE
            WHEN count(value) OVER of_metric = 0
                THEN (score - avg(score) OVER of_metric) / nullif(stddev_samp(score) OVER of_metric, 0)
            WHEN better = 'high'
                THEN (avg(value) OVER of_metric - value) / nullif(stddev_samp(value) OVER of_metric, 0)
            ELSE (value - avg(value) OVER of_metric) / nullif(stddev_samp(value) OVER of_metric, 0)
        END AS z_score
    FROM scores
    -- The whole metric in a fixed order, because sums of fractions hang on the order in their last digit.
    WINDOW of_metric AS (
        PARTITION BY quarter, trust_type, metric_number ORDER BY trust_code
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    )
),

spreads AS (
    -- Scored by place among the trusts of the type alone, and by value from the best of the type to its worst. Scores outside
    -- the spread (below a floor, or meeting a standard) keep their score; those that meet a standard hold the first places.
    SELECT
        scores.*,
        CASE
            WHEN published_rank IS NULL OR best_hundredths IS NULL OR is_outside OR in_spread = 1 THEN score
            ELSE (
                best_hundredths
                + (worst_hundredths - best_hundredths) * (published_rank - 1 - CASE WHEN score_form = 'standard' THEN outside ELSE 0 END)
                / (in_spread - 1)
            ) / 100
        END AS score_in_type,
        CASE
            WHEN value IS NULL OR lowest_value = highest_value THEN score
            WHEN better = 'high' THEN 1 + 3 * (highest_value - value) / (highest_value - lowest_value)
            ELSE 1 + 3 * (value - lowest_value) / (highest_value - lowest_value)
        END AS score_by_value
    FROM (
        SELECT
            scores.*,
            published_rank,
            score_form,
            best_hundredths,
            worst_hundredths,
            coalesce(score = outside_hundredths / 100, FALSE) AS is_outside,
            count(*) FILTER (published_rank IS NOT NULL AND score IS DISTINCT FROM outside_hundredths / 100) OVER of_metric AS in_spread,
            count(*) FILTER (score = outside_hundredths / 100) OVER of_metric AS outside,
            min(scores.value) OVER of_metric AS lowest_value,
            max(scores.value) OVER of_metric AS highest_value
        FROM scores
        JOIN metric_values USING (quarter, trust_code, metric_number)
        LEFT JOIN metric_pools
            ON metric_pools.quarter = scores.quarter
            AND metric_pools.trust_type = scores.trust_type
            AND metric_pools.metric_number = scores.metric_number
        LEFT JOIN score_forms USING (score_form)
        WINDOW of_metric AS (PARTITION BY scores.quarter, scores.trust_type, scores.metric_number)
    ) AS scores
),

rescored AS (
    SELECT quarter, trust_code, kind, alternative, CAST(average_score AS DOUBLE) AS score
    FROM trusts_ranked
    JOIN method_alternatives AS rules ON rules.kind IN ('as published', 'no override', 'quartiles within type')
    UNION ALL
    SELECT quarter, trust_code, 'domain means', 'mean of domain scores', avg(domain_score ORDER BY domain)
    FROM (
        SELECT quarter, trust_code, domain, sum(weight_thirds * score ORDER BY metric_number) / sum(weight_thirds) AS domain_score
        FROM scores
        GROUP BY quarter, trust_code, domain
    )
    GROUP BY quarter, trust_code
    UNION ALL
    SELECT
        quarter,
        trust_code,
        'z-scores',
        'z-scores of values',
        sum(weight_thirds * z_score ORDER BY metric_number) / sum(weight_thirds) FILTER (z_score IS NOT NULL)
    FROM distances
    GROUP BY quarter, trust_code
    UNION ALL
    SELECT
        quarter,
        trust_code,
        'values spread',
        'scores spread by value, not by place',
        sum(weight_thirds * score_by_value ORDER BY metric_number) / sum(weight_thirds)
    FROM spreads
    GROUP BY quarter, trust_code
    UNION ALL
    SELECT
        quarter,
        trust_code,
        'pool of the type',
        'places counted within the trust type',
        sum(weight_thirds * score_in_type ORDER BY metric_number) / sum(weight_thirds)
    FROM spreads
    GROUP BY quarter, trust_code
    UNION ALL
    SELECT
        quarter,
        trust_code,
        'geometric mean',
        'geometric mean of scores',
        exp(sum(weight_thirds * ln(score) ORDER BY metric_number) / sum(weight_thirds))
    FROM scores
    GROUP BY quarter, trust_code
    UNION ALL
    SELECT
        scores.quarter,
        scores.trust_code,
        'without a metric',
        'without ' || left_out.metric_name,
        sum(weight_thirds * score ORDER BY scores.metric_number, left_out.metric_number) / sum(weight_thirds)
    FROM scores
    JOIN (SELECT DISTINCT quarter, trust_type, metric_number, metric_name FROM scores) AS left_out USING (quarter, trust_type)
    WHERE scores.metric_number <> left_out.metric_number
    GROUP BY scores.quarter, scores.trust_code, left_out.metric_name
    UNION ALL
    SELECT
        scores.quarter,
        scores.trust_code,
        'without a domain',
        'without the domain ' || left_out.domain,
        sum(weight_thirds * score ORDER BY scores.metric_number) / sum(weight_thirds)
    FROM scores
    JOIN (SELECT DISTINCT quarter, trust_type, domain FROM scores) AS left_out USING (quarter, trust_type)
    WHERE scores.domain <> left_out.domain
    GROUP BY scores.quarter, scores.trust_code, left_out.domain
),

placed AS (
    -- Two decimals, as published averages have, so that the same trusts tie.
    SELECT
        trusts_ranked.*,
        rescored.kind,
        rescored.alternative,
        round(rescored.score, 2) AS score,
        rank() OVER (
            PARTITION BY quarter, trust_type, alternative
            ORDER BY CASE WHEN rescored.kind = 'z-scores' THEN rescored.score ELSE round(rescored.score, 2) END
        ) AS score_rank
    FROM rescored
    JOIN trusts_ranked USING (quarter, trust_code)
),

in_segments AS (
    SELECT
        *,
        greatest(
            CASE WHEN kind = 'no override' THEN 1 ELSE held_at END,
            CASE
                WHEN kind = 'quartiles within type' THEN 1 + 4 * (score_rank - 1) // trusts_in_table
                WHEN score_rank <= in_segment_1 THEN 1
                WHEN score_rank <= in_segments_1_2 THEN 2
                WHEN score_rank <= in_segments_1_3 THEN 3
                ELSE 4
            END
        ) AS segment
    FROM placed
),

ranked AS (
    SELECT *, rank() OVER (PARTITION BY quarter, trust_type, alternative ORDER BY segment, score_rank) AS rank
    FROM in_segments
)

SELECT
    quarter,
    trust_code,
    trust_type,
    ranked.alternative,
    ranked.kind,
    dense_rank() OVER (ORDER BY rules.alternative_order, ranked.alternative) AS alternative_order,
    league_rank,
    ranked.score,
    ranked.segment,
    ranked.rank,
    league_rank - ranked.rank AS places_up
FROM ranked
JOIN method_alternatives AS rules ON rules.kind = ranked.kind
