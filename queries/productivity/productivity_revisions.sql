/*
title = "The next figure in a later vintage"
description = "The figure for six months beside a later publication of seven months of the same year. If nothing but the added month had changed, the average over seven months would say what that one month must have been: where that is beyond belief, the base or the data moved. Held only for trusts that were named in public, so no fair sample."
grain = ["trust_code"]

[columns]
trust_code = { meaning = "Organisation code" }
trust_name = { meaning = "Name" }
first_growth = { unit = "%", decimals = 1, meaning = "Growth as first published" }
first_months = { unit = "count", meaning = "Months that the first version covers" }
first_vintage = { meaning = "When the first version was published" }
first_status = { meaning = "Status of the first version" }
later_growth = { unit = "%", decimals = 1, meaning = "Growth in the later vintage" }
later_months = { unit = "count", meaning = "Months that the later version covers" }
later_vintage = { meaning = "When the later version was published" }
later_status = { meaning = "Status of the later version" }
revision = { unit = "points", decimals = 1, meaning = "Later less first" }
absolute_revision = { unit = "points", decimals = 1, meaning = "Size of the revision" }
implied_month = { unit = "%", decimals = 0, meaning = "Growth that the added months alone would need, were nothing else changed and every month equally large" }

[[tests]]
check = "sql"
name = "the later vintage covers more months than the first"
where = "later_months <= first_months"

[[tests]]
check = "sql"
name = "the implied month gives back the later figure"
where = "abs((first_months * first_growth + (later_months - first_months) * implied_month) / later_months - later_growth) > 0.000001"
*/
SELECT
    earlier.trust_code,
    productivity_growth.trust_name,
    earlier.growth AS first_growth,
    earlier.months AS first_months,
    earlier.vintage AS first_vintage,
    earlier.status AS first_status,
    later.growth AS later_growth,
    later.months AS later_months,
    later.vintage AS later_vintage,
    later.status AS later_status,
    later.growth - earlier.growth AS revision,
    abs(later.growth - earlier.growth) AS absolute_revision,
    (later.months * later.growth - earlier.months * earlier.growth) / (later.months - earlier.months) AS implied_month
FROM productivity_vintages AS earlier
JOIN productivity_vintages AS later ON later.trust_code = earlier.trust_code AND later.figure = 'later'
JOIN productivity_growth ON productivity_growth.trust_code = earlier.trust_code
WHERE earlier.figure = 'next'
ORDER BY absolute_revision DESC, earlier.trust_code
