/*
title = "What may be said of a region"
description = "For each region: how many of its trusts of each type are in which segments, beside England's; how many of their average scores really changed since the quarter before; and for planned care and A&E the figure of the area, with England's and the number of its trusts outside the limits of their kind. Each number is counted again, from single trusts, and may be said only if the two agree. No region is ranked."
grain = ["region_code", "part"]
claim = {}

[columns]
region_code = { meaning = "Region code" }
part = { unit = "count", meaning = "Order of the sentence" }
about = { meaning = "Trust type or measure" }
region = { meaning = "Region" }
period = { meaning = "Quarter or period" }
trusts = { unit = "count", meaning = "Trusts of the region counted" }
upper_segments = { unit = "count", meaning = "Trusts of the region in the two better segments" }
lower_segments = { unit = "count", meaning = "Trusts of the region in the two worse segments" }
england_trusts = { unit = "count", meaning = "Trusts of the type held" }
england_upper = { unit = "count", meaning = "Trusts of the type in England in the two better segments" }
held_by_override = { unit = "count", meaning = "Trusts of the region that the override holds in a worse segment" }
segment_first = { unit = "segment", meaning = "Number of the best segment" }
segment_second = { unit = "segment", meaning = "Number of the second" }
scores_changed = { unit = "count", meaning = "Trusts of the region whose average score changed by more than modelled chance explains" }
scores_better = { unit = "count", meaning = "Trusts of the region whose average score is better by more than modelled chance explains" }
scores_worse = { unit = "count", meaning = "Trusts of the region whose average score is worse by more than modelled chance explains" }
scores_unclear = { unit = "count", meaning = "Trusts of the region whose average score shows no clear change" }
scores_modelled = { unit = "count", meaning = "Of the real changes, those that are real on the metrics with a model of chance alone" }
previous_period = { meaning = "Quarter before, where scores are compared" }
metric_name = { meaning = "Measure" }
value = { decimals = 1, meaning = "Value of the area" }
england_value = { decimals = 1, meaning = "England in the same period" }
trusts_compared = { unit = "count", meaning = "Trusts of the area placed among their kind" }
trusts_better = { unit = "count", meaning = "Trusts of the area outside the limits and better" }
trusts_worse = { unit = "count", meaning = "Trusts of the area outside the limits and worse" }
limits_percent = { unit = "%", decimals = 0, meaning = "Level of the limits" }
holds = { meaning = "Whether a second count agrees" }
statement = { meaning = "The sentence" }

[[tests]]
check = "sql"
name = "every type that a region has trusts of has its sentence"
query = """
SELECT DISTINCT region_code, trust_type FROM region_trusts
WHERE adjusted_segment IS NOT NULL AND (region_code, trust_type) NOT IN (SELECT (region_code, about) FROM claim_region)
"""

[[tests]]
check = "sql"
name = "changes of the regions add up to England"
query = """
SELECT said.about
FROM (SELECT about, sum(scores_better) AS better, sum(scores_worse) AS worse, sum(trusts) AS trusts FROM claim_region WHERE scores_unclear IS NOT NULL GROUP BY about) AS said
JOIN (
    SELECT trust_type, count(*) AS trusts, count(*) FILTER (verdict = 'real change' AND score_change < 0) AS better, count(*) FILTER (verdict = 'real change' AND score_change > 0) AS worse
    FROM quarter_change_confidence GROUP BY trust_type
) AS england ON said.about = 'Change: ' || england.trust_type
WHERE said.trusts <> england.trusts OR said.better <> england.better OR said.worse <> england.worse
"""

[[tests]]
check = "sql"
name = "no sentence ranks a region or calls one better than another"
where = "regexp_matches(lower(statement), '\\b(ranked|best region|worst region|better than|worse than)\\b')"

[[tests]]
check = "sql"
name = "the regions add up to England"
query = """
SELECT about FROM claim_region WHERE england_upper IS NOT NULL
GROUP BY about HAVING sum(upper_segments) <> min(england_upper) OR sum(trusts) <> min(england_trusts)
"""
*/
WITH counted AS (
    SELECT
        region_code,
        trust_type,
        min(quarter) AS quarter,
        min(type_order) AS type_order,
        count(adjusted_segment) AS trusts,
        count(*) FILTER (adjusted_segment <= 2) AS upper_segments,
        count(*) FILTER (adjusted_segment >= 3) AS lower_segments,
        count(*) FILTER (held_by_override) AS held_by_override
    FROM region_trusts
    GROUP BY region_code, trust_type
),

changed AS (
    SELECT
        region_code,
        trust_type,
        min(type_order) AS type_order,
        min(quarter) AS quarter,
        min(previous_quarter) AS previous_quarter,
        count(change_verdict) AS trusts,
        count(*) FILTER (change_verdict = 'real change' AND average_score < previous_score) AS better,
        count(*) FILTER (change_verdict = 'real change' AND average_score > previous_score) AS worse,
        count(*) FILTER (change_verdict = 'no clear change') AS unclear,
        count(*) FILTER (change_verdict = 'real change' AND change_rests_on = 'metrics with a model of chance') AS modelled
    FROM region_trusts
    WHERE change_verdict IS NOT NULL
    GROUP BY region_code, trust_type
),

changed_again AS (
    -- The same from the tests themselves: by adjusted probability and sign, and not by the verdict.
    SELECT
        region,
        tests.trust_type,
        count(*) FILTER (adjusted_p <= 1 - confidence_level AND score_change < 0) AS better,
        count(*) FILTER (adjusted_p <= 1 - confidence_level AND score_change > 0) AS worse,
        count(*) FILTER (adjusted_p <= 1 - confidence_level AND verdict_modelled = 'real change') AS modelled,
        count(*) AS trusts
    FROM quarter_change_confidence AS tests
    JOIN trusts USING (trust_code)
    CROSS JOIN parameters
    GROUP BY region, tests.trust_type
),

placed AS (
    SELECT
        region,
        metric_id,
        count(*) AS placed
    FROM funnels
    JOIN trust_kinds USING (trust_code)
    GROUP BY ALL
),

sentences AS (
    SELECT
        counted.region_code,
        counted.type_order AS part,
        counted.trust_type AS about,
        regions.region,
        counted.quarter AS period,
        counted.trusts,
        counted.upper_segments,
        counted.lower_segments,
        england.trusts_held AS england_trusts,
        england.segment_1 + england.segment_2 AS england_upper,
        counted.held_by_override,
        1 AS segment_first,
        2 AS segment_second,
        picture.trusts = counted.trusts AND picture.segment_1 + picture.segment_2 = counted.upper_segments
            AND picture.segment_3 + picture.segment_4 = counted.lower_segments AND picture.held_by_override = counted.held_by_override AS holds,
        'In ' || counted.quarter || ', ' || counted.upper_segments || ' of ' || counted.trusts || ' '
            || CASE WHEN counted.trusts = 1 THEN lower(left(counted.trust_type, 1)) || substr(counted.trust_type, 2) ELSE lower(left(trust_type_plural, 1)) || substr(trust_type_plural, 2) END
            || ' in ' || regions.region_words || ' ' || CASE WHEN counted.upper_segments = 1 OR counted.trusts = 1 THEN 'is' ELSE 'are' END || ' in segments 1 and 2 (England: ' || (england.segment_1 + england.segment_2) || ' of ' || england.trusts_held || ' held).'
            || CASE
                WHEN counted.held_by_override = 0 THEN ''
                ELSE ' The override places ' || CASE WHEN england.override_applies IS NULL THEN 'at least ' ELSE '' END || counted.held_by_override || ' in a worse segment than '
                    || CASE WHEN counted.held_by_override = 1 THEN 'its score gives' ELSE 'their scores give' END || CASE WHEN england.override_applies IS NULL THEN ' (inferred).' ELSE '.' END
            END AS statement
    FROM counted
    JOIN regions USING (region_code)
    JOIN national_summary AS england USING (trust_type)
    JOIN regional_picture AS picture ON picture.trust_type = counted.trust_type AND picture.region = regions.region
    WHERE counted.trusts > 0
    UNION ALL BY NAME
    SELECT
        changed.region_code,
        50 + changed.type_order AS part,
        'Change: ' || changed.trust_type AS about,
        regions.region,
        changed.quarter AS period,
        changed.previous_quarter AS previous_period,
        changed.trusts,
        changed.better + changed.worse AS scores_changed,
        changed.better AS scores_better,
        changed.worse AS scores_worse,
        changed.unclear AS scores_unclear,
        changed.modelled AS scores_modelled,
        coalesce(again.trusts = changed.trusts AND again.better = changed.better AND again.worse = changed.worse AND again.modelled = changed.modelled, false)
            AND changed.better + changed.worse + changed.unclear = changed.trusts AS holds,
        'From ' || changed.previous_quarter || ' to ' || changed.quarter || ', of ' || changed.trusts || ' '
            || CASE WHEN changed.trusts = 1 THEN lower(left(changed.trust_type, 1)) || substr(changed.trust_type, 2) ELSE lower(left(trust_type_plural, 1)) || substr(trust_type_plural, 2) END
            || ' in ' || regions.region_words || ', the average score of ' || (changed.better + changed.worse)
            || ' changed by more than modelled chance explains'
            || CASE WHEN changed.better + changed.worse > 0 THEN ' (' || changed.better || ' better, ' || changed.worse || ' worse; ' || changed.modelled || ' on metrics with a model of chance alone)' ELSE '' END
            || '; for ' || changed.unclear || ' there is no clear change.' AS statement
    FROM changed
    JOIN regions USING (region_code)
    JOIN national_summary AS england USING (trust_type)
    LEFT JOIN changed_again AS again ON again.trust_type = changed.trust_type AND again.region = regions.region
    UNION ALL BY NAME
    SELECT
        regions.region_code,
        100 + access.metric_order AS part,
        access.metric_id AS about,
        regions.region,
        access.period_words AS period,
        access.metric_name,
        access.value,
        access.england_value,
        access.trusts_compared,
        access.trusts_better,
        access.trusts_worse,
        95 AS limits_percent,
        coalesce(placed.placed, 0) = access.trusts_compared AND access.trusts_better + access.trusts_worse <= access.trusts_compared
            AND (access.trusts_compared = 0 OR access.lowest_trust <= access.highest_trust) AS holds,
        access.metric_name || ': ' || printf('%.1f', round(CAST(access.value AS DOUBLE) + 1e-9, 1)) || access.unit_suffix || ' in ' || access.period_words || ' for care given in ' || regions.region_words
            || '; England ' || printf('%.1f', round(CAST(access.england_value AS DOUBLE) + 1e-9, 1)) || access.unit_suffix || '. Of ' || access.trusts_compared || ' trusts compared with their kind, '
            || access.trusts_better || CASE WHEN access.trusts_better = 1 THEN ' is' ELSE ' are' END || ' outside the 95% limits on the better side and ' || access.trusts_worse || ' on the worse.' AS statement
    FROM access_by_area AS access
    JOIN regions ON regions.region = access.area_code
    LEFT JOIN placed ON placed.region = regions.region AND placed.metric_id = access.metric_id
    WHERE area_kind = 'region' AND access.metric_id IN ('rtt_within_18wk', 'ae_4hr_all_types') AND access.england_value IS NOT NULL
)

SELECT * FROM sentences
ORDER BY region_code, part
