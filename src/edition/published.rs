//! Reading back what was published: an edition's manifest, and the evidence inside a pack.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::evidence::{CLAIMS, FIGURES, MANIFEST, PackManifest};
use super::manifest::{Beside, PackEntry};
use crate::diagnostic::{Diagnostic, Outcome, io_problem};
use crate::pdf;

/// The form of manifest that this version writes and reads.
pub(super) const FORMAT: u32 = 2;

/// A published edition.
#[derive(Clone, Debug)]
pub struct Published {
    /// Its folder.
    pub folder: PathBuf,
    /// Its manifest.
    pub record: EditionRecord,
    /// The identifier that the manifest ought to have, from its own content.
    pub identifier: String,
}

/// A manifest, as far as it is compared.
#[derive(Clone, Debug, Deserialize)]
pub struct EditionRecord {
    /// Form of the file.
    pub format: u32,
    /// Hash of the rest.
    pub identifier: String,
    /// Whether it holds every pack of the book.
    pub whole: bool,
    /// Versions of the tool.
    pub tool: BTreeMap<String, String>,
    /// Edition: name, date and seed.
    pub edition: BTreeMap<String, Value>,
    /// Parameters.
    pub parameters: BTreeMap<String, Value>,
    /// SHA-256 of the book's own files.
    pub files: BTreeMap<String, String>,
    /// Hashes of the rule tables, the table of parameters, and what is known of the sources.
    #[serde(default)]
    pub tables: BTreeMap<String, String>,
    /// Sources.
    pub sources: Vec<SourceRecord>,
    /// Cells.
    pub cells: Vec<CellRecord>,
    /// Packs.
    pub packs: Vec<PackEntry>,
    /// The register of copies that were given out before publication.
    #[serde(default)]
    pub register: Option<Beside>,
}

/// A source in a manifest.
#[derive(Clone, Debug, Deserialize)]
pub struct SourceRecord {
    /// Table name.
    pub name: String,
    /// Published, provisional and so on.
    pub status: String,
    /// When this version was published.
    pub vintage: Option<String>,
    /// SHA-256 of its table; editions of earlier versions do not say.
    #[serde(default)]
    pub content: Option<String>,
    /// Rows that broke their contract.
    pub rejects: u64,
    /// Its files.
    pub files: Vec<FileRecord>,
}

/// A file of a source in a manifest.
#[derive(Clone, Debug, Deserialize)]
pub struct FileRecord {
    /// Path under the data folder.
    pub file: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Rows that kept their contract.
    pub rows: u64,
    /// Its status.
    #[serde(default)]
    pub status: Option<String>,
    /// When its figures were published.
    #[serde(default)]
    pub vintage: Option<String>,
}

/// A cell in a manifest.
#[derive(Clone, Debug, Deserialize)]
pub struct CellRecord {
    /// Table name.
    pub name: String,
    /// File in the book.
    pub file: String,
    /// SHA-256 of its query without comments and layout.
    pub query: String,
    /// SHA-256 of its result.
    pub content: String,
    /// Number of rows.
    pub rows: u64,
}

/// A pack read back from its PDF.
#[derive(Clone, Debug)]
pub struct PublishedPack {
    /// What it says it was made of.
    pub manifest: PackManifest,
    /// Attachments by name.
    pub attachments: BTreeMap<String, Vec<u8>>,
    /// Figures.
    pub figures: Vec<PrintedFigure>,
    /// Claims.
    pub claims: Vec<PrintedClaim>,
    /// Text of each page.
    pub texts: Vec<String>,
}

/// A figure read back.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct PrintedFigure {
    /// Number in the pack.
    pub id: usize,
    /// Table.
    pub cell: String,
    /// Columns that identify the row, with their values.
    pub key: Vec<(String, Value)>,
    /// Column.
    pub column: String,
    /// Value before it was formatted.
    pub value: Value,
    /// Unit.
    pub unit: Option<String>,
    /// Value as printed.
    pub text: String,
    /// Whether only a chart shows it.
    #[serde(default)]
    pub drawn: bool,
    /// Whether the plain text beside the document prints it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub in_text: bool,
    /// Pages, from 1.
    pub pages: Vec<usize>,
}

/// A claim read back.
#[derive(Clone, Debug, Deserialize, PartialEq)]
pub struct PrintedClaim {
    /// Number of the figure that is its statement.
    pub figure: usize,
    /// Cell of claims.
    pub cell: String,
    /// Columns that identify it, with their values.
    pub key: Vec<(String, Value)>,
    /// Statement.
    pub statement: String,
    /// Whether it holds.
    pub holds: Option<bool>,
}

#[derive(Deserialize)]
struct Figures {
    figures: Vec<PrintedFigure>,
}

#[derive(Deserialize)]
struct Claims {
    claims: Vec<PrintedClaim>,
}

impl PrintedFigure {
    /// The address in words: cell, key and column.
    pub fn address(&self) -> String {
        format!("{} ({}), {}", self.cell, key_words(&self.key), self.column)
    }
}

/// A key in words.
pub fn key_words(key: &[(String, Value)]) -> String {
    let words = key.iter().map(|(name, value)| match value {
        Value::String(text) => format!("{name} = {text}"),
        other => format!("{name} = {other}"),
    });
    words.collect::<Vec<_>>().join(", ")
}

impl Published {
    /// Reads the edition in a folder.
    pub fn open(folder: &Path) -> Outcome<Published> {
        let path = folder.join("manifest.json");
        let bytes = std::fs::read(&path).map_err(|error| {
            let mut problems = io_problem("read", &path, &error);
            problems.0.iter_mut().for_each(|problem| {
                problem.help.push("name the folder of an edition: it holds manifest.json".to_string());
            });
            problems
        })?;
        let no_manifest = |words: String| {
            Diagnostic::check(
                "manifest-unreadable",
                format!("{} is no manifest of an edition: {words}", path.display()),
            )
            .help("get the edition again, or build it")
        };
        let mut value: Value = serde_json::from_slice(&bytes).map_err(|error| no_manifest(error.to_string()))?;
        if value["format"].as_u64() != Some(u64::from(FORMAT)) {
            let words = format!("its form is {}, where this version reads {FORMAT}", value["format"]);
            return Err(no_manifest(words).into());
        }
        let record = EditionRecord::deserialize(&value).map_err(|error| no_manifest(error.to_string()))?;
        value["identifier"] = Value::String(String::new());
        let mut without = serde_json::to_vec_pretty(&value).unwrap_or_default();
        without.push(b'\n');
        Ok(Published { folder: folder.to_path_buf(), record, identifier: crate::sha256(&without) })
    }

    /// Reads a pack of the edition.
    pub fn pack(&self, entry: &PackEntry) -> Outcome<PublishedPack> {
        PublishedPack::open(&self.folder.join(&entry.file))
    }
}

impl PublishedPack {
    /// Reads the evidence and the pages of a PDF.
    pub fn open(path: &Path) -> Outcome<PublishedPack> {
        let bytes = std::fs::read(path).map_err(|error| io_problem("read", path, &error))?;
        Self::read(&bytes, &path.display().to_string())
    }

    /// Reads the evidence and the pages of a PDF from its bytes; `name` is for messages.
    pub fn read(bytes: &[u8], name: &str) -> Outcome<PublishedPack> {
        let attachments: BTreeMap<String, Vec<u8>> = pdf::attachments(bytes)?.into_iter().collect();
        let manifest: PackManifest = part(&attachments, MANIFEST, name)?;
        if manifest.format != FORMAT {
            let words = format!("{name} has evidence of form {}, where this version reads {FORMAT}", manifest.format);
            return Err(Diagnostic::check("evidence-unreadable", words).into());
        }
        Ok(PublishedPack {
            figures: part::<Figures>(&attachments, FIGURES, name)?.figures,
            claims: part::<Claims>(&attachments, CLAIMS, name)?.claims,
            texts: pdf::page_texts(bytes)?,
            manifest,
            attachments,
        })
    }
}

fn part<T: DeserializeOwned>(attachments: &BTreeMap<String, Vec<u8>>, part: &str, name: &str) -> Outcome<T> {
    let bytes = attachments.get(part).ok_or_else(|| {
        Diagnostic::check("evidence-missing", format!("{name} carries no {part}"))
            .help("was it made by candour, and has nothing been taken out of it?")
    })?;
    let read = serde_json::from_slice(bytes).map_err(|error| {
        Diagnostic::check("evidence-unreadable", format!("{part} inside {name} cannot be read: {error}"))
            .help("the attachment has been changed: get the document again from its publisher")
    })?;
    Ok(read)
}
