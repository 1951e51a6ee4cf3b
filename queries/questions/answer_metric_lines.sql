/*
title = "Sentences about measures"
description = "What an answer says of the figures, changes and gaps of a measure. Each sentence is made from the numbers of its row, and holds only if they give it again by another way. Up to three figures are said one by one; of more the sentence gives the two ends, and the table each of them."
grain = ["uin", "measure_order", "line"]

[columns]
uin = { meaning = "Number of the question" }
measure = { meaning = "Measure" }
measure_order = { unit = "count", meaning = "Order of the measure" }
line = { unit = "count", meaning = "Order of the sentence" }
part = { meaning = "answer or background" }
place_name = { meaning = "Where" }
other_place_name = { meaning = "Where the other figure is" }
lead_words = { meaning = "When" }
before_lead_words = { meaning = "The earlier time" }
value = { meaning = "The figure" }
value_words = { meaning = "The figure as it is said" }
numerator = { unit = "count", decimals = 1, meaning = "Count behind a share" }
denominator = { unit = "count", decimals = 1, meaning = "Count that it is a share of" }
counts_words = { meaning = "Counts behind it" }
before_value = { meaning = "The earlier figure, or the other one" }
before_value_words = { meaning = "As it is said" }
before_counts_words = { meaning = "Counts behind it" }
change = { meaning = "Difference" }
change_percent = { unit = "%", decimals = 1, meaning = "Size of the difference as a share of the earlier figure, of what is counted whole" }
change_low = { meaning = "Low end of its interval" }
change_high = { meaning = "High end of it" }
periods_held = { unit = "count", meaning = "Periods in the table" }
figures = { unit = "count", meaning = "Figures in the table" }
places = { unit = "count", meaning = "Places of them" }
time_limit = { meaning = "Limit of time in the sentence" }
fixed_words = { meaning = "Words with a number that the sentence holds" }
asked_words = { meaning = "Period asked for" }
first_words = { meaning = "First period held" }
last_words = { meaning = "Last period held" }
closed_on = { meaning = "Day on which an organisation closed" }
confidence_level = { unit = "fraction", decimals = 0, meaning = "Level of the interval" }
holds = { meaning = "Whether the numbers give the sentence again" }
statement = { meaning = "The sentence" }

[[tests]]
check = "not_null"
columns = ["statement", "holds", "part"]

[[tests]]
check = "sql"
name = "no sentence keeps a gap to be filled"
where = "contains(statement, '{') OR contains(statement, '  ') OR contains(statement, 'NULL')"

[determinism]
window = "a place has one change of a measure in a question: the grain of answer_changes, which is tested"
*/
WITH counted AS (
    SELECT
        answer_values.*,
        answer_measures.answer_words,
        answer_measures.count_words,
        answer_measures.short_words,
        answer_measures.time_limit,
        answer_measures.fixed_words,
        count(*) OVER one AS figures,
        min(lead_words) OVER one <> max(lead_words) OVER one AS several_times,
        row_number() OVER (one ORDER BY place_order, place_name, period_start, place_kind, place_code, role, period_end) AS place_in_list,
        first_value(lead_words) OVER (one ORDER BY place_order, place_name, period_start, place_kind, place_code, role, period_end) AS first_lead,
        CASE WHEN leads_with_count THEN answer_values.numerator ELSE value END AS said,
        min(CASE WHEN leads_with_count THEN answer_values.numerator ELSE value END) OVER one AS lowest,
        max(CASE WHEN leads_with_count THEN answer_values.numerator ELSE value END) OVER one AS highest
    FROM answer_values
    JOIN answer_measures USING (measure)
    JOIN question_readings USING (uin, measure)
    -- Of a change of which the earlier figure is not held, the later one is still said; so is the one figure held of a series.
    WHERE role = 'value' AND question_readings.form = 'value'
        OR (role = 'after' AND question_readings.form IN ('value', 'change') OR role = 'series' AND question_readings.form = 'series') AND NOT EXISTS (
            FROM answer_changes WHERE answer_changes.uin = answer_values.uin AND answer_changes.measure = answer_values.measure AND answer_changes.place_order = answer_values.place_order
        )
    WINDOW one AS (PARTITION BY uin, measure)
),

-- Each figure by itself; after the first of one period only where and how much.
single AS (
    SELECT
        uin, measure, measure_order,
        place_in_list AS line,
        'answer' AS part,
        place_name, lead_words, value, said_words AS value_words, said_behind_words AS counts_words, numerator, denominator, time_limit, fixed_words,
        CASE
            WHEN denominator IS NULL OR counts_words = '' THEN true
            ELSE abs(value - scale * numerator / denominator) < 1e-9
        END AND starts_with(counted.value_words, CASE WHEN decimals = 0 THEN printf('%,d', CAST(round(value + 1e-9) AS BIGINT)) ELSE printf('%.' || decimals || 'f', round(CAST(value AS DOUBLE) + 1e-9, CAST(decimals AS INTEGER))) END) AS holds,
        CASE
            WHEN place_in_list > 1 AND lead_words = first_lead
                THEN upper(left(place_words, 1)) || substr(place_words, 2) || ' the figure was ' || said_words || said_behind_words || '.'
            ELSE lead_words || ', ' || sentence_words || '.'
        END AS statement
    FROM counted
    WHERE figures <= 3
),

several AS (
    SELECT
        uin, measure, measure_order, 1 AS line, 'answer' AS part,
        max_by(place_name, (said, place_name)) AS place_name,
        min_by(place_name, (said, place_name)) AS other_place_name,
        min(lead_words) AS lead_words,
        max(said) AS value,
        max_by(said_words, (said, place_name, said_words)) AS value_words,
        min(said) AS before_value,
        min_by(said_words, (said, place_name, said_words)) AS before_value_words,
        count(DISTINCT place_code) AS places,
        count(*) AS figures,
        min_by(period_words, (said, place_name, period_start, period_words)) AS first_words,
        max_by(period_words, (said, place_name, period_start, period_words)) AS last_words,
        min(time_limit) AS time_limit,
        min(fixed_words) AS fixed_words,
        count(DISTINCT lead_words) = 1 AS same_time,
        min(said) = min(lowest) AND max(said) = max(highest) AND count(*) = min(figures) AS holds,
        CASE WHEN count(DISTINCT lead_words) = 1 THEN min(lead_words) WHEN bool_and(is_latest) THEN 'In the latest period of each' ELSE 'In the periods asked for' END || ', '
            || replace(replace(replace(CASE WHEN bool_and(leads_with_count) THEN replace(min(count_words), ' ({share} of {whole})', '') ELSE min(answer_words) END, '{value}',
                'from ' || min_by(said_words, (said, place_name, said_words)) || ' (' || min_by(place_period, (said, place_name, period_start, place_period)) || ') to '
                || max_by(said_words, (said, place_name, said_words)) || ' (' || max_by(place_period, (said, place_name, period_start, place_period)) || ')'),
                '{place}', CASE min(place_kind) WHEN 'region' THEN 'in ' || count(*) || ' regions' WHEN 'board' THEN 'in the areas of ' || count(*) || ' integrated care boards' ELSE CASE
                    WHEN count(DISTINCT place_code) = 1 THEN min(place_words)
                    WHEN bool_and(place_kind = 'trust') THEN 'at the ' || count(DISTINCT place_code) || ' trusts asked for'
                    ELSE 'in the ' || count(DISTINCT place_code) || ' places asked for'
                END END), '{counts}', '')
            || '. The table gives each of the ' || count(*) || ' figures.' AS statement
    FROM (SELECT *, place_name || CASE WHEN several_times THEN ', ' || period_words ELSE '' END AS place_period FROM counted) AS counted
    WHERE figures > 3
    GROUP BY uin, measure, measure_order
),

-- Whether deaths are more than expected is the publisher's band to say, and not the value's.
banded AS (
    SELECT
        counted.uin, counted.measure, counted.measure_order, 15 + place_in_list AS line, 'answer' AS part, place_name, true AS holds,
        'NHS England puts ' || place_name || ' in the band "' || CASE shmi_banding WHEN 1 THEN 'higher than expected' WHEN 2 THEN 'as expected' ELSE 'lower than expected' END || '".' AS statement
    FROM counted
    JOIN shmi_counts ON shmi_counts.org_code = counted.place_code AND CAST(left(shmi_counts.period, 7) || '-01' AS DATE) = counted.period_start
    WHERE counted.from_metric = 'shmi' AND counted.place_kind = 'trust' AND shmi_banding IS NOT NULL AND figures <= 3
),

-- Two organisations in one period: whether they differ by more than chance explains.
two AS (
    SELECT
        one.uin, one.measure, one.measure_order, 20 AS line,
        CASE WHEN question_readings.asks_ranking THEN 'answer' ELSE 'background' END AS part,
        one.place_name, other.place_name AS other_place_name, one.lead_words, one.value, one.value_words, other.value AS before_value, other.value_words AS before_value_words,
        one.time_limit, one.fixed_words,
        other.value - one.value AS change,
        CASE
            WHEN one.interval_method = 'wilson' AND one.takes <> 'denominator'
                THEN one.scale * newcombe_interval(other.numerator, other.denominator, one.numerator, one.denominator, confidence_level).lower
            WHEN one.interval_method = 'process' AND one.sigma > 0 AND other.sigma > 0
                THEN difference_interval(one.value, one.sigma / sqrt(one.periods_in), other.value, other.sigma / sqrt(other.periods_in), 0, confidence_level).lower
        END AS change_low,
        CASE
            WHEN one.interval_method = 'wilson' AND one.takes <> 'denominator'
                THEN one.scale * newcombe_interval(other.numerator, other.denominator, one.numerator, one.denominator, confidence_level).upper
            WHEN one.interval_method = 'process' AND one.sigma > 0 AND other.sigma > 0
                THEN difference_interval(one.value, one.sigma / sqrt(one.periods_in), other.value, other.sigma / sqrt(other.periods_in), 0, confidence_level).upper
        END AS change_high,
        CAST(confidence_level AS DOUBLE) AS confidence_level,
        one.interval_method = 'wilson' AS from_counts,
        one.decimals,
        one.unit_suffix
    FROM counted AS one
    JOIN counted AS other ON other.uin = one.uin AND other.measure = one.measure AND other.lead_words = one.lead_words AND other.place_in_list = 2
    JOIN question_readings ON question_readings.uin = one.uin AND question_readings.measure = one.measure
    CROSS JOIN parameters
    -- A trust is part of England, and no independent figure beside it.
    WHERE one.place_in_list = 1 AND one.figures = 2 AND one.place_code <> other.place_code AND one.place_kind = other.place_kind
),

compared AS (
    SELECT
        * EXCLUDE (decimals, unit_suffix, from_counts),
        change_low <= change AND change <= change_high AS holds,
        'The difference between ' || place_name || ' and ' || other_place_name || ' (' || printf('%.' || decimals || 'f', round(abs(CAST(change AS DOUBLE)) + 1e-9, CAST(decimals AS INTEGER)))
            || CASE WHEN unit_suffix = '%' THEN ' percentage points' ELSE unit_suffix END || '; ' || printf('%.0f', 100 * confidence_level) || '% interval of the second less the first '
            || CASE WHEN change_low < 0 THEN '−' ELSE '+' END || printf('%.' || decimals || 'f', round(abs(CAST(change_low AS DOUBLE)) + 1e-9, CAST(decimals AS INTEGER))) || ' to '
            || CASE WHEN change_high < 0 THEN '−' ELSE '+' END || printf('%.' || decimals || 'f', round(abs(CAST(change_high AS DOUBLE)) + 1e-9, CAST(decimals AS INTEGER)))
            || ') is ' || CASE WHEN change_low > 0 OR change_high < 0 THEN 'larger than ' || CASE WHEN from_counts THEN 'chance in the counts explains' ELSE 'the usual variation from period to period explains' END || ', for this period alone.' ELSE 'no larger than chance explains.' END AS statement
    FROM two
    WHERE change_low IS NOT NULL AND change_high IS NOT NULL
),

changed AS (
    SELECT
        answer_changes.uin, answer_changes.measure, answer_changes.measure_order, 2 * row_number() OVER (PARTITION BY uin, measure ORDER BY place_order, place_kind, place_code) - 1 AS line, 'answer' AS part,
        place_name, CASE WHEN form = 'division not held' THEN lower(left(lead_words, 1)) || substr(lead_words, 2) ELSE lead_words END AS lead_words, before_lead_words, value, said_words AS value_words, said_behind_words AS counts_words, numerator, denominator, before_value, before_said_words AS before_value_words, before_said_behind_words AS before_counts_words,
        time_limit, fixed_words,
        (denominator IS NULL OR counts_words = '' OR abs(value - CASE WHEN unit_suffix = '%' THEN 100 ELSE 1 END * numerator / denominator) < 1e-6 OR unit_suffix NOT IN ('%', ''))
            AND abs(value - before_value - change) < 1e-9 AS holds,
        -- What the data do not divide by is said before.
        CASE WHEN form = 'division not held' THEN 'Without that division: ' || lower(left(lead_words, 1)) || substr(lead_words, 2) ELSE lead_words END || ', ' || sentence_words || ', compared with ' || before_said_words || before_said_behind_words || ' ' || before_lead_words || '.' AS statement
    FROM answer_changes
    JOIN (SELECT uin, measure, form FROM question_readings) AS readings USING (uin, measure)
    JOIN answer_measures USING (measure)
    JOIN (SELECT DISTINCT uin, measure, place_code, role, unit_suffix FROM answer_values WHERE role IN ('after', 'series')) AS units USING (uin, measure, place_code)
),

judged AS (
    SELECT
        uin, measure, measure_order, 2 * row_number() OVER (PARTITION BY uin, measure ORDER BY place_order, place_kind, place_code) AS line, 'answer' AS part,
        place_name, change, change_low, change_high, periods_held, least(periods_held, answer_table_periods) AS figures, CASE WHEN change_words = 'differs' AND before_value > 0 THEN 100 * abs(change) / before_value END AS change_percent, CAST(answer_changes.confidence_level AS DOUBLE) AS confidence_level,
        change_words = CASE WHEN change_low > 0 THEN 'rose' WHEN change_high < 0 THEN 'fell' WHEN change_low IS NOT NULL THEN 'no change beyond chance' ELSE 'differs' END AS holds,
        CASE change_words
            WHEN 'rose' THEN CASE WHEN leads_with_count THEN 'The share rose by ' ELSE 'That is a rise of ' END || change_amount_words || ' (' || printf('%.0f', 100 * answer_changes.confidence_level) || '% interval ' || interval_words || ').'
            WHEN 'fell' THEN CASE WHEN leads_with_count THEN 'The share fell by ' ELSE 'That is a fall of ' END || change_amount_words || ' (' || printf('%.0f', 100 * answer_changes.confidence_level) || '% interval ' || interval_words || ').'
            WHEN 'differs' THEN 'That is ' || change_amount_words || CASE WHEN change >= 0 THEN ' more' WHEN contains(change_amount_words, '.') THEN ' less' ELSE ' fewer' END
                || CASE WHEN before_value > 0 AND NOT contains(change_amount_words, ' ') THEN ' (' || printf('%.1f', 100 * abs(change) / before_value) || '%).' ELSE '.' END
            ELSE CASE WHEN leads_with_count THEN 'The difference of the shares, ' ELSE 'The difference of ' END || change_amount_words || CASE WHEN leads_with_count THEN ',' ELSE '' END || ' is no larger than chance explains (' || printf('%.0f', 100 * answer_changes.confidence_level) || '% interval ' || interval_words || ').'
        END
            || CASE
                WHEN is_series AND periods_held > answer_table_periods THEN ' The table gives the latest ' || answer_table_periods || ' of the ' || periods_held || ' periods held.'
                WHEN is_series THEN ' The table gives the ' || periods_held || ' periods held.'
                ELSE ''
            END
            || CASE WHEN other_organisation THEN ' The two are not like for like: organisations merged in between.' ELSE '' END AS statement
    FROM answer_changes
    CROSS JOIN parameters
),

missing AS (
    SELECT
        answer_gaps.uin, answer_gaps.measure, answer_measures.measure_order,
        30 + row_number() OVER (PARTITION BY uin, measure ORDER BY place_order, place_code, ask_order) AS line,
        'answer' AS part,
        place_name, asked_words, first_words, last_words, time_limit, fixed_words, answer_gaps.short_words,
        true AS holds,
        CASE gap
            WHEN 'not reported' THEN place_name || ' reported no figure of this measure for ' || asked_words || '.'
            WHEN 'does not add up' THEN 'No figure can be given for ' || place_name || ': the measure is of single organisations and does not add up over them.'
            WHEN 'never held' THEN 'The published data held for this answer have no figure of this measure for ' || place_name || coalesce(': it is held for ' || held_for, '') || '.'
            WHEN 'missing between' THEN 'No figure of this measure for ' || place_name || ' in ' || asked_words || ' is in the published data held for this answer, which begin in ' || first_words || ', end in ' || last_words || ' and leave out some months.'
            ELSE 'The published data held for this answer cover this measure for ' || place_name
                || CASE WHEN first_words = last_words THEN ' for ' || first_words || ' alone' ELSE ' from ' || first_words || ' to ' || last_words END
                || ', so that no figure can be given from them for ' || CASE WHEN starts_with(asked_words, 'since ') THEN 'the time ' ELSE '' END || asked_words || '.'
        END AS statement
    FROM answer_gaps
    JOIN answer_measures USING (measure)
    -- Many areas without a figure are in the background alone.
    QUALIFY count(*) OVER (PARTITION BY uin, measure) <= 3
),

-- The latest figure that is held, where the one asked for is not.
closed AS (
    SELECT
        question_places.uin, question_readings.measure, question_readings.measure_order,
        40 + question_places.place_order AS line,
        'answer' AS part,
        question_places.place_name, closed_on, true AS holds,
        question_places.place_name || ' closed on ' || day(closed_on) || strftime(closed_on, ' %B %Y')
            || CASE WHEN successor_name IS NOT NULL THEN '; ' || successor_name || ' carried on its services, and later figures are those of the whole of that organisation.' ELSE ', and no single organisation carried on its services.' END AS statement
    FROM question_places
    JOIN question_readings USING (uin)
    WHERE closed_on IS NOT NULL AND question_readings.from_metric IS NOT NULL AND question_readings.form IN ('value', 'change', 'series')
),

provisional AS (
    SELECT
        uin, measure, min(answer_values.measure_order) AS measure_order, 50 AS line, 'answer' AS part,
        string_agg(DISTINCT period_words, ', ' ORDER BY period_words) AS asked_words,
        true AS holds,
        'Figures for ' || string_agg(DISTINCT period_words, ', ' ORDER BY period_words) || ' are ' || CASE WHEN bool_and(answer_values.status = 'provisional') THEN '' ELSE 'in part ' END || 'provisional and may be revised.' AS statement
    FROM answer_values
    JOIN question_readings USING (uin, measure)
    WHERE contains(status, 'provisional') AND question_readings.form IN ('value', 'change', 'series')
    GROUP BY uin, measure
),

unheard AS (
    SELECT
        uin, measure, min(answer_values.measure_order) AS measure_order, 45 AS line, 'answer' AS part, CAST(max(silent) AS BIGINT) AS figures, max(silent) > 0 AS holds,
        CASE WHEN max(silent) = 1 THEN 'One organisation of those expected reported no figure and is not in it.' ELSE 'Of the organisations expected, ' || max(silent) || ' reported no figure and are not in it.' END AS statement
    FROM answer_values
    JOIN question_readings USING (uin, measure)
    WHERE silent > 0 AND question_readings.form IN ('value', 'change', 'series')
    GROUP BY uin, measure
),

-- Whether a figure meets the standard, where that is asked.
meeting AS (
    SELECT
        answer_values.uin, answer_values.measure, answer_values.measure_order, 3 + row_number() OVER (PARTITION BY answer_values.uin, answer_values.measure ORDER BY answer_values.place_order, answer_values.place_name, answer_values.period_start, answer_values.place_kind, answer_values.place_code, answer_values.role, answer_values.period_end) AS line, 'answer' AS part,
        answer_values.place_name, measured_series.target_words AS asked_words, true AS holds,
        CASE WHEN CASE better WHEN 'high' THEN measured_series.value >= target ELSE measured_series.value <= target END THEN 'The figure of ' || place_name || ' meets' ELSE 'The figure of ' || place_name || ' does not meet' END
            || ' the standard, or the target of the period (' || target_words || ').' AS statement
    FROM answer_values
    JOIN question_readings USING (uin, measure)
    JOIN metrics ON metrics.metric_id = answer_values.from_metric
    JOIN measured_series ON measured_series.metric_id = answer_values.from_metric AND measured_series.trust_code = answer_values.place_code AND measured_series.period = answer_values.period_start
    WHERE question_readings.asks_meeting AND question_readings.form IN ('value', 'change') AND answer_values.takes = 'value' AND answer_values.role IN ('value', 'after') AND periods_in = 1
        AND answer_values.place_kind IN ('trust', 'country') AND target IS NOT NULL AND better IN ('high', 'low')
    QUALIFY count(*) OVER (PARTITION BY answer_values.uin, answer_values.measure) <= 3
),

-- A series that does not cover all of the time asked for says so.
courses AS (
    SELECT
        uin, measure, place_order,
        min(answer_values.measure_order) AS measure_order,
        min(place_name) AS place_name,
        min(period_start) AS first_start,
        max(period_end) AS last_end,
        CASE WHEN bool_or(asks_years OR asks_quarters) THEN 0 ELSE date_diff('month', min(period_start), max(period_end)) + 1 - sum(date_diff('month', period_start, period_end) + 1) END AS months_out
    FROM answer_values
    JOIN question_readings USING (uin, measure)
    WHERE role = 'series' AND question_readings.form = 'series'
    GROUP BY uin, measure, place_order
),

uncovered AS (
    SELECT
        uin, measure, measure_order, 42 AS line, 'answer' AS part,
        first_value(place_name) OVER (PARTITION BY uin, measure ORDER BY place_order) AS place_name,
        CASE WHEN first_start > coalesce(from_date, last_end + 1 - to_months(CAST(months_back AS INTEGER))) THEN strftime(first_start, '%B %Y') END AS first_words,
        CASE WHEN ask IN ('at', 'span') AND last_end < to_date THEN strftime(last_end, '%B %Y') END AS last_words,
        CASE WHEN months_out > 0 THEN CAST(months_out AS BIGINT) END AS figures
    FROM courses
    JOIN question_periods USING (uin)
    WHERE ask <> 'latest'
    -- Of several places and periods the widest gap is enough.
    QUALIFY row_number() OVER (PARTITION BY uin, measure ORDER BY months_out DESC, place_order, ask_order) = 1
),

covered AS (
    SELECT
        *,
        true AS holds,
        'Of the time asked for, the published data held for this answer '
            || list_aggregate(list_filter([
                'begin in ' || first_words,
                'end in ' || last_words,
                'leave out ' || figures || CASE WHEN figures = 1 THEN ' month' ELSE ' months' END || ' between'
            ], lambda part: part IS NOT NULL), 'string_agg', ', and ') || '.' AS statement
    FROM uncovered
    WHERE first_words IS NOT NULL OR last_words IS NOT NULL OR figures IS NOT NULL
),

lines AS (
    SELECT * FROM single
    UNION ALL BY NAME SELECT * EXCLUDE (same_time) FROM several
    UNION ALL BY NAME SELECT * FROM compared
    UNION ALL BY NAME SELECT * FROM banded
    UNION ALL BY NAME SELECT * FROM changed
    UNION ALL BY NAME SELECT * FROM judged
    UNION ALL BY NAME SELECT * EXCLUDE (short_words) FROM missing
    UNION ALL BY NAME SELECT * FROM closed
    UNION ALL BY NAME SELECT * FROM unheard
    UNION ALL BY NAME SELECT * FROM covered
    UNION ALL BY NAME SELECT * FROM meeting
    UNION ALL BY NAME SELECT * FROM provisional
)

SELECT * FROM lines
ORDER BY uin, measure_order, line
