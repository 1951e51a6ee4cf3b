//! Options that several commands share.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;
use jiff::civil::Date;

use super::progress::Progress;
use crate::diagnostic::{Diagnostic, Outcome};
use crate::notebook::{Notebook, Options};

/// Which book, which data.
#[derive(Args, Clone, Debug)]
pub(super) struct BookOptions {
    /// The book's folder
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub book: PathBuf,
    /// The data folder, if not the book's own `data`; several may be named
    ///
    /// Say --data once for each, such as published data in one and an office's own files in another. The files of all
    /// are found by each source's patterns; one name in two folders is refused. What a folder says in its data.toml,
    /// and locks in its candour.lock, holds for its own files.
    #[arg(long, value_name = "DIR")]
    pub data: Vec<PathBuf>,
    /// Where editions and kept results go, if not the book's own `output`
    #[arg(long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// Stop on any row that breaks its source's contract
    #[arg(long)]
    pub strict: bool,
    /// How many threads to use, if not one for each core
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
    /// What was known on this day: queries that ask leave out what was published later
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<Date>,
    /// Compute everything anew and keep no results
    #[arg(long)]
    pub no_cache: bool,
}

impl BookOptions {
    /// The output folder.
    pub fn output(&self) -> PathBuf {
        self.output.clone().unwrap_or_else(|| self.book.join("output"))
    }

    /// Number of threads.
    pub fn threads(&self) -> usize {
        self.threads
            .map_or_else(|| std::thread::available_parallelism().map_or(1, NonZeroUsize::get), NonZeroUsize::get)
    }

    /// Opens the notebook with nothing kept from earlier work.
    pub fn open_anew(&self, progress: &Progress) -> Outcome<Notebook> {
        BookOptions { no_cache: true, ..self.clone() }.open(false, progress)
    }

    fn options(&self, publishing: bool) -> Options {
        let cache = self.output().join(".cache");
        // A command that publishes nothing does without kept results where it may not write.
        let usable = publishing || std::fs::create_dir_all(&cache).is_ok();
        Options {
            book: self.book.clone(),
            data: self.data.clone(),
            cache: (usable && !self.no_cache).then_some(cache),
            strict: self.strict,
            threads: self.threads(),
            as_of: self.as_of,
        }
    }

    /// Opens the notebook. Ctrl-C stops its work; a second one ends the program at once, which is safe: what is
    /// published is never half written.
    pub fn open(&self, publishing: bool, progress: &Progress) -> Outcome<Notebook> {
        let notebook = Notebook::open(&self.options(publishing), progress)?;
        let interrupt = notebook.session.interrupt();
        let handler = move || {
            if interrupt.stop() {
                std::process::exit(2);
            }
        };
        ctrlc::set_handler(handler)
            .map_err(|error| Diagnostic::fault("signals", format!("could not listen for Ctrl-C: {error}")))?;
        Ok(notebook)
    }
}
