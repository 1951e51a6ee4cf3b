/*
title = "Every vintage of each trust's growth"
description = "One row for each published figure of a trust: its period, base, number of months, vintage and status. Only those known on the day of the edition. None overwrites another, so that what was said at the time can be shown beside what is said now. Figures of the later vintage are held only for trusts that were named in public."
grain = ["trust_code", "figure"]

[columns]
trust_code = { meaning = "Organisation code" }
figure = { meaning = "Which figure: year, next or later" }
measure = { meaning = "What kind of figure this is: growth, never level" }
period = { meaning = "Period" }
base = { meaning = "Base: the period it is compared with" }
months = { unit = "count", meaning = "Months in the period" }
period_from = { meaning = "First day of the period" }
period_to = { meaning = "Last day of the period" }
vintage = { meaning = "When this version was published" }
status = { meaning = "Status of this version" }
published_in = { meaning = "Where the figure is published" }
growth = { unit = "%", decimals = 1, meaning = "Productivity growth" }

[[tests]]
check = "not_null"
columns = ["period", "base", "months", "vintage", "status", "published_in", "growth", "measure"]

[[tests]]
check = "accepted"
column = "status"
values = ["published", "provisional", "revised", "final", "demonstration"]

[[tests]]
check = "relationship"
column = "trust_code"
to = "productivity_growth.trust_code"
*/
WITH figures AS (
    SELECT trust_code, 'year' AS figure, 100 * productivity_growth AS growth
    FROM productivity_growth
    UNION ALL
    SELECT trust_code, 'next', CAST(next_growth AS DOUBLE)
    FROM productivity_growth
    UNION ALL
    SELECT trust_code, 'later', later_growth
    FROM productivity_later_vintage
    SEMI JOIN productivity_growth USING (trust_code)
)

SELECT
    trust_code,
    figure,
    'growth' AS measure,
    period,
    base,
    months,
    period_from,
    period_to,
    vintage,
    status,
    published_in,
    growth
FROM figures
JOIN productivity_figures USING (figure)
WHERE growth IS NOT NULL AND is_known
ORDER BY trust_code, period_to, figure
