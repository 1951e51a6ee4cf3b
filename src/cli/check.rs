//! `candour check`.

use clap::Args;

use super::options::BookOptions;
use super::progress::Progress;
use super::{Done, print_problems, say};
use crate::diagnostic::{Outcome, Problems};
use crate::edition::{self, BuildOptions};

/// Check everything, the pages too, and publish nothing
///
/// Reads settings, sources and queries, runs every query and test, fills every template, lays out
/// every page and looks at it: contrast, alternative text, header rows, what must stand beside a
/// figure. Lists all problems found. A pack in which nothing was found is looked at again only when
/// something in it has changed.
#[derive(Args)]
#[command(after_help = "\
Examples:
  candour check
  candour check --data ../published --strict")]
pub(super) struct Check {
    #[command(flatten)]
    book: BookOptions,
}

impl Check {
    pub fn run(&self) -> Done {
        let result = self.check();
        let problems = match &result {
            Ok(problems) | Err(problems) => problems,
        };
        print_problems(problems);
        say(match problems.exit_code() {
            0 if problems.0.is_empty() => "no problems found",
            0 => "\nno errors; see the warnings above",
            _ => "\nsee the errors above",
        });
        result
    }

    fn check(&self) -> Outcome<Problems> {
        let progress = Progress::new();
        let mut notebook = self.book.open(false, &progress)?;
        notebook.run(None, &progress)?;
        let mut problems = notebook.warnings.clone();
        problems.extend(notebook.results.problems());
        problems.extend(edition::lint(&notebook)?);
        let options = BuildOptions { threads: self.book.threads(), ..BuildOptions::default() };
        match edition::check_packs(&notebook, &options, &progress) {
            Ok(found) | Err(found) => problems.extend(found),
        }
        if problems.stop() { Err(problems) } else { Ok(problems) }
    }
}
