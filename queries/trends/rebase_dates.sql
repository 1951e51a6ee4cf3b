/*
title = "Where charts start afresh, and why"
description = "The dates on which the mean and limits of a chart begin again: the rules of candour.toml, the ends of field tests, and mergers of the register, after which the same code counts more hospitals. A date is applied only where it falls among the periods drawn with enough points on either side; otherwise it is listed with the reason why not."
grain = ["metric_id", "trust_code", "starts"]

[columns]
metric_id = { meaning = "Measure" }
trust_code = { meaning = "Organisation code" }
starts = { meaning = "First period of the new phase" }
reason = { meaning = "Why the chart starts afresh" }
points_before = { unit = "count", meaning = "Points drawn before it, since the phase before" }
points_after = { unit = "count", meaning = "Points drawn from it, up to the next" }
first_point = { unit = "count", meaning = "Number of the first point of the new phase among those drawn" }
is_applied = { meaning = "Whether the chart starts afresh there" }
why_not = { meaning = "Why not, where it does not" }

[[tests]]
check = "not_null"
columns = ["reason", "is_applied"]

[[tests]]
check = "sql"
name = "a date is applied or there is a reason why not, and never with too few points"
query = """
SELECT metric_id, trust_code, starts
FROM rebase_dates
CROSS JOIN trend_settings
WHERE is_applied = (why_not IS NOT NULL) OR (is_applied AND least(points_before, points_after) < least_points)
"""

[[tests]]
check = "sql"
name = "every rule has a reason"
query = "SELECT * FROM rebases WHERE coalesce(trim(reason), '') = ''"
*/
WITH from_rules AS (
    SELECT metric_id, unnest(string_split(organisations, ' ')) AS organisation, starts, reason
    FROM (SELECT unnest(string_split(metrics, ' ')) AS metric_id, organisations, starts, reason FROM rebases)
),

charted AS (
    SELECT
        metric_id,
        trust_code,
        period,
        row_number() OVER (PARTITION BY metric_id, trust_code ORDER BY period) AS point,
        count(*) OVER (PARTITION BY metric_id, trust_code) AS points
    FROM measured_series
    WHERE is_charted
),

wanted AS (
    SELECT metric_id, trust_code, starts, reason
    FROM (SELECT DISTINCT metric_id, trust_code FROM charted)
    JOIN from_rules USING (metric_id)
    WHERE organisation IN ('all', trust_code)
    UNION ALL
    SELECT metric_id, trust_code, CAST(last_month + INTERVAL 1 MONTH AS DATE), 'end of the field test, in which no such figures were published'
    FROM (SELECT DISTINCT metric_id, trust_code FROM charted)
    JOIN field_tests USING (metric_id)
    WHERE field_tests.org_code = trust_code
    UNION ALL
    SELECT metric_id, new_code, effective_date, 'merger with ' || old_code || ' on ' || strftime(effective_date, '%-d %B %Y')
    FROM (SELECT DISTINCT metric_id, trust_code FROM charted)
    JOIN trust_mergers ON trust_mergers.new_code = trust_code
),

-- Two reasons for one date are one start.
dated AS (
    SELECT
        wanted.metric_id,
        wanted.trust_code,
        wanted.starts,
        string_agg(DISTINCT wanted.reason, '; ' ORDER BY wanted.reason) AS reason
    FROM wanted
    GROUP BY ALL
),

counted AS (
    SELECT
        dated.metric_id,
        dated.trust_code,
        dated.starts,
        dated.reason,
        min(charted.points) AS points,
        count(*) FILTER (charted.period < dated.starts) AS drawn_before
    FROM dated
    JOIN charted USING (metric_id, trust_code)
    GROUP BY ALL
),

between_starts AS (
    SELECT
        *,
        drawn_before - coalesce(lag(drawn_before) OVER in_time, 0) AS points_before,
        coalesce(lead(drawn_before) OVER in_time, points) - drawn_before AS points_after
    FROM counted
    WINDOW in_time AS (PARTITION BY metric_id, trust_code ORDER BY starts)
)

SELECT
    metric_id,
    trust_code,
    starts,
    reason,
    points_before,
    points_after,
    drawn_before + 1 AS first_point,
    least(points_before, points_after) >= least_points AS is_applied,
    CASE
        WHEN drawn_before = 0 THEN 'before the periods drawn'
        WHEN drawn_before = points THEN 'after the periods drawn'
        WHEN least(points_before, points_after) < least_points THEN 'fewer than ' || least_points || ' points on one side'
    END AS why_not
FROM between_starts
CROSS JOIN trend_settings
