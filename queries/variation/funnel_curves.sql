/*
title = "Curves of the funnels"
description = "The limits of each funnel along the denominator, thinned to about thirty trusts, for drawing: limits depend on the denominator alone, so those of the trusts themselves are points of the curve."
grain = ["metric_id", "trust_kind", "denominator"]

[columns]
metric_id = { meaning = "Measure" }
trust_kind = { meaning = "Kind of trust" }
denominator = { unit = "count", decimals = 1, meaning = "Denominator" }
centre = { meaning = "Pooled value in the unit shown" }
low95 = { meaning = "Lower limit at 95%" }
high95 = { meaning = "Upper limit at 95%" }
low998 = { meaning = "Lower limit at 99.8%" }
high998 = { meaning = "Upper limit at 99.8%" }

[[tests]]
check = "sql"
name = "limits draw together as the denominator grows"
query = """
SELECT * FROM funnel_curves
QUALIFY high95 - low95 > lag(high95 - low95) OVER (PARTITION BY metric_id, trust_kind ORDER BY denominator) + 1e-9
"""

[determinism]
window = "limits depend on the denominator alone, so rows with one denominator are alike"
*/
WITH sizes AS (
    SELECT DISTINCT metric_id, trust_kind, denominator, centre, low95, high95, low998, high998
    FROM funnels
),

placed AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY metric_id, trust_kind ORDER BY denominator) AS place,
        count(*) OVER (PARTITION BY metric_id, trust_kind) AS places
    FROM sizes
)

SELECT metric_id, trust_kind, denominator, centre, low95, high95, low998, high998
FROM placed
WHERE (place - 1) % CAST(ceil(places / 25) AS INTEGER) = 0 OR place = places
