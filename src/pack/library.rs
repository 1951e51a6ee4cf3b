//! The tables that templates can read, loaded when first asked for.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::format::plain_words;
use crate::book::naming::nearest;
use crate::cell::{ClaimNote, ColumnNote};
use crate::duck::Session;
use crate::frame::{Frame, Scalar};

/// What is known of a table besides its values.
#[derive(Clone, Debug, Default)]
pub struct TableNotes {
    /// Columns that identify a row.
    pub grain: Vec<String>,
    /// Units, meanings and decimals.
    pub columns: Vec<ColumnNote>,
    /// What the table claims, if it is a table of claims.
    pub claim: Option<ClaimNote>,
    /// Title, for messages and evidence.
    pub title: String,
    /// What the table is and why, for those who open it as a table.
    pub description: String,
}

/// Rows by the values of some columns.
type Index = BTreeMap<String, Vec<usize>>;

/// A table with what is known of it.
#[derive(Debug)]
pub struct Table {
    /// Name.
    pub name: String,
    /// Values.
    pub frame: Frame,
    /// Columns that identify a row.
    pub grain: Vec<usize>,
    /// Column names, in order.
    pub names: Vec<String>,
    /// Unit and decimals of each column.
    pub units: Vec<(Option<String>, Option<usize>)>,
    /// Positions of the columns that hold and state a claim, if it is a table of claims.
    pub claim: Option<(usize, usize)>,
    /// Title.
    pub title: String,
    indexes: Mutex<BTreeMap<Vec<usize>, Arc<Index>>>,
}

impl Table {
    fn new(name: &str, frame: Frame, notes: &TableNotes) -> Self {
        let names: Vec<String> = frame.names().into_iter().map(str::to_string).collect();
        let grain = notes.grain.iter().filter_map(|column| frame.position(column)).collect();
        let units = names
            .iter()
            .map(|name| {
                notes
                    .columns
                    .iter()
                    .find(|note| note.name == *name)
                    .map_or((None, None), |note| (note.unit.clone(), note.decimals))
            })
            .collect();
        let claim = notes
            .claim
            .as_ref()
            .and_then(|claim| Some((frame.position(&claim.holds)?, frame.position(&claim.statement)?)));
        let title = notes.title.clone();
        Table { name: name.to_string(), frame, grain, names, units, claim, title, indexes: Mutex::default() }
    }

    /// The columns that identify a row, with their values.
    pub fn key(&self, row: usize) -> Vec<(String, Scalar)> {
        let key: Vec<(String, Scalar)> =
            self.grain.iter().map(|at| (self.names[*at].clone(), self.frame.value(row, *at))).collect();
        match key[..] {
            // Rule tables and parameters declare no grain: the row is found by its number.
            [] => vec![("row".to_string(), Scalar::Integer(row as i64 + 1))],
            _ => key,
        }
    }

    /// A value as it is printed where nothing else is asked for.
    pub fn words(&self, row: usize, column: usize) -> String {
        let (unit, decimals) = &self.units[column];
        plain_words(&self.frame.value(row, column), unit.as_deref(), *decimals)
    }

    /// Rows whose values in some columns equal those given.
    pub fn matching(&self, wanted: &[(usize, Scalar)]) -> Vec<usize> {
        if wanted.is_empty() {
            return (0..self.frame.height()).collect();
        }
        let columns: Vec<usize> = wanted.iter().map(|(column, _)| *column).collect();
        let values: Vec<&Scalar> = wanted.iter().map(|(_, value)| value).collect();
        let index = {
            let mut indexes = self.indexes.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(indexes.entry(columns.clone()).or_insert_with(|| Arc::new(self.index(&columns))))
        };
        index.get(&index_key(&values)).cloned().unwrap_or_default()
    }

    /// Rows that a selection asks for; none where it names a column that the table does not have.
    pub fn selected(&self, selection: &[(String, Scalar)]) -> Vec<usize> {
        let wanted: Option<Vec<(usize, Scalar)>> =
            selection.iter().map(|(name, value)| Some((self.frame.position(name)?, value.clone()))).collect();
        wanted.map(|wanted| self.matching(&wanted)).unwrap_or_default()
    }

    fn index(&self, columns: &[usize]) -> Index {
        let mut index = Index::new();
        for row in 0..self.frame.height() {
            let values: Vec<Scalar> = columns.iter().map(|column| self.frame.value(row, *column)).collect();
            index.entry(index_key(&values.iter().collect::<Vec<_>>())).or_default().push(row);
        }
        index
    }
}

/// Equal for values that are the same to a reader, such as `3` and `3.0`, and for no others.
fn index_key(values: &[&Scalar]) -> String {
    let parts: Vec<String> = values
        .iter()
        .map(|value| match value {
            // Beyond 2^53 different whole numbers would be one as floating-point numbers.
            Scalar::Integer(whole) if whole.unsigned_abs() > 1 << 53 => format!("i{whole}"),
            value => match value.number() {
                Some(number) => format!("n{}", number + 0.0),
                None => format!("{}{value}", value.type_name()),
            },
        })
        .map(|part| format!("{}:{part}", part.len()))
        .collect();
    parts.concat()
}

/// All tables of a build.
pub struct Library {
    session: Session,
    notes: BTreeMap<String, TableNotes>,
    loaded: Mutex<BTreeMap<String, Arc<Table>>>,
}

impl Library {
    /// A library over a session; `notes` names every table that may be read.
    pub fn new(session: Session, notes: BTreeMap<String, TableNotes>) -> Self {
        Library { session, notes, loaded: Mutex::default() }
    }

    /// What is known of a table besides its values.
    pub fn notes(&self, name: &str) -> Option<&TableNotes> {
        self.notes.get(name)
    }

    /// A table, or words that say why there is none.
    pub fn table(&self, name: &str) -> Result<Arc<Table>, String> {
        if let Some(table) = self.loaded.lock().unwrap_or_else(PoisonError::into_inner).get(name) {
            return Ok(Arc::clone(table));
        }
        let Some(notes) = self.notes.get(name) else {
            let names: Vec<&String> = self.notes.keys().collect();
            let near = nearest(name, &names).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            return Err(format!("no cell or source is named `{name}`{near}"));
        };
        let frame = self.session.table(name).map_err(|error| error.message)?;
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(loaded.entry(name.to_string()).or_insert_with(|| Arc::new(Table::new(name, frame, notes)))))
    }
}
