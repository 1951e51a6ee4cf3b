/*
title = "Tests behind the exceptions, and their families"
description = "Every test made of a trust and measure in the latest period, with its p-value as it is and adjusted for the number of tests of its family by Benjamini and Hochberg. A family is one question asked of all measures of all trusts: among those named at the rate of candour.toml, that share at most is expected to be named by chance. 'against other trusts': distance from the centre of the funnel, over-dispersion allowed for. 'against its own past': the latest value against mean and usual variation of its chart. 'against a year before': the change, by the larger of two kinds of chance. The second supposes values that do not follow on from each other and are normal; where they are not, its p-values are too small."
grain = ["question", "metric_id", "trust_code"]

[columns]
question = { meaning = "against other trusts, against its own past or against a year before" }
metric_id = { meaning = "Measure" }
trust_code = { meaning = "Organisation code" }
p_value = { decimals = 4, meaning = "Two-sided p-value" }
adjusted_p = { decimals = 4, meaning = "p-value adjusted for the tests of the family" }
is_named = { meaning = "Whether the adjusted p-value is at most the false discovery rate" }
tests_in_family = { unit = "count", meaning = "Tests of the family" }
named_in_family = { unit = "count", meaning = "How many of them are named" }

[[tests]]
check = "accepted"
column = "question"
values = ["against other trusts", "against its own past", "against a year before"]

[[tests]]
check = "sql"
name = "adjusting never makes a p-value smaller"
where = "adjusted_p < p_value - 1e-12 OR adjusted_p > 1"

[[tests]]
check = "sql"
name = "those named are those that the step-up rule names"
query = """
SELECT question, metric_id, trust_code
FROM (
    SELECT *, row_number() OVER (PARTITION BY question ORDER BY p_value, metric_id, trust_code) AS place
    FROM exception_tests
) AS placed
CROSS JOIN trend_settings
QUALIFY is_named <> coalesce(p_value <= max(CASE WHEN p_value <= false_discovery_rate * place / tests_in_family THEN p_value END) OVER (PARTITION BY question), false)
"""

[[tests]]
check = "sql"
name = "the family has every test once"
query = "SELECT question FROM exception_tests GROUP BY question HAVING min(tests_in_family) <> count(*) OR max(tests_in_family) <> count(*)"

[determinism]
list = "a measure of a trust is compared with the same period last year once"
*/
WITH tested AS (
    SELECT 'against other trusts' AS question, metric_id, trust_code, p_value
    FROM funnels
    UNION ALL
    SELECT 'against its own past', metric_id, trust_code, p_value
    FROM control_chart_summary
    JOIN trend_metrics USING (metric_id)
    WHERE not_tested_because IS NULL AND level = 'trust' AND is_current AND limits_status = 'full' AND p_value IS NOT NULL
    UNION ALL
    SELECT 'against a year before', metric_id, trust_code, p_value
    FROM metric_change
    JOIN trend_metrics USING (metric_id)
    WHERE not_tested_because IS NULL AND level = 'trust' AND is_current AND comparison = 'same period last year' AND p_value IS NOT NULL
),

families AS (
    SELECT
        question,
        count(*) AS tests_in_family,
        unnest(false_discovery(
            list(metric_id || ' ' || trust_code ORDER BY metric_id, trust_code),
            list(p_value ORDER BY metric_id, trust_code),
            'BH'
        )) AS result
    FROM tested
    GROUP BY question
)

SELECT
    tested.question,
    tested.metric_id,
    tested.trust_code,
    tested.p_value,
    families.result.adjusted AS adjusted_p,
    families.result.adjusted <= trend_settings.false_discovery_rate AS is_named,
    families.tests_in_family,
    count(*) FILTER (families.result.adjusted <= trend_settings.false_discovery_rate)
        OVER (PARTITION BY tested.question) AS named_in_family
FROM tested
JOIN families
    ON families.question = tested.question
    AND families.result.id = tested.metric_id || ' ' || tested.trust_code
CROSS JOIN trend_settings
