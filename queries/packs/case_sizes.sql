/*
title = "Sizes that trusts are matched on"
description = "Each size of each trust that the book's rules name, in the latest period of its metric, with its logarithm and how wide the middle half of the trust type is on that scale."
grain = ["trust_code", "feature"]

[columns]
trust_code = { meaning = "Organisation code" }
feature = { meaning = "Which size" }
feature_order = { unit = "count", meaning = "Order of the size on the page" }
feature_words = { meaning = "What is counted" }
trust_type = { meaning = "Trust type" }
trust_subtype = { meaning = "Trust subtype" }
period_words = { meaning = "Period of the count" }
source_name = { meaning = "Source that holds the count" }
amount = { unit = "count", decimals = 0, meaning = "The count" }
log_amount = { decimals = 4, meaning = "Natural logarithm of the count" }
middle_half = { decimals = 4, meaning = "Distance between the quartiles of the logarithms of the trust type" }
trusts_held = { unit = "count", meaning = "Trusts of the type with the size" }

[[tests]]
check = "range"
column = "amount"
min = 1

[[tests]]
check = "sql"
name = "a size tells trusts apart"
where = "middle_half <= 0"

[[tests]]
check = "relationship"
column = "feature"
to = "case_features.feature"
*/
WITH sizes AS (
    SELECT
        trusts.trust_code,
        trusts.trust_type,
        trusts.trust_subtype,
        case_features.feature,
        case_features.feature_order,
        case_features.feature_words,
        metric_current.period_words,
        metric_current.source AS source_name,
        CASE case_features.counted_in WHEN 'numerator' THEN metric_current.numerator ELSE metric_current.denominator END AS amount
    FROM case_features
    JOIN metric_current USING (metric_id)
    JOIN trusts ON trusts.trust_code = metric_current.org_code
    WHERE metric_current.is_latest_period AND metric_current.is_main AND metric_current.is_reported
),

logs AS (
    SELECT *, CAST(ln(CAST(amount AS DOUBLE)) AS DECIMAL(12, 4)) AS log_amount
    FROM sizes
    WHERE amount >= 1
)

SELECT *
FROM (
    SELECT
        trust_code,
        feature,
        feature_order,
        feature_words,
        trust_type,
        trust_subtype,
        period_words,
        source_name,
        amount,
        log_amount,
        quantile_cont(log_amount, 0.75) OVER of_type - quantile_cont(log_amount, 0.25) OVER of_type AS middle_half,
        count(*) OVER of_type AS trusts_held
    FROM logs
    WINDOW of_type AS (PARTITION BY trust_type, feature)
)
-- A size that hardly any trust of the type has tells nothing about which are alike.
WHERE middle_half > 0
ORDER BY trust_code, feature_order, feature
