/*
title = "Finance scores"
description = "The planned position and the variance from plan of each trust, the band of each, and the combined finance score that enters the average, beside what is published. In 2025/26 the two component scores do not enter the average themselves."
grain = ["quarter", "trust_code"]

[columns]
quarter = { meaning = "Financial quarter" }
trust_code = { meaning = "Organisation code" }
trust_type = { meaning = "Trust type" }
plan_value = { unit = "%", decimals = 2, meaning = "Planned surplus or deficit, per cent of turnover" }
plan_band = { meaning = "Band of the planned position" }
plan_score = { unit = "score", decimals = 0, meaning = "Score of the planned position, recomputed" }
published_plan_score = { unit = "score", decimals = 2, meaning = "Score of the planned position, published" }
variance_value = { unit = "%", decimals = 2, meaning = "Variance from plan, per cent of turnover" }
variance_band = { meaning = "Band of the variance" }
variance_score = { unit = "score", decimals = 0, meaning = "Score of the variance, recomputed" }
published_variance_score = { unit = "score", decimals = 2, meaning = "Score of the variance, published" }
combined_metric_number = { meaning = "Metric number of combined finance" }
combined_score = { unit = "score", decimals = 0, meaning = "Combined finance from the table in candour.toml; missing for a pair that was never seen" }
combined_basis = { meaning = "How the cell of the combined finance table is known" }
published_combined_score = { unit = "score", decimals = 2, meaning = "Combined finance, published" }

[[tests]]
check = "sql"
name = "the bands give every published component score"
where = "plan_score <> published_plan_score OR variance_score <> published_variance_score"
severity = "warn"

[[tests]]
check = "sql"
name = "the combined table has no contradiction"
where = "combined_score <> published_combined_score"
severity = "warn"

[[tests]]
check = "sql"
name = "every value falls in exactly one band"
where = "(plan_value IS NOT NULL AND plan_score IS NULL) OR (variance_value IS NOT NULL AND variance_score IS NULL)"
*/
WITH finance AS (
    SELECT
        metric_values.quarter,
        metric_values.trust_code,
        metric_values.trust_type,
        finance_metrics.role,
        metric_values.value,
        metric_values.published_score,
        band_scores.band,
        band_scores.score
    FROM metric_values
    JOIN finance_metrics
        ON finance_metrics.metric_number = metric_values.metric_number
        AND finance_metrics.framework_year = (SELECT framework_year FROM parameters)
    LEFT JOIN band_scores
        ON band_scores.quarter = metric_values.quarter
        AND band_scores.trust_code = metric_values.trust_code
        AND band_scores.metric_number = metric_values.metric_number
),

side_by_side AS (
    SELECT
        quarter,
        trust_code,
        trust_type,
        max(value) FILTER (role = 'plan') AS plan_value,
        max(band) FILTER (role = 'plan') AS plan_band,
        max(score) FILTER (role = 'plan') AS plan_score,
        max(published_score) FILTER (role = 'plan') AS published_plan_score,
        max(value) FILTER (role = 'variance') AS variance_value,
        max(band) FILTER (role = 'variance') AS variance_band,
        max(score) FILTER (role = 'variance') AS variance_score,
        max(published_score) FILTER (role = 'variance') AS published_variance_score,
        max(published_score) FILTER (role = 'combined') AS published_combined_score
    FROM finance
    GROUP BY quarter, trust_code, trust_type
)

SELECT
    quarter,
    trust_code,
    trust_type,
    plan_value,
    plan_band,
    side_by_side.plan_score,
    published_plan_score,
    variance_value,
    variance_band,
    side_by_side.variance_score,
    published_variance_score,
    (
        SELECT metric_number
        FROM finance_metrics
        WHERE role = 'combined' AND framework_year = (SELECT framework_year FROM parameters)
    ) AS combined_metric_number,
    combined_finance.combined_score,
    combined_finance.basis AS combined_basis,
    published_combined_score
FROM side_by_side
LEFT JOIN combined_finance
    ON combined_finance.framework_year = (SELECT framework_year FROM parameters)
    AND combined_finance.plan_score = coalesce(side_by_side.published_plan_score, side_by_side.plan_score)
    AND combined_finance.variance_score = coalesce(side_by_side.published_variance_score, side_by_side.variance_score)
