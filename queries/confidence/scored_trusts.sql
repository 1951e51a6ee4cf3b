/*
title = "Trusts whose place can be examined"
description = "Each trust in each quarter for which everything is held that its place is made of: metric scores, the average, the override and the cuts between segments. Confidence in a league position is computed for these and for no others."
grain = ["quarter", "trust_code"]

[columns]
quarter = { meaning = "Financial quarter" }
trust_code = { meaning = "Organisation code" }
trust_name = { meaning = "Name" }
trust_type = { meaning = "Trust type: the league table" }
average_score = { unit = "score", decimals = 2, meaning = "Average metric score as published" }
adjusted_segment = { unit = "segment", meaning = "Segment as published" }
league_rank = { unit = "rank", meaning = "League rank as published" }
override_applies = { meaning = "Whether the financial override applies" }
held_at = { unit = "segment", meaning = "Best segment the trust can have: 1, or the one at which the override holds it" }
trusts_in_table = { unit = "count", meaning = "Trusts in the published table" }
trusts_examined = { unit = "count", meaning = "Trusts of the table in this cell" }
table_is_whole = { meaning = "Whether every trust of the table is here, so that its ranks can be examined" }
cuts = { meaning = "Cuts after segments 1, 2 and 3: the middle of the bracket where only a bracket is known" }
cuts_from = { meaning = "Where the cuts come from" }
is_latest_for_type = { meaning = "Whether this is the latest quarter held for the trust type" }

[[tests]]
check = "not_null"
columns = ["average_score", "held_at", "cuts", "trust_type", "league_rank"]

[[tests]]
check = "sql"
name = "a table never has more trusts examined than were published"
where = "trusts_examined > trusts_in_table"
*/
WITH rules AS (
    SELECT * FROM framework_years WHERE framework_year = (SELECT framework_year FROM parameters)
),

cuts_of_quarter AS (
    SELECT
        quarter,
        -- A bracketed cut may lie anywhere in its bracket; its middle favours neither segment.
        list(
            CAST(CASE WHEN cut_basis LIKE 'bracket%' THEN (bracket_low + bracket_high) / 2 ELSE cut END AS DOUBLE)
            ORDER BY boundary
        ) AS cuts,
        min(cut_basis) AS cuts_from
    FROM segment_cuts
    WHERE domain = 'All metrics'
    GROUP BY quarter
    HAVING count(cut) = count(*) AND count(bracket_high) = count(*) AND NOT bool_or(is_contradicted)
),

trusts_with_scores AS (
    SELECT DISTINCT quarter, trust_code
    FROM metric_scores
    WHERE published_score IS NOT NULL AND unrounded_score IS NOT NULL AND weight_thirds > 0
),

examined AS (
    SELECT
        league_positions.*,
        cuts,
        cuts_from,
        CASE WHEN override_applies THEN rules.override_holds_at ELSE rules.best_segment END AS held_at,
        count(*) OVER (PARTITION BY quarter, trust_type) AS trusts_examined
    FROM league_positions
    JOIN trusts_with_scores USING (quarter, trust_code)
    JOIN cuts_of_quarter USING (quarter)
    CROSS JOIN rules
    WHERE average_score IS NOT NULL AND override_applies IS NOT NULL AND league_rank IS NOT NULL
)

SELECT
    quarter,
    trust_code,
    trust_name,
    trust_type,
    average_score,
    adjusted_segment,
    league_rank,
    override_applies,
    CAST(held_at AS INTEGER) AS held_at,
    trusts_in_table,
    trusts_examined,
    trusts_examined = trusts_in_table AS table_is_whole,
    cuts,
    cuts_from,
    is_latest_for_type
FROM examined
