//! Reading a PDF the way a checker of accessibility does: its tags, properties, attachments and text.

use std::collections::BTreeMap;

use lopdf::{Dictionary, Document, Object};

/// A PDF that has been read.
pub struct Pdf {
    document: Document,
    texts: Vec<String>,
}

/// A tag of the structure tree and what it contains.
#[derive(Debug)]
pub struct Tag {
    pub kind: String,
    pub alt: Option<String>,
    pub children: Vec<Tag>,
}

impl Tag {
    /// This tag and all below it.
    pub fn all(&self) -> Vec<&Tag> {
        let below = self.children.iter().flat_map(Tag::all);
        std::iter::once(self).chain(below).collect()
    }

    /// All tags of one kind, this one and below.
    pub fn of_kind(&self, kind: &str) -> Vec<&Tag> {
        self.all().into_iter().filter(|tag| tag.kind == kind).collect()
    }
}

impl Pdf {
    /// Reads a PDF from its bytes.
    pub fn read(bytes: &[u8]) -> Pdf {
        let document = Document::load_mem(bytes).expect("a PDF that can be read");
        // The program's own reader: another test compares it with a reader that is not ours.
        Pdf { document, texts: candour::pdf::page_texts(bytes).expect("text that can be read") }
    }

    /// The number of pages.
    pub fn pages(&self) -> usize {
        self.document.get_pages().len()
    }

    /// The text of a page, from 1, with single spaces.
    pub fn page_text(&self, page: usize) -> String {
        one_line(&self.texts[page - 1])
    }

    /// The text of all pages, with single spaces.
    pub fn text(&self) -> String {
        (1..=self.pages()).map(|page| self.page_text(page)).collect::<Vec<_>>().join(" ")
    }

    /// The document's title.
    pub fn title(&self) -> Option<String> {
        self.property(b"Title")
    }

    /// A property of the document.
    pub fn property(&self, name: &[u8]) -> Option<String> {
        let information = self.document.trailer.get(b"Info").ok()?;
        self.words(self.dictionary(information)?, name)
    }

    /// The document's language.
    pub fn language(&self) -> Option<String> {
        self.words(self.catalogue(), b"Lang")
    }

    /// Whether the document says that it is tagged.
    pub fn marked(&self) -> bool {
        let marks = self.catalogue().get(b"MarkInfo").ok().and_then(|marks| self.dictionary(marks));
        marks.and_then(|marks| marks.get(b"Marked").ok()?.as_bool().ok()).unwrap_or(false)
    }

    /// Whether a reader shows the title and not the file's name.
    pub fn shows_title(&self) -> bool {
        let settings = self.catalogue().get(b"ViewerPreferences").ok().and_then(|settings| self.dictionary(settings));
        settings.and_then(|settings| settings.get(b"DisplayDocTitle").ok()?.as_bool().ok()).unwrap_or(false)
    }

    /// The metadata (XMP), where a document says which standards it keeps.
    pub fn metadata(&self) -> String {
        let stream = self.catalogue().get(b"Metadata").and_then(|metadata| self.real(metadata).as_stream());
        let bytes = stream.expect("a document has metadata").get_plain_content().expect("metadata that can be read");
        String::from_utf8(bytes).expect("metadata is UTF-8")
    }

    /// Everything that a reader can see or hear, without white space: text, alternative text, properties, links.
    pub fn everything(&self) -> String {
        let tags = self.tags();
        let alternatives = tags.all().into_iter().filter_map(|tag| tag.alt.clone());
        let links = self.document.objects.values().filter_map(|object| self.link(object));
        let properties = [self.text(), self.metadata()].into_iter();
        squeezed(&properties.chain(alternatives).chain(links).collect::<Vec<_>>().join(" "))
    }

    /// Where a link annotation leads.
    fn link(&self, object: &Object) -> Option<String> {
        let action = self.dictionary(object.as_dict().ok()?.get(b"A").ok()?)?;
        let target = self.real(action.get(b"URI").ok()?).as_str().ok()?;
        Some(String::from_utf8_lossy(target).into_owned())
    }

    /// The structure tree, from its root.
    pub fn tags(&self) -> Tag {
        let root = self.catalogue().get(b"StructTreeRoot").expect("a tagged document has a structure tree");
        let root = self.dictionary(root).expect("the structure tree is a dictionary");
        Tag { kind: "root".into(), alt: None, children: self.children(root) }
    }

    fn children(&self, parent: &Dictionary) -> Vec<Tag> {
        let Ok(inside) = parent.get(b"K") else { return Vec::new() };
        let items = match self.real(inside) {
            Object::Array(items) => items.iter().collect(),
            one => vec![one],
        };
        items.into_iter().filter_map(|item| self.tag(item)).collect()
    }

    /// A structure element; content (a number or a reference to marked content) is none.
    fn tag(&self, object: &Object) -> Option<Tag> {
        let dictionary = self.dictionary(object)?;
        let kind = String::from_utf8_lossy(dictionary.get(b"S").ok()?.as_name().ok()?).into_owned();
        Some(Tag { kind, alt: self.words(dictionary, b"Alt"), children: self.children(dictionary) })
    }

    /// Attached files by name.
    pub fn attachments(&self) -> BTreeMap<String, Vec<u8>> {
        let files = self.catalogue().get(b"Names").ok().and_then(|names| self.dictionary(names));
        let files = files.and_then(|names| self.dictionary(names.get(b"EmbeddedFiles").ok()?));
        let mut found = BTreeMap::new();
        if let Some(files) = files {
            self.name_tree(files, &mut found);
        }
        found
    }

    fn name_tree(&self, node: &Dictionary, found: &mut BTreeMap<String, Vec<u8>>) {
        for kid in &self.array(node, b"Kids") {
            self.name_tree(self.dictionary(kid).expect("a branch of a name tree"), found);
        }
        for pair in self.array(node, b"Names").chunks(2) {
            let file = self.dictionary(&pair[1]).expect("a file specification");
            let name = self.words(file, b"UF").expect("an attachment has a name");
            let inside =
                file.get(b"EF").ok().and_then(|inside| self.dictionary(inside)).expect("an attachment has content");
            let stream =
                inside.get(b"F").and_then(|stream| self.real(stream).as_stream()).expect("content is a stream");
            found.insert(name, stream.get_plain_content().expect("content that can be read"));
        }
    }

    fn array(&self, dictionary: &Dictionary, key: &[u8]) -> Vec<Object> {
        let found = dictionary.get(key).and_then(|object| self.real(object).as_array());
        found.cloned().unwrap_or_default()
    }

    fn catalogue(&self) -> &Dictionary {
        self.document.catalog().expect("a PDF has a catalogue")
    }

    fn words(&self, dictionary: &Dictionary, key: &[u8]) -> Option<String> {
        lopdf::decode_text_string(self.real(dictionary.get(key).ok()?)).ok()
    }

    fn dictionary<'a>(&'a self, object: &'a Object) -> Option<&'a Dictionary> {
        self.real(object).as_dict().ok()
    }

    /// What an object stands for, if it is a reference.
    fn real<'a>(&'a self, object: &'a Object) -> &'a Object {
        self.document.dereference(object).map_or(object, |(_, real)| real)
    }
}

/// Text with every run of white space as one space, and without the invisible marks that keep words together.
pub fn one_line(text: &str) -> String {
    let seen: String = text.chars().filter(|c| !matches!(c, '\u{200b}' | '\u{2060}' | '\u{ad}')).collect();
    seen.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Text without any white space. Where a document says of a letter how it reads, lopdf begins a new piece of text in
/// the middle of a word or number; this takes the pieces together again. In small letters, because a library may begin
/// a sentence with a value.
pub fn squeezed(text: &str) -> String {
    one_line(text).replace(' ', "").to_lowercase()
}
