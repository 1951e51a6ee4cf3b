//! What the database is told of sources: their rows, the files that they come from, and what was left out.

use super::{Reject, SourceFile, SourceTable};
use crate::book::Contract;
use crate::diagnostic::Outcome;
use crate::duck::Session;
use crate::frame::{ColumnType, Scalar};

/// Puts a source's table into the database.
pub fn register(table: &SourceTable, session: &Session) -> Outcome<()> {
    let names = table.columns.iter().map(|(name, _)| name.clone());
    session.create_table_of(&table.contract.name, &names.zip(table.rows.cells()).collect::<Vec<_>>())
}

fn text(name: &str) -> (String, ColumnType) {
    (name.to_string(), ColumnType::Text)
}

fn whole(name: &str) -> (String, ColumnType) {
    (name.to_string(), ColumnType::Integer)
}

fn date(name: &str) -> (String, ColumnType) {
    (name.to_string(), ColumnType::Date)
}

/// Puts the tables `source_files` and `source_rejects` into the database. Gives the hashes of their contents.
pub fn register_notes(tables: &[SourceTable], session: &Session) -> Outcome<[(&'static str, String); 2]> {
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
        date("vintage"),
        text("url"),
        text("note"),
        date("published"),
        date("revised"),
        whole("footnotes"),
        text("notice"),
    ];
    let files: Vec<Vec<Scalar>> =
        tables.iter().flat_map(|table| table.files.iter().map(|file| file_row(&table.contract, file))).collect();
    session.create_table("source_files", &files_columns, files.iter().map(Vec::as_slice))?;
    let rejects_columns =
        [text("source"), text("file"), whole("line"), text("column_name"), text("value"), text("rule"), text("cell")];
    let rejects: Vec<Vec<Scalar>> = tables.iter().flat_map(|table| &table.rejects).map(reject_row).collect();
    session.create_table("source_rejects", &rejects_columns, rejects.iter().map(Vec::as_slice))?;
    let hash = |rows: &[Vec<Scalar>]| crate::sha256(format!("{rows:?}").as_bytes());
    Ok([("source_files", hash(&files)), ("source_rejects", hash(&rejects))])
}

fn words(text: &str) -> Scalar {
    Scalar::Text(text.to_string())
}

fn maybe(text: &Option<String>) -> Scalar {
    text.clone().map_or(Scalar::Missing, Scalar::Text)
}

fn reject_row(reject: &Reject) -> Vec<Scalar> {
    vec![
        words(&reject.source),
        words(&reject.file),
        Scalar::Integer(reject.line as i64),
        words(&reject.column),
        words(&reject.value),
        words(&reject.rule),
        maybe(&reject.cell),
    ]
}

fn file_row(contract: &Contract, file: &SourceFile) -> Vec<Scalar> {
    let day = |date: Option<jiff::civil::Date>| date.map_or(Scalar::Missing, Scalar::Date);
    vec![
        words(&contract.name),
        words(&file.file),
        words(&file.sha256),
        Scalar::Integer(file.bytes as i64),
        Scalar::Integer(file.rows as i64),
        Scalar::Integer(file.rejects as i64),
        words(file.publisher.as_ref().unwrap_or(&contract.publisher)),
        words(&contract.publication),
        words(file.licence.as_ref().unwrap_or(&contract.licence)),
        words(&file.status),
        words(&contract.period),
        day(file.vintage),
        maybe(&contract.url),
        maybe(&contract.note),
        day(file.published),
        day(file.revised),
        Scalar::Integer(file.footnotes as i64),
        maybe(&file.notice),
    ]
}
