/*
title = "Questions for the board"
description = "Questions that the numbers of a trust raise, each with the figure that raises it. A question is printed only where its rule flags; a trust that nothing flags has none. They ask what is known and what is planned, and suppose no answer. The rules, in order: the financial override decides the segment; the average really changed; a metric is special-cause variation for concern; limits lie wholly on the wrong side of a target; a metric lies outside the funnel of its kind on the worse side, after allowing for the number of tests; a rank of which the confidence set covers more than half of the table; a metric score at or beyond the book's threshold; a flag on productivity, or a growth figure at either end of the table; a metric that is special-cause improvement."
grain = ["trust_code", "question_order"]

[columns]
trust_code = { meaning = "Organisation code" }
rule_order = { unit = "count", meaning = "Order of its rule" }
question_order = { unit = "count", meaning = "Order on the page" }
rule = { meaning = "Rule that raised it" }
fact = { meaning = "The figure that raises it, in words with its period" }
question = { meaning = "The question" }
section = { meaning = "Where the pack shows the figure" }
questions_in_all = { unit = "count", meaning = "Questions raised for the trust, those that are not listed too" }

[determinism]
window = "a fact names its metric and figure, and a rule raises it once, so no two of a trust are alike"

[[tests]]
check = "sql"
name = "every question stands beside a figure"
where = "NOT regexp_matches(fact, '[0-9]')"

[[tests]]
check = "sql"
name = "a question asks, and supposes no answer"
where = "question NOT LIKE '%?' OR regexp_matches(lower(question), '\\b(why|fail|failed|failing|failure|poor|poorly|should|unacceptable|worst|blame|excuse)\\b')"

[[tests]]
check = "sql"
name = "what is improving is not asked about as a concern"
query = """
SELECT board_questions.trust_code
FROM board_questions
JOIN trust_metric_summary AS m ON m.trust_code = board_questions.trust_code AND starts_with(fact, m.metric_name)
WHERE rule = 'concern' AND m.variation <> 'concern'
"""
*/
WITH settings AS (
    SELECT CAST(round(100 * confidence_level) AS BIGINT) || '%' AS level, question_score FROM parameters
),

-- Values as the pages print them: halves away from nought, as everywhere in print.
measures AS (
    SELECT
        trust_code,
        metric_id,
        metric_order,
        exception_order,
        variation,
        assurance,
        variation_rule_words,
        target_words,
        exception_reason_words,
        funnel_fdr_flag,
        funnel_side_words,
        unit_suffix,
        metric_name || ', ' || period_words || ': '
            || CASE WHEN decimals = 0 THEN printf('%,d', CAST(round(value) AS BIGINT)) ELSE printf(form, round(value + 1e-9, places)) END
            || unit_suffix AS figure,
        CASE WHEN low IS NOT NULL
            THEN ' (' || settings.level || ' interval '
                || CASE WHEN decimals = 0 THEN printf('%,d', CAST(round(low) AS BIGINT)) ELSE printf(form, round(low + 1e-9, places)) END || ' to '
                || CASE WHEN decimals = 0 THEN printf('%,d', CAST(round(high) AS BIGINT)) ELSE printf(form, round(high + 1e-9, places)) END || ')'
            ELSE '' END AS interval_words,
        CASE WHEN lower_limit IS NOT NULL
            THEN CASE WHEN decimals = 0 THEN printf('%,d', CAST(round(lower_limit) AS BIGINT)) ELSE printf(form, round(lower_limit + 1e-9, places)) END || ' to '
                || CASE WHEN decimals = 0 THEN printf('%,d', CAST(round(upper_limit) AS BIGINT)) ELSE printf(form, round(upper_limit + 1e-9, places)) END || unit_suffix
        END AS limits
    FROM (SELECT *, '%.' || decimals || 'f' AS form, CAST(decimals AS INTEGER) AS places FROM trust_metric_summary)
    CROSS JOIN settings
    WHERE is_exception
),

override_question AS (
    SELECT
        segments.trust_code,
        1 AS rule_order,
        'override' AS rule,
        0 AS within,
        'Published segment ' || segments.adjusted_segment || ', ' || segments.quarter || '; segment '
            || coalesce(segments.published_unadjusted_segment, segments.segment_by_score) || ' on the average score alone.' AS fact,
        'What would have to happen for the financial override no longer to apply, and by when is that planned?' AS question,
        'Why this segment' AS section
    FROM segments
    JOIN trusts ON trusts.trust_code = segments.trust_code AND trusts.latest_quarter = segments.quarter
    WHERE segments.held_by_override
),

change_question AS (
    SELECT
        change.trust_code,
        2,
        'real change',
        0,
        'Average score, ' || change.previous_quarter || ' to ' || change.quarter || ': ' || printf('%.2f', CAST(previous_score AS DOUBLE)) || ' to '
            || printf('%.2f', CAST(average_score AS DOUBLE)) || ' (change '
            || CASE WHEN score_change < 0 THEN '−' ELSE '+' END || printf('%.2f', abs(CAST(score_change AS DOUBLE))) || ', ' || settings.level || ' interval '
            || CASE WHEN change_low < 0 THEN '−' ELSE '+' END || printf('%.2f', abs(change_low)) || ' to '
            || CASE WHEN change_high < 0 THEN '−' ELSE '+' END || printf('%.2f', abs(change_high)) || '), a real change by the stated rule'
            || CASE WHEN rests_on = 'metrics with a model of chance' THEN '.' ELSE ', resting at least in part on metrics without a model of chance.' END,
        'Which of the metrics that moved does the executive expect to stay where they are, and on what evidence?',
        'Movement between quarters'
    FROM quarter_change_confidence AS change
    JOIN trusts ON trusts.trust_code = change.trust_code
    CROSS JOIN settings
    WHERE verdict = 'real change' AND change.quarter = trusts.latest_quarter AND change_low IS NOT NULL
),

concern_questions AS (
    SELECT
        trust_code,
        3,
        'concern',
        exception_order,
        figure || interval_words || ', special-cause variation (concern): ' || variation_rule_words || '.',
        'What is known of what changed, and what would show that the change has been dealt with?',
        'Metrics over time'
    FROM measures
    WHERE variation = 'concern'
),

target_questions AS (
    SELECT
        trust_code,
        4,
        'target',
        exception_order,
        figure || interval_words || ', against ' || target_words || '. Usual variation alone runs from ' || limits || '.',
        'What would have to change in how the service works for the usual variation to reach the target, and is that planned?',
        'Metrics over time'
    FROM measures
    WHERE assurance = 'consistently fails' AND contains(exception_reason_words, 'wrong side') AND variation <> 'concern'
),

funnel_questions AS (
    SELECT
        trust_code,
        5,
        'funnel',
        exception_order,
        figure || interval_words || ', ' || funnel_side_words || ', after allowing for the number of tests.',
        'How much of the difference from other trusts comes from the people served, from recording, and from the service itself?',
        'Metrics over time'
    FROM measures
    WHERE funnel_fdr_flag AND starts_with(funnel_side_words, 'worse') AND variation <> 'concern' AND NOT contains(exception_reason_words, 'wrong side')
),

rank_question AS (
    SELECT
        rank_sets.trust_code,
        6,
        'rank',
        0,
        'Published rank ' || league_positions.league_rank || ' of ' || rank_sets.trusts_in_table || ', ' || rank_sets.quarter || '; '
            || settings.level || ' confidence set ' || rank_sets.rank_best || ' to ' || rank_sets.rank_worst || '.',
        'Which decisions of the board rest on the rank itself, and would they differ at either end of the set?',
        'How sure is this rank?'
    FROM rank_sets
    JOIN trusts ON trusts.trust_code = rank_sets.trust_code AND trusts.latest_quarter = rank_sets.quarter
    JOIN league_positions ON league_positions.trust_code = rank_sets.trust_code AND league_positions.quarter = rank_sets.quarter
    CROSS JOIN settings
    WHERE 2 * (rank_sets.rank_worst - rank_sets.rank_best + 1) > rank_sets.trusts_in_table
),

score_questions AS (
    SELECT
        metric_scores.trust_code,
        7,
        'score',
        row_number() OVER (PARTITION BY metric_scores.trust_code ORDER BY metric_scores.published_score DESC, metric_scores.metric_number),
        metric_scores.metric_name || ', ' || metric_scores.quarter || ': score ' || printf('%.2f', CAST(metric_scores.published_score AS DOUBLE))
            || ' (1.00 is best, 4.00 worst), ' || printf('%.0f', 100 * CAST(closing_metrics.weight_share AS DOUBLE)) || '% of the average'
            || CASE
                WHEN metric_rank_sets.rank_best IS NOT NULL
                    THEN '; rank ' || metric_scores.published_rank || ', ' || settings.level || ' confidence set ' || metric_rank_sets.rank_best || ' to '
                        || metric_rank_sets.rank_worst
                ELSE '; no confidence set can be computed'
            END || '.',
        'What does the executive expect of this metric in the next two quarters, and what would tell the board early?',
        'Scores by domain and metric'
    FROM metric_scores
    JOIN trusts ON trusts.trust_code = metric_scores.trust_code AND trusts.latest_quarter = metric_scores.quarter
    JOIN closing_metrics
        ON closing_metrics.trust_code = metric_scores.trust_code AND closing_metrics.metric_number = metric_scores.metric_number
    LEFT JOIN metric_rank_sets
        ON metric_rank_sets.quarter = metric_scores.quarter AND metric_rank_sets.trust_code = metric_scores.trust_code
        AND metric_rank_sets.metric_number = metric_scores.metric_number
    CROSS JOIN settings
    WHERE metric_scores.published_score >= settings.question_score
),

productivity_questions AS (
    SELECT
        growth.trust_code,
        8,
        'productivity',
        0,
        'Productivity growth ' || CASE WHEN productivity_growth < 0 THEN '−' ELSE '+' END || printf('%.1f', round(abs(100 * CAST(productivity_growth AS DOUBLE)) + 1e-9, 1)) || '%, '
            || growth.period || ', place ' || growth_rank || ' of ' || trusts_ranked || ' from the highest'
            || coalesce('; next published growth ' || CASE WHEN next_growth < 0 THEN '−' ELSE '+' END || printf('%.1f', round(abs(CAST(next_growth AS DOUBLE)) + 1e-9, 1))
                || '%, place ' || next_rank || ' of ' || next_ranked, '')
            || coalesce('. Flagged: ' || flags.labels, '') || '. This is growth, not level, and no interval of it is published.',
        'Which growth figure do the trust''s plans rest on, and what else shows the same?',
        'Productivity'
    FROM productivity_growth AS growth
    LEFT JOIN (
        SELECT trust_code, lower(string_agg(flag_label, '; ' ORDER BY flag_order, flag)) AS labels
        FROM productivity_flags
        WHERE flag <> 'small'
        GROUP BY trust_code
    ) AS flags ON flags.trust_code = growth.trust_code
    WHERE flags.labels IS NOT NULL OR 10 * growth_rank <= trusts_ranked OR 10 * (trusts_ranked - growth_rank + 1) <= trusts_ranked
),

improvement_questions AS (
    SELECT
        trust_code,
        9,
        'improvement',
        exception_order,
        figure || interval_words || ', special-cause variation (improvement): ' || variation_rule_words || '.',
        'What was done, will it hold, and where else could it be of use?',
        'Metrics over time'
    FROM measures
    WHERE variation = 'improvement' AND NOT contains(exception_reason_words, 'wrong side')
),

raised AS (
    SELECT * FROM override_question
    UNION ALL
    SELECT * FROM change_question
    UNION ALL
    SELECT * FROM concern_questions
    UNION ALL
    SELECT * FROM target_questions
    UNION ALL
    SELECT * FROM funnel_questions
    UNION ALL
    SELECT * FROM rank_question
    UNION ALL
    SELECT * FROM score_questions
    UNION ALL
    SELECT * FROM productivity_questions
    UNION ALL
    SELECT * FROM improvement_questions
)

-- The first of each rule come before the second of any, so that one kind of question does not crowd out the others.
SELECT
    trust_code,
    row_number() OVER (PARTITION BY trust_code ORDER BY turn, rule_order, fact) AS question_order,
    rule,
    rule_order,
    fact,
    question,
    section,
    count(*) OVER (PARTITION BY trust_code) AS questions_in_all
FROM (
    SELECT *, row_number() OVER (PARTITION BY trust_code, rule ORDER BY within, fact) AS turn
    FROM raised
)
ORDER BY trust_code, question_order
