//! DuckDB's errors, with the place in the query.

use serde_json::Value;

use crate::diagnostic::{Diagnostic, Place};

/// An error of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlError {
    /// What is wrong.
    pub message: String,
    /// DuckDB's hints, such as candidate names.
    pub hints: Vec<String>,
    /// Byte offset and length in the query, where DuckDB gives one.
    pub place: Option<(usize, usize)>,
    /// Whether the query was stopped by a person.
    pub interrupted: bool,
    /// The operating system's number of what went wrong, where a file could not be written or read.
    pub system: Option<i32>,
}

impl SqlError {
    /// An error without a place.
    pub fn plain(message: impl Into<String>) -> Self {
        SqlError { message: message.into(), hints: Vec::new(), place: None, interrupted: false, system: None }
    }

    /// What went wrong with the disk rather than with the query, if that is so.
    pub fn storage(&self) -> Option<std::io::Error> {
        self.system.map(std::io::Error::from_raw_os_error)
    }

    /// A problem with DuckDB's hints added to it.
    pub fn hinting(&self, problem: Diagnostic) -> Diagnostic {
        self.hints.iter().fold(problem, |problem, hint| problem.note(hint.clone()))
    }

    /// The error as a problem of a query, at its place in the text where DuckDB gives one.
    pub fn problem(&self, file: &str, text: &str) -> Diagnostic {
        let problem = Diagnostic::fault("sql", self.message.clone());
        self.hinting(match self.place {
            Some((start, length)) => problem.at(Place::in_text(file, text, start, start + length)),
            None => problem,
        })
    }

    /// Reads DuckDB's error. `before` is how many bytes stood before the query in the statement that was run.
    pub(super) fn from_duckdb(error: &duckdb::Error, before: usize) -> Self {
        let words = match error {
            duckdb::Error::DuckDBFailure(_, Some(message)) => message.clone(),
            other => other.to_string(),
        };
        Self::from_words(&words, before)
    }

    /// Reads an error's words: `Kind Error: {json}`, or plain words.
    pub(super) fn from_words(words: &str, before: usize) -> Self {
        let json = words.find('{').and_then(|at| serde_json::from_str::<Value>(&words[at..]).ok());
        let Some(json) = json else {
            return SqlError { interrupted: words.contains("INTERRUPT"), ..Self::plain(words) };
        };
        let text = |key: &str| json.get(key).and_then(Value::as_str).unwrap_or_default();
        let full = [text("exception_message"), text("error_message")].concat();
        // What a thread that writes files reports stands in the words of the one that waits for it.
        if let Some(at) = full.find("{\"exception_type\"") {
            return Self::from_words(&full[at..], before);
        }
        let mut lines = full.lines().map(str::trim).filter(|line| !line.is_empty());
        let message = lines.next().unwrap_or(words).trim_end_matches('!').to_string();
        SqlError {
            message,
            hints: lines
                .take(8)
                .filter(|line| !line.contains("pg_") && !line.contains("duckdb_"))
                .map(str::to_string)
                .collect(),
            place: place(text("location"), text("position"), before),
            interrupted: text("exception_type").eq_ignore_ascii_case("interrupt"),
            system: text("errno").parse().ok(),
        }
    }
}

fn place(location: &str, position: &str, before: usize) -> Option<(usize, usize)> {
    let numbers: Vec<usize> =
        location.trim_matches(['[', ']']).split(',').filter_map(|part| part.trim().parse().ok()).collect();
    let (start, length) = match numbers[..] {
        [start, length] => (start, length),
        _ => (position.parse().ok()?, 1),
    };
    Some((start.checked_sub(before)?, length.max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_json_error_gives_message_hint_and_place() {
        let words = r#"Binder Error: {"exception_type":"Binder","exception_message":"Referenced column \"foo\" not found!\nCandidate bindings: \"a\"","location":"[19,3]","position":"19"}"#;
        let error = SqlError::from_words(words, 10);
        assert_eq!(error.message, "Referenced column \"foo\" not found");
        assert_eq!(error.hints, ["Candidate bindings: \"a\""]);
        assert_eq!(error.place, Some((9, 3)));
    }

    #[test]
    fn a_full_disk_is_told_from_a_wrong_query() {
        let words = r#"{"exception_type":"IO","exception_message":"Could not write file \"x\": No space left on device","errno":"28"}"#;
        let waiting = serde_json::json!({
            "exception_type": "IO",
            "exception_message": format!("Async write failed for range [offset=0, size=409]: {words}"),
        });
        for words in [format!("IO Error: {words}"), format!("IO Error: {waiting}")] {
            let error = SqlError::from_words(&words, 0);
            let kind = error.storage().map(|cause| cause.kind());
            assert_eq!(kind, Some(std::io::ErrorKind::StorageFull), "{words}");
            assert!(error.message.starts_with("Could not write file"), "{}", error.message);
        }
        assert!(SqlError::from_words("Parser Error: {\"exception_message\":\"x\"}", 0).storage().is_none());
    }

    #[test]
    fn plain_words_and_a_place_before_the_query_are_kept_safe() {
        assert_eq!(SqlError::from_words("out of memory", 0).place, None);
        let words = r#"Parser Error: {"exception_message":"x","position":"3"}"#;
        assert_eq!(SqlError::from_words(words, 10).place, None);
    }
}
