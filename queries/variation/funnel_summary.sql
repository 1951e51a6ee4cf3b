/*
title = "Funnels, one row for each measure and kind of trust"
description = "How much trusts of a kind differ in the latest period beyond chance: the mean squared distance from the centre (phi), the standard deviation between trusts that is left when chance is taken out (tau), and how many trusts lie outside limits beside how many would by chance. With limits that allow for over-dispersion, 5% and 0.2% are expected outside if trusts differ only as their kind differs; with limits of chance alone, the number outside shows how little of the spread is chance. The centre is the pooled value: in a skewed measure more trusts may lie on one side of it."
grain = ["metric_id", "trust_kind"]

[columns]
metric_id = { meaning = "Measure" }
trust_kind = { meaning = "Kind of trust" }
period = { meaning = "Period" }
period_words = { meaning = "The period in words" }
funnel_kind = { meaning = "proportion (arcsine scale) or ratio (observed over expected, log scale)" }
trusts = { unit = "count", meaning = "Trusts placed" }
not_placed = { unit = "count", meaning = "Trusts with a value but too small a denominator to be placed" }
centre = { meaning = "Pooled value in the unit shown" }
phi = { decimals = 1, meaning = "Mean squared distance from the centre: 1 if chance alone were at work" }
tau_squared = { decimals = 6, meaning = "Variance between trusts beyond chance, on the transformed scale" }
is_adjusted = { meaning = "Whether limits were widened for over-dispersion" }
outside_95 = { unit = "count", meaning = "Trusts outside the 95% limits" }
expected_outside_95 = { unit = "count", decimals = 1, meaning = "How many would be by chance" }
outside_998 = { unit = "count", meaning = "Trusts outside the 99.8% limits" }
expected_outside_998 = { unit = "count", decimals = 1, meaning = "How many would be by chance" }
outside_fdr = { unit = "count", meaning = "Trusts named after allowing for the number of tests of all measures and trusts" }
outside_chance_998 = { unit = "count", meaning = "Trusts outside the 99.8% limits of chance alone" }
better_than_limits = { unit = "count", meaning = "Trusts outside the 95% limits that are better" }
worse_than_limits = { unit = "count", meaning = "Trusts outside the 95% limits that are worse" }
method = { meaning = "How the limits were made" }

[[tests]]
check = "sql"
name = "those outside the wider limits are outside the narrower, and none is outside of more than there are"
where = "outside_998 > outside_95 OR outside_95 > trusts OR better_than_limits + worse_than_limits > outside_95"

[[tests]]
check = "sql"
name = "limits are widened if and only if there is variance between trusts"
where = "is_adjusted <> (tau_squared > 0)"

[[tests]]
check = "sql"
name = "every trust of a known kind with a latest value is placed or counted as not placed"
query = """
SELECT funnel_summary.metric_id, funnel_summary.trust_kind
FROM funnel_summary
JOIN (SELECT metric_id, trust_kind, count(*) AS reported FROM measured_series WHERE is_latest GROUP BY ALL) AS held
    ON held.metric_id = funnel_summary.metric_id AND held.trust_kind = funnel_summary.trust_kind
WHERE trusts + not_placed <> reported
"""
*/
WITH held AS (
    SELECT metric_id, trust_kind, count(*) AS reported, min(period_words) AS period_words
    FROM measured_series
    WHERE is_latest AND trust_kind IS NOT NULL
    GROUP BY metric_id, trust_kind
),

named AS (
    SELECT metric_id, trust_code, is_named FROM exception_tests WHERE question = 'against other trusts'
)

SELECT
    funnels.metric_id,
    funnels.trust_kind,
    min(funnels.period) AS period,
    min(held.period_words) AS period_words,
    min(trend_metrics.funnel_kind) AS funnel_kind,
    count(*) AS trusts,
    min(held.reported) - count(*) AS not_placed,
    min(funnels.centre) AS centre,
    min(funnels.phi) AS phi,
    min(funnels.tau2) AS tau_squared,
    min(funnels.tau2) > 0 AS is_adjusted,
    count(*) FILTER (flag <> 'within the limits') AS outside_95,
    count(*) * 0.05 AS expected_outside_95,
    count(*) FILTER (flag LIKE '%99.8%') AS outside_998,
    count(*) * 0.002 AS expected_outside_998,
    count(*) FILTER (named.is_named) AS outside_fdr,
    count(*) FILTER (outside_chance) AS outside_chance_998,
    count(*) FILTER (reading = 'better') AS better_than_limits,
    count(*) FILTER (reading = 'worse') AS worse_than_limits,
    'additive over-dispersion, '
        || CASE min(trend_metrics.funnel_kind)
            WHEN 'proportion' THEN 'arcsine scale, outer tenths pulled in'
            ELSE 'log scale, outer tenths left out'
        END AS method
FROM funnels
JOIN held USING (metric_id, trust_kind)
JOIN trend_metrics USING (metric_id)
JOIN named USING (metric_id, trust_code)
GROUP BY funnels.metric_id, funnels.trust_kind
