/*
title = "Movers"
description = "The largest moves up and down each league table between its two latest quarters. A league rank is fragile, so the change in the average score stands beside the places."
grain = ["trust_type", "moved", "place"]

[columns]
trust_type = { meaning = "Trust type" }
moved = { meaning = "Up or down" }
place = { unit = "rank", meaning = "Order among the movers, largest first" }
trust_code = { meaning = "Organisation code" }
trust_name = { meaning = "Name" }
region = { meaning = "NHS England region" }
quarter = { meaning = "Latest quarter" }
previous_quarter = { meaning = "The quarter before" }
league_rank = { unit = "rank", meaning = "League rank" }
previous_rank = { unit = "rank", meaning = "League rank the quarter before" }
places_up = { unit = "places", meaning = "Places gained; below zero is places lost" }
average_score = { unit = "score", decimals = 2, meaning = "Average metric score" }
previous_score = { unit = "score", decimals = 2, meaning = "Average metric score the quarter before" }
score_change = { unit = "score", decimals = 2, meaning = "Change in the average score; below zero is better" }
adjusted_segment = { unit = "segment", meaning = "Segment" }
previous_segment = { unit = "segment", meaning = "Segment the quarter before" }
override_change = { meaning = "Whether the override began or ceased to apply" }
trusts_in_table = { unit = "count", meaning = "Trusts in the table" }

[[tests]]
check = "accepted"
column = "moved"
values = ["up", "down"]

[[tests]]
check = "sql"
name = "a move up gains places and a move down loses them"
where = "(moved = 'up') <> (places_up > 0)"
*/
WITH moves AS (
    SELECT quarter_movement.*, direction AS moved
    FROM quarter_movement
    JOIN league_positions USING (quarter, trust_code)
    WHERE is_latest_for_type AND direction IN ('up', 'down')
),

ordered AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY trust_type, moved
            ORDER BY abs(places_up) DESC, league_rank, trust_name, trust_code, quarter
        ) AS place
    FROM moves
)

SELECT
    trust_type,
    moved,
    place,
    trust_code,
    trust_name,
    region,
    quarter,
    previous_quarter,
    league_rank,
    previous_rank,
    places_up,
    average_score,
    previous_score,
    score_change,
    adjusted_segment,
    previous_segment,
    override_change,
    trusts_in_table
FROM ordered
WHERE place <= (SELECT listed_movers FROM parameters)
ORDER BY trust_type, moved DESC, place
