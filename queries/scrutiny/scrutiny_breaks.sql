/*
title = "Breaks and gaps, counted"
description = "What breaks the series that these pages rest on: organisations merged or divided, charts started afresh and why, rows turned away, and what is not held of the trusts in the table. One row for each kind."
grain = ["kind", "item"]

[columns]
kind = { meaning = "Kind of break or gap" }
kind_order = { unit = "count", meaning = "Order of the kind" }
item = { meaning = "What broke or is missing" }
amount = { unit = "count", meaning = "How many" }
counted = { meaning = "What is counted" }

[[tests]]
check = "range"
column = "amount"
min = 1
name = "a kind of break is listed only where there is one"
*/
WITH year_before AS (
    SELECT as_of - INTERVAL 2 YEARS AS since, as_of FROM as_of
)

SELECT
    'Mergers and transfers of codes' AS kind,
    1 AS kind_order,
    'Took effect in the two years before ' || strftime(max(as_of), '%-d %B %Y') || ': figures before and after are not of the same organisation' AS item,
    count(DISTINCT new_code) AS amount,
    'codes that took over another' AS counted
FROM trust_mergers
CROSS JOIN year_before
WHERE effective_date > since AND effective_date <= as_of
HAVING count(*) > 0
UNION ALL
SELECT
    'Control charts started afresh',
    2,
    upper(left(reason, 1)) || substr(reason, 2),
    count(*),
    'charts'
FROM rebase_dates
WHERE is_applied
GROUP BY reason
UNION ALL
SELECT
    'Rows turned away',
    3,
    'Broke the declared layout of their file; left out of every figure and listed',
    count(*),
    'values'
FROM source_rejects
HAVING count(*) > 0
UNION ALL
SELECT
    'Not held, or not usable, by trust',
    4,
    topic,
    count(DISTINCT trust_code),
    'trusts'
FROM data_notes
GROUP BY topic
ORDER BY kind_order, amount DESC, kind, item
