/*
title = "Routes"
description = "One row for each route: its latest quarter and its place among the routes. The report of each route begins here."
grain = ["route"]

[columns]
route = { meaning = "Route number" }
route_name = { meaning = "Route name" }
start_point = { meaning = "First stop" }
end_point = { meaning = "Last stop" }
passengers = { unit = "count", meaning = "Passengers in the latest quarter" }
growth = { unit = "fraction", decimals = 1, meaning = "Change in passengers on the same quarter of the year before" }
on_time = { unit = "fraction", decimals = 1, meaning = "Share of buses on time in the latest quarter" }
band = { meaning = "How that share compares with the council's standard" }
place = { unit = "rank", meaning = "Place by passengers, 1 being the busiest route" }
routes = { unit = "count", meaning = "Routes compared" }

[[tests]]
check = "not_null"
columns = ["passengers", "band"]

[[tests]]
check = "rows"
min = 1
*/
SELECT
    bus_routes.route,
    bus_routes.route_name,
    bus_routes.start_point,
    bus_routes.end_point,
    route_quarters.passengers,
    route_quarters.growth,
    route_quarters.on_time,
    punctuality_bands.band,
    rank() OVER (ORDER BY route_quarters.passengers DESC) AS place,
    count(*) OVER () AS routes
FROM bus_routes
CROSS JOIN parameters
LEFT JOIN route_quarters
    ON route_quarters.route = bus_routes.route
    AND route_quarters.year = parameters.latest_year
    AND route_quarters.quarter = parameters.latest_quarter
LEFT JOIN punctuality_bands
    ON route_quarters.on_time >= punctuality_bands.at_least
    AND route_quarters.on_time < punctuality_bands.below
ORDER BY place, bus_routes.route
