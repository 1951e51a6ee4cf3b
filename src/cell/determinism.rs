//! Cells whose answer hangs on the order in which rows happen to come.
//!
//! Every query runs on one thread, so the same program with the same data gives the same answer. What it cannot
//! promise is that a tie is broken the same way by another version of the database, or when one more row elsewhere
//! makes it read a table another way. So an answer that takes the first of several is asked to say which is first.

use std::collections::{BTreeMap, BTreeSet};

use super::checks::TestRule;
use super::graph::{Cell, Graph};
use crate::book::{Book, RuleTable};
use crate::diagnostic::{Diagnostic, Place, Problems};
use crate::duck::{Catalogue, Hazard, HazardKind, Known, Session, quoted};

/// What a cell may say it has thought of: the key in `[determinism]`, the code, and the way.
pub(super) const KINDS: [(&str, &str, HazardKind); 11] = [
    ("limit", "determinism-limit", HazardKind::Limit),
    ("order", "determinism-order", HazardKind::Order),
    ("distinct_on", "determinism-distinct-on", HazardKind::DistinctOn),
    ("window", "determinism-window", HazardKind::Window),
    ("list", "determinism-list", HazardKind::List),
    ("first", "determinism-first", HazardKind::First),
    ("ties", "determinism-ties", HazardKind::Ties),
    ("float", "determinism-float", HazardKind::Float),
    ("hash", "determinism-hash", HazardKind::Hash),
    ("approximate", "determinism-approximate", HazardKind::Approximate),
    ("positional", "determinism-positional", HazardKind::Positional),
];

/// Warnings for the cells that have been run.
pub fn check_determinism(book: &Book, graph: &Graph, session: &Session) -> Problems {
    let catalogue = catalogue(book, graph, session);
    let mut problems = Problems::none();
    for cell in graph.cells.values() {
        match session.hazards(cell.sql(), &catalogue, &keys(cell)) {
            Ok(hazards) => report(cell, &hazards, &mut problems),
            Err(error) => problems.push(cell.problem(&error)),
        }
    }
    problems
}

fn report(cell: &Cell, hazards: &[Hazard], problems: &mut Problems) {
    let accepted: BTreeMap<HazardKind, &str> =
        cell.front.determinism.iter().map(|accepted| (accepted.kind, accepted.key.as_str())).collect();
    for hazard in hazards.iter().filter(|hazard| !accepted.contains_key(&hazard.kind)) {
        problems.push(warning(cell, hazard));
    }
    let met: BTreeSet<HazardKind> = hazards.iter().map(|hazard| hazard.kind).collect();
    for accepted in cell.front.determinism.iter().filter(|accepted| !met.contains(&accepted.kind)) {
        let words = format!("[determinism] answers for `{}`, of which the query has none", accepted.key);
        problems.push(
            Diagnostic::warning("determinism-unneeded", words)
                .at(accepted.place.clone())
                .help("take the line out, so that it does not hide a later one"),
        );
    }
}

fn warning(cell: &Cell, hazard: &Hazard) -> Diagnostic {
    let (key, code, _) = KINDS.into_iter().find(|(_, _, kind)| *kind == hazard.kind).unwrap_or(KINDS[0]);
    let (start, length) = hazard.place;
    Diagnostic::warning(code, message(hazard))
        .at(Place::in_text(&*cell.file, &cell.text, start, start + length))
        .help(mend(cell, hazard))
        .help(format!("if it cannot matter, say why in the front matter: [determinism], {key} = \"…\""))
}

fn message(hazard: &Hazard) -> String {
    let subject = &hazard.subject;
    match (hazard.kind, hazard.ordered) {
        (HazardKind::Limit, true) => "LIMIT cuts an order that leaves ties".into(),
        (HazardKind::Limit, false) => "LIMIT without ORDER BY takes whichever rows come first".into(),
        (HazardKind::Order, _) => "the order of the result leaves ties: its rows may change places".into(),
        (HazardKind::DistinctOn, true) => {
            "DISTINCT ON keeps one of several rows that its order does not tell apart".into()
        }
        (HazardKind::DistinctOn, false) => "DISTINCT ON without ORDER BY keeps whichever row comes first".into(),
        (HazardKind::Window, true) => format!("`{subject}` goes by an order that leaves ties"),
        (HazardKind::Window, false) => {
            format!("`{subject}` without ORDER BY goes by the order in which rows happen to come")
        }
        (HazardKind::List, true) => format!("`{subject}` goes by an order that leaves ties between different values"),
        (HazardKind::List, false) => {
            format!("`{subject}` without ORDER BY puts values together as they happen to come")
        }
        (HazardKind::First, true) => {
            format!("`{subject}` takes one of several values that its order does not tell apart")
        }
        (HazardKind::First, false) => format!("`{subject}` takes whichever of several values comes first"),
        (HazardKind::Ties, _) => format!("`{subject}` takes whichever comes first where several are equal"),
        (HazardKind::Float, _) => {
            format!("the last digit of a floating sum hangs on the order of adding, and here it decides {subject}")
        }
        (HazardKind::Hash, _) => format!("`{subject}` may give another number in another version of DuckDB"),
        (HazardKind::Approximate, _) => format!("`{subject}` approximates, and hangs on the order of the rows"),
        (HazardKind::Positional, _) => format!("{subject} joins rows by where they happen to stand"),
    }
}

fn mend(cell: &Cell, hazard: &Hazard) -> String {
    let grain = cell.front.grain.join(", ");
    match hazard.kind {
        HazardKind::Limit | HazardKind::Order => {
            format!("end ORDER BY with columns that identify a row, such as the grain: {grain}")
        }
        HazardKind::DistinctOn | HazardKind::Window => {
            "end ORDER BY with columns that identify a row of what is read".into()
        }
        HazardKind::List => {
            format!("write the order inside: {}(… ORDER BY …), with columns that settle the value", hazard.subject)
        }
        HazardKind::First => {
            "use min or max, group by the column too, or write an order inside that settles the value".into()
        }
        HazardKind::Ties if hazard.subject == "mode" => {
            "count first, then arg_max(value, (count, value)), which says what wins among equals".into()
        }
        HazardKind::Ties => {
            format!("order by a tuple that ends in what tells rows apart: {}(value, (by, key))", hazard.subject)
        }
        HazardKind::Float => {
            "add exactly, sum(CAST(x AS DECIMAL(18, 6))), or in a fixed order, sum(x ORDER BY key)".into()
        }
        HazardKind::Hash => "use md5_number, or a function that takes parameters.seed".into(),
        HazardKind::Approximate => "use the exact function: quantile_cont, or a count with its own order".into(),
        HazardKind::Positional => "join by a key".into(),
    }
}

/// What is known of every table that the cells read, and the cells themselves.
fn catalogue(book: &Book, graph: &Graph, session: &Session) -> Catalogue {
    let mut keys: BTreeMap<&str, Vec<Vec<String>>> = BTreeMap::new();
    keys.insert("parameters", vec![Vec::new()]);
    keys.insert("source_files", vec![vec!["source".to_string(), "file".to_string()]]);
    keys.extend(book.sources.iter().map(|source| (source.name.as_str(), vec![source.key.clone()])));
    keys.extend(book.tables.iter().map(|rules| (rules.name.as_str(), unique_columns(rules))));
    for cell in graph.cells.values() {
        keys.insert(&cell.name, self::keys(cell));
    }
    let read: BTreeSet<&str> =
        graph.cells.values().flat_map(|cell| cell.lineage.reads.iter().map(|read| read.name.as_str())).collect();
    // A table that is not there has not been made: nothing is known of it.
    read.into_iter()
        .filter_map(|name| {
            let columns = session.describe(&format!("SELECT * FROM {}", quoted(name))).ok()?;
            Some((name.to_lowercase(), Known { columns, keys: keys.get(name).cloned().unwrap_or_default() }))
        })
        .collect()
}

/// The sets of columns that a cell's tests show to identify a row.
fn keys(cell: &Cell) -> Vec<Vec<String>> {
    let unique = cell.front.tests.iter().filter_map(|test| match &test.rule {
        TestRule::Grain(columns) | TestRule::Unique(columns) => Some(columns.clone()),
        _ => None,
    });
    unique.collect()
}

/// Most columns of a rule table that are looked at together as its key.
const WIDEST_KEY: usize = 3;

/// The smallest sets of columns that tell a rule table's rows apart. The book declares no key for these tables, but
/// it does declare their rows.
fn unique_columns(rules: &RuleTable) -> Vec<Vec<String>> {
    let mut found: Vec<Vec<usize>> = Vec::new();
    let mut sets: Vec<Vec<usize>> = vec![Vec::new()];
    for _ in 0..=WIDEST_KEY {
        let (unique, others): (Vec<_>, Vec<_>) = sets.into_iter().partition(|set| tells_apart(rules, set));
        found.extend(unique);
        let longer = others.iter().flat_map(|set| {
            let next = set.last().map_or(0, |last| last + 1);
            (next..rules.columns.len()).map(|column| [set.as_slice(), &[column]].concat())
        });
        sets =
            longer.filter(|set| !found.iter().any(|known| known.iter().all(|column| set.contains(column)))).collect();
    }
    found.into_iter().map(|set| set.into_iter().map(|column| rules.columns[column].clone()).collect()).collect()
}

fn tells_apart(rules: &RuleTable, columns: &[usize]) -> bool {
    let mut seen = BTreeSet::new();
    rules
        .rows
        .iter()
        .all(|row| seen.insert(columns.iter().map(|column| format!("{:?}", row[*column])).collect::<Vec<_>>()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Scalar;

    #[test]
    fn the_smallest_keys_of_a_rule_table_are_found_in_its_rows() {
        let row = |year: i64, name: &str, order: i64| {
            vec![Scalar::Integer(year), Scalar::Text(name.into()), Scalar::Integer(order)]
        };
        let columns = ["year", "name", "order"].map(str::to_string).to_vec();
        let rows = vec![row(1, "a", 1), row(1, "b", 2), row(2, "a", 2)];
        let rules = RuleTable { name: "t".into(), columns, rows };
        assert_eq!(unique_columns(&rules), [["year", "name"], ["year", "order"], ["name", "order"]]);
        let one = RuleTable { rows: rules.rows[..1].to_vec(), ..rules };
        assert_eq!(unique_columns(&one), [[""; 0]], "one row needs no key");
    }
}
