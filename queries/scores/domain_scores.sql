/*
title = "Domain scores"
description = "The score of each domain of each trust: the mean of its metric scores, from published and from unrounded scores, beside the published score and segment. Domain scores are context: they do not enter the league table."
grain = ["quarter", "trust_code", "domain"]

[columns]
quarter = { meaning = "Financial quarter" }
trust_code = { meaning = "Organisation code" }
trust_type = { meaning = "Trust type" }
domain = { meaning = "Framework domain" }
domain_order = { unit = "count", meaning = "Order of the domain on the page" }
published_score = { unit = "score", decimals = 2, meaning = "Domain score as published" }
published_segment = { unit = "segment", meaning = "Domain segment as published" }
published_rank = { unit = "rank", meaning = "Published rank of the domain score in the trust type" }
metrics_scored = { unit = "count", meaning = "Metric scores in the domain" }
mean_of_published = { unit = "score", decimals = 2, meaning = "Mean of the published metric scores" }
mean_of_unrounded = { unit = "score", decimals = 2, meaning = "Mean of the metric scores before rounding" }
mean_rounded_first = { unit = "score", decimals = 2, meaning = "Mean of the metric scores with those rounded first that candour.toml lists for the quarter" }
median_score = { unit = "score", decimals = 2, meaning = "Median of the published domain scores of the trust type" }

[[tests]]
check = "range"
column = "published_score"
min = 1
max = 4

[[tests]]
check = "range"
column = "published_segment"
min = 1
max = 4

[[tests]]
check = "sql"
name = "the mean of published scores is within a hundredth of the published domain score"
where = "abs(mean_of_published - published_score) > 0.01"
severity = "warn"
*/
WITH official AS (
    SELECT quarter, trust_code, published_quantities.domain, quantity, value, rank
    FROM nof_data
    JOIN published_quantities USING (metric_id)
    WHERE quantity IN ('domain score', 'domain segment') AND value > 0
),

published AS (
    SELECT * FROM official
    UNION ALL
    SELECT quarter, org_code, domain, quantity, value, NULL
    FROM nof_extract_metrics
    JOIN published_quantities USING (metric_id)
    ANTI JOIN official ON official.quarter = nof_extract_metrics.quarter AND official.trust_code = nof_extract_metrics.org_code
    WHERE quantity IN ('domain score', 'domain segment') AND value > 0
),

side_by_side AS (
    SELECT
        quarter,
        trust_code,
        domain,
        CAST(max(value) FILTER (quantity = 'domain score') AS DECIMAL(9, 2)) AS published_score,
        CAST(max(value) FILTER (quantity = 'domain segment') AS BIGINT) AS published_segment,
        max(rank) FILTER (quantity = 'domain score') AS published_rank
    FROM published
    GROUP BY quarter, trust_code, domain
),

scored AS (
    SELECT
        metric_scores.*,
        CASE WHEN rounded.metric_number IS NULL THEN unrounded_score ELSE published_score END AS as_published_score
    FROM metric_scores
    LEFT JOIN rounded_before_averaging AS rounded
        ON rounded.quarter = metric_scores.quarter
        AND rounded.metric_number = metric_scores.metric_number
        AND rounded.framework_year = (SELECT framework_year FROM parameters)
    WHERE published_score IS NOT NULL AND weight_thirds > 0
),

means AS (
    SELECT
        quarter,
        trust_code,
        domain,
        count(*) AS metrics_scored,
        CAST(sum(weight_thirds * published_score) / sum(weight_thirds) AS DECIMAL(18, 9)) AS mean_of_published,
        CASE
            WHEN count(unrounded_score) = count(*)
                THEN CAST(sum(weight_thirds * unrounded_score) / sum(weight_thirds) AS DECIMAL(18, 9))
        END AS mean_of_unrounded,
        CASE
            WHEN count(unrounded_score) = count(*)
                THEN CAST(sum(weight_thirds * as_published_score) / sum(weight_thirds) AS DECIMAL(18, 9))
        END AS mean_rounded_first
    FROM scored
    GROUP BY quarter, trust_code, domain
)

SELECT
    quarter,
    trust_code,
    trust_quarters.trust_type,
    domain,
    domains.domain_order,
    published_score,
    published_segment,
    published_rank,
    metrics_scored,
    CAST(round(mean_of_published, 2) AS DECIMAL(9, 2)) AS mean_of_published,
    CAST(round(mean_of_unrounded, 2) AS DECIMAL(9, 2)) AS mean_of_unrounded,
    CAST(round(mean_rounded_first, 2) AS DECIMAL(9, 2)) AS mean_rounded_first,
    CAST(round(median(CAST(published_score AS DECIMAL(18, 6))) OVER domain_of_type, 2) AS DECIMAL(9, 2)) AS median_score
FROM side_by_side
JOIN trust_quarters USING (quarter, trust_code)
LEFT JOIN means USING (quarter, trust_code, domain)
LEFT JOIN domains USING (domain)
WINDOW domain_of_type AS (PARTITION BY quarter, trust_quarters.trust_type, domain)
ORDER BY quarter, trust_code, domain_order, domain
