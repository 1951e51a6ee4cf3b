//! Two editions, or two makings of one, side by side: what moved, from the sources to the figures.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use super::published::{EditionRecord, PrintedClaim, PrintedFigure, PublishedPack, key_words};

/// What differs between two editions, before their packs are opened.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct EditionChanges {
    /// Versions of the program, as name, before, after.
    pub tool: Vec<Change>,
    /// Edition and parameters.
    pub settings: Vec<Change>,
    /// The book's own files, by hash.
    pub files: Vec<Change>,
    /// Source files, by hash.
    pub sources: Vec<Change>,
    /// Queries that say something else.
    pub queries: Vec<Change>,
    /// Cells whose result differs, in rows.
    pub cells: Vec<Change>,
    /// Packs whose bytes differ.
    pub packs: Vec<Change>,
    /// Files beside packs whose bytes differ.
    pub beside: Vec<Change>,
}

/// One thing that differs; missing where it is not there.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// What.
    pub name: String,
    /// How it was.
    pub before: Option<String>,
    /// How it is.
    pub after: Option<String>,
}

/// A figure whose value differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FigureChange {
    /// Table.
    pub cell: String,
    /// Columns that identify the row.
    pub key: Vec<(String, Value)>,
    /// Column.
    pub column: String,
    /// Unit.
    pub unit: Option<String>,
    /// Value before.
    pub before: Option<Side>,
    /// Value after.
    pub after: Option<Side>,
}

/// A figure on one side.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Side {
    /// Value.
    pub value: Value,
    /// As printed.
    pub text: String,
    /// Pages, from 1.
    pub pages: Vec<usize>,
}

/// A claim that was made, dropped, or whose words differ.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClaimChange {
    /// Cell of claims.
    pub cell: String,
    /// Columns that identify it.
    pub key: Vec<(String, Value)>,
    /// Statement before.
    pub before: Option<String>,
    /// Statement after.
    pub after: Option<String>,
}

impl EditionChanges {
    /// Whether nothing differs.
    pub fn none(&self) -> bool {
        *self == EditionChanges::default()
    }
}

/// What differs between two editions.
pub fn editions(before: &EditionRecord, after: &EditionRecord) -> EditionChanges {
    let plain = |values: &BTreeMap<String, Value>| -> BTreeMap<String, String> {
        values.iter().map(|(name, value)| (name.clone(), value.to_string())).collect()
    };
    let settings = |record: &EditionRecord| {
        let mut all = plain(&record.parameters);
        all.extend(plain(&record.edition).into_iter().map(|(name, value)| (format!("edition.{name}"), value)));
        all
    };
    let sources = |record: &EditionRecord| -> BTreeMap<String, String> {
        let files = record.sources.iter().flat_map(|source| {
            source.files.iter().map(|file| (format!("{}: {}", source.name, file.file), file.sha256.clone()))
        });
        files.collect()
    };
    let queries =
        |record: &EditionRecord| record.cells.iter().map(|cell| (cell.file.clone(), cell.query.clone())).collect();
    let cells = |record: &EditionRecord| -> BTreeMap<String, String> {
        record.cells.iter().map(|cell| (cell.name.clone(), cell.content.clone())).collect()
    };
    let packs = |record: &EditionRecord| -> BTreeMap<String, String> {
        record.packs.iter().map(|pack| (pack.file.clone(), pack.sha256.clone())).collect()
    };
    let beside = |record: &EditionRecord| -> BTreeMap<String, String> {
        let files = record.packs.iter().flat_map(|pack| &pack.beside);
        files.map(|file| (file.file.clone(), file.sha256.clone())).collect()
    };
    EditionChanges {
        tool: changes(&before.tool, &after.tool),
        settings: changes(&settings(before), &settings(after)),
        files: changes(&before.files, &after.files),
        sources: changes(&sources(before), &sources(after)),
        queries: changes(&queries(before), &queries(after)),
        cells: changes(&cells(before), &cells(after)),
        packs: changes(&packs(before), &packs(after)),
        beside: changes(&beside(before), &beside(after)),
    }
}

/// Values by name that differ.
pub(super) fn changes(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Vec<Change> {
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let changed = names.into_iter().filter(|name| before.get(*name) != after.get(*name));
    changed
        .map(|name| Change { name: name.clone(), before: before.get(name).cloned(), after: after.get(name).cloned() })
        .collect()
}

/// The figures that differ between two packs, in the order of their pages. A value printed in several ways is one.
pub fn figures(before: &PublishedPack, after: &PublishedPack) -> Vec<FigureChange> {
    let (was, is) = (by_address(&before.figures), by_address(&after.figures));
    let mut changed: Vec<FigureChange> = Vec::new();
    for (address, figure) in &was {
        let now = is.get(address);
        if now.is_none_or(|now| now.value != figure.value) {
            changed.push(change(Some(figure), now.copied()));
        }
    }
    changed
        .extend(is.iter().filter(|(address, _)| !was.contains_key(*address)).map(|(_, now)| change(None, Some(now))));
    changed.sort_by_key(|change| {
        let first = |side: &Option<Side>| side.as_ref().and_then(|side| side.pages.first().copied());
        first(&change.after).or(first(&change.before)).unwrap_or(usize::MAX)
    });
    changed
}

fn change(before: Option<&PrintedFigure>, after: Option<&PrintedFigure>) -> FigureChange {
    let side = |figure: &PrintedFigure| Side {
        value: figure.value.clone(),
        text: figure.text.clone(),
        pages: figure.pages.clone(),
    };
    let any = after.or(before);
    FigureChange {
        cell: any.map(|figure| figure.cell.clone()).unwrap_or_default(),
        key: any.map(|figure| figure.key.clone()).unwrap_or_default(),
        column: any.map(|figure| figure.column.clone()).unwrap_or_default(),
        unit: any.and_then(|figure| figure.unit.clone()),
        before: before.map(side),
        after: after.map(side),
    }
}

/// Figures by address. Of several ways of printing one value, that which stands in the text, and first, counts.
fn by_address(figures: &[PrintedFigure]) -> BTreeMap<(String, String, String), &PrintedFigure> {
    let mut by: BTreeMap<(String, String, String), &PrintedFigure> = BTreeMap::new();
    for figure in figures {
        let address = (figure.cell.clone(), key_words(&figure.key), figure.column.clone());
        by.entry(address)
            .and_modify(|known| {
                if known.drawn && !figure.drawn {
                    *known = figure;
                }
            })
            .or_insert(figure);
    }
    by
}

/// The claims that differ between two packs.
pub fn claims(before: &PublishedPack, after: &PublishedPack) -> Vec<ClaimChange> {
    let by = |claims: &[PrintedClaim]| -> BTreeMap<(String, String), PrintedClaim> {
        claims.iter().map(|claim| ((claim.cell.clone(), key_words(&claim.key)), claim.clone())).collect()
    };
    let (was, is) = (by(&before.claims), by(&after.claims));
    let names: BTreeSet<&(String, String)> = was.keys().chain(is.keys()).collect();
    let changed = names.into_iter().filter_map(|name| {
        let (before, after) = (was.get(name), is.get(name));
        let words = |claim: Option<&PrintedClaim>| claim.map(|claim| claim.statement.clone());
        let any = after.or(before)?;
        (words(before) != words(after)).then(|| ClaimChange {
            cell: any.cell.clone(),
            key: any.key.clone(),
            before: words(before),
            after: words(after),
        })
    });
    changed.collect()
}
