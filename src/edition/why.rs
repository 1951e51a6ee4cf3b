//! Why a table or a pack would come out differently from the edition that is published: from what it shows back to the
//! query, the parameter or the line of a source that moved.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::build::{BuildOptions, Item, items};
use super::compare::{self, Change};
use super::diff_rows::{self, Part, TableChange};
use super::inputs::{Cause, PackNote};
use super::manifest::{PackEntry, book_files};
use super::published::{CellRecord, FileRecord, Published, SourceRecord};
use super::workshop::Workshop;
use crate::book::{BOOK_FILE, TEMPLATES};
use crate::diagnostic::Outcome;
use crate::frame::Scalar;
use crate::notebook::Notebook;
use crate::source::SourceTable;

/// What moved since an edition.
#[derive(Clone, Debug, Serialize)]
pub struct Why {
    /// What was asked for.
    pub asked: String,
    /// Name of the edition that it is compared with.
    pub edition: String,
    /// Its identifier.
    pub identifier: String,
    /// Whether what was asked for would come out differently.
    pub moved: bool,
    /// The first causes: files, queries, parameters, templates.
    pub causes: Vec<String>,
    /// Versions of the program that differ.
    pub tool: Vec<Change>,
    /// Packs, where a pack was asked for.
    pub packs: Vec<PackWhy>,
    /// Tables that moved, from what was asked for back to the sources.
    pub tables: Vec<TableWhy>,
    /// Tables before the one asked for that moved without moving it.
    pub without_effect: Vec<String>,
}

/// What of a pack's inputs moved.
#[derive(Clone, Debug, Serialize)]
pub struct PackWhy {
    /// Its file.
    pub file: String,
    /// Key of its row.
    pub key: Option<String>,
    /// Whether the edition has it.
    pub published: bool,
    /// Whether it is known what it took; else its cells are compared as a whole.
    pub known: bool,
    /// What moved.
    pub inputs: Vec<InputWhy>,
}

/// Something that a pack took.
#[derive(Clone, Debug, Serialize)]
pub struct InputWhy {
    /// `program`, `template`, `value`, `table`, `behind` (a query or source behind a table) or `gone`.
    pub what: &'static str,
    /// Which.
    pub name: String,
    /// A value before.
    pub before: Option<String>,
    /// A value after.
    pub after: Option<String>,
    /// Columns that it takes of a table.
    pub columns: Vec<String>,
    /// Which of the rows that it takes differ, where the older table is kept.
    pub change: Option<TableChange>,
}

/// A table that moved.
#[derive(Clone, Debug, Serialize)]
pub struct TableWhy {
    /// Table.
    pub table: String,
    /// `cell`, `source` or `book`.
    pub kind: &'static str,
    /// Whether the edition does not have it.
    pub new: bool,
    /// Whether its content differs.
    pub moved: bool,
    /// A cell's file, if the query says something else.
    pub query: Option<String>,
    /// A cell's file, if only its words or notes have changed.
    pub notes: Option<String>,
    /// Tables that it reads and that moved.
    pub reads: Vec<String>,
    /// Files of a source that are not as they were.
    pub files: Vec<FileChange>,
    /// Status, vintage and other facts of a source, or parameters.
    pub facts: Vec<Change>,
    /// Whether a source's table differs though its files do not: its contract has changed, or the program.
    pub contract: bool,
    /// Rows and columns that differ, where the older table is kept.
    pub change: Option<TableChange>,
}

/// A file of a source that is not as it was.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FileChange {
    /// Source.
    pub source: String,
    /// File under the data folder.
    pub file: String,
    /// `changed`, `added`, `gone` or `kept` (the same bytes, another status or vintage).
    pub what: &'static str,
    /// SHA-256 before.
    pub before: Option<String>,
    /// SHA-256 after.
    pub after: Option<String>,
    /// Status before and after, where they differ.
    pub status: Option<(Option<String>, Option<String>)>,
    /// Vintage before and after, where they differ.
    pub vintage: Option<(Option<String>, Option<String>)>,
}

/// Why a cell, a source or a table of the book differs from the published one. Its cells have been run.
pub fn why_table(notebook: &Notebook, published: &Published, table: &str) -> Outcome<Why> {
    let search = Search::new(notebook, published)?;
    let tables = search.follow(&[table.to_string()])?;
    let moved = tables.iter().any(|found| found.table == table && found.moved);
    let mut why = search.answer(table, moved, tables, Vec::new());
    if !moved {
        let upstream = notebook.upstream(&BTreeSet::from([table.to_string()]));
        let others = upstream.iter().filter(|name| *name != table && search.has_moved(name));
        why.without_effect = others.cloned().collect();
    }
    Ok(why)
}

/// Why packs of a rule, all or the one with a key, differ from the published ones. All cells have been run.
pub fn why_packs(notebook: &Notebook, published: &Published, rule: &str, key: Option<&str>) -> Outcome<Why> {
    let library = notebook.library()?;
    let options =
        BuildOptions { packs: vec![rule.to_string()], only: key.map(str::to_string), ..BuildOptions::default() };
    let items = items(notebook, &library, &options)?;
    let workshop = Workshop::open(notebook, library, false)?;
    let search = Search::new(notebook, published)?;
    let notes = kept_notes(notebook);
    let mut packs = Vec::new();
    for item in &items {
        packs.push(search.pack(&workshop, item, &notes)?);
    }
    let mut names: Vec<String> = Vec::new();
    for input in packs.iter().flat_map(|pack| &pack.inputs) {
        let upstream = match input.what {
            "table" | "gone" => BTreeSet::from([input.name.clone()]),
            // A query far behind a table may have changed, and its values not.
            "behind" => notebook.upstream(&BTreeSet::from([input.name.clone()])),
            _ => BTreeSet::new(),
        };
        upstream.into_iter().for_each(|name| {
            if !names.contains(&name) {
                names.push(name)
            }
        });
    }
    let tables = search.follow(&names)?;
    let moved = packs.iter().any(|pack| !pack.published || !pack.inputs.is_empty());
    let asked = key.map_or_else(|| rule.to_string(), |key| format!("{rule}:{key}"));
    Ok(search.answer(&asked, moved, tables, packs))
}

/// What earlier builds have kept of packs, by the hash of the PDF.
fn kept_notes(notebook: &Notebook) -> BTreeMap<String, PackNote> {
    let folder = notebook.cache.folder().join("packs");
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().to_str()?.strip_suffix(".json").map(str::to_string));
    let notes = names.filter_map(|name| notebook.cache.note::<PackNote>("packs", &name));
    notes.map(|note| (note.entry.sha256.clone(), note)).collect()
}

/// A comparison of a notebook with an edition.
struct Search<'a> {
    notebook: &'a Notebook,
    published: &'a Published,
    files: Vec<Change>,
    settings: Vec<Change>,
}

impl<'a> Search<'a> {
    fn new(notebook: &'a Notebook, published: &'a Published) -> Outcome<Search<'a>> {
        let files = compare::changes(&published.record.files, &book_files(&notebook.book)?);
        let settings = settings(notebook, published);
        Ok(Search { notebook, published, files, settings })
    }

    fn answer(&self, asked: &str, moved: bool, tables: Vec<TableWhy>, packs: Vec<PackWhy>) -> Why {
        let record = &self.published.record;
        let tool = compare::changes(&record.tool, &self.notebook.tool());
        let mut causes: Vec<String> = Vec::new();
        let mut add = |words: String| {
            if !causes.contains(&words) {
                causes.push(words);
            }
        };
        for input in packs.iter().flat_map(|pack| &pack.inputs) {
            match input.what {
                "program" => add("the program, the fonts or the template library".to_string()),
                "template" => add(format!("the template {}", input.name)),
                "value" => add(input.name.clone()),
                _ => {}
            }
        }
        tables.iter().flat_map(first_causes).for_each(&mut add);
        let moved_tables = tables.iter().filter(|table| table.moved);
        if causes.is_empty() && moved_tables.count() > 0 {
            causes.push("the program: no query, source or parameter has changed".to_string());
        }
        Why {
            asked: asked.to_string(),
            edition: record.edition.get("name").and_then(|name| name.as_str()).unwrap_or_default().to_string(),
            identifier: record.identifier.clone(),
            moved,
            causes,
            tool,
            packs,
            tables,
            without_effect: Vec::new(),
        }
    }

    /// The tables that moved, from some back to the sources; of the first also those that only changed their query.
    fn follow(&self, names: &[String]) -> Outcome<Vec<TableWhy>> {
        let (mut found, mut seen): (Vec<TableWhy>, BTreeSet<String>) = (Vec::new(), BTreeSet::new());
        let mut open: std::collections::VecDeque<String> = names.iter().cloned().collect();
        while let Some(name) = open.pop_front() {
            if !seen.insert(name.clone()) {
                continue;
            }
            let table = self.table(&name);
            let said = table.query.is_some() || table.notes.is_some();
            if table.moved || said || !table.files.is_empty() || !table.facts.is_empty() {
                open.extend(table.reads.iter().cloned());
                found.push(table);
            }
        }
        Ok(found)
    }

    fn cell(&self, name: &str) -> Option<&CellRecord> {
        self.published.record.cells.iter().find(|cell| cell.name == name)
    }

    fn source(&self, name: &str) -> Option<&SourceRecord> {
        self.published.record.sources.iter().find(|source| source.name == name)
    }

    /// The content that a table had in the edition.
    fn content_before(&self, name: &str) -> Option<&str> {
        let cell = self.cell(name).map(|cell| cell.content.as_str());
        let source = || self.source(name).and_then(|source| source.content.as_deref());
        cell.or_else(source).or_else(|| self.published.record.tables.get(name).map(String::as_str))
    }

    fn has_moved(&self, name: &str) -> bool {
        match (self.content_before(name), self.source_table(name)) {
            (Some(before), _) => self.notebook.content(name) != Some(before),
            // Editions of earlier versions do not say what a source's table was.
            (None, Some(now)) => {
                self.source(name).is_none_or(|before| !file_changes(name, &before.files, now).is_empty())
            }
            (None, None) => self.notebook.content(name).is_some() && !self.published.record.tables.is_empty(),
        }
    }

    fn source_table(&self, name: &str) -> Option<&'a SourceTable> {
        self.notebook.sources.iter().find(|source| source.contract.name == name)
    }

    fn table(&self, name: &str) -> TableWhy {
        let kind = match (self.notebook.graph.cells.contains_key(name), self.source_table(name)) {
            (true, _) => "cell",
            (false, Some(_)) => "source",
            (false, None) => "book",
        };
        let mut why = TableWhy {
            table: name.to_string(),
            kind,
            new: false,
            moved: self.has_moved(name),
            query: None,
            notes: None,
            reads: Vec::new(),
            files: Vec::new(),
            facts: Vec::new(),
            contract: false,
            change: None,
        };
        match kind {
            "cell" => self.add_cell(&mut why),
            "source" => self.add_source(&mut why),
            _ if name == "parameters" && why.moved => why.facts.clone_from(&self.settings),
            _ => {}
        }
        if why.moved && !why.new {
            why.change = self.rows(name, None);
        }
        why
    }

    fn add_cell(&self, why: &mut TableWhy) {
        let Some(cell) = self.notebook.graph.cells.get(&why.table) else { return };
        match self.cell(&why.table) {
            None => why.new = true,
            Some(before) => {
                let words = self.files.iter().any(|file| file.name == cell.file);
                match before.query == crate::sha256(cell.lineage.canonical.as_bytes()) {
                    false => why.query = Some(cell.file.clone()),
                    true if words => why.notes = Some(cell.file.clone()),
                    true => {}
                }
            }
        }
        if why.moved {
            let reads: BTreeSet<&str> = self.notebook.graph.reads(&why.table).into_iter().collect();
            why.reads = reads.into_iter().filter(|name| self.has_moved(name)).map(str::to_string).collect();
        }
    }

    fn add_source(&self, why: &mut TableWhy) {
        let Some(now) = self.source_table(&why.table) else { return };
        let Some(before) = self.source(&why.table) else {
            why.new = true;
            return;
        };
        why.files = file_changes(&why.table, &before.files, now);
        let facts = |status: &str, vintage: Option<String>| -> BTreeMap<String, String> {
            let vintage = vintage.map(|day| ("vintage".to_string(), day));
            std::iter::once(("status".to_string(), status.to_string())).chain(vintage).collect()
        };
        let vintage = now.contract.vintage.map(|day| day.to_string());
        why.facts =
            compare::changes(&facts(&before.status, before.vintage.clone()), &facts(&now.contract.status, vintage));
        why.contract = why.moved && why.files.is_empty();
    }

    /// Which rows of a table differ, where its older version is kept.
    fn rows(&self, name: &str, part: Option<&Part<'_>>) -> Option<TableChange> {
        let key = self.key(name);
        let before = self.notebook.cache.whole_files(self.content_before(name)?)?;
        let after = self.notebook.cache.whole_files(self.notebook.content(name)?)?;
        let whole = Part { key: &key, ..Part::default() };
        let part = part.map_or(whole.clone(), |part| Part { key: &key, ..part.clone() });
        let compare = |part: &Part<'_>| diff_rows::compare(&self.notebook.session, &before, &after, part).ok();
        // A selection by a value of another type than the column is no reason to say nothing.
        compare(&part).or_else(|| compare(&Part { selections: &[], ..part.clone() }))
    }

    /// Columns that identify a row of a table.
    fn key(&self, name: &str) -> Vec<String> {
        if let Some(cell) = self.notebook.graph.cells.get(name) {
            return cell.front.grain.clone();
        }
        let Some(source) = self.source_table(name) else { return Vec::new() };
        let mut key = source.contract.key.clone();
        if source.contract.keep_versions {
            key.extend(["_vintage".to_string(), "_status".to_string()]);
        }
        key
    }

    fn pack(&self, workshop: &Workshop<'_>, item: &Item<'_>, notes: &BTreeMap<String, PackNote>) -> Outcome<PackWhy> {
        let entry = self.published.record.packs.iter().find(|entry| entry.file == item.file);
        let mut why = PackWhy {
            file: item.file.clone(),
            key: item.key.clone(),
            published: entry.is_some(),
            known: false,
            inputs: Vec::new(),
        };
        let Some(entry) = entry else { return Ok(why) };
        let last = workshop.note(item).filter(|note| note.entry.sha256 == entry.sha256);
        match last.as_ref().or_else(|| notes.get(&entry.sha256)) {
            Some(note) => {
                why.known = true;
                why.inputs = workshop.changes(item, note).iter().map(|cause| self.input(cause)).collect();
            }
            None => why.inputs = self.behind(entry)?,
        }
        Ok(why)
    }

    fn input(&self, cause: &Cause) -> InputWhy {
        let plain =
            |tagged: &str| Scalar::from_tagged(tagged).map_or_else(|| tagged.to_string(), |value| value.to_string());
        let mut input = InputWhy {
            what: "program",
            name: cause.to_string(),
            before: None,
            after: None,
            columns: Vec::new(),
            change: None,
        };
        match cause {
            Cause::Shared => {}
            Cause::Sheets => input.what = "sheets",
            Cause::Template(name) => (input.what, input.name) = ("template", name.clone()),
            Cause::Value { name, before, after } => {
                (input.what, input.name) = ("value", name.clone());
                (input.before, input.after) = (Some(plain(before)), after.as_deref().map(plain));
            }
            Cause::Behind(table) => (input.what, input.name) = ("behind", table.clone()),
            Cause::Gone(table) => (input.what, input.name) = ("gone", table.clone()),
            Cause::Rows { table, taken } => {
                (input.what, input.name) = ("table", table.clone());
                input.columns.clone_from(&taken.columns);
                let part = Part { key: &[], columns: Some(&taken.columns), selections: &taken.selections };
                input.change = self.rows(table, Some(&part));
            }
        }
        input
    }

    /// What moved of the cells that a published PDF names, where nothing else is known of what it took.
    fn behind(&self, entry: &PackEntry) -> Outcome<Vec<InputWhy>> {
        let pack = self.published.pack(entry)?;
        let plain = |what: &'static str, name: &str| InputWhy {
            what,
            name: name.to_string(),
            before: None,
            after: None,
            columns: Vec::new(),
            change: None,
        };
        let mut inputs = Vec::new();
        let templates = self.files.iter().filter(|file| file.name.starts_with(TEMPLATES));
        inputs.extend(templates.map(|file| plain("template", &file.name)));
        inputs.extend(self.settings.iter().map(|change| InputWhy {
            before: change.before.clone(),
            after: change.after.clone(),
            ..plain("value", &change.name)
        }));
        let cells = pack.manifest.cells.iter().map(|cell| &cell.cell);
        let sources = pack.manifest.sources.iter().map(|source| &source.source);
        inputs.extend(cells.chain(sources).filter(|name| self.has_moved(name)).map(|name| plain("table", name)));
        Ok(inputs)
    }
}

/// What of a table is not explained by what it reads.
fn first_causes(table: &TableWhy) -> Vec<String> {
    let mut causes: Vec<String> = Vec::new();
    causes.extend(table.query.iter().map(|file| format!("the query {file}")));
    causes.extend(table.notes.iter().filter(|_| !table.moved).map(|file| format!("words and notes of {file}")));
    causes.extend(table.files.iter().map(|file| format!("{} of source {}", file.file, table.table)));
    if table.new {
        causes.push(format!("{}, which the edition does not have", table.table));
    } else if table.contract {
        causes.push(format!("the contract of source {} in {BOOK_FILE}", table.table));
    }
    if table.kind == "source" {
        causes.extend(table.facts.iter().map(|fact| format!("the {} of source {}", fact.name, table.table)));
    }
    if table.kind == "book" && table.moved {
        match table.facts.is_empty() {
            true if crate::book::ENGINE_TABLES.contains(&table.table.as_str()) => {}
            true => causes.push(format!("the table {} in {BOOK_FILE}", table.table)),
            false => causes.extend(table.facts.iter().map(|fact| fact.name.clone())),
        }
    }
    causes
}

/// Parameters, and what an edition says of itself, that differ.
fn settings(notebook: &Notebook, published: &Published) -> Vec<Change> {
    let book = &notebook.book;
    let plain = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let record = &published.record;
    let mut before: BTreeMap<String, String> =
        record.parameters.iter().map(|(name, value)| (format!("parameters.{name}"), plain(value))).collect();
    before.extend(record.edition.iter().map(|(name, value)| (format!("edition.{name}"), plain(value))));
    let value = |value: &Scalar| plain(&serde_json::to_value(value).unwrap_or_default());
    let mut after: BTreeMap<String, String> =
        book.parameters.iter().map(|(name, one)| (format!("parameters.{name}"), value(one))).collect();
    let edition = serde_json::to_value(&book.edition).unwrap_or_default();
    let edition = edition.as_object().into_iter().flatten();
    after.extend(edition.map(|(name, value)| (format!("edition.{name}"), plain(value))));
    compare::changes(&before, &after)
}

/// The files of a source that are not as they were.
fn file_changes(source: &str, before: &[FileRecord], now: &SourceTable) -> Vec<FileChange> {
    let after: Vec<FileRecord> = now
        .files
        .iter()
        .filter_map(|file| serde_json::to_value(file).ok().and_then(|value| serde_json::from_value(value).ok()))
        .collect();
    compared_files(source, before, &after)
}

/// The files of a source that differ between two records of it.
pub(super) fn compared_files(source: &str, before: &[FileRecord], after: &[FileRecord]) -> Vec<FileChange> {
    let by = |files: &[FileRecord]| -> BTreeMap<String, FileRecord> {
        files.iter().map(|file| (file.file.clone(), file.clone())).collect()
    };
    let (was, is) = (by(before), by(after));
    let names: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
    let change = |name: &String| {
        let (old, new) = (was.get(name), is.get(name));
        let both = old.zip(new);
        let differing = |fact: fn(&FileRecord) -> Option<String>| {
            both.map(|(old, new)| (fact(old), fact(new))).filter(|(old, new)| old.is_some() && old != new)
        };
        let status = differing(|file| file.status.clone());
        let vintage = differing(|file| file.vintage.clone());
        let what = match (old, new) {
            (None, _) => "added",
            (_, None) => "gone",
            (Some(old), Some(new)) if old.sha256 != new.sha256 => "changed",
            _ if status.is_some() || vintage.is_some() => "kept",
            _ => return None,
        };
        let (before, after) = (old.map(|file| file.sha256.clone()), new.map(|file| file.sha256.clone()));
        Some(FileChange { source: source.to_string(), file: name.clone(), what, before, after, status, vintage })
    };
    names.into_iter().filter_map(change).collect()
}
