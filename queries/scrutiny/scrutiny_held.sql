/*
title = "The trusts that the override holds"
description = "Each trust held in a worse segment than its score gives, in the latest quarter of its type, with the two published finance values that the files hold, its rank without the override where that can be computed, and the probability that its underlying score belongs in each better segment. The values do not decide the flag: it cannot be worked out again from them."
grain = ["trust_code"]

[columns]
trust_code = { meaning = "Organisation code" }
trust_name = { meaning = "Name" }
trust_type = { meaning = "Trust type" }
quarter = { meaning = "Latest quarter of the trust type" }
average_score = { unit = "score", decimals = 2, meaning = "Average metric score as published" }
segment_by_score = { unit = "segment", meaning = "Segment by score alone" }
adjusted_segment = { unit = "segment", meaning = "Published segment" }
league_rank = { unit = "rank", meaning = "Published league rank" }
rank_without = { unit = "rank", meaning = "Rank without the override for any trust; missing where it cannot be computed" }
planned_value = { unit = "%", decimals = 2, meaning = "Planned surplus or deficit, as a share of turnover" }
variance_value = { unit = "%", decimals = 2, meaning = "Variance from plan, year to date, as a share of turnover" }
p_better = { unit = "fraction", decimals = 0, meaning = "Probability that the underlying score belongs in a better segment than the one at which it is held" }
override_known_from = { meaning = "Whether the override is published or inferred" }

[[tests]]
check = "sql"
name = "the trusts are those of the list of held trusts, each once"
query = "(SELECT trust_code FROM scrutiny_held EXCEPT SELECT trust_code FROM override_held) UNION ALL (SELECT trust_code FROM override_held EXCEPT SELECT trust_code FROM scrutiny_held)"

[[tests]]
check = "sql"
name = "no trust is held in a better place than it would have"
where = "rank_without > league_rank"
*/
WITH finance AS (
    SELECT
        quarter,
        trust_code,
        max(value) FILTER (role = 'plan') AS planned_value,
        max(value) FILTER (role = 'variance') AS variance_value
    FROM metric_values
    JOIN finance_metrics USING (metric_number)
    WHERE finance_metrics.framework_year = (SELECT framework_year FROM parameters)
    GROUP BY quarter, trust_code
)

SELECT
    held.trust_code,
    held.trust_name,
    held.trust_type,
    held.quarter,
    held.average_score,
    held.segment_by_score,
    held.adjusted_segment,
    held.league_rank,
    method_range.rank_without_override AS rank_without,
    finance.planned_value,
    finance.variance_value,
    simulation.p_score_segment_1 + simulation.p_score_segment_2 AS p_better,
    held.override_known_from
FROM override_held AS held
LEFT JOIN finance USING (quarter, trust_code)
LEFT JOIN method_range USING (quarter, trust_code)
LEFT JOIN league_simulation AS simulation ON simulation.quarter = held.quarter AND simulation.trust_code = held.trust_code
ORDER BY held.trust_type, held.average_score, held.trust_name, held.trust_code
