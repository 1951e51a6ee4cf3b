//! What lies behind a set of tables: the sources, the cells and their queries. Most packs read the same tables, so it is
//! put together once for all that do.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::notebook::Notebook;

/// A source behind a pack.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SourceNote {
    /// Table name.
    pub source: String,
    /// Who published it.
    pub publisher: String,
    /// Under which title.
    pub publication: String,
    /// Under which licence.
    pub licence: String,
    /// Published, provisional, revised and so on.
    pub status: String,
    /// Reference period.
    pub period: String,
    /// When this version was published.
    pub vintage: Option<String>,
    /// Where.
    pub url: Option<String>,
    /// Names of its files under the data folder.
    pub files: Vec<String>,
    /// Rows that broke their contract.
    pub rejects: usize,
}

/// A cell behind a pack.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CellNote {
    /// Name.
    pub cell: String,
    /// Title.
    pub title: String,
    /// File in the book.
    pub file: String,
    /// SHA-256 of its query in the canonical form in which it is attached.
    pub query: String,
    /// Number of data tests.
    pub tests: usize,
    /// Tests that failed with a warning.
    pub warnings: Vec<String>,
}

/// What lies behind a set of tables.
pub(super) struct Behind {
    /// The sources.
    pub sources: Vec<SourceNote>,
    /// The cells.
    pub cells: Vec<CellNote>,
    /// The queries of the cells, as they are attached.
    pub queries: Vec<u8>,
    /// SHA-256 of the queries.
    pub queries_hash: String,
    /// Versions of the tool.
    pub tool: BTreeMap<String, String>,
}

impl Behind {
    fn of(notebook: &Notebook, tables: &BTreeSet<String>) -> Behind {
        let queries = queries(notebook, tables).into_bytes();
        Behind {
            sources: sources(notebook, tables),
            cells: cells(notebook, tables),
            queries_hash: crate::sha256(&queries),
            queries,
            tool: notebook.tool(),
        }
    }
}

/// What lies behind the sets of tables that packs have read so far.
#[derive(Default)]
pub(super) struct Backgrounds(Mutex<BTreeMap<BTreeSet<String>, Arc<Behind>>>);

impl Backgrounds {
    /// What lies behind some tables and all that they are made from.
    pub fn behind(&self, notebook: &Notebook, tables: &BTreeSet<String>) -> Arc<Behind> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(behind) = known.get(tables) {
            return Arc::clone(behind);
        }
        let behind = Arc::new(Behind::of(notebook, &notebook.upstream(tables)));
        known.insert(tables.clone(), Arc::clone(&behind));
        behind
    }
}

/// The sources among some tables.
pub(crate) fn sources(notebook: &Notebook, tables: &BTreeSet<String>) -> Vec<SourceNote> {
    let all = tables.contains("source_files") || tables.contains("source_rejects");
    let used = notebook
        .sources
        .iter()
        .filter(|source| !source.files.is_empty() && (all || tables.contains(&source.contract.name)));
    used.map(|source| SourceNote {
        source: source.contract.name.clone(),
        publisher: source.contract.publisher.clone(),
        publication: source.contract.publication.clone(),
        licence: source.contract.licence.clone(),
        status: source.contract.status.clone(),
        period: source.contract.period.clone(),
        vintage: source.contract.vintage.map(|date| date.to_string()),
        url: source.contract.url.clone(),
        files: source.files.iter().map(|file| file.file.clone()).collect(),
        rejects: source.rejects.len(),
    })
    .collect()
}

/// The cells among some tables.
pub(crate) fn cells(notebook: &Notebook, tables: &BTreeSet<String>) -> Vec<CellNote> {
    let used = notebook.graph.cells.values().filter(|cell| tables.contains(&cell.name));
    used.filter_map(|cell| {
        let result = notebook.results.cells.get(&cell.name)?;
        let failed = result.checks.iter().filter(|check| check.problem.is_some());
        Some(CellNote {
            cell: cell.name.clone(),
            title: cell.front.title.clone(),
            file: cell.file.clone(),
            query: crate::hex(&Sha256::digest(&cell.lineage.canonical)),
            tests: result.checks.len(),
            warnings: failed.map(|check| check.name.clone()).collect(),
        })
    })
    .collect()
}

/// The queries of some cells, in the order in which they run, each under a line that names it.
fn queries(notebook: &Notebook, tables: &BTreeSet<String>) -> String {
    let mut text = String::from(
        "-- The queries behind this document, in the order in which they run. Comments and layout are left out.\n",
    );
    for cell in notebook.graph.waves.iter().flatten().filter_map(|name| notebook.graph.cells.get(name)) {
        if tables.contains(&cell.name) {
            text.push_str(&format!(
                "\n-- {}: {} ({})\n{};\n",
                cell.name, cell.front.title, cell.file, cell.lineage.canonical
            ));
        }
    }
    text
}
