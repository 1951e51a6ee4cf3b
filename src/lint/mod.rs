//! Lints of pages: what a reader would be hindered or misled by, looked for on the pages as they are laid out.
//!
//! They hold for every pack, whatever its templates do. The words of the subject are in `[lints]` of `candour.toml`.

mod answer;
mod contrast;
mod needs;
mod reading;
mod structure;

use std::collections::BTreeSet;

pub use contrast::check_brand;

use crate::book::{Book, PackRule};
use crate::diagnostic::{Diagnostic, Place, Problems};
use crate::pack::{FigureRecord, Rendered};
use crate::typeset::{Seen, Spot};
use reading::Reading;

/// A publication as pages name it.
pub type Publication = String;

/// A pack that is looked at.
pub struct Subject<'a> {
    /// The book.
    pub book: &'a Book,
    /// The rule that the pack is made by.
    pub rule: &'a PackRule,
    /// The pack as it was filled.
    pub rendered: &'a Rendered,
    /// Its pages.
    pub seen: &'a Seen<'a>,
    /// The publications that a table rests on.
    pub publications: &'a (dyn Fn(&str) -> BTreeSet<Publication> + Sync),
    /// Whether a column says yes in the row of a figure.
    pub says_yes: &'a (dyn Fn(&FigureRecord, &str) -> bool + Sync),
    /// Hashes of the images that packs may show.
    pub images: &'a BTreeSet<String>,
    /// The line of a template and the line before it, for allowances.
    pub lines: &'a dyn Fn(&Place) -> Vec<String>,
}

/// Everything that the lints find on the pages of a pack.
pub fn check_pages(subject: &Subject<'_>) -> Problems {
    let reading = Reading::of(subject.seen);
    let mut problems = contrast::check_text(subject.seen);
    problems.extend(structure::check(subject, &reading));
    problems.extend(needs::check(subject, &reading));
    problems.extend(answer::check(subject));
    problems
}

/// Sets the place of a problem to that of a part of the pages, where it is known.
fn at_spot(problem: Diagnostic, seen: &Seen<'_>, spot: Spot) -> Diagnostic {
    match seen.place(spot) {
        Some(place) => problem.at(place),
        None => problem,
    }
}

/// Whether the line of a place, or the one before it, allows a lint by name and with a reason.
fn is_allowed(subject: &Subject<'_>, place: Option<&Place>, name: &str) -> bool {
    let lines = place.map(subject.lines).unwrap_or_default();
    lines.iter().any(|line| {
        let said = line.split("candour:").skip(1).map(str::trim_start);
        said.filter_map(|said| said.strip_prefix(name)).any(|rest| {
            let reason = rest.trim_start().strip_prefix('"').and_then(|reason| reason.split('"').next());
            rest.starts_with(' ') && reason.is_some_and(|reason| reason.chars().any(char::is_alphanumeric))
        })
    })
}
