//! The data folder: what fetching may write there, and how nothing of it is lost.
//!
//! All that is not yet checked lies in a hidden folder. A file that has been checked is moved to its place in one
//! step; the version that was there is kept by its hash first.

use std::fs::{self, File, TryLockError};
use std::io::Read;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::book::resolve_within;
use crate::diagnostic::{Diagnostic, Outcome, Problems, io_problem};

/// The hidden folder of what is not yet checked.
const AREA: &str = ".fetch";
/// The hidden folder of older versions.
const VERSIONS: &str = ".versions";

/// The data folder, open for one fetch at a time.
pub(super) struct Store {
    data: PathBuf,
    _lock: File,
}

impl Store {
    /// Opens the data folder, or refuses if another fetch is at work in it.
    pub fn open(data: &Path) -> Outcome<Store> {
        let area = data.join(AREA);
        fs::create_dir_all(area.join("partial")).map_err(|error| io_problem("write to", &area, &error))?;
        let path = area.join("lock");
        let lock = File::create(&path).map_err(|error| io_problem("write", &path, &error))?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => {
                let words = format!("another fetch is at work in {}", data.display());
                Problems::from(Diagnostic::fault("fetch-busy", words).help("wait for it, then fetch again"))
            }
            TryLockError::Error(error) => io_problem("lock", &path, &error),
        })?;
        let store = Store { data: data.to_path_buf(), _lock: lock };
        store.empty("check")?;
        Ok(store)
    }

    /// The folder of files that are not whole.
    pub fn partial(&self) -> PathBuf {
        self.data.join(AREA).join("partial")
    }

    /// The hash of the file in its place, if there is one. A link is not followed: it was not fetched.
    pub fn current(&self, file: &str) -> Outcome<Option<String>> {
        let path = self.data.join(file);
        let problem = |error: std::io::Error| io_problem("read", &path, &error);
        match fs::symlink_metadata(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(problem(error)),
            Ok(found) if !found.is_file() => {
                Err(Diagnostic::check("fetch-in-the-way", format!("{file} is there, and is not a file"))
                    .help("move it out of the data folder, and fetch again")
                    .into())
            }
            Ok(_) => hash(&path).map(Some).map_err(problem),
        }
    }

    /// Puts a file that has arrived alone in a folder, under the name it will have. Returns that folder and its path.
    pub fn stage(&self, arrived: &Path, file: &str) -> Outcome<(PathBuf, PathBuf)> {
        self.empty("check")?;
        let folder = self.data.join(AREA).join("check");
        let path = folder.join(file);
        make_parent(&path)?;
        fs::rename(arrived, &path).map_err(|error| io_problem("move", arrived, &error))?;
        let _ = fs::remove_file(arrived.with_extension("json"));
        Ok((folder, path))
    }

    /// Keeps a file that was refused where a person can look at it. Returns its path relative to the data folder.
    pub fn keep_refused(&self, staged: &Path, file: &str) -> Option<String> {
        let name = format!("{AREA}/refused/{file}");
        let path = self.data.join(&name);
        make_parent(&path).ok()?;
        fs::rename(staged, path).ok().map(|()| name)
    }

    /// Moves a checked file to its place. The version there, if any, is kept by its hash.
    pub fn put(&self, staged: &Path, file: &str, old: Option<&str>) -> Outcome<()> {
        let path = self.place(file)?;
        if let Some(old) = old {
            self.keep(&path, old)?;
        }
        fs::rename(staged, &path).map_err(|error| io_problem("move the file to", &path, &error))?;
        // The folder's own entry must reach the disk as well; not every system lets a folder be synced.
        let _ = path.parent().and_then(|folder| File::open(folder).ok()).map(|folder| folder.sync_all());
        Ok(())
    }

    /// The path of a file whose folder is made if need be, and lies inside the data folder, links or not.
    fn place(&self, file: &str) -> Outcome<PathBuf> {
        let (folder, name) = file.rsplit_once('/').unwrap_or((".", file));
        let mut made = String::new();
        for part in folder.split('/') {
            made = if made.is_empty() { part.to_string() } else { format!("{made}/{part}") };
            let path = self.data.join(&made);
            if fs::symlink_metadata(&path).is_err() {
                fs::create_dir(&path).map_err(|error| io_problem("make the folder", &path, &error))?;
            }
            resolve_within(&self.data, &made)?;
        }
        Ok(resolve_within(&self.data, folder)?.join(name))
    }

    /// Keeps a version under its hash, by a second name for the same bytes where the file system knows such.
    fn keep(&self, path: &Path, sha256: &str) -> Outcome<()> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let kept = self.data.join(VERSIONS).join(format!("{}-{name}", &sha256[..16]));
        let problem = |error: std::io::Error| io_problem("keep the last version as", &kept, &error);
        make_parent(&kept)?;
        if hash(&kept).is_ok_and(|found| found == sha256) {
            return Ok(());
        }
        let draft = kept.with_file_name(format!(".draft-{name}"));
        let _ = fs::remove_file(&draft);
        fs::hard_link(path, &draft).or_else(|_| fs::copy(path, &draft).map(|_| ())).map_err(problem)?;
        fs::rename(&draft, &kept).map_err(problem)
    }

    fn empty(&self, folder: &str) -> Outcome<()> {
        let path = self.data.join(AREA).join(folder);
        match fs::remove_dir_all(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(io_problem("empty", &path, &error)),
            _ => Ok(()),
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        let _ = self.empty("check");
    }
}

fn make_parent(path: &Path) -> Outcome<()> {
    let Some(folder) = path.parent() else { return Ok(()) };
    fs::create_dir_all(folder).map_err(|error| io_problem("make the folder", folder, &error))
}

/// SHA-256 of a file's bytes.
pub(super) fn hash(path: &Path) -> std::io::Result<String> {
    let (mut file, mut hash, mut buffer) = (File::open(path)?, Sha256::new(), vec![0; 65_536]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(crate::hex(&hash.finalize())),
            read => hash.update(&buffer[..read]),
        }
    }
}
