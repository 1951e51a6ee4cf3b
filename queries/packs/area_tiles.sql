/*
title = "Places of areas on a tile map"
description = "Each region and integrated care board in which an organisation lies, with its place on a map of equal tiles. Areas without a place of their own in the book's rules stand in rows of eight under the others, in order of code."
grain = ["area_kind", "area_code"]

[columns]
area_kind = { meaning = "region or integrated care board" }
area_code = { meaning = "The region's name, or the board's code in 2025" }
area_name = { meaning = "Name of the area" }
short_name = { meaning = "Name short enough for a tile" }
tile_column = { unit = "tiles", decimals = 1, meaning = "Tiles from the left" }
tile_row = { unit = "tiles", decimals = 1, meaning = "Tiles from the top" }
has_place = { meaning = "Whether the book's rules give it a place" }

[[tests]]
check = "not_null"
columns = ["short_name", "tile_column", "tile_row"]

[[tests]]
check = "unique"
columns = ["area_kind", "tile_column", "tile_row"]
*/
WITH areas AS (
    SELECT DISTINCT 'region' AS area_kind, region AS area_code, region AS area_name
    FROM organisations
    WHERE region IS NOT NULL
    UNION ALL
    SELECT 'integrated care board', icb_code, min(icb_name)
    FROM organisations
    WHERE icb_code IS NOT NULL
    GROUP BY icb_code
),

-- Rows that places take in each kind of map; areas without a place begin under them.
placed_rows AS (
    SELECT areas.area_kind, coalesce(max(map_tiles.tile_row) + 1.5, 0.0) AS first_free
    FROM areas
    LEFT JOIN map_tiles USING (area_kind, area_code)
    GROUP BY areas.area_kind
),

numbered AS (
    SELECT
        areas.*,
        map_tiles.tile_column,
        map_tiles.tile_row,
        map_tiles.short_name,
        row_number() OVER (PARTITION BY areas.area_kind, map_tiles.tile_row IS NULL ORDER BY areas.area_code, areas.area_name) - 1 AS place
    FROM areas
    LEFT JOIN map_tiles USING (area_kind, area_code)
)

SELECT
    area_kind,
    area_code,
    area_name,
    coalesce(short_name, if(area_kind = 'region', left(area_code, 14), area_code)) AS short_name,
    CAST(coalesce(tile_column, place % 8) AS DOUBLE) AS tile_column,
    CAST(coalesce(tile_row, first_free + place // 8) AS DOUBLE) AS tile_row,
    tile_row IS NOT NULL AS has_place
FROM numbered
JOIN placed_rows USING (area_kind)
ORDER BY area_kind DESC, tile_row, tile_column, area_code
