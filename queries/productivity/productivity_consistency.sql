/*
title = "Does the published growth follow from its components?"
description = "Productivity growth is (1 + activity) / (1 + resource) - 1. Published figures are rounded, so each published number stands for a range: the check asks whether a growth that rounds to the published figure can come from components that round to theirs. Worked examples of national figures are checked by the same rule as each trust, and one of them is made to be refused. Decimals of the trusts' figures are the most that any trust's figure has."
grain = ["case_kind", "case_name"]

[columns]
case_kind = { meaning = "Worked example or trust" }
case_name = { meaning = "Example, or organisation code" }
activity = { unit = "%", meaning = "Published growth in activity" }
resource = { unit = "%", meaning = "Published growth in resource" }
productivity = { unit = "%", meaning = "Published growth in productivity" }
activity_decimals = { unit = "count", meaning = "Decimals of the published activity growth in per cent" }
resource_decimals = { unit = "count", meaning = "Decimals of the published resource growth in per cent" }
productivity_decimals = { unit = "count", meaning = "Decimals of the published productivity growth in per cent" }
recomputed = { unit = "%", decimals = 2, meaning = "Growth that the published components give as printed" }
allowed_low = { unit = "%", decimals = 2, meaning = "Least growth that the components allow, given their rounding" }
allowed_high = { unit = "%", decimals = 2, meaning = "Most growth that the components allow, given their rounding" }
implied_resource = { unit = "%", decimals = 1, meaning = "Growth in resource that the other two imply, where it is not published" }
difference_of_components = { unit = "%", decimals = 2, meaning = "Activity growth less resource growth: the tempting wrong formula" }
shortcut_error = { unit = "points", decimals = 2, meaning = "How far that formula is from the ratio" }
verdict = { meaning = "consistent, not consistent, resource implied or not checked" }
expected_verdict = { meaning = "What a worked example must give" }
expected_resource = { unit = "%", decimals = 1, meaning = "Implied resource growth that a worked example must give" }
example_source = { meaning = "Where the worked example was published" }
example_url = { meaning = "Address of the worked example" }

[[tests]]
check = "sql"
name = "each worked example gets the verdict it must get"
where = "verdict IS DISTINCT FROM expected_verdict AND case_kind = 'worked example'"

[[tests]]
check = "sql"
name = "implied resource growth is as in the worked examples, to one decimal"
where = "abs(round(implied_resource, 1) - expected_resource) > 0.0000001 OR (expected_resource IS NOT NULL AND implied_resource IS NULL)"

[[tests]]
check = "sql"
name = "no trust's published growth contradicts its components"
where = "case_kind = 'trust' AND verdict = 'not consistent'"
severity = "warn"

[[tests]]
check = "sql"
name = "every trust with three published figures is checked"
query = """
SELECT trust_code
FROM productivity_growth
LEFT JOIN productivity_consistency AS checked ON checked.case_kind = 'trust' AND checked.case_name = productivity_growth.trust_code
WHERE activity_growth IS NOT NULL AND resource_growth > -1 AND productivity_growth IS NOT NULL
    AND coalesce(checked.verdict, 'not checked') NOT IN ('consistent', 'not consistent')
"""

[[tests]]
check = "accepted"
column = "verdict"
values = ["consistent", "not consistent", "resource implied", "not checked"]
*/
WITH written AS (
    -- How a fraction is written says how many decimals it has. Written with an exponent it has as many as a number can.
    SELECT
        org_code,
        list_transform(
            [cost_weighted_activity_growth, real_terms_resource_growth, productivity_growth_estimate],
            lambda x: CASE
                WHEN contains(CAST(x AS VARCHAR), 'e') THEN 17
                ELSE length(split_part(CAST(x AS VARCHAR), '.', 2))
            END
        ) AS decimals
    FROM trust_productivity
),

most_decimals AS (
    -- A fraction has two decimals more than the same number in per cent.
    SELECT
        greatest(max(decimals[1]) - 2, 0) AS activity_decimals,
        greatest(max(decimals[2]) - 2, 0) AS resource_decimals,
        greatest(max(decimals[3]) - 2, 0) AS productivity_decimals
    FROM written
),

cases AS (
    SELECT
        'worked example' AS case_kind,
        example AS case_name,
        activity,
        resource,
        productivity,
        decimals AS activity_decimals,
        decimals AS resource_decimals,
        decimals AS productivity_decimals,
        expected_verdict,
        expected_resource,
        example_source,
        example_url
    FROM productivity_worked_growth
    UNION ALL
    SELECT
        'trust',
        org_code,
        100 * cost_weighted_activity_growth,
        100 * real_terms_resource_growth,
        100 * productivity_growth_estimate,
        activity_decimals,
        resource_decimals,
        productivity_decimals,
        NULL,
        NULL,
        NULL,
        NULL
    FROM trust_productivity
    CROSS JOIN most_decimals
),

halves AS (
    -- Half of the last printed decimal, either way, and what arithmetic in binary may lose.
    SELECT
        *,
        0.5 / pow(10, activity_decimals) + 1e-10 AS activity_half,
        0.5 / pow(10, resource_decimals) + 1e-10 AS resource_half,
        0.5 / pow(10, productivity_decimals) + 1e-10 AS productivity_half
    FROM cases
),

ranges AS (
    SELECT
        *,
        100 * ((100 + activity) / nullif(100 + resource, 0) - 1) AS recomputed,
        100 * ((100 + activity - activity_half) / nullif(100 + resource + resource_half, 0) - 1) AS allowed_low,
        100 * ((100 + activity + activity_half) / nullif(100 + resource - resource_half, 0) - 1) AS allowed_high
    FROM halves
)

SELECT
    case_kind,
    case_name,
    activity,
    resource,
    productivity,
    activity_decimals,
    resource_decimals,
    productivity_decimals,
    recomputed,
    allowed_low,
    allowed_high,
    CASE WHEN resource IS NULL THEN 100 * ((100 + activity) / nullif(100 + productivity, 0) - 1) END AS implied_resource,
    activity - resource AS difference_of_components,
    activity - resource - recomputed AS shortcut_error,
    CASE
        WHEN activity IS NULL OR productivity IS NULL THEN 'not checked'
        WHEN resource IS NULL THEN 'resource implied'
        WHEN recomputed IS NULL THEN 'not checked'
        WHEN productivity + productivity_half >= allowed_low AND productivity - productivity_half <= allowed_high
            THEN 'consistent'
        ELSE 'not consistent'
    END AS verdict,
    expected_verdict,
    expected_resource,
    example_source,
    example_url
FROM ranges
