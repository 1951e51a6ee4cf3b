//! The board pack's own queries on the demonstration data, and that each test of them fails where it should.

use super::demonstration::copy_with_cells;

/// A cell, a passage of its query, what is put in its place, and the test of the cell that must then fail.
const SPOILED: [(&str, &str, &str, &str); 9] = [
    (
        "board_questions",
        "'Which decisions of the board rest on the rank itself",
        "'Why is the rank so poor that it rests on the table itself",
        "a question asks, and supposes no answer",
    ),
    (
        "board_questions",
        "'Published rank ' || league_positions.league_rank || ' of ' || rank_sets.trusts_in_table || ', ' || rank_sets.quarter || '; '\n            || settings.level || ' confidence set ' || rank_sets.rank_best || ' to ' || rank_sets.rank_worst || '.'",
        "'The rank is not sure.'",
        "every question stands beside a figure",
    ),
    (
        "board_questions",
        "WHERE variation = 'concern'",
        "WHERE variation <> 'concern'",
        "what is improving is not asked about",
    ),
    ("board_words", "% interval '", "% '", "a frequency is never given without its interval"),
    (
        "board_words",
        "WHERE one = 1",
        "WHERE one = 2 AND adjusted_segment = 9",
        "every trust is told what decides its segment",
    ),
    ("similar_trusts", "ORDER BY distance, peer_code", "ORDER BY distance DESC, peer_code", "the nearest come first"),
    ("similar_trusts", "AND other.trust_code <> mine.trust_code", "", "no trust is its own peer"),
    ("segment_route", "* 100 - 0.0001) / 100", "* 100 + 2) / 100", "the fall needed, weighted, reaches the segment"),
    ("segment_route", "greatest(past_interval.lower, 0)", "past_interval.upper", "the share lies in its interval"),
];

#[test]
fn tests_of_the_board_packs_queries_fail_where_they_should() {
    for (cell, from, to, test) in SPOILED {
        let book = copy_with_cells();
        let folder = if cell == "segment_route" { "league" } else { "packs" };
        book.edit(&format!("queries/{folder}/{cell}.sql"), from, to);
        let run = book.run(&["run", cell]).expect(1);
        assert!(run.stderr.contains(test), "{cell} without {from}: {}", run.stderr);
    }
}
