/*
title = "Staff growth beside resource growth"
description = "Mean substantive staff in the base and in the period, month by month from the workforce statistics, and where these are not held from averages by year. A gap between growth in staff and growth in resource is a question and no proof of error: bank and agency staff are not counted, and staff are only part of resource."
grain = ["trust_code"]

[columns]
trust_code = { meaning = "Organisation code" }
period = { meaning = "Period" }
base = { meaning = "Base: the period it is compared with" }
staff_basis = { meaning = "Where the staff figures come from" }
staff_source = { meaning = "Name of the source of the staff figures, for citing it" }
months_before = { unit = "count", meaning = "Months of staff counts in the base" }
months_after = { unit = "count", meaning = "Months of staff counts in the period" }
staff_before = { unit = "full-time equivalents", decimals = 0, meaning = "Mean substantive staff in the base" }
staff_after = { unit = "full-time equivalents", decimals = 0, meaning = "Mean substantive staff in the period" }
staff_growth = { unit = "fraction", decimals = 1, meaning = "Growth in mean substantive staff" }
resource_growth = { unit = "fraction", decimals = 1, meaning = "Growth in real-terms resource" }
staff_resource_gap = { unit = "points", decimals = 1, meaning = "Growth in staff less growth in real-terms resource, in percentage points" }
gap_mean = { unit = "points", decimals = 1, meaning = "Mean of that gap over trusts" }
gap_sd = { unit = "points", decimals = 1, meaning = "Standard deviation of that gap between trusts" }
gap_in_sds = { unit = "standard deviations", decimals = 1, meaning = "Distance of the gap from its mean in standard deviations" }
gap_rank = { unit = "rank", meaning = "Rank of the gap from the largest" }
gap_rank_without_mergers = { unit = "rank", meaning = "Rank of the gap from the largest, among trusts whose code absorbed no other in the window" }
trusts_compared = { unit = "count", meaning = "Trusts with both figures" }
activity_per_staff_growth = { unit = "fraction", decimals = 1, meaning = "Growth in cost-weighted activity for each substantive member of staff" }
activity_per_staff_rank = { unit = "rank", meaning = "Rank of that growth from the highest" }
merged_in_window = { meaning = "Whether the code absorbed another trust between the start of the base and the end of the period" }
held_before = { unit = "full-time equivalents", decimals = 2, meaning = "Mean staff in the base as averaged beforehand" }
held_after = { unit = "full-time equivalents", decimals = 2, meaning = "Mean staff in the period as averaged beforehand" }

[[tests]]
check = "sql"
name = "staff means recomputed from months equal those averaged beforehand, to half of their last decimal"
where = "abs(staff_before - held_before) > 0.00501 OR abs(staff_after - held_after) > 0.00501"
severity = "warn"

[[tests]]
check = "sql"
name = "mergers found in the register are those flagged beforehand"
query = """
SELECT trust_code
FROM staff_triangulation
JOIN productivity_triangulation ON org_code = trust_code
WHERE merged_in_window <> code_merged_in_window
"""
severity = "warn"

[[tests]]
check = "sql"
name = "every month of both years is counted before a mean is taken"
where = "staff_basis = 'monthly workforce statistics' AND (months_before <> 12 OR months_after <> 12)"

[[tests]]
check = "not_null"
columns = ["staff_growth", "staff_basis", "merged_in_window"]
*/
WITH year AS (
    SELECT * FROM productivity_figures WHERE figure = 'year'
),

monthly AS (
    -- Decimals, so that a mean does not depend on the order of its months.
    SELECT
        staff.org_code,
        count(*) FILTER (staff.period BETWEEN base_from AND base_to) AS months_before,
        count(*) FILTER (staff.period BETWEEN period_from AND period_to) AS months_after,
        sum(CAST(fte AS DECIMAL(18, 4))) FILTER (staff.period BETWEEN base_from AND base_to) AS sum_before,
        sum(CAST(fte AS DECIMAL(18, 4))) FILTER (staff.period BETWEEN period_from AND period_to) AS sum_after
    FROM workforce_staff AS staff
    CROSS JOIN year
    WHERE fte IS NOT NULL
    GROUP BY staff.org_code
),

mergers AS (
    SELECT DISTINCT new_code AS org_code
    FROM trust_mergers
    CROSS JOIN year
    WHERE effective_date BETWEEN base_from AND period_to
),

staff AS (
    SELECT
        coalesce(whole.org_code, held.org_code) AS trust_code,
        CASE
            WHEN whole.org_code IS NOT NULL THEN 'monthly workforce statistics'
            ELSE 'averages by year'
        END AS staff_basis,
        CASE WHEN whole.org_code IS NOT NULL THEN 'workforce_staff' ELSE 'productivity_triangulation' END AS staff_source,
        whole.months_before,
        whole.months_after,
        coalesce(CAST(whole.sum_before AS DOUBLE) / whole.months_before, held.fte_mean_before) AS staff_before,
        coalesce(CAST(whole.sum_after AS DOUBLE) / whole.months_after, held.fte_mean_after) AS staff_after,
        held.fte_mean_before AS held_before,
        held.fte_mean_after AS held_after
    FROM (
        -- A year with a missing month is not compared with a whole one.
        SELECT monthly.*
        FROM monthly
        CROSS JOIN year
        WHERE months_before = year.months AND months_after = year.months
    ) AS whole
    FULL JOIN productivity_triangulation AS held ON held.org_code = whole.org_code
),

growth AS (
    SELECT
        trust_productivity.org_code AS trust_code,
        cost_weighted_activity_growth AS activity_growth,
        real_terms_resource_growth AS resource_growth,
        staff.* EXCLUDE (trust_code),
        staff_after / staff_before - 1 AS staff_growth,
        mergers.org_code IS NOT NULL AS merged_in_window
    FROM trust_productivity
    JOIN staff ON staff.trust_code = trust_productivity.org_code
    LEFT JOIN mergers ON mergers.org_code = trust_productivity.org_code
    WHERE staff_before > 0 AND staff_after > 0
),

gaps AS (
    SELECT
        *,
        100 * (staff_growth - resource_growth) AS gap,
        (1 + activity_growth) / (1 + staff_growth) - 1 AS activity_per_staff_growth
    FROM growth
)

SELECT
    trust_code,
    year.period,
    year.base,
    staff_basis,
    staff_source,
    months_before,
    months_after,
    staff_before,
    staff_after,
    staff_growth,
    resource_growth,
    gap AS staff_resource_gap,
    avg(gap) OVER () AS gap_mean,
    stddev_samp(gap) OVER () AS gap_sd,
    (gap - avg(gap) OVER ()) / nullif(stddev_samp(gap) OVER (), 0) AS gap_in_sds,
    CASE WHEN gap IS NOT NULL THEN rank() OVER (ORDER BY gap DESC NULLS LAST) END AS gap_rank,
    CASE
        WHEN gap IS NOT NULL AND NOT merged_in_window
            THEN rank() OVER (PARTITION BY merged_in_window ORDER BY gap DESC NULLS LAST)
    END AS gap_rank_without_mergers,
    count(gap) OVER () AS trusts_compared,
    activity_per_staff_growth,
    CASE
        WHEN activity_per_staff_growth IS NOT NULL THEN rank() OVER (ORDER BY activity_per_staff_growth DESC NULLS LAST)
    END AS activity_per_staff_rank,
    merged_in_window,
    held_before,
    held_after
FROM gaps
CROSS JOIN year
