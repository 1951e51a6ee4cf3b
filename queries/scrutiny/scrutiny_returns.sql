/*
title = "Returns expected, and those that came"
description = "For each measure: over how many periods organisations were expected to report, how many figures came, how many came without a numerator, and how many did not come. Nothing missing is ever read as zero. Figures of which two versions are held are counted beside them."
grain = ["metric_id"]

[columns]
metric_id = { meaning = "Measure" }
metric_name = { meaning = "Name of the measure" }
metric_order = { unit = "count", meaning = "Order of the measure" }
first_period = { meaning = "First period held" }
last_period = { meaning = "Last period held" }
periods = { unit = "count", meaning = "Periods held" }
expected = { unit = "count", meaning = "Figures expected of organisations" }
reported = { unit = "count", meaning = "Figures that came" }
not_reported = { unit = "count", meaning = "Returns that gave the denominator and no numerator" }
no_return = { unit = "count", meaning = "Returns that did not come" }
missing_share = { unit = "fraction", decimals = 1, meaning = "Share of the expected figures that is missing" }
restated = { unit = "count", meaning = "Figures restated in the versions held" }
restated_much = { unit = "count", meaning = "Figures restated by enough to change a sentence" }
since_previous_edition = { unit = "count", meaning = "Figures restated since the edition before" }

[[tests]]
check = "sql"
name = "what was expected came, came in part, or did not come"
where = "reported + not_reported + no_return <> expected"

[[tests]]
check = "sql"
name = "no restatement is lost by counting"
query = """
SELECT 'restatements' AS counted
WHERE (SELECT coalesce(sum(restated), 0) FROM scrutiny_returns)
    <> (SELECT count(*) FROM restatements WHERE is_known AND metric_id IN (SELECT metric_id FROM scrutiny_returns))
"""
*/
WITH returns AS (
    SELECT
        metric_id,
        min(period) AS first_period,
        max(period) AS last_period,
        count(DISTINCT period) AS periods,
        count(*) AS expected,
        count(*) FILTER (report = 'reported') AS reported,
        count(*) FILTER (report = 'not reported') AS not_reported,
        count(*) FILTER (report = 'no return') AS no_return
    FROM expected_returns
    GROUP BY metric_id
),

revised AS (
    SELECT
        metric_id,
        count(*) AS restated,
        count(*) FILTER (changes_a_sentence) AS restated_much,
        count(*) FILTER (since_previous_edition) AS since_previous_edition
    FROM restatements
    WHERE is_known
    GROUP BY metric_id
)

SELECT
    metric_id,
    metrics.metric_name,
    metrics.metric_order,
    first_period,
    last_period,
    periods,
    expected,
    reported,
    not_reported,
    no_return,
    (not_reported + no_return) / expected AS missing_share,
    coalesce(restated, 0) AS restated,
    coalesce(restated_much, 0) AS restated_much,
    coalesce(since_previous_edition, 0) AS since_previous_edition
FROM returns
JOIN metrics USING (metric_id)
LEFT JOIN revised USING (metric_id)
ORDER BY metrics.metric_order, metric_id
