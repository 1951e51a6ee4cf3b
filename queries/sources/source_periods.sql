/*
title = "Sources as they are cited"
description = "One row for each source that has a file, with the period of what is held. Where a contract names no year (a folder to which the next month's file is added) the periods of the rows are given instead, and it is said when some between the first and the last are not held."
grain = ["source"]

[columns]
source = { meaning = "Source" }
publisher = { meaning = "Who published it" }
publication = { meaning = "Name of the publication" }
status = { meaning = "Status of its files; several where files differ" }
period = { meaning = "Period of what is held, in words" }
dated = { meaning = "Day of publication, or of the copy held, in words; first and last where files differ; empty where not known" }

[[tests]]
check = "not_null"
columns = ["publisher", "publication", "status", "period"]

[[tests]]
check = "sql"
name = "the period of a source with dated figures has a year"
query = "SELECT source, period FROM source_periods WHERE source IN (SELECT source FROM measured_series) AND NOT regexp_matches(period, '[0-9]{4}')"
*/
WITH named AS (
    SELECT
        source,
        min(publisher) AS publisher,
        min(publication) AS publication,
        string_agg(DISTINCT status, ' and ' ORDER BY status) AS status,
        min(period) AS declared,
        strftime(min(vintage), '%-d %B %Y') AS first_day,
        strftime(max(vintage), '%-d %B %Y') AS last_day
    FROM source_files
    GROUP BY source
),

-- The sources that grow by a file for each period, with the months that a period covers.
held AS (
    SELECT 'ae_official_csv' AS source, 1 AS months, period FROM ae_official_csv
    UNION ALL
    SELECT 'ae_official_workbook', 1, period FROM ae_official_workbook
    UNION ALL
    SELECT 'cancer_official_workbook', 1, period FROM cancer_official_workbook
    UNION ALL
    SELECT 'dm01_official_workbook', 1, period FROM dm01_official_workbook
    UNION ALL
    SELECT 'rtt_full_extract', 1, period FROM rtt_full_extract
    UNION ALL
    SELECT 'sickness_official', 1, period FROM sickness_official
    UNION ALL
    SELECT 'cancelled_operations_official', 3, period FROM cancelled_operations_official
    UNION ALL
    SELECT 'kh03_official_workbook', 3, period FROM kh03_official_workbook
),

spans AS (
    SELECT
        source,
        min(months) AS months,
        min(period) AS first_month,
        -- The last month that the last period covers.
        CAST(max(period) + to_months(CAST(min(months) - 1 AS INTEGER)) AS DATE) AS last_month,
        count(DISTINCT period) AS periods
    FROM held
    GROUP BY source
),

worded AS (
    SELECT
        *,
        CASE
            WHEN first_month = last_month THEN strftime(first_month, '%B %Y')
            WHEN periods * months < date_diff('month', first_month, last_month) + 1
                THEN periods || CASE months WHEN 3 THEN ' quarters' ELSE ' months' END
                    || ' from ' || strftime(first_month, '%B %Y') || ' to ' || strftime(last_month, '%B %Y')
            WHEN year(first_month) = year(last_month)
                THEN strftime(first_month, '%B') || ' to ' || strftime(last_month, '%B %Y')
            ELSE strftime(first_month, '%B %Y') || ' to ' || strftime(last_month, '%B %Y')
        END AS words
    FROM spans
)

SELECT
    source,
    publisher,
    publication,
    status,
    CASE WHEN regexp_matches(declared, '[0-9]') THEN declared ELSE coalesce(words, declared) END AS period,
    CASE WHEN first_day = last_day THEN first_day ELSE coalesce(first_day || ' to ' || last_day, '') END AS dated
FROM named
LEFT JOIN worded USING (source)
ORDER BY source
