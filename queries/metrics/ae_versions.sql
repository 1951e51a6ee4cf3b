/*
title = "Emergency departments: each version of each month"
description = "What was published for each provider and month, and from which day it was known. The tidied file holds the latest version. For the months whose first file was kept, the first version is that one with every restated cell put back. For the others only the latest version is held, and it counts as known from its own date."
grain = ["org_code", "period", "known_from"]

[columns]
org_code = { meaning = "Organisation code" }
period = { meaning = "First day of the month" }
version = { meaning = "first or revised where both are held, only where one is" }
known_from = { meaning = "Day from which the version was known" }
known_from_basis = { meaning = "Whether that day is printed in the file or is the day this copy was taken" }
status = { meaning = "Published or revised" }
source = { meaning = "Source that holds the counts" }
att_type1 = { unit = "count", meaning = "Attendances, type 1" }
att_total = { unit = "count", meaning = "Attendances, all types" }
within4_type1 = { unit = "count", meaning = "Within four hours, type 1; missing where none was published" }
within4_total = { unit = "count", meaning = "Within four hours, all types; missing where none was published" }
adm_via_ae = { unit = "count", meaning = "Emergency admissions through the department" }
dta_over12 = { unit = "count", meaning = "Waits over 12 hours from decision to admit" }

[[tests]]
check = "sql"
name = "no count is negative"
where = "least(att_type1, att_total, within4_type1, within4_total, adm_via_ae, dta_over12) < 0"

[[tests]]
check = "sql"
name = "attendances within and over four hours are all attendances"
query = """
SELECT org_code, period FROM ae_counts
WHERE within4_total + over4_total <> att_total OR within4_type1 + over4_type1 <> att_type1
"""

[[tests]]
check = "sql"
name = "the restated cells of the providers add up to the restated England total"
query = """
SELECT period, measure
FROM ae_restatements
GROUP BY period, measure
HAVING coalesce(sum(coalesce(revised_value, 0) - coalesce(first_value, 0)) FILTER (WHERE NOT is_england_total), 0)
    <> coalesce(sum(coalesce(revised_value, 0) - coalesce(first_value, 0)) FILTER (WHERE is_england_total), 0)
"""

[[tests]]
check = "sql"
name = "every restated provider is in the file of that month"
query = """
SELECT org_code, period FROM ae_restatements WHERE NOT is_england_total
EXCEPT SELECT org_code, period FROM ae_counts
"""

[[tests]]
check = "sql"
name = "every month has its dates, and was not revised before it was published"
query = """
SELECT period FROM (SELECT DISTINCT period FROM ae_counts)
LEFT JOIN ae_files USING (period)
WHERE source_file IS NULL
UNION ALL
SELECT period FROM ae_versions WHERE known_from IS NULL OR known_from <= period
"""
severity = "warn"
*/
WITH dates AS (
    -- "13th June 2019", now and then "13 June 2024".
    SELECT
        period,
        CAST(try_strptime(regexp_replace(published_words, '^([0-9]+)(st|nd|rd|th)', '\1'), '%d %B %Y') AS DATE) AS published_on,
        CAST(try_strptime(regexp_replace(revised_words, '^([0-9]+)(st|nd|rd|th)', '\1'), '%d %B %Y') AS DATE) AS revised_on
    FROM ae_files
),

changes AS (
    SELECT
        period,
        org_code,
        sum(change) FILTER (WHERE measure IN (
            'a_e_attendances_type_1', 'a_e_attendances_booked_appointments_type_1'
        )) AS att_type1,
        sum(change) FILTER (WHERE measure LIKE 'a_e_attendances_%') AS att_total,
        sum(change) FILTER (WHERE measure IN (
            'attendances_over_4hrs_type_1', 'attendances_over_4hrs_booked_appointments_type_1'
        )) AS over4_type1,
        sum(change) FILTER (WHERE measure LIKE 'attendances_over_4hrs_%') AS over4_total,
        sum(change) FILTER (WHERE measure LIKE 'emergency_admissions_via_a_e_%') AS adm_via_ae,
        sum(change) FILTER (WHERE measure = 'patients_who_have_waited_12_hrs_from_dta_to_admission') AS dta_over12,
        -- A provider that the first file left out altogether has no first version.
        bool_and(first_value IS NULL) AS is_added
    FROM (
        SELECT *, coalesce(revised_value, 0) - coalesce(first_value, 0) AS change
        FROM ae_restatements
        WHERE NOT is_england_total
    )
    GROUP BY period, org_code
),

both_held AS (
    SELECT DISTINCT period FROM ae_restatements
),

latest AS (
    SELECT
        ae_counts.*,
        dates.published_on,
        dates.revised_on,
        both_held.period IS NOT NULL AND dates.revised_on IS NOT NULL AS first_is_held,
        source_vintages.known_from AS copied_on
    FROM ae_counts
    LEFT JOIN dates USING (period)
    LEFT JOIN both_held USING (period)
    JOIN source_vintages ON source_vintages.source = 'ae_counts'
),

versions AS (
    SELECT
        org_code,
        period,
        CASE WHEN first_is_held THEN 'revised' ELSE 'only' END AS version,
        coalesce(revised_on, published_on, copied_on) AS known_from,
        CASE WHEN coalesce(revised_on, published_on) IS NULL THEN 'day of this copy' ELSE 'printed in the file' END
            AS known_from_basis,
        CASE WHEN revised_on IS NULL THEN 'published' ELSE 'revised' END AS status,
        att_type1,
        att_total,
        within4_type1,
        within4_total,
        adm_via_ae,
        dta_over12
    FROM latest
    UNION ALL
    SELECT
        latest.org_code,
        latest.period,
        'first',
        latest.published_on,
        'printed in the file',
        'published',
        latest.att_type1 - coalesce(changes.att_type1, 0),
        latest.att_total - coalesce(changes.att_total, 0),
        latest.within4_type1 - coalesce(changes.att_type1, 0) + coalesce(changes.over4_type1, 0),
        latest.within4_total - coalesce(changes.att_total, 0) + coalesce(changes.over4_total, 0),
        latest.adm_via_ae - coalesce(changes.adm_via_ae, 0),
        latest.dta_over12 - coalesce(changes.dta_over12, 0)
    FROM latest
    LEFT JOIN changes USING (period, org_code)
    WHERE latest.first_is_held AND NOT coalesce(changes.is_added, FALSE)
)

SELECT
    org_code,
    period,
    version,
    known_from,
    known_from_basis,
    status,
    'ae_counts' AS source,
    CAST(att_type1 AS BIGINT) AS att_type1,
    CAST(att_total AS BIGINT) AS att_total,
    CAST(within4_type1 AS BIGINT) AS within4_type1,
    CAST(within4_total AS BIGINT) AS within4_total,
    CAST(adm_via_ae AS BIGINT) AS adm_via_ae,
    CAST(dta_over12 AS BIGINT) AS dta_over12
FROM versions
