/*
title = "Trusts of each region"
description = "Every trust of a region with its board, its place in the league table of its type with whatever range there is for it, whether its score has really changed since the quarter before, and its latest figures for planned care and A&E with their intervals."
grain = ["region_code", "trust_code"]

[columns]
region_code = { meaning = "Region code" }
trust_code = { meaning = "Organisation code" }
trust_name = { meaning = "Name" }
trust_type = { meaning = "Trust type: the league table that the trust is ranked in" }
type_order = { unit = "count", meaning = "Order of the trust type" }
icb_code = { meaning = "Board code in 2025; missing where not known" }
quarter = { meaning = "Latest quarter with a record" }
previous_quarter = { meaning = "Quarter before the latest, where the change between the two can be tested" }
previous_segment = { unit = "segment", meaning = "Segment in the quarter before" }
previous_score = { unit = "score", decimals = 2, meaning = "Average metric score in the quarter before" }
change_verdict = { meaning = "real change or no clear change of the average score since the quarter before; missing where it cannot be tested" }
change_rests_on = { meaning = "What a real change rests on: metrics with a model of chance, or others too; missing where there is no real change" }
adjusted_segment = { unit = "segment", meaning = "Segment in the league table" }
held_by_override = { meaning = "Whether the override holds the trust in a worse segment than its score gives" }
average_score = { unit = "score", decimals = 2, meaning = "Average metric score" }
league_rank = { unit = "rank", meaning = "League rank" }
trusts_in_table = { unit = "count", meaning = "Trusts in the table" }
range_kind = { meaning = "confidence set, likely range or none" }
range_best = { unit = "rank", meaning = "Best rank in the confidence set for the whole table, or else in the published likely range" }
range_worst = { unit = "rank", meaning = "Worst rank in the confidence set for the whole table, or else in the published likely range" }
elective = { meaning = "Share waiting 18 weeks or less for planned care, latest, in per cent" }
elective_low = { meaning = "Low end of the 95% interval of the share waiting 18 weeks or less" }
elective_high = { meaning = "High end of the 95% interval of the share waiting 18 weeks or less" }
emergency = { meaning = "Share leaving A&E within four hours, latest, in per cent" }
emergency_low = { meaning = "Low end of the 95% interval of the share leaving A&E within four hours" }
emergency_high = { meaning = "High end of the 95% interval of the share leaving A&E within four hours" }

[[tests]]
check = "sql"
name = "a rank lies in the range that is printed with it"
where = "league_rank NOT BETWEEN range_best AND range_worst"
severity = "warn"

[[tests]]
check = "sql"
name = "a range is there or is said to be none"
where = "(range_kind = 'none') <> (range_best IS NULL)"

[[tests]]
check = "sql"
name = "a verdict comes with the score and segment before"
where = "(change_verdict IS NULL) <> (previous_score IS NULL) OR (change_verdict IS NULL) <> (previous_quarter IS NULL)"

[[tests]]
check = "sql"
name = "every trust is in its region once"
query = "SELECT trust_code FROM trusts LEFT JOIN region_trusts USING (trust_code) GROUP BY 1 HAVING count(region_code) <> 1"
*/
WITH readings AS (
    SELECT
        trust_code,
        max(value) FILTER (metric_id = 'rtt_within_18wk') AS elective,
        max(low) FILTER (metric_id = 'rtt_within_18wk') AS elective_low,
        max(high) FILTER (metric_id = 'rtt_within_18wk') AS elective_high,
        max(value) FILTER (metric_id = 'ae_4hr_all_types') AS emergency,
        max(low) FILTER (metric_id = 'ae_4hr_all_types') AS emergency_low,
        max(high) FILTER (metric_id = 'ae_4hr_all_types') AS emergency_high
    FROM trust_metric_summary
    WHERE is_current AND metric_id IN ('rtt_within_18wk', 'ae_4hr_all_types')
    GROUP BY trust_code
)

SELECT
    regions.region_code,
    trusts.trust_code,
    trusts.trust_name,
    trusts.trust_type,
    coalesce(types.type_order, 99) AS type_order,
    trusts.icb_code,
    trusts.latest_quarter AS quarter,
    changes.previous_quarter,
    changes.previous_segment,
    changes.previous_score,
    changes.verdict AS change_verdict,
    changes.rests_on AS change_rests_on,
    positions.adjusted_segment,
    positions.held_by_override,
    positions.average_score,
    positions.league_rank,
    positions.trusts_in_table,
    CASE WHEN sets.table_rank_best IS NOT NULL THEN 'confidence set' WHEN positions.rank_range_low IS NOT NULL THEN 'likely range' ELSE 'none' END AS range_kind,
    coalesce(sets.table_rank_best, positions.rank_range_low) AS range_best,
    CASE WHEN sets.table_rank_best IS NOT NULL THEN sets.table_rank_worst ELSE positions.rank_range_high END AS range_worst,
    readings.* EXCLUDE (trust_code)
FROM trusts
JOIN regions USING (region)
LEFT JOIN framework_trust_types AS types ON types.trust_type = trusts.trust_type AND types.framework_year = (SELECT framework_year FROM parameters)
LEFT JOIN league_positions AS positions ON positions.trust_code = trusts.trust_code AND positions.quarter = trusts.latest_quarter
LEFT JOIN rank_sets AS sets ON sets.trust_code = trusts.trust_code AND sets.quarter = trusts.latest_quarter
LEFT JOIN quarter_change_confidence AS changes ON changes.trust_code = trusts.trust_code AND changes.quarter = trusts.latest_quarter
LEFT JOIN readings ON readings.trust_code = trusts.trust_code
ORDER BY regions.region_code, type_order, trusts.trust_name, trusts.trust_code
