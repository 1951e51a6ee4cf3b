/*
title = "Ambulances, handovers over 30 minutes: counts"
description = "Handovers at hospital whose time is known, and those over 30 minutes, of each ambulance trust. Handovers of unknown time are in neither."
grain = ["metric_id", "org_code", "period", "basis", "known_from"]
parts = "metric_id"

[columns]
metric_id = { meaning = "Metric" }
org_code = { meaning = "Organisation code" }
period = { meaning = "First day of the month" }
frequency = { meaning = "Month, quarter or year" }
basis = { meaning = "On what basis the counts stand: see metric_bases" }
numerator = { unit = "count", meaning = "Handovers over 30 minutes" }
denominator = { unit = "count", meaning = "Handovers whose time is known" }
published_value = { unit = "value", meaning = "Not published beside the counts" }
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
*/
SELECT
    'amb_handover_over_30m' AS metric_id,
    ambulance_counts.org_code,
    ambulance_counts.period,
    'month' AS frequency,
    'as published' AS basis,
    ambulance_counts.handovers_over_30m AS numerator,
    ambulance_counts.handovers_known AS denominator,
    CAST(NULL AS DOUBLE) AS published_value,
    source_vintages.status,
    source_vintages.known_from,
    source_vintages.known_from_basis,
    source_vintages.source
FROM ambulance_counts
JOIN source_vintages ON source_vintages.source = 'ambulance_counts'
WHERE ambulance_counts.level = 'trust' AND ambulance_counts.handovers_known > 0
