/*
title = "Key facts of a member's trusts"
description = "For each oral question the trusts of the member's constituency, and those that the question names: position in the league tables, growth in productivity, and the headline waits, each with its period, its range and England beside it. A trust without a figure of one of them has no row for it."
grain = ["uin", "fact_order"]

[columns]
uin = { meaning = "Number of the question" }
fact_order = { unit = "count", meaning = "Order on the page" }
place_name = { meaning = "Trust" }
relation = { meaning = "Why the trust is listed" }
what = { meaning = "What the figure is" }
period_words = { meaning = "When" }
value = { meaning = "The figure" }
decimals = { meaning = "Decimals of it" }
unit_suffix = { meaning = "What stands after it" }
is_signed = { meaning = "Whether it is growth, and shown with its sign" }
range_words = { meaning = "Its interval or range" }
beside_words = { meaning = "England, or the number of trusts" }
source_name = { meaning = "Source" }

[[tests]]
check = "not_null"
columns = ["place_name", "what", "period_words", "value", "range_words"]

[determinism]
window = "a trust has one figure of each kind"
*/
WITH subjects AS (
    SELECT uin, trust_code, min(relation) AS relation
    FROM (
        SELECT question_places.uin, coalesce(successor_code, place_code) AS trust_code, 'named in the question' AS relation
        FROM question_places
        JOIN questions USING (uin)
        WHERE place_kind = 'trust' AND questions.kind IN ('oral', 'topical') AND how NOT LIKE 'trusts listed%'
        UNION ALL
        SELECT questions.uin, constituency_trusts.trust_code, constituency_trusts.relation
        FROM questions
        JOIN constituency_trusts USING (constituency)
        WHERE questions.kind IN ('oral', 'topical')
    )
    GROUP BY uin, trust_code
),

facts AS (
    SELECT
        subjects.*, trust_kinds.trust_name AS place_name, 1 AS place, 'Segment (1 is best)' AS what, quarter AS period_words, adjusted_segment AS value, 0 AS decimals, '' AS unit_suffix, false AS is_signed,
        'segment ' || segment_by_score || ' by score alone' AS range_words, NULL AS beside_words, CASE basis WHEN 'official' THEN 'nof_data' ELSE 'nof_extract_league' END AS source_name
    FROM subjects JOIN trust_kinds USING (trust_code) JOIN league_positions USING (trust_code)
    WHERE is_latest_for_type AND segment_by_score IS NOT NULL
    UNION ALL
    SELECT
        subjects.*, trust_kinds.trust_name, 2, 'League rank', quarter, league_rank, 0, '', false,
        CASE WHEN rank_range_low IS NULL THEN 'no likely range in the files' ELSE 'likely range ' || rank_range_low || ' to ' || rank_range_high END, 'of ' || trusts_in_table, CASE basis WHEN 'official' THEN 'nof_league' ELSE 'nof_extract_league' END
    FROM subjects JOIN trust_kinds USING (trust_code) JOIN league_positions USING (trust_code)
    WHERE is_latest_for_type AND league_rank IS NOT NULL
    UNION ALL
    SELECT
        subjects.*, trust_name, 3, 'Growth in productivity', period, 100 * CAST(productivity_growth AS DOUBLE), 1, '%', true, 'no range can be computed', 'place ' || growth_rank || ' of ' || trusts_ranked, 'trust_productivity'
    FROM subjects JOIN productivity_growth USING (trust_code)
    WHERE productivity_growth IS NOT NULL
    UNION ALL
    SELECT
        subjects.*, trust_name, 4, 'Growth in productivity', next_period, CAST(next_growth AS DOUBLE), 1, '%', true, 'no range can be computed', 'place ' || next_rank || ' of ' || next_ranked, 'trust_productivity'
    FROM subjects JOIN productivity_growth USING (trust_code)
    WHERE next_growth IS NOT NULL
    UNION ALL
    SELECT
        subjects.*, trust_kinds.trust_name, 10 + summary.metric_order, answer_measures.short_words, period_words, summary.value, summary.decimals, summary.unit_suffix, false,
        coalesce(printf('%.' || summary.decimals || 'f', summary.low) || ' to ' || printf('%.' || summary.decimals || 'f', summary.high) || summary.unit_suffix, 'no interval'),
        coalesce('England ' || printf('%.' || summary.decimals || 'f', round(CAST(summary.england_value AS DOUBLE) + 1e-9, CAST(summary.decimals AS INTEGER))) || summary.unit_suffix, ''), summary.source_name
    FROM subjects
    JOIN trust_metric_summary AS summary USING (trust_code)
    JOIN trust_kinds USING (trust_code)
    JOIN answer_measures ON answer_measures.measure = summary.metric_id
    CROSS JOIN trend_settings
    WHERE summary.is_current AND summary.denominator >= least_denominator AND summary.metric_id IN ('ae_4hr_all_types', 'rtt_within_18wk', 'rtt_over_52wk', 'cancer_28d_fds', 'cancer_62d', 'dm01_over_6wk', 'sickness_absence')
)

SELECT
    uin,
    row_number() OVER (PARTITION BY uin ORDER BY relation <> 'named in the question', NOT starts_with(relation, 'main'), place_name, place, period_words, trust_code) AS fact_order,
    place_name,
    relation,
    what,
    period_words,
    CAST(value AS DOUBLE) AS value,
    decimals,
    unit_suffix,
    is_signed,
    range_words,
    beside_words,
    source_name
FROM facts
ORDER BY uin, fact_order
