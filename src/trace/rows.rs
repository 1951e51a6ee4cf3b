//! The rows that a row of a result is made of.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{Diagnostic, Outcome};
use crate::duck::{Base, Held, Origins, SqlError, literal, quoted, term};
use crate::frame::{Frame, Scalar};
use crate::notebook::Notebook;

/// A row of a table.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// Its number in the table, from 0.
    pub number: i64,
    values: BTreeMap<String, Scalar>,
}

/// The name under which a row's number is read.
const NUMBER: &str = "_row_of_table";

impl Row {
    pub fn value(&self, column: &str) -> Scalar {
        self.values.get(column).cloned().unwrap_or(Scalar::Missing)
    }
}

/// What is known of the columns of instances, for one row of a result.
pub(super) struct Known {
    values: BTreeMap<Base, Value>,
}

/// A value that a column must have.
#[derive(Clone, Debug)]
enum Value {
    /// As the row of the result has it.
    Own(Scalar),
    /// As the query, or a table of one row, says: it is the same for all rows of the result.
    Fixed(Scalar),
    /// A text or number of the query, whose type is the column's.
    Literal(String),
}

/// Conditions on the columns of a table.
pub(super) type Conditions = Vec<String>;

impl Known {
    /// All that is known of one instance.
    pub fn of(&self, instance: usize) -> Conditions {
        self.conditions(instance, |_, _| true)
    }

    /// What is known of one instance whichever row of the result is looked at, and of some of its columns.
    pub fn of_some(&self, instance: usize, columns: &BTreeSet<String>) -> Conditions {
        self.conditions(instance, |name, value| !matches!(value, Value::Own(_)) || columns.contains(name))
    }

    fn conditions(&self, instance: usize, wanted: impl Fn(&str, &Value) -> bool) -> Conditions {
        let own = self.values.iter().filter(|((of, name), value)| *of == instance && wanted(name, value));
        own.map(|((_, name), value)| match value {
            Value::Own(scalar) | Value::Fixed(scalar) => condition(name, scalar),
            Value::Literal(text) => literal_condition(name, text),
        })
        .collect()
    }
}

/// A column, or an expression, in SQL. An expression may fail on a row that the query itself never gives it.
fn tried(name: &str) -> String {
    if name.starts_with('=') { format!("TRY({})", term(name)) } else { term(name) }
}

fn condition(name: &str, value: &Scalar) -> String {
    let column = tried(name);
    match value {
        Scalar::Missing | Scalar::Suppressed(_) => format!("{column} IS NULL"),
        Scalar::Boolean(value) => format!("{column} = {value}"),
        Scalar::Integer(value) => format!("{column} = {value}"),
        Scalar::Number(value) if value.is_finite() => format!("CAST({column} AS DOUBLE) = CAST('{value:?}' AS DOUBLE)"),
        Scalar::Number(value) => format!("CAST({column} AS VARCHAR) = '{value}'"),
        // A period may be a day in a cell and words in the source that it comes from: text compares with either.
        Scalar::Date(value) => format!("CAST({column} AS VARCHAR) = '{value}'"),
        Scalar::Text(value) => format!("CAST({column} AS VARCHAR) = {}", literal(value)),
    }
}

fn literal_condition(name: &str, text: &str) -> String {
    let column = tried(name);
    let words = format!("CAST({column} AS VARCHAR) = {}", literal(text));
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => {
            format!("({words} OR TRY_CAST(CAST({column} AS VARCHAR) AS DOUBLE) = CAST('{number:?}' AS DOUBLE))")
        }
        _ => words,
    }
}

/// What the row of a cell's result says of the rows that it is made of.
pub(super) fn known(notebook: &Notebook, origins: &Origins, row: &Row) -> Outcome<Known> {
    let mut values: BTreeMap<Base, Value> = BTreeMap::new();
    for (base, held) in &origins.held {
        if let Held::Literal(text) = held {
            values.insert(base.clone(), Value::Literal(text.clone()));
        }
    }
    fixed_by_single_rows(notebook, origins, &mut values)?;
    for origin in &origins.columns {
        // A missing value may only say that a row was not found to join.
        let value = row.value(&origin.name);
        for base in origin.equal.iter().filter(|_| !value.is_missing()) {
            values.entry(base.clone()).or_insert_with(|| Value::Own(value.clone()));
        }
    }
    loop {
        let before = values.len();
        for (base, held) in &origins.held {
            let Held::Column(other) = held else { continue };
            if let Some(value) = values.get(base).cloned() {
                values.entry(other.clone()).or_insert(value);
            } else if let Some(value) = values.get(other).cloned() {
                values.insert(base.clone(), value);
            }
        }
        if values.len() == before {
            return Ok(Known { values });
        }
    }
}

/// A table of one row, such as the parameters, says what its columns hold.
fn fixed_by_single_rows(notebook: &Notebook, origins: &Origins, values: &mut BTreeMap<Base, Value>) -> Outcome<()> {
    let held = origins.held.iter().flat_map(|(base, held)| {
        let other = match held {
            Held::Column(other) => Some(other),
            Held::Literal(_) => None,
        };
        [Some(base), other].into_iter().flatten()
    });
    let mut single: BTreeMap<&str, Option<Row>> = BTreeMap::new();
    for (instance, column) in held.filter(|(_, column)| !column.starts_with('=')) {
        let table = origins.instances[*instance].as_str();
        if !single.contains_key(table) {
            let (mut found, count) = matching(notebook, table, &Vec::new(), &[], 2)?;
            single.insert(table, found.pop().filter(|_| count == 1));
        }
        if let Some(Some(row)) = single.get(table) {
            values.entry((*instance, column.clone())).or_insert_with(|| Value::Fixed(row.value(column)));
        }
    }
    Ok(())
}

/// The columns of a table, in order; none if there is no such table.
pub(super) fn columns_of(notebook: &Notebook, table: &str) -> Option<Vec<String>> {
    let described = notebook.session.describe(&format!("SELECT * FROM {}", quoted(table))).ok()?;
    Some(described.into_iter().map(|(name, _)| name).collect())
}

fn problem(table: &str, error: &SqlError) -> Diagnostic {
    Diagnostic::fault("trace", format!("could not look into `{table}`: {}", error.message))
}

/// Rows that meet all conditions, and how many there are: first those that share the key given, then in their order.
pub(super) fn matching(
    notebook: &Notebook,
    table: &str,
    conditions: &Conditions,
    first: &[(String, Scalar)],
    most: usize,
) -> Outcome<(Vec<Row>, u64)> {
    let columns = if first.is_empty() { Vec::new() } else { columns_of(notebook, table).unwrap_or_default() };
    let shared = first.iter().filter(|(name, value)| columns.contains(name) && !value.is_missing());
    let order: String = shared.map(|(name, value)| format!("({}) DESC NULLS LAST, ", condition(name, value))).collect();
    let sql = format!("SELECT * FROM {} ORDER BY {order}{NUMBER} LIMIT {most}", numbered(table, conditions));
    let found = notebook.session.frame(&sql).map_err(|error| problem(table, &error))?;
    let rows = read_rows(&found);
    let count = if rows.len() < most { rows.len() as u64 } else { count(notebook, table, conditions)? };
    Ok((rows, count))
}

/// How many rows meet all conditions.
pub(super) fn count(notebook: &Notebook, table: &str, conditions: &Conditions) -> Outcome<u64> {
    let sql = format!("SELECT count(*) AS n FROM {}", numbered(table, conditions));
    let frame = notebook.session.frame(&sql).map_err(|error| problem(table, &error))?;
    Ok(frame.value(0, 0).number().unwrap_or(0.0) as u64)
}

/// The rows of a table that meet all conditions, each with its number. Queries run on one thread, which reads a table
/// in its order.
fn numbered(table: &str, conditions: &Conditions) -> String {
    let which = if conditions.is_empty() { String::new() } else { format!(" WHERE {}", conditions.join(" AND ")) };
    format!("(SELECT row_number() OVER () - 1 AS {NUMBER}, * FROM {}){which}", quoted(table))
}

fn read_rows(frame: &Frame) -> Vec<Row> {
    let names = frame.names();
    let row = |at: usize| Row {
        number: frame.value(at, 0).number().unwrap_or(-1.0) as i64,
        values: (1..names.len()).map(|column| (names[column].to_string(), frame.value(at, column))).collect(),
    };
    (0..frame.height()).map(row).collect()
}

/// The row that a figure's key names: by the number of the row where the table has no key.
pub(super) fn by_key(notebook: &Notebook, table: &str, key: &[(String, Scalar)]) -> Outcome<(Vec<Row>, u64)> {
    let has_row = columns_of(notebook, table).is_some_and(|columns| columns.iter().any(|name| name == "row"));
    let conditions = key.iter().map(|(name, value)| match value {
        Scalar::Integer(number) if name == "row" && !has_row => format!("{NUMBER} = {}", number.saturating_sub(1)),
        Scalar::Text(text) => literal_condition(name, text),
        value => condition(name, value),
    });
    matching(notebook, table, &conditions.collect(), &[], 2)
}

/// Whether two values are the same to a reader: a cast may have rounded one of them.
pub(super) fn alike(one: &Scalar, other: &Scalar) -> bool {
    match (one.number(), other.number()) {
        (Some(a), Some(b)) => (a - b).abs() <= 5e-7 * a.abs().max(b.abs()).max(1.0),
        (None, None) => one.same(other) || (!one.is_missing() && one.to_string().trim() == other.to_string().trim()),
        _ => one.to_string() == other.to_string(),
    }
}
