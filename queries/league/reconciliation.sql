/*
title = "Reconciliation"
description = "Published against recomputed, counted for each quantity and quarter: how many were compared, how many are exactly equal, how many differ by no more than the rounding of the published inputs, and how many differ."
grain = ["quantity", "quarter"]

[columns]
quantity = { meaning = "What is compared" }
quarter = { meaning = "Financial quarter, or the period of the figure" }
quantity_order = { unit = "count", meaning = "Order of the quantity on the page" }
how = { meaning = "How the figure is recomputed" }
compared = { unit = "count", meaning = "Figures compared" }
exact = { unit = "count", meaning = "Exactly equal" }
within_rounding = { unit = "count", meaning = "Apart by no more than rounding explains" }
different = { unit = "count", meaning = "Different" }
largest_difference = { unit = "figure", decimals = 2, meaning = "Largest difference, whatever its sign" }

[[tests]]
check = "sql"
name = "the three outcomes add to the figures compared"
where = "exact + within_rounding + different <> compared"

[[tests]]
check = "sql"
name = "league rank and adjusted segment are reproduced without exception"
where = "quantity IN ('League rank', 'Adjusted segment from the override') AND exact <> compared"
severity = "warn"
*/
SELECT
    quantity,
    quarter,
    quantity_order,
    reconciled_quantities.how,
    count(*) AS compared,
    count(*) FILTER (outcome = 'exact') AS exact,
    count(*) FILTER (outcome = 'within rounding') AS within_rounding,
    count(*) FILTER (outcome = 'different') AS different,
    max(abs(difference)) AS largest_difference
FROM comparisons
LEFT JOIN reconciled_quantities USING (quantity, quantity_order)
GROUP BY quantity, quarter, quantity_order, reconciled_quantities.how
ORDER BY quantity_order NULLS LAST, quantity, quarter
