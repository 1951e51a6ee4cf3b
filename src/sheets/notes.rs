//! Notes and shorthand: what the tables say in brackets, and what it means.

use std::collections::BTreeSet;

/// Shorthand for "not available".
pub(super) const NOT_AVAILABLE: &str = "[x]";

/// Shorthand as the Government Analysis Function writes it, with what it means.
const SHORTHAND: [(&str, &str); 7] = [
    ("[b]", "Break in the series: values before and after it are not alike"),
    ("[c]", "Confidential: withheld, so that nobody can be recognised"),
    ("[low]", "Not zero, but rounds to zero"),
    ("[p]", "Provisional: may be revised"),
    ("[r]", "Revised since it was first published"),
    (NOT_AVAILABLE, "Not available"),
    ("[z]", "Not applicable"),
];

/// The notes of a workbook, numbered as they come, and the shorthand that it uses.
#[derive(Debug, Default)]
pub(super) struct Notes {
    notes: Vec<String>,
    shorthand: BTreeSet<String>,
}

impl Notes {
    /// Adds a note and gives its marker; the same note again has the same marker.
    pub fn note(&mut self, words: String) -> String {
        let at = self.notes.iter().position(|known| *known == words).unwrap_or_else(|| {
            self.notes.push(words);
            self.notes.len() - 1
        });
        format!("[note {}]", at + 1)
    }

    /// Notes that shorthand is used.
    pub fn uses(&mut self, shorthand: &str) {
        self.shorthand.insert(shorthand.to_string());
    }

    /// Notes that some shorthand is used.
    pub fn use_all(&mut self, shorthand: &BTreeSet<String>) {
        shorthand.iter().for_each(|mark| self.uses(mark));
    }

    /// Markers with what they mean: notes in order, then shorthand.
    pub fn rows(&self) -> Vec<(String, String)> {
        let notes = self.notes.iter().enumerate().map(|(at, words)| (format!("[note {}]", at + 1), words.clone()));
        notes.chain(self.shorthand.iter().map(|mark| (mark.clone(), meaning(mark)))).collect()
    }
}

/// Words for some shorthand, to stand above a table that uses it.
pub(super) fn explained(shorthand: &BTreeSet<String>) -> String {
    let words: Vec<String> = shorthand
        .iter()
        .map(|mark| {
            let meaning = meaning(mark);
            let short = meaning.split(':').next().unwrap_or_default().to_lowercase();
            format!("{mark} means {short}")
        })
        .collect();
    if words.is_empty() { String::new() } else { format!(" {}.", words.join("; ")) }
}

fn meaning(mark: &str) -> String {
    let known = SHORTHAND.iter().find(|(known, _)| *known == mark);
    known.map_or("As in the document that this workbook goes with", |(_, words)| *words).to_string()
}

/// Whether a text is shorthand: a mark of a few letters in brackets.
pub(super) fn is_shorthand(text: &str) -> bool {
    let inside = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or_default();
    (1..=8).contains(&inside.len()) && inside.chars().all(|c| c.is_ascii_lowercase())
}
