//! The data folders that a book reads: one, or several side by side, such as published data in one and an office's own
//! files in another.
//!
//! Files keep their names relative to their folder, so that nothing that is made names a machine; one name in two
//! folders would say two things, and is refused. What a folder says of itself holds for its own files only.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::STATUSES;
use super::files::{list_files, read_within, resolve_within};
use super::settings::Document;
use crate::diagnostic::{Diagnostic, Outcome, Problems};

/// The file in which a data folder says what it is.
const NOTICE_FILE: &str = "data.toml";

/// What a data folder says of itself in `data.toml`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DataNotice {
    /// Status that every source in the folder has.
    pub status: Option<String>,
    /// Words printed on every page.
    pub notice: Option<String>,
    /// Who made the data, where it is not the publishers that the book names.
    pub publisher: Option<String>,
    /// The licence of the data, where it is not the publishers' own.
    pub licence: Option<String>,
}

/// One data folder.
#[derive(Clone, Debug)]
pub struct DataFolder {
    /// Where it is.
    pub path: PathBuf,
    /// What it says of itself.
    pub notice: DataNotice,
}

/// All data folders of a command, in the order in which they were named.
#[derive(Clone, Debug)]
pub struct DataFolders {
    folders: Vec<DataFolder>,
    /// Every file, with the folders that have one of this name.
    files: BTreeMap<String, Vec<usize>>,
}

impl DataNotice {
    /// Reads `data.toml` of a data folder, if it has one.
    pub fn read(folder: &Path) -> Outcome<DataNotice> {
        if !folder.join(NOTICE_FILE).is_file() {
            return Ok(DataNotice::default());
        }
        let text = read_within(folder, NOTICE_FILE)?.text()?;
        Document::whole(NOTICE_FILE, text).read(|table| {
            Some(DataNotice {
                status: table.choice("status", &STATUSES).map(str::to_string),
                notice: table.optional_text("notice"),
                publisher: table.optional_text("publisher"),
                licence: table.optional_text("licence"),
            })
        })
    }
}

impl DataFolders {
    /// Opens folders. None of them may be another, or lie in another: its files would be found twice.
    pub fn open(paths: &[PathBuf]) -> Outcome<DataFolders> {
        let mut problems = Problems::none();
        let mut folders: Vec<DataFolder> = Vec::new();
        for path in paths {
            let Some(real) = path.canonicalize().ok().filter(|real| real.is_dir()) else {
                let problem = Diagnostic::fault("data-not-found", format!("no data folder {}", path.display()));
                problems.push(problem.help("name one with --data"));
                continue;
            };
            let within = folders.iter().find(|one| real.starts_with(&one.path) || one.path.starts_with(&real));
            if let Some(other) = within {
                let words = format!(
                    "{} and {} are one data folder, or one lies in the other",
                    path.display(),
                    other.path.display()
                );
                problems.push(Diagnostic::fault("data-nested", words).help("name each folder once, side by side"));
                continue;
            }
            if let Some(notice) = problems.absorb(DataNotice::read(&real)) {
                folders.push(DataFolder { path: real, notice });
            }
        }
        problems.or(())?;
        Self::list(folders)
    }

    /// One folder with a notice given for it.
    pub fn one(path: &Path, notice: DataNotice) -> Outcome<DataFolders> {
        Self::list(vec![DataFolder { path: path.to_path_buf(), notice }])
    }

    fn list(folders: Vec<DataFolder>) -> Outcome<DataFolders> {
        let mut files: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, folder) in folders.iter().enumerate() {
            for name in list_files(&folder.path)? {
                files.entry(name).or_default().push(at);
            }
        }
        Ok(DataFolders { folders, files })
    }

    /// The folders, in the order in which they were named.
    pub fn folders(&self) -> &[DataFolder] {
        &self.folders
    }

    /// The names of all files, in order of name whichever folder they lie in.
    pub fn names(&self) -> impl Iterator<Item = &String> {
        self.files.keys()
    }

    /// The folder that has a file, by its position.
    pub fn folder_of(&self, file: &str) -> Option<usize> {
        self.files.get(file).and_then(|folders| folders.first()).copied()
    }

    /// Why a name does not say which file is meant, where two folders have it.
    pub fn clash(&self, file: &str) -> Option<Diagnostic> {
        let [one, other, ..] = self.files.get(file)?.as_slice() else { return None };
        let path = |at: &usize| self.folders[*at].path.join(file).display().to_string();
        let problem =
            Diagnostic::check("data-twice", format!("{file} is in two data folders")).note(path(one)).note(path(other));
        Some(problem.help("keep one of them, or rename one so that its source still finds it"))
    }

    /// The real path of a file. What leads out of its folder is refused.
    pub fn resolve(&self, file: &str) -> Outcome<PathBuf> {
        let folder = self.folder_of(file).and_then(|at| self.folders.get(at)).or(self.folders.first());
        let folder = folder.ok_or_else(|| Diagnostic::fault("data-not-found", "no data folder"))?;
        resolve_within(&folder.path, file)
    }

    /// What the folder of a file says of it.
    pub fn notice_of(&self, file: &str) -> DataNotice {
        let folder = self.folder_of(file).and_then(|at| self.folders.get(at));
        folder.map(|folder| folder.notice.clone()).unwrap_or_default()
    }

    /// The words that all folders print, each once.
    pub fn notices(&self) -> BTreeSet<&str> {
        self.folders.iter().filter_map(|folder| folder.notice.notice.as_deref()).collect()
    }

    /// Where people may look for a file.
    pub fn shown(&self) -> String {
        self.folders.iter().map(|folder| folder.path.display().to_string()).collect::<Vec<_>>().join(" and ")
    }
}

/// Notices as one text, each a sentence. They come in order of their words, so that the order in which folders are
/// named changes nothing that is printed.
pub fn joined_notices(notices: &BTreeSet<&str>) -> String {
    let mut text = String::new();
    for notice in notices {
        if !text.is_empty() {
            text.push_str(if text.ends_with(['.', '!', '?']) { " " } else { ". " });
        }
        text.push_str(notice.trim());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notices_are_sentences_of_one_text() {
        assert_eq!(joined_notices(&BTreeSet::new()), "");
        assert_eq!(joined_notices(&BTreeSet::from(["Made up"])), "Made up");
        assert_eq!(joined_notices(&BTreeSet::from(["b.", "a", "c"])), "a. b. c");
    }
}
