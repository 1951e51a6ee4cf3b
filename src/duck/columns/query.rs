//! Queries: `SELECT`, `UNION` and the like, and the names that `WITH` gives.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Reader;
use super::relation::{Relation, Scope, union};
use crate::duck::tree::{arguments, list, span, text};

impl Reader<'_> {
    pub(super) fn query(&mut self, node: &Value, outer: &Scope<'_>) -> Relation {
        let scope = self.defined(node, outer);
        match text(node, "type") {
            "SELECT_NODE" => self.select(node, scope),
            "SET_OPERATION_NODE" => self.set_operation(node, &scope),
            _ => Relation::default(),
        }
    }

    /// A scope with the queries that a node names (`WITH`).
    pub(super) fn defined<'s>(&mut self, node: &Value, outer: &'s Scope<'s>) -> Scope<'s> {
        let mut scope = Scope::inside(outer);
        for definition in list(&node["cte_map"], "map") {
            let (body, aliases) = (&definition["value"]["query_node"], &definition["value"]["aliases"]);
            let relation = match text(body, "type") {
                "RECURSIVE_CTE_NODE" => self.recursive(body, aliases, &scope),
                _ => self.query(body, &scope).renamed(aliases),
            };
            scope.named.insert(text(definition, "key").to_lowercase(), relation);
        }
        scope
    }

    pub(super) fn recursive(&mut self, node: &Value, aliases: &Value, outer: &Scope<'_>) -> Relation {
        let mut scope = self.defined(node, outer);
        let first = self.query(&node["left"], &scope).renamed(aliases);
        scope.named.insert(text(node, "cte_name").to_lowercase(), first.clone());
        let again = self.query(&node["right"], &scope);
        union(first, again, false)
    }

    pub(super) fn set_operation(&mut self, node: &Value, scope: &Scope<'_>) -> Relation {
        let sides = [&node["left"], &node["right"]].into_iter().filter(|side| side.is_object());
        let branches: Vec<Relation> =
            list(node, "children").iter().chain(sides).map(|branch| self.query(branch, scope)).collect();
        let kind = text(node, "setop_type");
        let mut branches = branches.into_iter();
        let mut whole = branches.next().unwrap_or_default();
        for branch in branches {
            if kind.starts_with("UNION") {
                whole = union(whole, branch, kind.contains("BY_NAME"));
            } else {
                // The other side of EXCEPT and INTERSECT only decides which rows stay.
                whole.rows.extend(branch.columns.into_iter().flat_map(|column| column.values));
            }
        }
        whole
    }

    pub(super) fn select(&mut self, node: &Value, mut scope: Scope<'_>) -> Relation {
        scope.from = self.from(&node["from_table"], &scope);
        let mut relation =
            Relation { rows: scope.from.rows.clone(), held: scope.from.held.clone(), ..Relation::default() };
        for item in list(node, "select_list") {
            self.item(item, &mut scope, &mut relation);
        }
        for condition in [&node["where_clause"], &node["having"], &node["qualify"]] {
            self.condition(condition, &scope, &mut relation.rows, &mut relation.held);
        }
        for group in list(node, "group_expressions") {
            let group = self.expression(group, &scope);
            relation.rows.extend(group.values);
        }
        for modifier in list(node, "modifiers").iter().filter(|modifier| text(modifier, "type") != "ORDER_MODIFIER") {
            let chosen = self.inside(modifier, &scope);
            relation.rows.extend(chosen.values);
        }
        relation
    }

    /// One item of a `SELECT` list.
    pub(super) fn item(&mut self, item: &Value, scope: &mut Scope<'_>, relation: &mut Relation) {
        if text(item, "type") == "STAR" {
            return self.star(item, scope, relation);
        }
        let alias = text(item, "alias").to_lowercase();
        let mut column = self.expression(item, scope);
        if column.places.is_empty() {
            column.places.extend(span(item));
        }
        let unnested = text(item, "function_name") == "unnest";
        let mut names = list(item, "column_names").iter().filter_map(Value::as_str);
        let own = names.next_back().unwrap_or_default().to_lowercase();
        let column = column.named(if alias.is_empty() { &own } else { &alias });
        if unnested && (alias.is_empty() || arguments(item).nth(1).is_some()) {
            relation.wild = Some(column.clone());
        }
        scope.aliases.push(column.clone());
        relation.columns.push(column);
    }

    pub(super) fn star(&mut self, item: &Value, scope: &mut Scope<'_>, relation: &mut Relation) {
        let (all, wild) = scope.from.all(&text(item, "relation_name").to_lowercase());
        let left_out: BTreeSet<String> = list(item, "exclude_list")
            .iter()
            .chain(list(item, "qualified_exclude_list").iter())
            .filter_map(|name| name.as_str().or_else(|| name["column"].as_str()))
            .map(str::to_lowercase)
            .collect();
        let listed = |key: &str, name: &str| {
            list(item, key).iter().find(|one| text(one, "key").to_lowercase() == name).map(|one| one["value"].clone())
        };
        let pattern = item["expr"]["literal"]["text"].as_str();
        let pattern = pattern.and_then(|pattern| regex::Regex::new(&format!("(?i){pattern}")).ok());
        for column in all.into_iter().filter(|column| !left_out.contains(&column.name)) {
            if pattern.as_ref().is_some_and(|pattern| !pattern.is_match(&column.name)) {
                continue;
            }
            let name = column.name.clone();
            let mut column = match listed("replace_list", &name) {
                Some(expression) => {
                    let mut column = self.expression(&expression, scope);
                    if column.places.is_empty() {
                        column.places.extend(span(&expression));
                    }
                    column.named(&name)
                }
                None => column,
            };
            if let Some(Value::String(new)) = listed("rename_list", &name) {
                column = column.named(&new.to_lowercase());
            }
            if column.places.is_empty() {
                column.places.extend(span(item));
            }
            scope.aliases.push(column.clone());
            relation.columns.push(column);
        }
        relation.wild = relation.wild.take().or(wild);
    }
}
