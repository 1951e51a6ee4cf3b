//! Bytes to text, with a plain answer where the bytes are something else altogether.

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

/// The text of a CSV file.
pub(super) fn text(file: &str, bytes: &[u8], encoding: Encoding) -> Outcome<String> {
    let not_text = |help: &str| {
        let words = format!("{file} is not CSV text, {}", looks_like(bytes));
        Diagnostic::check("source-not-text", words).in_file(file).help(help.to_string())
    };
    match looks_like(bytes) {
        "but something else" => {}
        "but empty" => return Err(not_text("get the file again: a published file is never empty").into()),
        "but UTF-16 text" => return Err(not_text("save it as CSV UTF-8").into()),
        "but a web page" => {
            return Err(not_text("the download gave a page instead of the file: get the file again").into());
        }
        _ => return Err(not_text("check that the right file has this name").into()),
    }
    match encoding {
        Encoding::Windows1252 => Ok(encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned()),
        Encoding::Utf8 => {
            let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
            std::str::from_utf8(bytes)
                .map(str::to_string)
                .map_err(|error| not_utf8(file, bytes, error.valid_up_to()).into())
        }
    }
}

fn not_utf8(file: &str, bytes: &[u8], at: usize) -> Diagnostic {
    let line_start = bytes[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |found| found + 1);
    let line_end = bytes[at..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |found| at + found);
    let before = String::from_utf8_lossy(&bytes[line_start..at]).chars().count();
    Diagnostic::check("source-not-utf8", format!("{file} is not UTF-8: byte 0x{:02x}", bytes[at]))
        .at(Place {
            file: file.to_string(),
            line: bytes[..at].iter().filter(|byte| **byte == b'\n').count() + 1,
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
        let bytes = b"name\nSt George\x92s\n";
        assert_eq!(text("f", bytes, Encoding::Windows1252).unwrap(), "name\nSt George\u{2019}s\n");
        let place = text("f", bytes, Encoding::Utf8).unwrap_err().0[0].place.clone().unwrap();
        assert_eq!((place.line, place.column), (2, 10));
    }
}
