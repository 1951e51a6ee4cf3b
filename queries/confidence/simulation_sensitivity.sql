/*
title = "If a trust's metrics move together"
description = "Sensitivity of the second layer: the main case draws a trust's metrics independently; the same beds and staff stand behind many of them, so they may vary together. For each trust and each supposed correlation, the standard deviation of the average and the shares of draws by segment."
grain = ["quarter", "trust_code", "correlation"]

[columns]
quarter = { meaning = "Financial quarter" }
trust_code = { meaning = "Organisation code" }
trust_type = { meaning = "Trust type" }
correlation = { unit = "correlation", decimals = 1, meaning = "Correlation supposed between a trust's metrics" }
case_words = { meaning = "The case in words" }
is_main = { meaning = "Whether this is the main case" }
sd = { unit = "score", decimals = 2, meaning = "Standard deviation of the average" }
sd_ratio = { decimals = 2, meaning = "Standard deviation of the average over that of the main case" }
drawn_segment_1 = { unit = "fraction", decimals = 0, meaning = "Share of draws in segment 1" }
drawn_segment_2 = { unit = "fraction", decimals = 0, meaning = "Share of draws in segment 2" }
drawn_segment_3 = { unit = "fraction", decimals = 0, meaning = "Share of draws in segment 3" }
drawn_segment_4 = { unit = "fraction", decimals = 0, meaning = "Share of draws in segment 4" }
drawn_published_segment = { unit = "fraction", decimals = 0, meaning = "Share of draws in the published segment" }
is_latest_for_type = { meaning = "Whether this is the latest quarter held for the trust type" }

[[tests]]
check = "sql"
name = "metrics that move together never make an average steadier"
where = "sd_ratio < 0.95"
severity = "warn"
*/
SELECT
    quarter,
    trust_code,
    trust_type,
    correlation,
    case_words,
    simulation_runs.is_main,
    sd,
    sd / nullif(max(sd) FILTER (simulation_runs.is_main) OVER (PARTITION BY quarter, trust_code), 0) AS sd_ratio,
    band_probabilities[1] AS drawn_segment_1,
    band_probabilities[2] AS drawn_segment_2,
    band_probabilities[3] AS drawn_segment_3,
    band_probabilities[4] AS drawn_segment_4,
    band_probabilities[adjusted_segment] AS drawn_published_segment,
    is_latest_for_type
FROM simulation_runs
JOIN scored_trusts USING (quarter, trust_code)
JOIN simulation_cases USING (correlation)
