//! The `FROM` of a query: which rows it has, and what a join makes equal.

use std::collections::BTreeSet;
use std::rc::Rc;

use serde_json::Value;

use super::facts::{Id, Nature};
use super::{HazardKind, Names, Relation, Scope, Walk, column, is_floating, place};
use crate::duck::tree::{list, text};

/// Table functions whose values are all different.
const DISTINCT_VALUES: [&str; 2] = ["range", "generate_series"];

impl Walk<'_> {
    /// The tables of a `FROM`.
    pub(super) fn from<'q>(&mut self, node: &'q Value, names: &Rc<Names<'q>>, outer: &[Relation]) -> Vec<Relation> {
        let alias = text(node, "alias");
        match text(node, "type") {
            "EMPTY" | "" => Vec::new(),
            "JOIN" => self.join(node, names, outer),
            "BASE_TABLE" => vec![self.table(node, names)],
            "SUBQUERY" => {
                let found = self.query(&node["subquery"]["node"], names, outer);
                vec![renamed(found, alias, list(node, "column_name_alias"))]
            }
            "TABLE_FUNCTION" => vec![self.table_function(node, names, outer)],
            "EXPRESSION_LIST" => vec![self.values_list(node)],
            _ => vec![self.unknown(alias)],
        }
    }

    /// A table, cell or query by name.
    fn table<'q>(&mut self, node: &'q Value, names: &Rc<Names<'q>>) -> Relation {
        let name = text(node, "table_name").to_lowercase();
        let alias = Some(text(node, "alias")).filter(|alias| !alias.is_empty()).unwrap_or(&name);
        let found = match names.0.get(&name) {
            Some(Some((definition, seen))) => {
                let found = self.query(&definition["query_node"], seen, &[]);
                renamed(found, alias, list(definition, "aliases"))
            }
            Some(None) => self.unknown(alias),
            None => self.known(&name, alias),
        };
        renamed(found, alias, list(node, "column_name_alias"))
    }

    /// A table of the catalogue.
    fn known(&mut self, name: &str, alias: &str) -> Relation {
        let Some(known) = self.catalogue.get(name) else { return self.unknown(alias) };
        let row = self.facts.fresh(Nature::default());
        let columns = known.columns.iter().map(|(name, kind)| {
            let nature = Nature { floating: is_floating(kind), summed: false };
            (name.to_lowercase(), self.facts.fresh(nature))
        });
        let columns = columns.collect();
        let relation = self.relation(alias, columns, row, false);
        self.state_keys(&relation, &known.keys);
        relation
    }

    fn table_function<'q>(&mut self, node: &'q Value, names: &Rc<Names<'q>>, outer: &[Relation]) -> Relation {
        let name = text(&node["function"], "function_name").to_lowercase();
        let alias = Some(text(node, "alias")).filter(|alias| !alias.is_empty()).unwrap_or(&name);
        let row = self.facts.fresh(Nature::default());
        let scope = self.scope(outer.to_vec(), Vec::new(), names, row);
        let made = self.expression(&node["function"], &scope);
        let given = list(node, "column_name_alias").first().and_then(Value::as_str);
        // DuckDB calls the one column of `unnest(x) AS a` by the function's name; of `range(n) AS a` likewise.
        let value = self.facts.fresh(Nature { floating: made.nature.floating, summed: false });
        if DISTINCT_VALUES.contains(&name.as_str()) {
            self.facts.settle(&[value], &[row]);
        }
        let columns = vec![(given.unwrap_or(&name).to_lowercase(), value)];
        self.relation(alias, columns, row, !DISTINCT_VALUES.contains(&name.as_str()) && name != "unnest")
    }

    /// Rows written out in the query.
    fn values_list(&mut self, node: &Value) -> Relation {
        let row = self.facts.fresh(Nature::default());
        let width = list(node, "values").first().and_then(Value::as_array).map_or(0, Vec::len);
        let columns = (0..width).map(|at| (format!("col{at}"), self.facts.fresh(Nature::default()))).collect();
        let relation = self.relation(text(node, "alias"), columns, row, false);
        renamed(relation, text(node, "alias"), list(node, "column_name_alias"))
    }

    fn join<'q>(&mut self, node: &'q Value, names: &Rc<Names<'q>>, outer: &[Relation]) -> Vec<Relation> {
        let left = self.from(&node["left"], names, outer);
        // A query on the right may be LATERAL, and then sees the tables on the left.
        let seen = [left.as_slice(), outer].concat();
        let mut right = self.from(&node["right"], names, &seen);
        if text(node, "ref_type") == "POSITIONAL" {
            self.fault(HazardKind::Positional, "POSITIONAL JOIN", place(node));
        }
        let kind = text(node, "join_type");
        self.join_using(node, &left, &mut right, kind == "LEFT");
        let row = self.facts.fresh(Nature::default());
        let both = [left.clone(), right.clone()].concat();
        let scope = self.scope(both.clone(), outer.to_vec(), names, row);
        if node["condition"].is_object() {
            match kind {
                "LEFT" => self.outer_condition(&node["condition"], &scope, &right),
                _ => self.condition(&node["condition"], &scope),
            }
        }
        if matches!(kind, "SEMI" | "ANTI") { left } else { both }
    }

    /// `USING`, and what `NATURAL` means: columns of the same name are one.
    fn join_using(&mut self, node: &Value, left: &[Relation], right: &mut [Relation], keeps_left: bool) {
        let natural = text(node, "ref_type") == "NATURAL";
        let using: Vec<String> = match natural {
            true => left.iter().flat_map(|relation| relation.columns.iter().map(|(name, _)| name.clone())).collect(),
            false => list(node, "using_columns").iter().filter_map(Value::as_str).map(str::to_lowercase).collect(),
        };
        let pairs: Vec<(String, Id, Id)> = using
            .into_iter()
            .filter_map(|name| {
                let id = |side: &[Relation]| side.iter().find_map(|relation| column(relation, &name));
                let (one, other) = (id(left)?, id(right)?);
                Some((name, one, other))
            })
            .collect();
        let on_left: Vec<Id> = pairs.iter().map(|(_, one, _)| *one).collect();
        for (name, one, other) in pairs {
            match keeps_left {
                // A row on the left without a partner gives missing values, which do not settle it.
                true => self.facts.settle(&on_left, &[other]),
                false => self.facts.equate(one, other),
            }
            right.iter_mut().for_each(|relation| relation.merged.extend([name.clone()]));
        }
    }

    /// What a condition that holds of every row makes equal.
    pub(super) fn condition(&mut self, node: &Value, scope: &Scope<'_>) {
        self.expression(node, scope);
        for (left, right) in self.equalities(node, scope) {
            match (left, right) {
                ((_, Some(one)), (_, Some(other))) => self.facts.equate(one, other),
                ((_, Some(one)), (by, None)) | ((by, None), (_, Some(one))) => self.facts.settle(&by, &[one]),
                _ => {}
            }
        }
    }

    /// The condition of a `LEFT JOIN`: everything that it says of the left decides the columns it compares on the right.
    fn outer_condition(&mut self, node: &Value, scope: &Scope<'_>, right: &[Relation]) {
        let made = self.expression(node, scope);
        let is_right = |id: &Id| right.iter().any(|relation| relation.columns.iter().any(|(_, known)| known == id));
        let by: Vec<Id> = made.from.iter().copied().filter(|id| !is_right(id)).collect();
        for (left, right) in self.equalities(node, scope) {
            let compared: Vec<Id> = [left.1, right.1].into_iter().flatten().filter(is_right).collect();
            self.facts.settle(&by, &compared);
        }
    }

    /// The two sides of each equality that must hold: what each is made from, and its column if it is one.
    #[expect(clippy::type_complexity, reason = "two pairs, taken apart where they are used")]
    fn equalities(&mut self, node: &Value, scope: &Scope<'_>) -> Vec<((Vec<Id>, Option<Id>), (Vec<Id>, Option<Id>))> {
        match text(node, "type") {
            "CONJUNCTION_AND" => {
                list(node, "children").iter().flat_map(|child| self.equalities(child, scope)).collect()
            }
            "COMPARE_EQUAL" | "COMPARE_NOT_DISTINCT_FROM" => {
                // Both sides have been judged with the whole condition.
                let noted = self.pending.len();
                let [left, right] = [&node["left"], &node["right"]].map(|side| self.expression(side, scope));
                self.pending.truncate(noted);
                vec![((left.from, left.column), (right.from, right.column))]
            }
            _ => Vec::new(),
        }
    }

    /// A scope without groups and names of its own.
    pub(super) fn scope<'q>(
        &mut self,
        items: Vec<Relation>,
        outer: Vec<Relation>,
        names: &Rc<Names<'q>>,
        row: Id,
    ) -> Scope<'q> {
        Scope { items, outer, aliases: Vec::new(), row, group: None, names: Rc::clone(names) }
    }
}

/// A table under another name, its first columns too.
pub(super) fn renamed(mut relation: Relation, name: &str, columns: &[Value]) -> Relation {
    relation.name = name.to_lowercase();
    for (column, name) in relation.columns.iter_mut().zip(columns.iter().filter_map(Value::as_str)) {
        column.0 = name.to_lowercase();
    }
    relation.merged = BTreeSet::new();
    relation
}
