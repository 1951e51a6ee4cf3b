//! What a PDF, and the edition that it lies in, say of its figures.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::diagnostic::Outcome;
use crate::edition::{PrintedFigure, Published, PublishedPack, QUERIES, edition_folder};
use crate::frame::Scalar;

/// A pack read back, with the hashes of the files that its edition was made from.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// The pack.
    pub pack: PublishedPack,
    /// SHA-256 of source files by name, where the manifest of the edition lies with the pack and lists its hash.
    pub hashes: BTreeMap<String, String>,
}

impl Evidence {
    /// Reads the evidence that a PDF carries, and the manifest of the folder that it lies in.
    pub fn open(path: &Path) -> Outcome<Evidence> {
        let bytes = std::fs::read(path).map_err(|error| crate::diagnostic::io_problem("read", path, &error))?;
        let name = path.display().to_string();
        let pack = PublishedPack::read(&bytes, &name).map_err(|mut problems| {
            for problem in problems.0.iter_mut().filter(|problem| problem.place.is_none()) {
                *problem = problem.clone().in_file(&*name);
            }
            problems
        })?;
        let hash = crate::sha256(&bytes);
        let edition = edition_folder(path).and_then(|folder| Published::open(&folder).ok());
        // The manifest of another edition says nothing of this pack.
        let own = edition.filter(|edition| edition.record.packs.iter().any(|pack| pack.sha256 == hash));
        let sources = own.into_iter().flat_map(|edition| edition.record.sources);
        let files = sources.flat_map(|source| source.files);
        Ok(Evidence { pack, hashes: files.map(|file| (file.file, file.sha256)).collect() })
    }

    /// The figures that some words name: an id, or else words as they are printed, or else a part of them.
    pub fn find(&self, wanted: &str, page: Option<usize>, as_text: bool) -> Vec<&PrintedFigure> {
        let here = || self.on(page);
        let wanted = single_spaced(wanted);
        let by_id: Vec<&PrintedFigure> = here().filter(|figure| !as_text && figure.id.to_string() == wanted).collect();
        if !by_id.is_empty() {
            return by_id;
        }
        let whole: Vec<&PrintedFigure> = here().filter(|figure| single_spaced(&figure.text) == wanted).collect();
        if !whole.is_empty() || wanted.is_empty() {
            return whole;
        }
        let small = wanted.to_lowercase();
        here().filter(|figure| single_spaced(&figure.text).to_lowercase().contains(&small)).collect()
    }

    /// The figures on a page, or on all.
    pub fn on(&self, page: Option<usize>) -> impl Iterator<Item = &PrintedFigure> {
        self.pack.figures.iter().filter(move |figure| page.is_none_or(|page| figure.pages.contains(&page)))
    }

    /// The lines of the attached queries that name a column of a cell, with their numbers.
    pub fn mentions(&self, cell: &str, column: &str) -> Vec<(usize, String)> {
        let text = String::from_utf8_lossy(self.pack.attachments.get(QUERIES).map_or(&[][..], Vec::as_slice));
        let head = format!("-- {cell}: ");
        let lines = text.lines().enumerate().skip_while(|(_, line)| !line.starts_with(&head)).skip(1);
        let whole = regex::Regex::new(&format!(r"\b{}\b", regex::escape(column))).ok();
        lines
            .take_while(|(_, line)| !line.starts_with("-- "))
            .filter(|(_, line)| whole.as_ref().is_some_and(|whole| whole.is_match(line)))
            .map(|(at, line)| (at + 1, line.trim().to_string()))
            .collect()
    }
}

fn single_spaced(text: &str) -> String {
    // A typed hyphen stands for the minus sign that is printed.
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('\u{2212}', "-")
}

/// The key of a figure, as values.
pub fn key_of(figure: &PrintedFigure) -> Vec<(String, Scalar)> {
    figure.key.iter().map(|(name, value)| (name.clone(), scalar(value))).collect()
}

/// A value read from JSON. A date is a text there.
pub fn scalar(value: &Value) -> Scalar {
    match value {
        Value::Bool(value) => Scalar::Boolean(*value),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => Scalar::Integer(whole),
            None => number.as_f64().map_or(Scalar::Missing, Scalar::Number),
        },
        Value::String(text) => Scalar::Text(text.clone()),
        _ => Scalar::Missing,
    }
}
