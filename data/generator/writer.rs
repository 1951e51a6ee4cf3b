//! Files in the two styles that publishers use.

use std::error::Error;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use csv::{Terminator, WriterBuilder};

pub type Failure = Box<dyn Error>;

#[derive(Clone, Copy, PartialEq)]
pub enum Style {
    /// Byte-order mark and CRLF: the official files.
    Official,
    /// Neither: files that others derived.
    Plain,
}

pub fn write(path: &Path, style: Style, header: &[&str], rows: &[Vec<String>]) -> Result<(), Failure> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = File::create(path).map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    if style == Style::Official {
        file.write_all("\u{feff}".as_bytes())?;
    }
    let terminator = if style == Style::Official { Terminator::CRLF } else { Terminator::Any(b'\n') };
    let mut csv = WriterBuilder::new().terminator(terminator).from_writer(file);
    csv.write_record(header)?;
    for row in rows {
        csv.write_record(row)?;
    }
    csv.flush()?;
    Ok(())
}
