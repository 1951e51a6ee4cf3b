//! The one function that prints a problem.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::{Diagnostic, Place, Severity};

/// How to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// For files, pipes and tests.
    Plain,
    /// For a terminal.
    Colour,
}

/// Longest excerpt shown; a longer line is cut around the place.
const WIDEST: usize = 140;

/// A problem as text, without a final line break.
pub fn render(problem: &Diagnostic, style: Style) -> String {
    let excerpt = problem.place.as_ref().and_then(shown_part);
    let level = match problem.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let message = tame(&problem.message);
    let file = tame(problem.place.as_ref().map_or("", |place| &place.file));
    let label = tame(&problem.label);
    let cut =
        problem.place.as_ref().filter(|place| excerpt.as_ref().is_some_and(|(_, from, _)| *from + 1 < place.column));
    let cut = cut.map(|place| format!("at column {} of the line, which is cut here", place.column));
    let notes: Vec<String> = cut.iter().chain(&problem.notes).map(|words| tame(words)).collect();
    let help: Vec<String> = problem.help.iter().map(|words| tame(words)).collect();
    let place_words = problem.place.as_ref().filter(|_| excerpt.is_none()).map(|place| tame(&words_for(place)));

    let mut group: Group<'_> = Group::with_title(level.primary_title(message.as_str()).id(problem.code));
    if let (Some(place), Some((text, from, to))) = (&problem.place, &excerpt) {
        group = group.element(
            Snippet::source(text.as_str())
                .path(file.as_str())
                .line_start(place.line)
                .annotation(AnnotationKind::Primary.span(*from..*to).label(label.as_str())),
        );
    }
    for words in place_words.iter().chain(&notes) {
        group = group.element(Level::NOTE.message(words.as_str()));
    }
    for words in &help {
        group = group.element(Level::HELP.message(words.as_str()));
    }
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Colour => Renderer::styled(),
    };
    renderer.decor_style(DecorStyle::Ascii).term_width(WIDEST + 20).render(&[group]).trim_end().to_string()
}

fn words_for(place: &Place) -> String {
    match (place.line, place.column) {
        (0, _) => format!("in {}", place.file),
        (line, 0) => format!("in {} at line {line}", place.file),
        (line, column) => format!("in {} at line {line}, column {column}", place.file),
    }
}

/// The part of the line to show and the bytes to mark. Text from files is made safe for a terminal.
fn shown_part(place: &Place) -> Option<(String, usize, usize)> {
    let line = place.excerpt.as_deref()?;
    let characters: Vec<char> = line.chars().map(tame_char).collect();
    let marked = place.column.saturating_sub(1).min(characters.len());
    let window = if characters.len() <= WIDEST { 0 } else { marked.saturating_sub(WIDEST / 2) };
    let shown = &characters[window..characters.len().min(window + WIDEST)];
    let offset = |count: usize| shown.iter().take(count).map(|c| c.len_utf8()).sum::<usize>();
    let from = marked - window;
    let text: String = shown.iter().collect();
    let to = (from + place.length.max(1)).min(shown.len());
    Some((text, offset(from), offset(to.max(from))))
}

/// Control characters and text-direction marks would let a data file rewrite the terminal.
fn tame(words: &str) -> String {
    words.chars().map(|c| if c == '\n' { c } else { tame_char(c) }).collect()
}

fn tame_char(c: char) -> char {
    match c {
        '\t' => ' ',
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        c if c.is_control() => '\u{fffd}',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let text = format!("{}here{}", "x".repeat(5000), "y".repeat(5000));
        let problem = Diagnostic::fault("t", "too long").at(Place::in_text("f", &text, 5000, 5004));
        let printed = render(&problem, Style::Plain);
        assert!(printed.contains("here") && printed.len() < 600, "{printed}");
    }

    #[test]
    fn escape_codes_in_data_do_not_reach_the_terminal() {
        let text = "a\u{1b}[31mred\u{202e}";
        let problem = Diagnostic::fault("t", format!("bad value {text}")).at(Place::in_text("f", text, 1, 2));
        let printed = render(&problem, Style::Plain);
        assert!(!printed.contains('\u{1b}') && !printed.contains('\u{202e}'));
    }
}
