//! Reading a PDF back: the files it carries and the text of its pages. The only room that names lopdf's types.
//!
//! A PDF that is read here may come from anyone. What it can cost is bounded (see [`LARGEST_STREAM`] and the constants
//! beside it), and what cannot be read is a problem, never a panic.

mod font;
mod text;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::catch_unwind;

use lopdf::{Dictionary, Document, LoadOptions, Object, ObjectId, Stream};

use crate::diagnostic::{Diagnostic, Outcome};

/// The most that one stream may hold when it is unpacked.
const LARGEST_STREAM: usize = 64 << 20;
/// The most that all streams read from one document may hold together.
const LARGEST_TOTAL: usize = 256 << 20;
/// How deep a tree inside the document may go.
const DEEPEST: usize = 32;
/// The most attachments, and the most pages, that a document may have.
const MOST: usize = 10_000;

/// The files that a PDF carries: name and content, in order of name.
pub fn attachments(bytes: &[u8]) -> Outcome<Vec<(String, Vec<u8>)>> {
    guarded(|| File::open(bytes)?.attachments())
}

/// The text of each page, in the order in which the document draws it: for a tagged document, the reading order.
/// Lines end with a line feed; where a document says how a sign reads (`ActualText`), it reads so.
pub fn page_texts(bytes: &[u8]) -> Outcome<Vec<String>> {
    guarded(|| text::page_texts(&File::open(bytes)?))
}

/// What went wrong, before it has become a problem.
pub(crate) type Read<T> = Result<T, String>;

/// Runs a piece of reading. lopdf forbids unsafe code, so a panic of its parser, which this turns into a problem,
/// leaves nothing behind.
fn guarded<T>(read: impl FnOnce() -> Read<T> + std::panic::UnwindSafe) -> Outcome<T> {
    let read = catch_unwind(read).unwrap_or_else(|_| Err("its structure makes no sense".to_string()));
    read.map_err(|words| {
        Diagnostic::fault("pdf-unreadable", format!("the PDF cannot be read: {words}"))
            .help("get the file again from where it was published")
            .into()
    })
}

/// A document that has been read as far as its objects.
struct File {
    document: Document,
}

/// How many bytes may still be unpacked.
struct Allowance(usize);

impl Allowance {
    fn new() -> Self {
        Allowance(LARGEST_TOTAL)
    }

    /// A stream's content; none where it cannot be unpacked, an error where that would be too much.
    fn unpack(&mut self, stream: &Stream) -> Read<Option<Vec<u8>>> {
        let most = self.0.min(LARGEST_STREAM);
        let found = match stream.get_plain_content_with_limit(most) {
            Ok(content) if content.len() <= most => content,
            Ok(_) | Err(lopdf::Error::Decompress(lopdf::DecompressError::MemoryLimitExceeded { .. })) => {
                return Err(format!("it holds more than {} MiB", most >> 20));
            }
            Err(_) => return Ok(None),
        };
        self.0 -= found.len();
        Ok(Some(found))
    }
}

impl File {
    fn open(bytes: &[u8]) -> Read<File> {
        if !bytes.get(..1024.min(bytes.len())).unwrap_or_default().windows(5).any(|found| found == b"%PDF-") {
            return Err("it is not a PDF".to_string());
        }
        let options = LoadOptions::with_max_decompressed_size(LARGEST_STREAM);
        let document = Document::load_mem_with_options(bytes, options).map_err(|error| error.to_string())?;
        if document.is_encrypted() {
            return Err("it is encrypted".to_string());
        }
        Ok(File { document })
    }

    /// What an object stands for, if it is a reference.
    fn real<'a>(&'a self, object: &'a Object) -> &'a Object {
        self.document.dereference(object).map_or(object, |(_, real)| real)
    }

    fn dictionary<'a>(&'a self, object: &'a Object) -> Option<&'a Dictionary> {
        match self.real(object) {
            Object::Dictionary(dictionary) => Some(dictionary),
            Object::Stream(stream) => Some(&stream.dict),
            _ => None,
        }
    }

    fn child<'a>(&'a self, parent: &'a Dictionary, key: &str) -> Option<&'a Object> {
        parent.get(key.as_bytes()).ok().map(|object| self.real(object))
    }

    fn child_dictionary<'a>(&'a self, parent: &'a Dictionary, key: &str) -> Option<&'a Dictionary> {
        self.dictionary(parent.get(key.as_bytes()).ok()?)
    }

    fn child_array<'a>(&'a self, parent: &'a Dictionary, key: &str) -> &'a [Object] {
        self.child(parent, key).and_then(|array| array.as_array().ok()).map_or(&[], Vec::as_slice)
    }

    fn words(&self, parent: &Dictionary, key: &str) -> Option<String> {
        lopdf::decode_text_string(self.child(parent, key)?).ok()
    }

    fn pages(&self) -> Read<Vec<ObjectId>> {
        let pages: Vec<ObjectId> = self.document.page_iter().take(MOST + 1).collect();
        if pages.len() > MOST { Err(format!("it has more than {MOST} pages")) } else { Ok(pages) }
    }

    fn attachments(&self) -> Read<Vec<(String, Vec<u8>)>> {
        let names = self.document.catalog().ok().and_then(|catalogue| self.child_dictionary(catalogue, "Names"));
        let Some(root) = names.and_then(|names| self.child_dictionary(names, "EmbeddedFiles")) else {
            return Ok(Vec::new());
        };
        let mut files = Files { found: BTreeMap::new(), seen: BTreeSet::new(), allowance: Allowance::new() };
        self.branch(root, DEEPEST, &mut files)?;
        Ok(files.found.into_iter().collect())
    }

    /// Collects the files of one branch of the name tree.
    fn branch(&self, node: &Dictionary, depth: usize, files: &mut Files) -> Read<()> {
        for kid in self.child_array(node, "Kids") {
            // A tree has each branch once; a circle would have no end.
            let new = kid.as_reference().map_or(true, |id| files.seen.insert(id));
            if let Some(kid) = self.dictionary(kid).filter(|_| new && depth > 0) {
                self.branch(kid, depth - 1, files)?;
            }
        }
        for pair in self.child_array(node, "Names").chunks(2) {
            let [name, file] = pair else { continue };
            if files.found.len() >= MOST {
                return Err(format!("it carries more than {MOST} files"));
            }
            if let Some((name, content)) = self.attachment(name, file, &mut files.allowance)? {
                files.found.insert(name, content);
            }
        }
        Ok(())
    }

    fn attachment(&self, name: &Object, file: &Object, allowance: &mut Allowance) -> Read<Option<(String, Vec<u8>)>> {
        let Some(file) = self.dictionary(file) else { return Ok(None) };
        let own = || lopdf::decode_text_string(self.real(name)).ok();
        let name = self.words(file, "UF").or_else(|| self.words(file, "F")).or_else(own);
        let inside = self.child_dictionary(file, "EF");
        let stream = inside.and_then(|inside| self.child(inside, "UF").or_else(|| self.child(inside, "F")));
        let (Some(name), Some(Object::Stream(stream))) = (name, stream) else { return Ok(None) };
        match allowance.unpack(stream)? {
            Some(content) => Ok(Some((name, content))),
            None => Err(format!("its attachment {name} is damaged")),
        }
    }
}

/// Attachments on their way.
struct Files {
    found: BTreeMap<String, Vec<u8>>,
    seen: BTreeSet<ObjectId>,
    allowance: Allowance,
}

#[cfg(test)]
mod tests;
