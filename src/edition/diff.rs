//! Two editions side by side: what moved from the sources to the words on the pages, whether it is signal, and what
//! must be corrected in public.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use super::compare::{self, Change, ClaimChange, FigureChange, Side};
use super::diff_signal::{Judgement, Signals};
use super::manifest::PackEntry;
use super::published::{EditionRecord, PrintedFigure, Published, PublishedPack, SourceRecord, key_words};
use super::why::{FileChange, compared_files};
use crate::book::{DiffRule, ENGINE_TABLES, PackRule};
use crate::diagnostic::Outcome;

/// How much of its identifier a pack prints.
const PRINTED_IDENTIFIER: usize = 16;

/// What differs between two editions.
#[derive(Clone, Debug, Serialize)]
pub struct EditionDiff {
    /// The one that is compared with.
    pub before: EditionName,
    /// The other.
    pub after: EditionName,
    /// Whether nothing differs.
    pub identical: bool,
    /// Whether changes were judged, and by what.
    pub judged: String,
    /// Drafts for figures that have been given in public and are restated.
    pub corrections: Vec<Correction>,
    /// Sources.
    pub sources: Vec<SourceDiff>,
    /// Versions of the program.
    pub tool: Vec<Change>,
    /// Edition, parameters, and tables of rules.
    pub rules: Vec<Change>,
    /// The book's own files, by hash.
    pub files: Vec<Change>,
    /// Queries that say something else, by file.
    pub queries: Vec<Change>,
    /// Cells whose result differs, in the order in which they run.
    pub cells: Vec<CellDiff>,
    /// Packs.
    pub packs: Vec<PackDiff>,
}

/// An edition.
#[derive(Clone, Debug, Serialize)]
pub struct EditionName {
    /// Name.
    pub name: String,
    /// Date.
    pub date: String,
    /// Identifier.
    pub identifier: String,
}

/// A source that differs.
#[derive(Clone, Debug, Serialize)]
pub struct SourceDiff {
    /// Table name.
    pub source: String,
    /// `changed`, `added` or `gone`.
    pub what: &'static str,
    /// Status, vintage, and rows that broke the contract, where they differ.
    pub facts: Vec<Change>,
    /// Files that differ.
    pub files: Vec<FileChange>,
}

/// A cell whose result differs.
#[derive(Clone, Debug, Serialize)]
pub struct CellDiff {
    /// Table name.
    pub cell: String,
    /// `changed`, `added` or `gone`.
    pub what: &'static str,
    /// Whether its query says something else.
    pub query: bool,
    /// Rows before.
    pub rows_before: Option<u64>,
    /// Rows after.
    pub rows_after: Option<u64>,
}

/// A pack that differs.
#[derive(Clone, Debug, Serialize)]
pub struct PackDiff {
    /// File under the edition's folder.
    pub file: String,
    /// Name of its rule.
    pub pack: String,
    /// Key of its row.
    pub key: Option<String>,
    /// `changed`, `added` or `gone`.
    pub what: &'static str,
    /// Pages before.
    pub pages_before: Option<usize>,
    /// Pages after.
    pub pages_after: Option<usize>,
    /// Figures that differ.
    pub figures: Vec<FigureDiff>,
    /// Claims that differ.
    pub claims: Vec<ClaimChange>,
    /// Pages of which words differ though no figure on them does.
    pub words: Vec<PageDiff>,
}

/// A figure that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FigureDiff {
    /// `restated` (another value of the same thing in the same period), `changed` (another value, of which nothing
    /// says that it is of the same period), `next` (the value of a later period), `added` or `gone`.
    pub what: &'static str,
    /// Address and both sides.
    #[serde(flatten)]
    pub change: FigureChange,
    /// Difference of the values, where both are numbers.
    pub difference: Option<f64>,
    /// Whether the change is signal, if the book says.
    pub signal: Option<Judgement>,
}

/// A page whose words differ.
#[derive(Clone, Debug, Serialize)]
pub struct PageDiff {
    /// Page, from 1.
    pub page: usize,
    /// Lines that are gone.
    pub before: Vec<String>,
    /// Lines that are new.
    pub after: Vec<String>,
}

/// A draft correction.
#[derive(Clone, Debug, Serialize)]
pub struct Correction {
    /// The pack's file.
    pub file: String,
    /// The pack's title.
    pub title: String,
    /// The figure's address.
    pub figure: String,
    /// The page before.
    pub page: Option<usize>,
    /// As it was printed.
    pub before: String,
    /// As it should have been.
    pub after: String,
    /// The draft; none if the book has no words for it.
    pub words: Option<String>,
}

/// What the book says about comparing.
#[derive(Clone, Debug, Default)]
pub struct Reading<'a> {
    /// Its settings.
    pub rule: DiffRule,
    /// Its packs.
    pub packs: &'a [PackRule],
    /// What its cell says of changes.
    pub signals: Option<&'a Signals>,
    /// Whether changes were judged, and by what.
    pub judged: String,
}

/// Compares two editions.
pub fn diff(before: &Published, after: &Published, reading: &Reading<'_>) -> Outcome<EditionDiff> {
    let (was, is) = (&before.record, &after.record);
    let changes = compare::editions(was, is);
    let mut packs = Vec::new();
    let mut corrections = Vec::new();
    for change in &changes.packs {
        let entry = |edition: &EditionRecord| edition.packs.iter().find(|pack| pack.file == change.name).cloned();
        let (old, new) = (entry(was), entry(is));
        let Some(any) = new.as_ref().or(old.as_ref()) else { continue };
        let mut pack = PackDiff {
            file: any.file.clone(),
            pack: any.pack.clone(),
            key: any.key.clone(),
            what: what(old.is_some(), new.is_some()),
            pages_before: old.as_ref().map(|entry| entry.pages),
            pages_after: new.as_ref().map(|entry| entry.pages),
            figures: Vec::new(),
            claims: Vec::new(),
            words: Vec::new(),
        };
        if let (Some(old), Some(new)) = (&old, &new) {
            let (old_pack, new_pack) = (before.pack(old)?, after.pack(new)?);
            pack.figures = figures(&old_pack, &new_pack, one_edition(was, is), reading);
            pack.claims = compare::claims(&old_pack, &new_pack);
            pack.words = words(&old_pack, &new_pack, &pack.figures, &pack.claims);
            corrections.extend(correct(new, &old_pack, &pack.figures, reading));
        }
        packs.push(pack);
    }
    let mut rules = settings(was, is);
    // Parameters are told one by one, and sources by themselves.
    let tables = compare::changes(&was.tables, &is.tables).into_iter();
    rules.extend(tables.filter(|table| !ENGINE_TABLES.contains(&table.name.as_str())));
    let mut diff = EditionDiff {
        before: name(was),
        after: name(is),
        identical: false,
        judged: reading.judged.clone(),
        corrections,
        sources: sources(was, is),
        tool: changes.tool,
        rules,
        files: changes.files,
        queries: changes.queries,
        cells: cells(was, is),
        packs,
    };
    let causes = [&diff.tool, &diff.rules, &diff.files, &diff.queries].into_iter().all(Vec::is_empty);
    diff.identical = causes && diff.sources.is_empty() && diff.cells.is_empty() && diff.packs.is_empty();
    Ok(diff)
}

fn what(before: bool, after: bool) -> &'static str {
    match (before, after) {
        (true, true) => "changed",
        (false, _) => "added",
        (true, false) => "gone",
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn name(record: &EditionRecord) -> EditionName {
    let fact = |name: &str| record.edition.get(name).map(plain).unwrap_or_default();
    EditionName { name: fact("name"), date: fact("date"), identifier: record.identifier.clone() }
}

/// Whether two makings are of one edition, each with all that was known on its day.
fn one_edition(before: &EditionRecord, after: &EditionRecord) -> bool {
    let fact = |record: &EditionRecord, name: &str| record.edition.get(name).map(plain);
    let whole = |record: &EditionRecord| fact(record, "as_of").is_none_or(|day| Some(day) == fact(record, "date"));
    fact(before, "name") == fact(after, "name") && whole(before) && whole(after)
}

/// Parameters and what an edition says of itself.
fn settings(before: &EditionRecord, after: &EditionRecord) -> Vec<Change> {
    let all = |record: &EditionRecord| -> BTreeMap<String, String> {
        let parameters = record.parameters.iter().map(|(name, value)| (format!("parameters.{name}"), plain(value)));
        let edition = record.edition.iter().map(|(name, value)| (format!("edition.{name}"), plain(value)));
        parameters.chain(edition).collect()
    };
    compare::changes(&all(before), &all(after))
}

fn sources(before: &EditionRecord, after: &EditionRecord) -> Vec<SourceDiff> {
    let by = |record: &EditionRecord| -> BTreeMap<String, SourceRecord> {
        record.sources.iter().map(|source| (source.name.clone(), source.clone())).collect()
    };
    let (was, is) = (by(before), by(after));
    let facts = |source: Option<&SourceRecord>| -> BTreeMap<String, String> {
        let Some(source) = source else { return BTreeMap::new() };
        let vintage = source.vintage.clone().map(|day| ("vintage".to_string(), day));
        let known =
            [("status".to_string(), source.status.clone()), ("rejects".to_string(), source.rejects.to_string())];
        known.into_iter().chain(vintage).collect()
    };
    let names: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
    let differing = names.into_iter().filter_map(|name| {
        let (old, new) = (was.get(name), is.get(name));
        let files = |side: Option<&SourceRecord>| side.map(|source| source.files.clone()).unwrap_or_default();
        let found = SourceDiff {
            source: name.clone(),
            what: what(old.is_some(), new.is_some()),
            facts: compare::changes(&facts(old), &facts(new)),
            files: compared_files(name, &files(old), &files(new)),
        };
        (found.what != "changed" || !found.facts.is_empty() || !found.files.is_empty()).then_some(found)
    });
    differing.collect()
}

fn cells(before: &EditionRecord, after: &EditionRecord) -> Vec<CellDiff> {
    let gone = before.cells.iter().filter(|cell| after.cells.iter().all(|other| other.name != cell.name));
    let names = after.cells.iter().chain(gone).map(|cell| &cell.name);
    let differing = names.filter_map(|name| {
        let find = |record: &EditionRecord| record.cells.iter().find(|cell| cell.name == *name).cloned();
        let (old, new) = (find(before), find(after));
        let both = old.as_ref().zip(new.as_ref());
        if both.is_some_and(|(old, new)| old.content == new.content) {
            return None;
        }
        Some(CellDiff {
            cell: name.clone(),
            what: what(old.is_some(), new.is_some()),
            query: both.is_some_and(|(old, new)| old.query != new.query),
            rows_before: old.map(|cell| cell.rows),
            rows_after: new.map(|cell| cell.rows),
        })
    });
    differing.collect()
}

/// The figures that differ between two packs, each with what became of it.
///
/// A figure whose address names no period, such as the latest of something, is restated only where both are makings of
/// one edition: between editions it may speak of another period, and a correction of it would be false.
fn figures(before: &PublishedPack, after: &PublishedPack, one_edition: bool, reading: &Reading<'_>) -> Vec<FigureDiff> {
    let periods = &reading.rule.periods;
    let (was, is) = (latest(&before.figures, periods), latest(&after.figures, periods));
    let changed = compare::figures(before, after).into_iter().map(|change| {
        let series = series(&change.cell, &change.key, &change.column, periods);
        let (what, change) = match (&change.before, &change.after) {
            (Some(_), Some(_)) if one_edition || change.key.iter().any(|(name, _)| periods.contains(name)) => {
                ("restated", change)
            }
            (Some(_), Some(_)) => ("changed", change),
            (Some(_), None) => ("gone", change),
            // A figure that is new and the latest of its series follows the one that was the latest.
            _ => match (was.get(&series), is.get(&series)) {
                (Some(old), Some(new))
                    if !periods.is_empty() && new.key == change.key && period(old, periods) < period(new, periods) =>
                {
                    ("next", FigureChange { before: Some(side(old)), ..change })
                }
                _ => ("added", change),
            },
        };
        let signal =
            reading.signals.and_then(|signals| signals.judge(&change.cell, &change.key, &change.column)).cloned();
        FigureDiff { what, difference: difference(&change), signal, change }
    });
    changed.collect()
}

fn side(figure: &PrintedFigure) -> Side {
    Side { value: figure.value.clone(), text: figure.text.clone(), pages: figure.pages.clone() }
}

/// The name of the series that a figure belongs to: its address without the period.
fn series(cell: &str, key: &[(String, Value)], column: &str, periods: &[String]) -> (String, String, String) {
    let rest: Vec<(String, Value)> = key.iter().filter(|(name, _)| !periods.contains(name)).cloned().collect();
    (cell.to_string(), key_words(&rest), column.to_string())
}

/// The period of a figure, so that the later is the greater: by the year in it, then as it is written.
fn period(figure: &PrintedFigure, periods: &[String]) -> (String, String) {
    let words: Vec<String> =
        figure.key.iter().filter(|(name, _)| periods.contains(name)).map(|(_, value)| plain(value)).collect();
    let words = words.join(" ");
    let year = words.split(|c: char| !c.is_ascii_digit()).find(|digits| digits.len() >= 4).unwrap_or_default();
    (year.to_string(), words.clone())
}

/// The latest figure of each series.
fn latest<'a>(
    figures: &'a [PrintedFigure],
    periods: &[String],
) -> BTreeMap<(String, String, String), &'a PrintedFigure> {
    let mut found: BTreeMap<(String, String, String), &PrintedFigure> = BTreeMap::new();
    for figure in figures {
        let known = found.entry(series(&figure.cell, &figure.key, &figure.column, periods)).or_insert(figure);
        // The same value may be drawn and printed: the printed one has the words.
        let (old, new) = (period(known, periods), period(figure, periods));
        if new > old || (new == old && known.drawn && !figure.drawn) {
            *known = figure;
        }
    }
    found
}

/// The difference of two numbers, with as many decimals as they have, so that no digit of it is made up.
fn difference(change: &FigureChange) -> Option<f64> {
    let number = |side: &Option<Side>| side.as_ref().and_then(|side| side.value.as_f64());
    let (before, after) = (number(&change.before)?, number(&change.after)?);
    let decimals = |value: f64| value.to_string().split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let decimals = decimals(before).max(decimals(after)).min(12);
    format!("{:.decimals$}", after - before).parse().ok()
}

/// Pages of which words differ though no figure and no claim on them does.
fn words(
    before: &PublishedPack,
    after: &PublishedPack,
    figures: &[FigureDiff],
    claims: &[ClaimChange],
) -> Vec<PageDiff> {
    let pages_of = |side: &Option<Side>| side.as_ref().map(|side| side.pages.clone()).unwrap_or_default();
    let mut explained: BTreeSet<usize> = figures
        .iter()
        .flat_map(|figure| [pages_of(&figure.change.before), pages_of(&figure.change.after)])
        .flatten()
        .collect();
    for (pack, statement) in claims.iter().flat_map(|claim| [(before, &claim.before), (after, &claim.after)]) {
        let made = pack.claims.iter().filter(|claim| Some(&claim.statement) == statement.as_ref());
        let figures = made.filter_map(|claim| pack.figures.iter().find(|figure| figure.id == claim.figure));
        explained.extend(figures.flat_map(|figure| figure.pages.clone()));
    }
    let pages = before.texts.len().max(after.texts.len());
    // What a pack prints of its own identifier follows from the rest.
    let text = |pack: &PublishedPack, page: usize| {
        let own = pack.manifest.identifier.get(..PRINTED_IDENTIFIER).unwrap_or("\0");
        pack.texts.get(page).map(|text| text.replace(own, "")).unwrap_or_default()
    };
    let differing = (0..pages).filter(|page| !explained.contains(&(page + 1))).filter_map(|page| {
        let (old, new) = (text(before, page), text(after, page));
        if dense(&old) == dense(&new) {
            return None;
        }
        Some(PageDiff { page: page + 1, before: lines_only_in(&old, &new), after: lines_only_in(&new, &old) })
    });
    differing.collect()
}

fn dense(text: &str) -> String {
    text.split_whitespace().collect()
}

/// Lines of one text that the other does not have.
fn lines_only_in(one: &str, other: &str) -> Vec<String> {
    let known: BTreeSet<String> = other.lines().map(dense).collect();
    let lines = one.lines().map(str::trim).filter(|line| !line.is_empty() && !known.contains(&dense(line)));
    lines.map(str::to_string).collect()
}

/// Draft corrections for the restated figures of a pack whose figures have been given in public.
fn correct(
    entry: &PackEntry,
    before: &PublishedPack,
    figures: &[FigureDiff],
    reading: &Reading<'_>,
) -> Vec<Correction> {
    let Some(rule) = reading.packs.iter().find(|rule| rule.name == entry.pack && rule.published_answer) else {
        return Vec::new();
    };
    let restated = figures.iter().filter(|figure| figure.what == "restated" && printed(before, &figure.change));
    let drafts = restated.filter_map(|figure| {
        let (old, new) = (figure.change.before.as_ref()?, figure.change.after.as_ref()?);
        // What reads the same needs no correction.
        if old.text == new.text {
            return None;
        }
        let address = address(&figure.change);
        let page = old.pages.first().copied();
        let values = [
            ("before", old.text.as_str()),
            ("after", new.text.as_str()),
            ("title", rule.title.as_str()),
            ("key", entry.key.as_deref().unwrap_or_default()),
            ("figure", address.as_str()),
            ("page", &page.map(|page| page.to_string()).unwrap_or_default()),
        ];
        Some(Correction {
            file: entry.file.clone(),
            title: rule.title.clone(),
            words: reading.rule.correct(&values),
            before: old.text.clone(),
            after: new.text.clone(),
            figure: address.clone(),
            page,
        })
    });
    drafts.collect()
}

/// Whether a figure stood in words, not only in a chart.
fn printed(pack: &PublishedPack, change: &FigureChange) -> bool {
    pack.figures.iter().any(|figure| {
        !figure.drawn && figure.cell == change.cell && figure.column == change.column && figure.key == change.key
    })
}

/// A figure's address in words.
pub(super) fn address(change: &FigureChange) -> String {
    format!("{} ({}), {}", change.cell, key_words(&change.key), change.column)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(quarter: &str, unit: &str, value: f64) -> PrintedFigure {
        let key = [("quarter", quarter), ("unit", unit)].map(|(name, value)| (name.to_string(), Value::from(value)));
        PrintedFigure {
            id: 1,
            cell: "scores".into(),
            key: key.into(),
            column: "score".into(),
            value: Value::from(value),
            unit: None,
            text: value.to_string(),
            in_text: false,
            drawn: false,
            pages: vec![1],
        }
    }

    #[test]
    fn a_difference_has_no_digit_that_the_values_do_not_have() {
        let side = |value: f64| Some(Side { value: Value::from(value), text: String::new(), pages: vec![] });
        let change = |before: f64, after: f64| {
            let (before, after) = (side(before), side(after));
            FigureChange { cell: "c".into(), key: vec![], column: "x".into(), unit: None, before, after }
        };
        assert_eq!(difference(&change(0.1, 0.3)), Some(0.2));
        assert_eq!(difference(&change(52.5, 62.5)), Some(10.0));
        assert_eq!(difference(&change(1e300, 2e-7)), Some(-1e300));
    }

    #[test]
    fn the_latest_of_a_series_is_found_by_its_year_and_then_its_words() {
        let periods = ["quarter".to_string()];
        let figures = [figure("Q4 2025/26", "A", 1.0), figure("Q1 2026/27", "A", 2.0), figure("Q3 2025/26", "A", 3.0)];
        let found = latest(&figures, &periods);
        assert_eq!(found.values().map(|figure| figure.value.clone()).collect::<Vec<_>>(), [Value::from(2.0)]);
    }

    #[test]
    fn lines_that_stand_in_both_texts_are_no_change() {
        assert_eq!(lines_only_in("a\n b  c\nd", "b c\na"), ["d"]);
    }
}
