//! What differs between two editions, for the terminal.

use super::diff::EditionDiff;
use super::diff_report::{Section, sections};

/// Rows of one kind that are shown.
const ROWS: usize = 12;
/// Widest column, in characters.
const WIDEST: usize = 56;

/// What differs, most important first; of each kind the first few, with the number of the rest.
pub fn diff_words(diff: &EditionDiff) -> String {
    let name = |edition: &super::diff::EditionName| {
        format!("{} of {} ({})", edition.name, edition.date, short_hash(&edition.identifier))
    };
    let head = format!("{} -> {}", name(&diff.before), name(&diff.after));
    if diff.identical {
        return tame(&head) + "\nno difference: the two editions are the same\n";
    }
    let mut text = format!("{}\nchanges of figures are {}\n", tame(&head), tame(&diff.judged));
    for section in sections(diff, ROWS) {
        text.push_str(&format!("\n{}: {}\n", section.title, section.lead));
        text.push_str(&rows(&section));
        if section.more > 0 {
            text.push_str(&format!("  and {} more; --format json lists all\n", section.more));
        }
    }
    text
}

/// Rows under their headings. Drafts are whole sentences: each on lines of its own.
fn rows(section: &Section) -> String {
    if section.title == "Draft corrections" {
        let drafts = section
            .rows
            .iter()
            .map(|row| format!("  {}\n", row.iter().map(|cell| tame(cell)).collect::<Vec<_>>().join("\n    ")));
        return drafts.collect();
    }
    let header = section.header.iter().map(|word| (*word).to_string()).collect();
    let lines: Vec<Vec<String>> = std::iter::once(header)
        .chain(section.rows.iter().map(|row| row.iter().map(|cell| cut(&tame(cell))).collect()))
        .collect();
    let width = |column: usize| {
        lines.iter().filter_map(|line| line.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..section.header.len()).map(width).collect();
    let line = |cells: &Vec<String>| {
        let padded = cells
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell}{}", " ".repeat(width - cell.chars().count())));
        format!("  {}\n", padded.collect::<Vec<_>>().join("  ").trim_end())
    };
    lines.iter().map(line).collect()
}

fn cut(text: &str) -> String {
    if text.chars().count() <= WIDEST {
        text.to_string()
    } else {
        text.chars().take(WIDEST - 1).chain(['…']).collect()
    }
}

/// The first characters of a hash.
pub(super) fn short_hash(hash: &str) -> String {
    hash.chars().take(12).collect()
}

/// A value, or a word where there is none.
pub(super) fn or_nothing(side: &Option<String>) -> String {
    side.clone().unwrap_or_else(|| "nothing".to_string())
}

/// Words from data without what could take hold of a terminal.
pub(super) fn tame(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
