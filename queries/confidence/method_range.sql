/*
title = "How far the rules move each rank"
description = "Third layer, one row for each trust: the best and the worst rank under the other rules, which rule moves the trust most, and the ranks that random weights give. Random weights leave the scores and the rules as they are and weigh the metrics otherwise; the range holds the middle 90% of the draws. None of this is chance, and none of it is a confidence set: it says how far the rank is a matter of how the table was made."
grain = ["quarter", "trust_code"]

[columns]
quarter = { meaning = "Latest quarter of the trust type" }
trust_code = { meaning = "Organisation code" }
trust_type = { meaning = "Trust type" }
league_rank = { unit = "rank", meaning = "League rank as published" }
alternatives = { unit = "count", meaning = "Other rules tried" }
rank_best = { unit = "rank", meaning = "Best rank under any of the other rules" }
rank_best_under = { meaning = "The rule that gives the best rank" }
rank_worst = { unit = "rank", meaning = "Worst rank under any of the other rules" }
rank_worst_under = { meaning = "The rule that gives the worst rank" }
moves_most = { meaning = "The rule that moves the trust most" }
moves_most_places_up = { unit = "places", meaning = "Places gained under it; below zero is places lost" }
mean_shift = { unit = "places", decimals = 1, meaning = "Mean number of places by which a rule moves the trust" }
rank_without_override = { unit = "rank", meaning = "Rank without the financial override" }
weights_rank_best = { unit = "rank", meaning = "Best rank of the middle 90% of random weights" }
weights_rank_worst = { unit = "rank", meaning = "Worst rank of the middle 90% of random weights" }
weights_mean_shift = { unit = "places", decimals = 1, meaning = "Mean number of places by which random weights move the trust" }

[[tests]]
check = "sql"
name = "the best rank is no worse than the worst"
where = "rank_best > rank_worst OR weights_rank_best > weights_rank_worst"
*/
WITH trusts_drawn AS (
    SELECT
        quarter,
        list(trust_code ORDER BY trust_code) AS ids,
        list(trust_type ORDER BY trust_code) AS tables,
        list(held_at ORDER BY trust_code) AS held_at,
        min(cuts) AS cuts
    FROM scored_trusts
    GROUP BY quarter
    HAVING bool_or(is_latest_for_type)
),

scores_drawn AS (
    SELECT
        quarter,
        list(trust_code ORDER BY trust_code, metric_number) AS pair_units,
        list(metric_number ORDER BY trust_code, metric_number) AS pair_metrics,
        list(score ORDER BY trust_code, metric_number) AS pair_scores,
        list(CAST(weight_thirds AS DOUBLE) ORDER BY trust_code, metric_number) AS pair_weights
    FROM metric_noise
    SEMI JOIN scored_trusts USING (quarter, trust_code)
    GROUP BY quarter
),

reweighted AS (
    SELECT
        quarter,
        unnest(random_weight_ranks(
            ids, tables, held_at, pair_units, pair_metrics, pair_scores, pair_weights,
            cuts, average_decimals, weight_concentration, weight_level, composite_draws, seed
        )) AS weights
    FROM trusts_drawn
    JOIN scores_drawn USING (quarter)
    CROSS JOIN parameters
    JOIN framework_years USING (framework_year)
),

ranges AS (
    SELECT
        quarter,
        trust_code,
        min(trust_type) AS trust_type,
        min(league_rank) AS league_rank,
        count(*) FILTER (kind <> 'as published') AS alternatives,
        min(rank) AS rank_best,
        arg_min(alternative, (rank, alternative_order)) AS rank_best_under,
        max(rank) AS rank_worst,
        arg_min(alternative, (-rank, alternative_order)) AS rank_worst_under,
        arg_min(alternative, (-abs(places_up), alternative_order)) FILTER (kind <> 'as published') AS moves_most,
        arg_min(places_up, (-abs(places_up), alternative_order)) FILTER (kind <> 'as published') AS moves_most_places_up,
        avg(abs(places_up)) FILTER (kind <> 'as published') AS mean_shift,
        min(rank) FILTER (kind = 'no override') AS rank_without_override
    FROM method_ranks
    GROUP BY quarter, trust_code
)

SELECT
    ranges.*,
    weights.lower AS weights_rank_best,
    weights.upper AS weights_rank_worst,
    weights.mean_shift AS weights_mean_shift
FROM ranges
JOIN reweighted ON reweighted.quarter = ranges.quarter AND reweighted.weights.id = ranges.trust_code
