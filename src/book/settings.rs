//! Reading settings (TOML) so that every mistake is reported at its own line, with the nearest
//! right word, and all mistakes are reported at once.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::Range;

use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::naming::nearest;
use crate::diagnostic::{Diagnostic, Outcome, Place, Problems};
use crate::frame::Scalar;

/// A text that holds settings: a whole file, or a part of one.
#[derive(Clone, Debug)]
pub struct Document {
    /// Name to show.
    pub file: String,
    /// The whole file's text.
    pub text: String,
    /// Where in the text the settings stand.
    pub part: Range<usize>,
}

impl Document {
    /// A file that holds settings and nothing else.
    pub fn whole(file: impl Into<String>, text: String) -> Self {
        let part = 0..text.len();
        Document { file: file.into(), text, part }
    }

    /// The place of a byte range of the settings.
    pub fn place(&self, span: &Range<usize>) -> Place {
        Place::in_text(&*self.file, &self.text, self.part.start + span.start, self.part.start + span.end)
    }

    /// Parses the settings and hands their root table to `read`. Returns what it read only if no problem was found.
    pub fn read<T>(&self, read: impl FnOnce(&Table<'_>) -> Option<T>) -> Outcome<T> {
        let (root, errors) = DeTable::parse_recoverable(&self.text[self.part.clone()]);
        let problems = RefCell::new(Problems::none());
        for error in errors {
            let words = error.message().lines().next().unwrap_or("not valid TOML").to_string();
            let problem = Diagnostic::fault("settings-syntax", words);
            problems.borrow_mut().push(match error.span() {
                Some(span) => problem.at(self.place(&span)),
                None => problem.in_file(&*self.file),
            });
        }
        let mut value = None;
        if problems.borrow().0.is_empty() {
            let table = Table {
                document: self,
                name: String::new(),
                span: 0..0,
                table: root.get_ref(),
                known: RefCell::default(),
                problems: &problems,
            };
            value = read(&table);
            table.finish();
        }
        match (value, problems.into_inner()) {
            (Some(value), problems) if !problems.stop() => Ok(value),
            (_, problems) => Err(problems),
        }
    }
}

/// A table of settings. Every key that is asked for is known; [`Table::finish`] reports the others.
pub struct Table<'a> {
    document: &'a Document,
    name: String,
    span: Range<usize>,
    table: &'a DeTable<'a>,
    known: RefCell<BTreeSet<String>>,
    problems: &'a RefCell<Problems>,
}

impl<'a> Table<'a> {
    /// Reports a problem at a key's value.
    pub fn problem_at(&self, key: &str, code: &'static str, words: impl Into<String>) {
        let span = self.table.get(key).map_or(self.span.clone(), Spanned::span);
        self.report(Diagnostic::fault(code, words).at(self.document.place(&span)));
    }

    /// Reports a problem.
    pub fn report(&self, problem: Diagnostic) {
        self.problems.borrow_mut().push(problem);
    }

    /// The place of a key's value, or of the table.
    pub fn place(&self, key: &str) -> Place {
        self.document.place(&self.table.get(key).map_or(self.span.clone(), Spanned::span))
    }

    /// Whether a key is given.
    pub fn has(&self, key: &str) -> bool {
        self.table.get(key).is_some()
    }

    /// Keys in the order of the file.
    pub fn keys(&self) -> Vec<String> {
        let mut keys: Vec<_> =
            self.table.iter().map(|(key, _)| (key.span().start, key.get_ref().to_string())).collect();
        keys.sort();
        keys.into_iter().map(|(_, key)| key).collect()
    }

    fn get(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.known.borrow_mut().insert(key.to_string());
        self.table.get(key)
    }

    fn mismatch(&self, value: &Spanned<DeValue<'_>>, key: &str, expected: &str) {
        let words = format!("`{}` must be {expected}, not {}", self.full(key), value.get_ref().type_str());
        self.report(
            Diagnostic::fault("settings-type", words)
                .at(self.document.place(&value.span()))
                .label(format!("expected {expected}")),
        );
    }

    fn full(&self, key: &str) -> String {
        if self.name.is_empty() { key.to_string() } else { format!("{}.{key}", self.name) }
    }

    /// Reports that a key must be given.
    fn missing(&self, key: &str) {
        let problem = Diagnostic::fault("settings-missing-key", format!("`{}` is missing", self.full(key)));
        self.report(match self.span.len() {
            0 => problem.in_file(&*self.document.file),
            _ => problem.at(self.document.place(&self.span)),
        });
    }

    fn optional<T>(&self, key: &str, expected: &str, take: impl FnOnce(&DeValue<'a>) -> Option<T>) -> Option<T> {
        let value = self.get(key)?;
        let taken = take(value.get_ref());
        if taken.is_none() {
            self.mismatch(value, key, expected);
        }
        taken
    }

    /// An optional text.
    pub fn optional_text(&self, key: &str) -> Option<String> {
        self.optional(key, "text in quotes", |value| value.as_str().map(str::to_string))
    }

    /// A text that must be given.
    pub fn text(&self, key: &str) -> Option<String> {
        if self.get(key).is_none() {
            self.missing(key);
        }
        self.optional_text(key)
    }

    /// An optional true or false.
    pub fn flag(&self, key: &str) -> bool {
        self.optional(key, "true or false", |value| value.as_bool()).unwrap_or(false)
    }

    /// An optional whole number.
    pub fn optional_integer(&self, key: &str) -> Option<i64> {
        self.optional(key, "a whole number", |value| match scalar(value) {
            Some(Scalar::Integer(value)) => Some(value),
            _ => None,
        })
    }

    /// An optional number.
    pub fn optional_number(&self, key: &str) -> Option<f64> {
        self.optional(key, "a number", |value| scalar(value).and_then(|value| value.number()))
    }

    /// An optional day, such as `2026-06-21`.
    pub fn optional_date(&self, key: &str) -> Option<Date> {
        self.optional(key, "a date such as 2026-06-21 (no quotes)", |value| match scalar(value) {
            Some(Scalar::Date(value)) => Some(value),
            _ => None,
        })
    }

    /// An optional word that must be one of those listed.
    pub fn choice(&self, key: &str, choices: &[&'static str]) -> Option<&'static str> {
        let word = self.optional_text(key)?;
        let found = choices.iter().copied().find(|choice| *choice == word);
        if found.is_none() {
            let problem = Diagnostic::fault("settings-choice", format!("`{}` cannot be \"{word}\"", self.full(key)))
                .at(self.place(key))
                .help(format!("it is one of: {}", choices.join(", ")));
            self.report(match nearest(&word, choices) {
                Some(near) => problem.help(format!("did you mean \"{near}\"?")),
                None => problem,
            });
        }
        found
    }

    /// A list of texts; one text stands for a list of one.
    pub fn texts(&self, key: &str) -> Vec<String> {
        self.optional(key, "text, or a list of texts", |value| match value {
            DeValue::String(text) => Some(vec![text.to_string()]),
            DeValue::Array(items) => items.iter().map(|item| item.get_ref().as_str().map(str::to_string)).collect(),
            _ => None,
        })
        .unwrap_or_default()
    }

    /// A list of scalars.
    pub fn scalars(&self, key: &str) -> Vec<Scalar> {
        self.optional(key, "a list of values", |value| {
            value.as_array()?.iter().map(|item| scalar(item.get_ref())).collect()
        })
        .unwrap_or_default()
    }

    /// Any single value.
    pub fn scalar(&self, key: &str) -> Option<Scalar> {
        self.optional(key, "text, a number, a date, true or false", scalar)
    }

    /// An optional table inside this one.
    pub fn optional_table(&self, key: &str) -> Option<Table<'a>> {
        let value = self.get(key)?;
        let Some(table) = value.get_ref().as_table() else {
            self.mismatch(value, key, "a table");
            return None;
        };
        Some(self.child(self.full(key), self.key_span(key), table))
    }

    /// The tables in an array of tables.
    pub fn tables(&self, key: &str) -> Vec<Table<'a>> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let Some(items) = value.get_ref().as_array() else {
            self.mismatch(value, key, "an array of tables ([[…]])");
            return Vec::new();
        };
        items
            .iter()
            .filter_map(|item| match item.get_ref().as_table() {
                Some(table) => Some(self.child(self.full(key), item.span(), table)),
                None => {
                    self.mismatch(item, key, "a table");
                    None
                }
            })
            .collect()
    }

    fn key_span(&self, key: &str) -> Range<usize> {
        self.table.get_key_value(key).map_or(self.span.clone(), |(key, _)| key.span())
    }

    fn child(&self, name: String, span: Range<usize>, table: &'a DeTable<'a>) -> Table<'a> {
        Table { document: self.document, name, span, table, known: RefCell::default(), problems: self.problems }
    }

    /// Reports every key that nothing asked for. Call it when all known keys have been read.
    pub fn finish(&self) {
        let known: Vec<String> = self.known.borrow().iter().cloned().collect();
        for (key, _) in self.table.iter().filter(|(key, _)| !known.contains(&key.get_ref().to_string())) {
            let problem =
                Diagnostic::fault("settings-unknown-key", format!("unknown key `{}`", self.full(key.get_ref())))
                    .at(self.document.place(&key.span()))
                    .label("not a key of this table");
            self.report(match nearest(key.get_ref(), &known) {
                Some(near) => problem.help(format!("did you mean `{near}`?")),
                None => problem.help(format!("known keys: {}", known.join(", "))),
            });
        }
    }
}

fn scalar(value: &DeValue<'_>) -> Option<Scalar> {
    match value {
        DeValue::String(text) => Some(Scalar::Text(text.to_string())),
        DeValue::Boolean(value) => Some(Scalar::Boolean(*value)),
        DeValue::Integer(value) => i64::from_str_radix(value.as_str(), value.radix()).ok().map(Scalar::Integer),
        DeValue::Float(value) => {
            value.as_str().parse::<f64>().ok().filter(|value| value.is_finite()).map(Scalar::Number)
        }
        DeValue::Datetime(value) => {
            let date = value.date.filter(|_| value.time.is_none())?;
            Date::new(date.year as i16, date.month as i8, date.day as i8).ok().map(Scalar::Date)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_mistakes_are_reported_together_with_suggestions() {
        let document = Document::whole("t.toml", "tilte = \"x\"\nseed = \"one\"\n".into());
        let problems = document
            .read(|root| {
                let title = root.text("title");
                root.optional_integer("seed");
                title
            })
            .unwrap_err();
        let words = problems.to_string();
        assert_eq!(problems.0.len(), 3, "{words}");
        assert!(words.contains("did you mean `title`?") && words.contains("`title` is missing"));
        assert!(words.contains("must be a whole number"));
    }

    #[test]
    fn a_part_of_a_file_is_reported_at_the_files_own_line() {
        let text = "/*\ntitle = 3\n*/\nSELECT 1".to_string();
        let document = Document { file: "a.sql".into(), part: 2..13, text };
        let problems = document.read(|root| root.text("title")).unwrap_err();
        assert_eq!(problems.0[0].place.as_ref().map(|place| place.line), Some(2));
    }
}
