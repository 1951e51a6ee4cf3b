/*
title = "Cancer treatment within 31 days: counts"
description = "Each provider's ALL STAGES row, which is already the total of its parts; they are never added to it. A patient of two trusts counts as a half for each, so the counts are decimals."
grain = ["metric_id", "org_code", "period", "basis", "known_from"]
parts = "metric_id"

[columns]
metric_id = { meaning = "Metric" }
org_code = { meaning = "Organisation code" }
period = { meaning = "First day of the month" }
frequency = { meaning = "Month, quarter or year" }
basis = { meaning = "On what basis the counts stand: see metric_bases" }
numerator = { unit = "count", decimals = 1, meaning = "Treatments within 31 days" }
denominator = { unit = "count", decimals = 1, meaning = "Treatments" }
published_value = { unit = "value", meaning = "Not published beside the counts" }
status = { meaning = "Final or provisional" }
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
name = "counts are whole patients or halves"
where = "numerator * 2 <> floor(numerator * 2) OR denominator * 2 <> floor(denominator * 2)"

[[tests]]
check = "sql"
name = "the total of the routes or stages is counted once"
query = """
SELECT counted.org_code, counted.period
FROM counts_cancer_31d AS counted
JOIN (
    SELECT org_code, period, sum(CAST(total AS DECIMAL(12, 1))) AS parts
    FROM cancer_counts
    WHERE standard = '31_day' AND route_or_stage <> 'ALL STAGES'
    GROUP BY ALL
) AS added USING (org_code, period)
WHERE counted.denominator <> added.parts
"""
*/
SELECT
    'cancer_31d' AS metric_id,
    cancer_counts.org_code,
    cancer_counts.period,
    'month' AS frequency,
    'as published' AS basis,
    CAST(cancer_counts.within AS DECIMAL(12, 1)) AS numerator,
    CAST(cancer_counts.total AS DECIMAL(12, 1)) AS denominator,
    CAST(NULL AS DOUBLE) AS published_value,
    cancer_counts.status,
    source_vintages.known_from,
    source_vintages.known_from_basis,
    source_vintages.source
FROM cancer_counts
JOIN source_vintages ON source_vintages.source = 'cancer_counts'
WHERE cancer_counts.standard = '31_day' AND cancer_counts.route_or_stage = 'ALL STAGES' AND cancer_counts.total > 0
