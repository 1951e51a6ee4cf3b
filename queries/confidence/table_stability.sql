/*
title = "How much of the movement is chance"
description = "For each table with two quarters: how far ranks moved on average, and how far they would have moved had nothing changed; how alike the two orders of the averages are (Kendall's tau), and how alike they would have been. The tau by chance is the mean over pairs of trusts of (2p - 1) squared, p being the probability that chance puts the first ahead of the second, both quarters drawn independently; months that both quarters count would raise it."
grain = ["trust_type"]

[columns]
trust_type = { meaning = "Trust type" }
quarter = { meaning = "Latest quarter of the trust type" }
previous_quarter = { meaning = "The quarter before" }
trusts = { unit = "count", meaning = "Trusts in both quarters" }
mean_movement = { unit = "places", decimals = 1, meaning = "Mean number of places moved, up or down" }
expected_movement = { unit = "places", decimals = 1, meaning = "Mean number of places that chance alone would move them" }
expected_movement_95 = { unit = "places", decimals = 1, meaning = "Mean that chance alone would not exceed in 95 of 100 quarters" }
moved_more_than_chance = { meaning = "Whether the table moved more than that" }
changed_segment = { unit = "count", meaning = "Trusts whose segment changed" }
expected_segment_changes = { unit = "count", decimals = 1, meaning = "How many segments chance alone would change" }
segment_changes_95 = { unit = "count", decimals = 0, meaning = "Number that chance alone would not exceed in 95 of 100 quarters" }
tau = { unit = "correlation", decimals = 2, meaning = "Kendall's tau of the averages of the two quarters" }
tau_low = { unit = "correlation", decimals = 2, meaning = "Low end of the 95% interval of Kendall's tau" }
tau_high = { unit = "correlation", decimals = 2, meaning = "High end of the 95% interval of Kendall's tau" }
tau_by_chance = { unit = "correlation", decimals = 2, meaning = "Tau to be expected had nothing changed" }
real_changes = { unit = "count", meaning = "Trusts whose average really changed" }
real_changes_modelled = { unit = "count", meaning = "Trusts whose real change rests on metrics with a model of chance" }
no_clear_changes = { unit = "count", meaning = "Trusts without a clear change" }
moved_without_clear_change = { unit = "count", meaning = "Trusts that moved ten places or more without a clear change" }
segment_without_clear_change = { unit = "count", meaning = "Trusts that changed segment without a clear change" }

[[tests]]
check = "range"
column = "tau"
min = -1
max = 1

[[tests]]
check = "range"
column = "tau_by_chance"
min = 0
max = 1
*/
WITH observed AS (
    SELECT
        trust_type,
        min(quarter) AS quarter,
        min(previous_quarter) AS previous_quarter,
        count(*) AS trusts,
        avg(abs(places_up)) AS mean_movement,
        min(table_mean_movement) AS expected_movement,
        min(table_mean_movement_95) AS expected_movement_95,
        count(*) FILTER (adjusted_segment <> previous_segment) AS changed_segment,
        min(table_segment_changes) AS expected_segment_changes,
        min(table_segment_changes_95) AS segment_changes_95,
        kendall(
            list(CAST(previous_score AS DOUBLE) ORDER BY trust_code, quarter),
            list(CAST(average_score AS DOUBLE) ORDER BY trust_code, quarter),
            0.95
        ) AS agreement,
        count(*) FILTER (verdict = 'real change') AS real_changes,
        count(*) FILTER (rests_on = 'metrics with a model of chance') AS real_changes_modelled,
        count(*) FILTER (verdict = 'no clear change') AS no_clear_changes,
        count(*) FILTER (verdict = 'no clear change' AND abs(places_up) >= 10) AS moved_without_clear_change,
        count(*) FILTER (verdict = 'no clear change' AND adjusted_segment <> previous_segment) AS segment_without_clear_change
    FROM quarter_change_confidence
    GROUP BY trust_type
),

by_chance AS (
    -- The two-sided p-value of a difference is 1 less |2p - 1|.
    SELECT
        this.trust_type,
        avg(pow(
            1 - difference_interval(
                CAST(this.average_score AS DOUBLE), this.sd, CAST(other.average_score AS DOUBLE), other.sd, 0, 0.95
            ).p_value,
            2
        )) AS tau_by_chance
    FROM rank_sets AS this
    JOIN rank_sets AS other
        ON other.quarter = this.quarter AND other.trust_type = this.trust_type AND other.trust_code > this.trust_code
    WHERE this.sd > 0 AND other.sd > 0
    GROUP BY this.trust_type
)

SELECT
    trust_type,
    quarter,
    previous_quarter,
    trusts,
    mean_movement,
    expected_movement,
    expected_movement_95,
    mean_movement > expected_movement_95 AS moved_more_than_chance,
    changed_segment,
    expected_segment_changes,
    segment_changes_95,
    agreement.coefficient AS tau,
    agreement.lower AS tau_low,
    agreement.upper AS tau_high,
    tau_by_chance,
    real_changes,
    real_changes_modelled,
    no_clear_changes,
    moved_without_clear_change,
    segment_without_clear_change
FROM observed
LEFT JOIN by_chance USING (trust_type)
