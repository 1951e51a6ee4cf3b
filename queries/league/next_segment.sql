/*
title = "Distance to the next segment"
description = "For each trust in its latest quarter, how far its average score is from the cut of the next better segment and from that of the next worse one, and whether the financial override stands in the way whatever the score."
grain = ["trust_code"]

[columns]
trust_code = { meaning = "Organisation code" }
quarter = { meaning = "Latest quarter of the trust" }
trust_type = { meaning = "Trust type" }
average_score = { unit = "score", decimals = 2, meaning = "Average metric score" }
segment_by_score = { unit = "segment", meaning = "Segment by score, before any override" }
adjusted_segment = { unit = "segment", meaning = "Adjusted segment" }
override_applies = { meaning = "Whether the financial override applies; missing where not published" }
held_by_override = { meaning = "Whether the override holds the trust in a worse segment than its score gives" }
better_segment = { unit = "segment", meaning = "The next better segment by score; missing in the best" }
score_for_better = { unit = "score", decimals = 2, meaning = "Highest average score known to belong to that segment" }
points_to_better = { unit = "score", decimals = 2, meaning = "How far the average score would have to fall to reach it" }
worse_segment = { unit = "segment", meaning = "The next worse segment by score; missing in the worst" }
score_for_worse = { unit = "score", decimals = 2, meaning = "Highest average score that still keeps the trust out of that segment" }
points_to_worse = { unit = "score", decimals = 2, meaning = "How far the average score may rise before the trust leaves its segment" }
cut_basis = { meaning = "Where the cut points come from" }
cut_uncertainty = { unit = "score", decimals = 2, meaning = "Width of the bracket in which the better cut lies, where it is bracketed" }
override_blocks_better = { meaning = "Whether a better score alone would leave the adjusted segment as it is" }

[[tests]]
check = "range"
column = "points_to_worse"
min = 0
severity = "warn"

[[tests]]
check = "sql"
name = "the way to a better segment is not negative"
where = "points_to_better <= 0"
severity = "warn"
*/
WITH rules AS (
    SELECT * FROM framework_years WHERE framework_year = (SELECT framework_year FROM parameters)
),

latest AS (
    SELECT segments.*, coalesce(published_unadjusted_segment, segment_by_score) AS segment_now
    FROM segments
    JOIN trusts ON trusts.trust_code = segments.trust_code AND trusts.latest_quarter = segments.quarter
),

cuts AS (
    -- Average scores have two decimals, so the last one inside a cut is the cut rounded down.
    SELECT *, CAST(floor(cut * 100) / 100 AS DECIMAL(9, 2)) AS last_score
    FROM segment_cuts
    WHERE domain = 'All metrics'
)

SELECT
    latest.trust_code,
    latest.quarter,
    latest.trust_type,
    latest.average_score,
    latest.segment_now AS segment_by_score,
    latest.adjusted_segment,
    latest.override_applies,
    latest.held_by_override,
    better.boundary AS better_segment,
    better.last_score AS score_for_better,
    latest.average_score - better.last_score AS points_to_better,
    worse.boundary + 1 AS worse_segment,
    worse.last_score AS score_for_worse,
    worse.last_score - latest.average_score AS points_to_worse,
    coalesce(better.cut_basis, worse.cut_basis) AS cut_basis,
    CASE
        WHEN better.cut_basis = 'bracket of the published segments' THEN better.bracket_high - better.bracket_low
    END AS cut_uncertainty,
    coalesce(
        latest.override_applies AND latest.adjusted_segment <= rules.override_holds_at,
        latest.held_by_override
    ) AS override_blocks_better
FROM latest
CROSS JOIN rules
LEFT JOIN cuts AS better ON better.quarter = latest.quarter AND better.boundary = latest.segment_now - 1
LEFT JOIN cuts AS worse ON worse.quarter = latest.quarter AND worse.boundary = latest.segment_now
