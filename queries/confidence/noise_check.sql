/*
title = "Do the models of chance fit?"
description = "From one quarter to the next the part of each average that has a model of chance changes. Divided by the standard error that the simulation gives it, the change should scatter about 0 with a standard deviation of 1 where nothing really changed: less says that the models expect too much chance, more that they expect too little or that trusts really changed. The models were made from these same quarters, so this shows that they fit, not that they foresee."
grain = ["trust_type", "quarter"]

[columns]
trust_type = { meaning = "Trust type" }
quarter = { meaning = "Financial quarter" }
previous_quarter = { meaning = "The quarter before" }
trusts = { unit = "count", meaning = "Trusts in both quarters" }
observed_sd = { unit = "score", decimals = 2, meaning = "Standard deviation of the change of the modelled part of the average" }
median_standard_error = { unit = "score", decimals = 2, meaning = "Median standard error of that change by the simulation" }
standardised_sd = { unit = "ratio", decimals = 2, meaning = "Standard deviation of the changes, each over its standard error: 1 where the models fit and nothing changed" }
beyond_95 = { unit = "fraction", decimals = 0, meaning = "Share of trusts whose change is beyond 1.96 standard errors: 5% where the models fit and nothing changed" }

[[tests]]
check = "range"
column = "standardised_sd"
min = 0.5
max = 1.5
severity = "warn"
name = "the models of chance expect neither half nor one and a half times the change seen"
*/
WITH metric_changes AS (
    SELECT
        after.trust_type,
        after.quarter,
        quarters.previous_quarter,
        after.trust_code,
        after.weight_share * (after.score - before.score) AS change,
        drivers.variance_share * after.overlap AS shared_variance
    FROM metric_noise AS after
    JOIN quarters ON quarters.quarter = after.quarter
    JOIN metric_noise AS before
        ON before.quarter = quarters.previous_quarter
        AND before.trust_code = after.trust_code
        AND before.metric_number = after.metric_number
    JOIN metric_drivers AS drivers
        ON drivers.quarter = after.quarter
        AND drivers.trust_code = after.trust_code
        AND drivers.metric_number = after.metric_number
    WHERE after.sd IS NOT NULL AND before.sd IS NOT NULL
),

trust_changes AS (
    SELECT
        trust_type,
        quarter,
        previous_quarter,
        trust_code,
        sum(change) AS change,
        sum(shared_variance) AS overlap
    FROM metric_changes
    GROUP BY trust_type, quarter, previous_quarter, trust_code
),

with_errors AS (
    SELECT
        trust_changes.*,
        sqrt(after.sd * after.sd + before.sd * before.sd - 2 * overlap * after.sd * before.sd) AS standard_error
    FROM trust_changes
    JOIN simulation_runs AS after
        ON after.quarter = trust_changes.quarter AND after.trust_code = trust_changes.trust_code AND after.is_main
    JOIN simulation_runs AS before
        ON before.quarter = trust_changes.previous_quarter AND before.trust_code = trust_changes.trust_code AND before.is_main
)

SELECT
    trust_type,
    quarter,
    previous_quarter,
    count(*) AS trusts,
    stddev_samp(change) AS observed_sd,
    median(standard_error) AS median_standard_error,
    stddev_samp(change / standard_error) AS standardised_sd,
    count(*) FILTER (abs(change) > 1.96 * standard_error) / count(*) AS beyond_95
FROM with_errors
WHERE standard_error > 0
GROUP BY trust_type, quarter, previous_quarter
