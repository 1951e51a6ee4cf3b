/*
title = "How much could the weights matter?"
description = "Spread between Laspeyres and Paasche indices of trusts' activity, year on year. As held, with unit costs of one year, the spread is nothing by construction and so cannot be measured. The other rows suppose that one kind of activity became 10% dearer than the rest by the later year: suppositions that show the size of what weights can do, not data."
grain = ["fy_start", "scenario"]

[columns]
fy_start = { unit = "year", meaning = "Year in which the later financial year begins" }
scenario = { meaning = "Unit costs of the later year" }
scenario_order = { unit = "count", meaning = "Order on the page" }
is_supposed = { meaning = "Whether the unit costs of the later year are supposed" }
trusts = { unit = "count", meaning = "Trusts compared" }
median_spread = { unit = "points", decimals = 2, meaning = "Median of the absolute difference between Laspeyres and Paasche growth" }
largest_spread = { unit = "points", decimals = 2, meaning = "Largest of these" }
median_growth = { unit = "%", decimals = 1, meaning = "Median Laspeyres growth" }

[[tests]]
check = "sql"
name = "with unit costs of one year there is no spread; with costs that moved apart there is some"
where = "(scenario = 'as held' AND largest_spread > 1e-9) OR (is_supposed AND largest_spread <= 0)"
*/
WITH steady AS (
    SELECT volumes.*
    FROM activity_volumes AS volumes
    JOIN activity_per_fte_steady AS steady USING (trust_code)
    WHERE is_steady
),

priced AS (
    SELECT
        steady.trust_code,
        steady.fy_start,
        scenarios.scenario,
        scenarios.scenario_order,
        list(CAST(volume AS DOUBLE) ORDER BY steady.activity) AS volumes,
        list(CAST(unit_cost AS DOUBLE) ORDER BY steady.activity) AS costs,
        list(
            unit_cost * CASE WHEN steady.activity = scenarios.activity THEN relative_cost ELSE 1 END
            ORDER BY steady.activity
        ) AS later_costs
    FROM steady
    CROSS JOIN unit_cost_scenarios AS scenarios
    GROUP BY steady.trust_code, steady.fy_start, scenarios.scenario, scenarios.scenario_order
),

indices AS (
    SELECT
        later.fy_start,
        later.scenario,
        later.scenario_order,
        laspeyres(earlier.volumes, earlier.costs, later.volumes, later.later_costs) AS laspeyres_index,
        paasche(earlier.volumes, earlier.costs, later.volumes, later.later_costs) AS paasche_index
    FROM priced AS later
    JOIN priced AS earlier
        ON earlier.trust_code = later.trust_code
        AND earlier.scenario = later.scenario
        AND earlier.fy_start = later.fy_start - 1
)

SELECT
    fy_start,
    scenario,
    scenario_order,
    scenario <> 'as held' AS is_supposed,
    count(*) AS trusts,
    100 * median(abs(laspeyres_index - paasche_index)) AS median_spread,
    100 * max(abs(laspeyres_index - paasche_index)) AS largest_spread,
    100 * (median(laspeyres_index) - 1) AS median_growth
FROM indices
GROUP BY fy_start, scenario, scenario_order
ORDER BY fy_start, scenario_order
