//! Delimited text to records.

use csv::{ReaderBuilder, StringRecord};

use super::{Field, RawFile, Record, decode};
use crate::book::Contract;
use crate::diagnostic::{Diagnostic, Outcome, Place};

/// Longest field accepted, in bytes: more is a broken quote or an attack, not a statistic.
const LONGEST_FIELD: usize = 1 << 20;

/// Reads a CSV file. Line ends, quotes and a byte-order mark in any usual form are understood.
pub(super) fn read(contract: &Contract, file: &str, bytes: &[u8]) -> Outcome<RawFile> {
    let text = decode::text(file, bytes, contract.encoding)?;
    let mut reader = ReaderBuilder::new()
        .delimiter(contract.delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut raw = RawFile {
        headers: Vec::new(),
        header_line: String::new(),
        header_at: 0,
        records: Vec::new(),
        broken: Vec::new(),
    };
    let mut record = StringRecord::new();
    // The reader's own count is a line behind where lines end in CR LF.
    let (mut line, mut counted) = (1, 0);
    loop {
        let start = reader.position().byte() as usize;
        let more = reader.read_record(&mut record).map_err(|error| {
            Diagnostic::check("source-csv", format!("{file} is not readable CSV: {error}")).in_file(file)
        })?;
        if !more {
            break;
        }
        let end = reader.position().byte() as usize;
        let slice = text[start.min(end)..end].trim_start_matches(['\r', '\n']);
        let begins = end - slice.len();
        line += text[counted..begins].matches('\n').count() as u64;
        counted = begins;
        let slice = slice.trim_end_matches(['\r', '\n']);
        if let Some(opened) = split(slice, contract.delimiter).1.filter(|_| end >= text.trim_end().len()) {
            return Err(cut_short(file, slice, line, opened).into());
        }
        if raw.header_at == 0 {
            raw.header_at = line;
            raw.header_line = slice.to_string();
            raw.headers = record.iter().map(|name| name.trim().to_string()).collect();
            wrong_delimiter(contract, file, &raw)?;
            continue;
        }
        keep(&mut raw, &record, slice, line);
    }
    if raw.header_at == 0 {
        return Err(Diagnostic::check("source-empty", format!("{file} is empty"))
            .in_file(file)
            .help("get the file again")
            .into());
    }
    Ok(raw)
}

fn keep(raw: &mut RawFile, record: &StringRecord, slice: &str, line: u64) {
    if record.iter().all(|field| field.trim().is_empty()) {
        return; // Lines of delimiters only: spreadsheets leave them at the end.
    }
    if let Some(long) = record.iter().find(|field| field.len() > LONGEST_FIELD) {
        let rule = format!("a field of {} characters: longer than {LONGEST_FIELD}", long.chars().count());
        raw.broken.push((line, slice.chars().take(60).collect(), rule));
    } else if let Some(at) = record.iter().position(|field| field.trim().contains(['\n', '\r'])) {
        // A stray pair of quotes swallows the rows between them; statistics have no fields of several lines.
        let rule = format!("field {} runs over several lines: is a quote missing?", at + 1);
        raw.broken.push((line, slice.chars().take(200).collect(), rule));
    } else if record.len() != raw.headers.len() {
        let rule = format!("{} fields where the header has {}", record.len(), raw.headers.len());
        raw.broken.push((line, slice.chars().take(200).collect(), rule));
    } else {
        let fields = record.iter().map(|field| Field::Text(field.to_string())).collect();
        raw.records.push(Record { line, raw: slice.to_string(), fields });
    }
}

fn cut_short(file: &str, slice: &str, line: u64, opened: usize) -> Diagnostic {
    let before: String = slice.chars().take(opened).collect();
    let place = Place {
        file: file.to_string(),
        line: line as usize + before.matches('\n').count(),
        column: before.chars().rev().take_while(|c| *c != '\n').count() + 1,
        length: 1,
        excerpt: slice.lines().nth(before.matches('\n').count()).map(|text| text.chars().take(400).collect()),
    };
    Diagnostic::check("source-cut-short", format!("{file} ends inside quotes"))
        .at(place)
        .label("opened here and never closed")
        .help("the file was cut short, or a quote is missing: get the file again")
}

fn wrong_delimiter(contract: &Contract, file: &str, raw: &RawFile) -> Outcome<()> {
    if raw.headers.len() > 1 || contract.columns.len() == 1 {
        return Ok(());
    }
    let other = [(',', "a comma"), (';', "a semicolon"), ('\t', "a tab"), ('|', "a bar")];
    let Some((mark, words)) = other.iter().find(|(mark, _)| raw.headers[0].contains(*mark)) else { return Ok(()) };
    let column = raw.header_line.find(*mark).map_or(1, |at| raw.header_line[..at].chars().count() + 1);
    Err(Diagnostic::check("source-delimiter", format!("{file} has {words} between its fields"))
        .at(Place {
            file: file.to_string(),
            line: raw.header_at as usize,
            column,
            length: 1,
            excerpt: Some(raw.header_line.clone()),
        })
        .help(format!("set `delimiter = \"{}\"` for source `{}`", mark.escape_default(), contract.name))
        .into())
}

/// Where the fields of a record begin, and where a quote that is never closed was opened, both in characters from 0.
/// A quote counts only where it opens a field, as in the reader itself: `6" nail` holds none.
fn split(raw: &str, delimiter: u8) -> (Vec<usize>, Option<usize>) {
    let (mut starts, mut opened) = (vec![0], None);
    let characters: Vec<char> = raw.chars().collect();
    let mut at = 0;
    while at < characters.len() {
        match (characters[at], opened) {
            ('"', None) if starts.last() == Some(&at) => opened = Some(at),
            ('"', Some(_)) if characters.get(at + 1) == Some(&'"') => at += 1,
            ('"', Some(_)) => opened = None,
            (c, None) if c == char::from(delimiter) => starts.push(at + 1),
            _ => {}
        }
        at += 1;
    }
    (starts, opened)
}

/// The column, in characters from 1, at which a field of a record begins; 0 if that is not known.
pub(super) fn field_column(raw: &str, field: usize, delimiter: u8) -> usize {
    if raw.is_empty() { 0 } else { split(raw, delimiter).0.get(field).map_or(0, |start| start + 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_quote_that_opens_a_field_can_stay_open() {
        assert_eq!(split("6\" nail", b',').1, None);
        assert_eq!(split("a,\"b", b',').1, Some(2));
        assert_eq!(split("a,\"b\"\"", b',').1, Some(2));
        assert_eq!(split("a,\"b\"", b',').1, None);
    }

    #[test]
    fn a_field_is_found_behind_quotes_and_wide_letters() {
        assert_eq!(field_column("é,\"a,b\",x", 2, b','), 9);
        assert_eq!(field_column("a,b", 0, b','), 1);
        assert_eq!(field_column("6\" nail,b", 1, b','), 9);
        assert_eq!(field_column("\"say \"\"hi\"\", x\",b", 1, b','), 17);
    }
}
