/*
title = "Likely questions, and two-line answers"
description = "Ten questions that are likely to be asked of the tables, each with an answer short enough to be given standing up. Every answer is a claim: its numbers are counted again, and it is printed only if they agree. A question that the data cannot answer says so; one for which no data are held is left out."
grain = ["question_order"]
claim = {}

[columns]
question_order = { unit = "count", meaning = "Order of the question" }
question = { meaning = "The question" }
source_key = { meaning = "Which publication the answer rests on: league, growth or the source of a measure" }
period = { meaning = "Quarter or period" }
trust_name = { meaning = "Trust that the answer names" }
trusts = { unit = "count", meaning = "Trusts counted" }
growth = { unit = "fraction", decimals = 1, meaning = "Estimated productivity growth of the trust named" }
flagged_activity = { unit = "fraction", decimals = 1, meaning = "Growth in activity of the trust named, where that is large enough to be flagged" }
next_period = { meaning = "Period of the next figure of the trust named" }
next_growth = { unit = "%", decimals = 1, meaning = "Next figure of the trust named" }
next_rank = { unit = "rank", meaning = "Rank of that figure from the highest" }
next_ranked = { unit = "count", meaning = "Trusts with a next figure" }
top_quarter = { unit = "count", meaning = "Trusts in the top quarter by growth" }
top_again = { unit = "count", meaning = "Trusts in the top quarter of both periods" }
top_chance_low = { unit = "count", meaning = "Low end of the middle 95% of drawing lots" }
top_chance_high = { unit = "count", meaning = "High end of the middle 95% of drawing lots" }
held_by_override = { unit = "count", meaning = "Trusts in a worse segment than their score gives" }
override_holds_at = { unit = "segment", meaning = "Best segment of a trust in deficit" }
league_rank = { unit = "rank", meaning = "Rank of the trust named" }
rank_low = { unit = "rank", meaning = "Best rank in its set for the whole table" }
rank_high = { unit = "rank", meaning = "Worst rank in that set" }
could_be_first = { unit = "count", meaning = "Trusts whose set for the whole table reaches the first place" }
confidence_level = { unit = "fraction", decimals = 0, meaning = "Level of the sets and intervals" }
median_places_covered = { unit = "places", decimals = 0, meaning = "Median width of the sets for one trust" }
told_apart_percent = { unit = "%", decimals = 0, meaning = "Share of pairs told apart" }
real_better = { unit = "count", meaning = "Trusts whose average is better by more than modelled chance explains" }
real_worse = { unit = "count", meaning = "Trusts whose average is worse by more than modelled chance explains" }
no_clear_changes = { unit = "count", meaning = "Trusts without a clear change" }
many_places = { unit = "places", meaning = "How many places count as many" }
moved_far = { unit = "count", meaning = "Trusts that moved as far" }
moved_without_clear_change = { unit = "count", meaning = "Trusts that moved as far without a clear change of their average" }
previous_period = { meaning = "Period before, that the latest is compared with" }
weeks = { unit = "count", meaning = "Weeks of the standard that the measure counts" }
value = { meaning = "Latest value of a measure, in the unit shown" }
previous_value = { meaning = "Value a year before" }
change = { meaning = "Change since then" }
change_low = { meaning = "Low end of the 95% interval of the change" }
change_high = { meaning = "High end of the 95% interval of the change" }
target = { meaning = "Standard of the measure" }
between_regions_percent = { unit = "%", decimals = 0, meaning = "Share of the variance between trusts that lies between regions" }
region_low = { meaning = "Lowest value of a region" }
region_high = { meaning = "Highest value of a region" }
region_low_name = { meaning = "The region with the lowest value" }
region_high_name = { meaning = "The region with the highest value" }
holds = { meaning = "Whether a second count agrees" }
statement = { meaning = "The answer" }

[[tests]]
check = "sql"
name = "an answer fits two or three lines"
where = "length(statement) > 380"

[[tests]]
check = "sql"
name = "an answer that names growth says that it is growth and not level"
where = "source_key = 'growth' AND NOT contains(statement, 'level')"

[[tests]]
check = "sql"
name = "an answer that gives a trust's league rank gives its set"
where = "league_rank IS NOT NULL AND (rank_low IS NULL OR rank_high IS NULL OR NOT contains(statement, 'confidence set'))"

[[tests]]
check = "sql"
name = "boards are asked about, and every question is asked once"
query = """
SELECT 'no question on boards' AS problem WHERE NOT EXISTS (FROM claim_briefing_answers WHERE contains(question, 'boards'))
UNION ALL
SELECT question FROM claim_briefing_answers GROUP BY question HAVING count(*) > 1
"""
*/
WITH leaders AS (
    SELECT *, count(*) OVER () AS joint
    FROM productivity_growth
    WHERE productivity_growth = (SELECT max(productivity_growth) FROM productivity_growth)
),

-- The table that questions about single ranks are answered from: the first type with confidence sets.
asked AS (
    SELECT table_signal.*, type_order, trusts_in_table, lower(left(trust_type_plural, 1)) || substr(trust_type_plural, 2) AS kind
    FROM table_signal
    JOIN national_summary USING (trust_type)
    WHERE trust_type = (
        SELECT arg_min(trust_type, (type_order, trust_type))
        FROM table_signal
        JOIN national_summary USING (trust_type)
        WHERE table_signal.trusts >= 5
    )
),

first_of_all AS (
    SELECT
        rank_sets.*,
        kind,
        (SELECT count(*) FROM rank_sets AS other WHERE other.trust_type = rank_sets.trust_type AND other.table_rank_best = 1) AS could_be_first
    FROM rank_sets
    JOIN asked USING (trust_type)
    WHERE order_in_table = 1
),

overridden AS (
    SELECT
        CAST(sum(held_by_override) AS BIGINT) AS held_by_override,
        CAST(sum(trusts_held) AS BIGINT) AS trusts,
        count(override_applies) = count(*) AS all_published,
        (SELECT count(*) FROM league_positions WHERE is_latest_for_type AND adjusted_segment > segment_by_score) AS counted,
        (SELECT count(*) FROM league_positions WHERE is_latest_for_type) AS counted_trusts
    FROM national_summary
),

moved AS (
    SELECT
        min(previous_quarter) AS previous_quarter,
        min(quarter) AS quarter,
        count(DISTINCT quarter) AS quarters,
        CAST(sum(trusts) FILTER (part = 1) AS BIGINT) AS trusts,
        CAST(sum(real_better) AS BIGINT) AS real_better,
        CAST(sum(real_worse) AS BIGINT) AS real_worse,
        CAST(sum(no_clear_changes) AS BIGINT) AS no_clear_changes,
        CAST(sum(moved_far) AS BIGINT) AS moved_far,
        CAST(sum(moved_without_clear_change) AS BIGINT) AS moved_without_clear_change,
        CAST(sum(real_changes - real_changes_modelled) AS BIGINT) AS unmeasured,
        bool_and(holds) AS all_hold
    FROM claim_movement
),

-- The second count of changes, from single trusts.
tested AS (
    SELECT
        count(*) FILTER (verdict IN ('real change', 'no clear change')) AS tested_trusts,
        count(*) FILTER (verdict = 'real change' AND change_high < 0) AS better_by_interval,
        count(*) FILTER (verdict = 'real change' AND change_low > 0) AS worse_by_interval,
        count(*) FILTER (abs(places_up) >= 10) AS far
    FROM quarter_change_confidence
),

planned AS (
    SELECT *, claim_metric_change.holds AS change_holds
    FROM england_metrics
    JOIN claim_metric_change USING (metric_id)
    WHERE metric_id = 'rtt_within_18wk' AND claim_metric_change.trust_code = 'ENG'
),

places AS (
    SELECT
        metric_id,
        min(value) AS region_low,
        max(value) AS region_high,
        arg_min(area_name, (value, area_name)) AS region_low_name,
        arg_max(area_name, (value, area_name)) AS region_high_name
    FROM access_by_area
    WHERE area_kind = 'region' AND metric_id = 'rtt_within_18wk' AND area_code <> 'not known'
    GROUP BY metric_id
),

answers AS (
    SELECT
        1 AS question_order,
        'Is it true that productivity at ' || leaders.trust_name || ' rose by ' || printf('%.1f', round(100 * CAST(productivity_growth AS DOUBLE), 1)) || '%?' AS question,
        'growth' AS source_key,
        leaders.period,
        leaders.trust_name,
        trusts_ranked AS trusts,
        productivity_growth AS growth,
        CASE WHEN productivity_flags.flag IS NOT NULL THEN leaders.activity_growth END AS flagged_activity,
        leaders.next_period,
        next_growth,
        next_rank,
        next_ranked,
        joint = 1 AND growth_rank = 1 AND claim_productivity.holds AS holds,
        'That is the published estimate for ' || leaders.period || ', the highest of ' || trusts_ranked || ' acute trusts. It is growth and not level: it does not show which trust gives the most for its resource.'
            || CASE
                WHEN productivity_flags.flag IS NULL THEN ''
                ELSE ' Activity is put at ' || CASE WHEN leaders.activity_growth < 0 THEN '−' ELSE '+' END || printf('%.1f', round(100 * abs(CAST(leaders.activity_growth AS DOUBLE)), 1)) || '%, a change that asks for an explanation first.'
            END
            || CASE
                WHEN next_growth IS NULL THEN ''
                ELSE ' Its next figure is ' || CASE WHEN next_growth < 0 THEN '−' ELSE '+' END || printf('%.1f', round(abs(CAST(next_growth AS DOUBLE)), 1)) || '%, number '
                    || next_rank || ' of ' || next_ranked || ' (no range can be computed).'
            END AS statement
    FROM leaders
    JOIN claim_productivity USING (trust_code, trusts_ranked, growth_rank, productivity_growth)
    LEFT JOIN productivity_flags ON productivity_flags.trust_code = leaders.trust_code AND flag = 'activity'
    WHERE joint = 1
    UNION ALL BY NAME
    SELECT
        2 AS question_order,
        'Which trust is the most productive?' AS question,
        'growth' AS source_key,
        period,
        next_period,
        top_quarter,
        top_again,
        top_chance_low,
        top_chance_high,
        top_again = (SELECT count(*) FILTER (stayed) FROM productivity_leaders) AND top_quarter = (SELECT count(*) FROM productivity_leaders) AS holds,
        'The published figures cannot say: they give growth and not level. Nor has growth lasted: of the ' || top_quarter || ' acute trusts in the top quarter for ' || period || ', ' || top_again
            || ' are there again in the next figures; drawing lots would keep ' || top_chance_low || ' to ' || top_chance_high || '.' AS statement
    FROM productivity_national
    WHERE pairs > 0 AND about_chance
    UNION ALL BY NAME
    SELECT
        3 AS question_order,
        'Why is a trust with a good score in segment ' || override_holds_at || '?' AS question,
        'league' AS source_key,
        framework_year AS period,
        trusts,
        held_by_override,
        override_holds_at,
        counted = held_by_override AND counted_trusts = trusts AS holds,
        'Under the ' || framework_year || ' rules a trust in deficit, or in receipt of deficit support, is placed in segment ' || override_holds_at || ' at best. In the latest tables held, '
            || CASE WHEN all_published THEN '' ELSE 'at least ' END || held_by_override || ' of ' || trusts || ' trusts are in a worse segment than their score alone gives.' AS statement
    FROM overridden
    JOIN framework_years ON framework_year = (SELECT framework_year FROM parameters)
    UNION ALL BY NAME
    SELECT
        4 AS question_order,
        'Which is the best trust?' AS question,
        'league' AS source_key,
        quarter AS period,
        trust_name,
        trusts_in_table AS trusts,
        league_rank,
        table_rank_best AS rank_low,
        table_rank_worst AS rank_high,
        could_be_first,
        confidence_level,
        league_rank = 1 AND could_be_first >= 1 AND table_rank_best = 1 AS holds,
        trust_name || ' has rank ' || league_rank || ' of ' || trusts_in_table || ' ' || kind || ' in ' || quarter || ', with a ' || printf('%.0f', 100 * confidence_level) || '% confidence set of '
            || table_rank_best || ' to ' || table_rank_worst
            || CASE WHEN could_be_first = 1 THEN '; no other set reaches the first place.' ELSE '. The sets of ' || could_be_first || ' trusts reach the first place, so the figures do not settle which it is.' END AS statement
    FROM first_of_all
    UNION ALL BY NAME
    SELECT
        5 AS question_order,
        'Why does a rank come with a range?' AS question,
        'league' AS source_key,
        quarter AS period,
        trusts,
        confidence_level,
        median_places_covered,
        round(100 * share_told_apart) AS told_apart_percent,
        abs(share_told_apart - pairs_told_apart / pairs) < 0.000001 AND median_places_covered <= trusts AS holds,
        'The figures behind it would come out differently in another month with nothing changed. For ' || kind || ' in ' || quarter || ', half of the '
            || printf('%.0f', 100 * confidence_level) || '% confidence sets cover ' || CAST(round(median_places_covered) AS BIGINT) || ' or more of ' || trusts || ' ranks, and '
            || CAST(round(100 * share_told_apart) AS BIGINT) || '% of pairs of trusts can be told apart.' AS statement
    FROM asked
    CROSS JOIN levels
    UNION ALL BY NAME
    SELECT
        6 AS question_order,
        'Were integrated care boards ranked?' AS question,
        'league' AS source_key,
        framework_year AS period,
        NOT icbs_scored AND NOT icbs_segmented AND NOT icbs_ranked AS holds,
        'No. In ' || framework_year || ' the framework''s segments and tables were for NHS trusts and foundation trusts; boards were not scored, segmented or ranked.' AS statement
    FROM framework_years
    WHERE framework_year = (SELECT framework_year FROM parameters)
    UNION ALL BY NAME
    SELECT
        7 AS question_order,
        'How many trusts have really got better or worse since the quarter before?' AS question,
        'league' AS source_key,
        quarter || ' after ' || previous_quarter AS period,
        trusts,
        real_better,
        real_worse,
        no_clear_changes,
        all_hold AND tested_trusts = trusts AND better_by_interval = real_better AND worse_by_interval = real_worse AND real_better + real_worse + no_clear_changes = trusts AS holds,
        'Of ' || trusts || ' trusts whose changes can be tested (' || quarter || ' after ' || previous_quarter || '), ' || real_better || ' are better and ' || real_worse
            || ' worse by more than modelled chance explains; for ' || no_clear_changes || ' there is no clear change.'
            || CASE WHEN unmeasured = 0 THEN '' WHEN unmeasured = real_better + real_worse THEN ' All of these changes rest in part on metrics whose chance cannot be measured here.' ELSE ' Some of these changes rest in part on metrics whose chance cannot be measured here.' END AS statement
    FROM moved
    CROSS JOIN tested
    WHERE trusts > 0 AND quarters = 1
    UNION ALL BY NAME
    SELECT
        8 AS question_order,
        'A trust fell many places: has it got worse?' AS question,
        'league' AS source_key,
        quarter || ' after ' || previous_quarter AS period,
        10 AS many_places,
        moved_far,
        moved_without_clear_change,
        all_hold AND far = moved_far AND moved_without_clear_change <= moved_far AS holds,
        'Not for that reason alone: scores lie close together. Of the ' || moved_far || ' trusts that moved 10 places or more (' || quarter || ' after ' || previous_quarter || '), '
            || moved_without_clear_change || CASE WHEN moved_without_clear_change = 1 THEN ' shows' ELSE ' show' END || ' no clear change in score. The trust''s own pack says which it is.' AS statement
    FROM moved
    CROSS JOIN tested
    WHERE moved_far > 0 AND quarters = 1
    UNION ALL BY NAME
    SELECT
        9 AS question_order,
        'Are waits for planned care getting shorter?' AS question,
        source_name AS source_key,
        period_words AS period,
        previous_period_words AS previous_period,
        18 AS weeks,
        value,
        previous_value,
        change,
        change_low,
        change_high,
        target,
        CAST(parameters.confidence_level AS DOUBLE) AS confidence_level,
        change_holds AND change_words = CASE WHEN change_low > 0 THEN 'rose' WHEN change_high < 0 THEN 'fell' ELSE 'no change beyond chance' END AS holds,
        'Of those waiting in England, the share waiting 18 weeks or less ' || CASE change_words WHEN 'rose' THEN 'rose' WHEN 'fell' THEN 'fell' ELSE 'shows no change beyond chance,' END
            || ' from ' || printf('%.1f', round(CAST(previous_value AS DOUBLE) + 1e-9, 1)) || '% in ' || previous_period_words || ' to ' || printf('%.1f', round(CAST(value AS DOUBLE) + 1e-9, 1)) || '% in ' || period_words
            || ' (' || CASE WHEN change < 0 THEN '−' ELSE '+' END || printf('%.1f', round(abs(CAST(change AS DOUBLE)) + 1e-9, 1)) || ' points; ' || printf('%.0f', 100 * CAST(parameters.confidence_level AS DOUBLE)) || '% interval '
            || CASE WHEN change_low < 0 THEN '−' ELSE '+' END || printf('%.1f', round(abs(CAST(change_low AS DOUBLE)) + 1e-9, 1)) || ' to '
            || CASE WHEN change_high < 0 THEN '−' ELSE '+' END || printf('%.1f', round(abs(CAST(change_high AS DOUBLE)) + 1e-9, 1)) || '). The standard is ' || printf('%.0f', CAST(target AS DOUBLE)) || '%.' AS statement
    FROM planned
    CROSS JOIN parameters
    WHERE target IS NOT NULL
    UNION ALL BY NAME
    SELECT
        10 AS question_order,
        'Does it depend on where you live?' AS question,
        planned.source_name AS source_key,
        planned.period_words AS period,
        18 AS weeks,
        region_low,
        region_high,
        region_low_name,
        region_high_name,
        round(100 * between_regions) AS between_regions_percent,
        region_low <= planned.value AND planned.value <= region_high AND between_regions BETWEEN 0 AND 1 AS holds,
        'The figures are by where care is given. By region, from ' || printf('%.1f', round(CAST(region_low AS DOUBLE) + 1e-9, 1)) || '% (' || region_low_name || ') to '
            || printf('%.1f', round(CAST(region_high AS DOUBLE) + 1e-9, 1)) || '% (' || region_high_name || ') are waiting 18 weeks or less (' || planned.period_words || '), but '
            || CASE WHEN round(100 * between_regions) < 1 THEN 'almost none' ELSE 'an estimated ' || CAST(round(100 * between_regions) AS BIGINT) || '%' END
            || ' of the variance between acute trusts lies between regions. Not adjusted for the people served.' AS statement
    FROM places
    JOIN planned USING (metric_id)
    JOIN access_variation USING (metric_id)
    WHERE access_variation.trust_kind = 'Acute trust' AND between_regions IS NOT NULL
)

SELECT * FROM answers
ORDER BY question_order
