//! Data that are broken, or that mean harm. A file that breaks its contract stops the build; a row that does is
//! left out and counted; and whatever a name holds, it is printed as words. Each message is kept as a snapshot.

use super::harness::{Book, Edition, Run, contents, entries};

/// A copy of the small base book with an edition that was published before.
pub fn base() -> Book {
    let book = Book::fixture("base");
    let last = book.output().join("year");
    std::fs::create_dir_all(&last).expect("a folder for the last edition");
    std::fs::write(last.join("overview.pdf"), b"the last edition").expect("the last edition");
    let manifest = br#"{"format": 1, "identifier": "the last edition", "packs": []}"#;
    std::fs::write(last.join("manifest.json"), manifest).expect("the last edition's manifest");
    book
}

/// Runs a command on a spoilt book: it must fail with this code, say what the snapshot holds, and leave the last
/// edition alone and nothing half-made.
#[track_caller]
pub fn refused(name: &str, code: i32, arguments: &[&str], book: &Book) -> Run {
    let before = contents(&book.output().join("year"));
    let run = book.run(arguments).expect(code);
    assert!(run.stdout.is_empty(), "people's words on standard output: {}", run.text());
    assert_eq!(contents(&book.output().join("year")), before, "the last edition has changed");
    let left: Vec<String> = entries(&book.output())
        .into_iter()
        .filter(|name| !["year", ".cache", ".lock"].contains(&name.as_str()))
        .collect();
    assert!(left.is_empty(), "left behind: {left:?}");
    assert_message(name, &run);
    run
}

/// Compares what was said to people with the snapshot of this name.
#[track_caller]
pub fn assert_message(name: &str, run: &Run) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, run.stderr));
}

/// A source file that is broken as a whole: the build stops with exit code 1.
#[track_caller]
fn broken_file(name: &str, file: &str, content: &[u8]) {
    let book = base();
    book.write(file, content);
    refused(name, 1, &["build"], &book);
}

/// A row that is broken: the build leaves it out and counts it, and a strict build stops with exit code 1.
#[track_caller]
fn broken_row(name: &str, spoil: impl FnOnce(&Book)) -> (Book, Edition) {
    let book = base();
    spoil(&book);
    refused(name, 1, &["build", "--strict"], &book);
    let edition = book.build(&[]);
    assert!(edition.pdf("overview.pdf").text().contains("left out"));
    (book, edition)
}

/// The line of the overview's data notes about the harvests.
fn notes(edition: &Edition) -> String {
    let text = edition.pdf("overview.pdf").text();
    text.split("Harvests: ").nth(1).expect("a note on the harvests").to_string()
}

const HARVESTS: &str = "data/harvests.csv";

#[test]
fn a_file_cut_short_inside_quotes() {
    broken_file("file-cut-short", HARVESTS, b"Plot,Season,Kilos\nP1,2025 spring,12.5\nP1,\"2025 aut");
}

#[test]
fn a_file_cut_short_inside_a_row() {
    let (_book, edition) = broken_row("row-cut-short", |book| {
        book.write(HARVESTS, "Plot,Season,Kilos\nP1,2025 spring,12.5\nP2,2025 spr");
    });
    assert!(notes(&edition).starts_with("1 rows, 1 left out."), "{}", notes(&edition));
}

#[test]
fn a_picture_named_csv() {
    broken_file("binary-named-csv", HARVESTS, b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01");
}

#[test]
fn a_workbook_named_csv() {
    broken_file("workbook-named-csv", HARVESTS, b"PK\x03\x04\x14\x00\x06\x00[Content_Types].xml");
}

#[test]
fn a_web_page_named_csv() {
    broken_file("web-page-named-csv", HARVESTS, b"<!DOCTYPE html>\n<title>Sign in</title>\n");
}

#[test]
fn a_column_that_is_not_there() {
    broken_file("column-missing", HARVESTS, b"Plot,Season\nP1,2025 spring\n");
}

#[test]
fn a_column_with_a_new_name() {
    broken_file("column-renamed", HARVESTS, b"Plot,Season,Kilos harvested\nP1,2025 spring,12.5\n");
}

#[test]
fn a_column_that_is_there_twice() {
    broken_file("column-twice", HARVESTS, b"Plot,Season,Kilos,Kilos\nP1,2025 spring,12.5,13\n");
}

#[test]
fn another_delimiter() {
    broken_file("delimiter", HARVESTS, b"Plot;Season;Kilos\nP1;2025 spring;12.5\n");
}

#[test]
fn an_empty_file() {
    broken_file("file-empty", HARVESTS, b"");
}

#[test]
fn a_header_and_nothing_else() {
    broken_file("header-only", HARVESTS, b"Plot,Season,Kilos\n");
}

#[test]
fn utf_16() {
    let text = "Plot,Season,Kilos\nP1,2025 spring,12.5\n";
    let bytes: Vec<u8> = [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    broken_file("utf-16", HARVESTS, &bytes);
}

#[test]
fn letters_that_are_not_utf_8() {
    broken_file("not-utf-8", "data/plots.csv", b"Plot,Gardener\nP1,Ada Marsh\nP2,Zo\xeb Okoro\n");
}

#[test]
fn no_file_at_all() {
    let book = base();
    std::fs::remove_file(book.path(HARVESTS)).expect("the file");
    refused("file-not-there", 1, &["build"], &book);
}

#[test]
fn a_parquet_file_cut_short() {
    let book = Book::fixture("libraries");
    let whole = std::fs::read(book.path("data/counts/2026.parquet")).expect("the file");
    book.write("data/counts/2026.parquet", &whole[..whole.len() / 2]);
    assert_message("parquet-cut-short", &book.run(&["build"]).expect(1));
    book.write("data/counts/2026.parquet", [&whole[..whole.len() / 2], b"PAR1"].concat());
    let run = book.run(&["build"]).expect(1);
    assert!(run.stderr.contains("cannot be read as Parquet"), "{}", run.stderr);
}

#[test]
fn the_same_row_twice() {
    let (_book, edition) = broken_row("key-twice-same-row", |book| book.append(HARVESTS, "P3,2025 autumn,18.0\n"));
    assert!(notes(&edition).starts_with("6 rows, 1 left out."), "{}", notes(&edition));
    assert!(edition.pdf("sheets/P3.pdf").text().contains("gave 18.0 kg"), "the first of two same rows is kept");
}

#[test]
fn two_rows_that_contradict_each_other() {
    let (_book, edition) = broken_row("key-twice-other-row", |book| book.append(HARVESTS, "P3,2025 autumn,19\n"));
    assert!(notes(&edition).starts_with("5 rows, 2 left out."), "{}", notes(&edition));
    assert!(edition.pdf("sheets/P3.pdf").text().contains("gave 0.0 kg"), "neither of two contradicting rows is kept");
}

#[test]
fn words_where_a_number_should_be() {
    let (_book, edition) = broken_row("not-a-number", |book| book.edit(HARVESTS, "31.25", "\"about 31,25\""));
    assert!(edition.pdf("sheets/P2.pdf").text().contains("gave 8.0 kg in 2025, from 1 seasons"));
}

#[test]
fn numbers_that_are_none() {
    broken_row("no-real-numbers", |book| {
        book.edit(HARVESTS, "P1,2025 spring,12.5", "P1,2025 spring,NaN");
        book.edit(HARVESTS, "P1,2025 autumn,40", "P1,2025 autumn,1e999");
        book.edit(HARVESTS, "P2,2025 spring,8", "P2,2025 spring,-8");
    });
}

#[test]
fn markers_of_a_missing_value_are_missing_and_not_nought() {
    let book = base();
    book.edit(HARVESTS, "P1,2025 spring,12.5\nP1,2025 autumn,40", "P1,2025 spring,[c]\nP1,2025 autumn,*");
    let edition = book.build(&["--strict"]);
    assert!(edition.pdf("sheets/P1.pdf").text().contains("No harvest of this plot is known."));
    assert!(edition.pdf("overview.pdf").text().contains("Ada Marsh [x]"));
}

#[test]
fn a_field_of_ten_million_characters() {
    let (_book, edition) = broken_row("field-too-long", |book| {
        book.edit(HARVESTS, "P3,2025 spring,0", &format!("P3,{},0", "x".repeat(10_000_000)));
    });
    assert!(notes(&edition).starts_with("5 rows, 1 left out."), "{}", notes(&edition));
}

#[test]
fn a_label_that_does_not_match_its_pattern() {
    let (_book, edition) = broken_row("label", |book| book.edit(HARVESTS, "P2,2025 autumn", "P2,Autumn 2025"));
    assert!(edition.pdf("sheets/P2.pdf").text().contains("from 1 seasons"));
}

#[test]
fn a_file_that_is_wrong_from_end_to_end() {
    let book = base();
    let rows: String = (0..11_000).map(|row| format!("P{row},2025 spring,many\n")).collect();
    book.write(HARVESTS, format!("Plot,Season,Kilos\n{rows}"));
    refused("too-many-rejects", 1, &["build"], &book);
}

#[test]
fn one_file_knows_an_entity_that_the_other_does_not() {
    let book = base();
    book.append("data/plots.csv", "P4,Dai Rowan\n");
    book.append(HARVESTS, "P9,2025 spring,7\n");
    let edition = book.build(&["--strict"]);
    assert_eq!(edition.files_of("sheet").len(), 4);
    let text = edition.pdf("sheets/P4.pdf").text();
    assert!(text.contains("Dai Rowan") && text.contains("No harvest of this plot is known."), "{text}");
}

#[test]
fn a_byte_order_mark_windows_line_ends_and_trailing_spaces_are_understood() {
    let book = base();
    let text = book.read(HARVESTS).replace(',', " ,").replace('\n', "\r\n");
    book.write(HARVESTS, format!("\u{feff}{text}\r\n,,\r\n"));
    let edition = book.build(&["--strict"]);
    assert!(edition.pdf("sheets/P1.pdf").text().contains("gave 52.5 kg"));
}

/// Names that would be code, markup or a trap for the eye if they were not printed as words.
const NAMES: [(&str, &str); 12] = [
    ("#panic(\"x\")", "#panic(\"x\")"),
    ("]#eval(\"1\")", "]#eval(\"1\")"),
    ("\"quoted\" \\ $x$", "\"quoted\" \\ $x$"),
    ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    ("{{ row.kilos }} {% raw %}", "{{ row.kilos }} {% raw %}"),
    ("'; DROP TABLE plots; --", "'; DROP TABLE plots; --"),
    ("*bold* _it_ `raw` @ref <label> = head", "*bold* _it_ `raw` @ref <label> = head"),
    ("https://example.org // not a comment", "https://example.org // not a comment"),
    ("=HYPERLINK(1)", "=HYPERLINK(1)"),
    ("\u{e000}0:1\u{e001} marked", "0:1"),
    ("turned \u{202e}round\u{202c}", "turned round"),
    ("Zoë Ångström-Łukasz Ελένη Иван", "Zoë Ångström-Łukasz Ελένη Иван"),
];

#[test]
fn names_that_look_like_code_are_printed_as_words() {
    for (name, shown) in NAMES {
        let book = base();
        let field = format!("\"{}\"", name.replace('"', "\"\""));
        book.edit("data/plots.csv", "Ada Marsh", &field);
        let edition = book.build(&["--strict"]);
        for file in ["sheets/P1.pdf", "overview.pdf"] {
            let text = edition.pdf(file).text();
            assert!(text.contains(shown), "{file} should show {shown:?}: {text}");
        }
    }
}

#[test]
fn emoji_and_right_to_left_names_do_not_stop_a_pack() {
    let book = base();
    book.edit("data/plots.csv", "Ada Marsh", "Ada 🥕 שלום");
    book.edit("data/plots.csv", "Ben Okoro", "مريم Ben");
    let edition = book.build(&["--strict"]);
    let text = edition.pdf("sheets/P1.pdf").text();
    let turned: String = "שלום".chars().rev().collect();
    assert!(text.contains("Ada \u{fffd}"), "an emoji, which no font has, is shown as a replacement: {text}");
    assert!(text.contains("שלום") || text.contains(&turned), "Hebrew, which the font has, is shown: {text}");
    assert!(edition.pdf("sheets/P2.pdf").text().contains("Ben"));
}

#[test]
fn a_key_that_is_a_path_stays_in_the_edition() {
    let book = base();
    book.write("data/plots.csv", "Plot,Gardener\n../../../escaped,Ada\n");
    let edition = book.build(&["--strict"]);
    assert_eq!(edition.files_of("sheet"), ["sheets/---------escaped.pdf"]);
    assert_eq!(entries(&edition.folder.join("sheets")).len(), 1);
}

#[test]
fn keys_that_give_one_file_name_are_refused() {
    let book = base();
    book.write("data/plots.csv", "Plot,Gardener\nP.1,Ada\nP/1,Ben\n");
    refused("one-file-name", 2, &["build"], &book);
}

#[test]
fn keys_that_differ_by_case_alone_are_refused() {
    let book = base();
    book.write("data/plots.csv", "Plot,Gardener\nPa,Ada\nPA,Ben\n");
    refused("one-file-name-but-for-case", 2, &["build"], &book);
}

#[test]
fn data_that_link_out_of_the_data_folder() {
    let book = base();
    book.link_outside(HARVESTS);
    refused("link-data", 2, &["build"], &book);
}

#[test]
fn a_data_folder_that_is_not_there() {
    let book = base();
    let nowhere = book.path("nowhere");
    refused("no-data-folder", 2, &["build", "--data", &nowhere.to_string_lossy()], &book);
}
