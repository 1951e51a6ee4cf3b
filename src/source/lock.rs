//! `candour.lock` in a data folder: every file in it of every source, as a person accepted it. Where data come from
//! several folders, each folder's lock speaks for its own files, as each may have another keeper.
//!
//! Where a lock is there, nothing is read from a file that it does not name with this very hash. That a file has been
//! replaced is then noticed before its figures are, and by everyone who builds from the folder.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::find_files;
use crate::book::settings::{Document, Table};
use crate::book::{Book, Contract, DataFolders, read_within};
use crate::diagnostic::{Diagnostic, Outcome, Problems, io_problem};

/// The lock's name in the data folder.
pub const LOCK_FILE: &str = "candour.lock";

/// Form of the file.
const FORM: i64 = 1;

const HEAD: &str = "\
# Written by `candour lock`: the files that the sources of the book read, as they were accepted. With this file here
# no other file is read, nor one of these with another hash. `candour lock --check` compares.
";

/// A file's hash and size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// File, relative to the data folder.
    pub file: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
}

/// The files that are accepted: hash and size by source and file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    files: BTreeMap<(String, String), (String, u64)>,
}

#[derive(Serialize, Deserialize)]
struct Written {
    form: i64,
    file: Vec<WrittenFile>,
}

#[derive(Serialize, Deserialize)]
struct WrittenFile {
    source: String,
    file: String,
    sha256: String,
    bytes: u64,
}

/// The files of a source as they are now, in order of name.
pub fn stamps(contract: &Contract, data: &DataFolders) -> Outcome<Vec<Stamp>> {
    let stamp = |file: String| {
        let path = data.resolve(&file)?;
        let problem = |error: std::io::Error| io_problem("read", &path, &error);
        let bytes = std::fs::metadata(&path).map_err(problem)?.len();
        Ok(Stamp { file, sha256: crate::sha256_of(&path).map_err(problem)?, bytes })
    };
    find_files(contract, data)?.into_iter().map(stamp).collect()
}

impl Lock {
    /// The lock of a data folder, if it has one.
    pub fn read(data: &Path) -> Outcome<Option<Lock>> {
        // A link that leads nowhere is a damaged lock, not a missing one.
        if std::fs::symlink_metadata(data.join(LOCK_FILE)).is_err() {
            return Ok(None);
        }
        let text = read_within(data, LOCK_FILE)?.text()?;
        let read = Document::whole(LOCK_FILE, text).read(read_lock).map_err(|mut problems| {
            problems.0.iter_mut().for_each(|problem| {
                problem.help.push(
                    "get the lock again from where the data came from, or write it anew with `candour lock`".into(),
                );
            });
            problems
        });
        read.map(Some)
    }

    /// The files of all sources of a book as they are now: a lock for each folder.
    pub fn of(book: &Book, data: &DataFolders) -> Outcome<Vec<Lock>> {
        let mut problems = Problems::none();
        let mut locks = vec![Lock::default(); data.folders().len()];
        for contract in &book.sources {
            for stamp in problems.absorb(stamps(contract, data)).unwrap_or_default() {
                if let Some(lock) = data.folder_of(&stamp.file).and_then(|at| locks.get_mut(at)) {
                    lock.files.insert((contract.name.clone(), stamp.file), (stamp.sha256, stamp.bytes));
                }
            }
        }
        problems.or(locks)
    }

    /// The locks of data folders, where they have one.
    pub fn read_all(data: &DataFolders) -> Outcome<Vec<Option<Lock>>> {
        let mut problems = Problems::none();
        let read = data.folders().iter().map(|folder| problems.absorb(Lock::read(&folder.path)).flatten()).collect();
        problems.or(read)
    }

    /// Number of files, each once for each source.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether it names no file.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The hash under which a file of a source was accepted.
    pub fn accepted(&self, source: &str, file: &str) -> Option<&str> {
        self.files.get(&(source.to_string(), file.to_string())).map(|(sha256, _)| sha256.as_str())
    }

    /// The lock as text, in order of source and file.
    pub fn text(&self) -> Outcome<String> {
        let files = self.files.iter().map(|((source, file), (sha256, bytes))| WrittenFile {
            source: source.clone(),
            file: file.clone(),
            sha256: sha256.clone(),
            bytes: *bytes,
        });
        let written = toml::to_string(&Written { form: FORM, file: files.collect() })
            .map_err(|error| Diagnostic::fault("lock", format!("could not write the lock: {error}")))?;
        Ok(format!("{HEAD}\n{written}"))
    }

    /// What does not fit of the files of one source.
    pub fn check(&self, source: &str, found: &[Stamp]) -> Problems {
        let mut now = Lock::default();
        for stamp in found {
            let key = (source.to_string(), stamp.file.clone());
            now.files.insert(key, (stamp.sha256.clone(), stamp.bytes));
        }
        let mut locked = self.clone();
        locked.files.retain(|(of, _), _| of == source);
        locked.differences(&now)
    }

    /// What of other files does not fit.
    pub fn differences(&self, now: &Lock) -> Problems {
        let names: BTreeSet<&(String, String)> = self.files.keys().chain(now.files.keys()).collect();
        let found = names.into_iter().filter_map(|name| difference(name, self.files.get(name), now.files.get(name)));
        Problems(found.collect())
    }
}

fn difference(
    (source, file): &(String, String),
    locked: Option<&(String, u64)>,
    found: Option<&(String, u64)>,
) -> Option<Diagnostic> {
    if locked == found {
        return None;
    }
    let (code, words) = match (locked, found) {
        (Some(_), Some(_)) => ("lock-changed", format!("{file} of source `{source}` is not the file that was locked")),
        (Some(_), None) => ("lock-missing", format!("{file} of source `{source}` is locked and is not there")),
        _ => ("lock-additional", format!("{file} of source `{source}` is not in the lock")),
    };
    let told = |side: Option<&(String, u64)>| {
        side.map_or_else(|| "nothing".to_string(), |(sha256, bytes)| format!("{sha256}, {bytes} bytes"))
    };
    let problem = Diagnostic::check(code, words)
        .in_file(file.as_str())
        .note(format!("locked {}", told(locked)))
        .note(format!("found  {}", told(found)));
    Some(problem.help(match found {
        None => "put the file back; or accept the data as they are with `candour lock`",
        Some(_) => "look at what it holds and where it came from; then `candour lock` accepts it",
    }))
}

fn read_lock(table: &Table<'_>) -> Option<Lock> {
    let form = table.optional_integer("form");
    if form != Some(FORM) {
        table.problem_at("form", "lock-form", format!("a lock begins with `form = {FORM}`"));
    }
    let mut lock = Lock::default();
    for item in table.tables("file") {
        let (source, file, sha256) = (item.text("source"), item.text("file"), item.text("sha256"));
        let bytes = item.optional_integer("bytes").and_then(|bytes| u64::try_from(bytes).ok());
        item.finish();
        if sha256.as_deref().is_some_and(|hash| !is_hash(hash)) {
            item.problem_at("sha256", "lock-hash", "a SHA-256 is 64 characters of 0-9 and a-f");
        }
        let Some(bytes) = bytes else {
            item.problem_at("bytes", "lock-bytes", "`bytes` is the size of the file: a whole number");
            continue;
        };
        let (Some(source), Some(file), Some(sha256)) = (source, file, sha256) else { continue };
        if lock.files.insert((source, file), (sha256, bytes)).is_some() {
            item.problem_at("file", "lock-twice", "the lock names this file of this source twice");
        }
    }
    Some(lock)
}

fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(file: &str, content: &str) -> Stamp {
        Stamp { file: file.into(), sha256: crate::sha256(content.as_bytes()), bytes: content.len() as u64 }
    }

    fn lock(stamps: &[Stamp]) -> Lock {
        let files = stamps.iter().map(|one| (("s".to_string(), one.file.clone()), (one.sha256.clone(), one.bytes)));
        Lock { files: files.collect() }
    }

    #[test]
    fn a_lock_comes_back_as_it_was_whatever_the_files_are_called() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Lock::read(folder.path()).unwrap(), None);
        let written = lock(&[stamp("a \"b\"\n.csv", "x"), stamp("ä/z.csv", "")]);
        std::fs::write(folder.path().join(LOCK_FILE), written.text().unwrap()).unwrap();
        assert_eq!(Lock::read(folder.path()).unwrap(), Some(written));
    }

    #[test]
    fn changed_missing_and_additional_files_are_each_named() {
        let locked = lock(&[stamp("a", "1"), stamp("b", "2"), stamp("c", "3")]);
        let found = [stamp("a", "1"), stamp("b", "other"), stamp("d", "4")];
        let codes: Vec<&str> = locked.check("s", &found).0.iter().map(|problem| problem.code).collect();
        assert_eq!(codes, ["lock-changed", "lock-missing", "lock-additional"]);
        assert!(locked.check("s", &[stamp("a", "1"), stamp("b", "2"), stamp("c", "3")]).0.is_empty());
        assert!(locked.check("another source", &[]).0.is_empty());
    }

    #[test]
    fn a_damaged_lock_says_where() {
        let folder = tempfile::tempdir().unwrap();
        let whole = lock(&[stamp("a", "1")]).text().unwrap();
        let hash = crate::sha256(b"1");
        let twice = format!("{whole}\n[[file]]\nsource = \"s\"\nfile = \"a\"\nsha256 = \"{hash}\"\nbytes = 1\n");
        for (text, code) in [
            (whole.replace(&hash, "abc"), "lock-hash"),
            (whole.replace("bytes = 1", "bytes = -1"), "lock-bytes"),
            (whole.replace("form = 1", "form = 9"), "lock-form"),
            (whole.replace("sha256 =", "sha265 ="), "settings-unknown-key"),
            (whole[..whole.len() - 12].to_string(), "settings-syntax"),
            (twice, "lock-twice"),
        ] {
            std::fs::write(folder.path().join(LOCK_FILE), &text).unwrap();
            let problems = Lock::read(folder.path()).unwrap_err();
            assert!(problems.0.iter().any(|problem| problem.code == code), "{code}: {problems}\n{text}");
            assert!(problems.0.iter().all(|problem| problem.place.is_some() && !problem.help.is_empty()), "{problems}");
        }
    }
}
