/*
title = "What the averages are made of"
description = "For each metric in the averages of the latest examined table of each type: how many trusts are scored on it, its share of all the weight in the table (the mean over trusts of its share of each average), how its chance is known, among whom it is ranked, what kind of evidence it is, and which periods it describes."
grain = ["trust_type", "metric_number"]

[columns]
trust_type = { meaning = "Trust type" }
quarter = { meaning = "Latest quarter of the trust type" }
metric_number = { meaning = "Metric number" }
metric_name = { meaning = "Short name" }
domain = { meaning = "Framework domain" }
domain_order = { unit = "count", meaning = "Order of the domain" }
evidence = { meaning = "Kind of evidence" }
trusts = { unit = "count", meaning = "Trusts scored on the metric" }
trusts_in_table = { unit = "count", meaning = "Trusts in the table" }
weight = { unit = "fraction", decimals = 1, meaning = "Share of all the weight in the table" }
weight_modelled = { unit = "fraction", decimals = 1, meaning = "The part of the metric's weight that has a model of chance" }
chance_words = { meaning = "How chance in the metric is known" }
why_none = { meaning = "Why some or all of the metric has no model of chance; missing where all of it has one" }
pool_size = { unit = "count", meaning = "Trusts among which the metric is ranked; missing where it is not scored by rank" }
pool = { meaning = "What the pool of the metric is" }
form_words = { meaning = "How the metric is scored" }
periods = { unit = "count", meaning = "Periods that the metric's values describe" }
period_words = { meaning = "The periods in the publisher's words" }

[[tests]]
check = "sql"
name = "the shares of a table add up to one"
query = "SELECT trust_type, sum(weight) AS total FROM scrutiny_weights GROUP BY trust_type HAVING abs(sum(weight) - 1) > 1e-9"

[[tests]]
check = "sql"
name = "the part with a model is no more than the whole, and what has none has a reason"
where = "weight_modelled > weight + 1e-12 OR (weight_modelled < weight - 1e-12) <> (why_none IS NOT NULL)"

[[tests]]
check = "sql"
name = "every scored metric has a kind of evidence in candour.toml"
where = "evidence = 'Not classified'"
severity = "warn"
*/
WITH examined AS (
    SELECT metric_noise.*, scored_trusts.trusts_in_table
    FROM metric_noise
    JOIN scored_trusts USING (quarter, trust_code)
    WHERE is_latest_for_type AND table_is_whole
),

by_metric AS (
    SELECT
        trust_type,
        quarter,
        metric_number,
        min(metric_name) AS metric_name,
        min(domain) AS domain,
        count(*) AS trusts,
        max(trusts_in_table) AS trusts_in_table,
        sum(weight_share ORDER BY trust_code) / max(trusts_in_table) AS weight,
        coalesce(sum(weight_share ORDER BY trust_code) FILTER (model <> 'none'), 0) / max(trusts_in_table) AS weight_modelled,
        count(*) FILTER (model = 'counts') AS from_counts,
        count(*) FILTER (model = 'own history') AS from_history,
        count(*) FILTER (model = 'none') AS without,
        string_agg(DISTINCT why_none, '; ' ORDER BY why_none) AS why_none,
        count(DISTINCT reporting_date) AS periods,
        string_agg(DISTINCT reporting_date, '; ' ORDER BY reporting_date) AS period_words
    FROM examined
    GROUP BY trust_type, quarter, metric_number
)

SELECT
    by_metric.trust_type,
    by_metric.quarter,
    by_metric.metric_number,
    by_metric.metric_name,
    by_metric.domain,
    domains.domain_order,
    coalesce(metric_evidence.evidence, 'Not classified') AS evidence,
    trusts,
    trusts_in_table,
    weight,
    weight_modelled,
    CASE
        WHEN without = trusts THEN 'no model'
        WHEN from_counts > 0 AND from_history > 0 THEN 'counts; variation over time'
        WHEN from_counts > 0 THEN 'counts and variation over time'
        ELSE 'variation over time'
    END
        || CASE WHEN without BETWEEN 1 AND trusts - 1 THEN '; none for ' || without ELSE '' END AS chance_words,
    why_none,
    metric_pools.pool_size,
    metric_pools.pool,
    coalesce(score_forms.form_words, metric_rules.scoring) AS form_words,
    periods,
    period_words
FROM by_metric
LEFT JOIN domains USING (domain)
LEFT JOIN metric_evidence USING (metric_number)
LEFT JOIN metric_pools USING (quarter, trust_type, metric_number)
LEFT JOIN score_forms USING (score_form)
LEFT JOIN metric_rules
    ON metric_rules.metric_number = by_metric.metric_number
    AND metric_rules.framework_year = (SELECT framework_year FROM parameters)
ORDER BY by_metric.trust_type, domains.domain_order, by_metric.metric_number
