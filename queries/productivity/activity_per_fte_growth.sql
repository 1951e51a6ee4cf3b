/*
title = "Activity for each member of staff: growth"
description = "GROWTH, not level: the crude level of one financial year over that of the year before, with its two components. The standard error is that of Poisson counts alone. It is a floor: coverage, coding, system changes and one-off events move these figures far more, so it must never be shown as the uncertainty of the growth."
grain = ["trust_code", "fy_start"]

[columns]
trust_code = { meaning = "Organisation code" }
fy_start = { unit = "year", meaning = "Year in which the later financial year begins" }
measure = { meaning = "What kind of figure this is: growth, never level" }
activity_growth = { unit = "fraction", decimals = 1, meaning = "Growth in activity at national unit costs" }
staff_growth = { unit = "fraction", decimals = 1, meaning = "Growth in mean substantive staff" }
growth = { unit = "fraction", decimals = 1, meaning = "(1 + activity growth) / (1 + staff growth) - 1" }
counting_error = { unit = "fraction", decimals = 2, meaning = "Standard error of the growth in activity if counts were Poisson: a floor, not the uncertainty" }

[[tests]]
check = "sql"
name = "every growth worked out beforehand is recomputed, to the rounding of the file (six decimals, from staff with three)"
query = """
SELECT held.org_code, held.fy_start
FROM activity_per_staff_held AS held
LEFT JOIN activity_per_fte_growth AS computed ON computed.trust_code = held.org_code AND computed.fy_start = held.fy_start
WHERE EXISTS (SELECT 1 FROM activity_per_fte_growth) AND held.productivity_growth IS NOT NULL
    AND (
        computed.trust_code IS NULL
        OR abs(activity_growth - held.cwa_growth) > 0.000001
        OR abs(staff_growth - held.fte_growth) > 0.000001
        OR abs(growth - held.productivity_growth) > 0.000001
        OR abs(counting_error - held.se_cwa_growth_poisson) > 0.000001
    )
"""

[[tests]]
check = "sql"
name = "growth is the ratio of two levels"
query = """
SELECT trust_code, fy_start
FROM activity_per_fte_growth AS change
JOIN activity_per_fte AS later USING (trust_code, fy_start)
JOIN activity_per_fte AS earlier ON earlier.trust_code = change.trust_code AND earlier.fy_start = change.fy_start - 1
WHERE abs(later.activity_per_fte / earlier.activity_per_fte - 1 - change.growth) > 0.000000000001
"""

[[tests]]
check = "accepted"
column = "measure"
values = ["growth"]
*/
SELECT
    later.trust_code,
    later.fy_start,
    'growth' AS measure,
    later.cost_weighted_activity / earlier.cost_weighted_activity - 1 AS activity_growth,
    later.staff / earlier.staff - 1 AS staff_growth,
    (later.cost_weighted_activity / earlier.cost_weighted_activity) / (later.staff / earlier.staff) - 1 AS growth,
    -- Var(ln sum) = sum(c^2 x) / (sum(c x))^2 in each year; the errors of two years add.
    later.cost_weighted_activity / earlier.cost_weighted_activity * sqrt(
        later.poisson_variance / (later.cost_weighted_activity * later.cost_weighted_activity)
        + earlier.poisson_variance / (earlier.cost_weighted_activity * earlier.cost_weighted_activity)
    ) AS counting_error
FROM activity_per_fte AS later
JOIN activity_per_fte AS earlier
    ON earlier.trust_code = later.trust_code AND earlier.fy_start = later.fy_start - 1
ORDER BY later.trust_code, later.fy_start
