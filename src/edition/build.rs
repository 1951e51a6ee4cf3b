//! Building an edition: run the cells, fill the templates, set the packs, publish.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::channel;

use rayon::prelude::*;

use super::inputs::PackNote;
use super::manifest::{Beside, Manifest, PackEntry};
use super::pre_release::{self, Copy, REGISTER};
use super::publish::Staging;
use super::workshop::{Made, Workshop, about};
use crate::book::naming::{file_part, nearest};
use crate::book::{BOOK_FILE, Edition, PackRule};
use crate::diagnostic::{Diagnostic, Outcome, Problems};
use crate::notebook::{Notebook, Watcher};
use crate::pack::Library;

/// What to build.
#[derive(Clone, Debug, Default)]
pub struct BuildOptions {
    /// Only these packs; all but those on request if none is named.
    pub packs: Vec<String>,
    /// Only the pack with this key.
    pub only: Option<String>,
    /// Number of threads.
    pub threads: usize,
    /// Whether claims that do not hold are printed struck through instead of stopping publication.
    pub draft: bool,
    /// The people who get a copy of each pack before publication; none for an edition.
    pub copies: Vec<Arc<Copy>>,
    /// What packs are made without. Only for measuring what it costs: such packs are not an edition, and no command
    /// makes them.
    #[doc(hidden)]
    pub without: Without,
}

/// Parts of packs that are left out to measure what they cost.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Without {
    /// The figures placed on pages, the attachments and their hashes.
    pub evidence: bool,
    /// The sheets beside the pages.
    pub sheets: bool,
}

impl BuildOptions {
    /// Whether every pack of the book is wanted, fit to be published.
    fn whole(&self) -> bool {
        !self.is_part() && !self.draft && self.without == Without::default() && self.copies.is_empty()
    }

    /// The name of the folder for what is built: only a whole edition, with all that is known, takes the edition's own.
    pub fn folder(&self, edition: &Edition) -> String {
        let past = match edition.as_of == edition.date {
            true => String::new(),
            false => format!("-as-of-{}", edition.as_of),
        };
        let ending = match (self.copies.as_slice(), self.draft, self.is_part()) {
            ([], false, false) => String::new(),
            ([], false, true) => "-part".to_string(),
            ([], true, _) => "-draft".to_string(),
            // One person's copy does not replace those of all.
            ([one], ..) if one.of > 1 => format!("-copy-{}-pre-release", one.number),
            _ => "-pre-release".to_string(),
        };
        let ending = if self.without == Without::default() { ending } else { "-bare".to_string() };
        format!("{}{past}{ending}", edition.name)
    }

    fn is_part(&self) -> bool {
        !self.packs.is_empty() || self.only.is_some()
    }
}

/// What was built.
#[derive(Debug)]
pub struct Built {
    /// The edition's folder.
    pub folder: PathBuf,
    /// Its manifest.
    pub manifest: Manifest,
    /// Packs that were taken as they were from an earlier build.
    pub known: usize,
    /// Whether the edition that is published was the same already, and was left as it is.
    pub unchanged: bool,
    /// Warnings.
    pub warnings: Problems,
}

/// One pack to make.
pub(super) struct Item<'a> {
    pub rule: &'a PackRule,
    pub row: Option<usize>,
    pub key: Option<String>,
    pub file: String,
    /// Whose copy it is, before publication.
    pub copy: Option<Arc<Copy>>,
}

impl Item<'_> {
    /// The name of a file that lies beside the PDF.
    pub fn beside(&self, ending: &str) -> String {
        format!("{}.{ending}", self.file.strip_suffix(".pdf").unwrap_or(&self.file))
    }
}

/// Builds and publishes an edition from a notebook whose cells have been run.
pub fn build(notebook: &Notebook, options: &BuildOptions, output: &Path, watcher: &dyn Watcher) -> Outcome<Built> {
    let library = notebook.library()?;
    let items = items(notebook, &library, options)?;
    // Opened before any pack is made, so that a folder that cannot be written, or another build, is told at once.
    let staging = Staging::open(output)?;
    let mut workshop = Workshop::open(notebook, library, options.draft)?;
    if !options.copies.is_empty() {
        workshop.keep_nothing()?;
    }
    workshop.without = options.without;
    let folder = output.join(options.folder(&notebook.book.edition));
    watcher.begin("packs", items.len());
    let made = make(&workshop, &items, options.threads, &staging, &folder, watcher);
    watcher.end();
    let (made, staged) = made?;
    notebook.session.unless_stopped()?;
    let known = made.iter().filter(|made| made.known).count();
    let mut warnings = Problems::none();
    let mut entries = Vec::new();
    for made in &made {
        warnings.extend(made.warnings.clone());
        entries.push(made.note.entry.clone());
    }
    let register = register(&items, &entries)?;
    let manifest = Manifest::new(notebook, entries, options.whole(), register.as_ref().map(|(file, _)| file.clone()))?;
    let unchanged = is_published(&folder, &manifest);
    if !unchanged {
        let left = made.par_iter().zip(&items).filter(|(_, item)| !staged.contains(item.file.as_str()));
        left.try_for_each(|(made, item)| stage(&workshop, item, &made.note, &staging, &folder))?;
        if let Some((file, bytes)) = &register {
            staging.write(&file.file, bytes)?;
        }
        staging.write("manifest.json", &manifest.json())?;
        staging.publish(&options.folder(&notebook.book.edition))?;
    }
    Ok(Built { folder, manifest, known, unchanged, warnings: merged(warnings) })
}

/// Makes all packs. Those that are made anew go to the staging folder, and to the disk, while others are still being made;
/// gives their files as well.
fn make(
    workshop: &Workshop<'_>,
    items: &[Item<'_>],
    threads: usize,
    staging: &Staging,
    replaced: &Path,
    watcher: &dyn Watcher,
) -> Outcome<(Vec<Made>, BTreeSet<String>)> {
    /// How many packs go to the disk together.
    const TOGETHER: usize = 12;
    let (sender, receiver) = channel::<(&Item<'_>, PackNote)>();
    std::thread::scope(|scope| {
        let stager = scope.spawn(move || {
            let mut staged = BTreeSet::new();
            for (item, note) in receiver {
                stage(workshop, item, &note, staging, replaced)?;
                staged.insert(item.file.clone());
                if staged.len() % TOGETHER == 0 {
                    // Only a beginning: publication waits for the disk, and tells if it fails.
                    let _ = staging.flush();
                }
            }
            Outcome::Ok(staged)
        });
        let by_file: BTreeMap<&str, &Item<'_>> = items.iter().map(|item| (item.file.as_str(), item)).collect();
        let made = workshop.make_all(items, threads, watcher, &|item, made| {
            if let Some(item) = by_file.get(item.file.as_str()).filter(|_| !made.known) {
                // Where staging has failed nobody listens any more, and that failure is what is told.
                let _ = sender.send((item, made.note.clone()));
            }
        });
        drop(sender);
        let staged = stager.join().unwrap_or_else(|panic| resume_unwind(panic));
        let mut problems = Problems::none();
        match (problems.absorb(made), problems.absorb(staged)) {
            (Some(made), Some(staged)) => problems.or((made, staged)),
            _ => Err(problems),
        }
    })
}

/// The register of copies that are given out, with its entry in the manifest; none for an edition.
fn register(items: &[Item<'_>], entries: &[PackEntry]) -> Outcome<Option<(Beside, Vec<u8>)>> {
    let given: Vec<(&Copy, &PackEntry)> =
        items.iter().zip(entries).filter_map(|(item, entry)| Some((item.copy.as_deref()?, entry))).collect();
    if given.is_empty() {
        return Ok(None);
    }
    let bytes = pre_release::register(&given)?;
    let file = Beside { file: REGISTER.to_string(), sha256: crate::sha256(&bytes), bytes: bytes.len() };
    Ok(Some((file, bytes)))
}

/// Takes a kept pack into the edition. One whose bytes are no longer those that its note names is made again.
fn stage(workshop: &Workshop<'_>, item: &Item<'_>, note: &PackNote, staging: &Staging, replaced: &Path) -> Outcome<()> {
    if take(&workshop.files(note), staging, replaced)? {
        return Ok(());
    }
    for (_, path, _) in workshop.files(note) {
        let _ = std::fs::remove_file(path);
    }
    workshop.make(item)?;
    if take(&workshop.files(note), staging, replaced)? {
        return Ok(());
    }
    let words = format!("the kept copy of {} is damaged, and making it again gave another", note.entry.file);
    Err(Diagnostic::fault("cache-damaged", words).help("build again; add --no-cache if that fails").into())
}

/// Takes files into the edition: from the one that it replaces where they are the same, or else from where they are
/// kept. Says whether all had the bytes that they should have.
fn take(kept: &[(&str, PathBuf, &str)], staging: &Staging, replaced: &Path) -> Outcome<bool> {
    for (file, path, sha256) in kept {
        if staging.keep(file, replaced, sha256) {
            continue;
        }
        let bytes = std::fs::read(path).unwrap_or_default();
        if crate::sha256(&bytes) != *sha256 {
            return Ok(false);
        }
        staging.write(file, &bytes)?;
    }
    Ok(true)
}

/// What a build would make: for each pack that is not known as it is, its file and what has changed for it.
pub fn plan(notebook: &Notebook, options: &BuildOptions) -> Outcome<PackPlan> {
    let library = notebook.library()?;
    let items = items(notebook, &library, options)?;
    let workshop = Workshop::open(notebook, library, options.draft)?;
    let made = items.iter().filter_map(|item| Some((item.file.clone(), workshop.reasons(item)?)));
    let (mut on_request, mut problems) = (Vec::new(), Problems::none());
    if !options.is_part() {
        for item in problems.absorb(requested_items(notebook, &workshop.library)).unwrap_or_default() {
            match on_request.last_mut() {
                Some((name, count)) if *name == item.rule.name => *count += 1,
                _ => on_request.push((item.rule.name.clone(), 1)),
            }
        }
    }
    problems.or(PackPlan { packs: items.len(), to_make: made.collect(), on_request })
}

/// The packs that a build would make.
#[derive(Debug)]
pub struct PackPlan {
    /// All packs that are wanted.
    pub packs: usize,
    /// Those that would be made, with the reasons.
    pub to_make: Vec<(String, Vec<String>)>,
    /// Kinds of pack that are made only on request, with the number that could be asked for.
    pub on_request: Vec<(String, usize)>,
}

/// Whether a folder holds this very edition, every file of it whole.
fn is_published(folder: &Path, manifest: &Manifest) -> bool {
    let same = |(file, sha256): &(&str, &str)| crate::sha256_of(&folder.join(file)).is_ok_and(|hash| hash == *sha256);
    let files: Vec<(&str, &str)> = manifest.files_beside().collect();
    std::fs::read(folder.join("manifest.json")).is_ok_and(|bytes| bytes == manifest.json())
        && crate::book::list_files(folder).is_ok_and(|found| found.len() == files.len() + 1)
        && files.par_iter().all(same)
}

/// The Typst source of every pack that is wanted, by the pack's file. Nothing is set.
pub fn filled(notebook: &Notebook, options: &BuildOptions) -> Outcome<Vec<(String, String)>> {
    let library = notebook.library()?;
    let items = items(notebook, &library, options)?;
    let workshop = Workshop::open(notebook, library, options.draft)?;
    let (mut sources, mut problems) = (Vec::new(), Problems::none());
    for item in &items {
        notebook.session.unless_stopped()?;
        if let Some((rendered, _)) = problems.absorb(workshop.fill(item).map_err(|problems| about(item, problems))) {
            sources.push((item.file.clone(), rendered.source));
        }
    }
    problems.or(sources)
}

/// The same warning from many packs is said once, with the number of packs.
pub(super) fn merged(warnings: Problems) -> Problems {
    let mut merged: Vec<(Diagnostic, usize)> = Vec::new();
    for warning in warnings.0 {
        match merged.iter_mut().find(|(known, _)| known.message == warning.message && known.place == warning.place) {
            Some((_, count)) => *count += 1,
            None => merged.push((warning, 1)),
        }
    }
    let said = merged
        .into_iter()
        .map(|(warning, count)| if count > 1 { warning.note(format!("in {count} packs")) } else { warning });
    Problems(said.collect())
}

/// The packs to make, in the order of the book and of each cell.
pub(super) fn items<'a>(notebook: &'a Notebook, library: &Library, options: &BuildOptions) -> Outcome<Vec<Item<'a>>> {
    let (mut items, mut problems) = (Vec::new(), Problems::none());
    for name in &options.packs {
        problems.absorb(notebook.book.pack(name));
    }
    let asked_for = |rule: &&PackRule| match options.packs.as_slice() {
        [] => !rule.on_request,
        names => names.contains(&rule.name),
    };
    let wanted: Vec<&PackRule> = notebook.book.packs.iter().filter(asked_for).collect();
    for rule in wanted {
        if let Some(found) = problems.absorb(rule_items(rule, library)) {
            items.extend(found);
        }
    }
    report_same_file(&items, &mut problems);
    problems.or(())?;
    if let Some(only) = &options.only {
        let keys: Vec<String> = items.iter().filter_map(|item| item.key.clone()).collect();
        items.retain(|item| item.key.as_ref() == Some(only));
        if items.is_empty() {
            let problem = Diagnostic::fault("key-unknown", format!("no pack has the key `{only}`"));
            return Err(match nearest(only, &keys) {
                Some(near) => problem.help(format!("did you mean `{near}`?")),
                None => problem
                    .help(format!("keys are such as: {}", keys.iter().take(8).cloned().collect::<Vec<_>>().join(", "))),
            }
            .into());
        }
    }
    Ok(copied(items, &options.copies))
}

/// For each of some people a copy of each pack, in a folder of their own; the packs themselves where there are none.
fn copied<'a>(items: Vec<Item<'a>>, copies: &[Arc<Copy>]) -> Vec<Item<'a>> {
    if copies.is_empty() {
        return items;
    }
    let copy_of = |item: &Item<'a>, copy: &Arc<Copy>| Item {
        rule: item.rule,
        row: item.row,
        key: item.key.clone(),
        file: format!("{}/{}", copy.folder(), item.file),
        copy: Some(Arc::clone(copy)),
    };
    copies.iter().flat_map(|copy| items.iter().map(move |item| copy_of(item, copy))).collect()
}

/// The packs that are made only on request, all that could be asked for: none where their cell has no rows.
pub(super) fn requested_items<'a>(notebook: &'a Notebook, library: &Library) -> Outcome<Vec<Item<'a>>> {
    let (mut items, mut problems) = (Vec::new(), Problems::none());
    for rule in notebook.book.packs.iter().filter(|rule| rule.on_request) {
        let rows = rule.for_each.as_ref().and_then(|cell| library.table(cell).ok()).map(|table| table.frame.height());
        if rows != Some(0) {
            items.extend(problems.absorb(rule_items(rule, library)).unwrap_or_default());
        }
    }
    problems.or(items)
}

fn report_same_file(items: &[Item<'_>], problems: &mut Problems) {
    // Some systems do not tell a capital letter from a small one.
    let mut files: Vec<(String, &str)> =
        items.iter().map(|item| (item.file.to_lowercase(), item.file.as_str())).collect();
    files.sort_unstable();
    for pair in files.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
        let words = format!("two packs would be written to {}", pair[1].1);
        problems.push(Diagnostic::fault("pack-file", words).in_file(BOOK_FILE));
    }
}

fn rule_items<'a>(rule: &'a PackRule, library: &Library) -> Outcome<Vec<Item<'a>>> {
    let (Some(cell), Some(key)) = (&rule.for_each, &rule.key) else {
        return Ok(vec![Item { rule, row: None, key: None, file: rule.file.clone(), copy: None }]);
    };
    let fault =
        |words: String| Diagnostic::fault("pack-cell", format!("pack `{}`: {words}", rule.name)).in_file(BOOK_FILE);
    let table = library.table(cell).map_err(fault)?;
    let column = table.frame.position(key).ok_or_else(|| fault(format!("`{cell}` has no column `{key}`")))?;
    if table.frame.height() == 0 && !rule.may_be_empty {
        let problem = fault(format!("`{cell}` has no rows, so that no pack would be made"));
        return Err(problem.help("where that is in order, the pack says `may_be_empty = true`").into());
    }
    let rows = 0..table.frame.height();
    let item = |row: usize| {
        let value = |column: usize| file_part(&table.frame.value(row, column).to_string());
        let named = table.names.iter().enumerate();
        let file = named.fold(rule.file.clone(), |file, (at, name)| file.replace(&format!("{{{name}}}"), &value(at)));
        Item { rule, row: Some(row), key: Some(table.frame.value(row, column).to_string()), file, copy: None }
    };
    Ok(rows.map(item).collect())
}
