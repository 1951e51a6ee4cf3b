//! Editions: packs filled and set, and published together with a manifest, whole or not at all.

mod beside;
mod build;
mod compare;
mod diff;
mod diff_page;
mod diff_report;
mod diff_rows;
mod diff_signal;
mod diff_words;
mod evidence;
mod inputs;
mod lint;
mod manifest;
mod marks;
mod pre_release;
mod publish;
mod published;
mod verify;
mod why;
mod why_words;
mod workshop;

pub use build::{BuildOptions, Built, PackPlan, build, filled, plan};
pub use compare::{ClaimChange, EditionChanges, FigureChange};
pub use diff::{EditionDiff, Reading, diff};
pub use diff_page::diff_pdf;
pub use diff_signal::Signals;
pub use diff_words::diff_words;
pub use evidence::{CLAIMS, CellNote, FIGURES, MANIFEST, PackManifest, QUERIES, SourceNote, page_hash};
pub(crate) use evidence::{cells, sources};
pub use lint::{check_packs, lint};
pub use manifest::{Beside, Manifest, PackEntry};
pub use pre_release::{Copy, Times, read_copies, wall_time};
pub use published::{EditionRecord, PrintedClaim, PrintedFigure, Published, PublishedPack};
pub use verify::{check_bytes, check_folder, check_pack, check_text, compare_editions, compare_packs, edition_folder};
pub use why::{Why, why_packs, why_table};
pub use why_words::why_words;
