/*
title = "Distribution of each metric"
description = "Median and quartiles of each metric by quarter and trust type, recomputed by linear interpolation and set beside the published ones."
grain = ["quarter", "trust_type", "metric_number"]

[columns]
quarter = { meaning = "Financial quarter" }
trust_type = { meaning = "Trust type" }
metric_number = { meaning = "Metric number" }
metric_name = { meaning = "Short name" }
units = { meaning = "Units of the value" }
trusts = { unit = "count", meaning = "Trusts with a value" }
lowest = { unit = "value", decimals = 2, meaning = "Lowest value" }
lower_quartile = { unit = "value", decimals = 2, meaning = "Lower quartile, recomputed" }
median = { unit = "value", decimals = 2, meaning = "Median, recomputed" }
upper_quartile = { unit = "value", decimals = 2, meaning = "Upper quartile, recomputed" }
highest = { unit = "value", decimals = 2, meaning = "Highest value" }
published_lower_quartile = { unit = "value", decimals = 2, meaning = "Lower quartile as published" }
published_median = { unit = "value", decimals = 2, meaning = "Median as published" }
published_upper_quartile = { unit = "value", decimals = 2, meaning = "Upper quartile as published" }
published_figures = { unit = "count", meaning = "Different published medians and quartiles found for the group: 1 when every row repeats the same" }

[[tests]]
check = "range"
column = "published_figures"
max = 1
name = "every row of a group repeats the same published median and quartiles"

[[tests]]
check = "range"
column = "trusts"
min = 1
*/
SELECT
    quarter,
    trust_type,
    metric_number,
    min(metric_name) AS metric_name,
    min(units) AS units,
    count(*) AS trusts,
    min(value) AS lowest,
    quantile_cont(value, 0.25) AS lower_quartile,
    quantile_cont(value, 0.5) AS median,
    quantile_cont(value, 0.75) AS upper_quartile,
    max(value) AS highest,
    min(published_lower_quartile) AS published_lower_quartile,
    min(published_median) AS published_median,
    min(published_upper_quartile) AS published_upper_quartile,
    count(DISTINCT (published_lower_quartile, published_median, published_upper_quartile)) AS published_figures
FROM metric_values
WHERE value IS NOT NULL
GROUP BY quarter, trust_type, metric_number
