//! Candour: a reproducible, notebook-style report engine.
//!
//! A *book* is a folder of SQL cells, Typst templates and published data. Candour reads the sources by
//! contract, runs the cells in DuckDB, fills the templates, and publishes an *edition*: packs in PDF
//! that carry the evidence for every number in them. See `ARCHITECTURE.md` for the rooms of the house.

#![forbid(unsafe_code)]
// Nothing that a user can feed the program may panic it.
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod book;
pub mod cell;
pub mod cli;
pub mod diagnostic;
pub mod duck;
pub mod edition;
pub mod fetch;
pub mod frame;
pub mod lint;
pub mod notebook;
pub mod pack;
pub mod pdf;
pub mod sheets;
pub mod source;
pub mod stats;
pub mod trace;
pub mod typeset;

/// Hash of this program's own sources, fonts and locked libraries: a part of every fingerprint, so that what an
/// earlier build of the program has kept is not taken for this one's.
pub(crate) const SOURCE_HASH: &str = env!("CANDOUR_SOURCE_HASH");

/// Bytes in lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// SHA-256 of a file's bytes, as hexadecimal. It is never whole in memory.
fn sha256_of(path: &std::path::Path) -> std::io::Result<String> {
    use std::io::Read;

    let mut file = std::fs::File::open(path)?;
    let (mut hash, mut part) = (sha2::Sha256::default(), vec![0; 1 << 17]);
    loop {
        match file.read(&mut part)? {
            0 => return Ok(hex(&sha2::Digest::finalize(hash))),
            read => sha2::Digest::update(&mut hash, &part[..read]),
        }
    }
}

/// SHA-256 of bytes, in lower-case hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&<sha2::Sha256 as sha2::Digest>::digest(bytes))
}
