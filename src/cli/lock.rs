//! `candour lock`.

use std::path::PathBuf;

use clap::Args;

use super::{Done, print_problems, say};
use crate::book::{Book, DataFolder};
use crate::cell::Cache;
use crate::diagnostic::{Diagnostic, Outcome, Problems};
use crate::notebook::data_folders;
use crate::source::{LOCK_FILE, Lock};

/// Accept the files of all sources as they are, or check that they are still the same
///
/// Writes candour.lock in the data folder: SHA-256 and size of each file of each source. Where it is there, every
/// command that reads sources refuses a file that has changed, is missing or is additional. Run it again to accept
/// the files as they are then: what differs from the last lock is listed. Of several data folders each gets a lock of
/// its own, for the files in it; a folder without a lock is not held to one.
#[derive(Args)]
#[command(after_help = "\
Examples:
  candour lock                        accept the files of the book's data folder
  candour lock --data ../published    or of another
  candour lock --data ../published --data my-office    a lock in each of two
  candour lock --check                exit code 1 if a file is not the one that was locked")]
pub(super) struct LockFiles {
    /// The book's folder
    #[arg(long, value_name = "DIR", default_value = ".")]
    book: PathBuf,
    /// The data folder, if not the book's own `data`; say it once for each of several
    #[arg(long, value_name = "DIR")]
    data: Vec<PathBuf>,
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
        let data = data_folders(&book, &self.data)?;
        let locked = Lock::read_all(&data)?;
        let now = Lock::of(&book, &data)?;
        let mut problems = Problems::none();
        for ((folder, locked), now) in data.folders().iter().zip(&locked).zip(&now) {
            match locked {
                Some(locked) => problems.extend(locked.differences(now)),
                None => problems.push(no_lock(folder)),
            }
        }
        problems.or(())?;
        let files: usize = locked.iter().flatten().map(Lock::len).sum();
        say(&format!("{files} files are as they were locked"));
        Ok(Problems::none())
    }

    fn write(&self) -> Outcome<Problems> {
        let book = Book::open(&self.book)?;
        let data = data_folders(&book, &self.data)?;
        for (folder, now) in data.folders().iter().zip(Lock::of(&book, &data)?) {
            if data.folders().len() > 1 {
                say(&format!("{}:", folder.path.display()));
            }
            // A damaged lock is no reason not to write a new one; a person should know of it.
            let before = Lock::read(&folder.path);
            Cache::write(&folder.path.join(LOCK_FILE), now.text()?.as_bytes())?;
            tell(before, &now);
        }
        Ok(Problems::none())
    }
}

fn no_lock(folder: &DataFolder) -> Diagnostic {
    Diagnostic::check("lock-none", format!("{} has no {LOCK_FILE}", folder.path.display()))
        .help("`candour lock` writes it")
}

/// Says what a new lock accepts that the last one did not.
fn tell(before: Outcome<Option<Lock>>, now: &Lock) {
    match &before {
        Ok(Some(before)) if before == now => say(&format!("{} files, all as they were locked before", now.len())),
        Ok(Some(before)) => {
            for change in before.differences(now).0 {
                say(&format!("accepted: {}", change.message));
                change.notes.iter().for_each(|note| say(&format!("  {note}")));
            }
            say(&format!("{} files are locked", now.len()));
        }
        Ok(None) => say(&format!("{} files are locked", now.len())),
        Err(_) => say(&format!("{} files are locked; the lock that was there could not be read", now.len())),
    }
}
