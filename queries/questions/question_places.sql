/*
title = "Where a question is about"
description = "Trusts, boards, regions or England that each question is about: the codes of its row where they are given, else the names found in its words, the longest first. A constituency stands for the trusts listed for it. Words that could mean several trusts, or a hospital that is none of the names held, are kept as not recognised, so that nothing is guessed. A question that names no place is about England."
grain = ["uin", "place_kind", "place_code"]

[columns]
uin = { meaning = "Number of the question" }
place_kind = { meaning = "trust, board, region, country, nation (one of the others in the United Kingdom), every trust, every region, every board, or not recognised" }
place_code = { meaning = "Code of the trust or board, name of the region, ENG; or the words that were not recognised" }
place_name = { meaning = "Name" }
place_words = { meaning = "The place as an answer says it" }
place_order = { unit = "count", meaning = "Order in the question" }
how = { meaning = "How it was recognised" }
constituency = { meaning = "The constituency through which it came in" }
closed_on = { meaning = "Day on which the trust closed, where it did" }
successor_code = { meaning = "The trust that carried on, where one did" }
successor_name = { meaning = "Its name" }
near_words = { meaning = "Names held that are spelt much like one that was not recognised: for the official, never taken for it" }

[[tests]]
check = "sql"
name = "every question has a place, or words that were not recognised"
query = "SELECT uin FROM questions WHERE uin NOT IN (SELECT uin FROM question_places)"

[[tests]]
check = "sql"
name = "codes that a row gives are known"
query = "SELECT uin, place_code FROM question_places WHERE place_kind = 'not recognised' AND how = 'given'"
severity = "warn"

[[tests]]
check = "not_null"
columns = ["place_name", "how", "place_words"]
*/
WITH texts AS (
    SELECT target AS uin, phrase, string_split(phrase, ' ') AS words
    FROM question_vocabulary
    WHERE kind = 'question'
),

runs AS (
    SELECT
        uin,
        first_word,
        length,
        array_to_string(words[first_word : first_word + length - 1], ' ') AS phrase,
        coalesce(words[first_word - 1], '') AS word_before,
        coalesce(words[first_word + length], '') AS word_after
    FROM texts
    CROSS JOIN LATERAL unnest(range(1, len(words) + 1)) AS starts (first_word)
    CROSS JOIN LATERAL unnest(range(1, 13)) AS lengths (length)
    WHERE first_word + length - 1 <= len(words)
),

found AS (
    SELECT runs.*, vocabulary.kind, vocabulary.target
    FROM runs
    JOIN question_vocabulary AS vocabulary USING (phrase)
    WHERE vocabulary.kind <> 'question'
        AND (NOT vocabulary.needs_context
            OR word_after IN ('nhs', 'trust', 'hospital', 'hospitals', 'foundation', 'healthcare', 'university', 'teaching', 'health'))
),

-- Of names that overlap the longest counts; of one name with several meanings, the trust.
longest AS (
    SELECT *
    FROM found
    WHERE NOT EXISTS (
        FROM found AS wider
        WHERE wider.uin = found.uin AND wider.length > found.length
            AND wider.first_word <= found.first_word
            AND wider.first_word + wider.length >= found.first_word + found.length
    )
    WINDOW one AS (PARTITION BY uin, first_word, length)
    -- A constituency that bears a trust's name is meant only where the question calls it one.
    QUALIFY kind = CASE
        WHEN word_after = 'constituency' THEN min(kind) OVER one
        ELSE coalesce(min(kind) FILTER (kind = 'trust') OVER one, min(kind) OVER one)
    END
),

-- The same trust may close and go on under another code with the same name: the one that is open is meant.
meant AS (
    SELECT longest.*, trust_reference.status = 'closed' AS is_closed
    FROM longest
    LEFT JOIN trust_reference ON longest.kind = 'trust' AND trust_reference.org_code = longest.target
    QUALIFY kind <> 'trust' OR NOT is_closed
        OR bool_and(is_closed) OVER (PARTITION BY uin, first_word, length)
),

counted AS (
    SELECT *, count(DISTINCT target) OVER (PARTITION BY uin, first_word, length) AS meanings
    FROM meant
),

given AS (
    SELECT uin, trim(code) AS code, place AS first_word
    FROM questions
    CROSS JOIN LATERAL unnest(string_split(organisations, ';')) WITH ORDINALITY AS codes (code, place)
    WHERE trim(code) <> ''
),

asked AS (
    SELECT
        questions.uin,
        question_texts.words AS question,
        questions.constituency,
        questions.organisations IS NOT NULL AS is_given,
        ' ' || texts.phrase || ' ' AS padded
    FROM questions
    JOIN texts USING (uin)
    JOIN question_texts USING (uin)
),

wide AS (
    SELECT
        *,
        -- A name before the word, or one that is pointed at; "hospital operations" are those of all.
        regexp_matches(question, '[A-Z][a-z''’-]+,? (?:[A-Z][A-Za-z]+ )*(Hospitals?|Infirmary|Trust)\b|\b(my|our|his|her|their|that|this) (local )?(hospital|trust|infirmary)\b')
            OR regexp_matches(padded, ' (trust|infirmary) ') AS speaks_of_a_trust,
        -- "in Cornwall": a name behind a word of place that is no month, and not one of the words of every question.
        list_filter(
            regexp_extract_all(
                question,
                '\b(?:in|at|across|within|serving|for|near|around) (?:the )?((?:[A-Z][A-Za-z''’-]+)(?: (?:and |of |on |upon |the )?[A-Z][A-Za-z''’-]+)*)',
                1
            ),
            lambda name: NOT regexp_matches(
                name,
                '^(January|February|March|April|May|June|July|August|September|October|November|December|England|NHS|Health|Oversight|National|Government|State|Parliament|House|Category|Type|ICB|Integrated)\b'
            )
        ) AS capitals,
        regexp_matches(padded, ' (each|every|all|any|which|how many|per|between|across) (nhs |acute |hospital |ambulance |mental health |foundation |of the )*trusts? | by (nhs |acute |hospital |ambulance |mental health |foundation )*trust ') AS every_trust,
        regexp_matches(padded, ' (each|every|all|by|per|between|across) (nhs |of the |english )*regions? ') AS every_region,
        regexp_matches(padded, ' (integrated care (board|system)|icb)s? ') AS every_board,
        regexp_matches(padded, ' (my|her|his|their|the members|the) (local |own )?constituency | local (hospital|nhs )?(trusts?|hospitals?) ') AS own_constituency
    FROM asked
),

-- A trust as the question writes it, whose name is none of those held.
strange AS (
    SELECT uin, string_agg(DISTINCT written, '; ' ORDER BY written) AS written
    FROM (
        SELECT uin, unnest(regexp_extract_all(question, '((?:[A-Z][A-Za-z''’&-]+,? (?:(?:and|of|the|upon|on|in) )*)+?NHS (?:Foundation )?Trust)')) AS written
        FROM asked
    )
    WHERE trim(regexp_replace(regexp_replace(lower(replace(regexp_replace(written, '[’'']s\b', '', 'g'), '&', 'and')), '[^a-z0-9]+', ' ', 'g'), ' nhs (foundation )?trust$', ''))
        NOT IN (SELECT phrase FROM question_vocabulary WHERE kind = 'trust')
    GROUP BY uin
),

-- Up to three names that are spelt much like the words before "NHS Trust".
near AS (
    SELECT uin, string_agg(trust_name, ' or ' ORDER BY likeness DESC, trust_name) AS near_words
    FROM (
        SELECT
            here.uin, trust_kinds.trust_name,
            max(jaro_winkler_similarity(before.phrase, vocabulary.phrase)) AS likeness
        FROM runs AS here
        JOIN runs AS before ON before.uin = here.uin AND before.first_word + before.length = here.first_word AND before.length BETWEEN 1 AND 8
        JOIN question_vocabulary AS vocabulary ON vocabulary.kind = 'trust' AND abs(length(vocabulary.phrase) - length(before.phrase)) <= 3 AND length(before.phrase) >= 5
        JOIN trust_kinds ON trust_kinds.trust_code = vocabulary.target
        WHERE here.phrase IN ('nhs trust', 'nhs foundation trust') AND here.uin IN (SELECT uin FROM strange)
        GROUP BY here.uin, trust_kinds.trust_name
        HAVING max(jaro_winkler_similarity(before.phrase, vocabulary.phrase)) > 0.93
        QUALIFY row_number() OVER (PARTITION BY here.uin ORDER BY max(jaro_winkler_similarity(before.phrase, vocabulary.phrase)) DESC, trust_kinds.trust_name) <= 3
    )
    GROUP BY uin
),

named AS (
    SELECT
        given.uin,
        CASE
            WHEN given.code = 'ENG' THEN 'country'
            WHEN organisations.org_code IS NOT NULL OR trust_reference.org_code IS NOT NULL THEN 'trust'
            WHEN given.code IN (SELECT icb_code FROM trusts) THEN 'board'
            WHEN given.code IN (SELECT region FROM trusts) THEN 'region'
            ELSE 'not recognised'
        END AS kind,
        given.code AS target,
        given.first_word,
        'given' AS how,
        NULL AS via
    FROM given
    LEFT JOIN organisations ON organisations.org_code = given.code AND organisations.is_trust
    LEFT JOIN trust_reference ON trust_reference.org_code = given.code
    UNION ALL
    SELECT
        counted.uin,
        CASE WHEN kind = 'trust' AND meanings > 1 THEN 'not recognised' ELSE kind END,
        CASE WHEN kind = 'trust' AND meanings > 1 THEN counted.phrase || ': ' || meanings || ' trusts' ELSE target END,
        first_word,
        CASE WHEN kind = 'trust' AND meanings > 1 THEN 'several trusts have this name' ELSE 'named in the question' END,
        NULL
    FROM counted
    JOIN asked USING (uin)
    WHERE NOT is_given
    UNION ALL
    -- "the West Midlands" is not the Midlands.
    SELECT uin, 'not recognised', word_before || ' ' || phrase, first_word, 'part of a name that is not held', NULL
    FROM counted
    JOIN asked USING (uin)
    WHERE NOT is_given AND kind IN ('region', 'country')
        AND (word_before IN ('north', 'south', 'east', 'west', 'central', 'inner', 'outer', 'greater', 'royal', 'university')
            -- NHS England is a body and no place.
            OR kind = 'country' AND phrase = 'england' AND word_before = 'nhs' AND NOT regexp_matches(padded, ' with nhs england '))
    UNION ALL
    -- A trust is named that none of the names found covers.
    SELECT runs.uin, 'not recognised', coalesce(strange.written, 'a trust that is not in the data by this name'), runs.first_word, 'named, and not found', NULL
    FROM runs
    JOIN asked USING (uin)
    LEFT JOIN strange USING (uin)
    WHERE NOT is_given AND runs.phrase IN ('nhs trust', 'nhs foundation trust')
        AND runs.word_before NOT IN ('each', 'every', 'any', 'per', 'by', 'which', 'an', 'the', 'what', 'of', 'in', 'at', 'for', 'across', 'on', 'and', 'acute', 'latest', 'new')
        AND NOT EXISTS (
            FROM counted
            WHERE counted.uin = runs.uin AND counted.kind = 'trust'
                AND runs.first_word BETWEEN counted.first_word AND counted.first_word + counted.length
        )
),

through AS (
    SELECT uin, kind, target, first_word, how, via FROM named WHERE kind <> 'constituency'
    UNION ALL
    SELECT named.uin, 'trust', constituency_trusts.trust_code, first_word, 'trusts listed for the constituency', named.target
    FROM named
    JOIN constituency_trusts ON constituency_trusts.constituency = named.target
    WHERE named.kind = 'constituency'
    UNION ALL
    SELECT wide.uin, 'trust', constituency_trusts.trust_code, 0, 'trusts listed for the member''s constituency', wide.constituency
    FROM wide
    JOIN constituency_trusts USING (constituency)
    WHERE own_constituency AND NOT is_given AND uin NOT IN (SELECT uin FROM named WHERE kind = 'trust')
),

-- What the whole question says where it names no trust.
general AS (
    SELECT
        wide.uin,
        CASE
            -- Two divisions at once are two tables, of which neither is to be left out.
            WHEN every_trust AND every_board AND padded LIKE '%integrated care%' AND uin NOT IN (SELECT uin FROM through WHERE kind = 'board') OR every_trust AND every_region OR every_region AND every_board THEN 'not recognised'
            WHEN every_trust THEN 'every trust'
            WHEN every_board AND uin NOT IN (SELECT uin FROM through WHERE kind = 'board') THEN 'every board'
            WHEN every_region THEN 'every region'
            WHEN own_constituency OR speaks_of_a_trust AND uin NOT IN (SELECT uin FROM through WHERE kind = 'board')
                OR len(capitals) > 0 AND uin NOT IN (SELECT uin FROM through) THEN 'not recognised'
            WHEN uin NOT IN (SELECT uin FROM through) THEN 'country'
        END AS kind,
        CASE
            WHEN every_trust AND every_board AND padded LIKE '%integrated care%' AND uin NOT IN (SELECT uin FROM through WHERE kind = 'board') OR every_trust AND every_region OR every_region AND every_board THEN 'several divisions at once: trusts, regions or boards'
            WHEN every_trust THEN 'every trust'
            WHEN every_board AND uin NOT IN (SELECT uin FROM through WHERE kind = 'board') THEN 'every board'
            WHEN every_region THEN 'every region'
            WHEN own_constituency THEN 'the constituency ' || coalesce(wide.constituency, '(not given)')
            WHEN speaks_of_a_trust AND uin NOT IN (SELECT uin FROM through WHERE kind = 'board') THEN 'a trust or hospital that is not in the data by this name'
            WHEN len(capitals) > 0 AND uin NOT IN (SELECT uin FROM through) THEN array_to_string(capitals, ', ')
            ELSE 'ENG'
        END AS target,
        CASE WHEN every_trust OR every_board OR every_region THEN 'asked of all' ELSE 'no place that is held is named' END AS how
    FROM wide
    WHERE NOT is_given AND uin NOT IN (SELECT uin FROM through WHERE kind IN ('trust', 'not recognised', 'nation'))
),

together AS (
    SELECT uin, kind, target, min(first_word) AS place_order, arg_min(how, (first_word, how)) AS how, min(via) AS constituency
    FROM through
    -- "Trusts in England" and "the London region" beside a trust are where it is, not what is asked of.
    WHERE kind IN ('trust', 'not recognised', 'nation') OR uin NOT IN (SELECT uin FROM through WHERE kind = 'trust')
        -- Beside a trust, England is asked for where the two are to be compared.
        OR kind = 'country' AND uin IN (SELECT uin FROM asked WHERE regexp_matches(padded, ' (national (average|figure)|average for england|england average|compar\w* (\w+ ){0,6}england|and (in |for )?([a-z] )?england) '))
    GROUP BY uin, kind, target
    UNION ALL
    SELECT uin, kind, target, 1000, how, NULL
    FROM general
    WHERE kind IS NOT NULL
),

-- The register writes in capitals.
register_names AS (
    SELECT
        org_code,
        string_agg(coalesce(name_words.written, left(words.word, 1) || lower(substr(words.word, 2))), ' ' ORDER BY words.place) AS org_name
    FROM trust_reference
    CROSS JOIN LATERAL unnest(string_split(org_name, ' ')) WITH ORDINALITY AS words (word, place)
    LEFT JOIN name_words USING (word)
    WHERE org_code IN (SELECT target FROM together WHERE kind = 'trust')
    GROUP BY org_code
),

described AS (
    SELECT
        together.*,
        coalesce(
            trusts.trust_name,
            organisations.org_name,
            register_names.org_name
        ) AS trust_name,
        boards.icb_name,
        trust_reference.close_date AS closed_on,
        organisation_history.current_code AS successor_code,
        successors.org_name AS successor_name
    FROM together
    LEFT JOIN trusts ON together.kind = 'trust' AND trusts.trust_code = together.target
    LEFT JOIN organisations ON together.kind = 'trust' AND organisations.org_code = together.target AND organisations.org_name <> upper(organisations.org_name)
    LEFT JOIN trust_reference ON together.kind = 'trust' AND trust_reference.org_code = together.target
    LEFT JOIN register_names ON together.kind = 'trust' AND register_names.org_code = together.target
    LEFT JOIN (SELECT icb_code, min(icb_name) AS icb_name FROM trusts GROUP BY icb_code) AS boards
        ON together.kind = 'board' AND boards.icb_code = together.target
    LEFT JOIN (SELECT old_code, min(current_code) AS current_code FROM organisation_history GROUP BY old_code) AS organisation_history
        ON together.kind = 'trust' AND organisation_history.old_code = together.target
    LEFT JOIN organisations AS successors ON successors.org_code = organisation_history.current_code
)

SELECT
    uin,
    kind AS place_kind,
    target AS place_code,
    CASE kind
        WHEN 'trust' THEN coalesce(trust_name, target)
        WHEN 'board' THEN 'NHS ' || icb_name || ' Integrated Care Board'
        WHEN 'country' THEN 'England'
        ELSE target
    END AS place_name,
    CASE kind
        WHEN 'trust' THEN 'at ' || regexp_replace(coalesce(trust_name, target), '^The ', 'the ')
        WHEN 'board' THEN 'at organisations in the area of NHS ' || icb_name || ' Integrated Care Board'
        WHEN 'region' THEN 'at organisations in the ' || CASE target WHEN 'East' THEN 'East of England' ELSE target END || ' region'
        WHEN 'country' THEN 'in England'
        ELSE target
    END AS place_words,
    row_number() OVER (PARTITION BY uin ORDER BY place_order, kind, target) AS place_order,
    how,
    constituency,
    closed_on,
    successor_code,
    successor_name,
    CASE WHEN kind = 'not recognised' AND how = 'named, and not found' THEN near.near_words END AS near_words
FROM described
LEFT JOIN near USING (uin)
ORDER BY uin, place_order
