/*
title = "Does a level last?"
description = "Correlation between trusts' levels of activity for each member of staff in two years. Levels last where growth does not, which is why a league table of growth is no table of the most productive. For growth see its own table: the two are never shown together."
grain = ["from_year", "to_year"]

[columns]
from_year = { unit = "year", meaning = "Year in which the earlier financial year begins" }
to_year = { unit = "year", meaning = "Year in which the later financial year begins" }
measure = { meaning = "What kind of figure this is: level, never growth" }
pairs = { unit = "count", meaning = "Trusts with a whole series" }
correlation = { unit = "correlation", decimals = 2, meaning = "Pearson correlation" }
correlation_low = { unit = "correlation", decimals = 2, meaning = "Low end of the 95% interval of the correlation" }
correlation_high = { unit = "correlation", decimals = 2, meaning = "High end of the 95% interval of the correlation" }
is_adjacent = { meaning = "Whether the two years follow one another" }

[[tests]]
check = "sql"
name = "each correlation lies within its interval"
where = "correlation NOT BETWEEN correlation_low AND correlation_high"

[[tests]]
check = "accepted"
column = "measure"
values = ["level"]
*/
WITH z AS (
    -- The normal quantile of the book's confidence level, from the interval of a difference with errors 1 and 1.
    SELECT difference_interval(0, 1, 0, 1, 0, confidence_level).upper / sqrt(2) AS z
    FROM parameters
),

correlations AS (
    SELECT
        earlier.fy_start AS from_year,
        later.fy_start AS to_year,
        count(*) AS pairs,
        greatest(-1, least(1, corr(later.activity_per_fte, earlier.activity_per_fte))) AS correlation
    FROM activity_per_fte AS earlier
    JOIN activity_per_fte AS later ON later.trust_code = earlier.trust_code AND later.fy_start > earlier.fy_start
    JOIN activity_per_fte_steady AS steady ON steady.trust_code = earlier.trust_code AND is_steady
    GROUP BY earlier.fy_start, later.fy_start
    HAVING count(*) > 3
        AND min(later.activity_per_fte) < max(later.activity_per_fte)
        AND min(earlier.activity_per_fte) < max(earlier.activity_per_fte)
)

SELECT
    from_year,
    to_year,
    'level' AS measure,
    pairs,
    correlation,
    CASE WHEN abs(correlation) < 1 THEN tanh(atanh(correlation) - z / sqrt(pairs - 3)) END AS correlation_low,
    CASE WHEN abs(correlation) < 1 THEN tanh(atanh(correlation) + z / sqrt(pairs - 3)) END AS correlation_high,
    to_year = from_year + 1 AS is_adjacent
FROM correlations
CROSS JOIN z
ORDER BY from_year, to_year
