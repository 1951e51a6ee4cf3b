//! What a `FROM` offers, and the conditions that join it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::relation::{Column, From, Relation, Scope, hold, hold_literal};
use super::{Base, Held, Reader};
use crate::duck::tree::{list, text};

/// More instances than this in one named query are no longer told apart where that query is read twice: their number
/// could double at each level.
const MOST_INSTANCES: usize = 64;

impl Reader<'_> {
    pub(super) fn from(&mut self, node: &Value, scope: &Scope<'_>) -> From {
        let alias = text(node, "alias");
        match text(node, "type") {
            "BASE_TABLE" => {
                let name = text(node, "table_name");
                let relation = self.table(name, scope).renamed(&node["column_name_alias"]);
                From::one(if alias.is_empty() { name } else { alias }, relation)
            }
            "SUBQUERY" => {
                let relation = self.query(&node["subquery"]["node"], scope);
                From::one(alias, relation.renamed(&node["column_name_alias"]))
            }
            "JOIN" => self.join(node, scope),
            "TABLE_FUNCTION" => {
                let given = self.inside(&node["function"], scope).computed();
                let relation = Relation { wild: Some(given), ..Relation::default() };
                From::one(alias, relation.renamed(&node["column_name_alias"]))
            }
            "EXPRESSION_LIST" => From::one(alias, self.values(node, scope)),
            "EMPTY" | "" => From::default(),
            _ => self.other_from(node, scope),
        }
    }

    /// A table, a named query, or a cell.
    pub(super) fn table(&mut self, name: &str, scope: &Scope<'_>) -> Relation {
        if let Some(named) = scope.named.get(&name.to_lowercase()) {
            let inside = named.instances();
            if inside.len() > MOST_INSTANCES {
                return named.clone();
            }
            let by = inside.into_iter().map(|old| {
                let table = self.instances[old].clone();
                self.instances.push(table);
                (old, self.instances.len() - 1)
            });
            return named.moved(&by.collect());
        }
        let instance = self.instances.len();
        self.instances.push(name.to_string());
        match (self.columns_of)(name) {
            Some(columns) => Relation {
                columns: columns.iter().map(|column| Column::base(instance, &column.to_lowercase())).collect(),
                ..Relation::default()
            },
            None => {
                self.unknown.push(name.to_string());
                Relation::default()
            }
        }
    }

    pub(super) fn values(&mut self, node: &Value, scope: &Scope<'_>) -> Relation {
        let mut relation = Relation::default();
        for row in list(node, "values") {
            for (at, value) in row.as_array().into_iter().flatten().enumerate() {
                let mut value = self.expression(value, scope);
                value.name = format!("col{at}");
                match relation.columns.get_mut(at) {
                    Some(column) => column.or(value),
                    None => relation.columns.push(value),
                }
            }
        }
        relation.renamed(&node["expected_names"]).renamed(&node["column_name_alias"])
    }

    /// `PIVOT` and what else may stand in a `FROM`: each column may come from any of what it is made of.
    pub(super) fn other_from(&mut self, node: &Value, scope: &Scope<'_>) -> From {
        let mut inner = Scope::inside(scope);
        inner.from = self.from(&node["source"], scope);
        let mut all = Column::default();
        let (columns, wild) = inner.from.all("");
        columns.into_iter().chain(wild).for_each(|column| all.take(column));
        let relation = Relation {
            wild: Some(all.computed()),
            rows: inner.from.rows,
            held: inner.from.held,
            ..Relation::default()
        };
        From::one(text(node, "alias"), relation)
    }

    pub(super) fn join(&mut self, node: &Value, scope: &Scope<'_>) -> From {
        let mut whole = self.from(&node["left"], scope);
        // What stands to the right of a lateral join may name what stands to its left.
        let mut lateral = Scope::inside(scope);
        lateral.from = whole.clone();
        let right = self.from(&node["right"], &lateral);
        let kind = text(node, "join_type");
        let mut both = From {
            tables: [whole.tables.clone(), right.tables.clone()].concat(),
            merged: whole.merged.clone(),
            ..From::default()
        };
        both.merged.extend(right.merged.clone());
        whole.rows.extend(right.rows.iter().cloned());
        if kind != "ANTI" {
            whole.held.extend(right.held.iter().cloned());
        }
        for name in list(node, "using_columns").iter().filter_map(Value::as_str).map(str::to_lowercase) {
            let (Some(one), Some(other)) = (whole.find(&name), right.find(&name)) else { continue };
            whole.rows.extend(one.values.iter().chain(&other.values).cloned());
            if kind != "ANTI" {
                hold(&one, &other, &mut whole.held);
            }
            let mut merged = if kind == "RIGHT" { other.clone() } else { one.clone() };
            if kind == "FULL" {
                merged.or(other);
            }
            whole.merged.insert(name.clone(), merged.clone());
            both.merged.insert(name, merged);
        }
        let mut on = Scope::inside(scope);
        on.from = both;
        let (mut rows, mut held) = (BTreeSet::new(), BTreeSet::new());
        self.condition(&node["condition"], &on, &mut rows, &mut held);
        whole.rows.extend(rows);
        if kind != "ANTI" {
            whole.held.extend(held);
        }
        if !matches!(kind, "SEMI" | "ANTI") {
            whole.tables = on.from.tables;
            whole.merged = on.from.merged;
        }
        whole
    }

    /// A condition: what it reads decides on rows, and the equalities that it demands are held.
    pub(super) fn condition(
        &mut self,
        node: &Value,
        scope: &Scope<'_>,
        rows: &mut BTreeSet<Base>,
        held: &mut BTreeSet<(Base, Held)>,
    ) {
        if !node.is_object() {
            return;
        }
        match text(node, "type") {
            "CONJUNCTION_AND" => list(node, "children").iter().for_each(|part| self.condition(part, scope, rows, held)),
            "COMPARE_EQUAL" | "COMPARE_NOT_DISTINCT_FROM" if node["left"].is_object() => {
                let (left, right) = (self.expression(&node["left"], scope), self.expression(&node["right"], scope));
                hold(&left, &right, held);
                hold_literal(&left, &right, held);
                hold_literal(&right, &left, held);
                rows.extend(left.values.into_iter().chain(left.rows).chain(right.values).chain(right.rows));
            }
            _ => {
                let found = self.expression(node, scope);
                rows.extend(found.values.into_iter().chain(found.rows));
            }
        }
    }
}
