//! Values that know their address, and the record of those that were printed.

use std::cmp::Ordering;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::value::{DynObject, Enumerator, Object, ObjectRepr};
use minijinja::{Error, ErrorKind, Value};
use serde::Serialize;

use super::claim::ClaimRecord;
use super::format::{self, Style};
use super::library::Table;
use crate::book::naming::nearest;
use crate::frame::Scalar;

/// A value of a cell, with its address.
#[derive(Clone, Debug)]
pub(super) struct Figure {
    pub table: Arc<Table>,
    pub row: usize,
    pub column: usize,
    pub style: Style,
}

impl Figure {
    pub fn scalar(&self) -> Scalar {
        self.table.frame.value(self.row, self.column)
    }

    pub fn unit(&self) -> Option<&str> {
        self.table.units[self.column].0.as_deref()
    }

    /// The value as it is printed.
    pub fn words(&self) -> String {
        format::words(&self.scalar(), self.unit(), self.table.units[self.column].1, &self.style)
    }

    /// An error where the value is withheld and the template does not say that it knows.
    pub fn check_shown(&self) -> Result<(), Error> {
        match self.scalar() {
            Scalar::Suppressed(_) if !self.style.shown => {
                Err(self
                    .withheld("print what stands in its place with `| shown`, or leave it out with `is suppressed`"))
            }
            _ => Ok(()),
        }
    }

    fn withheld(&self, words: &str) -> Error {
        let (cell, column) = (&self.table.name, &self.table.names[self.column]);
        let key: Vec<String> =
            self.table.key(self.row).iter().map(|(name, value)| format!("{name} = {value}")).collect();
        let words = format!("`{cell}.{column}` is withheld ({}): {words}", key.join(", "));
        Error::new(ErrorKind::InvalidOperation, words)
    }

    /// The same value, printed in another style.
    pub fn styled(&self, change: impl FnOnce(&mut Style)) -> Value {
        let mut figure = self.clone();
        change(&mut figure.style);
        Value::from_object(figure)
    }

    fn record(&self, id: usize, text: String) -> FigureRecord {
        FigureRecord {
            id,
            cell: self.table.name.clone(),
            row: self.row,
            key: self.table.key(self.row),
            column: self.table.names[self.column].clone(),
            value: self.scalar(),
            unit: self.unit().map(str::to_string),
            text,
            drawn: true,
            in_text: false,
        }
    }
}

/// A scalar as a bare template value, without an address.
pub(super) fn bare(value: &Scalar) -> Value {
    match value {
        Scalar::Missing => Value::from(()),
        Scalar::Boolean(value) => Value::from(*value),
        Scalar::Integer(value) => Value::from(*value),
        Scalar::Number(value) => Value::from(*value),
        Scalar::Text(value) | Scalar::Suppressed(value) => Value::from(value.as_str()),
        Scalar::Date(value) => Value::from(value.to_string()),
    }
}

impl Object for Figure {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        match key {
            "raw" => Some(match self.scalar() {
                Scalar::Suppressed(_) => Value::from(self.withheld("there is nothing to compare or to reckon with")),
                value => bare(&value),
            }),
            "unit" => Some(self.unit().map_or_else(|| Value::from(()), Value::from)),
            _ => None,
        }
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn is_true(self: &Arc<Self>) -> bool {
        match self.scalar() {
            Scalar::Missing | Scalar::Suppressed(_) | Scalar::Boolean(false) => false,
            Scalar::Text(text) => !text.is_empty(),
            value => value.number() != Some(0.0),
        }
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        Some(self.scalar().order(&other.downcast_ref::<Self>()?.scalar()))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words())
    }
}

/// One row of a table.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub table: Arc<Table>,
    pub row: usize,
    /// Where the columns that are asked for are noted.
    pub reads: Arc<TableReads>,
}

impl Row {
    pub fn figure(&self, column: usize) -> Figure {
        self.reads.column(column);
        Figure { table: Arc::clone(&self.table), row: self.row, column, style: Style::default() }
    }
}

/// What one render takes from a table: which rows it asks for and which of their columns. A pack need be made anew
/// only where one of these has changed.
#[derive(Debug, Default)]
pub(super) struct TableReads {
    columns: Mutex<BTreeSet<usize>>,
    selections: Mutex<BTreeMap<String, Selection>>,
}

/// Columns with the values asked for; none asks for every row.
pub type Selection = Vec<(String, Scalar)>;

impl TableReads {
    /// Notes that a column was asked for.
    pub fn column(&self, column: usize) {
        self.columns.lock().unwrap_or_else(PoisonError::into_inner).insert(column);
    }

    /// Notes which rows were asked for.
    pub fn selection(&self, selection: Selection) {
        let name = serde_json::to_string(&selection).unwrap_or_default();
        self.selections.lock().unwrap_or_else(PoisonError::into_inner).insert(name, selection);
    }

    pub fn noted(&self, table: &Table) -> TableRead {
        let columns = self.columns.lock().unwrap_or_else(PoisonError::into_inner);
        let selections = self.selections.lock().unwrap_or_else(PoisonError::into_inner);
        TableRead {
            columns: columns.iter().map(|at| table.names[*at].clone()).collect(),
            selections: selections.values().cloned().collect(),
        }
    }
}

/// What a pack took from a table.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct TableRead {
    /// Columns asked for, in the order of the table.
    pub columns: Vec<String>,
    /// Rows asked for.
    pub selections: Vec<Selection>,
}

impl TableRead {
    /// Adds what was taken elsewhere.
    pub fn merge(&mut self, other: TableRead) {
        for column in other.columns {
            if !self.columns.contains(&column) {
                self.columns.push(column);
            }
        }
        for selection in other.selections {
            if !self.selections.contains(&selection) {
                self.selections.push(selection);
            }
        }
    }
}

/// Named values that are not of a cell, such as parameters; the names asked for are noted.
#[derive(Debug)]
pub(super) struct Named {
    pub values: BTreeMap<String, Scalar>,
    pub asked: Mutex<BTreeSet<String>>,
}

impl Named {
    pub fn new(values: &[(String, Scalar)]) -> Named {
        Named { values: values.iter().cloned().collect(), asked: Mutex::default() }
    }

    /// The names asked for, with their values.
    pub fn asked(&self) -> BTreeMap<String, Scalar> {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.iter().filter_map(|name| Some((name.clone(), self.values.get(name)?.clone()))).collect()
    }
}

impl Object for Named {
    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        let value = self.values.get(key)?;
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).insert(key.to_string());
        Some(bare(value))
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.values.keys().map(|name| Value::from(name.as_str())).collect())
    }
}

impl Object for Row {
    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        if let Some(column) = self.table.frame.position(key) {
            return Some(Value::from_object(self.figure(column)));
        }
        let near = nearest(key, &self.table.names).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        let words = format!("`{}` has no column `{key}`{near}", self.table.name);
        Some(Value::from(Error::new(ErrorKind::UndefinedError, words)))
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.table.names.iter().map(|name| Value::from(name.as_str())).collect())
    }
}

/// A printed value with its address: what evidence is made of.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FigureRecord {
    /// Number in the pack, from 1, in the order in which the template came to it.
    pub id: usize,
    /// Table.
    pub cell: String,
    /// Number of the row in the table, from 0. Readers of the evidence know the row by its key.
    #[serde(skip)]
    pub row: usize,
    /// Columns that identify the row, with their values.
    pub key: Vec<(String, Scalar)>,
    /// Column.
    pub column: String,
    /// The value before it was formatted.
    pub value: Scalar,
    /// Unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The value as it was printed.
    pub text: String,
    /// Whether it was only handed to a chart or another function of a library, which may show it in its own form.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub drawn: bool,
    /// Whether the plain text beside the document prints it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub in_text: bool,
}

/// Notes what one render prints, claims and reads. It lives in the render's state.
#[derive(Debug, Default)]
pub(super) struct Recorder {
    figures: Vec<FigureRecord>,
    claims: Vec<ClaimRecord>,
    /// Where each is: by table (its address in memory, which outlives the render), row, column and words.
    seen: BTreeMap<(usize, usize, usize, String), usize>,
    tables: BTreeMap<String, (Arc<Table>, Arc<TableReads>)>,
}

impl Recorder {
    /// Notes a printed value and gives its number; the same value printed the same way again is noted once.
    pub fn print(&mut self, figure: &Figure) -> usize {
        let at = self.note(figure);
        self.figures[at].drawn = false;
        at + 1
    }

    /// Notes a value that is handed to a chart, or to another function of a library, and gives its number.
    pub fn draw(&mut self, figure: &Figure) -> usize {
        self.note(figure) + 1
    }

    fn note(&mut self, figure: &Figure) -> usize {
        let address = (Arc::as_ptr(&figure.table) as usize, figure.row, figure.column, figure.words());
        match self.seen.entry(address) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(place) => {
                self.figures.push(figure.record(self.figures.len() + 1, place.key().3.clone()));
                *place.insert(self.figures.len() - 1)
            }
        }
    }

    /// Notes a claim that was printed; the same claim again is noted once.
    pub fn claim(&mut self, claim: ClaimRecord) {
        if !self.claims.iter().any(|known| known.figure == claim.figure) {
            self.claims.push(claim);
        }
    }

    /// Notes that a table is read, and gives what notes its rows and columns.
    pub fn read(&mut self, table: &Arc<Table>) -> Arc<TableReads> {
        let entry = self.tables.entry(table.name.clone());
        Arc::clone(&entry.or_insert_with(|| (Arc::clone(table), Arc::default())).1)
    }

    /// What was printed and claimed, in order, and what was taken from each table.
    pub fn take(&mut self) -> (Vec<FigureRecord>, Vec<ClaimRecord>, BTreeMap<String, TableRead>) {
        let noted = std::mem::take(self);
        let reads = noted.tables.into_iter().map(|(name, (table, reads))| (name, reads.noted(&table)));
        (noted.figures, noted.claims, reads.collect())
    }
}
