/*
title = "Metrics by trust"
description = "One row for each metric of each trust in each quarter: the value with the published median, quartiles and rank of its trust type, and the published score beside it. Metrics whose raw value is not published have a score and no value."
grain = ["quarter", "trust_code", "metric_number"]

[columns]
quarter = { meaning = "Financial quarter" }
trust_code = { meaning = "Organisation code" }
trust_type = { meaning = "Trust type" }
metric_number = { meaning = "Last three digits of the metric code, which pair a value with its score" }
metric_id = { meaning = "Published code of the value, or of the score where no value is published" }
metric_name = { meaning = "Short name" }
metric_description = { meaning = "Description as published, without stray spaces" }
domain = { meaning = "Framework domain" }
domain_order = { unit = "count", meaning = "Order of the domain on the page" }
sub_domain = { meaning = "Framework sub-domain" }
reporting_date = { meaning = "Period the value describes, in the publisher's words" }
units = { meaning = "Units of the value" }
value = { unit = "value", decimals = 2, meaning = "Value as published" }
published_median = { unit = "value", decimals = 2, meaning = "Published median of the trust type" }
published_lower_quartile = { unit = "value", decimals = 2, meaning = "Published lower quartile of the trust type" }
published_upper_quartile = { unit = "value", decimals = 2, meaning = "Published upper quartile of the trust type" }
published_rank = { unit = "rank", meaning = "Published rank in the trust type, 1 is best" }
published_score = { unit = "score", decimals = 2, meaning = "Published metric score, 1.00 (best) to 4.00 (worst); missing where none was given" }
better = { meaning = "Whether a high or a low value is better" }
scoring = { meaning = "How the metric is scored: by rank, in bands, combined, or as published" }
weight_thirds = { unit = "count", meaning = "Weight in the average, in thirds of a metric" }
basis = { meaning = "Which file the row comes from: official or extract" }

[[tests]]
check = "range"
column = "published_score"
min = 1
max = 4

[[tests]]
check = "relationship"
column = "trust_code"
to = "trust_quarters.trust_code"

[[tests]]
check = "sql"
name = "quartiles lie on either side of the median"
where = "published_lower_quartile > published_median OR published_median > published_upper_quartile"

[[tests]]
check = "sql"
name = "every metric has a rule in candour.toml"
query = "SELECT DISTINCT metric_number FROM metric_values WHERE metric_number NOT IN (SELECT metric_number FROM metric_rules)"
severity = "warn"

[determinism]
window = "a metric is published once in each unit: the key of the file"
*/
WITH rules AS (
    SELECT metric_rules.*
    FROM metric_rules
    WHERE framework_year = (SELECT framework_year FROM parameters)
),

official AS (
    SELECT
        quarter, trust_code, substr(metric_id, 4) AS metric_number, metric_id, substr(metric_id, 3, 1) AS kind,
        trim(metric_description) AS metric_description, domain, sub_domain, reporting_date, units,
        value, median_value, lower_quartile, upper_quartile, rank
    FROM nof_data
    WHERE metric_id LIKE 'OF0%' OR metric_id LIKE 'OF1%'
),

official_values AS (
    -- A metric may be published twice, as a count and as a rate: the rule says which one is scored.
    SELECT official.*
    FROM official
    LEFT JOIN rules USING (metric_number)
    WHERE kind = '0'
    QUALIFY row_number() OVER (
        PARTITION BY quarter, trust_code, metric_number
        ORDER BY units = rules.value_units DESC NULLS LAST, units
    ) = 1
),

official_scores AS (
    -- A score of 0 means that nothing was submitted or that the number was suppressed: it is no score.
    SELECT * REPLACE (CASE WHEN value > 0 THEN value END AS value)
    FROM official
    WHERE kind = '1'
),

official_metrics AS (
    SELECT
        quarter,
        trust_code,
        metric_number,
        coalesce(measured.metric_id, scored.metric_id) AS metric_id,
        coalesce(measured.metric_description, scored.metric_description) AS metric_description,
        coalesce(measured.domain, scored.domain) AS domain,
        coalesce(measured.sub_domain, scored.sub_domain) AS sub_domain,
        coalesce(measured.reporting_date, scored.reporting_date) AS reporting_date,
        coalesce(measured.units, scored.units) AS units,
        measured.value,
        measured.median_value,
        measured.lower_quartile,
        measured.upper_quartile,
        coalesce(measured.rank, scored.rank) AS rank,
        scored.value AS score,
        'official' AS basis
    FROM official_values AS measured
    FULL JOIN official_scores AS scored USING (quarter, trust_code, metric_number)
),

direction AS (
    -- Where no rule says which way is better, the values at both ends of the published ranking do.
    SELECT
        metric_number,
        CASE
            WHEN arg_min(value, (rank, value)) > arg_max(value, (rank, value)) THEN 'high'
            WHEN arg_min(value, (rank, value)) < arg_max(value, (rank, value)) THEN 'low'
        END AS better
    FROM official_metrics
    WHERE value IS NOT NULL AND rank IS NOT NULL
    GROUP BY metric_number
),

extract_metrics AS (
    SELECT
        quarter,
        org_code AS trust_code,
        substr(metric_id, 4) AS metric_number,
        metric_id,
        value
    FROM nof_extract_metrics
    WHERE metric_id LIKE 'OF0%' AND value IS NOT NULL
),

together AS (
    SELECT * FROM official_metrics
    UNION ALL BY NAME
    SELECT quarter, trust_code, metric_number, metric_id, value, 'extract' AS basis
    FROM extract_metrics
    ANTI JOIN official_metrics USING (quarter, trust_code)
)

SELECT
    together.quarter,
    together.trust_code,
    trust_quarters.trust_type,
    together.metric_number,
    together.metric_id,
    coalesce(rules.metric_name, together.metric_description, together.metric_id) AS metric_name,
    coalesce(together.metric_description, rules.metric_name, together.metric_id) AS metric_description,
    coalesce(together.domain, rules.domain) AS domain,
    domains.domain_order,
    together.sub_domain,
    together.reporting_date,
    coalesce(together.units, rules.value_units) AS units,
    -- Published figures have few decimals: as exact decimals they compare and interpolate exactly.
    CAST(together.value AS DECIMAL(18, 6)) AS value,
    CAST(together.median_value AS DECIMAL(18, 6)) AS published_median,
    CAST(together.lower_quartile AS DECIMAL(18, 6)) AS published_lower_quartile,
    CAST(together.upper_quartile AS DECIMAL(18, 6)) AS published_upper_quartile,
    together.rank AS published_rank,
    CAST(together.score AS DECIMAL(9, 2)) AS published_score,
    coalesce(rules.better, direction.better) AS better,
    -- A metric without a rule counts in full, and is scored by rank where it has one.
    coalesce(rules.scoring, CASE WHEN together.rank IS NOT NULL THEN 'by rank' ELSE 'as published' END) AS scoring,
    coalesce(rules.weight_thirds, 3) AS weight_thirds,
    together.basis
FROM together
JOIN trust_quarters USING (quarter, trust_code)
LEFT JOIN rules USING (metric_number)
LEFT JOIN direction USING (metric_number)
LEFT JOIN domains ON domains.domain = coalesce(together.domain, rules.domain)
ORDER BY quarter, trust_code, domain_order, metric_number
