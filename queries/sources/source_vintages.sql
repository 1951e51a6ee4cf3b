/*
title = "Since when each source is known"
description = "The status of each source that has a file, and the day from which it counts as known: the vintage of its contract. Where the files print dates of their own, those are used instead of this one."
grain = ["source"]

[columns]
source = { meaning = "Source" }
status = { meaning = "Status of the source" }
known_from = { meaning = "Vintage of the contract, or the edition's date where it has none" }
known_from_basis = { meaning = "How that day is known" }

[[tests]]
check = "not_null"
columns = ["status", "known_from"]
*/
SELECT
    source,
    min(status) AS status,
    coalesce(max(vintage), (SELECT edition_date FROM parameters)) AS known_from,
    'day of this copy' AS known_from_basis
FROM source_files
GROUP BY source
