//! Workbooks and archives that are broken, that have changed, or that mean harm. Each has its own message, kept as a
//! snapshot; none makes the program fall over, wait without end, or fill the machine.

use std::io::{Cursor, Write};
use std::time::{Duration, Instant};

use rust_xlsxwriter::{Workbook, Worksheet};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::harness::Book;
use super::hostile_data::{assert_message, base, refused};

const STOCK: &str = r#"
[sources.water]
files = ["water/*"]
reader = "workbook"
sheets = ["By plot"]
header_row = 4
printed = { published = "Published:", revised = "Revised:" }
key = ["period", "plot"]
series = { period = "period", every = "month" }
publisher = "Allotment Society"
publication = "Water"
licence = "Open Government Licence v3.0"
status = "published"
period = "2025"
[[sources.water.rules]]
at_most = ["rain", "litres"]
[sources.water.columns]
period = { label = "Period:", type = "date", required = true, date_format = "%B %Y", meaning = "Month" }
plot = { header = "Plot", type = "text", required = true, pattern = "P[0-9]+|All", meaning = "Plot" }
litres = { header = "Litres", type = "integer", required = true, min = 0, unit = "litres", meaning = "Water used" }
rain = { header = "Of which rain", type = "integer", min = 0, unit = "litres", meaning = "Of which rain" }
"#;

const ARCHIVE: &str = r#"
[sources.readings]
files = ["readings/*"]
reader = "zip"
member = "*readings*.csv"
key = ["plot", "day"]
publisher = "Allotment Society"
publication = "Readings"
licence = "Open Government Licence v3.0"
status = "published"
period = "2025"
[sources.readings.columns]
plot = { header = "Plot", type = "text", required = true, meaning = "Plot" }
day = { header = "Day", type = "date", required = true, date_format = "%d/%m/%Y", meaning = "Day" }
litres = { header = "Litres", type = "integer", min = 0, unit = "litres", meaning = "Water used" }
"#;

/// The base book with one more source.
fn with(source: &str) -> Book {
    let book = base();
    book.append("candour.toml", source);
    book
}

/// A workbook as it should be, before `spoil` has its way.
fn workbook(month: &str, spoil: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("By plot").expect("a name");
    let texts = [(0, 0, "Period:"), (0, 1, month), (1, 0, "Published:"), (1, 1, "11th June 2025"), (2, 0, "Revised:")];
    for (row, column, text) in texts {
        sheet.write(row, column, text).expect("a cell");
    }
    fill(sheet, 3);
    spoil(sheet);
    book.save_to_buffer().expect("a workbook")
}

/// The table, with its header in a row.
fn fill(sheet: &mut Worksheet, header: u32) {
    for (column, name) in ["Plot", "Litres", "Of which rain"].into_iter().enumerate() {
        sheet.write(header, column as u16, name).expect("a cell");
    }
    for (row, (plot, litres, rain)) in [("All", 90, 30), ("P1", 40, 10), ("P2", 50, 20)].into_iter().enumerate() {
        let row = header + 1 + row as u32;
        sheet.write(row, 0, plot).and_then(|sheet| sheet.write(row, 1, litres)).expect("a cell");
        sheet.write(row, 2, rain).expect("a cell");
    }
}

fn put(sheet: &mut Worksheet, row: u32, column: u16, text: &str) {
    sheet.write(row, column, text).expect("a cell");
}

/// A source file that is broken as a whole.
#[track_caller]
fn broken(name: &str, source: &str, files: &[(&str, Vec<u8>)]) {
    let book = with(source);
    for (file, bytes) in files {
        book.write(&format!("data/{file}"), bytes);
    }
    let began = Instant::now();
    refused(name, 1, &["build"], &book);
    assert!(began.elapsed() < Duration::from_secs(60), "took {:?}", began.elapsed());
}

/// What `check` says of a book that can be built, and the rows of the source.
#[track_caller]
fn warned(name: &str, files: &[(&str, Vec<u8>)], strict: i32) -> Vec<String> {
    let book = with(STOCK);
    for (file, bytes) in files {
        book.write(&format!("data/{file}"), bytes);
    }
    assert_message(name, &book.run(&["check"]).expect(0));
    book.run(&["check", "--strict"]).expect(strict);
    let query =
        "SELECT plot || ' ' || litres || ' ' || _part || ' ' || _line AS words FROM water ORDER BY _file, _line";
    let run = book.run(&["sql", query, "--format", "json"]).expect(0);
    let rows = run.json();
    rows.as_array().expect("rows").iter().map(|row| row["words"].as_str().unwrap_or_default().to_string()).collect()
}

#[test]
fn a_sheet_with_another_name() {
    let book = workbook("May 2025", |sheet| {
        sheet.set_name("By plots").expect("a name");
    });
    broken("sheet-renamed", STOCK, &[("water/may.xlsx", book)]);
}

#[test]
fn a_header_one_row_lower_is_found_and_said() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("By plot").expect("a name");
    put(sheet, 0, 0, "Period:");
    put(sheet, 0, 1, "May 2025");
    fill(sheet, 4);
    let rows = warned("header-lower", &[("water/may.xlsx", book.save_to_buffer().expect("a workbook"))], 0);
    assert_eq!(rows, ["All 90 By plot 6", "P1 40 By plot 7", "P2 50 By plot 8"]);
}

#[test]
fn a_header_that_is_nowhere() {
    let book = workbook("May 2025", |sheet| put(sheet, 3, 1, "Litres used"));
    broken("header-nowhere", STOCK, &[("water/may.xlsx", book)]);
}

#[test]
fn a_footnote_inside_the_data_is_a_reject_and_one_behind_them_is_not() {
    let book = workbook("May 2025", |sheet| {
        put(sheet, 7, 0, "1. P3 did not report.");
        put(sheet, 8, 0, "P3");
        sheet.write(8, 1, 7).expect("a cell");
        put(sheet, 10, 0, "Note: water from the brook is not counted.");
        put(sheet, 11, 0, "Source:");
        put(sheet, 11, 1, "the meter");
    });
    let rows = warned("footnote-inside", &[("water/may.xlsx", book)], 1);
    assert_eq!(rows, ["All 90 By plot 5", "P1 40 By plot 6", "P2 50 By plot 7", "P3 7 By plot 9"]);
}

#[test]
fn a_part_greater_than_the_whole_and_a_count_below_nought() {
    let book = workbook("May 2025", |sheet| {
        sheet.write(5, 2, 41).expect("a cell");
        sheet.write(6, 1, -50).expect("a cell");
    });
    let rows = warned("rule-broken", &[("water/may.xlsx", book)], 1);
    assert_eq!(rows, ["All 90 By plot 5"]);
}

#[test]
fn a_rule_may_leave_out_rows_and_a_sum_that_is_none_is_a_reject() {
    let rules =
        "[[sources.water.rules]]\nsum_of = [\"litres\", \"rain\"]\nequals = \"litres\"\nunless = { plot = \"All\" }\n";
    let book = with(&STOCK.replace("[[sources.water.rules]]\nat_most = [\"rain\", \"litres\"]\n", rules));
    let bytes = workbook("May 2025", |sheet| {
        sheet.write(5, 2, 0).expect("a cell");
    });
    book.write("data/water/may.xlsx", bytes);
    let query = "SELECT string_agg(plot, ' ' ORDER BY plot) AS plots FROM water";
    assert_eq!(book.run(&["sql", query, "--format", "csv"]).expect(0).text(), "plots\nAll P1\n");
    let run = book.run(&["check", "--strict"]).expect(1);
    assert!(run.stderr.contains("\"50\": not the sum of litres + rain, which is 70"), "{}", run.stderr);
}

#[test]
fn half_a_litre_and_the_spreadsheets_own_errors() {
    let book = workbook("May 2025", |sheet| {
        sheet.write(5, 1, 40.5).expect("a cell");
        put(sheet, 6, 1, "#DIV/0!");
    });
    assert_eq!(warned("cell-not-a-number", &[("water/may.xlsx", book)], 1), ["All 90 By plot 5"]);
}

#[test]
fn a_month_that_is_not_there() {
    let files = ["January 2025", "February 2025", "June 2025"];
    let files: Vec<(&str, Vec<u8>)> = ["water/1.xlsx", "water/2.xlsx", "water/3.xlsx"]
        .into_iter()
        .zip(files.map(|month| workbook(month, |_| {})))
        .collect();
    assert_eq!(warned("month-missing", &files, 0).len(), 9);
}

#[test]
fn a_period_that_is_none() {
    broken("period-unreadable", STOCK, &[("water/may.xlsx", workbook("the wet season", |_| {}))]);
}

#[test]
fn a_date_of_publication_that_is_none() {
    let book = workbook("May 2025", |sheet| put(sheet, 1, 1, "31st June 2025"));
    broken("printed-date", STOCK, &[("water/may.xlsx", book)]);
}

#[test]
fn two_versions_of_one_month() {
    let revised = |sheet: &mut Worksheet| {
        put(sheet, 2, 1, "9th October 2025");
        sheet.write(5, 1, 41).expect("a cell");
    };
    let files =
        [("water/may-revised.xlsx", workbook("May 2025", revised)), ("water/may.xlsx", workbook("May 2025", |_| {}))];
    broken("two-versions", STOCK, &files);
    let book = with(&STOCK.replace("series =", "keep_versions = true\nseries ="));
    for (file, bytes) in &files {
        book.write(&format!("data/{file}"), bytes);
    }
    book.run(&["check", "--strict"]).expect(0);
    let query =
        "SELECT litres, CAST(_vintage AS VARCHAR) AS vintage, _status FROM water WHERE plot = 'P1' ORDER BY vintage";
    let rows = book.run(&["sql", query, "--format", "csv"]).expect(0).text();
    assert_eq!(rows, "litres,vintage,_status\n40,2025-06-11,published\n41,2025-10-09,revised\n");
}

#[test]
fn a_workbook_cut_short() {
    let whole = workbook("May 2025", |_| {});
    broken("workbook-cut-short", STOCK, &[("water/may.xlsx", whole[..whole.len() * 2 / 3].to_vec())]);
}

#[test]
fn a_page_named_as_a_workbook() {
    broken("workbook-web-page", STOCK, &[("water/may.xlsx", b"<!DOCTYPE html><p>Sign in</p>".to_vec())]);
}

#[test]
fn an_archive_named_as_a_workbook() {
    broken("workbook-archive", STOCK, &[("water/may.xlsx", archive(&[("a.csv", b"a,b\n1,2\n")]))]);
}

/// An old workbook, or a locked new one: streams in a compound file.
fn compound(stream: &str, bytes: &[u8]) -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).expect("a compound file");
    file.create_stream(stream).and_then(|mut opened| opened.write_all(bytes)).expect("a stream");
    file.flush().expect("a compound file");
    file.into_inner().into_inner()
}

fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    [&kind.to_le_bytes()[..], &(data.len() as u16).to_le_bytes(), data].concat()
}

fn begin(kind: u16) -> Vec<u8> {
    let words = [0x0600, kind, 0x0dbb, 0x07cc, 0, 0, 0, 0];
    record(0x0809, &words.map(u16::to_le_bytes).concat())
}

fn old_text(row: u16, column: u16, text: &str) -> Vec<u8> {
    let head = [row, column, 0, text.len() as u16].map(u16::to_le_bytes).concat();
    record(0x0204, &[&head[..], &[0], text.as_bytes()].concat())
}

fn old_number(row: u16, column: u16, number: f64) -> Vec<u8> {
    let head = [row, column, 0].map(u16::to_le_bytes).concat();
    record(0x0203, &[&head[..], &number.to_le_bytes()].concat())
}

/// An old workbook of one sheet with these records.
fn old_workbook(cells: &[Vec<u8>]) -> Vec<u8> {
    let globals = begin(5);
    let name = b"By plot";
    let sheet_at = globals.len() + 4 + 8 + name.len() + 4;
    let bound = [&(sheet_at as u32).to_le_bytes()[..], &[0, 0, name.len() as u8, 0], name].concat();
    let sheet = [begin(0x10), cells.concat(), record(0x000a, &[])].concat();
    compound("/Workbook", &[globals, record(0x0085, &bound), record(0x000a, &[]), sheet].concat())
}

fn old_cells() -> Vec<Vec<u8>> {
    let mut cells = vec![old_text(0, 0, "Period:"), old_text(0, 1, "May 2025")];
    cells.extend(["Plot", "Litres", "Of which rain"].iter().enumerate().map(|(at, name)| old_text(3, at as u16, name)));
    cells.extend([old_text(4, 0, "P1"), old_number(4, 1, 40.0), old_number(4, 2, 10.0)]);
    cells
}

#[test]
fn an_old_workbook_is_read_as_a_new_one_is() {
    let book = with(STOCK);
    book.write("data/water/may.xls", old_workbook(&old_cells()));
    let rows = book.run(&["sql", "SELECT plot, litres, rain, _line FROM water", "--format", "csv"]).expect(0).text();
    assert_eq!(rows, "plot,litres,rain,_line\nP1,40,10,5\n");
}

#[test]
fn workbooks_with_a_password() {
    broken("workbook-password", STOCK, &[("water/may.xlsx", compound("/EncryptedPackage", &[7; 5000]))]);
    let locked = [vec![record(0x002f, &[1, 0, 1, 0, 1, 0])], old_cells()].concat();
    broken("old-workbook-password", STOCK, &[("water/may.xls", old_workbook(&locked))]);
}

#[test]
fn an_old_workbook_that_spans_more_than_a_machine_holds() {
    let far = [old_cells(), vec![old_number(65535, 255, 1.0)]].concat();
    broken("old-workbook-span", STOCK, &[("water/may.xls", old_workbook(&far))]);
}

#[test]
fn old_workbooks_damaged_at_any_byte_are_refused_or_read_and_nothing_worse() {
    let whole = old_workbook(&old_cells());
    let book = with(STOCK);
    let mut seen = std::collections::BTreeSet::new();
    // Bytes of the header, of the allocation tables, of the records; and ends that come too soon.
    let places = (0..whole.len()).step_by(whole.len() / 60).chain((24..80).step_by(3));
    for (turn, at) in places.enumerate() {
        let mut bytes = whole.clone();
        match turn % 3 {
            0 => bytes[at] ^= 0xff,
            1 => bytes[at] = 0,
            _ => bytes.truncate(at.max(8)),
        }
        book.write("data/water/may.xls", &bytes);
        let run = book.run(&["sql", "SELECT count(*) AS n FROM water"]);
        assert!([0, 1].contains(&run.code) && !run.stderr.contains("panicked"), "byte {at}: {}", run.stderr);
        seen.insert(run.code);
    }
    assert_eq!(seen.len(), 2, "some damage is harmless, and some is found");
}

#[test]
fn a_sheet_that_claims_a_million_rows_of_every_column() {
    let book = workbook("May 2025", |sheet| {
        sheet.write(1_048_575, 16_383, 1).expect("a cell");
    });
    let began = Instant::now();
    let read = with(STOCK);
    read.write("data/water/may.xlsx", book);
    let count = read.run(&["sql", "SELECT count(*) AS n FROM water", "--format", "csv"]).expect(0).text();
    assert_eq!(count, "n\n3\n");
    assert!(began.elapsed() < Duration::from_secs(30), "took {:?}", began.elapsed());
}

/// A zip archive of these members.
fn archive(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        writer.start_file(*name, SimpleFileOptions::default()).expect("a member");
        writer.write_all(bytes).expect("its bytes");
    }
    writer.finish().expect("an archive").into_inner()
}

const READINGS: &[u8] = b"Plot,Day,Litres\nP1,01/05/2025,40\nP2,01/05/2025,50\n";

#[test]
fn one_member_of_an_archive_is_read_and_what_a_mac_leaves_is_not() {
    let book = with(ARCHIVE);
    let bytes = archive(&[("__MACOSX/._readings.csv", b"\0\x05\x16"), ("may/", b""), ("may/Readings.CSV", READINGS)]);
    book.write("data/readings/may.zip", bytes);
    let rows = book.run(&["sql", "SELECT *, _part FROM readings", "--format", "csv"]).expect(0).text();
    assert!(rows.contains("P1,2025-05-01,40,readings/may.zip,2,may/Readings.CSV,,published"), "{rows}");
}

#[test]
fn members_that_do_not_match_or_match_twice() {
    broken("member-none", ARCHIVE, &[("readings/may.zip", archive(&[("litres.csv", READINGS)]))]);
    let two = archive(&[("readings-1.csv", READINGS), ("readings-2.csv", READINGS)]);
    broken("member-two", ARCHIVE, &[("readings/may.zip", two)]);
}

#[test]
fn a_member_whose_path_climbs_out() {
    let bytes = archive(&[("../../readings.csv", READINGS)]);
    broken("member-climbs", ARCHIVE, &[("readings/may.zip", bytes)]);
}

#[test]
fn an_archive_cut_short() {
    let whole = archive(&[("readings.csv", READINGS)]);
    broken("archive-cut-short", ARCHIVE, &[("readings/may.zip", whole[..whole.len() - 30].to_vec())]);
}

#[test]
fn an_archive_with_a_changed_byte() {
    let rows: String = (1..2000).map(|row| format!("P{row},01/05/2025,{row}\n")).collect();
    let mut bytes = archive(&[("readings.csv", format!("Plot,Day,Litres\n{rows}").as_bytes())]);
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x55;
    let book = with(ARCHIVE);
    book.write("data/readings/may.zip", bytes);
    let run = book.run(&["build"]).expect(1);
    assert!(run.stderr.contains("readings/may.zip"), "{}", run.stderr);
}

#[test]
fn a_member_with_a_password() {
    let mut bytes = archive(&[("readings.csv", READINGS)]);
    let central = bytes.windows(4).position(|four| four == b"PK\x01\x02").expect("the list of contents");
    bytes[6] |= 1;
    bytes[central + 8] |= 1;
    broken("member-password", ARCHIVE, &[("readings/may.zip", bytes)]);
}

#[test]
fn a_member_that_unpacks_without_end() {
    let bomb = vec![b'0'; 200 << 20];
    broken("archive-bomb", ARCHIVE, &[("readings/may.zip", archive(&[("readings.csv", &bomb)]))]);
    let parts: [(&str, &[u8]); 2] = [("[Content_Types].xml", b"<x/>"), ("xl/worksheets/sheet1.xml", &bomb)];
    broken("workbook-bomb", STOCK, &[("water/may.xlsx", archive(&parts))]);
}

#[test]
fn a_member_that_lies_about_its_size() {
    let bomb = vec![b'0'; 100 << 20];
    let mut bytes = archive(&[("readings.csv", &bomb)]);
    let central = bytes.windows(4).position(|four| four == b"PK\x01\x02").expect("the list of contents");
    bytes[central + 24..central + 28].copy_from_slice(&1000u32.to_le_bytes());
    let book = with(ARCHIVE);
    book.write("data/readings/may.zip", bytes);
    let run = book.run(&["build"]).expect(1);
    assert!(run.stderr.contains("readings/may.zip"), "{}", run.stderr);
}

#[test]
fn a_day_that_the_calendar_does_not_have() {
    let book = with(ARCHIVE);
    let bytes = archive(&[("readings.csv", b"Plot,Day,Litres\nP1,31/06/2025,40\nP2,30/06/2025,50\n")]);
    book.write("data/readings/june.zip", bytes);
    refused("day-31-june", 1, &["build", "--strict"], &book);
}

#[test]
fn thousands_of_columns() {
    let names: Vec<String> = (0..5000).map(|at| format!("Column {at}")).collect();
    let text = format!("Plot,Day,Litres,{}\nP1,01/05/2025,40{}\n", names.join(","), ",".repeat(5000));
    broken("columns-thousands", ARCHIVE, &[("readings/may.zip", archive(&[("readings.csv", text.as_bytes())]))]);
}

#[test]
fn settings_that_contradict_themselves() {
    let book = with(
        &STOCK
            .replace("label = \"Period:\"", "label = \"Period:\", cell = \"0A\"")
            .replace("at_most = [\"rain\", \"litres\"]", "at_most = [\"rain\"]\nsum_of = [\"plot\"]"),
    );
    book.edit("candour.toml", "header_row = 4", "header_row = 0\nmember = \"x\"");
    book.edit("candour.toml", "every = \"month\"", "every = \"fortnight\"");
    refused("layout-settings", 2, &["build"], &book);
}
