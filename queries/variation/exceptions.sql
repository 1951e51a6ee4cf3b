/*
title = "What a board should look at"
description = "One row for each measure of each trust whose latest value stands out, with why: its control chart signals a special cause, it lies outside its funnel even after allowing for the number of tests made, or its limits lie wholly on the wrong side of the standard, so that the usual variation alone does not reach it. Ordered by how many of these say the same, the worse before the better, then by strength. Chance alone gives some of them: exception_families says how many. A signal is a reason to look, not an explanation. Measures that candour.toml says are not tested are left out. A trust that did not report the latest period is not here: see the rows that are not current in control_chart_summary."
grain = ["metric_id", "trust_code"]

[columns]
metric_id = { meaning = "Measure" }
trust_code = { meaning = "Organisation code" }
period = { meaning = "Period" }
exception_order = { unit = "count", meaning = "Order within the trust, from 1" }
exceptions_in_all = { unit = "count", meaning = "Exceptions of the trust" }
is_worse = { meaning = "Whether at least one reason is for concern" }
reasons = { unit = "count", meaning = "How many reasons there are, of three" }
worse_reasons = { unit = "count", meaning = "How many of them are for concern" }
chart_signals = { meaning = "Whether the latest point of the control chart shows a special cause" }
outside_funnel = { meaning = "Whether it lies outside its funnel after allowing for the number of tests" }
misses_standard = { meaning = "Whether limits and latest value lie wholly on the wrong side of the standard, or of the target where there is no standard" }
strength = { decimals = 4, meaning = "The smallest adjusted p-value against other trusts or its own past: smaller is stronger" }
why = { meaning = "The reasons in words" }
tests_in_family = { unit = "count", meaning = "Tests against other trusts in the family" }

[[tests]]
check = "sql"
name = "an exception has a reason, and only exceptions are here"
where = "reasons < 1 OR reasons <> CAST(chart_signals AS INTEGER) + CAST(outside_funnel AS INTEGER) + CAST(misses_standard AS INTEGER) OR worse_reasons > reasons OR is_worse <> (worse_reasons > 0)"

[[tests]]
check = "sql"
name = "no signal of a current chart is left out"
query = """
SELECT metric_id, trust_code FROM control_chart_summary
JOIN trend_metrics USING (metric_id)
JOIN metrics USING (metric_id)
ANTI JOIN exceptions USING (metric_id, trust_code)
WHERE not_tested_because IS NULL AND level = 'trust' AND is_current AND (
    signal <> 'common cause'
    OR (assurance = 'consistently fails' AND CASE better WHEN 'high' THEN value < target ELSE value > target END)
)
"""

[[tests]]
check = "sql"
name = "the order of a trust's exceptions is unbroken and puts no milder one before a graver one"
query = """
SELECT trust_code FROM exceptions GROUP BY trust_code
HAVING max(exception_order) <> count(*) OR count(DISTINCT exception_order) <> count(*) OR min(exceptions_in_all) <> count(*)
UNION ALL
SELECT trust_code FROM exceptions
QUALIFY worse_reasons > lag(worse_reasons) OVER (PARTITION BY trust_code ORDER BY exception_order)
"""

[[tests]]
check = "not_null"
columns = ["why", "exception_order"]
*/
WITH funnel_tests AS (
    SELECT metric_id, trust_code, adjusted_p, is_named, tests_in_family
    FROM exception_tests
    WHERE question = 'against other trusts'
),

own_tests AS (
    SELECT metric_id, trust_code, adjusted_p
    FROM exception_tests
    WHERE question = 'against its own past'
),

-- Reasons from the chart and from the funnel; a trust may have either without the other.
judged AS (
    SELECT
        measured_series.metric_id,
        measured_series.trust_code,
        measured_series.period,
        metrics.metric_order,
        coalesce(charts.signal <> 'common cause', false) AS chart_signals,
        coalesce(charts.variation = 'concern', false) AS chart_worse,
        charts.variation,
        charts.signal_words,
        coalesce(funnel_tests.is_named, false) AS outside_funnel,
        coalesce(funnel_tests.is_named AND (funnels.value > funnels.centre) <> (metrics.better = 'high'), false) AS funnel_worse,
        metrics.better IS NOT NULL AS has_direction,
        -- A latest value that meets the standard is no exception on that score, however long the limits lay beyond it.
        coalesce(
            charts.assurance = 'consistently fails'
                AND CASE metrics.better WHEN 'high' THEN charts.value < charts.target ELSE charts.value > charts.target END,
            false
        ) AS misses_standard,
        charts.target_words,
        funnel_tests.tests_in_family,
        least(funnel_tests.adjusted_p, own_tests.adjusted_p) AS strength
    FROM measured_series
    JOIN metrics USING (metric_id)
    JOIN trend_metrics USING (metric_id)
    LEFT JOIN control_chart_summary AS charts USING (metric_id, trust_code)
    LEFT JOIN funnels USING (metric_id, trust_code)
    LEFT JOIN funnel_tests USING (metric_id, trust_code)
    LEFT JOIN own_tests USING (metric_id, trust_code)
    WHERE measured_series.is_latest AND measured_series.level = 'trust' AND trend_metrics.not_tested_because IS NULL
),

counted AS (
    SELECT
        *,
        CAST(chart_signals AS INTEGER) + CAST(outside_funnel AS INTEGER) + CAST(misses_standard AS INTEGER) AS reasons,
        CAST(chart_worse AS INTEGER) + CAST(funnel_worse AS INTEGER) + CAST(misses_standard AS INTEGER) AS worse_reasons
    FROM judged
)

SELECT
    metric_id,
    trust_code,
    period,
    row_number() OVER (
        PARTITION BY trust_code
        ORDER BY worse_reasons DESC, reasons DESC, strength NULLS LAST, metric_order, metric_id
    ) AS exception_order,
    count(*) OVER (PARTITION BY trust_code) AS exceptions_in_all,
    worse_reasons > 0 AS is_worse,
    reasons,
    worse_reasons,
    chart_signals,
    outside_funnel,
    misses_standard,
    strength,
    concat_ws(
        '; ',
        CASE WHEN chart_signals THEN
            CASE variation
                WHEN 'concern' THEN 'special cause for concern: '
                WHEN 'improvement' THEN 'special cause, an improvement: '
                ELSE 'special cause: '
            END || signal_words END,
        CASE WHEN outside_funnel THEN
            CASE
                WHEN NOT has_direction THEN 'outside the limits of its kind'
                WHEN funnel_worse THEN 'worse than the limits of its kind'
                ELSE 'better than the limits of its kind'
            END || ', allowing for ' || format('{:,}', tests_in_family) || ' tests' END,
        CASE WHEN misses_standard THEN 'its limits lie wholly on the wrong side of the standard or target (' || target_words || ')' END
    ) AS why,
    tests_in_family
FROM counted
WHERE reasons > 0
