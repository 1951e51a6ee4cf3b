/*
title = "How much of each average carries modelled error"
description = "For each trust and quarter: how many of its metrics, and how much of its average, have a model of chance. The rest stands still in every draw, so whatever it hides is missing from the confidence sets: they are too narrow by that much."
grain = ["quarter", "trust_code"]

[columns]
quarter = { meaning = "Financial quarter" }
trust_code = { meaning = "Organisation code" }
trust_type = { meaning = "Trust type" }
metrics = { unit = "count", meaning = "Metrics in the average" }
metrics_modelled = { unit = "count", meaning = "Metrics in the average with a model of chance" }
metrics_from_counts = { unit = "count", meaning = "Metrics in the average whose numerator and denominator are known" }
weight_modelled = { unit = "fraction", decimals = 0, meaning = "Share of the average that carries modelled error" }
weight_fixed = { unit = "fraction", decimals = 0, meaning = "Share of the average that stands still in every draw" }
fixed_metrics = { meaning = "The metrics that stand still, by name; missing where there are none" }

[[tests]]
check = "range"
column = "weight_modelled"
min = 0
max = 1

[[tests]]
check = "sql"
name = "the two shares make up the whole average"
where = "abs(weight_modelled + weight_fixed - 1) > 1e-9"
*/
SELECT
    quarter,
    trust_code,
    trust_type,
    count(*) AS metrics,
    count(sd) AS metrics_modelled,
    count(*) FILTER (model = 'counts') AS metrics_from_counts,
    coalesce(sum(weight_share) FILTER (model <> 'none'), 0) AS weight_modelled,
    coalesce(sum(weight_share) FILTER (model = 'none'), 0) AS weight_fixed,
    string_agg(metric_name, '; ' ORDER BY metric_number) FILTER (model = 'none') AS fixed_metrics
FROM metric_noise
GROUP BY quarter, trust_code, trust_type
