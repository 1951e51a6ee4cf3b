/*
title = "Signal in single metrics"
description = "For each metric scored in the latest examined table of each type: how much of the spread of its values between trusts is more than chance, and how wide the 95% sets of its ranks are. A set is for one trust picked in advance. Metrics without a model of chance have neither, which is no sign that they are sure."
grain = ["trust_type", "metric_number"]

[columns]
trust_type = { meaning = "Trust type" }
quarter = { meaning = "Latest quarter of the trust type" }
metric_number = { meaning = "Metric number" }
metric_name = { meaning = "Short name" }
trusts = { unit = "count", meaning = "Trusts with a value" }
with_set = { unit = "count", meaning = "Trusts with a confidence set of the metric's rank" }
median_places = { unit = "places", decimals = 0, meaning = "Median width of the sets for one trust" }
rankability = { unit = "fraction", decimals = 0, meaning = "Share of the spread that is more than chance" }
verdict = { meaning = "What the literature says of such a rankability; missing without a model" }
why_none = { meaning = "Why there is no set, where no trust has one" }

[[tests]]
check = "sql"
name = "there is a median width where there is a set, and a reason where there is none"
where = "(with_set > 0) <> (median_places IS NOT NULL) OR (with_set = 0) <> (why_none IS NOT NULL)"

[[tests]]
check = "range"
column = "rankability"
min = 0
max = 1
*/
SELECT
    trust_type,
    quarter,
    metric_number,
    min(metric_name) AS metric_name,
    count(*) AS trusts,
    count(rank_best) AS with_set,
    median(places_covered) AS median_places,
    max(rankability) AS rankability,
    CASE
        WHEN count(rank_best) = 0 THEN NULL
        WHEN max(rankability) < 0.5 THEN 'poor: do not rank'
        WHEN max(rankability) < 0.75 THEN 'moderate'
        ELSE 'good'
    END AS verdict,
    CASE WHEN count(rank_best) = 0 THEN string_agg(DISTINCT why_none, '; ' ORDER BY why_none) END AS why_none
FROM metric_rank_sets
GROUP BY trust_type, quarter, metric_number
ORDER BY trust_type, metric_number
