//! The `FROM` of a query: whether its joins match parts with themselves.

use serde_json::Value;

use super::{Found, Names, Relation, Scope, Walk, equalities, has_key, is_key, refuse};
use crate::duck::tree::{list, text};

impl Walk {
    /// The tables of a `FROM`.
    pub(super) fn from(&mut self, node: &Value, names: &Names, outer: &[Relation]) -> Found<Vec<Relation>> {
        if node["sample"].is_object() && self.mentions(node, names) {
            return refuse(node, "a sample is drawn from all parts");
        }
        let alias = text(node, "alias");
        let found = match text(node, "type") {
            "EMPTY" | "" => return Ok(Vec::new()),
            "JOIN" => return self.join(node, names, outer),
            "BASE_TABLE" => self.table(text(node, "table_name"), names),
            "SUBQUERY" => self.query(&node["subquery"]["node"], names, outer)?,
            _ => self.unknown(node, alias, names, "this kind of table is not looked into")?,
        };
        let name = if alias.is_empty() { text(node, "table_name") } else { alias };
        Ok(vec![renamed(found, name, list(node, "column_name_alias"))])
    }

    /// A table, cell or query by name.
    fn table(&self, name: &str, names: &Names) -> Relation {
        let name = name.to_lowercase();
        if let Some(named) = names.get(&name) {
            return named.clone();
        }
        let columns = self.tables.get(&name).cloned();
        let parted = columns.is_some();
        let keys = parted.then(|| self.key.clone()).into_iter().collect();
        Relation { name, columns, keys, parted, merged: false }
    }

    fn join(&mut self, node: &Value, names: &Names, outer: &[Relation]) -> Found<Vec<Relation>> {
        let left = self.from(&node["left"], names, outer)?;
        // A query on the right may be LATERAL, and then sees the tables on the left.
        let seen = [left.as_slice(), outer].concat();
        let mut right = self.from(&node["right"], names, &seen)?;
        let [on_left, on_right] = [&left, &right].map(|side| side.iter().any(|relation| relation.parted));
        let (kind, how) = (text(node, "join_type"), text(node, "ref_type"));
        if (on_left || on_right) && !matches!(how, "REGULAR" | "CROSS" | "ASOF") {
            return refuse(node, "this kind of join is not looked into");
        }
        match (on_left, on_right) {
            (true, true) => matched(node, kind, &left, &right)?,
            // A row of the side that is the same for all parts would be kept once for each part.
            (true, false) if matches!(kind, "RIGHT" | "OUTER" | "FULL") => {
                return refuse(node, "rows that are the same for all parts are kept where no part matches them");
            }
            (false, true) if kind != "INNER" => {
                return refuse(node, "rows that are the same for all parts are kept where no part matches them");
            }
            _ => {}
        }
        let both = [left.clone(), right.clone()].concat();
        self.expression(&node["condition"], &Scope { items: &both, outer, names, mixes: on_left || on_right })?;
        // `*` gives a column that USING has made one only once.
        let merged = using(node);
        for relation in &mut right {
            relation.columns.iter_mut().for_each(|columns| columns.retain(|name| !merged.contains(name)));
            relation.merged |= !merged.is_empty();
        }
        if matches!(kind, "SEMI" | "ANTI") {
            return Ok(left);
        }
        if kind == "LEFT" {
            // Where nothing matches, what comes from the right is missing.
            right.iter_mut().for_each(|relation| relation.keys.clear());
        }
        Ok([left, right].concat())
    }
}

/// The columns that `USING` names.
fn using(join: &Value) -> Vec<String> {
    list(join, "using_columns").iter().filter_map(Value::as_str).map(str::to_lowercase).collect()
}

/// Two tables that are in parts may be joined only where their keys are equal.
fn matched(node: &Value, kind: &str, left: &[Relation], right: &[Relation]) -> Found<()> {
    if !matches!(kind, "INNER" | "LEFT" | "SEMI" | "ANTI") {
        return refuse(node, "this kind of join is not looked into");
    }
    let by_name = using(node).into_iter().any(|name| has_key(left, &name) && has_key(right, &name));
    let by_condition = equalities(&node["condition"])
        .iter()
        .any(|(one, other)| is_key(one, left) && is_key(other, right) || is_key(one, right) && is_key(other, left));
    match by_name || by_condition {
        true => Ok(()),
        false => refuse(node, "a join matches rows of two parts: it does not ask that their keys are equal"),
    }
}

/// A table under another name, its first columns too.
pub(super) fn renamed(mut relation: Relation, name: &str, columns: &[Value]) -> Relation {
    relation.name = name.to_lowercase();
    let names: Vec<String> = columns.iter().filter_map(Value::as_str).map(str::to_lowercase).collect();
    if names.is_empty() {
        return relation;
    }
    let before = relation.columns.take().unwrap_or_default();
    let was_key: Vec<bool> = before.iter().map(|name| relation.keys.contains(name)).collect();
    let mut after = before;
    after.iter_mut().zip(names).for_each(|(column, name)| *column = name);
    relation.keys = after.iter().zip(was_key).filter(|(_, was_key)| *was_key).map(|(name, _)| name.clone()).collect();
    relation.columns = Some(after).filter(|columns| !columns.is_empty());
    relation
}
