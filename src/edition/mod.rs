//! Editions: packs filled and set, and published together with a manifest, whole or not at all.

mod build;
mod evidence;
mod inputs;
mod lint;
mod manifest;
mod publish;
mod workshop;

pub use build::{BuildOptions, Built, build, check_templates};
pub use evidence::{CLAIMS, CellNote, FIGURES, MANIFEST, PackManifest, QUERIES, SourceNote, page_hash};
pub(crate) use evidence::{cells, sources};
pub use lint::lint;
pub use manifest::Manifest;
