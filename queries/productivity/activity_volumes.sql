/*
title = "Costed activity by trust and year"
description = "Activity that the monthly return counts, added up by financial year, beside the national unit cost of each kind. Only trusts with all twelve months, each with every count, are taken: a missing month is not no activity. Four kinds of activity are far from all that a hospital does."
grain = ["trust_code", "fy_start", "activity"]

[columns]
trust_code = { meaning = "Organisation code" }
fy_start = { unit = "year", meaning = "Year in which the financial year begins" }
activity = { meaning = "Kind of activity" }
volume = { unit = "count", meaning = "Episodes or attendances in the year" }
unit_cost = { unit = "£", meaning = "National average unit cost, 2016/17" }

[[tests]]
check = "sql"
name = "each trust and year has every costed kind of activity"
query = """
SELECT trust_code, fy_start
FROM activity_volumes
GROUP BY trust_code, fy_start
HAVING count(*) <> (SELECT count(*) FROM costed_activity)
"""

[[tests]]
check = "range"
column = "volume"
min = 0
*/
WITH long AS (
    SELECT
        org_code,
        CAST(year(period) - CASE WHEN month(period) < 4 THEN 1 ELSE 0 END AS BIGINT) AS fy_start,
        unnest([
            { 'activity': 'elective_ordinary', 'monthly_volume': elective_ordinary },
            { 'activity': 'elective_daycase', 'monthly_volume': elective_daycase },
            { 'activity': 'non_elective', 'monthly_volume': non_elective },
            { 'activity': 'outpatient_first', 'monthly_volume': outpatient_first }
        ], recursive := TRUE)
    FROM monthly_activity
)

SELECT
    long.org_code AS trust_code,
    long.fy_start,
    long.activity,
    CAST(sum(monthly_volume) AS BIGINT) AS volume,
    min(national_unit_costs.unit_cost) AS unit_cost
FROM long
JOIN costed_activity USING (activity)
JOIN national_unit_costs ON national_unit_costs.activity = costed_activity.unit_cost_of
GROUP BY long.org_code, long.fy_start, long.activity
HAVING count(monthly_volume) = 12
ORDER BY trust_code, fy_start, activity
