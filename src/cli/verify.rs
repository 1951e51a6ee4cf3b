//! `candour verify`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::options::BookOptions;
use super::progress::Progress;
use super::{Done, print_problems, say};
use crate::book::{BOOK_FILE, Book};
use crate::diagnostic::{Diagnostic, Outcome, Problems};
use crate::edition::{self, BuildOptions, Published, PublishedPack};
use crate::notebook::Notebook;

/// Check that an edition is whole and can be made again
///
/// First whether files, attachments and pages are as they were published. Then the edition is made again, from the
/// book and its data, with nothing kept from earlier builds, and compared byte by byte. Where it differs, the first
/// source, query, cell and figure that do are named. A PDF alone is checked against what it carries; where the book is
/// at hand, that pack is made again too.
#[derive(Args)]
#[command(after_help = "\
Examples:
  candour verify                                      the edition that the book names, in its output folder
  candour verify output/2025-26-q4 --data ../published
  candour verify board-pack.pdf --no-rebuild          the document alone, without its book")]
pub(super) struct Verify {
    /// An edition's folder, or a pack
    #[arg(value_name = "EDITION|PDF")]
    path: Option<PathBuf>,
    #[command(flatten)]
    book: BookOptions,
    /// Do not make it again: check only that it is as it was published
    #[arg(long)]
    no_rebuild: bool,
}

impl Verify {
    pub fn run(&self) -> Done {
        let result = self.verify();
        let (Ok(problems) | Err(problems)) = &result;
        print_problems(problems);
        if problems.stop() {
            say("\nnot verified: see above");
        }
        result
    }

    fn verify(&self) -> Outcome<Problems> {
        let path = match &self.path {
            Some(path) => path.clone(),
            None => self.book.output().join(Book::open(&self.book.book)?.edition.name),
        };
        let pdf = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("pdf"));
        if pdf { self.verify_pack(&path) } else { self.verify_edition(&path) }
    }

    fn verify_edition(&self, folder: &Path) -> Outcome<Problems> {
        let published = Published::open(folder)?;
        let mut problems = edition::check_folder(&published);
        if !problems.stop() {
            say(&format!("whole: {} packs as the manifest names them", published.record.packs.len()));
        }
        if !published.record.whole && !self.no_rebuild {
            let words = format!("{} holds only some packs of its edition", folder.display());
            let problem = Diagnostic::fault("verify-part", words).help("verify one of its packs, or add --no-rebuild");
            problems.push(problem);
        } else if !self.no_rebuild {
            let as_of = published.record.edition.get("as_of").and_then(|day| day.as_str());
            let again = self.again(&self.options(None, None), as_of)?;
            problems.extend(edition::compare_editions(&published, &Published::open(again.folder())?)?);
        }
        if problems.stop() {
            return Err(problems);
        }
        if !self.no_rebuild {
            say(&format!("identical: edition {}, made again, has the same bytes", &published.record.identifier[..12]));
        }
        Ok(problems)
    }

    fn verify_pack(&self, path: &Path) -> Outcome<Problems> {
        let name = path.display().to_string();
        let bytes = std::fs::read(path).map_err(|error| crate::diagnostic::io_problem("read", path, &error))?;
        let pack = PublishedPack::read(&bytes, &name)?;
        let mut problems = edition::check_pack(&pack, &name);
        problems.extend(edition::check_text(&pack, path));
        if !problems.stop() {
            let pages = pack.texts.len();
            say(&format!("whole: {pages} pages and {} attachments agree with each other", pack.attachments.len()));
        }
        if self.no_rebuild {
            return if problems.stop() { Err(problems) } else { Ok(problems) };
        }
        if !self.book.book.join(BOOK_FILE).is_file() {
            say("not made again: no book here; name one with --book, and its data with --data");
            return if problems.stop() { Err(problems) } else { Ok(problems) };
        }
        let options = self.options(Some(pack.manifest.pack.clone()), pack.manifest.key.clone());
        let as_of = pack.manifest.edition.get("as_of").map(String::as_str);
        let copies = pack.manifest.copy.clone().map(Arc::new).into_iter().collect();
        let again = self.again(&BuildOptions { draft: pack.manifest.draft, copies, ..options }, as_of)?;
        let made = Published::open(again.folder())?;
        match made.record.packs.first() {
            Some(entry) if entry.sha256 == crate::sha256(&bytes) => {
                say(&format!("identical: {}, made again, has the same bytes", entry.file));
            }
            Some(entry) => problems.extend(edition::compare_packs(&pack, &made.pack(entry)?, &name)),
            None => {}
        }
        if problems.stop() { Err(problems) } else { Ok(problems) }
    }

    fn options(&self, pack: Option<String>, only: Option<String>) -> BuildOptions {
        let packs = pack.into_iter().collect();
        BuildOptions { packs, only, threads: self.book.threads(), ..BuildOptions::default() }
    }

    /// Makes an edition, or a part of it, in a folder of its own with nothing kept from before.
    fn again(&self, options: &BuildOptions, as_of: Option<&str>) -> Outcome<Again> {
        let output = tempfile::tempdir()
            .map_err(|error| crate::diagnostic::io_problem("make", Path::new("a temporary folder"), &error))?;
        let progress = Progress::new();
        let as_of = as_of.and_then(|day| day.parse().ok()).or(self.book.as_of);
        let book = BookOptions { as_of, ..self.book.clone() };
        let mut notebook: Notebook = book.open_anew(&progress)?;
        notebook.run(None, &progress)?;
        let built = edition::build(&notebook, options, output.path(), &progress)?;
        Ok(Again { folder: built.folder, _output: output })
    }
}

/// An edition made again, there as long as this is.
struct Again {
    folder: PathBuf,
    _output: tempfile::TempDir,
}

impl Again {
    fn folder(&self) -> &Path {
        &self.folder
    }
}
