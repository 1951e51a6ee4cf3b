//! Which tables a query reads, and the query's meaning without its layout, from DuckDB's own parser.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::SqlError;

/// A table that a query reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Table name.
    pub name: String,
    /// Byte offset and length of its first mention.
    pub place: (usize, usize),
}

/// What the parser says of one `SELECT`.
#[derive(Clone, Debug)]
pub struct Lineage {
    /// Tables read, by name; names defined by the query itself are left out.
    pub reads: Vec<Reference>,
    /// Whether the outermost query orders its rows.
    pub ordered: bool,
    /// The parsed query without comments, layout and positions: equal for queries that mean the same.
    pub normal: String,
}

/// Reads the answer of `json_serialize_sql`.
pub(super) fn read(serialised: &str) -> Result<Lineage, SqlError> {
    let mut answer: Value =
        serde_json::from_str(serialised).map_err(|error| SqlError::plain(format!("unreadable parse: {error}")))?;
    if answer["error"] == Value::Bool(true) {
        let mut error = SqlError::from_words(serialised, 0);
        if answer["error_type"] == "not implemented" {
            error.message = "not a SELECT".to_string();
            error.hints =
                vec!["a query is one SELECT statement; it cannot change tables, settings or files".to_string()];
        }
        return Err(error);
    }
    let statements = answer["statements"].as_array().cloned().unwrap_or_default();
    let [statement] = &statements[..] else {
        return Err(SqlError::plain(format!("one SELECT expected, {} statements found", statements.len())));
    };
    let mut found = BTreeMap::new();
    walk(statement, &[], &mut found);
    let modifiers = statement["node"]["modifiers"].as_array();
    let ordered = modifiers.is_some_and(|all| all.iter().any(|one| one["type"] == "ORDER_MODIFIER"));
    strip_places(&mut answer);
    let reads = found.into_iter().map(|(name, place)| Reference { name, place }).collect();
    Ok(Lineage { reads, ordered, normal: answer.to_string() })
}

/// Collects table names that are not defined by a `WITH` in scope.
fn walk(value: &Value, defined: &[String], found: &mut BTreeMap<String, (usize, usize)>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| walk(item, defined, found)),
        Value::Object(fields) => walk_node(fields, defined, found),
        _ => {}
    }
}

fn walk_node(fields: &Map<String, Value>, defined: &[String], found: &mut BTreeMap<String, (usize, usize)>) {
    let text = |key: &str| fields.get(key).and_then(Value::as_str).unwrap_or_default();
    if text("type") == "BASE_TABLE"
        && text("schema_name").is_empty()
        && !defined.contains(&text("table_name").to_string())
    {
        let number = |key: &str| fields.get(key).and_then(Value::as_u64).unwrap_or(0) as usize;
        found
            .entry(text("table_name").to_string())
            .or_insert((number("query_location"), number("query_location_length")));
    }
    let mut scope = defined.to_vec();
    let definitions = fields.get("cte_map").and_then(|map| map["map"].as_array());
    for definition in definitions.into_iter().flatten() {
        let name = definition["key"].as_str().unwrap_or_default().to_string();
        let body = &definition["value"]["query_node"];
        let recursive = body["type"].as_str().unwrap_or_default().contains("RECURSIVE");
        if recursive {
            scope.push(name.clone());
        }
        walk(body, &scope, found);
        scope.push(name);
    }
    for (key, inner) in fields.iter().filter(|(key, _)| *key != "cte_map") {
        let _ = key;
        walk(inner, &scope, found);
    }
}

fn strip_places(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(strip_places),
        Value::Object(fields) => {
            fields.remove("query_location");
            fields.remove("query_location_length");
            fields.values_mut().for_each(strip_places);
        }
        _ => {}
    }
}
