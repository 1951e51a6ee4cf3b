/*
title = "What a question is about"
description = "Measures of each question: those that its row gives, else those whose words the rule table finds in it. With them, what the question asks for that the data behind a measure do not have: a division (by age, by site), or a limit of time that is not the one the measure counts. A question without a measure has one row in which it is missing."
grain = ["uin", "measure"]

[columns]
uin = { meaning = "Number of the question" }
measure = { meaning = "Measure; 'none' where none was recognised" }
how = { meaning = "Given in the row, or recognised by its words" }
divisions = { meaning = "Divisions asked for that the data do not have" }
other_limit = { meaning = "A limit of time in the question that no measure recognised counts" }
asks_count = { meaning = "Whether it asks how many, and for no share" }
asks_change = { meaning = "Whether the question asks for a change" }
asks_series = { meaning = "Whether it asks for a figure of each period" }
asks_ranking = { meaning = "Whether it asks which, or for an order" }
asks_variation = { meaning = "Whether it asks how far trusts differ" }
asks_policy = { meaning = "Whether it asks for steps, plans or an assessment, which no figure can answer" }
asks_years = { meaning = "Whether it asks for a figure of each year" }
asks_move = { meaning = "Whether it asks how many moved between segments" }
segment_asked = { meaning = "The segment whose trusts are asked for" }
asks_quarters = { meaning = "Whether it asks for a figure of each quarter" }
asks_end = { meaning = "Whether it asks for the top or the bottom of an order" }
asks_each = { meaning = "Whether it asks for a figure of each trust" }
order_asked = { meaning = "Which end of an order it asks for: worst, best, highest or lowest; missing where it asks for neither or for both" }
asks_persistence = { meaning = "Whether it asks if something lasts" }
asks_override = { meaning = "Whether it asks which or how many trusts the financial override holds back" }
asks_list = { meaning = "Whether it asks for names" }
asks_meeting = { meaning = "Whether it asks which or how many met a standard" }
list_asked = { unit = "count", meaning = "How many names it asks for, where it says so" }
divisions_published = { meaning = "Whether the publications divide by all of those, though the figures made for answers do not" }

[[tests]]
check = "sql"
name = "every question has a row"
query = "SELECT uin FROM questions WHERE uin NOT IN (SELECT uin FROM question_measures)"

[[tests]]
check = "sql"
name = "no two measures have the same place in an answer"
query = "SELECT measure_order FROM answer_measures GROUP BY measure_order HAVING count(*) > 1"

[[tests]]
check = "sql"
name = "every rule is about a measure that can be answered, and every measure can be recognised"
query = """
SELECT measure FROM (SELECT DISTINCT measure FROM metric_words) AS rules
FULL JOIN answer_measures USING (measure)
WHERE rules.measure IS NULL OR answer_measures.measure IS NULL
"""

[[tests]]
check = "sql"
name = "every measure that is a metric of the framework is one of its rules"
query = "SELECT measure FROM answer_measures WHERE from_framework IS NOT NULL AND from_framework NOT IN (SELECT metric_number FROM metric_rules)"

[[tests]]
check = "sql"
name = "every measure that is a metric is one of the book's"
query = "SELECT measure FROM answer_measures WHERE from_metric IS NOT NULL AND from_metric NOT IN (SELECT metric_id FROM metrics)"

[[tests]]
check = "sql"
name = "a measure that a row gives is known"
query = "SELECT uin, measure FROM question_measures WHERE measure NOT IN (SELECT measure FROM answer_measures) AND measure <> 'none'"
severity = "warn"
*/
WITH texts AS (
    SELECT target AS uin, ' ' || phrase || ' ' AS padded
    FROM question_vocabulary
    WHERE kind = 'question'
),

rules AS (
    SELECT
        measure,
        ' (' || replace(any_of, ';', '|') || ') ' AS any_of,
        ' (' || replace(and_any_of, ';', '|') || ') ' AS and_any_of,
        ' (' || replace(unless_any_of, ';', '|') || ') ' AS unless_any_of
    FROM metric_words
),

recognised AS (
    SELECT DISTINCT texts.uin, rules.measure, 'recognised by its words' AS how
    FROM texts
    JOIN rules ON regexp_matches(padded, any_of)
        AND (and_any_of IS NULL OR regexp_matches(padded, and_any_of))
        AND (unless_any_of IS NULL OR NOT regexp_matches(padded, unless_any_of))
),

given AS (
    SELECT DISTINCT uin, trim(measure) AS measure, 'given' AS how
    FROM questions
    CROSS JOIN LATERAL unnest(string_split(metrics, ';')) AS listed (measure)
    WHERE trim(measure) <> ''
),

-- Of people who died while they waited, the wait is a circumstance and not what is asked for.
whole AS (
    SELECT recognised.*
    FROM recognised
    LEFT JOIN answer_measures USING (measure)
    QUALIFY coalesce(takes_over, false) OR NOT bool_or(coalesce(takes_over, false)) OVER (PARTITION BY uin)
),

taken AS (
    FROM given
    UNION ALL
    SELECT * FROM whole WHERE uin NOT IN (SELECT uin FROM given)
),

divided AS (
    SELECT uin, string_agg(division, '; ' ORDER BY division) AS divisions, bool_and(coalesce(is_published, false)) AS divisions_published
    FROM texts
    JOIN unheld_divisions ON regexp_matches(padded, ' (' || replace(any_of, ';', '|') || ') ')
    GROUP BY uin
),

-- "65 weeks" in the question of a measure that counts 52; "in the last 12 months" is a period and no limit.
limits AS (
    SELECT
        uin,
        rtrim(regexp_replace(unnest(regexp_extract_all(
            regexp_replace(padded, ' (last|past|previous|next|preceding) [0-9]+ (week|hour|day|minute)s?', ' ', 'g'),
            ' ([0-9]+ (?:week|hour|day|minute))s?', 1
        )), ' +', ' ', 'g')) || 's' AS time_limit
    FROM texts
),

others AS (
    SELECT uin, string_agg(DISTINCT time_limit, ', ' ORDER BY time_limit) AS other_limit
    FROM limits
    WHERE NOT EXISTS (
        FROM taken
        JOIN answer_measures USING (measure)
        WHERE taken.uin = limits.uin AND answer_measures.time_limit = limits.time_limit
    )
    GROUP BY uin
)

SELECT
    texts.uin,
    coalesce(taken.measure, 'none') AS measure,
    coalesce(taken.how, 'not recognised') AS how,
    divisions,
    divisions_published,
    other_limit,
    regexp_matches(padded, ' (what|which|whether|of the) (\w+ ){0,3}(steps|plans|assessment|discussions|merits|policy|policies) | (if|whether|when) (he|she|they|his department|her department|their department|the government) (will|plans?|expects?|intends?|has plans|have plans|is|are) | when (\w+ ){1,4}(will|expected) | (why|for what reasons?|reasons?) ') AS asks_policy,
    regexp_matches(padded, ' (each|every|by|per) (of the )?(last |past |previous )?([0-9]+ )?(financial |calendar )?years? |annually ') AS asks_years,
    regexp_matches(padded, ' (each|every|by|per) (of the )?(last |past |previous )?([0-9]+ )?(financial )?quarters? | quarterly ') AS asks_quarters,
    CASE WHEN len(ends) = 1 THEN ends[1] END AS order_asked,
    regexp_matches(padded, ' (top|bottom|best|worst|highest|lowest) ') AS asks_end,
    regexp_matches(padded, ' (each|every|per) (nhs |acute |hospital |ambulance |mental health |foundation |of the )*trusts? | by (nhs |acute |hospital |ambulance |mental health |foundation )*trust ') AS asks_each,
    regexp_matches(padded, ' (moved|chang\w*|improved|worsened) (\w+ ){0,2}segments? | segments? (\w+ ){0,2}(moved|chang\w*|improved|worsened) ') AS asks_move,
    -- "How many trusts" counts trusts and not patients.
    regexp_matches(regexp_replace(padded, ' (how many|numbers? of) (nhs |acute |hospital |foundation |a and e |accident and emergency |emergency |of |the |these |those )*(trusts?|hospitals?|departments?|providers?|regions?|integrated care boards?|icbs?) ', ' ', 'g'), ' (how many|numbers? of|what number|total number|the number) ')
        AND NOT regexp_matches(padded, ' (proportions?|percentages?|per cent|percent|share|rates?|performance) ') AS asks_count,
    CASE WHEN regexp_matches(padded, ' (which|list|name|names of) ') AND NOT regexp_matches(padded, ' (override|overridden) ') THEN TRY_CAST(nullif(regexp_extract(padded, ' segment ([1-4]) ', 1), '') AS INTEGER) END AS segment_asked,
    NOT regexp_matches(padded, ' (steps|plans) ') AND regexp_matches(padded, ' (chang\w*|increas\w*|decreas\w*|risen|rise|rose|fall|fallen|fell|improv\w*|worsen\w*|deteriorat\w*|grown|moved|dropped|reduc\w*|doubl\w*|trebl\w*|tripl\w*|halv\w*|progress|trends?|how many (more|fewer)|than in|compared (with|to) (\w+ ){0,4}(20[0-9]{2}|year|month|quarter)) ') AS asks_change,
    regexp_matches(padded, ' ((each|every|by|per) (of the )?(last |past |previous )?([0-9]+ )?(month|months|quarter|quarters|year|years|financial year|financial years|calendar year)|monthly|quarterly|annually|over time|month by month|trend) ') AS asks_series,
    regexp_matches(padded, ' (rank\w*|highest|lowest|best|worst|top|bottom|longest|shortest|compar\w*|which (\w+ ){0,2}trusts?|better than|worse than|most|fewest|least) ') AS asks_ranking,
    regexp_matches(padded, ' (vari(es|ed|ation|ations|ability|able)|vary|varying|equality|equal|equitable|equity|inequalit\w*|inequit\w*|disparit\w*|differences? between|differ|differs|postcode lottery|range across) ') AS asks_variation,
    regexp_matches(padded, ' (sustain\w*|persist\w*|lasted|lasting|continu\w*|maintain\w*) ') AS asks_persistence,
    regexp_matches(padded, ' (override|overridden|deficits?|lowered|held back|held in a lower|moved down|downgraded|capped) ') AS asks_override,
    regexp_matches(padded, ' (which|list|name|names of) ') AS asks_list,
    regexp_matches(padded, ' (met|meets?|meeting|achiev\w*|hit|miss\w*|fail\w*) (\w+ ){0,6}(standards?|targets?) | (standards?|targets?) (\w+ ){0,3}(met|missed|achieved) ') AS asks_meeting,
    TRY_CAST(nullif(regexp_extract(padded, ' (?:which|top|the|list|name|bottom|worst|best|name the) ([0-9]{1,2}) (?:\w+ ){0,3}trusts ', 1), '') AS INTEGER) AS list_asked
FROM (
    SELECT
        *,
        -- "The most recent" and "at least" ask for no end of an order.
        list_filter(
            ['worst', 'best', 'highest', 'lowest'],
            lambda which: regexp_matches(
                regexp_replace(padded, ' (most recent|most recently|at most|at least) ', ' ', 'g'),
                CASE which
                    WHEN 'worst' THEN ' (worst|worst performing|poorest|bottom|longest) '
                    WHEN 'best' THEN ' (best|best performing|shortest) '
                    WHEN 'highest' THEN ' (highest|most|largest|greatest) '
                    ELSE ' (lowest|fewest|least|smallest) '
                END
            )
        ) AS ends
    FROM texts
) AS texts
LEFT JOIN taken USING (uin)
LEFT JOIN divided USING (uin)
LEFT JOIN others USING (uin)
