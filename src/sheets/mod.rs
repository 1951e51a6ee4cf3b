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

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::frame::Scalar;
use crate::pack::{Library, Rendered};
use figures::FigureTable;

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
    let subject = &Subject { behind: cited(&tables, subject), ..subject.clone() };
    let book = workbook::lay_out(&tables, &claims, subject);
    let data = csv::Data::new(&tables);
    Ok([xlsx::write(&book)?, ods::write(&book)?, data.rows()?, data.metadata(subject)])
}

/// A value that stands on the sheets of a pack.
#[derive(Clone, Debug)]
pub struct SheetValue {
    /// Table.
    pub cell: String,
    /// Column.
    pub column: String,
    /// Unit of the column.
    pub unit: Option<String>,
    /// The value.
    pub value: Scalar,
}

/// All values on the sheets of a filled template: those that complete a row are shown nowhere else.
pub fn values(rendered: &Rendered, library: &Library) -> Result<Vec<SheetValue>, String> {
    let tables = figures::tables(rendered, library)?;
    let mut found = Vec::new();
    for table in &tables {
        for row in &table.rows {
            found.extend(table.columns.iter().zip(row).map(|(column, value)| SheetValue {
                cell: table.name.clone(),
                column: column.name.clone(),
                unit: column.unit.clone(),
                value: value.value.clone(),
            }));
        }
    }
    Ok(found)
}

/// The sources behind each table, of those that rows of the pack name: queries that serve many packs read far more
/// sources than are behind the few rows of one. All that a query reads where the pack names none of them.
fn cited(tables: &[FigureTable], subject: &Subject) -> BTreeMap<String, Vec<usize>> {
    let values = tables.iter().flat_map(|table| table.rows.iter().flatten());
    let words: BTreeSet<&str> = values
        .filter_map(|value| if let Scalar::Text(text) = &value.value { Some(text.as_str()) } else { None })
        .collect();
    let named = |at: &usize| subject.sources.get(*at).is_some_and(|source| words.contains(source.name.as_str()));
    let cited = subject.behind.iter().map(|(table, behind)| {
        let named: Vec<usize> = behind.iter().copied().filter(named).collect();
        (table.clone(), if named.is_empty() { behind.clone() } else { named })
    });
    cited.collect()
}

#[cfg(test)]
mod tests {
    use super::figures::{FigureValue, Shown};
    use super::*;

    fn source(name: &str) -> Source {
        Source {
            name: name.to_string(),
            publication: String::new(),
            publisher: String::new(),
            period: String::new(),
            status: String::new(),
            published: None,
            licence: String::new(),
            address: None,
        }
    }

    fn subject() -> Subject {
        let behind = [("a", vec![0, 1, 2]), ("b", vec![2])];
        Subject {
            title: String::new(),
            about: String::new(),
            book: String::new(),
            file: String::new(),
            identifier: String::new(),
            edition: String::new(),
            date: Date::constant(2026, 6, 21),
            author: String::new(),
            language: String::new(),
            notices: Vec::new(),
            tool: String::new(),
            sources: ["one", "two", "three"].map(source).to_vec(),
            behind: behind.map(|(table, at)| (table.to_string(), at)).into(),
        }
    }

    fn table(words: &[&str]) -> FigureTable {
        let value = |text: &&str| FigureValue {
            value: Scalar::Text((*text).to_string()),
            text: (*text).to_string(),
            shown: Shown::No,
        };
        FigureTable {
            name: "a".to_string(),
            title: String::new(),
            description: String::new(),
            columns: Vec::new(),
            rows: vec![words.iter().map(value).collect()],
        }
    }

    #[test]
    fn of_the_sources_behind_a_table_those_that_the_pack_names_are_given() {
        let behind = |words: &[&str]| cited(&[table(words)], &subject()).into_values().collect::<Vec<_>>();
        assert_eq!(behind(&["two", "other words"]), [vec![1], vec![2]]);
        assert_eq!(behind(&["one", "three"]), [vec![0, 2], vec![2]]);
        // A pack that names none is not left without any.
        assert_eq!(behind(&["two hundred"]), [vec![0, 1, 2], vec![2]]);
    }
}
