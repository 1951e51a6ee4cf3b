/*
title = "What can and cannot be said on a visit"
description = "Sayings that a visitor is tempted to use about a trust, each put to the numbers, with the reason for those that hold and for those that do not. A place among the best or the worst holds only if the whole confidence set for the table does; a change only if it is real on metrics with a model of chance; a comparison with England only if the whole interval lies on one side; and nothing about level follows from growth."
grain = ["trust_code", "saying_order"]
claim = { statement = "words" }

[columns]
trust_code = { meaning = "Organisation code" }
saying_order = { unit = "count", meaning = "Order of the saying" }
source_key = { meaning = "official or extract for the league table, or the source of the figures" }
table_rank_best = { unit = "rank", meaning = "Best rank in the set for the whole table" }
table_rank_worst = { unit = "rank", meaning = "Worst rank in the set for the whole table" }
trusts_in_table = { unit = "count", meaning = "Trusts in the table" }
quarter_of_table = { unit = "places", meaning = "Places in a quarter of the table" }
score_change = { unit = "score", decimals = 2, meaning = "Change of the average; below zero is better" }
value = { meaning = "Value of the measure, in the unit shown" }
low = { meaning = "Low end of the 95% interval of the value" }
high = { meaning = "High end of the 95% interval of the value" }
weeks = { unit = "count", meaning = "Weeks of the standard that the measure counts" }
hours = { unit = "count", meaning = "Hours of the standard that the measure counts" }
england_value = { meaning = "England in the same period" }
holds = { meaning = "Whether it can be said" }
words = { meaning = "The saying" }
reason = { meaning = "Why it can or cannot be said" }

[[tests]]
check = "not_null"
columns = ["words", "reason", "holds"]

[[tests]]
check = "sql"
name = "no trust is both among the best and among the worst, or both better and worse"
query = """
SELECT this.trust_code FROM claim_visit_sayings AS this JOIN claim_visit_sayings AS other USING (trust_code)
WHERE this.holds AND other.holds AND this.saying_order = 1 AND other.saying_order = 2
"""

[[tests]]
check = "sql"
name = "a place among the best or the worst holds only where the whole set lies in that quarter of the table"
where = "holds AND ((saying_order = 1 AND table_rank_worst > quarter_of_table) OR (saying_order = 2 AND table_rank_best <= trusts_in_table - quarter_of_table))"

[[tests]]
check = "sql"
name = "nothing is ever said of the level of productivity"
where = "holds AND contains(words, 'productive')"
*/
WITH named AS (
    SELECT
        trusts.trust_code,
        regexp_replace(trusts.trust_name, ',? NHS (Foundation )?Trust$', '') AS name,
        lower(left(trust_type_plural, 1)) || substr(trust_type_plural, 2) AS kind,
        latest_basis,
        latest_quarter,
        has_productivity,
        sets.table_rank_best,
        sets.table_rank_worst,
        sets.trusts_in_table,
        CAST(floor(sets.trusts_in_table / 4) AS BIGINT) AS quarter_of_table
    FROM trusts
    LEFT JOIN rank_sets AS sets ON sets.trust_code = trusts.trust_code AND sets.quarter = trusts.latest_quarter
),

compared AS (
    SELECT trust_code, metric_id, metric_name, period_words, value, low, high, england_value, better, unit_suffix, source_name,
        '%.' || CAST(decimals AS INTEGER) || 'f' AS form, CAST(decimals AS INTEGER) AS places,
        CASE WHEN better = 'high' THEN low > england_value ELSE high < england_value END AS is_better,
        CASE WHEN better = 'high' THEN high < england_value ELSE low > england_value END AS is_worse
    FROM trust_metric_summary
    JOIN (VALUES ('rtt_within_18wk', 1), ('ae_4hr_all_types', 2), ('amb_c2_mean_seconds', 3), ('sickness_absence', 4)) AS listed(metric_id, place) USING (metric_id)
    WHERE is_current AND low IS NOT NULL AND england_value IS NOT NULL AND better IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY trust_code ORDER BY place, metric_id) = 1
),

sayings AS (
    SELECT
        trust_code,
        ends.saying_order,
        latest_basis AS source_key,
        table_rank_best,
        table_rank_worst,
        trusts_in_table,
        quarter_of_table,
        coalesce(CASE ends.saying_order WHEN 1 THEN table_rank_worst <= quarter_of_table ELSE table_rank_best > trusts_in_table - quarter_of_table END, false) AS holds,
        name || ' is among the ' || CASE ends.saying_order WHEN 1 THEN 'best' ELSE 'worst' END || ' quarter of ' || kind AS words,
        CASE
            WHEN table_rank_best IS NULL THEN 'No confidence set can be made for its rank from the files held (' || latest_quarter || '), so its quarter of the table is not known.'
            ELSE 'Its confidence set for the whole table runs from rank ' || table_rank_best || ' to ' || table_rank_worst || ' of ' || trusts_in_table || ' (' || latest_quarter || '), and the '
                || CASE ends.saying_order WHEN 1 THEN 'best quarter ends at rank ' || quarter_of_table ELSE 'worst quarter begins at rank ' || (trusts_in_table - quarter_of_table + 1) END || '.'
        END AS reason
    FROM named
    CROSS JOIN (VALUES (1), (2)) AS ends(saying_order)
    -- Without a set both ends fail for one reason: it is given once.
    WHERE ends.saying_order = 1 OR table_rank_best IS NOT NULL
    UNION ALL BY NAME
    SELECT
        trust_code,
        3 AS saying_order,
        'official' AS source_key,
        score_change,
        coalesce(verdict = 'real change' AND rests_on = 'metrics with a model of chance' AND (change_high < 0 OR change_low > 0), false) AS holds,
        name || ' has got ' || CASE WHEN score_change < 0 THEN 'better' ELSE 'worse' END || ' since ' || previous_quarter AS words,
        'The change of its average score, ' || CASE WHEN score_change < 0 THEN '−' ELSE '+' END || printf('%.2f', round(abs(CAST(score_change AS DOUBLE)), 2)) || ' (lower is better; interval '
            || CASE WHEN change_low < 0 THEN '−' ELSE '+' END || printf('%.2f', round(abs(CAST(change_low AS DOUBLE)), 2)) || ' to ' || CASE WHEN change_high < 0 THEN '−' ELSE '+' END || printf('%.2f', round(abs(CAST(change_high AS DOUBLE)), 2)) || '), '
            || CASE
                WHEN verdict <> 'real change' THEN 'is no clear change.'
                WHEN rests_on = 'metrics with a model of chance' THEN 'is real by the stated rule.'
                ELSE 'rests at least in part on metrics whose chance cannot be measured here.'
            END AS reason
    FROM claim_score_change
    JOIN named USING (trust_code)
    WHERE score_change <> 0
    UNION ALL BY NAME
    SELECT
        trust_code,
        4 AS saying_order,
        source_name AS source_key,
        value,
        low,
        high,
        england_value,
        CASE metric_id WHEN 'rtt_within_18wk' THEN 18 END AS weeks,
        CASE metric_id WHEN 'ae_4hr_all_types' THEN 4 END AS hours,
        CASE WHEN is_worse THEN is_worse ELSE is_better END AS holds,
        CASE metric_id
            WHEN 'rtt_within_18wk' THEN 'At ' || name || ' the share of the list waiting 18 weeks or less is '
            WHEN 'ae_4hr_all_types' THEN 'At ' || name || ' the share leaving A&E within 4 hours is '
            WHEN 'amb_c2_mean_seconds' THEN 'The mean response of ' || name || ' to category two calls is '
            ELSE 'Sickness absence at ' || name || ' is '
        END || CASE
            WHEN better = 'high' THEN CASE WHEN is_worse THEN 'lower' ELSE 'higher' END
            WHEN metric_id = 'amb_c2_mean_seconds' THEN CASE WHEN is_worse THEN 'longer' ELSE 'shorter' END
            ELSE CASE WHEN is_worse THEN 'higher' ELSE 'lower' END
        END || ' than across England' AS words,
        metric_name || ': ' || printf(form, round(CAST(value AS DOUBLE) + 1e-9, places)) || unit_suffix || ' (interval ' || printf(form, round(CAST(low AS DOUBLE) + 1e-9, places)) || ' to ' || printf(form, round(CAST(high AS DOUBLE) + 1e-9, places))
            || ') where England is at ' || printf(form, round(CAST(england_value AS DOUBLE) + 1e-9, places)) || unit_suffix || ', ' || period_words || '. Not adjusted for the people served.' AS reason
    FROM compared
    JOIN named USING (trust_code)
    UNION ALL BY NAME
    SELECT
        trust_code,
        5 AS saying_order,
        'trust_productivity' AS source_key,
        false AS holds,
        name || ' is one of the most productive trusts' AS words,
        'The published figure is growth and not level: it does not say which trust gives the most for its resource.' AS reason
    FROM named
    WHERE has_productivity
)

SELECT * FROM sayings
ORDER BY trust_code, saying_order
