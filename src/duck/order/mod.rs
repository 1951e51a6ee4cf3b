//! What of a query's answer hangs on the order in which rows happen to come.
//!
//! SQL gives rows no order but the one that a query asks for. Where an answer takes the first of several rows, and
//! the query does not say which is first, another version of the database or one more row elsewhere may change it.
//! This module walks DuckDB's parse of a query, infers from keys, groups and joins what determines what, and lists
//! the places where ties stay open. It reads no data: a key is what the book declares and tests.

mod expression;
mod facts;
mod from;
mod select;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde_json::Value;

use super::SqlError;
pub(super) use expression::is_aggregate;
use facts::{Facts, Id, Nature};

/// What is known of a table that a query may read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Columns, each with DuckDB's name of its type.
    pub columns: Vec<(String, String)>,
    /// Sets of columns of which each identifies a row. An empty set says that there is one row.
    pub keys: Vec<Vec<String>>,
}

/// Tables by name.
pub type Catalogue = BTreeMap<String, Known>;

/// A way in which an answer can hang on the order of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HazardKind {
    /// `LIMIT` takes some of several rows that are alike to the order.
    Limit,
    /// The order of the result leaves ties.
    Order,
    /// `DISTINCT ON` keeps one of several rows that are alike to the order.
    DistinctOn,
    /// A window function counts or looks along an order that leaves ties.
    Window,
    /// A list or text is put together in no given order.
    List,
    /// One of several values of a group is taken.
    First,
    /// The value that goes with the least, greatest or commonest is taken, and there may be several.
    Ties,
    /// The last digit of a floating sum decides something.
    Float,
    /// `hash` may differ between versions of DuckDB.
    Hash,
    /// An approximation hangs on the order of the rows.
    Approximate,
    /// Rows of two tables are joined by where they happen to stand.
    Positional,
}

/// A place in a query where its answer hangs on the order of rows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hazard {
    /// Byte offset and length in the query.
    pub place: (usize, usize),
    /// In which way.
    pub kind: HazardKind,
    /// The function or clause, or what a floating sum decides.
    pub subject: String,
    /// Whether there is an order at all, which leaves ties.
    pub ordered: bool,
}

/// A table in the `FROM` of a query.
#[derive(Clone, Debug)]
struct Relation {
    /// The name by which the query calls it.
    name: String,
    /// Columns by name, in small letters.
    columns: Vec<(String, Id)>,
    /// The row as a whole.
    row: Id,
    /// Whether there may be columns that are not known.
    open: bool,
    /// Columns that a join has merged with those of another table: `*` does not give them again.
    merged: BTreeSet<String>,
}

/// Something that needs an order, to be judged when all rules are known.
struct Pending {
    hazard: Hazard,
    given: Vec<Id>,
    wanted: Vec<Id>,
}

/// A query that `WITH` names: its definition, and the names that this one sees. None for one that reads itself.
type Named<'q> = Option<(&'q Value, Rc<Names<'q>>)>;

/// The queries that `WITH` names.
#[derive(Clone, Default)]
struct Names<'q>(BTreeMap<String, Named<'q>>);

/// Most `SELECT`s that are looked at: a query named by `WITH` is looked at wherever it is read.
const MOST_SELECTS: usize = 1000;
/// Most `SELECT`s inside each other that are looked at.
const DEEPEST: usize = 60;

/// The walk over a query.
struct Walk<'c> {
    catalogue: &'c Catalogue,
    facts: Facts,
    pending: Vec<Pending>,
    /// The order of the query that was looked at last.
    order: Option<Ordered>,
    /// Columns of queries around it that a query inside has used.
    touched: Vec<Id>,
    /// Parts of structs, by the struct and the names that lead to them.
    parts: BTreeMap<(Id, String), Id>,
    selects: usize,
    depth: usize,
}

/// An `ORDER BY`: where it ends, and what it orders by.
struct Ordered {
    place: Option<(usize, usize)>,
    by: Vec<Id>,
}

/// What an expression can see.
#[derive(Clone)]
struct Scope<'q> {
    /// Tables of the `FROM`.
    items: Vec<Relation>,
    /// Tables of the queries around this one.
    outer: Vec<Relation>,
    /// Names that the query gives to its own results.
    aliases: Vec<(String, Id)>,
    /// The row of the result before `DISTINCT`.
    row: Id,
    /// What the rows are grouped by, if they are.
    group: Option<Vec<Id>>,
    /// Queries named by `WITH`.
    names: Rc<Names<'q>>,
}

/// The hazards of a parsed query, in order of place. Each of `keys` identifies a row of its result.
pub(super) fn hazards(serialised: &str, catalogue: &Catalogue, keys: &[Vec<String>]) -> Result<Vec<Hazard>, SqlError> {
    let parsed: Value = serde_json::from_str(serialised)
        .map_err(|error| SqlError::plain(format!("the query cannot be read: {error}")))?;
    let node = &parsed["statements"][0]["node"];
    let mut walk = Walk::new(catalogue);
    let result = walk.query(node, &Rc::default(), &[]);
    walk.state_keys(&result, keys);
    walk.need_total_order(&result);
    let open = |pending: &&Pending| !walk.facts.settles(&pending.given, &pending.wanted);
    let found: BTreeSet<Hazard> = walk.pending.iter().filter(open).map(|pending| pending.hazard.clone()).collect();
    Ok(found.into_iter().collect())
}

fn column(relation: &Relation, name: &str) -> Option<Id> {
    let name = name.to_lowercase();
    relation.columns.iter().find(|(known, _)| *known == name).map(|(_, id)| *id)
}

/// Where a node stands, if DuckDB says so: some nodes that it makes itself stand nowhere.
fn place(node: &Value) -> Option<(usize, usize)> {
    let start = usize::try_from(node["query_location"].as_u64()?).ok().filter(|start| *start < usize::MAX)?;
    let length = node["query_location_length"].as_u64().and_then(|length| usize::try_from(length).ok());
    Some((start, length.unwrap_or(0).max(1)))
}

/// Whether values of a type may hold floating-point numbers.
fn is_floating(type_name: &str) -> bool {
    let name = type_name.to_uppercase();
    ["DOUBLE", "FLOAT", "REAL"].iter().any(|floating| name.contains(floating))
}

impl Scope<'_> {
    /// The column that a name of one or more parts means, among this query's tables.
    fn own(&self, parts: &[String]) -> Option<(Id, usize)> {
        find(&self.items, parts)
    }

    /// What is fixed while this query runs: the rows of the queries around it.
    fn given(&self) -> Vec<Id> {
        self.outer.iter().map(|relation| relation.row).collect()
    }

    /// Whether some tables are not wholly known, so that a missing key means nothing.
    fn open(&self) -> bool {
        self.items.iter().any(|relation| relation.open)
    }
}

/// The column of some tables that a name of one or more parts means, and how many of the parts name it: a name may go
/// on into a struct.
fn find(relations: &[Relation], parts: &[String]) -> Option<(Id, usize)> {
    let (first, rest) = parts.split_first()?;
    let qualified = rest.first().and_then(|name| {
        relations.iter().filter(|relation| relation.name == *first).find_map(|relation| column(relation, name))
    });
    let plain = || relations.iter().find_map(|relation| column(relation, first)).map(|id| (id, 1));
    qualified.map(|id| (id, 2)).or_else(plain)
}

impl<'c> Walk<'c> {
    fn new(catalogue: &'c Catalogue) -> Self {
        Walk {
            catalogue,
            facts: Facts::default(),
            pending: Vec::new(),
            order: None,
            touched: Vec::new(),
            parts: BTreeMap::new(),
            selects: 0,
            depth: 0,
        }
    }

    /// Notes a place that needs `wanted` to be settled by `given`.
    fn need(&mut self, hazard: (HazardKind, &str, bool), place: Option<(usize, usize)>, given: &[Id], wanted: &[Id]) {
        let ((kind, subject, ordered), Some(place)) = (hazard, place) else { return };
        let hazard = Hazard { place, kind, subject: subject.to_string(), ordered };
        self.pending.push(Pending { hazard, given: given.to_vec(), wanted: wanted.to_vec() });
    }

    /// Judges the places noted from one on, before what is stated later can settle them: a filter that comes after a
    /// window leaves fewer rows than the window saw.
    fn judge_now(&mut self, from: usize) {
        let never = self.facts.fresh(Nature::default());
        let noted = self.pending.split_off(from);
        for pending in noted {
            if !self.facts.settles(&pending.given, &pending.wanted) {
                self.pending.push(Pending { wanted: vec![never], ..pending });
            }
        }
    }

    /// Notes a place that no order mends.
    fn fault(&mut self, kind: HazardKind, subject: &str, place: Option<(usize, usize)>) {
        let never = self.facts.fresh(Nature::default());
        self.need((kind, subject, false), place, &[], &[never]);
    }

    /// Notes that the order of the whole result must be total.
    fn need_total_order(&mut self, result: &Relation) {
        if let Some(order) = self.order.take().filter(|_| !result.open) {
            self.need((HazardKind::Order, "ORDER BY", true), order.place, &order.by, &[result.row]);
        }
    }

    /// A part of a struct: settled by the struct, and the same wherever it is named.
    fn part(&mut self, of: Id, path: &str) -> Id {
        let known = self.parts.get(&(of, path.to_string())).copied();
        known.unwrap_or_else(|| {
            // Which part of a struct was summed is not known.
            let id = self.facts.fresh(Nature { summed: false, ..self.facts.nature(of) });
            self.facts.settle(&[of], &[id]);
            self.parts.insert((of, path.to_string()), id);
            id
        })
    }

    /// States that each of some sets of columns identifies a row.
    fn state_keys(&mut self, relation: &Relation, keys: &[Vec<String>]) {
        for key in keys {
            let key: Option<Vec<Id>> = key.iter().map(|name| column(relation, name)).collect();
            if let Some(key) = key {
                self.facts.settle(&key, &[relation.row]);
            }
        }
    }

    /// A table of which nothing is known.
    fn unknown(&mut self, name: &str) -> Relation {
        let row = self.facts.fresh(Nature::default());
        Relation { name: name.to_lowercase(), columns: Vec::new(), row, open: true, merged: BTreeSet::new() }
    }

    /// A table with these columns. Two rows that are alike in every column are the same for every order.
    fn relation(&mut self, name: &str, columns: Vec<(String, Id)>, row: Id, open: bool) -> Relation {
        let ids: Vec<Id> = columns.iter().map(|(_, id)| *id).collect();
        self.facts.settle(&[row], &ids);
        if !open {
            self.facts.settle(&ids, &[row]);
        }
        Relation { name: name.to_lowercase(), columns, row, open, merged: BTreeSet::new() }
    }
}

#[cfg(test)]
mod tests;
