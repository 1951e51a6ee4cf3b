//! `candour new`.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{Done, print_problems, say};
use crate::diagnostic::{Diagnostic, Outcome, Problems, io_problem};

/// Make a small working book to begin from
///
/// Writes a book about the buses of a town that does not exist: two sources, three cells with tests, two
/// packs. Change it piece by piece into your own.
#[derive(Args)]
#[command(after_help = "\
Examples:
  candour new my-book
  candour build --book my-book")]
pub(super) struct New {
    /// The folder to make; it must not exist, or be empty
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

macro_rules! starter {
    ($($file:literal),* $(,)?) => {
        /// Files of the starter book.
        const FILES: &[(&str, &str)] = &[$(($file, include_str!(concat!("starter/", $file)))),*];
    };
}

starter![
    ".gitignore",
    "README.md",
    "candour.toml",
    "data/data.toml",
    "data/passengers-2024.csv",
    "data/passengers-2025.csv",
    "data/routes.csv",
    "queries/packs/routes.sql",
    "queries/packs/town_totals.sql",
    "queries/routes/route_quarters.sql",
    "report-templates/lib/page.typ",
    "report-templates/partials/notes.typ",
    "report-templates/route-report.typ",
    "report-templates/town-summary.typ",
];

impl New {
    pub fn run(&self) -> Done {
        let result = self.write();
        if let Err(problems) = &result {
            print_problems(problems);
        }
        result
    }

    fn write(&self) -> Outcome<Problems> {
        let taken =
            self.folder.is_file() || std::fs::read_dir(&self.folder).is_ok_and(|mut entries| entries.next().is_some());
        if taken {
            return Err(Diagnostic::fault(
                "folder-taken",
                format!("{} is there already and is not empty", self.folder.display()),
            )
            .help("name a folder that does not exist")
            .into());
        }
        for (file, text) in FILES {
            write_file(&self.folder.join(file), text)?;
        }
        let folder = self.folder.display();
        say(&format!("made a book in {folder}; now try: candour build --book {folder}"));
        Ok(Problems::none())
    }
}

fn write_file(path: &Path, text: &str) -> Outcome<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| io_problem("make the folder", folder, &error))?;
    }
    std::fs::write(path, text).map_err(|error| io_problem("write", path, &error))
}
