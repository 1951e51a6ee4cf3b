/*
title = "Do the organisations add up to England?"
description = "The counts behind the measures, added over organisations and compared with the England row that the same official file prints, by series. A sum that need not add up, such as headcount, is counted apart."
grain = ["series"]

[columns]
series = { meaning = "Series of publications" }
quantities = { unit = "count", meaning = "Quantities compared" }
first_period = { meaning = "First period compared" }
last_period = { meaning = "Last period compared" }
sums = { unit = "count", meaning = "Sums that must equal the printed row" }
equal = { unit = "count", meaning = "Sums that do, to the tolerance of the file's own rounding" }
unequal = { unit = "count", meaning = "Sums that do not" }
not_additive = { unit = "count", meaning = "Sums that need not add up" }

[[tests]]
check = "sql"
name = "every comparison is counted once"
query = """
SELECT 'comparisons' AS counted
WHERE (SELECT coalesce(sum(sums + not_additive), 0) FROM scrutiny_sums) <> (SELECT count(*) FROM england_reconciliation)
"""

[[tests]]
check = "sql"
name = "every sum that must add up does"
where = "unequal > 0"
severity = "warn"
*/
SELECT
    series,
    count(DISTINCT quantity) AS quantities,
    min(period) AS first_period,
    max(period) AS last_period,
    count(*) FILTER (must_add_up) AS sums,
    count(*) FILTER (must_add_up AND is_reconciled) AS equal,
    count(*) FILTER (must_add_up AND NOT is_reconciled) AS unequal,
    count(*) FILTER (NOT must_add_up) AS not_additive
FROM england_reconciliation
GROUP BY series
ORDER BY series
