/*
title = "Five facts for a visit"
description = "The facts that a visitor to a trust should have in mind, in order: its place and segment with the range of its rank, its score and what the override does, and the first of its measures with England beside each. The five that come first of those held are kept. Each is looked up again where it came from, and may be said only if the two agree."
grain = ["trust_code", "fact_order"]
claim = {}

[determinism]
window = "Each candidate of a trust has a place of its own: the numbers of the listed measures differ, and 1, 2 and 20 are taken once."

[columns]
trust_code = { meaning = "Organisation code" }
fact_order = { unit = "count", meaning = "Order of the fact, from 1" }
topic = { meaning = "What the fact is about" }
source_key = { meaning = "official or extract for the league table, or the source of the measure" }
period = { meaning = "Quarter or period" }
metric_name = { meaning = "Measure" }
league_rank = { unit = "rank", meaning = "League rank" }
trusts_in_table = { unit = "count", meaning = "Trusts in the table" }
rank_best = { unit = "rank", meaning = "Best rank in the confidence set of the trust" }
rank_worst = { unit = "rank", meaning = "Worst rank in the confidence set of the trust" }
range_low = { unit = "rank", meaning = "Best rank of the published likely range" }
range_high = { unit = "rank", meaning = "Worst rank of the published likely range" }
confidence_level = { unit = "fraction", decimals = 0, meaning = "Level of the set and of intervals" }
segment = { unit = "segment", meaning = "Segment in the league table" }
segment_by_score = { unit = "segment", meaning = "Segment by score alone" }
average_score = { unit = "score", decimals = 2, meaning = "Average metric score" }
best_score = { unit = "score", decimals = 2, meaning = "Best score that there is" }
worst_score = { unit = "score", decimals = 2, meaning = "Worst score that there is" }
best_domain_score = { unit = "score", decimals = 2, meaning = "Lowest, and so best, of the domain scores of the trust" }
worst_domain_score = { unit = "score", decimals = 2, meaning = "Highest, and so worst, of the domain scores of the trust" }
value = { meaning = "Value of the measure, in the unit shown" }
low = { meaning = "Low end of the 95% interval of the value" }
high = { meaning = "High end of the 95% interval of the value" }
england_value = { meaning = "England in the same period" }
holds = { meaning = "Whether a second look agrees" }
statement = { meaning = "The fact" }

[[tests]]
check = "sql"
name = "every trust has at least three facts"
query = "SELECT trusts.trust_code, count(fact_order) FROM trusts LEFT JOIN claim_visit_facts USING (trust_code) GROUP BY 1 HAVING count(fact_order) < 3"
severity = "warn"

[[tests]]
check = "range"
column = "fact_order"
min = 1
max = 5

[[tests]]
check = "sql"
name = "a rank is never given without its set or range, or the words that there is none"
where = "league_rank IS NOT NULL AND NOT regexp_matches(statement, 'confidence set|likely range|No range can be computed')"

[[tests]]
check = "sql"
name = "a value with an interval prints it"
where = "low IS NOT NULL AND NOT contains(statement, 'interval')"
*/
WITH placed AS (
    SELECT
        headline.*,
        sets.rank_best,
        sets.rank_worst,
        lower(left(headline.trust_type_plural, 1)) || substr(headline.trust_type_plural, 2) AS kind,
        positions.league_rank AS rank_again,
        positions.adjusted_segment AS segment_again,
        positions.segment_by_score AS by_score_again,
        positions.average_score AS score_again
    FROM trust_headline AS headline
    JOIN league_positions AS positions ON positions.trust_code = headline.trust_code AND positions.quarter = headline.quarter
    LEFT JOIN rank_sets AS sets ON sets.trust_code = headline.trust_code AND sets.quarter = headline.quarter
),

order_of_measures AS (
    SELECT *
    FROM (VALUES
        ('rtt_within_18wk', 1), ('ae_4hr_all_types', 2), ('cancer_62d', 3), ('amb_c2_mean_seconds', 4), ('amb_c1_mean_seconds', 5),
        ('dm01_over_6wk', 6), ('sickness_absence', 7), ('workforce_fte', 8), ('ga_bed_occupancy', 9)
    ) AS listed(metric_id, place)
),

measures AS (
    SELECT
        readings.*,
        place,
        '%.' || CAST(decimals AS INTEGER) || 'f' AS form,
        CAST(decimals AS INTEGER) AS places,
        series.value AS value_again
    FROM trust_metric_summary AS readings
    JOIN order_of_measures USING (metric_id)
    LEFT JOIN metric_intervals AS series ON series.metric_id = readings.metric_id AND series.trust_code = readings.trust_code AND series.period = readings.period
    WHERE is_current
),

candidates AS (
    SELECT
        trust_code,
        1 AS place,
        'Place and segment' AS topic,
        latest_basis AS source_key,
        quarter AS period,
        league_rank,
        trusts_in_table,
        rank_best,
        rank_worst,
        rank_range_low AS range_low,
        rank_range_high AS range_high,
        CAST(parameters.confidence_level AS DOUBLE) AS confidence_level,
        adjusted_segment AS segment,
        1 AS best_score,
        rank_again = league_rank AND segment_again = adjusted_segment AND coalesce(league_rank BETWEEN rank_best AND rank_worst, true) AND league_rank <= trusts_in_table AS holds,
        'In ' || quarter || ' it is in segment ' || adjusted_segment || ' (1 is best) and has rank ' || league_rank || ' of ' || trusts_in_table || ' ' || kind
            || CASE WHEN rank_best IS NULL THEN '' ELSE ', with a ' || printf('%.0f', 100 * CAST(parameters.confidence_level AS DOUBLE)) || '% confidence set of ' || rank_best || ' to ' || rank_worst END
            || CASE WHEN rank_range_low IS NULL THEN '' WHEN rank_best IS NULL THEN ', with a published likely range of ' || rank_range_low || ' to ' || rank_range_high ELSE ' and a published likely range of ' || rank_range_low || ' to ' || rank_range_high END
            || '.' || CASE WHEN rank_best IS NULL AND rank_range_low IS NULL THEN ' No range can be computed for this rank from the files held: do not quote it alone.' ELSE '' END AS statement
    FROM placed
    CROSS JOIN parameters
    WHERE league_rank IS NOT NULL AND adjusted_segment IS NOT NULL
    UNION ALL BY NAME
    SELECT
        trust_code,
        2 AS place,
        'Score' AS topic,
        latest_basis AS source_key,
        quarter AS period,
        average_score,
        1.00 AS best_score,
        4.00 AS worst_score,
        adjusted_segment AS segment,
        CASE WHEN held_by_override THEN segment_by_score END AS segment_by_score,
        score_again = average_score AND coalesce(by_score_again = segment_by_score, true) AND coalesce(NOT held_by_override OR segment_by_score < adjusted_segment, true) AS holds,
        'Its average score is ' || printf('%.2f', round(CAST(average_score AS DOUBLE), 2)) || ' (1.00 is best, 4.00 worst).'
            || CASE
                WHEN held_by_override AND override_applies IS NULL
                    THEN ' On score alone it would be in segment ' || segment_by_score || CASE WHEN segment_by_score > 1 THEN ' or better' ELSE '' END || '; its segment of ' || adjusted_segment || ' is put down to the financial override (inferred).'
                WHEN held_by_override THEN ' On score alone it would be in segment ' || segment_by_score || '; the financial override places it in segment ' || adjusted_segment || '.'
                WHEN override_applies THEN ' The financial override applies and does not alter its segment.'
                WHEN NOT override_applies THEN ' The financial override does not apply to it.'
                ELSE ''
            END AS statement
    FROM placed
    WHERE average_score IS NOT NULL AND adjusted_segment IS NOT NULL
    UNION ALL BY NAME
    SELECT
        trust_code,
        2 + place AS place,
        metric_name AS topic,
        source_name AS source_key,
        period_words || CASE WHEN status_words = 'published' THEN '' ELSE ' (' || status_words || ')' END AS period,
        metric_name,
        value,
        low,
        high,
        england_value,
        CASE WHEN low IS NOT NULL THEN CAST(parameters.confidence_level AS DOUBLE) END AS confidence_level,
        coalesce(value BETWEEN low - 1e-9 AND high + 1e-9, true) AND coalesce(abs(value - value_again) < 1e-6 * (1 + abs(value)), true) AS holds,
        metric_name || ': ' || CASE WHEN places = 0 THEN printf('%,d', CAST(round(value) AS BIGINT)) ELSE printf(form, round(CAST(value AS DOUBLE) + 1e-9, places)) END || unit_suffix
            || ' in ' || period_words || CASE WHEN status_words = 'published' THEN '' ELSE ' (' || status_words || ')' END
            || CASE
                WHEN low IS NULL AND places = 0 THEN ''
                WHEN low IS NULL THEN ' (no interval can be given)'
                ELSE ' (' || printf('%.0f', 100 * CAST(parameters.confidence_level AS DOUBLE)) || '% interval ' || printf(form, round(CAST(low AS DOUBLE) + 1e-9, places)) || ' to ' || printf(form, round(CAST(high AS DOUBLE) + 1e-9, places)) || ')'
            END
            || CASE WHEN england_value IS NULL OR places = 0 THEN '.' ELSE '; England ' || printf(form, round(CAST(england_value AS DOUBLE) + 1e-9, places)) || unit_suffix || '.' END AS statement
    FROM measures
    CROSS JOIN parameters
    UNION ALL BY NAME
    -- Only where few measures are held.
    SELECT
        trust_code,
        20 AS place,
        'Domains' AS topic,
        latest_basis AS source_key,
        quarter AS period,
        best_domain_score,
        worst_domain_score,
        best_domain_score < worst_domain_score AND (
            SELECT min(published_score) = best_domain_score AND max(published_score) = worst_domain_score
            FROM domain_scores WHERE domain_scores.trust_code = placed.trust_code AND domain_scores.quarter = placed.quarter
        ) AS holds,
        'Its domain scores run from ' || printf('%.2f', round(CAST(best_domain_score AS DOUBLE), 2)) || ' (' || best_domain || ') to '
            || printf('%.2f', round(CAST(worst_domain_score AS DOUBLE), 2)) || ' (' || worst_domain || '); a lower score is better.' AS statement
    FROM placed
    WHERE best_domain_score IS NOT NULL AND worst_domain_score > best_domain_score
)

SELECT
    * EXCLUDE (place),
    row_number() OVER (PARTITION BY trust_code ORDER BY place) AS fact_order
FROM candidates
QUALIFY fact_order <= 5
ORDER BY trust_code, fact_order
