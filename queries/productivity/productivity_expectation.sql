/*
title = "What one period's growth leads one to expect of the next"
description = "The regression of the next growth on this one across all trusts, read off for each trust, with the interval in which a new figure would fall. The line was fitted to these same trusts, so it describes what happened and is no forecast. The figure that came is beside it."
grain = ["trust_code"]

[columns]
trust_code = { meaning = "Organisation code" }
productivity_growth = { unit = "fraction", decimals = 1, meaning = "Growth in the earlier period" }
expected_next = { unit = "%", decimals = 1, meaning = "Growth to be expected in the next period" }
expected_low = { unit = "%", decimals = 1, meaning = "Low end of the interval for a single trust's figure" }
expected_high = { unit = "%", decimals = 1, meaning = "High end of the interval for a single trust's figure" }
next_growth = { unit = "%", decimals = 1, meaning = "The figure that came" }
inside = { meaning = "Whether it fell inside the interval" }

[[tests]]
check = "sql"
name = "the mean of what is expected is the mean of what came"
query = """
SELECT * FROM (
    SELECT avg(expected_next) AS expected, avg(next_growth) AS came FROM productivity_expectation WHERE next_growth IS NOT NULL
) WHERE abs(expected - came) > 0.000001
"""

[[tests]]
check = "sql"
name = "about the stated share of figures fell inside"
query = """
SELECT * FROM (
    SELECT avg(CASE WHEN inside THEN 1 ELSE 0 END) AS share, count(*) AS trusts FROM productivity_expectation WHERE inside IS NOT NULL
) WHERE trusts >= 30 AND share NOT BETWEEN 0.85 AND 1
"""
severity = "warn"
*/
WITH z AS (
    SELECT difference_interval(0, 1, 0, 1, 0, confidence_level).upper / sqrt(2) AS z
    FROM parameters
),

expected AS (
    SELECT
        growth.trust_code,
        growth.productivity_growth,
        CAST(growth.next_growth AS DOUBLE) AS next_growth,
        intercept + slope * 100 * growth.productivity_growth AS expected_next,
        -- A new figure scatters about the line, and the line itself is known less well away from the middle.
        residual_sd * sqrt(
            1 + 1 / pairs + pow(100 * growth.productivity_growth - from_mean, 2) / nullif(from_sum_of_squares, 0)
        ) AS expected_sd
    FROM productivity_growth AS growth
    JOIN growth_persistence ON series = 'published growth'
    WHERE growth.productivity_growth IS NOT NULL AND slope IS NOT NULL
)

SELECT
    trust_code,
    productivity_growth,
    expected_next,
    expected_next - z * expected_sd AS expected_low,
    expected_next + z * expected_sd AS expected_high,
    next_growth,
    next_growth BETWEEN expected_next - z * expected_sd AND expected_next + z * expected_sd AS inside
FROM expected
CROSS JOIN z
ORDER BY trust_code
