//! Books about other things, made by the same program; and an engine that knows nothing of any subject.

use std::path::Path;

use regex::Regex;

use super::harness::{Book, contents, entries, program, project};

#[test]
fn a_book_about_libraries_builds() {
    let book = Book::fixture("libraries");
    let edition = book.build(&[]);
    assert_eq!(edition.files_of("branch-card").len(), 6);
    let cards = edition.files_of("branch-card").join(" ");
    assert!(
        cards.contains("cards/L01-Vale-Central.pdf") && cards.contains("cards/L04-Quay--upper-floor.pdf"),
        "{cards}"
    );
    assert_eq!(edition.manifest["sources"][0]["status"], "demonstration");
}

#[test]
fn a_library_card_says_what_is_known_and_what_is_not() {
    let book = Book::fixture("libraries");
    let edition = book.build(&[]);
    let card = |file: &str| edition.pdf(file).text();
    let anne = card("cards/L02-St-Anne-s.pdf");
    assert!(anne.contains("St Anne\u{2019}s") && anne.contains("17 September 1988"), "{anne}");
    assert!(anne.contains("Season 9,021 6,336") && anne.contains("there were 1.42 visits"), "{anne}");
    assert!(card("cards/L04-Quay--upper-floor.pdf").contains("Opened: not recorded"));
    assert!(card("cards/L05-Moor-Top.pdf").contains("Visits were counted in 2 of 3 months"));
    assert!(card("cards/L06-Book-Bus.pdf").contains("There is no count of loans"));
    let county = edition.pdf("county.pdf");
    assert!(county.text().contains("C\u{f4}te 2 8,763 9,000 97.4%"), "{}", county.text());
    let figure = county.tags().of_kind("Figure")[0].alt.clone().expect("alternative text");
    assert!(figure.contains("Moor Top not counted"), "{figure}");
}

#[test]
fn figures_of_a_small_book_are_all_printed() {
    let book = Book::fixture("libraries");
    let edition = book.build(&[]);
    for file in edition.files_of("branch-card") {
        let pdf = edition.pdf(file);
        let figures: serde_json::Value = serde_json::from_slice(&pdf.attachments()["figures.json"]).expect("figures");
        let figures = figures["figures"].as_array().expect("a list").clone();
        assert!(figures.len() >= 10, "{file}: {} figures", figures.len());
        for figure in figures {
            let text = figure["text"].as_str().expect("a text");
            assert!(pdf.text().contains(text), "{file} does not print {figure}");
        }
    }
}

#[test]
fn the_brand_reaches_libraries_of_templates_and_makes_packs_anew() {
    let book = Book::fixture("libraries");
    let county = |book: &Book| book.build(&[]).contents()["county.pdf"].clone();
    let before = county(&book);
    assert!(book.run(&["build"]).expect(0).stderr.contains("of which 7 already known"));
    book.edit("candour.toml", "shade = \"#801650\"", "shade = \"#12436d\"");
    assert!(book.run(&["build", "--plan"]).expect(0).text().contains("brand.shade"));
    assert_ne!(before, county(&book), "no template names the colour, and yet the pages have it");
    // A value that no pack has asked for yet may be one that a library looks for.
    book.append("candour.toml", "paper = \"a5\"\n");
    assert!(book.run(&["build", "--plan"]).expect(0).text().contains("brand.paper"));
}

#[test]
fn a_brand_without_a_colour_is_told_which() {
    let book = Book::fixture("libraries");
    let theme = std::fs::read(project().join("report-templates/lib/theme.typ")).expect("the theme");
    book.write("report-templates/lib/theme.typ", theme);
    book.edit("report-templates/lib/look.typ", "#let look(", "#import \"/lib/theme.typ\": colour\n#let look(");
    let run = book.run(&["build"]).expect(2);
    assert!(run.stderr.contains("[brand] in candour.toml needs `text_body`"), "{}", run.stderr);
}

/// A book made by `candour new`.
fn new_book() -> Book {
    let book = Book::nothing();
    let status = program(&["new"]).arg(book.root()).status().expect("the program starts");
    assert!(status.success());
    book
}

#[test]
fn a_new_book_builds_checks_and_tests() {
    let book = new_book();
    assert!(book.run(&["check"]).expect(0).stderr.contains("no problems found"));
    assert!(book.run(&["test"]).expect(0).stderr.contains(" 0 failed"));
    let edition = book.build(&["--strict"]);
    assert_eq!(edition.files_of("route-report").len(), 5);
    let report = edition.pdf("routes/route-7A.pdf");
    assert!(report.text().contains("Route 7A: Coast Road"), "{}", report.text());
    assert_eq!(report.title().as_deref(), Some("Route 7A: Coast Road"));
    let tags = report.tags();
    assert!(tags.of_kind("Figure").iter().all(|figure| figure.alt.is_some()));
    assert!(!tags.of_kind("Figure").is_empty() && !tags.of_kind("TH").is_empty());
}

#[test]
fn a_new_book_is_the_starter_whole() {
    let made = contents(&new_book().root());
    let starter = contents(&project().join("src/cli/starter"));
    assert_eq!(made, starter);
}

#[test]
fn a_new_book_overwrites_nothing() {
    let book = Book::nothing();
    book.write("notes.txt", "mine");
    let run = book.finish(program(&["new"]).arg(book.root())).expect(2);
    assert!(run.stderr.contains("is not empty"), "{}", run.stderr);
    assert_eq!(entries(&book.root()), ["notes.txt"]);
}

/// The engine's files as text, by path under `src/`.
fn sources() -> Vec<(String, String)> {
    let files = contents(&project().join("src"));
    let texts = files.into_iter().filter_map(|(name, bytes)| Some((name, String::from_utf8(bytes).ok()?)));
    texts.collect()
}

/// Lines of the engine that match a pattern, as `file:line`, but for those in folders where it is at home.
fn found(pattern: &str, home: impl Fn(&str) -> bool) -> Vec<String> {
    let pattern = Regex::new(pattern).expect("a pattern");
    let mut found = Vec::new();
    for (file, text) in sources().iter().filter(|(file, _)| !home(file)) {
        for (number, line) in text.lines().enumerate().filter(|(_, line)| pattern.is_match(line)) {
            found.push(format!("src/{file}:{}: {}", number + 1, line.trim()));
        }
    }
    found
}

fn is_rust(file: &str) -> bool {
    Path::new(file).extension().is_some_and(|ending| ending == "rs")
}

#[test]
fn the_engine_has_no_word_of_any_subject() {
    assert!(sources().len() > 40, "the engine's files are found");
    let words = found(r"(?i)\b(nhs|trusts?|hospitals?|segments?)\b", |file| file.starts_with("typeset/fonts/"));
    assert!(words.is_empty(), "{words:#?}");
}

#[test]
fn statistics_depend_on_nothing_else() {
    // From the top of a file `super` is `stats` itself; from a module inside a file `super::super` is.
    let pattern = r"\bcrate::|\bcandour::|^\S.*\bsuper::super\b|super::super::super";
    let outside = found(pattern, |file| !(is_rust(file) && file.starts_with("stats/")));
    assert!(outside.is_empty(), "{outside:#?}");
    let others = found(r"\b(duckdb|polars|typst|minijinja)::", |file| !file.starts_with("stats/"));
    assert!(others.is_empty(), "{others:#?}");
}

#[test]
fn the_database_and_the_typesetter_are_each_named_in_one_place() {
    let duckdb = found(r"\bduckdb::", |file| !is_rust(file) || file.starts_with("duck/"));
    assert!(duckdb.is_empty(), "{duckdb:#?}");
    let typst = found(r"\b(typst(_[a-z]+)?|comemo)::", |file| !is_rust(file) || file.starts_with("typeset/"));
    assert!(typst.is_empty(), "{typst:#?}");
}

#[test]
fn nothing_in_the_engine_is_unsafe() {
    let allowed = found(r"\bunsafe\s*(\{|fn|impl|trait|extern)|allow\(unsafe_code\)", |file| !is_rust(file));
    assert!(allowed.is_empty(), "{allowed:#?}");
}

#[test]
fn starter_files_fit_a_screen_or_two() {
    for (file, bytes) in contents(&project().join("src/cli/starter")) {
        let lines = bytes.iter().filter(|byte| **byte == b'\n').count();
        assert!(lines <= 100, "{file} has {lines} lines");
    }
}
