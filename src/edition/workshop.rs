//! The workshop: packs filled, set and kept, side by side, each only where something that it took has changed.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};

use super::behind::Backgrounds;
use super::beside::{self, TablesBeside};
use super::build::{Item, Without, merged};
use super::disclosed;
use super::evidence::Evidence;
use super::inputs::{BRAND, Cause, Inputs, PackNote, Surroundings};
use super::manifest::{Beside, PackEntry};
use super::marks::{Marks, keywords};
use crate::book::{TEMPLATES, joined_notices, list_files, read_within};
use crate::cell::Cache;
use crate::diagnostic::{Diagnostic, Outcome, Place, Problems};
use crate::frame::Scalar;
use crate::notebook::{Notebook, Watcher};
use crate::pack::{Context, Library, Printable, Rendered, Templates, date_words, string_literal};
use crate::typeset::{Attachment, Fonts, Job, Layout, Press, Seen};

/// Everything that all packs share.
pub(super) struct Workshop<'a> {
    notebook: &'a Notebook,
    pub library: Arc<Library>,
    templates: Templates,
    press: Press,
    tables: TablesBeside,
    backgrounds: Backgrounds,
    printable: Printable,
    /// Where packs are kept.
    pub kept: Cache,
    draft: bool,
    /// What packs are made without: see [`super::BuildOptions`].
    pub without: Without,
    /// Hash of everything that any pack may read besides its templates and tables: the program, fonts and the files
    /// under the templates folder that are not templates.
    shared: String,
    /// Hashes of templates.
    hashes: BTreeMap<String, String>,
}

/// A pack that has been made, or was known.
pub(super) struct Made {
    /// What is kept of it.
    pub note: PackNote,
    /// Whether it was taken as it was from an earlier build.
    pub known: bool,
    /// Warnings.
    pub warnings: Problems,
}

/// The first line of the text of a draft.
const DRAFT_LINE: &str = "DRAFT: claims that do not hold are marked. Not for publication.\n\n";

impl<'a> Workshop<'a> {
    pub fn open(notebook: &'a Notebook, library: Arc<Library>, draft: bool) -> Outcome<Workshop<'a>> {
        let fonts = Arc::new(
            Fonts::load().ok_or_else(|| Diagnostic::fault("fonts", "the program's own fonts cannot be read"))?,
        );
        let shown = Arc::clone(&fonts);
        let printable: Printable = Arc::new(move |c| shown.can_show(c));
        let templates = Templates::read(&notebook.book, Arc::clone(&library), Arc::clone(&printable), draft)?;
        let folder = notebook.book.root.join(TEMPLATES);
        let press = Press::new(fonts, &folder, notebook.book.edition.date, &notebook.book.brand);
        let mut shared = Sha256::new();
        shared.update(format!("candour pack {} {} {draft}\n", crate::SOURCE_HASH, crate::typeset::TYPST_VERSION));
        shared.update(format!("{:?}\n", notebook.book.marking));
        for pack in notebook.book.packs.iter().filter(|pack| pack.disclosure.is_some()) {
            shared.update(format!("{} {:?}\n", pack.name, pack.disclosure));
        }
        let mut hashes = BTreeMap::new();
        for name in list_files(&folder)? {
            if let Some(text) = templates.text(&name) {
                hashes.insert(name, crate::sha256(text.as_bytes()));
            } else {
                shared.update(format!("{name} {}\n", crate::sha256(&read_within(&folder, &name)?.bytes)));
            }
        }
        let shared = crate::hex(&shared.finalize());
        let tables = TablesBeside::of(notebook);
        let kept = notebook.cache.clone();
        Ok(Workshop {
            notebook,
            library,
            templates,
            press,
            tables,
            backgrounds: Backgrounds::default(),
            printable,
            kept,
            draft,
            without: Without::default(),
            shared,
            hashes,
        })
    }

    /// Keeps nothing of what is made: what names a person is nowhere but in that person's copy and in the register.
    pub fn keep_nothing(&mut self) -> Outcome<()> {
        self.kept = Cache::temporary()?;
        Ok(())
    }

    /// Makes all packs on so many threads.
    ///
    /// Typst spreads the layout of one document over a rayon pool. Were packs spread over the same pool, a thread
    /// that waits for a part of one pack would begin another, until all of them lay half made in memory. So each of
    /// our threads has a pool of its own, of one thread.
    ///
    /// `done` is told of each as soon as it is there.
    pub fn make_all(
        &self,
        items: &[Item<'_>],
        threads: usize,
        watcher: &dyn Watcher,
        done: &(dyn Fn(&Item<'_>, &Made) + Sync),
    ) -> Outcome<Vec<Made>> {
        let make = |item: &Item<'_>| self.make(item).inspect(|made| done(item, made));
        let results = self.side_by_side(items, threads, watcher, &make)?;
        let mut problems = Problems::none();
        let made = results.into_iter().filter_map(|result| problems.absorb(result)).collect();
        let problems = merged(problems);
        if problems.stop() { Err(problems) } else { Ok(made) }
    }

    /// Does the same work for all packs on so many threads, and gives its results in their order.
    pub fn side_by_side<T: Send>(
        &self,
        items: &[Item<'_>],
        threads: usize,
        watcher: &dyn Watcher,
        work: &(dyn Fn(&Item<'_>) -> Outcome<T> + Sync),
    ) -> Outcome<Vec<Outcome<T>>> {
        // Packs that are made once are the longest: begun last, one of them would keep one thread busy alone.
        let mut order: Vec<usize> = (0..items.len()).collect();
        order.sort_by_key(|at| items[*at].rule.for_each.is_some());
        let next = AtomicUsize::new(0);
        let results: Mutex<BTreeMap<usize, Outcome<T>>> = Mutex::default();
        let pools: Vec<rayon::ThreadPool> = (0..threads.clamp(1, items.len().max(1)))
            .map(|_| rayon::ThreadPoolBuilder::new().num_threads(1).build())
            .collect::<Result<_, _>>()
            .map_err(|error| Diagnostic::fault("threads", format!("could not start threads: {error}")))?;
        std::thread::scope(|scope| {
            for pool in &pools {
                scope.spawn(|| {
                    pool.install(|| {
                        while let Some(&at) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
                            let item = &items[at];
                            // A fault of the typesetter itself must not take the program with it.
                            let guarded = AssertUnwindSafe(|| work(item));
                            let result = catch_unwind(guarded).unwrap_or_else(|_| {
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
        Ok(results.into_inner().unwrap_or_else(PoisonError::into_inner).into_values().collect())
    }

    /// Lays out a pack that has been filled and looks at its pages.
    pub fn see<T>(&self, item: &Item<'_>, rendered: &Rendered, look: impl FnOnce(&Seen<'_>) -> T) -> Outcome<T> {
        let place = |source: &str, range: std::ops::Range<usize>| self.place(rendered, source, range);
        let job = Job {
            source: &rendered.source,
            evidence: Vec::new(),
            late: &|_| Vec::new(),
            identity: identity(item),
            place: &place,
        };
        self.press.look(&job, look)
    }

    /// Hash of all that the looks of a pack depend on, and of what is asked of them.
    pub fn known_by(&self, rendered: &Rendered, asked: &str) -> String {
        let mut hash = Sha256::new();
        hash.update(format!("{}\n{}\n{asked}\n", self.shared, self.notebook.book.edition.date));
        hash.update(&rendered.source);
        hash.update(format!("{:?} {:?} {:?}", rendered.figures, rendered.claims, rendered.marks));
        crate::hex(&hash.finalize())
    }

    /// Makes a pack, or takes it as it was where nothing that it took has changed.
    pub fn make(&self, item: &Item<'_>) -> Outcome<Made> {
        self.notebook.session.unless_stopped()?;
        let identity = identity(item);
        if let Some(mut note) = self.note(item).filter(|note| self.changes(item, note).is_empty())
            && self.is_kept(&note)
        {
            // What moved elsewhere in its tables need not be compared again the next time.
            if note.inputs.refresh(self.notebook) {
                self.kept.keep_note("traces", &self.trace(item), &note)?;
            }
            return Ok(Made { note, known: true, warnings: Problems::none() });
        }
        let (rendered, evidence) = self.fill(item).map_err(|problems| about(item, problems))?;
        let inputs = self.inputs(item, &rendered);
        let attached = if self.without.evidence { Vec::new() } else { evidence.attachments() };
        let fingerprint = self.fingerprint(&identity, &rendered, &evidence, &attached, &inputs);
        if let Some(known) = self.kept.note::<PackNote>("packs", &fingerprint) {
            let beside = known.entry.beside.into_iter().map(|file| Beside { file: item.beside(file.ending()), ..file });
            let entry = PackEntry { file: item.file.clone(), beside: beside.collect(), ..known.entry };
            let note = PackNote { inputs: inputs.clone(), fingerprint: fingerprint.clone(), entry };
            if self.is_kept(&note) {
                self.kept.keep_note("traces", &self.trace(item), &note)?;
                return Ok(Made { note, known: true, warnings: Problems::none() });
            }
        }
        let place = |source: &str, range: std::ops::Range<usize>| self.place(&rendered, source, range);
        let late = |layout: &Layout| evidence.late(&rendered, layout);
        let job = Job { source: &rendered.source, evidence: attached, late: &late, identity, place: &place };
        let printed = self.press.print(&job).map_err(|problems| about(item, problems))?;
        let sheets = self.sheets(item, &rendered, &evidence, printed.title)?;
        let entry = PackEntry {
            pack: item.rule.name.clone(),
            key: item.key.clone(),
            file: item.file.clone(),
            sha256: crate::sha256(&printed.pdf),
            bytes: printed.pdf.len(),
            pages: printed.pages,
            figures: rendered.figures.len(),
            claims: rendered.claims.len(),
            identifier: evidence.identifier().to_string(),
            beside: self.keep_beside(item, &fingerprint, &rendered, &sheets)?,
        };
        let note = PackNote { inputs, fingerprint, entry };
        self.kept.keep(&self.kept.pack(&note.fingerprint), &printed.pdf)?;
        // A pack that was set with warnings is set again, so that they are said again.
        if printed.warnings.0.is_empty() {
            self.kept.keep_note("packs", &note.fingerprint, &note)?;
            self.kept.keep_note("traces", &self.trace(item), &note)?;
        }
        Ok(Made { note, known: false, warnings: printed.warnings })
    }

    /// Makes the files that lie beside a PDF, and keeps them.
    fn keep_beside(
        &self,
        item: &Item<'_>,
        fingerprint: &str,
        rendered: &Rendered,
        sheets: &[(&str, Vec<u8>)],
    ) -> Outcome<Vec<Beside>> {
        let text = rendered.text.iter().map(|text| ("txt", text.as_bytes()));
        let files = text.chain(sheets.iter().map(|(ending, bytes)| (*ending, bytes.as_slice())));
        files
            .map(|(ending, bytes)| {
                self.kept.keep(&self.kept.beside(fingerprint, ending), bytes)?;
                Ok(Beside { file: item.beside(ending), sha256: crate::sha256(bytes), bytes: bytes.len() })
            })
            .collect()
    }

    /// The sheets of a pack, where the book asks for them.
    fn sheets(
        &self,
        item: &Item<'_>,
        rendered: &Rendered,
        evidence: &Evidence,
        title: Option<String>,
    ) -> Outcome<Vec<(&'static str, Vec<u8>)>> {
        // What has no page has no place for the words that a copy bears.
        if !item.rule.sheets || item.copy.is_some() || self.without.sheets {
            return Ok(Vec::new());
        }
        let mut subject = beside::subject(self.notebook, item, self.draft, &self.notice_of(rendered));
        subject.identifier = evidence.identifier().get(..16).unwrap_or_default().to_string();
        if let Some(title) = title.filter(|title| !title.is_empty()) {
            subject.title = title;
        }
        let made = self.tables.make(rendered, &self.library, subject, self.notebook);
        made.map_err(|problems| about(item, problems))
    }

    /// Hash of the words that only a pack's sheets have, where it has any.
    fn sheet_words(&self, item: &Item<'_>, inputs: &Inputs) -> Option<String> {
        let hash = || {
            let notice = self.notebook.notice(&inputs.tables.keys().cloned().collect());
            let subject = beside::subject(self.notebook, item, self.draft, &notice);
            beside::words_hash(&self.library, &subject, inputs)
        };
        item.rule.sheets.then(hash)
    }

    /// Why a pack would be made anew; nothing where it is known as it is.
    pub fn reasons(&self, item: &Item<'_>) -> Option<Vec<String>> {
        let Some(note) = self.note(item).filter(|note| self.is_kept(note)) else {
            return Some(vec!["it has not been made before".to_string()]);
        };
        let changes = self.changes(item, &note);
        (!changes.is_empty()).then(|| changes.iter().map(Cause::to_string).collect())
    }

    /// Fills a pack's templates, and adds the page that says how it was made.
    ///
    /// The words that data folders want on every page are known only when it is known what the pack reads. It is filled
    /// with those of the table that it is about; in the rare case that it reads from other folders, once more.
    pub fn fill(&self, item: &Item<'_>) -> Outcome<(Rendered, Evidence)> {
        let filled = self.fill_with_notice(item)?;
        disclosed::check(item.rule, &filled.0, &self.library)?;
        Ok(filled)
    }

    fn fill_with_notice(&self, item: &Item<'_>) -> Outcome<(Rendered, Evidence)> {
        let about: BTreeSet<String> = item.rule.for_each.iter().cloned().collect();
        let supposed = self.notebook.notice(&about);
        let filled = self.fill_with(item, &supposed)?;
        let own = self.notice_of(&filled.0);
        if own == supposed {
            return Ok(filled);
        }
        let filled = self.fill_with(item, &own)?;
        if self.notice_of(&filled.0) == own {
            return Ok(filled);
        }
        // A template that reads by its notice gets all of them.
        self.fill_with(item, &joined_notices(&self.notebook.data.notices()))
    }

    fn notice_of(&self, rendered: &Rendered) -> String {
        self.notebook.notice(&rendered.reads.keys().cloned().collect())
    }

    fn fill_with(&self, item: &Item<'_>, notice: &str) -> Outcome<(Rendered, Evidence)> {
        let mut context = self.context(item, notice);
        let mut rendered = self.templates.render(&item.rule.template, &context)?;
        if let Some(text) = &item.rule.text {
            let mut text = self.templates.render(text, &context)?;
            if self.draft {
                text.begin_with(DRAFT_LINE);
            }
            if let Some(banner) = self.banner(item) {
                text.begin_with(&format!("{banner}\n\n"));
            }
            rendered.set_text(text);
        }
        let behind = self.backgrounds.behind(self.notebook, &rendered.reads.keys().cloned().collect());
        let (edition, key) = (&self.notebook.book.edition, item.key.as_deref());
        let mut evidence = Evidence::of(edition, behind, &rendered, &item.rule.name, key, self.draft);
        evidence.set_copy(item.copy.as_deref());
        if let Some(page) = &self.notebook.book.evidence {
            let (facts, lists) = evidence.context(&rendered.claims);
            context.scalars.push(("evidence".to_string(), facts));
            context.lists.extend(lists);
            rendered.append(self.templates.render(page, &context)?);
        }
        self.mark(item, &mut rendered);
        Ok((rendered, evidence))
    }

    /// The words on every page of a copy that is given out before publication.
    fn banner(&self, item: &Item<'_>) -> Option<String> {
        item.copy.as_ref().zip(self.notebook.book.pre_release.as_ref()).map(|(copy, rule)| copy.banner(rule))
    }

    /// Prints on every page what the program itself has to say of the document.
    fn mark(&self, item: &Item<'_>, rendered: &mut Rendered) {
        let banner = self.banner(item);
        let literal = |words: &str| string_literal(words, &*self.printable);
        let marks = Marks { marking: &self.notebook.book.marking, draft: self.draft, banner: banner.as_deref() };
        rendered.begin_with(&marks.code(&literal));
        if let Some(copy) = &item.copy {
            rendered.source.push_str(&keywords(&copy.keywords(), &literal));
        }
    }

    /// What has changed of what a pack took when it was made.
    pub fn changes(&self, item: &Item<'_>, note: &PackNote) -> Vec<Cause> {
        let notice = self.notebook.notice(&note.inputs.tables.keys().cloned().collect());
        let context = self.context(item, &notice);
        let scalars = context.scalars.iter().flat_map(|(table, values)| {
            values.iter().map(move |(name, value)| (format!("{table}.{name}"), value.clone()))
        });
        let now = Surroundings {
            shared: &self.shared,
            templates: &self.hashes,
            scalars: &scalars.collect(),
            sheets: self.sheet_words(item, &note.inputs),
            notebook: self.notebook,
            library: &self.library,
        };
        note.inputs.changes(&now)
    }

    fn inputs(&self, item: &Item<'_>, rendered: &Rendered) -> Inputs {
        let pages = [Some(&item.rule.template), item.rule.text.as_ref(), self.notebook.book.evidence.as_ref()];
        let parts = pages.into_iter().flatten().flat_map(|page| self.templates.parts(page));
        let hashes = parts.filter_map(|name| Some((name.clone(), self.hashes.get(&name)?.clone())));
        let mut inputs = Inputs::of(rendered, &self.shared, hashes.collect(), self.notebook, &self.library);
        // Libraries of templates read the brand behind the filled template's back, so every pack takes all of it.
        let brand = self.notebook.book.brand.iter();
        inputs.scalars.extend(brand.map(|(name, value)| (format!("{BRAND}{name}"), value.tagged())));
        inputs.sheets = self.sheet_words(item, &inputs);
        inputs
    }

    /// The name under which the last note of a pack is kept.
    fn trace(&self, item: &Item<'_>) -> String {
        let templates = (&item.rule.template, &item.rule.text);
        crate::sha256(format!("{} {templates:?} {}", identity(item), self.draft).as_bytes())
    }

    /// What is known of the pack as it was last made.
    pub fn note(&self, item: &Item<'_>) -> Option<PackNote> {
        let note: PackNote = self.kept.note("traces", &self.trace(item))?;
        (note.entry.file == item.file).then_some(note)
    }

    /// Whether a pack's PDF, and all that lies beside it, are kept, whole.
    fn is_kept(&self, note: &PackNote) -> bool {
        let is_there = |path: std::path::PathBuf, bytes: usize| {
            std::fs::metadata(path).is_ok_and(|kept| kept.len() == bytes as u64)
        };
        let cache = &self.kept;
        let beside = |file: &Beside| is_there(cache.beside(&note.fingerprint, file.ending()), file.bytes);
        is_there(cache.pack(&note.fingerprint), note.entry.bytes) && note.entry.beside.iter().all(beside)
    }

    /// The files of a pack: the name of each in the edition, where it is kept, and its hash.
    pub fn files<'n>(&self, note: &'n PackNote) -> Vec<(&'n str, PathBuf, &'n str)> {
        let cache = &self.kept;
        let beside = note
            .entry
            .beside
            .iter()
            .map(|file| (file.file.as_str(), cache.beside(&note.fingerprint, file.ending()), file.sha256.as_str()));
        let pdf = (note.entry.file.as_str(), cache.pack(&note.fingerprint), note.entry.sha256.as_str());
        std::iter::once(pdf).chain(beside).collect()
    }

    /// Hash of everything that the PDF, and what lies beside it, depends on.
    fn fingerprint(
        &self,
        identity: &str,
        rendered: &Rendered,
        evidence: &Evidence,
        attached: &[Attachment],
        inputs: &Inputs,
    ) -> String {
        let mut hash = Sha256::new();
        hash.update(format!("{}\n{identity}\n{}\n", self.shared, self.notebook.book.edition.date));
        for (name, value) in &self.notebook.book.brand {
            hash.update(format!("{BRAND}{name} {}\n", value.tagged()));
        }
        hash.update(&rendered.source);
        hash.update(evidence.known(rendered));
        for file in attached {
            hash.update(format!("\n{} {} {}\n", file.name, file.relationship, file.description));
        }
        // Sheets complete the rows of which a figure is shown with values that the pages do not show.
        if inputs.sheets.is_some() {
            hash.update(inputs.taken_hash());
        }
        crate::hex(&hash.finalize())
    }

    fn context(&self, item: &Item<'_>, notice: &str) -> Context {
        let book = &self.notebook.book;
        let words = |text: &str| Scalar::Text(text.to_string());
        let table = |name: &str, rows: Vec<(&str, Scalar)>| {
            (name.to_string(), rows.into_iter().map(|(key, value)| (key.to_string(), value)).collect())
        };
        let about_book = vec![
            ("title", words(&book.title)),
            ("description", words(&book.description)),
            ("language", words(&book.language)),
            ("marking", words(&book.marking)),
            ("authors", words(&book.authors.join(", "))),
        ];
        let about_edition = vec![
            ("name", words(&book.edition.name)),
            ("date", words(&date_words(book.edition.date))),
            ("use_until", book.edition.use_until.map_or(Scalar::Missing, |day| words(&date_words(day)))),
            ("notice", words(notice)),
            ("draft", Scalar::Boolean(self.draft)),
        ];
        let about_pack = vec![
            ("name", words(&item.rule.name)),
            ("title", words(&item.rule.title)),
            ("about", words(&item.rule.about)),
        ];
        Context {
            scalars: vec![
                ("parameters".to_string(), book.parameters.clone()),
                ("brand".to_string(), book.brand.clone()),
                table("book", about_book),
                table("edition", about_edition),
                table("pack", about_pack),
            ],
            lists: Vec::new(),
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

/// A name that a pack has in every edition.
fn identity(item: &Item<'_>) -> String {
    let copy = item.copy.as_ref().map(|copy| format!("/{}", copy.folder())).unwrap_or_default();
    format!("{}/{}{copy}", item.rule.name, item.key.as_deref().unwrap_or_default())
}

pub(super) fn about(item: &Item<'_>, mut problems: Problems) -> Problems {
    let whom = item.key.as_ref().map(|key| format!(" for {key}")).unwrap_or_default();
    for problem in &mut problems.0 {
        if problem.notes.iter().all(|note| !note.starts_with("while making")) {
            problem.notes.push(format!("while making the pack `{}`{whom}", item.rule.name));
        }
    }
    problems
}
