//! What a pack took: the templates, named values, rows and columns that its pages come from.
//!
//! A pack is made anew only where something that it took has changed. A note of it is kept with the pack; at the next
//! build the same rows and columns are looked up again and compared. Where a table is the same as a whole, it is not
//! even opened.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::manifest::PackEntry;
use crate::frame::Scalar;
use crate::notebook::Notebook;
use crate::pack::{Library, Rendered, Table, TableRead};

/// What the names of the brand's values begin with.
pub(super) const BRAND: &str = "brand.";

/// What is kept of a pack that was made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct PackNote {
    /// What it took.
    pub inputs: Inputs,
    /// Hash of all that its PDF depends on.
    pub fingerprint: String,
    /// Its entry in the manifest.
    pub entry: PackEntry,
}

/// Everything that a pack depends on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Inputs {
    /// Hash of what all packs share: program, library of the templates, fonts, draft or not.
    pub shared: String,
    /// Hash of each template that it is made of.
    pub templates: BTreeMap<String, String>,
    /// Parameters and other named values that it asked for.
    pub scalars: BTreeMap<String, String>,
    /// What it took from tables.
    pub tables: BTreeMap<String, Taken>,
    /// Hash of the words that only its sheets have, where sheets are made beside it.
    #[serde(default)]
    pub sheets: Option<String>,
}

/// What a pack took from a table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Taken {
    /// Rows asked for: columns with tagged values.
    pub selections: Vec<Vec<(String, String)>>,
    /// Columns asked for.
    pub columns: Vec<String>,
    /// Content hash of the whole table.
    pub whole: String,
    /// Hash of the rows and columns taken.
    rows: String,
    /// Hash of units and keys, and of the queries and sources behind the table.
    about: String,
}

impl Inputs {
    /// What a filled template took.
    pub fn of(
        rendered: &Rendered,
        shared: &str,
        templates: BTreeMap<String, String>,
        notebook: &Notebook,
        library: &Library,
    ) -> Inputs {
        let tables = rendered.reads.iter().map(|(name, read)| (name.clone(), taken(name, read, notebook, library)));
        Inputs {
            shared: shared.to_string(),
            templates,
            // What the evidence says of itself follows from the rest.
            scalars: rendered
                .scalars
                .iter()
                .filter(|(name, _)| !name.starts_with("evidence."))
                .map(|(name, value)| (name.clone(), value.tagged()))
                .collect(),
            tables: tables.collect(),
            sheets: None,
        }
    }

    /// Hash of the rows and columns taken and of what lies behind them: all that sheets are made of besides their words.
    pub fn taken_hash(&self) -> String {
        let mut hash = Sha256::new();
        for (name, taken) in &self.tables {
            hash.update(format!("{name} {:?} {:?} {} {}\n", taken.selections, taken.columns, taken.rows, taken.about));
        }
        hash.update(format!("{:?}", self.sheets));
        crate::hex(&hash.finalize())
    }

    /// Notes the contents of the tables as they are now, in which all that was taken is the same. Says whether any differs.
    pub fn refresh(&mut self, notebook: &Notebook) -> bool {
        let mut moved = false;
        for (name, taken) in &mut self.tables {
            if let Some(content) = notebook.content(name).filter(|content| *content != taken.whole) {
                taken.whole = content.to_string();
                moved = true;
            }
        }
        moved
    }

    /// What has changed since; nothing where the pack would come out the same.
    pub fn changes(&self, now: &Surroundings<'_>) -> Vec<Cause> {
        let mut changes = Vec::new();
        if self.shared != now.shared {
            changes.push(Cause::Shared);
        }
        for (name, hash) in &self.templates {
            if now.templates.get(name) != Some(hash) {
                changes.push(Cause::Template(name.clone()));
            }
        }
        for (name, before) in &self.scalars {
            let known = now.scalars.get(name).map(Scalar::tagged);
            if known.as_ref() != Some(before) {
                changes.push(Cause::Value { name: name.clone(), before: before.clone(), after: known });
            }
        }
        // A library of templates may ask for a value that the brand did not have before.
        for (name, value) in now.scalars.iter().filter(|(name, _)| name.starts_with(BRAND)) {
            if !self.scalars.contains_key(name) {
                let before = Scalar::Missing.tagged();
                changes.push(Cause::Value { name: name.clone(), before, after: Some(value.tagged()) });
            }
        }
        let moved = self.tables.iter().filter_map(|(name, taken)| taken.change(name, now.notebook, now.library));
        changes.extend(moved);
        if self.sheets != now.sheets {
            changes.push(Cause::Sheets);
        }
        changes
    }
}

/// Something that a pack took and that has changed.
#[derive(Clone, Debug)]
pub(super) enum Cause {
    /// What all packs share.
    Shared,
    /// A template.
    Template(String),
    /// A parameter or another named value, with its tagged values.
    Value { name: String, before: String, after: Option<String> },
    /// What lies behind a table besides its values.
    Behind(String),
    /// The words of the sheets beside it, or whether there are any.
    Sheets,
    /// A table that is gone.
    Gone(String),
    /// Values of a table.
    Rows { table: String, taken: Taken },
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cause::Shared => f.write_str("the program, the fonts or the template library"),
            Cause::Template(name) => write!(f, "the template {name}"),
            Cause::Value { name, .. } => f.write_str(name),
            Cause::Behind(table) => write!(f, "the query, units or sources behind {table}"),
            Cause::Sheets => f.write_str("the words of its spreadsheets, or whether it has any"),
            Cause::Gone(table) => write!(f, "the table {table}, which is gone"),
            Cause::Rows { table, taken } => write!(f, "values of {table}: {}", taken.columns.join(", ")),
        }
    }
}

/// The book as it is now, to compare with.
pub(super) struct Surroundings<'a> {
    /// Hash of what all packs share.
    pub shared: &'a str,
    /// Hashes of templates.
    pub templates: &'a BTreeMap<String, String>,
    /// Named values, as `table.name`.
    pub scalars: &'a BTreeMap<String, Scalar>,
    /// Hash of the words that only the pack's sheets have, where it has any.
    pub sheets: Option<String>,
    /// The notebook.
    pub notebook: &'a Notebook,
    /// Its tables.
    pub library: &'a Library,
}

fn taken(name: &str, read: &TableRead, notebook: &Notebook, library: &Library) -> Taken {
    let tagged = |selection: &Vec<(String, Scalar)>| {
        selection.iter().map(|(column, value)| (column.clone(), value.tagged())).collect::<Vec<_>>()
    };
    let mut taken = Taken {
        selections: read.selections.iter().map(tagged).collect(),
        columns: read.columns.clone(),
        whole: notebook.content(name).unwrap_or_default().to_string(),
        rows: String::new(),
        about: about(name, &read.columns, notebook, library),
    };
    if let Ok(table) = library.table(name) {
        taken.rows = rows_hash(&table, &taken.selections, &taken.columns);
    }
    taken
}

impl Taken {
    /// What of it has changed.
    fn change(&self, name: &str, notebook: &Notebook, library: &Library) -> Option<Cause> {
        if about(name, &self.columns, notebook, library) != self.about {
            return Some(Cause::Behind(name.to_string()));
        }
        if notebook.content(name) == Some(&*self.whole) {
            return None;
        }
        let Ok(table) = library.table(name) else { return Some(Cause::Gone(name.to_string())) };
        let moved = rows_hash(&table, &self.selections, &self.columns) != self.rows;
        moved.then(|| Cause::Rows { table: name.to_string(), taken: self.clone() })
    }
}

/// Hash of the values of some columns, and of the keys, of the rows that were asked for.
fn rows_hash(table: &Table, selections: &[Vec<(String, String)>], columns: &[String]) -> String {
    let positions: Vec<usize> = columns.iter().filter_map(|name| table.frame.position(name)).collect();
    let mut hash = Sha256::new();
    for selection in selections {
        let values: Option<Vec<(String, Scalar)>> =
            selection.iter().map(|(column, value)| Some((column.clone(), Scalar::from_tagged(value)?))).collect();
        let rows = values.map(|values| table.selected(&values)).unwrap_or_default();
        hash.update(format!("{selection:?} {}\n", rows.len()));
        for row in rows {
            // Without a key a row is known by its number.
            let key = table.key(row);
            let taken = positions.iter().map(|column| table.frame.value(row, *column));
            for value in key.into_iter().map(|(_, value)| value).chain(taken) {
                let text = value.tagged();
                hash.update(format!("{} ", text.len()));
                hash.update(text);
            }
            hash.update("\n");
        }
    }
    crate::hex(&hash.finalize())
}

/// Hash of the key of a table, of the units of some columns, and of the queries and sources behind it.
fn about(name: &str, columns: &[String], notebook: &Notebook, library: &Library) -> String {
    let notes = library.notes(name).cloned().unwrap_or_default();
    let unit = |column: &String| {
        let note = notes.columns.iter().find(|note| note.name == *column);
        note.map(|note| (note.unit.clone(), note.decimals))
    };
    let units: Vec<_> = columns.iter().map(unit).collect();
    let words = format!("{} {:?} {:?} {:?} {units:?}", notebook.about(name), notes.title, notes.grain, notes.claim);
    crate::hex(&Sha256::digest(words))
}
