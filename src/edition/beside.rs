//! What is made beside a pack's PDF: its tables as spreadsheets and CSV, where the book asks for them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::behind;
use super::build::Item;
use super::inputs::Inputs;
use crate::diagnostic::{Diagnostic, Outcome};
use crate::frame::Scalar;
use crate::notebook::Notebook;
use crate::pack::{Library, Rendered, date_words};
use crate::sheets::{self, ENDINGS, Source, Subject};

/// What the sheets of all packs share.
pub(super) struct TablesBeside {
    /// The sources that have files. They are in order of their titles: their order in the book is nothing that a
    /// pack's note watches.
    sources: Vec<Source>,
    behind: Mutex<BTreeMap<String, Arc<Vec<usize>>>>,
}

impl TablesBeside {
    /// The sources of a notebook.
    pub fn of(notebook: &Notebook) -> TablesBeside {
        // The table of files stands for all sources.
        let notes = behind::sources(notebook, &BTreeSet::from(["source_files".to_string()]));
        let sources = notes.into_iter().map(|note| Source {
            name: note.source,
            publication: note.publication,
            publisher: note.publisher,
            period: note.period,
            status: note.status,
            published: note.vintage.and_then(|day| day.parse().ok()),
            licence: note.licence,
            address: note.url,
        });
        let mut sources: Vec<Source> = sources.collect();
        sources.sort_by(|a, b| (&a.publication, &a.name).cmp(&(&b.publication, &b.name)));
        TablesBeside { sources, behind: Mutex::default() }
    }

    /// The sources behind a table, by their place in the list.
    fn behind(&self, table: &str, notebook: &Notebook) -> Arc<Vec<usize>> {
        let mut known = self.behind.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known.entry(table.to_string()).or_insert_with(|| {
            let upstream = notebook.upstream(&BTreeSet::from([table.to_string()]));
            let sources = self.sources.iter().enumerate();
            Arc::new(sources.filter(|(_, source)| upstream.contains(&source.name)).map(|(at, _)| at).collect())
        });
        Arc::clone(found)
    }

    /// The files of a pack's tables, each with its ending.
    pub fn make(
        &self,
        rendered: &Rendered,
        library: &Library,
        subject: Subject,
        notebook: &Notebook,
    ) -> Outcome<Vec<(&'static str, Vec<u8>)>> {
        let tables: BTreeSet<&String> = rendered.figures.iter().map(|figure| &figure.cell).collect();
        let behind = tables.into_iter().map(|name| (name.clone(), self.behind(name, notebook).to_vec()));
        let subject = Subject { sources: self.sources.clone(), behind: behind.collect(), ..subject };
        let files = sheets::files(rendered, library, &subject)
            .map_err(|words| Diagnostic::fault("sheets", words).help("report this: it is a fault of the program"))?;
        Ok(ENDINGS.into_iter().zip(files).collect())
    }
}

/// What the sheets of a pack say of it. The identifier and the title that its pages give it are not known before it
/// has been made.
pub(super) fn subject(notebook: &Notebook, item: &Item<'_>, draft: bool, notice: &str) -> Subject {
    let book = &notebook.book;
    let mut notices: Vec<String> =
        Some(notice).filter(|notice| !notice.is_empty()).map(str::to_string).into_iter().collect();
    if draft {
        notices.push("Draft: statements that do not hold are marked so. Not for publication.".to_string());
    }
    if book.edition.as_of != book.edition.date {
        notices.push(format!("With what was known on {}", date_words(book.edition.as_of)));
    }
    let file = item.file.rsplit('/').next().unwrap_or(&item.file);
    let key = item.key.as_ref().map(|key| format!(": {key}")).unwrap_or_default();
    Subject {
        title: format!("{}{key}", item.rule.title),
        about: item.rule.about.clone(),
        book: book.title.clone(),
        file: file.to_string(),
        identifier: String::new(),
        edition: book.edition.name.clone(),
        date: book.edition.date,
        author: author(notebook),
        language: book.language.clone(),
        notices,
        tool: format!("Candour {}", env!("CARGO_PKG_VERSION")),
        sources: Vec::new(),
        behind: BTreeMap::new(),
    }
}

/// The book's authors, or else the organisation in whose name it is published.
fn author(notebook: &Notebook) -> String {
    let brand = || {
        let named = notebook.book.brand.iter().find(|(name, _)| name == "organisation");
        named.map(|(_, value)| Scalar::to_string(value)).unwrap_or_default()
    };
    let authors = notebook.book.authors.join(", ");
    if authors.is_empty() { brand() } else { authors }
}

/// Hash of the words of a pack's sheets that its PDF does not have: meanings of columns, descriptions, the cover.
pub(super) fn words_hash(library: &Library, subject: &Subject, inputs: &Inputs) -> String {
    let notes = inputs.tables.keys().filter_map(|name| {
        let notes = library.notes(name)?;
        let meanings = notes.columns.iter().map(|column| (&column.name, &column.meaning));
        Some((name, &notes.description, meanings.collect::<Vec<_>>()))
    });
    let words = (subject, notes.collect::<Vec<_>>());
    crate::sha256(format!("{words:?}").as_bytes())
}
