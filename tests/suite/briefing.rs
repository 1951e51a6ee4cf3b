//! The cells of the briefing, the visit pack and the regional packs: each is spoilt in one way, and the data test or the
//! claim that is there to notice it has to.

use super::demonstration::copy_with_cells;

/// One mistake: in this file this text becomes that one, and the test of this name fails when this cell is tested.
struct Spoilt {
    file: &'static str,
    from: &'static str,
    to: &'static str,
    cell: &'static str,
    caught_by: &'static str,
}

const SPOILT: &[Spoilt] = &[
    Spoilt {
        file: "claims/claim_top_lines.sql",
        from: "        5 AS line,",
        to: "        6 AS line,",
        cell: "claim_top_lines",
        caught_by: "no line is left out",
    },
    Spoilt {
        file: "claims/claim_top_lines.sql",
        from: "This is growth and not level",
        to: "This is growth",
        cell: "claim_top_lines",
        caught_by: "never speaks of a level",
    },
    Spoilt {
        file: "claims/claim_top_lines.sql",
        from: "better_segment + worse_segment AS changed_segment",
        to: "better_segment AS changed_segment",
        cell: "claim_top_lines",
        caught_by: "every segment that changed was better or worse",
    },
    Spoilt {
        file: "claims/claim_movement.sql",
        from: "CASE WHEN moved_more_than_chance THEN 'more'",
        to: "CASE WHEN true THEN 'more'",
        cell: "claim_movement",
        caught_by: "moved more than chance unless",
    },
    Spoilt {
        file: "claims/claim_movement.sql",
        from: "SELECT * FROM sentences",
        to: "SELECT * FROM sentences WHERE part < 3",
        cell: "claim_movement",
        caught_by: "has its three sentences",
    },
    Spoilt {
        file: "claims/claim_movement.sql",
        from: "WHEN real_changes = 1 THEN ' It rests, wholly or partly, on metrics whose chance cannot be measured here.'",
        to: "WHEN real_changes = 1 THEN ''",
        cell: "claim_movement",
        caught_by: "never counted without saying so",
    },
    Spoilt {
        file: "claims/claim_changes.sql",
        from: "count(*) FILTER (change_words = 'no change beyond chance') AS no_change",
        to: "count(*) AS no_change",
        cell: "claim_changes",
        caught_by: "the parts of a count add up",
    },
    Spoilt {
        file: "claims/claim_changes.sql",
        from: "        count(*) AS revised,",
        to: "        count(DISTINCT org_code) AS revised,",
        cell: "claim_changes",
        caught_by: "never fewer than the revisions held",
    },
    Spoilt {
        file: "claims/claim_lines_to_take.sql",
        from: "' would be in segment 1 and '",
        to: "' are failing in segment 1 and '",
        cell: "claim_lines_to_take",
        caught_by: "facts and not positions",
    },
    Spoilt {
        file: "claims/claim_lines_to_take.sql",
        from: "        7 AS topic_order,\n        'Integrated care boards' AS topic,\n        kinds.kind,",
        to: "        7 AS topic_order,\n        'Integrated care boards' AS topic,\n        'line to take' AS kind,",
        cell: "claim_lines_to_take",
        caught_by: "grain",
    },
    Spoilt {
        file: "claims/claim_lines_to_take.sql",
        from: "CROSS JOIN (VALUES ('line to take', 1), ('if pressed', 1)) AS kinds",
        to: "CROSS JOIN (VALUES ('line to take', 1)) AS kinds",
        cell: "claim_lines_to_take",
        caught_by: "has something to say if pressed",
    },
    Spoilt {
        file: "claims/claim_lines_to_take.sql",
        from: "productivity is estimated to have grown at",
        to: "productivity has grown at",
        cell: "claim_lines_to_take",
        caught_by: "no line on productivity speaks of a level",
    },
    Spoilt {
        file: "claims/claim_briefing_answers.sql",
        from: "'No. In ' || framework_year",
        to: "repeat('No. ', 99) || framework_year",
        cell: "claim_briefing_answers",
        caught_by: "an answer fits two or three lines",
    },
    Spoilt {
        file: "claims/claim_briefing_answers.sql",
        from: "It is growth and not level: it does not show",
        to: "It does not show",
        cell: "claim_briefing_answers",
        caught_by: "growth and not level",
    },
    Spoilt {
        file: "claims/claim_briefing_answers.sql",
        from: "'% confidence set of '",
        to: "'% range of '",
        cell: "claim_briefing_answers",
        caught_by: "gives its set",
    },
    Spoilt {
        file: "claims/claim_briefing_answers.sql",
        from: "'Were integrated care boards ranked?'",
        to: "'Which is the best trust?'",
        cell: "claim_briefing_answers",
        caught_by: "every question is asked once",
    },
    Spoilt {
        file: "claims/claim_visit_facts.sql",
        from: "QUALIFY fact_order <= 5",
        to: "QUALIFY fact_order <= 6",
        cell: "claim_visit_facts",
        caught_by: "fact_order",
    },
    Spoilt {
        file: "claims/claim_visit_facts.sql",
        from: "'% interval '",
        to: "'% band '",
        cell: "claim_visit_facts",
        caught_by: "a value with an interval prints it",
    },
    Spoilt {
        file: "claims/claim_visit_facts.sql",
        from: "'% confidence set of ' || rank_best || ' to ' || rank_worst END\n            || CASE WHEN rank_range_low IS NULL THEN ''",
        to: "'% set of ' || rank_best || ' to ' || rank_worst END\n            || CASE WHEN true THEN ''",
        cell: "claim_visit_facts",
        caught_by: "a rank is never given without",
    },
    Spoilt {
        file: "claims/claim_visit_answers.sql",
        from: "WHEN verdict <> 'real change' THEN 'There is no clear change.'",
        to: "WHEN verdict <> 'real change' THEN 'The score is really better.'",
        cell: "claim_visit_answers",
        caught_by: "no answer says better or worse of a score",
    },
    Spoilt {
        file: "claims/claim_visit_answers.sql",
        from: "ELSE 'shows no change beyond chance, ' END",
        to: "ELSE 'rose ' END",
        cell: "claim_visit_answers",
        caught_by: "no answer says that a measure rose or fell",
    },
    Spoilt {
        file: "claims/claim_visit_answers.sql",
        from: "WHERE held_by_override OR segment_by_score = adjusted_segment\n",
        to: "WHERE held_by_override\n",
        cell: "claim_visit_answers",
        caught_by: "has the answer to why",
    },
    Spoilt {
        file: "claims/claim_visit_sayings.sql",
        from: "WHEN 1 THEN table_rank_worst <= quarter_of_table",
        to: "WHEN 1 THEN table_rank_best <= quarter_of_table",
        cell: "claim_visit_sayings",
        caught_by: "only where the whole set lies",
    },
    Spoilt {
        file: "claims/claim_visit_sayings.sql",
        from: "        false AS holds,",
        to: "        true AS holds,",
        cell: "claim_visit_sayings",
        caught_by: "nothing is ever said of the level",
    },
    Spoilt {
        file: "claims/claim_visit_sayings.sql",
        from: "coalesce(CASE ends.saying_order WHEN 1",
        to: "true OR coalesce(CASE ends.saying_order WHEN 1",
        cell: "claim_visit_sayings",
        caught_by: "both among the best and among the worst",
    },
    Spoilt {
        file: "packs/regions.sql",
        from: "LEFT JOIN codes USING (region)",
        to: "LEFT JOIN codes USING (region)\nWHERE trusts.region <> 'London'",
        cell: "regions",
        caught_by: "the regions hold all trusts",
    },
    Spoilt {
        file: "packs/region_boards.sql",
        from: "WHERE icb_code IS NOT NULL",
        to: "WHERE icb_code > 'ZI1'",
        cell: "region_boards",
        caught_by: "with all of its trusts",
    },
    Spoilt {
        file: "packs/region_trusts.sql",
        from: "ELSE 'none' END AS range_kind",
        to: "ELSE 'none' END || '' AS range_kind_of,\n    'none' AS range_kind",
        cell: "region_trusts",
        caught_by: "a range is there or is said to be none",
    },
    Spoilt {
        file: "packs/region_trusts.sql",
        from: "JOIN regions USING (region)",
        to: "JOIN regions ON regions.region = trusts.region AND regions.region <> 'London'",
        cell: "region_trusts",
        caught_by: "every trust is in its region once",
    },
    Spoilt {
        file: "claims/claim_region.sql",
        from: "WHERE counted.trusts > 0",
        to: "WHERE counted.trusts > 4",
        cell: "claim_region",
        caught_by: "has its sentence",
    },
    Spoilt {
        file: "claims/claim_region.sql",
        from: "' in segments 1 and 2 (England: '",
        to: "' in segments 1 and 2, better than others (England: '",
        cell: "claim_region",
        caught_by: "no sentence ranks a region",
    },
    Spoilt {
        file: "claims/claim_region.sql",
        from: "count(*) FILTER (adjusted_segment <= 2) AS upper_segments",
        to: "count(*) FILTER (adjusted_segment <= 3) AS upper_segments",
        cell: "claim_region",
        caught_by: "the regions add up to England",
    },
    Spoilt {
        file: "packs/region_trusts.sql",
        from: "    changes.previous_score,",
        to: "    NULL AS previous_score,",
        cell: "region_trusts",
        caught_by: "a verdict comes with the score and segment before",
    },
    Spoilt {
        file: "claims/claim_region.sql",
        from: "change_verdict = 'real change' AND average_score < previous_score",
        to: "change_verdict = 'real change' AND average_score <> previous_score",
        cell: "claim_region",
        caught_by: "changes of the regions add up to England",
    },
    Spoilt {
        file: "scrutiny/scrutiny_distance.sql",
        from: "WHERE NOT is_held\n",
        to: "WHERE NOT is_held AND distance < 1\n",
        cell: "scrutiny_distance",
        caught_by: "add up to the pairs of the table",
    },
    Spoilt {
        file: "scrutiny/scrutiny_distance.sql",
        from: "count(*) FILTER (is_told_apart) AS told_apart",
        to: "count(*) + 1 AS told_apart",
        cell: "scrutiny_distance",
        caught_by: "no more pairs are told apart than there are",
    },
    Spoilt {
        file: "scrutiny/scrutiny_subtypes.sql",
        from: "WHERE is_latest_for_type\n",
        to: "WHERE is_latest_for_type AND league_rank > 1\n",
        cell: "scrutiny_subtypes",
        caught_by: "the subtypes add up to the trusts held",
    },
    Spoilt {
        file: "scrutiny/scrutiny_subtypes.sql",
        from: "THEN greatest(0, 1 - ",
        to: "THEN greatest(2, 1 - ",
        cell: "scrutiny_subtypes",
        caught_by: "between_subtypes",
    },
];

#[test]
fn every_mistake_is_caught_by_the_test_that_is_there_for_it() {
    let book = copy_with_cells();
    let mut missed = Vec::new();
    for spoilt in SPOILT {
        let file = format!("queries/{}", spoilt.file);
        let whole = book.read(&file);
        book.edit(&file, spoilt.from, spoilt.to);
        let run = book.run(&["test", spoilt.cell]);
        if run.code != 1 || !run.stderr.contains(spoilt.caught_by) {
            missed.push(format!("{}: {} to {}:\n{}", spoilt.file, spoilt.from, spoilt.to, run.stderr));
        }
        book.write(&file, whole);
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

/// A mistake in a cell that sentences quote: this sentence no longer holds, because its second count disagrees.
struct Disagreement {
    file: &'static str,
    from: &'static str,
    to: &'static str,
    claim: &'static str,
    rows: &'static str,
}

const DISAGREEMENTS: &[Disagreement] = &[
    Disagreement {
        file: "packs/region_trusts.sql",
        from: "changes.verdict AS change_verdict",
        to: "CASE WHEN changes.verdict IS NOT NULL THEN 'no clear change' END AS change_verdict",
        claim: "claim_region",
        rows: "region_code = 'Y60' AND part = 52",
    },
    Disagreement {
        file: "packs/national_summary.sql",
        from: "count(*) FILTER (adjusted_segment = 1) AS segment_1",
        to: "count(*) FILTER (adjusted_segment = 1) + 1 AS segment_1",
        claim: "claim_top_lines",
        rows: "line = 1",
    },
    Disagreement {
        file: "packs/national_summary.sql",
        from: "count(*) FILTER (adjusted_segment = 1) AS segment_1",
        to: "count(*) FILTER (adjusted_segment = 1) + 1 AS segment_1",
        claim: "claim_lines_to_take",
        rows: "topic_order = 1 AND kind = 'line to take'",
    },
    Disagreement {
        file: "confidence/table_stability.sql",
        from: "count(*) FILTER (verdict = 'real change') AS real_changes",
        to: "count(*) FILTER (verdict = 'real change') + 1 AS real_changes",
        claim: "claim_movement",
        rows: "part = 1",
    },
    Disagreement {
        file: "confidence/table_stability.sql",
        from: "count(*) FILTER (verdict = 'real change') AS real_changes",
        to: "count(*) FILTER (verdict = 'real change') + 1 AS real_changes",
        claim: "claim_top_lines",
        rows: "line = 4",
    },
    Disagreement {
        file: "confidence/table_stability.sql",
        from: "count(*) FILTER (verdict = 'real change') AS real_changes",
        to: "count(*) FILTER (verdict = 'real change') + 1 AS real_changes",
        claim: "claim_briefing_answers",
        rows: "question_order = 7",
    },
    Disagreement {
        file: "productivity/productivity_summary.sql",
        from: "max(growth) AS highest",
        to: "max(growth) + 0.01 AS highest",
        claim: "claim_top_lines",
        rows: "line = 5",
    },
    Disagreement {
        file: "trends/england_metrics.sql",
        from: "    year_ago.change_words,",
        to: "    'rose' AS change_words,",
        claim: "claim_changes",
        rows: "part = 1",
    },
    Disagreement {
        file: "packs/trust_headline.sql",
        from: "    positions.league_rank,",
        to: "    positions.league_rank + 1 AS league_rank,",
        claim: "claim_visit_facts",
        rows: "topic = 'Place and segment'",
    },
    Disagreement {
        file: "packs/regional_picture.sql",
        from: "count(*) FILTER (adjusted_segment = 2) AS segment_2",
        to: "count(*) FILTER (adjusted_segment = 2) + 1 AS segment_2",
        claim: "claim_region",
        rows: "part < 50",
    },
    Disagreement {
        file: "confidence/rank_sets.sql",
        from: "alone.upper - alone.lower + 1 AS places_covered",
        to: "alone.upper - alone.lower AS places_covered",
        claim: "claim_visit_answers",
        rows: "question_order = 3",
    },
];

#[test]
fn no_sentence_holds_whose_second_count_disagrees() {
    let book = copy_with_cells();
    let mut missed = Vec::new();
    for wrong in DISAGREEMENTS {
        let file = format!("queries/{}", wrong.file);
        let whole = book.read(&file);
        book.edit(&file, wrong.from, wrong.to);
        let query = format!(
            "SELECT count(*) AS sentences, count(*) FILTER (holds) AS held FROM {} WHERE {}",
            wrong.claim, wrong.rows
        );
        let counts = book.run(&["sql", "--format", "json", &query]).expect(0).json();
        if counts[0]["sentences"] == 0 || counts[0]["held"] != 0 {
            missed.push(format!("{} after {}: {counts}", wrong.claim, wrong.to));
        }
        book.write(&file, whole);
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}
