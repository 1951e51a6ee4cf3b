/*
title = "Sums of providers against the printed England rows"
description = "Each official file prints a row for England. Here the rows of its providers are added up and set beside it, one row for each file, period and quantity. Beds are averages of days: they are compared as bed-days, which are whole numbers. Staff are compared within the rounding of the organisations' figures, which have two decimals. Headcount must not add up: one person can work for two organisations."
grain = ["series", "period", "quantity"]

[columns]
series = { meaning = "Statistical series" }
period = { meaning = "Period of the file" }
quantity = { meaning = "What is compared" }
source_file = { meaning = "File that prints the England row" }
providers = { unit = "count", meaning = "Organisations added up" }
provider_sum = { unit = "count", decimals = 2, meaning = "Sum of the organisations" }
england_printed = { unit = "count", decimals = 2, meaning = "England, as printed" }
difference = { unit = "count", decimals = 2, meaning = "Sum less printed" }
tolerance = { unit = "count", decimals = 2, meaning = "Difference that rounding alone can make; 0 where the numbers are whole" }
is_reconciled = { meaning = "Whether the difference lies within the tolerance" }
must_add_up = { meaning = "Whether the quantity adds up over organisations at all" }

[[tests]]
check = "sql"
name = "every sum of providers is the printed England row"
where = "must_add_up AND NOT coalesce(is_reconciled, FALSE)"

[[tests]]
check = "sql"
name = "people do not add up: England has fewer than its organisations together"
where = "NOT must_add_up AND england_printed >= provider_sum"

[[tests]]
check = "sql"
name = "no month that prints an England row is left out"
query = """
SELECT 'A&E' AS series, period FROM ae_england EXCEPT SELECT series, period FROM england_reconciliation
UNION ALL
(SELECT 'Diagnostics', period FROM dm01_england EXCEPT SELECT series, period FROM england_reconciliation)
UNION ALL
(SELECT 'Beds', period_end FROM kh03_england EXCEPT SELECT series, period FROM england_reconciliation)
UNION ALL
(SELECT 'Ambulances', period FROM ambulance_counts WHERE level = 'england' EXCEPT SELECT series, period FROM england_reconciliation)
UNION ALL
(SELECT 'Cancer', period FROM cancer_england EXCEPT SELECT series, period FROM england_reconciliation)
"""
*/
WITH ae_sums AS (
    SELECT
        period,
        count(*) AS providers,
        unnest([
            {'quantity': 'attendances, type 1', 'amount': sum(CAST(att_type1 AS DECIMAL(18, 1)))},
            {'quantity': 'attendances, all types', 'amount': sum(CAST(att_total AS DECIMAL(18, 1)))},
            {'quantity': 'within four hours, type 1', 'amount': sum(CAST(within4_type1 AS DECIMAL(18, 1)))},
            {'quantity': 'within four hours, all types', 'amount': sum(CAST(within4_total AS DECIMAL(18, 1)))},
            {'quantity': 'over four hours, type 1', 'amount': sum(CAST(over4_type1 AS DECIMAL(18, 1)))},
            {'quantity': 'over four hours, all types', 'amount': sum(CAST(over4_total AS DECIMAL(18, 1)))},
            {'quantity': 'emergency admissions through A&E', 'amount': sum(CAST(adm_via_ae AS DECIMAL(18, 1)))},
            {'quantity': 'emergency admissions, all', 'amount': sum(CAST(adm_total AS DECIMAL(18, 1)))},
            {'quantity': 'over four hours from decision to admit', 'amount': sum(CAST(dta_over4 AS DECIMAL(18, 1)))},
            {'quantity': 'over 12 hours from decision to admit', 'amount': sum(CAST(dta_over12 AS DECIMAL(18, 1)))}
        ], recursive := TRUE)
    FROM ae_counts
    GROUP BY period
),

ae_printed AS (
    SELECT
        period,
        source_file,
        unnest([
            {'quantity': 'attendances, type 1', 'amount': CAST(att_type1 AS DECIMAL(18, 1))},
            {'quantity': 'attendances, all types', 'amount': CAST(att_total AS DECIMAL(18, 1))},
            {'quantity': 'within four hours, type 1', 'amount': CAST(within4_type1 AS DECIMAL(18, 1))},
            {'quantity': 'within four hours, all types', 'amount': CAST(within4_total AS DECIMAL(18, 1))},
            {'quantity': 'over four hours, type 1', 'amount': CAST(over4_type1 AS DECIMAL(18, 1))},
            {'quantity': 'over four hours, all types', 'amount': CAST(over4_total AS DECIMAL(18, 1))},
            {'quantity': 'emergency admissions through A&E', 'amount': CAST(adm_via_ae AS DECIMAL(18, 1))},
            {'quantity': 'emergency admissions, all', 'amount': CAST(adm_total AS DECIMAL(18, 1))},
            {'quantity': 'over four hours from decision to admit', 'amount': CAST(dta_over4 AS DECIMAL(18, 1))},
            {'quantity': 'over 12 hours from decision to admit', 'amount': CAST(dta_over12 AS DECIMAL(18, 1))}
        ], recursive := TRUE)
    FROM ae_england
),

cancer_sums AS (
    SELECT
        period,
        standard,
        route_or_stage,
        count(*) AS providers,
        unnest([
            {'part': 'patients', 'amount': sum(CAST(total AS DECIMAL(18, 1)))},
            {'part': 'within', 'amount': sum(CAST(within AS DECIMAL(18, 1)))},
            {'part': 'after', 'amount': sum(CAST(total - within AS DECIMAL(18, 1)))}
        ], recursive := TRUE)
    FROM cancer_counts
    GROUP BY period, standard, route_or_stage
),

cancer_printed AS (
    SELECT
        period,
        standard,
        route_or_stage,
        source_file,
        unnest([
            {'part': 'patients', 'amount': CAST(total AS DECIMAL(18, 1))},
            {'part': 'within', 'amount': CAST(within AS DECIMAL(18, 1))},
            {'part': 'after', 'amount': CAST(after AS DECIMAL(18, 1))}
        ], recursive := TRUE)
    FROM cancer_england
),

dm01_sums AS (
    SELECT
        period,
        count(DISTINCT org_code) AS providers,
        unnest([
            {'quantity': 'waiting', 'amount': sum(CAST(waiting_list AS DECIMAL(18, 1)))},
            {'quantity': 'waiting six weeks or more', 'amount': sum(CAST(waiting_6wk_plus AS DECIMAL(18, 1)))},
            {'quantity': 'waiting 13 weeks or more', 'amount': sum(CAST(waiting_13wk_plus AS DECIMAL(18, 1)))},
            {'quantity': 'planned tests', 'amount': sum(CAST(planned_tests AS DECIMAL(18, 1)))},
            {'quantity': 'unscheduled tests', 'amount': sum(CAST(unscheduled_tests AS DECIMAL(18, 1)))},
            {'quantity': 'waiting list tests', 'amount': sum(CAST(waiting_list_tests AS DECIMAL(18, 1)))}
        ], recursive := TRUE)
    FROM dm01_counts
    WHERE test_id <> 16
    GROUP BY period
),

dm01_printed AS (
    SELECT
        period,
        source_file,
        unnest([
            {'quantity': 'waiting', 'amount': CAST(waiting_list AS DECIMAL(18, 1))},
            {'quantity': 'waiting six weeks or more', 'amount': CAST(waiting_6wk_plus AS DECIMAL(18, 1))},
            {'quantity': 'waiting 13 weeks or more', 'amount': CAST(waiting_13wk_plus AS DECIMAL(18, 1))},
            {'quantity': 'planned tests', 'amount': CAST(planned_tests AS DECIMAL(18, 1))},
            {'quantity': 'unscheduled tests', 'amount': CAST(unscheduled_tests AS DECIMAL(18, 1))},
            {'quantity': 'waiting list tests', 'amount': CAST(waiting_list_tests AS DECIMAL(18, 1))}
        ], recursive := TRUE)
    FROM dm01_england
),

ambulance_sums AS (
    SELECT
        period,
        count(*) FILTER (WHERE level = 'trust') AS providers,
        level,
        unnest([
            {'quantity': 'Category 1 incidents', 'amount': sum(CAST(c1_incidents AS DECIMAL(18, 1)))},
            {'quantity': 'Category 1 response time in seconds', 'amount': sum(CAST(c1_total_seconds AS DECIMAL(18, 1)))},
            {'quantity': 'Category 2 incidents', 'amount': sum(CAST(c2_incidents AS DECIMAL(18, 1)))},
            {'quantity': 'Category 2 response time in seconds', 'amount': sum(CAST(c2_total_seconds AS DECIMAL(18, 1)))},
            {'quantity': 'handovers whose time is known', 'amount': sum(CAST(handovers_known AS DECIMAL(18, 1)))},
            {'quantity': 'handovers over 30 minutes', 'amount': sum(CAST(handovers_over_30m AS DECIMAL(18, 1)))}
        ], recursive := TRUE)
    FROM ambulance_counts
    WHERE level IN ('trust', 'england')
    GROUP BY period, level
),

bed_days AS (
    -- An average of the quarter times its days gives the bed-days that were counted.
    SELECT period_end, 'organisations' AS level, kh03_counts.* EXCLUDE (period_end, org_code, org_name, _file, _line)
    FROM kh03_counts
    UNION ALL BY NAME
    SELECT period_end, 'england' AS level, kh03_england.* EXCLUDE (period_end, _file, _line)
    FROM kh03_england
),

beds AS (
    SELECT
        period_end AS period,
        level,
        count(*) AS providers,
        unnest([
            {'quantity': 'all beds, available', 'amount': sum(CAST(round(total_available * (date_diff('day', date_trunc('quarter', period_end), period_end) + 1)) AS DECIMAL(18, 1)))},
            {'quantity': 'all beds, occupied', 'amount': sum(CAST(round(total_occupied * (date_diff('day', date_trunc('quarter', period_end), period_end) + 1)) AS DECIMAL(18, 1)))},
            {'quantity': 'general and acute, available', 'amount': sum(CAST(round(ga_available * (date_diff('day', date_trunc('quarter', period_end), period_end) + 1)) AS DECIMAL(18, 1)))},
            {'quantity': 'general and acute, occupied', 'amount': sum(CAST(round(ga_occupied * (date_diff('day', date_trunc('quarter', period_end), period_end) + 1)) AS DECIMAL(18, 1)))},
            {'quantity': 'maternity, available', 'amount': sum(CAST(round(maternity_available * (date_diff('day', date_trunc('quarter', period_end), period_end) + 1)) AS DECIMAL(18, 1)))},
            {'quantity': 'maternity, occupied', 'amount': sum(CAST(round(maternity_occupied * (date_diff('day', date_trunc('quarter', period_end), period_end) + 1)) AS DECIMAL(18, 1)))},
            {'quantity': 'mental illness, available', 'amount': sum(CAST(round(mh_available * (date_diff('day', date_trunc('quarter', period_end), period_end) + 1)) AS DECIMAL(18, 1)))},
            {'quantity': 'mental illness, occupied', 'amount': sum(CAST(round(mh_occupied * (date_diff('day', date_trunc('quarter', period_end), period_end) + 1)) AS DECIMAL(18, 1)))},
            {'quantity': 'learning disabilities, available', 'amount': sum(CAST(round(ld_available * (date_diff('day', date_trunc('quarter', period_end), period_end) + 1)) AS DECIMAL(18, 1)))},
            {'quantity': 'learning disabilities, occupied', 'amount': sum(CAST(round(ld_occupied * (date_diff('day', date_trunc('quarter', period_end), period_end) + 1)) AS DECIMAL(18, 1)))}
        ], recursive := TRUE)
    FROM bed_days
    GROUP BY period_end, level
),

staff AS (
    SELECT
        period,
        count(*) AS providers,
        unnest([
            {'quantity': 'full-time equivalents', 'amount': sum(CAST(fte AS DECIMAL(18, 2)))},
            {'quantity': 'headcount', 'amount': sum(CAST(headcount AS DECIMAL(18, 2)))}
        ], recursive := TRUE)
    FROM workforce_staff
    GROUP BY period
),

compared AS (
    SELECT
        'A&E' AS series, period, quantity, ae_printed.source_file, ae_sums.providers,
        ae_sums.amount AS provider_sum, ae_printed.amount AS england_printed, 0 AS tolerance, TRUE AS must_add_up
    FROM ae_printed
    LEFT JOIN ae_sums USING (period, quantity)
    UNION ALL
    SELECT
        'Cancer', period, standard || ', ' || lower(route_or_stage) || ': ' || part, cancer_printed.source_file,
        cancer_sums.providers, cancer_sums.amount, cancer_printed.amount, 0, TRUE
    FROM cancer_printed
    LEFT JOIN cancer_sums USING (period, standard, route_or_stage, part)
    UNION ALL
    SELECT
        'Diagnostics', period, quantity, dm01_printed.source_file, dm01_sums.providers,
        dm01_sums.amount, dm01_printed.amount, 0, TRUE
    FROM dm01_printed
    LEFT JOIN dm01_sums USING (period, quantity)
    UNION ALL
    -- Handovers are published from October 2023: before it both sides are missing.
    SELECT
        'Ambulances', period, quantity, NULL, trusts_added.providers, trusts_added.amount, england.amount, 0, TRUE
    FROM (SELECT * FROM ambulance_sums WHERE level = 'england') AS england
    LEFT JOIN (SELECT * FROM ambulance_sums WHERE level = 'trust') AS trusts_added USING (period, quantity)
    WHERE england.amount IS NOT NULL OR trusts_added.amount IS NOT NULL
    UNION ALL
    SELECT
        'Beds', period, quantity || ', bed-days', NULL, organisations_added.providers, organisations_added.amount,
        england.amount, 0, TRUE
    FROM (SELECT * FROM beds WHERE level = 'england') AS england
    LEFT JOIN (SELECT * FROM beds WHERE level = 'organisations') AS organisations_added USING (period, quantity)
    UNION ALL
    -- Each organisation's full-time equivalents are rounded to hundredths, so a sum can be off by half of one for each.
    SELECT
        'Workforce', period, quantity, printed.source_file, staff.providers, staff.amount, printed.amount,
        CASE WHEN printed.adds_up THEN 0.005 * staff.providers ELSE 0 END, printed.adds_up
    FROM printed_workforce_england AS printed
    JOIN staff USING (period, quantity)
)

SELECT
    series,
    period,
    quantity,
    source_file,
    providers,
    CAST(provider_sum AS DECIMAL(18, 2)) AS provider_sum,
    CAST(england_printed AS DECIMAL(18, 2)) AS england_printed,
    CAST(provider_sum - CAST(england_printed AS DECIMAL(18, 2)) AS DECIMAL(18, 2)) AS difference,
    CAST(tolerance AS DECIMAL(18, 2)) AS tolerance,
    abs(provider_sum - CAST(england_printed AS DECIMAL(18, 2))) <= CAST(tolerance AS DECIMAL(18, 2)) AS is_reconciled,
    must_add_up
FROM compared
