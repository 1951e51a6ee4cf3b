/*
title = "Are trusts compared on the same metrics?"
description = "An average counts the metrics that apply to a trust and were submitted, so two trusts of one table may be ranked against each other on different metrics. For the latest examined table of each type: how many metrics trusts have, how many different sets of metrics there are, and what share of pairs of trusts is scored on exactly the same set."
grain = ["trust_type"]

[columns]
trust_type = { meaning = "Trust type" }
quarter = { meaning = "Latest quarter of the trust type" }
trusts = { unit = "count", meaning = "Trusts in the table" }
metrics_in_list = { unit = "count", meaning = "Metrics that any of the trusts is scored on" }
fewest_metrics = { unit = "count", meaning = "Fewest metrics in the average of a trust" }
median_metrics = { unit = "count", decimals = 0, meaning = "Median number of metrics" }
most_metrics = { unit = "count", meaning = "Most metrics in the average of a trust" }
metric_sets = { unit = "count", meaning = "Different sets of metrics" }
largest_set = { unit = "count", meaning = "Trusts that share the commonest set" }
pairs = { unit = "count", meaning = "Pairs of trusts" }
pairs_on_same_set = { unit = "count", meaning = "Pairs scored on exactly the same metrics" }
share_on_same_set = { unit = "fraction", decimals = 0, meaning = "Share of the pairs scored on exactly the same metrics" }
median_in_common = { unit = "fraction", decimals = 0, meaning = "Median over pairs of the share of their metrics that both are scored on" }
least_in_common = { unit = "fraction", decimals = 0, meaning = "Lowest over pairs of the share of their metrics that both are scored on" }

[[tests]]
check = "sql"
name = "every trust is in a set, and every pair is counted once"
where = "pairs <> trusts * (trusts - 1) // 2 OR largest_set > trusts OR metric_sets > trusts OR pairs_on_same_set > pairs"

[[tests]]
check = "sql"
name = "all pairs share one set if and only if there is one set"
where = "(metric_sets = 1) <> (pairs_on_same_set = pairs)"
*/
WITH of_trust AS (
    SELECT
        metric_noise.trust_type,
        metric_noise.quarter,
        metric_noise.trust_code,
        list(metric_number ORDER BY metric_number) AS metrics
    FROM metric_noise
    JOIN scored_trusts USING (quarter, trust_code)
    WHERE is_latest_for_type AND table_is_whole
    GROUP BY ALL
),

by_set AS (
    SELECT trust_type, metrics, count(*) AS trusts FROM of_trust GROUP BY ALL
),

by_pair AS (
    SELECT
        this.trust_type,
        this.metrics = other.metrics AS same,
        len(list_intersect(this.metrics, other.metrics)) / len(list_distinct(list_concat(this.metrics, other.metrics))) AS in_common
    FROM of_trust AS this
    JOIN of_trust AS other ON other.trust_type = this.trust_type AND other.trust_code > this.trust_code
),

pairs_of_type AS (
    SELECT
        trust_type,
        count(*) AS pairs,
        count(*) FILTER (same) AS pairs_on_same_set,
        median(in_common) AS median_in_common,
        min(in_common) AS least_in_common
    FROM by_pair
    GROUP BY trust_type
),

sets_of_type AS (
    SELECT trust_type, count(*) AS metric_sets, max(trusts) AS largest_set FROM by_set GROUP BY trust_type
),

trusts_of_type AS (
    SELECT
        trust_type,
        min(quarter) AS quarter,
        count(*) AS trusts,
        min(len(metrics)) AS fewest_metrics,
        median(len(metrics)) AS median_metrics,
        max(len(metrics)) AS most_metrics
    FROM of_trust
    GROUP BY trust_type
),

metrics_of_type AS (
    SELECT trust_type, count(*) AS metrics_in_list FROM scrutiny_weights GROUP BY trust_type
)

SELECT
    trust_type,
    quarter,
    trusts,
    metrics_in_list,
    fewest_metrics,
    median_metrics,
    most_metrics,
    metric_sets,
    largest_set,
    pairs,
    pairs_on_same_set,
    pairs_on_same_set / pairs AS share_on_same_set,
    median_in_common,
    least_in_common
FROM trusts_of_type
JOIN sets_of_type USING (trust_type)
JOIN pairs_of_type USING (trust_type)
JOIN metrics_of_type USING (trust_type)
