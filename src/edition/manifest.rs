//! The manifest: what an edition was made of and what it holds. It names no machine, path or time.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::book::{BOOK_FILE, Book, Edition, QUERIES, TEMPLATES, joined_notices, list_files, read_within};
use crate::diagnostic::Outcome;
use crate::frame::Scalar;
use crate::notebook::Notebook;
use crate::sheets::ENDINGS;
use crate::source::{SourceFile, SourceTable};

/// An edition's manifest.
#[derive(Clone, Debug, Serialize)]
pub struct Manifest {
    /// Form of this file.
    pub format: u32,
    /// Hash of everything below: the edition's identifier.
    pub identifier: String,
    /// Whether the edition holds every pack of the book, or only some that were asked for.
    pub whole: bool,
    /// Versions of the tool and of what it is made of.
    pub tool: BTreeMap<String, String>,
    /// The book's title.
    pub book: String,
    /// The edition.
    pub edition: Edition,
    /// SHA-256 of the book's own files: settings, queries and templates.
    pub files: BTreeMap<String, String>,
    /// Parameters.
    pub parameters: BTreeMap<String, Scalar>,
    /// Hashes of the rule tables, the table of parameters, and what is known of the sources.
    pub tables: BTreeMap<String, String>,
    /// What the data folders say of themselves.
    pub notice: Option<String>,
    /// Sources.
    pub sources: Vec<SourceEntry>,
    /// Cells.
    pub cells: Vec<CellEntry>,
    /// Packs.
    pub packs: Vec<PackEntry>,
    /// The register of copies that are given out before publication.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub register: Option<Beside>,
}

/// A source in a manifest.
#[derive(Clone, Debug, Serialize)]
pub struct SourceEntry {
    name: String,
    publisher: String,
    publication: String,
    licence: String,
    status: String,
    period: String,
    vintage: Option<String>,
    fingerprint: String,
    /// SHA-256 of its table.
    content: String,
    rejects: usize,
    files: Vec<SourceFile>,
}

/// A cell in a manifest.
#[derive(Clone, Debug, Serialize)]
pub struct CellEntry {
    name: String,
    file: String,
    query: String,
    content: String,
    rows: u64,
    tests: usize,
    warnings: usize,
}

/// A pack in a manifest.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PackEntry {
    /// Name of the pack's rule.
    pub pack: String,
    /// Key of the row that it is about.
    pub key: Option<String>,
    /// File under the edition's folder.
    pub file: String,
    /// SHA-256 of the file.
    pub sha256: String,
    /// Size in bytes.
    pub bytes: usize,
    /// Pages.
    pub pages: usize,
    /// Figures printed.
    pub figures: usize,
    /// Claims made.
    pub claims: usize,
    /// The identifier that the pack prints of itself: hash of its words, figures, claims and queries.
    pub identifier: String,
    /// Files of the same content in other forms: plain text, spreadsheets, CSV.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<Beside>,
}

/// A file that lies beside a pack, under its name with another ending.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Beside {
    /// File under the edition's folder.
    pub file: String,
    /// SHA-256 of the file.
    pub sha256: String,
    /// Size in bytes.
    pub bytes: usize,
}

impl Beside {
    /// Its ending, which tells it from the pack's other files.
    pub fn ending(&self) -> &str {
        // Some endings have two parts.
        let own = |ending: &&str| self.file.strip_suffix(ending).is_some_and(|stem| stem.ends_with('.'));
        ENDINGS.into_iter().find(own).unwrap_or_else(|| self.file.rsplit('.').next().unwrap_or_default())
    }
}

impl PackEntry {
    /// All files of the pack with their hashes, the PDF first.
    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        let beside = self.beside.iter().map(|file| (file.file.as_str(), file.sha256.as_str()));
        std::iter::once((self.file.as_str(), self.sha256.as_str())).chain(beside)
    }
}

impl Manifest {
    /// The manifest of an edition.
    pub fn new(notebook: &Notebook, packs: Vec<PackEntry>, whole: bool, register: Option<Beside>) -> Outcome<Manifest> {
        let mut manifest = Manifest {
            format: super::published::FORMAT,
            identifier: String::new(),
            whole,
            tool: notebook.tool(),
            book: notebook.book.title.clone(),
            edition: notebook.book.edition.clone(),
            files: book_files(&notebook.book)?,
            parameters: notebook.book.parameters.iter().cloned().collect(),
            tables: notebook.rule_contents(),
            notice: Some(joined_notices(&notebook.data.notices())).filter(|notice| !notice.is_empty()),
            sources: notebook.sources.iter().map(|source| source_entry(source, notebook)).collect(),
            cells: cell_entries(notebook),
            packs,
            register,
        };
        manifest.identifier = crate::hex(&Sha256::digest(manifest.json()));
        Ok(manifest)
    }

    /// All files of the edition besides the manifest itself, with their hashes.
    pub fn files_beside(&self) -> impl Iterator<Item = (&str, &str)> {
        let register = self.register.iter().map(|file| (file.file.as_str(), file.sha256.as_str()));
        self.packs.iter().flat_map(PackEntry::files).chain(register)
    }

    /// The manifest as JSON.
    pub fn json(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }
}

fn source_entry(source: &SourceTable, notebook: &Notebook) -> SourceEntry {
    SourceEntry {
        name: source.contract.name.clone(),
        publisher: source.contract.publisher.clone(),
        publication: source.contract.publication.clone(),
        licence: source.contract.licence.clone(),
        status: source.contract.status.clone(),
        period: source.contract.period.clone(),
        vintage: source.contract.vintage.map(|date| date.to_string()),
        fingerprint: source.fingerprint.clone(),
        content: notebook.content(&source.contract.name).unwrap_or_default().to_string(),
        rejects: source.rejects.len(),
        files: source.files.clone(),
    }
}

fn cell_entries(notebook: &Notebook) -> Vec<CellEntry> {
    // In the order in which they run, so that the first that differs is the first cause.
    let run = notebook.graph.waves.iter().flatten();
    let entries =
        run.filter_map(|name| Some((name, notebook.results.cells.get(name)?))).map(|(name, result)| CellEntry {
            name: name.clone(),
            file: notebook.graph.cells[name].file.clone(),
            query: crate::sha256(notebook.graph.cells[name].lineage.canonical.as_bytes()),
            content: result.kept.content.clone(),
            rows: result.kept.rows,
            tests: result.checks.len(),
            warnings: result.checks.iter().filter(|check| check.problem.is_some()).count(),
        });
    entries.collect()
}

/// Hashes of the book's own files: settings, queries and templates.
pub(super) fn book_files(book: &Book) -> Outcome<BTreeMap<String, String>> {
    let mut names = vec![BOOK_FILE.to_string()];
    for folder in [QUERIES, TEMPLATES] {
        names.extend(list_files(&book.root.join(folder))?.into_iter().map(|file| format!("{folder}/{file}")));
    }
    names.into_iter().map(|name| Ok((name.clone(), crate::sha256(&read_within(&book.root, &name)?.bytes)))).collect()
}
