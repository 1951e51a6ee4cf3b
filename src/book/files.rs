//! Reading files of a book or a data folder, and nothing outside them.

use std::path::{Component, Path, PathBuf};

use crate::diagnostic::{Diagnostic, Outcome, Place, io_problem};

/// A file inside a book or a data folder.
#[derive(Clone, Debug)]
pub struct BookFile {
    /// Path relative to the folder, with `/` between parts.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl BookFile {
    /// The bytes as UTF-8 text, without a byte-order mark.
    pub fn text(self) -> Outcome<String> {
        let bytes = self.bytes.strip_prefix(b"\xef\xbb\xbf").map(<[u8]>::to_vec).unwrap_or(self.bytes);
        String::from_utf8(bytes).map_err(|error| {
            let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let line = valid.iter().filter(|byte| **byte == b'\n').count() + 1;
            let place = Place { line, column: 0, ..Place::file(&*self.name) };
            Diagnostic::fault("not-utf8", format!("{} is not UTF-8 text", self.name))
                .at(place)
                .help("save it as UTF-8")
                .into()
        })
    }
}

/// The real path of a file named relative to a folder. A name that leads outside, by `..`, an absolute
/// path or a symbolic link, is refused.
pub fn resolve_within(root: &Path, name: &str) -> Outcome<PathBuf> {
    let outside = || {
        Diagnostic::fault("outside-the-book", format!("{name} leads outside {}", folder_words(root)))
            .help("a book may read only files inside its own folders; copy the file in")
    };
    let relative = Path::new(name);
    if !relative.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
        return Err(outside().into());
    }
    let root = root.canonicalize().map_err(|error| io_problem("open", root, &error))?;
    let path = root.join(relative);
    let real = path.canonicalize().map_err(|error| io_problem("read", &path, &error))?;
    if real.starts_with(&root) { Ok(real) } else { Err(outside().into()) }
}

fn folder_words(root: &Path) -> String {
    root.file_name().map_or_else(|| "the book".to_string(), |name| format!("the folder {}", name.to_string_lossy()))
}

/// Reads a file named relative to a folder.
pub fn read_within(root: &Path, name: &str) -> Outcome<BookFile> {
    let path = resolve_within(root, name)?;
    let bytes = std::fs::read(&path).map_err(|error| io_problem("read", &path, &error))?;
    Ok(BookFile { name: name.to_string(), bytes })
}

/// Names of all files under a folder, relative to it, sorted. Hidden files and folders are left out;
/// symbolic links are listed but not followed into folders.
pub fn list_files(root: &Path) -> Vec<String> {
    let mut names: Vec<String> = walkdir::WalkDir::new(root)
        .into_iter()
        .filter_entry(|entry| entry.depth() == 0 || !entry.file_name().to_string_lossy().starts_with('.'))
        .filter_map(Result::ok)
        .filter(|entry| !entry.file_type().is_dir())
        .filter_map(|entry| {
            let relative = entry.path().strip_prefix(root).ok()?;
            let parts: Option<Vec<&str>> = relative.components().map(|part| part.as_os_str().to_str()).collect();
            Some(parts?.join("/"))
        })
        .collect();
    names.sort();
    names
}
