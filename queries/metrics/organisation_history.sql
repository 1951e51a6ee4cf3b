/*
title = "Organisations and their successors"
description = "Each organisation that closed, the one that carried on, and the code at the end of the chain. The list of mergers and the register's list of successors are read together. An organisation with several successors was divided: none of its counts can be given to one of them, so its chain ends there and current_code is missing, and so is that of everything that passed through it."
grain = ["old_code", "new_code"]

[columns]
old_code = { meaning = "Code that closed" }
new_code = { meaning = "Code that carried on" }
effective_date = { meaning = "Day from which the new code stands" }
successors = { unit = "count", meaning = "Successors of the code that closed" }
predecessors = { unit = "count", meaning = "Codes that closed into the new one, at any time" }
is_divided = { meaning = "Whether the code that closed has several successors" }
current_code = { meaning = "Code at the end of the chain; missing where a step divides" }
steps = { unit = "count", meaning = "Steps to the current code" }
basis = { meaning = "Which list has it: mergers, register or both" }

[[tests]]
check = "sql"
name = "no organisation succeeds itself, by any number of steps"
where = "old_code = new_code OR current_code = old_code OR steps >= 12"

[[tests]]
check = "sql"
name = "no count is given to one of several successors"
where = "is_divided AND current_code IS NOT NULL"

[[tests]]
check = "sql"
name = "a current code has no successor of its own"
query = "SELECT DISTINCT current_code FROM organisation_history WHERE current_code IN (SELECT old_code FROM organisation_history)"

[[tests]]
check = "sql"
name = "the two lists give the same day"
query = """
SELECT old_code, new_code
FROM trust_mergers JOIN trust_successors USING (old_code, new_code)
WHERE trust_mergers.effective_date <> trust_successors.effective_date
"""
severity = "warn"
*/
WITH RECURSIVE listed AS (
    SELECT old_code, new_code, effective_date, 'mergers' AS list FROM trust_mergers
    UNION ALL
    SELECT old_code, new_code, effective_date, 'register' FROM trust_successors
),

links AS (
    SELECT
        old_code,
        new_code,
        arg_min(effective_date, list) AS effective_date,
        CASE WHEN count(DISTINCT list) = 2 THEN 'both' ELSE min(list) END AS basis,
        count(*) OVER (PARTITION BY old_code) AS successors,
        count(*) OVER (PARTITION BY new_code) AS predecessors
    FROM listed
    GROUP BY old_code, new_code
),

chains AS (
    -- Twelve steps are more than any chain has; a circle stops there and fails its test.
    SELECT old_code, new_code AS reached, 1 AS steps
    FROM links
    WHERE successors = 1
    UNION ALL
    SELECT chains.old_code, links.new_code, chains.steps + 1
    FROM chains
    JOIN links ON links.old_code = chains.reached AND links.successors = 1
    WHERE chains.steps < 12
),

ends AS (
    SELECT
        old_code,
        arg_max(reached, steps) AS reached,
        max(steps) AS steps
    FROM chains
    GROUP BY old_code
)

SELECT
    links.old_code,
    links.new_code,
    links.effective_date,
    links.successors,
    links.predecessors,
    links.successors > 1 AS is_divided,
    CASE WHEN divided.old_code IS NULL THEN ends.reached END AS current_code,
    CASE WHEN divided.old_code IS NULL THEN ends.steps END AS steps,
    links.basis
FROM links
LEFT JOIN ends ON ends.old_code = links.old_code
LEFT JOIN (SELECT DISTINCT old_code FROM links WHERE successors > 1) AS divided ON divided.old_code = ends.reached
