/*
title = "What each other rule would change"
description = "For each other rule by which the same figures could have been ranked, over the trusts of the latest examined table of a type: how far it moves them, and how many would be in another segment or in or out of the worst quarter of the table. None of this is chance. A rule that leaves out a metric says nothing of whether it should be left out."
grain = ["trust_type", "alternative"]

[columns]
trust_type = { meaning = "Trust type" }
quarter = { meaning = "Latest quarter of the trust type" }
alternative = { meaning = "The rule" }
kind = { meaning = "Kind of rule" }
alternative_order = { unit = "count", meaning = "Order on the page" }
choice = { meaning = "Which choice the rule varies" }
choice_order = { unit = "count", meaning = "Order of the choice" }
trusts = { unit = "count", meaning = "Trusts in the table" }
mean_move = { unit = "places", decimals = 1, meaning = "Mean number of places by which the rule moves a trust, up or down" }
largest_move = { unit = "places", meaning = "Most places by which the rule moves a trust" }
moved_ten = { unit = "count", meaning = "Trusts that the rule moves ten places or more" }
other_segment = { unit = "count", meaning = "Trusts that the rule puts in another segment" }
worst_quarter_changed = { unit = "count", meaning = "Trusts of the published worst quarter that the rule takes out of the worst quarter" }
worst_quarter = { unit = "count", meaning = "Trusts in the published worst quarter" }

[[tests]]
check = "sql"
name = "no trust moves further than the table is long, and the mean is no more than the largest"
where = "largest_move >= trusts OR mean_move > largest_move"

[[tests]]
check = "sql"
name = "every other rule of every table is here, and the published rule is not"
query = """
SELECT trust_type, alternative FROM method_ranks WHERE kind <> 'as published'
EXCEPT SELECT trust_type, alternative FROM scrutiny_alternatives
UNION ALL
SELECT trust_type, alternative FROM scrutiny_alternatives WHERE kind = 'as published'
"""
*/
WITH published AS (
    SELECT quarter, trust_code, segment AS published_segment
    FROM method_ranks
    WHERE kind = 'as published'
),

placed AS (
    SELECT
        method_ranks.*,
        published_segment,
        count(*) OVER of_rule AS trusts,
        -- Worst quarter: the last trusts by rank, as many as a quarter of the table; ties at its edge are in it.
        league_rank > count(*) OVER of_rule - count(*) OVER of_rule // 4 AS in_worst_quarter,
        rank > count(*) OVER of_rule - count(*) OVER of_rule // 4 AS in_worst_quarter_here
    FROM method_ranks
    JOIN published USING (quarter, trust_code)
    WINDOW of_rule AS (PARTITION BY quarter, trust_type, alternative)
)

SELECT
    trust_type,
    quarter,
    alternative,
    kind,
    min(alternative_order) AS alternative_order,
    CASE kind
        WHEN 'quartiles within type' THEN 'Segments'
        WHEN 'no override' THEN 'Segments'
        WHEN 'z-scores' THEN 'Scoring'
        WHEN 'values spread' THEN 'Scoring'
        WHEN 'pool of the type' THEN 'Scoring'
        WHEN 'geometric mean' THEN 'Putting together'
        WHEN 'domain means' THEN 'Putting together'
        WHEN 'without a metric' THEN 'Leaving out one metric'
        ELSE 'Leaving out one domain'
    END AS choice,
    CASE kind
        WHEN 'quartiles within type' THEN 1
        WHEN 'no override' THEN 1
        WHEN 'z-scores' THEN 2
        WHEN 'values spread' THEN 2
        WHEN 'pool of the type' THEN 2
        WHEN 'geometric mean' THEN 3
        WHEN 'domain means' THEN 3
        WHEN 'without a metric' THEN 4
        ELSE 5
    END AS choice_order,
    max(trusts) AS trusts,
    avg(abs(places_up)) AS mean_move,
    max(abs(places_up)) AS largest_move,
    count(*) FILTER (abs(places_up) >= 10) AS moved_ten,
    count(*) FILTER (segment <> published_segment) AS other_segment,
    count(*) FILTER (in_worst_quarter AND NOT in_worst_quarter_here) AS worst_quarter_changed,
    count(*) FILTER (in_worst_quarter) AS worst_quarter
FROM placed
WHERE kind <> 'as published'
GROUP BY trust_type, quarter, alternative, kind
ORDER BY trust_type, choice_order, alternative_order, alternative
