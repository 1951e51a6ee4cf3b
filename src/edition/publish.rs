//! Publication: an edition is written beside the published one and takes its place in one step.
//!
//! At every moment the edition's folder holds either the last edition or the new one, whole. A build
//! that fails or is killed leaves the last edition as it was, and at most a hidden folder of drafts,
//! which the next build removes. (Where a file system cannot exchange two folders, there is a moment in which the last
//! edition has a hidden name; the next build gives it its own again.)

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with, syncfs};

use crate::diagnostic::{Diagnostic, Outcome, io_problem};

/// Prefix of folders that hold unfinished or replaced editions.
const DRAFT: &str = ".staging-";
/// Prefix of an edition's name while another takes its place in two steps.
const ASIDE: &str = ".replaced-";

/// A place to write an edition before it is published. Dropped without [`Staging::publish`], it leaves nothing.
pub(super) struct Staging {
    output: PathBuf,
    folder: PathBuf,
    _lock: File,
}

impl Staging {
    /// Opens a staging folder under the output folder. One build at a time may hold it.
    pub fn open(output: &Path) -> Outcome<Staging> {
        fs::create_dir_all(output).map_err(|error| unwritable(output, &error))?;
        let lock_path = output.join(".lock");
        let lock = File::create(&lock_path).map_err(|error| unwritable(output, &error))?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => {
                Diagnostic::fault("output-busy", format!("another build is writing to {}", output.display()))
                    .help("wait for it, or name another folder with --output")
                    .into()
            }
            TryLockError::Error(error) => io_problem("lock", &lock_path, &error),
        })?;
        mend(output);
        let folder = output.join(format!("{DRAFT}{}", std::process::id()));
        fs::create_dir(&folder).map_err(|error| unwritable(output, &error))?;
        Ok(Staging { output: output.to_path_buf(), folder, _lock: lock })
    }

    /// Writes a file of the edition.
    pub fn write(&self, file: &str, bytes: &[u8]) -> Outcome<()> {
        let path = self.folder.join(file);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|error| io_problem("make the folder", folder, &error))?;
        }
        let problem = |error: std::io::Error| io_problem("write", &self.output.join(file), &error);
        fs::write(&path, bytes).map_err(problem)
    }

    /// Takes a file of the edition from the one that is to be replaced, if it has the right bytes there; whether it did.
    /// The two share it until the old edition goes, so it need not be written to the disk once more.
    pub fn keep(&self, file: &str, edition: &Path, sha256: &str) -> bool {
        let (old, new) = (edition.join(file), self.folder.join(file));
        let regular = fs::symlink_metadata(&old).is_ok_and(|found| found.is_file());
        regular
            && crate::sha256_of(&old).is_ok_and(|hash| hash == sha256)
            && new.parent().is_none_or(|folder| fs::create_dir_all(folder).is_ok())
            && fs::hard_link(&old, &new).is_ok()
    }

    /// Waits until all that has been written is on the disk: one call for all files.
    pub fn flush(&self) -> std::io::Result<()> {
        File::open(&self.folder).and_then(|folder| Ok(syncfs(folder)?))
    }

    /// Puts the edition in its place under the output folder and returns its folder.
    pub fn publish(self, name: &str) -> Outcome<PathBuf> {
        let target = self.output.join(name);
        let problem = |error: std::io::Error| io_problem("publish to", &target, &error);
        // Everything must be on the disk before it takes the place of what is there.
        self.flush().map_err(problem)?;
        if target.exists() && !target.is_dir() {
            let words = format!("{} is in the way: an edition is a folder", target.display());
            return Err(Diagnostic::fault("output-taken", words)
                .help("move it, or name another folder with --output")
                .into());
        }
        if target.exists() && !is_edition_or_empty(&target) {
            let words = format!("{} holds something other than an edition", target.display());
            return Err(Diagnostic::fault("output-taken", words)
                .help("move it, rename the edition in candour.toml, or name another folder with --output")
                .into());
        }
        if target.exists() {
            swap(&self.folder, &target).map_err(problem)?;
        } else {
            fs::rename(&self.folder, &target).map_err(problem)?;
        }
        // The folder's own entry must reach the disk as well; not every system lets a folder be synced.
        let _ = File::open(&self.output).and_then(|folder| folder.sync_all());
        Ok(target)
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // After publication this folder is gone, or holds the edition that was replaced.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Whether a folder may be replaced: it is empty, or has the manifest of an edition.
fn is_edition_or_empty(folder: &Path) -> bool {
    let empty = fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none());
    let manifest = fs::read(folder.join("manifest.json")).unwrap_or_default();
    let read: serde_json::Value = serde_json::from_slice(&manifest).unwrap_or_default();
    empty || (read["format"].is_number() && read["identifier"].is_string() && read["packs"].is_array())
}

fn unwritable(output: &Path, error: &std::io::Error) -> crate::diagnostic::Problems {
    let mut problems = io_problem("write to the output folder", output, error);
    problems.0.iter_mut().for_each(|problem| problem.help.push("name another folder with --output".to_string()));
    problems
}

/// Exchanges two folders in one step, or in two where the file system cannot.
fn swap(new: &Path, old: &Path) -> std::io::Result<()> {
    match renameat_with(CWD, new, CWD, old, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(()),
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS | rustix::io::Errno::NOTSUP) => {
            swap_in_two_steps(new, old)
        }
        Err(error) => Err(error.into()),
    }
}

/// Two renames are nearly as good as one exchange: a build killed between them leaves the last edition under a hidden
/// name, from which [`mend`] brings it back.
fn swap_in_two_steps(new: &Path, old: &Path) -> std::io::Result<()> {
    let name = old.file_name().unwrap_or_default().to_string_lossy();
    let aside = old.with_file_name(format!("{ASIDE}{name}"));
    fs::rename(old, &aside)?;
    if let Err(error) = fs::rename(new, old) {
        fs::rename(&aside, old)?;
        return Err(error);
    }
    fs::rename(&aside, new)
}

/// Removes what killed builds have left, and brings back an edition that one of them had moved aside. The lock is
/// held, so no build is at work in them.
fn mend(output: &Path) {
    let Ok(entries) = fs::read_dir(output) else { return };
    for entry in entries.filter_map(Result::ok) {
        let name = entry.file_name().to_string_lossy().into_owned();
        let replaced = name.strip_prefix(ASIDE).map(|name| output.join(name));
        match replaced {
            Some(edition) if !edition.exists() => drop(fs::rename(entry.path(), edition)),
            Some(_) => drop(fs::remove_dir_all(entry.path())),
            None if name.starts_with(DRAFT) => drop(fs::remove_dir_all(entry.path())),
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &[u8] = br#"{"format": 1, "identifier": "x", "packs": []}"#;

    #[test]
    fn a_folder_that_is_no_edition_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("data")).unwrap();
        fs::write(folder.path().join("data/kept.csv"), b"a").unwrap();
        let staging = Staging::open(folder.path()).unwrap();
        staging.write("manifest.json", MANIFEST).unwrap();
        assert!(staging.publish("data").is_err());
        assert!(folder.path().join("data/kept.csv").exists());
    }

    #[test]
    fn a_new_edition_replaces_the_old_one_whole() {
        let folder = tempfile::tempdir().unwrap();
        let first = Staging::open(folder.path()).unwrap();
        first.write("a/one.txt", b"1").unwrap();
        first.write("manifest.json", MANIFEST).unwrap();
        first.publish("e").unwrap();
        let second = Staging::open(folder.path()).unwrap();
        second.write("two.txt", b"2").unwrap();
        let published = second.publish("e").unwrap();
        assert!(!published.join("a").exists() && published.join("two.txt").exists());
        let hidden = fs::read_dir(folder.path())
            .unwrap()
            .filter_map(Result::ok)
            .filter(|entry| entry.file_name().to_string_lossy().starts_with(DRAFT));
        assert_eq!(hidden.count(), 0);
    }

    #[test]
    fn a_file_system_that_cannot_exchange_folders_loses_no_edition() {
        let folder = tempfile::tempdir().unwrap();
        let [old, new, aside] = ["e", ".staging-1", ".replaced-e"].map(|name| folder.path().join(name));
        for (path, words) in [(&old, "old"), (&new, "new")] {
            fs::create_dir(path).unwrap();
            fs::write(path.join("x"), words).unwrap();
        }
        swap_in_two_steps(&new, &old).unwrap();
        assert_eq!([&old, &new].map(|path| fs::read_to_string(path.join("x")).unwrap()), ["new", "old"]);
        assert!(swap_in_two_steps(&folder.path().join("none"), &old).is_err());
        assert_eq!(fs::read_to_string(old.join("x")).unwrap(), "new", "a failure puts it back");
        // Killed between the two renames.
        fs::rename(&old, &aside).unwrap();
        drop(Staging::open(folder.path()).unwrap());
        assert_eq!(fs::read_to_string(old.join("x")).unwrap(), "new");
        assert!(!aside.exists() && !new.exists());
        // Killed after both.
        fs::create_dir(&aside).unwrap();
        drop(Staging::open(folder.path()).unwrap());
        assert!(old.exists() && !aside.exists());
    }

    #[test]
    fn a_staging_that_is_not_published_leaves_nothing_and_keeps_others_out() {
        let folder = tempfile::tempdir().unwrap();
        let staging = Staging::open(folder.path()).unwrap();
        staging.write("x", b"x").unwrap();
        assert!(Staging::open(folder.path()).is_err());
        drop(staging);
        assert!(Staging::open(folder.path()).is_ok());
    }
}
