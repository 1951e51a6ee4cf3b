/*
title = "How much of each table is signal"
description = "For the latest table of each type: how much of the spread of the averages is more than chance (rankability), how many bands the averages can carry, and how many pairs of trusts can be told apart. Under 50% rankability, the literature says do not rank; where chance explains the whole spread, no ranking is supported. Bands by score, override aside."
grain = ["quarter", "trust_type"]

[columns]
quarter = { meaning = "Latest quarter of the trust type" }
trust_type = { meaning = "Trust type" }
trusts = { unit = "count", meaning = "Trusts in the table" }
rankability = { unit = "fraction", decimals = 0, meaning = "Variance between trusts as a share of it and of the median variance by chance" }
cautious_rankability = { unit = "fraction", decimals = 0, meaning = "Rankability if the metrics without a model varied as much as the others, and a trust's metrics moved together as much as the last case supposes" }
spread_sd = { unit = "score", decimals = 2, meaning = "Standard deviation between trusts, chance taken out" }
median_sd = { unit = "score", decimals = 2, meaning = "Median standard deviation by chance" }
bands = { unit = "count", meaning = "Bands that the averages can carry" }
pairs = { unit = "count", meaning = "Pairs of trusts in the table" }
pairs_told_apart = { unit = "count", meaning = "Pairs in which one is shown to be ahead" }
share_told_apart = { unit = "fraction", decimals = 0, meaning = "Share of the pairs in which one trust is shown to be ahead" }
median_places_covered = { unit = "places", decimals = 0, meaning = "Median width of the sets for one trust" }
median_table_places_covered = { unit = "places", decimals = 0, meaning = "Median width of the sets for the whole table" }
median_weight_modelled = { unit = "fraction", decimals = 0, meaning = "Median share of the average that carries modelled error" }
worst_quarter_is_shown = { meaning = "Whether the trusts with the worst quarter of averages are shown to be the true worst quarter" }
verdict = { meaning = "The finding in words" }

[[tests]]
check = "range"
column = "rankability"
min = 0
max = 1
*/
WITH by_table AS (
    SELECT
        quarter,
        trust_type,
        list(trust_code ORDER BY trust_code) AS ids,
        list(CAST(average_score AS DOUBLE) ORDER BY trust_code) AS averages,
        list(sd ORDER BY trust_code) AS sds,
        count(*) AS trusts,
        median(sd) AS median_sd,
        median(places_covered) AS median_places_covered,
        median(table_places_covered) AS median_table_places_covered
    FROM rank_sets
    WHERE sd > 0
    GROUP BY quarter, trust_type
    HAVING count(*) >= 4
),

underlying AS (
    SELECT quarter, trust_type, unnest(empirical_bayes(ids, averages, sds, 'REML')) AS posterior
    FROM by_table
),

cautious AS (
    -- The strongest correlation tried; the part of the average that stands still given its share of error.
    SELECT
        quarter,
        trust_type,
        empirical_bayes(
            list(trust_code ORDER BY trust_code),
            list(CAST(average_score AS DOUBLE) ORDER BY trust_code),
            list(simulation_runs.sd / sqrt(modelled_weight) ORDER BY trust_code),
            'REML'
        )[1].rankability AS cautious_rankability
    FROM rank_sets
    JOIN simulation_runs USING (quarter, trust_code)
    WHERE simulation_runs.sd > 0 AND modelled_weight > 0
        AND correlation = (SELECT max(correlation) FROM simulation_cases)
    GROUP BY quarter, trust_type
),

spread AS (
    SELECT
        quarter,
        trust_type,
        min(posterior.tau2) AS tau2,
        min(posterior.rankability) AS rankability,
        list(posterior.id ORDER BY posterior.id) AS ids,
        list(posterior.posterior_mean ORDER BY posterior.id) AS means,
        list(posterior.posterior_sd ORDER BY posterior.id) AS sds
    FROM underlying
    GROUP BY quarter, trust_type
),

banded AS (
    SELECT
        quarter,
        trust_type,
        list_max(list_transform(grades(ids, means, sds, band_strictness), lambda one: one.grade)) AS bands
    FROM spread
    CROSS JOIN parameters
    WHERE tau2 > 0
),

paired AS (
    SELECT
        quarter,
        trust_type,
        count(*) // 2 AS pairs,
        count(*) FILTER (verdict = 'ahead') AS pairs_told_apart
    FROM rank_pairs_latest
    GROUP BY quarter, trust_type
),

coverage AS (
    SELECT quarter, trust_type, median(weight_modelled) AS median_weight_modelled
    FROM noise_coverage
    SEMI JOIN rank_sets USING (quarter, trust_code)
    GROUP BY quarter, trust_type
)

SELECT
    quarter,
    trust_type,
    trusts,
    rankability,
    cautious_rankability,
    sqrt(tau2) AS spread_sd,
    median_sd,
    coalesce(bands, 1) AS bands,
    pairs,
    pairs_told_apart,
    pairs_told_apart / pairs AS share_told_apart,
    median_places_covered,
    median_table_places_covered,
    median_weight_modelled,
    top_set(by_table.ids, averages, by_table.sds, TRUE, trusts // 4, confidence_level).verified AS worst_quarter_is_shown,
    CASE
        WHEN tau2 <= 0
            THEN 'No ranking is supported: chance in the metrics explains the whole spread of the averages.'
        WHEN rankability < 0.5
            THEN 'Less than half of the spread of the averages is more than chance: the literature says do not rank.'
        WHEN rankability < 0.75
            THEN 'The averages carry a ranking moderately well.'
        ELSE 'Most of the spread of the averages is more than chance in the metrics that are modelled.'
    END AS verdict
FROM by_table
JOIN spread USING (quarter, trust_type)
JOIN paired USING (quarter, trust_type)
JOIN cautious USING (quarter, trust_type)
JOIN coverage USING (quarter, trust_type)
LEFT JOIN banded USING (quarter, trust_type)
CROSS JOIN parameters
