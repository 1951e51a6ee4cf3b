/*
title = "Confidence sets for metric ranks"
description = "Where each trust could truly stand on a single metric within its type, in the latest quarter. The sets are for one trust picked in advance (Mogstad, Romano, Shaikh and Wilhelm 2024), from the standard deviations of the metric's values. Trusts whose value has no model are counted as if they could stand on either side, which widens the sets. Where nothing is modelled there is no set, and the reason is given."
grain = ["quarter", "trust_code", "metric_number"]

[columns]
quarter = { meaning = "Latest quarter of the trust type" }
trust_code = { meaning = "Organisation code" }
trust_type = { meaning = "Trust type" }
metric_number = { meaning = "Metric number" }
metric_name = { meaning = "Short name" }
value = { unit = "value", decimals = 2, meaning = "Value as published" }
units = { meaning = "Units of the value" }
sd = { unit = "value", decimals = 2, meaning = "Standard deviation of the value" }
metric_rank = { unit = "rank", meaning = "Rank within the type as published" }
rank_best = { unit = "rank", meaning = "Best rank in the 95% set" }
rank_worst = { unit = "rank", meaning = "Worst rank in the 95% set" }
places_covered = { unit = "places", meaning = "Places that it covers" }
trusts_ranked = { unit = "count", meaning = "Trusts of the type with a value" }
rankability = { unit = "fraction", decimals = 0, meaning = "Share of the spread of the metric that is more than chance; under 50% conventionally means do not rank" }
model = { meaning = "counts, own history or none" }
why_none = { meaning = "Why there is no set, where there is none" }

[[tests]]
check = "sql"
name = "the published rank lies in its set"
where = "metric_rank NOT BETWEEN rank_best AND rank_worst"
severity = "warn"

[[tests]]
check = "sql"
name = "there is a set or a reason"
where = "(rank_best IS NULL) <> (why_none IS NOT NULL)"
*/
WITH latest AS (
    SELECT metric_noise.*, metric_values.published_rank
    FROM metric_noise
    JOIN scored_trusts USING (quarter, trust_code)
    JOIN metric_values USING (quarter, trust_code, metric_number)
    WHERE is_latest_for_type
),

by_metric AS (
    SELECT
        quarter,
        trust_type,
        metric_number,
        list(trust_code ORDER BY trust_code) FILTER (sd > 0) AS ids,
        list(value ORDER BY trust_code) FILTER (sd > 0) AS estimates,
        list(sd ORDER BY trust_code) FILTER (sd > 0) AS sds,
        min(better) = 'high' AS higher_is_better,
        count(value) AS trusts_ranked,
        count(value) - count(sd) FILTER (sd > 0) AS trusts_unknown
    FROM latest
    GROUP BY quarter, trust_type, metric_number
    HAVING count(sd) FILTER (sd > 0) >= 4
),

tested AS (
    SELECT
        quarter,
        trust_type,
        metric_number,
        trusts_ranked,
        trusts_unknown,
        unnest(rank_confidence(
            ids, estimates, sds, higher_is_better, confidence_level, 'marginal', critical_draws, seed
        )) AS set_of_ranks
    FROM by_metric
    CROSS JOIN parameters
),

underlying AS (
    SELECT quarter, trust_type, metric_number, empirical_bayes(ids, estimates, sds, 'REML')[1].rankability AS rankability
    FROM by_metric
)

SELECT
    latest.quarter,
    latest.trust_code,
    latest.trust_type,
    latest.metric_number,
    latest.metric_name,
    latest.value,
    latest.units,
    latest.sd,
    latest.published_rank AS metric_rank,
    set_of_ranks.lower AS rank_best,
    set_of_ranks.upper + trusts_unknown AS rank_worst,
    set_of_ranks.upper + trusts_unknown - set_of_ranks.lower + 1 AS places_covered,
    trusts_ranked,
    rankability,
    latest.model,
    CASE
        WHEN set_of_ranks.lower IS NOT NULL THEN NULL
        WHEN latest.sd = 0 THEN 'the value did not vary in the quarters held'
        ELSE coalesce(latest.why_none, 'too few trusts with a model of chance')
    END AS why_none
FROM latest
LEFT JOIN tested
    ON tested.quarter = latest.quarter
    AND tested.trust_type = latest.trust_type
    AND tested.metric_number = latest.metric_number
    AND tested.set_of_ranks.id = latest.trust_code
LEFT JOIN underlying
    ON underlying.quarter = latest.quarter
    AND underlying.trust_type = latest.trust_type
    AND underlying.metric_number = latest.metric_number
