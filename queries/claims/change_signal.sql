/*
title = "Which changes of figures are more than chance"
description = "What the comparison of two editions asks: for a figure of a table, whether its change is more than chance explains. Scores by the rule of quarter_change_confidence, ranks by the movement that chance alone would make, measures of trusts and of England, also where a table of an answer gives them, by the interval of their change on the period before. Of what has no row nothing is said."
grain = ["cell", "figure_column", "words"]

[columns]
cell = { meaning = "Table of the figure" }
figure_column = { meaning = "Column of the figure" }
quarter = { meaning = "Quarter, where the figure has one" }
trust_code = { meaning = "Trust; missing for the figures of England" }
metric_id = { meaning = "Measure, where the figure has one" }
uin = { meaning = "Question, for figures of an answer" }
measure_order = { unit = "count", meaning = "Order of its measure, for figures of an answer" }
row_order = { unit = "count", meaning = "Row of its table, for figures of an answer" }
is_signal = { meaning = "Whether the change is more than chance explains" }
words = { meaning = "Of what, and why" }

[[tests]]
check = "not_null"
columns = ["is_signal", "words"]

[[tests]]
check = "sql"
name = "no signal while the interval of the change holds zero"
query = """
SELECT change_signal.trust_code, change_signal.metric_id
FROM change_signal
JOIN metric_change USING (trust_code, metric_id)
WHERE cell = 'trust_metric_summary' AND metric_change.comparison = 'previous period' AND is_signal AND change_low <= 0 AND change_high >= 0
"""

[[tests]]
check = "sql"
name = "a figure of an answer is judged as the measure that it is the latest value of, and as nothing else"
query = """
SELECT change_signal.uin, change_signal.measure_order, change_signal.row_order
FROM change_signal
JOIN answer_tables USING (uin, measure_order, row_order)
LEFT JOIN metric_change ON metric_change.metric_id = judged_metric AND metric_change.trust_code = judged_code AND comparison = 'previous period' AND is_current
WHERE cell = 'answer_tables' AND (is_signal IS DISTINCT FROM (change_low > 0 OR change_high < 0) OR abs(answer_tables.value - metric_change.value) > 1e-6 AND abs(answer_tables.value + metric_change.value - 100) > 1e-6)
"""

[[tests]]
check = "sql"
name = "a score is signal where the rule calls its change real, and nowhere else"
query = """
SELECT trust_code FROM change_signal JOIN quarter_change_confidence USING (quarter, trust_code)
WHERE figure_column = 'average_score' AND is_signal <> (verdict = 'real change')
"""
*/
WITH scores AS (
    SELECT
        tables.cell,
        'average_score' AS figure_column,
        quarter,
        trust_code,
        verdict = 'real change' AS is_signal,
        trust_name || ', ' || quarter || ': ' || verdict || coalesce(', resting on ' || rests_on, '') AS words
    FROM quarter_change_confidence
    CROSS JOIN (VALUES ('league_positions'), ('scored_trusts'), ('quarter_movement'), ('segments')) AS tables (cell)
    WHERE verdict <> 'not modelled'
),

ranks AS (
    SELECT
        tables.cell,
        'league_rank' AS figure_column,
        quarter,
        trust_code,
        moved_more_than_chance AS is_signal,
        trust_name || ', ' || quarter || ': ' || CASE
            WHEN moved_more_than_chance THEN 'moved further than chance alone would in 95 of 100 quarters (' || movement_95 || ' places)'
            ELSE 'chance alone would move it up to ' || movement_95 || ' places in 95 of 100 quarters'
        END AS words
    FROM quarter_change_confidence
    CROSS JOIN (VALUES ('league_positions'), ('quarter_movement')) AS tables (cell)
    WHERE moved_more_than_chance IS NOT NULL AND movement_95 IS NOT NULL
),

measures AS (
    SELECT
        'trust_metric_summary' AS cell,
        'value' AS figure_column,
        trust_code,
        metric_id,
        change_words IN ('rose', 'fell') AS is_signal,
        trust_kinds.trust_name || ' (' || trust_code || '), ' || metric_name || ': ' || change_words || ', against ' || comparison_words AS words
    FROM metric_change
    JOIN metrics USING (metric_id)
    JOIN trust_kinds USING (trust_code)
    WHERE comparison = 'previous period' AND is_current AND change_words IS NOT NULL AND trust_code <> 'ENG'
    UNION ALL BY NAME
    SELECT 'england_metrics' AS cell, 'value' AS figure_column, metric_id, change_words IN ('rose', 'fell') AS is_signal, 'England, ' || metric_name || ': ' || change_words || ', against ' || comparison_words AS words
    FROM metric_change
    JOIN metrics USING (metric_id)
    WHERE comparison = 'previous period' AND is_current AND change_words IS NOT NULL AND trust_code = 'ENG'
),

-- A figure of an answer has no period in its key, so that the next edition's stands in its place.
answers AS (
    SELECT
        'answer_tables' AS cell,
        'value' AS figure_column,
        uin,
        measure_order,
        row_order,
        change_words IN ('rose', 'fell') AS is_signal,
        'Question ' || uin || ', ' || place_name || ', row ' || row_order || ', ' || metric_name || ': ' || change_words || ', against ' || comparison_words AS words
    FROM answer_tables
    JOIN metric_change ON metric_change.metric_id = judged_metric AND metric_change.trust_code = judged_code
    JOIN metrics ON metrics.metric_id = judged_metric
    WHERE comparison = 'previous period' AND is_current AND change_words IS NOT NULL
)

SELECT * FROM scores
UNION ALL BY NAME
SELECT * FROM ranks
UNION ALL BY NAME
SELECT * FROM measures
UNION ALL BY NAME
SELECT * FROM answers
