/*
title = "Segments and quarters by chance"
description = "Second layer: what chance and volatility in the metrics leave open about each trust's average. The standard deviation of the average comes from the simulation with independent metrics. Probabilities come from empirical Bayes: each average is drawn towards the mean of its table as far as chance explains the spread of the table, because probabilities read straight off the draws would count the noise twice. The shares of draws stand beside them. Cuts between segments are taken as known. It leaves out the choice of metrics, the rules, and whatever the metrics without a model hide."
grain = ["quarter", "trust_code"]

[columns]
quarter = { meaning = "Financial quarter" }
trust_code = { meaning = "Organisation code" }
trust_type = { meaning = "Trust type" }
average_score = { unit = "score", decimals = 2, meaning = "Average metric score as published" }
sd = { unit = "score", decimals = 2, meaning = "Standard deviation of the average from chance and volatility in the metrics" }
bias = { unit = "score", decimals = 2, meaning = "Diagnostic: how far the mean of the draws lies from the average without noise" }
underlying_score = { unit = "score", decimals = 2, meaning = "Average drawn towards the mean of the table as far as chance explains its spread; missing where chance explains it all" }
underlying_sd = { unit = "score", decimals = 2, meaning = "Standard deviation of the underlying score" }
p_score_segment_1 = { unit = "fraction", decimals = 0, meaning = "Probability that the underlying score belongs in segment 1, before any override" }
p_score_segment_2 = { unit = "fraction", decimals = 0, meaning = "Probability that it belongs in segment 2" }
p_score_segment_3 = { unit = "fraction", decimals = 0, meaning = "Probability that it belongs in segment 3" }
p_score_segment_4 = { unit = "fraction", decimals = 0, meaning = "Probability that it belongs in segment 4" }
p_segment_1 = { unit = "fraction", decimals = 0, meaning = "Probability of segment 1 once the override is applied" }
p_segment_2 = { unit = "fraction", decimals = 0, meaning = "Probability of segment 2 once the override is applied" }
p_segment_3 = { unit = "fraction", decimals = 0, meaning = "Probability of segment 3 once the override is applied" }
p_segment_4 = { unit = "fraction", decimals = 0, meaning = "Probability of segment 4 once the override is applied" }
p_published_segment = { unit = "fraction", decimals = 0, meaning = "Probability of the segment in which the trust was published" }
p_best_quarter = { unit = "fraction", decimals = 0, meaning = "Probability that the underlying score is among the best quarter of the table by score" }
p_worst_quarter = { unit = "fraction", decimals = 0, meaning = "Probability that it is among the worst quarter of the table by score" }
drawn_segment_1 = { unit = "fraction", decimals = 0, meaning = "Share of draws in segment 1" }
drawn_segment_2 = { unit = "fraction", decimals = 0, meaning = "Share of draws in segment 2" }
drawn_segment_3 = { unit = "fraction", decimals = 0, meaning = "Share of draws in segment 3" }
drawn_segment_4 = { unit = "fraction", decimals = 0, meaning = "Share of draws in segment 4" }
drawn_best_quarter = { unit = "fraction", decimals = 0, meaning = "Share of draws in the best quarter of the league table" }
drawn_worst_quarter = { unit = "fraction", decimals = 0, meaning = "Share of draws in the worst quarter of the league table" }
weight_modelled = { unit = "fraction", decimals = 0, meaning = "Share of the average that carries modelled error" }
top_metric_number = { meaning = "Metric that drives the trust's variance most" }
top_share = { unit = "fraction", decimals = 0, meaning = "Share of the variance that comes from the metric that drives it most" }
is_latest_for_type = { meaning = "Whether this is the latest quarter held for the trust type" }

[[tests]]
check = "sql"
name = "probabilities of segments add up to one"
where = """
abs(p_segment_1 + p_segment_2 + p_segment_3 + p_segment_4 - 1) > 1e-9
OR abs(p_score_segment_1 + p_score_segment_2 + p_score_segment_3 + p_score_segment_4 - 1) > 1e-9
OR abs(drawn_segment_1 + drawn_segment_2 + drawn_segment_3 + drawn_segment_4 - 1) > 1e-9
"""

[[tests]]
check = "sql"
name = "drawing an average towards the mean of its table never makes it less certain"
where = "underlying_sd > sd + 1e-6"
severity = "warn"

[[tests]]
check = "range"
column = "p_published_segment"
min = 0
max = 1

[determinism]
list = "is_main holds for one correlation, so there is one row for each trust."
*/
WITH main_case AS (
    SELECT
        simulation_runs.*,
        scored_trusts.* EXCLUDE (quarter, trust_code)
    FROM simulation_runs
    JOIN scored_trusts USING (quarter, trust_code)
    WHERE is_main
),

by_table AS (
    SELECT
        quarter,
        trust_type,
        list(trust_code ORDER BY trust_code) AS ids,
        list(CAST(average_score AS DOUBLE) ORDER BY trust_code) AS averages,
        list(sd ORDER BY trust_code) AS sds,
        count(*) // 4 AS trusts_in_quarter
    FROM main_case
    WHERE sd > 0
    GROUP BY quarter, trust_type
    HAVING count(*) >= 4
),

underlying AS (
    SELECT quarter, trust_type, unnest(empirical_bayes(ids, averages, sds, 'REML')) AS posterior
    FROM by_table
),

in_quarters AS (
    SELECT
        quarter,
        unnest(posterior_ranks(ids, averages, sds, FALSE, trusts_in_quarter, trusts_in_quarter, 'REML')) AS ranks
    FROM by_table
),

up_to_cut AS (
    -- The normal probability of a score no higher than each cut, from the two-sided p-value of their difference.
    SELECT
        main_case.quarter,
        main_case.trust_code,
        boundary,
        CASE
            WHEN cuts[boundary] >= posterior.posterior_mean THEN 1 - tails / 2
            ELSE tails / 2
        END AS p_up_to_cut
    FROM main_case
    JOIN underlying ON underlying.quarter = main_case.quarter AND underlying.posterior.id = main_case.trust_code
    CROSS JOIN unnest([1, 2, 3]) AS boundaries(boundary)
    CROSS JOIN LATERAL (
        SELECT difference_interval(posterior.posterior_mean, posterior.posterior_sd, cuts[boundary], 0, 0, 0.95).p_value AS tails
    )
    WHERE posterior.tau2 > 0
),

by_segment AS (
    SELECT
        quarter,
        trust_code,
        max(p_up_to_cut) FILTER (boundary = 1) AS segment_1,
        max(p_up_to_cut) FILTER (boundary = 2) - max(p_up_to_cut) FILTER (boundary = 1) AS segment_2,
        max(p_up_to_cut) FILTER (boundary = 3) - max(p_up_to_cut) FILTER (boundary = 2) AS segment_3,
        1 - max(p_up_to_cut) FILTER (boundary = 3) AS segment_4
    FROM up_to_cut
    GROUP BY quarter, trust_code
),

held AS (
    SELECT
        main_case.*,
        underlying.posterior,
        in_quarters.ranks,
        [segment_1, segment_2, segment_3, segment_4] AS by_score,
        -- What the override takes from the better segments goes to the one at which it holds.
        list_transform(
            [1, 2, 3, 4],
            lambda segment: CASE
                WHEN segment_1 IS NULL THEN NULL
                WHEN segment < held_at THEN 0
                WHEN segment = held_at THEN list_sum([segment_1, segment_2, segment_3, segment_4][:segment])
                ELSE [segment_1, segment_2, segment_3, segment_4][segment]
            END
        ) AS after_override
    FROM main_case
    LEFT JOIN underlying ON underlying.quarter = main_case.quarter AND underlying.posterior.id = main_case.trust_code
    LEFT JOIN in_quarters ON in_quarters.quarter = main_case.quarter AND in_quarters.ranks.id = main_case.trust_code
    LEFT JOIN by_segment ON by_segment.quarter = main_case.quarter AND by_segment.trust_code = main_case.trust_code
)

SELECT
    quarter,
    trust_code,
    trust_type,
    average_score,
    sd,
    bias,
    CASE WHEN posterior.tau2 > 0 THEN posterior.posterior_mean END AS underlying_score,
    CASE WHEN posterior.tau2 > 0 THEN posterior.posterior_sd END AS underlying_sd,
    by_score[1] AS p_score_segment_1,
    by_score[2] AS p_score_segment_2,
    by_score[3] AS p_score_segment_3,
    by_score[4] AS p_score_segment_4,
    after_override[1] AS p_segment_1,
    after_override[2] AS p_segment_2,
    after_override[3] AS p_segment_3,
    after_override[4] AS p_segment_4,
    after_override[adjusted_segment] AS p_published_segment,
    ranks.p_top AS p_best_quarter,
    ranks.p_bottom AS p_worst_quarter,
    band_probabilities[1] AS drawn_segment_1,
    band_probabilities[2] AS drawn_segment_2,
    band_probabilities[3] AS drawn_segment_3,
    band_probabilities[4] AS drawn_segment_4,
    p_best_quarter AS drawn_best_quarter,
    p_worst_quarter AS drawn_worst_quarter,
    modelled_weight AS weight_modelled,
    left(top_metric, 3) AS top_metric_number,
    top_share,
    is_latest_for_type
FROM held
