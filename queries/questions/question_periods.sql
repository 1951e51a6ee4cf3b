/*
title = "When a question is about"
description = "The periods that each question asks for, from its row where they are given, else from its words. ask: 'latest' (also where no period is named, which is said), 'at' (one period or several), 'span' (a year or several months together), or 'between' (from one period to another). Words for a time to which no date can be put without a decision are kept as not understood."
grain = ["uin", "ask_order"]

[columns]
uin = { meaning = "Number of the question" }
ask_order = { unit = "count", meaning = "Order of the period" }
ask = { meaning = "latest, at, span, between, since a year, or not understood" }
from_date = { meaning = "First day asked for" }
to_date = { meaning = "Last day asked for" }
words = { meaning = "The period as the question says it" }
months_back = { unit = "count", meaning = "Months from the latest period back, where the question counts from there" }
how = { meaning = "Given, in the question, or not named" }

[[tests]]
check = "accepted"
column = "ask"
values = ["latest", "at", "span", "between", "since", "not understood"]

[[tests]]
check = "sql"
name = "a period ends after it begins"
where = "to_date < from_date"

[[tests]]
check = "sql"
name = "every question has a period, or words that were not understood"
query = "SELECT uin FROM questions WHERE uin NOT IN (SELECT uin FROM question_periods)"

[determinism]
list = "texts are put in the order of the texts themselves"
*/
WITH worded AS (
    SELECT
        questions.uin,
        ' ' || regexp_replace(regexp_replace(lower(coalesce(questions.periods, question_texts.words)), '[–—−]', '-', 'g'), '[^a-z0-9/-]+', ' ', 'g') || ' ' AS text,
        ' ' || vocabulary.phrase || ' ' AS padded,
        CASE WHEN questions.periods IS NOT NULL THEN 'given' ELSE 'in the question' END AS how,
        edition.as_of AS today
    FROM questions
    JOIN question_texts USING (uin)
    JOIN question_vocabulary AS vocabulary ON vocabulary.kind = 'question' AND vocabulary.target = questions.uin
    CROSS JOIN as_of AS edition
),

-- "January and February 2026" is two months of 2026.
texts AS (
    SELECT
        * REPLACE (
            regexp_replace(
                text,
                ' (january|february|march|april|may|june|july|august|september|october|november|december) (and|to|or|until|with) (january|february|march|april|may|june|july|august|september|october|november|december) (20[0-9]{2}) ',
                ' \1 \4 \2 \3 \4 ',
                'g'
            ) AS text
        )
    FROM worded
),

months AS (
    SELECT
        uin,
        found
    FROM (
        SELECT
            uin,
            unnest(regexp_extract_all(
                text,
                '(?:january|february|march|april|may|june|july|august|september|october|november|december) 20[0-9]{2}'
            )) AS found
        FROM texts
    )
),

month_dates AS (
    SELECT uin, found, CAST(strptime('1 ' || found, '%d %B %Y') AS DATE) AS from_date
    FROM months
),

quarters_found AS (
    SELECT
        uin,
        unnest(regexp_extract_all(
            regexp_replace(
                regexp_replace(
                    regexp_replace(
                        regexp_replace(regexp_replace(regexp_replace(regexp_replace(text, ' first quarter', ' q1', 'g'), ' second quarter', ' q2', 'g'), ' third quarter', ' q3', 'g'), ' fourth quarter', ' q4', 'g'),
                        ' quarters? ([1-4]) ', ' q\1 ', 'g'
                    ),
                    ' q([1-4]) (of|in|of the financial year) ', ' q\1 ', 'g'
                ),
                -- "Q1 and Q2 2025/26" is two quarters of 2025/26.
                ' q([1-4]) (?:and |or |to |with )?(?:in )?q([1-4]) (20[0-9]{2}[-/](?:20)?[0-9]{2}) ', ' q\1 \3 q\2 \3 ', 'g'
            ),
            ' q[1-4] 20[0-9]{2}[-/](?:20)?[0-9]{2}'
        )) AS found
    FROM texts
),

quarter_dates AS (
    SELECT
        uin,
        trim(found) AS found,
        make_date(CAST(substr(trim(found), 4, 4) AS BIGINT), 4, 1) + to_months(CAST(3 * (CAST(substr(trim(found), 2, 1) AS INTEGER) - 1) AS INTEGER)) AS from_date
    FROM quarters_found
),

years_found AS (
    SELECT uin, unnest(regexp_extract_all(text, ' (20[0-9]{2}[-/](?:20)?[0-9]{2})', 1)) AS found
    FROM texts
),

single_years AS (
    SELECT DISTINCT uin, unnest(regexp_extract_all(replace(text, ' ', '  '), ' (20[0-9]{2}) ', 1)) AS found
    FROM texts
    WHERE uin NOT IN (SELECT uin FROM months) AND NOT regexp_matches(text, ' 20[0-9]{2} (to|until|and) 20[0-9]{2} ')
    UNION
    -- "2024 and 2025" is two years; "2019 to 2025" is all between, or the first and the last: which, is the official's to say.
    SELECT uin, unnest(regexp_extract_all(replace(text, ' ', '  '), ' (20[0-9]{2}) ', 1))
    FROM texts
    WHERE uin NOT IN (SELECT uin FROM months) AND regexp_matches(text, ' 20[0-9]{2} and 20[0-9]{2} ') AND NOT regexp_matches(text, ' between 20[0-9]{2} and 20[0-9]{2} ')
),

-- Years from which to which no month is named.
year_ranges AS (
    SELECT uin, regexp_extract(text, ' (20[0-9]{2} (?:to|until|and) 20[0-9]{2}) ', 1) AS words
    FROM texts
    WHERE uin NOT IN (SELECT uin FROM months) AND regexp_matches(text, ' 20[0-9]{2} (to|until) 20[0-9]{2} | between 20[0-9]{2} and 20[0-9]{2} ')
),

spans AS (
    SELECT uin, replace(upper(found), '-', '/') AS words, CAST(from_date AS DATE) AS from_date, CAST(from_date + INTERVAL 3 MONTH AS DATE) - 1 AS to_date, 'span' AS ask
    FROM quarter_dates
    UNION ALL
    SELECT
        uin,
        replace(found, '-', '/'),
        make_date(CAST(left(found, 4) AS BIGINT), 4, 1),
        make_date(CAST(left(found, 4) AS BIGINT) + 1, 3, 31),
        CASE WHEN (CAST(right(found, 2) AS BIGINT) - CAST(substr(found, 3, 2) AS BIGINT)) % 100 = 1 THEN 'span' ELSE 'not understood' END
    FROM years_found
    WHERE uin NOT IN (SELECT uin FROM quarter_dates)
    UNION ALL
    SELECT uin, found, make_date(CAST(found AS BIGINT), 1, 1), make_date(CAST(found AS BIGINT), 12, 31), 'span'
    FROM single_years
    UNION ALL
    SELECT uin, words, make_date(CAST(left(words, 4) AS BIGINT), 1, 1), greatest(make_date(CAST(right(words, 4) AS BIGINT), 12, 31), make_date(CAST(left(words, 4) AS BIGINT), 12, 31)), 'not understood'
    FROM year_ranges
),

since AS (
    SELECT
        texts.uin,
        coalesce(nullif(regexp_extract(text, ' since ((?:january|february|march|april|may|june|july|august|september|october|november|december) 20[0-9]{2}) ', 1), ''), nullif(regexp_extract(text, ' since (?:the start of |the beginning of )?(20[0-9]{2}) ', 1), '')) AS words,
        today
    FROM texts
),

since_dates AS (
    SELECT
        uin,
        'since ' || upper(left(words, 1)) || substr(words, 2) AS words,
        CASE WHEN length(words) = 4 THEN make_date(CAST(words AS BIGINT), 1, 1) ELSE CAST(strptime('1 ' || words, '%d %B %Y') AS DATE) END AS from_date,
        -- A year that has not begun is asked for as it is: what is held says that it does not reach so far.
        greatest(today, from_date) AS to_date,
        CASE WHEN length(words) = 4 THEN 'since' ELSE 'between' END AS ask
    FROM since
    WHERE words IS NOT NULL
    UNION ALL
    -- "Since Q1 2025/26", "since 2024/25".
    SELECT quarter_dates.uin, 'since ' || replace(upper(found), '-', '/'), CAST(from_date AS DATE), greatest(today, CAST(from_date AS DATE)), 'between'
    FROM quarter_dates
    JOIN texts USING (uin)
    WHERE contains(text, ' since ') AND uin NOT IN (SELECT uin FROM months) AND uin IN (SELECT uin FROM quarter_dates GROUP BY uin HAVING count(*) = 1)
    UNION ALL
    SELECT years_found.uin, 'since ' || replace(found, '-', '/'), make_date(CAST(left(found, 4) AS BIGINT), 4, 1), greatest(today, make_date(CAST(left(found, 4) AS BIGINT), 4, 1)), 'between'
    FROM years_found
    JOIN texts USING (uin)
    WHERE contains(text, ' since ' || found) AND uin NOT IN (SELECT uin FROM quarter_dates) AND uin NOT IN (SELECT uin FROM months)
),

-- "in the last 12 months", "over the past 5 years", "than a year ago".
running AS (
    SELECT
        uin,
        today,
        regexp_extract(padded, ' (?:last|past|previous|preceding) ([0-9]+) (month|quarter|year)s? ', ['amount', 'unit']) AS back,
        regexp_matches(padded, ' ((in|over|during) the (last|past|previous) year|a year ago|a year earlier|year on year|same month last year|last year|past year) ') AS one_year
    FROM texts
),

running_dates AS (
    SELECT
        uin,
        CASE WHEN back.amount <> '' THEN 'the last ' || back.amount || ' ' || back.unit || 's' ELSE 'a year before' END AS words,
        CASE
            WHEN back.amount = '' THEN 12
            ELSE TRY_CAST(back.amount AS INTEGER) * CASE back.unit WHEN 'month' THEN 1 WHEN 'quarter' THEN 3 ELSE 12 END
        END AS months_back
    FROM running
    WHERE back.amount <> '' OR one_year
),

unclear AS (
    SELECT texts.uin, string_agg(DISTINCT trim(regexp_extract(padded, ' (' || replace(any_of, ';', '|') || ') ')), ', ' ORDER BY trim(regexp_extract(padded, ' (' || replace(any_of, ';', '|') || ') '))) AS words
    FROM texts
    JOIN unclear_periods ON regexp_matches(padded, ' (' || replace(any_of, ';', '|') || ') ')
    WHERE how = 'in the question'
    GROUP BY texts.uin
),

asked AS (
    SELECT uin, ask, from_date, to_date, words, CAST(NULL AS INTEGER) AS months_back FROM since_dates
    UNION ALL
    SELECT uin, 'between', min(from_date), CAST(max(from_date) + INTERVAL 1 MONTH AS DATE) - 1, strftime(min(from_date), '%B %Y') || ' to ' || strftime(max(from_date), '%B %Y'), NULL
    FROM month_dates
    JOIN texts USING (uin)
    WHERE uin NOT IN (SELECT uin FROM since_dates)
    GROUP BY uin
    HAVING count(DISTINCT from_date) = 2
        AND bool_or(regexp_matches(text, ' (between [a-z]+ 20[0-9]{2} and|from [a-z]+ 20[0-9]{2} to|[a-z]+ 20[0-9]{2} (to|until|compared with|compared to) [a-z]+ 20[0-9]{2}|than in) '))
    UNION ALL
    SELECT uin, 'at', from_date, CAST(from_date + INTERVAL 1 MONTH AS DATE) - 1, strftime(from_date, '%B %Y'), NULL
    FROM month_dates
    WHERE uin NOT IN (SELECT uin FROM since_dates)
    UNION ALL
    SELECT uin, ask, from_date, to_date, words, NULL FROM spans
    WHERE ask = 'not understood' OR uin NOT IN (SELECT uin FROM since_dates)
    UNION ALL
    SELECT uin, 'between', NULL, NULL, words, months_back FROM running_dates
    WHERE uin NOT IN (SELECT uin FROM since_dates) AND uin NOT IN (SELECT uin FROM months) AND uin NOT IN (SELECT uin FROM spans)
),

-- Two months with a change between them are not also two single months.
kept AS (
    SELECT * FROM asked
    WHERE ask <> 'at' OR uin NOT IN (SELECT uin FROM asked WHERE ask = 'between')
),

complete AS (
    SELECT kept.uin, ask, from_date, to_date, kept.words, months_back, texts.how FROM kept JOIN texts USING (uin)
    WHERE uin NOT IN (SELECT uin FROM unclear)
    UNION ALL
    SELECT uin, 'not understood', NULL, NULL, words, NULL, 'in the question' FROM unclear
    UNION ALL
    SELECT
        uin,
        'latest',
        NULL,
        NULL,
        'the latest period held',
        NULL,
        CASE WHEN regexp_matches(padded, ' (latest|current|currently|most recent|most recently|now|today) ') THEN how ELSE 'not named: the latest is taken' END
    FROM texts
    WHERE uin NOT IN (SELECT uin FROM kept) AND uin NOT IN (SELECT uin FROM unclear)
)

SELECT
    uin,
    row_number() OVER (PARTITION BY uin ORDER BY from_date, to_date, words, ask, months_back, how) AS ask_order,
    ask,
    from_date,
    to_date,
    words,
    months_back,
    how
FROM (SELECT DISTINCT * FROM complete)
ORDER BY uin, ask_order
