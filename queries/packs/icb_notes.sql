/*
title = "Integrated care boards"
description = "What the framework does with integrated care boards in each framework year, from the configuration, and why no board has a figure here."
grain = ["framework_year"]

[columns]
framework_year = { meaning = "Framework year" }
is_this_year = { meaning = "Whether this is the framework year of the book" }
icbs_scored = { meaning = "Whether boards are scored" }
icbs_segmented = { meaning = "Whether boards are segmented" }
icbs_ranked = { meaning = "Whether boards are ranked; missing where not known" }
explanation = { meaning = "The explanation printed in the packs" }
boards_named = { unit = "count", meaning = "Boards to which trusts of this book belonged in 2025" }

[[tests]]
check = "not_null"
columns = ["explanation"]

[[tests]]
check = "sql"
name = "exactly one year is this year"
query = "SELECT count(*) FROM icb_notes WHERE is_this_year HAVING count(*) <> 1"
*/
SELECT
    framework_year,
    framework_year = (SELECT framework_year FROM parameters) AS is_this_year,
    icbs_scored,
    icbs_segmented,
    icbs_ranked,
    icb_explanation AS explanation,
    (SELECT count(DISTINCT icb_code) FROM trusts) AS boards_named
FROM framework_years
