/*
title = "Organisations"
description = "Every organisation that a count names: its name, whether it is an NHS trust, whether it is open, its region and its board. The name that the trust uses is taken before the one in the register, and that before the one in a file of counts."
grain = ["org_code"]

[columns]
org_code = { meaning = "Organisation code" }
org_name = { meaning = "Name; in capitals where only a file of counts has it" }
is_trust = { meaning = "Whether it is, or was, an NHS trust" }
is_open = { meaning = "Whether the register lists it as open; missing where it is not in the register" }
has_pack = { meaning = "Whether a board pack is made for the organisation" }
region = { meaning = "NHS England region" }
icb_code = { meaning = "Integrated care board code in 2025" }
icb_name = { meaning = "Integrated care board name in 2025" }
trust_type = { meaning = "Trust type" }
trust_subtype = { meaning = "Trust subtype" }

[[tests]]
check = "not_null"
columns = ["org_name", "is_trust", "has_pack"]

[[tests]]
check = "sql"
name = "one area has one name"
query = """
SELECT icb_code FROM organisations WHERE icb_code IS NOT NULL GROUP BY icb_code HAVING count(DISTINCT icb_name) > 1
"""

[[tests]]
check = "sql"
name = "a region of an organisation is one that trusts have"
query = "SELECT DISTINCT region FROM organisations WHERE region NOT IN (SELECT region FROM trusts)"
severity = "warn"

[[tests]]
check = "sql"
name = "every organisation with a pack is a trust with a region"
where = "has_pack AND (NOT is_trust OR region IS NULL)"
*/
WITH named AS (
    -- The latest name of each file; places say which file is preferred.
    SELECT org_code, org_name, period, 1 AS place FROM ae_counts
    UNION ALL SELECT org_code, org_name, period, 2 FROM sickness_counts
    UNION ALL SELECT org_code, org_name, period, 3 FROM dm01_counts
    UNION ALL SELECT org_code, org_name, period, 4 FROM cancer_counts
    UNION ALL SELECT org_code, org_name, period, 5 FROM rtt_provider_counts
    UNION ALL SELECT org_code, org_name, period, 6 FROM rtt_trust_counts
    UNION ALL SELECT org_code, org_name, period, 7 FROM ambulance_counts WHERE level = 'trust'
    UNION ALL SELECT org_code, org_name, period_end, 8 FROM kh03_counts
    UNION ALL SELECT org_code, org_name, NULL, 9 FROM cancelled_operation_counts
),

names AS (
    SELECT org_code, org_name
    FROM (SELECT org_code, org_name, place, max(period) AS period FROM named WHERE org_name IS NOT NULL GROUP BY ALL)
    QUALIFY row_number() OVER (PARTITION BY org_code ORDER BY place, period DESC, org_name) = 1
),

regions AS (
    SELECT org_code, coalesce(region_names.region, ae_counts.region) AS region
    FROM ae_counts
    LEFT JOIN region_names ON region_names.published_as = ae_counts.region
    WHERE ae_counts.region IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY org_code ORDER BY period DESC) = 1
),

register AS (
    -- Boards with and without "NHS" and "Integrated Care Board", regions in two spellings: as in the trusts' own records.
    SELECT
        trust_reference.*,
        coalesce(region_names.region, trust_reference.region) AS region_written,
        replace(replace(replace(replace(
            regexp_replace(regexp_replace(icb_name, '^NHS ', ''), ' (Integrated Care Board|ICB)$', ''),
            ' And ', ' and '), ' Of ', ' of '), ' The ', ' the '), '-On-', '-on-') AS board
    FROM trust_reference
    LEFT JOIN region_names ON region_names.published_as = trust_reference.region
),

codes AS (
    SELECT DISTINCT org_code FROM metric_counts
    UNION SELECT trust_code FROM trusts
)

SELECT
    codes.org_code,
    coalesce(trusts.trust_name, register.org_name, names.org_name, codes.org_code) AS org_name,
    trusts.trust_code IS NOT NULL OR register.org_code IS NOT NULL AS is_trust,
    register.status = 'open' AS is_open,
    trusts.trust_code IS NOT NULL AS has_pack,
    coalesce(trusts.region, register.region_written, regions.region) AS region,
    coalesce(trusts.icb_code, register.icb_code) AS icb_code,
    coalesce(trusts.icb_name, register.board) AS icb_name,
    coalesce(trusts.trust_type, register.trust_type) AS trust_type,
    coalesce(trusts.trust_subtype, register.trust_subtype) AS trust_subtype
FROM codes
LEFT JOIN trusts ON trusts.trust_code = codes.org_code
LEFT JOIN register USING (org_code)
LEFT JOIN names USING (org_code)
LEFT JOIN regions USING (org_code)
