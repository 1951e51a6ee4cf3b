//! Sources: files read by contract. A row that breaks its contract is a reject, reported with file,
//! line, column, value and rule; a file that breaks it stops the work. Nothing is silently dropped.

mod csv_reader;
mod decode;
mod value;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::book::naming::nearest;
use crate::book::{Contract, DataNotice, Reader, SourceColumn, list_files, resolve_within};
use crate::diagnostic::{Diagnostic, Outcome, Place, Problems, io_problem};
use crate::duck::Session;
use crate::frame::{ColumnType, Scalar};

/// Most rejects kept of one source; past that the contract or the file is wrong, not a row.
const MOST_REJECTS: usize = 10_000;

/// A row, or a file, that broke its contract.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reject {
    /// Source name.
    pub source: String,
    /// File, relative to the data folder.
    pub file: String,
    /// Line in the file, from 1.
    pub line: u64,
    /// Column in characters, from 1; 0 where the rule concerns the whole row.
    pub at: usize,
    /// Column name in SQL, empty where the rule concerns the whole row.
    pub column: String,
    /// The value, cut to 200 characters.
    pub value: String,
    /// The rule that it breaks.
    pub rule: String,
}

/// A file that was read.
#[derive(Clone, Debug, Serialize)]
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
    /// Columns of the file that the contract does not name.
    pub ignored_columns: Vec<String>,
}

/// A source that has been read.
#[derive(Clone, Debug)]
pub struct SourceTable {
    /// Its contract, with the data folder's own status where it has one.
    pub contract: Contract,
    /// Column names and types, ending with `_file` and `_line`.
    pub columns: Vec<(String, ColumnType)>,
    /// Rows, each as long as `columns`.
    pub rows: Vec<Vec<Scalar>>,
    /// Files, in order of name.
    pub files: Vec<SourceFile>,
    /// Rejects, in order of file and line.
    pub rejects: Vec<Reject>,
    /// Hash of everything the table depends on.
    pub fingerprint: String,
}

/// One record of a file, before its contract has been applied.
pub(crate) struct Record {
    /// Line in the file, from 1 (for Parquet: row).
    line: u64,
    /// The record's text, for excerpts and columns; empty for Parquet.
    raw: String,
    /// Fields.
    fields: Vec<Field>,
}

/// One field of a record.
pub(crate) enum Field {
    /// Text, to be read by the column's type.
    Text(String),
    /// A value that already has a type.
    Value(Scalar),
}

/// What a reader gives.
pub(crate) struct RawFile {
    /// Header names.
    headers: Vec<String>,
    /// The header's text, for messages.
    header_line: String,
    /// Line of the header.
    header_at: u64,
    /// Records.
    records: Vec<Record>,
    /// Records that could not be read as records at all: line, raw text, rule.
    broken: Vec<(u64, String, String)>,
}

/// Reads one source.
pub fn read_source(contract: &Contract, data: &Path, notice: &DataNotice, session: &Session) -> Outcome<SourceTable> {
    let mut contract = contract.clone();
    let own = [
        (&notice.status, &mut contract.status),
        (&notice.publisher, &mut contract.publisher),
        (&notice.licence, &mut contract.licence),
    ];
    for (given, of_contract) in own {
        if let Some(given) = given {
            of_contract.clone_from(given);
        }
    }
    let files = find_files(&contract, data)?;
    let mut table = SourceTable {
        columns: table_columns(&contract),
        rows: Vec::new(),
        files: Vec::new(),
        rejects: Vec::new(),
        fingerprint: String::new(),
        contract,
    };
    let mut problems = Problems::none();
    for file in &files {
        problems.absorb(read_file(&mut table, data, file, session));
    }
    problems.or(())?;
    reject_duplicates(&mut table);
    table.fingerprint = fingerprint(&table);
    Ok(table)
}

fn table_columns(contract: &Contract) -> Vec<(String, ColumnType)> {
    let own = contract.columns.iter().map(|column| (column.name.clone(), column.kind));
    own.chain([("_file".to_string(), ColumnType::Text), ("_line".to_string(), ColumnType::Integer)]).collect()
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

fn find_files(contract: &Contract, data: &Path) -> Outcome<Vec<String>> {
    let set = patterns(contract)?;
    let files: Vec<String> = list_files(data)?.into_iter().filter(|file| set.is_match(file)).collect();
    if files.is_empty() && !contract.optional {
        return Err(Diagnostic::check(
            "source-not-found",
            format!("source `{}`: no file matches {}", contract.name, contract.files.join(" or ")),
        )
        .note(format!("looked in {}", data.display()))
        .help("put the file there, or set `optional = true` if a book may do without it")
        .into());
    }
    Ok(files)
}

fn read_file(table: &mut SourceTable, data: &Path, file: &str, session: &Session) -> Outcome<()> {
    let path: PathBuf = resolve_within(data, file)?;
    let bytes = std::fs::read(&path).map_err(|error| io_problem("read", &path, &error))?;
    let raw = match table.contract.reader {
        Reader::Csv => csv_reader::read(&table.contract, file, &bytes)?,
        Reader::Parquet => read_parquet(file, &path, &bytes, session)?,
    };
    if raw.records.is_empty() && raw.broken.is_empty() {
        return Err(Diagnostic::check("source-no-rows", format!("{file} has a header and no rows"))
            .in_file(file)
            .help("publish-and-empty is not the same as not published: remove the file, or get it again")
            .into());
    }
    let (positions, ignored) = match_headers(&table.contract, file, &raw)?;
    let (mut rows, mut rejects) = (0, 0);
    for record in &raw.records {
        match apply(&table.contract, file, record, &positions) {
            Ok(row) => {
                rows += 1;
                table.rows.push(row);
            }
            Err(mut found) => {
                rejects += 1;
                table.rejects.append(&mut found);
            }
        }
    }
    for (line, text, rule) in &raw.broken {
        rejects += 1;
        table.rejects.push(reject(&table.contract.name, file, *line, 0, "", text, rule));
    }
    if table.rejects.len() > MOST_REJECTS {
        return Err(Diagnostic::check("source-rejects", format!("{file} has over {MOST_REJECTS} rejects"))
            .in_file(file)
            .note(format!("the first: {}", reject_words(&table.rejects[0])))
            .help("the file or the contract is wrong, not a row")
            .into());
    }
    table.files.push(SourceFile {
        file: file.to_string(),
        sha256: crate::hex(&Sha256::digest(&bytes)),
        bytes: bytes.len() as u64,
        rows,
        rejects,
        ignored_columns: ignored,
    });
    Ok(())
}

fn read_parquet(file: &str, path: &Path, bytes: &[u8], session: &Session) -> Outcome<RawFile> {
    if !(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1")) {
        let found = if bytes.starts_with(b"PAR1") { "but cut short" } else { decode::looks_like(bytes) };
        let words = format!("{file} is not a whole Parquet file, {found}");
        return Err(Diagnostic::check("source-not-parquet", words).in_file(file).help("get the file again").into());
    }
    let frame = session.read_parquet(path).map_err(|error| {
        Diagnostic::check("source-not-parquet", format!("{file} cannot be read as Parquet: {}", error.message))
            .in_file(file)
    })?;
    let width = frame.names().len();
    let records = (0..frame.height()).map(|row| Record {
        line: row as u64 + 1,
        raw: String::new(),
        fields: (0..width).map(|column| Field::Value(frame.value(row, column))).collect(),
    });
    Ok(RawFile {
        headers: frame.names().into_iter().map(str::to_string).collect(),
        header_line: String::new(),
        header_at: 0,
        records: records.collect(),
        broken: Vec::new(),
    })
}

/// For each declared column its position in the file, and the names of columns not declared.
fn match_headers(contract: &Contract, file: &str, raw: &RawFile) -> Outcome<(Vec<Option<usize>>, Vec<String>)> {
    let mut problems = Problems::none();
    let place = |start: usize, length: usize| match raw.header_at {
        0 => Place::file(file),
        line => Place {
            file: file.to_string(),
            line: line as usize,
            column: start + 1,
            length: length.max(1),
            excerpt: Some(raw.header_line.clone()),
        },
    };
    for (at, name) in raw.headers.iter().enumerate() {
        if raw.headers[..at].contains(name) && contract.columns.iter().any(|column| column.headers.contains(name)) {
            problems.push(
                Diagnostic::check("source-duplicate-column", format!("{file} has two columns named \"{name}\""))
                    .at(place(header_column(&raw.header_line, at, contract.delimiter), name.chars().count())),
            );
        }
    }
    let positions: Vec<Option<usize>> = contract
        .columns
        .iter()
        .map(|column| {
            let found = raw.headers.iter().position(|header| column.headers.contains(header));
            if found.is_none() && !column.optional {
                problems
                    .push(missing_column(contract, column, file, raw).at(place(0, raw.header_line.chars().count())));
            }
            found
        })
        .collect();
    let ignored =
        raw.headers.iter().filter(|header| !contract.columns.iter().any(|column| column.headers.contains(header)));
    let ignored = ignored.cloned().collect();
    problems.or((positions, ignored))
}

/// Characters before a header in its line.
fn header_column(line: &str, at: usize, delimiter: u8) -> usize {
    csv_reader::field_column(line, at, delimiter).saturating_sub(1)
}

fn missing_column(contract: &Contract, column: &SourceColumn, file: &str, raw: &RawFile) -> Diagnostic {
    let wanted = column.headers.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(" or ");
    let problem = Diagnostic::check("source-missing-column", format!("{file} has no column {wanted}"))
        .note(format!("source `{}` declares it as `{}`", contract.name, column.name));
    let unclaimed: Vec<&String> = raw
        .headers
        .iter()
        .filter(|header| !contract.columns.iter().any(|other| other.headers.contains(header)))
        .collect();
    match nearest(&column.headers[0], &unclaimed) {
        Some(near) => problem
            .help(format!("if \"{near}\" is its new name, add it: header = [\"{}\", \"{near}\"]", column.headers[0])),
        None => problem.help("get the file again, or mend the contract in candour.toml"),
    }
}

fn reject(source: &str, file: &str, line: u64, at: usize, column: &str, value: &str, rule: &str) -> Reject {
    Reject {
        source: source.to_string(),
        file: file.to_string(),
        line,
        at,
        column: column.to_string(),
        value: value.chars().take(200).collect(),
        rule: rule.to_string(),
    }
}

/// Applies the contract to one record: a row, or every rule that it breaks.
fn apply(
    contract: &Contract,
    file: &str,
    record: &Record,
    positions: &[Option<usize>],
) -> Result<Vec<Scalar>, Vec<Reject>> {
    let mut row = Vec::with_capacity(contract.columns.len() + 2);
    let mut rejects = Vec::new();
    for (column, position) in contract.columns.iter().zip(positions) {
        let field = position.and_then(|at| record.fields.get(at));
        match value::read(field, column, &contract.missing) {
            Ok(value) => row.push(value),
            Err((value, rule)) => {
                let at = position.map_or(0, |at| csv_reader::field_column(&record.raw, at, contract.delimiter));
                rejects.push(reject(&contract.name, file, record.line, at, &column.name, &value, &rule));
                row.push(Scalar::Missing);
            }
        }
    }
    if !rejects.is_empty() {
        return Err(rejects);
    }
    row.push(Scalar::Text(file.to_string()));
    row.push(Scalar::Integer(record.line as i64));
    Ok(row)
}

/// Rows with the same key: if they are the same in every column the first stays, otherwise none does,
/// because nothing says which is right.
fn reject_duplicates(table: &mut SourceTable) {
    if table.contract.key.is_empty() {
        return;
    }
    let positions: Vec<usize> =
        table.contract.key.iter().filter_map(|key| table.columns.iter().position(|(name, _)| name == key)).collect();
    let own = table.contract.columns.len();
    let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, row) in table.rows.iter().enumerate() {
        let key: Vec<String> =
            positions.iter().map(|position| row[*position].to_string().replace('\u{1f}', " ")).collect();
        groups.entry(key.join("\u{1f}")).or_default().push(at);
    }
    let mut dropped: BTreeMap<usize, String> = BTreeMap::new();
    for (key, rows) in groups.iter().filter(|(_, rows)| rows.len() > 1) {
        let words = format!("{} = {}", table.contract.key.join(", "), key.replace('\u{1f}', ", "));
        let first = &table.rows[rows[0]];
        let alike = rows.iter().all(|at| table.rows[*at][..own] == first[..own]);
        let place = format!("{} line {}", first[own], first[own + 1]);
        for at in rows.iter().skip(usize::from(alike)) {
            let rule = if alike {
                format!("repeats {place}")
            } else {
                format!("duplicate key, with other values than {place}: none of the rows is kept")
            };
            dropped.insert(*at, format!("{words}\u{1f}{rule}"));
        }
    }
    for (at, words) in &dropped {
        let (value, rule) = words.split_once('\u{1f}').unwrap_or((words, ""));
        let (file, line) = (table.rows[*at][own].to_string(), table.rows[*at][own + 1].number().unwrap_or(0.0) as u64);
        let key = table.contract.key.join(", ");
        table.rejects.push(reject(&table.contract.name, &file, line, 0, &key, value, rule));
        if let Some(counted) = table.files.iter_mut().find(|counted| counted.file == file) {
            counted.rows -= 1;
            counted.rejects += 1;
        }
    }
    let mut at = 0;
    table.rows.retain(|_| {
        at += 1;
        !dropped.contains_key(&(at - 1))
    });
    table.rejects.sort_by(|a, b| (&a.file, a.line, a.at).cmp(&(&b.file, b.line, b.at)));
}

/// A reject in one line.
pub fn reject_words(reject: &Reject) -> String {
    let column = if reject.column.is_empty() { String::new() } else { format!(", column {}", reject.column) };
    let place = if reject.at > 0 {
        format!("{}:{}:{}", reject.file, reject.line, reject.at)
    } else {
        format!("{}:{}", reject.file, reject.line)
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

/// Puts a source's table into the database.
pub fn register(table: &SourceTable, session: &Session) -> Outcome<()> {
    session.create_table(&table.contract.name, &table.columns, table.rows.iter().map(Vec::as_slice))
}

/// Puts the tables `source_files` and `source_rejects` into the database.
pub fn register_notes(tables: &[SourceTable], session: &Session) -> Outcome<()> {
    let text = |name: &str| (name.to_string(), ColumnType::Text);
    let whole = |name: &str| (name.to_string(), ColumnType::Integer);
    let files_columns = [
        text("source"),
        text("file"),
        text("sha256"),
        whole("bytes"),
        whole("rows"),
        whole("rejects"),
        text("publisher"),
        text("publication"),
        text("licence"),
        text("status"),
        text("period"),
        ("vintage".to_string(), ColumnType::Date),
        text("url"),
        text("note"),
    ];
    let files: Vec<Vec<Scalar>> =
        tables.iter().flat_map(|table| table.files.iter().map(|file| file_row(&table.contract, file))).collect();
    session.create_table("source_files", &files_columns, files.iter().map(Vec::as_slice))?;
    let rejects_columns =
        [text("source"), text("file"), whole("line"), text("column_name"), text("value"), text("rule")];
    let rejects: Vec<Vec<Scalar>> = tables
        .iter()
        .flat_map(|table| &table.rejects)
        .map(|reject| {
            let words = |text: &String| Scalar::Text(text.clone());
            vec![
                words(&reject.source),
                words(&reject.file),
                Scalar::Integer(reject.line as i64),
                words(&reject.column),
                words(&reject.value),
                words(&reject.rule),
            ]
        })
        .collect();
    session.create_table("source_rejects", &rejects_columns, rejects.iter().map(Vec::as_slice))
}

fn file_row(contract: &Contract, file: &SourceFile) -> Vec<Scalar> {
    let words = |text: &str| Scalar::Text(text.to_string());
    let maybe = |text: &Option<String>| text.clone().map_or(Scalar::Missing, Scalar::Text);
    vec![
        words(&contract.name),
        words(&file.file),
        words(&file.sha256),
        Scalar::Integer(file.bytes as i64),
        Scalar::Integer(file.rows as i64),
        Scalar::Integer(file.rejects as i64),
        words(&contract.publisher),
        words(&contract.publication),
        words(&contract.licence),
        words(&contract.status),
        words(&contract.period),
        contract.vintage.map_or(Scalar::Missing, Scalar::Date),
        maybe(&contract.url),
        maybe(&contract.note),
    ]
}
