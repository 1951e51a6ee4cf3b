/*
title = "General and acute bed occupancy: counts"
description = "Average daily general and acute beds, available and occupied overnight, by quarter. The period is the last day of the quarter, as published."
grain = ["metric_id", "org_code", "period", "basis", "known_from"]
parts = "metric_id"

[columns]
metric_id = { meaning = "Metric" }
org_code = { meaning = "Organisation code" }
period = { meaning = "Last day of the quarter, as published" }
frequency = { meaning = "Month, quarter or year" }
basis = { meaning = "On what basis the counts stand: see metric_bases" }
numerator = { unit = "beds", decimals = 1, meaning = "Beds occupied" }
denominator = { unit = "beds", decimals = 1, meaning = "Beds available" }
published_value = { unit = "value", meaning = "Not published beside the counts" }
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
name = "no more are counted than there are"
where = "numerator > denominator"
severity = "warn"
*/
SELECT
    'ga_bed_occupancy' AS metric_id,
    kh03_counts.org_code,
    kh03_counts.period_end AS period,
    'quarter' AS frequency,
    'as published' AS basis,
    kh03_counts.ga_occupied AS numerator,
    kh03_counts.ga_available AS denominator,
    CAST(NULL AS DOUBLE) AS published_value,
    source_vintages.status,
    source_vintages.known_from,
    source_vintages.known_from_basis,
    source_vintages.source
FROM kh03_counts
JOIN source_vintages ON source_vintages.source = 'kh03_counts'
WHERE kh03_counts.ga_available > 0
