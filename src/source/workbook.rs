//! Workbooks to sheets. What a file is, is told from its bytes, never from its name.

use std::cell::Cell as Flag;
use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use calamine::{Data, DataRef, ExcelDateTime, Reader, Xls, XlsError, Xlsx, XlsxError};

use super::sheet::{Cell, Sheet};
use super::{archive, dates, decode};
use crate::diagnostic::{Diagnostic, Outcome};

/// Most cells of one sheet, and most places that the sheets of an old workbook may span.
const MOST_CELLS: u64 = 8_000_000;
/// Most bytes of text of one sheet.
const MOST_TEXT: usize = 256 << 20;

/// An open workbook.
pub(super) struct Workbook<'b> {
    kind: Kind<'b>,
    pub names: Vec<String>,
}

enum Kind<'b> {
    New(Box<Xlsx<Cursor<&'b [u8]>>>),
    Old(Box<Xls<Cursor<&'b [u8]>>>),
}

/// Opens a workbook of either kind.
pub(super) fn open<'b>(file: &str, bytes: &'b [u8]) -> Outcome<Workbook<'b>> {
    match bytes {
        [b'P', b'K', ..] => {
            archive::check_parts(file, bytes)?;
            let opened = guarded(file, || Xlsx::new(Cursor::new(bytes)))?.map_err(|error| new_problem(file, &error))?;
            Ok(Workbook { names: opened.sheet_names(), kind: Kind::New(Box::new(opened)) })
        }
        [0xd0, 0xcf, 0x11, 0xe0, ..] => {
            check_records(file, bytes)?;
            let opened = guarded(file, || Xls::new(Cursor::new(bytes)))?.map_err(|error| old_problem(file, &error))?;
            Ok(Workbook { names: opened.sheet_names(), kind: Kind::Old(Box::new(opened)) })
        }
        _ => {
            let words = format!("{file} is not a workbook, {}", decode::looks_like(bytes));
            Err(Diagnostic::check("source-not-workbook", words).in_file(file).help("get the file again").into())
        }
    }
}

impl Workbook<'_> {
    /// The filled cells of a sheet.
    pub fn sheet(&mut self, file: &str, name: &str) -> Outcome<Sheet> {
        let mut gathered = Gathered::default();
        match &mut self.kind {
            Kind::New(book) => guarded(file, || -> Result<(), XlsxError> {
                let mut cells = book.worksheet_cells_reader(name)?;
                while let Some(cell) = cells.next_cell()? {
                    let (row, column) = cell.get_position();
                    if !gathered.keep(row, column, new_cell(cell.get_value())) {
                        break;
                    }
                }
                Ok(())
            })?
            .map_err(|error| new_problem(file, &error))?,
            Kind::Old(book) => {
                let range = guarded(file, || book.worksheet_range(name))?.map_err(|error| old_problem(file, &error))?;
                let (top, left) = range.start().unwrap_or_default();
                for (row, column, value) in range.used_cells() {
                    gathered.keep(top + row as u32, left + column as u32, old_cell(value));
                }
            }
        }
        if gathered.too_much {
            let words = format!("sheet {name} of {file} holds more than {MOST_CELLS} cells, or too much text");
            return Err(too_large(file, words).into());
        }
        Ok(Sheet::new(name, gathered.cells))
    }
}

/// Cells as they come, up to what a sheet may hold.
#[derive(Default)]
struct Gathered {
    cells: Vec<(u32, u32, Cell)>,
    text: usize,
    too_much: bool,
}

impl Gathered {
    fn keep(&mut self, row: u32, column: u32, cell: Option<Cell>) -> bool {
        let Some(cell) = cell else { return true };
        if let Cell::Text(text) = &cell {
            self.text += text.len();
        }
        self.too_much |= self.cells.len() as u64 >= MOST_CELLS || self.text > MOST_TEXT;
        if !self.too_much {
            self.cells.push((row, column, cell));
        }
        !self.too_much
    }
}

fn new_cell(value: &DataRef<'_>) -> Option<Cell> {
    match value {
        DataRef::SharedString(text) => Some(Cell::Text((*text).to_string())),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            Some(Cell::Text(text.clone()))
        }
        DataRef::Int(number) => Some(Cell::Number(*number as f64)),
        DataRef::Float(number) => Some(Cell::Number(*number)),
        DataRef::Bool(value) => Some(Cell::Boolean(*value)),
        DataRef::DateTime(moment) => Some(day(moment)),
        DataRef::Error(error) => Some(Cell::Text(error.to_string())),
        _ => None,
    }
}

fn old_cell(value: &Data) -> Option<Cell> {
    match value {
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => Some(Cell::Text(text.clone())),
        Data::Int(number) => Some(Cell::Number(*number as f64)),
        Data::Float(number) => Some(Cell::Number(*number)),
        Data::Bool(value) => Some(Cell::Boolean(*value)),
        Data::DateTime(moment) => Some(day(moment)),
        Data::Error(error) => Some(Cell::Text(error.to_string())),
        _ => None,
    }
}

/// A day, or the number where it is none: a duration, or a serial that no calendar has.
fn day(moment: &ExcelDateTime) -> Cell {
    // The years from 1900 and from 1904 are told apart inside the crate alone; its own calendar knows.
    let (year, month, date, ..) = moment.to_ymd_hms_milli();
    let known = jiff::civil::Date::new(year as i16, month as i8, date as i8).ok();
    match known.filter(|_| moment.is_datetime() && dates::serial(moment.as_f64(), false).is_some()) {
        Some(date) => Cell::Date(date),
        None => Cell::Number(moment.as_f64()),
    }
}

fn new_problem(file: &str, error: &XlsxError) -> Diagnostic {
    if matches!(error, XlsxError::Password) { locked(file) } else { damaged(file, &error.to_string()) }
}

fn old_problem(file: &str, error: &XlsError) -> Diagnostic {
    if matches!(error, XlsError::Password) { locked(file) } else { damaged(file, &error.to_string()) }
}

fn locked(file: &str) -> Diagnostic {
    Diagnostic::check("source-password", format!("{file} is locked with a password"))
        .in_file(file)
        .help("save it without the password, or get the published file")
}

fn damaged(file: &str, words: &str) -> Diagnostic {
    let first = words.lines().next().unwrap_or_default();
    Diagnostic::check("source-not-workbook", format!("{file} is not a whole workbook: {first}"))
        .in_file(file)
        .help("it was cut short or is damaged: get the file again")
}

fn too_large(file: &str, words: String) -> Diagnostic {
    Diagnostic::check("source-too-large", words)
        .in_file(file)
        .help("no published table is like that: get the file again from its publisher")
}

thread_local! {
    static QUIET: Flag<bool> = const { Flag::new(false) };
}

/// Runs the reader of workbooks, which may panic where a file has been made to deceive it: sizes and offsets in the old
/// format are the file's own claims. This is the one border where a panic is a fact about a file and not about the
/// program, so it becomes a problem, and nothing is printed of it.
fn guarded<T>(file: &str, work: impl FnOnce() -> T) -> Outcome<T> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !QUIET.get() {
                usual(info);
            }
        }));
    });
    QUIET.set(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    QUIET.set(false);
    result.map_err(|_| damaged(file, "its parts contradict each other").into())
}

/// Looks through an old workbook before it is read: whether its sectors form a whole, whether it is locked, and how
/// many places its sheets span, because the reader keeps one for each.
fn check_records(file: &str, bytes: &[u8]) -> Outcome<()> {
    let unreadable = |error: std::io::Error| damaged(file, &error.to_string().to_lowercase());
    let mut compound = cfb::CompoundFile::open(Cursor::new(bytes)).map_err(unreadable)?;
    if compound.exists("/EncryptedPackage") {
        return Err(locked(file).into());
    }
    let name = ["/Workbook", "/Book"].into_iter().find(|name| compound.is_stream(name));
    let Some(name) = name else { return Err(damaged(file, "it holds no workbook").into()) };
    let mut stream = Vec::new();
    compound.open_stream(name).and_then(|mut opened| opened.read_to_end(&mut stream)).map_err(unreadable)?;
    let spanned = Spanned::of(&stream);
    if spanned.locked {
        return Err(locked(file).into());
    }
    if spanned.places > MOST_CELLS {
        let words = format!("the sheets of {file} span {} places, more than {MOST_CELLS}", spanned.places);
        return Err(too_large(file, words).into());
    }
    Ok(())
}

/// What the records of an old workbook span.
#[derive(Default)]
struct Spanned {
    places: u64,
    locked: bool,
}

impl Spanned {
    fn of(stream: &[u8]) -> Self {
        let word = |at: usize| Some(u16::from_le_bytes([*stream.get(at)?, *stream.get(at + 1)?]));
        let (mut found, mut at) = (Spanned::default(), 0);
        let mut corners: Option<(u16, u16, u16, u16)> = None;
        while let (Some(kind), Some(length)) = (word(at), word(at + 2)) {
            match kind {
                0x002f => found.locked = true,
                // The beginning or the end of a sheet.
                0x0809 | 0x000a => found.add(corners.take()),
                // Cells: formulas, numbers, texts, truth values, and runs of numbers.
                0x0006 | 0x0203 | 0x0204 | 0x0205 | 0x00fd | 0x00d6 | 0x027e | 0x00bd => {
                    if let (Some(row), Some(first)) = (word(at + 4), word(at + 6)) {
                        let last = match kind {
                            0x00bd => word(at + 2 + length as usize).unwrap_or(first),
                            _ => first,
                        };
                        let (top, bottom, left, right) = corners.unwrap_or((row, row, first, last));
                        corners = Some((top.min(row), bottom.max(row), left.min(first), right.max(last)));
                    }
                }
                _ => {}
            }
            at += 4 + length as usize;
        }
        found.add(corners);
        found
    }

    fn add(&mut self, corners: Option<(u16, u16, u16, u16)>) {
        if let Some((top, bottom, left, right)) = corners {
            self.places += (u64::from(bottom - top) + 1) * (u64::from(right.saturating_sub(left)) + 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_of_the_reader_becomes_a_problem() {
        let result = guarded("a.xls", || panic!("index out of bounds"));
        let problem = result.unwrap_err().to_string();
        assert!(problem.contains("a.xls is not a whole workbook"), "{problem}");
    }

    #[test]
    fn the_places_that_sheets_span_are_counted_before_they_are_kept() {
        let record = |kind: u16, data: &[u16]| {
            let words = [kind, data.len() as u16 * 2].into_iter().chain(data.iter().copied());
            words.flat_map(u16::to_le_bytes).collect::<Vec<u8>>()
        };
        let cell = |row: u16, column: u16| record(0x0203, &[row, column, 0, 0, 0, 0, 0]);
        let stream = [record(0x0809, &[0; 8]), cell(0, 0), cell(65535, 255), record(0x000a, &[])].concat();
        assert_eq!(Spanned::of(&stream).places, 65536 * 256);
        assert!(Spanned::of(&record(0x002f, &[0; 3])).locked);
        assert_eq!(Spanned::of(&[1, 2, 3]).places, 0);
    }
}
