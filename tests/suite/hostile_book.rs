//! Books with a mistake in their settings, queries or templates. Each message is kept as a snapshot: it must name the
//! file, the line and the way to mend it.

use super::harness::{Book, entries};
use super::hostile_data::{assert_message, base, refused};

const TOTALS: &str = "queries/yields/totals.sql";
const SHEET: &str = "report-templates/sheet.typ";
const OVERVIEW: &str = "report-templates/overview.typ";

/// Replaces a passage of a file of the base book and builds it: the tool cannot run, exit code 2.
#[track_caller]
fn mistake(name: &str, file: &str, from: &str, to: &str) {
    let book = base();
    book.edit(file, from, to);
    refused(name, 2, &["build"], &book);
}

// Settings.

#[test]
fn unknown_keys_in_the_settings() {
    let book = base();
    book.edit("candour.toml", "licence =", "license =");
    book.edit("candour.toml", "for_each", "foreach");
    book.edit("candour.toml", "[book]", "[book]\nvolume = 3");
    refused("settings-unknown-keys", 2, &["build"], &book);
}

#[test]
fn settings_of_the_wrong_type() {
    let book = base();
    book.edit("candour.toml", "date = 2026-01-31", "date = \"31 January 2026\"");
    book.edit("candour.toml", "type = \"number\"", "type = \"numeric\"");
    book.edit("candour.toml", "min = 0", "min = \"none\"");
    refused("settings-types", 2, &["build"], &book);
}

#[test]
fn settings_that_are_not_toml() {
    mistake("settings-syntax", "candour.toml", "title = \"Allotments\"", "title = \"Allotments");
}

#[test]
fn an_edition_that_would_leave_its_folder() {
    mistake("settings-edition-name", "candour.toml", "name = \"year\"", "name = \"../year\"");
}

#[test]
fn a_pack_that_would_leave_its_folder() {
    mistake("settings-pack-file", "candour.toml", "\"overview.pdf\"", "\"../overview.pdf\"");
}

#[test]
fn a_pack_with_the_manifests_name() {
    mistake("settings-pack-manifest", "candour.toml", "\"overview.pdf\"", "\"manifest.json\"");
}

#[test]
fn a_pack_for_each_row_of_a_cell_that_is_not_there() {
    mistake("settings-pack-cell", "candour.toml", "for_each = \"plot_years\"", "for_each = \"plot_year\"");
}

#[test]
fn a_template_that_is_not_there() {
    mistake("settings-template", "candour.toml", "\"sheet.typ\"", "\"sheets.typ\"");
}

#[test]
fn a_pattern_that_is_none() {
    mistake("settings-pattern", "candour.toml", "(spring|autumn)", "(spring|autumn");
}

#[test]
fn no_book() {
    let book = Book::nothing();
    assert_message("no-book", &book.run(&["build"]).expect(2));
}

// Queries.

#[test]
fn sql_that_is_not_sql() {
    mistake("sql-syntax", TOTALS, "SELECT count(*) AS plots,", "SELECT count(* AS plots,");
}

#[test]
fn an_unknown_column() {
    mistake("sql-unknown-column", TOTALS, "sum(kilos", "sum(kilograms");
}

#[test]
fn an_unknown_table() {
    mistake("sql-unknown-table", TOTALS, "FROM plot_years", "FROM plots_year");
}

#[test]
fn a_type_that_does_not_fit() {
    mistake("sql-type", TOTALS, "sum(kilos ORDER BY plot)", "sum(plot || 'x')");
}

#[test]
fn a_value_that_cannot_be_converted() {
    mistake(
        "sql-conversion",
        "queries/yields/plot_years.sql",
        "    plots.gardener,",
        "    plots.gardener::BIGINT AS gardener,",
    );
}

#[test]
fn cells_in_a_circle() {
    let book = base();
    book.edit(
        "queries/yields/plot_years.sql",
        "FROM plots\n",
        "FROM plots\nCROSS JOIN (SELECT plots AS all_plots FROM totals)\n",
    );
    refused("sql-cycle", 2, &["build"], &book);
}

#[test]
fn a_statement_that_writes_a_file() {
    let book = base();
    let target = book.path("stolen.csv");
    let query = format!("COPY (SELECT 1) TO '{}'", target.display());
    let text = book.read(TOTALS);
    let front = text.split("*/").next().expect("front matter");
    book.write(TOTALS, format!("{front}*/\n{query}\n"));
    refused("sql-copy", 2, &["build"], &book);
    assert!(!target.exists());
}

#[test]
fn two_statements() {
    mistake("sql-two-statements", TOTALS, "FROM plot_years", "FROM plot_years; DROP TABLE plots");
}

#[test]
fn a_query_that_reads_a_file() {
    for (name, term) in [("sql-read-csv", "read_csv('/etc/passwd')"), ("sql-read-name", "'/etc/passwd'")] {
        mistake(name, TOTALS, "FROM plot_years", &format!("FROM plot_years, {term}"));
    }
}

#[test]
fn a_query_that_gives_another_answer_on_another_run() {
    for (name, term) in [("sql-random", "random()"), ("sql-now", "now()::VARCHAR"), ("sql-today", "current_date")] {
        mistake(name, TOTALS, "count(*) AS plots", &format!("count(*) AS plots, {term} AS other"));
    }
}

#[test]
fn a_query_that_reads_the_environment() {
    mistake("sql-getenv", TOTALS, "count(*) AS plots", "count(*) AS plots, getenv('HOME') AS home");
}

#[test]
fn a_query_that_reads_through_a_data_test() {
    let book = base();
    let test = "[[tests]]\ncheck = \"sql\"\nquery = \"SELECT * FROM read_text('/etc/passwd')\"\n*/";
    book.edit(TOTALS, "*/", test);
    refused("test-read-file", 2, &["build"], &book);
}

#[test]
fn a_cell_without_front_matter() {
    let book = base();
    book.write("queries/yields/extra.sql", "SELECT 1 AS one\n");
    refused("cell-no-front-matter", 2, &["build"], &book);
}

#[test]
fn an_unknown_key_in_front_matter() {
    mistake("cell-unknown-key", TOTALS, "grain = [\"plots\"]", "grain = [\"plots\"]\ndescripton = \"All plots.\"");
}

#[test]
fn a_declared_column_that_the_query_does_not_give() {
    mistake("cell-column", TOTALS, "AS kilos\nFROM", "AS kilo\nFROM");
}

#[test]
fn a_grain_that_is_not_a_column() {
    mistake("cell-grain", TOTALS, "grain = [\"plots\"]", "grain = [\"plot\"]");
}

#[test]
fn two_cells_of_one_name() {
    let book = base();
    book.write("queries/totals.sql", book.read(TOTALS));
    refused("cell-twice", 2, &["build"], &book);
}

#[test]
fn a_cell_with_the_name_of_a_source() {
    let book = base();
    book.write("queries/yields/harvests.sql", book.read(TOTALS));
    refused("cell-clash", 2, &["build"], &book);
}

#[test]
fn a_data_test_that_fails() {
    let book = base();
    book.edit("data/harvests.csv", "P1,2025 autumn,40", "P1,2025 autumn,400");
    for command in ["build", "check", "test"] {
        let run = refused(&format!("data-test-{command}"), 1, &[command], &book);
        assert!(run.stderr.contains("plot = P1, gardener = Ada Marsh, kilos = 412.5"), "{}", run.stderr);
    }
}

#[test]
fn a_grain_that_is_not_unique() {
    let book = base();
    book.edit("queries/yields/plot_years.sql", "grain = [\"plot\"]", "grain = [\"seasons\"]");
    refused("data-test-grain", 1, &["build"], &book);
}

// Templates.

#[test]
fn a_variable_that_is_not_defined() {
    mistake("template-undefined", SHEET, "{{ row.gardener }}", "{{ gardener }}");
}

#[test]
fn a_column_that_the_row_does_not_have() {
    mistake("template-column", SHEET, "{{ row.gardener }}", "{{ row.gardner }}");
}

#[test]
fn a_cell_that_is_not_there() {
    mistake("template-cell", OVERVIEW, "one(\"totals\")", "one(\"total\")");
}

#[test]
fn one_row_expected_and_more_found() {
    mistake("template-one", OVERVIEW, "one(\"totals\")", "one(\"plot_years\")");
}

#[test]
fn a_filter_that_is_not_there() {
    mistake("template-filter", "report-templates/partials/harvest.typ", "row.kilos }}", "row.kilos | rounded }}");
}

#[test]
fn a_tag_that_is_not_closed() {
    mistake("template-syntax", OVERVIEW, "{% endfor %}\n)", ")");
}

#[test]
fn a_loop_that_does_not_end() {
    let endless = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}\n{% set totals";
    mistake("template-endless", OVERVIEW, "{% set totals", endless);
}

#[test]
fn an_include_that_is_not_there() {
    mistake("template-include", SHEET, "partials/harvest.typ", "partials/harvests.typ");
}

#[test]
fn an_include_of_a_file_outside() {
    mistake("template-include-outside", SHEET, "partials/harvest.typ", "../../../etc/passwd");
}

#[test]
fn a_whole_row_that_is_printed() {
    mistake("template-row", SHEET, "{{ row.gardener }}", "{{ row }}");
}

#[test]
fn typst_that_does_not_parse_is_reported_at_the_templates_own_line() {
    mistake("typst-syntax", OVERVIEW, "  columns: 2,", "  columns: 2 +,");
}

#[test]
fn typst_in_a_partial_is_reported_at_the_partials_own_line() {
    mistake("typst-partial", "report-templates/partials/harvest.typ", "The plot gave", "#let plot = (\nThe plot gave");
}

#[test]
fn typst_that_does_not_fit() {
    mistake("typst-type", OVERVIEW, "columns: 2,", "columns: \"two\",");
}

#[test]
fn typst_that_does_not_fit_in_a_filled_line() {
    mistake("typst-type-filled", SHEET, "Gardener: #{{ row.gardener }}.", "Gardener: #(1 + {{ row.gardener }}).");
}

#[test]
fn typst_that_fails_in_a_library() {
    mistake("typst-library", "report-templates/lib/plain.typ", "  body", "  bodies");
}

#[test]
fn an_import_that_is_not_there() {
    mistake("typst-import", SHEET, "/lib/plain.typ", "/lib/plane.typ");
}

#[test]
fn an_import_from_the_network() {
    mistake("typst-package", SHEET, "\"/lib/plain.typ\": plain", "\"@preview/cetz:0.3.0\": plain");
}

#[test]
fn a_file_outside_that_typst_would_read() {
    mistake("typst-read-outside", SHEET, "Gardener:", "#read(\"../../../../../etc/passwd\") Gardener:");
}

#[test]
fn a_chart_without_alternative_text() {
    let chart = "#figure(rect(width: 3cm), caption: [Kilos])\n\n#table(";
    mistake("pdf-no-alternative", OVERVIEW, "#table(", chart);
}

#[test]
fn a_heading_level_that_is_skipped() {
    mistake("pdf-heading", OVERVIEW, "= #{{ book.title }}", "= #{{ book.title }}\n=== Kilos");
}

#[test]
fn a_document_without_a_title() {
    mistake("pdf-title", "report-templates/lib/plain.typ", "  set document(title: title)\n", "");
}

// Files and folders.

#[test]
fn links_out_of_the_book() {
    let files = [
        ("link-settings", "candour.toml"),
        ("link-query", TOTALS),
        ("link-template", SHEET),
        ("link-partial", "report-templates/partials/harvest.typ"),
        ("link-library", "report-templates/lib/plain.typ"),
    ];
    for (name, file) in files {
        let book = base();
        book.link_outside(file);
        refused(name, 2, &["build"], &book);
    }
}

#[test]
fn an_output_folder_that_is_a_file() {
    let book = Book::fixture("base");
    std::fs::write(book.output(), "in the way").expect("a file in the way");
    assert_message("output-is-a-file", &book.run(&["build"]).expect(2));
    assert_eq!(std::fs::read_to_string(book.output()).expect("the file"), "in the way");
}

#[test]
fn an_edition_that_is_a_file() {
    let book = Book::fixture("base");
    std::fs::create_dir(book.output()).expect("the output folder");
    std::fs::write(book.output().join("year"), "in the way").expect("a file in the way");
    assert_message("output-edition-is-a-file", &book.run(&["build"]).expect(2));
    assert_eq!(entries(&book.output()), [".cache", ".lock", "year"]);
    assert_eq!(std::fs::read_to_string(book.output().join("year")).expect("the file"), "in the way");
}

#[test]
fn an_output_folder_that_cannot_be_written() {
    let book = Book::fixture("base");
    std::os::unix::fs::symlink("/proc/self", book.output()).expect("a link to where nothing can be written");
    assert_message("output-not-writable", &book.run(&["build"]).expect(2));
    assert_message("output-not-writable-no-cache", &book.run(&["build", "--no-cache"]).expect(2));
}
