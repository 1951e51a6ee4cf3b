/*
title = "Layers of uncertainty, table by table"
description = "How wide each layer's range of ranks is over the trusts of a table: half of the ranges cover at least the median, and so many cover at least half of the table."
grain = ["trust_type", "layer"]

[columns]
trust_type = { meaning = "Trust type" }
quarter = { meaning = "Latest quarter of the trust type" }
layer = { meaning = "Layer of uncertainty" }
layer_order = { unit = "count", meaning = "Order on the page" }
family = { meaning = "Chance, change or choice" }
layer_name = { meaning = "The layer in words" }
short_name = { meaning = "The layer in fewer words" }
question = { meaning = "The question that the layer answers" }
trusts = { unit = "count", meaning = "Trusts with a range" }
median_places = { unit = "places", decimals = 0, meaning = "Median number of places covered" }
narrowest = { unit = "places", meaning = "Fewest places covered" }
widest = { unit = "places", meaning = "Most places covered" }
half_or_more = { unit = "count", meaning = "Trusts whose range covers at least half of the table" }
quarters_held = { unit = "count", meaning = "Quarters in the layer of quarters" }

[[tests]]
check = "sql"
name = "the median lies between the ends"
where = "median_places NOT BETWEEN narrowest AND widest"

[[tests]]
check = "sql"
name = "the sets for one trust are those of the signal"
query = """
SELECT trust_type FROM scrutiny_layer_summary JOIN table_signal USING (trust_type, quarter)
WHERE layer = 'chance' AND median_places <> median_places_covered
"""
*/
WITH quarters_of_type AS (
    SELECT trust_type, count(DISTINCT quarter) AS quarters_held
    FROM league_positions
    WHERE table_is_complete
    GROUP BY trust_type
)

SELECT
    layers.trust_type,
    layers.quarter,
    layers.layer,
    uncertainty_layers.layer_order,
    min(uncertainty_layers.family) AS family,
    min(uncertainty_layers.layer_name) AS layer_name,
    min(uncertainty_layers.short_name) AS short_name,
    min(uncertainty_layers.question) AS question,
    count(*) AS trusts,
    median(places_covered) AS median_places,
    min(places_covered) AS narrowest,
    max(places_covered) AS widest,
    count(*) FILTER (2 * places_covered >= trusts_in_table) AS half_or_more,
    min(quarters_held) AS quarters_held
FROM scrutiny_layers AS layers
JOIN uncertainty_layers USING (layer)
JOIN quarters_of_type USING (trust_type)
GROUP BY layers.trust_type, layers.quarter, layers.layer, uncertainty_layers.layer_order
ORDER BY layers.trust_type, uncertainty_layers.layer_order
