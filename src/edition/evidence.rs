//! What travels inside each PDF: the figures and claims that it prints, the queries behind them, and a manifest.
//!
//! The evidence holds nothing that can change without the pack's own words or numbers changing: hashes of whole source
//! files are in the edition's manifest, which lies beside the packs.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::pre_release::Copy;
use crate::frame::Scalar;
use crate::notebook::Notebook;
use crate::pack::{ClaimRecord, FigureRecord, NamedValues, Rendered};
use crate::typeset::{Attachment, Layout};

/// Name of the attachment that lists the figures.
pub const FIGURES: &str = "figures.json";
/// Name of the attachment that lists the claims.
pub const CLAIMS: &str = "claims.json";
/// Name of the attachment that holds the queries.
pub const QUERIES: &str = "queries.sql";
/// Name of the attachment that says what the others are.
pub const MANIFEST: &str = "manifest.json";

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

/// What a pack rests on, and what its attachments and pages hold: the attached manifest.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PackManifest {
    /// Form of this file.
    pub format: u32,
    /// Hash of the pack's words, figures, claims and queries.
    pub identifier: String,
    /// Name of the pack's rule.
    pub pack: String,
    /// Key of the row that it is about.
    pub key: Option<String>,
    /// Edition: name and date.
    pub edition: BTreeMap<String, String>,
    /// Whether it is a draft, in which claims that do not hold are struck through.
    pub draft: bool,
    /// Whose copy it is, where it was given out before publication.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copy: Option<Copy>,
    /// Versions of the tool.
    pub tool: BTreeMap<String, String>,
    /// Sources behind its figures.
    pub sources: Vec<SourceNote>,
    /// Cells behind its figures.
    pub cells: Vec<CellNote>,
    /// SHA-256 of the other attachments, by name.
    pub attachments: BTreeMap<String, String>,
    /// SHA-256 of the letters and digits of each page, in the order in which they are drawn.
    pub pages: Vec<String>,
    /// SHA-256 of the plain text that was published beside the document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// Who a pack is and what lies behind it, before it has been set.
pub(super) struct Evidence {
    manifest: PackManifest,
    /// How many figures the pack's own pages print; those of the page about the evidence come after.
    own_figures: usize,
    claims: Vec<u8>,
    queries: Vec<u8>,
}

impl Evidence {
    /// The evidence for a pack's own pages.
    pub fn of(notebook: &Notebook, rendered: &Rendered, pack: &str, key: Option<&str>, draft: bool) -> Evidence {
        let names: BTreeSet<String> = rendered.reads.keys().cloned().collect();
        let tables = notebook.upstream(&names);
        let claims = json_bytes(&json!({
            "about": "Every claim that this document makes, with the numbers behind it",
            "claims": rendered.claims,
        }));
        let queries = queries(notebook, &tables).into_bytes();
        let mut hash = Sha256::new();
        hash.update(&rendered.source);
        let text = rendered.text.as_ref().map(|text| crate::sha256(text.as_bytes()));
        hash.update(text.as_deref().unwrap_or_default());
        hash.update(figures_json(&rendered.figures, &BTreeMap::new()));
        hash.update(&claims);
        hash.update(&queries);
        let edition = &notebook.book.edition;
        let manifest = PackManifest {
            format: 2,
            identifier: crate::hex(&hash.finalize()),
            pack: pack.to_string(),
            key: key.map(str::to_string),
            edition: [
                ("name", edition.name.clone()),
                ("date", edition.date.to_string()),
                ("as_of", edition.as_of.to_string()),
            ]
            .map(|(name, value)| (name.to_string(), value))
            .into(),
            draft,
            copy: None,
            tool: notebook.tool(),
            sources: sources(notebook, &tables),
            cells: cells(notebook, &tables),
            attachments: BTreeMap::new(),
            pages: Vec::new(),
            text,
        };
        Evidence { manifest, own_figures: rendered.figures.len(), claims, queries }
    }

    /// Says whose copy it is. The identifier stays that of the pack: a copy says the same as what is published.
    pub fn set_copy(&mut self, copy: Option<&Copy>) {
        self.manifest.copy = copy.cloned();
    }

    /// The identifier: hash of the pack's words, figures, claims and queries.
    pub fn identifier(&self) -> &str {
        &self.manifest.identifier
    }

    /// Named values and lists for the page that says how the pack was made.
    #[expect(clippy::type_complexity, reason = "the two forms in which a template sees bare values")]
    pub fn context(
        &self,
        claims: &[ClaimRecord],
    ) -> (Vec<(String, Scalar)>, Vec<(String, Vec<Vec<(String, Scalar)>>)>) {
        let words = |text: &str| Scalar::Text(text.to_string());
        let count = |number: usize| Scalar::Integer(i64::try_from(number).unwrap_or(i64::MAX));
        let maybe = |text: &Option<String>| text.as_deref().map_or(Scalar::Missing, words);
        let manifest = &self.manifest;
        let warnings: Vec<(&str, &String)> = manifest
            .cells
            .iter()
            .flat_map(|cell| cell.warnings.iter().map(|test| (cell.title.as_str(), test)))
            .collect();
        let tests: usize = manifest.cells.iter().map(|cell| cell.tests).sum();
        let facts = vec![
            ("identifier", words(manifest.identifier.get(..16).unwrap_or_default())),
            ("figures", count(self.own_figures)),
            ("claims", count(claims.len())),
            ("cells", count(manifest.cells.len())),
            ("tests", count(tests)),
            ("tests_failed", count(warnings.len())),
            ("tool", words(manifest.tool.get("candour").map_or("", String::as_str))),
        ];
        let sources = manifest.sources.iter().map(|source| {
            named(vec![
                ("source", words(&source.source)),
                ("publisher", words(&source.publisher)),
                ("publication", words(&source.publication)),
                ("licence", words(&source.licence)),
                ("status", words(&source.status)),
                ("period", words(&source.period)),
                (
                    "vintage",
                    source
                        .vintage
                        .as_ref()
                        .and_then(|day| day.parse().ok())
                        .map_or(Scalar::Missing, |day| Scalar::Text(crate::pack::date_words(day))),
                ),
                ("url", maybe(&source.url)),
                ("files", count(source.files.len())),
                ("first_file", source.files.first().map_or(Scalar::Missing, |file| words(file))),
                ("rejects", count(source.rejects)),
            ])
        });
        let failed = warnings.iter().map(|(cell, test)| named(vec![("cell", words(cell)), ("test", words(test))]));
        let lists = vec![("sources".to_string(), sources.collect()), ("failed_tests".to_string(), failed.collect())];
        (named(facts), lists)
    }

    /// The attachments that do not depend on the layout, and the names of those that do.
    pub fn attachments(&self) -> Vec<Attachment> {
        let file = |name: &str, media_type, description: &str, relationship, content: Option<Vec<u8>>| Attachment {
            name: name.to_string(),
            media_type,
            description: description.to_string(),
            relationship,
            content,
        };
        let (json, sql) = ("application/json", "application/sql");
        let claims = Some(self.claims.clone());
        let queries = Some(self.queries.clone());
        vec![
            file(FIGURES, json, "Every figure printed, with cell, key, column, value, unit and page", "data", None),
            file(CLAIMS, json, "Every claim made, with the numbers behind it", "data", claims),
            file(QUERIES, sql, "The queries that the figures come from", "source", queries),
            file(
                MANIFEST,
                json,
                "What this document was made of, and hashes of its pages and attachments",
                "supplement",
                None,
            ),
        ]
    }

    /// The attachments that depend on the layout, in the order of [`Evidence::attachments`].
    pub fn late(&self, rendered: &Rendered, layout: &Layout) -> Vec<Vec<u8>> {
        let texts = rendered.figures.iter().map(|figure| (figure.id, (figure.text.as_str(), figure.drawn))).collect();
        let figures = figures_json(&rendered.figures, &layout.pages_of(&rendered.marks, &texts));
        let hash = |bytes: &[u8]| crate::sha256(bytes);
        let attachments = [(FIGURES, &figures), (CLAIMS, &self.claims), (QUERIES, &self.queries)];
        let manifest = PackManifest {
            attachments: attachments.map(|(name, bytes)| (name.to_string(), hash(bytes))).into(),
            pages: layout.texts.iter().map(|text| page_hash(text)).collect(),
            ..self.manifest.clone()
        };
        vec![figures, json_bytes(&manifest)]
    }

    /// Everything of the evidence that is known before the layout, for the pack's fingerprint; its own figures, claims
    /// and queries are in its identifier.
    pub fn known(&self, rendered: &Rendered) -> Vec<u8> {
        let later = rendered.figures.get(self.own_figures..).unwrap_or_default();
        [json_bytes(&self.manifest), figures_json(later, &BTreeMap::new())].concat()
    }
}

/// The list of figures, one on each line, with the pages on which they stand.
fn figures_json(figures: &[FigureRecord], pages: &BTreeMap<usize, Vec<usize>>) -> Vec<u8> {
    let about = "Every value that this document prints, with its address: cell, key and column";
    let mut text = format!("{{\n\"about\": \"{about}\",\n\"figures\": [\n").into_bytes();
    for (at, figure) in figures.iter().enumerate() {
        if at > 0 {
            text.extend(b",\n");
        }
        let placed = PlacedFigure { figure, pages: pages.get(&figure.id).map(Vec::as_slice).unwrap_or_default() };
        // Writing to memory cannot fail.
        let _ = serde_json::to_writer(&mut text, &placed);
    }
    text.extend(b"\n]\n}\n");
    text
}

/// A figure with the pages, from 1, on which it stands.
#[derive(Serialize)]
struct PlacedFigure<'a> {
    #[serde(flatten)]
    figure: &'a FigureRecord,
    pages: &'a [usize],
}

/// Hash of a page's letters, digits and signs. Blanks are left out: readers of PDF differ in where they see them.
pub fn page_hash(text: &str) -> String {
    let dense: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    crate::hex(&Sha256::digest(dense))
}

fn named(values: Vec<(&str, Scalar)>) -> NamedValues {
    values.into_iter().map(|(name, value)| (name.to_string(), value)).collect()
}

fn json_bytes(content: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(content).unwrap_or_default();
    bytes.push(b'\n');
    bytes
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
