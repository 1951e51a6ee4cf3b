/*
title = "The key points of the scrutiny report"
description = "The sentences of the key points: what the averages measure, how much of the ranking is signal, what the choices of method do, the override, movement between quarters, productivity and reconciliation; one for each examined table where they are about tables. Each is counted again from cells below those that it quotes, and may be said only if the two agree."
grain = ["point", "part"]
claim = {}

[columns]
point = { unit = "count", meaning = "Which of the key points" }
part = { unit = "count", meaning = "Order within the point" }
about = { meaning = "Trust type, or what the point is about" }
quarter = { meaning = "Quarter, or the period of the figure" }
previous_quarter = { meaning = "The quarter before, or the later period" }
trusts = { unit = "count", meaning = "Trusts counted" }
trusts_not_held = { unit = "count", meaning = "Trusts of the table that are not held" }
weight_modelled = { unit = "fraction", decimals = 0, meaning = "Share of all the weight that has a model of chance" }
share_on_same_set = { unit = "fraction", decimals = 0, meaning = "Share of pairs scored on exactly the same metrics" }
share_told_apart = { unit = "fraction", decimals = 0, meaning = "Share of pairs told apart, main case" }
lowest_told_apart = { unit = "fraction", decimals = 0, meaning = "Lowest share of pairs told apart under the suppositions tried" }
median_places = { unit = "places", decimals = 0, meaning = "Median width of the sets for one trust" }
median_table_places = { unit = "places", decimals = 0, meaning = "Median width of the sets for the whole table" }
confidence_level = { unit = "fraction", decimals = 0, meaning = "Level of sets and intervals" }
rules = { unit = "count", meaning = "Other rules tried" }
rules_median_range = { unit = "places", decimals = 0, meaning = "Median over trusts of the places from the best to the worst rank under any rule" }
worst_published = { unit = "count", meaning = "Trusts in the published worst quarter" }
worst_always = { unit = "count", meaning = "Trusts of the published worst quarter that are in the worst quarter under every rule" }
worst_ever = { unit = "count", meaning = "Trusts in it under at least one rule" }
held_least = { unit = "count", meaning = "Trusts held by the override, at the least" }
held_most = { unit = "count", meaning = "Trusts held by the override, at the most" }
changed_segment = { unit = "count", meaning = "Trusts whose segment changed" }
expected_changes = { unit = "count", decimals = 0, meaning = "Segments that chance alone would change" }
changes_95 = { unit = "count", decimals = 0, meaning = "Number that chance alone would not exceed in 95 of 100 quarters" }
in_hundred = { unit = "count", meaning = "Of how many quarters that is said" }
not_exceeded_in = { unit = "count", meaning = "Quarters in a hundred in which that number is not exceeded" }
without_clear_change = { unit = "count", meaning = "Of the trusts whose segment changed, those whose score shows no clear change" }
correlation = { unit = "correlation", decimals = 2, meaning = "Correlation of growth in two periods" }
correlation_low = { unit = "correlation", decimals = 2, meaning = "Low end of the 95% interval of the correlation" }
correlation_high = { unit = "correlation", decimals = 2, meaning = "High end of the 95% interval of the correlation" }
top_quarter = { unit = "count", meaning = "Trusts in the top quarter of growth" }
top_again = { unit = "count", meaning = "Trusts in the top quarter of both periods" }
chance_low = { unit = "count", meaning = "Low end of the middle 95% of drawing lots" }
chance_high = { unit = "count", meaning = "High end of the middle 95% of drawing lots" }
compared = { unit = "count", meaning = "Figures worked out again" }
exact = { unit = "count", meaning = "Exactly equal" }
within_rounding = { unit = "count", meaning = "Apart by no more than rounding explains" }
different = { unit = "count", meaning = "Different" }
holds = { meaning = "Whether a second count agrees" }
statement = { meaning = "The sentence" }

[[tests]]
check = "sql"
name = "every examined table has its points"
query = """
SELECT DISTINCT trust_type, wanted FROM rank_sets CROSS JOIN (VALUES (1), (2), (3)) AS points(wanted)
EXCEPT SELECT about, point FROM claim_scrutiny
"""

[[tests]]
check = "sql"
name = "a point on pairs gives its share under other suppositions"
where = "share_told_apart IS NOT NULL AND (lowest_told_apart IS NULL OR lowest_told_apart > share_told_apart)"

[[tests]]
check = "sql"
name = "a point on growth never speaks of a level"
where = "correlation IS NOT NULL AND contains(statement, 'most productive')"
*/
WITH types AS (
    SELECT
        trust_type,
        type_order,
        lower(left(trust_type_plural, 1)) || substr(trust_type_plural, 2) AS kind
    FROM framework_trust_types
    WHERE framework_year = (SELECT framework_year FROM parameters)
),

percent AS (
    SELECT
        CAST(confidence_level AS DOUBLE) AS confidence_level,
        printf('%.0f', 100 * CAST(confidence_level AS DOUBLE)) || '%' AS level_words
    FROM parameters
),

-- The second counts, each from a cell below the one that is quoted.
weight_again AS (
    SELECT trust_type, avg(weight_modelled) AS weight_modelled, count(*) AS trusts
    FROM noise_coverage
    SEMI JOIN rank_sets USING (quarter, trust_code)
    GROUP BY trust_type
),

same_sets_again AS (
    SELECT trust_type, sum(trusts * (trusts - 1) // 2) AS pairs_on_same_set
    FROM (
        SELECT trust_type, metrics, count(*) AS trusts
        FROM (
            SELECT trust_type, trust_code, string_agg(metric_number, ' ' ORDER BY metric_number) AS metrics
            FROM metric_drivers
            SEMI JOIN rank_sets USING (quarter, trust_code)
            GROUP BY trust_type, trust_code
        )
        GROUP BY trust_type, metrics
    )
    GROUP BY trust_type
),

sets_again AS (
    SELECT
        rank_sets.trust_type,
        count(*) AS trusts,
        median(rank_worst - rank_best + 1) AS median_places,
        median(table_rank_worst - table_rank_best + 1) AS median_table_places
    FROM rank_sets
    GROUP BY rank_sets.trust_type
),

pairs_again AS (
    SELECT trust_type, count(*) FILTER (verdict = 'behind') / (count(*) // 2) AS share_told_apart
    FROM rank_pairs_latest
    GROUP BY trust_type
),

lowest AS (
    SELECT trust_type, min(share_told_apart) AS lowest_told_apart
    FROM scrutiny_suppositions
    GROUP BY trust_type
),

rules_again AS (
    SELECT
        trust_type,
        count(*) FILTER (published) AS worst_published,
        count(*) FILTER (always) AS worst_always,
        count(*) FILTER (ever) AS worst_ever
    FROM (
        SELECT
            trust_type,
            trust_code,
            bool_or(4 * (league_rank - 1) >= 4 * trusts - 4 * (trusts // 4)) AS published,
            bool_and(4 * (rank - 1) >= 4 * trusts - 4 * (trusts // 4)) AS always,
            bool_or(4 * (rank - 1) >= 4 * trusts - 4 * (trusts // 4)) AS ever
        FROM method_ranks
        JOIN sets_again USING (trust_type)
        GROUP BY trust_type, trust_code
    )
    GROUP BY trust_type
),

held_again AS (
    SELECT trust_type, count(*) AS held FROM override_held GROUP BY trust_type
),

changed_again AS (
    SELECT
        trust_type,
        count(*) FILTER (segment_change <> 0) AS changed
    FROM quarter_movement
    SEMI JOIN rank_sets USING (quarter, trust_code)
    GROUP BY trust_type
),

growth_again AS (
    SELECT count(*) FILTER (productivity_growth IS NOT NULL AND next_growth IS NOT NULL) AS trusts FROM productivity_growth
),

reconciled AS (
    SELECT
        CAST(sum(compared) AS BIGINT) AS compared,
        CAST(sum(exact) AS BIGINT) AS exact,
        CAST(sum(within_rounding) AS BIGINT) AS within_rounding,
        CAST(sum(different) AS BIGINT) AS different
    FROM reconciliation_totals
),

reconciled_again AS (
    SELECT
        count(*) AS compared,
        count(*) FILTER (outcome = 'exact') AS exact,
        count(*) FILTER (outcome = 'different') AS different
    FROM comparisons
),

measured AS (
    SELECT trust_type, sum(weight_modelled ORDER BY metric_number) AS weight_modelled
    FROM scrutiny_weights
    GROUP BY trust_type
),

points AS (
    SELECT
        1 AS point,
        type_order AS part,
        trust_type AS about,
        sets.quarter,
        sets.trusts,
        measured.weight_modelled,
        share_on_same_set,
        sets.trusts = weight_again.trusts
            AND abs(measured.weight_modelled - weight_again.weight_modelled) < 1e-9
            AND sets.pairs_on_same_set = same_sets_again.pairs_on_same_set AS holds,
        'In ' || sets.quarter || ', ' || CAST(round(100 * measured.weight_modelled) AS BIGINT) || '% of the weight in the averages of '
            || sets.trusts || ' ' || kind || ' rests on metrics with a model of chance; the rest is taken as exact. '
            || CAST(round(100 * share_on_same_set) AS BIGINT) || '% of the pairs of trusts are scored on exactly the same metrics.' AS statement
    FROM scrutiny_metric_sets AS sets
    JOIN measured USING (trust_type)
    JOIN weight_again USING (trust_type)
    JOIN same_sets_again USING (trust_type)
    JOIN types USING (trust_type)
    UNION ALL BY NAME
    SELECT
        2 AS point,
        type_order AS part,
        trust_type AS about,
        signal.quarter,
        signal.trusts,
        signal.share_told_apart,
        lowest_told_apart,
        signal.median_places_covered AS median_places,
        signal.median_table_places_covered AS median_table_places,
        confidence_level,
        signal.trusts = sets_again.trusts
            AND abs(signal.share_told_apart - pairs_again.share_told_apart) < 1e-9
            AND signal.median_places_covered = sets_again.median_places
            AND signal.median_table_places_covered = sets_again.median_table_places AS holds,
        'In ' || signal.quarter || ', the figures tell apart ' || CAST(round(100 * signal.share_told_apart) AS BIGINT)
            || '% of the pairs of ' || signal.trusts || ' ' || kind || ', and '
            || CAST(round(100 * lowest_told_apart) AS BIGINT) || '% under the least favourable supposition tried. Half of the '
            || level_words || ' confidence sets cover ' || CAST(round(signal.median_places_covered) AS BIGINT)
            || ' or more ranks for a trust taken alone, and ' || CAST(round(signal.median_table_places_covered) AS BIGINT)
            || ' or more if the whole table is to hold at once.' AS statement
    FROM table_signal AS signal
    JOIN lowest USING (trust_type)
    JOIN sets_again USING (trust_type)
    JOIN pairs_again USING (trust_type)
    JOIN types USING (trust_type)
    CROSS JOIN percent
    UNION ALL BY NAME
    SELECT
        3 AS point,
        type_order AS part,
        trust_type AS about,
        steady.quarter,
        steady.trusts,
        steady.rules,
        steady.median_range AS rules_median_range,
        steady.worst_published,
        steady.worst_always,
        steady.worst_ever,
        steady.worst_published = rules_again.worst_published
            AND steady.worst_always = rules_again.worst_always
            AND steady.worst_ever = rules_again.worst_ever AS holds,
        'In ' || steady.quarter || ', with the same figures and ' || steady.rules || ' other rules, the rank of the middle trust among '
            || steady.trusts || ' ' || kind || ' runs over ' || CAST(round(steady.median_range) AS BIGINT) || ' places. Of the '
            || steady.worst_published || ' trusts in the worst quarter of the table, '
            || steady.worst_always || CASE WHEN steady.worst_always = 1 THEN ' is' ELSE ' are' END || ' there under every rule; '
            || steady.worst_ever || CASE WHEN steady.worst_ever = 1 THEN ' trust is' ELSE ' trusts are' END || ' there under at least one.' AS statement
    FROM scrutiny_steadiness AS steady
    JOIN rules_again USING (trust_type)
    JOIN types USING (trust_type)
    UNION ALL BY NAME
    SELECT
        4 AS point,
        override.type_order AS part,
        trust_type AS about,
        override.quarter,
        override.trusts_held AS trusts,
        override.trusts_not_held,
        override.held_least,
        override.held_most,
        override.held_least = coalesce(held, 0) AND override.held_least <= override.held_most AS holds,
        'In ' || override.quarter || ', the financial override holds '
            || CASE
                WHEN override.held_most = 0 THEN 'none'
                WHEN override.held_least = override.held_most THEN CAST(override.held_least AS VARCHAR)
                ELSE 'between ' || override.held_least || ' and ' || override.held_most
            END
            || ' of ' || override.trusts_held || ' ' || kind || ' in a worse segment than '
            || CASE WHEN override.held_most = 1 THEN 'its' ELSE 'their' END || ' score gives'
            || CASE
                WHEN flag_is_published THEN '.'
                WHEN override.trusts_not_held = 0 THEN ' (inferred).'
                ELSE ' (inferred; ' || override.trusts_not_held || ' more trusts of the table are not held).'
            END AS statement
    FROM scrutiny_override AS override
    LEFT JOIN held_again USING (trust_type)
    JOIN types USING (trust_type)
    WHERE override.trusts_held >= 5
    UNION ALL BY NAME
    SELECT
        5 AS point,
        type_order AS part,
        trust_type AS about,
        stable.quarter,
        stable.previous_quarter,
        stable.trusts,
        stable.changed_segment,
        stable.expected_segment_changes AS expected_changes,
        stable.segment_changes_95 AS changes_95,
        95 AS not_exceeded_in,
        100 AS in_hundred,
        stable.segment_without_clear_change AS without_clear_change,
        stable.changed_segment = changed_again.changed AND stable.segment_without_clear_change <= stable.changed_segment AS holds,
        'From ' || stable.previous_quarter || ' to ' || stable.quarter || ', ' || stable.changed_segment || ' of ' || stable.trusts || ' ' || kind
            || ' changed segment, where chance alone would change about ' || CAST(round(stable.expected_segment_changes) AS BIGINT)
            || ' (and no more than ' || CAST(round(stable.segment_changes_95) AS BIGINT) || ' in 95 of 100 quarters). Of these, '
            || stable.segment_without_clear_change || ' changed segment without a clear change in score.' AS statement
    FROM table_stability AS stable
    JOIN changed_again USING (trust_type)
    JOIN types USING (trust_type)
    UNION ALL BY NAME
    SELECT
        6 AS point,
        1 AS part,
        'Productivity growth' AS about,
        from_period AS quarter,
        to_period AS previous_quarter,
        growth.pairs AS trusts,
        growth.correlation,
        growth.correlation_low,
        growth.correlation_high,
        confidence_level,
        growth.top_quarter,
        growth.top_again,
        growth.chance_low,
        growth.chance_high,
        growth.pairs = growth_again.trusts AND growth.correlation BETWEEN growth.correlation_low AND growth.correlation_high AS holds,
        'Across ' || growth.pairs || ' acute trusts, the correlation between productivity growth in ' || from_period || ' and in the '
            || to_period || ' is ' || replace(printf('%.2f', round(growth.correlation, 2)), '-', '−') || ' (' || level_words || ' interval '
            || replace(printf('%.2f', round(growth.correlation_low, 2)), '-', '−') || ' to '
            || replace(printf('%.2f', round(growth.correlation_high, 2)), '-', '−') || '). Of the ' || growth.top_quarter
            || ' trusts in the top quarter, ' || growth.top_again || ' were there again; drawing lots would keep '
            || growth.chance_low || ' to ' || growth.chance_high || '. Growth is not level.' AS statement
    FROM growth_persistence AS growth
    CROSS JOIN growth_again
    CROSS JOIN percent
    WHERE series_order = 0
    UNION ALL BY NAME
    SELECT
        7 AS point,
        1 AS part,
        'Reconciliation' AS about,
        (SELECT framework_year FROM parameters) AS quarter,
        reconciled.compared,
        reconciled.exact,
        reconciled.within_rounding,
        reconciled.different,
        reconciled.compared = again.compared AND reconciled.exact = again.exact AND reconciled.different = again.different
            AND reconciled.exact + reconciled.within_rounding + reconciled.different = reconciled.compared AS holds,
        'Of ' || format('{:,}', reconciled.compared) || ' published figures worked out again, ' || format('{:,}', reconciled.exact)
            || ' come out exactly, ' || format('{:,}', reconciled.within_rounding) || ' within what rounding explains, and '
            || CASE WHEN reconciled.different = 0 THEN 'none differs' ELSE format('{:,}', reconciled.different) || ' otherwise' END || '.' AS statement
    FROM reconciled
    CROSS JOIN reconciled_again AS again
)

SELECT * FROM points
ORDER BY point, part
