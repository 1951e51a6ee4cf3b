//! What a source promises: which files, which columns of which type, which key, and where it was published.

use jiff::civil::Date;
use regex::Regex;

use super::naming::is_table_name;
use super::settings::Table;
use crate::diagnostic::Diagnostic;
use crate::frame::{ColumnType, Scalar};

/// Words that stand for "no value" unless the contract lists others.
const MISSING: [&str; 6] = ["", "*", "-", "[c]", "[x]", "[z]"];

/// How a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// Delimited text.
    Csv,
    /// Apache Parquet.
    Parquet,
}

/// How bytes become text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without a byte-order mark.
    Utf8,
    /// Windows-1252.
    Windows1252,
}

/// One column of a source.
#[derive(Clone, Debug)]
pub struct SourceColumn {
    /// Name in SQL.
    pub name: String,
    /// Names it may have in the file, the first being the usual one.
    pub headers: Vec<String>,
    /// Type.
    pub kind: ColumnType,
    /// How dates are written, in `strptime` form; ISO 8601 where empty.
    pub date_formats: Vec<String>,
    /// Whether each row must have a value.
    pub required: bool,
    /// Whether the file may lack the column.
    pub optional: bool,
    /// The only values allowed, where any are listed.
    pub accepted: Vec<Scalar>,
    /// A regular expression that the text must match.
    pub pattern: Option<Regex>,
    /// Smallest value allowed.
    pub min: Option<f64>,
    /// Largest value allowed.
    pub max: Option<f64>,
    /// Unit.
    pub unit: Option<String>,
    /// What it is.
    pub meaning: String,
}

/// A declared source.
#[derive(Clone, Debug)]
pub struct Contract {
    /// Table name in SQL.
    pub name: String,
    /// File patterns under the data folder.
    pub files: Vec<String>,
    /// How the files are read.
    pub reader: Reader,
    /// How their bytes become text.
    pub encoding: Encoding,
    /// What stands between fields.
    pub delimiter: u8,
    /// Columns that identify a row.
    pub key: Vec<String>,
    /// Whether there may be no file at all.
    pub optional: bool,
    /// Words that stand for "no value".
    pub missing: Vec<String>,
    /// Columns.
    pub columns: Vec<SourceColumn>,
    /// Who published it.
    pub publisher: String,
    /// Under which title.
    pub publication: String,
    /// Under which licence.
    pub licence: String,
    /// Status: published, provisional, revised, management information, demonstration.
    pub status: String,
    /// Reference period, in words.
    pub period: String,
    /// When this version was published.
    pub vintage: Option<Date>,
    /// Where it was published.
    pub url: Option<String>,
    /// Anything a reader should know.
    pub note: Option<String>,
    /// Where the files are fetched from.
    pub fetch: Option<super::FetchRule>,
}

/// The statuses a source may have.
pub const STATUSES: [&str; 5] = ["published", "provisional", "revised", "management information", "demonstration"];

/// Reads the table `[sources.NAME]`.
pub fn read_contract(name: &str, table: &Table<'_>) -> Option<Contract> {
    if !is_table_name(name) {
        table.report(
            Diagnostic::fault("source-name", format!("`{name}` cannot name a source"))
                .at(table.place(""))
                .help("use lower-case letters, digits and underscores, beginning with a letter"),
        );
    }
    let files = table.texts("files");
    if files.is_empty() {
        table.problem_at("files", "source-files", format!("source `{name}` names no files"));
    }
    let columns = read_columns(name, table);
    let key = table.texts("key");
    for part in key.iter().filter(|part| !columns.iter().any(|column| column.name == **part)) {
        table.problem_at(
            "key",
            "source-key",
            format!("key column `{part}` of source `{name}` is not one of its columns"),
        );
    }
    let missing = table.texts("missing");
    let contract = Contract {
        name: name.to_string(),
        files,
        reader: match table.choice("reader", &["csv", "parquet"]) {
            Some("parquet") => Reader::Parquet,
            _ => Reader::Csv,
        },
        encoding: match table.choice("encoding", &["utf-8", "windows-1252"]) {
            Some("windows-1252") => Encoding::Windows1252,
            _ => Encoding::Utf8,
        },
        delimiter: read_delimiter(table),
        key,
        optional: table.flag("optional"),
        missing: if missing.is_empty() { MISSING.map(str::to_string).to_vec() } else { missing },
        columns,
        publisher: table.text("publisher")?,
        publication: table.text("publication")?,
        licence: table.text("licence")?,
        status: {
            table.text("status")?;
            table.choice("status", &STATUSES)?.to_string()
        },
        period: table.text("period")?,
        vintage: table.optional_date("vintage"),
        url: table.optional_text("url"),
        note: table.optional_text("note"),
        fetch: table.optional_table("fetch").and_then(|rule| super::fetch_rule::read_fetch_rule(&rule)),
    };
    table.finish();
    Some(contract)
}

fn read_delimiter(table: &Table<'_>) -> u8 {
    match table.optional_text("delimiter").as_deref() {
        None => b',',
        Some(text) if text.len() == 1 && !matches!(text, "\"" | "\n" | "\r") => text.as_bytes()[0],
        Some(_) => {
            table.problem_at(
                "delimiter",
                "source-delimiter",
                "`delimiter` must be one character, such as \",\" or \"\\t\"",
            );
            b','
        }
    }
}

fn read_columns(name: &str, table: &Table<'_>) -> Vec<SourceColumn> {
    let Some(columns) = table.optional_table("columns") else {
        table.problem_at("columns", "source-columns", format!("source `{name}` declares no columns"));
        return Vec::new();
    };
    let read: Vec<SourceColumn> =
        columns.keys().iter().filter_map(|key| read_column(key, &columns.optional_table(key)?)).collect();
    columns.finish();
    read
}

fn read_column(name: &str, table: &Table<'_>) -> Option<SourceColumn> {
    if !is_table_name(name) {
        table.problem_at(
            "",
            "source-column-name",
            format!("`{name}` cannot name a column: use lower-case letters, digits and underscores"),
        );
    }
    let headers = table.texts("header");
    let kind = match table.choice("type", &["text", "integer", "number", "date", "boolean"]) {
        Some("integer") => ColumnType::Integer,
        Some("number") => ColumnType::Number,
        Some("date") => ColumnType::Date,
        Some("boolean") => ColumnType::Boolean,
        _ => ColumnType::Text,
    };
    let pattern = table.optional_text("pattern").and_then(|text| match Regex::new(&format!("^(?:{text})$")) {
        Ok(pattern) => Some(pattern),
        Err(error) => {
            let words = error.to_string();
            let last = words.lines().last().unwrap_or_default().trim_start_matches("error: ");
            table.problem_at("pattern", "source-pattern", format!("not a regular expression: {last}"));
            None
        }
    });
    let column = SourceColumn {
        name: name.to_string(),
        headers: if headers.is_empty() { vec![name.to_string()] } else { headers },
        kind,
        date_formats: table.texts("date_format"),
        required: table.flag("required"),
        optional: table.flag("optional"),
        accepted: table.scalars("accepted"),
        pattern,
        min: table.optional_number("min"),
        max: table.optional_number("max"),
        unit: table.optional_text("unit"),
        meaning: table.text("meaning")?,
    };
    table.finish();
    report_idle_rules(&column, table);
    Some(column)
}

/// A rule that can never speak is a mistake.
fn report_idle_rules(column: &SourceColumn, table: &Table<'_>) {
    let number = matches!(column.kind, ColumnType::Integer | ColumnType::Number);
    if column.pattern.is_some() && column.kind != ColumnType::Text {
        table.problem_at("pattern", "source-rule", format!("`pattern` is for text; `{}` is not text", column.name));
    }
    for (key, bound) in [("min", column.min), ("max", column.max)] {
        if bound.is_some() && !number {
            table.problem_at(key, "source-rule", format!("`{key}` is for numbers; `{}` is not a number", column.name));
        }
    }
    if !column.date_formats.is_empty() && column.kind != ColumnType::Date {
        table.problem_at(
            "date_format",
            "source-rule",
            format!("`date_format` is for dates; `{}` is not a date", column.name),
        );
    }
}
