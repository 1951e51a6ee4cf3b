/*
title = "Elective care within 18 weeks: counts"
description = "Incomplete pathways of each provider. Two bases, never mixed in one series: patients of English commissioners (the headline figures), and all commissioners, which adds up to a fifth to the list of a trust on the border. Where a file gives the treatment functions and their total (C_999), the total is taken and nothing is added to it. Month by month the extracts of 2024/25 and March 2026 fall short of the all-commissioner files by the patients from abroad of border trusts, which is how their basis is known."
grain = ["org_code", "period", "basis", "known_from"]

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
check = "sql"
name = "no total is counted twice: it is the sum of its treatment functions"
query = """
SELECT functions.org_code, functions.period, functions.parts, counted.denominator
FROM (
    SELECT org_code, period, 'English commissioners' AS basis, sum(total_all) AS parts
    FROM rtt_trust_function_counts WHERE tf_code <> 'C_999' GROUP BY ALL
    UNION ALL
    SELECT org_code, period, 'all commissioners', sum(total_all)
    FROM rtt_provider_counts WHERE part = 'incomplete' AND tf_code <> 'C_999' GROUP BY ALL
) AS functions
JOIN counts_rtt_within_18wk AS counted USING (org_code, period, basis)
WHERE functions.parts <> counted.denominator
"""

[[tests]]
check = "accepted"
column = "basis"
values = ["English commissioners", "all commissioners"]
*/
WITH files AS (
    SELECT
        'rtt_trust_counts' AS source, 'English commissioners' AS basis, org_code, period,
        within_18wk AS numerator, total_incomplete AS denominator
    FROM rtt_trust_counts
    UNION ALL
    SELECT
        'rtt_trust_function_counts', 'English commissioners', org_code, period,
        within_18wk, total_all
    FROM rtt_trust_function_counts
    WHERE tf_code = 'C_999'
    UNION ALL
    SELECT
        'rtt_provider_counts', 'all commissioners', org_code, period,
        within_18wk, total_all
    FROM rtt_provider_counts
    WHERE part = 'incomplete' AND tf_code = 'C_999'
    UNION ALL
    SELECT
        'rtt_area_counts', 'all commissioners', org_code, period,
        total_incomplete - over_18wk, total_incomplete
    FROM rtt_area_counts
),

versions AS (
    -- The same counts in two files are one version.
    SELECT
        files.org_code,
        files.period,
        files.basis,
        files.numerator,
        files.denominator,
        min(source_vintages.known_from) AS known_from,
        arg_min(source_vintages.known_from_basis, (source_vintages.known_from, files.source)) AS known_from_basis,
        arg_min(source_vintages.status, (source_vintages.known_from, files.source)) AS status,
        -- A file of every provider is named before one of an area.
        max(files.source) AS source
    FROM files
    JOIN source_vintages USING (source)
    GROUP BY files.org_code, files.period, files.basis, files.numerator, files.denominator
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
