/*
title = "Top lines"
description = "One row with the numbers behind the five top lines of the briefing: positions, the override, movement, productivity, and how far the published figures were reproduced. Figures of one trust type are in the national summary."
grain = ["framework_year"]

[columns]
framework_year = { meaning = "Framework year" }
latest_quarter = { meaning = "Latest quarter of all" }
trusts = { unit = "count", meaning = "Trusts with an oversight record" }
trusts_in_latest_quarter = { unit = "count", meaning = "Trusts with a record in the latest quarter" }
trusts_in_tables = { unit = "count", meaning = "Trusts in the published tables" }
official_trusts = { unit = "count", meaning = "Trusts whose latest record comes from an official file" }
segment_1 = { unit = "count", meaning = "Trusts in segment 1, each in the latest quarter of its type" }
segment_2 = { unit = "count", meaning = "Trusts in segment 2" }
segment_3 = { unit = "count", meaning = "Trusts in segment 3" }
segment_4 = { unit = "count", meaning = "Trusts in segment 4" }
held_by_override = { unit = "count", meaning = "Trusts held in a worse segment than their score gives" }
held_published = { unit = "count", meaning = "Trusts held in a worse segment whose override is published" }
held_inferred = { unit = "count", meaning = "Trusts held in a worse segment whose override is inferred" }
moved_trusts = { unit = "count", meaning = "Trusts with two quarters to compare" }
changed_segment = { unit = "count", meaning = "Trusts that changed segment between the two latest quarters" }
moved_ten_places = { unit = "count", meaning = "Trusts that moved ten places or more" }
moved_ten_share = { unit = "fraction", decimals = 0, meaning = "Share of the trusts that moved ten places or more" }
ranges_published = { unit = "count", meaning = "Trusts with a published likely range of the rank" }
wide_ranges = { unit = "count", meaning = "Trusts whose likely range covers at least half of the table" }
productivity_trusts = { unit = "count", meaning = "Trusts with a productivity growth figure" }
productivity_median = { unit = "fraction", decimals = 1, meaning = "Median productivity growth" }
productivity_period = { meaning = "Period of the productivity growth figures" }
productivity_correlation = { unit = "correlation", decimals = 2, meaning = "Correlation between one period's growth and the next" }
figures_compared = { unit = "count", meaning = "Published figures recomputed" }
figures_exact = { unit = "count", meaning = "Exactly reproduced" }
figures_within_rounding = { unit = "count", meaning = "Reproduced as far as the rounding of the inputs allows" }
figures_different = { unit = "count", meaning = "Not reproduced" }

[[tests]]
check = "rows"
min = 1
max = 1
*/
WITH positions AS (
    SELECT
        count(*) FILTER (adjusted_segment = 1) AS segment_1,
        count(*) FILTER (adjusted_segment = 2) AS segment_2,
        count(*) FILTER (adjusted_segment = 3) AS segment_3,
        count(*) FILTER (adjusted_segment = 4) AS segment_4
    FROM peers
),

held AS (
    SELECT
        count(*) AS held_by_override,
        count(*) FILTER (override_known_from = 'published') AS held_published,
        count(*) FILTER (override_known_from = 'inferred') AS held_inferred
    FROM override_held
),

records AS (
    SELECT
        count(*) AS trusts,
        count(*) FILTER (is_latest_quarter) AS trusts_in_latest_quarter,
        count(*) FILTER (latest_basis = 'official') AS official_trusts
    FROM trusts
),

tables AS (
    SELECT
        CAST(sum(trusts_in_table) AS BIGINT) AS trusts_in_tables,
        CAST(sum(ranges_published) AS BIGINT) AS ranges_published,
        CAST(sum(wide_ranges) AS BIGINT) AS wide_ranges
    FROM national_summary
),

moves AS (
    SELECT
        CAST(sum(trusts) AS BIGINT) AS moved_trusts,
        CAST(sum(better_segment + worse_segment) AS BIGINT) AS changed_segment,
        CAST(sum(ten_or_more) AS BIGINT) AS moved_ten_places
    FROM movement_summary
    WHERE is_latest_for_type
),

reproduced AS (
    SELECT
        CAST(sum(compared) AS BIGINT) AS figures_compared,
        CAST(sum(exact) AS BIGINT) AS figures_exact,
        CAST(sum(within_rounding) AS BIGINT) AS figures_within_rounding,
        CAST(sum(different) AS BIGINT) AS figures_different
    FROM reconciliation_totals
)

SELECT
    parameters.framework_year,
    (SELECT quarter FROM quarters WHERE is_latest) AS latest_quarter,
    trusts,
    trusts_in_latest_quarter,
    trusts_in_tables,
    official_trusts,
    segment_1,
    segment_2,
    segment_3,
    segment_4,
    held_by_override,
    held_published,
    held_inferred,
    moved_trusts,
    changed_segment,
    moved_ten_places,
    moved_ten_places / nullif(moved_trusts, 0) AS moved_ten_share,
    ranges_published,
    wide_ranges,
    (SELECT max(trusts) FROM productivity_summary) AS productivity_trusts,
    (SELECT max(median) FROM productivity_summary) AS productivity_median,
    parameters.productivity_period,
    (SELECT max(correlation) FROM productivity_summary) AS productivity_correlation,
    figures_compared,
    figures_exact,
    figures_within_rounding,
    figures_different
FROM parameters, positions, held, records, tables, moves, reproduced
