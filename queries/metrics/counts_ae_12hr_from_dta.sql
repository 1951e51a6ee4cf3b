/*
title = "Emergency admissions over 12 hours from decision to admit: counts"
description = "Waits over 12 hours from the decision to admit, beside emergency admissions through the department. It is a ratio: a wait may end in a month other than the one of the admission. A revised month is a version of its own beside the first one. Departments without attendances have nothing to measure and are left out."
grain = ["metric_id", "org_code", "period", "basis", "known_from"]
parts = "metric_id"

[columns]
metric_id = { meaning = "Metric" }
org_code = { meaning = "Organisation code" }
period = { meaning = "First day of the month" }
frequency = { meaning = "Month, quarter or year" }
basis = { meaning = "On what basis the counts stand: see metric_bases" }
numerator = { unit = "count", meaning = "Waits over 12 hours from decision to admit" }
denominator = { unit = "count", meaning = "Emergency admissions through the department" }
published_value = { unit = "value", meaning = "Not published beside the counts" }
status = { meaning = "Published or revised" }
known_from = { meaning = "Day from which the version was known" }
known_from_basis = { meaning = "Whether that day is printed in the file or is the day this copy was taken" }
source = { meaning = "Source that holds the counts" }

[[tests]]
check = "sql"
name = "no count is negative and no denominator is nothing"
where = "numerator < 0 OR denominator <= 0"
*/
SELECT
    'ae_12hr_from_dta' AS metric_id,
    org_code,
    period,
    'month' AS frequency,
    'as published' AS basis,
    dta_over12 AS numerator,
    adm_via_ae AS denominator,
    CAST(NULL AS DOUBLE) AS published_value,
    status,
    known_from,
    known_from_basis,
    source
FROM ae_versions
WHERE adm_via_ae > 0
