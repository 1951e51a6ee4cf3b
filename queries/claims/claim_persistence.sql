/*
title = "What may be said of whether growth lasts"
description = "One sentence on last period's leaders and the correlation of two periods' growth. It may be said only if the correlation lies in its own interval and a fresh count of the leaders agrees."
grain = ["period"]
claim = {}

[columns]
period = { meaning = "Period" }
next_period = { meaning = "Next period" }
pairs = { unit = "count", meaning = "Trusts with both figures" }
correlation = { unit = "correlation", decimals = 2, meaning = "Correlation of growth in the two periods" }
correlation_low = { unit = "correlation", decimals = 2, meaning = "Low end of the 95% interval of the correlation" }
correlation_high = { unit = "correlation", decimals = 2, meaning = "High end of the 95% interval of the correlation" }
confidence_level = { unit = "fraction", decimals = 0, meaning = "Level of the interval" }
top_quarter = { unit = "count", meaning = "Trusts in the top quarter" }
top_again = { unit = "count", meaning = "Trusts in the top quarter of both periods" }
top_chance_low = { unit = "count", meaning = "Low end of the middle 95% of drawing lots" }
top_chance_high = { unit = "count", meaning = "High end of the middle 95% of drawing lots" }
bottom_now = { unit = "count", meaning = "Of the top quarter, in the bottom quarter of the next period" }
holds = { meaning = "Whether a fresh count of the leaders and the interval agree with the sentence" }
statement = { meaning = "The sentence" }

[[tests]]
check = "sql"
name = "the sentence gives the correlation with its interval"
where = "NOT contains(statement, 'interval')"
*/
WITH counted AS (
    SELECT count(*) AS leaders, count(*) FILTER (stayed) AS stayed
    FROM productivity_leaders
)

SELECT
    period,
    next_period,
    pairs,
    correlation,
    correlation_low,
    correlation_high,
    CAST(parameters.confidence_level AS DOUBLE) AS confidence_level,
    top_quarter,
    top_again,
    top_chance_low,
    top_chance_high,
    bottom_now,
    leaders = top_quarter AND stayed = top_again AND correlation BETWEEN correlation_low AND correlation_high AS holds,
    'Across ' || pairs || ' acute trusts, the correlation between growth in ' || period || ' and in the ' || next_period || ' is '
        || replace(printf('%.2f', round(correlation, 2)), '-', '−')
        || ' (' || printf('%.0f', 100 * CAST(parameters.confidence_level AS DOUBLE)) || '% interval '
        || replace(printf('%.2f', round(correlation_low, 2)), '-', '−') || ' to ' || replace(printf('%.2f', round(correlation_high, 2)), '-', '−')
        || '). Of the ' || top_quarter || ' trusts in the top quarter, ' || top_again || ' stayed there and ' || bottom_now
        || CASE WHEN bottom_now = 1 THEN ' is' ELSE ' are' END || ' now in the bottom quarter; drawing lots would keep '
        || top_chance_low || ' to ' || top_chance_high || ' in the top quarter.' AS statement
FROM productivity_national
CROSS JOIN counted
CROSS JOIN parameters
WHERE pairs > 0
