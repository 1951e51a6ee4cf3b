//! Each command as a person or a script would use it: exit codes, data on standard output, words on standard error.

use std::process::Stdio;

use serde_json::{Value, json};

use super::harness::{Book, Run, program};

fn libraries() -> Book {
    Book::fixture("libraries")
}

#[test]
fn run_prints_a_table_for_people() {
    let run = libraries().run(&["run", "district_season"]).expect(0);
    let text = run.text();
    let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[0], ["district", "branches", "loans", "loans_target", "share"]);
    assert_eq!(lines[2], ["Vale", "2", "25089", "24000", "104.5"]);
    assert_eq!(lines.len(), 5);
}

#[test]
fn run_prints_csv_that_a_program_can_read() {
    let run = libraries().run(&["run", "branch_season", "--format", "csv"]).expect(0);
    let mut reader = csv::Reader::from_reader(&*run.stdout);
    assert_eq!(reader.headers().expect("a header").iter().next(), Some("code"));
    let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().expect("rows");
    assert_eq!(rows.len(), 6);
    assert_eq!(&rows[3][1], "Quay; upper floor");
    assert_eq!((&rows[3][3], &rows[4][4]), ("", ""), "missing is empty, not nought");
}

#[test]
fn run_prints_json_with_types_and_missing_values() {
    let rows = libraries().run(&["run", "branch_season", "--format", "json"]).expect(0).json();
    let first = &rows[0];
    assert_eq!(first["branch"], "Vale Central");
    assert_eq!(first["opened"], "1962-05-03");
    assert_eq!(first["visits"], json!(27249));
    assert!(first["visits_per_loan"].is_f64());
    assert_eq!(rows[4]["visits"], Value::Null);
}

#[test]
fn run_prints_parquet_that_sql_reads_back() {
    let book = libraries();
    let run = book.run(&["run", "branch_season", "--format", "parquet"]).expect(0);
    assert!(run.stdout.starts_with(b"PAR1") && run.stdout.ends_with(b"PAR1"));
    book.write("season.parquet", &run.stdout);
    let table = format!("season={}", book.path("season.parquet").display());
    let query = "SELECT count(*) AS branches, sum(visits) AS visits FROM season";
    let back = book.run(&["sql", query, "--table", &table, "--format", "json"]).expect(0).json();
    assert_eq!(back[0]["branches"], 6);
    assert_eq!(back[0]["visits"], 27249 + 9021 + 13119 + 5295 + 819);
}

#[test]
fn run_suggests_the_cell_that_was_meant() {
    let run = libraries().run(&["run", "branch_seasons"]).expect(2);
    assert!(run.stdout.is_empty());
    assert!(
        run.stderr.contains("no cell `branch_seasons`") && run.stderr.contains("did you mean `branch_season`?"),
        "{}",
        run.stderr
    );
}

#[test]
fn run_gives_the_data_and_exit_code_1_when_a_test_of_it_fails() {
    let book = libraries();
    book.edit("queries/monthly/branch_months.sql", "severity = \"warn\"\n", "");
    let run = book.run(&["run", "branch_months", "--format", "csv"]).expect(1);
    assert_eq!(run.text().lines().count(), 1 + 6 * 3);
    assert!(run.stderr.contains("every branch sent its visits") && run.stderr.contains("code = L05"), "{}", run.stderr);
}

#[test]
fn sql_reads_a_csv_file_without_a_book() {
    let book = Book::nothing();
    book.write("units.csv", "name,n\nb,2\na,1\n");
    let table = format!("t={}", book.path("units.csv").display());
    let run = book.run(&["sql", "SELECT name, n * 10 AS ten FROM t ORDER BY n", "--table", &table, "--format", "csv"]);
    assert_eq!(run.expect(0).text(), "name,ten\na,10\nb,20\n");
}

#[test]
fn sql_sees_the_cells_and_sources_of_a_book() {
    let query = "SELECT c.branch, s.opened FROM branch_season AS c JOIN branches AS s USING (code) WHERE c.district = 'Moor' ORDER BY 1";
    let rows = libraries().run(&["sql", query, "--format", "json"]).expect(0).json();
    assert_eq!(
        rows,
        json!([{"branch": "Book Bus", "opened": "2008-06-02"}, {"branch": "Moor Top", "opened": "1971-11-12"}])
    );
}

#[test]
fn sql_reads_a_query_from_standard_input() {
    let book = libraries();
    let query = tempfile::NamedTempFile::new().expect("a file for the query");
    std::fs::write(query.path(), "SELECT 6 * 7 AS answer;\n").expect("the query");
    let mut command = book.command(&["sql", "-", "--format", "csv"]);
    command.stdin(Stdio::from(query.reopen().expect("the query")));
    assert_eq!(book.finish(&mut command).expect(0).text(), "answer\n42\n");
}

#[test]
fn sql_refuses_what_is_not_one_select() {
    let book = libraries();
    let stolen = book.path("stolen.csv");
    let copy = format!("COPY (SELECT 1) TO '{}'", stolen.display());
    let queries = [
        "DROP TABLE branches",
        "SELECT 1; SELECT 2",
        &copy,
        "SET threads = 8",
        "ATTACH 'x.db'",
        "SELECT * FROM read_csv('/etc/passwd')",
    ];
    for query in queries {
        let run = book.run(&["sql", query]).expect(2);
        assert!(run.stdout.is_empty() && run.stderr.contains("error["), "{query}: {}", run.stderr);
    }
    assert!(!stolen.exists());
}

#[test]
fn sql_shows_where_a_query_is_wrong() {
    let run = libraries().run(&["sql", "SELECT brnch FROM branches"]).expect(2);
    assert!(run.stderr.contains("the query:1:8") && run.stderr.contains("^^^^^"), "{}", run.stderr);
}

#[test]
fn sql_names_a_table_that_cannot_be_read() {
    let run = Book::nothing().run(&["sql", "SELECT 1", "--table", "t=/nowhere/t.csv"]).expect(2);
    assert!(run.stderr.contains("could not read /nowhere/t.csv"), "{}", run.stderr);
    let run = Book::nothing().run(&["sql", "SELECT 1", "--table", "T-1=t.csv"]).expect(2);
    assert!(run.stderr.contains("cannot name a table"), "{}", run.stderr);
}

#[test]
fn graph_lists_cells_in_the_order_in_which_they_run() {
    let text = libraries().run(&["graph"]).expect(0).text();
    let at = |words: &str| text.find(words).unwrap_or_else(|| panic!("no {words} in:\n{text}"));
    assert!(at("  branch_months") < at("  branch_season ") && at("  branch_season ") < at("  district_season"));
    assert!(text.contains("reads branch_months, branches"), "{text}");
}

#[test]
fn graph_draws_itself_for_graphviz() {
    let text = libraries().run(&["graph", "--format", "dot"]).expect(0).text();
    assert!(text.starts_with("digraph") && text.trim_end().ends_with('}'));
    for edge in [
        "\"counts\" -> \"branch_months\"",
        "\"branch_season\" -> \"district_season\"",
        "\"district_targets\" -> \"district_season\"",
    ] {
        assert!(text.contains(edge), "no {edge} in:\n{text}");
    }
}

#[test]
fn graph_is_json_for_programs() {
    let cells = libraries().run(&["graph", "--format", "json"]).expect(0).json();
    let found =
        cells.as_array().expect("a list").iter().find(|cell| cell["cell"] == "branch_months").expect("the cell");
    assert_eq!(found["reads"], json!(["branches", "counts", "parameters"]));
    assert_eq!((&found["wave"], &found["stage"]), (&json!(1), &json!("monthly")));
}

#[test]
fn check_fills_the_templates_and_publishes_nothing() {
    let book = libraries();
    let run = book.run(&["check"]).expect(0);
    assert!(run.stdout.is_empty() && run.stderr.contains("every branch sent its visits"), "{}", run.stderr);
    assert!(super::harness::shown_entries(&book.output()).is_empty());
    book.edit("report-templates/card.typ", "{{ pack.title }}", "{{ pack.titel }}");
    let run = book.run(&["check"]).expect(2);
    assert!(run.stderr.contains("report-templates/card.typ:7"), "{}", run.stderr);
}

#[test]
fn test_counts_what_passed_and_what_failed() {
    let run = libraries().run(&["test"]).expect(0);
    assert!(run.stderr.ends_with("5 tests passed, 0 failed, 1 failed with a warning only\n"), "{}", run.stderr);
    let run = libraries().run(&["test", "district_season"]).expect(0);
    assert!(run.stderr.contains("tests passed"), "{}", run.stderr);
    let run = libraries().run(&["test", "no_such_cell"]).expect(2);
    assert!(run.stderr.contains("no cell `no_such_cell`"), "{}", run.stderr);
}

#[test]
fn build_makes_only_what_is_asked_for() {
    let book = libraries();
    book.run(&["build", "--pack", "county"]).expect(0);
    let part = super::harness::Edition::open(&book.output().join("spring-part"));
    assert_eq!(part.packs().len(), 1);
    for (arguments, words) in [
        (["build", "--pack", "countty"], "did you mean `county`?"),
        (["build", "--only", "L7"], "no pack has the key `L7`"),
    ] {
        let run = book.run(&arguments).expect(2);
        assert!(run.stderr.contains(words), "{}", run.stderr);
    }
}

fn plain(arguments: &[&str]) -> Run {
    Book::nothing().finish(&mut program(arguments))
}

#[test]
fn every_command_explains_itself_with_examples() {
    let help = plain(&["--help"]).expect(0).text();
    assert!(help.contains("Examples:"), "{help}");
    for command in ["build", "check", "fetch", "test", "run", "sql", "graph", "new", "why", "diff", "lock"] {
        assert!(help.contains(&format!("\n  {command} ")), "{command} is not listed:\n{help}");
        let own = plain(&[command, "--help"]).expect(0).text();
        assert!(own.contains("Examples:") && own.contains(&format!("candour {command}")), "{own}");
    }
    assert!(plain(&["--version"]).expect(0).text().starts_with("candour 0."));
}

#[test]
fn wrong_arguments_are_a_fault() {
    for arguments in [&["biuld"][..], &["build", "--threads", "0"], &["run"], &["run", "x", "--format", "xml"], &[]] {
        let run = plain(arguments).expect(2);
        assert!(run.stdout.is_empty() && !run.stderr.is_empty(), "{arguments:?}");
    }
}
