/*
title = "Diagnostics over six weeks: counts"
description = "Patients waiting for 15 diagnostic tests, added up over the tests of a provider. The published total of the tests (test 16) is never added to them."
grain = ["metric_id", "org_code", "period", "basis", "known_from"]
parts = "metric_id"

[columns]
metric_id = { meaning = "Metric" }
org_code = { meaning = "Organisation code" }
period = { meaning = "First day of the month" }
frequency = { meaning = "Month, quarter or year" }
basis = { meaning = "On what basis the counts stand: see metric_bases" }
numerator = { unit = "count", meaning = "Patients waiting six weeks or more" }
denominator = { unit = "count", meaning = "Patients waiting" }
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
name = "the total of the tests is counted once"
query = """
SELECT counted.period, sum(counted.denominator) AS providers, min(dm01_england.waiting_list) AS printed
FROM counts_dm01_over_6wk AS counted
JOIN dm01_england USING (period)
GROUP BY counted.period
HAVING sum(counted.denominator) > min(dm01_england.waiting_list)
"""
*/
SELECT
    'dm01_over_6wk' AS metric_id,
    tests.org_code,
    tests.period,
    'month' AS frequency,
    'as published' AS basis,
    tests.waiting_6wk_plus AS numerator,
    tests.waiting_list AS denominator,
    CAST(NULL AS DOUBLE) AS published_value,
    source_vintages.status,
    source_vintages.known_from,
    source_vintages.known_from_basis,
    source_vintages.source
FROM (
    SELECT
        org_code,
        period,
        CAST(sum(waiting_6wk_plus) AS BIGINT) AS waiting_6wk_plus,
        CAST(sum(waiting_list) AS BIGINT) AS waiting_list
    FROM dm01_counts
    WHERE test_id <> 16
    GROUP BY org_code, period
) AS tests
JOIN source_vintages ON source_vintages.source = 'dm01_counts'
WHERE tests.waiting_list > 0
