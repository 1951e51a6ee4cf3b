/*
title = "District season"
description = "Loans by district against the district's target."
grain = ["district"]

[columns]
district = { meaning = "District" }
branches = { unit = "count", meaning = "Branches" }
loans = { unit = "count", meaning = "Items lent by branches that sent every month" }
loans_target = { unit = "count", meaning = "Target for the season" }
share = { unit = "%", decimals = 1, meaning = "Loans as a share of the target" }

[[tests]]
check = "relationship"
column = "district"
to = "district_targets.district"

[[tests]]
check = "accepted"
column = "district"
values = ["Vale", "Côte", "Moor"]
*/
SELECT
    district,
    count(*) AS branches,
    sum(loans)::BIGINT AS loans,
    loans_target,
    100.0 * sum(loans) / loans_target AS share
FROM branch_season
LEFT JOIN district_targets USING (district)
GROUP BY district, loans_target
ORDER BY loans_target DESC, district
