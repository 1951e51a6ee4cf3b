/*
title = "Ambulances, Category 1 mean response: counts"
description = "Total response time and incidents of each ambulance trust, so that means add up over trusts. The published 90th centile cannot be added up and is not used. The rows of regions and of England are left out here."
grain = ["metric_id", "org_code", "period", "basis", "known_from"]
parts = "metric_id"

[columns]
metric_id = { meaning = "Metric" }
org_code = { meaning = "Organisation code" }
period = { meaning = "First day of the month" }
frequency = { meaning = "Month, quarter or year" }
basis = { meaning = "On what basis the counts stand: see metric_bases" }
numerator = { unit = "seconds", meaning = "Response time, total" }
denominator = { unit = "count", meaning = "Category 1 incidents" }
published_value = { unit = "seconds", meaning = "Mean response in seconds, as published" }
status = { meaning = "As the publisher gives it" }
known_from = { meaning = "Day from which the version was known" }
known_from_basis = { meaning = "Whether that day is printed in the file or is the day this copy was taken" }
source = { meaning = "Source that holds the counts" }

[[tests]]
check = "sql"
name = "no count is negative and no denominator is nothing"
where = "numerator < 0 OR denominator <= 0"

[[tests]]
check = "sql"
name = "the published mean comes back from the totals, within its rounding"
where = "abs(numerator / denominator - published_value) > 0.5 + 1e-9"
*/
SELECT
    'amb_c1_mean_seconds' AS metric_id,
    ambulance_counts.org_code,
    ambulance_counts.period,
    'month' AS frequency,
    'as published' AS basis,
    ambulance_counts.c1_total_seconds AS numerator,
    ambulance_counts.c1_incidents AS denominator,
    CAST(ambulance_counts.c1_mean_seconds AS DOUBLE) AS published_value,
    source_vintages.status,
    source_vintages.known_from,
    source_vintages.known_from_basis,
    source_vintages.source
FROM ambulance_counts
JOIN source_vintages ON source_vintages.source = 'ambulance_counts'
WHERE ambulance_counts.level = 'trust' AND ambulance_counts.c1_incidents > 0
