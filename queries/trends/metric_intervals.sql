/*
title = "An interval for every rate"
description = "95% interval of each measure in each period drawn, with its method and what it covers. 'Wilson': a share of patients, from numerator and denominator; halves, where two trusts share a patient, are used as they stand, because the formula holds for any number between none and all. 'period-to-period variation': means, and shares whose units are not independent (days of one spell of sickness, one bed on consecutive nights): nothing in a total of seconds or days says how much chance there was, so the interval is the value and 1.96 times the mean moving range over 1.128. 'observed over expected': exact below 10 events and Byar's from 10. 'count': Byar's interval of a Poisson count. No interval covers errors of coding, differences in case mix, or patients who were never counted. A waiting list is a full count and not a sample: its interval says what chance could do if the process that fills the list were repeated, not how unsure the count is."
grain = ["metric_id", "trust_code", "period"]

[columns]
metric_id = { meaning = "Measure" }
trust_code = { meaning = "Organisation code" }
period = { meaning = "First day of the month, or last day of the quarter" }
is_latest = { meaning = "Whether this is the latest period of the measure" }
numerator = { unit = "count", decimals = 1, meaning = "Numerator" }
denominator = { unit = "count", decimals = 1, meaning = "Denominator" }
value = { meaning = "Value in the unit shown" }
low = { meaning = "Lower end of the interval, in the unit shown; missing where there is none" }
high = { meaning = "Upper end of the interval" }
interval_method = { meaning = "Wilson, period-to-period variation, observed over expected, count, or none" }
interval_basis = { meaning = "What the interval covers and what it does not, in a sentence" }
why_none = { meaning = "Why there is no interval, where there is none" }

[[tests]]
check = "sql"
name = "the value lies in its interval"
where = "value NOT BETWEEN low - 1e-9 AND high + 1e-9"

[[tests]]
check = "sql"
name = "there is an interval or the reason why there is none"
where = "(low IS NULL) <> (why_none IS NOT NULL) OR (low IS NULL) <> (high IS NULL) OR (low IS NULL) <> (interval_method = 'none')"

[[tests]]
check = "sql"
name = "the interval of a share of patients lies between none and all"
query = """
SELECT metric_id, trust_code, period FROM metric_intervals JOIN metrics USING (metric_id)
WHERE interval_method = 'Wilson' AND (low < 0 OR high > scale)
"""

[[tests]]
check = "sql"
name = "a Wilson interval has the score statistic at both ends"
query = """
SELECT metric_id, trust_code, period
FROM metric_intervals
JOIN metrics USING (metric_id)
CROSS JOIN parameters
WHERE interval_method = 'Wilson' AND confidence_level = 0.95 AND numerator > 0 AND numerator < denominator
    AND (abs(abs(value - low) / scale / sqrt(low / scale * (1 - low / scale) / denominator) - 1.959964) > 1e-4
        OR abs(abs(value - high) / scale / sqrt(high / scale * (1 - high / scale) / denominator) - 1.959964) > 1e-4)
"""

[[tests]]
check = "not_null"
columns = ["interval_basis", "interval_method"]
*/
WITH readings AS (
    SELECT
        measured_series.metric_id,
        measured_series.trust_code,
        measured_series.period,
        measured_series.is_latest,
        measured_series.numerator,
        measured_series.denominator,
        measured_series.value,
        measured_series.scale,
        control_charts.sigma,
        trend_metrics.interval_method AS wanted,
        trend_metrics.shares_patients,
        parameters.confidence_level,
        CASE
            -- A numerator may pass its denominator where the two are counted apart; it is then no share.
            WHEN trend_metrics.interval_method = 'wilson' AND measured_series.numerator <= measured_series.denominator
                THEN wilson_interval(measured_series.numerator, measured_series.denominator, parameters.confidence_level)
            WHEN trend_metrics.interval_method = 'ratio'
                THEN rate_interval(measured_series.numerator, measured_series.denominator, parameters.confidence_level)
            WHEN trend_metrics.interval_method = 'count'
                THEN rate_interval(measured_series.numerator, 1, parameters.confidence_level)
        END AS from_counts,
        CASE WHEN trend_metrics.interval_method = 'process' AND control_charts.sigma > 0
            THEN difference_interval(0, 0, measured_series.value, control_charts.sigma, 0, parameters.confidence_level)
        END AS from_process
    FROM measured_series
    JOIN trend_metrics USING (metric_id)
    LEFT JOIN control_charts USING (metric_id, trust_code, period)
    CROSS JOIN parameters
    WHERE measured_series.is_charted
),

found AS (
    SELECT
        *,
        coalesce(scale * from_counts.lower, from_process.lower) AS low,
        coalesce(scale * from_counts.upper, from_process.upper) AS high
    FROM readings
)

SELECT
    metric_id,
    trust_code,
    period,
    is_latest,
    numerator,
    denominator,
    value,
    low,
    high,
    CASE
        WHEN low IS NULL THEN 'none'
        WHEN wanted = 'wilson' THEN 'Wilson'
        WHEN wanted = 'ratio' THEN 'observed over expected'
        WHEN wanted = 'count' THEN 'count'
        ELSE 'period-to-period variation'
    END AS interval_method,
    CASE
        WHEN low IS NULL THEN 'No interval.'
        WHEN wanted = 'wilson' AND shares_patients
            THEN 'From the counts (Wilson). The list is counted in full: the interval is what chance could do if the process that fills it were repeated. Not covered: coding, case mix.'
        WHEN wanted = 'wilson'
            THEN 'From the counts (Wilson), as if each patient were independent. Not covered: coding, case mix, variation from month to month.'
        WHEN wanted = 'ratio'
            THEN 'From the number observed, the expected number taken as exact. Not covered: coding, case mix that the model of expected events leaves out.'
        WHEN wanted = 'count' THEN 'From the count, as Poisson. Not covered: coding, events that come together.'
        ELSE 'From the usual variation from one period to the next (mean moving range over 1.128). Not covered: coding, case mix, season.'
    END AS interval_basis,
    CASE
        WHEN low IS NOT NULL THEN NULL
        WHEN wanted = 'none' THEN 'counted in full, and not the outcome of chance'
        WHEN wanted = 'wilson' THEN 'the numerator is above the denominator'
        WHEN sigma = 0 THEN 'the value did not vary in the periods drawn'
        ELSE 'too few periods to know how much the value varies'
    END AS why_none
FROM found
