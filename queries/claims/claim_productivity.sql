/*
title = "What may be said of a trust's productivity growth"
description = "One sentence for each trust with a figure: the estimate, its period and base, its two components and its place. It may be said only where the published growth follows from its published components: (1 + activity) / (1 + resource) - 1, to the decimal that is printed."
grain = ["trust_code"]
claim = {}

[columns]
trust_code = { meaning = "Organisation code" }
trust_name = { meaning = "Name" }
period = { meaning = "Period and base of the growth" }
productivity_growth = { unit = "fraction", decimals = 1, meaning = "Estimated productivity growth, as published" }
activity_growth = { unit = "fraction", decimals = 1, meaning = "Growth in cost-weighted activity" }
resource_growth = { unit = "fraction", decimals = 1, meaning = "Growth in real-terms resource" }
recomputed_growth = { unit = "fraction", decimals = 1, meaning = "Growth that the two components imply" }
growth_rank = { unit = "rank", meaning = "Rank from the highest growth; ties share the best" }
trusts_ranked = { unit = "count", meaning = "Trusts with a figure" }
holds = { meaning = "Whether the published growth is the one that its components imply" }
statement = { meaning = "The sentence" }

[[tests]]
check = "sql"
name = "no sentence takes one component from the other"
where = "holds AND abs(productivity_growth - recomputed_growth) > 0.0005"

[[tests]]
check = "sql"
name = "every sentence calls the growth an estimate and gives its period and its place"
where = "NOT contains(statement, 'estimated') OR NOT contains(statement, period) OR NOT contains(statement, ' of ' || trusts_ranked)"
*/
WITH held AS (
    SELECT
        *,
        -- Rounded first, so that the words agree with the numbers as printed.
        round(100 * productivity_growth, 1) AS p,
        round(100 * activity_growth, 1) AS a,
        round(100 * resource_growth, 1) AS r,
        count(*) OVER (PARTITION BY growth_rank) > 1 AS is_joint
    FROM productivity_growth
    WHERE productivity_growth IS NOT NULL AND growth_rank IS NOT NULL
)

SELECT
    trust_code,
    trust_name,
    period,
    productivity_growth,
    activity_growth,
    resource_growth,
    recomputed_growth,
    growth_rank,
    trusts_ranked,
    abs(productivity_growth - recomputed_growth) <= 0.0005 AS holds,
    trust_name || '''s productivity is estimated to have '
        || CASE
            WHEN p > 0 THEN 'grown by ' || printf('%.1f', p) || '%'
            WHEN p < 0 THEN 'fallen by ' || printf('%.1f', -p) || '%'
            ELSE 'stayed the same'
        END
        || ' in ' || period || ', from '
        || CASE
            WHEN a > 0 THEN printf('%.1f', a) || '% more cost-weighted activity'
            WHEN a < 0 THEN printf('%.1f', -a) || '% less cost-weighted activity'
            ELSE 'the same cost-weighted activity'
        END
        || ' and '
        || CASE
            WHEN r > 0 THEN printf('%.1f', r) || '% more real-terms resource'
            WHEN r < 0 THEN printf('%.1f', -r) || '% less real-terms resource'
            ELSE 'the same real-terms resource'
        END
        || ': ' || CASE WHEN is_joint THEN 'joint ' ELSE '' END || growth_rank
        || CASE
            WHEN growth_rank % 100 BETWEEN 11 AND 13 THEN 'th'
            WHEN growth_rank % 10 = 1 THEN 'st'
            WHEN growth_rank % 10 = 2 THEN 'nd'
            WHEN growth_rank % 10 = 3 THEN 'rd'
            ELSE 'th'
        END
        || ' of ' || trusts_ranked || ' acute trusts, from the highest.' AS statement
FROM held
ORDER BY trust_code
