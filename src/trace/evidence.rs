//! What a PDF says of its own figures.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::diagnostic::{Diagnostic, Outcome};
use crate::frame::Scalar;
use crate::pdf;

/// A figure as a PDF records it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PrintedFigure {
    /// What names it in this PDF: its own id, or its place in the list, from 1.
    pub id: String,
    /// The pages it is printed on, where they are known.
    pub pages: Vec<u64>,
    /// The words printed.
    pub text: String,
    /// Table.
    pub cell: String,
    /// Columns that identify the row, with their values.
    pub key: Vec<(String, Scalar)>,
    /// Column.
    pub column: String,
    /// The value before it was formatted.
    pub value: Scalar,
    /// Whether it was only drawn, in a chart.
    pub drawn: bool,
}

impl PrintedFigure {
    /// Whether it is printed on a page.
    pub fn is_on(&self, page: u64) -> bool {
        self.pages.contains(&page)
    }
}

/// A query as a PDF records it.
#[derive(Clone, Debug, Serialize)]
pub struct RecordedQuery {
    /// Cell.
    pub cell: String,
    /// Title.
    pub title: String,
    /// File, relative to the book.
    pub file: String,
    /// The query, with its front matter.
    pub sql: String,
}

/// A source file as a PDF records it.
#[derive(Clone, Debug, Serialize)]
pub struct RecordedFile {
    /// Source.
    pub source: String,
    /// Title of the publication.
    pub publication: String,
    /// File, relative to the data folder.
    pub file: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
}

/// The evidence inside a PDF.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// Figures, in order.
    pub figures: Vec<PrintedFigure>,
    /// Queries by cell.
    pub queries: BTreeMap<String, RecordedQuery>,
    /// Published files.
    pub files: Vec<RecordedFile>,
    /// The edition's name.
    pub edition: String,
}

impl Evidence {
    /// Reads the evidence that a PDF carries.
    pub fn read(name: &str, bytes: &[u8]) -> Outcome<Evidence> {
        let files: BTreeMap<String, Vec<u8>> = pdf::attachments(bytes)
            .map_err(|mut problems| {
                problems.0.iter_mut().for_each(|problem| *problem = problem.clone().in_file(name));
                problems
            })?
            .into_iter()
            .collect();
        let read = |attachment: &str| -> Outcome<Value> {
            let Some(content) = files.get(attachment) else {
                return Err(Diagnostic::check("trace-no-evidence", format!("{name} does not carry {attachment}"))
                    .in_file(name)
                    .help("only a pack that `candour build` made, and nobody has changed since, carries its evidence")
                    .into());
            };
            Ok(serde_json::from_slice(content).map_err(|error| {
                Diagnostic::check("trace-evidence", format!("{attachment} in {name} is damaged: {error}")).in_file(name)
            })?)
        };
        let (figures, inputs) = (read("figures.json")?, read("inputs.json")?);
        let list = figures["figures"].as_array().into_iter().flatten();
        Ok(Evidence {
            figures: list.enumerate().map(|(at, figure)| printed(at, figure)).collect(),
            queries: list_of(&inputs, "queries").map(|query| (text(query, "cell"), recorded_query(query))).collect(),
            files: list_of(&inputs, "sources").flat_map(recorded_files).collect(),
            edition: text(&inputs["edition"], "name"),
        })
    }

    /// Hashes by file.
    pub fn hashes(&self) -> BTreeMap<String, String> {
        self.files.iter().map(|file| (file.file.clone(), file.sha256.clone())).collect()
    }

    /// The figures that some words name: an id, or else words as they are printed, or else a part of them.
    pub fn find(&self, wanted: &str, page: Option<u64>, as_text: bool) -> Vec<&PrintedFigure> {
        let here = || self.figures.iter().filter(|figure| page.is_none_or(|page| figure.is_on(page)));
        let wanted = single_spaced(wanted);
        let by_id: Vec<&PrintedFigure> = here().filter(|figure| !as_text && figure.id == wanted).collect();
        if !by_id.is_empty() {
            return by_id;
        }
        let whole: Vec<&PrintedFigure> = here().filter(|figure| single_spaced(&figure.text) == wanted).collect();
        if !whole.is_empty() || wanted.is_empty() {
            return whole;
        }
        let small = wanted.to_lowercase();
        here().filter(|figure| single_spaced(&figure.text).to_lowercase().contains(&small)).collect()
    }
}

fn single_spaced(text: &str) -> String {
    // A typed hyphen stands for the minus sign that is printed.
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('\u{2212}', "-")
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_string()
}

fn list_of<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    value[key].as_array().into_iter().flatten()
}

fn printed(at: usize, figure: &Value) -> PrintedFigure {
    let id = match &figure["id"] {
        Value::Null => (at + 1).to_string(),
        Value::String(id) => id.clone(),
        other => other.to_string(),
    };
    let key = list_of(figure, "key").filter_map(|pair| Some((pair[0].as_str()?.to_string(), scalar(&pair[1]))));
    PrintedFigure {
        id,
        pages: list_of(figure, "pages").filter_map(Value::as_u64).collect(),
        text: text(figure, "text"),
        cell: text(figure, "cell"),
        key: key.collect(),
        column: text(figure, "column"),
        value: scalar(&figure["value"]),
        drawn: figure["drawn"].as_bool().unwrap_or(false),
    }
}

fn recorded_query(query: &Value) -> RecordedQuery {
    RecordedQuery {
        cell: text(query, "cell"),
        title: text(query, "title"),
        file: text(query, "file"),
        sql: text(query, "sql"),
    }
}

fn recorded_files(source: &Value) -> Vec<RecordedFile> {
    let file = |file: &Value| RecordedFile {
        source: text(source, "source"),
        publication: text(source, "publication"),
        file: text(file, "file"),
        sha256: text(file, "sha256"),
    };
    list_of(source, "files").map(file).collect()
}

fn scalar(value: &Value) -> Scalar {
    match value {
        Value::Bool(value) => Scalar::Boolean(*value),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => Scalar::Integer(whole),
            None => number.as_f64().map_or(Scalar::Missing, Scalar::Number),
        },
        Value::String(text) => Scalar::Text(text.clone()),
        _ => Scalar::Missing,
    }
}
