/*
title = "Answers to questions that name exceptions, trust by trust"
description = "For each question of candour.toml, every trust that was expected to answer in the latest period: open, of the kind asked about, and with a figure in the twelve months up to it. Who did not report is kept apart from who did and is no exception, and a trust with too few patients to say is kept apart from both. A yes-or-no measure is 1 or 0."
grain = ["question_id", "trust_code"]

[columns]
question_id = { meaning = "Question" }
metric_id = { meaning = "Measure that answers it" }
trust_code = { meaning = "Organisation code" }
trust_name = { meaning = "Name" }
region = { meaning = "NHS England region" }
period = { meaning = "Period asked about" }
answer = { meaning = "exception, other, too few patients or did not report" }
value = { meaning = "Value in the unit shown" }
denominator = { unit = "count", decimals = 1, meaning = "Denominator" }
low = { meaning = "Lower end of the 95% interval" }
high = { meaning = "Upper end of the 95% interval" }
could_be_either = { meaning = "Whether the interval reaches across the threshold, so that chance could have put the trust on the other side" }
last_reported = { meaning = "Latest period with a figure" }

[[tests]]
check = "accepted"
column = "answer"
values = ["exception", "other", "too few patients", "did not report"]

[[tests]]
check = "sql"
name = "a trust has a value if and only if it reported"
where = "(value IS NULL) <> (answer = 'did not report')"

[[tests]]
check = "sql"
name = "exceptions lie on the side of the threshold that the question asks about, and others do not"
query = """
SELECT question_id, trust_code
FROM exceptions_named_trusts
JOIN exception_questions USING (question_id)
WHERE answer IN ('exception', 'other') AND (answer = 'exception') <> CASE side
    WHEN 'below' THEN value < threshold - 1e-9
    WHEN 'above' THEN value > threshold + 1e-9
    WHEN 'at or above' THEN value >= threshold - 1e-9
    WHEN 'at or below' THEN value <= threshold + 1e-9
    WHEN 'equal' THEN abs(value - threshold) <= 1e-9
END
"""

[[tests]]
check = "sql"
name = "every question can be understood"
query = """
SELECT question_id FROM exception_questions
LEFT JOIN metrics USING (metric_id)
WHERE side NOT IN ('below', 'above', 'at or above', 'at or below', 'equal') OR metrics.metric_id IS NULL
"""
*/
WITH expected AS (
    SELECT
        exception_questions.question_id,
        exception_questions.metric_id,
        exception_questions.side,
        exception_questions.threshold,
        measured_series.trust_code,
        min(measured_series.latest_of_metric) AS period,
        max(measured_series.period) AS last_reported
    FROM exception_questions
    JOIN measured_series
        ON measured_series.metric_id = exception_questions.metric_id
        AND measured_series.trust_kind = exception_questions.trust_kind
    JOIN trust_kinds ON trust_kinds.trust_code = measured_series.trust_code
    WHERE trust_kinds.is_open AND date_diff('month', measured_series.period, measured_series.latest_of_metric) < 12
    GROUP BY ALL
),

answered AS (
    SELECT
        expected.*,
        latest.value,
        latest.denominator,
        metric_intervals.low,
        metric_intervals.high,
        CASE
            WHEN latest.value IS NULL THEN 'did not report'
            WHEN latest.denominator < trend_settings.least_denominator THEN 'too few patients'
            WHEN CASE expected.side
                WHEN 'below' THEN latest.value < expected.threshold - 1e-9
                WHEN 'above' THEN latest.value > expected.threshold + 1e-9
                WHEN 'at or above' THEN latest.value >= expected.threshold - 1e-9
                WHEN 'at or below' THEN latest.value <= expected.threshold + 1e-9
                ELSE abs(latest.value - expected.threshold) <= 1e-9
            END THEN 'exception'
            ELSE 'other'
        END AS answer
    FROM expected
    CROSS JOIN trend_settings
    LEFT JOIN measured_series AS latest
        ON latest.metric_id = expected.metric_id
        AND latest.trust_code = expected.trust_code
        AND latest.period = expected.period
    LEFT JOIN metric_intervals
        ON metric_intervals.metric_id = expected.metric_id
        AND metric_intervals.trust_code = expected.trust_code
        AND metric_intervals.period = expected.period
)

SELECT
    answered.question_id,
    answered.metric_id,
    answered.trust_code,
    trust_kinds.trust_name,
    trust_kinds.region,
    answered.period,
    answered.answer,
    answered.value,
    answered.denominator,
    answered.low,
    answered.high,
    -- Whether nobody waited is a count and not an estimate: it is so or it is not.
    CASE WHEN answered.side <> 'equal' AND answered.answer IN ('exception', 'other')
        THEN answered.threshold BETWEEN answered.low AND answered.high END AS could_be_either,
    answered.last_reported
FROM answered
JOIN trust_kinds USING (trust_code)
