//! Typst's view of the outside: fonts, the edition's date, the templates folder, the evidence.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use sha2::{Digest, Sha256};

use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Dict, Duration, IntoValue, Value};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};

use super::{Attachment, Fonts, Job};
use crate::book::resolve_within;
use crate::frame::Scalar;

/// Files under the templates folder, read once for all packs.
pub(super) struct SharedFiles {
    folder: PathBuf,
    library: LazyHash<Library>,
    bytes: Mutex<BTreeMap<String, FileResult<Bytes>>>,
    sources: Mutex<BTreeMap<String, FileResult<Source>>>,
}

impl SharedFiles {
    /// The files of a folder; `brand` is what they read as `sys.inputs.brand`.
    pub fn new(folder: &Path, brand: &[(String, Scalar)]) -> Self {
        let brand: Dict = brand.iter().map(|(key, value)| (key.as_str().into(), brand_value(value))).collect();
        let inputs = Dict::from_iter([("brand".into(), brand.into_value())]);
        SharedFiles {
            folder: folder.to_path_buf(),
            library: LazyHash::new(Library::builder().with_inputs(inputs).build()),
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

/// A value of the book's brand, as Typst knows it.
fn brand_value(value: &Scalar) -> Value {
    match value {
        Scalar::Missing => Value::None,
        Scalar::Boolean(value) => Value::Bool(*value),
        Scalar::Integer(value) => Value::Int(*value),
        Scalar::Number(value) => Value::Float(*value),
        Scalar::Text(_) | Scalar::Date(_) | Scalar::Suppressed(_) => Value::Str(value.to_string().into()),
    }
}

/// The world of one pack.
pub(super) struct PackWorld {
    fonts: Arc<Fonts>,
    shared: Arc<SharedFiles>,
    main: Source,
    evidence: BTreeMap<String, Bytes>,
    late: Vec<Arc<OnceLock<Vec<u8>>>>,
    today: Option<Datetime>,
}

/// A file whose content is known only when the pages are: which figure stands on which page.
///
/// Until then it holds a text of its own for each pack, by which Typst's memory of earlier work tells it apart. Nothing
/// in the pages can depend on it, because templates cannot name it; it is read when the PDF is written.
struct LateFile {
    until_then: Vec<u8>,
    content: Arc<OnceLock<Vec<u8>>>,
}

impl AsRef<[u8]> for LateFile {
    fn as_ref(&self) -> &[u8] {
        self.content.get().unwrap_or(&self.until_then)
    }
}

/// The name under which a pack's own source is known.
const MAIN: &str = "/.filled-template.typ";

impl PackWorld {
    pub fn new(
        fonts: &Arc<Fonts>,
        shared: &Arc<SharedFiles>,
        source: String,
        job: &Job<'_>,
        today: Option<Datetime>,
    ) -> Self {
        let mut late = Vec::new();
        // The evidence lies at the root, because a PDF shows an attachment by its whole path.
        let mut bytes = |file: &Attachment| match &file.content {
            Some(content) => Bytes::new(content.clone()),
            None => {
                let content = Arc::new(OnceLock::new());
                late.push(Arc::clone(&content));
                let until_then = format!("{} of {} {}", file.name, job.identity, crate::hex(&Sha256::digest(&source)));
                Bytes::new(LateFile { until_then: until_then.into_bytes(), content })
            }
        };
        let evidence = job.evidence.iter().map(|file| (file.name.clone(), bytes(file))).collect();
        PackWorld {
            fonts: Arc::clone(fonts),
            shared: Arc::clone(shared),
            main: Source::new(main_id(), source),
            evidence,
            late,
            today,
        }
    }

    /// Fills the late files, in order.
    pub fn complete(&self, contents: Vec<Vec<u8>>) {
        for (file, content) in self.late.iter().zip(contents) {
            let _ = file.set(content);
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
