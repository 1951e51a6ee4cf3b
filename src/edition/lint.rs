//! What is looked for in a book that could be sounder: queries that leave ties open, words that no figure stands
//! behind, and what a reader would be hindered or misled by on the pages of any pack.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use super::build::{BuildOptions, Item, items, merged, requested_items};
use super::workshop::{Workshop, about};
use crate::book::{TEMPLATES, read_within};
use crate::diagnostic::{Outcome, Place, Problems};
use crate::frame::Scalar;
use crate::lint::{self, Subject};
use crate::notebook::{Notebook, Watcher};
use crate::pack::{FigureRecord, Library, check_words};
use crate::typeset::passages;

/// Warnings about the cells that have been run, and about the words of all templates.
pub fn lint(notebook: &Notebook) -> Outcome<Problems> {
    let read = |template: &str| passages(template).into_iter().map(|passage| (passage.range, passage.words)).collect();
    let mut warnings = notebook.check_determinism();
    warnings.extend(check_words(&notebook.book, &read)?);
    warnings.extend(lint::check_brand(&notebook.book));
    Ok(warnings)
}

/// Fills every template for every pack, lays out its pages and looks at them; publishes nothing. Gives all problems.
pub fn check_packs(notebook: &Notebook, options: &BuildOptions, watcher: &dyn Watcher) -> Outcome<Problems> {
    let library = notebook.library()?;
    let mut items = items(notebook, &library, options)?;
    items.extend(requested_items(notebook, &library)?);
    let workshop = Workshop::open(notebook, std::sync::Arc::clone(&library), false)?;
    let looker = Looker::new(notebook, &library, &workshop)?;
    watcher.begin("pages", items.len());
    let results = workshop.side_by_side(&items, options.threads, watcher, &|item| looker.look(item));
    watcher.end();
    notebook.session.unless_stopped()?;
    let mut problems = Problems::none();
    for (item, result) in items.iter().zip(results?) {
        let found = result.unwrap_or_else(|stopped| stopped);
        problems.extend(if found.0.is_empty() { found } else { about(item, found) });
    }
    Ok(merged(problems))
}

/// What looking at packs needs to know of the book.
struct Looker<'a> {
    notebook: &'a Notebook,
    library: &'a Library,
    workshop: &'a Workshop<'a>,
    images: BTreeSet<String>,
    publications: Mutex<BTreeMap<String, BTreeSet<String>>>,
}

impl<'a> Looker<'a> {
    fn new(notebook: &'a Notebook, library: &'a Library, workshop: &'a Workshop<'a>) -> Outcome<Looker<'a>> {
        let folder = notebook.book.root.join(TEMPLATES);
        let read = |name: &String| Ok(crate::sha256(&read_within(&folder, name)?.bytes));
        let images = notebook.book.lints.images.iter().map(read).collect::<Outcome<_>>()?;
        Ok(Looker { notebook, library, workshop, images, publications: Mutex::default() })
    }

    /// What is found on the pages of one pack. One that nothing was found in before is not laid out again.
    fn look(&self, item: &Item<'_>) -> Outcome<Problems> {
        self.notebook.session.unless_stopped()?;
        let (rendered, _) = self.workshop.fill(item)?;
        let rules = format!("{:?} {:?} {:?}", self.notebook.book.lints, self.images, item.rule);
        let fingerprint = format!("pages-{}", self.workshop.known_by(&rendered, &rules));
        if self.notebook.cache.note::<bool>("tests", &fingerprint) == Some(true) {
            return Ok(Problems::none());
        }
        let found = self.workshop.see(item, &rendered, |seen| {
            lint::check_pages(&Subject {
                book: &self.notebook.book,
                rule: item.rule,
                rendered: &rendered,
                seen,
                publications: &|table| self.publications(table),
                says_yes: &|figure, column| self.says_yes(figure, column),
                images: &self.images,
                lines: &|place| self.lines(place),
            })
        })?;
        if found.0.is_empty() {
            self.notebook.cache.keep_note("tests", &fingerprint, &true)?;
        }
        Ok(found)
    }

    /// The publications that a table rests on.
    fn publications(&self, table: &str) -> BTreeSet<String> {
        let mut known = self.publications.lock().unwrap_or_else(PoisonError::into_inner);
        let find = || {
            let behind = self.notebook.upstream(&BTreeSet::from([table.to_string()]));
            super::behind::sources(self.notebook, &behind).into_iter().map(|source| source.publication).collect()
        };
        known.entry(table.to_string()).or_insert_with(find).clone()
    }

    /// Whether a column says yes in the row of a figure.
    fn says_yes(&self, figure: &FigureRecord, column: &str) -> bool {
        let Ok(table) = self.library.table(&figure.cell) else { return false };
        let Some(at) = table.frame.position(column) else { return false };
        table.selected(&figure.key).first().is_some_and(|row| table.frame.value(*row, at) == Scalar::Boolean(true))
    }

    /// The line of a place in a template or library, and the one before it.
    fn lines(&self, place: &Place) -> Vec<String> {
        let name = place.file.strip_prefix(TEMPLATES).and_then(|name| name.strip_prefix('/')).unwrap_or_default();
        let text = read_within(&self.notebook.book.root.join(TEMPLATES), name).and_then(|file| file.text());
        let lines = text.map(|text| text.lines().map(str::to_string).collect::<Vec<_>>()).unwrap_or_default();
        let from = place.line.saturating_sub(2);
        lines.into_iter().skip(from).take(place.line - from).collect()
    }
}
