/*
title = "Metric scores"
description = "The score of each metric of each trust, recomputed by the framework's rules and set beside the published score. Scores by rank come from the place in the fitted pool: the published rank where the pool is the trust type, otherwise the place that the published score implies. Bands and combined finance come from the published values."
grain = ["quarter", "trust_code", "metric_number"]

[columns]
quarter = { meaning = "Financial quarter" }
trust_code = { meaning = "Organisation code" }
trust_type = { meaning = "Trust type" }
metric_number = { meaning = "Metric number" }
metric_name = { meaning = "Short name" }
domain = { meaning = "Framework domain" }
domain_order = { unit = "count", meaning = "Order of the domain on the page" }
value = { unit = "value", decimals = 2, meaning = "Value as published" }
units = { meaning = "Units of the value" }
published_rank = { unit = "rank", meaning = "Published rank in the trust type" }
value_rank = { unit = "rank", meaning = "Rank in the trust type recomputed from published values; ties share the best" }
scoring = { meaning = "How the metric is scored" }
score_form = { meaning = "Form of the scoring by rank" }
pool_size = { unit = "count", meaning = "Trusts in the pool" }
place_in_pool = { unit = "rank", meaning = "Place in the pool" }
place_from = { meaning = "Where the place comes from: published rank, or published score" }
published_score = { unit = "score", decimals = 2, meaning = "Score as published" }
recomputed_score = { unit = "score", decimals = 2, meaning = "Score recomputed; missing where these files do not hold what the rule needs" }
unrounded_score = { unit = "score", decimals = 6, meaning = "Score recomputed, before rounding to two decimals" }
score = { unit = "score", decimals = 2, meaning = "Score used in the packs: the published one, or the recomputed one where none was published" }
weight_thirds = { unit = "count", meaning = "Weight in the average, in thirds of a metric" }
basis = { meaning = "Which file the value comes from" }

[[tests]]
check = "range"
column = "unrounded_score"
min = 1
max = 4

[[tests]]
check = "sql"
name = "every recomputed score equals the published one"
where = "recomputed_score <> published_score"
severity = "warn"

[[tests]]
check = "sql"
name = "every published score is recomputed or taken as published"
where = "published_score IS NOT NULL AND unrounded_score IS NULL"
severity = "warn"
*/
WITH rules AS (
    SELECT metric_number, level
    FROM metric_rules
    WHERE framework_year = (SELECT framework_year FROM parameters)
),

ranked_values AS (
    SELECT
        *,
        CASE
            WHEN value IS NULL OR better IS NULL THEN NULL
            WHEN better = 'high' THEN rank() OVER (metric_of_type ORDER BY value DESC NULLS LAST)
            ELSE rank() OVER (metric_of_type ORDER BY value ASC NULLS LAST)
        END AS value_rank
    FROM metric_values
    WINDOW metric_of_type AS (PARTITION BY quarter, trust_type, metric_number)
),

with_pool AS (
    SELECT
        ranked_values.*,
        metric_pools.score_form,
        metric_pools.pool,
        metric_pools.pool_size,
        score_forms.best_hundredths,
        score_forms.worst_hundredths - score_forms.best_hundredths AS spread,
        score_forms.outside_hundredths,
        CAST(100 * published_score AS BIGINT) AS score_hundredths,
        -- On the wrong side of the floor, or on the right side of the standard.
        -- Where the level itself is not known, the score says so.
        CASE
            WHEN score_forms.outside_hundredths IS NULL THEN FALSE
            WHEN rules.level IS NULL OR value IS NULL
                THEN CAST(100 * published_score AS BIGINT) = score_forms.outside_hundredths
            WHEN score_forms.score_form = 'floor'
                THEN CASE better WHEN 'high' THEN value < rules.level ELSE value > rules.level END
            ELSE CASE better WHEN 'high' THEN value >= rules.level ELSE value <= rules.level END
        END AS is_outside
    FROM ranked_values
    LEFT JOIN metric_pools USING (quarter, trust_type, metric_number)
    LEFT JOIN score_forms ON score_forms.score_form = metric_pools.score_form
    LEFT JOIN rules USING (metric_number)
),

with_place AS (
    SELECT
        *,
        CASE
            WHEN is_outside OR published_rank IS NULL THEN NULL
            WHEN pool = 'trust type'
                THEN published_rank - count(*) FILTER (is_outside AND outside_hundredths < best_hundredths)
                    OVER (PARTITION BY quarter, trust_type, metric_number)
            ELSE 1 + (2 * (score_hundredths - best_hundredths) * (pool_size - 1) + spread) // (2 * spread)
        END AS place_in_pool
    FROM with_pool
),

by_rank AS (
    SELECT
        quarter,
        trust_code,
        metric_number,
        CASE
            WHEN is_outside THEN CAST(outside_hundredths / 100 AS DECIMAL(18, 12))
            ELSE CAST((best_hundredths + spread * (place_in_pool - 1) / (pool_size - 1)) / 100 AS DECIMAL(18, 12))
        END AS unrounded_score
    FROM with_place
    WHERE pool_size IS NOT NULL AND published_score IS NOT NULL
),

by_band AS (
    SELECT quarter, trust_code, metric_number, CAST(score AS DECIMAL(18, 12)) AS unrounded_score
    FROM band_scores
),

combined AS (
    SELECT quarter, trust_code, combined_metric_number AS metric_number, CAST(combined_score AS DECIMAL(18, 12)) AS unrounded_score
    FROM finance_scores
    WHERE combined_score IS NOT NULL
),

as_published AS (
    SELECT quarter, trust_code, metric_number, CAST(published_score AS DECIMAL(18, 12)) AS unrounded_score
    FROM metric_values
    WHERE scoring = 'as published' AND published_score IS NOT NULL
),

recomputed AS (
    SELECT * FROM by_rank
    UNION ALL
    SELECT * FROM by_band
    UNION ALL
    SELECT * FROM combined
    UNION ALL
    SELECT * FROM as_published
)

SELECT
    quarter,
    trust_code,
    with_place.trust_type,
    metric_number,
    metric_name,
    domain,
    domain_order,
    value,
    units,
    published_rank,
    value_rank,
    scoring,
    score_form,
    pool_size,
    place_in_pool,
    CASE
        WHEN place_in_pool IS NULL THEN NULL
        WHEN pool = 'trust type' THEN 'published rank'
        ELSE 'published score'
    END AS place_from,
    published_score,
    CAST(round(unrounded_score, 2) AS DECIMAL(9, 2)) AS recomputed_score,
    unrounded_score,
    coalesce(published_score, CAST(round(unrounded_score, 2) AS DECIMAL(9, 2))) AS score,
    weight_thirds,
    basis
FROM with_place
LEFT JOIN recomputed USING (quarter, trust_code, metric_number)
ORDER BY quarter, trust_code, domain_order, metric_number
