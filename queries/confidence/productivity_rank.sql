/*
title = "How far a productivity rank can be trusted"
description = "One period's growth tells little of the next. With reliability r, the correlation between adjacent periods, the growth to be expected beneath the published figure is the mean of all trusts plus r times the distance from it, with standard deviation S times the root of r(1 - r), S being the spread between trusts. The ranks are those of trusts drawn from these distributions, exactly computed: simulated ranks, of which the middle 95% is shown, and a share of them in the best and worst quarter. They hang on r, so three values of it are shown: two computed from the published figures, one a choice. Chance in the counts plays no part in them and would give ranges far too narrow."
grain = ["trust_code", "reliability_order"]

[columns]
trust_code = { meaning = "Organisation code" }
trust_name = { meaning = "Name" }
reliability = { unit = "correlation", decimals = 2, meaning = "Correlation supposed between one period's growth and the next" }
reliability_order = { unit = "count", meaning = "Order on the page" }
reliability_words = { meaning = "Where that value comes from" }
is_computed = { meaning = "Whether the value is computed from the figures; if not, it is a choice" }
productivity_growth = { unit = "fraction", meaning = "Estimated productivity growth, as published" }
growth_rank = { unit = "rank", meaning = "Rank from the highest published growth" }
trusts_ranked = { unit = "count", meaning = "Trusts with a figure" }
mean_growth = { unit = "fraction", decimals = 1, meaning = "Mean growth of all trusts" }
growth_sd = { unit = "fraction", decimals = 1, meaning = "Standard deviation of growth between trusts" }
underlying_growth = { unit = "fraction", decimals = 1, meaning = "Growth to be expected beneath the published figure" }
underlying_sd = { unit = "fraction", decimals = 1, meaning = "Standard deviation of the growth to be expected beneath the published figure" }
underlying_low = { unit = "fraction", decimals = 1, meaning = "Low end of the middle 95% of that growth, given r" }
underlying_high = { unit = "fraction", decimals = 1, meaning = "High end of the middle 95% of that growth, given r" }
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
WHERE abs(lower.underlying_growth - lower.mean_growth) > abs(higher.underlying_growth - higher.mean_growth) + 1e-9
"""

[[tests]]
check = "sql"
name = "shrinkage keeps the mean of all trusts and no more than its share of the spread"
query = """
SELECT reliability_order
FROM productivity_rank
GROUP BY reliability_order
HAVING abs(avg(underlying_growth) - max(mean_growth)) > 1e-9
    OR abs(stddev_samp(underlying_growth) - max(reliability) * max(growth_sd)) > 1e-9
"""

[[tests]]
check = "sql"
name = "the probabilities of the best quarter add up to a quarter of the trusts"
query = """
SELECT reliability_order
FROM productivity_rank
GROUP BY reliability_order
HAVING abs(sum(p_best_quarter) - count(*) // 4) > 0.01
"""
*/
WITH z AS (
    -- The middle 95%, as of the ranks; the quantile from the interval of a difference with errors 1 and 1.
    SELECT difference_interval(0, 1, 0, 1, 0, 0.95).upper / sqrt(2) AS z
),

growth AS (
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
        productivity_reliability.*,
        mean_growth + reliability * (productivity_growth - mean_growth) AS underlying_growth,
        spread * sqrt(reliability * (1 - reliability)) AS underlying_sd,
        -- With no reliability at all every order of trusts is equally likely, and there is nothing to draw from. The law
        -- of ranks near that end is used for the end itself.
        least(greatest(reliability, 1e-6), 1 - 1e-6) AS drawn_reliability
    FROM growth
    CROSS JOIN productivity_reliability
),

by_reliability AS (
    SELECT
        reliability_order,
        unnest(rank_distribution(
            list(trust_code ORDER BY trust_code),
            list(drawn_reliability * (productivity_growth - mean_growth) ORDER BY trust_code),
            list(spread * sqrt(drawn_reliability * (1 - drawn_reliability)) ORDER BY trust_code),
            TRUE,
            count(*) // 4,
            count(*) // 4
        )) AS ranks
    FROM shrunk
    WHERE spread > 0
    GROUP BY reliability_order
    HAVING count(*) >= 4
)

SELECT
    shrunk.trust_code,
    shrunk.trust_name,
    shrunk.reliability,
    shrunk.reliability_order,
    shrunk.reliability_words,
    shrunk.is_computed,
    shrunk.productivity_growth,
    shrunk.growth_rank,
    shrunk.trusts_ranked,
    shrunk.mean_growth,
    shrunk.spread AS growth_sd,
    shrunk.underlying_growth,
    shrunk.underlying_sd,
    shrunk.underlying_growth - z * shrunk.underlying_sd AS underlying_low,
    shrunk.underlying_growth + z * shrunk.underlying_sd AS underlying_high,
    ranks.q025 AS simulated_rank_best,
    ranks.q50 AS simulated_rank_median,
    ranks.q975 AS simulated_rank_worst,
    ranks.p_top AS p_best_quarter,
    ranks.p_bottom AS p_worst_quarter
FROM shrunk
JOIN by_reliability
    ON by_reliability.reliability_order = shrunk.reliability_order AND by_reliability.ranks.id = shrunk.trust_code
CROSS JOIN z
ORDER BY shrunk.trust_code, reliability_order
