/*
title = "How much of the spread of growth is chance in the counts?"
description = "The variance of growth between trusts beside the mean variance that Poisson counts alone would give. The share is so small that an interval made from counts would be far too narrow: it is a floor and is never printed as the uncertainty of a trust's growth."
grain = ["fy_start"]

[columns]
fy_start = { unit = "year", meaning = "Year in which the later financial year begins" }
trusts = { unit = "count", meaning = "Trusts with a whole series" }
growth_sd = { unit = "fraction", decimals = 1, meaning = "Standard deviation of growth between trusts" }
mean_counting_error = { unit = "fraction", decimals = 1, meaning = "Mean standard error if counts were Poisson" }
chance_share = { unit = "fraction", decimals = 1, meaning = "Share of the variance between trusts that chance in the counts would give" }

[[tests]]
check = "range"
column = "chance_share"
min = 0
max = 1

[[tests]]
check = "sql"
name = "chance in the counts is a small part, so no interval from counts may stand for the uncertainty"
where = "chance_share > 0.1"
severity = "warn"
*/
SELECT
    fy_start,
    count(*) AS trusts,
    stddev_samp(growth) AS growth_sd,
    avg(counting_error) AS mean_counting_error,
    avg(counting_error * counting_error) / nullif(var_samp(growth), 0) AS chance_share
FROM activity_per_fte_growth
JOIN activity_per_fte_steady USING (trust_code)
WHERE is_steady
GROUP BY fy_start
HAVING count(*) > 1
ORDER BY fy_start
