//! Building an edition: run the cells, fill the templates, set the packs, publish.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};

use super::evidence;
use super::manifest::{Manifest, PackEntry};
use super::publish::Staging;
use crate::book::naming::{file_part, nearest};
use crate::book::{BOOK_FILE, PackRule, TEMPLATES, list_files, read_within};
use crate::cell::Cache;
use crate::diagnostic::{Diagnostic, Outcome, Place, Problems};
use crate::frame::Scalar;
use crate::notebook::{Notebook, Watcher};
use crate::pack::{Context, Library, Rendered, Templates, date_words};
use crate::typeset::{Attachment, Fonts, Job, Press};

/// What to build.
#[derive(Clone, Debug, Default)]
pub struct BuildOptions {
    /// Only this pack.
    pub pack: Option<String>,
    /// Only the pack with this key.
    pub only: Option<String>,
    /// Number of threads.
    pub threads: usize,
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
    /// Warnings.
    pub warnings: Problems,
}

/// One pack to make.
struct Item<'a> {
    rule: &'a PackRule,
    row: Option<usize>,
    key: Option<String>,
    file: String,
}

/// A pack that has been made.
struct Made {
    entry: PackEntry,
    pdf: Vec<u8>,
    known: bool,
    warnings: Problems,
}

/// Everything that all packs share.
struct Workshop<'a> {
    notebook: &'a Notebook,
    templates: Templates,
    press: Press,
    /// Hash of everything that any pack may read besides its own source: the files under the templates folder.
    shared: String,
}

/// Builds and publishes an edition from a notebook whose cells have been run.
pub fn build(notebook: &Notebook, options: &BuildOptions, output: &Path, watcher: &dyn Watcher) -> Outcome<Built> {
    let library = notebook.library()?;
    let items = items(notebook, &library, options)?;
    let staging = Staging::open(output)?;
    let workshop = Workshop::open(notebook, library)?;
    watcher.begin("packs", items.len());
    let made = workshop.make_all(&items, options.threads, &staging, watcher);
    watcher.end();
    let made = made?;
    notebook.session.unless_stopped()?;
    let whole = options.pack.is_none() && options.only.is_none();
    let known = made.iter().filter(|made| made.known).count();
    let mut warnings = Problems::none();
    let mut entries = Vec::new();
    for made in made {
        warnings.extend(made.warnings);
        entries.push(made.entry);
    }
    let manifest = Manifest::new(notebook, entries, whole)?;
    staging.write("manifest.json", &manifest.json())?;
    let name = &notebook.book.edition.name;
    let folder = staging.publish(&if whole { name.clone() } else { format!("{name}-part") })?;
    Ok(Built { folder, manifest, known, warnings: merged(warnings) })
}

/// Fills every template for every pack, and sets none of them. Lists what is wrong.
pub fn check_templates(notebook: &Notebook) -> Outcome<()> {
    let library = notebook.library()?;
    let items = items(notebook, &library, &BuildOptions::default())?;
    let workshop = Workshop::open(notebook, library)?;
    let mut problems = Problems::none();
    for item in &items {
        notebook.session.unless_stopped()?;
        let rendered = workshop.templates.render(&item.rule.template, &workshop.context(item));
        problems.absorb(rendered.map_err(|problems| about(item, problems)));
    }
    let problems = merged(problems);
    if problems.stop() { Err(problems) } else { Ok(()) }
}

/// The same warning from many packs is said once, with the number of packs.
fn merged(warnings: Problems) -> Problems {
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
fn items<'a>(notebook: &'a Notebook, library: &Library, options: &BuildOptions) -> Outcome<Vec<Item<'a>>> {
    let wanted: Vec<&PackRule> = match &options.pack {
        Some(name) => vec![notebook.book.pack(name)?],
        None => notebook.book.packs.iter().collect(),
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
    if table.frame.height() == 0 {
        return Err(fault(format!("`{cell}` has no rows, so that no pack would be made")).into());
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

impl<'a> Workshop<'a> {
    fn open(notebook: &'a Notebook, library: Arc<Library>) -> Outcome<Workshop<'a>> {
        let fonts = Arc::new(
            Fonts::load().ok_or_else(|| Diagnostic::fault("fonts", "the program's own fonts cannot be read"))?,
        );
        let shown = Arc::clone(&fonts);
        let templates = Templates::read(&notebook.book, library, Arc::new(move |c| shown.can_show(c)))?;
        let folder = notebook.book.root.join(TEMPLATES);
        let press = Press::new(fonts, &folder, notebook.book.edition.date);
        let mut hash = Sha256::new();
        hash.update(format!("candour pack {} {}\n", crate::SOURCE_HASH, crate::typeset::TYPST_VERSION));
        for name in list_files(&folder)? {
            hash.update(format!("{name}\n"));
            hash.update(read_within(&folder, &name)?.bytes);
        }
        Ok(Workshop { notebook, templates, press, shared: crate::hex(&hash.finalize()) })
    }

    /// Makes all packs on so many threads; each is written to the staging folder as soon as it is made.
    ///
    /// Typst spreads the layout of one document over a rayon pool. Were packs spread over the same pool, a thread
    /// that waits for a part of one pack would begin another, until all of them lay half made in memory. So each of
    /// our threads has a pool of its own, of one thread.
    fn make_all(
        &self,
        items: &[Item<'_>],
        threads: usize,
        staging: &Staging,
        watcher: &dyn Watcher,
    ) -> Outcome<Vec<Made>> {
        let next = AtomicUsize::new(0);
        let results: Mutex<BTreeMap<usize, Outcome<Made>>> = Mutex::default();
        let pools: Vec<rayon::ThreadPool> = (0..threads.clamp(1, items.len().max(1)))
            .map(|_| rayon::ThreadPoolBuilder::new().num_threads(1).build())
            .collect::<Result<_, _>>()
            .map_err(|error| Diagnostic::fault("threads", format!("could not start threads: {error}")))?;
        std::thread::scope(|scope| {
            for pool in &pools {
                scope.spawn(|| {
                    pool.install(|| {
                        loop {
                            let at = next.fetch_add(1, Ordering::Relaxed);
                            let Some(item) = items.get(at) else { break };
                            // A fault of the typesetter itself must not take the program with it.
                            let work = AssertUnwindSafe(|| self.make_and_write(item, staging));
                            let result = catch_unwind(work).unwrap_or_else(|_| {
                                let words = "the typesetter failed; this is a fault of the program, not of the book";
                                Err(about(item, Diagnostic::fault("internal", words).into()))
                            });
                            watcher.step(&item.file);
                            results.lock().unwrap_or_else(PoisonError::into_inner).insert(at, result);
                        }
                    });
                });
            }
        });
        let mut problems = Problems::none();
        let results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
        let made = results.into_values().filter_map(|result| problems.absorb(result)).collect();
        let problems = merged(problems);
        if problems.stop() { Err(problems) } else { Ok(made) }
    }

    fn make_and_write(&self, item: &Item<'_>, staging: &Staging) -> Outcome<Made> {
        self.notebook.session.unless_stopped()?;
        let mut made = self.make(item)?;
        staging.write(&item.file, &made.pdf)?;
        made.pdf = Vec::new();
        Ok(made)
    }

    fn make(&self, item: &Item<'_>) -> Outcome<Made> {
        let rendered = self
            .templates
            .render(&item.rule.template, &self.context(item))
            .map_err(|problems| about(item, problems))?;
        let attached = evidence::attachments(self.notebook, &rendered);
        let identity = format!("{}/{}", item.rule.name, item.key.as_deref().unwrap_or_default());
        let fingerprint = self.fingerprint(&identity, &rendered.source, &attached);
        let kept = self
            .notebook
            .cache
            .as_ref()
            .map(|cache| (cache.pack(&fingerprint, "pdf"), cache.pack(&fingerprint, "txt")));
        if let Some((pdf, notes)) = &kept
            && let Some((pdf, pages)) = read_kept(pdf, notes)
        {
            return Ok(made(item, &rendered, pdf, pages, true, Problems::none()));
        }
        let place = |source: &str, range: std::ops::Range<usize>| self.place(&rendered, source, range);
        let job = Job { source: rendered.source.clone(), evidence: attached, identity, place: &place };
        let printed = self.press.print(&job).map_err(|problems| about(item, problems))?;
        if let (Some((pdf, notes)), true) = (&kept, printed.warnings.0.is_empty()) {
            Cache::write(pdf, &printed.pdf)?;
            let digest = crate::hex(&Sha256::digest(&printed.pdf));
            Cache::write(notes, format!("{} {digest}", printed.pages).as_bytes())?;
        }
        Ok(made(item, &rendered, printed.pdf, printed.pages, false, printed.warnings))
    }

    /// Hash of everything that the PDF depends on.
    fn fingerprint(&self, identity: &str, source: &str, attached: &[Attachment]) -> String {
        let mut hash = Sha256::new();
        hash.update(format!("{}\n{identity}\n{}\n", self.shared, self.notebook.book.edition.date));
        hash.update(source);
        for file in attached {
            hash.update(format!("\n{} {} {}\n", file.name, file.relationship, file.description));
            hash.update(&file.content);
        }
        crate::hex(&hash.finalize())
    }

    fn context(&self, item: &Item<'_>) -> Context {
        let book = &self.notebook.book;
        let words = |text: &str| Scalar::Text(text.to_string());
        let notice = self.notebook.notice.notice.as_deref().unwrap_or_default();
        let table = |name: &str, rows: Vec<(&str, Scalar)>| {
            (name.to_string(), rows.into_iter().map(|(key, value)| (key.to_string(), value)).collect())
        };
        Context {
            scalars: vec![
                ("parameters".to_string(), book.parameters.clone()),
                ("brand".to_string(), book.brand.clone()),
                table(
                    "book",
                    vec![
                        ("title", words(&book.title)),
                        ("description", words(&book.description)),
                        ("language", words(&book.language)),
                        ("authors", words(&book.authors.join(", "))),
                    ],
                ),
                table(
                    "edition",
                    vec![
                        ("name", words(&book.edition.name)),
                        ("date", words(&date_words(book.edition.date))),
                        ("notice", words(notice)),
                    ],
                ),
                table(
                    "pack",
                    vec![
                        ("name", words(&item.rule.name)),
                        ("title", words(&item.rule.title)),
                        ("about", words(&item.rule.about)),
                    ],
                ),
            ],
            row: item.rule.for_each.clone().zip(item.row),
        }
    }

    /// The template line behind a place in the generated source.
    fn place(&self, rendered: &Rendered, source: &str, range: std::ops::Range<usize>) -> Place {
        let generated = Place::in_text("", source, range.start, range.end);
        let origin = rendered
            .map
            .template_line(generated.line)
            .and_then(|(number, line)| Some((self.templates.file(number)?, line)));
        let Some(((file, text), line)) = origin else {
            return Place { file: "the filled template".to_string(), ..generated };
        };
        let own = text.lines().nth(line - 1).unwrap_or_default().trim_end_matches('\r');
        if generated.excerpt.as_deref() == Some(own) {
            return Place { file, line, ..generated };
        }
        // The line was filled in, so columns have moved: mark the whole line.
        let indent = own.chars().take_while(|c| c.is_whitespace()).count();
        Place::at(file, text, line, indent + 1, own.trim().chars().count())
    }
}

/// A kept PDF and its number of pages, if the PDF is whole: its hash is kept beside it.
fn read_kept(pdf: &Path, notes: &Path) -> Option<(Vec<u8>, usize)> {
    let notes = std::fs::read_to_string(notes).ok()?;
    let (pages, digest) = notes.split_once(' ')?;
    let pdf = std::fs::read(pdf).ok()?;
    (crate::hex(&Sha256::digest(&pdf)) == digest).then_some((pdf, pages.parse().ok()?))
}

fn about(item: &Item<'_>, mut problems: Problems) -> Problems {
    let whom = item.key.as_ref().map(|key| format!(" for {key}")).unwrap_or_default();
    for problem in &mut problems.0 {
        if problem.notes.iter().all(|note| !note.starts_with("while making")) {
            problem.notes.push(format!("while making the pack `{}`{whom}", item.rule.name));
        }
    }
    problems
}

fn made(item: &Item<'_>, rendered: &Rendered, pdf: Vec<u8>, pages: usize, known: bool, warnings: Problems) -> Made {
    let entry = PackEntry {
        pack: item.rule.name.clone(),
        key: item.key.clone(),
        file: item.file.clone(),
        sha256: crate::hex(&Sha256::digest(&pdf)),
        bytes: pdf.len(),
        pages,
        figures: rendered.figures.len(),
    };
    Made { entry, pdf, known, warnings }
}
