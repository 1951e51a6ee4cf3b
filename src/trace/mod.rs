//! From a number on a page to the cell of the file that it came from: figure, query, row, input rows, source line.
//!
//! The way down follows the columns that DuckDB's parser finds (`duck::Origins`) and the rows whose columns hold what
//! the row above holds. What is shown is checked by value: a row is called the same value only if it is.

mod evidence;
mod place;
mod print;
mod rows;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;

pub use evidence::{Evidence, key_of, scalar};
pub use place::{Excerpt, SourceCell};
pub use print::{figure_list, figure_words, step_words};
use rows::Row;

use crate::diagnostic::{Diagnostic, Outcome};
use crate::duck::{How, Origin, Origins};
use crate::frame::Scalar;
use crate::notebook::Notebook;

/// The most steps that one trace shows.
const MOST_STEPS: usize = 150;
/// Rows shown of an input near the figure, and further down.
const ROWS_NEAR: usize = 3;
/// Rows of an input that are compared by value.
const ROWS_COMPARED: usize = 200;

/// A value of a table, how it came about, and the values that it came from.
#[derive(Clone, Debug, Serialize)]
pub struct Step {
    /// Table: a cell, a source, or a table of the book.
    pub table: String,
    /// What kind of table it is: `cell`, `source` or `book`.
    pub kind: &'static str,
    /// The cell's title, or the source's publication.
    pub title: String,
    /// What identifies the row.
    pub key: Vec<(String, Scalar)>,
    /// Column.
    pub column: String,
    /// Its value.
    pub value: Scalar,
    /// How it came about: `copied`, `computed`, `constant`, `published` or `declared`.
    pub how: &'static str,
    /// The expressions that give it.
    pub expressions: Vec<Excerpt>,
    /// Where it stands in a published file.
    pub source: Option<SourceCell>,
    /// What it came from.
    pub inputs: Vec<Input>,
    /// Why the way ends here, where it does so early.
    pub note: Option<&'static str>,
}

/// Rows of one table that a value came from.
#[derive(Clone, Debug, Serialize)]
pub struct Input {
    /// Table.
    pub table: String,
    /// Whether these rows hold the same value, or one that was used in the calculation.
    pub same_value: bool,
    /// Values, row by row.
    pub steps: Vec<Step>,
    /// How many other rows of the table count towards the value.
    pub other_rows: u64,
}

/// Follows values through a notebook whose cells have been run.
pub struct Tracer<'a> {
    notebook: &'a Notebook,
    /// SHA-256 of files by name, as the edition's manifest gives them.
    hashes: BTreeMap<String, String>,
    depth: usize,
    origins: BTreeMap<String, Arc<Origins>>,
    seen: BTreeSet<(String, i64, String)>,
    left: usize,
}

impl<'a> Tracer<'a> {
    /// A tracer that goes so many steps deep.
    pub fn new(notebook: &'a Notebook, hashes: BTreeMap<String, String>, depth: usize) -> Tracer<'a> {
        Tracer { notebook, hashes, depth, origins: BTreeMap::new(), seen: BTreeSet::new(), left: MOST_STEPS }
    }

    /// Traces the value of a column in the row that a key names.
    pub fn trace(&mut self, table: &str, key: &[(String, Scalar)], column: &str) -> Outcome<Step> {
        (self.seen, self.left) = (BTreeSet::new(), MOST_STEPS);
        let columns = rows::columns_of(self.notebook, table).unwrap_or_default();
        for name in key.iter().map(|(name, _)| name.as_str()).chain([column]) {
            if !columns.iter().any(|known| known == name) && name != "row" {
                return Err(unknown_column(table, name, &columns).into());
            }
        }
        let (found, count) = rows::by_key(self.notebook, table, key)?;
        match (found.into_iter().next(), count) {
            (Some(row), 1) => self.step(table, &row, column, self.depth),
            (_, count) => Err(row_problem(table, key, count).into()),
        }
    }

    fn step(&mut self, table: &str, row: &Row, column: &str, depth: usize) -> Outcome<Step> {
        let mut step = self.plain_step(table, row, column)?;
        if !self.seen.insert((table.to_string(), row.number, column.to_string())) {
            step.note = Some("followed above");
        } else if step.kind == "cell" {
            self.follow(&mut step, row, depth)?;
        }
        Ok(step)
    }

    /// A step without what it came from.
    fn plain_step(&mut self, table: &str, row: &Row, column: &str) -> Outcome<Step> {
        self.left = self.left.saturating_sub(1);
        let mut step = Step {
            table: table.to_string(),
            kind: "book",
            title: "a table of candour.toml".to_string(),
            key: Vec::new(),
            column: column.to_string(),
            value: row.value(column),
            how: "declared",
            expressions: Vec::new(),
            source: None,
            inputs: Vec::new(),
            note: None,
        };
        let keys = |names: &[String]| names.iter().map(|name| (name.clone(), row.value(name))).collect();
        if let Some(cell) = self.notebook.graph.cells.get(table) {
            (step.kind, step.title, step.key) = ("cell", cell.front.title.clone(), keys(&cell.front.grain));
        } else if let Some(source) = self.notebook.sources.iter().find(|source| source.contract.name == table) {
            (step.kind, step.how) = ("source", "published");
            step.title = format!("{}, {}", source.contract.publisher, source.contract.publication);
            step.key = keys(&source.contract.key);
            step.source = Some(place::source_cell(self.notebook, source, row, column, &self.hashes)?);
        } else if let Some(rules) = self.notebook.book.tables.iter().find(|rules| rules.name == table) {
            step.key = keys(&rules.columns.iter().filter(|name| *name != column).take(2).cloned().collect::<Vec<_>>());
        } else if table.starts_with("source_") {
            (step.title, step.key) = ("a table of the engine".to_string(), keys(&["source".into(), "file".into()]));
        }
        Ok(step)
    }

    /// Adds what a cell's value came from.
    fn follow(&mut self, step: &mut Step, row: &Row, depth: usize) -> Outcome<()> {
        let origins = self.origins(&step.table)?;
        let Some(origin) = origins.columns.iter().find(|origin| origin.name == step.column) else { return Ok(()) };
        step.how = match origin.how {
            How::Constant => "constant",
            How::Copied => "copied",
            How::Computed => "computed",
        };
        if let Some(cell) = self.notebook.graph.cells.get(&step.table) {
            step.expressions = origin.places.iter().map(|place| Excerpt::of(&cell.file, &cell.text, *place)).collect();
        }
        if depth == 0 || self.left == 0 {
            step.note = (!origin.values.is_empty()).then_some("not followed further");
            return Ok(());
        }
        let known = rows::known(self.notebook, &origins, row)?;
        let mut inputs = Vec::new();
        for (instance, columns) in by_instance(origin) {
            let given = Given { instance, columns, origin, origins: &origins, known: &known, step };
            inputs.extend(self.input(&given, depth)?);
        }
        // A value taken over from one row was not taken over from the others that it might have come from.
        if inputs.iter().any(|found| found.same_value) {
            inputs.retain(|found| found.same_value || !found.only_options);
        }
        step.inputs = self.descend(inputs, depth)?;
        Ok(())
    }

    /// The rows of one instance of a table that a value came from, not yet followed.
    fn input(&mut self, given: &Given<'_>, depth: usize) -> Outcome<Option<FoundRows>> {
        let table = &given.origins.instances[given.instance];
        let own = given.known.of(given.instance);
        let option = |column: &&String| given.origin.options.contains(&(given.instance, (*column).clone()));
        // Rows that hold the very value come first, then those that share the key.
        let same = given.columns.iter().filter(option).map(|column| (column.clone(), given.step.value.clone()));
        let first: Vec<(String, Scalar)> = same.chain(given.step.key.iter().cloned()).collect();
        let (mut found, count) = rows::matching(self.notebook, table, &own, &first, ROWS_COMPARED)?;
        let same_in = |row: &Row, column: &String| rows::alike(&row.value(column), &given.step.value);
        let same = |row: &Row| given.columns.iter().filter(option).any(|column| same_in(row, column));
        let same_value = found.iter().any(same);
        let only_options = given.columns.iter().all(|column| option(&column));
        let mut columns = given.columns.clone();
        if same_value {
            found.retain(same);
            columns.retain(|column| option(&column) && found.iter().any(|row| same_in(row, column)));
        }
        let all = match given.partition() {
            Some(partition) => rows::count(self.notebook, table, &given.known.of_some(given.instance, &partition))?,
            None if same_value => found.len() as u64,
            None => count,
        };
        if found.is_empty() && all == 0 {
            return Ok(None);
        }
        found.truncate(if self.depth - depth < 2 { ROWS_NEAR } else { 1 });
        let other_rows = all.saturating_sub(found.len() as u64);
        Ok(Some(FoundRows { table: table.clone(), same_value, only_options, rows: found, columns, other_rows }))
    }

    /// Follows the values of the rows that were found.
    fn descend(&mut self, inputs: Vec<FoundRows>, depth: usize) -> Outcome<Vec<Input>> {
        let mut shown = BTreeSet::new();
        let mut followed = Vec::new();
        for input in inputs {
            let mut steps = Vec::new();
            for (row, column) in input.rows.iter().flat_map(|row| input.columns.iter().map(move |column| (row, column)))
            {
                // A table may be read twice for one row.
                if self.left > 0 && shown.insert((input.table.clone(), row.number, column.clone())) {
                    steps.push(self.step(&input.table, row, column, depth - 1)?);
                }
            }
            if !steps.is_empty() || (input.rows.is_empty() && input.other_rows > 0) {
                let (table, same_value, other_rows) = (input.table, input.same_value, input.other_rows);
                followed.push(Input { table, same_value, steps, other_rows });
            }
        }
        Ok(followed)
    }

    fn origins(&mut self, cell: &str) -> Outcome<Arc<Origins>> {
        if let Some(known) = self.origins.get(cell) {
            return Ok(Arc::clone(known));
        }
        let origins = Arc::new(cell_origins(self.notebook, cell)?);
        self.origins.insert(cell.to_string(), Arc::clone(&origins));
        Ok(origins)
    }
}

/// Whether a value is the one that a PDF records. Numbers read from JSON may differ in the last digit.
pub fn recorded_as(value: &Scalar, recorded: &Scalar) -> bool {
    match (value.number(), recorded.number()) {
        (Some(a), Some(b)) => (a - b).abs() <= 1e-12 * a.abs().max(b.abs()),
        _ => value.to_string() == recorded.to_string(),
    }
}

/// Where the columns of a cell come from. The cell, and what it reads, must have been run.
pub fn cell_origins(notebook: &Notebook, name: &str) -> Outcome<Origins> {
    let cell = notebook.graph.cell(name)?;
    let outputs = rows::columns_of(notebook, name).unwrap_or_default();
    let columns_of = |table: &str| rows::columns_of(notebook, table);
    Ok(notebook.session.origins(cell.sql(), &outputs, &columns_of).map_err(|error| cell.problem(&error))?)
}

/// One instance of a table that a value came from, and all that is known of it.
struct Given<'g> {
    instance: usize,
    columns: Vec<String>,
    origin: &'g Origin,
    origins: &'g Origins,
    known: &'g rows::Known,
    step: &'g Step,
}

impl Given<'_> {
    /// The columns of this instance by which a window takes more rows, where one does.
    fn partition(&self) -> Option<BTreeSet<String>> {
        let own = |base: &&(usize, String)| base.0 == self.instance;
        let mut windows = self.origin.wide.iter().filter(|(base, _)| base.0 == self.instance);
        let (_, first) = windows.next()?;
        let shared = windows.fold(first.clone(), |shared, (_, next)| shared.intersection(next).cloned().collect());
        Some(shared.iter().filter(own).map(|(_, column)| column.clone()).collect())
    }
}

/// Rows that were found and not yet followed.
struct FoundRows {
    table: String,
    same_value: bool,
    /// Whether the value could only have been taken over from them.
    only_options: bool,
    rows: Vec<Row>,
    columns: Vec<String>,
    other_rows: u64,
}

/// Columns that a value is made of, by instance.
fn by_instance(origin: &Origin) -> BTreeMap<usize, Vec<String>> {
    let mut found: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for (instance, column) in &origin.values {
        found.entry(*instance).or_default().push(column.clone());
    }
    found
}

fn unknown_column(table: &str, name: &str, columns: &[String]) -> Diagnostic {
    let problem = Diagnostic::fault("trace-column", format!("`{table}` has no column `{name}`"));
    match crate::book::naming::nearest(name, columns) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => problem.help(format!("it has {}", columns.join(", "))),
    }
}

fn row_problem(table: &str, key: &[(String, Scalar)], count: u64) -> Diagnostic {
    let key = print::key_words(key);
    let of = if key.is_empty() { String::new() } else { format!(" with {key}") };
    match count {
        0 => Diagnostic::check("trace-row", format!("`{table}` has no row{of}"))
            .help("with another book or other data than the PDF was made from, rows may be gone"),
        count => Diagnostic::check("trace-row", format!("`{table}` has {count} rows{of}"))
            .help("name more columns, as COLUMN=VALUE, until one row is left"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recorded_value_may_differ_in_its_last_digit_and_no_more() {
        let value = Scalar::Number(61.436665109867164);
        assert!(recorded_as(&value, &Scalar::Number(61.43666510986717)));
        assert!(!recorded_as(&value, &Scalar::Number(61.43666511)));
        assert!(recorded_as(&Scalar::Date(jiff::civil::date(2026, 6, 21)), &Scalar::Text("2026-06-21".into())));
        assert!(!recorded_as(&Scalar::Integer(0), &Scalar::Missing));
    }
}
