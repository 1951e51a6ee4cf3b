//! What moved, and whether it may: `candour why`, `candour diff` and `candour lock`, and that nothing else is made anew.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use super::demonstration;
use super::harness::{Book, Run, copy_all, program};
use super::pdf::Pdf;

/// The fixture, built, and a copy of its edition.
fn published() -> (Book, PathBuf) {
    let book = Book::fixture("base");
    let before = keep(&book, "before");
    (book, before)
}

/// Builds, and keeps a copy of the edition.
fn keep(book: &Book, name: &str) -> PathBuf {
    let edition = book.build(&[]);
    let kept = book.path("kept").join(name);
    copy_all(&edition.folder, &kept);
    kept
}

/// One more kilo of tens for the plot P1.
fn change_a_harvest(book: &Book) {
    book.edit("data/harvests.csv", "P1,2025 autumn,40", "P1,2025 autumn,50");
}

#[track_caller]
fn says(words: &str, wanted: &[&str]) {
    for wanted in wanted {
        assert!(words.contains(wanted), "no {wanted:?} in:\n{words}");
    }
}

/// Compares a kept edition with the one in the output folder.
fn diff(book: &Book, before: &PathBuf, arguments: &[&str]) -> Run {
    let mut command = program(&["diff"]);
    // Where it is run there is no book.
    command.current_dir(book.path("kept")).arg(before).arg(book.edition().folder).args(arguments);
    book.finish(&mut command)
}

/// The same with the book at hand.
fn diff_with_book(book: &Book, before: &PathBuf, arguments: &[&str]) -> Run {
    let root = book.root();
    let output = book.output();
    let given = ["--book", &root.to_string_lossy(), "--output", &output.to_string_lossy()].map(str::to_string);
    let given: Vec<&str> = given.iter().map(String::as_str).chain(arguments.iter().copied()).collect();
    diff(book, before, &given)
}

fn names<'a>(list: &'a Value, key: &str) -> Vec<&'a str> {
    list.as_array().expect("a list").iter().map(|one| one[key].as_str().expect("a text")).collect()
}

#[test]
fn one_changed_value_is_named_down_to_its_line_and_only_its_packs_are_made_anew() {
    let (book, before) = published();
    change_a_harvest(&book);

    let words = book.run(&["why", "totals"]).expect(0).text();
    let line = "harvests.csv:3  plot = P1, season = 2025 autumn: kilos 40.0 -> 50.0";
    says(&words, &["totals: moved since edition year", "because of harvests.csv of source harvests", line]);
    says(&words, &["reads plot_years, which moved", "plot = P1: kilos 52.5 -> 62.5", "kilos 109.75 -> 119.75"]);
    let why = book.run(&["why", "sheet:P1", "--format", "json"]).expect(0).json();
    assert_eq!((&why["moved"], &why["packs"][0]["known"]), (&true.into(), &true.into()), "{why}");
    let input = &why["packs"][0]["inputs"][0];
    assert_eq!((input["what"].as_str(), input["name"].as_str()), (Some("table"), Some("plot_years")));
    let value = &input["change"]["rows"][0]["values"][0];
    assert_eq!((value["column"].as_str(), value["after"].as_str()), (Some("kilos"), Some("62.5")));
    let words = book.run(&["why", "sheet:P2"]).expect(0).text();
    says(&words, &["sheet:P2: nothing moved since edition year", "nothing that it takes has moved"]);
    let words = book.run(&["why", "sheet"]).expect(0).text();
    says(&words, &["sheets/P1.pdf\n  values of plot_years", "sheets/P2.pdf, sheets/P3.pdf\n  nothing"]);

    let run = book.run(&["verify"]).expect(1);
    let named = ["harvests: harvests.csv", "gives another result: plot_years", "sheets/P1.pdf", "overview.pdf"];
    says(&run.stderr, &named);
    says(&run.stderr, &["page 1: plot_years (plot = P1), kilos: was 52.5, is 62.5"]);
    assert!(!run.stderr.contains("sheets/P2.pdf"), "{}", run.stderr);

    let run = book.run(&["build"]).expect(0);
    // The cells are known because `why` has run them.
    says(&run.stderr, &["packs    4, of which 2 already known", "cells    2, of which 2 already known"]);

    let found = diff(&book, &before, &["--format", "json"]).expect(0).json();
    assert_eq!(names(&found["sources"], "source"), ["harvests"]);
    assert_eq!(names(&found["sources"][0]["files"], "file"), ["harvests.csv"]);
    assert_eq!(names(&found["cells"], "cell"), ["plot_years", "totals"]);
    assert_eq!(names(&found["packs"], "file"), ["overview.pdf", "sheets/P1.pdf"]);
    let figure = &found["packs"][1]["figures"][0];
    assert_eq!((figure["cell"].as_str(), figure["column"].as_str()), (Some("plot_years"), Some("kilos")));
    assert_eq!((figure["what"].as_str(), figure["difference"].as_f64()), (Some("restated"), Some(10.0)));
    assert_eq!((figure["before"]["text"].as_str(), figure["after"]["pages"][0].as_u64()), (Some("52.5"), Some(1)));
    assert_eq!((&found["identical"], found["queries"].as_array().map(Vec::len)), (&false.into(), Some(0)));
    assert_eq!(found["packs"][1]["words"].as_array().map(Vec::len), Some(0), "the figure explains the page");

    let words = diff(&book, &before, &[]).expect(0).text();
    let place = "overview.pdf page 1, and 1 more";
    says(
        &words,
        &["Figures restated: 2 figures", "+10 kg", place, "Sources: 1 source differs", "harvests.csv changed"],
    );
    says(&words, &["not judged: no book here", "Cells: 2 cells give another result; 0 queries"]);
}

#[test]
fn one_changed_value_of_the_demonstration_moves_the_packs_that_show_it_and_no_other() {
    let shared = demonstration::shared();
    let book = Book::copy(&shared.root());
    copy_all(&shared.output(), &book.output());
    let before = book.path("kept");
    copy_all(&book.edition().folder, &before);
    // The published range of one place in a league table: its own pack shows it, and those that name it among others.
    let file = "nof/nhs-oversight-framework-ambulance-trust-league-table.csv";
    let line = book.read(&format!("data/{file}")).lines().nth(1).expect("a row").to_string();
    let (rest, range) = line.rsplit_once(',').expect("fields");
    let key = rest.split(',').find(|field| field.starts_with('Z')).expect("a code").to_string();
    let other = if range == "1 to 4" { "1 to 5" } else { "1 to 4" };
    book.edit(&format!("data/{file}"), &line, &format!("{rest},{other}"));

    let run = book.run(&["build"]).expect(0);
    let found = diff(&book, &before, &["--format", "json"]).expect(0).json();
    let packs = names(&found["packs"], "file");
    let all = book.edition().packs().len();
    assert!(packs.contains(&&*format!("board-packs/{key}.pdf")) && packs.len() < all / 2, "{packs:?} differ");
    says(&run.stderr, &[&format!("packs    {all}, of which {} already known", all - packs.len())]);
    assert_eq!(names(&found["sources"][0]["files"], "file"), [file]);
    let words =
        found["packs"].as_array().expect("packs").iter().flat_map(|pack| pack["words"].as_array().expect("words"));
    assert_eq!(words.count(), 0, "the identifier that a pack prints of itself is no change of words");
    let cell = names(&found["cells"], "cell")[0];
    let words = book.run(&["why", cell, "--edition", &before.to_string_lossy()]).expect(0).text();
    says(&words, &[&format!("{file}:2  "), &format!("{range} -> {other}")]);
}

#[test]
fn identical_editions_have_no_difference() {
    let (book, before) = published();
    let words = diff(&book, &before, &[]).expect(0).text();
    says(&words, &["no difference: the two editions are the same"]);
    let found = diff(&book, &before, &["--format", "json"]).expect(0).json();
    assert_eq!(found["identical"], true);
    for name in ["plot_years", "harvests", "parameters", "overview"] {
        says(&book.run(&["why", name]).expect(0).text(), &["nothing moved since edition year"]);
    }
}

#[test]
fn a_changed_parameter_is_named_and_so_are_the_words_that_it_moved() {
    let (book, before) = published();
    book.edit("candour.toml", "year_words = \"2025\"", "year_words = \"the year 2025\"");
    let words = book.run(&["why", "sheet:P1"]).expect(0).text();
    says(&words, &["because of parameters.year_words", "parameters.year_words: 2025 -> the year 2025"]);
    says(&book.run(&["why", "plot_years"]).expect(0).text(), &["nothing moved"]);
    says(&book.run(&["why", "parameters"]).expect(0).text(), &["parameters.year_words: 2025 -> the year 2025"]);
    let run = book.run(&["build"]).expect(0);
    says(&run.stderr, &["packs    4, of which 1 already known", "cells    2, of which 2 already known"]);
    let found = diff(&book, &before, &["--format", "json"]).expect(0).json();
    assert_eq!(names(&found["rules"], "name"), ["parameters.year_words"]);
    assert_eq!(names(&found["files"], "name"), ["candour.toml"]);
    assert_eq!(names(&found["packs"], "file"), ["sheets/P1.pdf", "sheets/P2.pdf", "sheets/P3.pdf"]);
    assert_eq!(found["packs"][0]["figures"].as_array().map(Vec::len), Some(0));
    let page = &found["packs"][0]["words"][0];
    assert_eq!(page["page"], 1);
    says(&page["after"].to_string(), &["the year 2025"]);
    assert_eq!(found["cells"].as_array().map(Vec::len), Some(0));
}

#[test]
fn a_changed_template_moves_its_packs_and_no_figure() {
    let (book, before) = published();
    book.edit("report-templates/partials/harvest.typ", "The plot gave", "This plot gave");
    let words = book.run(&["why", "sheet:P2"]).expect(0).text();
    says(&words, &["because of the template partials/harvest.typ"]);
    says(&book.run(&["why", "overview:"]).expect(0).text(), &["nothing that it takes has moved"]);
    says(&book.run(&["build"]).expect(0).stderr, &["packs    4, of which 1 already known"]);
    let words = diff(&book, &before, &[]).expect(0).text();
    let wanted = ["Words: 3 pages have other words", "This plot gave", "report-templates/partials/harvest.typ"];
    says(&words, &wanted);
    assert!(!words.contains("Figures"), "{words}");
}

#[test]
fn a_changed_query_is_told_from_changed_words_about_it() {
    let (book, before) = published();
    let query = "queries/yields/totals.sql";
    book.edit(query, "title = \"Totals\"", "title = \"All plots\"");
    let words = book.run(&["why", "totals"]).expect(0).text();
    says(&words, &["nothing moved", "only words and notes of queries/yields/totals.sql have changed"]);
    book.edit(query, "count(*) AS plots", "10 * count(*) AS plots");
    let words = book.run(&["why", "totals"]).expect(0).text();
    says(&words, &["because of the query queries/yields/totals.sql", "the query says something else"]);
    assert!(!words.contains("harvests"), "{words}");
    says(&book.run(&["why", "overview"]).expect(0).text(), &["queries/yields/totals.sql"]);
    book.build(&[]);
    let found = diff(&book, &before, &["--format", "json"]).expect(0).json();
    assert_eq!(names(&found["queries"], "name"), [query]);
    assert_eq!((&found["cells"][0]["cell"], &found["cells"][0]["query"]), (&"totals".into(), &true.into()));
}

#[test]
fn a_change_that_no_cell_shows_is_said_to_have_stopped() {
    let (book, _) = published();
    let query = "queries/yields/plot_years.sql";
    book.edit(query, "sum(harvests.kilos ORDER BY harvests.season) AS kilos", "0.0 AS kilos");
    book.build(&[]);
    change_a_harvest(&book);
    let words = book.run(&["why", "plot_years"]).expect(0).text();
    says(&words, &["plot_years: nothing moved", "moved before it, without moving it: harvests"]);
}

#[test]
fn without_kept_results_why_still_names_the_file_and_the_cell() {
    let (book, _) = published();
    fs::remove_dir_all(book.output().join(".cache")).expect("kept results");
    change_a_harvest(&book);
    let words = book.run(&["why", "totals"]).expect(0).text();
    says(&words, &["because of harvests.csv of source harvests", "its older version is not kept"]);
    let words = book.run(&["why", "sheet:P1"]).expect(0).text();
    says(&words, &["what it took is not kept any more", "values of plot_years", "harvests.csv changed"]);
}

#[test]
fn a_spoilt_kept_table_is_not_compared_with() {
    let (book, _) = published();
    let tables = book.output().join(".cache/tables");
    for entry in fs::read_dir(&tables).expect("kept tables") {
        fs::write(entry.expect("an entry").path(), b"PAR1 nothing PAR1").expect("a spoilt table");
    }
    change_a_harvest(&book);
    let words = book.run(&["why", "harvests"]).expect(0).text();
    says(&words, &["harvests.csv changed", "its older version is not kept"]);
}

#[test]
fn why_says_what_it_cannot_answer() {
    let (book, before) = published();
    let run = book.run(&["why", "plot_yeers"]).expect(2);
    says(&run.stderr, &["no cell, source or pack `plot_yeers`", "did you mean `plot_years`?"]);
    says(&book.run(&["why", "sheet:P9"]).expect(2).stderr, &["no pack has the key `P9`"]);
    says(&book.run(&["why", "sheets:P1"]).expect(2).stderr, &["did you mean `sheet`?"]);
    fs::remove_file(book.edition().folder.join("manifest.json")).expect("a manifest");
    says(&book.run(&["why", "totals"]).expect(2).stderr, &["manifest.json", "name the folder of an edition"]);
    let before = before.to_string_lossy();
    says(&book.run(&["why", "totals", "--edition", &before]).expect(0).text(), &["nothing moved"]);
}

#[test]
fn diff_says_what_is_no_edition() {
    let (book, before) = published();
    let mut command = program(&["diff"]);
    command.arg(&before).arg(book.root());
    says(&book.finish(&mut command).expect(2).stderr, &["name the folder of an edition"]);
    fs::write(before.join("manifest.json"), "{\"format\": 2}").expect("a manifest");
    let mut command = program(&["diff"]);
    command.arg(&before).arg(book.edition().folder);
    says(&book.finish(&mut command).expect(1).stderr, &["is no manifest of an edition"]);
}

#[test]
fn packs_and_sources_that_come_and_go_are_told() {
    let (book, before) = published();
    book.edit("data/plots.csv", "P3,Cleo Quill\n", "P4,Dora Finch\n");
    book.edit("data/harvests.csv", "P3,2025 spring,0\nP3,2025 autumn,18\n", "");
    book.edit("candour.toml", "status = \"published\"", "status = \"provisional\"");
    book.build(&[]);
    let found = diff(&book, &before, &["--format", "json"]).expect(0).json();
    let packs = found["packs"].as_array().expect("packs");
    let what = |file: &str| packs.iter().find(|pack| pack["file"] == file).map(|pack| pack["what"].clone());
    assert_eq!(what("sheets/P3.pdf"), Some("gone".into()));
    assert_eq!(what("sheets/P4.pdf"), Some("added".into()));
    let words = diff(&book, &before, &[]).expect(0).text();
    says(&words, &["1 added, 1 gone", "status: published -> provisional", "Figures no longer printed"]);
}

/// The cell that says which changes are signal: those of more than five kilos.
const SIGNAL: &str = "/*
title = \"Which changes are signal\"
grain = [\"plot\"]
[columns]
cell = { meaning = \"Table of the figure\" }
figure_column = { meaning = \"Its column\" }
plot = { meaning = \"Plot\" }
is_signal = { meaning = \"Whether the change is more than chance\" }
words = { meaning = \"Why\" }
*/
SELECT 'plot_years' AS cell, 'kilos' AS figure_column, plot, kilos > 60 AS is_signal,
    'seasons counted: ' || seasons AS words
FROM plot_years
";

#[test]
fn a_change_is_judged_by_the_cell_that_the_book_names_on_its_own_data() {
    let book = Book::fixture("base");
    book.write("queries/yields/change_signal.sql", SIGNAL);
    book.append("candour.toml", "\n[diff]\nsignal = \"change_signal\"\n");
    let before = keep(&book, "before");
    change_a_harvest(&book);
    book.edit("data/harvests.csv", "P2,2025 spring,8", "P2,2025 spring,9");
    book.build(&[]);
    let found = diff_with_book(&book, &before, &["--format", "json"]).expect(0).json();
    assert_eq!(found["judged"], "judged by change_signal");
    let figures = found["packs"][0]["figures"].as_array().expect("figures");
    let signal = |plot: &str| {
        let figure = figures.iter().find(|figure| figure["key"][0][1] == plot).expect("a figure of the plot");
        figure["signal"].clone()
    };
    assert_eq!((&signal("P1")["is_signal"], &signal("P2")["is_signal"]), (&true.into(), &false.into()));
    assert_eq!(signal("P1")["words"], "seasons counted: 2");
    let words = diff_with_book(&book, &before, &[]).expect(0).text();
    let (first, second) = (words.find("signal: seasons"), words.find("no signal: seasons"));
    assert!(first.is_some() && first < second, "signal comes first:\n{words}");

    // With other data than the edition's, or without the book, nothing is judged.
    book.edit("data/harvests.csv", "P2,2025 spring,9", "P2,2025 spring,90");
    let run = diff_with_book(&book, &before, &["--format", "json"]).expect(0);
    says(&run.stderr, &["warning[diff-signal]", "`change_signal` gives another result"]);
    let found = run.json();
    assert!(found["packs"][0]["figures"][0]["signal"].is_null(), "{found}");
    assert!(found["judged"].as_str().is_some_and(|words| words.starts_with("not judged")), "{found}");
}

#[test]
fn a_cell_of_signals_without_its_columns_is_refused() {
    let book = Book::fixture("base");
    book.append("candour.toml", "\n[diff]\nsignal = \"totals\"\n");
    let before = keep(&book, "before");
    let run = diff_with_book(&book, &before, &[]).expect(2);
    says(&run.stderr, &["no column `is_signal` of true or false", "queries/yields/totals.sql"]);
    book.edit("candour.toml", "signal = \"totals\"", "signal = \"total\"");
    says(&diff_with_book(&book, &before, &[]).expect(2).stderr, &["did you mean `totals`?"]);
}

#[test]
fn a_restated_figure_of_a_published_answer_gets_a_draft_in_the_books_words() {
    let book = Book::fixture("base");
    book.edit("candour.toml", "title = \"Plot sheet\"\n", "title = \"Plot sheet\"\npublished_answer = true\n");
    let words = "The figure given in {title} {key} as {before} should have been {after}.";
    book.append("candour.toml", &format!("\n[diff]\ncorrection = \"{words}\"\n"));
    let before = keep(&book, "before");
    change_a_harvest(&book);
    book.build(&[]);
    let found = diff_with_book(&book, &before, &["--format", "json"]).expect(0).json();
    let drafts = found["corrections"].as_array().expect("drafts");
    assert_eq!(drafts.len(), 1, "only the sheet has been given in public: {drafts:?}");
    assert_eq!(drafts[0]["words"], "The figure given in Plot sheet P1 as 52.5 should have been 62.5.");
    let words = diff_with_book(&book, &before, &[]).expect(0).text();
    says(
        &words,
        &["Draft corrections: 1 figure is restated", "as 52.5 should have been 62.5.", "sheets/P1.pdf page 1"],
    );

    book.edit("candour.toml", "correction = \"The figure", "correction = \"{given} The figure");
    let run = diff_with_book(&book, &before, &[]).expect(2);
    says(&run.stderr, &["`{given}` stands for nothing in a correction", "candour.toml:"]);
}

#[test]
fn a_figure_that_names_no_period_is_not_restated_by_another_edition() {
    let book = Book::fixture("base");
    book.edit("candour.toml", "title = \"Plot sheet\"\n", "title = \"Plot sheet\"\npublished_answer = true\n");
    book.append("candour.toml", "\n[diff]\ncorrection = \"{before}, {after}\"\n");
    let before = keep(&book, "before");
    fs::remove_dir_all(book.edition().folder).expect("the edition");
    book.edit("candour.toml", "name = \"year\"\ndate = 2026-01-31", "name = \"next\"\ndate = 2027-01-31");
    change_a_harvest(&book);
    book.build(&[]);
    let found = diff_with_book(&book, &before, &["--format", "json"]).expect(0).json();
    let figures = found["packs"].as_array().expect("packs").iter().flat_map(|pack| pack["figures"].as_array().unwrap());
    let kilos: Vec<&Value> = figures.filter(|figure| figure["column"] == "kilos").collect();
    assert!(!kilos.is_empty() && kilos.iter().all(|figure| figure["what"] == "changed"), "{kilos:?}");
    assert_eq!(found["corrections"].as_array().map(Vec::len), Some(0));
    assert_eq!(names(&found["rules"], "name"), ["edition.as_of", "edition.date", "edition.name"]);
    let mut swapped = program(&["diff"]);
    let run = book.finish(swapped.arg(book.edition().folder).arg(&before)).expect(0);
    says(&run.stderr, &["warning[diff-order]: the first edition is the newer one"]);
}

#[test]
fn a_figure_of_a_later_period_is_compared_with_the_one_before_and_needs_no_correction() {
    let book = Book::fixture("base");
    let query = book.read("queries/yields/plot_years.sql");
    let seasons = query
        .replace("grain = [\"plot\"]", "grain = [\"plot\", \"year\"]")
        .replace("plot = { meaning = \"Plot\" }", "plot = { meaning = \"Plot\" }\nyear = { meaning = \"Year\" }");
    let seasons =
        seasons.replace("plots.gardener,\n    sum", "plots.gardener,\n    parameters.year_words AS year,\n    sum");
    let seasons = seasons.replace("GROUP BY plots.plot, plots.gardener", "CROSS JOIN parameters\nGROUP BY ALL");
    book.write("queries/yields/plot_years.sql", seasons);
    book.edit("candour.toml", "title = \"Plot sheet\"\n", "title = \"Plot sheet\"\npublished_answer = true\n");
    book.append("candour.toml", "\n[diff]\nperiods = [\"year\"]\n");
    let before = keep(&book, "before");
    book.edit("candour.toml", "year_words = \"2025\"", "year_words = \"2026\"");
    change_a_harvest(&book);
    book.build(&[]);
    let found = diff_with_book(&book, &before, &["--format", "json"]).expect(0).json();
    let pack = found["packs"].as_array().expect("packs").iter().find(|pack| pack["file"] == "sheets/P1.pdf");
    let figures = pack.expect("the sheet")["figures"].as_array().expect("figures").clone();
    let next = figures.iter().find(|figure| figure["what"] == "next" && figure["column"] == "kilos").expect("a figure");
    assert_eq!((&next["before"]["text"], &next["after"]["text"]), (&"52.5".into(), &"62.5".into()));
    assert_eq!(found["corrections"].as_array().map(Vec::len), Some(0));
}

#[test]
fn the_comparison_is_an_accessible_document_that_carries_it_all() {
    let (book, before) = published();
    change_a_harvest(&book);
    book.edit("data/plots.csv", "Ada Marsh", "]#eval(\"1\")");
    book.build(&[]);
    let file = book.path("changes.pdf");
    diff(&book, &before, &["--pdf", &file.to_string_lossy()]).expect(0);
    let bytes = fs::read(&file).expect("the document");
    let pdf = Pdf::read(&bytes);
    assert_eq!(pdf.title().as_deref(), Some("What changed from year to year"));
    assert_eq!(pdf.language().as_deref(), Some("en-GB"));
    assert!(pdf.marked() && pdf.shows_title() && pdf.metadata().contains("<pdfuaid:part>1<"));
    let tags = pdf.tags();
    for table in tags.of_kind("Table") {
        assert!(!table.of_kind("TH").is_empty(), "a table without header cells");
    }
    assert!(tags.of_kind("Table").len() >= 4);
    says(&pdf.text(), &["Figures restated", "62.5", "harvests.csv"]);
    let found = diff(&book, &before, &["--format", "json"]).expect(0).json();
    let attached: Value = serde_json::from_slice(&pdf.attachments()["diff.json"]).expect("JSON");
    assert_eq!(attached, found);
    diff(&book, &before, &["--pdf", &file.to_string_lossy()]).expect(0);
    assert_eq!(fs::read(&file).expect("the document"), bytes, "the same bytes again");
}

#[test]
fn a_locked_folder_is_read_only_as_it_was_accepted() {
    let (book, before) = published();
    let run = book.finish(program(&["lock", "--check", "--book"]).arg(book.root())).expect(1);
    says(&run.stderr, &["has no candour.lock", "`candour lock` writes it"]);
    says(&lock(&book, &[]).expect(0).stderr, &["2 files are locked"]);
    let text = book.read("data/candour.lock");
    assert!(text.find("harvests.csv") < text.find("plots.csv"), "in order of source and file: {text}");
    says(&lock(&book, &["--check"]).expect(0).stderr, &["2 files are as they were locked"]);
    book.build(&[]);
    says(&diff(&book, &before, &[]).expect(0).text(), &["no difference"]);

    change_a_harvest(&book);
    for command in
        [&["build"][..], &["build", "--strict"], &["check"], &["run", "totals"], &["why", "totals"], &["verify"]]
    {
        let run = book.run(command).expect(1);
        says(&run.stderr, &["error[lock-changed]: harvests.csv of source `harvests` is not the file that was locked"]);
        says(&run.stderr, &["locked ", "found  ", "`candour lock` accepts it"]);
    }
    says(&lock(&book, &["--check"]).expect(1).stderr, &["error[lock-changed]"]);
    says(&lock(&book, &[]).expect(0).stderr, &["accepted: harvests.csv of source `harvests`", "2 files are locked"]);
    book.build(&[]);
}

/// `candour lock` on the book's own data.
fn lock(book: &Book, arguments: &[&str]) -> Run {
    let mut command = program(&["lock"]);
    command.args(arguments).arg("--book").arg(book.root());
    book.finish(&mut command)
}

#[test]
fn an_added_or_removed_file_and_an_edited_lock_are_refused() {
    let book = Book::fixture("base");
    book.edit("candour.toml", "files = [\"harvests.csv\"]", "files = [\"harvests*.csv\"]");
    lock(&book, &[]).expect(0);
    book.write("data/harvests-late.csv", "Plot,Season,Kilos\nP3,2026 spring,7\n");
    let words = ["error[lock-additional]: harvests-late.csv of source `harvests` is not in the lock", "locked nothing"];
    says(&book.run(&["build"]).expect(1).stderr, &words);
    lock(&book, &[]).expect(0);
    book.build(&[]);
    fs::remove_file(book.path("data/harvests-late.csv")).expect("the file");
    let words = ["error[lock-missing]: harvests-late.csv of source `harvests` is locked and is not there"];
    says(&book.run(&["build"]).expect(1).stderr, &words);
    // Even where no file is left for the source at all.
    fs::rename(book.path("data/harvests.csv"), book.path("data/gone")).expect("the file");
    let run = book.run(&["build"]).expect(1);
    says(&run.stderr, &["source-not-found", "harvests.csv of source `harvests` is locked and is not there"]);
    fs::rename(book.path("data/gone"), book.path("data/harvests.csv")).expect("the file");
    lock(&book, &[]).expect(0);

    let text = book.read("data/candour.lock");
    let at = text.find("sha256 = \"").expect("a hash") + 10;
    let other = if text.as_bytes()[at] == b'0' { "1" } else { "0" };
    book.write("data/candour.lock", format!("{}{other}{}", &text[..at], &text[at + 1..]));
    says(&book.run(&["build"]).expect(1).stderr, &["error[lock-changed]: harvests.csv"]);
    book.write("data/candour.lock", text.replace("sha256", "sha1"));
    let run = book.run(&["build"]).expect(2);
    says(&run.stderr, &["candour.lock:", "unknown key `file.sha1`", "write it anew with `candour lock`"]);
    says(&lock(&book, &["--check"]).expect(2).stderr, &["unknown key `file.sha1`"]);
    says(&lock(&book, &[]).expect(0).stderr, &["the lock that was there could not be read"]);
    book.build(&[]);
    fs::remove_file(book.path("data/candour.lock")).expect("the lock");
    std::os::unix::fs::symlink("nowhere", book.path("data/candour.lock")).expect("a link");
    book.run(&["build"]).expect(2);
}

#[test]
fn a_source_and_its_lock_edited_together_are_found_by_verify() {
    let book = Book::fixture("base");
    lock(&book, &[]).expect(0);
    book.build(&[]);
    change_a_harvest(&book);
    lock(&book, &[]).expect(0);
    says(&book.run(&["verify"]).expect(1).stderr, &["the source file has changed: harvests: harvests.csv"]);
}
