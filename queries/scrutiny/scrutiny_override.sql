/*
title = "What the override does, and how surely it is counted"
description = "For the latest quarter of each type: how many trusts the financial override applies to, how many it holds in a worse segment than their score gives, and where those would otherwise be. Where the flag is not in the files it is inferred, and a score that falls where the boundary is known only as a range leaves the count open: the least and the most are given. Trusts of the table that are not held at all are counted beside them."
grain = ["trust_type"]

[columns]
trust_type = { meaning = "Trust type" }
quarter = { meaning = "Latest quarter of the trust type" }
type_order = { unit = "count", meaning = "Order of the trust type on the page" }
trusts_held = { unit = "count", meaning = "Trusts in these files" }
trusts_not_held = { unit = "count", meaning = "Trusts of the table that are not in these files" }
flag_is_published = { meaning = "Whether the override flag is in the files" }
flagged = { unit = "count", meaning = "Trusts to which the override applies; missing where the flag is not in the files" }
held_least = { unit = "count", meaning = "Trusts that the override holds in a worse segment, at the least" }
held_most = { unit = "count", meaning = "Trusts that the override holds in a worse segment, at the most, among the trusts in these files" }
otherwise_1 = { unit = "count", meaning = "Of the least, how many are in segment 1 on score alone" }
otherwise_2 = { unit = "count", meaning = "Of the least, how many are in segment 2 on score alone" }
in_held_segment = { unit = "count", meaning = "Trusts in the segment at which the override holds" }
held_at = { unit = "segment", meaning = "The segment at which the override holds" }
boundary_low = { unit = "score", decimals = 2, meaning = "Low end of the range in which the boundary to the better segments lies" }
boundary_high = { unit = "score", decimals = 2, meaning = "High end of that range" }
others_moved = { unit = "count", meaning = "Trusts not held whose rank the override changes; missing where the table is not examined" }
largest_gain_of_others = { unit = "places", meaning = "Most places that a trust not held owes to the override" }
largest_loss_of_held = { unit = "places", meaning = "Most places that a held trust loses by the override" }

[[tests]]
check = "sql"
name = "the least is no more than the most, and its parts add up"
where = "held_least > held_most OR otherwise_1 + otherwise_2 <> held_least OR held_most > in_held_segment"

[[tests]]
check = "sql"
name = "where the flag is published nothing is left open"
where = "flag_is_published AND (held_least <> held_most OR held_least > flagged)"

[[tests]]
check = "sql"
name = "the least is the number that the other packs give"
query = """
SELECT trust_type FROM scrutiny_override JOIN national_summary USING (trust_type) WHERE held_least <> held_by_override
"""
*/
WITH rules AS (
    SELECT * FROM framework_years WHERE framework_year = (SELECT framework_year FROM parameters)
),

boundaries AS (
    SELECT quarter, bracket_low, bracket_high
    FROM segment_cuts
    JOIN rules ON boundary = override_holds_at - 1
    WHERE domain = 'All metrics'
),

without_override AS (
    SELECT
        trust_type,
        quarter,
        count(*) FILTER (NOT held AND places_up <> 0) AS others_moved,
        -- A place gained without the override is a place lost by it.
        max(-places_up) FILTER (NOT held) AS largest_gain_of_others,
        max(places_up) FILTER (held) AS largest_loss_of_held
    FROM (
        SELECT method_ranks.*, coalesce(held_by_override, FALSE) AS held
        FROM method_ranks
        JOIN segments USING (quarter, trust_code)
        WHERE kind = 'no override'
    )
    GROUP BY trust_type, quarter
)

SELECT
    positions.trust_type,
    positions.quarter,
    min(framework_trust_types.type_order) AS type_order,
    count(*) AS trusts_held,
    max(positions.trusts_in_table) - count(*) AS trusts_not_held,
    count(segments.override_applies) = count(*) AS flag_is_published,
    CASE WHEN count(segments.override_applies) = count(*) THEN count(*) FILTER (segments.override_applies) END AS flagged,
    count(*) FILTER (segments.held_by_override) AS held_least,
    count(*) FILTER (
        segments.held_by_override
        OR (
            segments.override_applies IS NULL
            AND positions.adjusted_segment = rules.override_holds_at
            AND positions.average_score < boundaries.bracket_high
        )
    ) AS held_most,
    count(*) FILTER (segments.held_by_override AND coalesce(published_unadjusted_segment, segments.segment_by_score) = 1) AS otherwise_1,
    count(*) FILTER (segments.held_by_override AND coalesce(published_unadjusted_segment, segments.segment_by_score) = 2) AS otherwise_2,
    count(*) FILTER (positions.adjusted_segment = rules.override_holds_at) AS in_held_segment,
    min(rules.override_holds_at) AS held_at,
    min(boundaries.bracket_low) AS boundary_low,
    min(boundaries.bracket_high) AS boundary_high,
    max(others_moved) AS others_moved,
    max(largest_gain_of_others) AS largest_gain_of_others,
    max(largest_loss_of_held) AS largest_loss_of_held
FROM league_positions AS positions
JOIN segments USING (quarter, trust_code)
CROSS JOIN rules
LEFT JOIN boundaries USING (quarter)
LEFT JOIN without_override ON without_override.trust_type = positions.trust_type AND without_override.quarter = positions.quarter
LEFT JOIN framework_trust_types
    ON framework_trust_types.trust_type = positions.trust_type
    AND framework_trust_types.framework_year = (SELECT framework_year FROM parameters)
WHERE positions.is_latest_for_type
GROUP BY positions.trust_type, positions.quarter
ORDER BY type_order NULLS LAST, positions.trust_type
