//! Which cell reads which, from DuckDB's own parser, and an order in which to run them.

use std::collections::{BTreeMap, BTreeSet};

use super::checks::DataTest;
use super::front_matter::{self, FrontMatter};
use crate::book::naming::{is_table_name, nearest};
use crate::book::{Book, ENGINE_TABLES, QUERIES, list_files, read_within};
use crate::diagnostic::{Diagnostic, Outcome, Place, Problems};
use crate::duck::{Lineage, Session, SqlError, statement};

/// One SQL file.
#[derive(Clone, Debug)]
pub struct Cell {
    /// Table name: the file's name.
    pub name: String,
    /// Folder under `queries/`.
    pub stage: String,
    /// Path relative to the book.
    pub file: String,
    /// The file's text.
    pub text: String,
    /// What it says of itself.
    pub front: FrontMatter,
    /// What it reads.
    pub lineage: Lineage,
    /// Tables that its tests read.
    pub test_reads: BTreeSet<String>,
}

impl Cell {
    /// The query to run: the file without a final semicolon, so that places in it are places in the file.
    pub fn sql(&self) -> &str {
        statement(&self.text)
    }

    /// The columns by which its rows are put in order, where the query itself does not say.
    pub fn order(&self) -> &[String] {
        if self.lineage.ordered { &[] } else { &self.front.grain }
    }

    /// A problem of DuckDB with this cell, at its place in the file.
    pub fn problem(&self, error: &SqlError) -> Diagnostic {
        sql_problem(&self.file, &self.text, error)
    }
}

/// A problem of a query file, at its place or, where DuckDB gives none, in the file.
fn sql_problem(file: &str, text: &str, error: &SqlError) -> Diagnostic {
    let problem = error.problem(file, text);
    if problem.place.is_some() { problem } else { problem.in_file(file) }
}

/// All cells of a book, and what they read.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// Cells by name.
    pub cells: BTreeMap<String, Cell>,
    /// Names in an order in which each comes after what it reads, in waves that may run side by side.
    pub waves: Vec<Vec<String>>,
}

impl Graph {
    /// Reads every cell of a book. Reports all problems of all files at once.
    pub fn read(book: &Book, session: &Session, threads: usize) -> Outcome<Graph> {
        let mut problems = Problems::none();
        let mut cells: BTreeMap<String, Cell> = BTreeMap::new();
        let folder = book.root.join(QUERIES);
        let files: Vec<String> = list_files(&folder)?.into_iter().filter(|file| file.ends_with(".sql")).collect();
        let read = |file: &String, session: &Session| read_cell(book, &format!("{QUERIES}/{file}"), session);
        for cell in session.side_by_side(&files, threads, &read)? {
            let Some(cell) = problems.absorb(cell) else { continue };
            if let Some(other) = cells.get(&cell.name) {
                let words = format!("two cells are named `{}`", cell.name);
                problems.push(
                    Diagnostic::fault("cell-name", words)
                        .in_file(&*cell.file)
                        .note(format!("the other is {}", other.file)),
                );
                continue;
            }
            cells.insert(cell.name.clone(), cell);
        }
        let tables = outside_names(book);
        for cell in cells.values() {
            report_names(cell, &cells, &tables, &mut problems);
        }
        problems.or(())?;
        let waves = waves(&cells)?;
        Ok(Graph { cells, waves })
    }

    /// The cells that a cell reads.
    pub fn reads(&self, name: &str) -> Vec<&str> {
        let reads = self.cells.get(name).map(|cell| cell.lineage.reads.as_slice()).unwrap_or_default();
        reads.iter().map(|read| read.name.as_str()).collect()
    }

    /// A cell and all that it and its tests read, directly or not, among the cells.
    pub fn needed_for(&self, name: &str) -> BTreeSet<String> {
        let mut needed = BTreeSet::new();
        let mut open = vec![name.to_string()];
        while let Some(next) = open.pop() {
            if self.cells.contains_key(&next) && needed.insert(next.clone()) {
                open.extend(self.reads(&next).into_iter().map(str::to_string));
                open.extend(self.cells[&next].test_reads.iter().cloned());
            }
        }
        needed
    }

    /// A cell by name, or a problem that suggests the nearest name.
    pub fn cell(&self, name: &str) -> Outcome<&Cell> {
        self.cells.get(name).ok_or_else(|| {
            let names: Vec<&String> = self.cells.keys().collect();
            let problem = Diagnostic::fault("cell-unknown", format!("the book has no cell `{name}`"));
            match nearest(name, &names) {
                Some(near) => problem.help(format!("did you mean `{near}`?")),
                None => problem.help("`candour graph` lists them"),
            }
            .into()
        })
    }
}

/// Names of tables that are not cells.
fn outside_names(book: &Book) -> BTreeSet<String> {
    let sources = book.sources.iter().map(|source| source.name.clone());
    let rules = book.tables.iter().map(|rules| rules.name.clone());
    sources.chain(rules).chain(ENGINE_TABLES.map(str::to_string)).collect()
}

fn read_cell(book: &Book, file: &str, session: &Session) -> Outcome<Cell> {
    let text = read_within(&book.root, file)?.text()?;
    let parts: Vec<&str> = file.split('/').collect();
    let name = parts.last().and_then(|name| name.strip_suffix(".sql")).unwrap_or_default().to_string();
    let mut problems = Problems::none();
    if !is_table_name(&name) {
        let words = format!("`{name}` cannot name a cell");
        problems.push(
            Diagnostic::fault("cell-name", words).in_file(file).help("use lower-case letters, digits and underscores"),
        );
    }
    let front = problems.absorb(front_matter::read(file, &text));
    let lineage =
        problems.absorb(session.lineage(statement(&text)).map_err(|error| sql_problem(file, &text, &error).into()));
    if let (Some(FrontMatter { parts: Some(parts), .. }), Some(Lineage { ordered: true, .. })) = (&front, &lineage) {
        let words = format!("`{name}` is kept in parts, which come in the order of its grain");
        let problem = Diagnostic::fault("cell-parts", words).at(parts.place.clone());
        problems.push(problem.help("take the last ORDER BY out of the query"));
    }
    match (front, lineage) {
        (Some(front), Some(lineage)) if !problems.stop() => {
            let stage = parts[1..parts.len() - 1].join("/");
            let test_reads = test_reads(&name, &front, book, session);
            Ok(Cell { name, stage, file: file.to_string(), text, front, lineage, test_reads })
        }
        _ => Err(problems),
    }
}

/// Tables that a cell's tests read. A test that cannot be parsed is reported when it runs.
fn test_reads(name: &str, front: &FrontMatter, book: &Book, session: &Session) -> BTreeSet<String> {
    let parsed = |query: &str| session.lineage(query).map(|lineage| lineage.reads).unwrap_or_default();
    let reads = |test: &DataTest| {
        test.known_reads(name).unwrap_or_else(|| {
            let query = test.failing_rows(name, book.edition.date);
            parsed(&query).into_iter().map(|read| read.name).collect()
        })
    };
    front.tests.iter().flat_map(reads).collect()
}

fn report_names(cell: &Cell, cells: &BTreeMap<String, Cell>, tables: &BTreeSet<String>, problems: &mut Problems) {
    if tables.contains(&cell.name) {
        let words = format!("`{}` is the name of a cell and of another table", cell.name);
        problems.push(Diagnostic::fault("name-clash", words).in_file(&*cell.file).help("rename the file"));
    }
    for read in &cell.lineage.volatile {
        let (start, length) = read.place;
        problems.push(
            Diagnostic::fault("volatile", format!("`{}` gives another answer on another run", read.name))
                .at(Place::in_text(&*cell.file, &cell.text, start, start + length))
                .help(
                    "take the day from parameters.edition_date, and draws from a function that takes parameters.seed",
                ),
        );
    }
    let known: Vec<&String> = cells.keys().chain(tables).collect();
    for read in cell.lineage.reads.iter().filter(|read| !known.contains(&&read.name)) {
        let (start, length) = read.place;
        let problem = Diagnostic::fault("unknown-table", format!("no cell or source is named `{}`", read.name))
            .at(Place::in_text(&*cell.file, &cell.text, start, start + length));
        problems.push(match nearest(&read.name, &known) {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None => problem.help("a query can read the book's cells, sources and tables, and nothing else"),
        });
    }
}

/// Cells in waves: each wave reads only earlier ones.
fn waves(cells: &BTreeMap<String, Cell>) -> Outcome<Vec<Vec<String>>> {
    let mut done: BTreeSet<&str> = BTreeSet::new();
    let mut waves = Vec::new();
    while done.len() < cells.len() {
        let ready: Vec<&str> = cells
            .values()
            .filter(|cell| !done.contains(cell.name.as_str()))
            .filter(|cell| {
                cell.lineage
                    .reads
                    .iter()
                    .all(|read| !cells.contains_key(&read.name) || done.contains(read.name.as_str()))
            })
            .map(|cell| cell.name.as_str())
            .collect();
        if ready.is_empty() {
            return Err(cycle(cells, &done).into());
        }
        done.extend(&ready);
        waves.push(ready.into_iter().map(str::to_string).collect());
    }
    Ok(waves)
}

/// The problem of a cycle among the cells that cannot be ordered.
fn cycle(cells: &BTreeMap<String, Cell>, done: &BTreeSet<&str>) -> Diagnostic {
    let mut path: Vec<&str> = Vec::new();
    let mut at = cells.keys().map(String::as_str).find(|name| !done.contains(name)).unwrap_or_default();
    while !path.contains(&at) {
        path.push(at);
        let open = cells[at].lineage.reads.iter().map(|read| read.name.as_str());
        at = open.into_iter().find(|name| cells.contains_key(*name) && !done.contains(name)).unwrap_or(at);
    }
    let start = path.iter().position(|name| *name == at).unwrap_or(0);
    let ring = [&path[start..], &[at]].concat();
    let first = &cells[ring[0]];
    let place = first.lineage.reads.iter().find(|read| read.name == ring[1]).map_or((0, 1), |read| read.place);
    Diagnostic::fault("cycle", format!("cells read each other in a circle: {}", ring.join(" reads ")))
        .at(Place::in_text(&*first.file, &first.text, place.0, place.0 + place.1))
        .help("take what both need into a cell of its own")
}
