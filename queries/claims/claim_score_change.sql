/*
title = "What may be said of a change in the average score"
description = "One sentence for each trust with two quarters and a tested change. It says that the score really changed, and in which direction, only where the rule says so and the interval of the change lies on one side of zero; otherwise that there is no clear change."
grain = ["quarter", "trust_code"]
claim = {}

[columns]
quarter = { meaning = "Latest quarter of the trust type" }
trust_code = { meaning = "Organisation code" }
previous_quarter = { meaning = "The quarter before" }
previous_score = { unit = "score", decimals = 2, meaning = "Average metric score the quarter before" }
average_score = { unit = "score", decimals = 2, meaning = "Average metric score" }
score_change = { unit = "score", decimals = 2, meaning = "Change of the average; below zero is better" }
change_low = { unit = "score", decimals = 2, meaning = "Low end of the 95% interval of the change" }
change_high = { unit = "score", decimals = 2, meaning = "High end of the 95% interval of the change" }
confidence_level = { unit = "fraction", decimals = 0, meaning = "Level of the interval" }
verdict = { meaning = "real change or no clear change" }
rests_on = { meaning = "What a real change rests on" }
largest_metric = { meaning = "Metric that changed the average most" }
holds = { meaning = "Whether the verdict, the direction and the interval agree" }
statement = { meaning = "The sentence" }

[[tests]]
check = "sql"
name = "no sentence says better or worse without a real change"
where = "verdict <> 'real change' AND (contains(statement, 'is better') OR contains(statement, 'is worse'))"
*/
SELECT
    quarter,
    trust_code,
    previous_quarter,
    previous_score,
    average_score,
    score_change,
    change_low,
    change_high,
    CAST(parameters.confidence_level AS DOUBLE) AS confidence_level,
    verdict,
    rests_on,
    CASE
        WHEN verdict = 'real change' THEN score_change <> 0 AND (change_high < 0 OR change_low > 0) AND (score_change < 0) = (change_high < 0)
        ELSE verdict = 'no clear change'
    END AS holds,
    'From ' || previous_quarter || ' to ' || quarter || ' the average score went from ' || printf('%.2f', round(CAST(previous_score AS DOUBLE), 2))
        || ' to ' || printf('%.2f', round(CAST(average_score AS DOUBLE), 2))
        || CASE
            WHEN verdict = 'real change' AND score_change < 0 THEN ', which is better (a lower score is better). This is a real change by the stated rule: larger than chance in the modelled metrics explains'
            WHEN verdict = 'real change' THEN ', which is worse (a lower score is better). This is a real change by the stated rule: larger than chance in the modelled metrics explains'
            ELSE '. There is no clear change: chance in the metrics could account for the difference'
                || CASE WHEN change_low > 0 OR change_high < 0 THEN ' once the number of trusts tested is allowed for' ELSE '' END
        END
        || ' (change ' || CASE WHEN score_change > 0 THEN '+' WHEN score_change < 0 THEN '−' ELSE '' END || printf('%.2f', round(abs(CAST(score_change AS DOUBLE)), 2))
        || ', ' || printf('%.0f', 100 * CAST(parameters.confidence_level AS DOUBLE)) || '% interval '
        || CASE WHEN change_low < 0 THEN '−' ELSE '+' END || printf('%.2f', round(abs(CAST(change_low AS DOUBLE)), 2)) || ' to '
        || CASE WHEN change_high < 0 THEN '−' ELSE '+' END || printf('%.2f', round(abs(CAST(change_high AS DOUBLE)), 2)) || ').'
        || CASE
            WHEN verdict = 'real change' AND rests_on = 'mostly metrics without a model of chance'
                THEN ' But it rests mostly on metrics whose chance cannot be measured here'
                    || coalesce(', ' || largest_metric || ' above all', '') || '.'
            WHEN verdict = 'real change' AND rests_on <> 'metrics with a model of chance'
                THEN ' But it rests in part on metrics whose chance cannot be measured here.'
            ELSE ''
        END AS statement,
    largest_metric
FROM quarter_change_confidence
CROSS JOIN parameters
WHERE change_low IS NOT NULL AND change_high IS NOT NULL
