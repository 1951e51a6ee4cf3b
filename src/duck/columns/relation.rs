//! What is known of columns while a query is read: of one, of a relation, of a `FROM`, and of what a name stands for.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Base, Held, How, Origin};

/// The most places kept for one column.
const MOST_PLACES: usize = 4;

/// What an expression, or a column of a query, is made of.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) how: How,
    pub(super) values: BTreeSet<Base>,
    pub(super) wide: BTreeMap<Base, BTreeSet<Base>>,
    pub(super) options: BTreeSet<Base>,
    pub(super) rows: BTreeSet<Base>,
    pub(super) equal: BTreeSet<Base>,
    pub(super) literal: Option<String>,
    pub(super) places: Vec<(usize, usize)>,
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
    pub(super) fn base(instance: usize, name: &str) -> Column {
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

    pub(super) fn named(mut self, name: &str) -> Column {
        self.name = name.to_string();
        self
    }

    pub(super) fn origin(&self, name: &str, rows: &BTreeSet<Base>) -> Origin {
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
    pub(super) fn take(&mut self, other: Column) {
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
    pub(super) fn decided_by(&mut self, other: Column) {
        self.rows.extend(other.values);
        self.rows.extend(other.rows);
    }

    /// The same column of another branch of a `UNION`, or of the other side of a full join: equal where it is used.
    pub(super) fn or(&mut self, other: Column) {
        let equal = std::mem::take(&mut self.equal);
        let places = other.places.clone();
        self.take(Column { equal: BTreeSet::new(), ..other.clone() });
        self.equal = equal.into_iter().chain(other.equal).collect();
        self.places.extend(places);
        self.places.dedup();
        self.places.truncate(MOST_PLACES);
    }

    pub(super) fn computed(mut self) -> Column {
        self.how = How::Computed;
        self.options.clear();
        self.equal.clear();
        self.literal = None;
        self
    }

    pub(super) fn moved(&self, by: &BTreeMap<usize, usize>) -> Column {
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
pub(super) struct Relation {
    pub(super) columns: Vec<Column>,
    /// Stands for columns whose names the parser cannot know, such as those of an unnested struct.
    pub(super) wild: Option<Column>,
    pub(super) rows: BTreeSet<Base>,
    pub(super) held: BTreeSet<(Base, Held)>,
}

impl Relation {
    pub(super) fn find(&self, name: &str) -> Option<Column> {
        let known = self.columns.iter().find(|column| column.name == name);
        known.or(self.wild.as_ref()).cloned()
    }

    pub(super) fn renamed(mut self, names: &Value) -> Relation {
        for (at, name) in names.as_array().into_iter().flatten().enumerate() {
            let name = name.as_str().unwrap_or_default().to_lowercase();
            match self.columns.get_mut(at) {
                Some(column) => column.name = name,
                None => self.columns.extend(self.wild.clone().map(|wild| wild.named(&name))),
            }
        }
        self
    }

    pub(super) fn instances(&self) -> BTreeSet<usize> {
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

    pub(super) fn moved(&self, by: &BTreeMap<usize, usize>) -> Relation {
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
pub(super) struct From {
    /// Tables by alias.
    pub(super) tables: Vec<(String, Relation)>,
    /// Columns that `USING` has made one of two.
    pub(super) merged: BTreeMap<String, Column>,
    pub(super) rows: BTreeSet<Base>,
    pub(super) held: BTreeSet<(Base, Held)>,
}

impl From {
    pub(super) fn one(alias: &str, mut relation: Relation) -> From {
        let (rows, held) = (std::mem::take(&mut relation.rows), std::mem::take(&mut relation.held));
        From { tables: vec![(alias.to_lowercase(), relation)], rows, held, ..From::default() }
    }

    pub(super) fn find(&self, name: &str) -> Option<Column> {
        let known = |relation: &Relation| relation.columns.iter().find(|column| column.name == name).cloned();
        let merged = self.merged.get(name).cloned();
        let plain = || self.tables.iter().find_map(|(_, relation)| known(relation));
        merged.or_else(plain).or_else(|| self.tables.iter().find_map(|(_, relation)| relation.wild.clone()))
    }

    pub(super) fn find_in(&self, table: &str, name: &str) -> Option<Column> {
        self.tables.iter().find(|(alias, _)| alias == table)?.1.find(name)
    }

    /// What `*` stands for, or `table.*`.
    pub(super) fn all(&self, table: &str) -> (Vec<Column>, Option<Column>) {
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
pub(super) struct Scope<'a> {
    /// Named queries (`WITH`).
    pub(super) named: BTreeMap<String, Relation>,
    pub(super) from: From,
    /// Columns of the `SELECT` list so far, which later ones may name.
    pub(super) aliases: Vec<Column>,
    /// Parameters of lambdas.
    pub(super) bound: BTreeSet<String>,
    pub(super) outer: Option<&'a Scope<'a>>,
}

impl<'a> Scope<'a> {
    pub(super) fn inside(outer: &'a Scope<'a>) -> Scope<'a> {
        Scope { named: outer.named.clone(), bound: outer.bound.clone(), outer: Some(outer), ..Scope::default() }
    }

    /// The column that a name stands for, and whether more names follow, which are fields of it.
    pub(super) fn find(&self, names: &[String]) -> Option<(Column, bool)> {
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
    pub(super) fn known(&self, name: &str) -> Option<Column> {
        let has = |relation: &Relation| relation.columns.iter().any(|column| column.name == name);
        let known = self.from.merged.contains_key(name) || self.from.tables.iter().any(|(_, one)| has(one));
        self.from.find(name).filter(|_| known)
    }

    /// A whole row, where a table's name stands for a value.
    pub(super) fn whole(&self, table: &str) -> Option<Column> {
        let (_, relation) = self.from.tables.iter().find(|(alias, _)| alias == table)?;
        let mut row = Column::default();
        relation.columns.iter().chain(&relation.wild).for_each(|column| row.take(column.clone()));
        Some(row)
    }
}
/// Two columns are held equal where both are some table's own.
pub(super) fn hold(one: &Column, other: &Column, held: &mut BTreeSet<(Base, Held)>) {
    if let (Some(left), Some(_)) = (one.equal.first(), other.equal.first()) {
        let all = one.equal.iter().skip(1).chain(&other.equal);
        held.extend(all.map(|right| (left.clone(), Held::Column(right.clone()))));
    }
}

pub(super) fn hold_literal(column: &Column, literal: &Column, held: &mut BTreeSet<(Base, Held)>) {
    if let Some(literal) = literal.literal.as_ref().filter(|_| literal.how == How::Constant) {
        held.extend(column.equal.iter().map(|base| (base.clone(), Held::Literal(literal.clone()))));
    }
}

/// Two branches as one: columns by name, or by position.
pub(super) fn union(mut whole: Relation, branch: Relation, by_name: bool) -> Relation {
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
