//! Results kept by fingerprint, so that nothing is computed twice.
//!
//! A table is kept as Parquet under the hash of its own bytes; a small note under the fingerprint of what a cell
//! depends on says which table it gave. Files are written under another name and renamed, so that a killed build
//! leaves no half-written result. Deleting the folder is always safe.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::diagnostic::{Diagnostic, Outcome, io_problem};

/// The kinds of result that are kept, each in a folder of its own.
const KINDS: [&str; 6] = ["cells", "packs", "sources", "tables", "tests", "traces"];

/// A folder of results.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
    _temporary: Option<Arc<TempDir>>,
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
        Ok(Cache { folder, _temporary: None })
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
        Self::write(&self.path(kind, &format!("{fingerprint}.json")), &bytes)
    }

    /// Takes in a table written under a draft's name. Gives its hash and its size.
    pub fn keep_table(&self, draft: &Path) -> Outcome<(String, u64)> {
        let bytes = std::fs::read(draft).map_err(|error| io_problem("read", draft, &error))?;
        let content = crate::hex(&Sha256::digest(&bytes));
        let path = self.table(&content);
        std::fs::rename(draft, &path).map_err(|error| io_problem("write", &path, &error))?;
        Ok((content, bytes.len() as u64))
    }

    /// Whether a table is there with the size that it had.
    pub fn has_table(&self, content: &str, bytes: u64) -> bool {
        std::fs::metadata(self.table(content)).is_ok_and(|known| known.is_file() && known.len() == bytes)
    }

    /// A name to write a table under before it is taken in.
    pub fn table_draft(&self, name: &str) -> PathBuf {
        self.path("tables", &format!("draft-{}-{name}", std::process::id()))
    }

    /// Writes bytes so that they appear whole or not at all.
    pub fn write(path: &Path, bytes: &[u8]) -> Outcome<()> {
        let draft = path.with_extension(format!("draft-{}", std::process::id()));
        std::fs::write(&draft, bytes).map_err(|error| io_problem("write", &draft, &error))?;
        std::fs::rename(&draft, path).map_err(|error| io_problem("write", path, &error))
    }
}
