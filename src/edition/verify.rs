//! Verification: whether what was published is whole, and whether it can be made again from its sources.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::compare::{self, Change, FigureChange};
use super::evidence::{FIGURES, MANIFEST, page_hash};
use super::manifest::PackEntry;
use super::published::{EditionRecord, PrintedFigure, Published, PublishedPack};
use crate::book::{TEXT_ENDING, list_files};
use crate::diagnostic::{Diagnostic, Outcome, Place, Problems};

/// Most differences of one kind that are told one by one.
const MOST_TOLD: usize = 8;

/// Whether an edition's folder holds what its manifest says, and nothing else.
pub fn check_folder(published: &Published) -> Problems {
    let mut problems = Problems::none();
    let record = &published.record;
    if published.identifier != record.identifier {
        problems.push(
            Diagnostic::check(
                "verify-manifest",
                "the manifest has been changed: its identifier is not that of its content",
            )
            .in_file("manifest.json")
            .note(format!("it says {}", record.identifier))
            .note(format!("its content gives {}", published.identifier))
            .help("get the edition again from its publisher"),
        );
    }
    let mut expected: BTreeSet<String> = BTreeSet::from(["manifest.json".to_string()]);
    let register = record.register.iter().map(|file| (file.file.as_str(), file.sha256.as_str()));
    for (file, sha256) in record.packs.iter().flat_map(PackEntry::files).chain(register) {
        expected.insert(file.to_string());
        match std::fs::read(published.folder.join(file)) {
            Err(error) => problems
                .push(Diagnostic::check("verify-missing", format!("{file} cannot be read: {error}")).in_file(file)),
            Ok(bytes) if crate::sha256(&bytes) == sha256 => {}
            Ok(bytes) => {
                let words = format!("{file} is not the file that the manifest names");
                problems.push(
                    Diagnostic::check("verify-changed", words)
                        .in_file(file)
                        .note(format!("the manifest says {sha256}"))
                        .note(format!("the file is     {}", crate::sha256(&bytes))),
                );
                if file.ends_with(".pdf") {
                    problems.extend(check_bytes(&bytes, file));
                }
            }
        }
    }
    for file in list_files(&published.folder).unwrap_or_default() {
        if !expected.contains(&file) {
            let words = format!("{file} is not part of the edition");
            problems.push(Diagnostic::check("verify-extra", words).in_file(&*file));
        }
    }
    problems
}

/// Whether the plain text that lies beside a PDF is the one that was published with it; nothing where none lies there.
pub fn check_text(pack: &PublishedPack, pdf: &Path) -> Problems {
    let text = pdf.with_extension(&TEXT_ENDING[1..]);
    let Some(hash) = &pack.manifest.text else { return Problems::none() };
    match std::fs::read(&text) {
        Ok(bytes) if crate::sha256(&bytes) != *hash => {
            let words = format!("{} is not the text that the document was published with", text.display());
            let problem = Diagnostic::check("verify-changed", words).in_file(text.display().to_string());
            problem.note(format!("the document gives its hash as {hash}")).into()
        }
        _ => Problems::none(),
    }
}

/// Whether a PDF's attachments and pages agree with each other. Lists what has been changed.
pub fn check_bytes(bytes: &[u8], name: &str) -> Problems {
    match PublishedPack::read(bytes, name) {
        Ok(pack) => check_pack(&pack, name),
        Err(problems) => problems,
    }
}

/// Whether a pack's attachments and pages agree with each other.
pub fn check_pack(pack: &PublishedPack, name: &str) -> Problems {
    let mut problems = Problems::none();
    for (file, hash) in &pack.manifest.attachments {
        let found = pack.attachments.get(file).map(|bytes| crate::sha256(bytes));
        if found.as_ref() != Some(hash) {
            let words = match found {
                Some(_) => format!("the attachment {file} is not the one that the document was published with"),
                None => format!("the attachment {file} is gone"),
            };
            problems.push(
                Diagnostic::check("verify-attachment", words)
                    .in_file(name)
                    .note(format!("{MANIFEST}, which it carries, gives its hash as {hash}"))
                    .help("get the document again from its publisher"),
            );
        }
    }
    for extra in
        pack.attachments.keys().filter(|file| *file != MANIFEST && !pack.manifest.attachments.contains_key(*file))
    {
        let words = format!("the attachment {extra} was not published with the document");
        problems.push(Diagnostic::check("verify-attachment", words).in_file(name));
    }
    if pack.texts.len() != pack.manifest.pages.len() {
        let words = format!("{} pages, where {} were published", pack.texts.len(), pack.manifest.pages.len());
        problems.push(Diagnostic::check("verify-pages", words).in_file(name));
    }
    for (at, (text, hash)) in pack.texts.iter().zip(&pack.manifest.pages).enumerate() {
        if page_hash(text) != *hash {
            problems.push(changed_page(pack, at + 1, text, name));
        }
    }
    problems
}

/// A page whose text has been changed, with the figures that are no longer to be found on it.
fn changed_page(pack: &PublishedPack, page: usize, text: &str, name: &str) -> Diagnostic {
    let problem = Diagnostic::check("verify-page", format!("the text of page {page} has been changed"))
        .at(Place { line: page, ..Place::file(name) })
        .help("get the document again from its publisher");
    let dense = dense(text);
    let here = pack.figures.iter().filter(|figure| !figure.drawn && figure.pages.contains(&page));
    let lost: Vec<&PrintedFigure> = here.filter(|figure| !dense.contains(&self::dense(&figure.text))).collect();
    let mut problem = lost.iter().take(MOST_TOLD).fold(problem, |problem, figure| {
        problem.note(format!("figure {}, {}, ought to read {}", figure.id, figure.address(), figure.text))
    });
    if lost.is_empty() {
        problem = problem.note("every figure of the page is still there; other words differ");
    }
    problem
}

fn dense(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// How another making of an edition differs from the published one, first cause first: the program, the settings, the
/// sources, the queries, the cells, and then the packs with their first differing figures.
pub fn compare_editions(published: &Published, again: &Published) -> Outcome<Problems> {
    let mut problems = Problems::none();
    let changes = compare::editions(&published.record, &again.record);
    let kinds: [(&'static str, &str, &Vec<Change>); 6] = [
        ("verify-tool", "made with another version of", &changes.tool),
        ("verify-setting", "the setting has changed:", &changes.settings),
        ("verify-source", "the source file has changed:", &changes.sources),
        ("verify-book", "the book's file has changed:", &changes.files),
        ("verify-query", "the query says something else:", &changes.queries),
        ("verify-cell", "the cell gives another result:", &changes.cells),
    ];
    for (code, words, found) in kinds {
        told(&mut problems, code, words, &ordered(found, &again.record, code));
    }
    let mut named = 0;
    for change in &changes.packs {
        let mut problem = Diagnostic::check("verify-pack", format!("the pack comes out differently: {}", change.name))
            .in_file(&*change.name);
        let entry = |edition: &Published| edition.record.packs.iter().find(|pack| pack.file == change.name).cloned();
        match (entry(published), entry(again)) {
            (None, _) => problem = problem.note("it was not published"),
            (_, None) => problem = problem.note("it is not made any more"),
            (Some(before), Some(after)) if named < MOST_TOLD => {
                named += 1;
                for note in pack_notes(&published.pack(&before)?, &again.pack(&after)?) {
                    problem = problem.note(note);
                }
            }
            _ => {}
        }
        problems.push(problem);
    }
    told(&mut problems, "verify-pack", "the file beside a pack comes out differently:", &changes.beside);
    Ok(problems)
}

/// How another making of one pack differs from the published one.
pub fn compare_packs(published: &PublishedPack, again: &PublishedPack, name: &str) -> Problems {
    let mut problem =
        Diagnostic::check("verify-pack", "made again from the book and its data, the pack comes out differently");
    problem = problem.in_file(name);
    for note in pack_notes(published, again) {
        problem = problem.note(note);
    }
    problem.into()
}

fn pack_notes(before: &PublishedPack, after: &PublishedPack) -> Vec<String> {
    let mut notes = Vec::new();
    let queries = |pack: &PublishedPack| -> BTreeMap<String, String> {
        pack.manifest.cells.iter().map(|cell| (cell.cell.clone(), cell.query.clone())).collect()
    };
    let (was, is) = (queries(before), queries(after));
    let changed: Vec<&String> =
        was.iter().filter(|(name, query)| is.get(*name) != Some(query)).map(|(name, _)| name).collect();
    if let Some(first) = changed.first() {
        notes.push(format!("{} of its queries differ, the first: {first}", changed.len()));
    }
    let figures = compare::figures(before, after);
    notes.extend(figures.iter().take(MOST_TOLD).map(figure_words));
    if figures.len() > MOST_TOLD {
        notes.push(format!("and {} more figures", figures.len() - MOST_TOLD));
    }
    for claim in compare::claims(before, after).into_iter().take(MOST_TOLD) {
        let words = |side: Option<String>| side.unwrap_or_else(|| "not made".to_string());
        notes.push(format!("claim {}: was \"{}\", is \"{}\"", claim.cell, words(claim.before), words(claim.after)));
    }
    if figures.is_empty() {
        let pages = before.manifest.pages.iter().zip(&after.manifest.pages).position(|(a, b)| a != b);
        match pages {
            Some(page) => notes.push(format!("no figure differs; the words of page {} do", page + 1)),
            None if before.attachments.get(FIGURES) != after.attachments.get(FIGURES) => {
                notes.push("no value differs; figures are printed in another form or on other pages".to_string());
            }
            None if before.manifest.text != after.manifest.text => {
                notes.push("no figure and no page differs; the words of the plain text beside it do".to_string());
            }
            None => notes.push("no figure and no word differs; the drawing of the pages does".to_string()),
        }
    }
    notes
}

/// A figure that differs, in words.
pub fn figure_words(change: &FigureChange) -> String {
    let side = |side: &Option<compare::Side>| {
        side.as_ref().map_or_else(|| "not printed".to_string(), |side| side.text.clone())
    };
    let pages = change.before.as_ref().or(change.after.as_ref()).map(|side| side.pages.clone()).unwrap_or_default();
    let page = pages.first().map(|page| format!("page {page}: ")).unwrap_or_default();
    let key = super::published::key_words(&change.key);
    format!(
        "{page}{} ({key}), {}: was {}, is {}",
        change.cell,
        change.column,
        side(&change.before),
        side(&change.after)
    )
}

/// Cells in the order in which they run, so that the first told is the first cause.
fn ordered(changes: &[Change], again: &EditionRecord, code: &str) -> Vec<Change> {
    let mut changes = changes.to_vec();
    if code == "verify-cell" {
        changes.sort_by_key(|change| again.cells.iter().position(|cell| cell.name == change.name));
    }
    changes
}

fn told(problems: &mut Problems, code: &'static str, words: &str, changes: &[Change]) {
    for change in changes.iter().take(MOST_TOLD) {
        let mut problem = Diagnostic::check(code, format!("{words} {}", change.name));
        let short = |side: &Option<String>| side.clone().unwrap_or_else(|| "not there".to_string());
        problem = problem
            .note(format!("published {}", short(&change.before)))
            .note(format!("now       {}", short(&change.after)));
        problems.push(problem);
    }
    if let Some(more) = changes.len().checked_sub(MOST_TOLD + 1) {
        let last = Diagnostic::check(code, format!("{words} {} more", more + 1));
        problems.push(last);
    }
}

/// The folder of the edition that a path stands for: itself, or that which holds the file.
pub fn edition_folder(path: &Path) -> Option<PathBuf> {
    let mut folder = if path.is_dir() { Some(path) } else { path.parent() };
    while let Some(at) = folder {
        if at.join("manifest.json").is_file() {
            return Some(at.to_path_buf());
        }
        folder = at.parent();
    }
    None
}
