/*
title = "Highest and lowest productivity growth"
description = "The trusts with the highest and the lowest estimated growth, with the next published figure of each."
grain = ["trust_code"]

[columns]
trust_code = { meaning = "Organisation code" }
end_of_list = { meaning = "Highest or lowest" }
trust_name = { meaning = "Name" }
region = { meaning = "NHS England region" }
period = { meaning = "Period" }
base = { meaning = "Base: the period it is compared with" }
vintage = { meaning = "When this version was published" }
status = { meaning = "Status of this version" }
productivity_growth = { unit = "fraction", decimals = 1, meaning = "Estimated productivity growth" }
activity_growth = { unit = "fraction", decimals = 1, meaning = "Growth in cost-weighted activity" }
resource_growth = { unit = "fraction", decimals = 1, meaning = "Growth in real-terms resource" }
growth_rank = { unit = "rank", meaning = "Rank from the highest" }
trusts_ranked = { unit = "count", meaning = "Trusts with a figure" }
next_growth = { unit = "%", decimals = 1, meaning = "Next published figure" }
next_rank = { unit = "rank", meaning = "Rank of the next figure" }

[[tests]]
check = "accepted"
column = "end_of_list"
values = ["highest", "lowest"]
*/
SELECT
    trust_code,
    CASE WHEN growth_rank <= listed_at_each_end THEN 'highest' ELSE 'lowest' END AS end_of_list,
    trust_name,
    region,
    period,
    base,
    vintage,
    status,
    productivity_growth,
    activity_growth,
    resource_growth,
    growth_rank,
    trusts_ranked,
    next_growth,
    next_rank
FROM productivity_growth, parameters
WHERE growth_rank <= listed_at_each_end OR growth_rank > trusts_ranked - listed_at_each_end
ORDER BY growth_rank, trust_code
