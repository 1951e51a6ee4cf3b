//! What differs between two editions, as an accessible PDF that carries the whole comparison.

use std::fmt::Write as _;
use std::sync::Arc;

use jiff::civil::Date;

use super::diff::{EditionDiff, EditionName};
use super::diff_report::{Section, sections};
use super::diff_words::short_hash;
use crate::diagnostic::{Diagnostic, Outcome, Place, io_problem};
use crate::pack::{date_words, string_literal};
use crate::typeset::{Attachment, Fonts, Job, Press};

/// Rows of one kind that are printed; the attachment holds all.
const ROWS: usize = 60;

/// The page's own look: plain, in the text face of all packs.
const LOOK: &str = r##"
#set text(font: "Liberation Sans", size: 10pt, lang: "en", region: "GB", hyphenate: true)
#set par(leading: 0.6em)
#set page(paper: "a4", flipped: true, margin: (x: 18mm, y: 18mm), numbering: "1 of 1")
#set table(stroke: (x, y) => if y == 0 { (bottom: 0.8pt + rgb("#425563")) } else { (bottom: 0.4pt + rgb("#c8cfd4")) }, inset: (x: 4pt, y: 4pt))
#show table: set text(size: 9pt)
#show table: set par(justify: false)
#show table.cell.where(y: 0): strong
#show heading.where(level: 1): set text(size: 20pt, fill: rgb("#003087"))
#show heading.where(level: 2): set text(size: 13pt, fill: rgb("#003087"))
#show heading.where(level: 2): set block(above: 18pt, below: 8pt)
"##;

/// The comparison as a PDF.
pub fn diff_pdf(diff: &EditionDiff) -> Outcome<Vec<u8>> {
    let fonts = Fonts::load().ok_or_else(|| Diagnostic::fault("fonts", "the program's own fonts cannot be read"))?;
    let fonts = Arc::new(fonts);
    let shown = Arc::clone(&fonts);
    let source = source(diff, &move |c| shown.can_show(c));
    // The page reads no file; an empty folder makes sure of it.
    let folder =
        tempfile::tempdir().map_err(|error| io_problem("make", std::path::Path::new("a temporary folder"), &error))?;
    let date: Date = diff.after.date.parse().unwrap_or(Date::ZERO);
    let mut content = serde_json::to_vec_pretty(diff).unwrap_or_default();
    content.push(b'\n');
    let whole = Attachment {
        name: "diff.json".to_string(),
        media_type: "application/json",
        description: "Every difference between the two editions".to_string(),
        relationship: "data",
        content: Some(content),
    };
    let place =
        |source: &str, range: std::ops::Range<usize>| Place::in_text("the comparison", source, range.start, range.end);
    let identity = format!("diff/{}/{}", diff.before.identifier, diff.after.identifier);
    let job = Job { source: &source, evidence: vec![whole], late: &|_| Vec::new(), identity, place: &place };
    Ok(Press::new(fonts, folder.path(), date, &[]).print(&job)?.pdf)
}

/// The Typst source of the page. Everything that is not written here is a string literal.
fn source(diff: &EditionDiff, printable: &dyn Fn(char) -> bool) -> String {
    let literal = |text: &str| string_literal(text, printable);
    let edition = |edition: &EditionName| {
        let date = edition.date.parse().map_or_else(|_| edition.date.clone(), date_words);
        format!("{} of {date}, identifier {}", edition.name, short_hash(&edition.identifier))
    };
    let title = format!("What changed from {} to {}", diff.before.name, diff.after.name);
    let mut text = format!("#set document(title: {0})\n{LOOK}\n= #{0}\n\n", literal(&title));
    let _ = writeln!(
        text,
        "#{}\n\n#{}\n",
        literal(&format!("Before: {}.", edition(&diff.before))),
        literal(&format!("After: {}.", edition(&diff.after)))
    );
    if diff.identical {
        let _ = writeln!(text, "#{}", literal("No difference: the two editions are the same."));
        return text;
    }
    let _ = writeln!(text, "#{}\n", literal(&format!("Changes of figures are {}.", diff.judged)));
    for section in sections(diff, ROWS) {
        part(&mut text, &section, &literal);
    }
    text
}

fn part(text: &mut String, section: &Section, literal: &dyn Fn(&str) -> String) {
    let _ = writeln!(text, "== #{}\n\n#{}\n", literal(section.title), literal(&format!("{}.", section.lead)));
    // The first column has the longest words.
    let columns: Vec<&str> = (0..section.header.len()).map(|at| if at == 0 { "2fr" } else { "1fr" }).collect();
    let cells = |row: &mut dyn Iterator<Item = &str>| row.map(literal).collect::<Vec<_>>().join(", ");
    let header = cells(&mut section.header.iter().copied());
    let _ = writeln!(text, "#table(columns: ({}), table.header({header}),", columns.join(", "));
    for row in &section.rows {
        let _ = writeln!(text, "  {},", cells(&mut row.iter().map(String::as_str)));
    }
    let _ = writeln!(text, ")\n");
    if section.more > 0 {
        let words = format!("And {} more, which the attached diff.json lists.", section.more);
        let _ = writeln!(text, "#{}\n", literal(&words));
    }
}
