//! Running cells: side by side, each as soon as it can, and only where something it depends on has changed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::cache::Cache;
use super::checks::CheckResult;
use super::graph::{Cell, Graph};
use super::schedule::{self, Steps};
use crate::book::naming::nearest;
use crate::diagnostic::{Diagnostic, Outcome, Problems, io_problem};
use crate::duck::{Session, SqlError};
use crate::frame::SHORTHAND;
use jiff::civil::Date;

/// What became of a cell.
#[derive(Clone, Debug)]
pub struct CellResult {
    /// Hash of everything the result depends on.
    pub fingerprint: String,
    /// The result itself.
    pub kept: KeptTable,
    /// Whether the result was already known.
    pub known: bool,
    /// What its tests found.
    pub checks: Vec<CheckResult>,
    /// Warnings about the cell.
    pub warnings: Problems,
}

/// A table in the cache.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeptTable {
    /// SHA-256 of its Parquet form: equal for equal tables.
    pub content: String,
    /// Size of that form in bytes.
    pub bytes: u64,
    /// Number of rows.
    pub rows: u64,
    /// Names and types of its columns, in order.
    pub columns: Vec<(String, String)>,
}

/// What became of all cells.
#[derive(Clone, Debug, Default)]
pub struct Results {
    /// By cell name.
    pub cells: BTreeMap<String, CellResult>,
}

impl Results {
    /// The problems of all tests and columns, in order of cell.
    pub fn problems(&self) -> Problems {
        let mut problems = Problems::none();
        for result in self.cells.values() {
            problems.extend(result.warnings.clone());
            result.checks.iter().filter_map(|check| check.problem.clone()).for_each(|problem| problems.push(problem));
        }
        problems
    }
}

/// Told of each cell that is done.
pub type Progress<'p> = &'p (dyn Fn(&str) + Sync);

/// What a run would compute.
#[derive(Debug, Default)]
pub struct CellPlan {
    /// Cells whose results are known.
    pub known: BTreeSet<String>,
    /// Cells that would be computed, in the order in which they run.
    pub compute: Vec<String>,
    /// Cells that read one of those: computed only if its result differs.
    pub follow: Vec<String>,
}

/// Says what [`run_cells`] would compute, and computes nothing.
pub fn plan_cells(graph: &Graph, session: &Session, outside: &BTreeMap<String, String>, cache: &Cache) -> CellPlan {
    let run = Run { cache, version: session.version() };
    let mut contents = outside.clone();
    let mut plan = CellPlan::default();
    for cell in graph.waves.iter().flatten().filter_map(|name| graph.cells.get(name)) {
        if cell.lineage.reads.iter().any(|read| !contents.contains_key(&read.name)) {
            plan.follow.push(cell.name.clone());
            continue;
        }
        match run.known(&run.fingerprint(cell, &contents)) {
            Some(kept) => {
                contents.insert(cell.name.clone(), kept.content);
                plan.known.insert(cell.name.clone());
            }
            None => plan.compute.push(cell.name.clone()),
        }
    }
    plan
}

/// A result that has been written to a file and is not kept yet.
pub(super) struct Draft {
    pub file: PathBuf,
    pub rows: u64,
    pub columns: Vec<(String, String)>,
}

/// What running needs.
pub(super) struct Run<'a> {
    pub cache: &'a Cache,
    pub version: String,
}

/// Runs the cells that are wanted (all of them if `wanted` is `None`) on so many threads. `outside` has
/// the content hashes of everything that is not a cell: sources, rule tables, parameters.
///
/// A cell depends on the *contents* of what it reads, not on how they came about: where a changed query or source
/// gives the same table as before, nothing after it is computed anew.
#[expect(
    clippy::too_many_arguments,
    reason = "one call site each in build and run; a struct would only repeat the names"
)]
pub fn run_cells(
    graph: &Graph,
    session: &Session,
    outside: &BTreeMap<String, String>,
    cache: &Cache,
    edition: Date,
    wanted: Option<&BTreeSet<String>>,
    threads: usize,
    progress: Progress<'_>,
) -> Outcome<Results> {
    let run = Run { cache, version: session.version() };
    let result = |cell: &Cell, contents: &BTreeMap<String, String>, session: &Session| {
        let result = run.cell(cell, contents, session);
        progress(&cell.name);
        result
    };
    let checks = |cell: &Cell, contents: &BTreeMap<String, String>, session: &Session| {
        run.checks(cell, contents, session, edition)
    };
    schedule::run(graph, wanted, outside, session, threads, &Steps { result: &result, checks: &checks })
}

impl Run<'_> {
    fn cell(&self, cell: &Cell, contents: &BTreeMap<String, String>, session: &Session) -> Outcome<CellResult> {
        let fingerprint = self.fingerprint(cell, contents);
        let (kept, known) = match self.known(&fingerprint) {
            Some(kept) => (kept, true),
            None => (self.compute(cell, &fingerprint, contents, session)?, false),
        };
        session.shelve(&cell.name, self.cache.files(&kept.content));
        let warnings = check_columns(cell, &kept.columns)?;
        Ok(CellResult { fingerprint, kept, known, checks: Vec::new(), warnings })
    }

    /// The result that is kept under a fingerprint.
    pub(super) fn known(&self, fingerprint: &str) -> Option<KeptTable> {
        let kept: KeptTable = self.cache.note("cells", fingerprint)?;
        self.cache.has_table(&kept.content, kept.bytes).then_some(kept)
    }

    /// Hash of what a cell's result depends on: its meaning, its order, what it reads, and the engines.
    pub(super) fn fingerprint(&self, cell: &Cell, contents: &BTreeMap<String, String>) -> String {
        let mut hash = Sha256::new();
        hash.update(format!("candour cell {} duckdb {}\n", crate::SOURCE_HASH, self.version));
        hash.update(format!("{}\n{}\n{}\n", cell.name, cell.lineage.normal, cell.front.grain.join(",")));
        for read in &cell.lineage.reads {
            let content = contents.get(&read.name).map(String::as_str).unwrap_or_default();
            hash.update(format!("{} {content}\n", read.name));
        }
        crate::hex(&hash.finalize())
    }

    /// Computes a result and keeps it, in parts if the cell says so. It is always read back from its Parquet form, so that
    /// types and values are the same whether or not it was known.
    fn compute(
        &self,
        cell: &Cell,
        fingerprint: &str,
        contents: &BTreeMap<String, String>,
        session: &Session,
    ) -> Outcome<KeptTable> {
        let in_parts = match &cell.front.parts {
            Some(by) => self.compute_in_parts(cell, &by.column, contents, session)?,
            None => None,
        };
        let kept = match in_parts {
            Some(kept) => kept,
            None => self.compute_whole(cell, session)?,
        };
        self.cache.keep_note("cells", fingerprint, &kept)?;
        Ok(kept)
    }

    fn compute_whole(&self, cell: &Cell, session: &Session) -> Outcome<KeptTable> {
        let file = self.cache.draft(&cell.name)?;
        let written = session.write_query(cell.sql(), cell.order(), &file);
        let (rows, columns) = written.map_err(|error| not_kept(cell, &error, &file))?;
        let draft = Draft { file, rows, columns };
        match &cell.front.parts {
            Some(by) => self.split(cell, by, draft, session),
            None => self.keep(draft),
        }
    }

    /// Takes in a result that has been written.
    pub(super) fn keep(&self, draft: Draft) -> Outcome<KeptTable> {
        let (content, bytes) = self.cache.keep_table(&draft.file)?;
        Ok(KeptTable { content, bytes, rows: draft.rows, columns: draft.columns })
    }

    /// Runs a cell's tests, unless all of them are known to have passed on the same contents.
    fn checks(
        &self,
        cell: &Cell,
        contents: &BTreeMap<String, String>,
        session: &Session,
        edition: Date,
    ) -> Outcome<Vec<CheckResult>> {
        let mut hash = Sha256::new();
        hash.update(format!("candour tests {} duckdb {}\n", crate::SOURCE_HASH, self.version));
        for name in cell.test_reads.iter().chain([&cell.name]) {
            hash.update(format!("{name} {}\n", contents.get(name).map(String::as_str).unwrap_or_default()));
        }
        for test in &cell.front.tests {
            hash.update(format!("{}\n{}\n", test.words(), test.failing_rows(&cell.name, edition)));
        }
        let fingerprint = crate::hex(&hash.finalize());
        if self.cache.note::<usize>("tests", &fingerprint) == Some(cell.front.tests.len()) {
            return Ok(cell.front.tests.iter().map(|test| CheckResult::passed(cell, test)).collect());
        }
        let checks = self.run_checks(cell, contents, session, edition)?;
        if checks.iter().all(|check| check.problem.is_none()) {
            self.cache.keep_note("tests", &fingerprint, &checks.len())?;
        }
        Ok(checks)
    }
}

/// Why a result could not be written to a file.
pub(super) fn not_kept(cell: &Cell, error: &SqlError, file: &Path) -> Problems {
    match error.storage() {
        Some(cause) => io_problem(&format!("keep the result of `{}` in", cell.name), file, &cause),
        None => stopped_or(cell, error),
    }
}

pub(super) fn stopped_or(cell: &Cell, error: &SqlError) -> Problems {
    if error.interrupted {
        return Diagnostic::fault("interrupted", "stopped; nothing was published").into();
    }
    let grain = cell.front.tests.first().map(|test| test.place.clone());
    match (error.place, grain) {
        // Behind the query stands the order that the grain adds to it.
        (Some((start, _)), Some(place)) if start >= cell.sql().len() => {
            let words = format!("the grain of `{}` does not fit its query: {}", cell.name, error.message);
            let problem = Diagnostic::fault("cell-grain", words).at(place);
            error.hinting(problem).into()
        }
        _ => cell.problem(error).into(),
    }
}

/// A declared column must be there; a column that is there should be declared.
fn check_columns(cell: &Cell, columns: &[(String, String)]) -> Outcome<Problems> {
    let names: Vec<&String> = columns.iter().map(|(name, _)| name).collect();
    let mut problems = Problems::none();
    for note in cell.front.columns.iter().filter(|note| !names.contains(&&note.name)) {
        let problem = Diagnostic::fault(
            "cell-column",
            format!("`{}` declares the column `{}`, which its query does not give", cell.name, note.name),
        )
        .in_file(&*cell.file);
        problems.push(match nearest(&note.name, &names) {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None => problem.help("mend [columns] in the front matter, or the query"),
        });
    }
    for column in cell.front.grain.iter().filter(|column| !names.contains(column)) {
        let words = format!("`{}` has the grain `{column}`, which its query does not give", cell.name);
        problems.push(Diagnostic::fault("cell-grain", words).in_file(&*cell.file));
    }
    report_claim(cell, columns, &mut problems);
    let undeclared: Vec<&str> = names
        .iter()
        .filter(|name| !cell.front.columns.iter().any(|note| note.name == name.strip_suffix(SHORTHAND).unwrap_or(name)))
        .map(|name| name.as_str())
        .collect();
    if !undeclared.is_empty() {
        let words = format!("`{}` does not say what these columns mean: {}", cell.name, undeclared.join(", "));
        problems.push(
            Diagnostic::warning("cell-column", words)
                .in_file(&*cell.file)
                .help("add them to [columns] in the front matter"),
        );
    }
    if problems.stop() { Err(problems) } else { Ok(problems) }
}

/// A cell of claims must have the columns that hold and state them.
fn report_claim(cell: &Cell, columns: &[(String, String)], problems: &mut Problems) {
    let Some(claim) = &cell.front.claim else { return };
    for (column, kind) in [(&claim.holds, "BOOLEAN"), (&claim.statement, "VARCHAR")] {
        if columns.iter().any(|(name, given)| name == column && given == kind) {
            continue;
        }
        let words = format!("`{}` is a cell of claims without a {kind} column `{column}`", cell.name);
        problems.push(
            Diagnostic::fault("cell-claim", words)
                .in_file(&*cell.file)
                .help("[claim] names two columns: `holds` (yes or no) and `statement` (text)"),
        );
    }
}
