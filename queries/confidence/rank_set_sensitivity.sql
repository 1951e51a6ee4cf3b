/*
title = "How the sets hang on what is supposed"
description = "The 95% set of each trust's rank, for the trust by itself, under other suppositions than the main case: a trust's metrics moving together, and the metrics that have no model of chance varying as much as those that have one. None of these is known; they show how far the set in the pack could be too narrow."
grain = ["quarter", "trust_code", "supposition"]

[columns]
quarter = { meaning = "Latest quarter of the trust type" }
trust_code = { meaning = "Organisation code" }
trust_type = { meaning = "Trust type" }
supposition = { meaning = "What is supposed" }
supposition_order = { unit = "count", meaning = "Order on the page" }
is_main = { meaning = "Whether this is the case shown in the pack" }
league_rank = { unit = "rank", meaning = "League rank as published" }
sd = { unit = "score", decimals = 2, meaning = "Standard deviation of the average" }
rank_best = { unit = "rank", meaning = "Best rank in the set" }
rank_worst = { unit = "rank", meaning = "Worst rank in the set" }
places_covered = { unit = "places", meaning = "Places that it covers" }

[[tests]]
check = "sql"
name = "the published rank lies in its set"
where = "league_rank NOT BETWEEN rank_best AND rank_worst"

[[tests]]
check = "sql"
name = "the main case is the set of the pack"
query = """
SELECT trust_code
FROM rank_set_sensitivity
JOIN rank_sets USING (quarter, trust_code)
WHERE is_main
    AND (rank_set_sensitivity.sd <> rank_sets.sd OR rank_set_sensitivity.rank_best <> rank_sets.rank_best OR rank_set_sensitivity.rank_worst <> rank_sets.rank_worst)
"""

[determinism]
list = "is_main holds for one correlation, so there is one row for each trust."
*/
WITH drawn AS (
    SELECT scored_trusts.*, simulation_runs.* EXCLUDE (quarter, trust_code), case_words
    FROM scored_trusts
    JOIN simulation_runs USING (quarter, trust_code)
    JOIN simulation_cases USING (correlation)
),

suppositions AS (
    SELECT
        quarter,
        case_words AS supposition,
        min(correlation) AS strength,
        bool_and(is_main) AS is_main,
        list(trust_code ORDER BY trust_code) AS ids,
        list(trust_type ORDER BY trust_code) AS tables,
        list(held_at ORDER BY trust_code) AS held_at,
        list(CAST(average_score AS DOUBLE) ORDER BY trust_code) AS scores,
        flatten(list(covariance ORDER BY trust_code)) AS uncertainty,
        list(sd ORDER BY trust_code) AS sds,
        min(cuts) AS cuts
    FROM drawn
    GROUP BY quarter, case_words
    HAVING bool_or(is_latest_for_type)
    UNION ALL
    -- The part of the average that stands still is given its share of error; the averages are independent here.
    SELECT
        quarter,
        'metrics without a model of chance vary as much as the others',
        2,
        FALSE,
        list(trust_code ORDER BY trust_code),
        list(trust_type ORDER BY trust_code),
        list(held_at ORDER BY trust_code),
        list(CAST(average_score AS DOUBLE) ORDER BY trust_code),
        list(coalesce(sd / sqrt(nullif(modelled_weight, 0)), 0) ORDER BY trust_code),
        list(coalesce(sd / sqrt(nullif(modelled_weight, 0)), 0) ORDER BY trust_code),
        min(cuts)
    FROM drawn
    WHERE is_main
    GROUP BY quarter
    HAVING bool_or(is_latest_for_type)
),

tested AS (
    SELECT
        quarter,
        supposition,
        strength,
        is_main,
        unnest(league_confidence(
            ids, tables, held_at, scores, uncertainty, cuts, confidence_level, 'marginal', critical_draws, seed
        )) AS ranks,
        unnest(sds) AS sd
    FROM suppositions
    CROSS JOIN parameters
)

SELECT
    tested.quarter,
    rank_sets.trust_code,
    rank_sets.trust_type,
    supposition,
    dense_rank() OVER (ORDER BY strength) AS supposition_order,
    is_main,
    league_rank,
    tested.sd,
    ranks.lower AS rank_best,
    ranks.upper AS rank_worst,
    ranks.upper - ranks.lower + 1 AS places_covered
FROM tested
JOIN rank_sets ON rank_sets.quarter = tested.quarter AND rank_sets.trust_code = tested.ranks.id
ORDER BY tested.quarter, rank_sets.trust_code, supposition_order, supposition
