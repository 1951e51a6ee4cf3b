/*
title = "How far a productivity rank can be trusted"
description = "One period's growth tells little of the next. With reliability r, the correlation between adjacent periods, the growth to be expected beneath the published figure is the mean of all trusts plus r times the distance from it, with standard deviation S times the root of r(1 - r), S being the spread between trusts. The ranks are those of trusts drawn from these distributions, exactly computed: simulated ranks, of which the middle 95% is shown, and a share of them in the best and worst quarter. They hang on r, so three values of it are shown."
grain = ["trust_code", "reliability"]

[columns]
trust_code = { meaning = "Organisation code" }
trust_name = { meaning = "Name" }
reliability = { unit = "correlation", decimals = 2, meaning = "Correlation supposed between one period's growth and the next" }
reliability_order = { unit = "count", meaning = "Order on the page" }
reliability_words = { meaning = "Where that value comes from" }
productivity_growth = { unit = "fraction", meaning = "Estimated productivity growth, as published" }
growth_rank = { unit = "rank", meaning = "Rank from the highest published growth" }
trusts_ranked = { unit = "count", meaning = "Trusts with a figure" }
underlying_growth = { unit = "fraction", meaning = "Growth to be expected beneath the published figure" }
underlying_sd = { unit = "fraction", meaning = "Its standard deviation" }
simulated_rank_best = { unit = "rank", meaning = "Best of the middle 95% of simulated ranks" }
simulated_rank_median = { unit = "rank", meaning = "Median simulated rank" }
simulated_rank_worst = { unit = "rank", meaning = "Worst of the middle 95% of simulated ranks" }
p_best_quarter = { unit = "fraction", decimals = 0, meaning = "Probability of the best quarter, given r" }
p_worst_quarter = { unit = "fraction", decimals = 0, meaning = "Probability of the worst quarter, given r" }

[[tests]]
check = "sql"
name = "the middle of the simulated ranks lies between its ends"
where = "simulated_rank_median NOT BETWEEN simulated_rank_best AND simulated_rank_worst"

[[tests]]
check = "sql"
name = "the lower the reliability, the nearer to the mean of all"
query = """
SELECT lower.trust_code
FROM productivity_rank AS lower
JOIN productivity_rank AS higher ON higher.trust_code = lower.trust_code AND higher.reliability > lower.reliability
WHERE abs(lower.underlying_growth - (SELECT avg(productivity_growth) FROM productivity_rank))
    > abs(higher.underlying_growth - (SELECT avg(productivity_growth) FROM productivity_rank)) + 1e-9
"""
*/
WITH growth AS (
    SELECT
        *,
        avg(productivity_growth) OVER () AS mean_growth,
        stddev_samp(productivity_growth) OVER () AS spread
    FROM productivity_growth
    WHERE productivity_growth IS NOT NULL
),

shrunk AS (
    SELECT
        growth.*,
        productivity_reliabilities.*,
        mean_growth + reliability * (productivity_growth - mean_growth) AS underlying_growth,
        spread * sqrt(reliability * (1 - reliability)) AS underlying_sd
    FROM growth
    CROSS JOIN productivity_reliabilities
),

by_reliability AS (
    SELECT
        reliability,
        unnest(rank_distribution(
            list(trust_code ORDER BY trust_code),
            list(underlying_growth ORDER BY trust_code),
            list(underlying_sd ORDER BY trust_code),
            TRUE,
            count(*) // 4,
            count(*) // 4
        )) AS ranks
    FROM shrunk
    GROUP BY reliability
    HAVING count(*) >= 4
)

SELECT
    shrunk.trust_code,
    shrunk.trust_name,
    shrunk.reliability,
    shrunk.reliability_order,
    shrunk.reliability_words,
    shrunk.productivity_growth,
    shrunk.growth_rank,
    shrunk.trusts_ranked,
    shrunk.underlying_growth,
    shrunk.underlying_sd,
    ranks.q025 AS simulated_rank_best,
    ranks.q50 AS simulated_rank_median,
    ranks.q975 AS simulated_rank_worst,
    ranks.p_top AS p_best_quarter,
    ranks.p_bottom AS p_worst_quarter
FROM shrunk
JOIN by_reliability ON by_reliability.reliability = shrunk.reliability AND by_reliability.ranks.id = shrunk.trust_code
ORDER BY shrunk.trust_code, reliability_order
