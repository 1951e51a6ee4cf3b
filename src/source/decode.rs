//! Bytes to text, with a plain answer where the bytes are something else altogether.

use std::borrow::Cow;

use crate::book::Encoding;
use crate::diagnostic::{Diagnostic, Outcome, Place};

/// What bytes look like, for a person who expected something else.
pub(super) fn looks_like(bytes: &[u8]) -> &'static str {
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(256)]).trim_start().to_lowercase();
    match bytes {
        [] => "but empty",
        [b'P', b'K', 3, 4, ..] => "but a zip archive or a workbook",
        [0xd0, 0xcf, 0x11, 0xe0, ..] => "but an old Excel workbook",
        [0x1f, 0x8b, ..] => "but a gzip archive",
        [b'%', b'P', b'D', b'F', ..] => "but a PDF",
        [b'P', b'A', b'R', b'1', ..] => "but Parquet",
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "but UTF-16 text",
        _ if start.starts_with("<!doctype") || start.starts_with("<html") => "but a web page",
        _ if bytes.contains(&0) => "but a binary file",
        _ => "but something else",
    }
}

fn not_text(file: &str, bytes: &[u8], help: &str) -> Diagnostic {
    let words = format!("{file} is not CSV text, {}", looks_like(bytes));
    Diagnostic::check("source-not-text", words).in_file(file).help(help.to_string())
}

/// Refuses what does not begin as text does.
pub(super) fn check_start(file: &str, bytes: &[u8]) -> Outcome<()> {
    let help = match looks_like(bytes) {
        "but something else" => return Ok(()),
        "but empty" => "get the file again: a published file is never empty",
        "but UTF-16 text" => "save it as CSV UTF-8",
        "but a web page" => "the download gave a page instead of the file: get the file again",
        _ => "check that the right file has this name",
    };
    Err(not_text(file, bytes, help).into())
}

/// The text of a record of a CSV file that begins at a line.
pub(super) fn line<'b>(file: &str, bytes: &'b [u8], line: u64, encoding: Encoding) -> Outcome<Cow<'b, str>> {
    if bytes.contains(&0) {
        return Err(not_text(file, bytes, "check that the right file has this name").into());
    }
    match encoding {
        Encoding::Windows1252 => Ok(encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0),
        Encoding::Utf8 => std::str::from_utf8(bytes)
            .map(Cow::Borrowed)
            .map_err(|error| not_utf8(file, bytes, line, error.valid_up_to()).into()),
    }
}

fn not_utf8(file: &str, bytes: &[u8], line: u64, at: usize) -> Diagnostic {
    let line_start = bytes[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |found| found + 1);
    let line_end = bytes[at..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |found| at + found);
    let before = String::from_utf8_lossy(&bytes[line_start..at]).chars().count();
    Diagnostic::check("source-not-utf8", format!("{file} is not UTF-8: byte 0x{:02x}", bytes[at]))
        .at(Place {
            file: file.to_string(),
            line: line as usize + bytes[..at].iter().filter(|byte| **byte == b'\n').count(),
            column: before + 1,
            length: 1,
            excerpt: Some(String::from_utf8_lossy(&bytes[line_start..line_end]).trim_end().to_string()),
        })
        .help("if it was saved on Windows, set `encoding = \"windows-1252\"` for the source")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_kinds_of_file_are_named() {
        assert_eq!(looks_like(b"PK\x03\x04abc"), "but a zip archive or a workbook");
        assert_eq!(looks_like(b"\n <!DOCTYPE html>"), "but a web page");
        assert_eq!(looks_like(b"a\0b"), "but a binary file");
    }

    #[test]
    fn windows_letters_are_read_and_refused_as_utf8_at_their_place() {
        let bytes = b"St George\x92s";
        assert_eq!(line("f", bytes, 2, Encoding::Windows1252).unwrap(), "St George\u{2019}s");
        let place = line("f", bytes, 2, Encoding::Utf8).unwrap_err().0[0].place.clone().unwrap();
        assert_eq!((place.line, place.column), (2, 10));
    }
}
