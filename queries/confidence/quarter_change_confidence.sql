/*
title = "Has the score really changed?"
description = "The change of each trust's average between the two latest quarters of its type, with its interval, and the movement of its rank against the movement that chance alone would make. 'real change': larger than chance in the modelled metrics explains, after allowing for how many trusts are tested (Benjamini-Hochberg at 5%); otherwise 'no clear change'. Readings that share months count as far as they overlap. Metrics without a model enter the change and not its error: the part of the change that comes from them, or from metrics that enter or leave the average, is shown, because a change that rests on it may be chance that could not be measured. Expected movement takes the published averages for the truth, which understates it if anything."
grain = ["quarter", "trust_code"]

[columns]
quarter = { meaning = "Latest quarter of the trust type" }
previous_quarter = { meaning = "The quarter before" }
trust_code = { meaning = "Organisation code" }
trust_name = { meaning = "Name" }
trust_type = { meaning = "Trust type" }
average_score = { unit = "score", decimals = 2, meaning = "Average metric score" }
previous_score = { unit = "score", decimals = 2, meaning = "Average metric score the quarter before" }
score_change = { unit = "score", decimals = 2, meaning = "Change of the average; below zero is better" }
standard_error = { unit = "score", decimals = 2, meaning = "Standard error of the change" }
change_low = { unit = "score", decimals = 2, meaning = "Low end of the 95% interval of the change" }
change_high = { unit = "score", decimals = 2, meaning = "High end of the 95% interval of the change" }
p_value = { decimals = 3, meaning = "Probability of a change at least so large if nothing had changed" }
adjusted_p = { decimals = 3, meaning = "Probability of a change at least so large if nothing had changed, adjusted for the number of trusts" }
verdict = { meaning = "real change or no clear change" }
change_modelled = { unit = "score", decimals = 2, meaning = "Part of the change from metrics with a model of chance in both quarters" }
change_not_modelled = { unit = "score", decimals = 2, meaning = "Part of the change from metrics without a model of chance" }
change_of_metrics = { unit = "score", decimals = 2, meaning = "Part from metrics that entered or left the average, or had their weight changed by it" }
verdict_modelled = { meaning = "The verdict on the modelled part alone" }
rests_on = { meaning = "What a real change rests on: metrics with a model of chance where their part alone would be real, otherwise mostly metrics without one, or both together; missing where there is no real change" }
largest_metric = { meaning = "Metric that changed the average most" }
largest_metric_change = { unit = "score", decimals = 2, meaning = "By how much it changed the average" }
largest_metric_modelled = { meaning = "Whether that metric has a model of chance" }
overlap = { unit = "fraction", decimals = 2, meaning = "Correlation of the two quarters' errors from months that both count" }
league_rank = { unit = "rank", meaning = "League rank" }
previous_rank = { unit = "rank", meaning = "League rank the quarter before" }
places_up = { unit = "places", meaning = "Places gained; below zero is places lost" }
expected_movement = { unit = "places", decimals = 0, meaning = "Mean number of places that chance alone would move it, up or down" }
movement_95 = { unit = "places", meaning = "Places that chance alone would not exceed in 95 of 100 quarters" }
moved_more_than_chance = { meaning = "Whether it moved further than that" }
adjusted_segment = { unit = "segment", meaning = "Segment" }
previous_segment = { unit = "segment", meaning = "Segment the quarter before" }
p_segment_differs_by_chance = { unit = "fraction", decimals = 0, meaning = "Probability that the segment differs between two quarters by chance alone" }
table_mean_movement = { unit = "places", decimals = 1, meaning = "Mean movement of the whole table by chance alone" }
table_mean_movement_95 = { unit = "places", decimals = 1, meaning = "Mean movement that chance alone would not exceed in 95 of 100 quarters" }
table_segment_changes = { unit = "count", decimals = 1, meaning = "Segments of the table that chance alone would change" }
table_segment_changes_95 = { unit = "count", decimals = 0, meaning = "Number that chance alone would not exceed in 95 of 100 quarters" }
override_change = { meaning = "Whether the override began or ceased to apply" }

[[tests]]
check = "accepted"
column = "verdict"
values = ["real change", "no clear change", "not modelled"]

[[tests]]
check = "sql"
name = "the parts add up to the change, to the rounding of the averages"
where = "abs(change_modelled + change_not_modelled + change_of_metrics - score_change) > 0.021"

[[tests]]
check = "sql"
name = "an interval holds its change"
where = "score_change NOT BETWEEN change_low - 1e-9 AND change_high + 1e-9"

[determinism]
list = "is_main holds for one correlation, so there is one row for each trust."
*/
WITH latest AS (
    SELECT
        after.quarter,
        quarter_movement.previous_quarter,
        after.trust_code,
        after.trust_name,
        after.trust_type,
        after.held_at,
        after.cuts,
        CAST(before.average_score AS DOUBLE) AS before_score,
        CAST(after.average_score AS DOUBLE) AS after_score,
        run_before.sd AS before_sd,
        run_after.sd AS after_sd,
        run_after.covariance,
        run_after.metric_ids,
        run_after.metric_shares
    FROM scored_trusts AS after
    JOIN quarter_movement ON quarter_movement.quarter = after.quarter AND quarter_movement.trust_code = after.trust_code
    JOIN scored_trusts AS before
        ON before.quarter = quarter_movement.previous_quarter AND before.trust_code = after.trust_code
    JOIN simulation_runs AS run_after
        ON run_after.quarter = after.quarter AND run_after.trust_code = after.trust_code AND run_after.is_main
    JOIN simulation_runs AS run_before
        ON run_before.quarter = before.quarter AND run_before.trust_code = before.trust_code AND run_before.is_main
    WHERE after.is_latest_for_type AND after.table_is_whole
),

scores_after AS (
    SELECT
        quarter,
        trust_code,
        metric_number,
        metric_name,
        metric_noise.weight_share,
        score,
        metric_noise.sd,
        variance_share * coalesce(overlap, 0) AS shared_variance
    FROM metric_noise
    JOIN metric_drivers USING (quarter, trust_code, metric_number, metric_name)
    SEMI JOIN latest USING (quarter, trust_code)
),

scores_before AS (
    SELECT latest.quarter, latest.trust_code, metric_number, metric_name, weight_share, score, sd
    FROM latest
    JOIN metric_noise
        ON metric_noise.quarter = latest.previous_quarter AND metric_noise.trust_code = latest.trust_code
),

parts AS (
    -- What each metric gave to the average in each quarter.
    SELECT
        quarter,
        trust_code,
        metric_number,
        coalesce(after.metric_name, before.metric_name) AS metric_name,
        coalesce(after.weight_share * after.score, 0) - coalesce(before.weight_share * before.score, 0) AS change,
        after.weight_share * (after.score - before.score) AS change_of_score,
        CASE
            WHEN after.score IS NULL OR before.score IS NULL THEN 'entered or left'
            WHEN after.sd IS NOT NULL AND before.sd IS NOT NULL THEN 'modelled'
            ELSE 'not modelled'
        END AS part,
        shared_variance
    FROM scores_after AS after
    FULL JOIN scores_before AS before USING (quarter, trust_code, metric_number)
),

by_part AS (
    SELECT
        quarter,
        trust_code,
        coalesce(sum(change_of_score ORDER BY metric_number) FILTER (part = 'modelled'), 0) AS change_modelled,
        coalesce(sum(change_of_score ORDER BY metric_number) FILTER (part = 'not modelled'), 0) AS change_not_modelled,
        sum(change ORDER BY metric_number) - coalesce(sum(change_of_score ORDER BY metric_number), 0) AS change_of_metrics,
        arg_min(metric_name, (-abs(change), metric_number)) AS largest_metric,
        arg_min(change, (-abs(change), metric_number)) AS largest_metric_change,
        arg_min(part, (-abs(change), metric_number)) = 'modelled' AS largest_metric_modelled,
        coalesce(sum(shared_variance ORDER BY metric_number) FILTER (part = 'modelled'), 0) AS overlap
    FROM parts
    GROUP BY quarter, trust_code
),

by_table AS (
    SELECT
        quarter,
        trust_type,
        list(trust_code ORDER BY trust_code) AS ids,
        list(before_score ORDER BY trust_code) AS before,
        list(after_score ORDER BY trust_code) AS after,
        list(before_score + change_modelled ORDER BY trust_code) AS after_modelled,
        list(before_sd ORDER BY trust_code) AS before_sds,
        list(after_sd ORDER BY trust_code) AS after_sds,
        list(overlap ORDER BY trust_code) AS overlap_of_each
    FROM latest
    JOIN by_part USING (quarter, trust_code)
    GROUP BY quarter, trust_type
),

tested AS (
    SELECT
        quarter,
        unnest(composite_change(
            ids, before, after, before_sds, after_sds, overlap_of_each, confidence_level
        )) AS test
    FROM by_table
    CROSS JOIN parameters
),

tested_modelled AS (
    SELECT
        quarter,
        unnest(composite_change(
            ids, before, after_modelled, before_sds, after_sds, overlap_of_each, confidence_level
        )) AS modelled_test
    FROM by_table
    CROSS JOIN parameters
),

by_quarter AS (
    SELECT
        quarter,
        list(trust_code ORDER BY trust_code) AS ids,
        list(trust_type ORDER BY trust_code) AS tables,
        list(held_at ORDER BY trust_code) AS held_at,
        list(CAST(average_score AS DOUBLE) ORDER BY trust_code) AS scores,
        flatten(list(covariance ORDER BY trust_code)) AS covariance,
        list(coalesce(overlap, 0) ORDER BY trust_code) AS overlap_of_each,
        min(cuts) AS cuts
    FROM scored_trusts
    JOIN simulation_runs USING (quarter, trust_code)
    LEFT JOIN by_part USING (quarter, trust_code)
    WHERE is_main
    GROUP BY quarter
    HAVING bool_or(is_latest_for_type)
),

by_chance AS (
    SELECT
        quarter,
        unnest(null_movement(
            ids, tables, held_at, scores, covariance, overlap_of_each, cuts, average_decimals, composite_draws, seed
        )) AS movement
    FROM by_quarter
    CROSS JOIN parameters
    JOIN framework_years USING (framework_year)
)

SELECT
    latest.quarter,
    latest.previous_quarter,
    latest.trust_code,
    latest.trust_name,
    latest.trust_type,
    quarter_movement.average_score,
    quarter_movement.previous_score,
    quarter_movement.score_change,
    test.standard_error,
    test.lower AS change_low,
    test.upper AS change_high,
    test.p_value,
    test.adjusted_p,
    test.verdict,
    CAST(by_part.change_modelled AS DECIMAL(9, 4)) AS change_modelled,
    CAST(by_part.change_not_modelled AS DECIMAL(9, 4)) AS change_not_modelled,
    CAST(by_part.change_of_metrics AS DECIMAL(9, 4)) AS change_of_metrics,
    modelled_test.verdict AS verdict_modelled,
    CASE
        WHEN test.verdict <> 'real change' THEN NULL
        WHEN modelled_test.verdict = 'real change' THEN 'metrics with a model of chance'
        WHEN abs(by_part.change_not_modelled + by_part.change_of_metrics) > abs(by_part.change_modelled)
            THEN 'mostly metrics without a model of chance'
        ELSE 'metrics with a model of chance and without one together'
    END AS rests_on,
    by_part.largest_metric,
    CAST(by_part.largest_metric_change AS DECIMAL(9, 4)) AS largest_metric_change,
    by_part.largest_metric_modelled,
    by_part.overlap,
    quarter_movement.league_rank,
    quarter_movement.previous_rank,
    quarter_movement.places_up,
    movement.expected_movement,
    movement.movement_95,
    abs(quarter_movement.places_up) > movement.movement_95 AS moved_more_than_chance,
    quarter_movement.adjusted_segment,
    quarter_movement.previous_segment,
    movement.p_band_changes AS p_segment_differs_by_chance,
    movement.table_mean_movement,
    movement.table_mean_movement_95,
    movement.table_band_changes AS table_segment_changes,
    movement.table_band_changes_95 AS table_segment_changes_95,
    quarter_movement.override_change
FROM latest
JOIN by_part USING (quarter, trust_code)
JOIN quarter_movement USING (quarter, trust_code)
JOIN tested ON tested.quarter = latest.quarter AND tested.test.id = latest.trust_code
JOIN tested_modelled ON tested_modelled.quarter = latest.quarter AND modelled_test.id = latest.trust_code
JOIN by_chance ON by_chance.quarter = latest.quarter AND by_chance.movement.id = latest.trust_code
