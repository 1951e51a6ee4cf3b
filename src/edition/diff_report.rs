//! What differs between two editions as a few tables, most important first: for the terminal and for a page.

use super::compare::{Change, Side};
use super::diff::{EditionDiff, FigureDiff, PackDiff, address};
use super::diff_words::{or_nothing, short_hash};
use super::published::key_words;
use super::why_words::file_words;

/// A part of the report.
pub(super) struct Section {
    /// Heading.
    pub title: &'static str,
    /// What it counts, in a sentence.
    pub lead: String,
    /// Headings of the columns.
    pub header: Vec<&'static str>,
    /// Rows, as many as are shown.
    pub rows: Vec<Vec<String>>,
    /// How many more there are.
    pub more: usize,
}

/// The parts of the report that are not empty, each with so many rows at most.
pub(super) fn sections(diff: &EditionDiff, most: usize) -> Vec<Section> {
    let all = [
        corrections(diff, most),
        claims(diff, most),
        figures(diff, "restated", most),
        figures(diff, "changed", most),
        figures(diff, "next", most),
        figures(diff, "gone", most),
        figures(diff, "added", most),
        words(diff, most),
        packs(diff, most),
        sources(diff, most),
        rules(diff, most),
        cells(diff, most),
    ];
    all.into_iter().filter(|section| !section.rows.is_empty()).collect()
}

fn section(
    title: &'static str,
    lead: String,
    header: &[&'static str],
    rows: impl Iterator<Item = Vec<String>>,
    most: usize,
) -> Section {
    let mut rows: Vec<Vec<String>> = rows.collect();
    let more = rows.len().saturating_sub(most);
    rows.truncate(most);
    Section { title, lead, header: header.to_vec(), rows, more }
}

/// A number of things in words.
fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

fn corrections(diff: &EditionDiff, most: usize) -> Section {
    let rows = diff.corrections.iter().map(|draft| {
        let page = draft.page.map(|page| format!(" page {page}")).unwrap_or_default();
        let words = draft.words.clone().unwrap_or_else(|| "no draft: the book has no [diff] correction".to_string());
        vec![words, format!("{}{page}: {}", draft.file, draft.figure)]
    });
    let lead = format!(
        "{} in documents whose figures have been given in public",
        count(diff.corrections.len(), "figure is restated", "figures are restated")
    );
    section("Draft corrections", lead, &["Draft", "Figure"], rows, most)
}

/// Things that are the same in several packs, once, with the packs.
fn grouped<T: PartialEq>(packs: &[PackDiff], of: impl Fn(&PackDiff) -> Vec<T>) -> Vec<(T, Vec<&PackDiff>)> {
    let mut groups: Vec<(T, Vec<&PackDiff>)> = Vec::new();
    for pack in packs {
        for one in of(pack) {
            match groups.iter_mut().find(|(known, _)| *known == one) {
                Some((_, packs)) => packs.push(pack),
                None => groups.push((one, vec![pack])),
            }
        }
    }
    groups
}

fn places(packs: &[&PackDiff], page: Option<usize>) -> String {
    let page = page.map(|page| format!(" page {page}")).unwrap_or_default();
    let first = packs.first().map(|pack| pack.file.as_str()).unwrap_or_default();
    match packs.len() {
        0 | 1 => format!("{first}{page}"),
        several => format!("{first}{page}, and {} more", several - 1),
    }
}

fn claims(diff: &EditionDiff, most: usize) -> Section {
    let groups = grouped(&diff.packs, |pack| pack.claims.clone());
    let lead = count(
        groups.len(),
        "claim is made, dropped or worded differently",
        "claims are made, dropped or worded differently",
    );
    let side = |words: &Option<String>| words.clone().unwrap_or_else(|| "not made".to_string());
    let rows = groups.iter().map(|(claim, packs)| {
        let name = format!("{} ({})", claim.cell, key_words(&claim.key));
        vec![name, side(&claim.before), side(&claim.after), places(packs, None)]
    });
    section("Claims", lead, &["Claim", "Before", "After", "In"], rows, most)
}

/// A figure with what makes it the same as one in another pack. Pages are left out: they differ from pack to pack.
struct Moved<'a> {
    figure: &'a FigureDiff,
    packs: Vec<&'a PackDiff>,
}

fn figures(diff: &EditionDiff, what: &str, most: usize) -> Section {
    let mut by: std::collections::BTreeMap<String, Moved<'_>> = std::collections::BTreeMap::new();
    for pack in &diff.packs {
        for figure in pack.figures.iter().filter(|figure| figure.what == what) {
            let texts = [&figure.change.before, &figure.change.after].map(text);
            let name = format!("{} {texts:?}", address(&figure.change));
            by.entry(name).or_insert_with(|| Moved { figure, packs: Vec::new() }).packs.push(pack);
        }
    }
    let mut moved: Vec<Moved<'_>> = by.into_values().collect();
    moved.sort_by(|one, other| importance(other).partial_cmp(&importance(one)).unwrap_or(std::cmp::Ordering::Equal));
    let (title, lead) = match what {
        "changed" => (
            "Figures with another value",
            count(moved.len(), "figure, of which nothing says the period", "figures, of which nothing says the period"),
        ),
        "restated" => {
            ("Figures restated", count(moved.len(), "figure has another value", "figures have another value"))
        }
        "next" => (
            "Figures of a later period",
            count(moved.len(), "figure follows an earlier one", "figures follow earlier ones"),
        ),
        "gone" => ("Figures no longer printed", count(moved.len(), "figure", "figures")),
        _ => ("Figures not printed before", count(moved.len(), "figure", "figures")),
    };
    let rows = moved.iter().map(|one| {
        let change = &one.figure.change;
        let page = change.after.as_ref().or(change.before.as_ref()).and_then(|side| side.pages.first().copied());
        let place = places(&one.packs, page);
        match what {
            "gone" => vec![address(change), text(&change.before), place],
            "added" => vec![address(change), text(&change.after), place],
            _ => vec![
                address(change),
                text(&change.before),
                text(&change.after),
                difference(one.figure),
                signal(one.figure),
                place,
            ],
        }
    });
    let header: &[&str] = match what {
        "gone" => &["Figure", "Before", "In"],
        "added" => &["Figure", "After", "In"],
        _ => &["Figure", "Before", "After", "Difference", "Signal", "In"],
    };
    section(title, lead, header, rows, most)
}

fn text(side: &Option<Side>) -> String {
    side.as_ref().map_or_else(|| "not printed".to_string(), |side| side.text.clone())
}

/// What to show first: what reads differently; signal, then what was not judged, then no signal; and of these the
/// greatest change.
fn importance(moved: &Moved<'_>) -> (bool, i8, f64) {
    let signal = match moved.figure.signal.as_ref().and_then(|judgement| judgement.is_signal) {
        Some(true) => 2,
        None => 1,
        Some(false) => 0,
    };
    let number = |side: &Option<Side>| side.as_ref().and_then(|side| side.value.as_f64());
    let change = &moved.figure.change;
    let size = match (number(&change.before), number(&change.after)) {
        (Some(before), Some(after)) if before != 0.0 => ((after - before) / before).abs(),
        (Some(_), Some(_)) => f64::MAX,
        _ => 0.0,
    };
    (text(&change.before) != text(&change.after), signal, size)
}

fn difference(figure: &FigureDiff) -> String {
    let unit = figure.change.unit.as_deref().map(|unit| format!(" {unit}")).unwrap_or_default();
    figure.difference.map(|by| format!("{}{by}{unit}", if by > 0.0 { "+" } else { "" })).unwrap_or_default()
}

fn signal(figure: &FigureDiff) -> String {
    let Some(judgement) = &figure.signal else { return "not judged".to_string() };
    let verdict = match judgement.is_signal {
        Some(true) => "signal",
        Some(false) => "no signal",
        None => "not judged",
    };
    if judgement.words.is_empty() { verdict.to_string() } else { format!("{verdict}: {}", judgement.words) }
}

fn words(diff: &EditionDiff, most: usize) -> Section {
    let groups = grouped(&diff.packs, |pack| {
        pack.words.iter().map(|page| (page.page, page.before.join(" / "), page.after.join(" / "))).collect()
    });
    let lead =
        count(groups.len(), "page has other words and no other figure", "pages have other words and no other figure");
    let rows = groups
        .iter()
        .map(|((page, before, after), packs)| vec![places(packs, Some(*page)), before.clone(), after.clone()]);
    section("Words", lead, &["Page", "Before", "After"], rows, most)
}

fn packs(diff: &EditionDiff, most: usize) -> Section {
    let of = |what: &str| diff.packs.iter().filter(|pack| pack.what == what).count();
    let lead = format!("{} changed, {} added, {} gone", of("changed"), of("added"), of("gone"));
    // Those that are new or gone first: of the others the figures have been told.
    let mut packs: Vec<&PackDiff> = diff.packs.iter().collect();
    packs.sort_by_key(|pack| pack.what == "changed");
    let pages = |pages: Option<usize>| pages.map_or_else(|| "nothing".to_string(), |pages| pages.to_string());
    let rows = packs.iter().map(|pack| {
        let told = match (pack.what, pack.figures.len(), pack.claims.len(), pack.words.len()) {
            ("changed", 0, 0, 0) => "drawing or evidence only".to_string(),
            ("changed", figures, claims, words) => [
                count(figures, "figure", "figures"),
                count(claims, "claim", "claims"),
                count(words, "page of words", "pages of words"),
            ]
            .join(", "),
            _ => String::new(),
        };
        vec![pack.file.clone(), pack.what.to_string(), told, pages(pack.pages_before), pages(pack.pages_after)]
    });
    section("Packs", lead, &["Pack", "What", "Differences", "Pages before", "Pages after"], rows, most)
}

fn sources(diff: &EditionDiff, most: usize) -> Section {
    let rows = diff.sources.iter().flat_map(|source| {
        let whole = (source.what != "changed").then(|| vec![source.source.clone(), source.what.to_string()]);
        let facts = source.facts.iter().filter(|_| source.what == "changed").map(|fact| {
            let words = format!("{}: {} -> {}", fact.name, or_nothing(&fact.before), or_nothing(&fact.after));
            vec![source.source.clone(), words]
        });
        let files = source.files.iter().map(|file| vec![source.source.clone(), file_words(file)]);
        whole.into_iter().chain(facts).chain(files).collect::<Vec<_>>()
    });
    section("Sources", count(diff.sources.len(), "source differs", "sources differ"), &["Source", "What"], rows, most)
}

fn rules(diff: &EditionDiff, most: usize) -> Section {
    let tool = diff.tool.iter().map(|change| (change, "program", false));
    let rules = diff.rules.iter().map(|change| (change, "setting", !change.name.contains('.')));
    let files = diff.files.iter().map(|change| (change, "file", true));
    let all: Vec<(&Change, &str, bool)> = tool.chain(rules).chain(files).collect();
    let lead = count(all.len(), "setting or file of the book differs", "settings and files of the book differ");
    let rows = all.iter().map(|(change, kind, hash)| {
        let side = |side: &Option<String>| match side {
            Some(text) if *hash => short_hash(text),
            other => or_nothing(other),
        };
        let kind = if *kind == "setting" && *hash { "table" } else { kind };
        vec![change.name.clone(), kind.to_string(), side(&change.before), side(&change.after)]
    });
    section("Rules", lead, &["What", "Kind", "Before", "After"], rows, most)
}

fn cells(diff: &EditionDiff, most: usize) -> Section {
    let lead = format!(
        "{}; {}",
        count(diff.cells.len(), "cell gives another result", "cells give another result"),
        count(diff.queries.len(), "query says something else", "queries say something else")
    );
    let rows = |rows: Option<u64>| rows.map_or_else(|| "nothing".to_string(), |rows| rows.to_string());
    let cells = diff.cells.iter().map(|cell| {
        let query = if cell.query { "another query" } else { "" };
        vec![cell.cell.clone(), cell.what.to_string(), query.to_string(), rows(cell.rows_before), rows(cell.rows_after)]
    });
    section("Cells", lead, &["Cell", "What", "Query", "Rows before", "Rows after"], cells, most)
}
