/*
title = "Totals"
grain = ["plots"]

[columns]
plots = { unit = "count", meaning = "Plots" }
kilos = { unit = "kg", decimals = 1, meaning = "Harvest of all plots" }
*/
SELECT count(*) AS plots, sum(kilos ORDER BY plot) AS kilos
FROM plot_years
