/*
title = "Changes that a question asks for"
description = "The first and the last figure of a change or a series, with the interval of the difference: the wider of chance in the counts and the usual variation from period to period, as in metric_change. It rose or fell only where the whole interval lies on that side of zero."
grain = ["uin", "measure", "place_kind", "place_order", "place_code"]

[columns]
uin = { meaning = "Number of the question" }
measure = { meaning = "Measure" }
measure_order = { unit = "count", meaning = "Order of the measure" }
place_kind = { meaning = "trust, board, region or country" }
place_code = { meaning = "Code" }
place_order = { unit = "count", meaning = "Order of the place" }
place_name = { meaning = "Name of the organisation in the later period" }
place_words = { meaning = "The place as an answer says it" }
lead_words = { meaning = "How a sentence begins with the later period" }
value = { meaning = "Later figure in the unit shown" }
value_words = { meaning = "The same in words" }
counts_words = { meaning = "The counts behind it" }
numerator = { unit = "count", decimals = 1, meaning = "Count behind a share" }
denominator = { unit = "count", decimals = 1, meaning = "Count that it is a share of" }
said_words = { meaning = "What the sentence says first of the later period" }
said_behind_words = { meaning = "What it says in brackets" }
sentence_words = { meaning = "The sentence of the later period, without its lead" }
leads_with_count = { meaning = "Whether the count is said first" }
before_said_words = { meaning = "What the sentence says first of the earlier period" }
before_said_behind_words = { meaning = "What it says in brackets" }
before_lead_words = { meaning = "The earlier period" }
before_value = { meaning = "Earlier figure" }
before_value_words = { meaning = "The same in words" }
before_counts_words = { meaning = "The counts behind it" }
before_numerator = { unit = "count", decimals = 1, meaning = "Count behind a share" }
before_denominator = { unit = "count", decimals = 1, meaning = "Count that it is a share of" }
change = { meaning = "Later less earlier" }
change_low = { meaning = "Low end of its interval" }
change_high = { meaning = "High end of it" }
change_words = { meaning = "rose, fell, no change beyond chance, or differs (no interval)" }
change_amount_words = { meaning = "The size of the change, without its sign" }
interval_words = { meaning = "The interval as a sentence gives it" }
periods_held = { unit = "count", meaning = "Periods of the series" }
is_series = { meaning = "Whether the periods between were asked for too" }
other_organisation = { meaning = "Whether the earlier figure is of another organisation, or another was absorbed between" }
confidence_level = { unit = "fraction", decimals = 0, meaning = "Level of the interval" }

[[tests]]
check = "sql"
name = "nothing is said to rise or fall while the interval holds zero"
where = "change_words IN ('rose', 'fell') AND change_low <= 0 AND change_high >= 0"

[[tests]]
check = "sql"
name = "where the book judges the same pair of periods, the verdict is the same"
query = """
SELECT answer_changes.uin, answer_changes.measure, answer_changes.change, metric_change.change, answer_changes.change_low, metric_change.change_low
FROM answer_changes
JOIN answer_values AS later ON later.uin = answer_changes.uin AND later.measure = answer_changes.measure AND later.place_order = answer_changes.place_order AND later.role = 'after'
JOIN answer_values AS earlier ON earlier.uin = answer_changes.uin AND earlier.measure = answer_changes.measure AND earlier.place_order = answer_changes.place_order AND earlier.role = 'before'
JOIN metric_change ON metric_change.metric_id = later.from_metric AND metric_change.trust_code = later.place_code
    AND metric_change.period = later.period_start AND metric_change.before_period = earlier.period_start AND metric_change.periods_compared = 1
WHERE later.takes = 'value' AND later.periods_in = 1 AND earlier.periods_in = 1
    -- Staff are counted whole: an answer says how many more or fewer, and leaves whether that is unusual to the charts.
    AND later.interval_method <> 'none'
    AND (abs(answer_changes.change - metric_change.change) > 1e-6 OR answer_changes.change_words <> metric_change.change_words)
"""
*/
WITH ends AS (
    SELECT
        *,
        CASE role
            WHEN 'series' THEN CASE
                WHEN period_start = min(period_start) FILTER (role = 'series') OVER one THEN 'before'
                WHEN period_start = max(period_start) FILTER (role = 'series') OVER one THEN 'after'
            END
            ELSE role
        END AS side,
        role = 'series' AS is_series,
        count(*) FILTER (role = 'series') OVER one AS periods_held
    FROM answer_values
    WINDOW one AS (PARTITION BY uin, measure, place_kind, place_order)
),

pairs AS (
    SELECT
        later.*,
        lower(left(earlier.lead_words, 1)) || substr(earlier.lead_words, 2) AS before_lead_words,
        earlier.value AS before_value,
        earlier.value_words AS before_value_words,
        earlier.counts_words AS before_counts_words,
        earlier.said_words AS before_said_words,
        earlier.said_behind_words AS before_said_behind_words,
        earlier.numerator AS before_numerator,
        earlier.denominator AS before_denominator,
        earlier.periods_in AS before_periods_in,
        earlier.sigma AS before_sigma,
        earlier.place_code <> later.place_code OR EXISTS (
            FROM organisation_history
            WHERE new_code = later.place_code AND effective_date > earlier.period_end AND effective_date <= later.period_end
        ) AS other_organisation,
        parameters.confidence_level
    FROM ends AS later
    JOIN ends AS earlier USING (uin, measure, place_kind, place_order)
    CROSS JOIN parameters
    WHERE later.side = 'after' AND earlier.side = 'before'
),

judged AS (
    SELECT
        *,
        CASE WHEN takes <> 'denominator' AND interval_method = 'wilson' AND numerator <= denominator AND before_numerator <= before_denominator
            THEN newcombe_interval(numerator, denominator, before_numerator, before_denominator, confidence_level) END AS newcombe,
        CASE
            WHEN takes <> 'denominator' AND interval_method = 'ratio' AND before_numerator > 0
                THEN rate_ratio_interval(numerator, denominator, before_numerator, before_denominator, confidence_level)
            WHEN takes <> 'denominator' AND interval_method = 'count' AND before_numerator > 0
                THEN rate_ratio_interval(numerator, 1, before_numerator, 1, confidence_level)
        END AS ratio,
        CASE WHEN takes <> 'denominator' AND interval_method <> 'none' AND sigma > 0
            THEN difference_interval(before_value, sigma / sqrt(before_periods_in), value, sigma / sqrt(periods_in), 0, confidence_level) END AS process
    FROM pairs
),

bounded AS (
    SELECT
        *,
        value - before_value AS change,
        least(coalesce(scale * newcombe.lower, before_value * (ratio.lower - 1)), process.lower) AS change_low,
        greatest(coalesce(scale * newcombe.upper, before_value * (ratio.upper - 1)), process.upper) AS change_high,
        CASE WHEN unit_suffix = '%' THEN ' percentage points' ELSE unit_suffix END AS change_suffix,
        CAST(decimals AS INTEGER) AS places
    FROM judged
),

worded AS (
    SELECT
        *,
        CASE WHEN places = 0 THEN printf('%,d', CAST(round(abs(change) + 1e-9) AS BIGINT)) ELSE printf('%.' || places || 'f', round(abs(CAST(change AS DOUBLE)) + 1e-9, places)) END || change_suffix AS change_amount_words,
        CASE WHEN change_low < 0 THEN '−' ELSE '+' END || CASE WHEN places = 0 THEN printf('%,d', CAST(round(abs(change_low) + 1e-9) AS BIGINT)) ELSE printf('%.' || places || 'f', round(abs(CAST(change_low AS DOUBLE)) + 1e-9, places)) END
            || ' to '
            || CASE WHEN change_high < 0 THEN '−' ELSE '+' END || CASE WHEN places = 0 THEN printf('%,d', CAST(round(abs(change_high) + 1e-9) AS BIGINT)) ELSE printf('%.' || places || 'f', round(abs(CAST(change_high AS DOUBLE)) + 1e-9, places)) END AS interval_words
    FROM bounded
)

SELECT
    uin,
    measure,
    measure_order,
    place_kind,
    place_code,
    place_order,
    place_name,
    place_words,
    lead_words,
    value,
    value_words,
    counts_words,
    numerator,
    denominator,
    said_words,
    said_behind_words,
    sentence_words,
    leads_with_count,
    before_said_words,
    before_said_behind_words,
    before_lead_words,
    before_value,
    before_value_words,
    before_counts_words,
    before_numerator,
    before_denominator,
    change,
    change_low,
    change_high,
    CASE
        WHEN change_low > 0 THEN 'rose'
        WHEN change_high < 0 THEN 'fell'
        WHEN change_low IS NOT NULL THEN 'no change beyond chance'
        ELSE 'differs'
    END AS change_words,
    change_amount_words,
    interval_words,
    periods_held,
    is_series,
    other_organisation,
    CAST(confidence_level AS DOUBLE) AS confidence_level
FROM worded
ORDER BY uin, measure_order, measure, place_order, place_kind, place_code
