//! What a reader who listens, or a reader of the law, asks of every document: a title, a language, alternative text,
//! header rows, notes that are read out; no badge, and no logo that nobody declared.

use regex::Regex;

use super::reading::{Reading, dense, walk};
use super::{Subject, at_spot, is_allowed};
use crate::book::TEMPLATES;
use crate::diagnostic::{Diagnostic, Place, Problems};
use crate::typeset::{Element, Part, Spot};

/// Marks on a page outside every figure from which they are a drawing; fewer are corners of boxes.
const DRAWING: usize = 3;

pub(super) fn check(subject: &Subject<'_>, reading: &Reading) -> Problems {
    let mut problems = Problems::none();
    properties(subject, &mut problems);
    drawings(subject, &mut problems);
    elements(subject, &mut problems);
    note_marks(subject, &mut problems);
    for forbidden in &subject.book.lints.forbidden {
        for phrase in &forbidden.words {
            for spot in reading.find(phrase).into_iter().take(1) {
                let words = format!("\"{phrase}\" may not stand in a pack: {}", forbidden.why);
                report(subject, "forbidden", Diagnostic::check("page-words", words), spot, &mut problems);
            }
        }
    }
    problems
}

/// Adds a problem at a place, unless the template allows it there.
fn report(subject: &Subject<'_>, allowed_as: &str, problem: Diagnostic, spot: Spot, problems: &mut Problems) {
    let problem = at_spot(problem, subject.seen, spot);
    if !is_allowed(subject, problem.place.as_ref(), allowed_as) {
        let help = format!("if it must stand, say why on this line or the one before: // candour: {allowed_as} \"…\"");
        problems.push(problem.help(help));
    }
}

/// Title and language.
fn properties(subject: &Subject<'_>, problems: &mut Problems) {
    let place = || Place::file(format!("{TEMPLATES}/{}", subject.rule.template));
    if subject.seen.title.as_deref().is_none_or(|title| title.trim().is_empty()) {
        let problem = Diagnostic::check("page-title", "the pack has no title").at(place());
        problems.push(problem.help("write #set document(title: …): readers show it, and say it first"));
    }
    let (found, wanted) = (subject.seen.language.as_deref(), subject.book.language.as_str());
    if !found.is_some_and(|found| found.eq_ignore_ascii_case(wanted)) {
        let found = found.unwrap_or("none");
        let words = format!("the pack's language is {found}, and the book's is {wanted}");
        let problem = Diagnostic::check("page-language", words).at(place());
        problems.push(problem.help(
            "write #set text(lang: \"en\", region: \"GB\") before the first words, or as the book's language is",
        ));
    }
}

/// Figures and other drawings without words in their place.
fn drawings(subject: &Subject<'_>, problems: &mut Problems) {
    let mut loose: Vec<Spot> = Vec::new();
    let mut reported = false;
    walk(&subject.seen.parts, |part, around| {
        let inside = around.iter().any(|element| matches!(element, Element::Figure(..) | Element::Artifact));
        match part {
            Part::Mark(spot) | Part::Image(_, spot) if !inside => loose.push(*spot),
            Part::PageEnd => {
                if let (Some(first), false) = (loose.get(DRAWING - 1), reported) {
                    let words = "something is drawn outside a figure: a reader who listens is told nothing of it";
                    let problem = Diagnostic::check("page-alt", words)
                        .help("draw it in figure(alt: …), or in pdf.artifact(…) if words beside it say the same");
                    report(subject, "alt", problem, *first, problems);
                    reported = true;
                }
                loose.clear();
            }
            _ => {}
        }
    });
    for (at, part) in subject.seen.parts.iter().enumerate() {
        if let Part::Begin(number, Element::Figure(alt, caption), spot) = part {
            let inside = &subject.seen.parts[at + 1..];
            let end = inside.iter().position(|part| matches!(part, Part::End(ended) if ended == number));
            let is_table = |part: &Part| matches!(part, Part::Begin(_, Element::Table(_), _));
            if !inside[..end.unwrap_or(inside.len())].iter().any(is_table) {
                figure(subject, alt.as_deref(), caption.as_deref(), *spot, problems);
            }
        }
    }
}

fn figure(subject: &Subject<'_>, alt: Option<&str>, caption: Option<&str>, spot: Spot, problems: &mut Problems) {
    let alt = dense(alt.unwrap_or_default());
    let problem = if alt.is_empty() {
        Diagnostic::check("page-alt", "a figure has no alternative text")
            .help("give it `alt:`: what it shows, in words, from the data")
    } else if caption.is_some_and(|caption| dense(caption) == alt) {
        Diagnostic::check("page-alt", "a figure's alternative text is its title again")
            .help("say in `alt:` what the figure shows: what it measures, of whom, and the numbers that matter")
    } else {
        return;
    };
    report(subject, "alt", problem, spot, problems);
}

/// Tables without header rows, notes at the foot, images that nobody declared.
fn elements(subject: &Subject<'_>, problems: &mut Problems) {
    walk(&subject.seen.parts, |part, around| {
        if around.contains(&&Element::Artifact) {
            return;
        }
        match part {
            Part::Begin(_, Element::Table(false), spot) => {
                let problem = Diagnostic::check("page-table-header", "a table has no header row")
                    .help("begin it with table.header(…); what only sets things side by side is a grid");
                report(subject, "table", problem, *spot, problems);
            }
            Part::Begin(_, Element::Footnote, spot) => {
                let problem = Diagnostic::check("page-note", "a note stands at the foot of the page")
                    .help("write [note 1] in the text, and the note under it: raised marks are not read out well");
                report(subject, "note", problem, *spot, problems);
            }
            _ => {}
        }
    });
    for part in &subject.seen.parts {
        if let Part::Image(bytes, spot) = part
            && !subject.images.contains(&crate::sha256(bytes))
        {
            let problem = Diagnostic::check("page-image", "an image that the book does not declare").help(
                "logos of other bodies may not be shown; if it is the book's own, list its file in `images` of [lints]",
            );
            report(subject, "image", problem, *spot, problems);
        }
    }
}

/// Raised numbers, daggers and stars behind words: they are not read out, or are read as part of the word.
fn note_marks(subject: &Subject<'_>, problems: &mut Problems) {
    let Ok(pattern) = Regex::new(r"[\p{L})][¹⁰⁴-⁹†‡]|\p{L}{3}[)]?\*+(?:\s|[.,;:]|$)") else { return };
    for part in &subject.seen.parts {
        if let Part::Words(words) = part
            && let Some(found) = pattern.find(&words.text)
        {
            let mark: String = found.as_str().chars().filter(|c| !c.is_alphabetic()).collect();
            let message = format!("a note is marked with \"{}\"", mark.trim());
            let problem = Diagnostic::warning("page-note", message).note(format!("in \"{}\"", words.text.trim()));
            report(subject, "note", problem.help("write [note 1]"), words.spot, problems);
            return;
        }
    }
}
