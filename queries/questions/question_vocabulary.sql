/*
title = "Words of questions and of the names in them"
description = "The text of each question, and every name that it could hold (trusts open and closed, constituencies, regions, boards), written in one manner: small letters, no punctuation, numbers in figures. Without questions it is empty."
grain = ["kind", "target", "phrase"]

[columns]
kind = { meaning = "question, trust, constituency, region, board, country, or nation (of the others in the United Kingdom)" }
target = { meaning = "What the words stand for: the question's number, or a code or name" }
phrase = { meaning = "The words in that manner" }
needs_context = { meaning = "Whether the words are also those of a place, so that they name a trust only beside a word such as hospital or trust" }

[[tests]]
check = "sql"
name = "nothing but small letters, figures and single spaces is left"
where = "NOT regexp_full_match(phrase, '[a-z0-9]+( [a-z0-9]+)*')"

[[tests]]
check = "sql"
name = "phrases of the rule tables are written in the same manner"
query = """
SELECT * FROM (
    SELECT unnest(string_split(concat_ws(';', any_of, and_any_of, unless_any_of), ';')) AS phrase FROM metric_words
    UNION ALL SELECT unnest(string_split(any_of, ';')) FROM unheld_divisions
    UNION ALL SELECT unnest(string_split(any_of, ';')) FROM unclear_periods
    UNION ALL SELECT short_name FROM trust_short_names
) WHERE NOT regexp_full_match(phrase, '[a-z0-9]+( [a-z0-9]+)*')
"""
*/
WITH named AS (
    SELECT 'question' AS kind, uin AS target, replace(words, '%', ' per cent ') AS words, false AS is_short FROM question_texts
    UNION ALL
    SELECT 'trust', org_code, org_name, false FROM trust_reference
    UNION ALL
    SELECT 'trust', org_code, org_name, false FROM organisations WHERE is_trust
    UNION ALL
    SELECT 'constituency', constituency, constituency, false FROM constituency_trusts
    UNION ALL
    SELECT 'region', region, CASE region WHEN 'East' THEN 'East of England' ELSE region END, false
    FROM trusts
    WHERE region IS NOT NULL
    UNION ALL
    SELECT 'board', icb_code, icb_name || form.ending, false
    FROM trusts
    CROSS JOIN (VALUES (' Integrated Care Board'), (' ICB'), (' integrated care system')) AS form (ending)
    WHERE icb_code IS NOT NULL AND icb_name IS NOT NULL
    UNION ALL
    SELECT 'nation', nation, words, false
    FROM (VALUES ('Scotland', 'Scotland'), ('Scotland', 'Scottish NHS'), ('Wales', 'Wales'), ('Wales', 'Welsh NHS'), ('Northern Ireland', 'Northern Ireland')) AS nations (nation, words)
    UNION ALL
    SELECT 'country', 'ENG', words, false
    FROM (VALUES ('England'), ('nationally'), ('NHS in England'), ('national level'), ('national average'), ('national figure')) AS country (words)
),

spaced AS (
    -- "Homerton's" is Homerton, "A&E" is a and e, "four-hour" is 4 hour.
    SELECT
        *,
        trim(regexp_replace(
            replace(regexp_replace(regexp_replace(lower(words), '[’`]', '''', 'g'), '([a-z])''s\b', '\1', 'g'), '&', ' and '),
            '[^a-z0-9]+', ' ', 'g'
        )) AS plain
    FROM named
    WHERE (SELECT count(*) FROM questions) > 0
),

-- Numbers that limits of time are written with.
numbered AS (
    SELECT
        * EXCLUDE (plain),
        list_reduce(
            [
                ['twenty eight', '28'], ['thirty one', '31'], ['fifty two', '52'], ['sixty two', '62'], ['sixty five', '65'],
                ['two', '2'], ['three', '3'], ['four', '4'], ['five', '5'], ['six', '6'], ['ten', '10'], ['twelve', '12'], ['eighteen', '18'],
                ['thirty', '30']
            ],
            lambda done, pair: [regexp_replace(done[1], '\b' || pair[1] || '\b', pair[2], 'g')],
            [plain]
        )[1] AS plain
    FROM spaced
),

-- "18 weeks or more", "in excess of 18 weeks" and "longer than the 18 weeks" are more than 18 weeks.
limited AS (
    SELECT
        * EXCLUDE (plain),
        regexp_replace(
            regexp_replace(plain, '\b([0-9]+) (week|day|hour|minute)s? or (?:more|longer|over)\b', 'more than \1 \2s', 'g'),
            '\b(?:in excess of|exceeding|exceeded|exceeds|upwards of|greater than|more than|longer than|beyond|over|past) (?:the |a )?([0-9]+) (week|day|hour|minute)s?\b', 'more than \1 \2s', 'g'
        ) AS plain
    FROM numbered
),

forms AS (
    -- A question without a letter is still a question.
    SELECT kind, target, CASE WHEN kind = 'question' AND plain = '' THEN 'no words' ELSE plain END AS phrase, false AS needs_context FROM limited
    UNION ALL
    -- Without the legal form of a trust, and then without the words that most hospitals share.
    SELECT
        kind,
        target,
        form.words,
        form.words = regexp_replace(form.words, '\b(hospitals?|healthcare|health|care|services?|university|teaching)\b', '', 'g')
    FROM limited
    CROSS JOIN LATERAL (
        SELECT regexp_replace(plain, ' nhs (foundation )?trust$', '') AS words
        UNION
        SELECT regexp_replace(plain, '^the ', '')
        UNION
        SELECT regexp_replace(regexp_replace(plain, ' nhs (foundation )?trust$', ''), '^the ', '')
        UNION
        SELECT trim(regexp_replace(
            regexp_replace(regexp_replace(plain, ' nhs (foundation )?trust$', ''), '^the ', ''),
            '( (university|teaching|hospitals?|healthcare|health|care|nhs|group|services?|and|general|district|acute))+$', ''
        ))
    ) AS form
    WHERE kind = 'trust'
    UNION ALL
    SELECT 'trust', trust_code, short_name, false
    FROM trust_short_names
    WHERE (SELECT count(*) FROM questions) > 0
)

SELECT
    kind,
    target,
    phrase,
    bool_and(needs_context) AS needs_context
FROM forms
WHERE phrase <> ''
GROUP BY kind, target, phrase
