/*
title = "Activity for each member of staff: level"
description = "LEVEL, not growth. A crude measure to show the method: four kinds of activity at national unit costs of one year, over mean substantive staff. It leaves out most of what hospitals do, and bank and agency staff; it is no official measure and not comparable with published productivity growth."
grain = ["trust_code", "fy_start"]

[columns]
trust_code = { meaning = "Organisation code" }
fy_start = { unit = "year", meaning = "Year in which the financial year begins" }
measure = { meaning = "What kind of figure this is: level, never growth" }
cost_weighted_activity = { unit = "£", decimals = 0, meaning = "Activity at national unit costs" }
poisson_variance = { unit = "£ squared", meaning = "Variance of that sum if every count were Poisson: the sum of squared unit cost times count" }
staff_months = { unit = "count", meaning = "Months of staff counts" }
staff = { unit = "full-time equivalents", decimals = 0, meaning = "Mean substantive staff" }
activity_per_fte = { unit = "£", decimals = 0, meaning = "Activity at national unit costs for each full-time equivalent" }
level_rank = { unit = "rank", meaning = "Rank of that level from the highest in the year" }
trusts_ranked = { unit = "count", meaning = "Trusts in the year" }

[[tests]]
check = "sql"
name = "every trust-year worked out beforehand is recomputed, to the rounding of the file"
query = """
SELECT held.org_code, held.fy_start
FROM activity_per_staff_held AS held
LEFT JOIN activity_per_fte AS computed ON computed.trust_code = held.org_code AND computed.fy_start = held.fy_start
WHERE EXISTS (SELECT 1 FROM activity_per_fte)
    AND (computed.trust_code IS NULL OR abs(cost_weighted_activity - cwa_gbp) > 0.5 OR abs(staff - fte_mean) > 0.000501)
"""

[[tests]]
check = "sql"
name = "no trust-year is here that was not worked out beforehand"
query = """
SELECT trust_code, fy_start
FROM activity_per_fte
ANTI JOIN activity_per_staff_held AS held ON held.org_code = trust_code AND held.fy_start = activity_per_fte.fy_start
WHERE EXISTS (SELECT 1 FROM activity_per_staff_held)
"""
severity = "warn"

[[tests]]
check = "accepted"
column = "measure"
values = ["level"]
*/
WITH weighted AS (
    SELECT
        trust_code,
        fy_start,
        CAST(sum(CAST(volume * unit_cost AS DECIMAL(18, 2))) AS DOUBLE) AS cost_weighted_activity,
        CAST(sum(CAST(volume * unit_cost * unit_cost AS DECIMAL(24, 2))) AS DOUBLE) AS poisson_variance
    FROM activity_volumes
    GROUP BY trust_code, fy_start
),

staff AS (
    SELECT
        org_code AS trust_code,
        CAST(year(period) - CASE WHEN month(period) < 4 THEN 1 ELSE 0 END AS BIGINT) AS fy_start,
        count(fte) AS staff_months,
        CAST(sum(CAST(fte AS DECIMAL(18, 4))) AS DOUBLE) / count(fte) AS staff
    FROM workforce_staff
    WHERE fte IS NOT NULL
    GROUP BY ALL
)

SELECT
    trust_code,
    fy_start,
    'level' AS measure,
    cost_weighted_activity,
    poisson_variance,
    staff_months,
    staff,
    cost_weighted_activity / staff AS activity_per_fte,
    rank() OVER (PARTITION BY fy_start ORDER BY cost_weighted_activity / staff DESC) AS level_rank,
    count(*) OVER (PARTITION BY fy_start) AS trusts_ranked
FROM weighted
JOIN staff USING (trust_code, fy_start)
CROSS JOIN parameters
WHERE cost_weighted_activity >= crude_least_activity AND staff_months >= crude_least_staff_months AND staff > 0
ORDER BY trust_code, fy_start
