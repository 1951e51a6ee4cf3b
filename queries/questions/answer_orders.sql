/*
title = "Trusts compared in an answer"
description = "For each question that compares trusts: the figure of each trust of one kind in the period asked for, or in the latest where none is named or that one is not held. Of shares in the latest period each place has its confidence set; of counts, of earlier periods and of one area's trusts alone there is no set, and so no place. By count only where the question asks how many and the measure has a count."
grain = ["uin", "measure", "trust_code"]

[columns]
uin = { meaning = "Number of the question" }
measure = { meaning = "Measure" }
measure_order = { unit = "count", meaning = "Order of the measure" }
trust_code = { meaning = "Organisation code" }
trust_name = { meaning = "Name" }
trust_kind = { meaning = "Kind of trust" }
is_first_kind = { meaning = "Whether it is the kind that the answer speaks of; others are background" }
area_words = { meaning = "The area whose trusts are compared; nothing for England" }
period = { meaning = "First day of the month, or last day of the quarter" }
period_words = { meaning = "The period in words" }
is_asked = { meaning = "Whether the period is the one asked for" }
asked_words = { meaning = "The period as the question says it" }
by_count = { meaning = "Whether trusts are in order of a count" }
value = { meaning = "The figure in the unit shown" }
numerator = { unit = "count", decimals = 1, meaning = "Count behind it" }
denominator = { unit = "count", decimals = 1, meaning = "What it is a share of" }
ordered_by = { meaning = "What the order goes by: the figure, or the count" }
ordered_words = { meaning = "What the order goes by, in words" }
behind_words = { meaning = "What stands behind the figure: place and set, or the counts" }
metric_rank = { unit = "rank", meaning = "Place, where there is a set for it" }
list_best = { unit = "rank", meaning = "Best place in the set of the whole list" }
list_worst = { unit = "rank", meaning = "Worst place in the set of the whole list" }
trusts_ranked = { unit = "count", meaning = "Trusts in the order" }
meets = { meaning = "Whether the figure meets the standard, or the target of the period; missing where there is none" }
target_words = { meaning = "The standard or target in words" }
best_first = { unit = "count", meaning = "Order in the table: the better end first; of counts the highest first" }
end_asked = { meaning = "The end of the order that is asked for: highest or lowest; missing where both or neither" }
asked_first = { unit = "count", meaning = "Place in the order that begins with that end" }
decimals = { meaning = "Decimals of the figure" }
unit_suffix = { meaning = "What stands after the figure" }
status = { meaning = "Status" }
source = { meaning = "Source" }

[[tests]]
check = "sql"
name = "no place without its set"
where = "(metric_rank IS NULL) <> (list_best IS NULL)"

[[tests]]
check = "sql"
name = "the figures of one comparison are of one period"
query = "SELECT uin, measure FROM answer_orders GROUP BY uin, measure HAVING count(DISTINCT period) > 1"

[determinism]
list = "a word of a name has one place in it"
*/
WITH wanted AS (
    SELECT
        question_readings.uin, measure, question_readings.measure_order, question_readings.from_metric, question_readings.takes, question_readings.asks_count, question_readings.order_asked, answer_measures.count_words
    FROM question_readings
    JOIN answer_measures USING (measure)
    WHERE form = 'ranking' AND question_readings.from_metric IS NOT NULL
),

-- The last period that the question names; nothing where it names none.
named AS (
    SELECT uin, max(from_date) AS from_date, max(to_date) AS to_date, max_by(words, (to_date, words)) AS asked_words
    FROM question_periods
    WHERE ask IN ('at', 'span') AND from_date IS NOT NULL
    GROUP BY uin
),

areas AS (
    SELECT uin, place_kind, place_code, replace(place_words, 'at organisations in', 'in') AS area_words
    FROM question_places
    WHERE place_kind IN ('region', 'board')
),

readings AS (
    SELECT
        wanted.*,
        measured_series.*,
        areas.area_words,
        metrics.better,
        metrics.kind,
        metrics.decimals AS metric_decimals,
        metrics.unit_suffix AS metric_suffix,
        named.asked_words,
        named.uin IS NULL OR coalesce(measured_series.period BETWEEN named.from_date AND named.to_date, false) AS is_asked
    FROM wanted
    JOIN measured_series ON measured_series.metric_id = wanted.from_metric AND level = 'trust' AND trust_kind IS NOT NULL
    JOIN metrics ON metrics.metric_id = wanted.from_metric
    JOIN trend_metrics ON trend_metrics.metric_id = wanted.from_metric
    CROSS JOIN trend_settings
    LEFT JOIN trusts USING (trust_code)
    LEFT JOIN named ON named.uin = wanted.uin
    LEFT JOIN areas ON areas.uin = wanted.uin AND areas.place_code IN (trusts.region, trusts.icb_code)
    WHERE trend_metrics.not_ranked_because IS NULL
        AND (metrics.kind = 'count' OR measured_series.denominator >= trend_settings.least_denominator)
        AND (areas.uin IS NOT NULL OR wanted.uin NOT IN (SELECT uin FROM areas))
),

chosen AS (
    SELECT *
    FROM readings
    WINDOW one AS (PARTITION BY uin, measure)
    QUALIFY period = coalesce(max(period) FILTER (is_asked) OVER one, max(period) OVER one)
),

-- The register writes in capitals.
proper_names AS (
    SELECT
        trust_code,
        string_agg(coalesce(name_words.written, left(words.word, 1) || lower(substr(words.word, 2))), ' ' ORDER BY words.place, coalesce(name_words.written, left(words.word, 1) || lower(substr(words.word, 2)))) AS trust_name
    FROM trust_kinds
    CROSS JOIN LATERAL unnest(string_split(trust_kinds.trust_name, ' ')) WITH ORDINALITY AS words (word, place)
    LEFT JOIN name_words USING (word)
    WHERE trust_kinds.trust_name = upper(trust_kinds.trust_name)
    GROUP BY trust_code
),

figured AS (
    SELECT
        chosen.* REPLACE (
            CASE takes WHEN 'complement' THEN chosen.denominator - chosen.numerator WHEN 'denominator' THEN chosen.denominator ELSE chosen.numerator END AS numerator,
            CASE takes
                WHEN 'denominator' THEN chosen.denominator
                WHEN 'complement' THEN CAST(chosen.scale * (chosen.denominator - chosen.numerator) / chosen.denominator AS DOUBLE)
                ELSE CAST(chosen.value AS DOUBLE)
            END AS value
        ),
        takes = 'denominator' OR kind = 'count' OR asks_count AND count_words IS NOT NULL AS by_count,
        coalesce(proper_names.trust_name, trust_kinds.trust_name) AS trust_name,
        CASE WHEN takes = 'denominator' THEN 0 ELSE metric_decimals END AS decimals,
        CASE WHEN takes = 'denominator' THEN '' ELSE metric_suffix END AS unit_suffix,
        CASE
            WHEN order_asked IN ('highest', 'lowest') THEN order_asked
            WHEN order_asked IS NOT NULL AND better IN ('high', 'low') THEN CASE WHEN (order_asked = 'best') = ((better = 'high') = (takes = 'value')) THEN 'highest' ELSE 'lowest' END
        END AS end_asked,
        CASE WHEN takes <> 'denominator' THEN CASE better WHEN 'high' THEN chosen.value >= chosen.target WHEN 'low' THEN chosen.value <= chosen.target END END AS meets
    FROM chosen
    JOIN trust_kinds USING (trust_code)
    LEFT JOIN proper_names USING (trust_code)
),

set_beside AS (
    SELECT
        figured.*,
        ranks.metric_rank,
        ranks.list_best,
        ranks.list_worst,
        ranks.trusts_ranked AS in_sets
    FROM figured
    LEFT JOIN metric_ranks AS ranks ON ranks.metric_id = figured.from_metric AND ranks.trust_code = figured.trust_code AND ranks.period = figured.period
        AND ranks.trust_kind = figured.trust_kind AND takes = 'value' AND NOT by_count AND area_words IS NULL
    WINDOW one AS (PARTITION BY figured.uin, figured.measure, figured.trust_kind)
    -- Where the list has sets, only the trusts in it are compared; and never fewer than two.
    QUALIFY (ranks.metric_rank IS NOT NULL OR NOT bool_or(ranks.metric_rank IS NOT NULL) OVER one) AND count(*) OVER one > 1
)

SELECT
    uin,
    measure,
    measure_order,
    trust_code,
    trust_name,
    trust_kind,
    trust_kind = min(trust_kind) OVER (PARTITION BY uin, measure) AS is_first_kind,
    coalesce(' ' || area_words, '') AS area_words,
    period,
    period_words,
    is_asked,
    asked_words,
    by_count,
    value,
    numerator,
    CASE WHEN takes <> 'denominator' AND kind <> 'count' THEN denominator END AS denominator,
    CASE WHEN by_count THEN numerator ELSE value END AS ordered_by,
    CASE
        WHEN by_count THEN printf('%,d', CAST(round(numerator + 1e-9) AS BIGINT))
        ELSE printf('%.' || decimals || 'f', round(value + 1e-9, CAST(decimals AS INTEGER))) || unit_suffix
    END AS ordered_words,
    CASE
        WHEN list_best IS NOT NULL THEN 'place ' || metric_rank || ' of ' || in_sets || '; set ' || list_best || ' to ' || list_worst
        WHEN takes = 'denominator' OR kind IN ('count', 'mean') THEN NULL
        WHEN by_count THEN printf('%.' || decimals || 'f', round(value + 1e-9, CAST(decimals AS INTEGER))) || unit_suffix || ' of ' || printf('%,d', CAST(round(denominator) AS BIGINT))
        ELSE printf('%,d', CAST(round(numerator + 1e-9) AS BIGINT)) || ' of ' || printf('%,d', CAST(round(denominator) AS BIGINT))
    END AS behind_words,
    metric_rank,
    list_best,
    list_worst,
    count(*) OVER (PARTITION BY uin, measure, trust_kind) AS trusts_ranked,
    meets,
    CASE WHEN meets IS NOT NULL THEN target_words END AS target_words,
    row_number() OVER (
        PARTITION BY uin, measure, trust_kind
        ORDER BY CASE WHEN by_count THEN -numerator WHEN (better = 'high') = (takes = 'value') THEN -value ELSE value END, trust_name, trust_code
    ) AS best_first,
    end_asked,
    row_number() OVER (
        PARTITION BY uin, measure, trust_kind
        ORDER BY CASE WHEN end_asked = 'lowest' THEN 1 ELSE -1 END * CASE WHEN by_count THEN numerator ELSE value END, trust_name, trust_code
    ) AS asked_first,
    CASE WHEN by_count THEN 0 ELSE decimals END AS decimals,
    CASE WHEN by_count THEN '' ELSE unit_suffix END AS unit_suffix,
    status,
    source
FROM set_beside
ORDER BY uin, measure_order, measure, trust_kind, best_first
