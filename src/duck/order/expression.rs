//! Expressions: what a value is made from, and where it hangs on the order of rows.

use serde_json::Value;

use super::facts::{Id, Nature};
use super::{HazardKind, Scope, Walk, find, is_floating, place};
use crate::duck::functions::Gives;
use crate::duck::tree::{list, text};

/// What an expression is.
#[derive(Clone, Debug, Default)]
pub(super) struct Meaning {
    /// What it is made from: equal values of these give an equal value.
    pub from: Vec<Id>,
    /// What is known of its value.
    pub nature: Nature,
    /// The column that it is, if it is no more than one.
    pub column: Option<Id>,
    /// What a `row_number` is counted within.
    pub numbered_within: Option<Vec<Id>>,
    /// Whether it gives several rows for each.
    pub unnests: bool,
    /// Parts of the structs in its list of which no two rows have the same.
    pub keyed_by: Vec<&'static str>,
}

impl Meaning {
    fn joined(parts: impl IntoIterator<Item = Meaning>) -> Meaning {
        parts.into_iter().fold(Meaning::default(), |mut all, part| {
            all.from.extend(part.from);
            all.nature = all.nature.with(part.nature);
            all.unnests |= part.unnests;
            all
        })
    }

    /// The same made into a value that is no number.
    fn plain(mut self) -> Meaning {
        self.nature = Nature::default();
        self
    }
}

/// What an aggregate's answer hangs on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Aggregate {
    /// Nothing but the values.
    Sound,
    /// The first of the values.
    First,
    /// The order of the values.
    List,
    /// The first of the values that go with the least or greatest.
    Extreme,
    /// The first of the commonest.
    Mode,
    /// In its last digit, the order in which floating-point numbers are added.
    Sum,
    /// The order of the rows, in a way that no order mends.
    Approximate,
}

/// Every aggregate function of DuckDB, by what its answer hangs on.
fn aggregate_kind(name: &str) -> Option<Aggregate> {
    Some(match name {
        "first" | "last" | "any_value" | "arbitrary" => Aggregate::First,
        "list" | "array_agg" | "string_agg" | "group_concat" | "listagg" | "combine_aggr" | "variant_group_object" => {
            Aggregate::List
        }
        "arg_min" | "arg_max" | "argmin" | "argmax" | "min_by" | "max_by" | "arg_min_null" | "arg_max_null"
        | "arg_min_nulls_last" | "arg_max_nulls_last" => Aggregate::Extreme,
        "mode" => Aggregate::Mode,
        "sum" | "avg" | "mean" | "favg" | "fsum" | "kahan_sum" | "sumkahan" | "sum_no_overflow" | "product"
        | "stddev" | "stddev_pop" | "stddev_samp" | "variance" | "var_pop" | "var_samp" | "corr" | "covar_pop"
        | "covar_samp" | "sem" | "skewness" | "kurtosis" | "kurtosis_pop" | "regr_avgx" | "regr_avgy"
        | "regr_intercept" | "regr_r2" | "regr_slope" | "regr_sxx" | "regr_sxy" | "regr_syy" | "geomean"
        | "geometric_mean" => Aggregate::Sum,
        "approx_quantile" | "approx_top_k" | "reservoir_quantile" => Aggregate::Approximate,
        "count"
        | "count_star"
        | "count_if"
        | "countif"
        | "min"
        | "max"
        | "median"
        | "quantile"
        | "quantile_cont"
        | "quantile_disc"
        | "mad"
        | "bool_and"
        | "bool_or"
        | "bit_and"
        | "bit_or"
        | "bit_xor"
        | "bitstring_agg"
        | "histogram"
        | "histogram_exact"
        | "entropy"
        | "approx_count_distinct"
        | "regr_count"
        | "decimal_average"
        | "lttb" => Aggregate::Sound,
        _ => return None,
    })
}

/// Functions that put a list in order, so that the order in which it was made does not matter.
const SORTS: [&str; 6] =
    ["list_sort", "array_sort", "list_reverse_sort", "array_reverse_sort", "list_grade_up", "list_unique"];
/// Functions after which the last digit of a sum decides a whole step.
const ROUNDS: [&str; 9] = ["round", "floor", "ceil", "ceiling", "trunc", "round_even", "roundbankers", "even", "sign"];
/// Functions that make floating-point numbers of whatever they are given.
const FLOATING: [&str; 12] = ["/", "sqrt", "cbrt", "exp", "ln", "log", "log2", "log10", "pow", "power", "^", "**"];
/// Aggregates whose answer is a whole number whatever they are given.
const COUNTS: [&str; 6] = ["count", "count_star", "count_if", "countif", "approx_count_distinct", "regr_count"];

impl Walk<'_> {
    /// What an expression is; notes its hazards.
    pub(super) fn expression(&mut self, node: &Value, scope: &Scope<'_>) -> Meaning {
        match text(node, "class") {
            "COLUMN_REF" => self.reference(node, scope),
            "CONSTANT" => constant(node),
            "FUNCTION" => self.function(node, scope),
            "WINDOW" => self.window(node, scope),
            "SUBQUERY" => self.subquery(node, scope),
            "CAST" => self.cast(node, scope),
            "STAR" => Meaning { from: vec![scope.row], ..Meaning::default() },
            "COMPARISON" => self.comparison(node, scope),
            "BETWEEN" | "CONJUNCTION" => self.children(node, scope).plain(),
            "OPERATOR" => {
                let joined = self.children(node, scope);
                let kept = matches!(text(node, "type"), "OPERATOR_COALESCE" | "OPERATOR_TRY" | "GROUPING_FUNCTION");
                if kept { joined } else { joined.plain() }
            }
            "CASE" => self.case(node, scope),
            _ => self.children(node, scope),
        }
    }

    /// Numbers for the value of an expression, for use in an order: equal numbers are equal values. A tuple has one
    /// for each part.
    pub(super) fn values(&mut self, node: &Value, scope: &Scope<'_>) -> Vec<Id> {
        let arguments = || list(node, "arguments").iter().map(|argument| &argument["expression"]);
        match (text(node, "class"), text(node, "function_name")) {
            ("FUNCTION", "row" | "struct_pack") => arguments().flat_map(|part| self.values(part, scope)).collect(),
            ("FUNCTION", "-") if arguments().count() == 1 => {
                arguments().flat_map(|part| self.values(part, scope)).collect()
            }
            ("CAST", _) if matches!(text(&node["type_expr"], "type_name"), "VARCHAR" | "TEXT" | "DOUBLE") => {
                self.values(&node["child"], scope)
            }
            _ => {
                let meaning = self.expression(node, scope);
                vec![self.numbered(meaning)]
            }
        }
    }

    /// A number for a value.
    pub(super) fn numbered(&mut self, meaning: Meaning) -> Id {
        meaning.column.unwrap_or_else(|| {
            let id = self.facts.fresh(meaning.nature);
            self.facts.settle(&meaning.from, &[id]);
            id
        })
    }

    fn reference(&mut self, node: &Value, scope: &Scope<'_>) -> Meaning {
        let parts: Vec<String> =
            list(node, "column_names").iter().filter_map(Value::as_str).map(str::to_lowercase).collect();
        let alias = || scope.aliases.iter().find(|(name, _)| parts.first() == Some(name)).map(|(_, id)| (*id, 1));
        let own = scope.own(&parts).or_else(alias);
        let Some((column, named)) = own.or_else(|| find(&scope.outer, &parts)) else { return Meaning::default() };
        if own.is_none() {
            self.touched.push(column);
        }
        let id = if named < parts.len() { self.part(column, &parts[named..].join(".")) } else { column };
        Meaning { from: vec![id], nature: self.facts.nature(id), column: Some(id), ..Meaning::default() }
    }

    /// All that an expression holds, joined.
    fn children(&mut self, node: &Value, scope: &Scope<'_>) -> Meaning {
        let mut parts = Vec::new();
        inner(node, &mut parts);
        let meanings: Vec<Meaning> = parts.into_iter().map(|part| self.expression(part, scope)).collect();
        Meaning::joined(meanings)
    }

    fn case(&mut self, node: &Value, scope: &Scope<'_>) -> Meaning {
        let mut meaning = Meaning::default();
        for check in list(node, "case_checks") {
            let when = self.expression(&check["when_expr"], scope).plain();
            let then = self.expression(&check["then_expr"], scope);
            meaning = Meaning::joined([meaning, when, then]);
        }
        let otherwise = self.expression(&node["else_expr"], scope);
        Meaning::joined([meaning, otherwise])
    }

    fn cast(&mut self, node: &Value, scope: &Scope<'_>) -> Meaning {
        let child = self.expression(&node["child"], scope);
        let kind = text(&node["type_expr"], "type_name").to_uppercase();
        let floating = is_floating(&kind);
        let steps = kind.contains("INT") || kind == "DECIMAL" || kind == "NUMERIC";
        if steps && child.nature.summed {
            self.fault(HazardKind::Float, "a rounding", place(node));
        }
        let nature = Nature { floating, summed: floating && child.nature.summed };
        Meaning { nature, column: None, ..child }
    }

    fn comparison(&mut self, node: &Value, scope: &Scope<'_>) -> Meaning {
        let joined = self.children(node, scope);
        let equality = matches!(
            text(node, "type"),
            "COMPARE_EQUAL" | "COMPARE_NOTEQUAL" | "COMPARE_DISTINCT_FROM" | "COMPARE_NOT_DISTINCT_FROM"
        );
        if equality && joined.nature.summed {
            self.fault(HazardKind::Float, "an equality", place(node));
        }
        joined.plain()
    }

    fn subquery(&mut self, node: &Value, scope: &Scope<'_>) -> Meaning {
        let outer = [scope.items.as_slice(), scope.outer.as_slice()].concat();
        let before = std::mem::take(&mut self.touched);
        let found = self.query(&node["subquery"]["node"], &scope.names, &outer);
        let touched = std::mem::replace(&mut self.touched, before);
        let further = |id: &&Id| scope.outer.iter().any(|known| known.columns.iter().any(|(_, column)| column == *id));
        self.touched.extend(touched.iter().filter(further));
        let compared =
            if node["child"].is_object() { self.expression(&node["child"], scope) } else { Meaning::default() };
        let nature = match (text(node, "subquery_type"), found.columns.first()) {
            ("SCALAR", Some((_, id))) => self.facts.nature(*id),
            _ => Nature::default(),
        };
        Meaning { from: [touched, compared.from].concat(), nature, ..Meaning::default() }
    }

    fn function(&mut self, node: &Value, scope: &Scope<'_>) -> Meaning {
        let name = text(node, "function_name").to_lowercase();
        if let Some(kind) = aggregate_kind(&name) {
            return self.aggregate(node, &name, kind, scope);
        }
        if SORTS.contains(&name.as_str())
            && let Some(list) = list(node, "arguments").first().map(|argument| &argument["expression"])
            && aggregate_kind(text(list, "function_name")) == Some(Aggregate::List)
        {
            return self.aggregate(list, &name, Aggregate::Sound, scope);
        }
        let mut meaning = self.children(node, scope);
        match name.as_str() {
            "hash" => self.fault(HazardKind::Hash, "hash", place(node)),
            "unnest" | "generate_subscripts" => {
                let element = self.facts.fresh(Nature::default());
                let keyed_by = list(node, "arguments").first().map(keys_of_list).unwrap_or_default();
                meaning = Meaning { from: vec![element], unnests: true, keyed_by, ..meaning };
            }
            name if ROUNDS.contains(&name) => {
                if meaning.nature.summed {
                    self.fault(HazardKind::Float, "a rounding", place(node));
                }
                meaning.nature.summed = false;
            }
            name => {
                // The engine's own functions give floating-point numbers, alone or in structs.
                let own = || crate::duck::functions().any(|function| function.name == name);
                meaning.nature.floating |= FLOATING.contains(&name) || own();
            }
        }
        meaning
    }

    /// An aggregate over a group.
    fn aggregate(&mut self, node: &Value, name: &str, kind: Aggregate, scope: &Scope<'_>) -> Meaning {
        let arguments: Vec<&Value> = list(node, "arguments").iter().map(|argument| &argument["expression"]).collect();
        let meanings: Vec<Meaning> = arguments.iter().map(|argument| self.expression(argument, scope)).collect();
        if node["filter"].is_object() {
            self.expression(&node["filter"], scope);
        }
        let orders = list(&node["order_bys"], "orders");
        let mut given = [scope.given(), scope.group.clone().unwrap_or_default()].concat();
        given.extend(orders.iter().flat_map(|order| self.values(&order["expression"], scope)));
        let summed = self.judge(node, name, kind, &arguments, &meanings, given, scope);
        let joined = Meaning::joined(meanings);
        let counts = COUNTS.contains(&name);
        let floating = !counts && (kind == Aggregate::Sum && name != "sum" || joined.nature.floating);
        let nature = Nature { floating, summed: !counts && (summed || joined.nature.summed) };
        Meaning { from: vec![scope.row], nature, ..Meaning::default() }
    }

    /// Notes what an aggregate needs of the order of its rows. Says whether it is a floating sum in no given order.
    #[expect(clippy::too_many_arguments, reason = "an aggregate and a window function are judged alike")]
    fn judge(
        &mut self,
        node: &Value,
        name: &str,
        kind: Aggregate,
        arguments: &[&Value],
        meanings: &[Meaning],
        mut given: Vec<Id>,
        scope: &Scope<'_>,
    ) -> bool {
        let ordered = !list(&node["order_bys"], "orders").is_empty() || !list(node, "orders").is_empty();
        // Where a table is not wholly known, an order that seems to leave ties may leave none.
        let doubtful = ordered && scope.open();
        let value = meanings.first().map(|meaning| meaning.from.clone()).unwrap_or_default();
        let hazard = match kind {
            Aggregate::Sound => return false,
            Aggregate::Approximate => {
                self.fault(HazardKind::Approximate, name, place(node));
                return false;
            }
            Aggregate::Sum => {
                let rows: Vec<Id> = scope.items.iter().map(|relation| relation.row).collect();
                let floating = meanings.iter().any(|meaning| meaning.nature.floating);
                return floating && !doubtful && !self.facts.settles(&given, &rows);
            }
            Aggregate::First => HazardKind::First,
            Aggregate::List => HazardKind::List,
            Aggregate::Mode => HazardKind::Ties,
            Aggregate::Extreme => {
                if let Some(by) = arguments.get(1) {
                    let noted = self.pending.len();
                    given.extend(self.values(by, scope));
                    self.pending.truncate(noted);
                }
                HazardKind::Ties
            }
        };
        let doubtful = doubtful || kind == Aggregate::Extreme && scope.open();
        if !doubtful {
            self.need((hazard, name, ordered), place(node), &given, &value);
        }
        false
    }

    fn window(&mut self, node: &Value, scope: &Scope<'_>) -> Meaning {
        let name = text(node, "function_name").to_lowercase();
        let arguments: Vec<&Value> = list(node, "arguments").iter().map(|argument| &argument["expression"]).collect();
        let meanings: Vec<Meaning> = arguments.iter().map(|argument| self.expression(argument, scope)).collect();
        if node["filter"].is_object() {
            self.expression(&node["filter"], scope);
        }
        let within: Vec<Id> = list(node, "partitions").iter().flat_map(|part| self.values(part, scope)).collect();
        let orders = [list(node, "orders"), list(node, "arg_orders")].concat();
        let by: Vec<Id> = orders.iter().flat_map(|order| self.values(&order["expression"], scope)).collect();
        let given = [scope.given(), within.clone(), by.clone()].concat();
        let first = meanings.first().map(|meaning| meaning.from.clone()).unwrap_or_default();
        let joined = Meaning::joined(meanings.iter().cloned());
        let mut meaning = Meaning { from: vec![scope.row], nature: joined.nature, ..Meaning::default() };
        let hazard = (HazardKind::Window, name.as_str(), !by.is_empty());
        let doubtful = scope.open() && !by.is_empty();
        match text(node, "type") {
            "WINDOW_ROW_NUMBER" | "WINDOW_LAG" | "WINDOW_LEAD" | "WINDOW_NTILE" | "WINDOW_NTH_VALUE" if !doubtful => {
                self.need(hazard, place(node), &given, &[scope.row]);
            }
            "WINDOW_FIRST_VALUE" | "WINDOW_LAST_VALUE" if !doubtful => {
                self.need(hazard, place(node), &given, &first);
            }
            "WINDOW_RANK" | "WINDOW_RANK_DENSE" | "WINDOW_PERCENT_RANK" | "WINDOW_CUME_DIST" => {
                if by.iter().any(|id| self.facts.nature(*id).summed) {
                    self.fault(HazardKind::Float, "a rank", place(node));
                }
                meaning.nature = Nature::default();
            }
            "WINDOW_AGGREGATE" => {
                let rows = [text(node, "start"), text(node, "end")].iter().any(|end| end.ends_with("_ROWS"));
                if rows && !doubtful {
                    self.need(hazard, place(node), &given, &[scope.row]);
                }
                let kind = aggregate_kind(&name).unwrap_or(Aggregate::Sound);
                meaning.nature.summed |= self.judge(node, &name, kind, &arguments, &meanings, given, scope);
                meaning.nature.floating |= kind == Aggregate::Sum && name != "sum";
                if COUNTS.contains(&name.as_str()) {
                    meaning.nature = Nature::default();
                }
            }
            _ => {}
        }
        if text(node, "type") == "WINDOW_ROW_NUMBER" {
            meaning.nature = Nature::default();
            meaning.numbered_within = Some(within);
        }
        meaning
    }
}

/// The engine's own functions that give a list give one struct for each `id`, each pair of `id` and `other`, or, where
/// they give the probabilities of ranks, each `id` and `rank`.
fn keys_of_list(argument: &Value) -> Vec<&'static str> {
    let name = text(&argument["expression"], "function_name").to_lowercase();
    let fields = crate::duck::functions().find(|function| function.name == name).map(|function| &function.gives);
    let Some(Gives::List(fields)) = fields else { return Vec::new() };
    let has = |name: &str| fields.iter().any(|(field, _)| *field == name);
    let key = if has("probability") { ["id", "rank"] } else { ["id", "other"] };
    key.into_iter().filter(|part| has(part)).collect()
}

fn constant(node: &Value) -> Meaning {
    let floating = text(&node["literal"], "text").contains(['e', 'E']) && text(&node["literal"], "kind") == "NUMERIC";
    Meaning { nature: Nature { floating, summed: false }, ..Meaning::default() }
}

/// The expressions directly inside a node.
fn inner<'v>(node: &'v Value, found: &mut Vec<&'v Value>) {
    let parts: Vec<&Value> = match node {
        Value::Array(items) => items.iter().collect(),
        Value::Object(fields) => fields.values().collect(),
        _ => return,
    };
    for part in parts {
        if part["class"].is_string() { found.push(part) } else { inner(part, found) }
    }
}

/// Whether a function is an aggregate.
pub(in crate::duck) fn is_aggregate(name: &str) -> bool {
    aggregate_kind(&name.to_lowercase()).is_some()
}
