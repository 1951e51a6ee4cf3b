/*
title = "How large a revision is usual"
description = "Typical absolute revision from the six-month figure to the seven-month one. It rests on the few trusts whose later figure was named in public: most were named because their growth was high, so it may not hold for others."
grain = ["figure"]

[columns]
figure = { meaning = "Which figure is revised" }
trusts = { unit = "count", meaning = "Trusts with both vintages" }
median_revision = { unit = "points", decimals = 1, meaning = "Median absolute revision" }
mean_revision = { unit = "points", decimals = 1, meaning = "Mean absolute revision" }
largest_revision = { unit = "points", decimals = 1, meaning = "Largest absolute revision" }
upward = { unit = "count", meaning = "Revised upwards" }
downward = { unit = "count", meaning = "Revised downwards" }
months_added = { unit = "count", meaning = "Months that the later vintage adds" }
from_words = { meaning = "First vintage" }
to_words = { meaning = "Later vintage" }
caution = { meaning = "What the band rests on" }

[[tests]]
check = "sql"
name = "the median is no larger than the largest"
where = "median_revision > largest_revision OR upward + downward > trusts"
*/
SELECT
    'next' AS figure,
    count(*) AS trusts,
    median(absolute_revision) AS median_revision,
    avg(absolute_revision) AS mean_revision,
    max(absolute_revision) AS largest_revision,
    count(*) FILTER (revision > 0) AS upward,
    count(*) FILTER (revision < 0) AS downward,
    max(later_months - first_months) AS months_added,
    max(first_vintage) || ', ' || max(first_status) AS from_words,
    max(later_vintage) || ', ' || max(later_status) AS to_words,
    'The later figure is held only for trusts that were named in public, so these revisions are no fair sample.' AS caution
FROM productivity_revisions
HAVING count(*) > 0
