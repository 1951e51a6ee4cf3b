/*
title = "Measures on a map of tiles"
description = "Every area's value of each percentage, with its place on the map of tiles and how far it lies from England: four bands, two on either side: up to so many points (map_band_points of trend_settings), and further. A band is a description and no rank or test: areas differ in the people served, and by chance."
grain = ["metric_id", "area_kind", "area_code"]

[columns]
metric_id = { meaning = "Measure" }
area_kind = { meaning = "region or integrated care board" }
area_code = { meaning = "The region's name, or the board's code in 2025" }
area_name = { meaning = "Name of the area" }
short_name = { meaning = "Name short enough for a tile" }
tile_column = { unit = "tiles", decimals = 1, meaning = "Tiles from the left" }
tile_row = { unit = "tiles", decimals = 1, meaning = "Tiles from the top" }
has_place = { meaning = "Whether the book's rules give it a place in rough geography" }
value = { meaning = "Value, in per cent; missing where the area has none" }
england_value = { meaning = "England in the same period" }
decimals = { meaning = "Decimals with which the value is shown" }
unit_suffix = { meaning = "What follows the number" }
band_points = { unit = "points", meaning = "Width of the bands next to England" }
step = { unit = "count", meaning = "0: further above England than the width of a band; 1: above or the same; 2: below; 3: further below" }
lowest = { meaning = "Lowest value of any area of the kind" }
highest = { meaning = "Highest value of any area of the kind" }

[[tests]]
check = "sql"
name = "an area has a band where it has a value"
where = "(value IS NULL) <> (step IS NULL)"

[[tests]]
check = "sql"
name = "areas below England are never in a band above it"
where = "(value < england_value) <> (step >= 2)"
*/
WITH shown AS (
    SELECT metric_id, area_kind, area_code, value, england_value, map_band_points AS band_points
    FROM access_by_area
    CROSS JOIN trend_settings
    WHERE unit_suffix = '%'
),

measures AS (
    SELECT DISTINCT metric_id, area_kind FROM shown
)

SELECT
    measures.metric_id,
    measures.area_kind,
    area_tiles.area_code,
    area_tiles.area_name,
    area_tiles.short_name,
    area_tiles.tile_column,
    area_tiles.tile_row,
    area_tiles.has_place,
    shown.value,
    shown.england_value,
    metrics.decimals,
    metrics.unit_suffix,
    shown.band_points,
    CASE
        WHEN shown.value IS NULL THEN NULL
        WHEN shown.value > shown.england_value + shown.band_points THEN 0
        WHEN shown.value >= shown.england_value THEN 1
        WHEN shown.value >= shown.england_value - shown.band_points THEN 2
        ELSE 3
    END AS step,
    min(shown.value) OVER (PARTITION BY measures.metric_id, measures.area_kind) AS lowest,
    max(shown.value) OVER (PARTITION BY measures.metric_id, measures.area_kind) AS highest
FROM measures
JOIN area_tiles USING (area_kind)
JOIN metrics USING (metric_id)
LEFT JOIN shown ON shown.metric_id = measures.metric_id AND shown.area_kind = measures.area_kind AND shown.area_code = area_tiles.area_code
ORDER BY measures.metric_id, measures.area_kind, area_tiles.area_code
