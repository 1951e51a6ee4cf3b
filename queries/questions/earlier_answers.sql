/*
title = "Earlier answers on the same subject"
description = "For each question the answers already given that are about the same measure, or the same topic, with the day and the words; and what the figures say now in answer to that earlier question, so that an official sees what has changed since. Only answers given before the question is due are earlier."
grain = ["uin", "earlier_uin"]

[columns]
uin = { meaning = "Number of the question" }
earlier_uin = { meaning = "Number of the earlier question" }
answered_on = { meaning = "Day on which it was answered" }
is_recent = { meaning = "Whether that was in the months that count as recent" }
same_place = { meaning = "Whether the two share a place" }
member = { meaning = "Member who asked" }
house = { meaning = "House" }
question = { meaning = "The earlier question" }
answer = { meaning = "The answer as it was given" }
now_words = { meaning = "What the figures say now to that question" }

[[tests]]
check = "sql"
name = "an earlier answer was given before"
query = "SELECT uin, earlier_uin FROM earlier_answers JOIN questions USING (uin) WHERE earlier_answers.answered_on > coalesce(questions.due_on, earlier_answers.answered_on)"

[[tests]]
check = "not_null"
columns = ["answer", "question"]
*/
WITH measures AS (
    SELECT DISTINCT uin, measure FROM question_readings WHERE measure <> 'none'
),

now AS (
    SELECT uin, string_agg(statement, ' ' ORDER BY line) AS now_words
    FROM claim_answers
    WHERE part = 'answer' AND holds
    GROUP BY uin
)

SELECT
    this.uin,
    earlier.uin AS earlier_uin,
    earlier.answered_on,
    earlier.answered_on >= coalesce(this.asked_on, this.due_on, as_of.as_of) - to_months(CAST(parameters.answer_recent_months AS INTEGER)) AS is_recent,
    EXISTS (
        FROM question_places AS here
        JOIN question_places AS there USING (place_kind, place_code)
        WHERE here.uin = this.uin AND there.uin = earlier.uin
    ) AS same_place,
    earlier.member,
    earlier.house,
    earlier.question,
    earlier.answer,
    now.now_words
FROM questions AS this
JOIN questions AS earlier ON earlier.uin <> this.uin AND earlier.answered_on IS NOT NULL AND earlier.answer IS NOT NULL
    AND earlier.answered_on <= coalesce(this.due_on, earlier.answered_on)
CROSS JOIN parameters
CROSS JOIN as_of
LEFT JOIN now ON now.uin = earlier.uin
WHERE (this.uin, earlier.uin) IN (SELECT (one.uin, other.uin) FROM measures AS one JOIN measures AS other USING (measure))
    OR this.topic = earlier.topic
ORDER BY this.uin, earlier.answered_on DESC, earlier.uin
