/*
title = "What a visitor may be asked, and two-line answers"
description = "For each trust, the questions that staff, patients and local reporters are likely to ask, each with an answer of two lines that is a claim. A question for which no data are held has no row."
grain = ["trust_code", "question_order"]
claim = {}

[columns]
trust_code = { meaning = "Organisation code" }
question_order = { unit = "count", meaning = "Order of the question" }
question = { meaning = "The question" }
source_key = { meaning = "official or extract for the league table, or the source of the measure" }
period = { meaning = "Quarter or period" }
previous_period = { meaning = "Period before, that it is compared with" }
segment = { unit = "segment", meaning = "Segment in the league table" }
segment_by_score = { unit = "segment", meaning = "Segment by score alone, where the override alters it" }
average_score = { unit = "score", decimals = 2, meaning = "Average metric score" }
previous_score = { unit = "score", decimals = 2, meaning = "Average metric score the quarter before" }
metrics_scored = { unit = "count", meaning = "Scores that enter the average" }
score_change = { unit = "score", decimals = 2, meaning = "Change of the average; below zero is better" }
change_low = { meaning = "Low end of the interval of the change" }
change_high = { meaning = "High end of the 95% interval of the change" }
confidence_level = { unit = "fraction", decimals = 0, meaning = "Level of the set or interval" }
cannot_be_told_apart = { unit = "count", meaning = "Other trusts that cannot be told apart from this one" }
other_trusts = { unit = "count", meaning = "Other trusts in the table" }
value = { meaning = "Latest value of the measure, in the unit shown" }
previous_value = { meaning = "Value a year before" }
change = { meaning = "Change since then" }
weeks = { unit = "count", meaning = "Weeks of the standard that the measure counts" }
hours = { unit = "count", meaning = "Hours of the standard that the measure counts" }
holds = { meaning = "Whether the words are those that the numbers give" }
statement = { meaning = "The answer" }

[[tests]]
check = "sql"
name = "no answer says better or worse of a score without a real change"
where = "score_change IS NOT NULL AND change_low <= 0 AND change_high >= 0 AND holds AND regexp_matches(statement, 'really (better|worse)')"

[[tests]]
check = "sql"
name = "no answer says that a measure rose or fell while the interval of its change holds zero"
where = "change IS NOT NULL AND change_low <= 0 AND change_high >= 0 AND holds AND regexp_matches(statement, ' (rose|fell) ')"

[[tests]]
check = "sql"
name = "every trust with a segment has the answer to why"
query = "SELECT trust_code FROM trust_headline WHERE adjusted_segment IS NOT NULL AND average_score IS NOT NULL AND trust_code NOT IN (SELECT trust_code FROM claim_visit_answers WHERE question_order = 1)"
*/
WITH placed AS (
    SELECT headline.*, positions.segment_by_score AS by_score_again, positions.adjusted_segment AS segment_again
    FROM trust_headline AS headline
    JOIN league_positions AS positions ON positions.trust_code = headline.trust_code AND positions.quarter = headline.quarter
    WHERE headline.adjusted_segment IS NOT NULL AND headline.average_score IS NOT NULL
),

-- The first measure of waiting that has a change over a year with an interval.
waits AS (
    SELECT readings.*, CASE metric_id WHEN 'rtt_within_18wk' THEN 18 END AS weeks, CASE metric_id WHEN 'ae_4hr_all_types' THEN 4 END AS hours,
        '%.' || CAST(decimals AS INTEGER) || 'f' AS form, CAST(decimals AS INTEGER) AS places
    FROM trust_metric_summary AS readings
    JOIN (VALUES ('rtt_within_18wk', 1), ('ae_4hr_all_types', 2), ('amb_c2_mean_seconds', 3)) AS listed(metric_id, place) USING (metric_id)
    WHERE is_current AND change_low IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY trust_code ORDER BY place, metric_id) = 1
),

answers AS (
    SELECT
        trust_code,
        1 AS question_order,
        'Why are we in segment ' || adjusted_segment || '?' AS question,
        latest_basis AS source_key,
        quarter AS period,
        adjusted_segment AS segment,
        CASE WHEN held_by_override THEN segment_by_score END AS segment_by_score,
        average_score,
        metrics_scored,
        segment_again = adjusted_segment AND by_score_again IS NOT DISTINCT FROM segment_by_score AND coalesce(held_by_override = (segment_by_score < adjusted_segment), true) AS holds,
        CASE
            WHEN held_by_override AND override_applies IS NULL
                THEN 'Its score of ' || printf('%.2f', round(CAST(average_score AS DOUBLE), 2)) || ' alone would give segment ' || segment_by_score || CASE WHEN segment_by_score > 1 THEN ' or better' ELSE '' END || '. That it is in segment ' || adjusted_segment
                    || ' is put down to the rule for trusts in deficit or in receipt of deficit support (inferred from the score; the flag is not in the files).'
            WHEN held_by_override
                THEN 'Its score of ' || printf('%.2f', round(CAST(average_score AS DOUBLE), 2)) || ' alone would give segment ' || segment_by_score || '. The rule for trusts in deficit or in receipt of deficit support places it in segment ' || adjusted_segment || '.'
            ELSE 'Its average score of ' || printf('%.2f', round(CAST(average_score AS DOUBLE), 2)) || CASE WHEN metrics_scored > 0 THEN ', over ' || metrics_scored || ' metrics,' ELSE '' END
                || ' is in the range of segment ' || adjusted_segment || ' in ' || quarter || CASE WHEN override_applies IS NULL THEN '; the files do not hold whether the financial override applies.' WHEN override_applies THEN '; the financial override applies and does not alter it.' ELSE '; the financial override does not apply.' END
        END AS statement
    FROM placed
    WHERE held_by_override OR segment_by_score = adjusted_segment
    UNION ALL BY NAME
    SELECT
        trust_code,
        1 AS question_order,
        'Why are we in segment ' || adjusted_segment || '?' AS question,
        latest_basis AS source_key,
        quarter AS period,
        adjusted_segment AS segment,
        average_score,
        segment_again = adjusted_segment AS holds,
        'Its average score is ' || printf('%.2f', round(CAST(average_score AS DOUBLE), 2)) || '. The files do not hold enough to say whether the score alone gives segment ' || adjusted_segment || '.' AS statement
    FROM placed
    WHERE NOT coalesce(held_by_override OR segment_by_score = adjusted_segment, false)
    UNION ALL BY NAME
    SELECT
        trust_code,
        2 AS question_order,
        'Have we got better or worse since ' || previous_quarter || '?' AS question,
        'official' AS source_key,
        quarter AS period,
        previous_quarter AS previous_period,
        previous_score,
        average_score,
        score_change,
        change_low,
        change_high,
        confidence_level,
        claim.holds,
        CASE
            WHEN verdict <> 'real change' THEN 'There is no clear change.'
            WHEN rests_on <> 'metrics with a model of chance' THEN 'Not clearly: the change is larger than chance explains, but it rests at least in part on metrics whose chance cannot be measured here.'
            WHEN score_change < 0 THEN 'The score is really better, by the stated rule.'
            ELSE 'The score is really worse, by the stated rule.'
        END || ' The average score went from ' || printf('%.2f', round(CAST(previous_score AS DOUBLE), 2)) || ' to ' || printf('%.2f', round(CAST(average_score AS DOUBLE), 2))
            || ' (' || CASE WHEN score_change < 0 THEN '−' WHEN score_change > 0 THEN '+' ELSE '' END || printf('%.2f', round(abs(CAST(score_change AS DOUBLE)), 2)) || '; '
            || printf('%.0f', 100 * confidence_level) || '% interval '
            || CASE WHEN change_low < 0 THEN '−' ELSE '+' END || printf('%.2f', round(abs(CAST(change_low AS DOUBLE)), 2)) || ' to '
            || CASE WHEN change_high < 0 THEN '−' ELSE '+' END || printf('%.2f', round(abs(CAST(change_high AS DOUBLE)), 2)) || '; lower is better).' AS statement
    FROM claim_score_change AS claim
    UNION ALL BY NAME
    SELECT
        trust_code,
        3 AS question_order,
        'How sure is our rank?' AS question,
        'official' AS source_key,
        quarter AS period,
        cannot_be_told_apart,
        other_trusts,
        confidence_level,
        cannot_be_told_apart <= other_trusts AND other_trusts = trusts_in_table - 1 AND places_covered = rank_worst - rank_best + 1 AS holds,
        CASE
            WHEN cannot_be_told_apart = 0 THEN 'No other trust of its table cannot be told apart from it'
            ELSE 'Of ' || other_trusts || ' other trusts in its table, ' || cannot_be_told_apart || ' cannot be told apart from it'
        END || ' at the ' || printf('%.0f', 100 * confidence_level) || '% level, counting only the chance that can be measured (' || quarter || ').' AS statement
    FROM rank_sets
    UNION ALL BY NAME
    SELECT
        trust_code,
        4 AS question_order,
        'Are people waiting longer here than a year ago?' AS question,
        source_name AS source_key,
        period_words AS period,
        previous_period_words AS previous_period,
        value,
        previous_value,
        change,
        change_low,
        change_high,
        weeks,
        hours,
        CAST(parameters.confidence_level AS DOUBLE) AS confidence_level,
        change_words = CASE WHEN change_low > 0 THEN 'rose' WHEN change_high < 0 THEN 'fell' ELSE 'no change beyond chance' END AND change BETWEEN change_low - 1e-9 AND change_high + 1e-9 AS holds,
        CASE metric_id
            WHEN 'rtt_within_18wk' THEN 'Of those on the list, the share waiting 18 weeks or less '
            WHEN 'ae_4hr_all_types' THEN 'The share leaving A&E within 4 hours '
            ELSE 'The mean response to category two calls '
        END
            || CASE change_words WHEN 'rose' THEN 'rose ' WHEN 'fell' THEN 'fell ' ELSE 'shows no change beyond chance, ' END
            || 'from ' || printf(form, round(CAST(previous_value AS DOUBLE) + 1e-9, places)) || unit_suffix || ' in ' || previous_period_words || ' to ' || printf(form, round(CAST(value AS DOUBLE) + 1e-9, places)) || unit_suffix || ' in ' || period_words
            || ' (' || CASE WHEN change < 0 THEN '−' ELSE '+' END || printf(form, round(abs(CAST(change AS DOUBLE)) + 1e-9, places)) || change_suffix || '; ' || printf('%.0f', 100 * CAST(parameters.confidence_level AS DOUBLE)) || '% interval '
            || CASE WHEN change_low < 0 THEN '−' ELSE '+' END || printf(form, round(abs(CAST(change_low AS DOUBLE)) + 1e-9, places)) || ' to '
            || CASE WHEN change_high < 0 THEN '−' ELSE '+' END || printf(form, round(abs(CAST(change_high AS DOUBLE)) + 1e-9, places)) || ').' AS statement
    FROM waits
    CROSS JOIN parameters
)

SELECT * FROM answers
ORDER BY trust_code, question_order
