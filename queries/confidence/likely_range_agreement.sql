/*
title = "Published likely ranges reproduced"
description = "How closely the recomputed likely ranges meet those that NHS England publishes, for each end of each range. The published method is not published, so closeness is all that can be shown."
grain = ["quarter", "trust_type", "bound"]

[columns]
quarter = { meaning = "Financial quarter" }
trust_type = { meaning = "Trust type" }
bound = { meaning = "Which end of which range" }
bound_order = { unit = "count", meaning = "Order on the page" }
trusts = { unit = "count", meaning = "Trusts compared" }
tolerance = { unit = "figure", decimals = 2, meaning = "How far apart still counts as met" }
met = { unit = "count", meaning = "Trusts within the tolerance" }
met_share = { unit = "fraction", decimals = 0, meaning = "Share of the trusts within the tolerance" }
exact = { unit = "count", meaning = "Trusts for which the two are equal" }
mean_absolute_error = { unit = "figure", decimals = 3, meaning = "Mean distance, whatever its sign" }
mean_error = { unit = "figure", decimals = 3, meaning = "Mean of recomputed less published" }
largest = { unit = "figure", decimals = 2, meaning = "Largest distance" }

[[tests]]
check = "sql"
name = "in a table of any size, ends of scores are within 0.02 for nine in ten lower and 85 in a hundred upper ends"
where = "trusts >= 20 AND ((bound = 'score, low end' AND met_share < 0.9) OR (bound = 'score, high end' AND met_share < 0.85))"
severity = "warn"
*/
WITH compared AS (
    SELECT quarter, trust_type, 'score, low end' AS bound, 1 AS bound_order, 0.02 AS tolerance, score_low_difference AS difference
    FROM likely_ranges
    UNION ALL
    SELECT quarter, trust_type, 'score, high end', 2, 0.02, score_high_difference
    FROM likely_ranges
    UNION ALL
    SELECT quarter, trust_type, 'rank, best', 3, 1, rank_best_difference
    FROM likely_ranges
    UNION ALL
    SELECT quarter, trust_type, 'rank, worst', 4, 1, rank_worst_difference
    FROM likely_ranges
),

held AS (
    SELECT *, abs(difference) AS distance
    FROM compared
    WHERE difference IS NOT NULL
)

SELECT
    quarter,
    trust_type,
    bound,
    min(bound_order) AS bound_order,
    count(*) AS trusts,
    min(tolerance) AS tolerance,
    count(*) FILTER (distance <= tolerance) AS met,
    count(*) FILTER (distance <= tolerance) / count(*) AS met_share,
    count(*) FILTER (distance = 0) AS exact,
    avg(distance) AS mean_absolute_error,
    avg(difference) AS mean_error,
    max(distance) AS largest
FROM held
GROUP BY quarter, trust_type, bound
ORDER BY quarter, trust_type, bound_order, bound
