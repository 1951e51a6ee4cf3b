//! Which columns of which tables each column of a query's result is computed from, from DuckDB's own parser.
//!
//! Pure: a parsed query and the columns of tables in, origins out. A table read twice is two *instances*, because a
//! row of the result is made of one row of each (the latest quarter and the one before it, say).

mod expression;
mod from;
mod query;
mod relation;
mod rewritten;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use relation::{Column, Scope};

/// A column of an instance of a table, by name; or, after an equals sign, an expression of its columns.
pub type Base = (usize, String);
/// How a value comes about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// The query says it itself.
    Constant,
    /// Taken over: renamed, cast, or chosen among columns.
    Copied,
    /// Calculated.
    Computed,
}

/// Where the values of one column of a result come from.
#[derive(Clone, Debug, PartialEq)]
pub struct Origin {
    /// The column.
    pub name: String,
    /// How its values come about.
    pub how: How,
    /// Columns that its values are computed from.
    pub values: BTreeSet<Base>,
    /// Of these, the ones that a window reads from more rows than the result's own, with the columns that make its
    /// partition.
    pub wide: BTreeMap<Base, BTreeSet<Base>>,
    /// Of these, the ones whose value may have been taken over as it is.
    pub options: BTreeSet<Base>,
    /// Columns that decide which rows count: filters, joins, groups.
    pub rows: BTreeSet<Base>,
    /// Columns, and expressions, that hold the very value of this column in each row that a row of the result is made of.
    pub equal: BTreeSet<Base>,
    /// Byte ranges of the expressions that give the value, one for each branch of a `UNION`.
    pub places: Vec<(usize, usize)>,
}

/// What a condition of the query holds a column to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Held {
    /// To another column.
    Column(Base),
    /// To a text or number that the query says.
    Literal(String),
}

/// What is known of a query's columns.
#[derive(Clone, Debug, Default)]
pub struct Origins {
    /// The columns of the result.
    pub columns: Vec<Origin>,
    /// Tables, by instance.
    pub instances: Vec<String>,
    /// Equalities that hold in the rows which a row of the result is made of.
    pub held: BTreeSet<(Base, Held)>,
    /// Names that could not be found in any table.
    pub unknown: Vec<String>,
}

/// The columns of a table, in order, or none if they are not known.
pub type ColumnsOf<'a> = &'a dyn Fn(&str) -> Option<Vec<String>>;

/// Reads the answer of `json_serialize_sql` for one `SELECT`, whose columns are named `outputs`.
pub(super) fn read(sql: &str, answer: &Value, outputs: &[String], columns_of: ColumnsOf<'_>) -> Origins {
    let mut reader = Reader { sql, columns_of, instances: Vec::new(), unknown: Vec::new() };
    let relation = reader.query(&answer["statements"][0]["node"], &Scope::default());
    let columns = outputs.iter().map(|name| {
        let Some(column) = relation.find(&name.to_lowercase()) else {
            reader.unknown.push(name.clone());
            return Column::default().origin(name, &relation.rows);
        };
        column.origin(name, &relation.rows)
    });
    let columns = columns.collect();
    Origins { columns, instances: reader.instances, held: relation.held, unknown: reader.unknown }
}
struct Reader<'a> {
    sql: &'a str,
    columns_of: ColumnsOf<'a>,
    instances: Vec<String>,
    unknown: Vec<String>,
}
/// A column, or an expression, in SQL.
pub(super) fn term(name: &str) -> String {
    name.strip_prefix('=').map_or_else(|| super::quoted(name), |expression| format!("({expression})"))
}
