/*
title = "Sickness absence: counts"
description = "Full-time equivalent days lost to sickness among those available, for each organisation."
grain = ["metric_id", "org_code", "period", "basis", "known_from"]
parts = "metric_id"

[columns]
metric_id = { meaning = "Metric" }
org_code = { meaning = "Organisation code" }
period = { meaning = "First day of the month" }
frequency = { meaning = "Month, quarter or year" }
basis = { meaning = "On what basis the counts stand: see metric_bases" }
numerator = { unit = "days", decimals = 1, meaning = "Full-time equivalent days lost" }
denominator = { unit = "days", decimals = 1, meaning = "Full-time equivalent days available" }
published_value = { unit = "fraction", meaning = "Rate, as published" }
status = { meaning = "As the publisher gives it" }
known_from = { meaning = "Day from which the version was known" }
known_from_basis = { meaning = "Whether that day is printed in the file or is the day this copy was taken" }
source = { meaning = "Source that holds the counts" }

[[tests]]
check = "sql"
name = "no more are counted than there are"
where = "numerator > denominator"

[[tests]]
check = "sql"
name = "no count is negative and no denominator is nothing"
where = "numerator < 0 OR denominator <= 0"

[[tests]]
check = "sql"
name = "the published rate comes back from the days, within its rounding"
where = "abs(numerator / denominator - published_value) > 0.00005 + 1e-9"
*/
SELECT
    'sickness_absence' AS metric_id,
    sickness_counts.org_code,
    sickness_counts.period,
    'month' AS frequency,
    'as published' AS basis,
    sickness_counts.fte_days_lost AS numerator,
    sickness_counts.fte_days_available AS denominator,
    sickness_counts.sickness_absence_rate_percent / 100 AS published_value,
    source_vintages.status,
    source_vintages.known_from,
    source_vintages.known_from_basis,
    source_vintages.source
FROM sickness_counts
JOIN source_vintages ON source_vintages.source = 'sickness_counts'
WHERE sickness_counts.fte_days_available > 0
