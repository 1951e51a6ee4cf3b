/*
title = "Counts against the monthly panel"
description = "Every figure of the independently assembled panel beside the count that this book makes from the files: numerator and denominator must be the same number. Where the metric has several versions or bases, the panel's row is set against the one that equals it, and otherwise against the latest of the panel's own. Figures that only one of the two holds are listed with the reason."
grain = ["metric_id", "org_code", "period", "side"]
parts = "metric_id"

[columns]
metric_id = { meaning = "Metric" }
org_code = { meaning = "Organisation code" }
period = { meaning = "Period as the panel has it" }
side = { meaning = "both, panel only or book only" }
panel_numerator = { unit = "count", decimals = 1, meaning = "Numerator in the panel" }
panel_denominator = { unit = "count", decimals = 1, meaning = "Denominator in the panel" }
numerator = { unit = "count", decimals = 1, meaning = "Numerator here" }
denominator = { unit = "count", decimals = 1, meaning = "Denominator here" }
basis = { meaning = "Basis of the counts here" }
is_equal = { meaning = "Whether both numbers are the same" }
reason = { meaning = "Why they differ, or why one side lacks the figure; missing where they are equal" }

[[tests]]
check = "sql"
name = "no difference from the panel is unexplained"
where = "NOT is_equal AND (reason IS NULL OR reason = 'unexplained')"

[[tests]]
check = "sql"
name = "every figure of the panel is here once"
query = """
SELECT metric_panel.metric_id, metric_panel.org_code, metric_panel.period
FROM metric_panel
LEFT JOIN panel_differences
    ON panel_differences.metric_id = metric_panel.metric_id
    AND panel_differences.org_code = metric_panel.org_code
    AND panel_differences.period = metric_panel.period
    AND panel_differences.side <> 'book only'
WHERE panel_differences.side IS NULL AND metric_panel.metric_id IN (SELECT metric_id FROM panel_differences)
"""

[determinism]
window = "each basis has one row for each version"
*/
WITH counted AS (
    -- Rows that came from the panel itself prove nothing.
    SELECT * FROM metric_counts WHERE source <> 'metric_panel'
),

panel AS (
    SELECT * FROM counts_from_panel WHERE metric_id IN (SELECT metric_id FROM counted)
),

candidates AS (
    SELECT
        panel.metric_id,
        panel.org_code,
        panel.period,
        panel.numerator AS panel_numerator,
        panel.denominator AS panel_denominator,
        counted.numerator,
        counted.denominator,
        counted.basis,
        counted.metric_id IS NOT NULL AS is_here,
        coalesce(
            panel.numerator IS NOT DISTINCT FROM counted.numerator
            AND panel.denominator IS NOT DISTINCT FROM counted.denominator,
            FALSE
        ) AS is_equal
    FROM panel
    LEFT JOIN counted
        ON counted.metric_id = panel.metric_id
        AND counted.org_code = panel.org_code
        AND counted.period = panel.period
    QUALIFY row_number() OVER (
        PARTITION BY panel.metric_id, panel.org_code, panel.period
        ORDER BY is_equal DESC, counted.basis, counted.version DESC
    ) = 1
),

book_only AS (
    -- The latest version of what the panel does not hold, for the metrics that it has.
    SELECT counted.*
    FROM counted
    ANTI JOIN panel
        ON panel.metric_id = counted.metric_id
        AND panel.org_code = counted.org_code
        AND panel.period = counted.period
    WHERE counted.metric_id IN (SELECT metric_id FROM panel)
    QUALIFY row_number() OVER (
        PARTITION BY counted.metric_id, counted.org_code, counted.period ORDER BY counted.basis, counted.version DESC
    ) = 1
)

SELECT
    metric_id,
    org_code,
    period,
    CASE WHEN is_here THEN 'both' ELSE 'panel only' END AS side,
    panel_numerator,
    panel_denominator,
    numerator,
    denominator,
    basis,
    is_equal,
    CASE
        WHEN is_equal THEN NULL
        WHEN abs(numerator - panel_numerator) < 0.001 AND abs(denominator - panel_denominator) < 0.001
            THEN 'the panel keeps averages of the quarter to three decimals, the official file in full'
        ELSE 'unexplained'
    END AS reason
FROM candidates
UNION ALL
SELECT
    metric_id,
    org_code,
    period,
    'book only',
    NULL,
    NULL,
    numerator,
    denominator,
    basis,
    FALSE,
    CASE
        WHEN numerator IS NULL THEN 'the organisation reported no numerator: the panel leaves such rows out'
        WHEN source = 'rtt_area_counts' THEN 'a series of twelve trusts that the panel does not use'
        WHEN period < (SELECT min(period) FROM panel WHERE panel.metric_id = book_only.metric_id)
            OR period > (SELECT max(period) FROM panel WHERE panel.metric_id = book_only.metric_id)
            THEN 'a period outside the panel''s'
        ELSE 'unexplained'
    END
FROM book_only
