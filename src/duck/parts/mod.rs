//! Whether a query may be run part by part: with one measure's rows at a time, say, and the answers put together.
//!
//! Tables are *in parts* by a column, the *key*. Running a query on each part alone gives the same rows as running it
//! on all at once if no row of its result, nor any step on the way to it, draws on rows of two parts: groups and windows
//! lie within a part, joins match parts with themselves, and nothing asks for the first few of all. This module walks
//! DuckDB's parse of a query and says yes only where it can see that. What it does not know it refuses: the query is then
//! run on the whole, which is never wrong.
//!
//! The idea is that of co-partitioning in parallel databases: DeWitt and Gray, "Parallel database systems: the future of high
//! performance database systems", Communications of the ACM 35(6), 1992.

mod from;
mod select;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::SqlError;
use super::order::is_aggregate;
use super::tree::{list, own_place, text};

/// Tables that are in parts. All others are the same for all parts.
#[derive(Clone, Debug, Default)]
pub struct InParts {
    /// The column by which they are.
    pub key: String,
    /// Their columns, by name.
    pub tables: BTreeMap<String, Vec<String>>,
}

/// Why a query is run on the whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whole {
    /// The reason in words.
    pub reason: String,
    /// Byte offset and length in the query, where it is known.
    pub place: Option<(usize, usize)>,
}

/// A table in the `FROM` of a query, or the result of one.
#[derive(Clone, Debug, Default)]
struct Relation {
    /// The name by which the query calls it.
    name: String,
    /// Its columns, in small letters, if they are all known.
    columns: Option<Vec<String>>,
    /// Those columns that hold the key of the part that a row belongs to.
    keys: BTreeSet<String>,
    /// Whether it differs from part to part. Everything else is the same for all.
    parted: bool,
    /// Whether USING has made columns of it one with those of another table: they are not listed again.
    merged: bool,
}

/// What an expression can see.
struct Scope<'a> {
    /// Tables of the `FROM`.
    items: &'a [Relation],
    /// Tables of the queries around this one.
    outer: &'a [Relation],
    names: &'a Names,
    /// Whether rows of two parts can meet here.
    mixes: bool,
}

/// Results of the queries that `WITH` names.
type Names = BTreeMap<String, Relation>;

type Found<T> = Result<T, Whole>;

/// Most queries inside each other that are looked at.
const DEEPEST: usize = 60;

/// The walk over a query.
struct Walk {
    key: String,
    tables: BTreeMap<String, Vec<String>>,
    depth: usize,
}

/// Why a parsed query is run on the whole; nothing if it may be run part by part. `holds_key` asks that its result has the
/// key in a column of that name.
pub(super) fn why_whole(serialised: &str, tables: &InParts, holds_key: bool) -> Result<Option<Whole>, SqlError> {
    let parsed: Value = serde_json::from_str(serialised)
        .map_err(|error| SqlError::plain(format!("the query cannot be read: {error}")))?;
    let node = &parsed["statements"][0]["node"];
    let small = |(name, columns): (&String, &Vec<String>)| {
        (name.to_lowercase(), columns.iter().map(|column| column.to_lowercase()).collect())
    };
    let key = tables.key.to_lowercase();
    let mut walk = Walk { key: key.clone(), tables: tables.tables.iter().map(small).collect(), depth: 0 };
    let found = walk.query(node, &Names::new(), &[]).and_then(|result| match result.parted {
        true if holds_key && !result.keys.contains(&key) => {
            refuse(node, &format!("its result does not hold `{key}` as it was read"))
        }
        true => Ok(()),
        false => refuse(node, "it reads nothing that is kept in parts"),
    });
    Ok(found.err())
}

fn refuse<T>(node: &Value, reason: &str) -> Found<T> {
    Err(Whole { reason: reason.to_string(), place: own_place(node) })
}

/// Whether any of some tables has a column that holds the key under this name.
fn has_key(relations: &[Relation], name: &str) -> bool {
    relations.iter().any(|relation| relation.keys.contains(name))
}

/// The names of a reference to a column, in small letters; none for anything else.
fn reference(node: &Value) -> Option<Vec<String>> {
    let names = list(node, "column_names").iter().filter_map(Value::as_str).map(str::to_lowercase);
    (text(node, "class") == "COLUMN_REF").then(|| names.collect())
}

/// Whether an expression is a column of these tables that holds the key. A name that two of them have would be refused by
/// DuckDB, unless a join has made them one.
fn is_key(node: &Value, relations: &[Relation]) -> bool {
    match reference(node).as_deref() {
        Some([name]) => has_key(relations, name),
        Some([table, name]) => {
            let mut named = relations.iter().filter(|relation| relation.name == *table);
            named.next().is_some_and(|relation| relation.keys.contains(name))
        }
        _ => false,
    }
}

/// The two sides of each equality that must hold for a condition to.
fn equalities(node: &Value) -> Vec<(&Value, &Value)> {
    match text(node, "type") {
        "CONJUNCTION_AND" => list(node, "children").iter().flat_map(equalities).collect(),
        "COMPARE_EQUAL" => vec![(&node["left"], &node["right"])],
        _ => Vec::new(),
    }
}

impl Scope<'_> {
    /// Whether an expression is the key of a row of this query.
    fn is_key(&self, node: &Value) -> bool {
        is_key(node, self.items)
    }

    /// Whether an expression is the key of the row of a query around this one. Its table must be named: a name alone might
    /// mean a column of this query that is not known.
    fn is_outer_key(&self, node: &Value) -> bool {
        let names = reference(node);
        let Some([table, _]) = names.as_deref() else { return false };
        !self.items.iter().any(|relation| relation.name == *table) && is_key(node, self.outer)
    }
}

impl Walk {
    /// The result of a query, as a table without a name.
    fn query(&mut self, node: &Value, names: &Names, outer: &[Relation]) -> Found<Relation> {
        if self.depth >= DEEPEST {
            return refuse(node, "queries lie too deep inside each other");
        }
        self.depth += 1;
        let mut names = names.clone();
        for definition in list(&node["cte_map"], "map") {
            let value = &definition["value"];
            let found = self.query(&value["query_node"], &names, &[])?;
            let name = text(definition, "key").to_lowercase();
            names.insert(name.clone(), from::renamed(found, &name, list(value, "aliases")));
        }
        let found = match text(node, "type") {
            "SELECT_NODE" => self.select(node, &names, outer),
            "SET_OPERATION_NODE" => self.set_operation(node, &names, outer),
            _ => self.unknown(node, "", &names, "this form of query is not looked into"),
        };
        self.depth -= 1;
        found
    }

    /// Something that is not looked into: the same for all parts, unless it reads a table that is in parts.
    fn unknown(&self, node: &Value, alias: &str, names: &Names, reason: &str) -> Found<Relation> {
        match self.mentions(node, names) {
            true => refuse(node, reason),
            false => Ok(Relation { name: alias.to_lowercase(), ..Relation::default() }),
        }
    }

    /// Whether a node names a table, or a query, that differs from part to part.
    fn mentions(&self, node: &Value, names: &Names) -> bool {
        match node {
            Value::Array(items) => items.iter().any(|item| self.mentions(item, names)),
            Value::Object(fields) => {
                let name = text(node, "table_name").to_lowercase();
                let named = text(node, "type") == "BASE_TABLE" && self.table_differs(&name, names);
                named || fields.values().any(|field| self.mentions(field, names))
            }
            _ => false,
        }
    }

    fn table_differs(&self, name: &str, names: &Names) -> bool {
        names.get(name).map_or_else(|| self.tables.contains_key(name), |relation| relation.parted)
    }

    /// Looks through an expression for what would let rows of two parts meet.
    fn expression(&mut self, node: &Value, scope: &Scope<'_>) -> Found<()> {
        match node {
            Value::Array(items) => items.iter().try_for_each(|item| self.expression(item, scope)),
            Value::Object(fields) => match text(node, "class") {
                "SUBQUERY" => self.subquery(node, scope),
                "WINDOW" if scope.mixes && !list(node, "partitions").iter().any(|by| scope.is_key(by)) => {
                    refuse(node, "a window is not within one part: its PARTITION BY does not name the key")
                }
                _ => fields.values().try_for_each(|field| self.expression(field, scope)),
            },
            _ => Ok(()),
        }
    }

    /// A query in an expression. `key IN (SELECT key …)` asks only for rows of its own part.
    fn subquery(&mut self, node: &Value, scope: &Scope<'_>) -> Found<()> {
        self.expression(&node["child"], scope)?;
        let around = [scope.items, scope.outer].concat();
        let found = self.query(&node["subquery"]["node"], scope.names, &around)?;
        if !found.parted {
            return Ok(());
        }
        let first = found.columns.as_ref().and_then(|columns| columns.first());
        let compared = text(node, "subquery_type") == "ANY" && text(node, "comparison_type") == "COMPARE_EQUAL";
        if compared && scope.is_key(&node["child"]) && first.is_some_and(|name| found.keys.contains(name)) {
            return Ok(());
        }
        refuse(node, "a query inside reads all parts: compare its key with that of the row around it")
    }
}

/// Whether an expression holds an aggregate of its own query.
fn aggregates(node: &Value) -> bool {
    match node {
        Value::Array(items) => items.iter().any(aggregates),
        Value::Object(fields) => match text(node, "class") {
            "SUBQUERY" => aggregates(&node["child"]),
            "FUNCTION" if is_aggregate(text(node, "function_name")) => true,
            _ => fields.values().any(aggregates),
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests;
