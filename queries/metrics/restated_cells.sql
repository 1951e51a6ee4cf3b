/*
title = "Restated cells of the emergency department files"
description = "Each number that differs between the file first published and the revised one, provider by provider, with the printed England totals apart. A number that only one of the files has belongs to a provider that the other leaves out."
grain = ["period", "org_code", "measure"]

[columns]
period = { meaning = "First day of the month" }
org_code = { meaning = "Organisation code" }
org_name = { meaning = "Name of the organisation" }
measure = { meaning = "Column of the published file" }
first_value = { unit = "count", meaning = "As first published; missing where the file has no such row" }
revised_value = { unit = "count", meaning = "As revised; missing where the file has no such row" }
change = { unit = "count", meaning = "Revised less first, a missing row counting as nothing" }
is_added = { meaning = "Whether the whole row was added or dropped, rather than a number changed" }
first_file = { meaning = "File first published" }
revised_file = { meaning = "Revised file" }
restated_on = { meaning = "Day of the revision, as printed in the file" }
since_previous_edition = { meaning = "Whether it became known after the day of the edition before" }
*/
SELECT
    ae_restatements.period,
    ae_restatements.org_code,
    organisations.org_name,
    ae_restatements.measure,
    ae_restatements.first_value,
    ae_restatements.revised_value,
    coalesce(ae_restatements.revised_value, 0) - coalesce(ae_restatements.first_value, 0) AS change,
    ae_restatements.first_value IS NULL OR ae_restatements.revised_value IS NULL AS is_added,
    ae_restatements.first_file,
    ae_restatements.revised_file,
    revised.known_from AS restated_on,
    revised.known_from > as_of.previous_as_of AND revised.known_from <= as_of.as_of AS since_previous_edition
FROM ae_restatements
LEFT JOIN (SELECT period, max(known_from) AS known_from FROM ae_versions GROUP BY period) AS revised USING (period)
LEFT JOIN organisations USING (org_code)
CROSS JOIN as_of
WHERE NOT ae_restatements.is_england_total
