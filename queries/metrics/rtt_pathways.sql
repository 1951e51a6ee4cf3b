/*
title = "Waiting lists by provider, from every file that holds them"
description = "Incomplete pathways of each provider and month, once for each file. Two bases, never mixed in one series: patients of English commissioners (the headline figures), and all commissioners, which adds up to a fifth to the list of a trust on the border. Where a file gives the treatment functions and their total (C_999), the total is taken and nothing is added to it. Month by month the extracts of 2024/25 and March 2026 fall short of the all-commissioner files by the patients from abroad of border trusts, which is how their basis is known."
grain = ["source", "org_code", "period"]

[columns]
source = { meaning = "Source that holds the counts" }
basis = { meaning = "On what basis the counts stand: see metric_bases" }
org_code = { meaning = "Organisation code" }
period = { meaning = "First day of the month" }
within_18wk = { unit = "count", meaning = "Pathways waiting 18 weeks or less" }
over_52wk = { unit = "count", meaning = "Pathways waiting over 52 weeks" }
pathways = { unit = "count", meaning = "Incomplete pathways" }

[[tests]]
check = "sql"
name = "no total is counted twice: it is the sum of its treatment functions"
query = """
SELECT functions.org_code, functions.period, functions.parts, counted.pathways
FROM (
    SELECT org_code, period, 'English commissioners' AS basis, sum(total_all) AS parts
    FROM rtt_trust_function_counts WHERE tf_code <> 'C_999' GROUP BY ALL
    UNION ALL
    SELECT org_code, period, 'all commissioners', sum(total_all)
    FROM rtt_provider_counts WHERE part = 'incomplete' AND tf_code <> 'C_999' GROUP BY ALL
) AS functions
JOIN rtt_pathways AS counted USING (org_code, period, basis)
WHERE functions.parts <> counted.pathways
"""

[[tests]]
check = "accepted"
column = "basis"
values = ["English commissioners", "all commissioners"]
*/
SELECT
    'rtt_trust_counts' AS source, 'English commissioners' AS basis, org_code, period,
    within_18wk, over_52wk, total_incomplete AS pathways
FROM rtt_trust_counts
UNION ALL
SELECT
    'rtt_trust_function_counts', 'English commissioners', org_code, period,
    within_18wk, over_52wk, total_all
FROM rtt_trust_function_counts
WHERE tf_code = 'C_999'
UNION ALL
SELECT
    'rtt_provider_counts', 'all commissioners', org_code, period,
    within_18wk, over_52wk, total_all
FROM rtt_provider_counts
WHERE part = 'incomplete' AND tf_code = 'C_999'
UNION ALL
SELECT
    'rtt_area_counts', 'all commissioners', org_code, period,
    total_incomplete - over_18wk, over_52wk, total_incomplete
FROM rtt_area_counts
