/*
title = "Emergency departments within four hours, type 1: counts"
description = "Attendances at major departments (type 1), and those over within four hours. The numerator of the field-test trusts is missing from May 2019 to May 2023, not zero. A revised month is a version of its own beside the first one. Departments without attendances have nothing to measure and are left out."
grain = ["metric_id", "org_code", "period", "basis", "known_from"]
parts = "metric_id"

[columns]
metric_id = { meaning = "Metric" }
org_code = { meaning = "Organisation code" }
period = { meaning = "First day of the month" }
frequency = { meaning = "Month, quarter or year" }
basis = { meaning = "On what basis the counts stand: see metric_bases" }
numerator = { unit = "count", meaning = "Attendances within four hours, type 1; missing where the trust published none" }
denominator = { unit = "count", meaning = "Attendances, type 1" }
published_value = { unit = "value", meaning = "Not published beside the counts" }
status = { meaning = "Published or revised" }
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
name = "where no four-hour figure was published there is none, and elsewhere there is one"
query = """
SELECT ae_counts.org_code, ae_counts.period
FROM ae_counts
JOIN counts_ae_4hr_type1 AS counted USING (org_code, period)
WHERE (within4_type1 IS NULL) <> (counted.numerator IS NULL)
"""
*/
SELECT
    'ae_4hr_type1' AS metric_id,
    org_code,
    period,
    'month' AS frequency,
    'as published' AS basis,
    within4_type1 AS numerator,
    att_type1 AS denominator,
    CAST(NULL AS DOUBLE) AS published_value,
    status,
    known_from,
    known_from_basis,
    source
FROM ae_versions
WHERE att_type1 > 0
