/*
title = "Readings of each metric in order of time"
description = "One reading for each reporting period of each metric that may be drawn, as distance from the median of the trust type in the same period, with the moving range from the reading before. A value repeated because nothing new was published is one reading, not evidence of calm; a movement that all trusts share moves no distance."
grain = ["trust_code", "metric_number", "reading"]

[columns]
trust_code = { meaning = "Organisation code" }
trust_type = { meaning = "Trust type" }
metric_number = { meaning = "Metric number" }
reading = { unit = "count", meaning = "Number of the reading, in order of time" }
readings_held = { unit = "count", meaning = "Readings held of this trust and metric" }
reporting_date = { meaning = "Period the value describes, in the publisher's words" }
value = { unit = "value", decimals = 2, meaning = "Value as published" }
distance = { unit = "value", decimals = 2, meaning = "Value less the median of the trust type in the period" }
moving_range = { unit = "value", decimals = 2, meaning = "Size of the change of the distance since the reading before; missing for the first" }

[[tests]]
check = "range"
column = "moving_range"
min = 0

[[tests]]
check = "sql"
name = "only the first reading has no moving range"
where = "(moving_range IS NULL) <> (reading = 1)"
*/
WITH readings AS (
    SELECT
        metric_values.trust_code,
        metric_values.trust_type,
        metric_values.metric_number,
        metric_values.reporting_date,
        min(quarters.quarter_order) AS first_seen,
        CAST(arg_min(metric_values.value, quarters.quarter_order) AS DOUBLE) AS value
    FROM metric_values
    JOIN quarters USING (quarter)
    JOIN noise_models
        ON noise_models.metric_number = metric_values.metric_number
        AND noise_models.framework_year = (SELECT framework_year FROM parameters)
    WHERE metric_values.value IS NOT NULL
        AND metric_values.published_score IS NOT NULL
        AND noise_models.fixed_because IS NULL
    GROUP BY metric_values.trust_code, metric_values.trust_type, metric_values.metric_number, metric_values.reporting_date
),

distances AS (
    SELECT
        *,
        value - median(value) OVER (PARTITION BY trust_type, metric_number, reporting_date) AS distance
    FROM readings
)

SELECT
    trust_code,
    trust_type,
    metric_number,
    row_number() OVER in_time AS reading,
    count(*) OVER (PARTITION BY trust_code, metric_number) AS readings_held,
    reporting_date,
    value,
    distance,
    abs(distance - lag(distance) OVER in_time) AS moving_range
FROM distances
WINDOW in_time AS (PARTITION BY trust_code, metric_number ORDER BY first_seen, reporting_date, trust_type)
