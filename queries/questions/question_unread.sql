/*
title = "Words of questions that played no part in reading them"
description = "What is left of a question once the names of places, the words of the measures, divisions and times recognised, and the plain words that ask are taken out. A word that is left may change what is asked (a cause, an illness, another body), so that a question with any is left to the official: an answer to another question is worse than none. Where the row of a question names its measures, the official has read it, and nothing is left."
grain = ["uin"]

[columns]
uin = { meaning = "Number of the question" }
words_unread = { meaning = "The words that are left, in the order of the question" }

[[tests]]
check = "sql"
name = "plain words are written as questions are read"
query = """
SELECT word FROM (SELECT unnest(string_split(words, ';')) AS word FROM plain_words UNION ALL SELECT unnest(string_split(words, ';')) FROM measure_words)
WHERE NOT regexp_full_match(word, '[a-z0-9]+( [a-z0-9]+)*')
"""

[[tests]]
check = "sql"
name = "words are listed of measures that there are"
query = "SELECT measure FROM (SELECT trim(unnest(string_split(measures, ';'))) AS measure FROM measure_words) WHERE measure NOT IN (SELECT measure FROM answer_measures)"

[[tests]]
check = "sql"
name = "a word that is left is a word of the question"
query = """
SELECT uin FROM question_unread JOIN question_vocabulary ON kind = 'question' AND target = uin
CROSS JOIN LATERAL unnest(string_split(words_unread, ', ')) AS left_over (word)
WHERE NOT contains(' ' || phrase || ' ', ' ' || word || ' ')
"""
*/
WITH texts AS (
    -- Two spaces between words, so that a phrase can be taken out beside another.
    SELECT target AS uin, ' ' || replace(phrase, ' ', '  ') || ' ' AS padded, ' ' || phrase || ' ' AS plain
    FROM question_vocabulary
    WHERE kind = 'question'
        AND target NOT IN (SELECT uin FROM questions WHERE metrics IS NOT NULL)
),

-- Of the league tables as a whole the trusts in each segment are counted: scores and positions are read of single trusts.
of_a_trust AS (
    SELECT DISTINCT uin FROM question_places WHERE place_kind = 'trust'
),

-- What each question may hold that was read: names, the phrases that its measures and divisions are recognised by, and plain words.
readable AS (
    SELECT NULL AS uin, phrase FROM question_vocabulary WHERE kind <> 'question'
    UNION
    SELECT uin, phrase
    FROM question_measures
    JOIN metric_words USING (measure)
    CROSS JOIN LATERAL unnest(string_split(concat_ws(';', any_of, and_any_of), ';')) AS phrases (phrase)
    WHERE measure <> 'league position' OR uin IN (SELECT uin FROM of_a_trust) OR NOT regexp_matches(phrase, 'score|position')
    UNION
    SELECT uin, phrase
    FROM question_measures
    JOIN measure_words ON list_contains(string_split(measure_words.measures, ';'), question_measures.measure)
    CROSS JOIN LATERAL unnest(string_split(measure_words.words, ';')) AS phrases (phrase)
    WHERE question_measures.measure <> 'league position' OR uin IN (SELECT uin FROM of_a_trust) OR NOT regexp_matches(phrase, 'score|position|average|metric')
    UNION
    SELECT NULL, unnest(string_split(any_of, ';')) FROM unheld_divisions
    UNION
    SELECT NULL, unnest(string_split(any_of, ';')) FROM unclear_periods
    UNION
    SELECT NULL, unnest(string_split(words, ';')) FROM plain_words
    UNION
    -- Years, months and quarters are read where a period was made of them; a period that the row gives settles them all.
    SELECT uin, unnest(string_split(trim(regexp_replace(lower(concat_ws(' ', words, strftime(from_date, '%B %Y'), strftime(to_date, '%B %Y'))), '[^a-z0-9]+', ' ', 'g')), ' '))
    FROM question_periods
    UNION
    SELECT questions.uin, unnest(regexp_extract_all(vocabulary.phrase, '(?:19|20)[0-9]{2}|q[1-4]|january|february|march|april|may|june|july|august|september|october|november|december'))
    FROM questions
    JOIN question_vocabulary AS vocabulary ON vocabulary.kind = 'question' AND vocabulary.target = questions.uin
    WHERE questions.periods IS NOT NULL
),

-- What the official is already told of as a place or a measure that was not recognised is not told twice.
told AS (
    SELECT uin, regexp_replace(lower(place_code), '[^a-z0-9]+', ' ', 'g') AS phrase
    FROM question_places
    WHERE place_kind = 'not recognised'
),

taken_out AS (
    SELECT
        texts.uin,
        list_reduce(
            list_prepend(texts.padded, list(' ' || replace(readable.phrase, ' ', '  ') || ' ' ORDER BY length(readable.phrase) DESC, readable.phrase)),
            lambda rest, phrase: replace(rest, phrase, ' ')
        ) AS rest
    FROM texts
    JOIN readable ON (readable.uin IS NULL OR readable.uin = texts.uin) AND contains(texts.plain, ' ' || readable.phrase || ' ')
    GROUP BY texts.uin, texts.padded
),

words AS (
    SELECT uin, word, place
    FROM taken_out
    CROSS JOIN LATERAL unnest(string_split(rest, ' ')) WITH ORDINALITY AS split (word, place)
    -- Numbers other than years, letters that count items, and the words whose endings say what change or order is asked for.
    WHERE NOT (regexp_full_match(word, '[0-9]*|[a-z]|[0-9]+(st|nd|rd|th)|[0-9]+[a-z]+[0-9]+') AND NOT regexp_full_match(word, '(19|20)[0-9]{2}'))
        AND NOT regexp_full_match(word, '(chang|increas|decreas|improv|worsen|deteriorat|reduc|rank|compar|var[iy]|differ|equal|equit|inequal|inequit|dispar|trend|doubl|trebl|tripl|halv|sustain|persist|continu|maintain|achiev|publish|provid|assess|estimat|exceed)[a-z]*')
        AND NOT EXISTS (FROM told WHERE told.uin = taken_out.uin AND contains(' ' || told.phrase || ' ', ' ' || word || ' '))
),

-- Phrases of plain words that narrow what is asked to something that is not counted.
narrowing AS (
    SELECT
        uin,
        unnest([
            -- "Above 95 per cent" counts by a share that no standard sets; "by over 11 per cent" is what the member says of a change.
            regexp_extract(replace(plain, ' by over ', ' by '), ' ((?:above|over|below|under|more than|less than|fewer than|exceeding|at least|higher than|lower than|greater than) [0-9]+ (?:[0-9]+ )?(?:per cent|percent)) ', 1),
            regexp_extract(plain, ' ((?:above|over|below|under|more than|less than|fewer than|at least) [0-9]+ (?:[0-9]{3} )*(?:patients|people|pathways|staff|attendances|beds|cases|operations)) ', 1),
            regexp_extract(plain, ' (between [0-9]+ (?:weeks |days |hours |minutes )?and [0-9]+ (?:weeks|days|hours|minutes|months)) ', 1),
            CASE WHEN NOT regexp_matches(plain, ' trusts (and|or) (nhs )?foundation trusts ') THEN regexp_extract(plain, ' (foundation trusts) ', 1) END,
            regexp_extract(plain, ' (segment 5|(?:into|to|from) segment [1-4]) ', 1),
            -- A day within a month is no month; the last days are where a stock stands, and whole months have a first and a last.
            CASE WHEN NOT regexp_matches(plain, ' (between|from) (1|1st) [a-z]+ (20[0-9]{2} )?(and|to) (28|29|30|31|30th|31st|28th) [a-z]+ ')
                THEN regexp_extract(plain, ' ([0-9]{1,2}(?:st|nd|rd|th)? (?:january|february|march|april|may|june|july|august|september|october|november|december)) ', 1) END
        ]) AS word
    FROM texts
    WHERE uin NOT IN (SELECT uin FROM questions WHERE periods IS NOT NULL)
),

narrowed AS (
    SELECT DISTINCT uin, word
    FROM narrowing
    WHERE word <> ''
        AND NOT (regexp_matches(word, '^(28|29|30|31)') AND uin IN (SELECT uin FROM question_measures JOIN answer_measures USING (measure) WHERE is_stock))
        AND NOT (regexp_matches(word, 'segment [1-4]') AND uin NOT IN (SELECT uin FROM question_measures WHERE asks_move))
)

SELECT uin, string_agg(word, ', ' ORDER BY place, word) AS words_unread
FROM (
    SELECT * FROM words
    UNION ALL
    SELECT uin, word, 1000 FROM narrowed
)
GROUP BY uin
