/*
title = "Index numbers of worked examples"
description = "Quantity indices from volumes x and unit costs c. Laspeyres weights volumes by the first period's costs, Paasche by the second's, Fisher is their geometric mean, Törnqvist weights growth by the mean share of cost. A step compares with the period before, a fixed base with the first, and a chain multiplies the steps. Spending is turned into input by deflating it: (E1 / E0) / D."
grain = ["example", "index_name", "basis", "time"]

[columns]
example = { meaning = "Worked example" }
index_name = { meaning = "Index" }
basis = { meaning = "Step, fixed base, chained or deflated" }
time = { unit = "count", meaning = "Period compared" }
computed = { unit = "ratio", decimals = 6, meaning = "Computed by the book" }
expected = { unit = "ratio", decimals = 6, meaning = "What it must be" }

[[tests]]
check = "sql"
name = "every index equals its worked example to 1e-9"
where = "computed IS NULL OR abs(computed - expected) > 0.000000001"

[[tests]]
check = "sql"
name = "every expected value is computed"
query = """
SELECT * FROM (
    SELECT (SELECT count(*) FROM index_expected) + 2 * (SELECT count(*) FROM deflation_examples) AS wanted,
        (SELECT count(*) FROM index_worked_examples) AS found
) WHERE wanted <> found
"""
*/
WITH periods AS (
    SELECT
        example,
        time,
        list(CAST(volume AS DOUBLE) ORDER BY product) AS volumes,
        list(CAST(unit_cost AS DOUBLE) ORDER BY product) AS costs
    FROM index_examples
    GROUP BY example, time
),

compared AS (
    SELECT
        later.example,
        later.time,
        'fixed base' AS basis,
        first.volumes AS x0,
        first.costs AS c0,
        later.volumes AS x1,
        later.costs AS c1
    FROM periods AS later
    JOIN periods AS first ON first.example = later.example AND first.time = 1
    UNION ALL
    SELECT later.example, later.time, 'step', earlier.volumes, earlier.costs, later.volumes, later.costs
    FROM periods AS later
    JOIN periods AS earlier ON earlier.example = later.example AND earlier.time = later.time - 1
),

indices AS (
    SELECT example, time, basis, 'Laspeyres' AS index_name, laspeyres(x0, c0, x1, c1) AS computed FROM compared
    UNION ALL
    SELECT example, time, basis, 'Paasche', paasche(x0, c0, x1, c1) FROM compared
    UNION ALL
    SELECT example, time, basis, 'Fisher', fisher(x0, c0, x1, c1) FROM compared
    UNION ALL
    SELECT example, time, basis, 'Törnqvist', tornqvist(x0, c0, x1, c1) FROM compared
),

with_chains AS (
    SELECT * FROM indices
    UNION ALL
    SELECT
        example,
        time,
        'chained',
        index_name,
        product(computed) OVER (PARTITION BY example, index_name ORDER BY time)
    FROM indices
    WHERE basis = 'step'
),

deflated AS (
    SELECT example, 2 AS time, spend_after / spend_before / deflator AS input, expected_input, expected_productivity
    FROM deflation_examples
)

SELECT example, index_name, basis, time, computed, expected
FROM with_chains
JOIN index_expected USING (example, index_name, basis, time)
UNION ALL
SELECT example, 'input', 'deflated', time, input, expected_input
FROM deflated
UNION ALL
-- Output over input, as one index over another: growth, not the difference of growths.
SELECT
    deflated.example,
    'productivity growth',
    'deflated',
    deflated.time,
    indices.computed / input - 1,
    expected_productivity
FROM deflated
JOIN indices
    ON indices.example = deflated.example
    AND indices.time = deflated.time
    AND indices.basis = 'step'
    AND indices.index_name = 'Laspeyres'
ORDER BY example, index_name, basis, time
