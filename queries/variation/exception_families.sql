/*
title = "How many tests were made, and how many would signal by chance"
description = "For each question asked of every trust and measure: how many tests there are, how many would be named if each were taken alone, and how many are named after allowing for their number. For the rules of control charts, which have no p-value, the number of charts whose latest point signals beside the number expected if nothing had changed, values were normal and did not follow on from each other, and limits were known: far more signal than that, partly because series follow on from each other, so a signal is a reason to look and not a proof."
grain = ["question"]

[columns]
question = { meaning = "What was asked" }
question_order = { unit = "count", meaning = "Order on the page" }
tests = { unit = "count", meaning = "Tests, or charts" }
alone = { unit = "count", meaning = "Named if each test were taken alone, at a p-value of the false discovery rate or less; for charts, signals of the latest point" }
by_chance = { unit = "count", decimals = 1, meaning = "How many of those chance alone would give" }
named = { unit = "count", meaning = "Named after allowing for the number of tests; missing for charts" }
method = { meaning = "How" }

[[tests]]
check = "sql"
name = "allowing for many tests never names more"
where = "named > alone OR alone > tests"
*/
WITH chance_of_signal AS (
    -- The latest point of an unchanged, normal, independent series with known limits: beyond 2.66 x 1.128 standard deviations;
    -- the last so many all on one side; all rising or falling; or near a limit with one of the two before it, all on one side.
    SELECT
        outside + 2 * power(0.5, shift_points) + 2 / factorial(CAST(trend_points AS INTEGER))
            + 2 * near * (0.25 - power(0.5 - near, 2)) AS chance
    FROM (
        SELECT
            shift_points,
            trend_points,
            difference_interval(0, 0, 2.66 * 1.128, 1, 0, 0.95).p_value AS outside,
            (difference_interval(0, 0, 2.66 * 1.128 * 2 / 3, 1, 0, 0.95).p_value
                - difference_interval(0, 0, 2.66 * 1.128, 1, 0, 0.95).p_value) / 2 AS near
        FROM trend_settings
    )
)

SELECT
    question,
    CASE question WHEN 'against other trusts' THEN 2 WHEN 'against its own past' THEN 3 ELSE 4 END AS question_order,
    count(*) AS tests,
    count(*) FILTER (p_value <= false_discovery_rate) AS alone,
    count(*) * min(false_discovery_rate) AS by_chance,
    count(*) FILTER (is_named) AS named,
    'Benjamini and Hochberg, false discovery rate ' || CAST(round(100 * min(false_discovery_rate)) AS INTEGER) || '%' AS method
FROM exception_tests
CROSS JOIN trend_settings
GROUP BY question
UNION ALL
SELECT
    'rules of control charts',
    1,
    count(*),
    count(*) FILTER (signal <> 'common cause'),
    count(*) * min(chance),
    NULL,
    'outside a limit, trend, two in three near a limit, shift; each chart by itself'
FROM control_chart_summary
JOIN trend_metrics USING (metric_id)
CROSS JOIN chance_of_signal
WHERE not_tested_because IS NULL AND level = 'trust' AND is_current AND limits_status <> 'none'
