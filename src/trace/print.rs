//! Traces for people: an indented tree.

use std::fmt::Write as _;

use super::{Input, SourceCell, Step, key_of};
use crate::edition::PrintedFigure;
use crate::frame::Scalar;

/// The most characters of a value that are shown.
const LONGEST_VALUE: usize = 120;

/// A key in words: `trust_code = X01, quarter = Q1`.
pub(super) fn key_words(key: &[(String, Scalar)]) -> String {
    key.iter().map(|(name, value)| format!("{name} = {value}")).collect::<Vec<_>>().join(", ")
}

fn value_words(value: &Scalar) -> String {
    match value {
        Scalar::Missing => "missing".to_string(),
        Scalar::Text(text) if text.chars().count() > LONGEST_VALUE => {
            format!("\"{}…\"", text.chars().take(LONGEST_VALUE).collect::<String>())
        }
        Scalar::Text(text) => format!("\"{text}\""),
        value => value.to_string(),
    }
}

/// A list of figures: id, page, words, address.
pub fn figure_list<'f>(figures: impl IntoIterator<Item = &'f PrintedFigure>) -> String {
    let mut text = String::new();
    for figure in figures {
        let page = match figure.pages.first() {
            Some(page) => format!("p{page}"),
            None => if figure.in_text { "text" } else { "p-" }.to_string(),
        };
        let words: String = figure.text.chars().take(48).collect();
        let drawn = if figure.drawn { "  (in a chart)" } else { "" };
        let key = key_words(&key_of(figure));
        let _ =
            writeln!(text, "{:>6}  {page:<5} {words:<24}  {}.{}  {key}{drawn}", figure.id, figure.cell, figure.column);
    }
    text
}

/// The first line of a figure's trace: page and words.
pub fn figure_words(figure: &PrintedFigure) -> String {
    let pages = figure.pages.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
    let page = match figure.pages.len() {
        0 if figure.in_text => "in the plain text: ".to_string(),
        0 => String::new(),
        1 => format!("page {pages}: "),
        _ => format!("pages {pages}: "),
    };
    let drawn = if figure.drawn { " (in a chart)" } else { "" };
    let key = if figure.key.is_empty() { String::new() } else { format!(", {}", key_words(&key_of(figure))) };
    format!("{page}\"{}\"{drawn}\n  figure {}: {}.{}{key}\n", figure.text, figure.id, figure.cell, figure.column)
}

/// A step and all below it.
pub fn step_words(step: &Step, level: usize) -> String {
    let mut text = String::new();
    write_step(&mut text, step, level);
    text
}

fn line(text: &mut String, level: usize, words: &str) {
    let _ = writeln!(text, "{}{words}", "  ".repeat(level));
}

fn write_step(text: &mut String, step: &Step, level: usize) {
    let key = if step.key.is_empty() { String::new() } else { format!("[{}]", key_words(&step.key)) };
    let note = step.note.map_or_else(String::new, |note| format!("  ({note})"));
    line(text, level, &format!("{}.{}{key} = {}{note}", step.table, step.column, value_words(&step.value)));
    if step.note == Some("followed above") {
        return;
    }
    line(text, level + 1, &format!("{} \"{}\", {}", step.kind, step.title, step.how));
    for excerpt in &step.expressions {
        line(text, level + 1, &format!("{}:{}:{}", excerpt.file, excerpt.line, excerpt.column));
        excerpt.text.lines().for_each(|words| line(text, level + 1, &format!("  | {words}")));
    }
    if let Some(cell) = &step.source {
        write_source(text, cell, level + 1);
    }
    for input in &step.inputs {
        write_input(text, input, level + 1);
    }
}

fn write_source(text: &mut String, cell: &SourceCell, level: usize) {
    let part = cell.part.as_ref().map_or_else(String::new, |part| format!(" [{part}]"));
    let at = cell.at.map_or_else(String::new, |at| format!(":{at}"));
    line(text, level, &format!("{}{part}:{}{at}", cell.file, cell.line));
    if let (Some(header), Some(own)) = (&cell.header, &cell.text) {
        line(text, level, &format!("  column \"{header}\" reads \"{own}\""));
    }
    if let Some(excerpt) = &cell.excerpt {
        line(text, level, &format!("  | {excerpt}"));
    }
    match cell.as_in_edition {
        Some(true) => line(text, level, "  the file is the one the edition was made from (SHA-256)"),
        Some(false) => line(text, level, "  NOT the file the edition was made from: its SHA-256 differs"),
        None => {}
    }
}

fn write_input(text: &mut String, input: &Input, level: usize) {
    let words = if input.same_value { "same value" } else { "read by the calculation" };
    line(text, level, &format!("from {} ({words})", input.table));
    input.steps.iter().for_each(|step| write_step(text, step, level + 1));
    let rows = if input.other_rows == 1 { "row" } else { "rows" };
    if input.other_rows > 0 {
        line(text, level + 1, &format!("and {} other {rows} of {}", input.other_rows, input.table));
    }
}
