/*
title = "Cut points between segments"
description = "Where one segment ends and the next begins, by quarter, for the average of all metrics and for each domain. A year with thresholds uses them. A year with quartiles uses the quartiles of all trust types together where the official files of every type are there; otherwise the cut is bracketed by the published segments: it lies between the highest score in the better segment and the lowest score in the worse one."
grain = ["quarter", "domain", "boundary"]

[columns]
quarter = { meaning = "Financial quarter" }
domain = { meaning = "Framework domain, or 'All metrics' for the average metric score" }
boundary = { unit = "segment", meaning = "The better of the two segments that meet at the cut" }
trusts = { unit = "count", meaning = "Trusts whose published score and segment were used" }
bracket_low = { unit = "score", decimals = 2, meaning = "Highest published score in the better segment or above it" }
bracket_high = { unit = "score", decimals = 2, meaning = "Lowest published score in a worse segment" }
pooled_quartile = { unit = "score", decimals = 4, meaning = "Quartile of all trusts in the official files; only where every trust type is there" }
threshold = { unit = "score", decimals = 2, meaning = "Threshold set for the framework year" }
cut = { unit = "score", decimals = 4, meaning = "Highest score that belongs to the better segment, as used in this book" }
cut_basis = { meaning = "Where the cut comes from" }
is_contradicted = { meaning = "Whether no single cut can explain the published segments" }

[[tests]]
check = "sql"
name = "one cut for all trust types explains every published segment"
where = "is_contradicted"
severity = "warn"

[[tests]]
check = "sql"
name = "a pooled quartile lies inside the bracket of the published segments"
where = "cut_basis = 'quartile of all trusts' AND (pooled_quartile < bracket_low OR pooled_quartile >= bracket_high)"
severity = "warn"

[[tests]]
check = "sql"
name = "cuts rise from segment to segment"
query = """
SELECT better.*
FROM segment_cuts AS better
JOIN segment_cuts AS worse
    ON worse.quarter = better.quarter AND worse.domain = better.domain AND worse.boundary = better.boundary + 1
WHERE worse.cut < better.cut
"""
*/
WITH rules AS (
    SELECT framework_years.*
    FROM framework_years
    WHERE framework_year = (SELECT framework_year FROM parameters)
),

boundaries AS (
    SELECT unnest(range(best_segment, worst_segment)) AS boundary
    FROM rules
),

scored AS (
    SELECT quarter, trust_code, domain, published_score AS score, published_segment AS segment, 'as published' AS known
    FROM domain_scores
    WHERE published_score IS NOT NULL AND published_segment IS NOT NULL
    UNION ALL
    -- Where only the adjusted segment is published, the segment the override holds trusts at says no more than "at most".
    SELECT
        quarter,
        trust_code,
        'All metrics',
        average_score,
        coalesce(unadjusted_segment, adjusted_segment),
        CASE
            WHEN unadjusted_segment IS NULL AND adjusted_segment = override_holds_at THEN 'at most'
            ELSE 'as published'
        END
    FROM published_positions, rules
    WHERE average_score IS NOT NULL AND adjusted_segment IS NOT NULL
),

brackets AS (
    SELECT
        quarter,
        domain,
        boundary,
        count(*) AS trusts,
        max(score) FILTER (segment <= boundary) AS bracket_low,
        min(score) FILTER (segment > boundary AND known = 'as published') AS bracket_high
    FROM scored, boundaries
    GROUP BY quarter, domain, boundary
),

types_held AS (
    -- Quarters in which the official files hold every trust type of the pool.
    SELECT quarter
    FROM trust_quarters
    JOIN framework_trust_types USING (trust_type)
    WHERE basis = 'official' AND framework_year = (SELECT framework_year FROM parameters)
    GROUP BY quarter
    HAVING count(DISTINCT trust_type) = (
        SELECT count(*) FROM framework_trust_types WHERE framework_year = (SELECT framework_year FROM parameters)
    )
),

quartiles AS (
    SELECT
        quarter,
        domain,
        quantile_cont(CAST(score AS DECIMAL(18, 6)), [0.25, 0.5, 0.75]) AS quartile
    FROM scored
    JOIN types_held USING (quarter)
    GROUP BY quarter, domain
)

SELECT
    brackets.quarter,
    brackets.domain,
    brackets.boundary,
    brackets.trusts,
    brackets.bracket_low,
    brackets.bracket_high,
    quartiles.quartile[brackets.boundary] AS pooled_quartile,
    -- Text in candour.toml, because a threshold may be "not published".
    TRY_CAST(segment_thresholds.threshold AS DECIMAL(18, 6)) AS threshold,
    CASE
        WHEN rules.segment_rule = 'thresholds' THEN TRY_CAST(segment_thresholds.threshold AS DECIMAL(18, 6))
        WHEN quartiles.quartile IS NOT NULL THEN quartiles.quartile[brackets.boundary]
        ELSE CAST(brackets.bracket_low AS DECIMAL(18, 6))
    END AS cut,
    CASE
        WHEN rules.segment_rule = 'thresholds' THEN 'threshold of the framework year'
        WHEN quartiles.quartile IS NOT NULL THEN 'quartile of all trusts'
        ELSE 'bracket of the published segments'
    END AS cut_basis,
    coalesce(brackets.bracket_low > brackets.bracket_high, FALSE) AS is_contradicted
FROM brackets
CROSS JOIN rules
LEFT JOIN quartiles USING (quarter, domain)
LEFT JOIN segment_thresholds
    ON segment_thresholds.framework_year = rules.framework_year
    AND segment_thresholds.domain = brackets.domain
    AND segment_thresholds.boundary = brackets.boundary
