/*
title = "Differences by reason"
description = "Every published figure that is not reproduced exactly, counted by what is compared and by the reason found for it. The published figure is always the one shown."
grain = ["quantity", "outcome", "reason"]

[columns]
quantity = { meaning = "What is compared" }
quantity_order = { unit = "count", meaning = "Order of the quantity on the page" }
outcome = { meaning = "Within rounding, or different" }
reason = { meaning = "The reason in two or three words" }
figures = { unit = "count", meaning = "Figures that differ for this reason" }
trusts = { unit = "count", meaning = "Trusts, or trust types, that they belong to" }
largest = { unit = "figure", decimals = 2, meaning = "Largest difference, whatever its sign" }

[[tests]]
check = "sql"
name = "no difference is lost by counting"
query = """
SELECT 'differences' AS counted
WHERE (SELECT coalesce(sum(figures), 0) FROM scrutiny_reasons) <> (SELECT coalesce(sum(within_rounding + different), 0) FROM reconciliation_totals)
"""
*/
SELECT
    quantity,
    min(quantity_order) AS quantity_order,
    outcome,
    reason,
    count(*) AS figures,
    count(DISTINCT subject) AS trusts,
    max(abs(difference)) AS largest
FROM reconciliation_differences
GROUP BY quantity, outcome, reason
ORDER BY quantity_order NULLS LAST, quantity, outcome, reason
