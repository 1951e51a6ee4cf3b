/*
title = "Trusts by quarter"
description = "Each trust in each quarter in which it has an oversight record, with the type and region it had then. The official file is used where there is one; the extract fills the rest."
grain = ["quarter", "trust_code"]

[columns]
quarter = { meaning = "Financial quarter" }
trust_code = { meaning = "Organisation code" }
trust_name = { meaning = "Name" }
trust_type = { meaning = "Trust type: the league table the trust is ranked in" }
trust_subtype = { meaning = "Trust subtype" }
region = { meaning = "NHS England region" }
basis = { meaning = "Which file the record comes from: official or extract" }
in_official_data = { meaning = "Whether the official data file has the trust in this quarter" }
in_league_table = { meaning = "Whether the official league table has the trust in this quarter" }
in_extract = { meaning = "Whether the secondary extract has the trust in this quarter" }

[[tests]]
check = "accepted"
column = "basis"
values = ["official", "extract"]

[[tests]]
check = "not_null"
columns = ["trust_name", "trust_type", "region"]

[[tests]]
check = "sql"
name = "official and extract agree on the trust's type"
query = """
SELECT official.trust_code, official.trust_type, extract.trust_type
FROM (SELECT DISTINCT trust_code, trust_type FROM nof_data) AS official
JOIN nof_extract_league AS extract ON extract.org_code = official.trust_code
WHERE official.trust_type <> extract.trust_type
"""
severity = "warn"
*/
WITH records AS (
    SELECT DISTINCT quarter, trust_code, trust_name, trust_type, trust_subtype, region, 1 AS preference
    FROM nof_data
    UNION ALL
    SELECT quarter, trust_code, trust_name, trust_type, trust_subtype, region, 2
    FROM nof_league
    UNION ALL
    -- The extract's file name carries its quarter: nof_league_q3_2025_26.csv.
    SELECT
        regexp_replace(regexp_extract(_file, 'q[1-4]_20[0-9]{2}_[0-9]{2}'), 'q([1-4])_(20[0-9]{2})_([0-9]{2})', 'Q\1 \2/\3'),
        org_code, extract_names.trust_name, trust_type, trust_subtype, region, 3
    FROM nof_extract_league
    JOIN extract_names ON extract_names.trust_code = nof_extract_league.org_code
),

coverage AS (
    SELECT
        quarter,
        trust_code,
        bool_or(preference = 1) AS in_official_data,
        bool_or(preference = 2) AS in_league_table,
        bool_or(preference = 3) AS in_extract
    FROM records
    GROUP BY quarter, trust_code
),

preferred AS (
    SELECT *
    FROM records
    QUALIFY row_number() OVER (PARTITION BY quarter, trust_code ORDER BY preference, trust_name, trust_subtype, trust_type, region) = 1
)

SELECT
    preferred.quarter,
    preferred.trust_code,
    preferred.trust_name,
    coalesce(trust_type_aliases.trust_type, preferred.trust_type) AS trust_type,
    preferred.trust_subtype,
    preferred.region,
    CASE WHEN preferred.preference < 3 THEN 'official' ELSE 'extract' END AS basis,
    coverage.in_official_data,
    coverage.in_league_table,
    coverage.in_extract
FROM preferred
JOIN coverage USING (quarter, trust_code)
LEFT JOIN trust_type_aliases ON trust_type_aliases.published_as = preferred.trust_type
