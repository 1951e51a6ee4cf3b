//! `SELECT`: groups, results, `DISTINCT`, order and limit.

use std::rc::Rc;

use serde_json::Value;

use super::facts::{Id, Nature};
use super::{DEEPEST, HazardKind, MOST_SELECTS, Names, Ordered, Relation, Scope, Walk, place};
use crate::duck::lineage::strip_places;
use crate::duck::tree::{list, text};

impl Walk<'_> {
    /// The result of a query, as a table without a name.
    pub(super) fn query<'q>(&mut self, node: &'q Value, names: &Rc<Names<'q>>, outer: &[Relation]) -> Relation {
        self.selects += 1;
        self.order = None;
        if self.selects > MOST_SELECTS || self.depth >= DEEPEST {
            return self.unknown("");
        }
        self.depth += 1;
        let noted = self.pending.len();
        let names = with_definitions(node, names);
        let found = match text(node, "type") {
            "SELECT_NODE" => self.select(node, &names, outer),
            "SET_OPERATION_NODE" => self.set_operation(node, &names, outer),
            _ => self.unknown(""),
        };
        self.depth -= 1;
        // The whole query waits for its grain, which is stated last.
        if self.depth > 0 {
            self.judge_now(noted);
        }
        found
    }

    fn select<'q>(&mut self, node: &'q Value, names: &Rc<Names<'q>>, outer: &[Relation]) -> Relation {
        let noted = self.pending.len();
        let items = self.from(&node["from_table"], names, outer);
        let row = self.facts.fresh(Nature::default());
        let rows: Vec<Id> = items.iter().map(|relation| relation.row).collect();
        self.facts.settle(&rows, &[row]);
        self.facts.settle(&[row], &rows);
        let mut scope = self.scope(items, outer.to_vec(), names, row);
        if node["where_clause"].is_object() {
            self.condition(&node["where_clause"], &scope);
        }
        let grouped = self.group(node, &mut scope);
        let (columns, row, open) = self.results(node, &scope, &grouped);
        scope.aliases = columns.clone();
        if node["having"].is_object() {
            self.expression(&node["having"], &scope);
        }
        if node["qualify"].is_object() {
            self.qualify(&node["qualify"], &scope, noted);
        }
        let result = self.relation("", columns, row, open);
        self.modifiers(node, &scope, result, noted)
    }

    /// Groups the scope's rows, if the query does. Returns what each written group expression is.
    fn group(&mut self, node: &Value, scope: &mut Scope<'_>) -> Vec<(Value, Id)> {
        let results = list(node, "select_list");
        let all = text(node, "aggregate_handling") == "FORCE_AGGREGATES";
        let written: Vec<&Value> = match all {
            true => results.iter().filter(|result| !aggregates(result)).collect(),
            false => list(node, "group_expressions").iter().map(|group| meant(group, results, scope)).collect(),
        };
        if written.is_empty() && !all && !results.iter().chain([&node["having"]]).any(aggregates) {
            return Vec::new();
        }
        // What these hold is judged where they are results.
        let noted = self.pending.len();
        let groups: Vec<(Value, Id)> = written
            .into_iter()
            .map(|group| {
                let meaning = self.expression(group, scope);
                (bare(group), self.numbered(meaning))
            })
            .collect();
        self.pending.truncate(noted);
        let ids: Vec<Id> = groups.iter().map(|(_, id)| *id).collect();
        scope.row = self.facts.fresh(Nature::default());
        self.facts.settle(&ids, &[scope.row]);
        self.facts.settle(&[scope.row], &ids);
        scope.group = Some(ids);
        groups
    }

    /// The results by name, the row they make, and whether there may be more.
    fn results(&mut self, node: &Value, scope: &Scope<'_>, grouped: &[(Value, Id)]) -> (Vec<(String, Id)>, Id, bool) {
        let mut seen = scope.clone();
        let (mut columns, mut row, mut open) = (Vec::new(), scope.row, false);
        for result in list(node, "select_list") {
            if text(result, "class") == "STAR" {
                open |= scope.open() || result["columns"] == Value::Bool(true);
                columns.extend(self.star(result, &seen));
                continue;
            }
            let mut meaning = self.expression(result, &seen);
            let (within, unnests, keyed_by) =
                (meaning.numbered_within.clone(), meaning.unnests, std::mem::take(&mut meaning.keyed_by));
            let written = bare(result);
            let known = grouped.iter().find(|(group, _)| *group == written).map(|(_, id)| *id);
            let id = known.unwrap_or_else(|| self.numbered(meaning));
            if let Some(within) = within {
                self.facts.settle(&[within, vec![id]].concat(), &[scope.row]);
            }
            if unnests && row == scope.row {
                // Each row becomes several.
                row = self.facts.fresh(Nature::default());
                self.facts.settle(&[row], &[scope.row]);
                if keyed_by.contains(&"id") {
                    let key: Vec<Id> = keyed_by.iter().map(|part| self.part(id, part)).collect();
                    self.facts.settle(&[key, vec![scope.row]].concat(), &[row]);
                }
            } else if !unnests {
                self.facts.settle(&[scope.row], &[id]);
            }
            let name = result_name(result);
            seen.aliases.push((name.clone(), id));
            columns.push((name, id));
        }
        (columns, row, open)
    }

    /// The columns that `*` stands for.
    fn star(&mut self, star: &Value, scope: &Scope<'_>) -> Vec<(String, Id)> {
        let of = text(star, "relation_name").to_lowercase();
        let left_out: Vec<String> = list(star, "exclude_list")
            .iter()
            .filter_map(|name| name.as_str().or_else(|| name["column"].as_str()))
            .map(|name| name.to_lowercase())
            .collect();
        let mut columns = Vec::new();
        for relation in scope.items.iter().filter(|relation| of.is_empty() || relation.name == of) {
            for (name, id) in &relation.columns {
                let again = of.is_empty() && relation.merged.contains(name);
                if !again && !left_out.contains(name) {
                    columns.push((name.clone(), *id));
                }
            }
        }
        for replacement in list(star, "replace_list") {
            let meaning = self.expression(&replacement["value"], scope);
            let id = self.numbered(meaning);
            let name = text(replacement, "key").to_lowercase();
            columns.iter_mut().filter(|column| column.0 == name).for_each(|column| column.1 = id);
        }
        columns
    }

    /// `QUALIFY row_number() OVER (PARTITION BY a …) = 1` leaves one row for each a.
    fn qualify(&mut self, node: &Value, scope: &Scope<'_>, noted: usize) {
        self.expression(node, scope);
        self.judge_now(noted);
        if text(node, "type") == "COMPARE_EQUAL" && text(&node["right"], "class") == "CONSTANT" {
            let noted = self.pending.len();
            let left = self.expression(&node["left"], scope);
            self.pending.truncate(noted);
            if let Some(within) = left.numbered_within {
                self.facts.settle(&within, &[scope.row]);
            }
        }
    }

    fn set_operation<'q>(&mut self, node: &'q Value, names: &Rc<Names<'q>>, outer: &[Relation]) -> Relation {
        let parts: Vec<Relation> = list(node, "children").iter().map(|part| self.query(part, names, outer)).collect();
        let open = parts.iter().any(|part| part.open);
        let Some(first) = parts.first() else { return self.unknown("") };
        let columns: Vec<(String, Id)> = first
            .columns
            .iter()
            .enumerate()
            .map(|(at, (name, _))| {
                let natures = parts.iter().filter_map(|part| part.columns.get(at));
                let nature = natures.fold(Nature::default(), |all, (_, id)| all.with(self.facts.nature(*id)));
                (name.clone(), self.facts.fresh(nature))
            })
            .collect();
        let row = self.facts.fresh(Nature::default());
        let result = self.relation("", columns, row, open);
        let mut scope = self.scope(vec![result.clone()], outer.to_vec(), names, row);
        scope.aliases.clone_from(&result.columns);
        let noted = self.pending.len();
        self.modifiers(node, &scope, result, noted)
    }

    /// `DISTINCT`, `ORDER BY` and `LIMIT`.
    fn modifiers(&mut self, node: &Value, scope: &Scope<'_>, mut result: Relation, noted: usize) -> Relation {
        let modifiers = list(node, "modifiers");
        let of_type = |wanted: &str| modifiers.iter().find(|modifier| text(modifier, "type").starts_with(wanted));
        let order = of_type("ORDER").map(|order| self.ordered(order, scope, &result));
        let by = order.as_ref().map(|order| order.by.clone()).unwrap_or_default();
        let given = [scope.given(), by].concat();
        if let Some(distinct) = of_type("DISTINCT") {
            result = self.distinct(distinct, scope, result, (&given, order.is_some()), noted);
        }
        if let Some(limit) = of_type("LIMIT")
            && !(result.open && order.is_some())
        {
            let hazard = (HazardKind::Limit, "LIMIT", order.is_some());
            self.need(hazard, place(&limit["limit"]).or_else(|| place(&limit["offset"])), &given, &[result.row]);
        } else {
            self.order = order;
        }
        result
    }

    /// `DISTINCT`, and `DISTINCT ON` by the order given. Places from `noted` on saw the rows before it.
    fn distinct(
        &mut self,
        node: &Value,
        scope: &Scope<'_>,
        result: Relation,
        (given, ordered): (&[Id], bool),
        noted: usize,
    ) -> Relation {
        let targets = list(node, "distinct_on_targets");
        let columns: Vec<Id> = result.columns.iter().map(|(_, id)| *id).collect();
        let on: Vec<Id> = targets.iter().flat_map(|target| self.values(target, scope)).collect();
        if let Some(first) = targets.first().filter(|_| !(result.open && ordered)) {
            let hazard = (HazardKind::DistinctOn, "DISTINCT ON", ordered);
            self.need(hazard, place(first), &[given, &on].concat(), &columns);
            self.judge_now(noted);
        }
        let row = self.facts.fresh(Nature::default());
        self.facts.settle(&[result.row], &[row]);
        if !on.is_empty() {
            self.facts.settle(&on, &[row]);
        }
        self.relation("", result.columns, row, result.open)
    }

    fn ordered(&mut self, node: &Value, scope: &Scope<'_>, result: &Relation) -> Ordered {
        let mut order = Ordered { place: None, by: Vec::new() };
        for one in list(node, "orders") {
            let expression = &one["expression"];
            order.place = place(expression).or(order.place);
            let named = result.columns.iter().find(|(name, _)| list(expression, "column_names") == [name.as_str()]);
            let by = match (text(expression, "class"), position(expression)) {
                ("STAR", _) => result.columns.iter().map(|(_, id)| *id).collect(),
                (_, Some(at)) => result.columns.get(at).map(|(_, id)| *id).into_iter().collect(),
                _ => named.map_or_else(|| self.values(expression, scope), |(_, id)| vec![*id]),
            };
            order.by.extend(by);
        }
        order
    }
}

/// The queries that a query can read by name: those seen so far, and its own.
fn with_definitions<'q>(node: &'q Value, names: &Rc<Names<'q>>) -> Rc<Names<'q>> {
    let mut seen = Rc::clone(names);
    for definition in list(&node["cte_map"], "map") {
        let name = text(definition, "key").to_lowercase();
        let value = &definition["value"];
        let recursive = text(&value["query_node"], "type").contains("RECURSIVE");
        let mut next = Names::clone(&seen);
        next.0.insert(name, (!recursive).then(|| (value, Rc::clone(&seen))));
        seen = Rc::new(next);
    }
    seen
}

/// The position that a constant in `ORDER BY` or `GROUP BY` means, from 0.
fn position(expression: &Value) -> Option<usize> {
    let literal = &expression["literal"];
    if text(literal, "kind") != "INTEGER" {
        return None;
    }
    text(literal, "text").parse::<usize>().ok()?.checked_sub(1)
}

/// What a group expression means: a result by its position or name, or itself.
fn meant<'v>(group: &'v Value, results: &'v [Value], scope: &Scope<'_>) -> &'v Value {
    if let Some(result) = position(group).and_then(|at| results.get(at)) {
        return result;
    }
    let names: Vec<String> =
        list(group, "column_names").iter().filter_map(Value::as_str).map(str::to_lowercase).collect();
    match &names[..] {
        [name] if scope.own(&names).is_none() => {
            results.iter().find(|result| text(result, "alias").to_lowercase() == *name).unwrap_or(group)
        }
        _ => group,
    }
}

/// The name of a result.
fn result_name(result: &Value) -> String {
    let alias = text(result, "alias");
    let column = list(result, "column_names").last().and_then(Value::as_str).unwrap_or_default();
    let name = if alias.is_empty() { column } else { alias };
    if name.is_empty() { text(result, "function_name").to_lowercase() } else { name.to_lowercase() }
}

/// An expression without places and its own name.
fn bare(expression: &Value) -> Value {
    let mut bare = expression.clone();
    strip_places(&mut bare);
    if let Some(fields) = bare.as_object_mut() {
        fields.remove("alias");
    }
    bare
}

/// Whether an expression holds an aggregate of its own query.
fn aggregates(node: &Value) -> bool {
    match node {
        Value::Array(items) => items.iter().any(aggregates),
        Value::Object(fields) => match text(node, "class") {
            "SUBQUERY" => aggregates(&node["child"]),
            "FUNCTION" if super::expression::is_aggregate(text(node, "function_name")) => true,
            // The function of a window is no aggregate of the query, but what it is given may hold one.
            _ => fields.values().any(aggregates),
        },
        _ => false,
    }
}
