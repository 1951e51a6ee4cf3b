/*
title = "Movement between quarters"
description = "Each trust in each quarter against the quarter before: score, segment and league rank. Four quarters of one trust, in order, give its line on the chart."
grain = ["quarter", "trust_code"]

[columns]
quarter = { meaning = "Financial quarter" }
trust_code = { meaning = "Organisation code" }
quarter_order = { unit = "count", meaning = "Number that puts quarters in order of time" }
trust_name = { meaning = "Name" }
trust_type = { meaning = "Trust type" }
region = { meaning = "NHS England region" }
previous_quarter = { meaning = "The quarter before; missing where the trust has no record in it" }
average_score = { unit = "score", decimals = 2, meaning = "Average metric score" }
previous_score = { unit = "score", decimals = 2, meaning = "Average metric score the quarter before" }
score_change = { unit = "score", decimals = 2, meaning = "Change in the average score; below zero is better" }
adjusted_segment = { unit = "segment", meaning = "Adjusted segment" }
previous_segment = { unit = "segment", meaning = "Adjusted segment the quarter before" }
segment_change = { unit = "segment", meaning = "Change of segment; below zero is better" }
league_rank = { unit = "rank", meaning = "League rank" }
previous_rank = { unit = "rank", meaning = "League rank the quarter before" }
places_up = { unit = "places", meaning = "Places gained; below zero is places lost" }
trusts_in_table = { unit = "count", meaning = "Trusts in the table" }
override_applies = { meaning = "Whether the financial override applies" }
override_change = { meaning = "Whether the override began to apply, ceased to apply, or neither" }
direction = { meaning = "Up, down or unchanged in the table" }

[[tests]]
check = "accepted"
column = "direction"
values = ["up", "down", "unchanged"]

[[tests]]
check = "sql"
name = "a move is held together with both ranks"
where = "(places_up IS NULL) <> (previous_rank IS NULL OR league_rank IS NULL)"
*/
SELECT
    this.quarter,
    this.trust_code,
    quarters.quarter_order,
    this.trust_name,
    this.trust_type,
    this.region,
    before.quarter AS previous_quarter,
    this.average_score,
    before.average_score AS previous_score,
    this.average_score - before.average_score AS score_change,
    this.adjusted_segment,
    before.adjusted_segment AS previous_segment,
    this.adjusted_segment - before.adjusted_segment AS segment_change,
    this.league_rank,
    before.league_rank AS previous_rank,
    before.league_rank - this.league_rank AS places_up,
    this.trusts_in_table,
    this.override_applies,
    CASE
        WHEN this.override_applies AND NOT before.override_applies THEN 'began to apply'
        WHEN before.override_applies AND NOT this.override_applies THEN 'ceased to apply'
        WHEN this.override_applies = before.override_applies THEN 'no change'
    END AS override_change,
    CASE
        WHEN before.league_rank > this.league_rank THEN 'up'
        WHEN before.league_rank < this.league_rank THEN 'down'
        WHEN before.league_rank = this.league_rank THEN 'unchanged'
    END AS direction
FROM league_positions AS this
JOIN quarters ON quarters.quarter = this.quarter
LEFT JOIN league_positions AS before
    ON before.trust_code = this.trust_code
    AND before.trust_type = this.trust_type
    AND before.quarter = quarters.previous_quarter
ORDER BY this.trust_code, quarters.quarter_order
