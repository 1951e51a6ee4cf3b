/*
title = "Control charts, point by point"
description = "XmR charts of each measure of each trust by the rules of Making Data Count: mean, limits at 2.66 mean moving ranges (ranges of 3.267 times their mean or more left out once, and the mean taken again), near limits two thirds of the way, and what each point shows by the first rule that applies: outside a limit, a trend, two in three near a limit, a shift. A value that half or more of the points of the phase share is what is usual there, and is never a signal: where nearly all values are one (nobody waiting, or everybody treated in time), the moving ranges are nearly all nil and the limits close on the mean, so that the usual value itself would lie outside them. A missing period breaks runs: trend, shift and two in three are looked for within an unbroken stretch and never across a gap. The step across a gap is kept among the moving ranges, which can widen the limits but not narrow them by much. Mean and limits are those of the phase. A chart of a seasonal measure shows the season as well: see the caveat of its summary."
grain = ["metric_id", "trust_code", "period"]
parts = "metric_id"

[columns]
metric_id = { meaning = "Measure" }
trust_code = { meaning = "Organisation code" }
period = { meaning = "First day of the month, or last day of the quarter" }
point = { unit = "count", meaning = "Number of the point among those drawn" }
points = { unit = "count", meaning = "Points drawn" }
value = { meaning = "Value in the unit shown" }
phase = { unit = "count", meaning = "Number of the phase: a new one begins where a chart starts afresh" }
points_in_phase = { unit = "count", meaning = "Points of the phase" }
stretch = { unit = "count", meaning = "Number of the unbroken stretch of periods" }
gap_before = { meaning = "Whether a period is missing before this one" }
mean = { meaning = "Mean of the phase" }
lower_limit = { meaning = "Lower limit of the phase, not cut at the natural end of the scale" }
upper_limit = { meaning = "Upper limit of the phase, not cut at the natural end of the scale" }
near_lower = { meaning = "Two thirds of the way from the mean to the lower limit" }
near_upper = { meaning = "Two thirds of the way from the mean to the upper limit" }
sigma = { meaning = "Mean moving range over 1.128: how much one period's value varies about the underlying level" }
side = { unit = "count", meaning = "1 above the mean, -1 below, 0 on it" }
is_outside = { meaning = "Whether the value lies outside a limit" }
is_near = { meaning = "Whether the value lies between a near limit and the limit" }
is_usual_value = { meaning = "Whether half or more of the points of the phase have this very value" }
signal = { meaning = "What the point shows, by the first rule that applies; runs within a stretch; none for a usual value" }
signal_ignoring_gaps = { meaning = "What the point shows by control_chart, which knows neither of gaps nor of usual values" }
is_special = { meaning = "Whether the point shows a special cause" }
variation = { meaning = "The signal in the light of which way is better: common cause, improvement, concern or neutral" }
variation_direction = { meaning = "high or low: the side of the signal; missing for common cause" }
assurance = { meaning = "What the limits of the phase promise about the target: consistently passes, consistently fails, hit and miss, or no target" }
target = { meaning = "Target in the unit shown, where there is one and a direction is better" }
limits_status = { meaning = "full, or trial where the phase has fewer points than full limits need" }
rebase_words = { meaning = "Why the chart starts afresh at this point; missing elsewhere" }

[[tests]]
check = "accepted"
column = "signal"
values = ["common cause", "above the upper limit", "below the lower limit", "rising", "falling", "two in three near the upper limit", "two in three near the lower limit", "shift above the mean", "shift below the mean"]

[[tests]]
check = "sql"
name = "a value is outside its limits if and only if it is flagged so, but for a usual value"
where = "(value > upper_limit OR value < lower_limit) <> is_outside OR (is_outside AND NOT is_usual_value) <> (signal IN ('above the upper limit', 'below the lower limit'))"

[[tests]]
check = "sql"
name = "what half of a phase or more has in common is no signal"
query = """
SELECT metric_id, trust_code, phase, value
FROM control_charts
GROUP BY metric_id, trust_code, phase, value
HAVING 2 * count(*) >= max(points_in_phase) AND count(*) FILTER (is_special) > 0
"""

[[tests]]
check = "sql"
name = "where no period is missing and no value is usual, the rules found here are those of control_chart"
query = """
SELECT metric_id, trust_code, period, signal, signal_ignoring_gaps
FROM control_charts
JOIN (
    SELECT metric_id, trust_code FROM control_charts GROUP BY ALL HAVING min(stretch) = max(stretch) AND NOT bool_or(is_usual_value)
) USING (metric_id, trust_code)
WHERE signal <> signal_ignoring_gaps
"""

[[tests]]
check = "sql"
name = "a gap or a usual value only ever takes a signal away"
where = "signal <> 'common cause' AND signal_ignoring_gaps = 'common cause'"

[[tests]]
check = "sql"
name = "a shift has enough points on one side in one stretch"
query = """
SELECT metric_id, trust_code, phase, stretch
FROM control_charts
CROSS JOIN trend_settings
GROUP BY ALL
HAVING count(*) FILTER (signal = 'shift above the mean') > 0 AND count(*) FILTER (side > 0) < min(shift_points)
    OR count(*) FILTER (signal = 'shift below the mean') > 0 AND count(*) FILTER (side < 0) < min(shift_points)
"""

[[tests]]
check = "sql"
name = "limits are trial limits if and only if the phase is short"
query = """
SELECT metric_id, trust_code, period FROM control_charts CROSS JOIN trend_settings
WHERE (limits_status = 'trial') <> (points_in_phase < full_limits_at)
"""

[[tests]]
check = "sql"
name = "mean and limits are in order"
where = "NOT (lower_limit <= near_lower AND near_lower <= mean AND mean <= near_upper AND near_upper <= upper_limit)"

[determinism]
window = "a series has one row for each period, and so for each point: the grain of measured_series"
*/
WITH drawn AS (
    SELECT
        metric_id,
        trust_code,
        period,
        stretch,
        gap_before,
        value,
        target,
        row_number() OVER (PARTITION BY metric_id, trust_code ORDER BY period) AS point,
        count(*) OVER (PARTITION BY metric_id, trust_code) AS points
    FROM measured_series
    WHERE is_charted
),

starts AS (
    SELECT metric_id, trust_code, list(first_point ORDER BY first_point) AS first_points
    FROM rebase_dates
    WHERE is_applied
    GROUP BY metric_id, trust_code
),

series AS (
    SELECT
        drawn.metric_id,
        drawn.trust_code,
        list(drawn.value ORDER BY drawn.period) AS readings,
        arg_max(drawn.target, drawn.period) AS target,
        CASE min(metrics.better) WHEN 'high' THEN 'increase' WHEN 'low' THEN 'decrease' ELSE 'neutral' END AS direction,
        coalesce(min(starts.first_points), []) AS first_points
    FROM drawn
    JOIN metrics USING (metric_id)
    LEFT JOIN starts USING (metric_id, trust_code)
    CROSS JOIN trend_settings
    WHERE drawn.points >= trend_settings.least_points
    GROUP BY drawn.metric_id, drawn.trust_code
),

charts AS (
    SELECT
        metric_id,
        trust_code,
        target,
        direction,
        unnest(
            CASE
                WHEN target IS NULL
                    THEN control_chart(readings, direction, 0, first_points, true, shift_points, trend_points)
                ELSE control_chart(readings, direction, target, 0, first_points, true, shift_points, trend_points)
            END,
            recursive := true
        )
    FROM series
    CROSS JOIN trend_settings
),

points AS (
    SELECT
        charts.*,
        drawn.period,
        drawn.points,
        drawn.stretch,
        drawn.gap_before,
        count(*) OVER (PARTITION BY metric_id, trust_code, charts.phase) AS points_in_phase,
        2 * count(*) OVER (PARTITION BY metric_id, trust_code, charts.phase, charts.value)
            >= count(*) OVER (PARTITION BY metric_id, trust_code, charts.phase) AS is_usual_value,
        sign(charts.value - lag(charts.value) OVER in_stretch) AS step
    FROM charts
    JOIN drawn USING (metric_id, trust_code, point)
    WINDOW in_stretch AS (PARTITION BY metric_id, trust_code, charts.phase, drawn.stretch ORDER BY point)
),

-- Islands: neighbours on one side of the mean, and steps in one direction.
islands AS (
    SELECT
        *,
        point - row_number() OVER (PARTITION BY metric_id, trust_code, phase, stretch, side ORDER BY point) AS side_island,
        point - row_number() OVER (PARTITION BY metric_id, trust_code, phase, stretch, step ORDER BY point) AS step_island
    FROM points
),

runs AS (
    SELECT
        *,
        count(*) OVER (PARTITION BY metric_id, trust_code, phase, stretch, side, side_island) AS side_run,
        count(*) OVER (PARTITION BY metric_id, trust_code, phase, stretch, step, step_island) AS step_run
    FROM islands
),

neighbours AS (
    SELECT
        *,
        -- The point from which a run of steps sets out belongs to the trend.
        lead(step) OVER in_stretch AS next_step,
        lead(step_run) OVER in_stretch AS next_step_run,
        -- Of three in a row on this side, this point included: how many are near the limit?
        CASE WHEN lag(side, 1) OVER in_stretch = side AND lag(side, 2) OVER in_stretch = side THEN
            CAST(lag(near, 1) OVER in_stretch AS INTEGER) + CAST(lag(near, 2) OVER in_stretch AS INTEGER) END AS near_before,
        CASE WHEN lag(side, 1) OVER in_stretch = side AND lead(side, 1) OVER in_stretch = side THEN
            CAST(lag(near, 1) OVER in_stretch AS INTEGER) + CAST(lead(near, 1) OVER in_stretch AS INTEGER) END AS near_about,
        CASE WHEN lead(side, 1) OVER in_stretch = side AND lead(side, 2) OVER in_stretch = side THEN
            CAST(lead(near, 1) OVER in_stretch AS INTEGER) + CAST(lead(near, 2) OVER in_stretch AS INTEGER) END AS near_after
    FROM runs
    WINDOW in_stretch AS (PARTITION BY metric_id, trust_code, phase, stretch ORDER BY point)
),

signalled AS (
    SELECT
        neighbours.*,
        CASE
            WHEN is_usual_value THEN 'common cause'
            WHEN outside AND side > 0 THEN 'above the upper limit'
            WHEN outside THEN 'below the lower limit'
            -- Where two trends meet, the earlier one is named.
            WHEN step <> 0 AND step_run >= trend_points - 1 THEN CASE WHEN step > 0 THEN 'rising' ELSE 'falling' END
            WHEN next_step <> 0 AND next_step_run >= trend_points - 1
                THEN CASE WHEN next_step > 0 THEN 'rising' ELSE 'falling' END
            WHEN near AND side > 0 AND greatest(near_before, near_about, near_after) >= 1 THEN 'two in three near the upper limit'
            WHEN near AND side < 0 AND greatest(near_before, near_about, near_after) >= 1 THEN 'two in three near the lower limit'
            WHEN side > 0 AND side_run >= shift_points THEN 'shift above the mean'
            WHEN side < 0 AND side_run >= shift_points THEN 'shift below the mean'
            ELSE 'common cause'
        END AS found
    FROM neighbours
    CROSS JOIN trend_settings
),

placed AS (
    SELECT
        *,
        CASE
            WHEN found IN ('above the upper limit', 'rising', 'two in three near the upper limit', 'shift above the mean') THEN 'high'
            WHEN found <> 'common cause' THEN 'low'
        END AS found_direction
    FROM signalled
)

SELECT
    placed.metric_id,
    placed.trust_code,
    placed.period,
    placed.point,
    placed.points,
    placed.value,
    placed.phase,
    placed.points_in_phase,
    placed.stretch,
    placed.gap_before,
    placed.mean,
    placed.lower AS lower_limit,
    placed.upper AS upper_limit,
    placed.mean - (placed.mean - placed.lower) * 2 / 3 AS near_lower,
    placed.mean + (placed.upper - placed.mean) * 2 / 3 AS near_upper,
    placed.sigma,
    placed.side,
    placed.outside AS is_outside,
    placed.near AS is_near,
    placed.is_usual_value,
    placed.found AS signal,
    placed.signal AS signal_ignoring_gaps,
    placed.found <> 'common cause' AS is_special,
    CASE
        WHEN found_direction IS NULL THEN 'common cause'
        WHEN direction = 'neutral' THEN 'neutral'
        WHEN (direction = 'increase') = (found_direction = 'high') THEN 'improvement'
        ELSE 'concern'
    END AS variation,
    placed.found_direction AS variation_direction,
    CASE placed.assurance
        WHEN 'passes' THEN 'consistently passes'
        WHEN 'fails' THEN 'consistently fails'
        WHEN 'hit and miss' THEN 'hit and miss'
        ELSE 'no target'
    END AS assurance,
    placed.target,
    CASE WHEN placed.points_in_phase < trend_settings.full_limits_at THEN 'trial' ELSE 'full' END AS limits_status,
    rebase_dates.reason AS rebase_words
FROM placed
CROSS JOIN trend_settings
LEFT JOIN rebase_dates
    ON rebase_dates.metric_id = placed.metric_id
    AND rebase_dates.trust_code = placed.trust_code
    AND rebase_dates.first_point = placed.point
    AND rebase_dates.is_applied
