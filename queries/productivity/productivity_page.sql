/*
title = "Productivity growth of each trust, with its place and how far to trust it"
description = "One row with everything that a trust's page on productivity growth prints: the estimate with period, base, vintage and status, its components and log shares, its place among all trusts and its own subtype, simulated ranks by reliability, the next figure and what was to be expected, staff, flags and words. All of it is growth; levels are elsewhere."
grain = ["trust_code"]

[columns]
trust_code = { meaning = "Organisation code" }
trust_name = { meaning = "Name" }
measure = { meaning = "What kind of figure this is: growth, never level" }
period = { meaning = "Period" }
base = { meaning = "Base: the period it is compared with" }
vintage = { meaning = "When this version was published" }
status = { meaning = "Status of this version" }
published_in = { meaning = "Where the figure is published" }
productivity_growth = { unit = "fraction", decimals = 1, meaning = "Estimated productivity growth, as published" }
activity_growth = { unit = "fraction", decimals = 1, meaning = "Growth in cost-weighted activity" }
resource_growth = { unit = "fraction", decimals = 1, meaning = "Growth in real-terms resource" }
recomputed_growth = { unit = "fraction", decimals = 1, meaning = "(1 + activity growth) / (1 + resource growth) - 1" }
verdict = { meaning = "Whether the published figure follows from its components, allowing for rounding" }
difference_of_components = { unit = "%", decimals = 1, meaning = "Activity growth less resource growth: the tempting wrong formula" }
activity_log_points = { unit = "log points", decimals = 1, meaning = "What activity added, in log points" }
resource_log_points = { unit = "log points", decimals = 1, meaning = "What resource added, in log points" }
activity_share = { unit = "fraction", decimals = 0, meaning = "Share of the log change that is activity; only where both components push the same way" }
resource_share = { unit = "fraction", decimals = 0, meaning = "Share of the log change that is resource; only where both components push the same way" }
growth_rank = { unit = "rank", meaning = "Rank from the highest growth; ties share the best" }
growth_tied = { unit = "count", meaning = "Trusts that share the growth, this one included" }
trusts_ranked = { unit = "count", meaning = "Trusts with a figure" }
trust_subtype = { meaning = "Trust subtype" }
subtype_rank = { unit = "rank", meaning = "Rank among trusts of its subtype" }
subtype_trusts = { unit = "count", meaning = "Trusts of its subtype with a figure" }
subtype_median = { unit = "fraction", decimals = 1, meaning = "Median growth of its subtype" }
rank_low_point = { unit = "rank", meaning = "Best of the middle 95% of simulated ranks, reliability as the two periods agree" }
rank_high_point = { unit = "rank", meaning = "Worst of the middle 95% of simulated ranks, reliability as the two periods agree" }
rank_low_upper = { unit = "rank", meaning = "Best of the middle 95% of simulated ranks, the most reliability that the two periods allow" }
rank_high_upper = { unit = "rank", meaning = "Worst of the middle 95% of simulated ranks, the most reliability that the two periods allow" }
rank_low_choice = { unit = "rank", meaning = "Best of the middle 95% of simulated ranks, reliability chosen" }
rank_high_choice = { unit = "rank", meaning = "Worst of the middle 95% of simulated ranks, reliability chosen" }
next_growth = { unit = "%", decimals = 1, meaning = "Next published figure" }
next_rank = { unit = "rank", meaning = "Rank of the next figure from the highest; ties share the best" }
next_ranked = { unit = "count", meaning = "Trusts with a next figure" }
next_tied = { unit = "count", meaning = "Trusts that share the next figure, this one included" }
next_period = { meaning = "Period of the next figure" }
next_base = { meaning = "Base of the next figure" }
next_vintage = { meaning = "When the next figure was published" }
next_status = { meaning = "Status of the next figure" }
next_published_in = { meaning = "Where the next figure is published" }
next_note = { meaning = "What is not settled about the period of the next figure" }
expected_next = { unit = "%", decimals = 1, meaning = "Growth that this figure leads one to expect of the next, by the regression across trusts" }
expected_low = { unit = "%", decimals = 1, meaning = "Low end of the interval for a single trust's figure" }
expected_high = { unit = "%", decimals = 1, meaning = "High end of the interval for a single trust's figure" }
later_growth = { unit = "%", decimals = 1, meaning = "The next figure in a later vintage with one month more, where that was seen" }
later_revision = { unit = "points", decimals = 1, meaning = "Later vintage less the next figure" }
staff_growth = { unit = "fraction", decimals = 1, meaning = "Growth in mean substantive staff" }
staff_before = { unit = "full-time equivalents", decimals = 0, meaning = "Mean substantive staff in the base" }
staff_after = { unit = "full-time equivalents", decimals = 0, meaning = "Mean substantive staff in the period" }
staff_source = { meaning = "Name of the source of the staff figures, for citing it" }
staff_basis = { meaning = "Where the staff figures come from" }
staff_gap = { unit = "points", decimals = 1, meaning = "Growth in staff less growth in real-terms resource" }
staff_gap_sds = { unit = "standard deviations", decimals = 1, meaning = "Distance of the gap from the mean of all trusts" }
staff_gap_rank = { unit = "rank", meaning = "Rank of the gap from the largest" }
staff_gap_rank_without_mergers = { unit = "rank", meaning = "Rank of the gap from the largest, among trusts whose code absorbed no other in the window" }
staff_compared = { unit = "count", meaning = "Trusts with staff figures" }
activity_per_staff_growth = { unit = "fraction", decimals = 1, meaning = "Growth in cost-weighted activity for each substantive member of staff" }
activity_per_staff_rank = { unit = "rank", meaning = "Rank of the growth in activity for each member of staff, from the highest" }
flags = { unit = "count", meaning = "Flags raised" }
flag_labels = { meaning = "The flags in few words" }
claim = { meaning = "What is estimated, in a sentence" }
place_words = { meaning = "Place of the trust among trusts, in a sentence" }
next_words = { meaning = "The next figure, in a sentence" }
components_words = { meaning = "How much of the change each component made, where that can be said" }
persistence_words = { meaning = "Whether one period's growth has been a guide to the next" }
staff_words = { meaning = "Staff growth beside resource growth, in a sentence" }
uncertainty_words = { meaning = "What is known of the uncertainty, and why no interval is printed" }
level_words = { meaning = "That growth is not level" }

[[tests]]
check = "sql"
name = "one page for each trust with a published growth"
query = """
SELECT coalesce(page.trust_code, growth.trust_code) AS trust_code
FROM productivity_page AS page
FULL JOIN (SELECT trust_code FROM productivity_growth WHERE productivity_growth IS NOT NULL) AS growth USING (trust_code)
WHERE page.trust_code IS NULL OR growth.trust_code IS NULL
"""

[[tests]]
check = "sql"
name = "no rank is given without the range of its simulated ranks"
query = """
SELECT trust_code
FROM productivity_page
WHERE growth_rank IS NOT NULL AND rank_low_choice IS NULL AND (SELECT count(*) FROM productivity_page) >= 4
    AND (SELECT count(DISTINCT productivity_growth) FROM productivity_page) > 1
"""

[[tests]]
check = "not_null"
columns = ["measure", "period", "base", "vintage", "status", "verdict"]

[[tests]]
check = "accepted"
column = "measure"
values = ["growth"]
*/
WITH growth AS (
    SELECT
        *,
        count(*) OVER (PARTITION BY productivity_growth) AS growth_tied,
        rank() OVER (PARTITION BY trust_subtype ORDER BY productivity_growth DESC) AS place_in_subtype,
        count(*) OVER (PARTITION BY trust_subtype) AS subtype_trusts,
        median(productivity_growth) OVER (PARTITION BY trust_subtype) AS median_of_subtype
    FROM productivity_growth
    WHERE productivity_growth IS NOT NULL
),

ranks AS (
    SELECT
        trust_code,
        max(simulated_rank_best) FILTER (reliability_order = 1) AS rank_low_point,
        max(simulated_rank_worst) FILTER (reliability_order = 1) AS rank_high_point,
        max(simulated_rank_best) FILTER (reliability_order = 2) AS rank_low_upper,
        max(simulated_rank_worst) FILTER (reliability_order = 2) AS rank_high_upper,
        max(simulated_rank_best) FILTER (reliability_order = 3) AS rank_low_choice,
        max(simulated_rank_worst) FILTER (reliability_order = 3) AS rank_high_choice
    FROM productivity_rank
    GROUP BY trust_code
),

flagged AS (
    SELECT trust_code, count(*) AS flags, string_agg(flag_label, '; ' ORDER BY flag_order, flag) AS flag_labels
    FROM productivity_flags
    GROUP BY trust_code
)

SELECT
    growth.trust_code,
    growth.trust_name,
    growth.measure,
    growth.period,
    growth.base,
    growth.vintage,
    growth.status,
    growth.published_in,
    growth.productivity_growth,
    growth.activity_growth,
    growth.resource_growth,
    growth.recomputed_growth,
    checked.verdict,
    checked.difference_of_components,
    growth.activity_log_points,
    growth.resource_log_points,
    growth.activity_share,
    growth.resource_share,
    growth.growth_rank,
    growth.growth_tied,
    growth.trusts_ranked,
    growth.trust_subtype,
    CASE WHEN growth.trust_subtype IS NOT NULL THEN growth.place_in_subtype END AS subtype_rank,
    CASE WHEN growth.trust_subtype IS NOT NULL THEN growth.subtype_trusts END AS subtype_trusts,
    CASE WHEN growth.trust_subtype IS NOT NULL THEN growth.median_of_subtype END AS subtype_median,
    ranks.* EXCLUDE (trust_code),
    growth.next_growth,
    growth.next_rank,
    growth.next_ranked,
    growth.next_tied,
    growth.next_period,
    growth.next_base,
    growth.next_vintage,
    growth.next_status,
    growth.next_published_in,
    next_figure.period_note AS next_note,
    expectation.expected_next,
    expectation.expected_low,
    expectation.expected_high,
    revisions.later_growth,
    revisions.revision AS later_revision,
    growth.staff_growth,
    growth.staff_before,
    growth.staff_after,
    growth.staff_source,
    staff.staff_basis,
    growth.triangulation_gap AS staff_gap,
    growth.triangulation_sds AS staff_gap_sds,
    growth.triangulation_rank AS staff_gap_rank,
    staff.gap_rank_without_mergers AS staff_gap_rank_without_mergers,
    growth.trusts_compared AS staff_compared,
    growth.activity_per_staff_growth,
    growth.activity_per_staff_rank,
    coalesce(flagged.flags, 0) AS flags,
    flagged.flag_labels,
    words.claim,
    words.place_words,
    words.next_words,
    words.components_words,
    words.persistence_words,
    words.staff_words,
    words.uncertainty_words,
    words.level_words
FROM growth
JOIN productivity_consistency AS checked ON checked.case_kind = 'trust' AND checked.case_name = growth.trust_code
CROSS JOIN (SELECT * FROM productivity_figures WHERE figure = 'next') AS next_figure
LEFT JOIN ranks ON ranks.trust_code = growth.trust_code
LEFT JOIN productivity_expectation AS expectation ON expectation.trust_code = growth.trust_code
LEFT JOIN productivity_revisions AS revisions ON revisions.trust_code = growth.trust_code
LEFT JOIN staff_triangulation AS staff ON staff.trust_code = growth.trust_code
LEFT JOIN flagged ON flagged.trust_code = growth.trust_code
LEFT JOIN productivity_words AS words ON words.trust_code = growth.trust_code
ORDER BY growth.trust_code
