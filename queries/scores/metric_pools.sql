/*
title = "Pools in which metrics are scored"
description = "For each metric scored by rank, the number of trusts N among which it is ranked, and the form of its scoring, recovered from the published ranks and scores: the pool is often wider than the trust type, and no file says so. N is the smallest pool for which every published score lies on the grid of that pool and is in the order of the published ranks; the trust type itself is tried first, then the trusts in these files."
grain = ["quarter", "trust_type", "metric_number"]

[columns]
quarter = { meaning = "Financial quarter" }
trust_type = { meaning = "Trust type" }
metric_number = { meaning = "Metric number" }
metric_name = { meaning = "Short name" }
score_form = { meaning = "Form of the scoring: plain, floor or standard" }
trusts_scored = { unit = "count", meaning = "Trusts of the type with a published rank and score" }
trusts_spread = { unit = "count", meaning = "Trusts of the type whose score is spread by rank, so not below a floor or meeting a standard" }
trusts_in_files = { unit = "count", meaning = "Trusts of every type in these files whose score is spread by rank" }
pool_size = { unit = "count", meaning = "N, the number of trusts among which the metric is ranked" }
pool = { meaning = "What the pool is: the trust type, the trusts in these files, or wider than these files" }
misfits = { unit = "count", meaning = "Published scores that no place in the pool gives" }
other_pools = { unit = "count", meaning = "Other pool sizes that fit as well, up to the largest tried" }

[[tests]]
check = "range"
column = "misfits"
max = 0
name = "every published score is given by a place in the fitted pool"
severity = "warn"

[[tests]]
check = "sql"
name = "a pool holds at least the trusts scored in it"
where = "pool_size < trusts_spread"

[determinism]
window = "Trusts of equal place and score are alike in all that is compared, so any order of them gives the same rows."
*/
WITH ranked AS (
    SELECT
        quarter,
        trust_type,
        metric_values.metric_number,
        metric_values.metric_name,
        published_rank,
        CAST(100 * published_score AS BIGINT) AS score_hundredths,
        metric_rules.score_form AS known_form
    FROM metric_values
    LEFT JOIN metric_rules
        ON metric_rules.metric_number = metric_values.metric_number
        AND metric_rules.framework_year = (SELECT framework_year FROM parameters)
    WHERE metric_values.scoring = 'by rank'
        AND published_rank IS NOT NULL
        AND published_score IS NOT NULL
),

by_form AS (
    -- Scores outside the spread (below a floor, or meeting a standard) say nothing about the pool.
    -- Trusts that meet a standard hold the best ranks: those below it start to count after them.
    SELECT
        ranked.*,
        score_forms.score_form,
        form_order,
        best_hundredths,
        worst_hundredths - best_hundredths AS spread,
        ranked.score_hundredths IS NOT DISTINCT FROM outside_hundredths AS is_outside,
        count(*) FILTER (score_hundredths = outside_hundredths AND outside_hundredths < best_hundredths)
            OVER (PARTITION BY quarter, trust_type, metric_number, score_forms.score_form) AS better_outside
    FROM ranked
    JOIN score_forms ON coalesce(ranked.known_form = score_forms.score_form, TRUE)
),

spread_by_rank AS (
    SELECT *, published_rank - better_outside AS place_in_type
    FROM by_form
    WHERE NOT is_outside
),

counted AS (
    SELECT
        quarter,
        trust_type,
        metric_number,
        score_form,
        count(*) AS trusts_spread,
        CAST(sum(count(*)) OVER (PARTITION BY quarter, metric_number, score_form) AS BIGINT) AS trusts_in_files
    FROM spread_by_rank
    GROUP BY quarter, trust_type, metric_number, score_form
),

candidates AS (
    SELECT counted.*, tried.pool_size
    FROM counted, unnest(range(2, (SELECT largest_pool + 1 FROM parameters))) AS tried(pool_size)
    WHERE tried.pool_size >= counted.trusts_spread
),

placed AS (
    -- The place whose score is nearest to the published one. Whole numbers only, so that a half is a half.
    SELECT
        spread_by_rank.*,
        candidates.pool_size,
        (2 * (score_hundredths - best_hundredths) * (pool_size - 1) + spread) // (2 * spread) AS places_below_best
    FROM spread_by_rank
    JOIN candidates USING (quarter, trust_type, metric_number, score_form)
),

checked AS (
    SELECT
        *,
        -- Farther from the grid than rounding to two decimals allows.
        2 * abs(spread * places_below_best - (score_hundredths - best_hundredths) * (pool_size - 1))
            > pool_size - 1 AS off_the_grid,
        -- A wider pool can only push places apart, never together.
        coalesce(
            places_below_best - lag(places_below_best) OVER by_rank < place_in_type - lag(place_in_type) OVER by_rank,
            places_below_best < place_in_type - 1
        ) AS out_of_order,
        places_below_best = place_in_type - 1 AS same_as_in_type
    FROM placed
    WINDOW by_rank AS (
        PARTITION BY quarter, trust_type, metric_number, score_form, pool_size
        ORDER BY place_in_type, score_hundredths
    )
),

fits AS (
    SELECT
        quarter,
        trust_type,
        metric_number,
        score_form,
        pool_size,
        min(metric_name) AS metric_name,
        min(form_order) AS form_order,
        count(*) FILTER (off_the_grid OR out_of_order) AS misfits,
        bool_and(same_as_in_type) AS same_as_in_type
    FROM checked
    GROUP BY quarter, trust_type, metric_number, score_form, pool_size
),

labelled AS (
    SELECT
        fits.*,
        trusts_spread,
        trusts_in_files,
        count(*) FILTER (misfits = 0) OVER (PARTITION BY quarter, trust_type, metric_number, score_form) AS pools_that_fit,
        CASE
            WHEN pool_size = trusts_spread AND same_as_in_type THEN 'trust type'
            WHEN pool_size = trusts_in_files THEN 'trusts in these files'
            ELSE 'wider than these files'
        END AS pool
    FROM fits
    JOIN counted USING (quarter, trust_type, metric_number, score_form)
),

best AS (
    SELECT *
    FROM labelled
    QUALIFY row_number() OVER (
        PARTITION BY quarter, trust_type, metric_number
        ORDER BY
            misfits,
            CASE pool WHEN 'trust type' THEN 1 WHEN 'trusts in these files' THEN 2 ELSE 3 END,
            form_order,
            pool_size
    ) = 1
),

scored AS (
    SELECT quarter, trust_type, metric_number, count(*) AS trusts_scored
    FROM ranked
    GROUP BY quarter, trust_type, metric_number
)

SELECT
    quarter,
    trust_type,
    metric_number,
    metric_name,
    score_form,
    trusts_scored,
    trusts_spread,
    trusts_in_files,
    pool_size,
    pool,
    misfits,
    pools_that_fit - CAST(misfits = 0 AS BIGINT) AS other_pools
FROM best
JOIN scored USING (quarter, trust_type, metric_number)
