/*
title = "Reliabilities tried"
description = "Reliability is the correlation between growth in one period and the next. Two of the values are computed from the published figures, the correlation itself and the upper end of its interval; the third is a choice, kinder than the figures support. A negative correlation counts as none."
grain = ["reliability_order"]

[columns]
reliability_order = { unit = "count", meaning = "Order on the page" }
reliability = { unit = "correlation", decimals = 2, meaning = "Correlation supposed between one period's growth and the next" }
reliability_words = { meaning = "Where that value comes from" }
is_computed = { meaning = "Whether the value is computed from the figures; if not, it is a choice" }

[[tests]]
check = "range"
column = "reliability"
min = 0
max = 1

[[tests]]
check = "sql"
name = "each value is the correlation of the figures, the upper end of its interval, or a stated choice"
query = """
SELECT reliability_order, productivity_reliability.reliability
FROM productivity_reliability
JOIN productivity_reliabilities AS rules USING (reliability_order)
LEFT JOIN growth_persistence ON series = 'published growth'
WHERE abs(productivity_reliability.reliability - greatest(0, CASE taken_from
    WHEN 'correlation' THEN correlation
    WHEN 'upper end' THEN correlation_high
    ELSE rules.reliability
END)) > 1e-12
"""
*/
SELECT
    rules.reliability_order,
    greatest(0, CASE taken_from
        WHEN 'correlation' THEN correlation
        WHEN 'upper end' THEN correlation_high
        ELSE rules.reliability
    END) AS reliability,
    rules.reliability_words,
    taken_from <> 'choice' AS is_computed
FROM productivity_reliabilities AS rules
LEFT JOIN growth_persistence ON series = 'published growth'
WHERE taken_from = 'choice' OR correlation_high IS NOT NULL
ORDER BY rules.reliability_order
