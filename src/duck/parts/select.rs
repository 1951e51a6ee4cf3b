//! `SELECT` and `UNION`: whether groups, windows and what is left out lie within parts, and which results hold the key.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Found, Names, Relation, Scope, Walk, aggregates, equalities, reference, refuse};
use crate::duck::tree::{list, text};

impl Walk {
    pub(super) fn select(&mut self, node: &Value, names: &Names, outer: &[Relation]) -> Found<Relation> {
        let items = self.from(&node["from_table"], names, outer)?;
        let parted = items.iter().any(|relation| relation.parted);
        let mut scope = Scope { items: &items, outer, names, mixes: parted };
        // Held to the key of a row around it, the query sees one part only.
        let held = |(one, other): &(&Value, &Value)| {
            scope.is_key(one) && scope.is_outer_key(other) || scope.is_key(other) && scope.is_outer_key(one)
        };
        scope.mixes = parted && !equalities(&node["where_clause"]).iter().any(held);
        for clause in ["select_list", "where_clause", "group_expressions", "having", "qualify", "modifiers"] {
            self.expression(&node[clause], &scope)?;
        }
        if scope.mixes {
            if node["sample"].is_object() {
                return refuse(node, "a sample is drawn from all parts");
            }
            grouped(node, &scope)?;
        }
        let (columns, keys) = results(node, &scope);
        if scope.mixes {
            modified(node, &keys, |target| scope.is_key(target))?;
        }
        Ok(Relation { name: String::new(), columns, keys, parted: scope.mixes, merged: false })
    }

    pub(super) fn set_operation(&mut self, node: &Value, names: &Names, outer: &[Relation]) -> Found<Relation> {
        let children = list(node, "children");
        let sides: Vec<Relation> =
            children.iter().map(|child| self.query(child, names, outer)).collect::<Found<_>>()?;
        let by_name = text(node, "setop_type") == "UNION_BY_NAME";
        let columns = if by_name { None } else { sides.first().and_then(|side| side.columns.clone()) };
        if !sides.iter().any(|side| side.parted) {
            return self.unknown(node, "", names, "").map(|unknown| Relation { columns, ..unknown });
        }
        if let Some(at) = sides.iter().position(|side| !side.parted) {
            return refuse(&children[at], "rows that are the same for all parts are added to those of each");
        }
        let keys = if by_name { shared_by_name(&sides) } else { shared_by_position(&sides) };
        if keys.is_empty() {
            return refuse(node, "queries are put together whose keys are not in the same column");
        }
        modified(node, &keys, |target| matches!(reference(target).as_deref(), Some([name]) if keys.contains(name)))?;
        Ok(Relation {
            name: String::new(),
            columns: columns.or_else(|| all_names(&sides)),
            keys,
            parted: true,
            merged: false,
        })
    }
}

/// The columns of a union by name: those of the first, then what others add.
fn all_names(sides: &[Relation]) -> Option<Vec<String>> {
    let mut names: Vec<String> = Vec::new();
    for side in sides {
        for name in side.columns.as_ref()? {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
    }
    Some(names)
}

/// Columns that hold the key in all.
fn shared_by_name(sides: &[Relation]) -> BTreeSet<String> {
    let (first, rest) =
        sides.split_first().map_or((BTreeSet::new(), sides), |(first, rest)| (first.keys.clone(), rest));
    rest.iter().fold(first, |shared, side| &shared & &side.keys)
}

/// Columns of the first that hold the key in it and, in the same place, in all others.
fn shared_by_position(sides: &[Relation]) -> BTreeSet<String> {
    let Some(all) = sides.iter().map(|side| side.columns.as_ref()).collect::<Option<Vec<_>>>() else {
        return BTreeSet::new();
    };
    let holds = |at: usize| {
        sides.iter().zip(&all).all(|(side, columns)| columns.get(at).is_some_and(|name| side.keys.contains(name)))
    };
    let first = all.first().copied().cloned().unwrap_or_default();
    first.into_iter().enumerate().filter(|(at, _)| holds(*at)).map(|(_, name)| name).collect()
}

/// Groups must lie within a part.
fn grouped(node: &Value, scope: &Scope<'_>) -> Found<()> {
    let results = list(node, "select_list");
    let groups = list(node, "group_expressions");
    let all = text(node, "aggregate_handling") == "FORCE_AGGREGATES";
    let any = results.iter().chain([&node["having"], &node["qualify"], &node["modifiers"]]).any(aggregates);
    if !all && !any && groups.is_empty() {
        return Ok(());
    }
    let by_key = match all {
        true => results.iter().any(|result| scope.is_key(result)),
        false => list(node, "group_sets").len() < 2 && groups.iter().any(|group| scope.is_key(meant(group, results))),
    };
    match by_key {
        true => Ok(()),
        false => refuse(node, "a group is not within one part: GROUP BY does not name the key"),
    }
}

/// What a group expression means: a result by its position, or itself.
fn meant<'v>(group: &'v Value, results: &'v [Value]) -> &'v Value {
    let literal = &group["literal"];
    let position = Some(text(literal, "text")).filter(|_| text(literal, "kind") == "INTEGER");
    let at = position.and_then(|position| position.parse::<usize>().ok()?.checked_sub(1));
    at.and_then(|at| results.get(at)).unwrap_or(group)
}

/// `DISTINCT` must tell parts apart, and nothing may ask for the first few of all. `holds` says whether an expression is
/// the key.
fn modified(node: &Value, keys: &BTreeSet<String>, holds: impl Fn(&Value) -> bool) -> Found<()> {
    for modifier in list(node, "modifiers") {
        let kind = text(modifier, "type");
        let on = list(modifier, "distinct_on_targets");
        let within = if on.is_empty() { !keys.is_empty() } else { on.iter().any(&holds) };
        match kind {
            "ORDER_MODIFIER" => {}
            "DISTINCT_MODIFIER" if within => {}
            "DISTINCT_MODIFIER" => {
                return refuse(node, "DISTINCT compares rows of two parts: it does not hold the key");
            }
            _ => return refuse(node, "LIMIT asks for the first rows of all parts"),
        }
    }
    Ok(())
}

/// The results of a query as they are listed.
struct Results {
    /// Their names; nothing once one is not known.
    columns: Option<Vec<String>>,
    keys: BTreeSet<String>,
    seen: BTreeSet<String>,
}

impl Results {
    /// Of two results of one name, DuckDB calls the first by it.
    fn add(&mut self, name: &str, holds_key: bool) {
        let is_first = self.columns.is_some() && self.seen.insert(name.to_string());
        if is_first && holds_key {
            self.keys.insert(name.to_string());
        }
        self.columns.iter_mut().for_each(|columns| columns.push(name.to_string()));
    }

    /// What comes after results of unknown names may have the name of one of them.
    fn add_unknown(&mut self) {
        self.columns = None;
    }

    /// A table of which no more is known than where its key is.
    fn add_keys<'k>(&mut self, keys: impl Iterator<Item = &'k String>) {
        let is_first = |key: &&String| self.columns.is_some() && !self.seen.contains(*key);
        let keys: Vec<String> = keys.filter(is_first).cloned().collect();
        self.keys.extend(keys);
        self.add_unknown();
    }
}

/// The names of a query's results, if all are known, and those of them that hold the key.
fn results(node: &Value, scope: &Scope<'_>) -> (Option<Vec<String>>, BTreeSet<String>) {
    let mut results = Results { columns: Some(Vec::new()), keys: BTreeSet::new(), seen: BTreeSet::new() };
    for result in list(node, "select_list") {
        let alias = text(result, "alias").to_lowercase();
        match (text(result, "class"), reference(result)) {
            ("STAR", _) => star(result, scope, &mut results),
            // A struct that is taken apart becomes several columns.
            ("FUNCTION", _) if text(result, "function_name").eq_ignore_ascii_case("unnest") => results.add_unknown(),
            (_, Some(names)) if alias.is_empty() => {
                results.add(names.last().map(String::as_str).unwrap_or_default(), scope.is_key(result));
            }
            _ => results.add(&alias, scope.is_key(result)),
        }
    }
    (results.columns, results.keys)
}

/// What `*` stands for. Nothing is known of it where names are chosen or changed by a rule.
fn star(star: &Value, scope: &Scope<'_>, results: &mut Results) {
    let left_out: Option<BTreeSet<String>> =
        list(star, "exclude_list").iter().map(|entry| entry.as_str().map(str::to_lowercase)).collect();
    let chosen = star["columns"] == Value::Bool(true) || !list(star, "rename_list").is_empty();
    let Some(left_out) = left_out.filter(|_| !chosen) else { return results.add_unknown() };
    let of = text(star, "relation_name").to_lowercase();
    let replaced: BTreeSet<String> =
        list(star, "replace_list").iter().map(|entry| text(entry, "key").to_lowercase()).collect();
    let kept = |relation: &Relation, name: &String| relation.keys.contains(name) && !replaced.contains(name);
    for relation in scope.items.iter().filter(|relation| of.is_empty() || relation.name == of) {
        match &relation.columns {
            Some(columns) if of.is_empty() || !relation.merged => columns
                .iter()
                .filter(|name| !left_out.contains(*name))
                .for_each(|name| results.add(name, kept(relation, name))),
            None => {
                let keys = relation.keys.iter();
                results.add_keys(keys.filter(|name| !left_out.contains(*name) && kept(relation, name)));
            }
            Some(_) => results.add_unknown(),
        }
    }
}
