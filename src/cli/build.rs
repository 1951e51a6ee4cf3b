//! `candour build`.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use clap::Args;
use jiff::civil::DateTime;

use super::options::BookOptions;
use super::progress::Progress;
use super::{Done, print_problems, put, say};
use crate::book::Book;
use crate::diagnostic::{Outcome, Problems};
use crate::edition::{self, BuildOptions, Built, Copy, Times};
use crate::notebook::Notebook;

/// Build and publish an edition
///
/// Reads the sources, runs the queries and their tests, fills the templates and writes the packs.
/// The edition appears in the output folder whole, with manifest.json, or not at all: a build that
/// fails or is stopped leaves the last edition as it was. With --pack or --only, the packs that are
/// made go to a folder of their own, whose name ends in -part. A pack with `on_request = true` is made
/// only with --pack.
#[derive(Args)]
#[command(after_help = "\
Examples:
  candour build
  candour build --data ../published --output /srv/packs
  candour build --data ../published --data my-office    published data, and an office's own files
  candour build --pack board --only X01
  candour build --pack briefing --pre-release people.csv --release 2026-06-25T09:30 --access-from 2026-06-24T09:30
  candour build --strict                 stop on any row that breaks its contract")]
pub(super) struct Build {
    #[command(flatten)]
    book: BookOptions,
    /// Only this pack, by its name in candour.toml; say it once for each of several
    #[arg(long, value_name = "NAME")]
    pack: Vec<String>,
    /// Only the pack whose key is this
    #[arg(long, value_name = "KEY")]
    only: Option<String>,
    /// Print claims that do not hold struck through, in a folder whose name ends in -draft
    #[arg(long)]
    draft: bool,
    /// Say what would be computed and made, and do nothing
    #[arg(long)]
    plan: bool,
    #[command(flatten)]
    early: PreRelease,
}

/// Copies before publication
#[derive(Args)]
#[command(next_help_heading = "Before publication")]
struct PreRelease {
    /// Make a numbered copy of each --pack for each person on this list, and a register of them
    ///
    /// A CSV file with the columns name, role and organisation, and perhaps email and access_from. Each copy bears its
    /// number, the person and the time of release on every page, in the words of [pre_release] in candour.toml. The
    /// copies go to a folder whose name ends in -pre-release, and no results of them are kept elsewhere. Only an ordinary
    /// build makes packs without the banner.
    #[arg(long, value_name = "LIST", requires_all = ["release", "pack"], conflicts_with_all = ["draft", "plan"])]
    pre_release: Option<PathBuf>,
    /// When everyone may read it: a local time such as 2026-06-25T09:30
    #[arg(long, value_name = "TIME", requires = "pre_release", value_parser = edition::wall_time)]
    release: Option<DateTime>,
    /// From when the people on the list may, unless the list says so for each
    #[arg(long, value_name = "TIME", requires = "pre_release", value_parser = edition::wall_time)]
    access_from: Option<DateTime>,
    /// Only this person's copy
    #[arg(long = "for", value_name = "NAME", requires = "pre_release")]
    recipient: Option<String>,
}

impl PreRelease {
    /// The people who get a copy; none where no list is given.
    fn copies(&self, book: &Book) -> Outcome<Vec<Arc<Copy>>> {
        let (Some(list), Some(release)) = (&self.pre_release, self.release) else { return Ok(Vec::new()) };
        let times = Times { access_from: self.access_from, release };
        let rule = book.pre_release.as_ref();
        let copies = edition::read_copies(list, times, self.recipient.as_deref(), rule, &book.edition)?;
        Ok(copies.into_iter().map(Arc::new).collect())
    }
}

impl Build {
    pub fn run(&self) -> Done {
        if self.plan {
            return self.print_plan();
        }
        let start = Instant::now();
        let result = self.build();
        match &result {
            Ok((notebook, built, warnings)) => {
                print_problems(warnings);
                say(&summary(notebook, built, start.elapsed().as_secs_f64()));
            }
            Err(problems) => {
                print_problems(problems);
                say("\nNothing was published; the last edition, if there is one, is as it was.");
            }
        }
        result.map(|(_, _, warnings)| warnings)
    }

    fn options(&self, copies: Vec<Arc<Copy>>) -> BuildOptions {
        BuildOptions {
            packs: self.pack.clone(),
            only: self.only.clone(),
            threads: self.book.threads(),
            draft: self.draft,
            copies,
            ..BuildOptions::default()
        }
    }

    /// Prints what a build would do: data, so that a program may read it.
    fn print_plan(&self) -> Done {
        let result = self.plan_lines();
        if let Err(problems) = &result {
            print_problems(problems);
        }
        put(result?.join("\n").as_bytes())?;
        put(b"\n")?;
        Ok(Problems::none())
    }

    fn plan_lines(&self) -> Outcome<Vec<String>> {
        let progress = Progress::new();
        let mut notebook = self.book.open(true, &progress)?;
        let cells = notebook.plan();
        let mut lines = vec![format!(
            "cells  {} known, {} to compute, {} that follow from those",
            cells.known.len(),
            cells.compute.len(),
            cells.follow.len()
        )];
        lines.extend(cells.compute.iter().map(|name| format!("  compute {name}")));
        lines.extend(cells.follow.iter().map(|name| format!("  perhaps {name}")));
        if !cells.compute.is_empty() {
            lines.push("packs  those that show what comes out differently".to_string());
            return Ok(lines);
        }
        notebook.run(None, &progress)?;
        let packs = edition::plan(&notebook, &self.options(Vec::new()))?;
        lines.push(format!(
            "packs  {} as they are, {} to make",
            packs.packs - packs.to_make.len(),
            packs.to_make.len()
        ));
        for (file, reasons) in packs.to_make {
            let more = reasons.len().saturating_sub(1);
            let more = if more > 0 { format!(", and {more} more") } else { String::new() };
            lines.push(format!("  make {file}: {}{more}", reasons.first().map_or("", String::as_str)));
        }
        let asked_for =
            packs.on_request.iter().map(|(name, count)| format!("  on request {name}: {count}, with --pack {name}"));
        lines.extend(asked_for);
        Ok(lines)
    }

    fn build(&self) -> Outcome<(Notebook, Built, Problems)> {
        let progress = Progress::with_lines();
        let mut notebook = self.book.open(true, &progress)?;
        // Who may have a copy is settled before anything is computed.
        let options = self.options(self.early.copies(&notebook.book)?);
        notebook.run(None, &progress)?;
        let mut warnings = notebook.warnings.clone();
        warnings.extend(notebook.results.problems());
        if warnings.stop() {
            return Err(warnings);
        }
        let built = edition::build(&notebook, &options, &self.book.output(), &progress)?;
        warnings.extend(built.warnings.clone());
        Ok((notebook, built, warnings))
    }
}

/// The closing words: what was read, computed and made.
fn summary(notebook: &Notebook, built: &Built, seconds: f64) -> String {
    let files: usize = notebook.sources.iter().map(|source| source.files.len()).sum();
    let rows: u64 = notebook.sources.iter().flat_map(|source| &source.files).map(|file| file.rows).sum();
    let rejects: usize = notebook.sources.iter().map(|source| source.rejects.len()).sum();
    let cells = &notebook.results.cells;
    let known = cells.values().filter(|cell| cell.known).count();
    let tests: usize = cells.values().map(|cell| cell.checks.len()).sum();
    let failed: usize = cells.values().flat_map(|cell| &cell.checks).filter(|check| check.problem.is_some()).count();
    let pages: usize = built.manifest.packs.iter().map(|pack| pack.pages).sum();
    let figures: usize = built.manifest.packs.iter().map(|pack| pack.figures).sum();
    let same = if built.unchanged { ", as it was already" } else { "" };
    let lines = [
        format!(
            "sources  {} from {files} files, {rows} rows, {rejects} reject{}",
            notebook.sources.len(),
            if rejects == 1 { "" } else { "s" }
        ),
        format!("cells    {}, of which {known} already known; {tests} tests, {failed} with warnings", cells.len()),
        format!(
            "packs    {}, of which {} already known; {pages} pages, {figures} figures",
            built.manifest.packs.len(),
            built.known
        ),
        format!("edition  {} in {}{same} ({seconds:.1} s)", &built.manifest.identifier[..12], built.folder.display()),
    ];
    lines.join("\n")
}
