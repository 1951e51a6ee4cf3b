//! Typst's errors and warnings at the line of the template that a person wrote.

use typst::diag::{Severity, SourceDiagnostic};
use typst::syntax::{DiagSpan, FileId};
use typst::{World, WorldExt};

use super::world::PackWorld;
use crate::book::TEMPLATES;
use crate::diagnostic::{Diagnostic, Place, Problems};

type Back<'a> = &'a dyn Fn(&str, std::ops::Range<usize>) -> Place;

/// Typst's findings as problems.
pub(super) fn read(found: &[SourceDiagnostic], world: &PackWorld, back: Back<'_>) -> Problems {
    let mut problems: Vec<Diagnostic> = Vec::new();
    for problem in found.iter().map(|one| problem(one, world, back)) {
        // One mistake in a filled line is often found at several places of it.
        if !problems.iter().any(|known| known.message == problem.message && known.place == problem.place) {
            problems.push(problem);
        }
    }
    Problems(problems)
}

fn problem(found: &SourceDiagnostic, world: &PackWorld, back: Back<'_>) -> Diagnostic {
    let words = found.message.to_string();
    let mut problem = match found.severity {
        Severity::Error => Diagnostic::fault("typst", words),
        Severity::Warning => Diagnostic::warning("typst", words),
    };
    problem.place = place(found.span, world, back);
    for point in &found.trace {
        if let Some(called) = place(DiagSpan::from(point.span), world, back) {
            problem = problem.note(format!("{} in {} at line {}", point.v, called.file, called.line));
        }
    }
    // Hints on Typst's own command line do not help here.
    for hint in found.hints.iter().filter(|hint| !hint.v.contains("--root")) {
        problem = problem.help(hint.v.to_string());
    }
    problem
}

pub(super) fn place(span: DiagSpan, world: &PackWorld, back: Back<'_>) -> Option<Place> {
    let id: FileId = span.id()?;
    let range = world.range(span)?;
    if id == world.main() {
        return Some(back(world.main_source().text(), range));
    }
    let source = world.source(id).ok()?;
    let file = format!("{TEMPLATES}/{}", id.get().vpath().get_without_slash());
    Some(Place::in_text(file, source.text(), range.start, range.end))
}
