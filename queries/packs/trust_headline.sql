/*
title = "Headline of each trust"
description = "What the first page of a board pack says: position in the latest quarter, what changed since the quarter before, and the state of the evidence."
grain = ["trust_code"]

[columns]
trust_code = { meaning = "Organisation code" }
trust_name = { meaning = "Name" }
trust_type = { meaning = "Trust type" }
trust_type_plural = { meaning = "The trust type, in the plural" }
region = { meaning = "NHS England region" }
quarter = { meaning = "Latest quarter with a record" }
average_score = { unit = "score", decimals = 2, meaning = "Average metric score" }
segment_by_score = { unit = "segment", meaning = "Segment by score, before the override" }
adjusted_segment = { unit = "segment", meaning = "Segment in the league table" }
league_rank = { unit = "rank", meaning = "League rank" }
trusts_in_table = { unit = "count", meaning = "Trusts in the table" }
trusts_tied = { unit = "count", meaning = "Other trusts that share the rank, among those in these files" }
score_range_low = { unit = "score", decimals = 2, meaning = "Low end of NHS England's likely range of the score" }
score_range_high = { unit = "score", decimals = 2, meaning = "High end of that range" }
rank_range_low = { unit = "rank", meaning = "Best rank of NHS England's likely range" }
rank_range_high = { unit = "rank", meaning = "Worst rank of that range" }
rank_range_width = { unit = "places", meaning = "Places from the best to the worst rank of that range" }
override_applies = { meaning = "Whether the financial override applies; missing where not published" }
held_by_override = { meaning = "Whether the override holds the trust in a worse segment than its score gives" }
override_known_from = { meaning = "Whether the override is published or inferred" }
previous_quarter = { meaning = "The quarter before, where there is a record" }
previous_score = { unit = "score", decimals = 2, meaning = "Average score the quarter before" }
score_change = { unit = "score", decimals = 2, meaning = "Change in the average score; below zero is better" }
previous_segment = { unit = "segment", meaning = "Segment the quarter before" }
segment_change = { unit = "segment", meaning = "Change of segment; below zero is better" }
previous_rank = { unit = "rank", meaning = "League rank the quarter before" }
places_up = { unit = "places", meaning = "Places gained; below zero is places lost" }
direction = { meaning = "Up, down or unchanged in the table" }
metrics_scored = { unit = "count", meaning = "Scores that enter the average" }
best_domain = { meaning = "Domain with the best score" }
best_domain_score = { unit = "score", decimals = 2, meaning = "Score of the domain with the best score" }
worst_domain = { meaning = "Domain with the worst score" }
worst_domain_score = { unit = "score", decimals = 2, meaning = "Score of the domain with the worst score" }
latest_basis = { meaning = "Whether the record is official or from the extract" }

[[tests]]
check = "not_null"
columns = ["average_score", "adjusted_segment"]
severity = "warn"

[[tests]]
check = "sql"
name = "every trust has a headline"
query = "SELECT trust_code FROM trusts WHERE trust_code NOT IN (SELECT trust_code FROM trust_headline)"
*/
WITH domain_order AS (
    SELECT
        quarter,
        trust_code,
        arg_min(domain, (published_score, domain_order, domain)) AS best_domain,
        min(published_score) AS best_domain_score,
        arg_max(domain, (published_score, -domain_order, domain)) AS worst_domain,
        max(published_score) AS worst_domain_score
    FROM domain_scores
    WHERE published_score IS NOT NULL
    GROUP BY quarter, trust_code
),

ties AS (
    SELECT quarter, trust_type, league_rank, count(*) - 1 AS trusts_tied
    FROM league_positions
    GROUP BY quarter, trust_type, league_rank
)

SELECT
    trusts.trust_code,
    trusts.trust_name,
    trusts.trust_type,
    trusts.trust_type_plural,
    trusts.region,
    positions.quarter,
    positions.average_score,
    coalesce(segments.published_unadjusted_segment, segments.segment_by_score) AS segment_by_score,
    positions.adjusted_segment,
    positions.league_rank,
    positions.trusts_in_table,
    ties.trusts_tied,
    positions.score_range_low,
    positions.score_range_high,
    positions.rank_range_low,
    positions.rank_range_high,
    positions.rank_range_high - positions.rank_range_low + 1 AS rank_range_width,
    positions.override_applies,
    segments.held_by_override,
    segments.override_known_from,
    movement.previous_quarter,
    movement.previous_score,
    movement.score_change,
    movement.previous_segment,
    movement.segment_change,
    movement.previous_rank,
    movement.places_up,
    movement.direction,
    average_scores.metrics_scored,
    domain_order.best_domain,
    domain_order.best_domain_score,
    domain_order.worst_domain,
    domain_order.worst_domain_score,
    trusts.latest_basis
FROM trusts
JOIN league_positions AS positions
    ON positions.trust_code = trusts.trust_code AND positions.quarter = trusts.latest_quarter
JOIN segments ON segments.trust_code = trusts.trust_code AND segments.quarter = trusts.latest_quarter
JOIN quarter_movement AS movement
    ON movement.trust_code = trusts.trust_code AND movement.quarter = trusts.latest_quarter
LEFT JOIN ties
    ON ties.quarter = positions.quarter AND ties.trust_type = positions.trust_type AND ties.league_rank = positions.league_rank
LEFT JOIN average_scores ON average_scores.trust_code = trusts.trust_code AND average_scores.quarter = trusts.latest_quarter
LEFT JOIN domain_order ON domain_order.trust_code = trusts.trust_code AND domain_order.quarter = trusts.latest_quarter
