/*
title = "Simulated leagues"
description = "Second layer, as drawn: chance and volatility in the metrics. In each draw every metric of every trust that has a model of chance is drawn about its published value; every trust is scored, averaged, put in a segment, held by the override and ranked again. Metrics without a model stay as published. A metric whose whole pool is held is ranked again in each draw; where only part of the pool is held, scores follow the curve of the published values and scores. Segments use the quartiles of each draw where all trust types are held, and the fixed cuts otherwise. Other cells read what they need from here."
grain = ["quarter", "correlation", "trust_code"]

[columns]
quarter = { meaning = "Financial quarter" }
correlation = { unit = "correlation", decimals = 1, meaning = "Correlation supposed between a trust's metrics" }
is_main = { meaning = "Whether this is the main case" }
trust_code = { meaning = "Organisation code" }
score = { unit = "score", decimals = 2, meaning = "Average without any noise" }
segment = { unit = "segment", meaning = "Segment without any noise" }
rank = { unit = "rank", meaning = "League rank without any noise, among the trusts held" }
sd = { unit = "score", decimals = 3, meaning = "Standard deviation of the average over the draws" }
bias = { unit = "score", decimals = 3, meaning = "Mean of the average over the draws less the average without noise" }
band_probabilities = { meaning = "Share of draws in segments 1 to 4" }
p_best_quarter = { unit = "fraction", decimals = 0, meaning = "Share of draws in the best quarter of the table" }
p_worst_quarter = { unit = "fraction", decimals = 0, meaning = "Share of draws in the worst quarter of the table" }
expected_rank = { unit = "rank", decimals = 1, meaning = "Mean rank over the draws" }
modelled_weight = { unit = "fraction", decimals = 0, meaning = "Share of the average that carries modelled error" }
top_metric = { meaning = "Metric, as pooled, that drives the trust's variance most" }
top_share = { unit = "fraction", decimals = 0, meaning = "Share of the variance that comes from the metric that drives it most" }
metric_ids = { meaning = "The trust's metrics, as pooled" }
metric_shares = { meaning = "The share of the trust's variance that each drives" }
covariance = { meaning = "Covariance of the trust's average with that of each trust of the quarter, in order of code" }

[[tests]]
check = "sql"
name = "without noise the simulation scores, segments and ranks as the book does"
query = """
SELECT simulation_runs.quarter, trust_code, score, average_score, segment, adjusted_segment, rank, league_rank
FROM simulation_runs
JOIN scored_trusts USING (quarter, trust_code)
WHERE abs(score - average_score) > 0.0101 OR segment <> adjusted_segment OR (table_is_whole AND rank <> league_rank)
"""
severity = "warn"

[[tests]]
check = "range"
column = "sd"
min = 0
*/
WITH trusts_drawn AS (
    SELECT
        quarter,
        list(trust_code ORDER BY trust_code) AS ids,
        list(trust_type ORDER BY trust_code) AS tables,
        list(held_at ORDER BY trust_code) AS held_at,
        list(CAST(average_score AS DOUBLE) ORDER BY trust_code) AS published,
        CASE WHEN min(cuts_from) = 'quartile of all trusts' THEN CAST([] AS DOUBLE[]) ELSE min(cuts) END AS cuts
    FROM scored_trusts
    GROUP BY quarter
),

pairs AS (
    SELECT metric_noise.*
    FROM metric_noise
    SEMI JOIN scored_trusts USING (quarter, trust_code)
),

scores_drawn AS (
    SELECT
        quarter,
        list(trust_code ORDER BY trust_code, metric_number) AS pair_units,
        list(pool_metric ORDER BY trust_code, metric_number) AS pair_metrics,
        list(value ORDER BY trust_code, metric_number) AS pair_values,
        list(score ORDER BY trust_code, metric_number) AS pair_scores,
        list(sd ORDER BY trust_code, metric_number) AS pair_sds,
        list(CAST(weight_thirds AS DOUBLE) ORDER BY trust_code, metric_number) AS pair_weights
    FROM pairs
    GROUP BY quarter
),

pools AS (
    SELECT
        quarter,
        pool_metric,
        bool_and(metric_pools.pool <> 'wider than these files') AS is_held,
        bool_or(sd > 0) AS is_drawn,
        min(pairs.better) = 'high' AS higher_is_better,
        min(noise_models.lowest) AS lowest,
        min(noise_models.highest) AS highest,
        min(score_forms.best_hundredths) / 100 AS best,
        min(score_forms.worst_hundredths) / 100 AS worst,
        CASE WHEN min(score_forms.outside_hundredths) IS NOT NULL THEN min(metric_pools.score_form) END AS edge,
        min(score_forms.outside_hundredths) / 100 AS edge_score,
        -- Where the level is not published, the value nearest to it on its good side.
        coalesce(
            min(metric_rules.level),
            CASE min(pairs.better)
                WHEN 'high' THEN min(value) FILTER (is_on_good_side)
                ELSE max(value) FILTER (is_on_good_side)
            END
        ) AS edge_level
    FROM pairs
    LEFT JOIN metric_pools USING (quarter, trust_type, metric_number)
    LEFT JOIN score_forms USING (score_form)
    CROSS JOIN LATERAL (
        -- Outside the spread because the standard is met, or inside it because the floor is not broken.
        SELECT (score = outside_hundredths / 100) = (score_form = 'standard') AS is_on_good_side
    )
    LEFT JOIN metric_rules
        ON metric_rules.metric_number = pairs.metric_number
        AND metric_rules.framework_year = (SELECT framework_year FROM parameters)
    LEFT JOIN noise_models
        ON noise_models.metric_number = pairs.metric_number
        AND noise_models.framework_year = (SELECT framework_year FROM parameters)
    GROUP BY quarter, pool_metric
),

metrics_drawn AS (
    SELECT
        quarter,
        list(pool_metric ORDER BY pool_metric) AS metrics,
        list(
            CASE WHEN is_drawn IS NOT TRUE THEN 'fixed' WHEN is_held THEN 'rank' ELSE 'curve' END ORDER BY pool_metric
        ) AS scoring,
        list(higher_is_better ORDER BY pool_metric) AS higher_is_better,
        list(lowest ORDER BY pool_metric) AS lowest,
        list(highest ORDER BY pool_metric) AS highest,
        list(best ORDER BY pool_metric) AS best,
        list(worst ORDER BY pool_metric) AS worst,
        list(edge ORDER BY pool_metric) AS edge,
        list(CASE WHEN edge IS NOT NULL THEN edge_level END ORDER BY pool_metric) AS edge_level,
        list(edge_score ORDER BY pool_metric) AS edge_score
    FROM pools
    GROUP BY quarter
),

drawn AS (
    SELECT
        quarter,
        simulation_cases.correlation,
        simulation_cases.is_main,
        unnest(composite_simulation(
            ids, tables, held_at, published,
            pair_units, pair_metrics, pair_values, pair_scores, pair_sds, pair_weights,
            metrics, scoring, higher_is_better, lowest, highest, best, worst, edge, edge_level, edge_score,
            CAST([] AS VARCHAR[]), CAST([] AS DOUBLE[]), CAST([] AS BOOLEAN[]), CAST([] AS DOUBLE[]),
            cuts, average_decimals, simulation_cases.correlation, composite_draws, seed
        )) AS trust
    FROM trusts_drawn
    JOIN scores_drawn USING (quarter)
    JOIN metrics_drawn USING (quarter)
    CROSS JOIN simulation_cases
    CROSS JOIN parameters
    JOIN framework_years USING (framework_year)
)

SELECT
    quarter,
    correlation,
    is_main,
    trust.id AS trust_code,
    trust.score,
    trust.band AS segment,
    trust.rank,
    trust.sd,
    trust.bias,
    trust.band_probabilities,
    trust.p_best_quarter,
    trust.p_worst_quarter,
    trust.expected_rank,
    trust.modelled_weight,
    trust.top_metric,
    trust.top_share,
    trust.metric_ids,
    trust.metric_shares,
    trust.covariance
FROM drawn
