/*
title = "Trusts most like each trust"
description = "For each trust, the trusts of its type nearest to it in size. Those of its subtype alone are looked at where there are enough of them. Each size that the trust has counts alike: the difference of logarithms, in widths of the middle half of the trust type; the distance is the root of the mean square. A trust that lacks one of the sizes is not taken. Nothing about results enters: not scores, ranks or segments."
grain = ["trust_code", "place"]

[columns]
trust_code = { meaning = "Organisation code" }
place = { unit = "count", meaning = "1 is the nearest" }
peer_code = { meaning = "Organisation code of the other trust" }
peer_name = { meaning = "Name of the other trust" }
pool = { meaning = "Whether the other trust was chosen within the subtype or the whole type" }
pool_trusts = { unit = "count", meaning = "Trusts that the other trust was chosen from" }
distance = { decimals = 2, meaning = "Distance in size; 1 is the middle half of the trust type" }
features = { unit = "count", meaning = "Sizes compared" }
features_words = { meaning = "The sizes compared, in words" }
league_rank = { unit = "rank", meaning = "League rank of the other trust" }
average_score = { unit = "score", decimals = 2, meaning = "Average metric score of the other trust" }
adjusted_segment = { unit = "segment", meaning = "Segment of the other trust" }

[determinism]
window = "a pair of trusts stands once among the candidates"

[[tests]]
check = "sql"
name = "no trust is its own peer, and all are of one type"
query = """
SELECT similar_trusts.trust_code
FROM similar_trusts
JOIN trusts AS one ON one.trust_code = similar_trusts.trust_code
JOIN trusts AS other ON other.trust_code = similar_trusts.peer_code
WHERE one.trust_code = other.trust_code OR one.trust_type <> other.trust_type
"""

[[tests]]
check = "sql"
name = "the nearest come first"
query = """
SELECT near.trust_code
FROM similar_trusts AS near
JOIN similar_trusts AS far ON far.trust_code = near.trust_code AND far.place = near.place + 1
WHERE near.distance > far.distance
"""
*/
WITH held AS (
    SELECT
        trust_code,
        trust_type,
        trust_subtype,
        count(*) AS features,
        string_agg(feature_words || ' (' || period_words || ')', ', ' ORDER BY feature_order, feature) AS features_words
    FROM case_sizes
    GROUP BY trust_code, trust_type, trust_subtype
),

pairs AS (
    SELECT
        mine.trust_code,
        other.trust_code AS peer_code,
        count(*) AS shared,
        avg(CAST(
            ((mine.log_amount - other.log_amount) / CAST(mine.middle_half AS DOUBLE))
            * ((mine.log_amount - other.log_amount) / CAST(mine.middle_half AS DOUBLE))
            AS DECIMAL(18, 8))) AS mean_square
    FROM case_sizes AS mine
    JOIN case_sizes AS other
        ON other.trust_type = mine.trust_type AND other.feature = mine.feature AND other.trust_code <> mine.trust_code
    GROUP BY mine.trust_code, other.trust_code
),

-- Only those that have every size which the trust has.
candidates AS (
    SELECT
        pairs.trust_code,
        pairs.peer_code,
        mine.features,
        mine.features_words,
        CAST(round(sqrt(CAST(pairs.mean_square AS DOUBLE)), 4) AS DECIMAL(12, 4)) AS distance,
        coalesce(mine.trust_subtype = other.trust_subtype, false) AS same_subtype
    FROM pairs
    JOIN held AS mine ON mine.trust_code = pairs.trust_code
    JOIN held AS other ON other.trust_code = pairs.peer_code
    WHERE pairs.shared = mine.features
),

pools AS (
    SELECT
        *,
        count(*) FILTER (same_subtype) OVER (PARTITION BY trust_code) >= parameters.listed_peers AS by_subtype
    FROM candidates
    CROSS JOIN parameters
),

placed AS (
    SELECT
        trust_code,
        peer_code,
        features,
        features_words,
        distance,
        by_subtype,
        row_number() OVER (PARTITION BY trust_code ORDER BY distance, peer_code) AS place,
        count(*) OVER (PARTITION BY trust_code) AS pool_trusts
    FROM pools
    WHERE same_subtype OR NOT by_subtype
)

SELECT
    placed.trust_code,
    placed.place,
    placed.peer_code,
    peers.trust_name AS peer_name,
    CASE WHEN by_subtype THEN 'subtype' ELSE 'type' END AS pool,
    placed.pool_trusts,
    placed.distance,
    placed.features,
    placed.features_words,
    peers.league_rank,
    peers.average_score,
    peers.adjusted_segment
FROM placed
JOIN peers ON peers.trust_code = placed.peer_code
WHERE placed.place <= (SELECT listed_peers FROM parameters)
ORDER BY placed.trust_code, placed.place
