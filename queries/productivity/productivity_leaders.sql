/*
title = "Last period's leaders, and where they are now"
description = "The top quarter of trusts by growth in the earlier period, with the next published figure and its rank. Growth, not level. Trusts without both figures are not ranked here."
grain = ["trust_code"]

[columns]
trust_code = { meaning = "Organisation code" }
trust_name = { meaning = "Name" }
region = { meaning = "NHS England region" }
period = { meaning = "Earlier period" }
base = { meaning = "Base of the earlier period" }
vintage = { meaning = "When the earlier figure was published" }
status = { meaning = "Status of the earlier figure" }
productivity_growth = { unit = "fraction", decimals = 1, meaning = "Growth in the earlier period" }
leader_rank = { unit = "rank", meaning = "Rank in the earlier period among trusts with both figures" }
next_period = { meaning = "Next period" }
next_base = { meaning = "Base of the next period" }
next_vintage = { meaning = "When the next figure was published" }
next_status = { meaning = "Status of the next figure" }
next_growth = { unit = "%", decimals = 1, meaning = "Growth in the next period" }
next_rank = { unit = "rank", meaning = "Rank in the next period among trusts with both figures" }
trusts_ranked = { unit = "count", meaning = "Trusts with both figures" }
places_moved = { unit = "count", meaning = "Places lost (above 0) or won (below 0)" }
stayed = { meaning = "Whether the trust is in the top quarter of the next period" }
where_now = { meaning = "Quarter of the next period: top, second, third or bottom" }

[[tests]]
check = "sql"
name = "as many stayed as the table of persistence counts"
query = """
SELECT * FROM (
    SELECT count(*) AS leaders, count(*) FILTER (stayed) AS stayed FROM productivity_leaders
) JOIN growth_persistence ON series = 'published growth'
WHERE leaders <> top_quarter OR stayed <> top_again
"""

[[tests]]
check = "accepted"
column = "where_now"
values = ["top quarter", "second quarter", "third quarter", "bottom quarter"]
*/
WITH placed AS (
    SELECT
        *,
        rank() OVER (ORDER BY productivity_growth DESC) AS leader_rank,
        rank() OVER (ORDER BY next_growth DESC) AS later_rank,
        count(*) OVER () AS trusts,
        count(*) OVER () // 4 AS quarter_size
    FROM productivity_growth
    WHERE productivity_growth IS NOT NULL AND next_growth IS NOT NULL
)

SELECT
    trust_code,
    trust_name,
    region,
    period,
    base,
    vintage,
    status,
    productivity_growth,
    leader_rank,
    next_period,
    next_base,
    next_vintage,
    next_status,
    next_growth,
    later_rank AS next_rank,
    trusts AS trusts_ranked,
    later_rank - leader_rank AS places_moved,
    later_rank <= quarter_size AS stayed,
    CASE
        WHEN later_rank <= quarter_size THEN 'top quarter'
        WHEN later_rank <= trusts / 2 THEN 'second quarter'
        WHEN later_rank <= trusts - quarter_size THEN 'third quarter'
        ELSE 'bottom quarter'
    END AS where_now
FROM placed
WHERE leader_rank <= quarter_size AND trusts > 3
ORDER BY leader_rank, trust_code
