//! Spreadsheets and CSV beside packs: their numbers are the document's, and they keep the rules for those who cannot see
//! a page or use a mouse.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;
use std::path::Path;
use std::process::Command;

use calamine::{Data, Ods, Reader, Xlsx};
use candour::edition::PublishedPack;
use serde_json::Value;

use super::harness::{Book, Edition, assert_same, entries};
use super::sheets_rules::{Parts, broken_in_ods, broken_in_xlsx, parts};

const ENDINGS: [&str; 4] = ["xlsx", "ods", "csv", "csv-metadata.json"];

/// The libraries, with sheets beside every pack and a claim.
fn libraries() -> Book {
    let book = Book::fixture("libraries");
    for file in ["file = \"cards/{code}-{branch}.pdf\"", "file = \"county.pdf\""] {
        book.edit("candour.toml", file, &format!("{file}\nsheets = true"));
    }
    book.write("queries/printed/busiest.sql", CLAIM);
    book.append("report-templates/county.typ", "\n#{{ claim(\"busiest\") }}\n");
    book
}

const CLAIM: &str = "/*
title = \"The busiest district\"
grain = [\"district\"]
claim = {}

[columns]
district = { meaning = \"District\" }
loans = { unit = \"count\", meaning = \"Items lent\" }
holds = { meaning = \"Whether it lent the most\" }
statement = { meaning = \"The sentence\" }
*/
SELECT district, loans, true AS holds, district || ' lent ' || loans || ' items.' AS statement
FROM (SELECT district, loans FROM district_season ORDER BY loans DESC, district LIMIT 1)
";

/// The cells of a sheet by the words of each, row by row.
fn sheets_of(file: &str, bytes: &[u8]) -> BTreeMap<String, Vec<Vec<Data>>> {
    let rows = |range: calamine::Range<Data>| range.rows().map(<[Data]>::to_vec).collect::<Vec<_>>();
    let cursor = Cursor::new(bytes.to_vec());
    if file.ends_with("ods") {
        let mut book: Ods<_> = Ods::new(cursor).expect("an OpenDocument spreadsheet");
        return book.worksheets().into_iter().map(|(name, range)| (name, rows(range))).collect();
    }
    let mut book: Xlsx<_> = Xlsx::new(cursor).expect("an Excel workbook");
    book.worksheets().into_iter().map(|(name, range)| (name, rows(range))).collect()
}

fn words(cell: &Data) -> String {
    match cell {
        Data::DateTime(day) => format!("day {}", day.as_f64()),
        Data::DateTimeIso(day) => day.clone(),
        cell => cell.to_string(),
    }
}

fn pack_files(edition: &Edition) -> Vec<String> {
    edition.packs().iter().map(|pack| pack["file"].as_str().expect("a file").to_string()).collect()
}

fn beside(pdf: &str, ending: &str) -> String {
    format!("{}.{ending}", pdf.strip_suffix(".pdf").expect("a PDF"))
}

/// The rows of a CSV file by the names of their columns.
fn csv_rows(bytes: &[u8]) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(bytes);
    reader.deserialize().map(|row| row.expect("a row")).collect()
}

#[test]
fn every_figure_is_in_the_csv_with_its_value_and_nothing_else_is() {
    let book = libraries();
    let edition = book.build(&[]);
    for pdf in pack_files(&edition) {
        let pack = PublishedPack::read(&edition.bytes(&pdf), &pdf).expect("evidence");
        let rows = csv_rows(&edition.bytes(&beside(&pdf, "csv")));
        let mut addresses = BTreeSet::new();
        for figure in pack.figures.iter().filter(|figure| figure.cell != "source_files") {
            let key = |row: &BTreeMap<String, String>| {
                figure.key.iter().all(|(name, value)| {
                    let words = value.as_str().map_or_else(|| value.to_string(), str::to_string);
                    row[name] == words
                })
            };
            let mut here =
                rows.iter().filter(|row| row["table"] == figure.cell && row["column"] == figure.column && key(row));
            let row = here.next().unwrap_or_else(|| panic!("{pdf}: no row for {}", figure.address()));
            assert!(here.next().is_none(), "{pdf}: two rows for {}", figure.address());
            match figure.value.as_f64() {
                // The reader of JSON is not exact in the last digit.
                Some(number) => {
                    let value: f64 = row["value"].parse().expect("a number");
                    assert!((value - number).abs() <= 1e-15 * number.abs(), "{value} is not {number}");
                }
                None => assert_eq!(row["value"], "", "{row:?}"),
            }
            addresses.insert(figure.address());
        }
        assert_eq!(rows.len(), addresses.len(), "{pdf}");
    }
}

#[test]
fn every_number_of_the_document_stands_in_its_table() {
    let book = libraries();
    let edition = book.build(&[]);
    let pack = PublishedPack::read(&edition.bytes("county.pdf"), "county.pdf").expect("evidence");
    for ending in ["xlsx", "ods"] {
        let sheets = sheets_of(ending, &edition.bytes(&beside("county.pdf", ending)));
        let mut numbers = 0;
        for figure in pack.figures.iter().filter(|figure| figure.cell == "district_season") {
            let Some(number) = figure.value.as_f64() else { continue };
            let key = figure.key[0].1.as_str().expect("a district");
            let rows = &sheets["District season"];
            let row = rows.iter().find(|row| words(&row[0]) == key).unwrap_or_else(|| panic!("{key}: {rows:?}"));
            assert!(row.contains(&Data::Float(number)), "{ending}: {} is not in {row:?}", figure.address());
            numbers += 1;
        }
        assert!(numbers >= 9, "{numbers}");
    }
}

#[test]
fn both_formats_say_the_same() {
    let book = libraries();
    let edition = book.build(&[]);
    for pdf in pack_files(&edition) {
        let read = |ending: &str| sheets_of(ending, &edition.bytes(&beside(&pdf, ending)));
        let (xlsx, ods) = (read("xlsx"), read("ods"));
        assert_eq!(xlsx.keys().collect::<Vec<_>>(), ods.keys().collect::<Vec<_>>());
        for (name, rows) in xlsx {
            for (one, other) in rows.iter().zip(&ods[&name]) {
                for (one, other) in one.iter().zip(other).filter(|(one, _)| !matches!(one, Data::DateTime(_))) {
                    assert_eq!(words(one), words(other), "{pdf}, {name}");
                }
            }
        }
    }
}

#[test]
fn the_rules_for_accessible_spreadsheets_are_kept() {
    let book = libraries();
    let edition = book.build(&[]);
    for pdf in pack_files(&edition) {
        let xlsx = broken_in_xlsx(&parts(&edition.bytes(&beside(&pdf, "xlsx"))));
        assert!(xlsx.is_empty(), "{pdf}: {xlsx:?}");
        let ods = edition.bytes(&beside(&pdf, "ods"));
        let broken = broken_in_ods(&parts(&ods));
        assert!(broken.is_empty(), "{pdf}: {broken:?}");
        // The media type is the first part, as it is, so that any program sees it at byte 38.
        assert_eq!(&ods[30..84], b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet");
    }
}

/// A broken file, made by changing a part of a good one, is seen to be broken.
#[track_caller]
fn seen(good: &Parts, judge: fn(&Parts) -> BTreeSet<&'static str>, part: &str, from: &str, to: &str, rule: &str) {
    let mut spoiled = good.clone();
    let text = spoiled.get_mut(part).unwrap_or_else(|| panic!("no part {part}"));
    assert!(text.contains(from), "{part} does not hold {from}");
    *text = text.replacen(from, to, 1);
    assert!(judge(&spoiled).contains(rule), "not seen: {rule}: {:?}", judge(&spoiled));
}

#[test]
fn a_workbook_that_breaks_a_rule_is_seen() {
    let book = libraries();
    let good = parts(&book.build(&[]).bytes("county.xlsx"));
    let sheet = "xl/worksheets/sheet2.xml";
    let table = "xl/tables/table1.xml";
    for (part, from, to, rule) in [
        ("xl/workbook.xml", "name=\"Cover\"", "name=\"Front\"", "cover, contents and notes come first"),
        ("xl/workbook.xml", "name=\"Sources\"", "name=\"notes\"", "sheets have names of their own"),
        ("xl/workbook.xml", "name=\"Sources\"", "name=\"So?rces\"", "names are such as programs take"),
        ("xl/workbook.xml", "<workbookView ", "<workbookView activeTab=\"2\" ", "it opens on the cover"),
        ("xl/workbook.xml", "name=\"Notes\"", "name=\"Notes\" state=\"hidden\"", "nothing is hidden"),
        ("docProps/core.xml", "<dc:title>", "<dc:title><", "it has a title and an author"),
        ("docProps/custom.xml", "en-GB", "fr-FR", "it says its language"),
        (sheet, "</sheetData>", "</sheetData><mergeCells/>", "no merged cells"),
        (sheet, "</sheetData>", "</sheetData><pane/>", "no frozen panes"),
        (sheet, "</sheetData>", "</sheetData><drawing/>", "no macros and no images"),
        (sheet, "</sheetData>", "<row r=\"90\"></row></sheetData>", "no blank rows"),
        (sheet, "</sheetData>", "</sheetData><selection activeCell=\"B2\"/>", "the cursor is in A1"),
        (sheet, "<v>", "<f>1+1</f><v>", "no formulae"),
        (table, " ref=\"A", " ref=\"B", "a table begins in column A"),
        (table, " ref=\"A3:D", " ref=\"A3:D1", "nothing stands below a table"),
        (table, "name=\"Title\"", "name=\"Sheet\"", "one header row of different headings"),
        (table, "<tableColumns", "<autoFilter/><tableColumns", "no filters"),
        ("xl/worksheets/_rels/sheet2.xml.rels", "tables/table1", "tables/none", "one marked-up table a sheet"),
        (
            "xl/styles.xml",
            "horizontal=\"right\" vertical=\"top\"",
            "vertical=\"top\"",
            "numbers stand right, and shorthand among them",
        ),
        (
            "xl/styles.xml",
            "<alignment horizontal=\"left\"/>",
            "<alignment horizontal=\"right\"/>",
            "lines above a table stand left and run on",
        ),
    ] {
        seen(&good, broken_in_xlsx, part, from, to, rule);
    }
    let (name, whole) = good.iter().find(|(name, _)| name.as_str() == "xl/tables/table2.xml").expect("a second table");
    let first = good[table].split("displayName=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a name");
    let second = whole.split("displayName=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a name");
    let (from, to) = (format!("displayName=\"{second}\""), format!("displayName=\"{first}\""));
    seen(&good, broken_in_xlsx, name, &from, &to, "tables have names of their own");
}

#[test]
fn an_open_spreadsheet_that_breaks_a_rule_is_seen() {
    let book = libraries();
    let good = parts(&book.build(&[]).bytes("county.ods"));
    let content = "content.xml";
    for (part, from, to, rule) in [
        (content, "table:name=\"Cover\"", "table:name=\"Front\"", "cover, contents and notes come first"),
        (
            content,
            "<table:table table:name=\"Sources\"",
            "<table:table table:name=\"notes\"",
            "sheets have names of their own",
        ),
        (content, "<table:table-cell ", "<table:table-cell table:number-columns-spanned=\"2\" ", "no merged cells"),
        (content, "<table:table-row ", "<table:table-row table:visibility=\"collapse\" ", "nothing is hidden"),
        (content, "<text:p>", "<draw:frame/><text:p>", "no macros and no images"),
        (content, "office:value-type=", "table:formula=\"of:=1\" office:value-type=", "no formulae"),
        (content, "display-filter-buttons=\"false\"", "display-filter-buttons=\"true\"", "no filters"),
        (content, "</table:table-row>", "<table:table-cell/></table:table-row>", "no cell is empty"),
        (
            content,
            "</table:table-row></table:table><table:table table:name=\"Notes\"",
            "</table:table-row><table:table-row></table:table-row></table:table><table:table table:name=\"Notes\"",
            "nothing stands below a table",
        ),
        (content, "<table:table-header-rows>", "", "one marked-up table a sheet"),
        (content, "<text:p>Title</text:p>", "<text:p>Sheet</text:p>", "one header row of different headings"),
        (
            content,
            "\"fix\"/><style:paragraph-properties fo:text-align=\"end\"",
            "\"fix\"/><style:paragraph-properties fo:text-align=\"start\"",
            "numbers stand right, and shorthand among them",
        ),
        (content, "table:name=\"table_notes\"", "table:name=\"table_contents\"", "tables have names of their own"),
        ("meta.xml", "<dc:title>", "<dc:title><", "it has a title and an author"),
        ("styles.xml", "fo:language=\"en\"", "fo:language=\"fr\"", "it says its language"),
    ] {
        seen(&good, broken_in_ods, part, from, to, rule);
    }
}

#[test]
fn notes_and_shorthand_are_explained_where_they_are_used() {
    let book = libraries();
    let long = "Loans as a share of the target; over the months in which every branch of the district sent its counts";
    book.edit("queries/printed/district_season.sql", "Loans as a share of the target", long);
    let edition = book.build(&[]);
    let marker = regex::Regex::new(r"\[(?:note \d+|[a-z]{1,8})\]").expect("a pattern");
    for pdf in pack_files(&edition) {
        let sheets = sheets_of("xlsx", &edition.bytes(&beside(&pdf, "xlsx")));
        let marks = |rows: &[Vec<Data>]| -> BTreeSet<String> {
            let cells = rows.iter().flatten().map(words).collect::<Vec<_>>();
            cells.iter().flat_map(|cell| marker.find_iter(cell)).map(|found| found.as_str().to_string()).collect()
        };
        let used: BTreeSet<String> =
            sheets.iter().filter(|(name, _)| *name != "Notes").flat_map(|(_, rows)| marks(rows)).collect();
        let explained: BTreeSet<String> = sheets["Notes"][3..].iter().map(|row| words(&row[0])).collect();
        assert_eq!(used, explained, "{pdf}");
    }
    let county = sheets_of("xlsx", &edition.bytes("county.xlsx"));
    let headings: Vec<String> = county["District season"].iter().flatten().map(words).collect();
    assert!(headings.iter().any(|heading| heading == "Loans as a share of the target (%) [note 2]"), "{headings:?}");
    assert!(county["Notes"].iter().any(|row| words(&row[1]).ends_with(&format!("{long}."))));
    // A month without a count is not an empty cell.
    let card = pack_files(&edition).into_iter().find(|file| file.contains("L06")).expect("a card");
    let months = &sheets_of("xlsx", &edition.bytes(&beside(&card, "xlsx")))["Branch months"];
    assert!(months.iter().flatten().any(|cell| words(cell) == "[x]"), "{months:?}");
    assert!(words(&months[1][0]).contains("[x] means not available"), "{months:?}");
}

#[test]
fn cover_sources_and_statements_say_what_a_reader_must_know() {
    let book = libraries();
    let edition = book.build(&[]);
    let sheets = sheets_of("xlsx", &edition.bytes("county.xlsx"));
    let text = |name: &str| sheets[name].iter().flatten().map(words).collect::<Vec<_>>().join("\n");
    let cover = text("Cover");
    for said in ["Invented libraries, for testing", "30 April 2026", "county.pdf", "County Library Service", "[note 1]"]
    {
        assert!(cover.contains(said), "{said}: {cover}");
    }
    assert!(text("Sources").contains("Register of branches") && text("Sources").contains("demonstration"));
    assert!(text("District season").contains("Source: Monthly counts, "), "{}", text("District season"));
    assert!(text("District season").contains("Status: demonstration"));
    assert!(text("Statements").contains(" items.") && text("Statements").contains("yes"));
    assert!(text("Statement numbers").contains("Items lent"));
    let contents = text("Contents");
    for name in sheets.keys().filter(|name| !matches!(name.as_str(), "Cover" | "Contents")) {
        assert!(contents.contains(name.as_str()), "{name} is not among the contents");
    }
    let described: Value = serde_json::from_slice(&edition.bytes("county.csv-metadata.json")).expect("JSON");
    let columns = described["tableSchema"]["columns"].as_array().expect("columns");
    let named: Vec<&str> = columns.iter().filter_map(|column| column["name"].as_str()).collect();
    let bytes = edition.bytes("county.csv");
    let header = String::from_utf8_lossy(&bytes).lines().next().expect("a header").to_string();
    assert_eq!(named.join(","), header);
    assert_eq!(
        (&described["url"], &described["rdfs:comment"][0]),
        (&"county.csv".into(), &"Invented libraries, for testing".into())
    );
}

#[test]
fn words_of_the_data_never_become_a_formula() {
    let book = libraries();
    let branches = std::fs::read(book.path("data/branches.csv")).expect("branches");
    let text: String = branches.iter().map(|byte| if byte.is_ascii() { char::from(*byte) } else { '?' }).collect();
    let text = text.replace("C?te", "Vale").replace("Moor Top", "\"=HYPERLINK(\"\"x\"\")\"");
    book.write("data/branches.csv", text);
    book.edit("candour.toml", "cards/{code}-{branch}.pdf", "cards/{code}.pdf");
    let folder = "cards";
    let edition = book.build(&["--pack", "branch-card"]);
    let xlsx = parts(&edition.bytes(&format!("{folder}/L05.xlsx")));
    assert!(xlsx["xl/sharedStrings.xml"].contains("=HYPERLINK("));
    assert!(broken_in_xlsx(&xlsx).is_empty(), "{:?}", broken_in_xlsx(&xlsx));
    let ods = parts(&edition.bytes(&format!("{folder}/L05.ods")));
    assert!(ods["content.xml"].contains("<text:p>=HYPERLINK(") && broken_in_ods(&ods).is_empty());
    let rows = csv_rows(&edition.bytes(&format!("{folder}/L05.csv")));
    assert!(rows.iter().any(|row| row["text"].starts_with("'=HYPERLINK(")));
    assert!(!rows.iter().flat_map(BTreeMap::values).any(|cell| cell.starts_with('=')));
}

#[test]
fn another_folder_and_thread_count_give_the_same_bytes() {
    let (first, second) = (libraries(), libraries());
    let one = first.build(&["--threads", "1"]).contents();
    let other = second.build(&["--threads", "4"]).contents();
    assert_same(&one, &other);
}

#[test]
fn sheets_are_kept_with_their_pack_and_made_anew_when_their_words_change() {
    let book = libraries();
    let first = book.build(&[]).contents();
    let run = book.run(&["build"]).expect(0);
    assert!(run.stderr.contains("packs    7, of which 7 already known"), "{}", run.stderr);
    assert_same(&first, &book.edition().contents());
    // A meaning is in no PDF, and in the sheets of every pack that shows the column.
    book.edit("queries/printed/district_season.sql", "meaning = \"Branches\"", "meaning = \"Branches open\"");
    let run = book.run(&["build"]).expect(0);
    assert!(run.stderr.contains("packs    7, of which 6 already known"), "{}", run.stderr);
    let second = book.edition().contents();
    assert_eq!(first["county.pdf"], second["county.pdf"]);
    let text = String::from_utf8_lossy(&second["county.csv-metadata.json"]).into_owned();
    assert!(text.contains("Branches open") && first["county.xlsx"] != second["county.xlsx"]);
    // Made from nothing, it is the same: no sheet was kept that should not have been.
    book.run(&["verify"]).expect(0);
}

#[test]
fn sheets_that_are_no_longer_asked_for_leave_the_edition() {
    let book = libraries();
    let edition = book.build(&[]);
    let listed: Vec<&Value> =
        edition.packs().iter().flat_map(|pack| pack["beside"].as_array().expect("sheets")).collect();
    assert_eq!(listed.len(), 4 * edition.packs().len());
    book.edit("candour.toml", "\nsheets = true", "");
    let edition = book.build(&[]);
    let left = entries(&edition.folder.join("cards"));
    assert!(left.iter().all(|file| file.ends_with(".pdf")), "{left:?}");
    assert!(edition.folder.join("county.xlsx").exists());
    assert!(edition.packs()[0].get("beside").is_none());
}

#[test]
fn an_altered_or_missing_spreadsheet_is_named() {
    let book = libraries();
    let edition = book.build(&[]);
    for ending in ENDINGS {
        let path = edition.folder.join(format!("county.{ending}"));
        let good = std::fs::read(&path).expect("a file");
        let mut bad = good.clone();
        *bad.last_mut().expect("a byte") ^= 1;
        std::fs::write(&path, &bad).expect("an altered file");
        let said = book.run(&["verify", "--no-rebuild"]).expect(1).stderr;
        assert!(said.contains(&format!("error[verify-changed]: county.{ending} is not the file")), "{said}");
        std::fs::remove_file(&path).expect("a removed file");
        let said = book.run(&["verify", "--no-rebuild"]).expect(1).stderr;
        assert!(said.contains(&format!("error[verify-missing]: county.{ending} cannot be read")), "{said}");
        // What is gone or altered is not taken for the edition: the next build puts it back.
        book.build(&[]);
        assert_eq!(std::fs::read(&path).expect("a file"), good);
    }
}

/// The sheets of a file as LibreOffice reads them, as CSV with the values in full.
fn through_office(folder: &Path, file: &str, bytes: &[u8]) -> Option<BTreeMap<String, String>> {
    let out = folder.join(format!("{file}-out"));
    std::fs::create_dir_all(&out).expect("a folder");
    std::fs::write(folder.join(file), bytes).expect("a copy");
    let profile = format!("-env:UserInstallation=file://{}", folder.join("profile").display());
    let filter = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1";
    let run = Command::new("soffice")
        .args([&profile, "--headless", "--convert-to", filter, "--outdir"])
        .args([&out, &folder.join(file)])
        .output();
    run.ok()?;
    let sheets = entries(&out).into_iter().map(|name| {
        let text = std::fs::read_to_string(out.join(&name)).expect("UTF-8");
        (name, text)
    });
    Some(sheets.collect())
}

#[test]
fn libreoffice_opens_both_formats_and_reads_the_same_numbers() {
    let book = libraries();
    let edition = book.build(&[]);
    let folder = tempfile::tempdir().expect("a folder");
    let read = |file: &str| through_office(folder.path(), file, &edition.bytes(file));
    let (Some(xlsx), Some(ods)) = (read("county.xlsx"), read("county.ods")) else {
        println!("passed over: there is no soffice here");
        return;
    };
    assert!(xlsx.len() >= 8, "{:?}", xlsx.keys());
    assert_eq!(xlsx, ods);
    let table = xlsx.iter().find(|(name, _)| name.contains("District season")).expect("a sheet").1;
    for row in csv_rows(&edition.bytes("county.csv")) {
        if row["table"] == "district_season" && !row["value"].is_empty() {
            let number: f64 = row["value"].parse().expect("a number");
            let near = |cell: &str| cell.parse::<f64>().is_ok_and(|cell| (cell - number).abs() < 1e-9 * number.abs());
            let line = table.replace('"', "");
            let line = line.lines().find(|line| line.starts_with(&row["district"])).expect("a row");
            assert!(line.split(',').any(near), "{number} is not in {line}");
        }
    }
}
