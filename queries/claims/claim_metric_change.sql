/*
title = "What may be said of a measure's change over a year"
description = "One sentence for each measure of each trust that a board looks at, and of England: the latest figure against the same period a year before. It says that the figure rose or fell only where the whole interval of the change lies on that side of zero."
grain = ["trust_code", "metric_id"]
claim = {}

[columns]
trust_code = { meaning = "Organisation code; ENG for England" }
metric_id = { meaning = "Measure" }
metric_name = { meaning = "Name of the measure" }
period_words = { meaning = "Latest period" }
previous_period_words = { meaning = "The same period a year before, in words" }
value = { meaning = "Latest value, in the unit shown" }
previous_value = { meaning = "Value a year before" }
change = { meaning = "Change since then" }
change_low = { meaning = "Low end of the 95% interval of the change" }
change_high = { meaning = "High end of the 95% interval of the change" }
confidence_level = { unit = "fraction", decimals = 0, meaning = "Level of the interval" }
holds = { meaning = "Whether the words are those that the interval gives" }
statement = { meaning = "The sentence" }

[[tests]]
check = "sql"
name = "no sentence says that a figure moved while the interval of the change holds zero"
where = "change_low <= 0 AND change_high >= 0 AND holds AND (contains(statement, ' rose ') OR contains(statement, ' fell '))"
*/
WITH measures AS (
    SELECT
        trust_code, metric_id, metric_name, period_words, previous_period_words, value, previous_value,
        change, change_low, change_high, change_words, decimals, unit_suffix, change_suffix
    FROM trust_metric_summary
    WHERE is_exception
    UNION ALL
    SELECT
        'ENG', metric_id, metric_name, period_words, previous_period_words, value, previous_value,
        change, change_low, change_high, change_words, decimals, unit_suffix, change_suffix
    FROM england_metrics
),

written AS (
    SELECT
        *,
        '%.' || decimals || 'f' AS form,
        decimals = 0 AS is_whole,
        -- A billionth more, so that halves are rounded away from nought as everywhere in print, whatever their binary form.
        CAST(decimals AS INTEGER) AS places
    FROM measures
    WHERE change IS NOT NULL AND change_low IS NOT NULL AND change_high IS NOT NULL
)

SELECT
    trust_code,
    metric_id,
    metric_name,
    period_words,
    previous_period_words,
    value,
    previous_value,
    change,
    change_low,
    change_high,
    CAST(parameters.confidence_level AS DOUBLE) AS confidence_level,
    change_words = CASE
        WHEN change_low > 0 THEN 'rose'
        WHEN change_high < 0 THEN 'fell'
        ELSE 'no change beyond chance'
    END AS holds,
    metric_name || CASE change_words
        WHEN 'rose' THEN ' rose '
        WHEN 'fell' THEN ' fell '
        ELSE ' shows no change beyond chance '
    END
        || 'from ' || CASE WHEN is_whole THEN printf('%,d', CAST(round(previous_value) AS BIGINT)) ELSE printf(form, round(CAST(previous_value AS DOUBLE) + 1e-9, places)) END || unit_suffix || ' in ' || previous_period_words
        || ' to ' || CASE WHEN is_whole THEN printf('%,d', CAST(round(value) AS BIGINT)) ELSE printf(form, round(CAST(value AS DOUBLE) + 1e-9, places)) END || unit_suffix || ' in ' || period_words
        || ' (' || CASE WHEN change > 0 THEN '+' WHEN change < 0 THEN '−' ELSE '' END || CASE WHEN is_whole THEN printf('%,d', CAST(round(abs(change)) AS BIGINT)) ELSE printf(form, round(abs(CAST(change AS DOUBLE)) + 1e-9, places)) END || change_suffix
        || '; ' || printf('%.0f', 100 * CAST(parameters.confidence_level AS DOUBLE)) || '% interval '
        || CASE WHEN change_low < 0 THEN '−' ELSE '+' END || CASE WHEN is_whole THEN printf('%,d', CAST(round(abs(change_low)) AS BIGINT)) ELSE printf(form, round(abs(CAST(change_low AS DOUBLE)) + 1e-9, places)) END || ' to '
        || CASE WHEN change_high < 0 THEN '−' ELSE '+' END || CASE WHEN is_whole THEN printf('%,d', CAST(round(abs(change_high)) AS BIGINT)) ELSE printf(form, round(abs(CAST(change_high AS DOUBLE)) + 1e-9, places)) END || ').' AS statement
FROM written
CROSS JOIN parameters
