//! Expressions: what the value of one is made of, and which rows decide on it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::relation::{Column, Scope};
use super::{Base, How, Reader};

/// Functions that give one of the values of their first argument, as it is.
const PICKS: [&str; 16] = [
    "max",
    "min",
    "arg_max",
    "argmax",
    "max_by",
    "arg_min",
    "argmin",
    "min_by",
    "any_value",
    "arbitrary",
    "first",
    "last",
    "mode",
    "quantile_disc",
    "greatest",
    "least",
];
use crate::duck::tree::{arguments, list, span, text};

impl Reader<'_> {
    pub(super) fn expression(&mut self, node: &Value, scope: &Scope<'_>) -> Column {
        match text(node, "class") {
            "COLUMN_REF" => self.reference(node, scope),
            "CONSTANT" => {
                let literal = &node["literal"];
                let kind = text(literal, "kind");
                let said = (kind != "NULL_LITERAL").then(|| text(literal, "text").to_string());
                Column { literal: said, ..Column::default() }
            }
            "CAST" => {
                // A cast may round: what it gives need not be the value that it was given.
                let child = self.expression(&node["child"], scope);
                let places = span(node).into_iter().collect();
                Column { equal: self.derived(node, scope), literal: None, places, ..child }
            }
            "CASE" => self.case(node, scope),
            "WINDOW" => self.window(node, scope),
            "SUBQUERY" => self.subquery(node, scope),
            "LAMBDA" => self.lambda(node, scope),
            "FUNCTION" => self.function(node, scope),
            _ if text(node, "type") == "OPERATOR_COALESCE" => {
                let mut chosen = self.inside(node, scope);
                chosen.equal.clear();
                chosen
            }
            _ => self.inside(node, scope).computed(),
        }
    }

    pub(super) fn reference(&mut self, node: &Value, scope: &Scope<'_>) -> Column {
        let names: Vec<String> =
            list(node, "column_names").iter().filter_map(Value::as_str).map(str::to_lowercase).collect();
        match scope.find(&names) {
            Some((column, true)) => column.computed(),
            Some((column, false)) => column,
            None => {
                self.unknown.push(names.join("."));
                Column::default()
            }
        }
    }

    /// What all parts of a node are made of together.
    pub(super) fn inside(&mut self, node: &Value, scope: &Scope<'_>) -> Column {
        let mut whole = Column::default();
        match node {
            Value::Array(parts) => parts.iter().for_each(|part| whole.take(self.part(part, scope))),
            Value::Object(fields) => fields.values().for_each(|part| whole.take(self.part(part, scope))),
            _ => {}
        }
        whole
    }

    pub(super) fn part(&mut self, node: &Value, scope: &Scope<'_>) -> Column {
        if node.get("class").is_some_and(Value::is_string) {
            self.expression(node, scope)
        } else {
            self.inside(node, scope)
        }
    }

    pub(super) fn function(&mut self, node: &Value, scope: &Scope<'_>) -> Column {
        let mut whole = Column::default();
        let mut options = BTreeSet::new();
        let name = text(node, "function_name").to_lowercase();
        for (at, argument) in arguments(node).enumerate() {
            let given = self.expression(argument, scope);
            if PICKS.contains(&name.as_str()) && (at == 0 || matches!(name.as_str(), "greatest" | "least")) {
                options.extend(given.options.iter().cloned());
            }
            whole.take(given);
        }
        let mut whole = Column { options, ..whole.computed() };
        for decides in [&node["filter"], &node["order_bys"]] {
            let decides = self.part(decides, scope);
            whole.decided_by(decides);
        }
        whole.equal = self.derived(node, scope);
        whole
    }
    /// A choice among columns takes one over; any other calculates, also from what it asks for.
    pub(super) fn case(&mut self, node: &Value, scope: &Scope<'_>) -> Column {
        let branches = list(node, "case_checks").iter().map(|check| &check["then_expr"]).chain([&node["else_expr"]]);
        let mut whole = Column::default();
        let mut taken_over = true;
        for branch in branches.filter(|branch| branch.is_object()) {
            let branch = self.expression(branch, scope);
            taken_over &= branch.how == How::Copied || (branch.how == How::Constant && branch.literal.is_none());
            whole.take(branch);
        }
        let options = whole.options.clone();
        for check in list(node, "case_checks") {
            let asked = self.expression(&check["when_expr"], scope);
            if taken_over { whole.decided_by(asked) } else { whole.take(asked) }
        }
        if taken_over { whole } else { Column { options, ..whole.computed() } }
    }

    /// A window reads other rows too. A ranking has no argument: its value is made of what it orders by.
    pub(super) fn window(&mut self, node: &Value, scope: &Scope<'_>) -> Column {
        let mut whole = Column::default();
        for argument in arguments(node).chain(list(node, "children").iter()) {
            whole.take(self.expression(argument, scope));
        }
        let order = self.inside(&node["orders"], scope);
        if whole.values.is_empty() {
            whole.take(order)
        } else {
            whole.decided_by(order)
        }
        let parts = list(node, "partitions").iter().map(|part| self.expression(part, scope).equal);
        let partition: BTreeSet<Base> = parts.flatten().collect();
        for key in ["partitions", "arg_orders", "filter_expr", "start_expr", "end_expr", "offset_expr", "default_expr"]
        {
            let decides = self.part(&node[key], scope);
            whole.decided_by(decides);
        }
        if whole.values.is_empty() {
            // A count of rows is made of what makes the groups.
            whole.values = whole.rows.clone();
        }
        whole.wide = whole.values.iter().map(|base| (base.clone(), partition.clone())).collect();
        whole.computed()
    }

    pub(super) fn subquery(&mut self, node: &Value, scope: &Scope<'_>) -> Column {
        let relation = self.query(&node["subquery"]["node"], scope);
        if text(node, "subquery_type") == "SCALAR" {
            let mut value = relation.columns.into_iter().next().or(relation.wild).unwrap_or_default();
            value.rows.extend(relation.rows);
            value.places.clear();
            return value;
        }
        let mut asked = self.part(&node["child"], scope);
        asked.rows.extend(relation.columns.into_iter().flat_map(|column| column.values));
        asked.rows.extend(relation.rows);
        asked.computed()
    }

    pub(super) fn lambda(&mut self, node: &Value, scope: &Scope<'_>) -> Column {
        let mut inner = scope.clone();
        parameters(&node["lhs"], &mut inner.bound);
        self.expression(&node["expr"], &inner).computed()
    }
}
/// The names that a lambda gives its parameters.
fn parameters(node: &Value, names: &mut BTreeSet<String>) {
    match node {
        Value::Array(parts) => parts.iter().for_each(|part| parameters(part, names)),
        Value::Object(fields) => {
            if text(node, "class") == "COLUMN_REF" {
                names.extend(list(node, "column_names").iter().filter_map(Value::as_str).map(str::to_lowercase));
            }
            if text(node, "type") == "VALUE_CONSTANT" {
                names.extend(node["literal"]["text"].as_str().map(str::to_lowercase));
            }
            fields.values().for_each(|part| parameters(part, names));
        }
        _ => {}
    }
}
