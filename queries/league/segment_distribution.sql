/*
title = "Segments by type and region"
description = "How many trusts are in each segment, by trust type and region, in the latest quarter of each type. 'All regions' holds the whole of a type."
grain = ["trust_type", "region", "adjusted_segment"]

[columns]
trust_type = { meaning = "Trust type" }
region = { meaning = "NHS England region, or 'All regions'" }
adjusted_segment = { unit = "segment", meaning = "Adjusted segment" }
quarter = { meaning = "Latest quarter of the trust type" }
type_order = { unit = "count", meaning = "Order of the trust type on the page" }
trusts = { unit = "count", meaning = "Trusts in the segment" }
trusts_in_group = { unit = "count", meaning = "Trusts of the type in the region" }
share = { unit = "fraction", decimals = 1, meaning = "Share of those trusts" }
held_by_override = { unit = "count", meaning = "Trusts of the segment held there by the override" }

[[tests]]
check = "range"
column = "share"
min = 0
max = 1
*/
WITH latest AS (
    SELECT * FROM league_positions WHERE is_latest_for_type
),

groups AS (
    SELECT trust_type, region, quarter, trust_code, adjusted_segment, held_by_override FROM latest
    UNION ALL
    SELECT trust_type, 'All regions', quarter, trust_code, adjusted_segment, held_by_override FROM latest
),

rules AS (
    SELECT * FROM framework_years WHERE framework_year = (SELECT framework_year FROM parameters)
),

cells AS (
    -- Every segment appears for every group, so that a count of none is printed as 0 and not left out.
    SELECT DISTINCT
        trust_type,
        region,
        quarter,
        unnest(range(rules.best_segment, rules.worst_segment + 1)) AS adjusted_segment
    FROM groups, rules
),

sizes AS (
    SELECT trust_type, region, count(*) AS trusts_in_group FROM groups GROUP BY trust_type, region
)

SELECT
    cells.trust_type,
    region,
    adjusted_segment,
    cells.quarter,
    framework_trust_types.type_order,
    count(groups.trust_code) AS trusts,
    min(trusts_in_group) AS trusts_in_group,
    count(groups.trust_code) / min(trusts_in_group) AS share,
    count(groups.trust_code) FILTER (groups.held_by_override) AS held_by_override
FROM cells
JOIN sizes USING (trust_type, region)
LEFT JOIN groups USING (trust_type, region, adjusted_segment)
LEFT JOIN framework_trust_types
    ON framework_trust_types.trust_type = cells.trust_type
    AND framework_trust_types.framework_year = (SELECT framework_year FROM parameters)
GROUP BY cells.trust_type, region, adjusted_segment, cells.quarter, framework_trust_types.type_order
ORDER BY framework_trust_types.type_order, cells.trust_type, region <> 'All regions', region, adjusted_segment
