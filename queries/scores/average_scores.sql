/*
title = "Average metric scores"
description = "The average of each trust's metric scores, twice: from the published scores, which have two decimals, and from the scores before rounding, which is how NHS England appears to do it. Both stand beside the published average."
grain = ["quarter", "trust_code"]

[columns]
quarter = { meaning = "Financial quarter" }
trust_code = { meaning = "Organisation code" }
trust_type = { meaning = "Trust type" }
published_average = { unit = "score", decimals = 2, meaning = "Average metric score as published" }
metrics_scored = { unit = "count", meaning = "Scores that enter the average" }
average_of_published = { unit = "score", decimals = 2, meaning = "Average of the published scores" }
average_of_unrounded = { unit = "score", decimals = 2, meaning = "Average of the scores before rounding" }
unrounded_average = { unit = "score", decimals = 6, meaning = "Average of the scores before rounding, itself before rounding" }
average_rounded_first = { unit = "score", decimals = 2, meaning = "Average with the scores rounded first that candour.toml lists for the quarter" }
scores_recovered = { unit = "count", meaning = "Scores whose unrounded form could be recovered" }

[[tests]]
check = "range"
column = "average_of_published"
min = 1
max = 4

[[tests]]
check = "sql"
name = "the average of published scores is within a hundredth of the published average"
where = "abs(average_of_published - published_average) > 0.01"
severity = "warn"
*/
WITH scored AS (
    SELECT
        metric_scores.*,
        CASE WHEN rounded.metric_number IS NULL THEN unrounded_score ELSE published_score END AS as_published_score
    FROM metric_scores
    LEFT JOIN rounded_before_averaging AS rounded
        ON rounded.quarter = metric_scores.quarter
        AND rounded.metric_number = metric_scores.metric_number
        AND rounded.framework_year = (SELECT framework_year FROM parameters)
    WHERE published_score IS NOT NULL AND weight_thirds > 0
),

summed AS (
    SELECT
        quarter,
        trust_code,
        count(*) AS metrics_scored,
        sum(weight_thirds) AS weight,
        sum(weight_thirds * published_score) AS total_published,
        sum(weight_thirds * unrounded_score) AS total_unrounded,
        sum(weight_thirds * as_published_score) AS total_rounded_first,
        count(unrounded_score) AS scores_recovered
    FROM scored
    GROUP BY quarter, trust_code
),

averaged AS (
    SELECT
        *,
        -- Nine exact decimals before the rounding to two, so that a half is rounded as a half.
        CAST(total_published / weight AS DECIMAL(18, 9)) AS published_mean,
        CASE
            WHEN scores_recovered = metrics_scored THEN CAST(total_unrounded / weight AS DECIMAL(18, 9))
        END AS unrounded_mean,
        CASE
            WHEN scores_recovered = metrics_scored THEN CAST(total_rounded_first / weight AS DECIMAL(18, 9))
        END AS rounded_first_mean
    FROM summed
)

SELECT
    quarter,
    trust_code,
    published_positions.trust_type,
    published_positions.average_score AS published_average,
    metrics_scored,
    CAST(round(published_mean, 2) AS DECIMAL(9, 2)) AS average_of_published,
    CAST(round(unrounded_mean, 2) AS DECIMAL(9, 2)) AS average_of_unrounded,
    unrounded_mean AS unrounded_average,
    CAST(round(rounded_first_mean, 2) AS DECIMAL(9, 2)) AS average_rounded_first,
    scores_recovered
FROM averaged
JOIN published_positions USING (quarter, trust_code)
