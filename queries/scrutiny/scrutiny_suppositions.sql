/*
title = "What the sets suppose, and what it matters"
description = "The median width of the 95% sets for one trust, and the pairs of trusts told apart in the whole table, under the suppositions tried: metrics of a trust that vary together, metrics without a model varying as much as the others, and errors larger by as much as the models of chance fall short when they must foresee a reading that they have not seen (never smaller). The main case is the one that the packs show; the pairs of the others come from a tenth of its draws, which moves a few pairs."
grain = ["trust_type", "supposition"]

[columns]
trust_type = { meaning = "Trust type" }
quarter = { meaning = "Latest quarter of the trust type" }
supposition = { meaning = "What is supposed" }
supposition_order = { unit = "count", meaning = "Order on the page" }
is_main = { meaning = "Whether this is the case shown in the packs" }
trusts = { unit = "count", meaning = "Trusts in the table" }
error_factor = { unit = "ratio", decimals = 2, meaning = "Median standard deviation of an average over that of the main case" }
median_sd = { unit = "score", decimals = 2, meaning = "Median standard deviation of an average" }
median_places = { unit = "places", decimals = 0, meaning = "Median width of the sets for one trust" }
pairs = { unit = "count", meaning = "Pairs of trusts" }
pairs_told_apart = { unit = "count", meaning = "Pairs in which one is shown to be ahead, with control over the whole table" }
share_told_apart = { unit = "fraction", decimals = 0, meaning = "Share of the pairs in which one trust is shown to be ahead" }

[[tests]]
check = "sql"
name = "the main case is that of the signal"
query = """
SELECT trust_type
FROM scrutiny_suppositions
JOIN table_signal USING (quarter, trust_type)
WHERE is_main AND (median_places <> median_places_covered OR scrutiny_suppositions.pairs_told_apart <> table_signal.pairs_told_apart)
"""

[[tests]]
check = "sql"
name = "larger errors tell no more pairs apart"
query = """
SELECT larger.trust_type, larger.supposition
FROM scrutiny_suppositions AS larger
JOIN scrutiny_suppositions AS main USING (quarter, trust_type)
WHERE main.is_main AND larger.error_factor >= 1.05 AND larger.pairs_told_apart > main.pairs_told_apart
"""

[[tests]]
check = "sql"
name = "each table has one main case"
query = "SELECT trust_type FROM scrutiny_suppositions GROUP BY trust_type HAVING count(*) FILTER (is_main) <> 1"

[determinism]
list = "is_main holds for one correlation, so there is one row for each trust and supposition."
*/
WITH shortfall AS (
    -- A standard deviation of 1 would be right; where less is seen the errors are left as they are.
    SELECT trust_type, greatest(1, standardised_sd) AS factor
    FROM noise_foresight
    WHERE is_used AND changes_tested >= 20
),

drawn AS (
    SELECT
        scored_trusts.*,
        simulation_runs.* EXCLUDE (quarter, trust_code),
        case_words,
        coalesce(factor, 1) AS factor
    FROM scored_trusts
    JOIN simulation_runs USING (quarter, trust_code)
    JOIN simulation_cases USING (correlation)
    LEFT JOIN shortfall USING (trust_type)
),

suppositions AS (
    SELECT
        quarter,
        case_words AS supposition,
        list(trust_code ORDER BY trust_code) AS ids,
        list(trust_type ORDER BY trust_code) AS tables,
        list(held_at ORDER BY trust_code) AS held_at,
        list(CAST(average_score AS DOUBLE) ORDER BY trust_code) AS scores,
        flatten(list(covariance ORDER BY trust_code)) AS uncertainty,
        min(cuts) AS cuts
    FROM drawn
    WHERE NOT is_main
    GROUP BY quarter, case_words
    HAVING bool_or(is_latest_for_type)
    UNION ALL
    -- The part of the average that stands still is given its share of error; the averages are independent here.
    SELECT
        quarter,
        'metrics without a model of chance vary as much as the others',
        list(trust_code ORDER BY trust_code),
        list(trust_type ORDER BY trust_code),
        list(held_at ORDER BY trust_code),
        list(CAST(average_score AS DOUBLE) ORDER BY trust_code),
        list(coalesce(sd / sqrt(nullif(modelled_weight, 0)), 0) ORDER BY trust_code),
        min(cuts)
    FROM drawn
    WHERE is_main
    GROUP BY quarter
    HAVING bool_or(is_latest_for_type)
    UNION ALL
    SELECT
        quarter,
        'errors larger by as much as the models fall short in foresight',
        list(trust_code ORDER BY trust_code),
        list(trust_type ORDER BY trust_code),
        list(held_at ORDER BY trust_code),
        list(CAST(average_score AS DOUBLE) ORDER BY trust_code),
        list(factor * sd ORDER BY trust_code),
        min(cuts)
    FROM drawn
    WHERE is_main
    GROUP BY quarter
    HAVING bool_or(is_latest_for_type)
),

paired AS (
    SELECT
        quarter,
        supposition,
        unnest(league_pairs(
            ids, tables, held_at, scores, uncertainty, cuts, confidence_level, 'simultaneous', composite_draws, seed
        )) AS pair
    FROM suppositions
    CROSS JOIN parameters
),

pairs_of_type AS (
    SELECT trust_type, supposition, count(*) FILTER (pair.verdict = 'ahead') AS pairs_told_apart
    FROM paired
    JOIN rank_sets ON rank_sets.quarter = paired.quarter AND rank_sets.trust_code = paired.pair.id
    GROUP BY trust_type, supposition
    UNION ALL
    SELECT trust_type, case_words, pairs_told_apart
    FROM table_signal
    CROSS JOIN simulation_cases
    WHERE is_main
),

sets AS (
    SELECT quarter, trust_type, trust_code, supposition, supposition_order, is_main, sd, places_covered
    FROM rank_set_sensitivity
    UNION ALL
    SELECT
        rank_sets.quarter,
        rank_sets.trust_type,
        rank_sets.trust_code,
        supposition,
        100,
        FALSE,
        coalesce(factor, 1) * rank_sets.sd,
        ranks.upper - ranks.lower + 1
    FROM (
        SELECT
            quarter,
            supposition,
            unnest(league_confidence(
                ids, tables, held_at, scores, uncertainty, cuts, confidence_level, 'marginal', composite_draws, seed
            )) AS ranks
        FROM suppositions
        CROSS JOIN parameters
        WHERE supposition LIKE 'errors larger%'
    ) AS tested
    JOIN rank_sets ON rank_sets.quarter = tested.quarter AND rank_sets.trust_code = tested.ranks.id
    LEFT JOIN shortfall USING (trust_type)
),

sets_of_type AS (
    SELECT
        quarter,
        trust_type,
        supposition,
        min(supposition_order) AS supposition_order,
        bool_and(is_main) AS is_main,
        count(*) AS trusts,
        median(sd) AS median_sd,
        median(places_covered) AS median_places
    FROM sets
    GROUP BY quarter, trust_type, supposition
)

SELECT
    trust_type,
    quarter,
    supposition,
    supposition_order,
    is_main,
    trusts,
    median_sd / max(median_sd) FILTER (is_main) OVER (PARTITION BY trust_type) AS error_factor,
    median_sd,
    median_places,
    trusts * (trusts - 1) // 2 AS pairs,
    pairs_told_apart,
    pairs_told_apart / (trusts * (trusts - 1) // 2) AS share_told_apart
FROM sets_of_type
JOIN pairs_of_type USING (trust_type, supposition)
ORDER BY trust_type, supposition_order, supposition
