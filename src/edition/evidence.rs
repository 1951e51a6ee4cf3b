//! What travels inside each PDF: the figures and claims that it prints, the queries behind them, and a manifest.
//!
//! The evidence holds nothing that can change without the pack's own words or numbers changing: hashes of whole source
//! files are in the edition's manifest, which lies beside the packs.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::behind::{Behind, CellNote, SourceNote};
use super::pre_release::Copy;
use crate::book::Edition;
use crate::frame::Scalar;
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
    /// Those figures as lines of JSON, each still without its pages.
    figures: Vec<String>,
    claims: Vec<u8>,
    behind: Arc<Behind>,
}

impl Evidence {
    /// The evidence for a pack's own pages.
    pub fn of(
        edition: &Edition,
        behind: Arc<Behind>,
        rendered: &Rendered,
        pack: &str,
        key: Option<&str>,
        draft: bool,
    ) -> Evidence {
        let claims = json_bytes(&json!({
            "about": "Every claim that this document makes, with the numbers behind it",
            "claims": rendered.claims,
        }));
        let mut hash = Sha256::new();
        hash.update(&rendered.source);
        let text = rendered.text.as_ref().map(|text| crate::sha256(text.as_bytes()));
        hash.update(text.as_deref().unwrap_or_default());
        let figures: Vec<String> = rendered.figures.iter().map(line).collect();
        figures.iter().for_each(|figure| hash.update(figure));
        hash.update(&claims);
        hash.update(&behind.queries_hash);
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
            tool: behind.tool.clone(),
            sources: behind.sources.clone(),
            cells: behind.cells.clone(),
            attachments: BTreeMap::new(),
            pages: Vec::new(),
            text,
        };
        Evidence { manifest, own_figures: rendered.figures.len(), figures, claims, behind }
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
        let queries = Some(self.behind.queries.clone());
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
        let figures = self.figures_json(&rendered.figures, &layout.pages_of(&rendered.marks, &texts));
        let hashes = [
            (FIGURES, crate::sha256(&figures)),
            (CLAIMS, crate::sha256(&self.claims)),
            (QUERIES, self.behind.queries_hash.clone()),
        ];
        let manifest = PackManifest {
            attachments: hashes.map(|(name, hash)| (name.to_string(), hash)).into(),
            pages: layout.texts.iter().map(|text| page_hash(text)).collect(),
            ..self.manifest.clone()
        };
        vec![figures, json_bytes(&manifest)]
    }

    /// Everything of the evidence that is known before the layout, for the pack's fingerprint; its own figures, claims
    /// and queries are in its identifier.
    pub fn known(&self, rendered: &Rendered) -> Vec<u8> {
        let later = rendered.figures.get(self.own_figures..).unwrap_or_default();
        let mut known = json_bytes(&self.manifest);
        later.iter().for_each(|figure| known.extend(line(figure).bytes()));
        known
    }

    /// The list of figures, one on each line, with the pages, from 1, on which they stand. The first are the pack's own.
    fn figures_json(&self, figures: &[FigureRecord], pages: &BTreeMap<usize, Vec<usize>>) -> Vec<u8> {
        let about = "Every value that this document prints, with its address: cell, key and column";
        let mut text = format!("{{\n\"about\": \"{about}\",\n\"figures\": [");
        for (at, figure) in figures.iter().enumerate() {
            text.push_str(if at > 0 { ",\n" } else { "\n" });
            match self.figures.get(at) {
                Some(line) => text.push_str(line),
                None => text.push_str(&line(figure)),
            }
            let on: Vec<String> = pages.get(&figure.id).into_iter().flatten().map(usize::to_string).collect();
            text.push_str(&format!(",\"pages\":[{}]}}", on.join(",")));
        }
        text.push_str("\n]\n}\n");
        text.into_bytes()
    }
}

/// A figure as a line of JSON, without its end: its pages are added when they are known.
fn line(figure: &FigureRecord) -> String {
    let mut line = serde_json::to_string(figure).unwrap_or_default();
    line.pop();
    line
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
