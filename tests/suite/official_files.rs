//! Layouts in which official statistics are published: made here in small, and, where they are at hand, the published
//! files themselves, compared with their own totals and with tidied copies that others made of them.

use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use std::path::PathBuf;
use std::sync::OnceLock;

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::harness::{Book, project};
use super::hostile_data::base;

const ABOUT: &str = r#"
publisher = "Allotment Society"
publication = "Water"
licence = "Open Government Licence v3.0"
status = "published"
period = "2025"
"#;

/// The rows that a query gives on the base book with one more source and its files.
#[track_caller]
fn rows(source: &str, files: &[(&str, Vec<u8>)], query: &str) -> String {
    let book = base();
    book.append("candour.toml", &source.replace("ABOUT", ABOUT));
    for (file, bytes) in files {
        book.write(&format!("data/{file}"), bytes);
    }
    book.run(&["check", "--strict"]).expect(0);
    book.run(&["sql", query, "--format", "csv"]).expect(0).text()
}

/// A workbook of one sheet from its rows; empty texts are left out, and numbers are written as numbers.
fn sheet(name: &str, lines: &[&[&str]]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name(name).expect("a name");
    for (row, cells) in lines.iter().enumerate() {
        for (column, text) in cells.iter().enumerate().filter(|(_, text)| !text.is_empty()) {
            let (row, column) = (row as u32, column as u16);
            match text.parse::<f64>() {
                Ok(number) => sheet.write(row, column, number).expect("a cell"),
                Err(_) => sheet.write(row, column, *text).expect("a cell"),
            };
        }
    }
    book.save_to_buffer().expect("a workbook")
}

#[test]
fn two_lines_of_header_and_headers_that_differ_by_space_and_case() {
    let source = r#"
[sources.beds]
files = ["beds/*"]
reader = "workbook"
sheets = ["Beds by*|Old name"]
header_rows = 2
key = ["period", "plot"]
ABOUT
[sources.beds.columns]
period = { join = ["Year", "Period End"], type = "date", date_format = "financial quarter end", meaning = "Quarter" }
plot = { header = "Plot", type = "text", required = true, meaning = "Plot" }
dug = { header = "Dug / Total beds", type = "number", meaning = "Beds dug" }
sown = { header = "Sown / Total beds", type = "number", meaning = "Beds sown" }
"#;
    let lines: [&[&str]; 6] = [
        &["Beds, by quarter"],
        &["", "", "", "Dug", "", "", "Sown"],
        &["Year", "Period End", "PLOT ", "Total\nbeds", "Raised", "", "Total  Beds"],
        &["2025-26", "March", "All", "7.5", "2", "", "5"],
        &[],
        &["2025-26", "March", "P1", "7.5", "2", "", "5"],
    ];
    let found = rows(
        source,
        &[("beds/q4.xlsx", sheet("beds by Plot", &lines))],
        "SELECT period, plot, dug, sown, _line FROM beds",
    );
    assert_eq!(found, "period,plot,dug,sown,_line\n2026-01-01,All,7.5,5,4\n2026-01-01,P1,7.5,5,6\n");
}

#[test]
fn stacked_tables_take_their_titles_and_what_stands_around_them_along() {
    let source = r#"
[sources.waits]
files = ["waits/*"]
reader = "workbook"
sheets = ["28-DAY*"]
stacked = true
title = '^PART [A-Z]: (.*)$'
ends_at = '^Definitions'
key = ["part", "plot"]
ABOUT
[sources.waits.columns]
period = { cell = "A2", type = "date", date_format = "%b-%y", meaning = "Month" }
days = { from = "sheet", capture = '^(\d+)-DAY', type = "integer", meaning = "Standard" }
year = { from = "file", capture = '(\d{4})', type = "integer", meaning = "Year of the file" }
part = { from = "title", type = "text", required = true, meaning = "Part" }
plot = { header = "Plot", type = "text", required = true, meaning = "Plot" }
total = { header = "Total", type = "number", meaning = "All" }
within = { header = ["Within 31 days", "Within 28 days"], occurrence = 1, type = "number", meaning = "Within" }
"#;
    let head: &[&str] = &["", "Plot", "Total", "WITHIN 28 DAYS", "", "Within 28 days "];
    let lines: [&[&str]; 13] = [
        &["WAITS"],
        &["Sep-25"],
        &["PART A: ALL ROUTES"],
        head,
        &["", "P1", "2", "1.5", "", "9"],
        &[],
        &["", "All", "2", "1.5", "", "9"],
        &[],
        &["PART B: BY THE GATE"],
        &[],
        head,
        &["", "P1", "1", "1", "", "9"],
        &["Definitions: a wait is counted in whole days", "2", "3", "4"],
    ];
    let query = "SELECT period, days, year, part, plot, within, _part FROM waits ORDER BY _line";
    let found = rows(source, &[("waits/w-2025.xlsx", sheet("28-DAY (ALL)", &lines))], query);
    assert_eq!(
        found,
        "period,days,year,part,plot,within,_part\n\
         2025-09-01,28,2025,ALL ROUTES,P1,1.5,28-DAY (ALL)\n\
         2025-09-01,28,2025,ALL ROUTES,All,1.5,28-DAY (ALL)\n\
         2025-09-01,28,2025,BY THE GATE,P1,1,28-DAY (ALL)\n"
    );
}

#[test]
fn a_wide_sheet_becomes_long_and_dates_are_dates() {
    let source = r#"
[sources.staff]
files = ["staff/*"]
reader = "workbook"
sheets = ["Staff"]
key = ["plot", "month"]
series = { period = "month", every = "month" }
ABOUT
[sources.staff.unpivot]
headers = '^(\d{4}-\d\d)-\d\d$'
name = "month"
value = "hours"
[sources.staff.columns]
plot = { header = "Plot", type = "text", required = true, meaning = "Plot" }
since = { header = "Since", type = "date", meaning = "Since" }
month = { type = "date", date_format = "%Y-%m", required = true, meaning = "Month" }
hours = { type = "number", min = 0, meaning = "Hours" }
"#;
    let mut book = Workbook::new();
    let staff = book.add_worksheet();
    staff.set_name("Staff").expect("a name");
    let format = Format::new().set_num_format("mmm yy");
    let day = |year, month| ExcelDateTime::from_ymd(year, month, 1).expect("a day");
    staff.write(0, 0, "Plot").and_then(|sheet| sheet.write(0, 1, "Since")).expect("a header");
    for (column, month) in [(2, 4), (3, 5)] {
        staff.write_with_format(0, column, day(2025, month), &format).expect("a month");
    }
    for (row, plot) in [(1, "P1"), (2, "P2")] {
        staff.write(row, 0, plot).expect("a cell");
        staff.write_with_format(row, 1, day(2020, 2), &format).expect("a day");
        staff.write(row, 2, f64::from(row) * 1.5).expect("a cell");
    }
    staff.write(1, 3, "*").expect("a cell");
    let bytes = book.save_to_buffer().expect("a workbook");
    let query = "SELECT plot, since, month, hours FROM staff ORDER BY ALL NULLS LAST";
    assert_eq!(
        rows(source, &[("staff/all.xlsx", bytes)], query),
        "plot,since,month,hours\nP1,2020-02-01,2025-04-01,1.5\nP1,2020-02-01,2025-05-01,\nP2,2020-02-01,2025-04-01,3\n"
    );
}

#[test]
fn bands_are_added_up_and_a_total_row_takes_the_period_above_it() {
    let source = r#"
[sources.bands]
files = ["bands/*.zip"]
reader = "zip"
member = "*.csv"
key = ["period", "plot"]
ABOUT
[[sources.bands.versions]]
files = "*revised*"
status = "revised"
vintage_from = { capture = 'revised-(\d{6})', date_format = "%d%m%y" }
[sources.bands.columns]
period = { header = "Period", type = "date", date_format = "Water-%B-%Y", missing = ["TOTAL"], fill_down = true, meaning = "Month" }
plot = { header = "Plot", type = "text", required = true, meaning = "Plot" }
within = { sum = 'Gt 0\d To \d+ Weeks', type = "integer", min = 0, meaning = "Within ten weeks" }
total = { header = "Total All", type = "integer", meaning = "All" }
"#;
    let text = "Period,Plot,Gt 00 To 01 Weeks,Gt 01 To 02 Weeks,Gt 10 To 11 Weeks,Total,Total All\r\n\
                Water-MAY-2025,P1,\"1,000\",,7,,1007\r\nWater-MAY-2025,\"P2, by the gate\",,,,,3\r\nTOTAL,TOTAL,1000,,7,,1010\r\n";
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("bands.csv", SimpleFileOptions::default()).expect("a member");
    writer.write_all(text.as_bytes()).expect("its bytes");
    let bytes = writer.finish().expect("an archive").into_inner();
    let query = "SELECT period, plot, within, total, _line, _vintage, _status FROM bands ORDER BY _line";
    assert_eq!(
        rows(source, &[("bands/may-revised-120625-x.zip", bytes)], query),
        "period,plot,within,total,_line,_vintage,_status\n\
         2025-05-01,P1,1000,1007,2,2025-06-12,revised\n\
         2025-05-01,\"P2, by the gate\",,3,3,2025-06-12,revised\n\
         2025-05-01,TOTAL,1000,1010,4,2025-06-12,revised\n"
    );
}

/// The book on the published files, if they are here.
fn published() -> Option<&'static (Book, PathBuf)> {
    static BOOK: OnceLock<Option<(Book, PathBuf)>> = OnceLock::new();
    let found = BOOK.get_or_init(|| {
        let Ok(data) = project().join("../shared/data/real").canonicalize() else {
            eprintln!("passed over: no published files in ../shared/data/real");
            return None;
        };
        let book = Book::copy(&project());
        std::fs::remove_dir_all(book.path("data")).expect("the demonstration data");
        Some((book, data))
    });
    found.as_ref()
}

/// Rows of a CSV text: values by their key, the first `keys` columns.
fn table(text: &str, keys: usize) -> BTreeMap<String, Vec<f64>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let records = reader.records().map(|record| record.expect("a row of CSV"));
    let read = records.map(|record| {
        let number = |field: &str| if field.is_empty() { f64::NAN } else { field.parse().expect("a number") };
        let key = record.iter().take(keys).collect::<Vec<_>>().join(" | ");
        (key, record.iter().skip(keys).map(number).collect())
    });
    read.collect()
}

/// What a query gives on the published files.
fn asked(query: &str, keys: usize) -> Option<BTreeMap<String, Vec<f64>>> {
    let (book, data) = published()?;
    let run = book.run(&["sql", query, "--format", "csv", "--data", &data.to_string_lossy()]).expect(0);
    Some(table(&run.text(), keys))
}

/// A tidied copy: the columns wanted, of the rows whose first columns begin so.
fn tidied(
    file: &str,
    columns: &[&str],
    keys: usize,
    keep: impl Fn(&BTreeMap<String, String>) -> bool,
) -> BTreeMap<String, Vec<f64>> {
    let path = published().expect("published files").1.join(file);
    let mut reader = csv::Reader::from_path(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let rows = reader.deserialize::<BTreeMap<String, String>>().map(|row| row.expect("a row"));
    let mut text = csv::Writer::from_writer(Vec::new());
    text.write_record(columns).expect("a header");
    for row in rows.filter(keep) {
        text.write_record(columns.iter().map(|column| row[*column].as_str())).expect("a row");
    }
    table(&String::from_utf8(text.into_inner().expect("text")).expect("UTF-8"), keys)
}

/// Asserts that every tidied row is in the official file with the same values, and says how many there are.
#[track_caller]
fn assert_tidied(official: &BTreeMap<String, Vec<f64>>, tidied: &BTreeMap<String, Vec<f64>>, tolerance: f64) {
    assert!(!tidied.is_empty(), "nothing to compare with");
    for (key, values) in tidied {
        let found = official.get(key).unwrap_or_else(|| panic!("{key} is not in the official file"));
        for (one, other) in found.iter().zip(values) {
            let same = (one - other).abs() <= tolerance || one.is_nan() && other.is_nan();
            assert!(same, "{key}: {found:?} in the official file, {values:?} tidied");
        }
    }
}

#[test]
fn every_official_file_adds_up_to_the_total_that_it_prints() {
    let cells = ["ae_csv", "ae_workbook", "rtt", "cancer", "dm01", "kh03", "cancelled_operations"];
    let parts = cells.map(|cell| {
        format!(
            "SELECT '{cell}' AS cell, count(*) AS compared, count(DISTINCT file) AS files, \
             count(*) FILTER (WHERE difference IS NULL OR difference <> 0) AS different FROM official_{cell}_reconciliation"
        )
    });
    let Some(found) = asked(&parts.join(" UNION ALL "), 1) else { return };
    let expected = [144.0, 20.0, 15.0, 27.0, 12.0, 10.0, 4.0];
    for (cell, compared) in cells.iter().zip(expected) {
        let files = if *cell == "ae_csv" { 8.0 } else { 1.0 };
        assert_eq!(found[*cell], [compared, files, 0.0], "{cell}");
    }
}

#[test]
fn a_total_that_does_not_add_up_fails_its_test() {
    let Some((_, data)) = published() else { return };
    let book = Book::copy(&project());
    let text =
        std::fs::read_to_string(data.join("ae/raw_csv/Monthly-AE-March-2026-revised-flkg42.csv")).expect("the file");
    book.write("data/ae/raw_csv/Monthly-AE-March-2026-revised.csv", text.replace("1451010", "1451011"));
    let run = book.run(&["test", "official_ae_csv_reconciliation"]);
    let run = if run.code == 2 { book.run(&["test"]) } else { run };
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(format!("{}{}", run.text(), run.stderr).contains("rows add up to the printed total"), "{}", run.stderr);
}

#[test]
fn dropping_next_months_file_adds_it() {
    let Some((_, data)) = published() else { return };
    let book = Book::copy(&project());
    let text =
        std::fs::read_to_string(data.join("ae/raw_csv/Monthly-AE-March-2026-revised-flkg42.csv")).expect("the file");
    for (month, name) in [("MARCH", "Monthly-AE-March-2026-x1.csv"), ("APRIL", "Monthly-AE-April-2026-zz9.csv")] {
        book.write(&format!("data/ae/raw_csv/{name}"), text.replace("MSitAE-MARCH", &format!("MSitAE-{month}")));
    }
    let query = "SELECT CAST(period AS VARCHAR) AS period, count(*) AS rows FROM ae_official_csv WHERE regexp_matches(_file, 'x1|zz9') GROUP BY period ORDER BY period";
    let rows = book.run(&["sql", query, "--format", "csv"]).expect(0).text();
    assert_eq!(rows, "period,rows\n2026-03-01,200\n2026-04-01,200\n");
}

#[test]
fn a_and_e_files_agree_with_the_tidied_months() {
    let columns = "org_code, att_type1 + att_booked_type1, att_type2 + att_booked_type2, att_other + att_booked_other, \
                   over4_type1 + over4_booked_type1 + over4_type2 + over4_booked_type2 + over4_other + over4_booked_other, \
                   adm_type1, adm_not_via_ae, dta_over12";
    let latest = "QUALIFY row_number() OVER (PARTITION BY period, org_code ORDER BY _vintage DESC) = 1";
    let query = format!("SELECT period, {columns} FROM ae_official_csv WHERE upper(org_code) <> 'TOTAL' {latest}");
    let Some(official) = asked(&query, 2) else { return };
    let wanted = [
        "period",
        "org_code",
        "att_type1",
        "att_type2",
        "att_type3",
        "over4_total",
        "adm_type1",
        "adm_other",
        "dta_over12",
    ];
    let months = ["2021-04-01", "2023-04-01", "2024-09-01", "2025-04-01", "2025-10-01", "2026-03-01"];
    let copy = tidied("ae/ae_provider_monthly.csv", &wanted, 2, |row| months.contains(&row["period"].as_str()));
    // Trusts that tested other standards have no four-hour figures in the workbook, and nought in the CSV.
    let reported: BTreeMap<_, _> = copy.into_iter().filter(|(_, values)| !values[3].is_nan()).collect();
    assert_tidied(&official, &reported, 0.0);
    let wanted = [
        "period",
        "org_code",
        "att_type1",
        "att_total",
        "within4_type1",
        "within4_total",
        "over4_total",
        "adm_total",
        "dta_over4",
        "dta_over12",
    ];
    let query = format!("SELECT {} FROM ae_official_workbook", wanted.join(", "));
    let official = asked(&query, 2).expect("published files");
    assert_tidied(
        &official,
        &tidied("ae/ae_provider_monthly.csv", &wanted, 2, |row| row["period"] == "2026-05-01"),
        0.0,
    );
}

#[test]
fn the_rtt_extract_agrees_with_the_tidied_month_and_is_not_counted_twice() {
    let names = "CASE part WHEN 'Part_2' THEN 'incomplete' WHEN 'Part_2A' THEN 'incomplete_with_dta' \
                 WHEN 'Part_1A' THEN 'admitted' WHEN 'Part_1B' THEN 'non_admitted' ELSE 'new_periods' END";
    let sums = "sum(total_all), coalesce(sum(within_18), 0), coalesce(sum(over_52), 0), coalesce(sum(over_65), 0), coalesce(sum(over_78), 0)";
    let query = format!(
        "SELECT {names} AS part, provider_code, treatment_function_code, {sums} FROM rtt_full_extract GROUP BY ALL"
    );
    let Some(official) = asked(&query, 3) else { return };
    let wanted = ["part", "org_code", "tf_code", "total_all", "within_18wk", "over_52wk", "over_65wk", "over_78wk"];
    let copy = tidied("rtt/rtt_provider_tf_2026.csv", &wanted, 3, |row| row["period"] == "2026-04-01");
    assert_tidied(&official, &copy, 0.0);
    let of = |code: &str| {
        let all = official.iter().filter(|(key, _)| key.starts_with("incomplete |") && key.ends_with(code));
        all.map(|(_, values)| values[0]).sum::<f64>()
    };
    assert_eq!(of("C_999"), 7_123_980.0);
    let parts: f64 =
        official.iter().filter(|(key, _)| key.starts_with("incomplete |")).map(|(_, values)| values[0]).sum();
    assert_eq!(parts, 2.0 * 7_123_980.0, "with the total rows it is twice as much");
}

#[test]
fn the_other_official_files_agree_with_the_tidied_ones() {
    let cancer = "SELECT CASE standard WHEN 28 THEN '28_day_fds' ELSE standard || '_day' END AS standard, lower(route_or_stage) AS route, \
                  org_code, total, \"within\", after FROM cancer_official_workbook WHERE org_code IS NOT NULL";
    let Some(official) = asked(cancer, 3) else { return };
    let wanted = ["standard", "route_or_stage", "org_code", "total", "within", "after"];
    let copy = tidied("cancer/cancer_provider_monthly.csv", &wanted, 3, |row| row["period"] == "2025-09-01");
    let copy = copy.into_iter().map(|(key, values)| {
        let parts: Vec<&str> = key.split(" | ").collect();
        (format!("{} | {} | {}", parts[0], parts[1].to_lowercase(), parts[2]), values)
    });
    assert_tidied(&official, &copy.collect(), 0.0);

    let wanted = [
        "org_code",
        "test_id",
        "waiting_list",
        "waiting_6wk_plus",
        "waiting_13wk_plus",
        "planned_tests",
        "unscheduled_tests",
        "waiting_list_tests",
    ];
    let query = format!("SELECT {} FROM dm01_official_workbook WHERE org_code IS NOT NULL", wanted.join(", "));
    let official = asked(&query, 2).expect("published files");
    let copy = tidied("diagnostics/dm01_provider_test_monthly.csv", &wanted, 2, |row| row["period"] == "2025-07-01");
    assert_tidied(&official, &copy, 0.0);

    let wanted = [
        "org_code",
        "total_available",
        "total_occupied",
        "ga_available",
        "ga_occupied",
        "maternity_available",
        "mh_occupied",
        "ld_available",
    ];
    let query = format!("SELECT {} FROM kh03_official_workbook WHERE org_code IS NOT NULL", wanted.join(", "));
    let official = asked(&query, 1).expect("published files");
    let copy = tidied("beds/kh03_overnight_quarterly.csv", &wanted, 1, |row| row["period_end"] == "2025-06-30");
    assert_tidied(&official, &copy, 5.01e-4); // The tidied beds are rounded to three decimals.

    let wanted = ["period", "org_code", "fte_days_lost", "fte_days_available"];
    let query = format!("SELECT {} FROM sickness_official", wanted.join(", "));
    let official = asked(&query, 2).expect("published files");
    let copy = tidied("workforce/sickness_absence_org_monthly.csv", &wanted, 2, |row| row["period"] == "2025-03-01");
    assert_tidied(&official, &copy, 0.0);
}
