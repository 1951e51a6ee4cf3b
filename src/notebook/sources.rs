//! Sources read, or taken as they were where neither their files nor their contract have changed.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Options, Watcher};
use crate::book::{Book, Contract, DataFolders};
use crate::cell::{Cache, KeptTable};
use crate::diagnostic::{Diagnostic, Outcome, Place, Problems, io_problem};
use crate::duck::Session;
use crate::source::{self, Lock, Reject, SourceFile, SourceTable, Stamp};

/// What reading all sources gives.
pub(super) struct Read {
    /// The sources, in the order of the book.
    pub tables: Vec<SourceTable>,
    /// Hashes of the contents of their tables.
    pub contents: BTreeMap<String, String>,
    /// Rejects and other things to look at.
    pub warnings: Problems,
}

/// What is kept of a source that was read.
#[derive(Serialize, Deserialize)]
struct SourceNote {
    files: Vec<SourceFile>,
    rejects: Vec<Reject>,
    warnings: Vec<KeptWarning>,
    kept: KeptTable,
}

/// A warning of a source, as it is kept.
#[derive(Serialize, Deserialize)]
struct KeptWarning {
    code: String,
    message: String,
    label: String,
    notes: Vec<String>,
    help: Vec<String>,
    place: Option<(String, usize, usize, usize, Option<String>)>,
}

/// Codes of the warnings that reading a source can give.
const WARNINGS: [&str; 2] = ["source-gap", "source-header-moved"];

/// Reads all sources of a book and puts them where queries find them.
pub(super) fn read_all(
    book: &Book,
    data: &DataFolders,
    session: &Session,
    cache: &Cache,
    options: &Options,
    watcher: &dyn Watcher,
) -> Outcome<Read> {
    let locks = Lock::read_all(data)?;
    let mut problems = Problems::none();
    let mut read = Read { tables: Vec::new(), contents: BTreeMap::new(), warnings: Problems::none() };
    watcher.begin("sources", book.sources.len());
    let stamped = session
        .side_by_side(&book.sources, options.threads, &|contract, _| accepted(contract, data, &locks))?
        .into_iter()
        .zip(&book.sources);
    let mut waiting: Vec<(usize, &Contract, Outcome<Vec<Stamp>>)> =
        stamped.enumerate().map(|(at, (files, contract))| (at, contract, files)).collect();
    // The largest first: begun last, it would be read while the other threads have nothing left to do.
    let bytes = |files: &Outcome<Vec<Stamp>>| files.iter().flatten().map(|file| file.bytes).sum::<u64>();
    waiting.sort_by_key(|(at, _, files)| (Reverse(bytes(files)), *at));
    let results = session.side_by_side(&waiting, options.threads, &|(_, contract, files), session| {
        let one = read_one(contract, data, files.as_ref().map_err(Problems::clone)?, session, cache);
        watcher.step(&contract.name);
        one
    });
    watcher.end();
    let mut read_in_turn: Vec<_> = waiting.iter().map(|(at, _, _)| *at).zip(results?).collect();
    read_in_turn.sort_by_key(|(at, _)| *at);
    for (_, one) in read_in_turn {
        if let Some((table, kept)) = problems.absorb(one) {
            source::reject_problem(&table, options.strict).into_iter().for_each(|problem| problems.push(problem));
            problems.extend(table.warnings.clone());
            session.shelve(&table.contract.name, vec![cache.table(&kept.content)]);
            read.contents.insert(table.contract.name.clone(), kept.content);
            read.tables.push(table);
        }
    }
    if problems.stop() {
        return Err(problems);
    }
    read.warnings = problems;
    Ok(read)
}

/// The files of a source, none of them another than the lock of its folder names.
fn accepted(contract: &Contract, data: &DataFolders, locks: &[Option<Lock>]) -> Outcome<Vec<Stamp>> {
    let found = source::stamps(contract, data);
    let stamps = found.as_deref().unwrap_or_default();
    let mut misfits = Problems::none();
    for (at, lock) in locks.iter().enumerate().filter_map(|(at, lock)| Some((at, lock.as_ref()?))) {
        let here: Vec<Stamp> = stamps.iter().filter(|stamp| data.folder_of(&stamp.file) == Some(at)).cloned().collect();
        misfits.extend(lock.check(&contract.name, &here));
    }
    match found {
        Ok(found) => misfits.or(found),
        Err(mut problems) => {
            problems.extend(misfits);
            Err(problems)
        }
    }
}

fn read_one(
    contract: &Contract,
    data: &DataFolders,
    files: &[Stamp],
    session: &Session,
    cache: &Cache,
) -> Outcome<(SourceTable, KeptTable)> {
    let fingerprint = fingerprint(contract, files, data);
    let known: Option<SourceNote> = cache.note("sources", &fingerprint);
    if let Some(note) = known.filter(|note| cache.has_table(&note.kept.content, note.kept.bytes)) {
        let warnings = Problems(note.warnings.into_iter().filter_map(KeptWarning::warning).collect());
        let table = SourceTable::known(contract, data, note.files, note.rejects, warnings);
        return Ok((table, note.kept));
    }
    let mut table = source::read_source(contract, data, session)?;
    // What is kept, and what the lock allows, goes by the hashes taken before.
    if !table.files.iter().map(|file| &file.sha256).eq(files.iter().map(|file| &file.sha256)) {
        let words = format!("the files of source `{}` changed while they were read", contract.name);
        return Err(Diagnostic::fault("source-changing", words)
            .help("run it again when nothing writes to them")
            .into());
    }
    let draft = cache.draft(&contract.name)?;
    source::register(&table, session)?;
    table.rows = source::Rows::default();
    let (rows, columns) = session.export(&contract.name, &draft).map_err(|error| match error.storage() {
        Some(cause) => io_problem(&format!("keep the source `{}` in", contract.name), &draft, &cause),
        None => {
            let words = format!("could not keep the source {}: {}", contract.name, error.message);
            Diagnostic::fault("database", words).into()
        }
    })?;
    let (content, bytes) = cache.keep_table(&draft)?;
    let kept = KeptTable { content, bytes, rows, columns };
    let note = SourceNote {
        files: table.files.clone(),
        rejects: table.rejects.clone(),
        warnings: table.warnings.0.iter().map(KeptWarning::of).collect(),
        kept: kept.clone(),
    };
    cache.keep_note("sources", &fingerprint, &note)?;
    Ok((table, kept))
}

/// Hash of all that a source's table depends on: the program, the contract, the bytes of its files, and what their
/// folders say of them.
fn fingerprint(contract: &Contract, files: &[Stamp], data: &DataFolders) -> String {
    let mut hash = Sha256::new();
    hash.update(format!("candour source {}\n{contract:?}\n", crate::SOURCE_HASH));
    for file in files {
        hash.update(format!("{} {} {:?}\n", file.file, file.sha256, data.notice_of(&file.file)));
    }
    crate::hex(&hash.finalize())
}

impl KeptWarning {
    fn of(warning: &Diagnostic) -> KeptWarning {
        let place = warning.place.clone();
        KeptWarning {
            code: warning.code.to_string(),
            message: warning.message.clone(),
            label: warning.label.clone(),
            notes: warning.notes.clone(),
            help: warning.help.clone(),
            place: place.map(|at| (at.file, at.line, at.column, at.length, at.excerpt)),
        }
    }

    fn warning(self) -> Option<Diagnostic> {
        let code = WARNINGS.into_iter().find(|code| *code == self.code)?;
        let mut warning = Diagnostic::warning(code, self.message);
        warning.label = self.label;
        warning.notes = self.notes;
        warning.help = self.help;
        warning.place =
            self.place.map(|(file, line, column, length, excerpt)| Place { file, line, column, length, excerpt });
        Some(warning)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_comes_back_as_it_was() {
        for code in WARNINGS {
            let place = Place { line: 3, ..Place::file("a.csv") };
            let warning = Diagnostic::warning(code, "m").at(place).label("l").note("n").help("h");
            let back = KeptWarning::of(&warning).warning();
            assert_eq!(format!("{back:?}"), format!("{:?}", Some(warning)));
        }
    }
}
