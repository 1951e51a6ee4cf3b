/*
title = "Questions that name exceptions"
description = "For each question of the form 'which trusts alone ...', how many trusts were expected to answer, how many are exceptions, others, too small to say and silent, and the names. A sentence is made only where few enough did not report, because a trust that did not report may be one more exception; and it counts among those that reported, never among all."
grain = ["question_id"]

[columns]
question_id = { meaning = "Question" }
metric_id = { meaning = "Measure that answers it" }
trust_kind = { meaning = "Kind of trust asked about" }
predicate = { meaning = "What an exception did" }
period = { meaning = "Period" }
period_words = { meaning = "The period in words" }
expected = { unit = "count", meaning = "Trusts expected to answer" }
exceptions = { unit = "count", meaning = "Exceptions" }
others = { unit = "count", meaning = "Others" }
too_few = { unit = "count", meaning = "Trusts with too few patients to say" }
not_reporting = { unit = "count", meaning = "Trusts that did not report" }
could_be_either = { unit = "count", meaning = "Exceptions and others whose interval reaches across the threshold" }
exception_names = { meaning = "Names of the exceptions, in order of the alphabet" }
not_reporting_names = { meaning = "Names of those that did not report" }
sentence = { meaning = "The answer in a sentence; missing where too many did not report" }
why_no_sentence = { meaning = "Why there is no sentence, where there is none" }

[[tests]]
check = "sql"
name = "exceptions, others, those too small to say and those not reporting are all that were expected"
where = "exceptions + others + too_few + not_reporting <> expected"

[[tests]]
check = "sql"
name = "no sentence where too many did not report, and a reason instead"
query = """
SELECT question_id FROM exceptions_named CROSS JOIN trend_settings
WHERE (sentence IS NULL) <> (why_no_sentence IS NOT NULL) OR (sentence IS NOT NULL AND not_reporting > largest_not_reporting * expected)
"""

[[tests]]
check = "sql"
name = "as many names as exceptions"
where = "len(string_split(exception_names, '; ')) <> exceptions"

[[tests]]
check = "sql"
name = "every question about a measure that is held has its row"
query = """
SELECT question_id FROM exception_questions
JOIN (SELECT DISTINCT metric_id, trust_kind FROM measured_series WHERE is_latest) USING (metric_id, trust_kind)
ANTI JOIN exceptions_named USING (question_id)
"""
*/
WITH counted AS (
    SELECT
        question_id,
        min(period) AS period,
        count(*) AS expected,
        count(*) FILTER (answer = 'exception') AS exceptions,
        count(*) FILTER (answer = 'other') AS others,
        count(*) FILTER (answer = 'too few patients') AS too_few,
        count(*) FILTER (answer = 'did not report') AS not_reporting,
        count(*) FILTER (could_be_either) AS could_be_either,
        string_agg(trust_name, '; ' ORDER BY trust_name, trust_code) FILTER (answer = 'exception') AS exception_names,
        string_agg(trust_name, '; ' ORDER BY trust_name, trust_code) FILTER (answer = 'did not report') AS not_reporting_names
    FROM exceptions_named_trusts
    GROUP BY question_id
),

worded AS (
    SELECT
        counted.*,
        questions.metric_id,
        questions.trust_kind,
        questions.predicate,
        held.period_words,
        counted.not_reporting > trend_settings.largest_not_reporting * counted.expected AS too_many_silent,
        counted.exceptions + counted.others AS reported,
        lower(types.trust_type_plural[1]) || types.trust_type_plural[2:] AS kinds,
        trend_settings.longest_list
    FROM counted
    JOIN exception_questions AS questions USING (question_id)
    JOIN (SELECT metric_id, min(period_words) AS period_words FROM measured_series WHERE level = 'trust' AND is_latest GROUP BY ALL) AS held
        USING (metric_id)
    LEFT JOIN framework_trust_types AS types
        ON types.trust_type = questions.trust_kind AND types.framework_year = (SELECT framework_year FROM parameters)
    CROSS JOIN trend_settings
)

SELECT
    question_id,
    metric_id,
    trust_kind,
    predicate,
    period,
    period_words,
    expected,
    exceptions,
    others,
    too_few,
    not_reporting,
    could_be_either,
    exception_names,
    not_reporting_names,
    CASE WHEN NOT too_many_silent AND reported > 0 THEN
        'In ' || period_words || ', '
        || CASE exceptions WHEN 0 THEN 'none' WHEN 1 THEN 'one' ELSE CAST(exceptions AS VARCHAR) END
        || ' of ' || reported || ' ' || coalesce(kinds, 'trusts') || ' that reported ' || predicate
        || CASE WHEN exceptions BETWEEN 1 AND longest_list THEN ': ' || exception_names ELSE '' END || '.'
        || CASE
            WHEN not_reporting = 1 THEN ' One did not report.'
            WHEN not_reporting > 1 THEN ' ' || not_reporting || ' did not report.'
            ELSE ''
        END
        || CASE
            WHEN too_few = 1 THEN ' One had too few patients to say.'
            WHEN too_few > 1 THEN ' ' || too_few || ' had too few patients to say.'
            ELSE ''
        END
    END AS sentence,
    CASE
        WHEN too_many_silent THEN not_reporting || ' of ' || expected || ' did not report, any of which may be an exception'
        WHEN reported = 0 THEN 'no trust has enough patients to say'
    END AS why_no_sentence
FROM worded
