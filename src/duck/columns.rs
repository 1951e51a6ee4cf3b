//! Which columns of which tables each column of a query's result is computed from, from DuckDB's own parser.
//!
//! Pure: a parsed query and the columns of tables in, origins out. A table read twice is two *instances*, because a
//! row of the result is made of one row of each (the latest quarter and the one before it, say).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// More instances than this in one named query are no longer told apart where that query is read twice: their number
/// could double at each level.
const MOST_INSTANCES: usize = 64;
/// The most places kept for one column.
const MOST_PLACES: usize = 4;

/// A column of an instance of a table, by name; or, after an equals sign, an expression of its columns.
pub type Base = (usize, String);

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

/// How a value comes about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// The query says it itself.
    Constant,
    /// Taken over: renamed, cast, or chosen among columns.
    Copied,
    /// Calculated.
    Computed,
}

/// Where the values of one column of a result come from.
#[derive(Clone, Debug, PartialEq)]
pub struct Origin {
    /// The column.
    pub name: String,
    /// How its values come about.
    pub how: How,
    /// Columns that its values are computed from.
    pub values: BTreeSet<Base>,
    /// Of these, the ones that a window reads from more rows than the result's own, with the columns that make its
    /// partition.
    pub wide: BTreeMap<Base, BTreeSet<Base>>,
    /// Of these, the ones whose value may have been taken over as it is.
    pub options: BTreeSet<Base>,
    /// Columns that decide which rows count: filters, joins, groups.
    pub rows: BTreeSet<Base>,
    /// Columns, and expressions, that hold the very value of this column in each row that a row of the result is made of.
    pub equal: BTreeSet<Base>,
    /// Byte ranges of the expressions that give the value, one for each branch of a `UNION`.
    pub places: Vec<(usize, usize)>,
}

/// What a condition of the query holds a column to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Held {
    /// To another column.
    Column(Base),
    /// To a text or number that the query says.
    Literal(String),
}

/// What is known of a query's columns.
#[derive(Clone, Debug, Default)]
pub struct Origins {
    /// The columns of the result.
    pub columns: Vec<Origin>,
    /// Tables, by instance.
    pub instances: Vec<String>,
    /// Equalities that hold in the rows which a row of the result is made of.
    pub held: BTreeSet<(Base, Held)>,
    /// Names that could not be found in any table.
    pub unknown: Vec<String>,
}

/// The columns of a table, in order, or none if they are not known.
pub type ColumnsOf<'a> = &'a dyn Fn(&str) -> Option<Vec<String>>;

/// Reads the answer of `json_serialize_sql` for one `SELECT`, whose columns are named `outputs`.
pub(super) fn read(sql: &str, answer: &Value, outputs: &[String], columns_of: ColumnsOf<'_>) -> Origins {
    let mut reader = Reader { sql, columns_of, instances: Vec::new(), unknown: Vec::new() };
    let relation = reader.query(&answer["statements"][0]["node"], &Scope::default());
    let columns = outputs.iter().map(|name| {
        let Some(column) = relation.find(&name.to_lowercase()) else {
            reader.unknown.push(name.clone());
            return Column::default().origin(name, &relation.rows);
        };
        column.origin(name, &relation.rows)
    });
    let columns = columns.collect();
    Origins { columns, instances: reader.instances, held: relation.held, unknown: reader.unknown }
}

/// What an expression, or a column of a query, is made of.
#[derive(Clone, Debug)]
struct Column {
    name: String,
    how: How,
    values: BTreeSet<Base>,
    wide: BTreeMap<Base, BTreeSet<Base>>,
    options: BTreeSet<Base>,
    rows: BTreeSet<Base>,
    equal: BTreeSet<Base>,
    literal: Option<String>,
    places: Vec<(usize, usize)>,
}

impl Default for Column {
    fn default() -> Self {
        Column {
            name: String::new(),
            how: How::Constant,
            values: BTreeSet::new(),
            wide: BTreeMap::new(),
            options: BTreeSet::new(),
            rows: BTreeSet::new(),
            equal: BTreeSet::new(),
            literal: None,
            places: Vec::new(),
        }
    }
}

impl Column {
    fn base(instance: usize, name: &str) -> Column {
        let own = BTreeSet::from([(instance, name.to_string())]);
        Column {
            name: name.to_string(),
            how: How::Copied,
            values: own.clone(),
            options: own.clone(),
            equal: own,
            ..Column::default()
        }
    }

    fn named(mut self, name: &str) -> Column {
        self.name = name.to_string();
        self
    }

    fn origin(&self, name: &str, rows: &BTreeSet<Base>) -> Origin {
        Origin {
            name: name.to_string(),
            how: self.how,
            values: self.values.clone(),
            wide: self.wide.clone(),
            options: self.options.clone(),
            rows: self.rows.union(rows).cloned().collect(),
            equal: self.equal.clone(),
            places: self.places.clone(),
        }
    }

    /// Adds what another expression is made of to the values.
    fn take(&mut self, other: Column) {
        self.how = self.how.max(other.how);
        self.values.extend(other.values);
        for (base, partition) in other.wide {
            // Read by two windows, it is read from the rows of the wider one.
            let shared = self.wide.get(&base).map(|known| known.intersection(&partition).cloned().collect());
            self.wide.insert(base, shared.unwrap_or(partition));
        }
        self.rows.extend(other.rows);
        self.options.extend(other.options);
        self.literal = None;
        self.equal.clear();
    }

    /// Adds what another expression is made of to what decides on rows.
    fn decided_by(&mut self, other: Column) {
        self.rows.extend(other.values);
        self.rows.extend(other.rows);
    }

    /// The same column of another branch of a `UNION`, or of the other side of a full join: equal where it is used.
    fn or(&mut self, other: Column) {
        let equal = std::mem::take(&mut self.equal);
        let places = other.places.clone();
        self.take(Column { equal: BTreeSet::new(), ..other.clone() });
        self.equal = equal.into_iter().chain(other.equal).collect();
        self.places.extend(places);
        self.places.dedup();
        self.places.truncate(MOST_PLACES);
    }

    fn computed(mut self) -> Column {
        self.how = How::Computed;
        self.options.clear();
        self.equal.clear();
        self.literal = None;
        self
    }

    fn moved(&self, by: &BTreeMap<usize, usize>) -> Column {
        let move_all = |set: &BTreeSet<Base>| -> BTreeSet<Base> { set.iter().map(|base| moved(base, by)).collect() };
        Column {
            values: move_all(&self.values),
            wide: self.wide.iter().map(|(base, partition)| (moved(base, by), move_all(partition))).collect(),
            options: move_all(&self.options),
            rows: move_all(&self.rows),
            equal: move_all(&self.equal),
            ..self.clone()
        }
    }
}

fn moved((instance, name): &Base, by: &BTreeMap<usize, usize>) -> Base {
    (by.get(instance).copied().unwrap_or(*instance), name.clone())
}

/// The result of a query or of a part of one.
#[derive(Clone, Debug, Default)]
struct Relation {
    columns: Vec<Column>,
    /// Stands for columns whose names the parser cannot know, such as those of an unnested struct.
    wild: Option<Column>,
    rows: BTreeSet<Base>,
    held: BTreeSet<(Base, Held)>,
}

impl Relation {
    fn find(&self, name: &str) -> Option<Column> {
        let known = self.columns.iter().find(|column| column.name == name);
        known.or(self.wild.as_ref()).cloned()
    }

    fn renamed(mut self, names: &Value) -> Relation {
        for (at, name) in names.as_array().into_iter().flatten().enumerate() {
            let name = name.as_str().unwrap_or_default().to_lowercase();
            match self.columns.get_mut(at) {
                Some(column) => column.name = name,
                None => self.columns.extend(self.wild.clone().map(|wild| wild.named(&name))),
            }
        }
        self
    }

    fn instances(&self) -> BTreeSet<usize> {
        let columns = self.columns.iter().chain(&self.wild);
        let held = self.held.iter().flat_map(|(base, held)| {
            std::iter::once(base.0).chain(match held {
                Held::Column(other) => Some(other.0),
                Held::Literal(_) => None,
            })
        });
        columns
            .flat_map(|column| column.values.iter().chain(&column.rows).chain(&column.equal).map(|base| base.0))
            .chain(self.rows.iter().map(|base| base.0))
            .chain(held)
            .collect()
    }

    fn moved(&self, by: &BTreeMap<usize, usize>) -> Relation {
        let held = self.held.iter().map(|(base, held)| {
            let held = match held {
                Held::Column(other) => Held::Column(moved(other, by)),
                literal => literal.clone(),
            };
            (moved(base, by), held)
        });
        Relation {
            columns: self.columns.iter().map(|column| column.moved(by)).collect(),
            wild: self.wild.as_ref().map(|wild| wild.moved(by)),
            rows: self.rows.iter().map(|base| moved(base, by)).collect(),
            held: held.collect(),
        }
    }
}

/// What a `FROM` offers.
#[derive(Clone, Debug, Default)]
struct From {
    /// Tables by alias.
    tables: Vec<(String, Relation)>,
    /// Columns that `USING` has made one of two.
    merged: BTreeMap<String, Column>,
    rows: BTreeSet<Base>,
    held: BTreeSet<(Base, Held)>,
}

impl From {
    fn one(alias: &str, mut relation: Relation) -> From {
        let (rows, held) = (std::mem::take(&mut relation.rows), std::mem::take(&mut relation.held));
        From { tables: vec![(alias.to_lowercase(), relation)], rows, held, ..From::default() }
    }

    fn find(&self, name: &str) -> Option<Column> {
        let known = |relation: &Relation| relation.columns.iter().find(|column| column.name == name).cloned();
        let merged = self.merged.get(name).cloned();
        let plain = || self.tables.iter().find_map(|(_, relation)| known(relation));
        merged.or_else(plain).or_else(|| self.tables.iter().find_map(|(_, relation)| relation.wild.clone()))
    }

    fn find_in(&self, table: &str, name: &str) -> Option<Column> {
        self.tables.iter().find(|(alias, _)| alias == table)?.1.find(name)
    }

    /// What `*` stands for, or `table.*`.
    fn all(&self, table: &str) -> (Vec<Column>, Option<Column>) {
        let (mut columns, mut wild): (Vec<Column>, Option<Column>) = (Vec::new(), None);
        for (_, relation) in self.tables.iter().filter(|(alias, _)| table.is_empty() || alias == table) {
            for column in &relation.columns {
                match self.merged.get(&column.name).filter(|_| table.is_empty()) {
                    Some(_) if columns.iter().any(|known| known.name == column.name) => {}
                    Some(merged) => columns.push(merged.clone()),
                    None => columns.push(column.clone()),
                }
            }
            wild = wild.or_else(|| relation.wild.clone());
        }
        (columns, wild)
    }
}

/// What names stand for in a part of a query.
#[derive(Clone, Default)]
struct Scope<'a> {
    /// Named queries (`WITH`).
    named: BTreeMap<String, Relation>,
    from: From,
    /// Columns of the `SELECT` list so far, which later ones may name.
    aliases: Vec<Column>,
    /// Parameters of lambdas.
    bound: BTreeSet<String>,
    outer: Option<&'a Scope<'a>>,
}

impl<'a> Scope<'a> {
    fn inside(outer: &'a Scope<'a>) -> Scope<'a> {
        Scope { named: outer.named.clone(), bound: outer.bound.clone(), outer: Some(outer), ..Scope::default() }
    }

    /// The column that a name stands for, and whether more names follow, which are fields of it.
    fn find(&self, names: &[String]) -> Option<(Column, bool)> {
        let (first, rest) = names.split_first()?;
        if rest.is_empty() && self.bound.contains(first) {
            return Some((Column::default(), true));
        }
        let qualified = rest.first().and_then(|second| self.from.find_in(first, second));
        let alias = || self.aliases.iter().rev().find(|column| column.name == *first).cloned();
        let whole = || self.whole(first).filter(|_| rest.is_empty());
        qualified
            .map(|column| (column, rest.len() > 1))
            .or_else(|| self.known(first).or_else(alias).map(|column| (column, !rest.is_empty())))
            .or_else(|| self.from.find(first).map(|column| (column, !rest.is_empty())))
            .or_else(|| whole().map(|column| (column, true)))
            .or_else(|| self.bound.contains(first).then(|| (Column::default(), true)))
            .or_else(|| self.outer?.find(names))
    }

    /// A column that a table is known to have, before what its wild one may stand for.
    fn known(&self, name: &str) -> Option<Column> {
        let has = |relation: &Relation| relation.columns.iter().any(|column| column.name == name);
        let known = self.from.merged.contains_key(name) || self.from.tables.iter().any(|(_, one)| has(one));
        self.from.find(name).filter(|_| known)
    }

    /// A whole row, where a table's name stands for a value.
    fn whole(&self, table: &str) -> Option<Column> {
        let (_, relation) = self.from.tables.iter().find(|(alias, _)| alias == table)?;
        let mut row = Column::default();
        relation.columns.iter().chain(&relation.wild).for_each(|column| row.take(column.clone()));
        Some(row)
    }
}

struct Reader<'a> {
    sql: &'a str,
    columns_of: ColumnsOf<'a>,
    instances: Vec<String>,
    unknown: Vec<String>,
}

fn text<'v>(node: &'v Value, key: &str) -> &'v str {
    node[key].as_str().unwrap_or_default()
}

fn items<'v>(node: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    node[key].as_array().into_iter().flatten()
}

/// The arguments of a function, without their names.
fn arguments(node: &Value) -> impl Iterator<Item = &Value> {
    items(node, "arguments").map(|argument| argument.get("expression").unwrap_or(argument))
}

impl Reader<'_> {
    fn query(&mut self, node: &Value, outer: &Scope<'_>) -> Relation {
        let scope = self.defined(node, outer);
        match text(node, "type") {
            "SELECT_NODE" => self.select(node, scope),
            "SET_OPERATION_NODE" => self.set_operation(node, &scope),
            _ => Relation::default(),
        }
    }

    /// A scope with the queries that a node names (`WITH`).
    fn defined<'s>(&mut self, node: &Value, outer: &'s Scope<'s>) -> Scope<'s> {
        let mut scope = Scope::inside(outer);
        for definition in items(&node["cte_map"], "map") {
            let (body, aliases) = (&definition["value"]["query_node"], &definition["value"]["aliases"]);
            let relation = match text(body, "type") {
                "RECURSIVE_CTE_NODE" => self.recursive(body, aliases, &scope),
                _ => self.query(body, &scope).renamed(aliases),
            };
            scope.named.insert(text(definition, "key").to_lowercase(), relation);
        }
        scope
    }

    fn recursive(&mut self, node: &Value, aliases: &Value, outer: &Scope<'_>) -> Relation {
        let mut scope = self.defined(node, outer);
        let first = self.query(&node["left"], &scope).renamed(aliases);
        scope.named.insert(text(node, "cte_name").to_lowercase(), first.clone());
        let again = self.query(&node["right"], &scope);
        union(first, again, false)
    }

    fn set_operation(&mut self, node: &Value, scope: &Scope<'_>) -> Relation {
        let sides = [&node["left"], &node["right"]].into_iter().filter(|side| side.is_object());
        let branches: Vec<Relation> =
            items(node, "children").chain(sides).map(|branch| self.query(branch, scope)).collect();
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

    fn select(&mut self, node: &Value, mut scope: Scope<'_>) -> Relation {
        scope.from = self.from(&node["from_table"], &scope);
        let mut relation =
            Relation { rows: scope.from.rows.clone(), held: scope.from.held.clone(), ..Relation::default() };
        for item in items(node, "select_list") {
            self.item(item, &mut scope, &mut relation);
        }
        for condition in [&node["where_clause"], &node["having"], &node["qualify"]] {
            self.condition(condition, &scope, &mut relation.rows, &mut relation.held);
        }
        for group in items(node, "group_expressions") {
            let group = self.expression(group, &scope);
            relation.rows.extend(group.values);
        }
        for modifier in items(node, "modifiers").filter(|modifier| text(modifier, "type") != "ORDER_MODIFIER") {
            let chosen = self.inside(modifier, &scope);
            relation.rows.extend(chosen.values);
        }
        relation
    }

    /// One item of a `SELECT` list.
    fn item(&mut self, item: &Value, scope: &mut Scope<'_>, relation: &mut Relation) {
        if text(item, "type") == "STAR" {
            return self.star(item, scope, relation);
        }
        let alias = text(item, "alias").to_lowercase();
        let mut column = self.expression(item, scope);
        if column.places.is_empty() {
            column.places.extend(span(item));
        }
        let unnested = text(item, "function_name") == "unnest";
        let names = items(item, "column_names").filter_map(Value::as_str);
        let own = names.last().unwrap_or_default().to_lowercase();
        let column = column.named(if alias.is_empty() { &own } else { &alias });
        if unnested && (alias.is_empty() || arguments(item).nth(1).is_some()) {
            relation.wild = Some(column.clone());
        }
        scope.aliases.push(column.clone());
        relation.columns.push(column);
    }

    fn star(&mut self, item: &Value, scope: &mut Scope<'_>, relation: &mut Relation) {
        let (all, wild) = scope.from.all(&text(item, "relation_name").to_lowercase());
        let left_out: BTreeSet<String> = items(item, "exclude_list")
            .chain(items(item, "qualified_exclude_list"))
            .filter_map(|name| name.as_str().or_else(|| name["column"].as_str()))
            .map(str::to_lowercase)
            .collect();
        let listed = |key: &str, name: &str| {
            items(item, key).find(|one| text(one, "key").to_lowercase() == name).map(|one| one["value"].clone())
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

    fn from(&mut self, node: &Value, scope: &Scope<'_>) -> From {
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
    fn table(&mut self, name: &str, scope: &Scope<'_>) -> Relation {
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

    fn values(&mut self, node: &Value, scope: &Scope<'_>) -> Relation {
        let mut relation = Relation::default();
        for row in items(node, "values") {
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
    fn other_from(&mut self, node: &Value, scope: &Scope<'_>) -> From {
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

    fn join(&mut self, node: &Value, scope: &Scope<'_>) -> From {
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
        for name in items(node, "using_columns").filter_map(Value::as_str).map(str::to_lowercase) {
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
    fn condition(
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
            "CONJUNCTION_AND" => items(node, "children").for_each(|part| self.condition(part, scope, rows, held)),
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

    fn expression(&mut self, node: &Value, scope: &Scope<'_>) -> Column {
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

    fn reference(&mut self, node: &Value, scope: &Scope<'_>) -> Column {
        let names: Vec<String> = items(node, "column_names").filter_map(Value::as_str).map(str::to_lowercase).collect();
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
    fn inside(&mut self, node: &Value, scope: &Scope<'_>) -> Column {
        let mut whole = Column::default();
        match node {
            Value::Array(parts) => parts.iter().for_each(|part| whole.take(self.part(part, scope))),
            Value::Object(fields) => fields.values().for_each(|part| whole.take(self.part(part, scope))),
            _ => {}
        }
        whole
    }

    fn part(&mut self, node: &Value, scope: &Scope<'_>) -> Column {
        if node.get("class").is_some_and(Value::is_string) {
            self.expression(node, scope)
        } else {
            self.inside(node, scope)
        }
    }

    fn function(&mut self, node: &Value, scope: &Scope<'_>) -> Column {
        let mut whole = Column::default();
        for argument in arguments(node) {
            whole.take(self.expression(argument, scope));
        }
        let mut whole = whole.computed();
        for decides in [&node["filter"], &node["order_bys"]] {
            let decides = self.part(decides, scope);
            whole.decided_by(decides);
        }
        whole.equal = self.derived(node, scope);
        whole
    }

    /// An expression of the columns of one row, as an expression of a table's own columns: one for each instance that
    /// has them all.
    fn derived(&self, node: &Value, scope: &Scope<'_>) -> BTreeSet<Base> {
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
                    items(node, "column_names").filter_map(Value::as_str).map(str::to_lowercase).collect();
                let (column, field) = scope.find(&names)?;
                (!field).then_some((own_place(node)?, column.equal))
            })
            .collect();
        let Some(resolved) = resolved else { return BTreeSet::new() };
        let first = resolved.first().map(|(_, equal)| equal.clone()).unwrap_or_default();
        let instances: BTreeSet<usize> = first.into_iter().map(|(instance, _)| instance).collect();
        instances.into_iter().filter_map(|at| Some((at, rewritten(self.sql, (start, end), &resolved, at)?))).collect()
    }

    /// A choice among columns takes one over; any other calculates, also from what it asks for.
    fn case(&mut self, node: &Value, scope: &Scope<'_>) -> Column {
        let branches = items(node, "case_checks").map(|check| &check["then_expr"]).chain([&node["else_expr"]]);
        let mut whole = Column::default();
        let mut taken_over = true;
        for branch in branches.filter(|branch| branch.is_object()) {
            let branch = self.expression(branch, scope);
            taken_over &= branch.how == How::Copied || (branch.how == How::Constant && branch.literal.is_none());
            whole.take(branch);
        }
        let options = whole.options.clone();
        for check in items(node, "case_checks") {
            let asked = self.expression(&check["when_expr"], scope);
            if taken_over { whole.decided_by(asked) } else { whole.take(asked) }
        }
        if taken_over { whole } else { Column { options, ..whole.computed() } }
    }

    /// A window reads other rows too. A ranking has no argument: its value is made of what it orders by.
    fn window(&mut self, node: &Value, scope: &Scope<'_>) -> Column {
        let mut whole = Column::default();
        for argument in arguments(node).chain(items(node, "children")) {
            whole.take(self.expression(argument, scope));
        }
        let order = self.inside(&node["orders"], scope);
        if whole.values.is_empty() {
            whole.take(order)
        } else {
            whole.decided_by(order)
        }
        let parts = items(node, "partitions").map(|part| self.expression(part, scope).equal);
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

    fn subquery(&mut self, node: &Value, scope: &Scope<'_>) -> Column {
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

    fn lambda(&mut self, node: &Value, scope: &Scope<'_>) -> Column {
        let mut inner = scope.clone();
        parameters(&node["lhs"], &mut inner.bound);
        self.expression(&node["expr"], &inner).computed()
    }
}

/// Where a node says that it stands.
fn own_place(node: &Value) -> Option<(usize, usize)> {
    let number = |key: &str| node[key].as_u64().and_then(|at| usize::try_from(at).ok());
    let (start, length) = (number("query_location")?, number("query_location_length")?);
    Some((start, start.checked_add(length)?)).filter(|_| length > 0)
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

/// A column, or an expression, in SQL.
pub(super) fn term(name: &str) -> String {
    name.strip_prefix('=').map_or_else(|| super::quoted(name), |expression| format!("({expression})"))
}

/// The names that a lambda gives its parameters.
fn parameters(node: &Value, names: &mut BTreeSet<String>) {
    match node {
        Value::Array(parts) => parts.iter().for_each(|part| parameters(part, names)),
        Value::Object(fields) => {
            if text(node, "class") == "COLUMN_REF" {
                names.extend(items(node, "column_names").filter_map(Value::as_str).map(str::to_lowercase));
            }
            if text(node, "type") == "VALUE_CONSTANT" {
                names.extend(node["literal"]["text"].as_str().map(str::to_lowercase));
            }
            fields.values().for_each(|part| parameters(part, names));
        }
        _ => {}
    }
}

/// Two columns are held equal where both are some table's own.
fn hold(one: &Column, other: &Column, held: &mut BTreeSet<(Base, Held)>) {
    if let (Some(left), Some(_)) = (one.equal.first(), other.equal.first()) {
        let all = one.equal.iter().skip(1).chain(&other.equal);
        held.extend(all.map(|right| (left.clone(), Held::Column(right.clone()))));
    }
}

fn hold_literal(column: &Column, literal: &Column, held: &mut BTreeSet<(Base, Held)>) {
    if let Some(literal) = literal.literal.as_ref().filter(|_| literal.how == How::Constant) {
        held.extend(column.equal.iter().map(|base| (base.clone(), Held::Literal(literal.clone()))));
    }
}

/// Two branches as one: columns by name, or by position.
fn union(mut whole: Relation, branch: Relation, by_name: bool) -> Relation {
    let mut rest = Vec::new();
    for (at, column) in branch.columns.into_iter().enumerate() {
        let known = if by_name {
            whole.columns.iter_mut().find(|known| known.name == column.name)
        } else {
            whole.columns.get_mut(at)
        };
        match known {
            Some(known) => known.or(column),
            None => rest.push(column),
        }
    }
    if by_name || whole.wild.is_some() {
        whole.columns.extend(rest);
    }
    match (&mut whole.wild, branch.wild) {
        (Some(wild), Some(other)) => wild.or(other),
        (wild, other) => *wild = wild.take().or(other),
    }
    whole.rows.extend(branch.rows);
    whole.held.extend(branch.held);
    whole
}

/// The bytes that an expression covers: an operator's own place is only its sign.
fn span(node: &Value) -> Option<(usize, usize)> {
    let mut found: Option<(usize, usize)> = None;
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        match node {
            Value::Array(parts) => open.extend(parts),
            Value::Object(fields) => {
                let number =
                    |key: &str| fields.get(key).and_then(Value::as_u64).and_then(|at| usize::try_from(at).ok());
                if let Some(start) = number("query_location").filter(|start| *start < usize::MAX) {
                    let end = start.saturating_add(number("query_location_length").unwrap_or(0));
                    let (first, last) = found.unwrap_or((start, end));
                    found = Some((first.min(start), last.max(end)));
                }
                open.extend(fields.values());
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::duck::{Session, literal};

    /// The origins of a query's columns, where `t` has `a`, `b`, `k`, and `u` has `k`, `c`.
    fn origins(sql: &str, outputs: &[&str]) -> Origins {
        let columns_of = |table: &str| {
            let names: &[&str] = match table {
                "t" => &["a", "b", "k"],
                "u" => &["k", "c"],
                _ => return None,
            };
            Some(names.iter().map(|name| (*name).to_string()).collect())
        };
        let outputs: Vec<String> = outputs.iter().map(|name| (*name).to_string()).collect();
        Session::open().unwrap().origins(sql, &outputs, &columns_of).unwrap()
    }

    fn shown(origins: &Origins, bases: &BTreeSet<Base>) -> String {
        let names: Vec<String> =
            bases.iter().map(|(at, column)| format!("{}{at}.{column}", origins.instances[*at])).collect();
        names.join(" ")
    }

    /// `how: values | equal` of each column.
    #[track_caller]
    fn expect(sql: &str, wanted: &[(&str, &str)]) {
        let names: Vec<&str> = wanted.iter().map(|(name, _)| *name).collect();
        let found = origins(sql, &names);
        assert_eq!(found.unknown, [""; 0], "{sql}");
        for (column, (name, words)) in found.columns.iter().zip(wanted) {
            let seen =
                format!("{:?}: {} | {}", column.how, shown(&found, &column.values), shown(&found, &column.equal));
            assert_eq!(seen, *words, "{name} of {sql}");
        }
    }

    #[test]
    fn names_are_followed_through_named_queries_aliases_and_stars() {
        expect(
            "SELECT a AS x, t.b, 'w' AS w FROM t",
            &[("x", "Copied: t0.a | t0.a"), ("b", "Copied: t0.b | t0.b"), ("w", "Constant:  | ")],
        );
        expect(
            "WITH q(x, y) AS (SELECT a, a + b FROM t) SELECT *, y * 2 AS z, z + 1 AS more FROM q AS r",
            &[
                ("x", "Copied: t1.a | t1.a"),
                ("y", "Computed: t1.a t1.b | "),
                ("z", "Computed: t1.a t1.b | "),
                ("more", "Computed: t1.a t1.b | "),
            ],
        );
        expect(
            "SELECT * EXCLUDE (a) REPLACE (b + 1 AS b), COLUMNS('^a') FROM t",
            &[("b", "Computed: t0.b | "), ("k", "Copied: t0.k | t0.k"), ("a", "Copied: t0.a | t0.a")],
        );
        expect("SELECT X.A FROM (SELECT R.* FROM t AS r) AS x", &[("a", "Copied: t0.a | t0.a")][..0]);
    }

    #[test]
    fn a_table_read_twice_is_two_instances() {
        expect(
            "WITH q AS (SELECT * FROM t) SELECT p.a AS one, q.a AS two FROM q JOIN q AS p ON p.k = q.b",
            &[("one", "Copied: t2.a | t2.a"), ("two", "Copied: t1.a | t1.a")],
        );
    }

    #[test]
    fn joins_unions_and_choices() {
        expect(
            "SELECT k, a, c FROM t LEFT JOIN u USING (k)",
            &[("k", "Copied: t0.k | t0.k"), ("a", "Copied: t0.a | t0.a"), ("c", "Copied: u1.c | u1.c")],
        );
        expect("SELECT * FROM t FULL JOIN u USING (k)", &[("k", "Copied: t0.k u1.k | t0.k u1.k")]);
        expect("SELECT a AS x FROM t UNION ALL SELECT c FROM u", &[("x", "Copied: t0.a u1.c | t0.a u1.c")]);
        expect(
            "SELECT a, b FROM t UNION ALL BY NAME SELECT c AS b, k AS a FROM u",
            &[("a", "Copied: t0.a u1.k | t0.a u1.k"), ("b", "Copied: t0.b u1.c | t0.b u1.c")],
        );
        expect(
            "SELECT coalesce(a, c) AS x, CASE WHEN b > 0 THEN a END AS y, CASE WHEN b > 0 THEN 1 END AS z FROM t JOIN u USING (k)",
            &[("x", "Copied: t0.a u1.c | "), ("y", "Copied: t0.a | "), ("z", "Computed: t0.b | ")],
        );
        expect("SELECT a FROM t EXCEPT SELECT c FROM u", &[("a", "Copied: t0.a | t0.a")]);
        expect("SELECT a FROM t SEMI JOIN u ON u.c = t.b", &[("a", "Copied: t0.a | t0.a")]);
    }

    #[test]
    fn functions_windows_and_tables_made_by_functions() {
        expect(
            "SELECT k, sum(a) FILTER (b > 0) AS s FROM t GROUP BY k",
            &[("k", "Copied: t0.k | t0.k"), ("s", "Computed: t0.a | ")],
        );
        let sql = "SELECT rank() OVER (PARTITION BY k ORDER BY a) AS r, count(b) OVER () AS n FROM t";
        expect(sql, &[("r", "Computed: t0.a | "), ("n", "Computed: t0.b | ")]);
        let wide = &origins(sql, &["r"]).columns[0].wide;
        assert_eq!(*wide, BTreeMap::from([((0, "a".to_string()), BTreeSet::from([(0, "k".to_string())]))]));
        expect(
            "WITH q AS (SELECT list(a) AS l, list(k) AS m FROM t), w AS (SELECT unnest(f(l, m), recursive := true) FROM q) SELECT *, w.low + 1 AS next FROM w",
            &[("low", "Computed: t2.a t2.k | "), ("next", "Computed: t2.a t2.k | ")],
        );
        expect(
            "SELECT x.v AS v, list_transform([a], lambda e: e + b) AS l FROM t, unnest([a]) AS x(v)",
            &[("v", "Computed: t0.a | "), ("l", "Computed: t0.a t0.b | ")],
        );
        expect(
            "SELECT (SELECT max(c) FROM u WHERE u.k = t.k) AS m, b IN (SELECT c FROM u) AS i FROM t",
            &[("m", "Computed: u1.c | "), ("i", "Computed: t0.b | ")],
        );
        let sql = "WITH RECURSIVE r(n) AS (SELECT a FROM t UNION ALL SELECT n + 1 FROM r WHERE n < 9) SELECT n FROM r";
        let found = origins(sql, &["n"]);
        assert_eq!((found.columns[0].how, found.unknown.len()), (How::Computed, 0));
        expect("SELECT v, w FROM (VALUES (1, 'x')) AS l(v, w)", &[("v", "Constant:  | "), ("w", "Constant:  | ")]);
    }

    #[test]
    fn an_expression_of_one_row_is_as_good_as_a_column_to_find_rows_by() {
        expect(
            "WITH q AS (SELECT trim(a) AS x FROM t) SELECT substr(x, 2) AS y, CAST(q.x AS DATE) AS z FROM q",
            &[
                ("y", r#"Computed: t1.a | t1.=substr((trim("a")), 2)"#),
                ("z", r#"Computed: t1.a | t1.=CAST((trim("a")) AS DATE)"#),
            ],
        );
        let found =
            origins("SELECT c FROM u JOIN (SELECT substr(a, 2) AS s FROM t) AS q ON q.s = u.k WHERE b = 'x'", &["c"]);
        let held = ((1, "=substr(\"a\", 2)".to_string()), Held::Column((0, "k".to_string())));
        assert!(found.held.contains(&held), "{:?}", found.held);
        assert_eq!(found.unknown, ["b"], "a name that no table has is told");
    }

    #[test]
    fn equalities_hold_only_where_every_row_keeps_them() {
        let held = |sql: &str| origins(sql, &["a"]).held.into_iter().collect::<Vec<_>>();
        assert_eq!(held("SELECT a FROM t WHERE b = 'x' AND k > 1"), [((0, "b".into()), Held::Literal("x".into()))]);
        assert!(held("SELECT a FROM t WHERE b = 'x' OR k = 'y'").is_empty());
        assert!(held("SELECT a FROM t ANTI JOIN u USING (k)").is_empty());
        assert_eq!(held("SELECT a FROM t JOIN u USING (k)"), [((0, "k".into()), Held::Column((1, "k".into())))]);
    }

    #[test]
    fn the_place_is_that_of_the_expression_that_gives_the_value() {
        let sql = "WITH q AS (SELECT (a + b) * 2 AS x FROM t) SELECT x AS y FROM q UNION ALL SELECT c FROM u";
        let places = origins(sql, &["y"]).columns[0].places.clone();
        let words: Vec<&str> = places.iter().map(|(from, to)| &sql[*from..*to]).collect();
        assert!(words[0].contains("a + b") && !words[0].contains(" AS "), "{words:?}");
        assert_eq!(words[1..], ["c"]);
    }

    #[test]
    fn a_query_that_doubles_at_each_level_is_still_read() {
        let mut sql = "WITH q0 AS (SELECT a FROM t)".to_string();
        for level in 1..40 {
            sql +=
                &format!(", q{level} AS (SELECT x.a FROM q{} AS x JOIN q{} AS y ON x.a = y.a)", level - 1, level - 1);
        }
        let found = origins(&format!("{sql} SELECT a FROM q39"), &["a"]);
        assert!(found.unknown.is_empty() && found.instances.len() < 20_000, "{}", found.instances.len());
        assert_eq!(found.columns[0].how, How::Copied);
    }

    #[test]
    fn a_quote_in_a_name_stays_a_name() {
        assert_eq!((term("a\"b"), literal("x'y")), ("\"a\"\"b\"".to_string(), "'x''y'".to_string()));
    }
}
