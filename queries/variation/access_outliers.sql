/*
title = "Trusts outside the limits of their kind"
description = "Trusts whose latest value lies outside the 99.8% limits of their funnel, over-dispersion allowed for, or that are named after allowing for the number of tests made. A place outside the limits asks for an explanation and gives none."
grain = ["metric_id", "trust_code"]

[columns]
metric_id = { meaning = "Measure" }
metric_name = { meaning = "Name of the measure" }
metric_group = { meaning = "Group of measures" }
metric_order = { unit = "count", meaning = "Order of the measure" }
decimals = { meaning = "Decimals with which values are shown" }
unit_suffix = { meaning = "What follows the number" }
trust_code = { meaning = "Organisation code" }
trust_name = { meaning = "Name" }
trust_kind = { meaning = "Kind of trust" }
region = { meaning = "NHS England region" }
icb_name = { meaning = "Integrated care board in 2025" }
period = { meaning = "Period" }
period_words = { meaning = "The period in words" }
value = { meaning = "Value in the unit shown" }
centre = { meaning = "Pooled value of the kind" }
low998 = { meaning = "Lower limit at 99.8%" }
high998 = { meaning = "Upper limit at 99.8%" }
side = { meaning = "above or below the centre" }
reading = { meaning = "better or worse than its kind" }
outside_998 = { meaning = "Whether the value lies outside the 99.8% limits" }
is_named = { meaning = "Whether it is named after allowing for the number of tests" }
adjusted_p = { decimals = 4, meaning = "p-value adjusted for the number of tests" }
metric_rank = { unit = "rank", meaning = "Place among trusts of the kind; missing where the measure is not ranked" }

[[tests]]
check = "sql"
name = "each is outside the limits, or named, and on the side that is said"
where = "NOT (outside_998 OR is_named) OR outside_998 <> (value NOT BETWEEN low998 AND high998) OR (side = 'above') <> (value > centre)"

[[tests]]
check = "sql"
name = "as many are outside as the summary of the funnel counts"
query = """
SELECT funnel_summary.metric_id, funnel_summary.trust_kind
FROM funnel_summary
LEFT JOIN access_outliers USING (metric_id, trust_kind)
GROUP BY funnel_summary.metric_id, funnel_summary.trust_kind
HAVING count(*) FILTER (access_outliers.outside_998) <> min(funnel_summary.outside_998)
    OR count(*) FILTER (access_outliers.is_named) <> min(outside_fdr)
"""
*/
SELECT
    funnels.metric_id,
    metrics.metric_name,
    metrics.metric_group,
    metrics.metric_order,
    metrics.decimals,
    metrics.unit_suffix,
    funnels.trust_code,
    trust_kinds.trust_name,
    funnels.trust_kind,
    trust_kinds.region,
    trust_kinds.icb_name,
    funnels.period,
    funnel_summary.period_words,
    funnels.value,
    funnels.centre,
    funnels.low998,
    funnels.high998,
    CASE WHEN funnels.value > funnels.centre THEN 'above' ELSE 'below' END AS side,
    CASE
        WHEN metrics.better IS NULL THEN NULL
        WHEN (funnels.value > funnels.centre) = (metrics.better = 'high') THEN 'better'
        ELSE 'worse'
    END AS reading,
    funnels.flag LIKE '%99.8%' AS outside_998,
    tests.is_named,
    tests.adjusted_p,
    metric_ranks.metric_rank
FROM funnels
JOIN metrics USING (metric_id)
JOIN trust_kinds USING (trust_code)
JOIN exception_tests AS tests
    ON tests.metric_id = funnels.metric_id
    AND tests.trust_code = funnels.trust_code
    AND tests.question = 'against other trusts'
JOIN funnel_summary ON funnel_summary.metric_id = funnels.metric_id AND funnel_summary.trust_kind = funnels.trust_kind
LEFT JOIN metric_ranks ON metric_ranks.metric_id = funnels.metric_id AND metric_ranks.trust_code = funnels.trust_code
WHERE funnels.flag LIKE '%99.8%' OR tests.is_named
ORDER BY metrics.metric_order, funnels.trust_kind, reading DESC, tests.adjusted_p, funnels.trust_code
