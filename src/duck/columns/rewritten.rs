//! Expressions of the columns of one row, written anew with a table's own columns, so that rows can be found by them.

use std::collections::BTreeSet;

use serde_json::Value;

use super::relation::Scope;
use super::{Base, Reader, term};
use crate::duck::tree::{arguments, list, own_place, text};

/// Functions of one row that are followed through equalities: `substr(code, 4) = '023'` finds rows as `code` would.
const FOLLOWED: [&str; 25] = [
    "abs",
    "concat",
    "date_trunc",
    "day",
    "left",
    "length",
    "lower",
    "lpad",
    "ltrim",
    "make_date",
    "month",
    "nullif",
    "regexp_extract",
    "regexp_replace",
    "replace",
    "right",
    "round",
    "rpad",
    "rtrim",
    "split_part",
    "strptime",
    "substr",
    "substring",
    "trim",
    "upper",
];
impl Reader<'_> {
    /// An expression of the columns of one row, as an expression of a table's own columns: one for each instance that
    /// has them all.
    pub(super) fn derived(&self, node: &Value, scope: &Scope<'_>) -> BTreeSet<Base> {
        let Some((start, end)) = own_place(node) else { return BTreeSet::new() };
        let Some(written) = self.sql.get(start..end) else { return BTreeSet::new() };
        let small = written.to_lowercase();
        let whole = match text(node, "class") {
            "CAST" => small.starts_with("cast") || small.starts_with("try_cast"),
            _ => small.starts_with(&text(node, "function_name").to_lowercase()),
        };
        let mut references = Vec::new();
        if !whole || !small.ends_with(')') || !of_one_row(node, &mut references) || references.is_empty() {
            return BTreeSet::new();
        }
        references.sort_by_key(|node| own_place(node));
        let resolved: Option<Vec<_>> = references
            .into_iter()
            .map(|node| {
                let names: Vec<String> =
                    list(node, "column_names").iter().filter_map(Value::as_str).map(str::to_lowercase).collect();
                let (column, field) = scope.find(&names)?;
                (!field).then_some((own_place(node)?, column.equal))
            })
            .collect();
        let Some(resolved) = resolved else { return BTreeSet::new() };
        let first = resolved.first().map(|(_, equal)| equal.clone()).unwrap_or_default();
        let instances: BTreeSet<usize> = first.into_iter().map(|(instance, _)| instance).collect();
        instances.into_iter().filter_map(|at| Some((at, rewritten(self.sql, (start, end), &resolved, at)?))).collect()
    }
}

/// Whether an expression is made of columns, constants, casts and functions of one row. Collects the columns.
fn of_one_row<'v>(node: &'v Value, references: &mut Vec<&'v Value>) -> bool {
    match text(node, "class") {
        "COLUMN_REF" => {
            references.push(node);
            true
        }
        "CONSTANT" => true,
        "CAST" => of_one_row(&node["child"], references),
        "FUNCTION" => {
            let name = text(node, "function_name").to_lowercase();
            let known = FOLLOWED.contains(&name.as_str()) || node["is_operator"] == true;
            known && node["filter"].is_null() && arguments(node).all(|argument| of_one_row(argument, references))
        }
        _ => false,
    }
}

/// A passage of a query with the columns of one instance in place of the names that it uses.
fn rewritten(
    sql: &str,
    (start, end): (usize, usize),
    references: &[((usize, usize), BTreeSet<Base>)],
    instance: usize,
) -> Option<String> {
    let (mut text, mut at) = (String::from("="), start);
    for ((from, to), equal) in references {
        let (_, name) = equal.iter().find(|(of, _)| *of == instance)?;
        text.push_str(sql.get(at..*from)?);
        text.push_str(&term(name));
        at = *to;
    }
    text.push_str(sql.get(at..end)?);
    Some(text)
}
