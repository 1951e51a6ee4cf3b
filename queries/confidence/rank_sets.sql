/*
title = "Confidence sets for league ranks"
description = "Where each trust could truly stand in the latest table of its type. The covariance of the averages comes from the simulation of chance in the metrics; every claim 'this trust is ahead of that one' is tested with control of the chance of any wrong claim (Mogstad, Romano, Shaikh and Wilhelm 2024), and the override caps who can be ahead. The set for one trust covers the true rank of a trust picked in advance; the set for the whole table covers all of them at once and is the one to read down the table. It leaves out metrics without a model of chance, the choice of metrics and the rules, so it is narrower than the whole truth."
grain = ["quarter", "trust_code"]

[columns]
quarter = { meaning = "Latest quarter of the trust type" }
trust_code = { meaning = "Organisation code" }
trust_name = { meaning = "Name" }
trust_type = { meaning = "Trust type: the league table" }
league_rank = { unit = "rank", meaning = "League rank as published" }
average_score = { unit = "score", decimals = 2, meaning = "Average metric score as published" }
adjusted_segment = { unit = "segment", meaning = "Segment as published" }
override_applies = { meaning = "Whether the financial override applies" }
trusts_in_table = { unit = "count", meaning = "Trusts in the table" }
rank_best = { unit = "rank", meaning = "Best rank in the 95% set for this trust by itself" }
rank_worst = { unit = "rank", meaning = "Worst rank in the 95% set for this trust by itself" }
places_covered = { unit = "places", meaning = "Places that it covers" }
table_rank_best = { unit = "rank", meaning = "Best rank in the 95% set that holds for the whole table at once" }
table_rank_worst = { unit = "rank", meaning = "Worst rank in the 95% set that holds for the whole table at once" }
table_places_covered = { unit = "places", meaning = "Places that it covers" }
cannot_be_told_apart = { unit = "count", meaning = "Other trusts that cannot be told apart from this one, for this trust by itself" }
other_trusts = { unit = "count", meaning = "Other trusts in the table" }
sd = { unit = "score", decimals = 2, meaning = "Standard deviation of the average from chance in the metrics" }
stability = { decimals = 4, meaning = "Smallest distance of any test of the quarter from its critical value, in standard errors: under 0.01, another seed could move some end by a place" }
confidence_level = { unit = "fraction", decimals = 0, meaning = "Level of the sets" }
order_in_table = { unit = "count", meaning = "Order in the table, ties by name" }

[[tests]]
check = "sql"
name = "the published rank lies in its set"
where = "league_rank NOT BETWEEN rank_best AND rank_worst OR league_rank NOT BETWEEN table_rank_best AND table_rank_worst"

[[tests]]
check = "sql"
name = "a set lies in the table, and the set for one trust in the set for the whole table"
where = "rank_best < 1 OR rank_worst > trusts_in_table OR table_rank_best > rank_best OR table_rank_worst < rank_worst"

[[tests]]
check = "sql"
name = "a set covers at least the trusts that cannot be told apart"
where = "places_covered > cannot_be_told_apart + 1"
severity = "warn"

[determinism]
list = "is_main holds for one correlation, so there is one row for each trust."
*/
WITH drawn AS (
    SELECT scored_trusts.*, simulation_runs.sd, simulation_runs.covariance
    FROM scored_trusts
    JOIN simulation_runs USING (quarter, trust_code)
    WHERE simulation_runs.is_main
),

by_quarter AS (
    SELECT
        quarter,
        list(trust_code ORDER BY trust_code) AS ids,
        list(trust_type ORDER BY trust_code) AS tables,
        list(held_at ORDER BY trust_code) AS held_at,
        list(CAST(average_score AS DOUBLE) ORDER BY trust_code) AS scores,
        flatten(list(covariance ORDER BY trust_code)) AS covariance,
        min(cuts) AS cuts
    FROM drawn
    GROUP BY quarter
    HAVING bool_or(is_latest_for_type)
),

one_by_one AS (
    SELECT
        quarter,
        unnest(league_confidence(
            ids, tables, held_at, scores, covariance, cuts, confidence_level, 'marginal', critical_draws, seed
        )) AS alone
    FROM by_quarter
    CROSS JOIN parameters
),

all_at_once AS (
    SELECT
        quarter,
        unnest(league_confidence(
            ids, tables, held_at, scores, covariance, cuts, confidence_level, 'simultaneous', critical_draws, seed
        )) AS together
    FROM by_quarter
    CROSS JOIN parameters
)

SELECT
    drawn.quarter,
    drawn.trust_code,
    trust_name,
    trust_type,
    league_rank,
    average_score,
    adjusted_segment,
    override_applies,
    trusts_in_table,
    alone.lower AS rank_best,
    alone.upper AS rank_worst,
    alone.upper - alone.lower + 1 AS places_covered,
    together.lower AS table_rank_best,
    together.upper AS table_rank_worst,
    together.upper - together.lower + 1 AS table_places_covered,
    alone.unclear AS cannot_be_told_apart,
    alone.others AS other_trusts,
    sd,
    alone.stability,
    (SELECT confidence_level FROM parameters) AS confidence_level,
    row_number() OVER (PARTITION BY drawn.quarter, trust_type ORDER BY league_rank, trust_name, trust_code) AS order_in_table
FROM drawn
JOIN one_by_one ON one_by_one.quarter = drawn.quarter AND one_by_one.alone.id = drawn.trust_code
JOIN all_at_once ON all_at_once.quarter = drawn.quarter AND all_at_once.together.id = drawn.trust_code
WHERE is_latest_for_type AND table_is_whole
ORDER BY drawn.quarter, trust_type, order_in_table
