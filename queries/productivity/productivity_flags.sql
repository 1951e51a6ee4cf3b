/*
title = "What stands beside a trust's productivity growth"
description = "Flags raised by the numbers themselves, each with the words that it earns: mergers, components over 10%, staff and resource that tell different stories, revisions, notes of the publisher, small trusts. A flag is a question and no proof of error."
grain = ["trust_code", "flag"]

[columns]
trust_code = { meaning = "Organisation code" }
flag = { meaning = "Flag" }
flag_order = { unit = "count", meaning = "Order on the page" }
flag_label = { meaning = "Flag in few words" }
flag_words = { meaning = "What the flag means" }
flag_detail = { meaning = "The particulars: which trust, which note, which spread" }
flag_value = { meaning = "The number that raised the flag, in the unit of the row" }
decimals = { unit = "count", meaning = "Decimals to print the number with" }
unit_suffix = { meaning = "Unit of the number" }

[[tests]]
check = "relationship"
column = "flag"
to = "productivity_flag_rules.flag"

[[tests]]
check = "relationship"
column = "trust_code"
to = "productivity_growth.trust_code"

[[tests]]
check = "sql"
name = "every trust whose activity or resource changed by more than the threshold is flagged, and no other"
query = """
SELECT trust_code
FROM productivity_growth
LEFT JOIN productivity_flags AS raised USING (trust_code)
GROUP BY trust_code
HAVING count(*) FILTER (raised.flag = 'activity')
        <> CASE WHEN abs(any_value(activity_growth)) > (SELECT max(threshold) FROM productivity_flag_rules WHERE flag = 'activity') THEN 1 ELSE 0 END
    OR count(*) FILTER (raised.flag = 'resource')
        <> CASE WHEN abs(any_value(resource_growth)) > (SELECT max(threshold) FROM productivity_flag_rules WHERE flag = 'resource') THEN 1 ELSE 0 END
"""

[[tests]]
check = "sql"
name = "a figure that its components contradict is flagged"
query = """
SELECT case_name
FROM productivity_consistency
ANTI JOIN productivity_flags ON trust_code = case_name AND flag = 'components'
WHERE case_kind = 'trust' AND verdict = 'not consistent'
"""

[[tests]]
check = "sql"
name = "not every trust is flagged as small"
query = """
SELECT * FROM (
    SELECT count(*) AS small, (SELECT count(*) FROM productivity_growth WHERE staff_before IS NOT NULL) AS trusts
    FROM productivity_flags WHERE flag = 'small'
) WHERE small > 0.2 * trusts
"""

[[tests]]
check = "not_null"
columns = ["flag_label", "flag_words"]
*/
WITH growth AS (
    SELECT
        *,
        rank() OVER (ORDER BY staff_before NULLS LAST) AS size_place,
        count(staff_before) OVER () AS sized
    FROM productivity_growth
),

mergers AS (
    SELECT
        new_code AS trust_code,
        CASE figure WHEN 'year' THEN 'merger' ELSE 'merger, next figure' END AS flag,
        string_agg(
            old_code || ' on ' || day(effective_date) || ' ' || monthname(effective_date) || ' ' || year(effective_date),
            ', ' ORDER BY effective_date, old_code
        ) AS detail
    FROM trust_mergers
    JOIN productivity_figures ON figure IN ('year', 'next') AND effective_date BETWEEN base_from AND period_to
    GROUP BY new_code, figure
),

spreads AS (
    SELECT
        stddev_samp(100 * productivity_growth) FILTER (size_place <= floor(threshold * sized)) AS small_sd,
        stddev_samp(100 * productivity_growth) FILTER (size_place > floor(threshold * sized)) AS other_sd
    FROM growth
    CROSS JOIN (SELECT threshold FROM productivity_flag_rules WHERE flag = 'small') AS rule
    WHERE staff_before IS NOT NULL
),

raised AS (
    SELECT trust_code, flag, detail, CAST(NULL AS DOUBLE) AS flag_value
    FROM mergers
    UNION ALL
    SELECT case_name, 'components', NULL, productivity - recomputed
    FROM productivity_consistency
    WHERE case_kind = 'trust' AND verdict = 'not consistent'
    UNION ALL
    SELECT trust_code, 'activity', NULL, 100 * activity_growth
    FROM growth
    JOIN productivity_flag_rules AS rules ON rules.flag = 'activity' AND abs(activity_growth) > rules.threshold
    UNION ALL
    SELECT trust_code, 'resource', NULL, 100 * resource_growth
    FROM growth
    JOIN productivity_flag_rules AS rules ON rules.flag = 'resource' AND abs(resource_growth) > rules.threshold
    UNION ALL
    SELECT trust_code, 'staff gap', NULL, triangulation_sds
    FROM growth
    JOIN productivity_flag_rules AS rules ON rules.flag = 'staff gap' AND abs(triangulation_sds) > rules.threshold
    UNION ALL
    SELECT
        trust_code,
        'revision',
        printf('%.1f', first_growth) || '% over ' || first_months || ' months, ' || printf('%.1f', later_growth) || '% over '
            || later_months || ' (' || later_vintage || ', ' || later_status || '). Were nothing else changed, the '
            || CASE later_months - first_months WHEN 1 THEN 'added month' ELSE 'added months' END
            || ' alone would need growth of about ' || printf('%.0f', implied_month) || '%.',
        revision
    FROM productivity_revisions
    JOIN productivity_flag_rules AS rules
        ON rules.flag = 'revision' AND round(absolute_revision, 6) > rules.threshold
    UNION ALL
    SELECT trust_code, 'data note', string_agg(note || ' (' || note_source || ')', ' ' ORDER BY note), NULL
    FROM productivity_data_notes
    GROUP BY trust_code
    UNION ALL
    SELECT
        trust_code,
        'small',
        'Standard deviation of growth among them ' || printf('%.1f', small_sd) || ' points, among the others '
            || printf('%.1f', other_sd) || '.',
        staff_before
    FROM growth
    JOIN productivity_flag_rules AS rules ON rules.flag = 'small' AND size_place <= floor(rules.threshold * sized)
    CROSS JOIN spreads
    WHERE staff_before IS NOT NULL
)

SELECT
    raised.trust_code,
    raised.flag,
    rules.flag_order,
    rules.flag_label,
    rules.flag_words,
    raised.detail AS flag_detail,
    raised.flag_value,
    rules.decimals,
    rules.unit_suffix
FROM raised
JOIN productivity_flag_rules AS rules USING (flag)
SEMI JOIN productivity_growth ON productivity_growth.trust_code = raised.trust_code
ORDER BY raised.trust_code, rules.flag_order
