//! Running the real program on a copy of a book, and looking at what it leaves behind.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use regex::Regex;
use serde_json::Value;
use tempfile::TempDir;

use super::pdf::Pdf;

/// The project's own folder.
pub fn project() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// What a run of the program gave.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub stdout: Vec<u8>,
    /// What was said to people, with the machine's own paths and times taken out.
    pub stderr: String,
}

impl Run {
    /// Standard output as text.
    pub fn text(&self) -> String {
        String::from_utf8(self.stdout.clone()).expect("standard output is UTF-8")
    }

    /// Standard output as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.stdout).unwrap_or_else(|error| panic!("not JSON ({error}): {}", self.text()))
    }

    /// Asserts the exit code, and that the program did not fall over.
    #[track_caller]
    pub fn expect(self, code: i32) -> Run {
        for words in ["panicked at", "RUST_BACKTRACE", "internal error"] {
            assert!(!self.stderr.contains(words), "the program fell over:\n{}", self.stderr);
        }
        assert_eq!(self.code, code, "exit code {} instead of {code}:\n{}", self.code, self.stderr);
        self
    }
}

/// A book in a folder of its own, with a place for its editions.
pub struct Book {
    folder: TempDir,
}

impl Book {
    /// A copy of a fixture under `tests/books`.
    pub fn fixture(name: &str) -> Book {
        Book::copy(&project().join("tests/books").join(name))
    }

    /// A copy of the book in a folder, without its editions.
    pub fn copy(source: &Path) -> Book {
        let book = Book::nothing();
        for part in ["candour.toml", "queries", "report-templates", "data"] {
            copy_all(&source.join(part), &book.path(part));
        }
        book
    }

    /// No book at all: an empty folder.
    pub fn nothing() -> Book {
        let folder = tempfile::tempdir().expect("a folder for temporary files");
        let book = Book { folder };
        fs::create_dir(book.root()).expect("a folder for the book");
        book
    }

    /// The folder that holds the book and its output.
    fn base(&self) -> PathBuf {
        self.folder.path().canonicalize().expect("the book's folder")
    }

    /// The book's folder.
    pub fn root(&self) -> PathBuf {
        self.base().join("book")
    }

    /// Where its editions go.
    pub fn output(&self) -> PathBuf {
        self.base().join("output")
    }

    /// A file of the book.
    pub fn path(&self, name: &str) -> PathBuf {
        self.root().join(name)
    }

    /// The text of a file of the book.
    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Writes a file of the book.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a file has a folder")).expect("a folder in the book");
        fs::write(&path, content).unwrap_or_else(|error| panic!("{name}: {error}"));
    }

    /// Replaces a passage of a file. The passage must be there, so that no test spoils nothing.
    #[track_caller]
    pub fn edit(&self, name: &str, from: &str, to: &str) {
        let text = self.read(name);
        assert!(text.contains(from), "{name} does not contain {from:?}");
        self.write(name, text.replacen(from, to, 1));
    }

    /// Adds to the end of a file.
    pub fn append(&self, name: &str, text: &str) {
        self.write(name, format!("{}{text}", self.read(name)));
    }

    /// Puts in place of a file a link to a file outside the book that holds the same.
    pub fn link_outside(&self, name: &str) {
        let outside = self.base().join("outside");
        fs::rename(self.path(name), &outside).expect("the file to link to");
        std::os::unix::fs::symlink(&outside, self.path(name)).expect("a symbolic link");
    }

    /// The program with some arguments, on this book and its output folder.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program(arguments);
        command.arg("--book").arg(self.root()).arg("--output").arg(self.output());
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Run {
        self.finish(&mut self.command(arguments))
    }

    /// Runs a prepared command to its end.
    pub fn finish(&self, command: &mut Command) -> Run {
        let output = command.output().expect("the program starts");
        self.seen(output)
    }

    /// What a run gave, with this book's paths taken out.
    fn seen(&self, output: Output) -> Run {
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        let code = output.status.code().unwrap_or(-1);
        Run { code, stdout: output.stdout, stderr: self.normal(&words) }
    }

    /// Words without what differs from machine to machine.
    fn normal(&self, words: &str) -> String {
        let mut words = words.replace(&*self.output().to_string_lossy(), "[OUT]");
        words = words.replace(&*self.root().to_string_lossy(), "[BOOK]");
        words = words.replace(&*self.base().to_string_lossy(), "[BASE]");
        for (pattern, mark) in [
            (r"\(\d+\.\d+ s\)", "([TIME])"),
            (r"\b[0-9a-f]{12} in \[OUT\]", "[ID] in [OUT]"),
            (r"staging-\d+", "staging-[PID]"),
        ] {
            words = Regex::new(pattern).expect("a pattern").replace_all(&words, mark).into_owned();
        }
        words
    }

    /// Builds, which must succeed, and gives the edition.
    #[track_caller]
    pub fn build(&self, arguments: &[&str]) -> Edition {
        let run = self.run(&[&["build"], arguments].concat()).expect(0);
        assert!(run.stdout.is_empty(), "build has no data to print");
        self.edition()
    }

    /// The one edition in the output folder.
    #[track_caller]
    pub fn edition(&self) -> Edition {
        let names = shown_entries(&self.output());
        assert_eq!(names.len(), 1, "one edition expected: {names:?}");
        Edition::open(&self.output().join(&names[0]))
    }
}

/// The program, with some arguments, in a plain environment.
pub fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_candour"));
    command.args(arguments).stdin(Stdio::null()).env_remove("RUST_BACKTRACE");
    command
}

/// Starts a command without waiting for it.
pub fn start(command: &mut Command) -> Child {
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts")
}

/// Names in a folder that are not hidden, sorted.
pub fn shown_entries(folder: &Path) -> Vec<String> {
    entries(folder).into_iter().filter(|name| !name.starts_with('.')).collect()
}

/// Names in a folder, sorted; none if there is no folder.
pub fn entries(folder: &Path) -> Vec<String> {
    let read = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let mut names: Vec<String> = read.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Every file under a folder with its bytes, by path relative to it.
pub fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = walkdir::WalkDir::new(folder).into_iter().map(|entry| entry.expect("a folder that can be read"));
    let files = files.filter(|entry| entry.file_type().is_file());
    files
        .map(|entry| {
            let name =
                entry.path().strip_prefix(folder).expect("a file under the folder").to_string_lossy().into_owned();
            (name, fs::read(entry.path()).expect("a file that can be read"))
        })
        .collect()
}

/// Copies a file, or a folder and all in it.
pub fn copy_all(from: &Path, to: &Path) {
    if from.is_file() {
        fs::copy(from, to).unwrap_or_else(|error| panic!("{}: {error}", from.display()));
        return;
    }
    for (name, bytes) in contents(from) {
        let target = to.join(name);
        fs::create_dir_all(target.parent().expect("a file has a folder")).expect("a folder");
        fs::write(target, bytes).expect("a copied file");
    }
}

/// A published edition.
pub struct Edition {
    pub folder: PathBuf,
    pub manifest: Value,
}

impl Edition {
    /// Reads an edition's manifest.
    pub fn open(folder: &Path) -> Edition {
        let text = fs::read(folder.join("manifest.json")).expect("an edition has a manifest");
        let manifest = serde_json::from_slice(&text).expect("a manifest is JSON");
        Edition { folder: folder.to_path_buf(), manifest }
    }

    /// The packs that the manifest lists.
    pub fn packs(&self) -> &[Value] {
        self.manifest["packs"].as_array().expect("a manifest lists packs")
    }

    /// The files of one kind of pack, as the manifest lists them.
    pub fn files_of(&self, pack: &str) -> Vec<&str> {
        let listed = self.packs().iter().filter(|entry| entry["pack"] == pack);
        listed.map(|entry| entry["file"].as_str().expect("a pack has a file")).collect()
    }

    /// The bytes of a file.
    pub fn bytes(&self, file: &str) -> Vec<u8> {
        fs::read(self.folder.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    /// A pack.
    pub fn pdf(&self, file: &str) -> Pdf {
        Pdf::read(&self.bytes(file))
    }

    /// All its files.
    pub fn contents(&self) -> BTreeMap<String, Vec<u8>> {
        contents(&self.folder)
    }
}

/// Asserts that two editions hold the same bytes, and names the files that differ.
#[track_caller]
pub fn assert_same(one: &BTreeMap<String, Vec<u8>>, other: &BTreeMap<String, Vec<u8>>) {
    assert_eq!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>(), "not the same files");
    let differing: Vec<&String> =
        one.iter().filter(|(name, bytes)| other[*name] != **bytes).map(|(name, _)| name).collect();
    assert!(differing.is_empty(), "{} of {} files differ: {differing:?}", differing.len(), one.len());
}
