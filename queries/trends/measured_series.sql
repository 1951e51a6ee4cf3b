/*
title = "Measures of each trust, and of England, in order of time"
description = "One reading of each measure of each trust and of England (code ENG: numerators and denominators added up) in each period, in the unit in which it is shown. A reading without a denominator is no reading: missing is not zero. A stretch is a run of periods with none missing; runs and trends are looked for within a stretch and never across a gap."
grain = ["metric_id", "trust_code", "period"]
parts = "metric_id"

[columns]
metric_id = { meaning = "Measure" }
trust_code = { meaning = "Organisation code; ENG for England" }
period = { meaning = "First day of the month, or last day of the quarter" }
period_words = { meaning = "The period in words" }
level = { meaning = "trust or England" }
trust_kind = { meaning = "Kind of trust it is compared with; missing where not known, and for England" }
frequency = { meaning = "Month or quarter" }
step_months = { unit = "count", meaning = "Months from one period to the next" }
basis = { meaning = "On what basis the counts stand: one for each series" }
numerator = { unit = "count", decimals = 1, meaning = "Numerator; halves where two trusts share a patient" }
denominator = { unit = "count", decimals = 1, meaning = "Denominator; missing for a count" }
value = { meaning = "Value in the unit shown" }
scale = { meaning = "What numerator over denominator is multiplied by to give the value" }
target = { meaning = "The national standard in the unit shown, else the national target of the period; missing where there is none" }
target_words = { meaning = "National standard, or target where there is no standard, in words" }
status = { meaning = "Published, provisional or final" }
source = { meaning = "Source that holds the counts" }
latest_of_metric = { meaning = "Latest period of the measure, over all trusts" }
latest_of_trust = { meaning = "Latest period of the measure for the trust" }
is_latest = { meaning = "Whether this is the latest period of the measure" }
is_charted = { meaning = "Whether the period is among those drawn" }
stretch = { unit = "count", meaning = "Number of the unbroken stretch of periods, from 1" }
gap_before = { meaning = "Whether a period is missing before this one" }

[[tests]]
check = "not_null"
columns = ["value", "stretch", "step_months"]

[[tests]]
check = "sql"
name = "a share of patients lies between none and all"
query = """
SELECT metric_id, trust_code, period, numerator, denominator
FROM measured_series
JOIN trend_metrics USING (metric_id)
JOIN metrics USING (metric_id)
WHERE kind = 'proportion' AND interval_method = 'wilson' AND numerator NOT BETWEEN 0 AND denominator
"""

[[tests]]
check = "sql"
name = "within a stretch each period follows the one before"
query = """
SELECT metric_id, trust_code, stretch
FROM measured_series
GROUP BY metric_id, trust_code, stretch
HAVING date_diff('month', min(period), max(period)) <> min(step_months) * (count(*) - 1)
"""

[[tests]]
check = "sql"
name = "every metric has rules of change, and every rule its metric"
query = "SELECT metric_id FROM metrics FULL JOIN trend_metrics USING (metric_id) WHERE metrics.metric_id IS NULL OR trend_metrics.metric_id IS NULL"

[[tests]]
check = "sql"
name = "a series stands on one basis"
query = "SELECT metric_id, trust_code FROM measured_series GROUP BY ALL HAVING count(DISTINCT basis) > 1"

[determinism]
window = "a series has one row for each period: the grain of this cell, which is tested"
*/
WITH counted AS (
    SELECT
        metric_current.metric_id,
        metric_current.org_code AS trust_code,
        'trust' AS level,
        trust_kinds.trust_kind,
        metric_current.period,
        metric_current.period_words,
        metric_current.frequency,
        metric_current.basis,
        metric_current.numerator,
        metric_current.denominator,
        metric_current.value,
        metric_current.scale,
        coalesce(metric_current.standard, metric_current.target) AS target,
        coalesce(metric_current.standard_words, metric_current.target_words) AS target_words,
        metric_current.kind,
        metric_current.status,
        metric_current.source
    FROM metric_current
    JOIN trust_kinds ON trust_kinds.trust_code = metric_current.org_code
    WHERE metric_current.is_main AND metric_current.is_reported
    UNION ALL
    SELECT
        metric_id, 'ENG', 'England', NULL, period, period_words, frequency, basis, numerator, denominator, value, scale,
        coalesce(standard, target), coalesce(standard_words, target_words), kind, status, NULL
    FROM metric_england
    WHERE is_main AND value IS NOT NULL
),

readings AS (
    SELECT
        counted.* REPLACE (
            CAST(counted.numerator AS DOUBLE) AS numerator,
            CAST(counted.denominator AS DOUBLE) AS denominator,
            counted.scale * CAST(counted.value AS DOUBLE) AS value,
            CASE WHEN metrics.better IS NOT NULL THEN counted.scale * counted.target END AS target,
            CASE WHEN metrics.better IS NOT NULL THEN counted.target_words END AS target_words
        ),
        CASE counted.frequency WHEN 'quarter' THEN 3 WHEN 'year' THEN 12 ELSE 1 END AS step_months,
        trend_metrics.chart_periods
    FROM counted
    JOIN metrics USING (metric_id)
    JOIN trend_metrics USING (metric_id)
    WHERE counted.denominator > 0 OR counted.kind = 'count'
),

placed AS (
    SELECT
        *,
        max(period) OVER (PARTITION BY metric_id, level) AS latest_of_metric,
        max(period) OVER (PARTITION BY metric_id, trust_code) AS latest_of_trust,
        coalesce(
            date_diff('month', lag(period) OVER (PARTITION BY metric_id, trust_code ORDER BY period), period) <> step_months,
            false
        ) AS gap_before
    FROM readings
)

SELECT
    metric_id,
    trust_code,
    period,
    period_words,
    level,
    trust_kind,
    frequency,
    step_months,
    basis,
    numerator,
    denominator,
    value,
    scale,
    target,
    target_words,
    status,
    source,
    latest_of_metric,
    latest_of_trust,
    period = latest_of_metric AS is_latest,
    date_diff('month', period, latest_of_metric) < chart_periods * step_months AS is_charted,
    1 + CAST(sum(CAST(gap_before AS INTEGER)) OVER (
        PARTITION BY metric_id, trust_code ORDER BY period ROWS UNBOUNDED PRECEDING
    ) AS BIGINT) AS stretch,
    gap_before
FROM placed
