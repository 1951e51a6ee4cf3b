/*
title = "Branch months"
description = "Every branch in every month of the season, whether it sent its counts or not."
grain = ["code", "month"]

[columns]
code = { meaning = "Branch code" }
month = { meaning = "First day of the month" }
visits = { unit = "count", meaning = "Visits" }
loans = { unit = "count", meaning = "Items lent" }

[[tests]]
check = "not_null"
column = "visits"
severity = "warn"
name = "every branch sent its visits"
*/
SELECT branches.code, months.month, counts.visits, counts.loans
FROM branches
CROSS JOIN (
    SELECT unnest(generate_series(first_month, last_month, INTERVAL 1 MONTH))::DATE AS month
    FROM parameters
) AS months
LEFT JOIN counts USING (code, month)
