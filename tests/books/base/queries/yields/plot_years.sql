/*
title = "Plot years"
description = "One row for each plot: what it gave in the year."
grain = ["plot"]

[columns]
plot = { meaning = "Plot" }
gardener = { meaning = "Gardener" }
kilos = { unit = "kg", decimals = 1, meaning = "Harvest of the year; missing where no season is known" }
seasons = { unit = "count", meaning = "Seasons known" }

[[tests]]
check = "range"
column = "kilos"
min = 0
max = 200
*/
SELECT
    plots.plot,
    plots.gardener,
    sum(harvests.kilos ORDER BY harvests.season) AS kilos,
    count(harvests.kilos) AS seasons
FROM plots
LEFT JOIN harvests USING (plot)
GROUP BY plots.plot, plots.gardener
