/*
title = "Band scores"
description = "Metrics that are scored in bands: the band each published value falls in and the score of that band."
grain = ["quarter", "trust_code", "metric_number"]

[columns]
quarter = { meaning = "Financial quarter" }
trust_code = { meaning = "Organisation code" }
trust_type = { meaning = "Trust type" }
metric_number = { meaning = "Metric number" }
value = { unit = "value", decimals = 2, meaning = "Value as published" }
band = { meaning = "The band in words" }
score = { unit = "score", decimals = 0, meaning = "Score of the band" }
published_score = { unit = "score", decimals = 2, meaning = "Score as published" }

[[tests]]
check = "sql"
name = "the bands give every published score"
where = "score <> published_score"
severity = "warn"

[[tests]]
check = "not_null"
columns = ["score"]
name = "every value falls in a band, and the grain shows that it falls in only one"
*/
SELECT
    metric_values.quarter,
    metric_values.trust_code,
    metric_values.trust_type,
    metric_values.metric_number,
    metric_values.value,
    metric_bands.band,
    metric_bands.score,
    metric_values.published_score
FROM metric_values
LEFT JOIN metric_bands
    ON metric_bands.metric_number = metric_values.metric_number
    AND metric_bands.framework_year = (SELECT framework_year FROM parameters)
    AND (
        metric_bands.lower IS NULL
        OR metric_values.value > metric_bands.lower
        OR (metric_bands.lower_included AND metric_values.value = metric_bands.lower)
    )
    AND (
        metric_bands.upper IS NULL
        OR metric_values.value < metric_bands.upper
        OR (metric_bands.upper_included AND metric_values.value = metric_bands.upper)
    )
WHERE metric_values.scoring = 'bands' AND metric_values.value IS NOT NULL
