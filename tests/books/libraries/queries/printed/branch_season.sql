/*
title = "Branch season"
description = "One row for each branch: its season, by whole sums only where no month is missing."
grain = ["code"]

[columns]
code = { meaning = "Branch code" }
branch = { meaning = "Branch name" }
district = { meaning = "District" }
opened = { meaning = "Day on which the branch opened" }
visits = { unit = "count", meaning = "Visits in the season; missing where a month is missing" }
loans = { unit = "count", meaning = "Items lent in the season; missing where a month is missing" }
visits_per_loan = { decimals = 2, unit = "visits", meaning = "Visits for each item lent" }
months_counted = { unit = "count", meaning = "Months with a count of visits" }
*/
WITH seasons AS (
    SELECT
        code,
        CASE WHEN count(visits) = count(*) THEN sum(visits)::BIGINT END AS visits,
        CASE WHEN count(loans) = count(*) THEN sum(loans)::BIGINT END AS loans,
        count(visits) AS months_counted
    FROM branch_months
    GROUP BY code
)
SELECT
    branches.code,
    branches.branch,
    branches.district,
    branches.opened,
    seasons.visits,
    seasons.loans,
    seasons.visits::DOUBLE / nullif(seasons.loans, 0) AS visits_per_loan,
    seasons.months_counted
FROM branches
JOIN seasons USING (code);
