//! Results kept by fingerprint, so that nothing is computed twice.
//!
//! A file in the cache is named by the fingerprint of what it depends on, written under another name
//! and renamed, so that a killed build leaves no half-written result. Deleting the folder is always safe.

use std::path::{Path, PathBuf};

use crate::diagnostic::{Outcome, io_problem};

/// A folder of results.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// Opens, and makes if needed, the cache in a folder.
    pub fn open(folder: &Path) -> Outcome<Cache> {
        for part in ["cells", "packs"] {
            let path = folder.join(part);
            std::fs::create_dir_all(&path).map_err(|error| {
                let mut problems = io_problem("make the folder", &path, &error);
                problems.0.iter_mut().for_each(|problem| problem.help.push("name another folder with --output".into()));
                problems
            })?;
        }
        let folder = folder.canonicalize().map_err(|error| io_problem("open", folder, &error))?;
        Ok(Cache { folder })
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where the result of a cell with this fingerprint is kept.
    pub fn cell(&self, fingerprint: &str) -> PathBuf {
        self.folder.join("cells").join(format!("{fingerprint}.parquet"))
    }

    /// Where a pack with this fingerprint is kept.
    pub fn pack(&self, fingerprint: &str, ending: &str) -> PathBuf {
        self.folder.join("packs").join(format!("{fingerprint}.{ending}"))
    }

    /// A name to write under before renaming to `path`.
    pub fn draft(path: &Path) -> PathBuf {
        path.with_extension(format!("draft-{}", std::process::id()))
    }

    /// Writes bytes so that they appear whole or not at all.
    pub fn write(path: &Path, bytes: &[u8]) -> Outcome<()> {
        let draft = Self::draft(path);
        std::fs::write(&draft, bytes)
            .and_then(|()| std::fs::File::open(&draft)?.sync_data())
            .map_err(|error| io_problem("write", &draft, &error))?;
        std::fs::rename(&draft, path).map_err(|error| io_problem("write", path, &error))
    }
}
