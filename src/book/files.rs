//! Reading files of a book or a data folder, and nothing outside them.

use std::path::{Component, Path, PathBuf};

use crate::diagnostic::{Diagnostic, Outcome, Place, Problems, io_problem};

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

/// Names of all files under a folder, relative to it, sorted; none if there is no such folder. Hidden files and
/// folders are left out; symbolic links are listed but not followed into folders. What cannot be listed is a problem,
/// not a gap.
pub fn list_files(root: &Path) -> Outcome<Vec<String>> {
    let (mut names, mut problems) = (Vec::new(), Problems::none());
    if !root.exists() {
        return Ok(names);
    }
    let visible =
        |entry: &walkdir::DirEntry| entry.depth() == 0 || !entry.file_name().to_string_lossy().starts_with('.');
    for entry in walkdir::WalkDir::new(root).into_iter().filter_entry(visible) {
        match entry {
            Ok(entry) if entry.file_type().is_file() || entry.file_type().is_symlink() => {
                match name_within(root, entry.path()) {
                    Some(name) => names.push(name),
                    None => problems.push(Diagnostic::fault(
                        "file-name",
                        format!("{} is not a name in UTF-8", entry.path().display()),
                    )),
                }
            }
            Ok(_) => {}
            Err(error) => {
                let path = error.path().unwrap_or(root).display().to_string();
                problems.push(Diagnostic::fault("io", format!("could not list {path}")).help("check who may read it"));
            }
        }
    }
    names.sort();
    problems.or(names)
}

fn name_within(root: &Path, path: &Path) -> Option<String> {
    let relative = path.strip_prefix(root).ok()?;
    let parts: Option<Vec<&str>> = relative.components().map(|part| part.as_os_str().to_str()).collect();
    Some(parts?.join("/"))
}
