/*
title = "Movers, by what can be said of them"
description = "The largest moves up and down each league table between its two latest quarters, split by whether the average has really changed. The move that chance alone would make stands beside each, and so does what a real change rests on."
grain = ["trust_type", "verdict", "moved", "place"]

[columns]
trust_type = { meaning = "Trust type" }
verdict = { meaning = "real change or no clear change" }
verdict_order = { unit = "count", meaning = "Order on the page" }
moved = { meaning = "Up or down" }
place = { unit = "rank", meaning = "Order among the movers of this verdict, largest first" }
trust_code = { meaning = "Organisation code" }
trust_name = { meaning = "Name" }
quarter = { meaning = "Latest quarter" }
previous_quarter = { meaning = "The quarter before" }
league_rank = { unit = "rank", meaning = "League rank" }
previous_rank = { unit = "rank", meaning = "League rank the quarter before" }
places_up = { unit = "places", meaning = "Places gained; below zero is places lost" }
expected_movement = { unit = "places", decimals = 0, meaning = "Mean number of places that chance alone would move it" }
movement_95 = { unit = "places", meaning = "Places that chance alone would not exceed in 95 of 100 quarters" }
score_change = { unit = "score", decimals = 2, meaning = "Change of the average; below zero is better" }
change_low = { unit = "score", decimals = 2, meaning = "Low end of the 95% interval of the change" }
change_high = { unit = "score", decimals = 2, meaning = "High end of the 95% interval of the change" }
rests_on = { meaning = "What a real change rests on" }
largest_metric = { meaning = "Metric that changed the average most" }
adjusted_segment = { unit = "segment", meaning = "Segment" }
previous_segment = { unit = "segment", meaning = "Segment the quarter before" }
override_change = { meaning = "Whether the override began or ceased to apply" }
movers_of_verdict = { unit = "count", meaning = "Trusts of the table with this verdict that moved this way" }

[[tests]]
check = "accepted"
column = "moved"
values = ["up", "down"]
*/
WITH moved AS (
    SELECT
        *,
        CASE WHEN places_up > 0 THEN 'up' ELSE 'down' END AS moved,
        CASE verdict WHEN 'real change' THEN 1 WHEN 'no clear change' THEN 2 ELSE 3 END AS verdict_order
    FROM quarter_change_confidence
    WHERE places_up <> 0
),

placed AS (
    SELECT
        *,
        row_number() OVER (of_group ORDER BY abs(places_up) DESC, abs(score_change) DESC, trust_code, quarter) AS place,
        count(*) OVER of_group AS movers_of_verdict
    FROM moved
    WINDOW of_group AS (PARTITION BY trust_type, verdict, moved)
)

SELECT
    trust_type,
    verdict,
    verdict_order,
    moved,
    place,
    trust_code,
    trust_name,
    quarter,
    previous_quarter,
    league_rank,
    previous_rank,
    places_up,
    expected_movement,
    movement_95,
    score_change,
    change_low,
    change_high,
    rests_on,
    largest_metric,
    adjusted_segment,
    previous_segment,
    override_change,
    movers_of_verdict
FROM placed
WHERE place <= (SELECT listed_movers FROM parameters)
ORDER BY trust_type, verdict_order, verdict, moved DESC, place
