/*
title = "Route quarters"
description = "Passengers and punctuality of each route in each quarter, beside the same quarter of the year before."
grain = ["route", "year", "quarter"]

[columns]
route = { meaning = "Route number" }
year = { meaning = "Calendar year" }
quarter = { meaning = "Quarter of the calendar year" }
quarter_label = { meaning = "Year and quarter in words" }
passengers = { unit = "count", meaning = "Passengers carried" }
passengers_year_before = { unit = "count", meaning = "Passengers carried in the same quarter of the year before" }
growth = { unit = "fraction", decimals = 1, meaning = "Change in passengers on the same quarter of the year before" }
on_time = { unit = "fraction", decimals = 1, meaning = "Share of buses that were no more than five minutes late" }

[[tests]]
check = "range"
column = "on_time"
min = 0
max = 1

[[tests]]
check = "relationship"
column = "route"
to = "bus_routes.route"
*/
SELECT
    now.route,
    now.year,
    now.quarter,
    concat(now.year, ' Q', now.quarter) AS quarter_label,
    now.passengers,
    before.passengers AS passengers_year_before,
    now.passengers::DOUBLE / before.passengers - 1 AS growth,
    now.buses_on_time::DOUBLE / now.buses AS on_time
FROM bus_passengers AS now
LEFT JOIN bus_passengers AS before
    ON before.route = now.route AND before.year = now.year - 1 AND before.quarter = now.quarter
