//! The figures of a pack as CSV: one row for each, in a form that many packs' files can be read as one table; and
//! beside it a description of the columns, tables and sources (CSV on the Web).
//!
//! A row names its table, the keys of its row in that table, and its column. Numbers stand in a column of their own, in
//! full, so that it can be read as numbers; words, and numbers as they are printed, stand in the next.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Subject;
use super::figures::{FigureTable, FigureValue, Shown, humanised};
use crate::frame::{ColumnType, Scalar};

/// Columns that every file has, before and after the keys, with what they hold and their type.
const FIRST: [(&str, &str, &str); 1] = [("table", "Table that the figure is of", "string")];
const LAST: [(&str, &str, &str); 5] = [
    ("column", "Column of the table", "string"),
    ("value", "The number in full, in its unit; empty for words, days and what is not available", "number"),
    (
        "text",
        "The value as the document prints it; words as they are, days as year-month-day. Words that a spreadsheet \
         would take for a formula begin with an apostrophe",
        "string",
    ),
    ("unit", "Unit of the number; a fraction is printed as a percentage", "string"),
    ("shown", "Whether the document prints the figure in its text or draws it in a chart", "string"),
];

/// Figures in rows.
pub(super) struct Data<'t> {
    tables: &'t [FigureTable],
    /// Key columns of all tables, in the order in which they come.
    keys: Vec<String>,
}

impl<'t> Data<'t> {
    /// The figures of some tables.
    pub fn new(tables: &'t [FigureTable]) -> Data<'t> {
        let mut keys: Vec<String> = Vec::new();
        for column in tables.iter().flat_map(|table| &table.columns).filter(|column| column.key) {
            let name = key_name(&column.name);
            if !keys.contains(&name) {
                keys.push(name);
            }
        }
        Data { tables, keys }
    }

    /// The CSV file.
    pub fn rows(&self) -> Result<Vec<u8>, String> {
        let problem = |error: csv::Error| format!("the CSV cannot be written: {error}");
        let mut writer = csv::Writer::from_writer(Vec::new());
        let header = FIRST.iter().map(|(name, ..)| *name).chain(self.keys.iter().map(String::as_str));
        writer.write_record(header.chain(LAST.iter().map(|(name, ..)| *name))).map_err(problem)?;
        for table in self.tables {
            add_rows(table, &self.keys, &mut writer).map_err(problem)?;
        }
        writer.into_inner().map_err(|error| format!("the CSV cannot be written: {error}"))
    }

    /// What describes it.
    pub fn metadata(&self, subject: &Subject) -> Vec<u8> {
        let tables = self.tables;
        let file = subject.file.strip_suffix(".pdf").unwrap_or(&subject.file);
        let keys = self.keys.iter().map(|name| (name.as_str(), key_meaning(name, tables), "string"));
        let first = FIRST.iter().map(|(name, words, kind)| (*name, (*words).to_string(), *kind));
        let last = LAST.iter().map(|(name, words, kind)| (*name, (*words).to_string(), *kind));
        let columns = first.chain(keys).chain(last).map(
            |(name, words, kind)| json!({ "name": name, "titles": name, "dc:description": words, "datatype": kind }),
        );
        let described = json!({
            "@context": ["http://www.w3.org/ns/csvw", { "@language": subject.language }],
            "url": format!("{file}.csv"),
            "dc:title": subject.title,
            "dc:description": subject.about,
            "dc:creator": subject.author,
            "dc:issued": subject.date.to_string(),
            "dc:identifier": subject.identifier,
            "dc:isPartOf": format!("{}, edition {}", subject.book, subject.edition),
            "rdfs:comment": subject.notices,
            "tableSchema": { "columns": columns.collect::<Vec<_>>() },
            "notes": [{
                "tables": tables.iter().map(|table| described(table, subject)).collect::<Vec<_>>(),
                "sources": sources(tables, subject),
            }],
        });
        let mut bytes = serde_json::to_vec_pretty(&described).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }
}

/// A key must not have the name of one of the columns that every file has.
fn key_name(name: &str) -> String {
    let taken = FIRST.iter().chain(&LAST).any(|(own, ..)| *own == name);
    if taken { format!("{name}_key") } else { name.to_string() }
}

fn key_meaning(name: &str, tables: &[FigureTable]) -> String {
    let mut columns = tables.iter().flat_map(|table| &table.columns).filter(|column| column.key);
    let meaning = columns.find(|column| key_name(&column.name) == name).map(|column| column.meaning.trim());
    let words = meaning.filter(|meaning| !meaning.is_empty()).map_or_else(|| humanised(name), str::to_string);
    format!("{words} (key; empty where the table has no such key)")
}

fn add_rows(table: &FigureTable, keys: &[String], writer: &mut csv::Writer<Vec<u8>>) -> Result<(), csv::Error> {
    let places: Vec<Option<usize>> = keys
        .iter()
        .map(|key| table.columns.iter().position(|column| column.key && key_name(&column.name) == *key))
        .collect();
    for row in &table.rows {
        let own: Vec<String> =
            places.iter().map(|place| place.map_or_else(String::new, |at| harmless(&row[at].value))).collect();
        for (column, value) in table.columns.iter().zip(row).filter(|(_, value)| value.shown != Shown::No) {
            writer.write_field(&table.name)?;
            for key in &own {
                writer.write_field(key)?;
            }
            writer.write_field(&column.name)?;
            writer.write_field(number(&value.value))?;
            writer.write_field(text(value))?;
            writer.write_field(column.unit.as_deref().unwrap_or_default())?;
            writer.write_field(if value.shown == Shown::Drawn { "drawn" } else { "printed" })?;
            writer.write_record(None::<&[u8]>)?;
        }
    }
    Ok(())
}

fn number(value: &Scalar) -> String {
    match value {
        Scalar::Integer(_) => value.to_string(),
        Scalar::Number(number) if number.is_finite() => number.to_string(),
        _ => String::new(),
    }
}

fn text(value: &FigureValue) -> String {
    match &value.value {
        Scalar::Date(_) | Scalar::Text(_) => harmless(&value.value),
        _ => value.text.clone(),
    }
}

/// Words that no spreadsheet takes for a formula.
fn harmless(value: &Scalar) -> String {
    let words = value.to_string();
    let formula = matches!(value, Scalar::Text(_)) && words.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if formula { format!("'{words}") } else { words }
}

/// A table in the description: what it is, its columns, and where it comes from.
fn described(table: &FigureTable, subject: &Subject) -> Value {
    let columns = table.columns.iter().map(|column| {
        json!({
            "name": column.name,
            "meaning": column.meaning,
            "unit": column.unit,
            "decimals": column.decimals,
            "key": column.key,
            "datatype": datatype(column.kind),
        })
    });
    let behind = subject.behind.get(&table.name).map(Vec::as_slice).unwrap_or_default();
    let sources = behind.iter().filter_map(|at| Some(&subject.sources.get(*at)?.name));
    json!({
        "table": table.name,
        "title": table.title,
        "description": table.description,
        "columns": columns.collect::<Vec<_>>(),
        "sources": sources.collect::<Vec<_>>(),
    })
}

/// The sources behind some tables, each with the name by which the tables name it.
fn sources(tables: &[FigureTable], subject: &Subject) -> Vec<Value> {
    let behind: BTreeSet<usize> =
        tables.iter().filter_map(|table| subject.behind.get(&table.name)).flatten().copied().collect();
    let described = behind.into_iter().filter_map(|at| subject.sources.get(at)).map(|source| {
        json!({
            "source": source.name,
            "publication": source.publication,
            "publisher": source.publisher,
            "period": source.period,
            "status": source.status,
            "published": source.published.map(|day| day.to_string()),
            "licence": source.licence,
            "address": source.address,
        })
    });
    described.collect()
}

fn datatype(kind: ColumnType) -> &'static str {
    match kind {
        ColumnType::Boolean => "boolean",
        ColumnType::Integer => "integer",
        ColumnType::Number => "number",
        ColumnType::Text => "string",
        ColumnType::Date => "date",
    }
}
