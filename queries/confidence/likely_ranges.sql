/*
title = "Likely ranges: choice of metrics"
description = "First layer: how far a trust's average and rank hang on which metrics happen to be in the framework. In each draw every trust draws its own metric scores again, with replacement, as many as it has; segments by the fixed cuts, the override and league ranks follow; the range holds the middle 95% of the draws. NHS England publishes a likely range and not how it is made; this one comes close to it, and stands beside it. It leaves out chance in the metric values themselves, delay in reporting, and the rules. It is not a confidence interval."
grain = ["quarter", "trust_code"]

[columns]
quarter = { meaning = "Financial quarter" }
trust_code = { meaning = "Organisation code" }
trust_type = { meaning = "Trust type" }
average_score = { unit = "score", decimals = 2, meaning = "Average metric score as published" }
league_rank = { unit = "rank", meaning = "League rank as published" }
score_low = { unit = "score", decimals = 2, meaning = "Low end of the range of the average score, recomputed" }
score_high = { unit = "score", decimals = 2, meaning = "High end of the range of the average score, recomputed" }
rank_best = { unit = "rank", meaning = "Best rank of the range, recomputed" }
rank_worst = { unit = "rank", meaning = "Worst rank of the range, recomputed" }
places_covered = { unit = "places", meaning = "Places that the recomputed range of ranks covers" }
published_score_low = { unit = "score", decimals = 2, meaning = "Low end of the published likely range of the score" }
published_score_high = { unit = "score", decimals = 2, meaning = "High end of the published likely range of the score" }
published_rank_best = { unit = "rank", meaning = "Best rank of the published likely range" }
published_rank_worst = { unit = "rank", meaning = "Worst rank of the published likely range" }
score_low_difference = { unit = "score", decimals = 2, meaning = "Low end recomputed less published" }
score_high_difference = { unit = "score", decimals = 2, meaning = "High end recomputed less published" }
rank_best_difference = { unit = "places", meaning = "Best rank recomputed less published" }
rank_worst_difference = { unit = "places", meaning = "Worst rank recomputed less published" }
p_segment_1 = { unit = "fraction", decimals = 0, meaning = "Share of draws in segment 1" }
p_segment_2 = { unit = "fraction", decimals = 0, meaning = "Share of draws in segment 2" }
p_segment_3 = { unit = "fraction", decimals = 0, meaning = "Share of draws in segment 3" }
p_segment_4 = { unit = "fraction", decimals = 0, meaning = "Share of draws in segment 4" }
table_is_whole = { meaning = "Whether every trust of the table was drawn; where not, no range of ranks is given" }
is_latest_for_type = { meaning = "Whether this is the latest quarter held for the trust type" }

[[tests]]
check = "sql"
name = "the published average lies in its range"
where = "average_score < score_low - 0.01 OR average_score > score_high + 0.01"

[[tests]]
check = "sql"
name = "shares of draws add up to one"
where = "abs(p_segment_1 + p_segment_2 + p_segment_3 + p_segment_4 - 1) > 1e-9"

[[tests]]
check = "sql"
name = "most published likely ranges of the score are met within 0.02"
query = "SELECT count(*) AS compared FROM likely_ranges WHERE published_score_low IS NOT NULL HAVING avg(CAST(abs(score_low_difference) <= 0.02 AS INTEGER)) < 0.9"
severity = "warn"
*/
WITH trusts_drawn AS (
    SELECT
        quarter,
        list(trust_code ORDER BY trust_code) AS ids,
        list(trust_type ORDER BY trust_code) AS tables,
        list(held_at ORDER BY trust_code) AS held_at,
        min(cuts) AS cuts
    FROM scored_trusts
    GROUP BY quarter
),

scores_drawn AS (
    SELECT
        quarter,
        list(trust_code ORDER BY trust_code, metric_number) AS pair_units,
        list(score ORDER BY trust_code, metric_number) AS pair_scores,
        list(CAST(weight_thirds AS DOUBLE) ORDER BY trust_code, metric_number) AS pair_weights
    FROM metric_noise
    SEMI JOIN scored_trusts USING (quarter, trust_code)
    GROUP BY quarter
),

drawn AS (
    SELECT
        quarter,
        unnest(composite_bootstrap(
            ids, tables, held_at,
            pair_units, pair_scores, pair_weights,
            cuts, average_decimals, confidence_level, resampling_draws, seed
        )) AS trust
    FROM trusts_drawn
    JOIN scores_drawn USING (quarter)
    CROSS JOIN parameters
    JOIN framework_years USING (framework_year)
)

SELECT
    scored_trusts.quarter,
    scored_trusts.trust_code,
    scored_trusts.trust_type,
    scored_trusts.average_score,
    scored_trusts.league_rank,
    CAST(round(trust.score_lower, 2) AS DECIMAL(9, 2)) AS score_low,
    CAST(round(trust.score_upper, 2) AS DECIMAL(9, 2)) AS score_high,
    CASE WHEN table_is_whole THEN trust.rank_lower END AS rank_best,
    CASE WHEN table_is_whole THEN trust.rank_upper END AS rank_worst,
    CASE WHEN table_is_whole THEN trust.rank_upper - trust.rank_lower + 1 END AS places_covered,
    published_positions.score_range_low AS published_score_low,
    published_positions.score_range_high AS published_score_high,
    published_positions.rank_range_low AS published_rank_best,
    published_positions.rank_range_high AS published_rank_worst,
    CAST(round(trust.score_lower, 2) AS DECIMAL(9, 2)) - published_positions.score_range_low AS score_low_difference,
    CAST(round(trust.score_upper, 2) AS DECIMAL(9, 2)) - published_positions.score_range_high AS score_high_difference,
    CASE WHEN table_is_whole THEN trust.rank_lower - published_positions.rank_range_low END AS rank_best_difference,
    CASE WHEN table_is_whole THEN trust.rank_upper - published_positions.rank_range_high END AS rank_worst_difference,
    trust.band_probabilities[1] AS p_segment_1,
    trust.band_probabilities[2] AS p_segment_2,
    trust.band_probabilities[3] AS p_segment_3,
    trust.band_probabilities[4] AS p_segment_4,
    table_is_whole,
    scored_trusts.is_latest_for_type
FROM drawn
JOIN scored_trusts ON scored_trusts.quarter = drawn.quarter AND scored_trusts.trust_code = drawn.trust.id
JOIN published_positions
    ON published_positions.quarter = scored_trusts.quarter AND published_positions.trust_code = scored_trusts.trust_code
