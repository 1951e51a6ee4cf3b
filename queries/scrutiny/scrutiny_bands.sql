/*
title = "How many bands can the averages carry?"
description = "The number of bands by how sure one must be of a pair, alone, before it is parted (Kline, Rose and Walters 2024), for the main case and for the most cautious errors: the strongest correlation tried, and metrics without a model varying as much as the others. Bands by score, before the override. They limit wrong orders on average over pairs and not the chance of any wrong order, so they part trusts that confidence sets do not tell apart."
grain = ["trust_type", "least_probability"]

[columns]
trust_type = { meaning = "Trust type" }
quarter = { meaning = "Latest quarter of the trust type" }
least_probability = { unit = "fraction", decimals = 0, meaning = "Probability that one is ahead of the other above which two trusts alone are parted" }
is_main = { meaning = "Whether this is the case that the other packs show" }
bands = { unit = "count", meaning = "Bands, with the errors of the main case" }
cautious_bands = { unit = "count", meaning = "Bands, with the most cautious errors" }
cautious_sd = { unit = "score", decimals = 2, meaning = "Median standard deviation of an average with the most cautious errors" }

[[tests]]
check = "sql"
name = "being surer never makes more bands"
query = """
SELECT surer.trust_type, surer.least_probability
FROM scrutiny_bands AS surer
JOIN scrutiny_bands AS less USING (trust_type)
WHERE surer.least_probability > less.least_probability AND surer.bands > less.bands
"""

[[tests]]
check = "sql"
name = "the main case gives the bands of the other packs"
query = """
SELECT trust_type FROM scrutiny_bands JOIN table_signal USING (quarter, trust_type)
WHERE is_main AND scrutiny_bands.bands <> table_signal.bands
"""
*/
WITH cautious_errors AS (
    SELECT quarter, trust_code, simulation_runs.sd / sqrt(modelled_weight) AS cautious_sd
    FROM simulation_runs
    WHERE modelled_weight > 0 AND correlation = (SELECT max(correlation) FROM simulation_cases)
),

by_table AS (
    SELECT
        quarter,
        trust_type,
        list(trust_code ORDER BY trust_code) AS ids,
        list(CAST(average_score AS DOUBLE) ORDER BY trust_code) AS averages,
        list(sd ORDER BY trust_code) AS sds,
        list(cautious_sd ORDER BY trust_code) AS cautious_sds,
        median(cautious_sd) AS cautious_sd
    FROM rank_sets
    JOIN cautious_errors USING (quarter, trust_code)
    WHERE sd > 0 AND cautious_sd > 0
    GROUP BY quarter, trust_type
    HAVING count(*) >= 4
),

underlying AS (
    SELECT
        quarter,
        trust_type,
        ids,
        cautious_sd,
        empirical_bayes(ids, averages, sds, 'REML') AS main_case,
        empirical_bayes(ids, averages, cautious_sds, 'REML') AS cautious_case
    FROM by_table
)

SELECT
    trust_type,
    quarter,
    CAST(least_probability AS DOUBLE) AS least_probability,
    abs(least_probability - 1 / (1 + band_strictness)) < 1e-9 AS is_main,
    CASE
        WHEN main_case[1].tau2 > 0
            THEN list_max(list_transform(grades(
                list_transform(main_case, lambda one: one.id),
                list_transform(main_case, lambda one: one.posterior_mean),
                list_transform(main_case, lambda one: one.posterior_sd),
                1 / CAST(least_probability AS DOUBLE) - 1
            ), lambda one: one.grade))
        ELSE 1
    END AS bands,
    CASE
        WHEN cautious_case[1].tau2 > 0
            THEN list_max(list_transform(grades(
                list_transform(cautious_case, lambda one: one.id),
                list_transform(cautious_case, lambda one: one.posterior_mean),
                list_transform(cautious_case, lambda one: one.posterior_sd),
                1 / CAST(least_probability AS DOUBLE) - 1
            ), lambda one: one.grade))
        ELSE 1
    END AS cautious_bands,
    cautious_sd
FROM underlying
CROSS JOIN band_cases
CROSS JOIN parameters
ORDER BY trust_type, least_probability
