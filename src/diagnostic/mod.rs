//! One kind of problem report for the whole tool, and one function that prints it.
//!
//! A problem says where it is (file, line, column), shows the line, says what was expected and how
//! to mend it. Functions that read something a person wrote collect every problem they find in a
//! [`Problems`] and report them together, so that a book is mended in one round, not in ten.

mod print;

use std::fmt;

pub use print::{Style, render};

/// Whether a problem stops the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The work cannot be published.
    Error,
    /// The work goes on; a person should look.
    Warning,
}

/// What a problem says about the run, and so which exit code it gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The tool did its work and the answer is no: data broke a contract or failed a test. Exit code 1.
    Check,
    /// The tool could not do its work: the book, a query, a template or the machine is at fault. Exit code 2.
    Fault,
}

/// A place in a text file. Lines and columns count from 1; columns count characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Path as a person would type it, relative to the book or the data folder, with `/` between parts.
    pub file: String,
    /// Line, from 1; 0 where the problem concerns the whole file.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// How many characters the problem covers; at least 1.
    pub length: usize,
    /// The line's text, where it can be shown.
    pub excerpt: Option<String>,
}

impl Place {
    /// A whole file.
    pub fn file(file: impl Into<String>) -> Self {
        Place { file: file.into(), line: 0, column: 0, length: 0, excerpt: None }
    }

    /// The place of a byte range in a text.
    pub fn in_text(file: impl Into<String>, text: &str, start: usize, end: usize) -> Self {
        let start = floor_char(text, start.min(text.len()));
        let end = floor_char(text, end.clamp(start, text.len()));
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
        let shown_end = end.clamp(start, line_end);
        Place {
            file: file.into(),
            line: text[..start].matches('\n').count() + 1,
            column: text[line_start..start].chars().count() + 1,
            length: text[start..shown_end].chars().count().max(1),
            excerpt: Some(text[line_start..line_end].trim_end_matches('\r').to_string()),
        }
    }

    /// A line and column (characters, both from 1) in a text.
    pub fn at(file: impl Into<String>, text: &str, line: usize, column: usize, length: usize) -> Self {
        Place {
            file: file.into(),
            line,
            column: column.max(1),
            length: length.max(1),
            excerpt: line
                .checked_sub(1)
                .and_then(|index| text.lines().nth(index))
                .map(|text| text.trim_end_matches('\r').to_string()),
        }
    }
}

fn floor_char(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// One problem, ready to be printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Whether it stops the work.
    pub severity: Severity,
    /// Which exit code it gives.
    pub kind: Kind,
    /// A short stable name, such as `source-missing-column`.
    pub code: &'static str,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// Where.
    pub place: Option<Place>,
    /// Words under the marked part of the excerpt.
    pub label: String,
    /// Further facts, a line each.
    pub notes: Vec<String>,
    /// How to mend it, a line each.
    pub help: Vec<String>,
}

impl Diagnostic {
    fn new(severity: Severity, kind: Kind, code: &'static str, message: impl Into<String>) -> Self {
        Diagnostic {
            severity,
            kind,
            code,
            message: message.into(),
            place: None,
            label: String::new(),
            notes: Vec::new(),
            help: Vec::new(),
        }
    }

    /// The tool could not do its work.
    pub fn fault(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, Kind::Fault, code, message)
    }

    /// The work was done and the answer is no.
    pub fn check(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, Kind::Check, code, message)
    }

    /// Something a person should look at.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, Kind::Check, code, message)
    }

    /// Sets the place.
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    /// Sets the place to a whole file.
    pub fn in_file(self, file: impl Into<String>) -> Self {
        self.at(Place::file(file))
    }

    /// Sets the words under the marked part.
    pub fn label(mut self, words: impl Into<String>) -> Self {
        self.label = words.into();
        self
    }

    /// Adds a fact.
    pub fn note(mut self, words: impl Into<String>) -> Self {
        self.notes.push(words.into());
        self
    }

    /// Adds a way to mend it.
    pub fn help(mut self, words: impl Into<String>) -> Self {
        self.help.push(words.into());
        self
    }
}

/// Every problem found by one piece of work; never empty when returned as an error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems(pub Vec<Diagnostic>);

impl Problems {
    /// Nothing found yet.
    pub fn none() -> Self {
        Self::default()
    }

    /// Adds a problem.
    pub fn push(&mut self, problem: Diagnostic) {
        self.0.push(problem);
    }

    /// Adds the problems of another piece of work.
    pub fn extend(&mut self, others: Problems) {
        self.0.extend(others.0);
    }

    /// Takes a result apart: the value, or its problems added to these.
    pub fn absorb<T>(&mut self, result: Result<T, Problems>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(problems) => {
                self.extend(problems);
                None
            }
        }
    }

    /// Whether any of them stops the work.
    pub fn stop(&self) -> bool {
        self.0.iter().any(|problem| problem.severity == Severity::Error)
    }

    /// `Ok(value)` if nothing stops the work. Warnings are then dropped: keep them first if they matter.
    pub fn or<T>(self, value: T) -> Result<T, Problems> {
        if self.stop() { Err(self) } else { Ok(value) }
    }

    /// The exit code: 2 if the tool could not run, 1 if a check failed, 0 otherwise.
    pub fn exit_code(&self) -> u8 {
        let errors = || self.0.iter().filter(|problem| problem.severity == Severity::Error);
        match (errors().any(|problem| problem.kind == Kind::Fault), errors().next().is_some()) {
            (true, _) => 2,
            (false, true) => 1,
            (false, false) => 0,
        }
    }
}

impl From<Diagnostic> for Problems {
    fn from(problem: Diagnostic) -> Self {
        Problems(vec![problem])
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.0 {
            writeln!(f, "{}", render(problem, Style::Plain))?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// The result of work that may find problems.
pub type Outcome<T> = Result<T, Problems>;

/// A problem with reading or writing a path, worded for people.
pub fn io_problem(doing: &str, path: &std::path::Path, error: &std::io::Error) -> Problems {
    let problem = Diagnostic::fault("io", format!("could not {doing} {}: {}", path.display(), plain_io(error)));
    match error.kind() {
        std::io::ErrorKind::PermissionDenied => {
            problem.help("check who owns the folder and whether it may be written to")
        }
        std::io::ErrorKind::StorageFull => problem.help("free some space; nothing that was published has been changed"),
        _ => problem,
    }
    .into()
}

/// An I/O error's words without the operating system's number, so that messages agree between systems.
fn plain_io(error: &std::io::Error) -> String {
    let words = error.to_string();
    words.split(" (os error").next().unwrap_or(&words).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_counts_characters_not_bytes() {
        let place = Place::in_text("a.sql", "one\ntwö drei\n", 9, 13);
        assert_eq!((place.line, place.column, place.length), (2, 5, 4));
        assert_eq!(place.excerpt.as_deref(), Some("twö drei"));
    }

    #[test]
    fn a_place_outside_the_text_or_inside_a_character_does_not_panic() {
        let place = Place::in_text("a", "é", 1, 99);
        assert_eq!((place.line, place.column), (1, 1));
    }

    #[test]
    fn the_worst_problem_gives_the_exit_code() {
        let mut problems = Problems::none();
        assert_eq!(problems.exit_code(), 0);
        problems.push(Diagnostic::warning("w", "look"));
        assert_eq!(problems.exit_code(), 0);
        problems.push(Diagnostic::check("c", "no"));
        assert_eq!(problems.exit_code(), 1);
        problems.push(Diagnostic::fault("f", "broken"));
        assert_eq!(problems.exit_code(), 2);
    }
}
