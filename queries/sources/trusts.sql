/*
title = "Trusts"
description = "One row for each trust with an oversight record: who it is, where it is, which files describe it and what is missing. One board pack is made for each row."
grain = ["trust_code"]

[columns]
trust_code = { meaning = "Organisation code" }
trust_name = { meaning = "Name" }
trust_type = { meaning = "Trust type: the league table the trust is ranked in" }
trust_type_plural = { meaning = "The trust type, in the plural" }
trust_subtype = { meaning = "Trust subtype" }
region = { meaning = "NHS England region" }
icb_name = { meaning = "Integrated care board in 2025, without 'NHS' and 'Integrated Care Board'" }
icb_code = { meaning = "Integrated care board code in 2025" }
latest_quarter = { meaning = "Latest quarter with a record" }
previous_quarter = { meaning = "The quarter before the latest, where the trust has a record in it" }
first_quarter = { meaning = "First quarter with a record" }
quarters_held = { unit = "count", meaning = "Quarters with a record" }
latest_basis = { meaning = "Whether the latest record is official or from the extract" }
has_official_data = { meaning = "Whether an official data file covers the latest quarter" }
has_league_table = { meaning = "Whether an official league table covers the latest quarter" }
has_metric_scores = { meaning = "Whether individual metric scores are held for the latest quarter" }
has_override_flag = { meaning = "Whether the financial override is held for the latest quarter" }
has_likely_range = { meaning = "Whether NHS England's likely ranges are held for the latest quarter" }
has_movement = { meaning = "Whether the quarter before the latest is held, so that movement can be shown" }
has_productivity = { meaning = "Whether a productivity growth figure is held" }
is_latest_quarter = { meaning = "Whether the trust's latest quarter is the latest of all" }

[[tests]]
check = "not_null"
columns = ["trust_name", "trust_type", "region", "latest_quarter"]

[[tests]]
check = "relationship"
column = "latest_quarter"
to = "quarters.quarter"

[[tests]]
check = "relationship"
column = "trust_type"
to = "framework_trust_types.trust_type"
severity = "warn"

[[tests]]
check = "rows"
min = 1
*/
WITH latest AS (
    SELECT trust_quarters.*, quarters.is_latest, quarters.previous_quarter
    FROM trust_quarters
    JOIN quarters USING (quarter)
    QUALIFY row_number() OVER (PARTITION BY trust_code ORDER BY quarter_order DESC) = 1
),

span AS (
    SELECT
        trust_code,
        count(*) AS quarters_held,
        arg_min(quarter, quarter_order) AS first_quarter
    FROM trust_quarters
    JOIN quarters USING (quarter)
    GROUP BY trust_code
),

metric_scores_held AS (
    SELECT DISTINCT quarter, trust_code FROM nof_data WHERE metric_id LIKE 'OF1%' AND value IS NOT NULL
),

override_held_for AS (
    SELECT DISTINCT nof_data.quarter, nof_data.trust_code
    FROM nof_data
    JOIN published_quantities USING (metric_id)
    WHERE quantity = 'financial override' AND value IS NOT NULL
    UNION
    SELECT quarter, trust_code FROM nof_league
),

boards AS (
    -- The register writes some boards in full and some in short, with and without capitals on "and" and "of the".
    SELECT
        org_code AS trust_code,
        icb_code,
        replace(replace(replace(replace(
            regexp_replace(regexp_replace(icb_name, '^NHS ', ''), ' (Integrated Care Board|ICB)$', ''),
            ' And ', ' and '), ' Of ', ' of '), ' The ', ' the '), '-On-', '-on-') AS icb_name
    FROM trust_reference
)

SELECT
    latest.trust_code,
    latest.trust_name,
    latest.trust_type,
    coalesce(framework_trust_types.trust_type_plural, latest.trust_type) AS trust_type_plural,
    latest.trust_subtype,
    latest.region,
    boards.icb_name,
    boards.icb_code,
    latest.quarter AS latest_quarter,
    before.quarter AS previous_quarter,
    span.first_quarter,
    span.quarters_held,
    latest.basis AS latest_basis,
    latest.in_official_data AS has_official_data,
    latest.in_league_table AS has_league_table,
    metric_scores_held.trust_code IS NOT NULL AS has_metric_scores,
    override_held_for.trust_code IS NOT NULL AS has_override_flag,
    league.likely_range_of_rank IS NOT NULL AS has_likely_range,
    before.quarter IS NOT NULL AS has_movement,
    growth.productivity_growth_estimate IS NOT NULL AS has_productivity,
    latest.is_latest AS is_latest_quarter
FROM latest
JOIN span USING (trust_code)
LEFT JOIN boards USING (trust_code)
LEFT JOIN trust_quarters AS before
    ON before.trust_code = latest.trust_code AND before.quarter = latest.previous_quarter
LEFT JOIN framework_trust_types
    ON framework_trust_types.trust_type = latest.trust_type
    AND framework_trust_types.framework_year = (SELECT framework_year FROM parameters)
LEFT JOIN metric_scores_held
    ON metric_scores_held.trust_code = latest.trust_code AND metric_scores_held.quarter = latest.quarter
LEFT JOIN override_held_for
    ON override_held_for.trust_code = latest.trust_code AND override_held_for.quarter = latest.quarter
LEFT JOIN nof_league AS league
    ON league.trust_code = latest.trust_code AND league.quarter = latest.quarter
LEFT JOIN trust_productivity AS growth ON growth.org_code = latest.trust_code
ORDER BY coalesce(framework_trust_types.type_order, 99), latest.trust_name, latest.trust_code
