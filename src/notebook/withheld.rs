//! What queries make of values that may be withheld.
//!
//! SQL knows only that such a value is missing: a sum leaves it out and is another number, a comparison with it holds
//! for neither side. So a column of a cell that is computed from one must either be given with the column that says
//! why, so that it is withheld with it, or its front matter must say why it does not matter.

use std::collections::{BTreeMap, BTreeSet};

use super::Notebook;
use crate::cell::Cell;
use crate::diagnostic::{Diagnostic, Problems};
use crate::duck::quoted;
use crate::frame::SHORTHAND;

/// Columns that hide that values behind them may be withheld. Run the cells first.
pub(super) fn check(notebook: &Notebook) -> Problems {
    let mut withheld: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for source in &notebook.sources {
        let columns = source.contract.withheld().map(|at| source.contract.columns[at].name.clone()).collect();
        withheld.insert(source.contract.name.clone(), columns);
    }
    withheld.retain(|_, columns: &mut BTreeSet<String>| !columns.is_empty());
    let mut problems = Problems::none();
    if withheld.is_empty() {
        return problems;
    }
    for cell in notebook.graph.waves.iter().flatten().filter_map(|name| notebook.graph.cells.get(name)) {
        if !cell.lineage.reads.iter().any(|read| withheld.contains_key(&read.name)) {
            continue;
        }
        if let Some(found) = problems.absorb(columns(notebook, cell, &withheld)) {
            problems.extend(found.hidden);
            withheld.insert(cell.name.clone(), found.withheld);
        }
    }
    problems
}

/// Columns of a cell that are withheld with what they come from, and those that hide it.
struct Found {
    withheld: BTreeSet<String>,
    hidden: Problems,
}

fn columns(notebook: &Notebook, cell: &Cell, withheld: &BTreeMap<String, BTreeSet<String>>) -> Result<Found, Problems> {
    let mut found = Found { withheld: BTreeSet::new(), hidden: Problems::none() };
    let columns_of = |table: &str| Some(columns_of(notebook, table)).filter(|columns| !columns.is_empty());
    let outputs = columns_of(&cell.name).unwrap_or_default();
    let origins = notebook.session.origins(cell.sql(), &outputs, &columns_of).map_err(|error| cell.problem(&error))?;
    let may_be = |(instance, column): &(usize, String)| {
        let table = origins.instances.get(*instance)?;
        let is_one = |name: &&String| name.eq_ignore_ascii_case(column);
        withheld.get(table)?.iter().find(is_one).map(|name| format!("{table}.{name}"))
    };
    for origin in &origins.columns {
        let Some(behind) = origin.values.iter().find_map(may_be) else { continue };
        let beside = format!("{}{SHORTHAND}", origin.name);
        let reason =
            cell.front.columns.iter().find(|note| note.name == origin.name).and_then(|note| note.withheld.as_ref());
        if origin.name.ends_with(SHORTHAND) || reason.is_some() {
            continue;
        }
        if origins.columns.iter().any(|other| other.name == beside) {
            found.withheld.insert(origin.name.clone());
            continue;
        }
        let words =
            format!("`{}.{}` is computed from `{behind}`, of which values may be withheld", cell.name, origin.name);
        found.hidden.push(
            Diagnostic::fault("cell-withheld", words)
                .in_file(&*cell.file)
                .help(format!("give `{beside}` too, such as max({behind}{SHORTHAND}): where it says something, the value is withheld"))
                .help("if it cannot matter, say why in [columns]: withheld = \"it counts rows\""),
        );
    }
    Ok(found)
}

/// The columns of a cell, or of a table that is there before any cell.
fn columns_of(notebook: &Notebook, table: &str) -> Vec<String> {
    match notebook.results.cells.get(table) {
        Some(result) => result.kept.columns.iter().map(|(name, _)| name.clone()).collect(),
        None => {
            let described = notebook.session.describe(&format!("SELECT * FROM {}", quoted(table)));
            described.unwrap_or_default().into_iter().map(|(name, _)| name).collect()
        }
    }
}
