//! Delimited text to records, one at a time, whatever its size.

use std::borrow::Cow;
use std::io::{BufRead, BufReader, Read};

use csv_core::ReadRecordResult;

use super::archive::read_problem;
use super::decode;
use super::record::{Field, Header, Record};
use super::take::Taker;
use crate::book::Contract;
use crate::diagnostic::{Diagnostic, Outcome, Place};

/// Longest field accepted, in bytes: more is a broken quote or an attack, not a statistic.
const LONGEST_FIELD: usize = 1 << 20;
/// Longest record looked at, in bytes.
const LONGEST_RECORD: usize = 64 << 20;

/// Reads a CSV file. Line ends, quotes and a byte-order mark in any usual form are understood.
pub(super) fn read(
    contract: &Contract,
    file: &str,
    part: Option<&str>,
    input: &mut dyn Read,
    taker: &mut Taker<'_>,
) -> Outcome<()> {
    let mut records = RawRecords::new(BufReader::with_capacity(1 << 16, input), contract.delimiter);
    let failed = |error: std::io::Error| read_problem(file, &error);
    decode::check_start(file, records.start().map_err(failed)?)?;
    let (mut width, mut bytes) = (0, Vec::new());
    let mut cutter = Cutter::new(contract.delimiter);
    while let Some(found) = records.next(&mut bytes).map_err(failed)? {
        let text = decode::line(file, &bytes, found.line, contract.encoding)?;
        if let Some(opened) = split(&text, contract.delimiter).1.filter(|_| found.unclosed) {
            return Err(cut_short(file, &text, found.line, opened).into());
        }
        let names = cutter.fields(&text, found.quoted);
        if width == 0 {
            width = names.len();
            begin(contract, file, part, &text, found.line, names, taker)?;
        } else {
            keep(taker, Record { line: found.line, raw: &text, fields: names }, width)?;
        }
    }
    if width > 0 {
        return Ok(());
    }
    Err(Diagnostic::check("source-empty", format!("{file} is empty")).in_file(file).help("get the file again").into())
}

fn begin(
    contract: &Contract,
    file: &str,
    part: Option<&str>,
    text: &str,
    line: u64,
    names: Vec<Field<'_>>,
    taker: &mut Taker<'_>,
) -> Outcome<()> {
    let names = names.iter().map(|name| words(name).trim().to_string()).collect();
    let header = Header { names, text: text.to_string(), line, part: part.map(str::to_string), ..Header::default() };
    wrong_delimiter(contract, file, &header)?;
    taker.begin(&header)
}

fn words<'f>(field: &'f Field<'_>) -> &'f str {
    match field {
        Field::Text(text) => text,
        Field::Value(_) => "",
    }
}

fn keep(taker: &mut Taker<'_>, record: Record<'_>, width: usize) -> Outcome<()> {
    let texts = || record.fields.iter().map(words);
    if texts().all(|field| field.trim().is_empty()) {
        return Ok(()); // Lines of delimiters only: spreadsheets leave them at the end.
    }
    let start = |count: usize| record.raw.chars().take(count).collect::<String>();
    if let Some(long) = texts().find(|field| field.len() > LONGEST_FIELD) {
        let rule = format!("a field of {} characters: longer than {LONGEST_FIELD}", long.chars().count());
        taker.broken(record.line, &start(60), &rule)
    } else if let Some(at) = texts().position(|field| field.trim().contains(['\n', '\r'])) {
        // A stray pair of quotes swallows the rows between them; statistics have no fields of several lines.
        let rule = format!("field {} runs over several lines: is a quote missing?", at + 1);
        taker.broken(record.line, &start(200), &rule)
    } else if record.fields.len() != width {
        let rule = format!("{} fields where the header has {width}", record.fields.len());
        taker.broken(record.line, &start(200), &rule)
    } else {
        taker.take(&record)
    }
}

/// Where a record begins and what is in it.
struct Found {
    line: u64,
    quoted: bool,
    unclosed: bool,
}

/// Cuts a stream into records without looking further into them. A quote counts only where it opens a field.
struct RawRecords<R> {
    input: R,
    delimiter: u8,
    line: u64,
    /// A carriage return has ended a record: a line feed that follows belongs to it.
    after_return: bool,
}

impl<R: BufRead> RawRecords<R> {
    fn new(input: R, delimiter: u8) -> Self {
        RawRecords { input, delimiter, line: 1, after_return: false }
    }

    /// The first bytes, from which a byte-order mark has been taken.
    fn start(&mut self) -> std::io::Result<&[u8]> {
        if self.input.fill_buf()?.starts_with(b"\xef\xbb\xbf") {
            self.input.consume(3);
        }
        self.input.fill_buf()
    }

    /// The next record that is not empty, without its line end.
    fn next(&mut self, record: &mut Vec<u8>) -> std::io::Result<Option<Found>> {
        record.clear();
        let mut found = Found { line: self.line, quoted: false, unclosed: false };
        let (mut inside, mut field_start, mut just_closed) = (false, true, false);
        loop {
            let buffer = self.input.fill_buf()?;
            if buffer.is_empty() {
                found.unclosed = inside;
                return Ok((!record.is_empty()).then_some(found));
            }
            let (mut used, mut ended) = (0, false);
            for byte in buffer {
                used += 1;
                if std::mem::take(&mut self.after_return) && *byte == b'\n' {
                    continue;
                }
                match byte {
                    b'\n' | b'\r' => {
                        self.line += u64::from(*byte == b'\n' || !inside);
                        self.after_return = *byte == b'\r' && !inside;
                        if !inside && record.is_empty() {
                            found.line = self.line;
                            continue;
                        }
                        if !inside {
                            ended = true;
                            break;
                        }
                    }
                    b'"' if inside => (inside, just_closed) = (false, true),
                    // The second of two quotes inside a field finds the field just closed, and opens it again.
                    b'"' if field_start || just_closed => (inside, just_closed, found.quoted) = (true, false, true),
                    _ => just_closed = false,
                }
                field_start = *byte == self.delimiter && !inside;
                record.push(*byte);
            }
            self.input.consume(used);
            if record.len() > LONGEST_RECORD {
                return Err(std::io::Error::other(format!(
                    "a record of over {LONGEST_RECORD} bytes at line {}",
                    found.line
                )));
            }
            if ended {
                return Ok(Some(found));
            }
        }
    }
}

/// Cuts records into fields, in the same memory for all.
struct Cutter {
    reader: csv_core::Reader,
    delimiter: char,
    unquoted: Vec<u8>,
    ends: Vec<usize>,
}

impl Cutter {
    fn new(delimiter: u8) -> Cutter {
        let reader = csv_core::ReaderBuilder::new().delimiter(delimiter).build();
        Cutter { reader, delimiter: char::from(delimiter), unquoted: Vec::new(), ends: Vec::new() }
    }

    /// The fields of a record.
    fn fields<'t>(&'t mut self, text: &'t str, quoted: bool) -> Vec<Field<'t>> {
        if !quoted {
            return text.split(self.delimiter).map(|field| Field::Text(Cow::Borrowed(field))).collect();
        }
        let Some(count) = self.unquote(text) else { return vec![Field::Text(Cow::Borrowed(text))] };
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let fields = starts.zip(&self.ends).take(count).map(|(start, end)| &self.unquoted[start..*end]);
        fields.map(|field| Field::Text(String::from_utf8_lossy(field))).collect()
    }

    /// Takes a record's quotes away. The number of its fields, if it is one record.
    fn unquote(&mut self, text: &str) -> Option<usize> {
        // No field is longer than the record, and none is shorter than its delimiter.
        self.unquoted.resize(self.unquoted.len().max(text.len()), 0);
        self.ends.resize(self.ends.len().max(text.len() + 1), 0);
        self.reader.reset();
        let (found, read, written, ended) =
            self.reader.read_record(text.as_bytes(), &mut self.unquoted, &mut self.ends);
        if found != ReadRecordResult::InputEmpty || read < text.len() {
            return None;
        }
        // The record has no line end: that nothing follows ends it.
        let (found, _, _, last) = self.reader.read_record(&[], &mut self.unquoted[written..], &mut self.ends[ended..]);
        (found == ReadRecordResult::Record).then_some(ended + last)
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

fn wrong_delimiter(contract: &Contract, file: &str, header: &Header<'_>) -> Outcome<()> {
    if header.names.len() > 1 || contract.columns.len() == 1 {
        return Ok(());
    }
    let other = [(',', "a comma"), (';', "a semicolon"), ('\t', "a tab"), ('|', "a bar")];
    let Some((mark, words)) = other.iter().find(|(mark, _)| header.names[0].contains(*mark)) else { return Ok(()) };
    let column = header.text.find(*mark).map_or(0, |at| header.text[..at].chars().count());
    Err(Diagnostic::check("source-delimiter", format!("{file} has {words} between its fields"))
        .at(header.place(file, column, 1))
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

    fn cut(text: &str) -> Vec<(u64, String, bool)> {
        let mut records = RawRecords::new(BufReader::with_capacity(3, text.as_bytes()), b',');
        let (mut found, mut bytes) = (Vec::new(), Vec::new());
        while let Some(next) = records.next(&mut bytes).unwrap() {
            found.push((next.line, String::from_utf8(bytes.clone()).unwrap(), next.unclosed));
        }
        found
    }

    #[test]
    fn records_are_cut_at_any_line_end_and_counted_by_line() {
        let rows = |lines: &[(u64, &str)]| {
            lines.iter().map(|(line, text)| (*line, (*text).to_string(), false)).collect::<Vec<_>>()
        };
        assert_eq!(cut("a,b\n\n1,2\n"), rows(&[(1, "a,b"), (3, "1,2")]));
        assert_eq!(cut("a,b\r\n\r\n1,2"), rows(&[(1, "a,b"), (3, "1,2")]));
        assert_eq!(cut("a,b\r1,2\r"), rows(&[(1, "a,b"), (2, "1,2")]));
        assert_eq!(cut("\"a\nb\",c\nd"), rows(&[(1, "\"a\nb\",c"), (3, "d")]));
        assert_eq!(cut("\"say \"\"hi\"\"\",6\"\" nail\nd"), rows(&[(1, "\"say \"\"hi\"\"\",6\"\" nail"), (2, "d")]));
        assert_eq!(cut("a\n\"b\nc"), [(1, "a".into(), false), (2, "\"b\nc".into(), true)]);
    }

    #[test]
    fn quotes_are_taken_away_and_the_next_record_is_not_mixed_with_the_last() {
        let mut cutter = Cutter::new(b';');
        let mut cut = |text: &str| -> Vec<String> {
            let fields = cutter.fields(text, text.contains('"'));
            fields.iter().map(|field| words(field).to_string()).collect()
        };
        assert_eq!(cut("\"a;b\";é;\"say \"\"hi\"\"\""), ["a;b", "é", "say \"hi\""]);
        assert_eq!(cut("\"\";x;"), ["", "x", ""]);
        assert_eq!(cut("p;q"), ["p", "q"]);
        assert_eq!(cut("6\" nail;\"two\nlines\""), ["6\" nail", "two\nlines"]);
        assert_eq!(cut("\"a\"b;c"), ["ab", "c"]);
        assert_eq!(cut("\"\""), [""]);
    }

    proptest::proptest! {
        #[test]
        fn any_fields_come_back_as_they_were_written(records in proptest::collection::vec(proptest::collection::vec(".*", 2..9), 1..5)) {
            let mut cutter = Cutter::new(b',');
            for record in records {
                let quoted: Vec<String> = record.iter().map(|field| format!("\"{}\"", field.replace('"', "\"\""))).collect();
                let text = quoted.join(",");
                let back: Vec<String> = cutter.fields(&text, true).iter().map(|field| words(field).to_string()).collect();
                proptest::prop_assert_eq!(back, record);
            }
        }
    }

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
