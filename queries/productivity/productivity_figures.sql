/*
title = "Productivity figures and their vintages"
description = "Which published figure covers which period, on which base, in which vintage and with which status, and whether it counts as known for this edition. A later vintage is a row of its own and replaces nothing."
grain = ["figure"]

[columns]
figure = { meaning = "Which figure: year, next or later" }
period = { meaning = "Period" }
base = { meaning = "Base: the period it is compared with" }
months = { unit = "count", meaning = "Months in the period" }
period_from = { meaning = "First day of the period" }
period_to = { meaning = "Last day of the period" }
base_from = { meaning = "First day of the base" }
base_to = { meaning = "Last day of the base" }
published_in = { meaning = "Where the figure is published" }
vintage = { meaning = "When this version was published" }
known_from = { meaning = "Day from which the figure counts as known" }
is_known = { meaning = "Whether it was known on the day of this edition" }
status = { meaning = "Status of this version; demonstration where the data are" }
period_note = { meaning = "What is not settled about the period" }

[[tests]]
check = "not_null"
columns = ["period", "base", "months", "published_in", "vintage", "known_from", "status"]

[[tests]]
check = "sql"
name = "a period comes after its base, is as long, and was not published before it ended"
where = "period_from <= base_to OR date_diff('month', period_from, period_to) <> date_diff('month', base_from, base_to) OR months <> date_diff('month', period_from, period_to) + 1 OR known_from < period_to"

[[tests]]
check = "accepted"
column = "status"
values = ["published", "provisional", "revised", "final", "management information", "demonstration"]
*/
WITH held AS (
    SELECT count(*) FILTER (status = 'demonstration') > 0 AS is_demonstration
    FROM source_files
    WHERE source = 'trust_productivity'
)

SELECT
    figure,
    period,
    base,
    months,
    period_from,
    period_to,
    base_from,
    base_to,
    published_in,
    vintage,
    known_from,
    known_from <= as_of AS is_known,
    CASE WHEN is_demonstration THEN 'demonstration' ELSE status END AS status,
    period_note
FROM productivity_periods
CROSS JOIN held
CROSS JOIN as_of
ORDER BY period_to
