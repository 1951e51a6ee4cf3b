//! What readers give: headers, and records under them.

use std::borrow::Cow;

use super::sheet::Sheet;
use crate::diagnostic::Place;
use crate::frame::Scalar;

/// One field of a record.
pub(super) enum Field<'r> {
    /// Text, to be read by the column's type.
    Text(Cow<'r, str>),
    /// A value that already has a type.
    Value(Scalar),
}

/// One record of a table, before its contract has been applied.
pub(super) struct Record<'r> {
    /// Line in the file, or row in the sheet, from 1.
    pub line: u64,
    /// The record's text, for excerpts and columns; empty where it has none.
    pub raw: &'r str,
    /// Fields, in the order of the header.
    pub fields: Vec<Field<'r>>,
}

/// The header of a table, and what stands around it.
#[derive(Default)]
pub(super) struct Header<'s> {
    /// Names, one for each field of a record.
    pub names: Vec<String>,
    /// The header's text, for messages.
    pub text: String,
    /// Its line or row, from 1; 0 where it has none.
    pub line: u64,
    /// The sheet of a workbook, or the member of an archive.
    pub part: Option<String>,
    /// The title above the table.
    pub title: Option<String>,
    /// The sheet that the table stands in, and the column of its first field from 0.
    pub sheet: Option<(&'s Sheet, u32)>,
}

impl Header<'_> {
    /// The file and the part of it, for messages.
    pub fn file_words(&self, file: &str) -> String {
        self.part.as_ref().map_or_else(|| file.to_string(), |part| format!("{file}, {part}"))
    }

    /// The place of a stretch of the header's text, from 0.
    pub fn place(&self, file: &str, start: usize, length: usize) -> Place {
        match self.line {
            0 => Place::file(self.file_words(file)),
            line if self.sheet.is_some() => Place { line: line as usize, ..Place::file(self.file_words(file)) },
            line => Place {
                file: self.file_words(file),
                line: line as usize,
                column: start + 1,
                length: length.max(1),
                excerpt: Some(self.text.clone()),
            },
        }
    }
}

/// A header as it is compared: case, runs of spaces, line breaks and kinds of dash and quotation mark do not count.
pub(super) fn plain(header: &str) -> String {
    let mut out = String::with_capacity(header.len());
    for word in header.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.extend(word.chars().flat_map(char::to_lowercase).filter_map(|c| match c {
            '\u{2010}'..='\u{2015}' | '\u{2212}' => Some('-'),
            '\u{2018}' | '\u{2019}' => Some('\''),
            '\u{201c}' | '\u{201d}' => Some('"'),
            '\u{200b}' | '\u{feff}' | '\u{ad}' => None,
            other => Some(other),
        }));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_compared_by_their_words() {
        assert_eq!(plain(" Total\u{a0} \nSeed  List "), "total seed list");
        assert_eq!(plain("13 \u{2013} 18"), plain("13 - 18"));
        assert_ne!(plain("Total"), plain("Total All"));
    }
}
