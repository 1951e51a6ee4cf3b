/*
title = "Productivity growth by trust"
description = "Estimated productivity growth of each trust, with its two components, the identity recomputed, its rank, the next published figure and the growth in staff beside the growth in resource. It is growth and not level: it does not say which trust is the most productive. The gain is split in logs, in which the two components add up exactly; shares of it are given only where both pushed the same way, because a share above 100% or below 0 misleads."
grain = ["trust_code"]

[columns]
trust_code = { meaning = "Organisation code" }
trust_name = { meaning = "Name" }
region = { meaning = "NHS England region" }
trust_subtype = { meaning = "Trust subtype" }
measure = { meaning = "What kind of figure this is: growth, never level" }
period = { meaning = "Period of the growth figures" }
base = { meaning = "Base: the period it is compared with" }
vintage = { meaning = "When this version was published" }
status = { meaning = "Status of this version" }
published_in = { meaning = "Where the figure is published" }
activity_growth = { unit = "fraction", decimals = 1, meaning = "Growth in cost-weighted activity" }
resource_growth = { unit = "fraction", decimals = 1, meaning = "Growth in real-terms resource" }
productivity_growth = { unit = "fraction", decimals = 1, meaning = "Estimated productivity growth, as published" }
recomputed_growth = { unit = "fraction", decimals = 1, meaning = "(1 + activity growth) / (1 + resource growth) - 1" }
identity_gap = { unit = "fraction", decimals = 6, meaning = "Published estimate less the recomputed one" }
growth_rank = { unit = "rank", meaning = "Rank from the highest growth; ties share the best" }
trusts_ranked = { unit = "count", meaning = "Trusts with a figure" }
activity_log_points = { unit = "log points", decimals = 1, meaning = "What activity added, in log points (100 times the logarithm of its growth): activity and resource add up to productivity" }
resource_log_points = { unit = "log points", decimals = 1, meaning = "What resource added, in log points: less resource adds, more takes away" }
productivity_log_points = { unit = "log points", decimals = 1, meaning = "Growth in productivity in log points" }
activity_effect = { meaning = "Which way activity pushed productivity: raised, lowered or left it" }
resource_effect = { meaning = "Which way resource pushed productivity: raised, lowered or left it" }
activity_share = { unit = "fraction", decimals = 0, meaning = "Share of the log gain that is activity; only where both components push the same way" }
resource_share = { unit = "fraction", decimals = 0, meaning = "Share of the log gain that is resource; only where both components push the same way" }
next_growth = { unit = "%", decimals = 1, meaning = "Next published figure: framework metric OF0085" }
next_rank = { unit = "rank", meaning = "Rank of the next figure from the highest; ties share the best" }
next_ranked = { unit = "count", meaning = "Trusts with a next figure" }
next_tied = { unit = "count", meaning = "Trusts that share the next figure, this one included" }
next_period = { meaning = "Period of the next figure" }
next_base = { meaning = "Base of the next figure" }
next_vintage = { meaning = "When the next figure was published" }
next_status = { meaning = "Status of the next figure" }
next_published_in = { meaning = "Where the next figure is published" }
staff_growth = { unit = "fraction", decimals = 1, meaning = "Growth in mean substantive staff" }
staff_source = { meaning = "Name of the source of the staff figures, for citing it" }
staff_before = { unit = "full-time equivalents", decimals = 0, meaning = "Mean substantive staff in the earlier year" }
staff_after = { unit = "full-time equivalents", decimals = 0, meaning = "Mean substantive staff in the later year" }
triangulation_gap = { unit = "points", decimals = 1, meaning = "Growth in staff less growth in real-terms resource, in percentage points" }
triangulation_sds = { unit = "standard deviations", decimals = 1, meaning = "Distance of the gap from the mean of all trusts in standard deviations" }
triangulation_rank = { unit = "rank", meaning = "Rank of the gap from the largest" }
activity_per_staff_growth = { unit = "fraction", decimals = 1, meaning = "Growth in cost-weighted activity for each substantive member of staff" }
activity_per_staff_rank = { unit = "rank", meaning = "Rank of the growth in activity for each member of staff, from the highest" }
trusts_compared = { unit = "count", meaning = "Trusts with staff figures" }
merged_in_window = { meaning = "Whether the code absorbed another trust in the window" }
triangulation_period = { meaning = "Period of the staff figures" }

[[tests]]
check = "sql"
name = "the published estimate is the ratio of its two components, to 1e-12"
where = "abs(identity_gap) > 0.000000000001"
severity = "warn"

[[tests]]
check = "sql"
name = "the two shares add to one, and neither is above 1 or below 0"
where = "abs(activity_share + resource_share - 1) > 0.000000001 OR activity_share NOT BETWEEN 0 AND 1 OR resource_share NOT BETWEEN 0 AND 1"

[[tests]]
check = "sql"
name = "the parts in log points add up to the whole"
where = "abs(activity_log_points + resource_log_points - productivity_log_points) > 0.000000001"

[[tests]]
check = "sql"
name = "no share is given where the components pushed different ways"
where = "activity_share IS NOT NULL AND activity_effect <> resource_effect"

[[tests]]
check = "accepted"
column = "measure"
values = ["growth"]

[[tests]]
check = "sql"
name = "the book's words for the two periods are those of its table of periods"
query = """
SELECT figure, period, base
FROM productivity_figures
CROSS JOIN (SELECT productivity_period, productivity_next_period FROM parameters) AS words
WHERE period || ' compared with ' || base <> CASE figure WHEN 'year' THEN productivity_period WHEN 'next' THEN productivity_next_period END
"""

[[tests]]
check = "not_null"
columns = ["period", "base", "vintage", "status", "published_in", "next_period", "next_base", "next_vintage", "next_status"]
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
        (1 + cost_weighted_activity_growth) / nullif(1 + real_terms_resource_growth, 0) - 1 AS recomputed_growth,
        -- ln(1 + growth) splits exactly: the logs of activity and of (inverse) resource add to the log of productivity.
        -- A growth of -100% has no logarithm.
        CASE WHEN cost_weighted_activity_growth > -1 THEN ln(1 + cost_weighted_activity_growth) END AS log_activity,
        CASE WHEN real_terms_resource_growth > -1 THEN -ln(1 + real_terms_resource_growth) END AS log_resource,
        -- What came out after the day of the edition is not used.
        CASE WHEN is_known THEN CAST(of0085_productivity_growth AS DECIMAL(9, 4)) END AS next_growth
    FROM trust_productivity
    CROSS JOIN (SELECT is_known FROM productivity_figures WHERE figure = 'next')
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
)

SELECT
    ranked.trust_code,
    names.trust_name,
    ranked.region,
    ranked.trust_subtype,
    'growth' AS measure,
    parameters.productivity_period AS period,
    year.base,
    year.vintage,
    year.status,
    year.published_in,
    activity_growth,
    ranked.resource_growth,
    productivity_growth,
    recomputed_growth,
    productivity_growth - recomputed_growth AS identity_gap,
    growth_rank,
    trusts_ranked,
    100 * log_activity AS activity_log_points,
    100 * log_resource AS resource_log_points,
    100 * (log_activity + log_resource) AS productivity_log_points,
    CASE WHEN log_activity > 0 THEN 'raised' WHEN log_activity < 0 THEN 'lowered' WHEN log_activity = 0 THEN 'left' END
        AS activity_effect,
    CASE WHEN log_resource > 0 THEN 'raised' WHEN log_resource < 0 THEN 'lowered' WHEN log_resource = 0 THEN 'left' END
        AS resource_effect,
    CASE WHEN log_activity * log_resource > 0 THEN log_activity / (log_activity + log_resource) END AS activity_share,
    CASE WHEN log_activity * log_resource > 0 THEN log_resource / (log_activity + log_resource) END AS resource_share,
    next_growth,
    next_rank,
    next_ranked,
    next_tied,
    parameters.productivity_next_period AS next_period,
    next_figure.base AS next_base,
    next_figure.vintage AS next_vintage,
    next_figure.status AS next_status,
    parameters.productivity_next_published_in AS next_published_in,
    staff.staff_growth,
    staff.staff_source,
    staff.staff_before,
    staff.staff_after,
    CAST(staff.staff_resource_gap AS DECIMAL(18, 10)) AS triangulation_gap,
    staff.gap_in_sds AS triangulation_sds,
    staff.gap_rank AS triangulation_rank,
    staff.activity_per_staff_growth,
    staff.activity_per_staff_rank,
    staff.trusts_compared,
    staff.merged_in_window,
    parameters.triangulation_period
FROM ranked
CROSS JOIN parameters
CROSS JOIN (SELECT * FROM productivity_figures WHERE figure = 'year') AS year
CROSS JOIN (SELECT * FROM productivity_figures WHERE figure = 'next') AS next_figure
JOIN names USING (trust_code)
LEFT JOIN staff_triangulation AS staff ON staff.trust_code = ranked.trust_code
ORDER BY growth_rank NULLS LAST, ranked.trust_code
