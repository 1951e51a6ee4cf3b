/*
title = "Restated figures"
description = "Every figure of which two versions are held: what it was, what it became, when, and whether the movement is one that a reader would notice. A restatement after the day of the edition before is marked: it is news to whoever read that edition."
grain = ["metric_id", "org_code", "period", "basis", "version"]

[columns]
metric_id = { meaning = "Metric" }
metric_name = { meaning = "Name of the metric" }
org_code = { meaning = "Organisation code" }
org_name = { meaning = "Name of the organisation" }
has_pack = { meaning = "Whether a board pack is made for the organisation" }
period = { meaning = "Period restated" }
basis = { meaning = "On what basis the counts stand" }
version = { unit = "count", meaning = "The version that replaced the one before" }
known_before = { meaning = "Day from which the earlier version was known" }
restated_on = { meaning = "Day from which the later version was known" }
numerator_before = { unit = "count", decimals = 1, meaning = "Numerator before" }
denominator_before = { unit = "count", decimals = 1, meaning = "Denominator before" }
numerator_after = { unit = "count", decimals = 1, meaning = "Numerator after" }
denominator_after = { unit = "count", decimals = 1, meaning = "Denominator after" }
source_before = { meaning = "Source that holds the earlier version" }
source_after = { meaning = "Source that holds the later version" }
value_before = { unit = "value", decimals = 4, meaning = "Value before" }
value_after = { unit = "value", decimals = 4, meaning = "Value after" }
change = { unit = "value", decimals = 4, meaning = "Value after less value before" }
decimals = { meaning = "Decimals of the shown number" }
unit_suffix = { meaning = "What stands after the shown number" }
scale = { meaning = "Shown number for a value of 1" }
changes_a_sentence = { meaning = "Whether the value moved by more than the metric's change_matters: 0.1 points for a percentage" }
since_previous_edition = { meaning = "Whether it became known after the day of the edition before" }
is_known = { meaning = "Whether it was known on the day of as_of" }

[[tests]]
check = "sql"
name = "a restatement comes after what it restates"
where = "restated_on <= known_before"

[[tests]]
check = "sql"
name = "the current figure is the restated one, and no earlier one is lost"
query = """
SELECT restatements.metric_id, restatements.org_code, restatements.period
FROM restatements
LEFT JOIN metric_current USING (metric_id, org_code, period, basis)
WHERE restatements.is_known AND metric_current.version IS DISTINCT FROM restatements.version
    AND NOT coalesce(metric_current.version > restatements.version, FALSE)
"""
*/
SELECT
    later.metric_id,
    metrics.metric_name,
    later.org_code,
    organisations.org_name,
    organisations.has_pack,
    later.period,
    later.basis,
    later.version,
    earlier.known_from AS known_before,
    later.known_from AS restated_on,
    earlier.numerator AS numerator_before,
    earlier.denominator AS denominator_before,
    later.numerator AS numerator_after,
    later.denominator AS denominator_after,
    earlier.source AS source_before,
    later.source AS source_after,
    CASE WHEN metrics.kind = 'count' THEN earlier.numerator ELSE earlier.numerator / earlier.denominator END AS value_before,
    CASE WHEN metrics.kind = 'count' THEN later.numerator ELSE later.numerator / later.denominator END AS value_after,
    value_after - value_before AS change,
    metrics.decimals,
    metrics.unit_suffix,
    metrics.scale,
    -- A figure that appears or goes changes a sentence; so does one that moves far enough.
    (value_before IS NULL) <> (value_after IS NULL) OR coalesce(abs(change) > metrics.change_matters, FALSE)
        AS changes_a_sentence,
    later.known_from > as_of.previous_as_of AND later.known_from <= as_of.as_of AS since_previous_edition,
    later.known_from <= as_of.as_of AS is_known
FROM metric_counts AS later
JOIN metric_counts AS earlier
    ON earlier.metric_id = later.metric_id
    AND earlier.org_code = later.org_code
    AND earlier.period = later.period
    AND earlier.basis = later.basis
    AND earlier.version = later.version - 1
JOIN metrics ON metrics.metric_id = later.metric_id
JOIN organisations ON organisations.org_code = later.org_code
CROSS JOIN as_of
