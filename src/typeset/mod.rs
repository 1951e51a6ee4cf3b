//! The only place that talks to Typst: source in, accessible PDF out.
//!
//! PDFs are PDF/UA-1 (tagged, titled, with alternative text) and PDF/A-3a (archival, with
//! attachments). Fonts are part of the program, the clock is the edition's date, and files are those
//! under the templates folder and the evidence made for the pack: nothing of the machine gets in.

mod colour;
mod fonts;
mod layout;
mod outline;
mod pages;
mod problems;
mod prose;
mod world;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::civil::Date;
use typst::foundations::{Datetime, Smart};
use typst::model::Document;
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

pub use colour::{Colour, WHITE, contrast};
pub use fonts::Fonts;
pub use layout::Layout;
pub use pages::{Element, Part, Spot, Words};
pub use prose::{Passage, passages};
use world::{PackWorld, SharedFiles};

use crate::diagnostic::{Diagnostic, Outcome, Place, Problems};
use crate::frame::Scalar;

/// After how many packs the cached parts of layouts are looked through. Looking takes time in proportion to all that is
/// cached, so it is not done after each.
const ROUND: usize = 4;
/// How many such rounds a cached part of a layout outlives its last use by.
const CACHE_AGE: usize = 1;

/// The version of Typst.
pub const TYPST_VERSION: &str = "0.15.1";

/// A pack to set.
pub struct Job<'a> {
    /// Typst source of the whole pack.
    pub source: &'a str,
    /// Files to attach.
    pub evidence: Vec<Attachment>,
    /// The contents of those that depend on the layout, in order.
    pub late: &'a dyn Fn(&Layout) -> Vec<Vec<u8>>,
    /// A name that identifies the pack in every edition.
    pub identity: String,
    /// The place in a template for a byte range of the source.
    pub place: &'a dyn Fn(&str, std::ops::Range<usize>) -> Place,
}

/// A file carried inside a PDF.
#[derive(Clone, Debug)]
pub struct Attachment {
    /// File name.
    pub name: String,
    /// Media type.
    pub media_type: &'static str,
    /// What it is, in words.
    pub description: String,
    /// How it relates to the document: `data`, `source` or `supplement`.
    pub relationship: &'static str,
    /// Content; none if it depends on the layout.
    pub content: Option<Vec<u8>>,
}

/// A pack that has been set.
pub struct Printed {
    /// The PDF.
    pub pdf: Vec<u8>,
    /// Number of pages.
    pub pages: usize,
    /// The title that the document gives itself.
    pub title: Option<String>,
    /// Warnings of the typesetter.
    pub warnings: Problems,
}

/// The pages of a pack that was laid out and not written.
pub struct Seen<'a> {
    /// What stands on them, in order.
    pub parts: Vec<Part>,
    /// What stands on which page.
    pub layout: Layout,
    /// The document's title.
    pub title: Option<String>,
    /// The document's language, such as `en-GB`.
    pub language: Option<String>,
    world: &'a PackWorld,
    back: &'a dyn Fn(&str, std::ops::Range<usize>) -> Place,
}

impl Seen<'_> {
    /// The place in a template or library that a part comes from.
    pub fn place(&self, spot: Spot) -> Option<Place> {
        problems::place(spot.0.into(), self.world, self.back)
    }

    /// The place in a template behind an offset of the pack's own source.
    pub fn place_at(&self, offset: usize) -> Place {
        (self.back)(self.world.main_source().text(), offset..offset + 1)
    }

    /// The offset in the pack's own source that a part comes from.
    pub fn offset(&self, spot: Spot) -> Option<usize> {
        layout::place(self.world.main_source(), spot.0).map(|range| range.start)
    }
}

/// Sets packs. Shared by all threads.
pub struct Press {
    fonts: Arc<Fonts>,
    files: Arc<SharedFiles>,
    date: Date,
    /// How many packs have been set.
    set: AtomicUsize,
}

impl Press {
    /// A press for the templates in a folder; `date` is the only date it knows. Libraries of templates find the book's
    /// brand in `sys.inputs.brand`, so that a book is styled without a change to them.
    pub fn new(fonts: Arc<Fonts>, folder: &Path, date: Date, brand: &[(String, Scalar)]) -> Press {
        Press { fonts, files: Arc::new(SharedFiles::new(folder, brand)), date, set: AtomicUsize::new(0) }
    }

    /// Sets one pack.
    pub fn print(&self, job: &Job<'_>) -> Outcome<Printed> {
        let source = format!("{}{}", job.source, attachments(&job.evidence));
        let world = PackWorld::new(&self.fonts, &self.files, source, job, self.today());
        let printed = self.compile(&world, job);
        // Also after a failure: what a failed pack left behind would stay for good.
        self.evict();
        printed
    }

    /// Lays out one pack and looks at its pages; writes nothing.
    pub fn look<T>(&self, job: &Job<'_>, look: impl FnOnce(&Seen<'_>) -> T) -> Outcome<T> {
        let world = PackWorld::new(&self.fonts, &self.files, job.source.to_string(), job, self.today());
        let compiled = typst::compile::<PagedDocument>(&world);
        let looked = compiled.output.map_err(|errors| problems::read(&errors, &world, job.place)).map(|document| {
            let info = document.info();
            look(&Seen {
                parts: pages::read(&document),
                layout: layout::read(&document, world.main_source()),
                title: info.title.as_ref().map(|title| title.to_string()),
                language: info.locale.map(|locale| locale.rfc_3066().to_string()).custom(),
                world: &world,
                back: job.place,
            })
        });
        self.evict();
        looked
    }

    fn evict(&self) {
        if self.set.fetch_add(1, Ordering::Relaxed) % ROUND == ROUND - 1 {
            comemo::evict(CACHE_AGE);
        }
    }

    fn compile(&self, world: &PackWorld, job: &Job<'_>) -> Outcome<Printed> {
        let compiled = typst::compile::<PagedDocument>(world);
        let shown = |found: &[typst::diag::SourceDiagnostic]| problems::read(found, world, job.place);
        let warnings = shown(&compiled.warnings);
        let document = compiled.output.map_err(|errors| shown(&errors))?;
        if !job.evidence.is_empty() {
            let layout = layout::read(&document, world.main_source());
            world.complete((job.late)(&layout));
        }
        let pdf = typst_pdf::pdf(&document, &self.options(job)?).map_err(|errors| shown(&errors))?;
        let title = document.info().title.as_ref().map(ToString::to_string);
        Ok(Printed { pdf, pages: document.pages().len(), title, warnings })
    }

    fn options(&self, job: &Job<'_>) -> Outcome<PdfOptions> {
        let standards = PdfStandards::new(&[PdfStandard::Ua_1, PdfStandard::A_3a])
            .map_err(|error| Diagnostic::fault("pdf-standards", error.message().to_string()))?;
        Ok(PdfOptions {
            ident: Smart::Custom(job.identity.clone()),
            creator: Smart::Custom(Some(format!("Candour {}", env!("CARGO_PKG_VERSION")))),
            timestamp: self.today().map(Timestamp::new_utc),
            standards,
            ..PdfOptions::default()
        })
    }

    fn today(&self) -> Option<Datetime> {
        let month = u8::try_from(self.date.month()).ok()?;
        let day = u8::try_from(self.date.day()).ok()?;
        Datetime::from_ymd_hms(i32::from(self.date.year()), month, day, 0, 0, 0)
    }
}

/// Typst code that attaches the evidence.
fn attachments(evidence: &[Attachment]) -> String {
    let calls = evidence.iter().map(|file| {
        format!(
            "\n#pdf.attach(\"/{}\", relationship: \"{}\", mime-type: \"{}\", description: \"{}\")",
            file.name, file.relationship, file.media_type, file.description
        )
    });
    calls.collect()
}
