/*
title = "What may be said of the movement of a league table"
description = "Three sentences for each table with two quarters: how many averages changed by more than modelled chance explains, better and worse, and what these changes rest on; how far the table moved as a whole beside what chance alone would move; and how many trusts moved far or changed segment without a clear change. Each is counted again from the changes of single trusts, and may be said only if the two agree."
grain = ["trust_type", "part"]
claim = {}

[columns]
trust_type = { meaning = "Trust type" }
part = { unit = "count", meaning = "Order of the sentence: the verdicts, the table as a whole, moves without a clear change" }
type_order = { unit = "count", meaning = "Order of the trust type" }
quarter = { meaning = "Latest quarter of the trust type" }
previous_quarter = { meaning = "The quarter before" }
trusts = { unit = "count", meaning = "Trusts in both quarters" }
real_changes = { unit = "count", meaning = "Trusts whose average really changed" }
real_better = { unit = "count", meaning = "Trusts whose average really changed, to a better one" }
real_worse = { unit = "count", meaning = "Trusts whose average really changed, to a worse one" }
real_changes_modelled = { unit = "count", meaning = "Of the real changes, those that would be real on metrics with a model of chance alone" }
no_clear_changes = { unit = "count", meaning = "Trusts without a clear change" }
mean_movement = { unit = "places", decimals = 1, meaning = "Mean number of places moved, up or down" }
expected_movement = { unit = "places", decimals = 1, meaning = "Mean number that chance alone would move them" }
expected_movement_95 = { unit = "places", decimals = 1, meaning = "Mean that chance alone would not exceed at the level shown" }
changed_segment = { unit = "count", meaning = "Trusts whose segment changed" }
expected_segment_changes = { unit = "count", decimals = 0, meaning = "How many segments chance alone would change" }
segment_changes_95 = { unit = "count", decimals = 0, meaning = "Number that chance alone would not exceed at the level shown" }
level_percent = { unit = "%", decimals = 0, meaning = "Quarters in a hundred in which chance alone would not exceed the two" }
moved_far = { unit = "count", meaning = "Trusts that moved ten places or more" }
moved_without_clear_change = { unit = "count", meaning = "Trusts that moved ten places or more without a clear change in the average" }
segment_without_clear_change = { unit = "count", meaning = "Trusts that changed segment without a clear change" }
many_places = { unit = "places", meaning = "How many places count as many" }
hundred = { unit = "count", meaning = "Quarters that the level is out of" }
holds = { meaning = "Whether a second count agrees" }
statement = { meaning = "The sentence" }

[[tests]]
check = "sql"
name = "no sentence says that the table moved more than chance unless its mean lies beyond what chance would not exceed"
where = "part = 2 AND contains(statement, 'moved more than chance') AND mean_movement <= expected_movement_95"

[[tests]]
check = "sql"
name = "every table whose changes are tested has its three sentences"
query = "SELECT table_stability.trust_type FROM table_stability LEFT JOIN claim_movement USING (trust_type) GROUP BY 1 HAVING count(part) <> 3"

[[tests]]
check = "sql"
name = "a real change that rests on metrics without a model of chance is never counted without saying so"
where = "part = 1 AND real_changes > real_changes_modelled AND NOT contains(statement, 'cannot be measured')"
*/
WITH counted AS (
    SELECT
        trust_type,
        count(*) AS trusts,
        count(*) FILTER (verdict = 'real change') AS really,
        count(*) FILTER (verdict = 'real change' AND score_change < 0) AS real_better,
        count(*) FILTER (verdict = 'real change' AND score_change > 0) AS real_worse,
        count(*) FILTER (verdict = 'no clear change') AS unclear,
        count(*) FILTER (verdict = 'real change' AND rests_on = 'metrics with a model of chance') AS modelled,
        count(*) FILTER (adjusted_segment <> previous_segment) AS changed,
        count(*) FILTER (abs(places_up) >= 10) AS moved_far,
        count(*) FILTER (abs(places_up) >= 10 AND verdict = 'no clear change') AS far_unclear,
        count(*) FILTER (adjusted_segment <> previous_segment AND verdict = 'no clear change') AS segment_unclear,
        avg(CAST(abs(places_up) AS DECIMAL(18, 6))) AS mean_places
    FROM quarter_change_confidence
    GROUP BY trust_type
),

tables AS (
    SELECT
        table_stability.*,
        counted.* EXCLUDE (trust_type, trusts),
        counted.trusts AS counted_trusts,
        type_order,
        lower(left(trust_type_plural, 1)) || substr(trust_type_plural, 2) AS kind
    FROM table_stability
    JOIN counted USING (trust_type)
    JOIN national_summary USING (trust_type)
),

sentences AS (
    SELECT
        trust_type,
        1 AS part,
        type_order,
        quarter,
        previous_quarter,
        trusts,
        real_changes,
        real_better,
        real_worse,
        real_changes_modelled,
        no_clear_changes,
        counted_trusts = trusts AND really = real_changes AND real_better + real_worse = real_changes AND unclear = no_clear_changes
            AND modelled = real_changes_modelled AND real_changes + no_clear_changes <= trusts AS holds,
        'From ' || previous_quarter || ' to ' || quarter || ', of ' || trusts || ' ' || kind || ', the average score of '
            || real_changes || ' changed by more than modelled chance explains'
            || CASE WHEN real_changes = 0 THEN '' ELSE ' (' || real_better || ' better, ' || real_worse || ' worse)' END
            || ', and for ' || no_clear_changes || ' there is no clear change.'
            || CASE
                WHEN real_changes = real_changes_modelled THEN ''
                WHEN real_changes = 1 THEN ' It rests, wholly or partly, on metrics whose chance cannot be measured here.'
                WHEN real_changes_modelled = 0 THEN ' None of the ' || real_changes || ' would be real on the metrics with a model of chance alone: each rests, wholly or partly, on metrics whose chance cannot be measured here.'
                ELSE ' Of the ' || real_changes || ', ' || real_changes_modelled || ' would be real on the metrics with a model of chance alone; the rest depend, wholly or partly, on metrics whose chance cannot be measured here.'
            END AS statement
    FROM tables
    UNION ALL BY NAME
    SELECT
        trust_type,
        2 AS part,
        type_order,
        quarter,
        previous_quarter,
        trusts,
        mean_movement,
        expected_movement,
        expected_movement_95,
        changed_segment,
        expected_segment_changes,
        segment_changes_95,
        95 AS level_percent,
        100 AS hundred,
        abs(mean_places - mean_movement) < 0.000001 AND changed = changed_segment AND moved_more_than_chance = (mean_movement > expected_movement_95) AS holds,
        'The table as a whole moved ' || CASE WHEN moved_more_than_chance THEN 'more' ELSE 'no more' END || ' than chance explains: ranks moved '
            || printf('%.1f', round(mean_movement, 1)) || ' places on average, where chance alone would move ' || printf('%.1f', round(expected_movement, 1))
            || ' and, in 95 of 100 quarters, no more than ' || printf('%.1f', round(expected_movement_95, 1)) || '. ' || changed_segment
            || CASE WHEN changed_segment = 1 THEN ' segment' ELSE ' segments' END || ' changed, where chance alone would change about ' || CAST(round(expected_segment_changes) AS BIGINT)
            || ' and, in 95 of 100 quarters, no more than ' || CAST(round(segment_changes_95) AS BIGINT) || '.' AS statement
    FROM tables
    UNION ALL BY NAME
    SELECT
        trust_type,
        3 AS part,
        type_order,
        quarter,
        previous_quarter,
        trusts,
        moved_far,
        moved_without_clear_change,
        changed_segment,
        segment_without_clear_change,
        10 AS many_places,
        far_unclear = moved_without_clear_change AND segment_unclear = segment_without_clear_change
            AND moved_without_clear_change <= moved_far AND segment_without_clear_change <= changed_segment AS holds,
        CASE
            WHEN moved_far = 0 THEN 'No trust moved 10 places or more'
            ELSE 'Of the ' || moved_far || CASE WHEN moved_far = 1 THEN ' trust' ELSE ' trusts' END || ' that moved 10 places or more, ' || moved_without_clear_change
                || CASE WHEN moved_without_clear_change = 1 THEN ' shows' ELSE ' show' END || ' no clear change in score'
        END
            || CASE
                WHEN changed_segment = 0 THEN '; no trust changed segment.'
                ELSE '; of the ' || changed_segment || ' that changed segment, ' || segment_without_clear_change || CASE WHEN segment_without_clear_change = 1 THEN ' shows' ELSE ' show' END || ' none.'
            END AS statement
    FROM tables
)

SELECT * FROM sentences
ORDER BY type_order, trust_type, part
