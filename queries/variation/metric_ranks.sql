/*
title = "Rank of each trust on each measure, with its confidence set"
description = "Place of each trust among trusts of its kind on the latest value, 1 being best, with the set of places in which it could truly stand (Mogstad, Romano, Shaikh and Wilhelm 2024): marginal, for one trust picked in advance, and simultaneous, for the whole list at once. The standard error is the larger of two: the usual variation of the trust from period to period (where its chart has enough points), and chance in the counts. Most of a list cannot be told apart; a place without its set is not to be quoted. Measures without a better direction, plain counts, and those that candour.toml says are not to be ranked, are not. Trusts are taken as independent."
grain = ["metric_id", "trust_code"]

[columns]
metric_id = { meaning = "Measure" }
trust_code = { meaning = "Organisation code" }
trust_kind = { meaning = "Kind of trust ranked among" }
period = { meaning = "Period" }
value = { meaning = "Value in the unit shown" }
standard_error = { meaning = "Standard error behind the sets, in the unit shown" }
error_basis = { meaning = "usual variation, or counts" }
metric_rank = { unit = "rank", meaning = "Place, 1 is best; ties share the best" }
rank_best = { unit = "rank", meaning = "Best place in the marginal 95% set" }
rank_worst = { unit = "rank", meaning = "Worst place in the marginal 95% set" }
list_best = { unit = "rank", meaning = "Best place in the simultaneous set" }
list_worst = { unit = "rank", meaning = "Worst place in the simultaneous set" }
places_covered = { unit = "places", meaning = "Places that the marginal set covers" }
trusts_ranked = { unit = "count", meaning = "Trusts ranked" }
rank_words = { meaning = "Place and set in words" }

[[tests]]
check = "sql"
name = "every place lies in its set, and the set for the list holds the set for one trust"
where = "NOT (list_best <= rank_best AND rank_best <= metric_rank AND metric_rank <= rank_worst AND rank_worst <= list_worst)"

[[tests]]
check = "sql"
name = "places run from 1 to no more than the number ranked"
where = "metric_rank < 1 OR list_best < 1 OR list_worst > trusts_ranked"

[[tests]]
check = "sql"
name = "the best place has the best value"
query = """
SELECT metric_id, trust_kind FROM metric_ranks JOIN metrics USING (metric_id)
GROUP BY metric_id, trust_kind, better
HAVING min(metric_rank) <> 1
    OR arg_min(value, metric_rank) <> CASE better WHEN 'high' THEN max(value) ELSE min(value) END
"""

[[tests]]
check = "range"
column = "standard_error"
min = 0

[determinism]
list = "a measure has one latest value for each trust"
*/
WITH latest AS (
    SELECT
        measured_series.metric_id,
        measured_series.trust_code,
        measured_series.trust_kind,
        measured_series.period,
        measured_series.value,
        metrics.better,
        charts.sigma AS process_error,
        CASE
            -- Two added to each side keep the error of none or all from being nothing.
            WHEN trend_metrics.interval_method = 'wilson' AND numerator <= denominator
                THEN measured_series.scale
                    * sqrt((numerator + 2) / (denominator + 4) * (1 - (numerator + 2) / (denominator + 4)) / (denominator + 4))
            WHEN trend_metrics.interval_method = 'ratio' THEN measured_series.scale * sqrt(greatest(numerator, 1)) / denominator
        END AS counts_error
    FROM measured_series
    JOIN metrics USING (metric_id)
    JOIN trend_metrics USING (metric_id)
    CROSS JOIN trend_settings
    LEFT JOIN control_chart_summary AS charts USING (metric_id, trust_code)
    WHERE measured_series.is_latest
        AND measured_series.trust_kind IS NOT NULL
        AND metrics.better IS NOT NULL
        AND metrics.kind <> 'count'
        AND trend_metrics.not_ranked_because IS NULL
        AND measured_series.denominator >= trend_settings.least_denominator
),

placed AS (
    SELECT
        *,
        greatest(process_error, counts_error) AS standard_error,
        CASE WHEN process_error >= coalesce(counts_error, 0) THEN 'usual variation' ELSE 'counts' END AS error_basis
    FROM latest
    WHERE greatest(process_error, counts_error) > 0
),

groups AS (
    SELECT
        metric_id,
        trust_kind,
        count(*) AS trusts_ranked,
        list(trust_code ORDER BY trust_code) AS ids,
        list(value ORDER BY trust_code) AS estimates,
        list(standard_error ORDER BY trust_code) AS errors,
        min(better) = 'high' AS higher_is_better
    FROM placed
    CROSS JOIN trend_settings
    GROUP BY metric_id, trust_kind, least_comparators
    HAVING count(*) >= least_comparators
),

-- Independent trusts, as a covariance with nothing off its diagonal: drawn rather than integrated, which is twenty times as
-- fast for a hundred trusts of unequal precision and gives the same sets to within a place in a thousand.
tested AS (
    SELECT
        * EXCLUDE (errors),
        list_transform(
            errors,
            lambda one, i: list_transform(errors, lambda other, j: CASE WHEN i = j THEN one * other ELSE 0.0 END)
        ) AS covariance
    FROM groups
),

one_trust AS (
    SELECT
        metric_id,
        trust_kind,
        trusts_ranked,
        unnest(rank_confidence_joint(
            ids, estimates, covariance, higher_is_better, confidence_level, 'marginal', rank_draws, seed
        )) AS places
    FROM tested
    CROSS JOIN parameters
    CROSS JOIN trend_settings
),

whole_list AS (
    SELECT
        metric_id,
        trust_kind,
        unnest(rank_confidence_joint(
            ids, estimates, covariance, higher_is_better, confidence_level, 'simultaneous', rank_draws, seed
        )) AS places
    FROM tested
    CROSS JOIN parameters
    CROSS JOIN trend_settings
),

found AS (
    SELECT
        placed.*,
        one_trust.trusts_ranked,
        one_trust.places.rank AS metric_rank,
        one_trust.places.lower AS rank_best,
        one_trust.places.upper AS rank_worst,
        -- Drawn with its own critical values, the set for the list is never taken narrower than the set for one trust.
        least(one_trust.places.lower, whole_list.places.lower) AS list_best,
        greatest(one_trust.places.upper, whole_list.places.upper) AS list_worst
    FROM placed
    JOIN one_trust ON one_trust.metric_id = placed.metric_id AND one_trust.places.id = placed.trust_code
    JOIN whole_list ON whole_list.metric_id = placed.metric_id AND whole_list.places.id = placed.trust_code
)

SELECT
    metric_id,
    trust_code,
    trust_kind,
    period,
    value,
    standard_error,
    error_basis,
    metric_rank,
    rank_best,
    rank_worst,
    list_best,
    list_worst,
    rank_worst - rank_best + 1 AS places_covered,
    trusts_ranked,
    'place ' || metric_rank || ' of ' || trusts_ranked || ', could be ' || rank_best || ' to ' || rank_worst AS rank_words
FROM found
