/*
title = "Differences, one by one"
description = "Every published figure that is not reproduced exactly, with an explanation where there is one. The published figure is always the one shown in the packs."
grain = ["quantity", "quarter", "subject", "item"]

[columns]
quantity = { meaning = "What is compared" }
quantity_order = { unit = "count", meaning = "Order of the quantity on the page" }
quarter = { meaning = "Financial quarter, or the period of the figure" }
subject = { meaning = "Trust code, or trust type" }
subject_name = { meaning = "Trust name, or trust type" }
item = { meaning = "Metric number or domain; 'All metrics' for a figure of the whole trust" }
item_name = { meaning = "Short name of the metric, or the item" }
unit = { meaning = "What the figures are counted in" }
published = { unit = "figure", decimals = 2, meaning = "Published figure" }
recomputed = { unit = "figure", decimals = 2, meaning = "Recomputed figure" }
difference = { unit = "figure", decimals = 2, meaning = "Recomputed less published" }
outcome = { meaning = "Within rounding, or different" }
reason = { meaning = "The reason in two or three words" }
explanation = { meaning = "The reason in a sentence" }

[[tests]]
check = "not_null"
columns = ["explanation"]

[[tests]]
check = "sql"
name = "no difference is left unexplained"
where = "reason = 'unexplained'"
severity = "warn"
*/
WITH metric_names AS (
    SELECT metric_number, min(metric_name) AS metric_name FROM metric_values GROUP BY metric_number
)

SELECT
    comparisons.quantity,
    comparisons.quantity_order,
    comparisons.quarter,
    subject,
    coalesce(trusts.trust_name, subject) AS subject_name,
    item,
    coalesce(metric_names.metric_name, item) AS item_name,
    unit,
    published,
    recomputed,
    difference,
    outcome,
    comparisons.reason,
    difference_explanations.explanation
FROM comparisons
LEFT JOIN trusts ON trusts.trust_code = comparisons.subject
LEFT JOIN metric_names ON metric_names.metric_number = comparisons.item
LEFT JOIN difference_explanations USING (reason)
WHERE outcome <> 'exact'
ORDER BY comparisons.quantity_order NULLS LAST, comparisons.quantity, comparisons.quarter, subject, item
