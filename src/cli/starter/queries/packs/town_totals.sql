/*
title = "Town totals"
description = "All routes together in the latest quarter; growth is of the routes that also ran a year before."
grain = ["routes"]

[columns]
routes = { unit = "count", meaning = "Routes" }
passengers = { unit = "count", meaning = "Passengers on all routes" }
growth = { unit = "fraction", decimals = 1, meaning = "Change in passengers of the routes that ran in both years" }
routes_growing = { unit = "count", meaning = "Routes with more passengers than a year before" }
routes_below_standard = { unit = "count", meaning = "Routes whose buses are below the standard for punctuality" }

[[tests]]
check = "sql"
name = "no more routes grow than there are"
where = "routes_growing > routes"
*/
SELECT
    count(*) AS routes,
    sum(routes.passengers)::BIGINT AS passengers,
    sum(routes.passengers) FILTER (quarters.passengers_year_before IS NOT NULL)::DOUBLE
        / sum(quarters.passengers_year_before) - 1 AS growth,
    count(*) FILTER (routes.growth > 0) AS routes_growing,
    count(*) FILTER (routes.band = 'below the standard') AS routes_below_standard
FROM routes
CROSS JOIN parameters
LEFT JOIN route_quarters AS quarters
    ON quarters.route = routes.route
    AND quarters.year = parameters.latest_year
    AND quarters.quarter = parameters.latest_quarter
