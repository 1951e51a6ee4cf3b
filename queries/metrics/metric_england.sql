/*
title = "Metrics for England"
description = "Numerators and denominators of the organisations that reported, added up, and the value that they give: never an average of percentages. Those expected are the organisations whose series runs over the period; those that did not report are in neither sum, so that their attendances do not dilute a percentage. Metrics that do not add up over organisations (headcount) are not here, nor are files that hold one area alone."
grain = ["metric_id", "basis", "period"]
parts = "metric_id"

[columns]
metric_id = { meaning = "Metric" }
metric_name = { meaning = "Name of the metric" }
metric_order = { unit = "count", meaning = "Order of the metric on a page" }
basis = { meaning = "On what basis the counts stand" }
is_main = { meaning = "Whether this is the main series of the metric" }
period = { meaning = "Period, as in metric_current" }
period_start = { meaning = "First day of the period" }
period_words = { meaning = "The period in words" }
frequency = { meaning = "Month, quarter or year" }
coverage = { meaning = "Whose figures are added: NHS trusts alone, or all providers" }
kind = { meaning = "proportion, ratio, mean or count" }
better = { meaning = "Whether a high or a low value is better; missing where neither is" }
unit = { meaning = "Unit of the value" }
measure_words = { meaning = "What the shown number is" }
decimals = { meaning = "Decimals of the shown number" }
unit_suffix = { meaning = "What stands after the shown number" }
scale = { meaning = "Shown number for a value of 1" }
numerator = { unit = "count", decimals = 1, meaning = "Sum of the numerators of those that reported" }
denominator = { unit = "count", decimals = 1, meaning = "Sum of the denominators of those that reported; missing for a count" }
value = { unit = "value", decimals = 4, meaning = "The one over the other, or the sum of a count" }
organisations_expected = { unit = "count", meaning = "Organisations whose series runs over the period" }
organisations_reporting = { unit = "count", meaning = "Organisations that reported" }
denominator_not_reported = { unit = "count", decimals = 1, meaning = "Denominators of organisations that reported these and no numerator: in neither sum" }
trusts_expected = { unit = "count", meaning = "NHS trusts among those expected" }
trusts_reporting = { unit = "count", meaning = "NHS trusts among those reporting" }
status = { meaning = "The status that is furthest from final among the rows" }
is_latest_period = { meaning = "Whether the period is the latest of the metric and basis" }
standard = { unit = "value", decimals = 4, meaning = "The national standard in force in the period" }
standard_words = { meaning = "The standard in words" }
target = { unit = "value", decimals = 4, meaning = "The national target that applies to the period" }
target_words = { meaning = "The target in words" }

[[tests]]
check = "sql"
name = "the sums are those of the printed England rows, where those are held"
# The printed rows are of the latest files: where a later version was not yet known, the sums are rightly others.
query = """
SELECT metric_england.metric_id, metric_england.period, metric_england.numerator, metric_england.denominator, england.*
FROM metric_england
JOIN (
    SELECT 'ae_4hr_all_types' AS metric_id, period, within4_total AS printed_numerator, within4_total + over4_total AS printed_denominator
    FROM ae_england
    UNION ALL SELECT 'ae_4hr_type1', period, within4_type1, within4_type1 + over4_type1 FROM ae_england
    UNION ALL SELECT 'dm01_over_6wk', period, waiting_6wk_plus, waiting_list FROM dm01_england
    UNION ALL SELECT 'amb_c2_mean_seconds', period, c2_total_seconds, c2_incidents FROM ambulance_counts WHERE level = 'england'
    UNION ALL SELECT 'cancer_62d', period, within, total FROM cancer_england WHERE standard = '62_day' AND route_or_stage = 'ALL ROUTES'
) AS england USING (metric_id, period)
ANTI JOIN (SELECT metric_id, period FROM metric_counts WHERE known_from > (SELECT as_of FROM as_of)) AS unknown
    ON unknown.metric_id = metric_england.metric_id AND unknown.period = metric_england.period
WHERE metric_england.numerator <> england.printed_numerator OR metric_england.denominator <> england.printed_denominator
"""

[[tests]]
check = "sql"
name = "attendances of trusts without four-hour figures are in no percentage"
query = """
SELECT metric_england.period
FROM metric_england JOIN ae_england USING (period)
ANTI JOIN (SELECT metric_id, period FROM metric_counts WHERE known_from > (SELECT as_of FROM as_of)) AS unknown
    ON unknown.metric_id = metric_england.metric_id AND unknown.period = metric_england.period
WHERE metric_england.metric_id = 'ae_4hr_all_types'
    AND (metric_england.denominator + coalesce(denominator_not_reported, 0) <> ae_england.att_total
        OR (denominator_not_reported > 0) <> (metric_england.denominator < ae_england.att_total))
"""

[[tests]]
check = "sql"
name = "one series adds up the same kind of organisation in every period"
query = """
SELECT metric_id, period FROM metric_england WHERE coverage = 'NHS trusts' AND organisations_expected <> trusts_expected
"""

[[tests]]
check = "sql"
name = "no more report than are expected"
where = "organisations_reporting > organisations_expected OR trusts_reporting > trusts_expected"

[[tests]]
check = "sql"
name = "what does not add up is not added up"
query = """
SELECT metric_id FROM metric_england JOIN metrics USING (metric_id) WHERE NOT additive
UNION ALL
-- England's own row says whether organisations add up to it, whatever the rule table claims.
SELECT metric_id FROM metrics
JOIN printed_workforce_england AS printed USING (metric_id)
JOIN england_reconciliation ON england_reconciliation.period = printed.period AND england_reconciliation.quantity = printed.quantity
WHERE additive AND abs(england_reconciliation.difference) > 0.005 * england_reconciliation.providers
"""

[[tests]]
check = "accepted"
name = "only totals and counts are added up: a centile has no kind here"
column = "kind"
values = ["proportion", "ratio", "mean", "count"]
*/
WITH rows_expected AS (
    SELECT
        expected_returns.metric_id,
        expected_returns.basis,
        expected_returns.period,
        expected_returns.report,
        organisations.is_trust,
        metric_current.* EXCLUDE (metric_id, basis, period, org_code, is_trust)
    FROM expected_returns
    JOIN organisations ON organisations.org_code = expected_returns.org_code
    LEFT JOIN metric_current
        ON metric_current.metric_id = expected_returns.metric_id
        AND metric_current.basis = expected_returns.basis
        AND metric_current.org_code = expected_returns.org_code
        AND metric_current.period = expected_returns.period
),

sums AS (
    SELECT
        metric_id,
        basis,
        period,
        min(period_start) AS period_start,
        min(period_words) AS period_words,
        min(frequency) AS frequency,
        CAST(sum(CAST(numerator AS DECIMAL(18, 6))) AS DOUBLE) AS numerator,
        CAST(sum(CAST(denominator AS DECIMAL(18, 6))) FILTER (WHERE report = 'reported') AS DOUBLE) AS denominator,
        CAST(sum(CAST(denominator AS DECIMAL(18, 6))) FILTER (WHERE report = 'not reported') AS DOUBLE)
            AS denominator_not_reported,
        count(*) AS organisations_expected,
        count(*) FILTER (WHERE report = 'reported') AS organisations_reporting,
        count(*) FILTER (WHERE is_trust) AS trusts_expected,
        count(*) FILTER (WHERE is_trust AND report = 'reported') AS trusts_reporting,
        CASE
            WHEN bool_or(status = 'demonstration') THEN 'demonstration'
            WHEN bool_or(status = 'provisional') THEN 'provisional'
            WHEN bool_or(status = 'revised') THEN 'revised'
            ELSE min(status)
        END AS status,
        bool_or(is_latest_period) AS is_latest_period,
        min(standard) AS standard,
        min(standard_words) AS standard_words,
        min(target) AS target,
        min(target_words) AS target_words
    FROM rows_expected
    GROUP BY metric_id, basis, period
)

SELECT
    sums.metric_id,
    metrics.metric_name,
    metrics.metric_order,
    sums.basis,
    metric_bases.basis_order = min(metric_bases.basis_order) OVER (PARTITION BY sums.metric_id) AS is_main,
    sums.period,
    sums.period_start,
    sums.period_words,
    sums.frequency,
    metrics.added_over AS coverage,
    metrics.kind,
    metrics.better,
    metrics.unit,
    metrics.measure_words,
    metrics.decimals,
    metrics.unit_suffix,
    metrics.scale,
    sums.numerator,
    sums.denominator,
    CASE WHEN metrics.kind = 'count' THEN sums.numerator ELSE sums.numerator / sums.denominator END AS value,
    sums.organisations_expected,
    sums.organisations_reporting,
    sums.denominator_not_reported,
    sums.trusts_expected,
    sums.trusts_reporting,
    sums.status,
    sums.is_latest_period,
    sums.standard,
    sums.standard_words,
    sums.target,
    sums.target_words
FROM sums
JOIN metrics USING (metric_id)
JOIN metric_bases USING (basis)
