/*
title = "Counts of every metric, in every version known"
description = "One row for each metric, organisation, period, basis and version: numerator and denominator as published, and the day from which they were known. A restated figure does not overwrite the one before. The same counts published again are the same version and keep the earlier day. A row whose numerator is missing says that the organisation reported the rest and not this. A metric that no file of counts covers is taken from the monthly panel."
grain = ["metric_id", "org_code", "period", "basis", "known_from"]
parts = "metric_id"

[columns]
metric_id = { meaning = "Metric" }
org_code = { meaning = "Organisation code" }
period = { meaning = "First day of the period; for beds the last day of the quarter, as published" }
frequency = { meaning = "Month, quarter or year" }
basis = { meaning = "On what basis the counts stand: see metric_bases" }
numerator = { unit = "count", decimals = 1, meaning = "Numerator; missing where the organisation did not report it" }
denominator = { unit = "count", decimals = 1, meaning = "Denominator; missing for a count" }
published_value = { unit = "value", decimals = 4, meaning = "Value as published beside the counts, where one is" }
status = { meaning = "Published, revised, provisional, final, demonstration, or halved where an extract had doubled its counts" }
known_from = { meaning = "Day from which the version was known" }
known_from_basis = { meaning = "Whether that day is printed in the file or is the day this copy was taken" }
source = { meaning = "Source that holds the counts" }
version = { unit = "count", meaning = "1 for the first version held, 2 for the one that replaced it" }
versions_held = { unit = "count", meaning = "Versions held of this figure" }

[[tests]]
check = "not_null"
columns = ["period", "frequency", "known_from", "status", "source"]

[[tests]]
check = "accepted"
column = "frequency"
values = ["month", "quarter", "year"]

[[tests]]
check = "relationship"
column = "metric_id"
to = "metrics.metric_id"

[[tests]]
check = "relationship"
column = "basis"
to = "metric_bases.basis"

[[tests]]
check = "sql"
name = "no share passes the whole, and no count is negative"
query = """
SELECT metric_id, org_code, period, numerator, denominator
FROM metric_counts JOIN metrics USING (metric_id)
WHERE numerator < 0 OR denominator <= 0
    OR (kind = 'proportion' AND numerator > denominator AND metric_id <> 'ga_bed_occupancy')
"""

[[tests]]
check = "sql"
name = "a count has no denominator and everything else has one"
query = """
SELECT metric_id, org_code, period FROM metric_counts JOIN metrics USING (metric_id)
WHERE (kind = 'count') <> (denominator IS NULL)
"""

[[tests]]
check = "sql"
name = "nothing is known before its period began"
where = "known_from < period"

[[tests]]
check = "sql"
name = "a figure restated is a figure that changed"
query = """
SELECT later.metric_id, later.org_code, later.period
FROM metric_counts AS later
JOIN metric_counts AS earlier
    ON earlier.metric_id = later.metric_id AND earlier.org_code = later.org_code AND earlier.period = later.period
    AND earlier.basis = later.basis AND earlier.version = later.version - 1
WHERE (earlier.numerator IS NULL) = (later.numerator IS NULL)
    AND coalesce(abs(earlier.numerator - later.numerator), 0) < 0.001
    AND coalesce(abs(earlier.denominator - later.denominator), 0) < 0.001
"""

[determinism]
window = "rows alike in day, counts and source repeat one another"
*/
WITH counted AS (
    SELECT * FROM counts_ae_4hr_all_types
    UNION ALL BY NAME
    SELECT * FROM counts_ae_4hr_type1
    UNION ALL BY NAME
    SELECT * FROM counts_ae_12hr_from_dta
    UNION ALL BY NAME
    SELECT * FROM counts_rtt_within_18wk
    UNION ALL BY NAME
    SELECT * FROM counts_rtt_over_52wk
    UNION ALL BY NAME
    SELECT * FROM counts_cancer_28d_fds
    UNION ALL BY NAME
    SELECT * FROM counts_cancer_31d
    UNION ALL BY NAME
    SELECT * FROM counts_cancer_62d
    UNION ALL BY NAME
    SELECT * FROM counts_dm01_over_6wk
    UNION ALL BY NAME
    SELECT * FROM counts_sickness_absence
    UNION ALL BY NAME
    SELECT * FROM counts_ga_bed_occupancy
    UNION ALL BY NAME
    SELECT * FROM counts_amb_c1_mean_seconds
    UNION ALL BY NAME
    SELECT * FROM counts_amb_c2_mean_seconds
    UNION ALL BY NAME
    SELECT * FROM counts_amb_handover_over_30m
    UNION ALL BY NAME
    SELECT * FROM counts_shmi
    UNION ALL BY NAME
    SELECT * FROM counts_cancelled_not_treated_28d
    UNION ALL BY NAME
    SELECT * FROM counts_cancelled_operations
    UNION ALL BY NAME
    SELECT * FROM counts_workforce_fte
    UNION ALL BY NAME
    SELECT * FROM counts_workforce_headcount
    UNION ALL BY NAME
    SELECT * EXCLUDE (file) FROM official_counts
),

with_panel AS (
    SELECT * FROM counted
    UNION ALL BY NAME
    SELECT * FROM counts_from_panel WHERE metric_id NOT IN (SELECT metric_id FROM counted)
),

marked AS (
    -- The same counts again, in another file or under a later date, are no new version. Averages of days are kept to three
    -- decimals in one file and in full in another: that is no new version either.
    SELECT
        *,
        row_number() OVER figure > 1
            AND (numerator IS NULL) = (lag(numerator) OVER figure IS NULL)
            AND (denominator IS NULL) = (lag(denominator) OVER figure IS NULL)
            AND coalesce(abs(numerator - lag(numerator) OVER figure), 0) < 0.001
            AND coalesce(abs(denominator - lag(denominator) OVER figure), 0) < 0.001 AS is_repeated
    FROM with_panel
    WINDOW figure AS (
        PARTITION BY metric_id, org_code, period, basis ORDER BY known_from, numerator, denominator, source
    )
)

SELECT
    metric_id,
    org_code,
    period,
    frequency,
    basis,
    CAST(numerator AS DOUBLE) AS numerator,
    CAST(denominator AS DOUBLE) AS denominator,
    CAST(published_value AS DOUBLE) AS published_value,
    status,
    known_from,
    known_from_basis,
    source,
    row_number() OVER (PARTITION BY metric_id, org_code, period, basis ORDER BY known_from, source) AS version,
    count(*) OVER (PARTITION BY metric_id, org_code, period, basis) AS versions_held
FROM marked
WHERE NOT is_repeated
