//! `candour lock`.

use std::path::PathBuf;

use clap::Args;

use super::{Done, print_problems, say};
use crate::book::Book;
use crate::cell::Cache;
use crate::diagnostic::{Outcome, Problems};
use crate::notebook::data_folder;
use crate::source::{LOCK_FILE, Lock};

/// Accept the files of all sources as they are, or check that they are still the same
///
/// Writes candour.lock in the data folder: SHA-256 and size of each file of each source. Where it is there, every
/// command that reads sources refuses a file that has changed, is missing or is additional. Run it again to accept
/// the files as they are then: what differs from the last lock is listed.
#[derive(Args)]
#[command(after_help = "\
Examples:
  candour lock                        accept the files of the book's data folder
  candour lock --data ../published    or of another
  candour lock --check                exit code 1 if a file is not the one that was locked")]
pub(super) struct LockFiles {
    /// The book's folder
    #[arg(long, value_name = "DIR", default_value = ".")]
    book: PathBuf,
    /// The data folder, if not the book's own `data`
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Compare, and write nothing
    #[arg(long)]
    check: bool,
}

impl LockFiles {
    pub fn run(&self) -> Done {
        let result = if self.check { self.compare() } else { self.write() };
        let (Ok(problems) | Err(problems)) = &result;
        print_problems(problems);
        result
    }

    fn compare(&self) -> Outcome<Problems> {
        let book = Book::open(&self.book)?;
        let data = data_folder(&book, self.data.as_deref())?;
        let Some(locked) = Lock::read(&data)? else {
            return Err(crate::diagnostic::Diagnostic::check(
                "lock-none",
                format!("{} has no {LOCK_FILE}", data.display()),
            )
            .help("`candour lock` writes it")
            .into());
        };
        locked.differences(&Lock::of(&book, &data)?).or(())?;
        say(&format!("{} files are as they were locked", locked.len()));
        Ok(Problems::none())
    }

    fn write(&self) -> Outcome<Problems> {
        let book = Book::open(&self.book)?;
        let data = data_folder(&book, self.data.as_deref())?;
        let now = Lock::of(&book, &data)?;
        // A damaged lock is no reason not to write a new one; a person should know of it.
        let before = Lock::read(&data);
        Cache::write(&data.join(LOCK_FILE), now.text()?.as_bytes())?;
        match &before {
            Ok(Some(before)) if *before == now => say(&format!("{} files, all as they were locked before", now.len())),
            Ok(Some(before)) => {
                for change in before.differences(&now).0 {
                    say(&format!("accepted: {}", change.message));
                    change.notes.iter().for_each(|note| say(&format!("  {note}")));
                }
                say(&format!("{} files are locked", now.len()));
            }
            Ok(None) => say(&format!("{} files are locked", now.len())),
            Err(_) => say(&format!("{} files are locked; the lock that was there could not be read", now.len())),
        }
        Ok(Problems::none())
    }
}
