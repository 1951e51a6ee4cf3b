/*
title = "Sources of an answer"
description = "The sources that hold the figures printed with an answer: those of its table and sentences, of the follow-ups and of the facts of the constituency."
grain = ["uin", "source_name"]

[columns]
uin = { meaning = "Number of the question" }
source_name = { meaning = "Source that holds figures of the answer" }
*/
SELECT uin, source_name FROM answer_tables WHERE source_name IS NOT NULL
UNION
SELECT uin, other_source_name FROM answer_tables WHERE other_source_name IS NOT NULL
UNION
SELECT uin, source_name FROM answer_league_lines WHERE source_name IS NOT NULL
UNION
SELECT uin, source_name FROM answer_follow_ups WHERE source_name IS NOT NULL
UNION
SELECT uin, other_source_name FROM answer_follow_ups WHERE other_source_name IS NOT NULL
UNION
SELECT uin, source_name FROM constituency_facts WHERE source_name IS NOT NULL
