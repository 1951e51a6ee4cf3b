/*
title = "How much trusts differ beyond chance"
description = "For each ranked measure and kind of trust in the latest period: the spread of values as published, and the spread that is left when chance is taken out. Each value is observed with the standard error of metric_ranks (the larger of usual variation and chance in the counts); the variance between trusts beyond that is estimated by restricted maximum likelihood. The underlying tenth and ninetieth places are those of the values drawn towards their mean just so far that their variance is the one estimated: the range that would be seen without chance. It is a description of difference, not of inequity: trusts serve different people, and what part is need, and what part is supply, is not in these figures."
grain = ["metric_id", "trust_kind"]

[columns]
metric_id = { meaning = "Measure" }
metric_name = { meaning = "Name of the measure" }
metric_group = { meaning = "Group of measures" }
metric_order = { unit = "count", meaning = "Order of the measure" }
decimals = { meaning = "Decimals with which values are shown" }
unit_suffix = { meaning = "What follows the number" }
trust_kind = { meaning = "Kind of trust" }
period = { meaning = "Period" }
period_words = { meaning = "The period in words" }
trusts = { unit = "count", meaning = "Trusts compared" }
lowest = { meaning = "Lowest value" }
tenth = { meaning = "Value below which a tenth of trusts lie" }
middle = { meaning = "Median" }
ninetieth = { meaning = "Value above which a tenth of trusts lie" }
highest = { meaning = "Highest value" }
mean_of_trusts = { meaning = "Estimated mean of trusts, each counting by its precision" }
between_sd = { meaning = "Standard deviation between trusts beyond chance (tau), in the unit shown" }
chance_sd = { meaning = "Typical standard error of one trust's value: root of the median squared error" }
share_beyond_chance = { unit = "fraction", decimals = 0, meaning = "Variance between trusts as a share of all variance of a typical trust's value (rankability)" }
underlying_tenth = { meaning = "The tenth without chance" }
underlying_ninetieth = { meaning = "The ninetieth without chance" }
between_regions = { unit = "fraction", decimals = 0, meaning = "Share of the variance between trusts that lies between regions, allowing for their number (epsilon squared); 0 where regions explain no more than chance would, missing with fewer than 5 trusts a region" }
support = { meaning = "How far the table supports ranking: none, poor, moderate or good" }
variation_words = { meaning = "The finding in a sentence" }

[[tests]]
check = "sql"
name = "values are in order, and what is left without chance is no wider than what was seen"
where = "NOT (lowest <= tenth AND tenth <= middle AND middle <= ninetieth AND ninetieth <= highest) OR underlying_ninetieth - underlying_tenth > ninetieth - tenth + 1e-9"

[[tests]]
check = "range"
column = "share_beyond_chance"
min = 0
max = 1

[[tests]]
check = "sql"
name = "no range without chance is given where there is no variance beyond it"
where = "between_sd = 0 AND abs(underlying_ninetieth - underlying_tenth) > 1e-9"

[[tests]]
check = "not_null"
columns = ["variation_words", "between_sd", "trusts"]
*/
WITH groups AS (
    SELECT
        metric_id,
        trust_kind,
        empirical_bayes_fit(list(value ORDER BY trust_code), list(standard_error ORDER BY trust_code), 'REML') AS fit
    FROM metric_ranks
    GROUP BY metric_id, trust_kind
),

trusts_placed AS (
    SELECT
        metric_ranks.*,
        trust_kinds.region,
        groups.fit,
        groups.fit.mu + (metric_ranks.value - groups.fit.mu)
            * sqrt(groups.fit.tau2 / (groups.fit.tau2 + metric_ranks.standard_error * metric_ranks.standard_error)) AS underlying,
        avg(metric_ranks.value) OVER (PARTITION BY metric_id, trust_kind) AS grand_mean,
        avg(metric_ranks.value) OVER (PARTITION BY metric_id, trust_kind, trust_kinds.region) AS region_mean
    FROM metric_ranks
    JOIN groups USING (metric_id, trust_kind)
    JOIN trust_kinds USING (trust_code)
),

regions AS (
    SELECT
        metric_id,
        trust_kind,
        sum(power(value - grand_mean, 2)) AS in_all,
        sum(power(value - region_mean, 2)) AS within,
        count(*) AS trusts,
        count(DISTINCT region) AS regions
    FROM trusts_placed
    WHERE region IS NOT NULL
    GROUP BY metric_id, trust_kind
),

spread AS (
    SELECT
        metric_id,
        trust_kind,
        min(period) AS period,
        count(*) AS trusts,
        min(value) AS lowest,
        quantile_cont(value, 0.1) AS tenth,
        quantile_cont(value, 0.5) AS middle,
        quantile_cont(value, 0.9) AS ninetieth,
        max(value) AS highest,
        min(fit) AS fit,
        sqrt(median(standard_error * standard_error)) AS chance_sd,
        quantile_cont(underlying, 0.1) AS underlying_tenth,
        quantile_cont(underlying, 0.9) AS underlying_ninetieth
    FROM trusts_placed
    GROUP BY metric_id, trust_kind
)

SELECT
    spread.metric_id,
    metrics.metric_name,
    metrics.metric_group,
    metrics.metric_order,
    metrics.decimals,
    metrics.unit_suffix,
    spread.trust_kind,
    spread.period,
    held.period_words,
    spread.trusts,
    spread.lowest,
    spread.tenth,
    spread.middle,
    spread.ninetieth,
    spread.highest,
    spread.fit.mu AS mean_of_trusts,
    sqrt(spread.fit.tau2) AS between_sd,
    spread.chance_sd,
    spread.fit.rankability AS share_beyond_chance,
    spread.underlying_tenth,
    spread.underlying_ninetieth,
    CASE WHEN regions.in_all > 0 AND regions.regions > 1 AND regions.trusts >= 5 * regions.regions
        THEN greatest(0, 1 - regions.within / (regions.trusts - regions.regions) * (regions.trusts - 1) / regions.in_all)
    END AS between_regions,
    spread.fit.support,
    CASE
        WHEN spread.fit.tau2 = 0 THEN 'No difference between trusts beyond chance was found.'
        ELSE 'Eight in ten of ' || spread.trusts || ' trusts lie between '
            || printf('%.' || metrics.decimals || 'f', spread.tenth) || ' and '
            || printf('%.' || metrics.decimals || 'f', spread.ninetieth) || metrics.unit_suffix
            || '; with chance taken out, between '
            || printf('%.' || metrics.decimals || 'f', spread.underlying_tenth) || ' and '
            || printf('%.' || metrics.decimals || 'f', spread.underlying_ninetieth) || metrics.unit_suffix || '.'
    END AS variation_words
FROM spread
JOIN metrics USING (metric_id)
JOIN (
    SELECT metric_id, min(period_words) AS period_words
    FROM measured_series
    WHERE level = 'trust' AND is_latest
    GROUP BY metric_id
) AS held USING (metric_id)
LEFT JOIN regions USING (metric_id, trust_kind)
