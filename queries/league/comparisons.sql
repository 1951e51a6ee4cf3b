/*
title = "Published against recomputed"
description = "Every published figure that this book recomputes, one row for each, with the recomputed figure beside it. 'Within rounding' means that the published inputs, rounded as they are, cannot tell the two apart."
grain = ["quantity", "quarter", "subject", "item"]

[columns]
quantity = { meaning = "What is compared" }
quantity_order = { unit = "count", meaning = "Order of the quantity on the page" }
quarter = { meaning = "Financial quarter, or the period of the figure" }
subject = { meaning = "Trust code, or trust type" }
item = { meaning = "Metric number or domain; 'All metrics' for a figure of the whole trust" }
unit = { meaning = "What the figures are counted in" }
published = { unit = "figure", decimals = 2, meaning = "Published figure" }
recomputed = { unit = "figure", decimals = 6, meaning = "Recomputed figure" }
difference = { unit = "figure", decimals = 6, meaning = "Recomputed less published" }
outcome = { meaning = "Exact, within rounding, or different" }
reason = { meaning = "Why the two differ, where a reason is known" }

[[tests]]
check = "accepted"
column = "outcome"
values = ["exact", "within rounding", "different"]

[[tests]]
check = "sql"
name = "a difference has a reason"
where = "(outcome = 'exact') <> (reason IS NULL)"
*/
WITH metric_score_pairs AS (
    SELECT
        CASE
            WHEN scoring = 'bands' THEN 'Metric score from bands'
            WHEN scoring = 'combined' THEN 'Combined finance score from its two parts'
            WHEN place_from = 'published score' THEN 'Metric score on the grid of its pool'
            ELSE 'Metric score from published rank'
        END AS quantity,
        quarter,
        trust_code AS subject,
        metric_number AS item,
        'score' AS unit,
        published_score AS published,
        recomputed_score AS recomputed,
        -- Whether rounding can explain a difference: missing where rounding has no part in the figure.
        CAST(NULL AS BOOLEAN) AS rounding_explains,
        'unexplained' AS reason_if_not_exact
    FROM metric_scores
    -- A score taken as published has nothing to be compared with.
    WHERE published_score IS NOT NULL AND recomputed_score IS NOT NULL AND scoring <> 'as published'
),

value_rank_pairs AS (
    -- A published value stands for anything within half a hundredth of it. The best rank a trust can have counts those
    -- surely better; the worst counts those possibly better.
    SELECT
        'Metric rank from published values',
        quarter,
        trust_code,
        metric_number,
        'rank',
        published_rank,
        value_rank,
        published_rank BETWEEN 1 + count(*) OVER surely_better AND count(*) OVER possibly_better,
        'unrounded ranks'
    FROM (
        SELECT
            metric_scores.*,
            CASE better WHEN 'high' THEN -metric_scores.value ELSE metric_scores.value END AS penalty
        FROM metric_scores
        JOIN metric_values USING (quarter, trust_code, metric_number)
        WHERE value_rank IS NOT NULL AND metric_scores.published_rank IS NOT NULL
    )
    WINDOW
        surely_better AS (
            PARTITION BY quarter, trust_type, metric_number ORDER BY penalty
            RANGE BETWEEN UNBOUNDED PRECEDING AND 0.010001 PRECEDING
        ),
        possibly_better AS (
            PARTITION BY quarter, trust_type, metric_number ORDER BY penalty
            RANGE BETWEEN UNBOUNDED PRECEDING AND 0.01 FOLLOWING
        )
),

quartile_pairs AS (
    SELECT
        quartile.quantity,
        quarter,
        trust_type,
        metric_number,
        'value',
        quartile.published,
        round(quartile.recomputed, 2),
        -- Half a hundredth from rounding the values and half from rounding the quartile.
        abs(quartile.published - quartile.recomputed) <= (SELECT rounding_tolerance FROM parameters),
        'unrounded values'
    FROM metric_distribution,
        unnest([
            {'quantity': 'Lower quartile of a metric', 'published': published_lower_quartile, 'recomputed': lower_quartile},
            {'quantity': 'Median of a metric', 'published': published_median, 'recomputed': median},
            {'quantity': 'Upper quartile of a metric', 'published': published_upper_quartile, 'recomputed': upper_quartile}
        ]) AS listed(quartile)
    WHERE quartile.published IS NOT NULL
),

domain_pairs AS (
    SELECT
        'Domain score from published metric scores',
        quarter, trust_code, domain, 'score', published_score, mean_of_published,
        abs(published_score - mean_of_published) <= (SELECT rounding_tolerance FROM parameters),
        CASE
            WHEN mean_of_unrounded = published_score THEN 'rounded scores'
            WHEN mean_rounded_first = published_score THEN 'rounded first'
            ELSE 'rounding edge'
        END
    FROM domain_scores
    WHERE published_score IS NOT NULL AND mean_of_published IS NOT NULL
    UNION ALL
    SELECT
        'Domain score from unrounded metric scores',
        quarter, trust_code, domain, 'score', published_score, mean_of_unrounded,
        abs(published_score - mean_of_unrounded) <= (SELECT rounding_tolerance FROM parameters),
        CASE
            WHEN mean_rounded_first = published_score THEN 'rounded first'
            WHEN mean_of_published = published_score THEN 'averaged rounded'
            ELSE 'rounding edge'
        END
    FROM domain_scores
    WHERE published_score IS NOT NULL AND mean_of_unrounded IS NOT NULL
),

average_pairs AS (
    SELECT
        'Average score from published metric scores',
        quarter, trust_code, 'All metrics', 'score', published_average, average_of_published,
        abs(published_average - average_of_published) <= (SELECT rounding_tolerance FROM parameters),
        CASE
            WHEN average_of_unrounded = published_average THEN 'rounded scores'
            WHEN average_rounded_first = published_average THEN 'rounded first'
            ELSE 'rounding edge'
        END
    FROM average_scores
    UNION ALL
    SELECT
        'Average score from unrounded metric scores',
        quarter, trust_code, 'All metrics', 'score', published_average, average_of_unrounded,
        abs(published_average - average_of_unrounded) <= (SELECT rounding_tolerance FROM parameters),
        CASE
            WHEN average_rounded_first = published_average THEN 'rounded first'
            WHEN average_of_published = published_average THEN 'averaged rounded'
            ELSE 'rounding edge'
        END
    FROM average_scores
    WHERE average_of_unrounded IS NOT NULL
),

domain_segments AS (
    SELECT
        domain_scores.quarter,
        domain_scores.trust_code,
        domain_scores.domain,
        domain_scores.published_segment,
        1 + count(*) FILTER (domain_scores.published_score > segment_cuts.cut) AS segment_by_score
    FROM domain_scores
    JOIN segment_cuts USING (quarter, domain)
    WHERE domain_scores.published_segment IS NOT NULL AND domain_scores.published_score IS NOT NULL
    GROUP BY domain_scores.quarter, domain_scores.trust_code, domain_scores.domain, domain_scores.published_segment
    HAVING count(cut) = count(*)
),

segment_pairs AS (
    SELECT
        'Domain segment from cut points', quarter, trust_code, domain, 'segment',
        published_segment, segment_by_score, NULL, 'off the cut'
    FROM domain_segments
    UNION ALL
    SELECT
        'Segment from cut points', quarter, trust_code, 'All metrics', 'segment',
        published_unadjusted_segment, segment_by_score, NULL, 'off the cut'
    FROM segments
    WHERE published_unadjusted_segment IS NOT NULL AND segment_by_score IS NOT NULL
    UNION ALL
    SELECT
        'Adjusted segment from the override', quarter, trust_code, 'All metrics', 'segment',
        adjusted_segment, recomputed_adjusted_segment, NULL, 'unexplained'
    FROM segments
    WHERE recomputed_adjusted_segment IS NOT NULL
),

league_pairs AS (
    SELECT 'League rank', quarter, trust_code, 'All metrics', 'rank', league_rank, recomputed_rank, NULL, 'unexplained'
    FROM league_positions
    WHERE table_is_complete AND league_rank IS NOT NULL
),

file_pairs AS (
    SELECT
        'League table file against data file',
        quarter, trust_code, figure.item, figure.unit, figure.published, figure.recomputed, NULL, 'other basis'
    FROM nof_league AS league
    JOIN published_positions AS positions USING (quarter, trust_code),
        unnest([
            {
                'item': 'Average score',
                'unit': 'score',
                'published': CAST(league.average_score AS DECIMAL(18, 6)),
                'recomputed': CAST(positions.average_score AS DECIMAL(18, 6))
            },
            {
                'item': 'Adjusted segment',
                'unit': 'segment',
                'published': CAST(league.segment AS DECIMAL(18, 6)),
                'recomputed': CAST(positions.adjusted_segment AS DECIMAL(18, 6))
            },
            {
                'item': 'League rank',
                'unit': 'rank',
                'published': CAST(league.rank AS DECIMAL(18, 6)),
                'recomputed': CAST(positions.league_rank AS DECIMAL(18, 6))
            }
        ]) AS listed(figure)
    WHERE figure.published IS NOT NULL AND figure.recomputed IS NOT NULL
    UNION ALL
    SELECT
        'Extract against official file',
        positions.quarter, positions.trust_code, figure.item, figure.unit, figure.published, figure.recomputed, NULL, 'other basis'
    FROM nof_extract_league AS extract
    JOIN trust_quarters
        ON trust_quarters.trust_code = extract.org_code AND trust_quarters.in_extract AND trust_quarters.basis = 'official'
    JOIN published_positions AS positions
        ON positions.trust_code = extract.org_code AND positions.quarter = trust_quarters.quarter,
        unnest([
            {
                'item': 'Average score',
                'unit': 'score',
                'published': CAST(positions.average_score AS DECIMAL(18, 6)),
                'recomputed': CAST(extract.league_avg_score AS DECIMAL(18, 6))
            },
            {
                'item': 'Adjusted segment',
                'unit': 'segment',
                'published': CAST(positions.adjusted_segment AS DECIMAL(18, 6)),
                'recomputed': CAST(extract.league_segment AS DECIMAL(18, 6))
            },
            {
                'item': 'League rank',
                'unit': 'rank',
                'published': CAST(positions.league_rank AS DECIMAL(18, 6)),
                'recomputed': CAST(extract.league_rank AS DECIMAL(18, 6))
            }
        ]) AS listed(figure)
    WHERE figure.published IS NOT NULL AND figure.recomputed IS NOT NULL
),

productivity_pairs AS (
    SELECT
        'Productivity growth from its components',
        period, trust_code, 'All metrics', '%',
        round(CAST(100 * productivity_growth AS DECIMAL(18, 9)), 6),
        round(CAST(100 * recomputed_growth AS DECIMAL(18, 9)), 6),
        NULL, 'unexplained'
    FROM productivity_growth
    WHERE productivity_growth IS NOT NULL AND recomputed_growth IS NOT NULL
),

together AS (
    SELECT * FROM metric_score_pairs
    UNION ALL SELECT * FROM value_rank_pairs
    UNION ALL SELECT * FROM quartile_pairs
    UNION ALL SELECT * FROM domain_pairs
    UNION ALL SELECT * FROM average_pairs
    UNION ALL SELECT * FROM segment_pairs
    UNION ALL SELECT * FROM league_pairs
    UNION ALL SELECT * FROM file_pairs
    UNION ALL SELECT * FROM productivity_pairs
),

exact AS (
    SELECT * REPLACE (
        CAST(published AS DECIMAL(18, 6)) AS published,
        CAST(recomputed AS DECIMAL(18, 6)) AS recomputed
    )
    FROM together
)

SELECT
    quantity,
    reconciled_quantities.quantity_order,
    quarter,
    subject,
    item,
    unit,
    published,
    recomputed,
    recomputed - published AS difference,
    CASE
        WHEN recomputed = published THEN 'exact'
        WHEN rounding_explains THEN 'within rounding'
        ELSE 'different'
    END AS outcome,
    CASE
        WHEN recomputed = published THEN NULL
        WHEN coalesce(rounding_explains, TRUE) THEN reason_if_not_exact
        ELSE 'unexplained'
    END AS reason
FROM exact
LEFT JOIN reconciled_quantities USING (quantity)
