/*
title = "What would change the average"
description = "For each scored metric of each trust in its latest quarter: how far the average score would fall if that score alone rose to the next quartile, the median or the best of its trust type, and whether that would reach the next better segment. Everything else is held still, other trusts and cut points included, so this is arithmetic and not a forecast."
grain = ["trust_code", "metric_number"]

[columns]
trust_code = { meaning = "Organisation code" }
metric_number = { meaning = "Metric number" }
quarter = { meaning = "Latest quarter of the trust" }
metric_name = { meaning = "Short name" }
domain = { meaning = "Framework domain" }
weight_share = { unit = "fraction", decimals = 1, meaning = "Share of the average that this metric carries" }
score = { unit = "score", decimals = 2, meaning = "Published metric score" }
next_score = { unit = "score", decimals = 2, meaning = "The nearest better quartile of the trust type's scores; missing for trusts already in the best quarter" }
median_score = { unit = "score", decimals = 2, meaning = "Median score of the trust type" }
best_score = { unit = "score", decimals = 2, meaning = "Best score of the trust type" }
gain_if_next = { unit = "score", decimals = 2, meaning = "Fall in the average if the score reached the next quartile" }
gain_if_median = { unit = "score", decimals = 2, meaning = "Fall in the average if the score reached the median; missing for trusts at or better than it" }
gain_if_best = { unit = "score", decimals = 2, meaning = "Fall in the average if the score reached the best" }
average_if_median = { unit = "score", decimals = 2, meaning = "The average score then" }
average_if_best = { unit = "score", decimals = 2, meaning = "The average score then" }
points_to_better = { unit = "score", decimals = 2, meaning = "Fall in the average needed for the next better segment by score" }
closes_if_next = { meaning = "Whether reaching the next quartile would be enough" }
closes_if_median = { meaning = "Whether reaching the median would be enough" }
closes_if_best = { meaning = "Whether reaching the best would be enough" }
place = { unit = "rank", meaning = "Order by the largest possible gain" }
metrics_needed = { unit = "count", meaning = "How many metrics, the largest possible gains first, would have to reach the best to close the gap" }

[[tests]]
check = "range"
column = "gain_if_best"
min = 0

[[tests]]
check = "sql"
name = "no gain is larger than the way to the best score"
where = "gain_if_median > gain_if_best OR gain_if_next > gain_if_best"
*/
WITH scored AS (
    SELECT metric_scores.*
    FROM metric_scores
    JOIN trusts ON trusts.trust_code = metric_scores.trust_code AND trusts.latest_quarter = metric_scores.quarter
    WHERE published_score IS NOT NULL AND weight_thirds > 0
),

scores_of_type AS (
    SELECT
        quarter,
        trust_type,
        metric_number,
        min(published_score) AS best_score,
        quantile_disc(published_score, 0.25) AS better_quartile,
        quantile_disc(published_score, 0.5) AS median_score,
        quantile_disc(published_score, 0.75) AS worse_quartile
    FROM metric_scores
    WHERE published_score IS NOT NULL
    GROUP BY quarter, trust_type, metric_number
),

targets AS (
    SELECT
        scored.trust_code,
        scored.quarter,
        metric_number,
        metric_name,
        scored.domain,
        published_score AS score,
        best_score,
        median_score,
        CASE
            WHEN published_score > worse_quartile THEN worse_quartile
            WHEN published_score > median_score THEN median_score
            WHEN published_score > better_quartile THEN better_quartile
        END AS next_score,
        CAST(weight_thirds / sum(weight_thirds) OVER (PARTITION BY scored.trust_code) AS DECIMAL(18, 9)) AS weight_share
    FROM scored
    JOIN scores_of_type USING (quarter, trust_type, metric_number)
),

gains AS (
    SELECT
        targets.*,
        CAST((score - next_score) * weight_share AS DECIMAL(18, 6)) AS gain_if_next,
        CASE WHEN score > median_score THEN CAST((score - median_score) * weight_share AS DECIMAL(18, 6)) END AS gain_if_median,
        CAST((score - best_score) * weight_share AS DECIMAL(18, 6)) AS gain_if_best,
        next_segment.average_score,
        next_segment.points_to_better
    FROM targets
    JOIN next_segment USING (trust_code)
),

in_order AS (
    SELECT
        *,
        row_number() OVER largest_first AS place,
        sum(gain_if_best) OVER largest_first AS gain_so_far
    FROM gains
    WINDOW largest_first AS (PARTITION BY trust_code ORDER BY gain_if_best DESC, metric_number ROWS UNBOUNDED PRECEDING)
)

SELECT
    trust_code,
    metric_number,
    quarter,
    metric_name,
    domain,
    weight_share,
    score,
    next_score,
    median_score,
    best_score,
    gain_if_next,
    gain_if_median,
    gain_if_best,
    CAST(round(average_score - gain_if_median, 2) AS DECIMAL(9, 2)) AS average_if_median,
    CAST(round(average_score - gain_if_best, 2) AS DECIMAL(9, 2)) AS average_if_best,
    points_to_better,
    gain_if_next >= points_to_better AS closes_if_next,
    gain_if_median >= points_to_better AS closes_if_median,
    gain_if_best >= points_to_better AS closes_if_best,
    place,
    min(place) FILTER (gain_so_far >= points_to_better) OVER (PARTITION BY trust_code) AS metrics_needed
FROM in_order
ORDER BY trust_code, place
