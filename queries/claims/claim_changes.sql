/*
title = "What may be said of the changes since before"
description = "Sentences for the page on what changed: how many of England's measures moved beyond chance over a year and which way, how many meet their standard or target, and how many figures were revised after the last edition. Each is counted again, from the intervals and from the versions, and may be said only if the two counts agree."
grain = ["part"]
claim = {}

[columns]
part = { unit = "count", meaning = "Order of the sentence" }
measures = { unit = "count", meaning = "Measures of England whose change over a year has an interval" }
moved_better = { unit = "count", meaning = "Measures that moved beyond chance to the better" }
moved_worse = { unit = "count", meaning = "Measures that moved beyond chance to the worse" }
moved_neither = { unit = "count", meaning = "Measures that moved beyond chance, where neither way is better" }
no_change = { unit = "count", meaning = "Measures without a change beyond chance" }
confidence_level = { unit = "fraction", decimals = 0, meaning = "Level of the intervals" }
with_target = { unit = "count", meaning = "Measures of England with a standard or target" }
meet_target = { unit = "count", meaning = "Measures that meet the standard or target in their latest period" }
previous_edition = { meaning = "Day of the edition before" }
revised = { unit = "count", meaning = "Figures revised since" }
change_a_sentence = { unit = "count", meaning = "Figures revised by enough to change a sentence" }
organisations = { unit = "count", meaning = "Organisations whose figures these are" }
holds = { meaning = "Whether a second count agrees" }
statement = { meaning = "The sentence" }

[[tests]]
check = "sql"
name = "the parts of a count add up to it"
where = "moved_better + moved_worse + moved_neither + no_change <> measures OR meet_target > with_target OR change_a_sentence > revised"

[[tests]]
check = "sql"
name = "what is said to be revised is never fewer than the revisions held"
query = """
SELECT revised FROM claim_changes
WHERE part = 3 AND revised <> (SELECT count(*) FROM restatements WHERE since_previous_edition)
"""
*/
WITH measures AS (
    SELECT
        count(change_low) AS measures,
        count(*) FILTER (change_words <> 'no change beyond chance' AND change_low IS NOT NULL AND change_reading = 'better') AS moved_better,
        count(*) FILTER (change_words <> 'no change beyond chance' AND change_low IS NOT NULL AND change_reading = 'worse') AS moved_worse,
        count(*) FILTER (change_words <> 'no change beyond chance' AND change_low IS NOT NULL AND change_reading IS NULL) AS moved_neither,
        count(*) FILTER (change_words = 'no change beyond chance') AS no_change,
        -- The second count: by the ends of the intervals and the direction that is better.
        count(*) FILTER ((change_low > 0 AND better = 'high') OR (change_high < 0 AND better = 'low')) AS better_by_interval,
        count(*) FILTER ((change_low > 0 AND better = 'low') OR (change_high < 0 AND better = 'high')) AS worse_by_interval,
        count(*) FILTER (change_low <= 0 AND change_high >= 0) AS holds_zero,
        count(target) AS with_target,
        count(*) FILTER ((better = 'high' AND value >= target) OR (better = 'low' AND value <= target)) AS meet_target,
        count(*) FILTER ((better = 'high' AND value < target) OR (better = 'low' AND value > target)) AS miss_target
    FROM england_metrics
),

revisions AS (
    SELECT
        count(*) AS revised,
        count(*) FILTER (changes_a_sentence) AS change_a_sentence,
        count(DISTINCT org_code) FILTER (changes_a_sentence) AS organisations,
        bool_and(restated_on > (SELECT previous_as_of FROM as_of)) AS all_after
    FROM restatements
    WHERE since_previous_edition
),

sentences AS (
    SELECT
        1 AS part,
        measures,
        moved_better,
        moved_worse,
        moved_neither,
        no_change,
        CAST(parameters.confidence_level AS DOUBLE) AS confidence_level,
        better_by_interval = moved_better AND worse_by_interval = moved_worse AND holds_zero = no_change
            AND moved_better + moved_worse + moved_neither + no_change = measures AS holds,
        'Of ' || measures || ' measures of England with a figure for the same period a year before, ' || no_change
            || CASE WHEN no_change = 1 THEN ' shows' ELSE ' show' END || ' no change beyond chance at the ' || printf('%.0f', 100 * CAST(parameters.confidence_level AS DOUBLE)) || '% level; '
            || moved_better || CASE WHEN moved_better = 1 THEN ' is' ELSE ' are' END || ' better and ' || moved_worse || ' worse'
            || CASE WHEN moved_neither = 0 THEN '' ELSE ', and ' || moved_neither || ' moved where neither way is better' END || '.' AS statement
    FROM measures
    CROSS JOIN parameters
    WHERE measures > 0
    UNION ALL BY NAME
    SELECT
        2 AS part,
        with_target,
        meet_target,
        meet_target + miss_target = with_target AS holds,
        'Of ' || with_target || ' measures of England with a national standard or target, '
            || CASE WHEN meet_target = 0 THEN 'none meets' WHEN meet_target = 1 THEN 'one meets' ELSE meet_target || ' meet' END || ' it in its latest period.' AS statement
    FROM measures
    WHERE with_target > 0
    UNION ALL BY NAME
    SELECT
        3 AS part,
        previous_as_of AS previous_edition,
        revised,
        change_a_sentence,
        organisations,
        coalesce(all_after, true) AS holds,
        CASE
            WHEN revised = 0 THEN 'No figure held here was revised after '
            ELSE revised || CASE WHEN revised = 1 THEN ' figure held here was' ELSE ' figures held here were' END || ' revised after '
        END
            || day(previous_as_of) || ' ' || monthname(previous_as_of) || ' ' || year(previous_as_of) || ', the day of the edition before'
            || CASE
                WHEN revised = 0 THEN '.'
                ELSE '; ' || change_a_sentence || ' of them moved by enough to change a sentence'
                    || CASE WHEN organisations = 0 THEN '.' WHEN organisations = 1 THEN ', all of one organisation.' ELSE ', at ' || organisations || ' organisations.' END
            END AS statement
    FROM revisions
    CROSS JOIN as_of
)

SELECT * FROM sentences
ORDER BY part
