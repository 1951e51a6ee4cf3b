/*
title = "Productivity growth of all trusts together, and how far it lasts"
description = "One row for the briefing: how growth is spread, whether last period's leaders still lead, what staff figures say, how large revisions are, and the words that follow. All of it is growth; whether levels last is in a table of its own."
grain = ["period"]

[columns]
period = { meaning = "Period" }
base = { meaning = "Base: the period it is compared with" }
vintage = { meaning = "When this version was published" }
status = { meaning = "Status of this version" }
published_in = { meaning = "Where the figure is published" }
next_period = { meaning = "Next period" }
next_base = { meaning = "Base of the next period" }
next_vintage = { meaning = "When the next figures were published" }
next_status = { meaning = "Status of the next figures" }
next_published_in = { meaning = "Where they are published" }
next_note = { meaning = "What is not settled about the period of the next figures" }
trusts = { unit = "count", meaning = "Trusts with a figure" }
median = { unit = "fraction", decimals = 1, meaning = "Median growth" }
lower_quartile = { unit = "fraction", decimals = 1, meaning = "Lower quartile" }
upper_quartile = { unit = "fraction", decimals = 1, meaning = "Upper quartile" }
lowest = { unit = "fraction", decimals = 1, meaning = "Lowest growth" }
highest = { unit = "fraction", decimals = 1, meaning = "Highest growth" }
standard_deviation = { unit = "fraction", decimals = 1, meaning = "Standard deviation between trusts" }
negative = { unit = "count", meaning = "Trusts whose productivity is estimated to have fallen" }
negative_share = { unit = "fraction", decimals = 0, meaning = "Share of the trusts whose productivity is estimated to have fallen" }
consistent = { unit = "count", meaning = "Trusts whose published growth follows from its components" }
checked = { unit = "count", meaning = "Trusts checked" }
largest_shortcut_error = { unit = "points", decimals = 1, meaning = "Most that the difference of the components misses the growth by" }
pairs = { unit = "count", meaning = "Trusts with both figures" }
correlation = { unit = "correlation", decimals = 2, meaning = "Correlation of growth in the two periods" }
correlation_low = { unit = "correlation", decimals = 2, meaning = "Low end of the 95% interval of the correlation" }
correlation_high = { unit = "correlation", decimals = 2, meaning = "High end of the 95% interval of the correlation" }
spearman = { unit = "correlation", decimals = 2, meaning = "Spearman's rank correlation" }
spearman_low = { unit = "correlation", decimals = 2, meaning = "Low end of the 95% interval of the rank correlation" }
spearman_high = { unit = "correlation", decimals = 2, meaning = "High end of the 95% interval of the rank correlation" }
top_quarter = { unit = "count", meaning = "Trusts in the top quarter" }
top_again = { unit = "count", meaning = "Trusts in the top quarter of both periods" }
stay_share = { unit = "fraction", decimals = 0, meaning = "Share of the top quarter that is in the top quarter of the next period" }
stay_low = { unit = "fraction", decimals = 0, meaning = "Low end of the 95% interval (Wilson) of the share that stayed in the top quarter" }
stay_high = { unit = "fraction", decimals = 0, meaning = "High end of the 95% interval (Wilson) of the share that stayed in the top quarter" }
top_by_chance = { unit = "count", decimals = 1, meaning = "How many drawing lots would keep there on average" }
top_chance_low = { unit = "count", meaning = "Low end of the middle 95% of drawing lots" }
top_chance_high = { unit = "count", meaning = "High end of the middle 95% of drawing lots" }
bottom_now = { unit = "count", meaning = "Of the top quarter, in the bottom quarter of the next period" }
lasts = { meaning = "Whether the correlation's interval lies above 0" }
about_chance = { meaning = "Whether the number that stayed lies in the middle 95% of drawing lots" }
leader_name = { meaning = "Trust with the highest growth" }
leader_growth = { unit = "fraction", decimals = 1, meaning = "Growth of the trust with the highest growth" }
leader_next_growth = { unit = "%", decimals = 1, meaning = "Next figure of the trust with the highest growth" }
leader_next_rank = { unit = "rank", meaning = "Rank of the next figure of the trust with the highest growth" }
crude_pairs = { unit = "count", meaning = "Pairs of years of the crude series compared for growth" }
crude_lowest = { unit = "correlation", decimals = 2, meaning = "Lowest correlation of growth between adjacent years in the crude series" }
crude_highest = { unit = "correlation", decimals = 2, meaning = "Highest of these" }
chance_share_most = { unit = "fraction", decimals = 1, meaning = "Most that chance in the counts makes of the variance of growth, in the crude series: a floor, not the uncertainty" }
mean_staff_gap = { unit = "points", decimals = 1, meaning = "Mean of growth in staff less growth in resource" }
staff_gap_sd = { unit = "points", decimals = 1, meaning = "Standard deviation between trusts of growth in staff less growth in resource" }
staff_gaps_flagged = { unit = "count", meaning = "Trusts whose gap raises a flag" }
flagged_trusts = { unit = "count", meaning = "Trusts with a flag of any kind" }
revised_trusts = { unit = "count", meaning = "Trusts whose next figure was seen in a later vintage" }
median_revision = { unit = "points", decimals = 1, meaning = "Median absolute revision" }
largest_revision = { unit = "points", decimals = 1, meaning = "Largest absolute revision" }
revision_caution = { meaning = "What the revisions rest on" }
publisher_caution = { meaning = "The publisher's own caution" }
persistence_words = { meaning = "Whether last period's leaders still lead, in a sentence" }
level_words = { meaning = "That growth is not level" }

[[tests]]
check = "rows"
max = 1

[[tests]]
check = "sql"
name = "the words about leaders follow from the numbers"
where = "contains(persistence_words, 'are not') <> (NOT lasts AND about_chance AND 2 * top_again < top_quarter)"

[[tests]]
check = "not_null"
columns = ["period", "base", "vintage", "status", "level_words"]
*/
WITH checks AS (
    SELECT
        count(*) FILTER (verdict = 'consistent') AS consistent,
        count(*) FILTER (verdict IN ('consistent', 'not consistent')) AS checked,
        max(abs(shortcut_error)) AS largest_shortcut_error
    FROM productivity_consistency
    WHERE case_kind = 'trust'
),

leaders AS (
    SELECT
        count(*) FILTER (where_now = 'bottom quarter') AS bottom_now,
        arg_min(trust_name, (leader_rank, trust_code)) AS leader_name,
        arg_min(productivity_growth, (leader_rank, trust_code)) AS leader_growth,
        arg_min(next_growth, (leader_rank, trust_code)) AS leader_next_growth,
        arg_min(next_rank, (leader_rank, trust_code)) AS leader_next_rank
    FROM productivity_leaders
),

crude AS (
    SELECT count(*) AS crude_pairs, min(correlation) AS crude_lowest, max(correlation) AS crude_highest
    FROM growth_persistence
    WHERE series <> 'published growth'
),

flagged AS (
    SELECT
        count(DISTINCT trust_code) AS flagged_trusts,
        count(*) FILTER (flag = 'staff gap') AS staff_gaps_flagged
    FROM productivity_flags
)

SELECT
    summary.period,
    year.base,
    year.vintage,
    year.status,
    year.published_in,
    summary.next_period,
    next_figure.base AS next_base,
    next_figure.vintage AS next_vintage,
    next_figure.status AS next_status,
    next_figure.published_in AS next_published_in,
    next_figure.period_note AS next_note,
    summary.trusts,
    summary.median,
    summary.lower_quartile,
    summary.upper_quartile,
    summary.lowest,
    summary.highest,
    summary.standard_deviation,
    summary.negative,
    summary.negative_share,
    checks.consistent,
    checks.checked,
    checks.largest_shortcut_error,
    summary.pairs,
    summary.correlation,
    summary.correlation_low,
    summary.correlation_high,
    summary.spearman,
    summary.spearman_low,
    summary.spearman_high,
    summary.top_quarter,
    summary.top_again,
    summary.stay_share,
    summary.stay_low,
    summary.stay_high,
    summary.top_by_chance,
    summary.top_chance_low,
    summary.top_chance_high,
    leaders.bottom_now,
    summary.lasts,
    summary.about_chance,
    leaders.leader_name,
    leaders.leader_growth,
    leaders.leader_next_growth,
    leaders.leader_next_rank,
    crude.crude_pairs,
    crude.crude_lowest,
    crude.crude_highest,
    (SELECT max(chance_share) FROM activity_sampling) AS chance_share_most,
    summary.mean_triangulation_gap AS mean_staff_gap,
    summary.triangulation_deviation AS staff_gap_sd,
    flagged.staff_gaps_flagged,
    flagged.flagged_trusts,
    coalesce(band.trusts, 0) AS revised_trusts,
    band.median_revision,
    band.largest_revision,
    band.caution AS revision_caution,
    (SELECT max(note) FROM productivity_data_notes WHERE trust_code = 'all') AS publisher_caution,
    CASE
        WHEN summary.correlation IS NULL THEN NULL
        WHEN NOT summary.lasts AND summary.about_chance AND 2 * summary.top_again < summary.top_quarter
            THEN 'Last period''s leaders are not this period''s: of the ' || summary.top_quarter || ' trusts in the top quarter '
                || summary.top_again || ' are there again, and drawing lots would keep '
                || summary.top_chance_low || ' to ' || summary.top_chance_high || '.'
        ELSE 'Of the ' || summary.top_quarter || ' trusts in the top quarter of the last period '
            || summary.top_again || ' lead again, where drawing lots would keep '
            || summary.top_chance_low || ' to ' || summary.top_chance_high || '.'
    END AS persistence_words,
    'Growth is not level: these figures do not say which trust gives the most for its resource.' AS level_words
FROM productivity_summary AS summary
CROSS JOIN (SELECT * FROM productivity_figures WHERE figure = 'year') AS year
CROSS JOIN (SELECT * FROM productivity_figures WHERE figure = 'next') AS next_figure
CROSS JOIN checks
CROSS JOIN leaders
CROSS JOIN crude
CROSS JOIN flagged
LEFT JOIN productivity_revision_band AS band ON TRUE
