/*
title = "Segments"
description = "From the average score to the segment in the league table: the segment by cut point, the financial override, the adjusted segment, each recomputed beside what is published. A trust is held by the override when its score alone would place it in a better segment."
grain = ["quarter", "trust_code"]

[columns]
quarter = { meaning = "Financial quarter" }
trust_code = { meaning = "Organisation code" }
trust_name = { meaning = "Name" }
trust_type = { meaning = "Trust type" }
trust_subtype = { meaning = "Trust subtype" }
region = { meaning = "NHS England region" }
average_score = { unit = "score", decimals = 2, meaning = "Average metric score as published" }
segment_by_score = { unit = "segment", meaning = "Segment by the cut points, before any override" }
published_unadjusted_segment = { unit = "segment", meaning = "Segment before the override, as published" }
override_applies = { meaning = "Whether the financial override applies, as published; missing where not published" }
recomputed_adjusted_segment = { unit = "segment", meaning = "The published unadjusted segment with the override applied" }
adjusted_from_score = { unit = "segment", meaning = "The segment by score with the override applied" }
adjusted_segment = { unit = "segment", meaning = "Adjusted segment as published: the one in the league table" }
held_by_override = { meaning = "Whether the override holds the trust in a worse segment than its score gives" }
override_known_from = { meaning = "Whether the override is published or inferred from the segment and the score" }
final_segment = { unit = "segment", meaning = "Segment after regional decisions, where published" }
in_recovery_support = { meaning = "Whether the trust was in the Recovery Support Programme, where published" }
basis = { meaning = "Which file the position comes from" }

[[tests]]
check = "sql"
name = "the override gives every published adjusted segment"
where = "recomputed_adjusted_segment <> adjusted_segment"
severity = "warn"

[[tests]]
check = "sql"
name = "the cut points give every published segment"
where = "segment_by_score <> published_unadjusted_segment"
severity = "warn"

[[tests]]
check = "range"
column = "adjusted_segment"
min = 1
max = 5
*/
WITH rules AS (
    SELECT * FROM framework_years WHERE framework_year = (SELECT framework_year FROM parameters)
),

by_score AS (
    SELECT
        quarter,
        trust_code,
        CASE
            WHEN count(cut) = count(*) THEN min(rules.best_segment) + count(*) FILTER (average_score > cut)
        END AS segment_by_score
    FROM published_positions
    JOIN segment_cuts USING (quarter)
    CROSS JOIN rules
    WHERE segment_cuts.domain = 'All metrics' AND average_score IS NOT NULL
    GROUP BY quarter, trust_code
),

adjusted AS (
    SELECT
        published_positions.*,
        segment_by_score,
        rules.override_holds_at,
        CASE
            WHEN override_applies THEN greatest(unadjusted_segment, override_holds_at)
            WHEN NOT override_applies THEN unadjusted_segment
        END AS recomputed_adjusted_segment,
        CASE
            WHEN override_applies THEN greatest(segment_by_score, override_holds_at)
            WHEN NOT override_applies THEN segment_by_score
        END AS adjusted_from_score
    FROM published_positions
    CROSS JOIN rules
    LEFT JOIN by_score USING (quarter, trust_code)
)

SELECT
    quarter,
    trust_code,
    trust_name,
    trust_type,
    trust_subtype,
    region,
    average_score,
    segment_by_score,
    unadjusted_segment AS published_unadjusted_segment,
    override_applies,
    recomputed_adjusted_segment,
    adjusted_from_score,
    adjusted_segment,
    CASE
        WHEN override_applies IS NOT NULL
            THEN override_applies AND coalesce(unadjusted_segment, segment_by_score) < override_holds_at
        ELSE adjusted_segment = override_holds_at AND segment_by_score < override_holds_at
    END AS held_by_override,
    CASE
        WHEN override_applies IS NOT NULL THEN 'published'
        WHEN adjusted_segment = override_holds_at AND segment_by_score < override_holds_at THEN 'inferred'
    END AS override_known_from,
    final_segment,
    in_recovery_support,
    basis
FROM adjusted
