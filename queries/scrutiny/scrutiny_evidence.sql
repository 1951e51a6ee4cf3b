/*
title = "Weight by domain and by kind of evidence"
description = "The shares of weight added up in two ways: by framework domain, and by the kinds of evidence that candour.toml lists. A kind looked for and not found in the list of metrics has no metric and no weight: that is what the table leaves out, as far as these kinds go."
grain = ["trust_type", "grouping", "category"]

[columns]
trust_type = { meaning = "Trust type" }
quarter = { meaning = "Latest quarter of the trust type" }
grouping = { meaning = "domain or evidence" }
category = { meaning = "Domain, or kind of evidence" }
category_order = { unit = "count", meaning = "Order on the page" }
metrics = { unit = "count", meaning = "Metrics of the category in the table" }
weight = { unit = "fraction", decimals = 0, meaning = "Share of all the weight in the table that the category has" }
weight_modelled = { unit = "fraction", decimals = 0, meaning = "The part of that share that has a model of chance" }

[[tests]]
check = "sql"
name = "each way of grouping holds all the weight"
query = "SELECT trust_type, grouping, sum(weight) AS total FROM scrutiny_evidence GROUP BY trust_type, grouping HAVING abs(sum(weight) - 1) > 1e-9"

[[tests]]
check = "sql"
name = "a category without a metric has no weight, and one with a metric has some"
where = "(metrics = 0) <> (weight = 0)"
*/
WITH types AS (
    SELECT DISTINCT trust_type, quarter FROM scrutiny_weights
),

categories AS (
    SELECT 'domain' AS grouping, domain AS category, domain_order AS category_order FROM domains
    UNION ALL
    SELECT 'evidence', evidence, evidence_order FROM evidence_kinds
    UNION ALL
    SELECT DISTINCT 'evidence', evidence, 100 FROM scrutiny_weights WHERE evidence = 'Not classified'
),

weights AS (
    SELECT trust_type, 'domain' AS grouping, domain AS category, metric_number, weight, weight_modelled FROM scrutiny_weights
    UNION ALL
    SELECT trust_type, 'evidence', evidence, metric_number, weight, weight_modelled FROM scrutiny_weights
)

SELECT
    types.trust_type,
    types.quarter,
    categories.grouping,
    categories.category,
    min(categories.category_order) AS category_order,
    count(weights.metric_number) AS metrics,
    coalesce(sum(weights.weight ORDER BY weights.metric_number), 0) AS weight,
    coalesce(sum(weights.weight_modelled ORDER BY weights.metric_number), 0) AS weight_modelled
FROM types
CROSS JOIN categories
LEFT JOIN weights
    ON weights.trust_type = types.trust_type AND weights.grouping = categories.grouping AND weights.category = categories.category
GROUP BY types.trust_type, types.quarter, categories.grouping, categories.category
ORDER BY types.trust_type, categories.grouping, category_order, categories.category
