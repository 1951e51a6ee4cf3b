/*
title = "Scoring rules"
description = "How each metric is scored in the framework year of the book, for the method page: rule, direction, level, weight, and the pools found in the data for the latest quarter."
grain = ["metric_number"]

[columns]
metric_number = { meaning = "Metric number" }
metric_name = { meaning = "Short name" }
domain = { meaning = "Framework domain" }
domain_order = { unit = "count", meaning = "Order of the domain on the page" }
better = { meaning = "Whether a high or a low value is better" }
rule = { meaning = "The rule in words" }
level = { unit = "value", decimals = 0, meaning = "Floor or standard, where known" }
weight = { meaning = "Weight in the average, in words" }
trust_types = { meaning = "Trust types that have the metric in these files" }
pools = { meaning = "Pool sizes found, latest quarter" }

[[tests]]
check = "not_null"
columns = ["rule", "weight"]
*/
WITH in_use AS (
    SELECT
        metric_number,
        min(metric_name) AS metric_name,
        min(domain) AS domain,
        min(domain_order) AS domain_order,
        min(better) AS better,
        min(scoring) AS scoring,
        min(weight_thirds) AS weight_thirds,
        string_agg(DISTINCT trust_type, '; ' ORDER BY trust_type) AS trust_types
    FROM metric_values
    GROUP BY metric_number
),

latest_pools AS (
    SELECT
        metric_number,
        score_form,
        string_agg(DISTINCT CAST(pool_size AS VARCHAR), ', ' ORDER BY CAST(pool_size AS VARCHAR)) AS pools
    FROM metric_pools
    JOIN quarters USING (quarter)
    GROUP BY metric_number, score_form, quarter_order
    QUALIFY row_number() OVER (PARTITION BY metric_number ORDER BY quarter_order DESC, score_form) = 1
)

SELECT
    in_use.metric_number,
    in_use.metric_name,
    in_use.domain,
    in_use.domain_order,
    in_use.better,
    CASE in_use.scoring
        WHEN 'by rank' THEN 'By rank: ' || coalesce(score_forms.form_words, 'form not known, because no scores are held')
        WHEN 'bands' THEN 'In bands, for the combined finance score only'
        WHEN 'combined' THEN 'From the plan score and the variance score, by table'
        ELSE 'As published: only the score is given'
    END AS rule,
    metric_rules.level,
    CASE in_use.weight_thirds WHEN 0 THEN 'Not averaged itself' WHEN 1 THEN 'One third' ELSE 'One' END AS weight,
    in_use.trust_types,
    latest_pools.pools
FROM in_use
LEFT JOIN metric_rules
    ON metric_rules.metric_number = in_use.metric_number
    AND metric_rules.framework_year = (SELECT framework_year FROM parameters)
LEFT JOIN latest_pools ON latest_pools.metric_number = in_use.metric_number
LEFT JOIN score_forms ON score_forms.score_form = coalesce(latest_pools.score_form, metric_rules.score_form)
ORDER BY in_use.domain_order NULLS LAST, in_use.metric_number
