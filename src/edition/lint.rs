//! Warnings about a book that could be sounder: queries that leave ties open, words that no figure stands behind.

use crate::diagnostic::{Outcome, Problems};
use crate::notebook::Notebook;
use crate::pack::check_words;
use crate::typeset::passages;

/// Warnings about the cells that have been run, and about the words of all templates.
pub fn lint(notebook: &Notebook) -> Outcome<Problems> {
    let read = |template: &str| passages(template).into_iter().map(|passage| (passage.range, passage.words)).collect();
    let mut warnings = notebook.check_determinism();
    warnings.extend(check_words(&notebook.book, &read)?);
    Ok(warnings)
}
