/*
title = "The smallest changes that reach the next segment"
description = "For each trust with a better segment to reach on its score: how far each metric's score alone would have to fall, everything else held still, and how often a score of that metric has fallen so far from one quarter to the next, in trusts of the type that began near the same score. Metric 'average' is the average itself. A frequency of the past, of few quarters, is no forecast: scores come from ranks, so they also move when other trusts do."
grain = ["trust_code", "metric_number"]

[columns]
trust_code = { meaning = "Organisation code" }
metric_number = { meaning = "Metric number, or average" }
quarter = { meaning = "Latest quarter of the trust" }
metric_name = { meaning = "Short name" }
weight_share = { unit = "fraction", decimals = 1, meaning = "Share of the average that this metric carries" }
score = { unit = "score", decimals = 2, meaning = "Score now" }
fall_needed = { unit = "score", decimals = 2, meaning = "Fall of the score that would reach the next better segment alone" }
score_needed = { unit = "score", decimals = 2, meaning = "The score that this would leave" }
is_possible = { meaning = "Whether a score can fall so far: none is below 1.00" }
past_changes = { unit = "count", meaning = "Changes held of this metric, from one quarter to the next, that began near this score" }
past_as_large = { unit = "count", meaning = "Past changes that were falls at least as large" }
past_share = { unit = "fraction", decimals = 0, meaning = "Share of the past changes that were falls at least as large" }
past_low = { unit = "fraction", decimals = 0, meaning = "Low end of the 95% interval of that share of past changes" }
past_high = { unit = "fraction", decimals = 0, meaning = "High end of the 95% interval of that share of past changes" }
score_window = { unit = "score", decimals = 2, meaning = "How near the same score is" }
place = { unit = "count", meaning = "Order: those that can do it alone first, the most often seen before the others" }

[[tests]]
check = "sql"
name = "the share lies in its interval, and falls as large are among the falls"
where = "past_as_large > past_changes OR past_share NOT BETWEEN past_low - 1e-9 AND past_high + 1e-9"

[[tests]]
check = "sql"
name = "the fall needed, weighted, reaches the segment and no less would"
query = """
SELECT segment_route.trust_code, metric_number
FROM segment_route
JOIN next_segment USING (trust_code)
WHERE fall_needed * weight_share < points_to_better - 1e-6 OR (fall_needed - 0.01) * weight_share > points_to_better - 1e-6
"""
*/
WITH steps AS (
    SELECT
        trust_code,
        closing_metrics.metric_number,
        closing_metrics.quarter,
        closing_metrics.metric_name,
        closing_metrics.weight_share,
        closing_metrics.score,
        -- The least whole hundredth that is enough, with room for a share of a third cut off at nine places.
        CAST(ceil(closing_metrics.points_to_better / closing_metrics.weight_share * 100 - 0.0001) / 100 AS DECIMAL(9, 2)) AS fall_needed,
        CAST(parameters.route_score_window AS DECIMAL(9, 2)) AS score_window
    FROM closing_metrics
    CROSS JOIN parameters
    WHERE closing_metrics.points_to_better IS NOT NULL
    UNION ALL
    SELECT
        trust_code,
        'average',
        quarter,
        'Average score',
        CAST(1 AS DECIMAL(18, 9)),
        average_score,
        points_to_better,
        CAST(parameters.route_average_window AS DECIMAL(9, 2))
    FROM next_segment
    CROSS JOIN parameters
    WHERE points_to_better IS NOT NULL
),

counted AS (
    SELECT
        steps.trust_code,
        steps.metric_number,
        count(past_moves.fall) AS past_changes,
        count(past_moves.fall) FILTER (past_moves.fall >= steps.fall_needed) AS past_as_large
    FROM steps
    JOIN trusts USING (trust_code)
    LEFT JOIN past_moves
        ON past_moves.trust_type = trusts.trust_type
        AND past_moves.metric_number = steps.metric_number
        AND past_moves.score_before BETWEEN steps.score - steps.score_window AND steps.score + steps.score_window
    GROUP BY steps.trust_code, steps.metric_number
),

judged AS (
    SELECT
        steps.*,
        steps.score - steps.fall_needed AS score_needed,
        steps.score - steps.fall_needed >= 1 AS is_possible,
        counted.past_changes,
        counted.past_as_large,
        wilson_interval(counted.past_as_large, nullif(counted.past_changes, 0), parameters.confidence_level) AS past_interval
    FROM steps
    JOIN counted USING (trust_code, metric_number)
    CROSS JOIN parameters
)

SELECT
    trust_code,
    metric_number,
    quarter,
    metric_name,
    weight_share,
    score,
    fall_needed,
    score_needed,
    is_possible,
    past_changes,
    past_as_large,
    CAST(past_as_large AS DOUBLE) / nullif(past_changes, 0) AS past_share,
    greatest(past_interval.lower, 0) AS past_low,
    past_interval.upper AS past_high,
    score_window,
    row_number() OVER (
        PARTITION BY trust_code
        ORDER BY
            metric_number = 'average' DESC,
            is_possible DESC,
            CAST(CAST(past_as_large AS DECIMAL(18, 6)) / nullif(past_changes, 0) AS DECIMAL(18, 6)) DESC NULLS LAST,
            fall_needed,
            metric_number
    ) AS place
FROM judged
ORDER BY trust_code, place
