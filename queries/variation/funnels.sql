/*
title = "Funnels: each trust against its own kind"
description = "Each trust's latest value beside the limits within which trusts of its kind and size lie. The centre is the pooled value of the kind. Shares are compared on the arcsine scale, observed over expected on the log scale. Where trusts differ by more than chance, that excess is added to every trust's own variance (additive over-dispersion, Spiegelhalter 2005 and 2012, the outer tenths held in): limits then say which trusts differ even for a group that differs. The limits of chance alone are kept beside them. A trust with a very small denominator is not placed. A funnel describes position among peers in one period; it says nothing of cause, and case mix is not adjusted unless the measure is observed over expected."
grain = ["metric_id", "trust_code"]

[columns]
metric_id = { meaning = "Measure" }
trust_code = { meaning = "Organisation code" }
trust_kind = { meaning = "Kind of trust compared with" }
period = { meaning = "Period" }
numerator = { unit = "count", decimals = 1, meaning = "Numerator" }
denominator = { unit = "count", decimals = 1, meaning = "Denominator" }
value = { meaning = "Value in the unit shown" }
centre = { meaning = "Pooled value of the kind, in the unit shown (1 for observed over expected)" }
low95 = { meaning = "Lower limit at 95%, over-dispersion allowed for" }
high95 = { meaning = "Upper limit at 95%" }
low998 = { meaning = "Lower limit at 99.8%" }
high998 = { meaning = "Upper limit at 99.8%" }
chance_low998 = { meaning = "Lower limit at 99.8% if chance alone were at work" }
chance_high998 = { meaning = "Upper limit at 99.8% if chance alone were at work" }
z = { decimals = 2, meaning = "Distance from the centre in standard errors of chance alone" }
adjusted_z = { decimals = 2, meaning = "Distance from the centre in standard errors that allow for over-dispersion" }
p_value = { decimals = 4, meaning = "Two-sided p-value of the adjusted distance" }
flag = { meaning = "Where the value lies: within the limits, or above or below those of 95% or 99.8%" }
outside_chance = { meaning = "Whether the value lies outside the 99.8% limits of chance alone" }
reading = { meaning = "better or worse than its kind, where it lies outside and one direction is better" }
phi = { decimals = 1, meaning = "Mean squared distance of the kind: 1 if chance alone were at work" }
tau2 = { decimals = 6, meaning = "Variance between trusts beyond chance, on the transformed scale" }

[[tests]]
check = "accepted"
column = "flag"
values = ["within the limits", "above the 95% limit", "above the 99.8% limit", "below the 95% limit", "below the 99.8% limit"]

[[tests]]
check = "sql"
name = "a value lies within its limits if and only if it is not flagged"
where = "(flag = 'within the limits') <> (value BETWEEN low95 AND high95) OR (flag IN ('above the 99.8% limit', 'below the 99.8% limit')) <> (value NOT BETWEEN low998 AND high998)"

[[tests]]
check = "sql"
name = "limits lie about the centre in order, and the wider about the narrower"
where = "NOT (low998 <= low95 AND low95 <= centre AND centre <= high95 AND high95 <= high998)"

[[tests]]
check = "sql"
name = "limits that allow for over-dispersion are never narrower than chance alone"
query = """
SELECT metric_id, trust_code FROM funnels JOIN trend_metrics USING (metric_id)
WHERE funnel_kind = 'proportion' AND (low998 > chance_low998 + 1e-9 OR high998 < chance_high998 - 1e-9)
"""

[[tests]]
check = "sql"
name = "the published bands of observed over expected deaths come back: higher, as expected, lower"
query = """
SELECT funnels.trust_code, flag, shmi_banding
FROM funnels
JOIN shmi_counts ON shmi_counts.org_code = funnels.trust_code AND CAST(shmi_counts.period[1:7] || '-01' AS DATE) = funnels.period
WHERE funnels.metric_id = 'shmi' AND shmi_banding <> CASE WHEN flag LIKE 'above%' THEN 1 WHEN flag LIKE 'below%' THEN 3 ELSE 2 END
"""

[[tests]]
check = "sql"
name = "a trust is placed only among its own kind, and only with enough behind it"
query = """
SELECT funnels.metric_id, funnels.trust_code
FROM funnels
JOIN trust_kinds USING (trust_code)
CROSS JOIN trend_settings
WHERE funnels.trust_kind IS DISTINCT FROM trust_kinds.trust_kind OR funnels.denominator < least_denominator
"""

[determinism]
list = "a measure has one latest value for each trust"
*/
WITH latest AS (
    SELECT measured_series.*, trend_metrics.funnel_kind, metrics.better
    FROM measured_series
    JOIN trend_metrics USING (metric_id)
    JOIN metrics USING (metric_id)
    CROSS JOIN trend_settings
    WHERE is_latest
        AND trust_kind IS NOT NULL
        AND funnel_kind <> 'none'
        AND denominator >= least_denominator
        -- A share cannot pass all, and the logarithm of none does not exist.
        AND CASE funnel_kind WHEN 'proportion' THEN numerator <= denominator ELSE numerator > 0 END
),

groups AS (
    SELECT
        metric_id,
        trust_kind,
        funnel_kind,
        list(trust_code ORDER BY trust_code) AS ids,
        list(CAST(numerator AS DOUBLE) ORDER BY trust_code) AS numerators,
        list(CAST(denominator AS DOUBLE) ORDER BY trust_code) AS denominators
    FROM latest
    CROSS JOIN trend_settings
    GROUP BY metric_id, trust_kind, funnel_kind, least_comparators
    HAVING count(*) >= least_comparators AND sum(numerator) > 0
),

placed AS (
    SELECT metric_id, trust_kind, unnest(funnel_limits(ids, numerators, denominators, funnel_kind)) AS unit
    FROM groups
)

SELECT
    latest.metric_id,
    latest.trust_code,
    latest.trust_kind,
    latest.period,
    latest.numerator,
    latest.denominator,
    latest.value,
    latest.scale * unit.target AS centre,
    latest.scale * unit.lower_95 AS low95,
    latest.scale * unit.upper_95 AS high95,
    latest.scale * unit.lower_998 AS low998,
    latest.scale * unit.upper_998 AS high998,
    latest.scale * unit.chance_lower_998 AS chance_low998,
    latest.scale * unit.chance_upper_998 AS chance_high998,
    unit.z,
    unit.adjusted_z,
    unit.p_value,
    unit.flag,
    latest.value NOT BETWEEN latest.scale * unit.chance_lower_998 AND latest.scale * unit.chance_upper_998 AS outside_chance,
    CASE
        WHEN unit.flag = 'within the limits' OR latest.better IS NULL THEN NULL
        WHEN (latest.value > latest.scale * unit.target) = (latest.better = 'high') THEN 'better'
        ELSE 'worse'
    END AS reading,
    unit.phi,
    unit.tau2
FROM placed
JOIN latest ON latest.metric_id = placed.metric_id AND latest.trust_code = placed.unit.id
