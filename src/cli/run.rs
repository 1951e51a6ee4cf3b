//! `candour run`.

use clap::Args;

use super::options::BookOptions;
use super::progress::Progress;
use super::table::{Format, write_frame};
use super::{Done, print_problems, put};
use crate::diagnostic::{Outcome, Problems};

/// Run one cell and print its result
///
/// Runs the cell and whatever it reads, from kept results where nothing has changed.
#[derive(Args)]
#[command(after_help = "\
Examples:
  candour run scores
  candour run scores --format csv > scores.csv
  candour run scores --format json | jq '.[0]'
  candour run scores --format parquet > scores.parquet")]
pub(super) struct Run {
    #[command(flatten)]
    book: BookOptions,
    /// The cell: a query file's name without .sql
    #[arg(value_name = "CELL")]
    cell: String,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

impl Run {
    pub fn run(&self) -> Done {
        let result = self.print();
        let (Ok(problems) | Err(problems)) = &result;
        print_problems(problems);
        result
    }

    fn print(&self) -> Outcome<Problems> {
        let progress = Progress::new();
        let mut notebook = self.book.open(false, &progress)?;
        let wanted = notebook.graph.needed_for(&notebook.graph.cell(&self.cell)?.name);
        notebook.run(Some(&wanted), &progress)?;
        let cell = notebook.graph.cell(&self.cell)?;
        put(&write_frame(&notebook.session, &cell.name, self.format, &cell.front.columns)
            .map_err(|error| cell.problem(&error))?)?;
        let problems = notebook.results.problems();
        if problems.stop() { Err(problems) } else { Ok(problems) }
    }
}
