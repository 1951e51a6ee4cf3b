//! `candour test`.

use clap::Args;

use super::options::BookOptions;
use super::progress::Progress;
use super::{Done, print_problems, say};
use crate::diagnostic::Outcome;
use crate::notebook::Notebook;

/// Run the data tests
///
/// Runs the queries and the tests in their front matter. A failing test shows sample rows.
#[derive(Args)]
#[command(after_help = "\
Examples:
  candour test
  candour test scores        only this query's tests, and those of what it reads")]
pub(super) struct Test {
    #[command(flatten)]
    book: BookOptions,
    /// Only the tests of this cell and of those that it reads
    #[arg(value_name = "CELL")]
    cell: Option<String>,
}

impl Test {
    pub fn run(&self) -> Done {
        let notebook = match self.notebook() {
            Ok(notebook) => notebook,
            Err(problems) => {
                print_problems(&problems);
                return Err(problems);
            }
        };
        let problems = notebook.results.problems();
        print_problems(&problems);
        let checks = || notebook.results.cells.values().flat_map(|cell| &cell.checks);
        let failed = checks().filter(|check| check.problem.is_some() && !check.warn).count();
        let warned = checks().filter(|check| check.problem.is_some() && check.warn).count();
        let passed = checks().count() - failed - warned;
        say(&format!("{passed} tests passed, {failed} failed, {warned} failed with a warning only"));
        if problems.stop() { Err(problems) } else { Ok(problems) }
    }

    fn notebook(&self) -> Outcome<Notebook> {
        let progress = Progress::new();
        let mut notebook = self.book.open(false, &progress)?;
        let wanted = match &self.cell {
            Some(name) => Some(notebook.graph.needed_for(&notebook.graph.cell(name)?.name)),
            None => None,
        };
        notebook.run(wanted.as_ref(), &progress)?;
        Ok(notebook)
    }
}
