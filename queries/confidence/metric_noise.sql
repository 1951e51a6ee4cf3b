/*
title = "How much each metric varies by chance"
description = "For each score that enters a trust's average, the standard deviation of the value behind it, and how it is known. 'counts': numerator and denominator are known for the trust and the reporting period; the largest of the sampling error, the variation from month to month and the variation between quarters. 'own history': the variation between quarters alone. Variation is the mean moving range over 1.128 of the distance from the median of the trust type, because a movement that all share moves no score. Three moving ranges say little, so the typical range of the type counts beside them as candour.toml says. Readings that share months are widened for it. 'none': the value is not drawn. No denominator is ever supposed. The sampling error of days lost to sickness counts every day by itself, which is less than the truth; the variation between periods, which is larger, is the one used."
grain = ["quarter", "trust_code", "metric_number"]

[columns]
quarter = { meaning = "Financial quarter" }
trust_code = { meaning = "Organisation code" }
trust_type = { meaning = "Trust type" }
metric_number = { meaning = "Metric number" }
metric_name = { meaning = "Short name" }
domain = { meaning = "Framework domain" }
reporting_date = { meaning = "Period the value describes, in the publisher's words" }
units = { meaning = "Units of the value" }
better = { meaning = "Whether a high or a low value is better" }
value = { unit = "value", decimals = 2, meaning = "Value as published" }
score = { unit = "score", decimals = 6, meaning = "Score that enters the average, before rounding" }
weight_thirds = { unit = "count", meaning = "Weight in the average, in thirds of a metric" }
weight_share = { unit = "fraction", meaning = "Share of the trust's average that the metric carries" }
pool_metric = { meaning = "Metric, with the trust type where it is ranked within the type: what is ranked together" }
model = { meaning = "counts, own history or none" }
sd = { unit = "value", decimals = 3, meaning = "Standard deviation of the value used in the simulation; missing where none is modelled" }
sampling_sd = { unit = "value", decimals = 3, meaning = "Sampling error from numerator and denominator" }
process_sd = { unit = "value", decimals = 3, meaning = "Variation from period to period, from the monthly panel or the quarters held" }
own_sd = { unit = "value", decimals = 3, meaning = "Variation from period to period from the trust's own quarters alone, not steadied by the type" }
ranges_held = { unit = "count", meaning = "Moving ranges of the trust's own quarters" }
overlap = { unit = "fraction", meaning = "Correlation of two consecutive readings that share months" }
why_none = { meaning = "Why nothing is modelled, where nothing is" }

[[tests]]
check = "accepted"
column = "model"
values = ["counts", "own history", "none"]

[[tests]]
check = "sql"
name = "a metric with a model has a standard deviation and a value, and one without has a reason"
where = "(model = 'none') <> (sd IS NULL) OR (model = 'none') <> (why_none IS NOT NULL) OR (sd IS NOT NULL AND value IS NULL)"

[[tests]]
check = "range"
column = "sd"
min = 0

[[tests]]
check = "sql"
name = "the weights of a trust's metrics add up to its average"
query = "SELECT quarter, trust_code, sum(weight_share) AS weight FROM metric_noise GROUP BY ALL HAVING abs(sum(weight_share) - 1) > 1e-9"
*/
WITH scored AS (
    SELECT
        metric_scores.quarter,
        quarters.quarter_order,
        metric_scores.trust_code,
        metric_scores.trust_type,
        metric_scores.metric_number,
        metric_scores.metric_name,
        metric_scores.domain,
        metric_values.reporting_date,
        metric_scores.units,
        metric_values.better,
        CAST(metric_scores.value AS DOUBLE) AS value,
        CAST(CASE WHEN rounded.metric_number IS NULL THEN unrounded_score ELSE metric_scores.published_score END AS DOUBLE) AS score,
        metric_scores.weight_thirds,
        metric_scores.metric_number
            || CASE WHEN metric_pools.pool = 'trust type' THEN ' ' || metric_scores.trust_type ELSE '' END AS pool_metric,
        noise_models.* EXCLUDE (framework_year, metric_number)
    FROM metric_scores
    JOIN metric_values USING (quarter, trust_code, metric_number)
    JOIN quarters ON quarters.quarter = metric_scores.quarter
    LEFT JOIN metric_pools
        ON metric_pools.quarter = metric_scores.quarter
        AND metric_pools.trust_type = metric_scores.trust_type
        AND metric_pools.metric_number = metric_scores.metric_number
    LEFT JOIN rounded_before_averaging AS rounded
        ON rounded.quarter = metric_scores.quarter
        AND rounded.metric_number = metric_scores.metric_number
        AND rounded.framework_year = (SELECT framework_year FROM parameters)
    LEFT JOIN noise_models
        ON noise_models.metric_number = metric_scores.metric_number
        AND noise_models.framework_year = (SELECT framework_year FROM parameters)
    WHERE metric_scores.published_score IS NOT NULL AND unrounded_score IS NOT NULL AND metric_scores.weight_thirds > 0
),

-- The calendar months of "Jun-25" and of "Q1 2025/26", also written "Q4 2024-25". Other periods are not matched.
written_periods AS (
    SELECT DISTINCT
        reporting_date,
        try_strptime(regexp_extract(reporting_date, '^[A-Z][a-z]{2}-[0-9]{2}$'), '%b-%y') AS month,
        regexp_extract(reporting_date, '^Q([1-4]) (20[0-9]{2})[-/][0-9]{2}$', ['quarter', 'year']) AS named
    FROM scored
),

periods AS (
    SELECT
        reporting_date,
        coalesce(
            CAST(month AS DATE),
            make_date(
                TRY_CAST(named.year AS BIGINT) + CAST(named.quarter = '4' AS BIGINT),
                1 + (3 * TRY_CAST(named.quarter AS BIGINT)) % 12,
                1
            )
        ) AS first_month,
        CASE WHEN month IS NOT NULL THEN 1 ELSE 3 END AS months
    FROM written_periods
),

monthly AS (
    -- Months of the panel as distance from the median of the trust type in the same month.
    SELECT
        panel_values.metric_id AS panel_metric,
        trusts.trust_code,
        panel_values.period,
        panel_values.value - median(panel_values.value) OVER (
            PARTITION BY panel_values.metric_id, trusts.trust_type, panel_values.period
        ) AS distance
    FROM panel_values
    JOIN trusts USING (trust_code)
    WHERE panel_values.frequency = 'month'
),

monthly_ranges AS (
    SELECT *, abs(distance - lag(distance) OVER (PARTITION BY panel_metric, trust_code ORDER BY period)) AS moving_range
    FROM monthly
),

from_panel AS (
    SELECT
        scored.quarter,
        scored.trust_code,
        scored.metric_number,
        sum(panel_values.numerator) / sum(panel_values.denominator) AS proportion,
        sum(panel_values.denominator) AS denominator,
        min(periods.first_month + to_months(CAST(periods.months - 1 AS INTEGER))) AS last_month,
        min(periods.months) AS months
    FROM scored
    JOIN periods USING (reporting_date)
    JOIN panel_values
        ON panel_values.metric_id = scored.panel_metric
        AND panel_values.trust_code = scored.trust_code
        AND panel_values.period >= periods.first_month
        AND panel_values.period < periods.first_month + to_months(CAST(periods.months AS INTEGER))
    WHERE panel_values.numerator IS NOT NULL AND panel_values.denominator > 0
    GROUP BY scored.quarter, scored.trust_code, scored.metric_number
    HAVING count(*) = min(periods.months)
),

panel_process AS (
    -- A month's variation; a mean of several months varies less by the root of their number.
    SELECT
        from_panel.quarter,
        from_panel.trust_code,
        from_panel.metric_number,
        avg(moving_range) / 1.128 / sqrt(min(from_panel.months)) AS process_sd
    FROM from_panel
    JOIN scored USING (quarter, trust_code, metric_number)
    JOIN monthly_ranges
        ON monthly_ranges.panel_metric = scored.panel_metric
        AND monthly_ranges.trust_code = scored.trust_code
        AND monthly_ranges.period <= from_panel.last_month
        AND monthly_ranges.period
            > from_panel.last_month - to_months(CAST((SELECT panel_history_most FROM parameters) AS INTEGER))
    GROUP BY from_panel.quarter, from_panel.trust_code, from_panel.metric_number
    HAVING count(moving_range) + 1 >= (SELECT panel_history_least FROM parameters)
),

own_history AS (
    SELECT
        trust_code,
        trust_type,
        metric_number,
        avg(moving_range) AS mean_range,
        count(moving_range) AS ranges_held
    FROM metric_readings
    WHERE readings_held >= (SELECT least_readings FROM parameters)
    GROUP BY trust_code, trust_type, metric_number
),

typical AS (
    SELECT *, median(mean_range) OVER (PARTITION BY trust_type, metric_number) AS typical_range
    FROM own_history
),

combined AS (
    SELECT
        scored.*,
        typical.ranges_held,
        typical.mean_range / 1.128 / sqrt(1 - scored.overlap) AS own_sd,
        (typical.ranges_held * typical.mean_range + scored.typical_ranges * typical.typical_range)
            / (typical.ranges_held + scored.typical_ranges) / 1.128 / sqrt(1 - scored.overlap) AS history_sd,
        scored.panel_scale * panel_process.process_sd AS panel_process_sd,
        CASE
            -- A half added, as in the posterior of a count: none seen is not none possible.
            WHEN scored.counted THEN sqrt(scored.value + 0.5)
            ELSE scored.panel_scale
                * sqrt(from_panel.proportion * (1 - from_panel.proportion) / from_panel.denominator)
        END AS sampling_sd
    FROM scored
    LEFT JOIN typical USING (trust_code, trust_type, metric_number)
    LEFT JOIN from_panel USING (quarter, trust_code, metric_number)
    LEFT JOIN panel_process USING (quarter, trust_code, metric_number)
),

modelled AS (
    SELECT
        *,
        greatest(panel_process_sd, history_sd) AS process_sd,
        CASE
            WHEN fixed_because IS NOT NULL OR value IS NULL THEN 'none'
            WHEN sampling_sd IS NOT NULL THEN 'counts'
            WHEN history_sd IS NOT NULL THEN 'own history'
            ELSE 'none'
        END AS model
    FROM combined
)

SELECT
    quarter,
    trust_code,
    trust_type,
    metric_number,
    metric_name,
    domain,
    reporting_date,
    units,
    better,
    value,
    score,
    weight_thirds,
    weight_thirds / sum(weight_thirds) OVER (PARTITION BY quarter, trust_code) AS weight_share,
    pool_metric,
    model,
    CASE WHEN model <> 'none' THEN greatest(sampling_sd, process_sd) END AS sd,
    sampling_sd,
    process_sd,
    own_sd,
    ranges_held,
    overlap,
    CASE
        WHEN model <> 'none' THEN NULL
        WHEN fixed_because IS NOT NULL THEN fixed_because
        WHEN value IS NULL THEN 'only the score is published'
        ELSE 'too few readings and no counts'
    END AS why_none
FROM modelled
