/*
title = "Figures that answer a question"
description = "Every figure that a question about a measure asks for: measure, place and period. What passes through (attendances, treatments) is added up over a year; what stands (a list, staff in post) is taken at its end. Where a trust closed, its own figures stand until then and those of the trust that carried on afterwards. A figure that is not reported, or not held, has no row here: answer_gaps says so."
grain = ["uin", "measure", "place_kind", "place_code", "role", "period_start", "period_end"]

[columns]
uin = { meaning = "Number of the question" }
measure = { meaning = "Measure" }
measure_order = { unit = "count", meaning = "Order of the measure" }
place_kind = { meaning = "trust, board, region or country" }
place_code = { meaning = "Code" }
place_name = { meaning = "Name of the organisation whose figure it is" }
place_words = { meaning = "The place as an answer says it" }
place_order = { unit = "count", meaning = "Order of the place" }
role = { meaning = "value, series, before or after" }
period_start = { meaning = "First day of the period" }
period_end = { meaning = "Last day of the period" }
period_words = { meaning = "The period in words" }
periods_in = { unit = "count", meaning = "Published periods in it" }
lead_words = { meaning = "How a sentence begins with it" }
value = { meaning = "The figure in the unit shown" }
decimals = { meaning = "Decimals of the shown figure" }
unit_suffix = { meaning = "What stands after it" }
numerator = { unit = "count", decimals = 1, meaning = "Count behind a share" }
denominator = { unit = "count", decimals = 1, meaning = "Count that it is a share of" }
value_words = { meaning = "The figure as a sentence gives it" }
counts_words = { meaning = "The two counts behind a share, as a sentence gives them" }
leads_with_count = { meaning = "Whether the question asks how many, so that the count is said first and the share behind it" }
said_words = { meaning = "What the sentence says first: the figure, or the count" }
said_behind_words = { meaning = "What it says in brackets: the counts behind a share, or the share that the count is" }
sentence_words = { meaning = "The sentence, without its lead" }
low = { meaning = "Low end of the interval" }
high = { meaning = "High end of it" }
status = { meaning = "Status of the figures" }
source_name = { meaning = "Source that holds the counts" }
basis_words = { meaning = "On what basis they stand" }
is_latest = { meaning = "Whether it is the latest period of the measure" }
silent = { unit = "count", meaning = "Organisations of the place that reported no figure, and are not in it" }
merged = { meaning = "Whether the organisation absorbed another in the twelve months before" }
from_metric = { meaning = "Metric that the measure is taken from" }
takes = { meaning = "value, complement or denominator" }
kind = { meaning = "proportion, ratio, mean or count" }
sigma = { meaning = "How much one period's value varies about its level" }
scale = { meaning = "Shown figure for a value of 1" }
interval_method = { meaning = "How intervals of the metric are made" }

[[tests]]
check = "not_null"
columns = ["value", "value_words", "lead_words", "place_words"]

[[tests]]
check = "sql"
name = "a share lies between none and all"
query = """
SELECT answer_values.* FROM answer_values JOIN metrics ON metrics.metric_id = from_metric
WHERE metrics.kind = 'proportion' AND answer_values.takes <> 'denominator' AND value NOT BETWEEN 0 AND answer_values.scale
"""

[[tests]]
check = "sql"
name = "every figure is one that the metrics hold, or the sum of several"
query = """
SELECT answer_values.uin, answer_values.measure, answer_values.place_code, answer_values.period_start
FROM answer_values
JOIN metric_current ON metric_current.metric_id = from_metric AND metric_current.org_code = place_code AND is_main
    AND metric_current.period_start = answer_values.period_start AND metric_current.period_end = answer_values.period_end
JOIN metrics ON metrics.metric_id = from_metric
WHERE place_kind = 'trust' AND takes = 'value' AND periods_in = 1 AND abs(answer_values.value - metrics.scale * metric_current.value) > 1e-9
"""

[[tests]]
check = "sql"
name = "the value lies in its interval"
where = "value NOT BETWEEN low - 1e-9 AND high + 1e-9"

[determinism]
window = "each area has one code, and a place one figure of a measure in a period: the grain of metric_current, which is tested"
float = "counts are whole, or halves, and added as decimals; averages lie far from the edge of a rounding, and a billionth is added before it"
*/
WITH wanted AS (
    SELECT uin, measure, measure_order, form, wants, asks_count, asks_years, asks_quarters, from_metric, takes, is_stock, is_average
    FROM question_readings
    WHERE form IN ('value', 'change', 'series', 'division not held', 'limit not held') AND from_metric IS NOT NULL AND takes IS NOT NULL
),

-- One row for each organisation whose figures count for a place, with the days between which they do.
areas AS (
    SELECT 'region' AS place_kind, region AS place_code, CASE region WHEN 'East' THEN 'East of England' ELSE region END AS place_name,
        'at organisations in the ' || CASE region WHEN 'East' THEN 'East of England' ELSE region END || ' region' AS place_words
    FROM (SELECT DISTINCT region FROM trusts WHERE region IS NOT NULL)
    UNION ALL
    SELECT 'board', icb_code, 'NHS ' || icb_name || ' Integrated Care Board', 'at organisations in the area of NHS ' || icb_name || ' Integrated Care Board'
    FROM (SELECT icb_code, min(icb_name) AS icb_name FROM trusts WHERE icb_code IS NOT NULL GROUP BY icb_code)
),

sites AS (
    SELECT uin, place_kind, place_code, place_name, place_words, place_order, DATE '1900-01-01' AS counts_from, coalesce(closed_on, DATE '2999-12-31') AS counts_to
    FROM question_places
    WHERE place_kind IN ('trust', 'board', 'region', 'country')
    UNION ALL
    SELECT uin, 'trust', successor_code, successor_name, 'at ' || successor_name, place_order, closed_on + 1, DATE '2999-12-31'
    FROM question_places
    WHERE successor_code IS NOT NULL
    UNION ALL
    SELECT uin, areas.place_kind, areas.place_code, areas.place_name, areas.place_words,
        row_number() OVER (PARTITION BY uin ORDER BY areas.place_name, areas.place_kind, areas.place_code), DATE '1900-01-01', DATE '2999-12-31'
    FROM question_places
    JOIN areas ON question_places.place_kind = 'every ' || areas.place_kind
),

asked AS (
    SELECT DISTINCT wanted.*, sites.* EXCLUDE (uin)
    FROM wanted
    JOIN sites USING (uin)
),

held AS (
    SELECT
        metric_id, 'trust' AS place_kind, org_code AS place_code, period_start, period_end, period_words, frequency, numerator, denominator, value,
        status, source, basis_words, merged_in_window, is_latest_period, 0 AS silent
    FROM metric_current
    WHERE is_main AND is_reported AND org_code IN (SELECT place_code FROM asked WHERE place_kind = 'trust')
        AND metric_id IN (SELECT from_metric FROM asked)
    UNION ALL
    SELECT
        metric_id, 'country', 'ENG', period_start,
        CAST(period_start + to_months(CASE frequency WHEN 'month' THEN 1 WHEN 'quarter' THEN 3 ELSE 12 END) AS DATE) - 1,
        period_words, frequency, numerator, denominator, value, status, NULL, NULL, false, is_latest_period, organisations_expected - organisations_reporting
    FROM metric_england
    WHERE is_main AND value IS NOT NULL AND metric_id IN (SELECT from_metric FROM asked WHERE place_kind = 'country')
    UNION ALL
    SELECT
        areas_held.metric_id, CASE area_kind WHEN 'region' THEN 'region' ELSE 'board' END, area_code, england.period_start,
        CAST(england.period_start + to_months(CASE frequency WHEN 'month' THEN 1 WHEN 'quarter' THEN 3 ELSE 12 END) AS DATE) - 1,
        england.period_words, frequency, areas_held.numerator, areas_held.denominator, areas_held.value, england.status, NULL, NULL, false, england.is_latest_period, areas_held.organisations_expected - areas_held.organisations_reporting
    FROM metric_by_area AS areas_held
    JOIN metric_england AS england USING (metric_id, basis, period)
    WHERE england.is_main AND areas_held.value IS NOT NULL
        AND metric_id IN (SELECT from_metric FROM asked WHERE place_kind IN ('region', 'board'))
        AND area_code IN (SELECT place_code FROM asked WHERE place_kind IN ('region', 'board'))
),

series AS (
    SELECT
        asked.*,
        held.* EXCLUDE (metric_id, place_kind, place_code),
        CASE frequency WHEN 'month' THEN 1 WHEN 'quarter' THEN 3 ELSE 12 END AS step_months,
        max(period_start) OVER (PARTITION BY uin, measure, asked.place_kind, place_order) AS latest_start
    FROM asked
    JOIN held ON held.metric_id = asked.from_metric AND held.place_kind = asked.place_kind AND held.place_code = asked.place_code
        AND held.period_start >= counts_from AND held.period_end <= counts_to
        -- What does not add up over organisations has no figure of an area.
    JOIN metrics ON metrics.metric_id = asked.from_metric
    WHERE asked.place_kind = 'trust' OR metrics.additive
),

-- Which published periods go into which figure: window_from names the figure.
windows AS (
    SELECT series.*, question_periods.ask, ask_order, question_periods.words AS ask_words,
        CASE
            -- A change asked of one moment is the change since the same time a year before.
            WHEN wants = 'change' AND ask IN ('latest', 'at') AND asks = 1 THEN 'pair'
            WHEN wants = 'change' AND ask = 'span' AND asks = 1 THEN 'span pair'
            WHEN wants = 'change' AND ask IN ('between', 'since') THEN 'pair'
            WHEN wants = 'series' THEN 'series'
            WHEN ask = 'since' OR ask = 'between' AND months_back IS NOT NULL THEN 'pair'
            WHEN ask IN ('span', 'between') THEN 'span'
            ELSE ask
        END AS reading,
        CASE
            WHEN ask = 'latest' THEN latest_start
            WHEN ask = 'at' THEN question_periods.from_date
            -- Of each of the last years, those that are whole.
            WHEN months_back IS NOT NULL AND wants = 'series' AND asks_years AND NOT is_stock
                THEN CAST(make_date(year(period_end_of_latest + 1 - INTERVAL 3 MONTH), 4, 1) - to_months(CAST(months_back AS INTEGER)) AS DATE)
            WHEN months_back IS NOT NULL THEN CAST(latest_start - to_months(CAST(months_back AS INTEGER) - CASE WHEN wants = 'series' AND NOT asks_years THEN step_months ELSE 0 END) AS DATE)
            WHEN ask = 'since' AND wants <> 'series' THEN make_date(year(question_periods.from_date), month(latest_start), 1)
            ELSE question_periods.from_date
        END AS from_date,
        CASE
            WHEN ask = 'latest' OR months_back IS NOT NULL THEN period_end_of_latest
            WHEN ask = 'since' THEN period_end_of_latest
            ELSE question_periods.to_date
        END AS to_date
    FROM (
        SELECT *, max(period_end) OVER (PARTITION BY uin, measure, place_kind, place_order) AS period_end_of_latest
        FROM series
    ) AS series
    JOIN question_periods USING (uin)
    JOIN (SELECT uin, count(*) AS asks FROM question_periods GROUP BY uin) AS counted USING (uin)
),

placed AS (
    SELECT
        *,
        CASE
            WHEN reading = 'latest' AND period_start = latest_start THEN 'value'
            WHEN reading = 'at' AND period_start <= windows.to_date AND period_end >= windows.from_date THEN CASE WHEN wants = 'change' THEN 'moment' ELSE 'value' END
            WHEN reading = 'span' AND period_start >= windows.from_date AND period_end <= windows.to_date THEN CASE WHEN wants = 'change' THEN 'moment' ELSE 'value' END
            WHEN reading = 'series' AND period_end <= windows.to_date
                AND period_start >= CASE WHEN ask = 'latest' OR ask = 'at' THEN CAST(windows.to_date - INTERVAL 12 MONTH AS DATE) ELSE windows.from_date END
                AND (NOT asks_years OR NOT is_stock OR month(period_start) = month(latest_start))
                AND (NOT asks_quarters OR NOT is_stock OR month(period_end) % 3 = 0) THEN 'series'
            WHEN reading = 'pair' AND ask IN ('latest', 'at') AND period_start <= windows.to_date AND period_end >= windows.from_date THEN 'after'
            WHEN reading = 'pair' AND ask IN ('latest', 'at') AND period_start <= windows.to_date - INTERVAL 12 MONTH AND period_end >= windows.from_date - INTERVAL 12 MONTH THEN 'before'
            WHEN reading = 'pair' AND ask IN ('between', 'since') AND period_start <= windows.from_date AND period_end >= windows.from_date THEN 'before'
            WHEN reading = 'pair' AND ask IN ('between', 'since')
                AND (period_start <= windows.to_date AND period_end >= windows.to_date OR period_start = latest_start AND period_end < windows.to_date) THEN 'after'
            WHEN reading = 'span pair' AND period_start >= windows.from_date AND period_end <= windows.to_date THEN 'after'
            WHEN reading = 'span pair' AND period_start >= windows.from_date - INTERVAL 12 MONTH AND period_end <= windows.to_date - INTERVAL 12 MONTH THEN 'before'
        END AS role
    FROM windows
),

-- Of what stands, the last in a window counts.
chosen AS (
    SELECT *
    FROM placed
    WHERE role IS NOT NULL
    QUALIFY reading NOT IN ('span', 'span pair') OR NOT is_stock
        OR period_start = max(period_start) OVER (PARTITION BY uin, measure, place_kind, place_code, role, ask_order)
),

-- Several moments asked with a change: the first and the last.
moments AS (
    SELECT
        * REPLACE (
            CASE
                WHEN role <> 'moment' THEN role
                WHEN ask_order = min(ask_order) OVER (PARTITION BY uin, measure, place_kind, place_order) THEN 'before'
                WHEN ask_order = max(ask_order) OVER (PARTITION BY uin, measure, place_kind, place_order) THEN 'after'
                ELSE 'value'
            END AS role
        )
    FROM chosen
    -- Two months of one quarter are the same figure, once.
    QUALIFY row_number() OVER (
        PARTITION BY uin, measure, place_kind, place_order, place_code, reading, CASE WHEN reading IN ('span', 'span pair', 'pair') THEN ask_order END, period_start ORDER BY ask_order
    ) = 1
),

added AS (
    SELECT
        uin, measure, measure_order, form, asks_count, from_metric, takes, is_stock, is_average, place_kind, place_code, role,
        max(silent) AS silent,
        min(place_name) AS place_name,
        min(place_words) AS place_words,
        min(place_order) AS place_order,
        min(period_start) AS period_start,
        max(period_end) AS period_end,
        count(*) AS periods_in,
        min(step_months) AS step_months,
        CASE
            WHEN count(*) = 1 THEN min(period_words)
            WHEN date_diff('month', min(period_start), max(period_end)) + 1 = 12 AND month(min(period_start)) = 4 AND count(*) * min(step_months) = 12
                THEN year(min(period_start)) || '/' || right(CAST(year(max(period_end)) AS VARCHAR), 2)
            WHEN date_diff('month', min(period_start), max(period_end)) + 1 = 12 AND month(min(period_start)) = 1 AND count(*) * min(step_months) = 12
                THEN CAST(year(min(period_start)) AS VARCHAR)
            ELSE strftime(min(period_start), '%B') || CASE WHEN year(min(period_start)) = year(max(period_end)) THEN '' ELSE strftime(min(period_start), ' %Y') END || ' to ' || strftime(max(period_end), '%B %Y')
                || CASE
                    WHEN count(*) * min(step_months) < date_diff('month', min(period_start), max(period_end)) + 1
                        THEN ' (' || count(*) || ' of ' || CAST((date_diff('month', min(period_start), max(period_end)) + 1) / min(step_months) AS INTEGER) || ' periods held)'
                    ELSE ''
                END
        END AS period_words,
        CASE WHEN is_average THEN avg(numerator) ELSE CAST(sum(CAST(numerator AS DECIMAL(18, 6))) AS DOUBLE) END AS numerator,
        CASE WHEN is_average THEN avg(denominator) ELSE CAST(sum(CAST(denominator AS DECIMAL(18, 6))) AS DOUBLE) END AS denominator,
        string_agg(DISTINCT status, ' and ' ORDER BY status) AS status,
        min(source) AS source,
        min(basis_words) AS basis_words,
        bool_or(is_latest_period) AS is_latest,
        bool_or(merged_in_window) AS merged
    FROM moments
    -- A figure of one published period each, but for windows that are added up.
    GROUP BY uin, measure, measure_order, form, asks_count, from_metric, takes, is_stock, is_average, place_kind, place_code, role, CASE WHEN reading IN ('span', 'span pair', 'pair') THEN ask_order END,
        CASE
            WHEN reading IN ('span', 'span pair') AND NOT is_stock THEN NULL
            -- A figure of each year: what passes through is added up over the financial year.
            WHEN reading = 'series' AND asks_years AND NOT is_stock THEN make_date(year(period_start - INTERVAL 3 MONTH), 4, 1)
            WHEN reading = 'series' AND asks_quarters AND NOT is_stock THEN CAST(date_trunc('quarter', period_start) AS DATE)
            ELSE period_start
        END
    HAVING NOT (bool_or(reading = 'series' AND asks_years AND NOT is_stock) AND count(*) * min(step_months) < 12)
        AND NOT (bool_or(reading = 'series' AND asks_quarters AND NOT is_stock) AND count(*) * min(step_months) < 3)
),

figured AS (
    SELECT
        added.* EXCLUDE (numerator, denominator),
        metrics.kind,
        CASE takes WHEN 'value' THEN added.numerator WHEN 'complement' THEN added.denominator - added.numerator END AS numerator,
        CASE WHEN takes <> 'denominator' THEN added.denominator END AS denominator,
        CASE
            WHEN takes = 'denominator' THEN added.denominator
            WHEN takes = 'complement' THEN metrics.scale * (added.denominator - added.numerator) / added.denominator
            WHEN metrics.kind = 'count' THEN metrics.scale * added.numerator
            ELSE metrics.scale * added.numerator / added.denominator
        END AS value,
        CASE WHEN takes = 'denominator' THEN 0 ELSE metrics.decimals END AS decimals,
        CASE WHEN takes = 'denominator' THEN '' ELSE metrics.unit_suffix END AS unit_suffix,
        metrics.scale,
        metrics.added_over,
        trend_metrics.interval_method,
        control_chart_summary.sigma,
        parameters.confidence_level,
        answer_measures.answer_words,
        answer_measures.count_words,
        answer_measures.country_words,
        answer_measures.behind_form,
        asks_count AND count_words IS NOT NULL AS leads_with_count
    FROM added
    JOIN (SELECT measure, answer_words, count_words, behind_form, country_words FROM answer_measures) AS answer_measures USING (measure)
    JOIN metrics ON metrics.metric_id = added.from_metric
    JOIN trend_metrics ON trend_metrics.metric_id = added.from_metric
    LEFT JOIN control_chart_summary ON control_chart_summary.metric_id = added.from_metric AND control_chart_summary.trust_code = added.place_code
    CROSS JOIN parameters
    WHERE (added.denominator > 0 OR metrics.kind = 'count')
),

bounded AS (
    SELECT
        *,
        CASE
            WHEN takes = 'denominator' THEN NULL
            WHEN interval_method = 'wilson' AND numerator <= denominator THEN wilson_interval(numerator, denominator, confidence_level)
            WHEN interval_method = 'ratio' THEN rate_interval(numerator, denominator, confidence_level)
        END AS from_counts,
        CASE WHEN takes <> 'denominator' AND interval_method = 'process' AND sigma > 0
            THEN difference_interval(0, 0, value, sigma / sqrt(periods_in), 0, confidence_level) END AS from_process
    FROM figured
),

-- A billionth more, so that halves are rounded away from nought as everywhere in print; halves of a patient stay, and days lost are whole.
worded AS (
    SELECT
        * REPLACE (CASE WHEN place_kind = 'country' AND country_words IS NOT NULL THEN country_words WHEN place_kind = 'country' AND added_over = 'NHS trusts' THEN 'at NHS trusts in England' ELSE place_words END AS place_words),
        CASE
            WHEN decimals = 0 THEN printf('%,d', CAST(round(value + 1e-9) AS BIGINT))
            ELSE printf('%.' || decimals || 'f', round(CAST(value AS DOUBLE) + 1e-9, CAST(decimals AS INTEGER)))
        END || unit_suffix AS value_words,
        CASE WHEN 2 * numerator <> round(2 * numerator) OR numerator = round(numerator) OR is_average THEN printf('%,d', CAST(round(numerator + 1e-9) AS BIGINT)) ELSE printf('%,d', CAST(floor(numerator) AS BIGINT)) || substr(printf('%.1f', numerator - floor(numerator)), 2) END AS numerator_words,
        CASE WHEN 2 * denominator <> round(2 * denominator) OR denominator = round(denominator) OR is_average THEN printf('%,d', CAST(round(denominator + 1e-9) AS BIGINT)) ELSE printf('%,d', CAST(floor(denominator) AS BIGINT)) || substr(printf('%.1f', denominator - floor(denominator)), 2) END AS denominator_words
    FROM bounded
)

SELECT
    uin,
    measure,
    measure_order,
    place_kind,
    place_code,
    place_name,
    place_words,
    place_order,
    role,
    period_start,
    period_end,
    period_words,
    periods_in,
    CASE
        WHEN is_stock AND from_metric NOT LIKE 'workforce%' AND step_months = 1 THEN 'At the end of ' || strftime(period_end, '%B %Y')
        WHEN length(period_words) = 4 OR contains(period_words, '/') OR NOT contains(period_words, ' to ') THEN 'In ' || period_words
        ELSE 'In the period ' || period_words
    END AS lead_words,
    value,
    decimals,
    unit_suffix,
    numerator,
    denominator,
    value_words,
    CASE
        WHEN takes = 'denominator' OR kind IN ('count', 'mean') OR denominator IS NULL THEN ''
        -- Deaths against those expected are no part of them: the rule table says how two counts stand to each other.
        ELSE ' (' || replace(replace(coalesce(behind_form, '{part} of {whole}'), '{part}', numerator_words), '{whole}', denominator_words) || ')'
    END AS counts_words,
    leads_with_count,
    CASE WHEN leads_with_count THEN numerator_words ELSE value_words END AS said_words,
    CASE
        WHEN leads_with_count THEN ' (' || value_words || ' of ' || denominator_words || ')'
        WHEN contains(answer_words, '{counts}') THEN counts_words
        ELSE ''
    END AS said_behind_words,
    CASE
        WHEN leads_with_count THEN replace(replace(replace(replace(count_words, '{value}', numerator_words), '{place}', place_words), '{share}', value_words), '{whole}', denominator_words)
        ELSE replace(replace(replace(answer_words, '{value}', value_words), '{place}', place_words), '{counts}', counts_words)
    END AS sentence_words,
    coalesce(scale * from_counts.lower, from_process.lower) AS low,
    coalesce(scale * from_counts.upper, from_process.upper) AS high,
    replace(status, 'halved', 'published, halved here') AS status,
    source AS source_name,
    basis_words,
    is_latest,
    merged,
    silent,
    from_metric,
    takes,
    kind,
    sigma,
    scale,
    interval_method
FROM worded
ORDER BY uin, measure_order, measure, place_order, place_name, period_start, role, place_kind, place_code, period_end
