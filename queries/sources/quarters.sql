/*
title = "Quarters"
description = "Every quarter for which a league position is published, in order of time, with the quarter before it."
grain = ["quarter"]

[columns]
quarter = { meaning = "Financial quarter" }
quarter_order = { unit = "count", meaning = "Number that puts quarters in order of time" }
financial_year = { meaning = "Financial year" }
is_framework_year = { meaning = "Whether the quarter belongs to the framework year of this book" }
is_latest = { meaning = "Whether this is the latest quarter of all" }
previous_quarter = { meaning = "The quarter before, where it is in the files" }

[[tests]]
check = "unique"
columns = ["quarter_order"]

[[tests]]
check = "rows"
min = 1
*/
WITH published AS (
    SELECT quarter FROM nof_data
    UNION
    SELECT quarter FROM nof_league
    UNION
    SELECT quarter FROM nof_extract_metrics
),

numbered AS (
    -- "Q3 2025/26": the year the financial year starts in, and the quarter's number.
    SELECT
        quarter,
        substr(quarter, 4) AS financial_year,
        4 * CAST(substr(quarter, 4, 4) AS BIGINT) + CAST(substr(quarter, 2, 1) AS BIGINT) AS quarter_order
    FROM published
)

SELECT
    this.quarter,
    this.quarter_order,
    this.financial_year,
    this.financial_year = (SELECT framework_year FROM parameters) AS is_framework_year,
    this.quarter_order = (SELECT max(quarter_order) FROM numbered) AS is_latest,
    before.quarter AS previous_quarter
FROM numbered AS this
LEFT JOIN numbered AS before ON before.quarter_order = this.quarter_order - 1
ORDER BY this.quarter_order
