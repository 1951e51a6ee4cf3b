/*
title = "What drives each trust's uncertainty"
description = "For each metric in a trust's average: the share of the variance of the average that it drives in the simulation with independent metrics, and how its chance is known. A metric without a model drives none, which says nothing of how certain it is."
grain = ["quarter", "trust_code", "metric_number"]

[columns]
quarter = { meaning = "Financial quarter" }
trust_code = { meaning = "Organisation code" }
trust_type = { meaning = "Trust type" }
metric_number = { meaning = "Metric number" }
metric_name = { meaning = "Short name" }
domain = { meaning = "Framework domain" }
value = { unit = "value", decimals = 2, meaning = "Value as published" }
units = { meaning = "Units of the value" }
sd = { unit = "value", decimals = 2, meaning = "Standard deviation of the value; missing where none is modelled" }
model = { meaning = "counts, own history or none" }
why_none = { meaning = "Why nothing is modelled, where nothing is" }
weight_share = { unit = "fraction", decimals = 0, meaning = "Share of the average that the metric carries" }
variance_share = { unit = "fraction", decimals = 0, meaning = "Share of the variance of the average that the metric drives" }
place = { unit = "rank", meaning = "Order by that share, within the trust" }
is_latest_for_type = { meaning = "Whether this is the latest quarter held for the trust type" }

[[tests]]
check = "sql"
name = "the shares of a trust's variance add up to one"
query = "SELECT quarter, trust_code, sum(variance_share) AS total FROM metric_drivers GROUP BY ALL HAVING abs(sum(variance_share) - 1) > 1e-6 AND sum(variance_share) > 0"

[[tests]]
check = "sql"
name = "a metric that is not drawn drives nothing"
where = "model = 'none' AND variance_share > 0"
*/
WITH shares AS (
    SELECT
        quarter,
        trust_code,
        unnest(metric_ids) AS pool_metric,
        unnest(metric_shares) AS variance_share
    FROM simulation_runs
    WHERE is_main
)

SELECT
    quarter,
    trust_code,
    metric_noise.trust_type,
    metric_noise.metric_number,
    metric_noise.metric_name,
    metric_noise.domain,
    metric_noise.value,
    metric_noise.units,
    metric_noise.sd,
    metric_noise.model,
    metric_noise.why_none,
    metric_noise.weight_share,
    variance_share,
    row_number() OVER (
        PARTITION BY quarter, trust_code
        ORDER BY variance_share DESC NULLS LAST, metric_noise.weight_thirds DESC, metric_noise.metric_number
    ) AS place,
    is_latest_for_type
FROM shares
JOIN metric_noise USING (quarter, trust_code, pool_metric)
JOIN scored_trusts USING (quarter, trust_code)
ORDER BY quarter, trust_code, place
