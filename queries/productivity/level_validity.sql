/*
title = "Does the crude level say anything?"
description = "LEVEL, not growth. The crude level of activity for each member of staff beside two other levels of the same year: the published reference cost index, which sets a trust's costs beside the national cost of its own mix of work, and the same activity over the trust's expenditure. A weak agreement says that the crude level is no measure of which trust is cheapest for its work, however well it lasts."
grain = ["compared_with"]

[columns]
compared_with = { meaning = "The other level" }
compared_order = { unit = "count", meaning = "Order on the page" }
measure = { meaning = "What kind of figure this is: level, never growth" }
fy_start = { unit = "year", meaning = "Year in which the financial year begins" }
pairs = { unit = "count", meaning = "Trusts with both" }
spearman = { unit = "correlation", decimals = 2, meaning = "Spearman's rank correlation" }
spearman_low = { unit = "correlation", decimals = 2, meaning = "Low end of the 95% interval of the rank correlation" }
spearman_high = { unit = "correlation", decimals = 2, meaning = "High end of the 95% interval of the rank correlation" }
expected_sign = { meaning = "Which way it should run if both measured the same" }

[[tests]]
check = "sql"
name = "each correlation lies within its interval"
where = "spearman NOT BETWEEN spearman_low AND spearman_high"

[[tests]]
check = "accepted"
column = "measure"
values = ["level"]

[determinism]
list = "each comparison and year has one row for each trust"
*/
WITH both_levels AS (
    -- Reference costs are those of 2015/16. They come for trusts as they then were, by the same codes.
    SELECT
        trust_code,
        fy_start,
        activity_per_fte,
        rci_mff,
        cost_weighted_activity / nullif(total_expenditure_mff, 0) AS activity_per_pound
    FROM activity_per_fte
    JOIN reference_costs ON org_code = trust_code
    WHERE fy_start = 2015
),

compared AS (
    SELECT
        'reference cost index' AS compared_with,
        1 AS compared_order,
        'negative' AS expected_sign,
        trust_code,
        fy_start,
        activity_per_fte,
        rci_mff AS other
    FROM both_levels
    UNION ALL
    SELECT 'activity for each pound of expenditure', 2, 'positive', trust_code, fy_start, activity_per_fte, activity_per_pound
    FROM both_levels
),

measured AS (
    SELECT
        compared_with,
        compared_order,
        expected_sign,
        fy_start,
        count(*) AS pairs,
        spearman(
            list(activity_per_fte ORDER BY trust_code),
            list(CAST(other AS DOUBLE) ORDER BY trust_code),
            (SELECT confidence_level FROM parameters)
        ) AS agreement
    FROM compared
    WHERE other IS NOT NULL
    GROUP BY compared_with, compared_order, expected_sign, fy_start
    HAVING count(*) > 3 AND min(activity_per_fte) < max(activity_per_fte) AND min(other) < max(other)
)

SELECT
    compared_with,
    compared_order,
    'level' AS measure,
    fy_start,
    pairs,
    agreement.coefficient AS spearman,
    agreement.lower AS spearman_low,
    agreement.upper AS spearman_high,
    expected_sign
FROM measured
ORDER BY compared_order, compared_with
