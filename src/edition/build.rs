//! Building an edition: run the cells, fill the templates, set the packs, publish.

use std::path::{Path, PathBuf};

use super::manifest::{Manifest, PackEntry};
use super::publish::Staging;
use super::workshop::Workshop;
use crate::book::naming::{file_part, nearest};
use crate::book::{BOOK_FILE, Edition, PackRule};
use crate::diagnostic::{Diagnostic, Outcome, Problems};
use crate::notebook::{Notebook, Watcher};
use crate::pack::Library;

/// What to build.
#[derive(Clone, Debug, Default)]
pub struct BuildOptions {
    /// Only this pack.
    pub pack: Option<String>,
    /// Only the pack with this key.
    pub only: Option<String>,
    /// Number of threads.
    pub threads: usize,
    /// Whether claims that do not hold are printed struck through instead of stopping publication.
    pub draft: bool,
}

impl BuildOptions {
    /// Whether every pack of the book is wanted, fit to be published.
    fn whole(&self) -> bool {
        self.pack.is_none() && self.only.is_none() && !self.draft
    }

    /// The name of the folder for what is built: only a whole edition, with all that is known, takes the edition's own.
    pub fn folder(&self, edition: &Edition) -> String {
        let past = match edition.as_of == edition.date {
            true => String::new(),
            false => format!("-as-of-{}", edition.as_of),
        };
        let ending = match (self.draft, self.pack.is_some() || self.only.is_some()) {
            (false, false) => "",
            (false, true) => "-part",
            (true, _) => "-draft",
        };
        format!("{}{past}{ending}", edition.name)
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
    let workshop = Workshop::open(notebook, library, options.draft)?;
    watcher.begin("packs", items.len());
    let made = workshop.make_all(&items, options.threads, watcher);
    watcher.end();
    let made = made?;
    notebook.session.unless_stopped()?;
    let known = made.iter().filter(|made| made.known).count();
    let mut warnings = Problems::none();
    let mut entries = Vec::new();
    for made in &made {
        warnings.extend(made.warnings.clone());
        entries.push(made.note.entry.clone());
    }
    let manifest = Manifest::new(notebook, entries, options.whole())?;
    let folder = output.join(options.folder(&notebook.book.edition));
    let unchanged = is_published(&folder, &manifest);
    if !unchanged {
        for made in &made {
            let (entry, fingerprint) = (&made.note.entry, &made.note.fingerprint);
            staging.take(&entry.file, &notebook.cache.pack(fingerprint))?;
            for file in &entry.beside {
                staging.take(&file.file, &notebook.cache.beside(fingerprint, file.ending()))?;
            }
        }
        staging.write("manifest.json", &manifest.json())?;
        staging.publish(&options.folder(&notebook.book.edition))?;
    }
    Ok(Built { folder, manifest, known, unchanged, warnings: merged(warnings) })
}

/// What a build would make: for each pack that is not known as it is, its file and what has changed for it.
pub fn plan(notebook: &Notebook, options: &BuildOptions) -> Outcome<PackPlan> {
    let library = notebook.library()?;
    let items = items(notebook, &library, options)?;
    let workshop = Workshop::open(notebook, library, options.draft)?;
    let made = items.iter().filter_map(|item| Some((item.file.clone(), workshop.reasons(item)?)));
    let (mut on_request, mut problems) = (Vec::new(), Problems::none());
    if options.pack.is_none() && options.only.is_none() {
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
    let same = |(file, sha256): (&str, &str)| {
        std::fs::read(folder.join(file)).is_ok_and(|bytes| crate::sha256(&bytes) == sha256)
    };
    let files = || manifest.packs.iter().flat_map(PackEntry::files);
    std::fs::read(folder.join("manifest.json")).is_ok_and(|bytes| bytes == manifest.json())
        && files().all(same)
        && crate::book::list_files(folder).is_ok_and(|found| found.len() == files().count() + 1)
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
    let wanted: Vec<&PackRule> = match &options.pack {
        Some(name) => vec![notebook.book.pack(name)?],
        None => notebook.book.packs.iter().filter(|rule| !rule.on_request).collect(),
    };
    let (mut items, mut problems) = (Vec::new(), Problems::none());
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
    Ok(items)
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
        return Ok(vec![Item { rule, row: None, key: None, file: rule.file.clone() }]);
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
        Item { rule, row: Some(row), key: Some(table.frame.value(row, column).to_string()), file }
    };
    Ok(rows.map(item).collect())
}
