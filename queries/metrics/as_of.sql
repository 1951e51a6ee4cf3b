/*
title = "As of"
description = "The day up to which figures count as known, and that day in the edition before. Everything that depends on what was known reads it here."
grain = ["as_of"]

[columns]
as_of = { meaning = "Figures known after this day are not used" }
previous_as_of = { meaning = "Day after which figures were not used in the edition before" }

[[tests]]
check = "rows"
min = 1
max = 1

[[tests]]
check = "sql"
name = "the edition before came before"
where = "previous_as_of >= as_of"
severity = "warn"
*/
SELECT
    as_of,
    previous_edition_date AS previous_as_of
FROM parameters
