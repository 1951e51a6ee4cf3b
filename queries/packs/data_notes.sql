/*
title = "Data notes"
description = "What each trust's pack cannot show, and why: one row for each thing that is missing, with the reason in words."
grain = ["trust_code", "note_order"]

[columns]
trust_code = { meaning = "Organisation code" }
note_order = { unit = "count", meaning = "Order of the note" }
topic = { meaning = "What is missing" }
note = { meaning = "What is missing and why, in a sentence" }

[[tests]]
check = "not_null"
columns = ["topic", "note"]

[[tests]]
check = "relationship"
column = "trust_code"
to = "trusts.trust_code"
*/
WITH latest_of_all AS (
    SELECT quarter FROM quarters WHERE is_latest
),

tables_held AS (
    SELECT DISTINCT nof_league.quarter, trust_quarters.trust_type
    FROM nof_league
    JOIN trust_quarters USING (quarter, trust_code)
),

unplaced AS (
    SELECT trust_code, string_agg(metric_name, '; ' ORDER BY metric_number) AS metrics
    FROM metric_values
    JOIN trusts USING (trust_code)
    WHERE quarter = latest_quarter AND value IS NULL AND published_score IS NULL
    GROUP BY trust_code
),

score_only AS (
    SELECT trust_code, string_agg(metric_name, '; ' ORDER BY metric_number) AS metrics
    FROM metric_values
    JOIN trusts USING (trust_code)
    WHERE quarter = latest_quarter AND value IS NULL AND published_score IS NOT NULL AND scoring = 'as published'
    GROUP BY trust_code
),

mergers AS (
    SELECT
        new_code AS trust_code,
        max(effective_date) AS latest_date,
        string_agg(old_code, ', ' ORDER BY effective_date, old_code) AS old_codes
    FROM trust_mergers
    GROUP BY new_code
),

notes AS (
    SELECT
        trust_code,
        1 AS note_order,
        'Later quarters' AS topic,
        'The latest record of this trust in these files is ' || latest_quarter || '. Figures for '
            || latest_of_all.quarter || ' have been published for other trusts and are not held for this one.' AS note
    FROM trusts, latest_of_all
    WHERE NOT is_latest_quarter
    UNION ALL
    SELECT
        trust_code, 2, 'Official file',
        'The official file for this trust and quarter is not held. The figures come from a secondary extract '
            || 'of it, which was not checked against the original.'
    FROM trusts
    WHERE latest_basis = 'extract'
    UNION ALL
    SELECT
        trust_code, 3, 'Metric scores and ranks',
        'Scores and ranks of single metrics are not in the extract, so the average score cannot be '
            || 'recomputed and the metrics that would change it cannot be named.'
    FROM trusts
    WHERE NOT has_metric_scores
    UNION ALL
    SELECT
        trust_code, 4, 'Financial override',
        'Whether the financial override applies is not in the extract. It is inferred only where the segment '
            || 'is worse than the score alone would give.'
    FROM trusts
    WHERE NOT has_override_flag
    UNION ALL
    SELECT
        trusts.trust_code, 5, 'Likely range',
        CASE
            WHEN tables_held.trust_type IS NOT NULL
                THEN 'The trust is in the data file but not in the league table of ' || latest_quarter
                    || ', so it has no published likely range.'
            ELSE 'NHS England publishes likely ranges in the league table file, which is not held for this trust and quarter.'
        END
    FROM trusts
    LEFT JOIN tables_held ON tables_held.quarter = trusts.latest_quarter AND tables_held.trust_type = trusts.trust_type
    WHERE NOT has_likely_range
    UNION ALL
    SELECT
        trust_code, 6, 'Movement',
        'Only one quarter is held for this trust, or the quarter before the latest is missing, so change '
            || 'since the last quarter cannot be shown.'
    FROM trusts
    WHERE NOT has_movement
    UNION ALL
    SELECT
        trusts.trust_code, 7, 'Missing trusts',
        'These files hold ' || trusts_held || ' of the ' || trusts_in_table
            || ' trusts in the table. The published rank is among all ' || trusts_in_table
            || '; medians and charts are of the trusts held.'
    FROM trusts
    JOIN league_positions AS positions
        ON positions.trust_code = trusts.trust_code AND positions.quarter = trusts.latest_quarter
    WHERE NOT table_is_complete
    UNION ALL
    SELECT
        positions.trust_code, 13, 'League position',
        'No average score, segment or league rank is published for this trust in ' || positions.quarter || '.'
    FROM published_positions AS positions
    JOIN trusts ON trusts.trust_code = positions.trust_code AND trusts.latest_quarter = positions.quarter
    WHERE average_score IS NULL OR adjusted_segment IS NULL OR league_rank IS NULL
    UNION ALL
    SELECT
        trust_code, 8, 'Values not given',
        'No value was submitted, or it was withheld because numbers are small: ' || metrics
            || '. It does not count in the average.'
    FROM unplaced
    UNION ALL
    SELECT trust_code, 9, 'Score without a value', 'Only the score is published, not the figure behind it: ' || metrics || '.'
    FROM score_only
    UNION ALL
    SELECT trust_code, 10, 'Productivity',
        'No productivity growth figure is held for this trust: '
            || CASE
                -- Productivity by trust is published for the first trust type only.
                WHEN type_order = 1
                    THEN 'it is not in the file, which leaves out some specialist trusts.'
                ELSE 'the published estimates by trust cover acute trusts only.'
            END
    FROM trusts
    LEFT JOIN framework_trust_types
        ON framework_trust_types.trust_type = trusts.trust_type
        AND framework_year = (SELECT framework_year FROM parameters)
    WHERE NOT has_productivity
    UNION ALL
    SELECT trust_code, 11, 'Mergers', 'The trust''s code took over from ' || old_codes || '; figures from before '
        || day(latest_date) || ' ' || monthname(latest_date) || ' ' || year(latest_date) || ' are not of the same organisation.'
    FROM mergers
    JOIN trusts USING (trust_code)
    UNION ALL
    SELECT
        trust_code, 12, 'Integrated care board',
        'The register does not say which integrated care board the trust belonged to in 2025.'
    FROM trusts
    WHERE icb_name IS NULL
)

SELECT trust_code, note_order, topic, note
FROM notes
