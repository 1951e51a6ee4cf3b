/*
title = "Monthly panel"
description = "Performance and workforce measures of each trust by month or quarter, as numerator, denominator and value. They are context: none of them is the framework's own figure."
grain = ["metric_id", "trust_code", "period"]

[columns]
metric_id = { meaning = "Panel metric" }
trust_code = { meaning = "Organisation code" }
period = { meaning = "First day of the month or quarter" }
panel_metric = { meaning = "Name of the measure" }
panel_order = { unit = "count", meaning = "Order of the measure on the page" }
frequency = { meaning = "Month or quarter" }
better = { meaning = "Whether a high or a low value is better; missing where neither is" }
panel_unit = { meaning = "Whether the value is a fraction or seconds" }
numerator = { unit = "count", decimals = 1, meaning = "Numerator" }
denominator = { unit = "count", decimals = 1, meaning = "Denominator" }
value = { unit = "value", decimals = 4, meaning = "Numerator over denominator; missing where the denominator is 0" }
status = { meaning = "Published, provisional or final" }

[[tests]]
check = "sql"
name = "a share lies between 0 and 1"
where = "panel_unit = 'fraction' AND (value < 0 OR value > 1) AND metric_id NOT IN ('ga_bed_occupancy', 'ae_12hr_from_dta')"
severity = "warn"

[[tests]]
check = "range"
column = "denominator"
min = 0
*/
SELECT
    metric_panel.metric_id,
    metric_panel.org_code AS trust_code,
    metric_panel.period,
    metrics.metric_name AS panel_metric,
    metrics.metric_order AS panel_order,
    metric_panel.frequency,
    metrics.better,
    metrics.unit AS panel_unit,
    metric_panel.numerator,
    metric_panel.denominator,
    metric_panel.numerator / nullif(metric_panel.denominator, 0) AS value,
    metric_panel.status
FROM metric_panel
JOIN trusts ON trusts.trust_code = metric_panel.org_code
JOIN metrics USING (metric_id)
