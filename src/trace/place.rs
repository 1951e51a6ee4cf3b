//! Places that a person can open: lines of queries, and cells of published files.

use std::collections::BTreeMap;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::rows::Row;
use crate::book::{Contract, Encoding, Reader, SourceColumn};
use crate::diagnostic::{Outcome, Place, io_problem};
use crate::frame::Scalar;
use crate::notebook::Notebook;
use crate::source::SourceTable;

/// The most lines of an expression that are shown, and the most characters of a line of a file.
const MOST_LINES: usize = 6;
const LONGEST_LINE: usize = 240;

/// A passage of a query.
#[derive(Clone, Debug, Serialize)]
pub struct Excerpt {
    /// File, relative to the book.
    pub file: String,
    /// First line.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// The passage, with the indent of its first line taken away.
    pub text: String,
}

impl Excerpt {
    /// The lines that a range of bytes covers.
    pub(super) fn of(file: &str, text: &str, (start, end): (usize, usize)) -> Excerpt {
        let place = Place::in_text(file, text, start, end);
        let last = Place::in_text(file, text, end.saturating_sub(1).max(start), end).line;
        let lines: Vec<&str> = text.lines().skip(place.line - 1).take(last + 1 - place.line).collect();
        let indent = lines.first().map_or(0, |line| line.len() - line.trim_start().len());
        let cut =
            |line: &&str| line.get(indent.min(line.len() - line.trim_start().len())..).unwrap_or(line).to_string();
        let mut shown: Vec<String> = lines.iter().take(MOST_LINES).map(cut).collect();
        if lines.len() > MOST_LINES {
            shown.push(format!("… and {} more lines", lines.len() - MOST_LINES));
        }
        Excerpt { file: place.file, line: place.line, column: place.column, text: shown.join("\n") }
    }
}

/// A cell of a published file.
#[derive(Clone, Debug, Serialize)]
pub struct SourceCell {
    /// File, relative to the data folder.
    pub file: String,
    /// The sheet of a workbook or the member of an archive.
    pub part: Option<String>,
    /// Line, or row of a sheet or of a Parquet file, from 1.
    pub line: u64,
    /// Column in characters, from 1; missing where the file has no lines.
    pub at: Option<usize>,
    /// The name of the column in the file.
    pub header: Option<String>,
    /// The text as it stands there, without quotation marks.
    pub text: Option<String>,
    /// The line, cut where it is long.
    pub excerpt: Option<String>,
    /// SHA-256 of the file as it is now.
    pub sha256: String,
    /// Whether the edition's manifest gives the same hash; missing where there is none.
    pub as_in_edition: Option<bool>,
}

/// Finds the value of a source's row in its file.
pub(super) fn source_cell(
    notebook: &Notebook,
    source: &SourceTable,
    row: &Row,
    column: &str,
    hashes: &BTreeMap<String, String>,
) -> Outcome<SourceCell> {
    let text = |name: &str| match row.value(name) {
        Scalar::Text(text) => Some(text),
        _ => None,
    };
    let file = text("_file").unwrap_or_default();
    let path = notebook.data.resolve(&file)?;
    let bytes = std::fs::read(&path).map_err(|error| io_problem("read", &path, &error))?;
    let sha256 = crate::hex(&Sha256::digest(&bytes));
    let mut cell = SourceCell {
        part: text("_part"),
        line: row.value("_line").number().unwrap_or(0.0) as u64,
        at: None,
        header: None,
        text: None,
        excerpt: None,
        as_in_edition: hashes.get(&file).map(|known| *known == sha256),
        sha256,
        file,
    };
    let declared = source.contract.columns.iter().find(|declared| declared.name == column);
    // Of a source whose counts are withheld the line is named and not shown.
    if source.contract.reader == Reader::Csv && source.contract.disclosure.is_none() {
        find_in_text(&mut cell, &source.contract, declared, &bytes);
    }
    Ok(cell)
}

/// Reads the line again, on its own, through the header of the file.
fn find_in_text(cell: &mut SourceCell, contract: &Contract, declared: Option<&SourceColumn>, bytes: &[u8]) {
    let text = match contract.encoding {
        Encoding::Utf8 => String::from_utf8_lossy(bytes).into_owned(),
        Encoding::Windows1252 => encoding_rs::WINDOWS_1252.decode(bytes).0.into_owned(),
    };
    let text = text.trim_start_matches('\u{feff}');
    let Some(line) = text.lines().nth(cell.line.saturating_sub(1) as usize) else { return };
    let short: String = line.chars().take(LONGEST_LINE).collect();
    cell.excerpt = Some(if short.len() < line.len() { format!("{short}…") } else { short });
    let delimiter = char::from(contract.delimiter);
    let Some(declared) = declared else { return };
    let header = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let headers = fields(header, delimiter);
    let found = declared.headers.iter().find_map(|name| headers.iter().position(|(_, own)| plain(own) == plain(name)));
    let Some(found) = found else { return };
    cell.header = Some(headers[found].1.trim().to_string());
    if let Some((at, text)) = fields(line, delimiter).get(found) {
        (cell.at, cell.text) = (Some(at + 1), Some(text.clone()));
    }
}

/// A header as it is compared: without case, and with single spaces.
fn plain(header: &str) -> String {
    header.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// The fields of a line with the character at which each begins, from 0.
fn fields(line: &str, delimiter: char) -> Vec<(usize, String)> {
    let (mut found, mut field, mut start) = (Vec::new(), String::new(), 0);
    let (mut quoted, mut fresh) = (false, true);
    let characters: Vec<char> = line.chars().collect();
    let mut at = 0;
    while at < characters.len() {
        match characters[at] {
            '"' if quoted && characters.get(at + 1) == Some(&'"') => {
                field.push('"');
                at += 1;
            }
            '"' if quoted => quoted = false,
            '"' if fresh => quoted = true,
            c if c == delimiter && !quoted => {
                found.push((start, std::mem::take(&mut field)));
                (start, fresh) = (at + 1, true);
                at += 1;
                continue;
            }
            c => field.push(c),
        }
        fresh = false;
        at += 1;
    }
    found.push((start, field));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_behind_quotes_and_wide_letters() {
        let own = |line: &str| fields(line, ',');
        assert_eq!(own("é,\"a,\"\"b\"\"\",x"), [(0, "é".into()), (2, "a,\"b\"".into()), (12, "x".into())]);
        assert_eq!(own("6\" nail,,b"), [(0, "6\" nail".into()), (8, String::new()), (9, "b".into())]);
    }

    #[test]
    fn an_excerpt_has_whole_lines_and_no_indent() {
        let text = "SELECT\n    CASE\n        WHEN a THEN b\n    END AS c,\n    d\n";
        let end = text.find(" AS c").unwrap();
        let excerpt = Excerpt::of("q.sql", text, (text.find("CASE").unwrap(), end));
        assert_eq!((excerpt.line, excerpt.column), (2, 5));
        assert_eq!(excerpt.text, "CASE\n    WHEN a THEN b\nEND AS c,");
    }
}
