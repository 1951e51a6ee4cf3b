/*
title = "Summary hospital-level mortality indicator: counts"
description = "Deaths observed and expected. The publisher rounds both to five, so the published value is kept beside their ratio. It is not a measure of quality of care or of avoidable deaths."
grain = ["metric_id", "org_code", "period", "basis", "known_from"]
parts = "metric_id"

[columns]
metric_id = { meaning = "Metric" }
org_code = { meaning = "Organisation code" }
period = { meaning = "First day of the twelve months of discharges" }
frequency = { meaning = "Month, quarter or year" }
basis = { meaning = "On what basis the counts stand: see metric_bases" }
numerator = { unit = "count", meaning = "Deaths observed, rounded to five" }
denominator = { unit = "count", meaning = "Deaths expected, rounded to five" }
published_value = { unit = "ratio", decimals = 4, meaning = "Indicator, as published" }
status = { meaning = "As the publisher gives it" }
known_from = { meaning = "Day from which the version was known" }
known_from_basis = { meaning = "Whether that day is printed in the file or is the day this copy was taken" }
source = { meaning = "Source that holds the counts" }

[[tests]]
check = "sql"
name = "no count is negative and no denominator is nothing"
where = "numerator < 0 OR denominator <= 0"

[[tests]]
check = "sql"
name = "the published value comes back from the counts, within their rounding to five"
where = "abs(numerator / denominator - published_value) > 2.5 * (1 + published_value) / denominator + 0.00005"

[[tests]]
check = "sql"
name = "the period is twelve months"
query = "SELECT period FROM shmi_counts WHERE CAST(period[1:7] || '-01' AS DATE) + INTERVAL 11 MONTH <> CAST(period[12:18] || '-01' AS DATE)"
*/
SELECT
    'shmi' AS metric_id,
    shmi_counts.org_code,
    CAST(shmi_counts.period[1:7] || '-01' AS DATE) AS period,
    'year' AS frequency,
    'as published' AS basis,
    shmi_counts.observed_deaths AS numerator,
    shmi_counts.expected_deaths AS denominator,
    shmi_counts.shmi_value AS published_value,
    source_vintages.status,
    source_vintages.known_from,
    source_vintages.known_from_basis,
    source_vintages.source
FROM shmi_counts
JOIN source_vintages ON source_vintages.source = 'shmi_counts'
