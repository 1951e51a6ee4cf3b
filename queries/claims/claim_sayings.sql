/*
title = "Can it be said?"
description = "Sayings about a trust, each put to the published figure. A saying holds only if the figure, unrounded, meets its comparison; one that names a number outright holds only if the figure rounds to it. The reason is given for those that hold and for those that do not. A saying about a trust that is not in the files gives no row."
grain = ["saying_id"]
claim = { statement = "words" }

[columns]
saying_id = { meaning = "Short name of the saying" }
saying_order = { unit = "count", meaning = "Order on the page" }
trust_code = { meaning = "Organisation code" }
trust_name = { meaning = "Name" }
measure = { meaning = "Measure that the saying is about" }
comparison = { meaning = "over, under, at least or exactly" }
threshold = { unit = "%", meaning = "Number in the saying" }
value = { unit = "%", decimals = 1, meaning = "The published figure" }
difference_of_components = { unit = "%", decimals = 1, meaning = "Activity growth less resource growth: the tempting wrong formula" }
period = { meaning = "Period and base of the figure" }
holds = { meaning = "Whether the saying follows from the published figure" }
words = { meaning = "The saying" }
reason = { meaning = "Why it can or cannot be said" }

[[tests]]
check = "accepted"
column = "comparison"
values = ["over", "under", "at least", "exactly"]

[[tests]]
check = "not_null"
columns = ["reason", "words"]

[[tests]]
check = "sql"
name = "no two sayings that shut each other out both hold"
query = """
SELECT this.saying_id, other.saying_id
FROM claim_sayings AS this
JOIN claim_sayings AS other USING (trust_code, measure)
WHERE this.holds AND other.holds AND this.comparison = 'over' AND other.comparison = 'under' AND this.threshold >= other.threshold
"""
*/
WITH figures AS (
    SELECT
        trust_code,
        trust_name,
        'productivity growth' AS measure,
        CAST(100 * productivity_growth AS DOUBLE) AS value,
        CAST(100 * (activity_growth - resource_growth) AS DOUBLE) AS difference_of_components,
        period
    FROM productivity_growth
    UNION ALL
    SELECT trust_code, trust_name, 'next productivity growth', CAST(next_growth AS DOUBLE), NULL, next_period
    FROM productivity_growth
),

compared AS (
    SELECT
        sayings.*,
        figures.trust_name,
        figures.value,
        figures.difference_of_components,
        figures.period,
        CASE sayings.comparison
            WHEN 'over' THEN figures.value > sayings.threshold
            WHEN 'under' THEN figures.value < sayings.threshold
            WHEN 'at least' THEN figures.value >= sayings.threshold
            WHEN 'exactly' THEN round(figures.value, 1) = round(sayings.threshold, 1)
        END AS holds
    FROM sayings
    JOIN figures USING (trust_code, measure)
)

SELECT
    saying_id,
    saying_order,
    trust_code,
    trust_name,
    measure,
    comparison,
    threshold,
    value,
    difference_of_components,
    period,
    holds,
    words,
    'The published estimate is '
        || CASE WHEN value < 0 THEN '−' ELSE '+' END || printf('%.1f', round(abs(value), 1)) || '%, for ' || period
        || CASE
            WHEN holds IS NULL THEN ', so nothing can be said'
            WHEN comparison <> 'exactly'
                THEN ', which is ' || CASE WHEN holds THEN '' ELSE 'not ' END || comparison || ' ' || printf('%g', threshold) || '%'
            WHEN holds THEN ''
            ELSE ', which does not round to ' || printf('%g', threshold) || '%'
        END
        || CASE
            WHEN NOT holds AND comparison = 'exactly' AND round(difference_of_components, 1) = round(threshold, 1)
                THEN '. That number is growth in activity less growth in resource, and productivity is the ratio of the two'
            ELSE ''
        END
        || '.' AS reason
FROM compared
ORDER BY saying_order, saying_id
