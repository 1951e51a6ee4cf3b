//! Results kept by fingerprint, so that nothing is computed twice.
//!
//! A table is kept as Parquet under the hash of its own bytes; a small note under the fingerprint of what a cell
//! depends on says which table it gave. Files are written in a folder of drafts and then renamed into place, so that
//! a build that is killed, or finds the disk full, leaves no half-written result. Deleting the folder is always safe.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::run::KeptTable;
use crate::diagnostic::{Diagnostic, Outcome, io_problem};
use crate::duck::Answers;

/// The kinds of result that are kept, each in a folder of its own.
const KINDS: [&str; 8] = ["cells", "answers", "packs", "parts", "sources", "tables", "tests", "traces"];

/// The folder of drafts in a cache.
const DRAFTS: &str = "drafts";

/// A table kept in parts, each a kept table of its own. Its content is the hash of this note.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Parts {
    /// The column by which it is parted.
    pub key: String,
    /// The names of its columns.
    pub columns: Vec<String>,
    /// By value of that column, in order.
    pub parts: BTreeMap<String, Part>,
}

/// A part of a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Part {
    /// SHA-256 of its Parquet form.
    pub content: String,
    /// Size of that form in bytes.
    pub bytes: u64,
    /// Number of rows, which may be none.
    pub rows: u64,
}

impl Part {
    /// A kept table as a part of another.
    pub fn of(kept: &KeptTable) -> Part {
        Part { content: kept.content.clone(), bytes: kept.bytes, rows: kept.rows }
    }
}

/// A folder of results.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
    drafts: Arc<Drafts>,
    _temporary: Option<Arc<TempDir>>,
}

/// Where one process writes what it has not finished. The lock says that the process lives: the drafts of one that was
/// killed are removed by the next that opens the cache, in whatever container either runs.
#[derive(Debug, Default)]
struct Drafts {
    own: Mutex<Option<(PathBuf, File)>>,
    written: AtomicU64,
}

impl Cache {
    /// Opens, and makes if needed, the cache in a folder.
    pub fn open(folder: &Path) -> Outcome<Cache> {
        for kind in KINDS {
            let path = folder.join(kind);
            std::fs::create_dir_all(&path).map_err(|error| {
                let mut problems = io_problem("make the folder", &path, &error);
                problems.0.iter_mut().for_each(|problem| problem.help.push("name another folder with --output".into()));
                problems
            })?;
        }
        let folder = folder.canonicalize().map_err(|error| io_problem("open", folder, &error))?;
        remove_abandoned(&folder.join(DRAFTS));
        Ok(Cache { folder, drafts: Arc::default(), _temporary: None })
    }

    /// A cache that knows nothing and is forgotten at the end.
    pub fn temporary() -> Outcome<Cache> {
        let folder = tempfile::Builder::new().prefix("candour-").tempdir();
        let folder =
            folder.map_err(|error| Diagnostic::fault("io", format!("could not make a temporary folder: {error}")))?;
        let cache = Cache::open(folder.path())?;
        Ok(Cache { _temporary: Some(Arc::new(folder)), ..cache })
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where a result of a kind is kept under a name.
    fn path(&self, kind: &str, name: &str) -> PathBuf {
        self.folder.join(kind).join(name)
    }

    /// Where the table whose Parquet form has this hash is kept.
    pub fn table(&self, content: &str) -> PathBuf {
        self.path("tables", &format!("{content}.parquet"))
    }

    /// Where a pack with this fingerprint is kept.
    pub fn pack(&self, fingerprint: &str) -> PathBuf {
        self.path("packs", &format!("{fingerprint}.pdf"))
    }

    /// Where a file that belongs beside a pack is kept, by its ending.
    pub fn beside(&self, fingerprint: &str, ending: &str) -> PathBuf {
        self.path("packs", &format!("{fingerprint}.{ending}"))
    }

    /// The note of a kind kept under a fingerprint, if it is there and whole.
    pub fn note<T: DeserializeOwned>(&self, kind: &str, fingerprint: &str) -> Option<T> {
        serde_json::from_slice(&std::fs::read(self.path(kind, &format!("{fingerprint}.json"))).ok()?).ok()
    }

    /// Keeps a note of a kind under a fingerprint.
    pub fn keep_note(&self, kind: &str, fingerprint: &str, note: &impl Serialize) -> Outcome<()> {
        let bytes = serde_json::to_vec(note).unwrap_or_default();
        self.keep(&self.path(kind, &format!("{fingerprint}.json")), &bytes)
    }

    /// Writes a file of the cache so that it appears whole or not at all.
    pub fn keep(&self, path: &Path, bytes: &[u8]) -> Outcome<()> {
        let draft = self.draft("note")?;
        fs::write(&draft, bytes).map_err(|error| io_problem("write", path, &error))?;
        fs::rename(&draft, path).map_err(|error| io_problem("write", path, &error))
    }

    /// Takes in a table written under a draft's name. Gives its hash and its size.
    pub fn keep_table(&self, draft: &Path) -> Outcome<(String, u64)> {
        let bytes = fs::read(draft).map_err(|error| io_problem("read", draft, &error))?;
        let content = crate::hex(&Sha256::digest(&bytes));
        let path = self.table(&content);
        fs::rename(draft, &path).map_err(|error| io_problem("write", &path, &error))?;
        Ok((content, bytes.len() as u64))
    }

    /// Keeps what a table in parts consists of. Gives its hash, and the size of all parts.
    pub(super) fn keep_parts(&self, parts: &Parts) -> Outcome<(String, u64)> {
        let bytes = serde_json::to_vec(parts).unwrap_or_default();
        let content = crate::sha256(&bytes);
        self.keep(&self.path("parts", &format!("{content}.json")), &bytes)?;
        Ok((content, parts.parts.values().map(|part| part.bytes).sum()))
    }

    /// The parts of the table with this content, if it is kept in parts.
    pub(super) fn parts(&self, content: &str) -> Option<Parts> {
        let bytes = fs::read(self.path("parts", &format!("{content}.json"))).ok()?;
        if crate::sha256(&bytes) != content {
            return None;
        }
        serde_json::from_slice(&bytes).ok()
    }

    /// The files of a table, one after the other.
    pub fn files(&self, content: &str) -> Vec<PathBuf> {
        match self.parts(content) {
            Some(parts) => parts.parts.values().map(|part| self.table(&part.content)).collect(),
            None => vec![self.table(content)],
        }
    }

    /// The files of a table, if all are there and are what their names say.
    pub fn whole_files(&self, content: &str) -> Option<Vec<PathBuf>> {
        let of_hash = |path: &PathBuf| {
            let name = path.file_stem().and_then(|name| name.to_str());
            crate::sha256_of(path).is_ok_and(|hash| name == Some(hash.as_str()))
        };
        Some(self.files(content)).filter(|files| files.iter().all(of_hash))
    }

    /// Whether a table is there, with the bytes that it had: its name is their hash.
    pub fn has_table(&self, content: &str, bytes: u64) -> bool {
        match self.parts(content) {
            Some(parts) => parts.parts.values().all(|part| self.has_file(&part.content, part.bytes)),
            None => self.has_file(content, bytes),
        }
    }

    fn has_file(&self, content: &str, bytes: u64) -> bool {
        let path = self.table(content);
        fs::metadata(&path).is_ok_and(|known| known.is_file() && known.len() == bytes)
            && crate::sha256_of(&path).is_ok_and(|hash| hash == content)
    }

    /// A name to write something under before it is taken in. Used once.
    pub fn draft(&self, name: &str) -> Outcome<PathBuf> {
        let mut own = self.drafts.own.lock().unwrap_or_else(PoisonError::into_inner);
        if own.is_none() {
            *own = Some(open_drafts(&self.folder.join(DRAFTS))?);
        }
        let number = self.drafts.written.fetch_add(1, Ordering::Relaxed);
        let folder = own.as_ref().map_or(&*self.folder, |(folder, _)| folder);
        Ok(folder.join(format!("{number}-{name}")))
    }

    /// Writes bytes outside the cache so that they appear whole or not at all.
    pub fn write(path: &Path, bytes: &[u8]) -> Outcome<()> {
        let draft = path.with_extension(format!("draft-{}", std::process::id()));
        let written = fs::write(&draft, bytes).and_then(|()| fs::rename(&draft, path));
        written.map_err(|error| {
            let _ = fs::remove_file(&draft);
            io_problem("write", path, &error)
        })
    }
}

/// Kept under a hash of their bytes, so that one that was damaged is not taken for an answer.
impl Answers for Cache {
    fn recall(&self, key: &str) -> Option<Vec<u8>> {
        let kept = fs::read(self.path("answers", key)).ok()?;
        let (hash, answer) = kept.split_at_checked(Sha256::output_size())?;
        (Sha256::digest(answer).as_slice() == hash).then(|| answer.to_vec())
    }

    fn keep(&self, key: &str, answer: &[u8]) {
        let bytes = [Sha256::digest(answer).as_slice(), answer].concat();
        let _ = Cache::keep(self, &self.path("answers", key), &bytes);
    }
}

impl Drop for Drafts {
    fn drop(&mut self) {
        let own = self.own.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some((folder, _lock)) = own.take() {
            let _ = fs::remove_dir_all(folder);
        }
    }
}

/// Removes the folders of drafts that nobody holds. One whose owner has made it and not yet taken its lock goes too:
/// the owner then makes another.
fn remove_abandoned(among: &Path) {
    for entry in fs::read_dir(among).into_iter().flatten().filter_map(Result::ok) {
        let lock = File::open(entry.path()).ok().filter(|lock| lock.try_lock().is_ok());
        if lock.is_some() {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Makes a folder of drafts of one's own, and takes its lock.
fn open_drafts(among: &Path) -> Outcome<(PathBuf, File)> {
    let problem = |error: std::io::Error| io_problem("write to the folder", among, &error);
    fs::create_dir_all(among).map_err(problem)?;
    for number in 0..u32::MAX {
        let folder = among.join(format!("{}-{number}", std::process::id()));
        match fs::create_dir(&folder) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => continue,
            Err(error) => return Err(problem(error)),
        }
        if let Some(lock) = File::open(&folder).ok().filter(|lock| lock.try_lock().is_ok() && folder.is_dir()) {
            return Ok((folder, lock));
        }
    }
    Err(problem(std::io::ErrorKind::AlreadyExists.into()))
}
