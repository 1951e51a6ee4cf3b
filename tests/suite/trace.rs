//! `candour trace`: from a figure to the line of the file it came from, checked by reading the file independently.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::process::Command;

use calamine::Reader;
use candour::edition::PrintedFigure;
use candour::frame::Scalar;
use candour::notebook::{Notebook, Options, Watcher};
use candour::pdf::page_texts;
use candour::trace::{Evidence, SourceCell, Step, Tracer, cell_origins, key_of, recorded_as, scalar};
use jiff::civil::Date;
use serde_json::Value;

use super::demonstration;
use super::harness::{Book, Edition, copy_all, program, shown_entries};
use super::pdf::one_line;
use super::real_data;

struct Silent;

impl Watcher for Silent {
    fn begin(&self, _: &str, _: usize) {}
    fn step(&self, _: &str) {}
    fn end(&self) {}
}

/// A book's notebook with every cell run, from the results that its build has kept.
fn notebook(book: &Book, data: &Path) -> Notebook {
    let options = Options {
        book: book.root(),
        data: vec![data.to_path_buf()],
        cache: Some(book.output().join(".cache")),
        strict: false,
        threads: 2,
        as_of: None,
    };
    let mut notebook = Notebook::open(&options, &Silent).expect("a book that opens");
    notebook.run(None, &Silent).expect("cells that run");
    notebook
}

/// The fields of a line.
fn csv_fields(line: &str) -> Vec<String> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line.as_bytes());
    let record = reader.records().next().expect("a record").expect("a record that can be read");
    record.iter().map(str::to_string).collect()
}

/// The text of a field, read with nothing but the file, the line and the column's name.
fn field(data: &Path, file: &str, line: u64, header: &str) -> String {
    let bytes = std::fs::read(data.join(file)).expect("a source file");
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    let read = csv_fields;
    let names = read(lines.clone().find(|line| !line.trim().is_empty()).expect("a header"));
    let at = names.iter().position(|name| name.trim() == header).unwrap_or_else(|| panic!("{file} has no {header}"));
    let own = lines.nth(line as usize - 1).unwrap_or_else(|| panic!("{file} has no line {line}"));
    read(own).get(at).unwrap_or_else(|| panic!("{file}:{line} has no field {header}")).to_string()
}

/// Whether a text of a file says a value: a number by its value, anything else by its words.
fn says(text: &str, value: &Scalar) -> bool {
    if let Scalar::Boolean(yes) = value {
        return ["yes", "true", "y", "1"].contains(&text.trim().to_lowercase().as_str()) == *yes;
    }
    if let Scalar::Date(day) = value {
        return says_day(&text.trim().to_lowercase(), *day);
    }
    match value.number() {
        Some(number) => text.trim().replace(',', "").parse::<f64>().is_ok_and(|said| (said - number).abs() < 1e-6),
        // Words of the contract for "no value" differ from source to source.
        None if value.is_missing() => true,
        None => text.trim() == value.to_string(),
    }
}

/// Whether a text can be that of a day: contracts take a month's name, its last day, a quarter or a financial year for the
/// day on which it begins, so no more is asked than the month, or else the year.
fn says_day(text: &str, day: Date) -> bool {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let (year, month) = (day.year(), day.month());
    let begins = if month < 4 { year - 1 } else { year };
    let years = [
        year.to_string(),
        format!("{begins}-{:02}", (begins + 1) % 100),
        format!("{begins}/{:02}", (begins + 1) % 100),
    ];
    let short = text.contains(MONTHS[month as usize - 1]) && text.contains(&format!("-{:02}", year % 100));
    short || years.iter().any(|year| text.contains(year.as_str()))
}

#[test]
fn a_day_is_known_in_the_forms_of_the_files() {
    let day = jiff::civil::date(2026, 3, 1);
    for text in ["msitae-march-2026", "2026-03-01", "31/03/2026", "mar-26", "2025-26 march", "2025/26 q4"] {
        assert!(says_day(text, day), "{text}");
    }
    for text in ["msitae-march-2025", "apr-26", "2025-03-01", "31/03/2027"] {
        assert!(!says_day(text, day), "{text}");
    }
}

/// Every step at which a trace ends in a published file.
fn ends(step: &Step) -> Vec<&Step> {
    let below = step.inputs.iter().flat_map(|input| &input.steps).flat_map(ends);
    step.source.iter().map(|_| step).chain(below).collect()
}

/// The step that a chain of values taken over ends in, where there is one.
fn taken_over(step: &Step) -> Option<&Step> {
    if step.source.is_some() {
        return Some(step);
    }
    let same = step.inputs.iter().filter(|input| input.same_value).flat_map(|input| &input.steps);
    same.filter_map(taken_over).next()
}

/// Figures of a pack drawn with a fixed seed, from those that come from cells.
fn drawn(evidence: &Evidence, seed: u64, wanted: usize) -> Vec<&PrintedFigure> {
    let cells: Vec<&PrintedFigure> = evidence
        .pack
        .figures
        .iter()
        .filter(|figure| {
            evidence.pack.manifest.cells.iter().any(|cell| cell.cell == figure.cell) && !figure.value.is_null()
        })
        .collect();
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) as usize % cells.len()
    };
    (0..wanted).map(|_| cells[next()]).collect()
}

/// Traces so many figures of each kind of pack that the book has, and more until one ends in a file; of the first two more
/// until five are published as they stand. Returns how many were traced, how many ended in files, and how many as they stand there.
fn check_packs(book: &Book, notebook: &Notebook, data: &Path, of_each: usize) -> (usize, usize, usize) {
    let (mut traced, mut ended, mut as_published) = (0, 0, 0);
    for (number, rule) in notebook.book.packs.iter().enumerate() {
        let seed = 20260621 + number as u64;
        let Some((edition, file)) = one_pack(book, data, &rule.name, seed) else { continue };
        let evidence = Evidence::open(&edition.folder.join(&file)).expect("evidence");
        let mut tracer = Tracer::new(notebook, evidence.hashes.clone(), 30);
        let before = (traced, ended, as_published);
        // Figures that end in tables of the book, which are in no file, are drawn as well.
        let (most, enough) = if number < 2 { (100, 5) } else { (of_each + 20, 0) };
        for (number, figure) in drawn(&evidence, seed, most).into_iter().enumerate() {
            if number >= of_each && as_published - before.2 >= enough && ended > before.1 {
                break;
            }
            traced += 1;
            let address = format!("{file} figure {} ({}.{})", figure.id, figure.cell, figure.column);
            let step = tracer
                .trace(&figure.cell, &key_of(figure), &figure.column)
                .unwrap_or_else(|problems| panic!("{address}: {problems}"));
            assert!(recorded_as(&step.value, &scalar(&figure.value)), "{address}: {:?}", step.value);
            check_ends(&address, &step, data);
            ended += usize::from(!ends(&step).is_empty());
            if let Some(end) = taken_over(&step) {
                as_published += 1;
                let (end, own) = (end.value.number(), step.value.number());
                let alike = end.zip(own).is_none_or(|(end, own)| (end - own).abs() < 1e-6);
                assert!(alike, "{address}: {own:?} is not {end:?}");
            }
        }
        let counts = (traced - before.0, ended - before.1, as_published - before.2);
        eprintln!("{file}: of {} figures {} end in files, {} as they stand there", counts.0, counts.1, counts.2);
        assert!(counts.1 > 0, "no figure of {file} was followed to a file");
    }
    (traced, ended, as_published)
}

/// A pack of a kind, drawn by a seed, and the edition that it is in: the published one, or one of this kind alone where
/// it is made on request. None where the data give no pack of the kind.
fn one_pack(book: &Book, data: &Path, kind: &str, seed: u64) -> Option<(Edition, String)> {
    let pick = |edition: Edition| {
        let files = edition.files_of(kind);
        let file = files.get(seed as usize % files.len().max(1))?.to_string();
        Some((edition, file))
    };
    pick(book.edition()).or_else(|| {
        // A folder of its own, because other tests look at the published one; what is kept of the cells is shared.
        let apart = book.output().with_file_name(format!("output-of-{kind}"));
        for folder in ["cells", "sources", "tables", "tests"] {
            copy_all(&book.output().join(".cache").join(folder), &apart.join(".cache").join(folder));
        }
        // What is made on request is made for a trust that the edition has a pack for.
        let first = book.edition().files_of("board-pack").first()?.to_string();
        let key = Path::new(&first).file_stem()?.to_str()?.to_string();
        let mut command = program(&["build", "--pack", kind, "--only", &key]);
        command.arg("--book").arg(book.root()).arg("--output").arg(&apart).arg("--data").arg(data);
        let run = book.finish(&mut command);
        if run.code != 0 {
            eprintln!("passed over: no {kind} with these data: {}", run.stderr);
            return None;
        }
        pick(Edition::open(&apart.join(shown_entries(&apart).first()?)))
    })
}

/// Every end of a trace is what the file says at that line and column.
fn check_ends(address: &str, step: &Step, data: &Path) {
    for end in ends(step) {
        let cell = end.source.as_ref().expect("an end has a place");
        assert_eq!(cell.as_in_edition, Some(true), "{address}: {}", cell.file);
        let Some(header) = &cell.header else {
            check_row(address, cell, &end.value, data);
            continue;
        };
        let text = field(data, &cell.file, cell.line, header);
        assert_eq!(Some(&text), cell.text.as_ref(), "{address}: {}:{} {header}", cell.file, cell.line);
        assert!(says(&text, &end.value), "{address}: {}:{} reads {text:?}, not {:?}", cell.file, cell.line, end.value);
    }
}

/// Where a file has no lines of text of its own: a number that a trace ends in stands in the row that it names.
fn check_row(address: &str, cell: &SourceCell, value: &Scalar, data: &Path) {
    let Some(number) = value.number() else { return };
    let fields = row_of(&data.join(&cell.file), cell.part.as_deref(), cell.line as usize);
    let found = fields.iter().any(|field| says(field, value));
    assert!(found, "{address}: row {} of {} {:?} does not say {number}: {fields:?}", cell.line, cell.file, cell.part);
}

/// The fields of a row, from 1, of a sheet, a member of an archive, or a Parquet file.
fn row_of(path: &Path, part: Option<&str>, row: usize) -> Vec<String> {
    match (path.extension().and_then(|ending| ending.to_str()), part) {
        (Some("xls" | "xlsx"), Some(sheet)) => {
            let mut book = calamine::open_workbook_auto(path).expect("a workbook");
            let range = book.worksheet_range(sheet).expect("a sheet");
            let cells = range.rows().nth(row - 1 - range.start().map_or(0, |start| start.0 as usize));
            cells.into_iter().flatten().map(|cell| cell.to_string()).collect()
        }
        (Some("zip"), Some(member)) => {
            let mut archive = zip::ZipArchive::new(std::fs::File::open(path).expect("a file")).expect("an archive");
            let mut text = String::new();
            archive.by_name(member).expect("a member").read_to_string(&mut text).expect("text");
            csv_fields(text.lines().nth(row - 1).expect("a line"))
        }
        (Some("parquet"), _) => {
            let connection = duckdb::Connection::open_in_memory().expect("a database");
            let rows = format!("read_parquet('{}') LIMIT 1 OFFSET {}", path.display(), row - 1);
            let mut statement =
                connection.prepare(&format!("SELECT CAST(COLUMNS(*) AS VARCHAR) FROM {rows}")).expect("a query");
            let mut found = statement.query([]).expect("rows");
            let row = found.next().expect("a row").expect("a row of that number");
            let count = row.as_ref().column_count();
            (0..count).map(|at| row.get::<_, Option<String>>(at).expect("a field").unwrap_or_default()).collect()
        }
        (_, _) => {
            let text = String::from_utf8_lossy(&std::fs::read(path).expect("a file")).into_owned();
            csv_fields(text.lines().nth(row - 1).expect("a line"))
        }
    }
}

#[test]
fn figures_of_the_demonstration_packs_lead_to_the_lines_that_say_them() {
    let book = demonstration::shared();
    let data = book.path("data");
    let (traced, ended, as_published) = check_packs(book, &notebook(book, &data), &data, 3);
    eprintln!("of {traced} figures {ended} end in files, {as_published} as they stand there");
    assert!(ended * 4 >= traced * 3 && as_published >= 10, "{traced}, {ended} and {as_published}");
}

#[test]
fn figures_of_the_published_packs_lead_to_the_lines_that_say_them() {
    let Some((book, data)) = real_data::shared() else { return };
    let (traced, ended, as_published) = check_packs(book, &notebook(book, data), data, 10);
    eprintln!("of {traced} figures {ended} end in files, {as_published} as they stand there");
    assert!(ended * 4 >= traced * 3 && as_published >= 10, "{traced}, {ended} and {as_published}");
}

#[test]
fn every_column_of_every_cell_has_an_origin() {
    let book = demonstration::shared();
    let notebook = notebook(book, &book.path("data"));
    let (mut columns, mut how) = (0, BTreeMap::new());
    let mut problems = Vec::new();
    for (name, cell) in &notebook.graph.cells {
        let origins = cell_origins(&notebook, name).expect("a cell that can be read");
        problems.extend(origins.unknown.iter().map(|unknown| format!("{name}: {unknown}")));
        for column in &origins.columns {
            columns += 1;
            *how.entry(format!("{:?}", column.how)).or_insert(0) += 1;
            let places = &column.places;
            if places.is_empty() || places.iter().any(|(from, to)| from >= to || *to > cell.text.len()) {
                problems.push(format!("{name}.{} has no place", column.name));
            }
        }
    }
    eprintln!("{columns} columns of {} cells: {how:?}", notebook.graph.cells.len());
    assert!(problems.is_empty(), "{} problems: {problems:#?}", problems.len());
    assert!(columns > 500, "{columns}");
}

fn is_of_productivity(figure: &PrintedFigure) -> bool {
    let address = (figure.cell.as_str(), figure.column.as_str());
    address == ("productivity_growth", "productivity_growth") && !figure.value.is_null() && !figure.pages.is_empty()
}

/// The first figure of a pack that a cell gives and that is a number.
fn a_figure(edition: &Edition, file: &str) -> PrintedFigure {
    let evidence = Evidence::open(&edition.folder.join(file)).expect("evidence");
    let found = evidence.pack.figures.iter().find(|figure| is_of_productivity(figure));
    found.expect("a figure of productivity").clone()
}

/// A pack that prints a figure of productivity.
fn a_pack(edition: &Edition) -> String {
    let has = |file: &&&str| {
        let evidence = Evidence::open(&edition.folder.join(file)).expect("evidence");
        evidence.pack.figures.iter().any(is_of_productivity)
    };
    edition.files_of("board-pack").iter().find(has).expect("a pack with productivity").to_string()
}

#[test]
fn a_person_goes_from_a_pdf_to_a_line() {
    let book = demonstration::shared();
    let edition = book.edition();
    let file = a_pack(&edition);
    let (figure, path) = (a_figure(&edition, &file), edition.folder.join(&file));
    let pdf = path.to_string_lossy();
    let run = book.run(&["trace", &pdf, &figure.id.to_string()]).expect(0).text();
    for words in ["productivity_growth.sql:", "(same value)", "acute_trust_productivity.csv:", "SHA-256", &figure.text]
    {
        assert!(run.contains(words), "{words} in:\n{run}");
    }
    assert!(!run.contains("NOT the file"), "{run}");
    let json = book.run(&["trace", &pdf, &figure.id.to_string(), "--format", "json"]).expect(0).json();
    assert_eq!(json["figures"][0]["trace"]["inputs"][0]["steps"][0]["source"]["as_in_edition"], Value::Bool(true));
    let shallow = book.run(&["trace", &pdf, &figure.id.to_string(), "--depth", "0"]).expect(0).text();
    assert!(shallow.contains("not followed further") && !shallow.contains(".csv"), "{shallow}");
    let list = book.run(&["trace", &pdf]).expect(0).text();
    assert!(list.lines().count() > 100 && list.contains("productivity_growth.productivity_growth"), "{list}");
    let page = figure.pages[0].to_string();
    let narrow = book.run(&["trace", &pdf, "--page", &page]).expect(0).text();
    assert!(narrow.lines().count() < list.lines().count() && narrow.contains(&figure.text), "{narrow}");
    let cell = book.run(&[
        "trace",
        "productivity_growth.productivity_growth",
        &format!("trust_code={}", figure.key[0].1.as_str().expect("a code")),
    ]);
    assert!(cell.expect(0).text().contains("acute_trust_productivity.csv:"));
}

#[test]
fn words_that_many_figures_have_are_listed_and_not_traced() {
    let book = demonstration::shared();
    let edition = book.edition();
    let path = edition.folder.join(a_pack(&edition));
    let run = book.run(&["trace", &path.to_string_lossy(), "1", "--text"]).expect(0);
    assert!(run.stderr.contains("figures have these words"), "{}", run.stderr);
    assert!(run.text().lines().count() > 3, "{}", run.text());
}

#[test]
fn without_a_book_the_pdf_speaks_for_itself() {
    let edition = demonstration::shared().edition();
    let file = a_pack(&edition);
    let figure = a_figure(&edition, &file);
    let nothing = Book::nothing();
    let path = edition.folder.join(&file);
    let run = nothing.run(&["trace", &path.to_string_lossy(), &figure.id.to_string()]).expect(0);
    assert!(run.stderr.contains("trace-pdf-alone"), "{}", run.stderr);
    for words in ["productivity_growth.sql", "queries.sql in the PDF", "acute_trust_productivity.csv"] {
        assert!(run.text().contains(words), "{words} in:\n{}", run.text());
    }
}

#[test]
fn changed_data_are_told() {
    let source = demonstration::shared();
    let edition = source.edition();
    let file = a_pack(&edition);
    let figure = a_figure(&edition, &file);
    let book = Book::copy(&source.root());
    let name = "data/productivity/acute_trust_productivity.csv";
    let old = figure.value.to_string();
    book.edit(name, &old, "0.0123");
    let path = edition.folder.join(&file);
    let run = book.run(&["trace", &path.to_string_lossy(), &figure.id.to_string()]).expect(1);
    assert!(run.stderr.contains("trace-file") && run.stderr.contains("trace-changed"), "{}", run.stderr);
    assert!(run.text().contains("NOT the file the edition was made from"), "{}", run.text());
}

#[test]
fn what_cannot_be_traced_is_a_problem() {
    let book = Book::fixture("base");
    book.write("plain.pdf", "%PDF-1.7 and no more");
    book.write("words.txt", "no PDF");
    let pdf = |name: &str| book.path(name).to_string_lossy().into_owned();
    for (arguments, words, code) in [
        (vec![pdf("plain.pdf")], "pdf-unreadable", 2),
        (vec![pdf("words.txt")], "it is not a PDF", 2),
        (vec![pdf("none.pdf")], "no such file", 2),
        (vec!["nothing".into()], "neither a PDF nor CELL.COLUMN", 2),
        (vec!["nothing.at_all".into()], "the book has no cell `nothing`", 2),
    ] {
        let arguments: Vec<&str> = std::iter::once("trace").chain(arguments.iter().map(String::as_str)).collect();
        let run = book.run(&arguments).expect(code);
        assert!(run.stderr.contains(words), "{arguments:?}: {}", run.stderr);
    }
}

#[test]
fn a_figure_a_row_or_a_column_that_is_not_there_is_told() {
    let book = demonstration::shared();
    let edition = book.edition();
    let path = edition.folder.join(a_pack(&edition));
    let pdf = path.to_string_lossy();
    for (arguments, words, code) in [
        (vec!["trace", &pdf, "no such words"], "trace-figure", 1),
        (vec!["trace", &pdf, "--page", "99"], "trace-figure", 1),
        (vec!["trace", "productivity_growth.growht", "trust_code=ZA1"], "trace-column", 2),
        (vec!["trace", "productivity_growth.growth_rank", "trust_code=ZZ9"], "trace-row", 1),
        (vec!["trace", "productivity_growth.growth_rank"], "name more columns", 1),
        (vec!["trace", "productivity_growth.growth_rank", "ZA1"], "write it as COLUMN=VALUE", 2),
    ] {
        let run = book.run(&arguments).expect(code);
        assert!(run.stderr.contains(words), "{arguments:?}: {}", run.stderr);
    }
}

#[test]
fn pages_read_as_another_reader_reads_them() {
    let edition = demonstration::shared().edition();
    let mut pages = 0;
    for file in edition.files_of("board-pack").into_iter().chain(edition.files_of("ministerial-briefing")) {
        let Some(other) = other_pages(&edition.folder.join(file)) else { return };
        let own = page_texts(&edition.bytes(file)).expect("pages");
        for (number, (own, other)) in own.iter().zip(&other).enumerate() {
            pages += 1;
            // The other reader joins a word that is broken at its hyphen with whatever it takes for the next line.
            let broken = own.lines().any(|line| line.ends_with('-'));
            let read = if broken || has_formula(own) { letters } else { words };
            assert_eq!(read(own), read(other), "{file} page {}", number + 1);
        }
    }
    assert!(pages > 500, "{pages} pages");
}

/// The pages as `pdftotext` reads them; none where it is not installed.
fn other_pages(pdf: &Path) -> Option<Vec<String>> {
    let output = Command::new("pdftotext").args(["-enc", "UTF-8"]).arg(pdf).arg("-").output().ok();
    let Some(output) = output else {
        eprintln!("passed over: pdftotext is not installed");
        return None;
    };
    Some(String::from_utf8(output.stdout).expect("UTF-8").split('\u{c}').map(str::to_string).collect())
}

/// Whether a page shows a formula, set in letters of mathematics: its parts are no words.
fn has_formula(text: &str) -> bool {
    text.chars().any(|c| ('\u{1d400}'..='\u{1d7ff}').contains(&c))
}

/// The words of a page, sorted.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = one_line(text).split(' ').map(str::to_string).collect();
    words.sort();
    words
}

/// The characters of a page but for hyphens, sorted.
fn letters(text: &str) -> Vec<String> {
    let mut letters: Vec<String> =
        one_line(text).chars().filter(|c| !matches!(c, ' ' | '-')).map(String::from).collect();
    letters.sort();
    letters
}

#[test]
fn help_says_how() {
    let output = program(&["trace", "--help"]).output().expect("the program starts");
    assert!(String::from_utf8_lossy(&output.stdout).contains("CELL.COLUMN"));
}
