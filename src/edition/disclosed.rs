//! What a pack may show of counts of people, by the pack's own rule.
//!
//! Values are withheld and rounded in their source, before any query. A pack that goes to more people than others may have a
//! stricter rule; it withholds nothing, because what is left out of one page can often be worked out from the rest. It
//! stops the pack, and says what would have to be withheld or added up before.

use std::collections::BTreeSet;

use crate::book::{BOOK_FILE, PackDisclosure, PackRule};
use crate::diagnostic::{Diagnostic, Outcome, Problems};
use crate::frame::Scalar;
use crate::pack::{Library, Rendered};
use crate::sheets;

/// Most values that are named.
const MOST: usize = 20;

/// Whether a filled pack shows only what its rule allows: on pages, in charts, in the text, behind claims and on sheets.
pub(super) fn check(rule: &PackRule, rendered: &Rendered, library: &Library) -> Outcome<()> {
    let Some(disclosure) = &rule.disclosure else { return Ok(()) };
    let mut found: BTreeSet<(String, String, &'static str)> = BTreeSet::new();
    let mut see = |cell: &str, column: &str, unit: Option<&str>, value: &Scalar| {
        let broken = unit.filter(|unit| disclosure.units.iter().any(|known| known == unit));
        if let Some(words) = broken.and_then(|_| broken_rule(value.number()?, disclosure)) {
            found.insert((cell.to_string(), column.to_string(), words));
        }
    };
    for figure in &rendered.figures {
        see(&figure.cell, &figure.column, figure.unit.as_deref(), &figure.value);
    }
    for claim in &rendered.claims {
        claim.numbers.iter().for_each(|number| see(&claim.cell, &number.column, number.unit.as_deref(), &number.value));
    }
    if rule.sheets {
        let values = sheets::values(rendered, library)
            .map_err(|words| Diagnostic::fault("sheets", words).help("report this: it is a fault of the program"))?;
        values.iter().for_each(|value| see(&value.cell, &value.column, value.unit.as_deref(), &value.value));
    }
    let mut problems = Problems::none();
    for (cell, column, words) in found.into_iter().take(MOST) {
        let problem = Diagnostic::check("pack-disclosure", format!("`{cell}.{column}` would show {words}"));
        problems.push(
            problem
                .in_file(BOOK_FILE)
                .note(format!("[packs.{}.disclosure] does not allow it", rule.name))
                .help("withhold or round it in its source (`[sources.NAME.disclosure]`), or give the pack a cell that adds such counts up"),
        );
    }
    problems.or(())
}

/// What a number of people is that the rule does not allow.
fn broken_rule(number: f64, rule: &PackDisclosure) -> Option<&'static str> {
    let size = number.abs();
    let small = rule.suppress.is_some_and(|(from, to)| size >= from as f64 && size <= to as f64);
    let exact = rule.round_to.is_some_and(|step| size % step as f64 != 0.0);
    match (small, exact) {
        (true, _) => Some("a count that is to be withheld"),
        (_, true) => Some("a count that is not rounded"),
        _ => None,
    }
}
