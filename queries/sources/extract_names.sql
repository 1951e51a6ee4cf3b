/*
title = "Names from the extract"
description = "Organisation names of files that print them in capitals, written as people write them."
grain = ["trust_code"]

[columns]
trust_code = { meaning = "Organisation code" }
trust_name = { meaning = "Name in title case" }

[[tests]]
check = "not_null"
columns = ["trust_name"]

[[tests]]
check = "sql"
name = "no name is left in capitals"
where = "trust_name = upper(trust_name) AND length(trust_name) > 4"
*/
WITH in_capitals AS (
    SELECT org_code, org_name FROM nof_extract_league
    UNION
    SELECT org_code, org_name FROM trust_productivity
    WHERE org_code NOT IN (SELECT org_code FROM nof_extract_league)
),

words AS (
    SELECT
        org_code,
        unnest(string_split(lower(org_name), ' ')) AS word,
        generate_subscripts(string_split(org_name, ' '), 1) AS place
    FROM in_capitals
),

written AS (
    -- The first word always takes a capital: "The Christie", but "Bristol and Weston".
    SELECT
        words.org_code,
        words.place,
        CASE
            WHEN name_words.written IS NOT NULL AND (words.place > 1 OR name_words.written = name_words.word)
                THEN name_words.written
            ELSE upper(words.word[1]) || words.word[2:]
        END AS word
    FROM words
    LEFT JOIN name_words ON name_words.word = upper(words.word)
)

SELECT
    org_code AS trust_code,
    string_agg(word, ' ' ORDER BY place, word) AS trust_name
FROM written
GROUP BY org_code
