/*
title = "Substantive staff, people: counts"
description = "People employed by each organisation. One person can work for two, so these counts are never added up over organisations."
grain = ["metric_id", "org_code", "period", "basis", "known_from"]
parts = "metric_id"

[columns]
metric_id = { meaning = "Metric" }
org_code = { meaning = "Organisation code" }
period = { meaning = "First day of the month" }
frequency = { meaning = "Month, quarter or year" }
basis = { meaning = "On what basis the counts stand: see metric_bases" }
numerator = { unit = "people", meaning = "People employed" }
denominator = { unit = "count", meaning = "None: a count" }
published_value = { unit = "value", meaning = "Not published beside the counts" }
status = { meaning = "As the publisher gives it" }
known_from = { meaning = "Day from which the version was known" }
known_from_basis = { meaning = "Whether that day is printed in the file or is the day this copy was taken" }
source = { meaning = "Source that holds the counts" }

[[tests]]
check = "range"
column = "numerator"
min = 0
*/
SELECT
    'workforce_headcount' AS metric_id,
    workforce_staff.org_code,
    workforce_staff.period,
    'month' AS frequency,
    'as published' AS basis,
    workforce_staff.headcount AS numerator,
    CAST(NULL AS DOUBLE) AS denominator,
    CAST(NULL AS DOUBLE) AS published_value,
    source_vintages.status,
    source_vintages.known_from,
    source_vintages.known_from_basis,
    source_vintages.source
FROM workforce_staff
JOIN source_vintages ON source_vintages.source = 'workforce_staff'
