/*
title = "What a question asks, without its opening"
description = "The words of each question without whom it is put to and without the document that it refers to: what is said of an earlier answer, a plan or a letter is no part of what is asked. A question put to another department than the one that answers here keeps that department's name, for the official to see."
grain = ["uin"]

[columns]
uin = { meaning = "Number of the question" }
asked_of = { meaning = "Whom the question is put to, where it is not the department that answers here" }
referred_to = { meaning = "What the question refers to, and is read no further" }
words = { meaning = "What is asked" }

[[tests]]
check = "sql"
name = "every question keeps words to be read"
query = "SELECT uin FROM questions WHERE uin NOT IN (SELECT uin FROM question_texts WHERE trim(words) <> '')"
*/
WITH opened AS (
    SELECT
        uin,
        regexp_replace(trim(question), '[’`]', '''', 'g') AS question,
        (
            SELECT max(length(body))
            FROM answering_bodies
            WHERE starts_with(lower(regexp_replace(trim(question), '[’`]', '''', 'g')), 'to ask ' || lower(body))
        ) AS own_length
    FROM questions
),

addressed AS (
    SELECT
        uin,
        CASE WHEN own_length IS NULL THEN nullif(regexp_extract(question, '(?i)^to ask ([^,]+)', 1), '') END AS asked_of,
        CASE
            WHEN own_length IS NOT NULL THEN ltrim(substr(question, 8 + own_length), ', ')
            ELSE regexp_replace(question, '(?i)^to ask [^,]+, *', '')
        END AS asked
    FROM opened
),

referred AS (
    SELECT
        *,
        -- Up to the word that begins what is asked; "which was published" begins nothing.
        regexp_extract(
            asked,
            '(?i)^((?:pursuant to|with reference to|further to|following) .*?), *((?:what|how|if|whether|when|why|who|where|for what|for how|by what|by how|in what|to what|on what|which [0-9a-z]+ ?(?:nhs |acute )*trusts?)\b.*)$',
            ['referred_to', 'rest']
        ) AS parts
    FROM addressed
)

SELECT
    uin,
    asked_of,
    nullif(parts.referred_to, '') AS referred_to,
    -- Without the letters and numerals that count items: "in (a) 2024 and (b) 2025".
    coalesce(nullif(trim(regexp_replace(CASE WHEN parts.rest <> '' THEN parts.rest WHEN asked <> '' THEN asked ELSE '?' END, ' *\((?:[a-h]|[1-9]|i{1,3}|iv|vi{0,3})\) *', ' ', 'g')), ''), '?') AS words
FROM referred
