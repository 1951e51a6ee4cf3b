//! What a file says of itself: the lines "Published: …" and "Revised: …" that publishers print above a table.

use std::io::{Cursor, Read, Seek};
use std::sync::LazyLock;

use calamine::{Data, Reader, Sheets};
use regex::Regex;

/// Rows of a sheet, or lines of a text, in which such lines stand.
const HEAD_ROWS: usize = 15;
/// Longest value.
const LONGEST_VALUE: usize = 60;
/// Largest workbook that is searched, in bytes.
const LARGEST_WORKBOOK: usize = 50_000_000;

/// A label, alone in its cell or followed by its value.
static LABEL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)^(?P<label>(?:first |last )?(?:published|revised|updated)(?: on| date)?|(?:publication|revision|release) date|date (?:of publication|of revision|published|revised))(?:\s*:\s*|\s+|$)(?P<value>.*)$",
    )
    .ok()
});

/// The lines about publication and revision in a file, each once, in its order. Called on files that have kept their
/// contract; a file in which nothing is found has none.
pub(super) fn printed_lines(name: &str, bytes: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    let rows = match name.rsplit('.').next().unwrap_or_default().to_lowercase().as_str() {
        "xls" | "xlsx" | "xlsm" | "xlsb" | "ods" if bytes.len() <= LARGEST_WORKBOOK => workbook_rows(bytes),
        "csv" | "tsv" | "txt" => text_rows(bytes),
        _ => Vec::new(),
    };
    for line in rows.iter().flat_map(|row| lines_of(row)) {
        if !found.contains(&line) {
            found.push(line);
        }
    }
    found
}

/// The cells of the first rows of each sheet, as text.
fn workbook_rows(bytes: &[u8]) -> Vec<Vec<String>> {
    let Ok(mut book) = calamine::open_workbook_auto_from_rs(Cursor::new(bytes)) else { return Vec::new() };
    let names = book.sheet_names();
    names.iter().flat_map(|name| sheet_rows(&mut book, name)).collect()
}

fn sheet_rows<R: Read + Seek + Clone>(book: &mut Sheets<R>, name: &str) -> Vec<Vec<String>> {
    // Cells of this kind are read one by one, so that a sheet of a million rows is not read whole for its first.
    if let Sheets::Xlsx(book) = book {
        let Ok(mut cells) = book.worksheet_cells_reader(name) else { return Vec::new() };
        let mut rows: Vec<Vec<String>> = vec![Vec::new(); HEAD_ROWS];
        while let Ok(Some(cell)) = cells.next_cell() {
            let Some(row) = rows.get_mut(cell.get_position().0 as usize) else { break };
            row.push(cell_text(&Data::from(cell.get_value().clone())));
        }
        return rows;
    }
    let Ok(range) = book.worksheet_range(name) else { return Vec::new() };
    range.rows().take(HEAD_ROWS).map(|row| row.iter().map(cell_text).collect()).collect()
}

fn cell_text(cell: &Data) -> String {
    match cell {
        Data::DateTime(moment) => {
            let day = moment.to_ymd_hms_milli();
            format!("{:04}-{:02}-{:02}", day.0, day.1, day.2)
        }
        Data::Error(_) => String::new(),
        other => other.to_string().trim().to_string(),
    }
}

/// The first lines of a text, whose fields are looked at one by one.
fn text_rows(bytes: &[u8]) -> Vec<Vec<String>> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(20_000)]).into_owned();
    let fields = |line: &str| {
        let fields = line.split([',', ';', '\t']);
        fields.map(|field| field.trim_matches(['\u{feff}', '"', ' ', '\r']).to_string()).collect()
    };
    head.lines().take(HEAD_ROWS).map(fields).collect()
}

/// The lines in a row: a label with its value, in one cell or in the next that is not empty.
fn lines_of(row: &[String]) -> Vec<String> {
    let Some(label) = LABEL.as_ref() else { return Vec::new() };
    let mut lines = Vec::new();
    for (at, cell) in row.iter().enumerate().filter(|(_, cell)| cell.len() <= 2 * LONGEST_VALUE) {
        let Some(caught) = label.captures(cell) else { continue };
        let own = caught["value"].trim();
        // "Published" may begin a sentence; a value without a colon is one only if it holds a number.
        if !own.is_empty() && !cell.contains(':') && !own.contains(|c: char| c.is_ascii_digit()) {
            continue;
        }
        let next = row[at + 1..].iter().find(|cell| !cell.is_empty());
        let value = if own.is_empty() { next.map_or("", String::as_str) } else { own };
        let is_label = label.is_match(value);
        if !value.is_empty() && !is_label && value.chars().count() <= LONGEST_VALUE {
            lines.push(format!("{}: {value}", &caught["label"]));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_found_in_one_cell_or_in_two_and_sentences_are_not() {
        let text = "Title\nPublished:,,11th June 2026\nRevised: -,x\nPublished figures,are revised,often\n\
            Published 3 May 2026\nRevised,\nPublication date;2026-06-11\nPublished:,,11th June 2026\n";
        assert_eq!(
            printed_lines("a.csv", text.as_bytes()),
            ["Published: 11th June 2026", "Revised: -", "Published: 3 May 2026", "Publication date: 2026-06-11"]
        );
    }

    #[test]
    fn workbooks_are_searched_sheet_by_sheet_and_only_at_their_head() {
        let mut book = rust_xlsxwriter::Workbook::new();
        let day = rust_xlsxwriter::Format::new().set_num_format("d mmm yyyy");
        let sheet = book.add_worksheet();
        sheet.write(3, 1, "Published:").unwrap();
        sheet.write(3, 2, "11th June 2026").unwrap();
        sheet.write(40, 1, "Published: too far down").unwrap();
        let sheet = book.add_worksheet();
        sheet.write(4, 1, "Revised").unwrap();
        let date = rust_xlsxwriter::ExcelDateTime::from_ymd(2026, 7, 9).unwrap();
        sheet.write_datetime_with_format(4, 3, &date, &day).unwrap();
        let bytes = book.save_to_buffer().unwrap();
        assert_eq!(printed_lines("a.xlsx", &bytes), ["Published: 11th June 2026", "Revised: 2026-07-09"]);
        assert_eq!(printed_lines("a.xlsx", &bytes[..500]), Vec::<String>::new());
        assert_eq!(printed_lines("a.zip", &bytes), Vec::<String>::new());
    }
}
