/*
title = "Merged organisations, like for like"
description = "For an organisation that absorbed others, each period with the counts of all of them together, so that the series does not jump at the merger. Counts are added, never percentages; a figure that one of them did not report makes the sum missing. Only organisations whose whole activity went to one successor are added; those that were divided are not. These are sums made here, not figures that anyone published: merged_in_window says so for each period before the merger."
grain = ["metric_id", "org_code", "basis", "period"]
parts = "metric_id"

[columns]
metric_id = { meaning = "Metric" }
org_code = { meaning = "Code that stands now" }
basis = { meaning = "On what basis the counts stand" }
period = { meaning = "Period, as in metric_current" }
numerator = { unit = "count", decimals = 1, meaning = "Sum of the numerators; missing where one of them is" }
denominator = { unit = "count", decimals = 1, meaning = "Sum of the denominators" }
value = { unit = "value", decimals = 4, meaning = "Sum of the numerators over the sum of the denominators" }
organisations = { unit = "count", meaning = "Organisations added in the period" }
codes = { meaning = "Codes of the organisations added in the period" }
merged_in_window = { meaning = "Whether the period lies before the last merger, so that the sum is one that nobody published" }
last_merger = { meaning = "Day of the last merger" }

[[tests]]
check = "sql"
name = "a sum is of at least as many organisations as its codes, and before the merger of more than one somewhere"
where = "organisations <> length(string_split(codes, ' ')) OR organisations < 1"

[[tests]]
check = "sql"
name = "nothing is lost or counted twice: the sums are those of the members"
query = """
SELECT merged.metric_id, merged.period
FROM (SELECT metric_id, basis, period, sum(CAST(denominator AS DECIMAL(18, 6))) AS total FROM merged_series GROUP BY ALL) AS merged
JOIN (
    SELECT metric_id, basis, period, sum(CAST(denominator AS DECIMAL(18, 6))) AS total
    FROM metric_current
    WHERE org_code IN (SELECT current_code FROM organisation_history)
        OR org_code IN (SELECT old_code FROM organisation_history WHERE current_code IS NOT NULL)
    GROUP BY ALL
) AS members USING (metric_id, basis, period)
WHERE merged.total <> members.total
"""

[[tests]]
check = "sql"
name = "an organisation that was divided is in no sum"
query = """
SELECT merged_series.codes
FROM merged_series
JOIN organisation_history ON organisation_history.is_divided
    AND list_contains(string_split(merged_series.codes, ' '), organisation_history.old_code)
WHERE merged_series.org_code <> organisation_history.old_code
"""
*/
WITH whole AS (
    SELECT old_code, current_code, effective_date FROM organisation_history WHERE current_code IS NOT NULL
),

members AS (
    SELECT old_code AS member, current_code AS org_code FROM whole
    UNION
    SELECT current_code, current_code FROM whole
),

mergers AS (
    SELECT current_code AS org_code, max(effective_date) AS last_merger FROM whole GROUP BY current_code
)

SELECT
    metric_current.metric_id,
    members.org_code,
    metric_current.basis,
    metric_current.period,
    CASE WHEN bool_and(is_reported) THEN CAST(sum(CAST(numerator AS DECIMAL(18, 6))) AS DOUBLE) END AS numerator,
    CAST(sum(CAST(denominator AS DECIMAL(18, 6))) AS DOUBLE) AS denominator,
    CASE
        WHEN NOT bool_and(is_reported) THEN NULL
        WHEN min(metrics.kind) = 'count' THEN CAST(sum(CAST(numerator AS DECIMAL(18, 6))) AS DOUBLE)
        ELSE CAST(sum(CAST(numerator AS DECIMAL(18, 6))) AS DOUBLE) / CAST(sum(CAST(denominator AS DECIMAL(18, 6))) AS DOUBLE)
    END AS value,
    count(*) AS organisations,
    string_agg(member, ' ' ORDER BY member) AS codes,
    min(period_start) < min(mergers.last_merger) AS merged_in_window,
    min(mergers.last_merger) AS last_merger
FROM metric_current
JOIN members ON members.member = metric_current.org_code
JOIN mergers ON mergers.org_code = members.org_code
JOIN metrics USING (metric_id)
WHERE metrics.additive
GROUP BY metric_current.metric_id, members.org_code, metric_current.basis, metric_current.period
