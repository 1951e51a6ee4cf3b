//! Editions: packs filled and set, and published together with a manifest, whole or not at all.

mod build;
mod evidence;
mod manifest;
mod publish;

pub use build::{BuildOptions, Built, build, check_templates};
pub use manifest::Manifest;
