/*
title = "Past movement of metric scores"
description = "Each change of a metric score from one quarter to the next, for every trust that the files hold in both. The last row of each, metric 'average', is the average score."
grain = ["trust_code", "metric_number", "quarter"]

[columns]
trust_code = { meaning = "Organisation code" }
trust_type = { meaning = "Trust type" }
metric_number = { meaning = "Metric number, or average" }
quarter = { meaning = "The later quarter" }
score_before = { unit = "score", decimals = 2, meaning = "Score in the quarter before" }
fall = { unit = "score", decimals = 2, meaning = "How far the score fell; below zero where it rose, which is worse" }

[[tests]]
check = "range"
column = "fall"
min = -3
max = 3
*/
SELECT
    now.trust_code,
    now.trust_type,
    now.metric_number,
    now.quarter,
    before.published_score AS score_before,
    before.published_score - now.published_score AS fall
FROM metric_scores AS now
JOIN quarter_movement ON quarter_movement.trust_code = now.trust_code AND quarter_movement.quarter = now.quarter
JOIN metric_scores AS before
    ON before.trust_code = now.trust_code
    AND before.metric_number = now.metric_number
    AND before.quarter = quarter_movement.previous_quarter
WHERE now.published_score IS NOT NULL AND before.published_score IS NOT NULL
UNION ALL
SELECT trust_code, trust_type, 'average', quarter, previous_score, -score_change
FROM quarter_movement
WHERE score_change IS NOT NULL
