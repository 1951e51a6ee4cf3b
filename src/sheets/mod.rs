//! The tables behind a pack, for those who want to work with them: an Excel workbook, an OpenDocument spreadsheet, and
//! CSV with its metadata.
//!
//! Nothing is configured: the tables are those of whose values the pack prints or draws some, with their keys, and so
//! the values are the document's own. What they look like follows the guidance for accessible spreadsheets that British
//! statistics are published by: a cover, contents and notes, one marked-up table a sheet, no cell left empty.
//!
//! `figures` says what the tables are; `workbook`, `statements` and `tables` lay them out as sheets, in the words of
//! `grid`; `xlsx`, `ods` and `csv` write them.

mod csv;
mod figures;
mod form;
mod grid;
mod notes;
mod ods;
mod statements;
mod tables;
mod workbook;
mod xlsx;

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::pack::{Library, Rendered};

/// The endings of the files that are made beside `x.pdf`. The last is the name under which readers of CSV look for what
/// describes `x.csv`.
pub const ENDINGS: [&str; 4] = ["xlsx", "ods", "csv", "csv-metadata.json"];

/// What the sheets say of the document that they go with.
#[derive(Clone, Debug)]
pub struct Subject {
    /// Title of the document.
    pub title: String,
    /// What it is for.
    pub about: String,
    /// Title of the book.
    pub book: String,
    /// File name of the PDF.
    pub file: String,
    /// The identifier that it prints of itself.
    pub identifier: String,
    /// Name of the edition.
    pub edition: String,
    /// Date of the edition.
    pub date: Date,
    /// Who made it.
    pub author: String,
    /// Language tag.
    pub language: String,
    /// Words that must stand on the cover: what the data are, whether this is a draft.
    pub notices: Vec<String>,
    /// Version of the program.
    pub tool: String,
    /// Sources of the book.
    pub sources: Vec<Source>,
    /// For each table the sources behind it, by their place in the list.
    pub behind: BTreeMap<String, Vec<usize>>,
}

/// A source behind a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// Table name.
    pub name: String,
    /// Under which title it was published.
    pub publication: String,
    /// By whom.
    pub publisher: String,
    /// Reference period.
    pub period: String,
    /// Published, provisional, revised and so on.
    pub status: String,
    /// When this version was published.
    pub published: Option<Date>,
    /// Licence.
    pub licence: String,
    /// Where.
    pub address: Option<String>,
}

/// The files beside a pack, in the order of [`ENDINGS`]; or words that say why there are none.
pub fn files(rendered: &Rendered, library: &Library, subject: &Subject) -> Result<[Vec<u8>; 4], String> {
    let tables = figures::tables(rendered, library)?;
    let claims = figures::claims(rendered, library);
    let book = workbook::lay_out(&tables, &claims, subject);
    let data = csv::Data::new(&tables);
    Ok([xlsx::write(&book)?, ods::write(&book)?, data.rows()?, data.metadata(subject)])
}
