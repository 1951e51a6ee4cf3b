/*
title = "National summary"
description = "One row for each trust type, in its latest quarter: the numbers behind the top lines of the briefing."
grain = ["trust_type"]

[columns]
trust_type = { meaning = "Trust type" }
trust_type_plural = { meaning = "The trust type, in the plural" }
type_order = { unit = "count", meaning = "Order of the trust type on the page" }
quarter = { meaning = "Latest quarter of the trust type" }
trusts_held = { unit = "count", meaning = "Trusts in these files" }
trusts_in_table = { unit = "count", meaning = "Trusts in the published table" }
table_is_complete = { meaning = "Whether these files hold the whole table" }
segment_1 = { unit = "count", meaning = "Trusts in segment 1" }
segment_2 = { unit = "count", meaning = "Trusts in segment 2" }
segment_3 = { unit = "count", meaning = "Trusts in segment 3" }
segment_4 = { unit = "count", meaning = "Trusts in segment 4" }
held_by_override = { unit = "count", meaning = "Trusts held in a worse segment than their score gives" }
override_applies = { unit = "count", meaning = "Trusts to which the override applies; missing where it is not published" }
first_trust = { meaning = "Trust at the head of the table, among those in these files" }
first_rank = { unit = "rank", meaning = "Rank of the trust at the head of the table" }
first_score = { unit = "score", decimals = 2, meaning = "Average score of the trust at the head of the table" }
last_trust = { meaning = "Trust at the foot of the table, among those in these files" }
last_rank = { unit = "rank", meaning = "Rank of the trust at the foot of the table" }
last_score = { unit = "score", decimals = 2, meaning = "Average score of the trust at the foot of the table" }
median_score = { unit = "score", decimals = 2, meaning = "Median average score" }
median_range_width = { unit = "places", decimals = 0, meaning = "Median width of NHS England's likely range of the rank, in places" }
wide_ranges = { unit = "count", meaning = "Trusts whose likely range of the rank covers at least half of the table" }
ranges_published = { unit = "count", meaning = "Trusts with a published likely range" }
previous_quarter = { meaning = "The quarter before, where these files hold it" }
changed_segment = { unit = "count", meaning = "Trusts that changed segment since" }
moved_ten_places = { unit = "count", meaning = "Trusts that moved ten places or more since" }

[[tests]]
check = "range"
column = "trusts_held"
min = 1
*/
WITH latest AS (
    SELECT
        positions.*,
        quarter_movement.segment_change,
        quarter_movement.places_up,
        quarter_movement.previous_quarter AS quarter_before
    FROM league_positions AS positions
    LEFT JOIN quarter_movement USING (quarter, trust_code)
    WHERE positions.is_latest_for_type
)

SELECT
    latest.trust_type,
    coalesce(min(trust_type_plural), latest.trust_type) AS trust_type_plural,
    min(type_order) AS type_order,
    min(quarter) AS quarter,
    count(*) AS trusts_held,
    max(trusts_in_table) AS trusts_in_table,
    bool_and(table_is_complete) AS table_is_complete,
    count(*) FILTER (adjusted_segment = 1) AS segment_1,
    count(*) FILTER (adjusted_segment = 2) AS segment_2,
    count(*) FILTER (adjusted_segment = 3) AS segment_3,
    count(*) FILTER (adjusted_segment = 4) AS segment_4,
    count(*) FILTER (held_by_override) AS held_by_override,
    CASE WHEN count(override_applies) > 0 THEN count(*) FILTER (override_applies) END AS override_applies,
    arg_min(trust_name, (league_rank, trust_name)) AS first_trust,
    min(league_rank) AS first_rank,
    arg_min(average_score, (league_rank, trust_name, average_score)) AS first_score,
    arg_max(trust_name, (league_rank, trust_name)) FILTER (league_rank IS NOT NULL) AS last_trust,
    max(league_rank) AS last_rank,
    arg_max(average_score, (league_rank, trust_name, average_score)) FILTER (league_rank IS NOT NULL) AS last_score,
    CAST(round(quantile_cont(CAST(average_score AS DECIMAL(18, 6)), 0.5), 2) AS DECIMAL(9, 2)) AS median_score,
    quantile_cont(rank_range_high - rank_range_low + 1, 0.5) AS median_range_width,
    CASE
        WHEN count(rank_range_high) > 0 THEN count(*) FILTER (2 * (rank_range_high - rank_range_low + 1) >= trusts_in_table)
    END AS wide_ranges,
    count(rank_range_high) AS ranges_published,
    max(quarter_before) AS previous_quarter,
    CASE WHEN count(segment_change) > 0 THEN count(*) FILTER (segment_change <> 0) END AS changed_segment,
    CASE WHEN count(places_up) > 0 THEN count(*) FILTER (abs(places_up) >= 10) END AS moved_ten_places
FROM latest
LEFT JOIN framework_trust_types
    ON framework_trust_types.trust_type = latest.trust_type
    AND framework_trust_types.framework_year = (SELECT framework_year FROM parameters)
GROUP BY latest.trust_type
ORDER BY min(type_order), latest.trust_type
