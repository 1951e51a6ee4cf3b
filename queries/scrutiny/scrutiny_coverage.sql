/*
title = "What is held of each table"
description = "One row for each trust type and quarter in the files: how many trusts of the published table are held, from which kind of file, and what of each is there: metric scores, the override, the published likely ranges. Confidence is computed only where the whole table and everything that its places are made of is held."
grain = ["trust_type", "quarter"]

[columns]
trust_type = { meaning = "Trust type: the league table" }
quarter = { meaning = "Financial quarter" }
type_order = { unit = "count", meaning = "Order of the trust type on the page" }
quarter_order = { unit = "count", meaning = "Order of the quarter in time" }
trusts_held = { unit = "count", meaning = "Trusts of the table that these files hold" }
trusts_in_table = { unit = "count", meaning = "Trusts in the published table" }
table_is_complete = { meaning = "Whether every trust of the table is held" }
held_from = { meaning = "Official file, or an extract of it made by others" }
with_scores = { unit = "count", meaning = "Trusts whose metric scores, average, override and cuts are all held" }
with_override = { unit = "count", meaning = "Trusts whose override flag is published in these files" }
with_ranges = { unit = "count", meaning = "Trusts with a published likely range of rank" }
is_latest_for_type = { meaning = "Whether this is the latest quarter held for the trust type" }
is_examined = { meaning = "Whether confidence in the ranks of this table is computed" }

[[tests]]
check = "sql"
name = "no table holds more trusts than were published, nor more parts than trusts"
where = "trusts_held > trusts_in_table OR with_scores > trusts_held OR with_override > trusts_held OR with_ranges > trusts_held"

[[tests]]
check = "sql"
name = "every table whose ranks have confidence sets is said to be examined, and no other of the latest"
query = """
SELECT trust_type, quarter FROM scrutiny_coverage WHERE is_examined AND is_latest_for_type
EXCEPT SELECT trust_type, quarter FROM rank_sets
UNION ALL
(SELECT trust_type, quarter FROM rank_sets
EXCEPT SELECT trust_type, quarter FROM scrutiny_coverage WHERE is_examined)
"""
*/
WITH scored AS (
    SELECT quarter, trust_type, count(*) AS with_scores, bool_and(table_is_whole) AS is_examined
    FROM scored_trusts
    GROUP BY quarter, trust_type
)

SELECT
    positions.trust_type,
    positions.quarter,
    min(framework_trust_types.type_order) AS type_order,
    min(quarters.quarter_order) AS quarter_order,
    count(*) AS trusts_held,
    max(positions.trusts_in_table) AS trusts_in_table,
    bool_and(positions.table_is_complete) AS table_is_complete,
    CASE WHEN bool_and(positions.basis = 'official') THEN 'official file' ELSE 'extract made by others' END AS held_from,
    coalesce(max(scored.with_scores), 0) AS with_scores,
    count(positions.override_applies) AS with_override,
    count(positions.rank_range_low) AS with_ranges,
    bool_or(positions.is_latest_for_type) AS is_latest_for_type,
    coalesce(bool_and(scored.is_examined), FALSE) AS is_examined
FROM league_positions AS positions
JOIN quarters USING (quarter)
LEFT JOIN framework_trust_types
    ON framework_trust_types.trust_type = positions.trust_type
    AND framework_trust_types.framework_year = (SELECT framework_year FROM parameters)
LEFT JOIN scored ON scored.quarter = positions.quarter AND scored.trust_type = positions.trust_type
GROUP BY positions.trust_type, positions.quarter
ORDER BY type_order NULLS LAST, positions.trust_type, quarter_order, positions.quarter
