/*
title = "How much the tables moved"
description = "For each trust type with two quarters: how many trusts moved up, down or not, how far, and how many changed segment."
grain = ["trust_type", "quarter"]

[columns]
trust_type = { meaning = "Trust type" }
quarter = { meaning = "Financial quarter" }
previous_quarter = { meaning = "The quarter before" }
trusts = { unit = "count", meaning = "Trusts in both quarters" }
up = { unit = "count", meaning = "Trusts that moved up" }
down = { unit = "count", meaning = "Trusts that moved down" }
unchanged = { unit = "count", meaning = "Trusts that kept their rank" }
median_places = { unit = "places", decimals = 0, meaning = "Median size of the move, up or down" }
ten_or_more = { unit = "count", meaning = "Trusts that moved ten places or more" }
ten_or_more_share = { unit = "fraction", decimals = 0, meaning = "Share of the trusts that moved ten places or more" }
better_segment = { unit = "count", meaning = "Trusts in a better segment than before" }
worse_segment = { unit = "count", meaning = "Trusts in a worse segment than before" }
override_began = { unit = "count", meaning = "Trusts to which the override began to apply" }
override_ceased = { unit = "count", meaning = "Trusts to which the override ceased to apply" }
is_latest_for_type = { meaning = "Whether this is the latest quarter held for the trust type" }

[[tests]]
check = "sql"
name = "every trust moved up, down or not"
where = "up + down + unchanged <> trusts"
*/
SELECT
    quarter_movement.trust_type,
    quarter,
    previous_quarter,
    count(*) AS trusts,
    count(*) FILTER (direction = 'up') AS up,
    count(*) FILTER (direction = 'down') AS down,
    count(*) FILTER (direction = 'unchanged') AS unchanged,
    quantile_cont(abs(places_up), 0.5) AS median_places,
    count(*) FILTER (abs(places_up) >= 10) AS ten_or_more,
    count(*) FILTER (abs(places_up) >= 10) / count(*) AS ten_or_more_share,
    count(*) FILTER (segment_change < 0) AS better_segment,
    count(*) FILTER (segment_change > 0) AS worse_segment,
    count(*) FILTER (override_change = 'began to apply') AS override_began,
    count(*) FILTER (override_change = 'ceased to apply') AS override_ceased,
    bool_or(is_latest_for_type) AS is_latest_for_type
FROM quarter_movement
JOIN league_positions USING (quarter, trust_code)
WHERE places_up IS NOT NULL
GROUP BY quarter_movement.trust_type, quarter, previous_quarter
