/*
title = "Productivity growth by trust"
description = "Estimated productivity growth of each trust, with its two components, the identity recomputed, its rank, the next published figure and the growth in staff beside the growth in resource. It is growth and not level: it does not say which trust is the most productive."
grain = ["trust_code"]

[columns]
trust_code = { meaning = "Organisation code" }
trust_name = { meaning = "Name" }
region = { meaning = "NHS England region" }
trust_subtype = { meaning = "Trust subtype" }
period = { meaning = "Period of the growth figures" }
activity_growth = { unit = "fraction", decimals = 1, meaning = "Growth in cost-weighted activity" }
resource_growth = { unit = "fraction", decimals = 1, meaning = "Growth in real-terms resource" }
productivity_growth = { unit = "fraction", decimals = 1, meaning = "Estimated productivity growth, as published" }
recomputed_growth = { unit = "fraction", decimals = 1, meaning = "(1 + activity growth) / (1 + resource growth) - 1" }
identity_gap = { unit = "fraction", decimals = 6, meaning = "Published estimate less the recomputed one" }
growth_rank = { unit = "rank", meaning = "Rank from the highest growth; ties share the best" }
trusts_ranked = { unit = "count", meaning = "Trusts with a figure" }
activity_share = { unit = "fraction", decimals = 0, meaning = "Share of the log gain that is activity; only where both components push the same way" }
resource_share = { unit = "fraction", decimals = 0, meaning = "Share of the log gain that is resource; only where both components push the same way" }
next_growth = { unit = "%", decimals = 1, meaning = "Next published figure: framework metric OF0085" }
next_rank = { unit = "rank", meaning = "Rank of the next figure from the highest; ties share the best" }
next_ranked = { unit = "count", meaning = "Trusts with a next figure" }
next_tied = { unit = "count", meaning = "Trusts that share the next figure, this one included" }
next_period = { meaning = "Period of the next figure" }
next_published_in = { meaning = "Where the next figure is published" }
staff_growth = { unit = "fraction", decimals = 1, meaning = "Growth in mean substantive staff" }
staff_before = { unit = "full-time equivalents", decimals = 0, meaning = "Mean substantive staff in the earlier year" }
staff_after = { unit = "full-time equivalents", decimals = 0, meaning = "Mean substantive staff in the later year" }
triangulation_gap = { unit = "points", decimals = 1, meaning = "Growth in staff less growth in real-terms resource, in percentage points" }
triangulation_rank = { unit = "rank", meaning = "Rank of that gap from the largest" }
activity_per_staff_growth = { unit = "fraction", decimals = 1, meaning = "Growth in cost-weighted activity for each substantive member of staff" }
merged_in_window = { meaning = "Whether the code absorbed another trust in the window" }
triangulation_period = { meaning = "Period of the staff figures" }

[[tests]]
check = "sql"
name = "the published estimate is the ratio of its two components"
where = "abs(identity_gap) > 0.000000001"
severity = "warn"

[[tests]]
check = "sql"
name = "the two shares add to one"
where = "abs(activity_share + resource_share - 1) > 0.000000001"
*/
WITH names AS (
    SELECT trust_code, trust_name FROM trusts
    UNION ALL
    SELECT trust_code, trust_name FROM extract_names WHERE trust_code NOT IN (SELECT trust_code FROM trusts)
),

growth AS (
    SELECT
        org_code AS trust_code,
        region,
        trust_subtype,
        cost_weighted_activity_growth AS activity_growth,
        real_terms_resource_growth AS resource_growth,
        productivity_growth_estimate AS productivity_growth,
        (1 + cost_weighted_activity_growth) / (1 + real_terms_resource_growth) - 1 AS recomputed_growth,
        -- ln(1 + growth) splits exactly: the logs of activity and of (inverse) resource add to the log of productivity.
        ln(1 + cost_weighted_activity_growth) AS log_activity,
        -ln(1 + real_terms_resource_growth) AS log_resource,
        CAST(of0085_productivity_growth AS DECIMAL(9, 4)) AS next_growth
    FROM trust_productivity
),

ranked AS (
    SELECT
        *,
        CASE
            WHEN productivity_growth IS NOT NULL THEN rank() OVER (ORDER BY productivity_growth DESC NULLS LAST)
        END AS growth_rank,
        count(productivity_growth) OVER () AS trusts_ranked,
        CASE WHEN next_growth IS NOT NULL THEN rank() OVER (ORDER BY next_growth DESC NULLS LAST) END AS next_rank,
        count(next_growth) OVER () AS next_ranked,
        CASE WHEN next_growth IS NOT NULL THEN count(*) OVER (PARTITION BY next_growth) END AS next_tied
    FROM growth
),

staff AS (
    SELECT
        *,
        CASE
            WHEN fte_minus_resource_growth IS NOT NULL THEN rank() OVER (ORDER BY fte_minus_resource_growth DESC NULLS LAST)
        END AS triangulation_rank
    FROM productivity_triangulation
)

SELECT
    ranked.trust_code,
    names.trust_name,
    ranked.region,
    ranked.trust_subtype,
    parameters.productivity_period AS period,
    activity_growth,
    resource_growth,
    productivity_growth,
    recomputed_growth,
    productivity_growth - recomputed_growth AS identity_gap,
    growth_rank,
    trusts_ranked,
    CASE WHEN log_activity * log_resource > 0 THEN log_activity / (log_activity + log_resource) END AS activity_share,
    CASE WHEN log_activity * log_resource > 0 THEN log_resource / (log_activity + log_resource) END AS resource_share,
    next_growth,
    next_rank,
    next_ranked,
    next_tied,
    parameters.productivity_next_period AS next_period,
    parameters.productivity_next_published_in AS next_published_in,
    staff.fte_growth AS staff_growth,
    staff.fte_mean_before AS staff_before,
    staff.fte_mean_after AS staff_after,
    100 * CAST(staff.fte_minus_resource_growth AS DECIMAL(18, 12)) AS triangulation_gap,
    staff.triangulation_rank,
    staff.cwa_per_fte_growth AS activity_per_staff_growth,
    staff.code_merged_in_window AS merged_in_window,
    parameters.triangulation_period
FROM ranked
CROSS JOIN parameters
JOIN names USING (trust_code)
LEFT JOIN staff ON staff.org_code = ranked.trust_code
ORDER BY growth_rank NULLS LAST, ranked.trust_code
