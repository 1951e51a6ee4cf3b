//! `candour diff`.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::options::BookOptions;
use super::progress::Progress;
use super::{Done, print_problems, put, put_json, say};
use crate::book::{BOOK_FILE, Book};
use crate::cell::Cache;
use crate::diagnostic::{Diagnostic, Outcome, Problems};
use crate::edition::{EditionDiff, Published, Reading, Signals, diff, diff_pdf, diff_words};

/// Compare two editions
///
/// Sources, rules, queries, cells and packs; and in the packs that changed figures, claims and words, most important
/// first. Where the book says in [diff] which cell knows whether a change is signal, --book and --data of the newer
/// edition judge each figure by it. For packs with `published_answer = true`, drafts a correction of each restated
/// figure in the book's own words.
#[derive(Args)]
#[command(after_help = "\
Examples:
  candour diff editions/2026-q1 output/2026-q2
  candour diff old new --book . --data ../published    with whether each change is signal
  candour diff old new --pdf changes.pdf               as a document
  candour diff old new --format json | jq '.packs[].figures[] | select(.what == \"restated\")'")]
pub(super) struct Diff {
    /// The folder of the earlier edition
    #[arg(value_name = "BEFORE")]
    before: PathBuf,
    /// The folder of the later edition
    #[arg(value_name = "AFTER")]
    after: PathBuf,
    /// The book of the later edition
    #[arg(long, value_name = "DIR")]
    book: Option<PathBuf>,
    /// Its data folder, if not the book's own `data`; say it once for each of several
    #[arg(long, value_name = "DIR")]
    data: Vec<PathBuf>,
    /// Where kept results are, if not in the book's own `output`
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// How many threads to use, if not one for each core
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
    /// Compute everything anew and keep no results
    #[arg(long)]
    no_cache: bool,
    /// How to print it
    #[arg(long, value_enum, default_value_t = DiffFormat::Text)]
    format: DiffFormat,
    /// Write it as a PDF too
    #[arg(long, value_name = "FILE")]
    pdf: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
enum DiffFormat {
    /// Tables, the first rows of each
    Text,
    /// JSON, complete
    Json,
}

impl Diff {
    pub fn run(&self) -> Done {
        let result = self.print();
        let (Ok(problems) | Err(problems)) = &result;
        print_problems(problems);
        result
    }

    fn print(&self) -> Outcome<Problems> {
        let before = Published::open(&self.before)?;
        let after = Published::open(&self.after)?;
        let mut warnings = whole(&[&before, &after]);
        let book = self.book()?;
        let signals = match &book {
            Some(book) => self.signals(book, &after, &mut warnings)?,
            None => Err("not judged: no book here that says which changes are signal".to_string()),
        };
        let reading = Reading {
            rule: book.as_ref().map(|book| book.diff.clone()).unwrap_or_default(),
            packs: book.as_ref().map(|book| book.packs.as_slice()).unwrap_or_default(),
            signals: signals.as_ref().ok().map(|(signals, _)| signals),
            judged: match &signals {
                Ok((_, words)) => words.clone(),
                Err(words) => words.clone(),
            },
        };
        let found = diff(&before, &after, &reading)?;
        if found.before.date > found.after.date {
            warnings.push(Diagnostic::warning(
                "diff-order",
                "the first edition is the newer one: before and after are swapped",
            ));
        }
        self.write(&found)?;
        Ok(warnings)
    }

    fn write(&self, found: &EditionDiff) -> Outcome<()> {
        if let Some(path) = &self.pdf {
            Cache::write(path, &diff_pdf(found)?)?;
            say(&format!("written: {}", path.display()));
        }
        match self.format {
            DiffFormat::Text => put(diff_words(found).as_bytes()),
            DiffFormat::Json => put_json(found),
        }
    }

    /// The book that is given, or that lies here.
    fn book(&self) -> Outcome<Option<Book>> {
        match &self.book {
            Some(folder) => Book::open(folder).map(Some),
            None if Path::new(BOOK_FILE).is_file() => Book::open(Path::new(".")).map(Some),
            None => Ok(None),
        }
    }

    /// What the book's cell says of changes, with words on it; or why nothing is judged.
    fn signals(
        &self,
        book: &Book,
        after: &Published,
        warnings: &mut Problems,
    ) -> Outcome<Result<(Signals, String), String>> {
        let Some(cell) = &book.diff.signal else {
            return Ok(Err("not judged: the book names no cell in [diff] signal".to_string()));
        };
        if self.book.is_none() && self.data.is_empty() {
            return Ok(Err(format!("not judged: give --book and --data of the later edition to judge by {cell}")));
        }
        let progress = Progress::new();
        let mut notebook = self.options(after).open(false, &progress)?;
        let file = notebook.graph.cell(cell)?.file.clone();
        notebook.run(Some(&notebook.graph.needed_for(cell)), &progress)?;
        // Judged by other data than the edition was made of, a change would get a verdict that is not its own.
        let published = after.record.cells.iter().find(|record| record.name == *cell);
        if published.map(|record| record.content.as_str()) != notebook.content(cell) {
            let words = format!("`{cell}` gives another result than in the later edition");
            warnings.push(
                Diagnostic::warning("diff-signal", words)
                    .in_file(file)
                    .help("give the book and the data that this edition was made of; changes are not judged"),
            );
            return Ok(Err("not judged: the book and data given are not those of the later edition".to_string()));
        }
        let frame = notebook.session.table(cell).map_err(|error| notebook.graph.cells[cell].problem(&error))?;
        Ok(Ok((Signals::read(cell, &file, &frame)?, format!("judged by {cell}"))))
    }

    fn options(&self, after: &Published) -> BookOptions {
        let as_of = after.record.edition.get("as_of").and_then(|day| day.as_str()?.parse().ok());
        BookOptions {
            book: self.book.clone().unwrap_or_else(|| PathBuf::from(".")),
            data: self.data.clone(),
            output: self.output.clone(),
            strict: false,
            threads: self.threads,
            as_of,
            no_cache: self.no_cache,
        }
    }
}

/// Warnings of editions that are only parts, or whose manifest has been changed.
fn whole(editions: &[&Published]) -> Problems {
    let mut warnings = Problems::none();
    for edition in editions {
        let folder = edition.folder.display();
        if !edition.record.whole {
            let words = format!("{folder} holds only some packs of its edition: others count as gone or added");
            warnings.push(Diagnostic::warning("diff-part", words));
        }
        if edition.identifier != edition.record.identifier {
            warnings.push(
                Diagnostic::warning("diff-manifest", format!("the manifest of {folder} has been changed"))
                    .help("`candour verify` says what of an edition is not as it was published"),
            );
        }
    }
    warnings
}
