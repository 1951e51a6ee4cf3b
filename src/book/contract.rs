//! What a source promises: which files, which columns of which type, which key, and where it was published.

mod column;
mod disclosure;
mod layout;
mod rules;

use jiff::civil::Date;
use regex::Regex;

pub use column::{Origin, SourceColumn};
pub(super) use disclosure::read_pack_disclosure;
pub use disclosure::{CONFIDENTIAL, Disclosure, PackDisclosure, RowsWhere, Total};
pub use layout::{Layout, Unpivot};
pub use rules::{Comparison, Every, RowRule, Series, VersionRule};

use super::naming::is_table_name;
use super::settings::Table;
use crate::diagnostic::Diagnostic;
use crate::frame::SHORTHAND;

/// Words that stand for "no value" unless the contract lists others.
const MISSING: [&str; 6] = ["", "*", "-", "[c]", "[x]", "[z]"];

/// How a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// Delimited text.
    Csv,
    /// Apache Parquet.
    Parquet,
    /// One delimited text in a zip archive.
    Zip,
    /// Sheets of a workbook (.xlsx, .xls).
    Workbook,
}

/// How bytes become text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without a byte-order mark.
    Utf8,
    /// Windows-1252.
    Windows1252,
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
    /// Where the data stand in an archive or a workbook.
    pub layout: Layout,
    /// Headers that become rows.
    pub unpivot: Option<Unpivot>,
    /// Which counts are withheld or rounded.
    pub disclosure: Option<Disclosure>,
    /// What rows must hold, several columns together.
    pub rules: Vec<RowRule>,
    /// The periods that must follow each other without a gap.
    pub series: Option<Series>,
    /// Whether rows of several versions may share a key.
    pub keep_versions: bool,
    /// Status and vintage of files, by the name of the file.
    pub versions: Vec<VersionRule>,
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
    let columns = column::read_columns(name, table);
    let key = table.texts("key");
    for part in key.iter().filter(|part| !columns.iter().any(|column| column.name == **part)) {
        table.problem_at(
            "key",
            "source-key",
            format!("key column `{part}` of source `{name}` is not one of its columns"),
        );
    }
    let missing = table.texts("missing");
    let reader = match table.choice("reader", &["csv", "parquet", "zip", "workbook"]) {
        Some("parquet") => Reader::Parquet,
        Some("zip") => Reader::Zip,
        Some("workbook") => Reader::Workbook,
        _ => Reader::Csv,
    };
    let contract = Contract {
        name: name.to_string(),
        files,
        reader,
        encoding: match table.choice("encoding", &["utf-8", "windows-1252"]) {
            Some("windows-1252") => Encoding::Windows1252,
            _ => Encoding::Utf8,
        },
        delimiter: read_delimiter(table),
        key,
        optional: table.flag("optional"),
        missing: if missing.is_empty() { MISSING.map(str::to_string).to_vec() } else { missing },
        layout: layout::read_layout(reader, &columns, table),
        unpivot: layout::read_unpivot(&columns, table),
        disclosure: disclosure::read_disclosure(&columns, table),
        rules: rules::read_rules(&columns, table),
        series: rules::read_series(&columns, table),
        keep_versions: table.flag("keep_versions"),
        versions: rules::read_versions(table),
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
    for column in contract.withheld().map(|at| &contract.columns[at]) {
        let beside = format!("{}{SHORTHAND}", column.name);
        if contract.columns.iter().any(|column| column.name == beside) {
            let words = format!("`{beside}` is given by the engine, because `{}` may be withheld", column.name);
            table.problem_at("columns", "source-column-name", words);
        }
    }
    Some(contract)
}

impl Contract {
    /// The places of the columns whose values may be withheld. A column behind all others says of each why.
    pub fn withheld(&self) -> impl Iterator<Item = usize> {
        let rule = self.disclosure.as_ref();
        let ruled =
            move |name: &String| rule.is_some_and(|rule| rule.columns.contains(name) || rule.with.contains(name));
        let may_be = move |column: &SourceColumn| !column.suppressed.is_empty() || ruled(&column.name);
        self.columns.iter().enumerate().filter(move |(_, column)| may_be(column)).map(|(at, _)| at)
    }
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

/// A regular expression; what is wrong with one is reported at its key.
fn read_regex(key: &str, whole: bool, table: &Table<'_>) -> Option<Regex> {
    let text = table.optional_text(key)?;
    let written = if whole { format!("^(?:{text})$") } else { text };
    match Regex::new(&written) {
        Ok(pattern) => Some(pattern),
        Err(error) => {
            let words = error.to_string();
            let last = words.lines().last().unwrap_or_default().trim_start_matches("error: ");
            table.problem_at(key, "source-pattern", format!("not a regular expression: {last}"));
            None
        }
    }
}

/// A regular expression of which one group is the part that is wanted.
fn read_capture(key: &str, table: &Table<'_>) -> Option<Regex> {
    let pattern = read_regex(key, false, table)?;
    if pattern.captures_len() == 2 {
        return Some(pattern);
    }
    table.problem_at(key, "source-capture", format!("`{key}` needs one group in brackets: the part that is wanted"));
    None
}

/// Reports the names that are not columns of the source.
fn report_unknown(names: &[String], key: &str, columns: &[SourceColumn], table: &Table<'_>) {
    for name in names.iter().filter(|name| !columns.iter().any(|column| column.name == **name)) {
        table.problem_at(key, "source-rule", format!("`{name}` is not a column of the source"));
    }
}
