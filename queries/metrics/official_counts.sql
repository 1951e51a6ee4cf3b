/*
title = "Counts from official files as published"
description = "The counts of each metric in the official files that are in the data folder, each with the date that the file prints or carries in its name. They stand beside the tidied counts as further versions; the same counts in two files are one version. Totals of tests, routes, stages and treatment functions, and the rows of England, are left out, so that nothing is counted twice. The emergency department CSV files print 0 over four hours for trusts of the field test: that is no figure, and is missing here. Beds carry the last day of the quarter, as in the other counts of beds."
grain = ["metric_id", "org_code", "period", "basis", "known_from", "source", "file"]
parts = "metric_id"

[columns]
metric_id = { meaning = "Metric" }
org_code = { meaning = "Organisation code" }
period = { meaning = "First day of the period; for beds the last day of the quarter" }
frequency = { meaning = "Month or quarter" }
basis = { meaning = "On what basis the counts stand: see metric_bases" }
numerator = { unit = "count", decimals = 1, meaning = "Numerator; missing where the trust published none" }
denominator = { unit = "count", decimals = 1, meaning = "Denominator; missing for a count" }
published_value = { unit = "value", decimals = 4, meaning = "Value as published beside the counts, where one is" }
status = { meaning = "As the file gives it" }
known_from = { meaning = "Day from which the file was known" }
known_from_basis = { meaning = "Whether that day is the file's own or is the day this copy was taken" }
source = { meaning = "Source that holds the counts" }
file = { meaning = "File" }

[[tests]]
check = "sql"
name = "trusts of the field test have no four-hour figure, whatever their file prints"
query = """
SELECT official_counts.org_code, official_counts.period
FROM official_counts JOIN field_tests USING (metric_id, org_code)
WHERE official_counts.period BETWEEN field_tests.first_month AND field_tests.last_month AND numerator IS NOT NULL
"""

[[tests]]
check = "sql"
name = "official files and tidied counts known from the same day agree"
query = """
SELECT official_counts.metric_id, official_counts.org_code, official_counts.period, official_counts.numerator, metric_counts.numerator
FROM official_counts
JOIN metric_counts USING (metric_id, org_code, period, basis, known_from)
WHERE official_counts.numerator IS DISTINCT FROM metric_counts.numerator
    OR official_counts.denominator IS DISTINCT FROM metric_counts.denominator
"""

[[tests]]
check = "sql"
name = "no count is negative and no share passes the whole"
query = """
SELECT official_counts.metric_id, org_code, period
FROM official_counts JOIN metrics USING (metric_id)
WHERE numerator < 0 OR denominator <= 0 OR (kind = 'proportion' AND numerator > denominator AND metric_id <> 'ga_bed_occupancy')
"""
*/
WITH ae_files_read AS (
    -- Booked appointments stand apart in the CSV files and are part of the attendances in the workbooks.
    SELECT
        'ae_official_csv' AS source, _file, _vintage, _status, org_code, period,
        att_type1 + coalesce(att_booked_type1, 0) AS att_type1,
        att_type1 + att_type2 + att_other
            + coalesce(att_booked_type1, 0) + coalesce(att_booked_type2, 0) + coalesce(att_booked_other, 0) AS att_total,
        over4_type1 + coalesce(over4_booked_type1, 0) AS over4_type1,
        over4_type1 + over4_type2 + over4_other
            + coalesce(over4_booked_type1, 0) + coalesce(over4_booked_type2, 0) + coalesce(over4_booked_other, 0) AS over4_total,
        adm_type1 + adm_type2 + adm_other AS adm_via_ae,
        dta_over12
    FROM ae_official_csv
    WHERE upper(org_code) <> 'TOTAL'
    UNION ALL
    SELECT
        'ae_official_workbook', _file, _vintage, _status, org_code, period,
        att_type1, att_total, att_type1 - within4_type1, att_total - within4_total, adm_via_ae, dta_over12
    FROM ae_official_workbook
    WHERE org_code <> '-'
),

ae AS (
    SELECT
        ae_files_read.*,
        unnest([
            {'metric_id': 'ae_4hr_all_types', 'numerator': att_total - over4_total, 'denominator': att_total},
            {'metric_id': 'ae_4hr_type1', 'numerator': att_type1 - over4_type1, 'denominator': att_type1},
            {'metric_id': 'ae_12hr_from_dta', 'numerator': dta_over12, 'denominator': adm_via_ae}
        ], recursive := TRUE)
    FROM ae_files_read
),

ae_counted AS (
    SELECT
        ae.metric_id, ae.org_code, ae.period, 'month' AS frequency, 'as published' AS basis,
        CASE WHEN field_tests.org_code IS NULL THEN ae.numerator END AS numerator,
        ae.denominator, NULL AS published_value, ae._status, ae._vintage, ae.source, ae._file
    FROM ae
    LEFT JOIN field_tests
        ON field_tests.metric_id = ae.metric_id
        AND field_tests.org_code = ae.org_code
        AND ae.period BETWEEN field_tests.first_month AND field_tests.last_month
),

rtt_sums AS (
    -- One row for each commissioner: those outside England are NONC, and the headline figures leave them out.
    SELECT
        provider_code, period, _status, _vintage, _file, basis,
        sum(within_18) AS within_18, sum(over_52) AS over_52, sum(total_all) AS total_all
    FROM (
        SELECT *, unnest(CASE WHEN commissioner_code = 'NONC' THEN ['all commissioners']
            ELSE ['all commissioners', 'English commissioners'] END) AS basis
        FROM rtt_full_extract
        WHERE part = 'Part_2' AND treatment_function_code = 'C_999'
    )
    GROUP BY ALL
),

rtt_counted AS (
    SELECT
        unnest([
            {'metric_id': 'rtt_within_18wk', 'numerator': within_18},
            {'metric_id': 'rtt_over_52wk', 'numerator': over_52}
        ], recursive := TRUE),
        provider_code AS org_code, period, 'month' AS frequency, basis, total_all AS denominator,
        NULL AS published_value, _status, _vintage, 'rtt_full_extract' AS source, _file
    FROM rtt_sums
),

cancer_counted AS (
    SELECT
        CASE standard WHEN 28 THEN 'cancer_28d_fds' WHEN 31 THEN 'cancer_31d' ELSE 'cancer_62d' END AS metric_id,
        org_code, period, 'month' AS frequency, 'as published' AS basis,
        within AS numerator, total AS denominator, NULL AS published_value,
        _status, _vintage, 'cancer_official_workbook' AS source, _file
    FROM cancer_official_workbook
    WHERE route_or_stage IN ('ALL ROUTES', 'ALL STAGES') AND org_code IS NOT NULL
),

dm01_counted AS (
    SELECT
        'dm01_over_6wk' AS metric_id, org_code, period, 'month' AS frequency, 'as published' AS basis,
        sum(waiting_6wk_plus) AS numerator, sum(waiting_list) AS denominator, NULL AS published_value,
        _status, _vintage, 'dm01_official_workbook' AS source, _file
    FROM dm01_official_workbook
    WHERE test_id <> 16 AND org_code IS NOT NULL
    GROUP BY ALL
),

beds_counted AS (
    SELECT
        'ga_bed_occupancy' AS metric_id, org_code, CAST(last_day(period + INTERVAL 2 MONTH) AS DATE) AS period,
        'quarter' AS frequency, 'as published' AS basis, ga_occupied AS numerator, ga_available AS denominator,
        NULL AS published_value, _status, _vintage, 'kh03_official_workbook' AS source, _file
    FROM kh03_official_workbook
    WHERE org_code IS NOT NULL
),

cancelled_counted AS (
    SELECT
        unnest([
            {'metric_id': 'cancelled_not_treated_28d', 'numerator': not_treated_within_28_days, 'denominator': last_minute_cancelled},
            {'metric_id': 'cancelled_operations', 'numerator': last_minute_cancelled, 'denominator': NULL}
        ], recursive := TRUE),
        org_code, period, 'quarter' AS frequency, 'as published' AS basis,
        NULL AS published_value, _status, _vintage, 'cancelled_operations_official' AS source, _file
    FROM cancelled_operations_official
    WHERE org_code <> '-'
),

sickness_counted AS (
    SELECT
        'sickness_absence' AS metric_id, org_code, period, 'month' AS frequency, 'as published' AS basis,
        fte_days_lost AS numerator, fte_days_available AS denominator, sickness_absence_rate / 100 AS published_value,
        _status, _vintage, 'sickness_official' AS source, _file
    FROM sickness_official
),

counted AS (
    SELECT * FROM ae_counted
    UNION ALL BY NAME SELECT * FROM rtt_counted
    UNION ALL BY NAME SELECT * FROM cancer_counted
    UNION ALL BY NAME SELECT * FROM dm01_counted
    UNION ALL BY NAME SELECT * FROM beds_counted
    UNION ALL BY NAME SELECT * FROM cancelled_counted
    UNION ALL BY NAME SELECT * FROM sickness_counted
)

SELECT
    counted.metric_id,
    counted.org_code,
    counted.period,
    counted.frequency,
    counted.basis,
    CAST(counted.numerator AS DOUBLE) AS numerator,
    CAST(counted.denominator AS DOUBLE) AS denominator,
    CAST(counted.published_value AS DOUBLE) AS published_value,
    lower(coalesce(counted._status, source_vintages.status)) AS status,
    -- A file without a date was not known before its period was over.
    coalesce(
        counted._vintage,
        greatest(source_vintages.known_from, CAST(counted.period + to_months(CASE counted.frequency WHEN 'month' THEN 1 ELSE 3 END) AS DATE))
    ) AS known_from,
    CASE WHEN counted._vintage IS NULL THEN 'day of this copy' ELSE 'dated by the file' END AS known_from_basis,
    counted.source,
    counted._file AS file
FROM counted
JOIN source_vintages USING (source)
JOIN metrics USING (metric_id)
WHERE counted.denominator > 0 OR metrics.kind = 'count'
