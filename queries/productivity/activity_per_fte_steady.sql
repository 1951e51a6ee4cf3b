/*
title = "Trusts whose crude series is whole"
description = "The crude series is used to see whether levels and growth last only for trusts with every year and with no year so far from the one before that the series must have broken. Who is left out is said, because one broken series is enough to change a correlation."
grain = ["trust_code"]

[columns]
trust_code = { meaning = "Organisation code" }
years = { unit = "count", meaning = "Years with a level" }
largest_growth = { unit = "fraction", decimals = 1, meaning = "Largest yearly growth, either way" }
is_steady = { meaning = "Whether the trust is used" }
reason = { meaning = "Why the trust is not used, where it is not" }

[[tests]]
check = "sql"
name = "a trust is left out for a stated reason or not at all"
where = "is_steady <> (reason IS NULL)"
*/
WITH spans AS (
    SELECT trust_code, count(*) AS years, max(fy_start) - min(fy_start) + 1 AS span
    FROM activity_per_fte
    GROUP BY trust_code
),

largest AS (
    SELECT trust_code, max(abs(growth)) AS largest_growth
    FROM activity_per_fte_growth
    GROUP BY trust_code
),

reasons AS (
    SELECT
        spans.trust_code,
        years,
        largest_growth,
        CASE
            WHEN years < (SELECT count(DISTINCT fy_start) FROM activity_per_fte) THEN 'not every year is held'
            WHEN largest_growth > crude_most_growth THEN 'a year too far from the one before: the series broke'
        END AS reason
    FROM spans
    LEFT JOIN largest USING (trust_code)
    CROSS JOIN parameters
)

SELECT trust_code, years, largest_growth, reason IS NULL AS is_steady, reason
FROM reasons
ORDER BY trust_code
