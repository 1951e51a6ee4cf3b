/*
title = "Reconciliation, all quarters"
description = "The reconciliation added over quarters: one row for each quantity."
grain = ["quantity"]

[columns]
quantity = { meaning = "What is compared" }
quantity_order = { unit = "count", meaning = "Order of the quantity on the page" }
how = { meaning = "How the figure is recomputed" }
compared = { unit = "count", meaning = "Figures compared" }
exact = { unit = "count", meaning = "Exactly equal" }
within_rounding = { unit = "count", meaning = "Apart by no more than rounding explains" }
different = { unit = "count", meaning = "Different" }
exact_share = { unit = "fraction", decimals = 1, meaning = "Share that is exactly equal" }
largest_difference = { unit = "figure", decimals = 2, meaning = "Largest difference, whatever its sign" }

[[tests]]
check = "range"
column = "exact_share"
min = 0
max = 1
*/
SELECT
    quantity,
    quantity_order,
    how,
    CAST(sum(compared) AS BIGINT) AS compared,
    CAST(sum(exact) AS BIGINT) AS exact,
    CAST(sum(within_rounding) AS BIGINT) AS within_rounding,
    CAST(sum(different) AS BIGINT) AS different,
    sum(exact) / sum(compared) AS exact_share,
    max(largest_difference) AS largest_difference
FROM reconciliation
GROUP BY quantity, quantity_order, how
ORDER BY quantity_order NULLS LAST, quantity
