/*
title = "Elective care within 18 weeks: counts"
description = "Of each provider and month on each basis; the same counts in two files are one version."
grain = ["metric_id", "org_code", "period", "basis", "known_from"]
parts = "metric_id"

[columns]
metric_id = { meaning = "Metric" }
org_code = { meaning = "Organisation code" }
period = { meaning = "First day of the month" }
frequency = { meaning = "Month, quarter or year" }
basis = { meaning = "On what basis the counts stand: see metric_bases" }
numerator = { unit = "count", meaning = "Pathways waiting 18 weeks or less" }
denominator = { unit = "count", meaning = "Incomplete pathways" }
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

[[tests]]
check = "accepted"
column = "basis"
values = ["English commissioners", "all commissioners"]
*/
WITH versions AS (
    -- The same counts in two files are one version.
    SELECT
        files.org_code,
        files.period,
        files.basis,
        files.within_18wk AS numerator,
        files.pathways AS denominator,
        min(source_vintages.known_from) AS known_from,
        arg_min(source_vintages.known_from_basis, (source_vintages.known_from, files.source)) AS known_from_basis,
        arg_min(source_vintages.status, (source_vintages.known_from, files.source)) AS status,
        -- A file of every provider is named before one of an area.
        max(files.source) AS source
    FROM rtt_pathways AS files
    JOIN source_vintages USING (source)
    GROUP BY files.org_code, files.period, files.basis, files.within_18wk, files.pathways
)

SELECT
    'rtt_within_18wk' AS metric_id,
    org_code,
    period,
    'month' AS frequency,
    basis,
    numerator,
    denominator,
    CAST(NULL AS DOUBLE) AS published_value,
    status,
    known_from,
    known_from_basis,
    source
FROM versions
WHERE denominator > 0
