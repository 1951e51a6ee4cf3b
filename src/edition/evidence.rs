//! What travels inside each PDF: the figures it prints, the queries behind them, the files behind those.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::notebook::Notebook;
use crate::pack::{FigureRecord, Rendered};
use crate::source::SourceFile;
use crate::typeset::Attachment;

#[derive(Serialize)]
struct Figures<'a> {
    about: &'static str,
    figures: &'a [FigureRecord],
}

#[derive(Serialize)]
struct Query<'a> {
    cell: &'a str,
    title: &'a str,
    file: &'a str,
    fingerprint: &'a str,
    rows: u64,
    sql: &'a str,
}

#[derive(Serialize)]
struct Source<'a> {
    source: &'a str,
    publisher: &'a str,
    publication: &'a str,
    licence: &'a str,
    status: &'a str,
    period: &'a str,
    vintage: Option<String>,
    files: &'a [SourceFile],
    rejects: usize,
}

#[derive(Serialize)]
struct Inputs<'a> {
    about: &'static str,
    tool: String,
    edition: &'a crate::book::Edition,
    sources: Vec<Source<'a>>,
    queries: Vec<Query<'a>>,
}

/// The files to attach to a pack.
pub(super) fn attachments(notebook: &Notebook, rendered: &Rendered) -> Vec<Attachment> {
    let tables = notebook.upstream(&rendered.reads);
    let figures = Figures {
        about: "Every value that this document prints, with its address: cell, key and column",
        figures: &rendered.figures,
    };
    let inputs = Inputs {
        about: "The published files and the queries that the figures come from",
        tool: format!(
            "Candour {}, DuckDB {}, Typst {}",
            env!("CARGO_PKG_VERSION"),
            notebook.session.version(),
            crate::typeset::TYPST_VERSION
        ),
        edition: &notebook.book.edition,
        sources: sources(notebook, &tables),
        queries: queries(notebook, &tables),
    };
    vec![
        json("figures.json", "Every figure printed, with cell, key, column, value and unit", "data", &figures),
        json("inputs.json", "Published files with their hashes, and the queries run on them", "source", &inputs),
    ]
}

fn json(name: &str, description: &str, relationship: &'static str, content: &impl Serialize) -> Attachment {
    let mut bytes = serde_json::to_vec_pretty(content).unwrap_or_default();
    bytes.push(b'\n');
    Attachment {
        name: name.to_string(),
        media_type: "application/json",
        description: description.to_string(),
        relationship,
        content: bytes,
    }
}

fn sources<'a>(notebook: &'a Notebook, tables: &BTreeSet<String>) -> Vec<Source<'a>> {
    let all = tables.contains("source_files") || tables.contains("source_rejects");
    let used = notebook.sources.iter().filter(|source| all || tables.contains(&source.contract.name));
    used.map(|source| Source {
        source: &source.contract.name,
        publisher: &source.contract.publisher,
        publication: &source.contract.publication,
        licence: &source.contract.licence,
        status: &source.contract.status,
        period: &source.contract.period,
        vintage: source.contract.vintage.map(|date| date.to_string()),
        files: &source.files,
        rejects: source.rejects.len(),
    })
    .collect()
}

fn queries<'a>(notebook: &'a Notebook, tables: &BTreeSet<String>) -> Vec<Query<'a>> {
    let used = notebook.graph.cells.values().filter(|cell| tables.contains(&cell.name));
    used.filter_map(|cell| {
        let result = notebook.results.cells.get(&cell.name)?;
        Some(Query {
            cell: &cell.name,
            title: &cell.front.title,
            file: &cell.file,
            fingerprint: &result.fingerprint,
            rows: result.rows,
            sql: &cell.text,
        })
    })
    .collect()
}
