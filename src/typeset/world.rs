//! Typst's view of the outside: fonts, the edition's date, the templates folder, the evidence.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};

use super::{Attachment, Fonts};
use crate::book::resolve_within;

/// Files under the templates folder, read once for all packs.
pub(super) struct SharedFiles {
    folder: PathBuf,
    library: LazyHash<Library>,
    bytes: Mutex<BTreeMap<String, FileResult<Bytes>>>,
    sources: Mutex<BTreeMap<String, FileResult<Source>>>,
}

impl SharedFiles {
    pub fn new(folder: &Path) -> Self {
        SharedFiles {
            folder: folder.to_path_buf(),
            library: LazyHash::new(Library::default()),
            bytes: Mutex::default(),
            sources: Mutex::default(),
        }
    }

    fn bytes(&self, name: &str) -> FileResult<Bytes> {
        let mut known = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry(name.to_string()).or_insert_with(|| self.read(name)).clone()
    }

    fn read(&self, name: &str) -> FileResult<Bytes> {
        let outside = || FileError::Other(Some(format!("{name} is not in the templates folder").into()));
        // Hidden files are in no list of the book's files, and so in no fingerprint.
        if name.split('/').any(|part| part.starts_with('.')) {
            return Err(FileError::Other(Some(format!("{name} is hidden: rename it").into())));
        }
        if !self.folder.join(name).exists() {
            return Err(FileError::NotFound(PathBuf::from(name)));
        }
        let path = resolve_within(&self.folder, name).map_err(|_| outside())?;
        std::fs::read(&path).map(Bytes::new).map_err(|error| FileError::from_io(error, Path::new(name)))
    }

    fn source(&self, id: FileId, name: &str) -> FileResult<Source> {
        let read = || {
            let bytes = self.bytes(name)?;
            let text = std::str::from_utf8(&bytes).map_err(|_| FileError::InvalidUtf8)?;
            Ok(Source::new(id, text.trim_start_matches('\u{feff}').to_string()))
        };
        if let Some(known) = self.sources.lock().unwrap_or_else(PoisonError::into_inner).get(name) {
            return known.clone();
        }
        let source: FileResult<Source> = read();
        self.sources.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_string(), source.clone());
        source
    }
}

/// The world of one pack.
pub(super) struct PackWorld {
    fonts: Arc<Fonts>,
    shared: Arc<SharedFiles>,
    main: Source,
    evidence: BTreeMap<String, Bytes>,
    today: Option<Datetime>,
}

/// The name under which a pack's own source is known.
const MAIN: &str = "/.filled-template.typ";

impl PackWorld {
    pub fn new(
        fonts: &Arc<Fonts>,
        shared: &Arc<SharedFiles>,
        source: String,
        evidence: &[Attachment],
        today: Option<Datetime>,
    ) -> Self {
        // The evidence lies at the root, because a PDF shows an attachment by its whole path.
        let evidence = evidence.iter().map(|file| (file.name.clone(), Bytes::new(file.content.clone())));
        PackWorld {
            fonts: Arc::clone(fonts),
            shared: Arc::clone(shared),
            main: Source::new(main_id(), source),
            evidence: evidence.collect(),
            today,
        }
    }

    /// The pack's own source.
    pub fn main_source(&self) -> &Source {
        &self.main
    }
}

fn main_id() -> FileId {
    let path = VirtualPath::new(MAIN).unwrap_or_else(|_| unreachable!("a constant path is valid"));
    RootedPath::new(VirtualRoot::Project, path).intern()
}

/// A file's path under the templates folder; packages are not available, because they come from the network.
fn name_of(id: FileId) -> FileResult<String> {
    match id.get().root() {
        VirtualRoot::Project => Ok(id.get().vpath().get_without_slash().to_string()),
        VirtualRoot::Package(_) => Err(FileError::Other(Some(
            "packages are not available: a book uses no network; put the file under report-templates/lib".into(),
        ))),
    }
}

impl World for PackWorld {
    fn library(&self) -> &LazyHash<Library> {
        &self.shared.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        self.fonts.store.book()
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.main.id() {
            return Ok(self.main.clone());
        }
        self.shared.source(id, &name_of(id)?)
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let name = name_of(id)?;
        match self.evidence.get(&name) {
            Some(bytes) => Ok(bytes.clone()),
            None => self.shared.bytes(&name),
        }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.store.font(index)
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        self.today
    }
}
