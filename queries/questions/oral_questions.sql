/*
title = "Questions for oral answer"
description = "The questions that get a pack of their own, in the order in which they are due. Those already answered keep theirs, so that a figure that is restated later is found in it."
grain = ["uin"]

[columns]
uin = { meaning = "Number of the question" }
subject = { meaning = "Number and subject" }

[[tests]]
check = "sql"
name = "every question is for written or for oral answer"
query = "SELECT uin FROM oral_questions WHERE uin NOT IN (SELECT uin FROM answers WHERE is_oral)"
*/
SELECT
    uin,
    'Question ' || uin || CASE WHEN topic IS NULL THEN '' ELSE ': ' || topic END AS subject
FROM answers
WHERE is_oral
ORDER BY due_on, uin
