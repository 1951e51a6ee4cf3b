//! Values that know their address, and the record of those that were printed.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use minijinja::value::{DynObject, Enumerator, Object, ObjectRepr};
use minijinja::{Error, ErrorKind, Value};
use serde::Serialize;

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

    /// The same value, printed in another style.
    pub fn styled(&self, change: impl FnOnce(&mut Style)) -> Value {
        let mut figure = self.clone();
        change(&mut figure.style);
        Value::from_object(figure)
    }

    fn record(&self) -> FigureRecord {
        let grain = self.table.grain.iter();
        let mut key: Vec<(String, Scalar)> =
            grain.map(|at| (self.table.names[*at].clone(), self.table.frame.value(self.row, *at))).collect();
        if key.is_empty() {
            // Rule tables and parameters declare no grain: the row is found by its number.
            key.push(("row".to_string(), Scalar::Integer(self.row as i64 + 1)));
        }
        FigureRecord {
            cell: self.table.name.clone(),
            key,
            column: self.table.names[self.column].clone(),
            value: self.scalar(),
            unit: self.unit().map(str::to_string),
            text: self.words(),
            drawn: true,
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
        Scalar::Text(value) => Value::from(value.as_str()),
        Scalar::Date(value) => Value::from(value.to_string()),
    }
}

impl Object for Figure {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        match key {
            "raw" => Some(bare(&self.scalar())),
            "unit" => Some(self.unit().map_or_else(|| Value::from(()), Value::from)),
            _ => None,
        }
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn is_true(self: &Arc<Self>) -> bool {
        match self.scalar() {
            Scalar::Missing | Scalar::Boolean(false) => false,
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
}

impl Row {
    pub fn figure(&self, column: usize) -> Figure {
        Figure { table: Arc::clone(&self.table), row: self.row, column, style: Style::default() }
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
    /// Table.
    pub cell: String,
    /// Columns that identify the row, with their values.
    pub key: Vec<(String, Scalar)>,
    /// Column.
    pub column: String,
    /// The value before it was formatted.
    pub value: Scalar,
    /// Unit.
    pub unit: Option<String>,
    /// The value as it was printed.
    pub text: String,
    /// Whether it was only handed to a chart or another function of a library, which may show it in its own form.
    pub drawn: bool,
}

/// Notes what one render prints and reads. It lives in the render's state.
#[derive(Debug, Default)]
pub(super) struct Recorder {
    figures: Vec<FigureRecord>,
    seen: BTreeMap<(String, usize, usize, String), usize>,
    reads: BTreeSet<String>,
}

impl Recorder {
    /// Notes a printed value; the same value printed the same way again is noted once.
    pub fn print(&mut self, figure: &Figure) {
        let at = self.note(figure);
        self.figures[at].drawn = false;
    }

    /// Notes a value that is handed to a chart, or to another function of a library.
    pub fn draw(&mut self, figure: &Figure) {
        self.note(figure);
    }

    fn note(&mut self, figure: &Figure) -> usize {
        let address = (figure.table.name.clone(), figure.row, figure.column, figure.words());
        *self.seen.entry(address).or_insert_with(|| {
            self.figures.push(figure.record());
            self.figures.len() - 1
        })
    }

    /// Notes that a table was read.
    pub fn read(&mut self, table: &str) {
        if !self.reads.contains(table) {
            self.reads.insert(table.to_string());
        }
    }

    /// What was printed, in order, and the tables that were read.
    pub fn noted(&self) -> (Vec<FigureRecord>, BTreeSet<String>) {
        (self.figures.clone(), self.reads.clone())
    }
}
