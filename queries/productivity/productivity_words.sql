/*
title = "A trust's productivity growth in words"
description = "Whole sentences, made from the numbers, with no more certainty than these earn. Growth is never called level. No interval from counts is printed: chance in the counts is a floor, far below the uncertainty of the estimate, and is never offered as it."
grain = ["trust_code"]

[columns]
trust_code = { meaning = "Organisation code" }
claim = { meaning = "What is estimated, with its period, base and components" }
place_words = { meaning = "Place of the trust among trusts" }
next_words = { meaning = "The next figure, with its period, base, vintage and status" }
components_words = { meaning = "How much of the change each component made, where that can be said" }
persistence_words = { meaning = "Whether one period's growth has been a guide to the next" }
shrinkage_words = { meaning = "Growth and ranks to be expected beneath the figure, by the reliability supposed" }
staff_words = { meaning = "Staff growth beside resource growth" }
uncertainty_words = { meaning = "What is known of the uncertainty, and why no interval is printed" }
level_words = { meaning = "That growth is not level" }

[[tests]]
check = "not_null"
columns = ["claim", "place_words", "components_words", "uncertainty_words", "level_words"]

[[tests]]
check = "sql"
name = "every claim says that it is an estimate, and states its period and base"
query = """
SELECT trust_code, claim
FROM productivity_words
JOIN productivity_growth USING (trust_code)
WHERE NOT contains(claim, 'estimated') OR NOT contains(claim, period) OR NOT contains(period, base)
"""

[[tests]]
check = "sql"
name = "sampling error is never offered as the uncertainty, and nothing is called a confidence interval of growth"
where = "NOT contains(uncertainty_words, 'far too narrow') OR contains(lower(claim || place_words || components_words), 'interval') OR contains(lower(uncertainty_words), 'confidence interval')"

[[tests]]
check = "sql"
name = "no sentence about growth speaks of a level"
where = "contains(lower(claim || place_words || coalesce(next_words, '')), 'most productive') OR contains(claim || place_words || coalesce(next_words, ''), '£')"

[[tests]]
check = "sql"
name = "shares are printed only where both components pushed the same way"
query = """
SELECT trust_code
FROM productivity_words
JOIN productivity_growth USING (trust_code)
WHERE contains(components_words, '%') <> (activity_share IS NOT NULL)
"""
*/
WITH places AS (
    -- 1st, 2nd, 3rd, 4th; 11th to 13th are exceptions.
    SELECT
        n,
        n || CASE
            WHEN n % 100 BETWEEN 11 AND 13 THEN 'th'
            WHEN n % 10 = 1 THEN 'st'
            WHEN n % 10 = 2 THEN 'nd'
            WHEN n % 10 = 3 THEN 'rd'
            ELSE 'th'
        END AS ordinal
    FROM (SELECT unnest(generate_series(1, 1000)) AS n)
),

rounded AS (
    -- Rounded first, so that words and figures agree: what rounds to 0.0 has not changed.
    SELECT
        *,
        round(100 * productivity_growth, 1) AS p,
        round(100 * activity_growth, 1) AS a,
        round(100 * resource_growth, 1) AS r,
        round(100 * staff_growth, 1) AS s,
        round(triangulation_gap, 1) AS g,
        count(*) OVER (PARTITION BY productivity_growth) > 1 AS is_joint
    FROM productivity_growth
    WHERE productivity_growth IS NOT NULL AND activity_growth IS NOT NULL AND resource_growth IS NOT NULL
),

sampling AS (
    SELECT
        min(fy_start) AS from_year,
        max(fy_start) AS to_year,
        min(chance_share) AS least_share,
        max(chance_share) AS most_share
    FROM activity_sampling
),

shrunk AS (
    SELECT
        trust_code,
        string_agg(
            printf('%.2f', reliability) || ' (' || reliability_words || '): ' || printf('%.1f', 100 * underlying_growth)
                || '%, middle 95% of simulated ranks ' || simulated_rank_best || ' to ' || simulated_rank_worst,
            '; ' ORDER BY reliability_order
        ) AS words
    FROM productivity_rank
    GROUP BY trust_code
)

SELECT
    rounded.trust_code,
    'Productivity is estimated to have '
        || CASE
            WHEN p > 0 THEN 'grown by ' || printf('%.1f', p) || '%'
            WHEN p < 0 THEN 'fallen by ' || printf('%.1f', -p) || '%'
            ELSE 'stayed the same'
        END
        || ' in ' || period || ', with '
        || CASE
            WHEN a > 0 THEN printf('%.1f', a) || '% more cost-weighted activity'
            WHEN a < 0 THEN printf('%.1f', -a) || '% less cost-weighted activity'
            ELSE 'the same cost-weighted activity'
        END
        || CASE
            WHEN r > 0 THEN ' from ' || printf('%.1f', r) || '% more real-terms resource'
            WHEN r < 0 THEN ' from ' || printf('%.1f', -r) || '% less real-terms resource'
            ELSE ' from the same real-terms resource'
        END
        || '.' AS claim,
    CASE WHEN is_joint THEN 'Joint ' ELSE '' END || place.ordinal || ' of ' || trusts_ranked || ' acute trusts, counted from the highest growth.'
        AS place_words,
    CASE
        WHEN next_growth IS NOT NULL
            THEN 'The next figure for this trust, for the ' || next_period || ' (' || next_vintage || ', ' || next_status || '), is '
                || CASE WHEN next_growth < 0 THEN 'a fall of ' ELSE '' END
                || printf('%.1f', CAST(abs(next_growth) AS DOUBLE)) || '%, '
                || CASE WHEN next_tied > 1 THEN 'joint ' ELSE '' END || next_place.ordinal || ' of ' || next_ranked || '.'
    END AS next_words,
    CASE
        WHEN activity_share IS NOT NULL
            THEN 'On the log scale, in which the parts add up, ' || printf('%.0f', 100 * activity_share) || '% of the '
                || CASE WHEN productivity_log_points > 0 THEN 'gain' ELSE 'loss' END || ' is '
                || CASE WHEN activity_effect = 'raised' THEN 'more' ELSE 'less' END || ' activity and '
                || printf('%.0f', 100 - round(100 * activity_share)) || '% is '
                || CASE WHEN resource_effect = 'raised' THEN 'less' ELSE 'more' END || ' resource.'
        WHEN activity_effect IS NULL OR resource_effect IS NULL
            THEN 'One of the two components fell to nothing, so no share of the change can be given.'
        WHEN activity_effect = 'left' OR resource_effect = 'left'
            THEN 'One of the two components did not change, so the other made the whole change.'
        ELSE 'Activity ' || activity_effect || ' productivity and resource ' || resource_effect
            || ' it. They pushed different ways, so no share of the change is given for either.'
    END AS components_words,
    CASE
        WHEN persistence.correlation IS NULL THEN NULL
        WHEN NOT lasts AND correlation_high >= 0
            THEN 'One period''s growth has not been a guide to the next figure: of the ' || top_quarter
                || ' trusts in the top quarter ' || top_again || ' were there again, and drawing lots would keep '
                || chance_low || ' to ' || chance_high || '.'
        WHEN lasts
            THEN 'Trusts that grew more in one period tended to grow more in the next: of the ' || top_quarter
                || ' trusts in the top quarter ' || top_again || ' were there again, and drawing lots would keep '
                || chance_low || ' to ' || chance_high || '.'
        ELSE 'Trusts that grew more in one period tended to grow less in the next.'
    END AS persistence_words,
    'Growth to be expected beneath the figure, by the correlation supposed between periods: ' || shrunk.words || '.' AS shrinkage_words,
    CASE
        WHEN staff_growth IS NOT NULL
            THEN 'Substantive staff '
                || CASE
                    WHEN s > 0 THEN 'grew by ' || printf('%.1f', s) || '%'
                    WHEN s < 0 THEN 'fell by ' || printf('%.1f', -s) || '%'
                    ELSE 'stayed the same'
                END
                || ' while real-terms resource is put at '
                || CASE WHEN r > 0 THEN printf('%.1f', r) || '% more' WHEN r < 0 THEN printf('%.1f', -r) || '% less' ELSE 'the same' END
                || '. '
                || CASE
                    WHEN g = 0 THEN 'The two changed alike.'
                    ELSE 'The change in staff is ' || printf('%.1f', CAST(abs(g) AS DOUBLE)) || ' points '
                        || CASE WHEN g > 0 THEN 'above' ELSE 'below' END || ' the change in resource.'
                END
                || ' Bank and agency staff are not counted, and staff are only part of resource, so a gap is a question and no proof of error.'
    END AS staff_words,
    'No uncertainty is published with this estimate, and none can be computed from what is published. '
        || CASE
            WHEN sampling.most_share IS NULL THEN 'Chance in the counts of patients is only a floor: '
            ELSE 'Chance in the counts of patients is only a floor: in a crude series of ' || sampling.from_year || '/'
                || right(CAST(sampling.from_year + 1 AS VARCHAR), 2) || ' to ' || sampling.to_year || '/'
                || right(CAST(sampling.to_year + 1 AS VARCHAR), 2) || ' it made up at most '
                || printf('%.1f', 100 * sampling.most_share) || '% of the variance of growth between trusts, so '
        END
        || 'an interval made from counts would be far too narrow, and none is printed.' AS uncertainty_words,
    'This is growth and not level: it does not say which trust gives the most for its resource.' AS level_words
FROM rounded
JOIN places AS place ON place.n = growth_rank
LEFT JOIN places AS next_place ON next_place.n = next_rank
LEFT JOIN growth_persistence AS persistence ON persistence.series = 'published growth'
LEFT JOIN shrunk ON shrunk.trust_code = rounded.trust_code
CROSS JOIN sampling
ORDER BY rounded.trust_code
