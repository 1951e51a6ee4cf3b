/*
title = "How many trusts score alike"
description = "For each trust in its latest quarter: how many other trusts of its type have an average score inside its published likely range, and how many score within a tenth of a point of it."
grain = ["trust_code"]

[columns]
trust_code = { meaning = "Organisation code" }
quarter = { meaning = "Latest quarter of the trust" }
other_trusts = { unit = "count", meaning = "Other trusts of the type held for the quarter" }
inside_range = { unit = "count", meaning = "Other trusts whose average score lies inside this trust's published likely range; missing where no range is published" }
within_tenth = { unit = "count", meaning = "Other trusts whose average score is within 0.10 of this trust's" }

[[tests]]
check = "sql"
name = "no count is larger than the number of other trusts"
where = "inside_range > other_trusts OR within_tenth > other_trusts"
*/
SELECT
    trusts.trust_code,
    mine.quarter,
    count(other.trust_code) AS other_trusts,
    CASE WHEN mine.score_range_low IS NOT NULL THEN
        count(other.trust_code) FILTER (other.average_score BETWEEN mine.score_range_low AND mine.score_range_high)
    END AS inside_range,
    count(other.trust_code) FILTER (abs(other.average_score - mine.average_score) <= 0.10) AS within_tenth
FROM trusts
JOIN league_positions AS mine
    ON mine.trust_code = trusts.trust_code AND mine.quarter = trusts.latest_quarter
LEFT JOIN league_positions AS other
    ON other.quarter = mine.quarter
    AND other.trust_type = mine.trust_type
    AND other.trust_code <> mine.trust_code
GROUP BY trusts.trust_code, mine.quarter, mine.score_range_low, mine.score_range_high, mine.average_score
