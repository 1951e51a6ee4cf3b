/*
title = "Trusts and the kind each is compared with"
description = "Every trust with the kind of trust it is compared with, its region and its board. Kinds come from the oversight tables, else from the register; an ambulance trust is known by its name. A trust whose kind is not known is compared with nobody."
grain = ["trust_code"]

[columns]
trust_code = { meaning = "Organisation code" }
trust_name = { meaning = "Name" }
trust_kind = { meaning = "Kind of trust: only trusts of one kind are compared. Missing where not known" }
region = { meaning = "NHS England region" }
icb_code = { meaning = "Integrated care board code in 2025" }
icb_name = { meaning = "Integrated care board in 2025" }
has_pack = { meaning = "Whether the trust has an oversight record, and so a board pack" }
is_open = { meaning = "Whether the trust is open: not closed in the register, or not in it" }

[[tests]]
check = "not_null"
columns = ["trust_name", "has_pack", "is_open"]

[[tests]]
check = "sql"
name = "every trust with a pack is of the kind of its oversight table"
query = """
SELECT trusts.trust_code, trusts.trust_type, trust_kinds.trust_kind
FROM trusts
JOIN trust_kinds USING (trust_code)
WHERE trust_kinds.trust_kind IS DISTINCT FROM trusts.trust_type OR NOT trust_kinds.has_pack
"""
*/
SELECT
    org_code AS trust_code,
    coalesce(trusts.trust_name, org_name) AS trust_name,
    coalesce(
        trusts.trust_type,
        organisations.trust_type,
        CASE WHEN contains(upper(org_name), 'AMBULANCE') THEN 'Ambulance trust' END
    ) AS trust_kind,
    coalesce(trusts.region, organisations.region) AS region,
    organisations.icb_code,
    coalesce(trusts.icb_name, organisations.icb_name) AS icb_name,
    trusts.trust_code IS NOT NULL AS has_pack,
    coalesce(organisations.is_open, true) AS is_open
FROM organisations
LEFT JOIN trusts ON trusts.trust_code = organisations.org_code
WHERE organisations.is_trust
