//! Contrast (WCAG 2.2, 1.4.3 and 1.4.11): of text on the pages, and of the brand's marks.

use std::collections::BTreeMap;

use super::at_spot;
use crate::book::{BOOK_FILE, Book};
use crate::diagnostic::{Diagnostic, Place, Problems};
use crate::frame::Scalar;
use crate::typeset::{Colour, Part, Seen, WHITE, Words, contrast};

/// Least contrast of text, and of large text.
const TEXT: f64 = 4.5;
const LARGE_TEXT: f64 = 3.0;
/// Least contrast of marks.
const MARKS: f64 = 3.0;
/// Text is large from so many points on, or so many in bold.
const LARGE: f64 = 18.0;
const LARGE_BOLD: f64 = 14.0;

/// Text that does not stand out from what is under it: each pair of colours is told once, where it is first.
pub(super) fn check_text(seen: &Seen<'_>) -> Problems {
    let mut poor: BTreeMap<(Colour, Colour), (&Words, usize, f64)> = BTreeMap::new();
    let mut unknown: Option<&Words> = None;
    for words in seen.parts.iter().filter_map(|part| if let Part::Words(words) = part { Some(words) } else { None }) {
        let large = words.size >= LARGE || words.bold && words.size >= LARGE_BOLD;
        let least = if large { LARGE_TEXT } else { TEXT };
        match words.colours {
            None => unknown = unknown.or(Some(words)),
            Some((ink, ground)) if contrast(ink, ground) < least => {
                poor.entry((ink, ground)).or_insert((words, 0, least)).1 += 1;
            }
            Some(_) => {}
        }
    }
    let mut problems = Problems::none();
    for ((ink, ground), (words, count, least)) in poor {
        let found = shown(contrast(ink, ground));
        let message =
            format!("text in {} on {} has a contrast of {found}; it needs {least:.1}", ink.hex(), ground.hex());
        let problem = Diagnostic::check("page-contrast", message)
            .note(format!("the first of {count}: \"{}\", page {}", words.text.trim(), words.page))
            .help("make one of the two colours darker or lighter, in [brand] of candour.toml or in the template");
        problems.push(at_spot(problem, seen, words.spot));
    }
    if let Some(words) = unknown {
        let problem =
            Diagnostic::check("page-contrast", "text stands on an image or a pattern: its contrast is not known")
                .note(format!("\"{}\", page {}", words.text.trim(), words.page))
                .help("put a plain fill under the text, or put it beside the image");
        problems.push(at_spot(problem, seen, words.spot));
    }
    problems
}

/// A ratio as it is told: never rounded up, so that 2.97 is not called 3.0.
fn shown(ratio: f64) -> String {
    format!("{:.2}", (ratio * 100.0).floor() / 100.0)
}

/// The brand's colours, by the beginnings of their names: `text_` must be read on white and on every `fill_`; `mark_`
/// must be seen on white. What begins otherwise is looked at only as text on the pages.
pub fn check_brand(book: &Book) -> Problems {
    let colours: Vec<(&str, Colour)> = book
        .brand
        .iter()
        .filter_map(|(name, value)| match value {
            Scalar::Text(text) => Some((name.as_str(), Colour::from_hex(text)?)),
            _ => None,
        })
        .collect();
    let grounds: Vec<(&str, Colour)> = [("white", WHITE)]
        .into_iter()
        .chain(colours.iter().filter(|(name, _)| name.starts_with("fill_")).copied())
        .collect();
    let mut problems = Problems::none();
    for (name, colour) in &colours {
        let (on, least) = match name {
            name if name.starts_with("text_") => (&grounds[..], TEXT),
            name if name.starts_with("mark_") => (&grounds[..1], MARKS),
            _ => continue,
        };
        for (ground, under) in on.iter().filter(|(_, under)| contrast(*colour, *under) < least) {
            let found = shown(contrast(*colour, *under));
            let words = format!("`brand.{name}` has a contrast of {found} on {ground}; it needs {least:.1}");
            let problem = Diagnostic::check("brand-contrast", words).at(Place::file(BOOK_FILE));
            problems.push(
                problem.help(format!("make it darker than {}, or rename it if it is no such colour", colour.hex())),
            );
        }
    }
    problems
}
