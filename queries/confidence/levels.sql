/*
title = "Levels of confidence"
description = "The levels that pages name beside intervals, sets and funnels, so that no page types them by hand."
grain = ["confidence_level"]

[columns]
confidence_level = { unit = "fraction", decimals = 0, meaning = "Level of intervals and confidence sets" }
one_outside_in = { unit = "count", meaning = "One in how many lies outside limits at the confidence level where nothing sets it apart" }
outer_level = { unit = "fraction", decimals = 1, meaning = "Level of the outer limits of funnels" }

[[tests]]
check = "rows"
min = 1
max = 1

[[tests]]
check = "sql"
name = "levels lie between one half and one, the outer above the other"
where = "one_outside_in < 2 OR confidence_level NOT BETWEEN 0.5 AND 0.999 OR outer_level <= confidence_level OR outer_level >= 1"
*/
SELECT
    CAST(parameters.confidence_level AS DOUBLE) AS confidence_level,
    CAST(round(1 / (1 - CAST(parameters.confidence_level AS DOUBLE))) AS INTEGER) AS one_outside_in,
    CAST(trend_settings.outer_level AS DOUBLE) AS outer_level
FROM parameters
CROSS JOIN trend_settings
