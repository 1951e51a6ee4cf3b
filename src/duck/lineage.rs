//! Which tables a query reads, and the query's meaning without its layout, from DuckDB's own parser.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::SqlError;

/// A table that a query reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// Table name.
    pub name: String,
    /// Byte offset and length of its first mention.
    pub place: (usize, usize),
}

/// What the parser says of one `SELECT`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Lineage {
    /// Tables read, by name; names defined by the query itself are left out.
    pub reads: Vec<Reference>,
    /// Whether the outermost query orders its rows.
    pub ordered: bool,
    /// Functions whose answer changes from run to run, such as `random` and `now`.
    pub volatile: Vec<Reference>,
    /// Hash of the parsed query without comments, layout and positions: equal for queries that mean the same.
    pub normal: String,
    /// The query as DuckDB writes it, without comments, laid out for people.
    pub canonical: String,
}

/// Functions of the clock that may be written without brackets, and then look like columns.
const WITHOUT_BRACKETS: [&str; 5] =
    ["current_date", "current_time", "current_timestamp", "localtime", "localtimestamp"];

/// Table functions that read nothing but their arguments. All others could read files, settings or other tables
/// unseen by the graph.
const TABLE_FUNCTIONS: [&str; 6] = ["unnest", "range", "generate_series", "json_each", "json_tree", "repeat"];

/// What the walk finds: tables, and functions whose answer changes, by name with their first place.
#[derive(Default)]
struct Found {
    tables: BTreeMap<String, (usize, usize)>,
    volatile: BTreeMap<String, (usize, usize)>,
    refused: Vec<(String, (usize, usize))>,
}

fn references(found: BTreeMap<String, (usize, usize)>) -> Vec<Reference> {
    found.into_iter().map(|(name, place)| Reference { name, place }).collect()
}

/// Reads the answer of `json_serialize_sql`.
pub(super) fn read(serialised: &str, volatile: &BTreeSet<String>) -> Result<Lineage, SqlError> {
    let mut answer: Value = serde_json::from_str(serialised).map_err(|error| {
        let mut error = SqlError::plain(format!("the query cannot be read: {error}"));
        error.hints =
            vec!["does one expression chain very many operators? split it over several WITH queries".to_string()];
        error
    })?;
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
    let mut found = Found::default();
    walk(statement, &[], &mut found);
    if let Some((words, place)) = found.refused.first() {
        return Err(SqlError { place: Some(*place), ..SqlError::plain(words.clone()) });
    }
    found
        .volatile
        .retain(|name, _| WITHOUT_BRACKETS.contains(&name.as_str()) || (volatile.contains(name) && name != "error"));
    let modifiers = statement["node"]["modifiers"].as_array();
    let ordered = modifiers.is_some_and(|all| all.iter().any(|one| one["type"] == "ORDER_MODIFIER"));
    strip_places(&mut answer);
    Ok(Lineage {
        reads: references(found.tables),
        volatile: references(found.volatile),
        ordered,
        normal: crate::sha256(answer.to_string().as_bytes()),
        canonical: String::new(),
    })
}

/// Collects table names that are not defined by a `WITH` in scope.
fn walk(value: &Value, defined: &[String], found: &mut Found) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| walk(item, defined, found)),
        Value::Object(fields) => walk_node(fields, defined, found),
        _ => {}
    }
}

fn walk_node(fields: &Map<String, Value>, defined: &[String], found: &mut Found) {
    note(fields, defined, found);
    let mut scope = defined.to_vec();
    let definitions = fields.get("cte_map").and_then(|map| map["map"].as_array());
    for definition in definitions.into_iter().flatten() {
        let name = definition["key"].as_str().unwrap_or_default().to_lowercase();
        let body = &definition["value"]["query_node"];
        let recursive = body["type"].as_str().unwrap_or_default().contains("RECURSIVE");
        if recursive {
            scope.push(name.clone());
        }
        walk(body, &scope, found);
        scope.push(name);
    }
    for (_, inner) in fields.iter().filter(|(key, _)| *key != "cte_map") {
        walk(inner, &scope, found);
    }
}

/// Notes a node that names a table, or a function whose answer changes.
fn note(fields: &Map<String, Value>, defined: &[String], found: &mut Found) {
    let text = |key: &str| fields.get(key).and_then(Value::as_str).unwrap_or_default();
    let number = |key: &str| fields.get(key).and_then(Value::as_u64).unwrap_or(0) as usize;
    let place = (number("query_location"), number("query_location_length"));
    if fields.get("sample").is_some_and(Value::is_object) {
        found.refused.push(("a sample takes other rows on another run".to_string(), place));
    }
    match text("type") {
        "BASE_TABLE" if !text("schema_name").is_empty() || !text("catalog_name").is_empty() => {
            let words = format!("tables have plain names: write {}, without what stands before it", text("table_name"));
            found.refused.push((words, place));
        }
        "BASE_TABLE" if !defined.contains(&text("table_name").to_lowercase()) => {
            found.tables.entry(text("table_name").to_string()).or_insert(place);
        }
        "TABLE_FUNCTION" => {
            let name =
                fields.get("function").and_then(|function| function["function_name"].as_str()).unwrap_or_default();
            if !TABLE_FUNCTIONS.contains(&name.to_lowercase().as_str()) {
                let words = format!("`{name}` cannot be read from: a query reads cells, sources and tables by name");
                found.refused.push((words, place));
            }
        }
        "FUNCTION" => {
            let name = text("function_name").to_lowercase();
            let given = fields.get("arguments").and_then(Value::as_array).map_or(0, Vec::len);
            // With one argument `age` counts from today.
            let name = if name == "age" && given == 1 { "current_date".to_string() } else { name };
            found.volatile.entry(name).or_insert(place);
        }
        "COLUMN_REF" => {
            let names = fields.get("column_names").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            if let [Value::String(name)] = names
                && WITHOUT_BRACKETS.contains(&name.to_lowercase().as_str())
            {
                found.volatile.entry(name.to_lowercase()).or_insert(place);
            }
        }
        _ => {}
    }
}

pub(super) fn strip_places(value: &mut Value) {
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

#[cfg(test)]
mod tests {
    use crate::duck::Session;

    fn lineage(sql: &str) -> (Vec<String>, Vec<String>) {
        let found = Session::open().unwrap().lineage(sql).unwrap();
        let names = |list: Vec<super::Reference>| list.into_iter().map(|one| one.name).collect();
        (names(found.reads), names(found.volatile))
    }

    #[test]
    fn names_defined_by_the_query_are_not_tables_it_reads() {
        let sql = "WITH a AS (SELECT * FROM b), c AS (SELECT * FROM a JOIN d USING (x)) SELECT * FROM c, e WHERE y IN (SELECT y FROM f)";
        assert_eq!(lineage(sql).0, ["b", "d", "e", "f"]);
    }

    #[test]
    fn a_name_is_defined_only_after_its_definition_and_inside_its_query() {
        let sql = "SELECT * FROM (WITH a AS (SELECT 1) SELECT * FROM a) JOIN a ON true";
        assert_eq!(lineage(sql).0, ["a"]);
        assert_eq!(
            lineage("WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT * FROM r").0,
            [""; 0]
        );
    }

    #[test]
    fn chance_and_the_clock_are_found_with_and_without_brackets() {
        assert_eq!(
            lineage("SELECT random(), now(), current_date, t.today FROM t").1,
            ["current_date", "now", "random"]
        );
        assert_eq!(lineage("SELECT age(d), age(d, e), setseed(1) FROM t").1, ["current_date", "setseed"]);
    }

    #[test]
    fn a_with_is_found_whatever_its_case() {
        assert_eq!(lineage("WITH Best AS (SELECT * FROM t) SELECT * FROM best").0, ["t"]);
    }

    #[test]
    fn what_the_graph_could_not_see_is_refused() {
        let session = Session::open().unwrap();
        for sql in [
            "SELECT * FROM main.t",
            "SELECT * FROM read_text('x')",
            "SELECT * FROM query('SELECT 1')",
            "SELECT * FROM query_table('t')",
            "SELECT * FROM duckdb_settings()",
            "SELECT * FROM t USING SAMPLE 10",
        ] {
            assert!(session.lineage(sql).is_err(), "{sql}");
        }
        assert!(session.lineage("SELECT unnest([1]) FROM range(3), unnest([1])").is_ok());
    }

    #[test]
    fn layout_and_comments_do_not_change_the_meaning() {
        let session = Session::open().unwrap();
        let normal = |sql: &str| session.lineage(sql).unwrap().normal;
        assert_eq!(normal("SELECT a FROM t"), normal("/* x */ select\n  a -- y\nfrom t"));
        assert_ne!(normal("SELECT a FROM t"), normal("SELECT b FROM t"));
    }
}
