/*
title = "Do the models of chance foresee?"
description = "The last reading of each metric tested against models made from the readings before it, as if it were not yet known: each change over the standard error foreseen for it. A standard deviation of 1, and 5% beyond 1.96, would mean that the models foresee well and nothing really changed; more means that they foresee too little chance, or that trusts really changed. Twice: with a trust's own history alone, and steadied by the typical range of the trust type as candour.toml says, which is what this book uses. One reading fewer is used here than in the packs, so the packs' models do somewhat better."
grain = ["trust_type", "model"]

[columns]
trust_type = { meaning = "Trust type" }
model = { meaning = "Own history alone, or steadied by the trust type" }
is_used = { meaning = "Whether this is the model of this book" }
changes_tested = { unit = "count", meaning = "Changes tested, over all metrics" }
standardised_sd = { unit = "ratio", decimals = 2, meaning = "Standard deviation of the changes over their foreseen standard errors" }
beyond_95 = { unit = "fraction", decimals = 0, meaning = "Share of changes beyond 1.96 standard errors" }

[[tests]]
check = "sql"
name = "steadying by the type does not foresee worse than own history alone"
query = """
SELECT used.trust_type
FROM noise_foresight AS used
JOIN noise_foresight AS other USING (trust_type)
WHERE used.is_used AND NOT other.is_used AND used.changes_tested >= 50 AND used.standardised_sd > other.standardised_sd
"""
severity = "warn"
*/
WITH by_metric AS (
    SELECT
        trust_code,
        trust_type,
        metric_number,
        avg(moving_range) FILTER (reading < readings_held) AS mean_range,
        count(moving_range) FILTER (reading < readings_held) AS ranges,
        max(moving_range) FILTER (reading = readings_held) AS last_range
    FROM metric_readings
    WHERE readings_held > (SELECT least_readings FROM parameters)
    GROUP BY trust_code, trust_type, metric_number
),

foreseen AS (
    SELECT
        by_metric.*,
        noise_models.typical_ranges,
        median(mean_range) OVER (PARTITION BY trust_type, by_metric.metric_number) AS typical_range
    FROM by_metric
    JOIN noise_models
        ON noise_models.metric_number = by_metric.metric_number
        AND noise_models.framework_year = (SELECT framework_year FROM parameters)
),

tested AS (
    -- A mean moving range over 1.128 is the error of one reading; a change has two. Overlap widens neither against the other.
    SELECT
        trust_type,
        'own history alone' AS model,
        FALSE AS is_used,
        last_range / nullif(mean_range / 1.128 * sqrt(2), 0) AS standardised
    FROM foreseen
    UNION ALL
    SELECT
        trust_type,
        'steadied by the trust type',
        TRUE,
        last_range / nullif(
            (ranges * mean_range + typical_ranges * typical_range) / (ranges + typical_ranges) / 1.128 * sqrt(2), 0
        )
    FROM foreseen
)

SELECT
    trust_type,
    model,
    is_used,
    count(standardised) AS changes_tested,
    -- About 0, not about their mean: the sign of a change means nothing here.
    sqrt(avg(standardised * standardised)) AS standardised_sd,
    count(*) FILTER (standardised > 1.96) / count(standardised) AS beyond_95
FROM tested
GROUP BY trust_type, model, is_used
