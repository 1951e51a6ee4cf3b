/*
title = "Sources of each measure's series"
description = "Which sources hold the figures of a measure that charts draw and changes compare, with the periods taken from each. A series can run from an extract of past months into the publisher's own file of the latest; naming the last of them alone would be false of the others."
grain = ["metric_id", "source"]

[columns]
metric_id = { meaning = "Measure" }
source = { meaning = "Source that holds figures of the series" }
latest_source = { meaning = "Source of the latest period of the measure" }
first_period = { meaning = "First period taken from the source" }
last_period = { meaning = "Last period taken from the source" }
periods = { unit = "count", meaning = "Periods taken from the source" }

[[tests]]
check = "sql"
name = "every measure of England has the source of its latest figure here"
query = "SELECT metric_id, source_name FROM england_metrics WHERE NOT EXISTS (SELECT 1 FROM measure_sources WHERE measure_sources.metric_id = england_metrics.metric_id AND source = source_name AND latest_source = source_name)"
*/
WITH taken AS (
    SELECT metric_id, source, min(period) AS first_period, max(period) AS last_period, count(DISTINCT period) AS periods
    FROM measured_series
    WHERE level = 'trust' AND (is_charted OR is_latest)
    GROUP BY metric_id, source
),

latest AS (
    SELECT metric_id, min(source) AS latest_source
    FROM measured_series
    WHERE level = 'trust' AND is_latest
    GROUP BY metric_id
)

SELECT taken.metric_id, source, latest_source, first_period, last_period, periods
FROM taken
JOIN latest USING (metric_id)
ORDER BY metric_id, first_period, source
