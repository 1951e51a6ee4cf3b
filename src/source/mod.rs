//! Sources: files read by contract. A row that breaks its contract is a reject, reported with file,
//! line, column, value and rule; a file that breaks it stops the work. Nothing is silently dropped.
//!
//! Readers give tables as headers and records, one at a time; the contract is applied to each record as it comes, and
//! only the declared columns are kept.

mod archive;
mod csv_reader;
mod dates;
mod decode;
mod disclosure;
mod duplicates;
mod headers;
mod lock;
mod notes;
mod protect;
mod record;
mod row_rules;
mod sheet;
mod store;
mod tables;
mod take;
mod value;
mod version;
mod workbook;

use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use lock::{LOCK_FILE, Lock, Stamp, stamps};
pub use notes::{register, register_notes};
use record::{Field, Header, Record};
pub use store::Rows;
use take::Taker;

use crate::book::{Contract, DataFolders, DataNotice, Reader, STATUSES};
use crate::diagnostic::{Diagnostic, Outcome, Place, Problems, io_problem};
use crate::duck::Session;
use crate::frame::{ColumnType, SHORTHAND};

/// Most rejects kept of one source; past that the contract or the file is wrong, not a row.
const MOST_REJECTS: usize = 10_000;

/// A row, or a file, that broke its contract.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reject {
    /// Source name.
    pub source: String,
    /// File, relative to the data folder.
    pub file: String,
    /// Line in the file, from 1.
    pub line: u64,
    /// Column in characters, from 1; 0 where the rule concerns the whole row.
    pub at: usize,
    /// The cell of a workbook, such as `Sheet!C17`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cell: Option<String>,
    /// Column name in SQL, empty where the rule concerns the whole row.
    pub column: String,
    /// The value, cut to 200 characters.
    pub value: String,
    /// The rule that it breaks.
    pub rule: String,
}

/// A file that was read.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SourceFile {
    /// File, relative to the data folder.
    pub file: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Size in bytes.
    pub bytes: u64,
    /// Rows that kept the contract.
    pub rows: u64,
    /// Rows that did not.
    pub rejects: u64,
    /// Rows of a workbook that stand after its tables.
    pub footnotes: u64,
    /// Columns of the file that the contract does not name.
    pub ignored_columns: Vec<String>,
    /// Its status.
    pub status: String,
    /// Who made it, where that is not what is said of the whole source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publisher: Option<String>,
    /// Its licence, where that is not what is said of the whole source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
    /// Words that its data folder wants on every page that shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
    /// When its figures were published.
    #[serde(default, serialize_with = "as_text", deserialize_with = "from_text")]
    pub vintage: Option<Date>,
    /// The date of publication printed in it.
    #[serde(
        default,
        serialize_with = "as_text",
        deserialize_with = "from_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub published: Option<Date>,
    /// The date of revision printed in it.
    #[serde(
        default,
        serialize_with = "as_text",
        deserialize_with = "from_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub revised: Option<Date>,
}

fn as_text<S: serde::Serializer>(date: &Option<Date>, serializer: S) -> Result<S::Ok, S::Error> {
    match date {
        Some(date) => serializer.collect_str(date),
        None => serializer.serialize_none(),
    }
}

fn from_text<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| text.parse().map_err(serde::de::Error::custom)).transpose()
}

/// A source that has been read.
#[derive(Clone, Debug)]
pub struct SourceTable {
    /// Its contract, with the status, publisher and licence that the folders of its files give them.
    pub contract: Contract,
    /// Column names and types, ending with those that every source has: `_file` and `_line`, where a row was read;
    /// `_part`, the sheet or the member of an archive; `_vintage` and `_status`, the version of its figures. Behind them
    /// stands, for each column whose values may be withheld, one that says why.
    pub columns: Vec<(String, ColumnType)>,
    /// Rows; none once they are in the database.
    pub rows: Rows,
    /// Files, in order of name.
    pub files: Vec<SourceFile>,
    /// Rejects, in order of file and line.
    pub rejects: Vec<Reject>,
    /// What a person should look at: headers that have moved, gaps in a series.
    pub warnings: Problems,
    /// Hash of everything the table depends on.
    pub fingerprint: String,
}

/// A contract as the folders of its files say: their status, publisher and licence, where they have them, stand in place
/// of the book's. Where files of one source come from folders that say different things, all are named.
fn noticed(contract: &Contract, notices: &[DataNotice]) -> Contract {
    let mut contract = contract.clone();
    type Said = fn(&DataNotice) -> &Option<String>;
    let own: [(Said, &mut String); 3] = [
        (|notice| &notice.status, &mut contract.status),
        (|notice| &notice.publisher, &mut contract.publisher),
        (|notice| &notice.licence, &mut contract.licence),
    ];
    for (said, of_contract) in own {
        let mut words: Vec<&str> = Vec::new();
        for notice in notices {
            let word = said(notice).as_deref().unwrap_or(of_contract.as_str());
            if !words.contains(&word) {
                words.push(word);
            }
        }
        words.sort_by_key(|word| STATUSES.iter().position(|status| status == word));
        *of_contract = match words.split_last() {
            None => continue,
            Some((last, [])) => (*last).to_string(),
            Some((last, before)) => format!("{} and {last}", before.join(", ")),
        };
    }
    contract
}

/// What is said of the files of a source by their folders. A source without files is as all folders agree to say.
fn notices(files: &[String], data: &DataFolders) -> Vec<DataNotice> {
    if !files.is_empty() {
        return files.iter().map(|file| data.notice_of(file)).collect();
    }
    let mut all = data.folders().iter().map(|folder| folder.notice.clone());
    let first = all.next();
    first.filter(|first| all.all(|other| other == *first)).into_iter().collect()
}

impl SourceTable {
    /// A source that was read before and whose rows are kept elsewhere.
    pub fn known(
        contract: &Contract,
        data: &DataFolders,
        files: Vec<SourceFile>,
        rejects: Vec<Reject>,
        warnings: Problems,
    ) -> SourceTable {
        let names: Vec<String> = files.iter().map(|file| file.file.clone()).collect();
        let contract = noticed(contract, &notices(&names, data));
        let columns = table_columns(&contract);
        let rows = Rows::default();
        let mut table = SourceTable { contract, columns, rows, files, rejects, warnings, fingerprint: String::new() };
        table.fingerprint = fingerprint(&table);
        table
    }
}

/// Reads one source.
pub fn read_source(own: &Contract, data: &DataFolders, session: &Session) -> Outcome<SourceTable> {
    let files = find_files(own, data)?;
    let contract = noticed(own, &notices(&files, data));
    let columns = table_columns(&contract);
    let mut table = SourceTable {
        rows: Rows::new(&columns),
        columns,
        files: Vec::new(),
        rejects: Vec::new(),
        warnings: Problems::none(),
        fingerprint: String::new(),
        contract,
    };
    let mut problems = Problems::none();
    for file in &files {
        problems.absorb(read_file(&mut table, own, data, file, session));
    }
    problems.or(())?;
    duplicates::reject(&mut table)?;
    disclosure::control(&mut table)?;
    let gaps = table.contract.series.as_ref().and_then(|series| row_rules::gaps(&table.contract, series, &table.rows));
    gaps.into_iter().for_each(|gap| table.warnings.push(gap));
    table.fingerprint = fingerprint(&table);
    Ok(table)
}

fn table_columns(contract: &Contract) -> Vec<(String, ColumnType)> {
    let own = contract.columns.iter().map(|column| (column.name.clone(), column.kind));
    let common = [
        ("_file", ColumnType::Text),
        ("_line", ColumnType::Integer),
        ("_part", ColumnType::Text),
        ("_vintage", ColumnType::Date),
        ("_status", ColumnType::Text),
    ];
    let withheld =
        contract.withheld().map(|at| (format!("{}{SHORTHAND}", contract.columns[at].name), ColumnType::Text));
    own.chain(common.map(|(name, kind)| (name.to_string(), kind))).chain(withheld).collect()
}

fn fingerprint(table: &SourceTable) -> String {
    let mut hash = Sha256::new();
    hash.update(format!("candour source {}\n", crate::SOURCE_HASH));
    // Where a file was fetched from changes nothing in the table.
    hash.update(format!("{:?}\n", Contract { fetch: None, ..table.contract.clone() }));
    for file in &table.files {
        hash.update(format!("{} {}\n", file.file, file.sha256));
    }
    crate::hex(&hash.finalize())
}

fn patterns(contract: &Contract) -> Outcome<GlobSet> {
    let mut set = GlobSetBuilder::new();
    for pattern in &contract.files {
        let glob = GlobBuilder::new(pattern).literal_separator(true).build().map_err(|error| {
            Diagnostic::fault(
                "source-files",
                format!("`{pattern}` of source `{}` is not a file pattern: {}", contract.name, error.kind()),
            )
        })?;
        set.add(glob);
    }
    Ok(set.build().map_err(|error| Diagnostic::fault("source-files", error.to_string()))?)
}

/// The files of a source in all data folders, in order of name. A name that two folders have is a problem.
pub fn find_files(contract: &Contract, data: &DataFolders) -> Outcome<Vec<String>> {
    let set = patterns(contract)?;
    let files: Vec<String> = data.names().filter(|file| set.is_match(file)).cloned().collect();
    Problems(files.iter().filter_map(|file| data.clash(file)).collect()).or(())?;
    if files.is_empty() && !contract.optional {
        return Err(Diagnostic::check(
            "source-not-found",
            format!("source `{}`: no file matches {}", contract.name, contract.files.join(" or ")),
        )
        .note(format!("looked in {}", data.shown()))
        .help("put the file there, or set `optional = true` if a book may do without it")
        .into());
    }
    Ok(files)
}

fn read_file(
    table: &mut SourceTable,
    contract: &Contract,
    data: &DataFolders,
    file: &str,
    session: &Session,
) -> Outcome<()> {
    let path: PathBuf = data.resolve(file)?;
    let bytes = std::fs::read(&path).map_err(|error| io_problem("read", &path, &error))?;
    let notice = data.notice_of(file);
    let contract = noticed(contract, std::slice::from_ref(&notice));
    let mut taker = Taker::new(&contract, file, &mut table.rows, &mut table.rejects);
    match contract.reader {
        Reader::Csv => csv_reader::read(&contract, file, None, &mut bytes.as_slice(), &mut taker)?,
        Reader::Zip => archive::read_member(&contract, file, &bytes, |name, input| {
            csv_reader::read(&contract, file, Some(name), input, &mut taker)
        })?,
        Reader::Workbook => tables::read(&contract, file, &bytes, &mut taker)?,
        Reader::Parquet => read_parquet(file, &path, &bytes, session, &mut taker)?,
    }
    if taker.kept + taker.refused == 0 {
        return Err(Diagnostic::check("source-no-rows", format!("{file} has a header and no rows"))
            .in_file(file)
            .help("publish-and-empty is not the same as not published: remove the file, or get it again")
            .into());
    }
    let Taker { version, ignored, kept, refused, footnotes, warnings, .. } = taker;
    table.warnings.extend(warnings);
    table.files.push(SourceFile {
        file: file.to_string(),
        sha256: crate::hex(&Sha256::digest(&bytes)),
        bytes: bytes.len() as u64,
        rows: kept,
        rejects: refused,
        footnotes,
        ignored_columns: ignored,
        status: notice.status.unwrap_or_else(|| version.status.clone()),
        publisher: (contract.publisher != table.contract.publisher).then_some(contract.publisher),
        licence: (contract.licence != table.contract.licence).then_some(contract.licence),
        notice: notice.notice,
        vintage: version.vintage(),
        published: version.published,
        revised: version.revised,
    });
    Ok(())
}

fn read_parquet(file: &str, path: &Path, bytes: &[u8], session: &Session, taker: &mut Taker<'_>) -> Outcome<()> {
    if !(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1")) {
        let found = if bytes.starts_with(b"PAR1") { "but cut short" } else { decode::looks_like(bytes) };
        let words = format!("{file} is not a whole Parquet file, {found}");
        return Err(Diagnostic::check("source-not-parquet", words).in_file(file).help("get the file again").into());
    }
    let frame = session.read_parquet(path).map_err(|error| {
        Diagnostic::check("source-not-parquet", format!("{file} cannot be read as Parquet: {}", error.message))
            .in_file(file)
    })?;
    let names: Vec<String> = frame.names().into_iter().map(str::to_string).collect();
    let width = names.len();
    taker.begin(&Header { names, ..Header::default() })?;
    for row in 0..frame.height() {
        let fields = (0..width).map(|column| Field::Value(frame.value(row, column))).collect();
        taker.take(&Record { line: row as u64 + 1, raw: "", fields })?;
    }
    Ok(())
}

/// A reject in one line.
pub fn reject_words(reject: &Reject) -> String {
    let column = if reject.column.is_empty() { String::new() } else { format!(", column {}", reject.column) };
    let place = match &reject.cell {
        Some(cell) => format!("{}, {cell}", reject.file),
        None if reject.at > 0 => format!("{}:{}:{}", reject.file, reject.line, reject.at),
        None => format!("{}:{}", reject.file, reject.line),
    };
    format!("{place}{column}: \"{}\": {}", reject.value, reject.rule)
}

/// The rejects of a source as one problem: a warning, or an error where the book is built strictly.
pub fn reject_problem(table: &SourceTable, strict: bool) -> Option<Diagnostic> {
    let count = table.rejects.len();
    let first = table.rejects.first()?;
    let rows = if count == 1 { "1 reject".to_string() } else { format!("{count} rejects") };
    let words = format!("source `{}`: {rows}, kept out of the table", table.contract.name);
    let mut problem =
        if strict { Diagnostic::check("source-rejects", words) } else { Diagnostic::warning("source-rejects", words) };
    for reject in table.rejects.iter().take(5) {
        problem = problem.note(reject_words(reject));
    }
    if count > 5 {
        problem = problem.note(format!("and {} more; they are all in the table source_rejects", count - 5));
    }
    let help = if strict {
        "mend the file, or build without --strict to publish with the rejects counted in the data notes"
    } else {
        "they are counted in the data notes; build with --strict to stop on them"
    };
    let place = Place { line: first.line as usize, column: first.at, ..Place::file(&*first.file) };
    Some(problem.at(place).help(help))
}
