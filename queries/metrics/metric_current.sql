/*
title = "Metrics as they are known"
description = "For each metric, organisation, period and basis, the latest version known on the day of as_of, with its value. A value is the numerator over the denominator; a metric of kind count is its numerator. The value is missing where the organisation reported the rest and not this: that is neither zero nor good nor bad. Where a metric has two bases, is_main marks one series for each organisation; the two are never joined."
grain = ["metric_id", "org_code", "basis", "period"]
parts = "metric_id"

[columns]
metric_id = { meaning = "Metric" }
metric_name = { meaning = "Name of the metric" }
metric_group = { meaning = "Group of metrics" }
group_order = { unit = "count", meaning = "Order of the group" }
metric_order = { unit = "count", meaning = "Order of the metric on a page" }
measure_words = { meaning = "What the shown number is" }
decimals = { meaning = "Decimals of the shown number" }
unit_suffix = { meaning = "What stands after the shown number" }
scale = { meaning = "Shown number for a value of 1" }
org_code = { meaning = "Organisation code" }
org_name = { meaning = "Name of the organisation" }
is_trust = { meaning = "Whether it is, or was, an NHS trust" }
has_pack = { meaning = "Whether a board pack is made for the organisation" }
region = { meaning = "NHS England region" }
icb_code = { meaning = "Integrated care board code in 2025" }
period = { meaning = "First day of the period; for beds the last day of the quarter, as published" }
period_start = { meaning = "First day of the period" }
period_end = { meaning = "Last day of the period" }
period_words = { meaning = "The period in words" }
frequency = { meaning = "Month, quarter or year" }
basis = { meaning = "On what basis the counts stand" }
basis_words = { meaning = "The basis in words" }
is_main = { meaning = "Whether this is the main series of the organisation for the metric" }
kind = { meaning = "proportion, ratio, mean or count" }
better = { meaning = "Whether a high or a low value is better; missing where neither is" }
unit = { meaning = "Unit of the value: fraction, seconds, ratio, count and so on" }
numerator = { unit = "count", decimals = 1, meaning = "Numerator; missing where it was not reported" }
denominator = { unit = "count", decimals = 1, meaning = "Denominator; missing for a count" }
value = { unit = "value", decimals = 4, meaning = "Numerator over denominator, or the count itself; missing where it was not reported" }
published_value = { unit = "value", decimals = 4, meaning = "Value as published beside the counts, where one is" }
is_reported = { meaning = "Whether the organisation reported the figure" }
status = { meaning = "Published, revised, provisional, final or demonstration" }
known_from = { meaning = "Day from which the version was known" }
source = { meaning = "Source that holds the counts" }
version = { unit = "count", meaning = "Which version this is, from 1" }
merged_in_window = { meaning = "Whether the organisation absorbed another in the twelve months to the end of the period, so that a comparison with a year before is not like for like" }
is_latest_period = { meaning = "Whether the period is the latest of the metric and basis, over all organisations" }
standard = { unit = "value", decimals = 4, meaning = "The national standard in force in the period, where there is one" }
standard_words = { meaning = "The standard in words" }
target = { unit = "value", decimals = 4, meaning = "The national target or interim ambition for a date, where one applies to the period" }
target_by = { meaning = "The date for which that target is set" }
target_words = { meaning = "The target in words" }

[[tests]]
check = "sql"
name = "two bases are never mixed in one series"
query = """
SELECT metric_id, org_code FROM metric_current WHERE is_main
GROUP BY metric_id, org_code HAVING count(DISTINCT basis) > 1
"""

[[tests]]
check = "sql"
name = "every organisation has one main series for each of its metrics"
query = """
SELECT metric_id, org_code FROM metric_current
GROUP BY metric_id, org_code HAVING count(*) FILTER (WHERE is_main) = 0
"""

[[tests]]
check = "sql"
name = "nothing that was not yet known is used"
where = "known_from > (SELECT as_of FROM as_of)"

[[tests]]
check = "sql"
name = "missing is not zero: a value is there if and only if its parts are"
where = "is_reported <> (value IS NOT NULL) OR (numerator IS NULL) <> (value IS NULL)"

[[tests]]
check = "sql"
name = "trusts of the field test have no four-hour figure in it"
query = """
SELECT metric_current.org_code, metric_current.period
FROM metric_current
JOIN field_tests USING (metric_id, org_code)
WHERE metric_current.period BETWEEN field_tests.first_month AND field_tests.last_month AND value IS NOT NULL
"""

[[tests]]
check = "sql"
name = "a four-hour figure is missing in the field test alone"
query = """
SELECT metric_current.org_code, metric_current.period
FROM metric_current
LEFT JOIN field_tests ON field_tests.metric_id = metric_current.metric_id
    AND field_tests.org_code = metric_current.org_code
    AND metric_current.period BETWEEN field_tests.first_month AND field_tests.last_month
WHERE metric_current.metric_id LIKE 'ae_4hr_%' AND value IS NULL AND field_tests.org_code IS NULL
"""

[determinism]
window = "versions of a figure are numbered"
*/
WITH held AS (
    SELECT * EXCLUDE (known_from_basis, versions_held), versions_held = 1 AS is_only
    FROM metric_counts
    WHERE known_from <= (SELECT as_of FROM as_of)
),

known AS (
    -- Nearly every figure has one version: only the others are put in order.
    SELECT * EXCLUDE (is_only) FROM held WHERE is_only
    UNION ALL
    SELECT * EXCLUDE (is_only)
    FROM held
    WHERE NOT is_only
    QUALIFY row_number() OVER (PARTITION BY metric_id, org_code, period, basis ORDER BY version DESC) = 1
),

-- What is the same for all organisations is found once for each period of a metric.
dated AS (
    SELECT
        metric_id,
        basis,
        period,
        frequency,
        CASE frequency WHEN 'quarter' THEN CAST(date_trunc('quarter', period) AS DATE) ELSE period END AS period_start,
        period = max(period) OVER (PARTITION BY metric_id, basis) AS is_latest_period
    FROM (SELECT DISTINCT metric_id, basis, period, frequency FROM known)
),

ended AS (
    SELECT
        *,
        CAST(period_start + to_months(CASE frequency WHEN 'month' THEN 1 WHEN 'quarter' THEN 3 ELSE 12 END) AS DATE) - 1
            AS period_end
    FROM dated
),

periods AS (
    SELECT
        ended.*,
        CASE frequency
            WHEN 'month' THEN strftime(period_start, '%B %Y')
            ELSE strftime(period_start, '%B')
                || CASE WHEN year(period_start) <> year(period_end) THEN strftime(period_start, ' %Y') ELSE '' END
                || ' to ' || strftime(period_end, '%B %Y')
        END AS period_words,
        metrics.* EXCLUDE (metric_id),
        metric_bases.basis_order,
        metric_bases.basis_words,
        standards.target AS standard,
        standards.target_words AS standard_words,
        ambitions.target,
        ambitions.target_by,
        ambitions.target_words
    FROM ended
    JOIN metrics USING (metric_id)
    JOIN metric_bases USING (basis)
    LEFT JOIN metric_targets AS standards
        ON standards.metric_id = ended.metric_id AND standards.target_kind = 'standard'
        AND ended.period_start >= standards.applies_from
        AND ended.period_end <= coalesce(standards.applies_to, ended.period_end)
    LEFT JOIN metric_targets AS ambitions
        ON ambitions.metric_id = ended.metric_id AND ambitions.target_kind = 'target'
        AND ended.period_start >= ambitions.applies_from
        AND ended.period_end <= coalesce(ambitions.applies_to, ended.period_end)
),

main_bases AS (
    SELECT known.metric_id, known.org_code, min(metric_bases.basis_order) AS main_order
    FROM known
    JOIN metric_bases USING (basis)
    GROUP BY known.metric_id, known.org_code
),

merged AS (
    -- Each end of a month in the twelve months after a change, that of the change among them: every period ends with a month.
    SELECT DISTINCT new_code AS org_code, period_end
    FROM (
        SELECT new_code, effective_date, last_day(effective_date + to_months(CAST(months AS INTEGER))) AS period_end
        FROM organisation_history
        CROSS JOIN range(13) AS later(months)
    )
    WHERE effective_date > period_end - INTERVAL 12 MONTH AND effective_date <= period_end
)

SELECT
    known.metric_id,
    periods.metric_name,
    periods.metric_group,
    periods.group_order,
    periods.metric_order,
    periods.measure_words,
    periods.decimals,
    periods.unit_suffix,
    periods.scale,
    known.org_code,
    organisations.org_name,
    organisations.is_trust,
    organisations.has_pack,
    organisations.region,
    organisations.icb_code,
    known.period,
    periods.period_start,
    periods.period_end,
    periods.period_words,
    known.frequency,
    known.basis,
    periods.basis_words,
    periods.basis_order = main_bases.main_order AS is_main,
    periods.kind,
    periods.better,
    periods.unit,
    known.numerator,
    known.denominator,
    CASE WHEN periods.kind = 'count' THEN known.numerator ELSE known.numerator / known.denominator END AS value,
    known.published_value,
    value IS NOT NULL AS is_reported,
    known.status,
    known.known_from,
    known.source,
    known.version,
    (known.org_code, periods.period_end) IN (SELECT (org_code, period_end) FROM merged) AS merged_in_window,
    periods.is_latest_period,
    periods.standard,
    periods.standard_words,
    periods.target,
    periods.target_by,
    periods.target_words
FROM known
JOIN periods USING (metric_id, basis, period, frequency)
JOIN main_bases USING (metric_id, org_code)
JOIN organisations USING (org_code)
