/*
title = "Counts in the monthly panel"
description = "Every row of the independently assembled panel of monthly and quarterly metrics, in the columns of the counts made from the files, known from the day on which the copy was taken."
grain = ["metric_id", "org_code", "period", "basis", "known_from"]
parts = "metric_id"

[columns]
metric_id = { meaning = "Metric" }
org_code = { meaning = "Organisation code" }
period = { meaning = "Period as the panel has it" }
frequency = { meaning = "Month, quarter or year" }
basis = { meaning = "On what basis the counts stand: see metric_bases" }
numerator = { unit = "count", decimals = 1, meaning = "Numerator" }
denominator = { unit = "count", decimals = 1, meaning = "Denominator; missing for a count" }
published_value = { unit = "value", decimals = 4, meaning = "Always missing: the panel holds counts alone" }
status = { meaning = "Published, revised, provisional, final or demonstration" }
known_from = { meaning = "Day from which the version was known" }
known_from_basis = { meaning = "Whether that day is printed in the file or is the day this copy was taken" }
source = { meaning = "The panel" }
*/
SELECT
    metric_panel.metric_id,
    metric_panel.org_code,
    metric_panel.period,
    metric_panel.frequency,
    CASE WHEN metric_panel.metric_id LIKE 'rtt_%' THEN 'not stated' ELSE 'as published' END AS basis,
    metric_panel.numerator,
    metric_panel.denominator,
    CAST(NULL AS DOUBLE) AS published_value,
    metric_panel.status,
    source_vintages.known_from,
    source_vintages.known_from_basis,
    source_vintages.source
FROM metric_panel
JOIN source_vintages ON source_vintages.source = 'metric_panel'
