//! Results kept in parts: a change in one part computes that part anew, and what comes out is what a build without
//! anything known gives.

use std::collections::BTreeSet;

use super::harness::{Book, entries};
use super::hostile_data::refused;

/// Harvests by plot, a running total within each plot, and the seasons of all plots together.
const HARVESTS: &str = "\
/*
title = \"Harvests in time\"
grain = [\"plot\", \"season\"]
parts = \"plot\"

[columns]
plot = { meaning = \"Plot\" }
season = { meaning = \"Season\" }
kilos = { unit = \"kg\", meaning = \"Harvest\" }
so_far = { unit = \"kg\", meaning = \"Harvest of the plot up to the season\" }

[[tests]]
check = \"range\"
column = \"kilos\"
max = 120

[[tests]]
check = \"sql\"
name = \"no plot gives more in a season than a van holds\"
query = \"SELECT plot FROM harvests_in_time GROUP BY plot HAVING max(kilos) > 100\"
*/
SELECT plot, season, kilos, sum(kilos) OVER (PARTITION BY plot ORDER BY season) AS so_far
FROM harvests_held
";
const HELD: &str = "\
/*
title = \"Harvests held\"
grain = [\"plot\", \"season\"]
parts = \"plot\"

[columns]
plot = { meaning = \"Plot\" }
season = { meaning = \"Season\" }
kilos = { unit = \"kg\", meaning = \"Harvest\" }
*/
SELECT plot, season, kilos FROM harvests
";
/// What the plots gave of all that was given: no part of it can be known without the others.
const SHARES: &str = "\
/*
title = \"Shares\"
grain = [\"plot\"]
parts = \"plot\"

[columns]
plot = { meaning = \"Plot\" }
share = { meaning = \"Share of the whole harvest\" }
*/
SELECT plot, sum(kilos) / (SELECT sum(kilos) FROM harvests_held) AS share FROM harvests_held GROUP BY plot
";
const TIME: &str = "queries/yields/harvests_in_time.sql";

fn book() -> Book {
    let book = Book::fixture("base");
    book.write("queries/yields/harvests_held.sql", HELD);
    book.write(TIME, HARVESTS);
    book.write("queries/yields/shares.sql", SHARES);
    book
}

/// The kept tables of a build.
fn tables(book: &Book) -> BTreeSet<String> {
    entries(&book.output().join(".cache/tables")).into_iter().collect()
}

fn rows(book: &Book, cell: &str) -> String {
    book.run(&["run", cell, "--format", "csv"]).expect(0).text()
}

#[test]
fn a_change_in_one_part_computes_that_part_and_gives_what_a_clean_build_gives() {
    let book = book();
    book.build(&[]);
    let plots = rows(&book, "shares").lines().count() - 1;
    let before = tables(&book);
    book.edit("data/harvests.csv", "P1,2025 autumn,40", "P1,2025 autumn,50");
    let edition = book.build(&[]).contents();
    let new: Vec<String> = tables(&book).difference(&before).cloned().collect();
    // The source, the part of the plot in two cells, the share of every plot that has one, and the cells of the book itself.
    let in_parts = |text: &str| text.lines().filter(|line| line.starts_with("P1,")).count();
    assert!(in_parts(&rows(&book, "harvests_in_time")) > 1);
    assert_eq!(new.len(), 1 + 2 + plots + 2, "{new:?}");
    let whole = [rows(&book, "harvests_in_time"), rows(&book, "shares")];
    std::fs::remove_dir_all(book.output().join(".cache")).expect("the cache to forget");
    assert_eq!(edition, book.build(&[]).contents());
    assert_eq!(whole, [rows(&book, "harvests_in_time"), rows(&book, "shares")]);
}

#[test]
fn a_part_that_goes_or_comes_is_followed() {
    let book = book();
    book.build(&[]);
    let before = rows(&book, "harvests_in_time");
    let data = book.read("data/harvests.csv");
    let without: String =
        data.lines().filter(|line| !line.starts_with("P1,")).map(|line| format!("{line}\n")).collect();
    book.write("data/harvests.csv", &without);
    book.build(&[]);
    let after = rows(&book, "harvests_in_time");
    assert!(before.contains("\nP1,") && !after.contains("\nP1,") && after.lines().count() > 1, "{after}");
    book.write("data/harvests.csv", data);
    book.build(&[]);
    assert_eq!(rows(&book, "harvests_in_time"), before);
}

#[test]
fn a_test_that_fails_on_one_part_tells_the_rows_of_all() {
    let book = book();
    book.build(&[]);
    book.edit("data/harvests.csv", "P1,2025 autumn,40", "P1,2025 autumn,150");
    refused("parts-test", 1, &["build"], &book);
    // What failed is not taken to have passed.
    refused("parts-test", 1, &["build"], &book);
    book.edit("data/harvests.csv", "P1,2025 autumn,150", "P1,2025 autumn,41");
    book.build(&[]);
}

#[test]
fn parts_that_are_spoilt_or_gone_are_made_again() {
    let book = book();
    let edition = book.build(&[]).contents();
    let cache = book.output().join(".cache");
    for name in entries(&cache.join("parts")) {
        let note = std::fs::read_to_string(cache.join("parts").join(&name)).expect("a note of parts");
        std::fs::write(cache.join("parts").join(&name), note.replacen("\"rows\":", "\"rows\":1", 1))
            .expect("to spoil it");
    }
    assert_eq!(edition, book.build(&[]).contents());
    for name in entries(&cache.join("tables")) {
        std::fs::write(cache.join("tables").join(name), "spoilt").expect("to spoil a table");
    }
    assert_eq!(edition, book.build(&[]).contents());
    assert!(rows(&book, "harvests_in_time").contains("\nP1,"));
}

#[test]
fn parts_that_are_not_the_first_of_the_grain() {
    let book = book();
    book.build(&[]);
    book.edit(TIME, "parts = \"plot\"", "parts = \"season\"");
    refused("parts-grain", 2, &["build"], &book);
}

#[test]
fn parts_of_a_query_that_orders_its_rows() {
    let book = book();
    book.build(&[]);
    book.append(TIME, "ORDER BY season, plot\n");
    refused("parts-order", 2, &["build"], &book);
}

#[test]
fn parts_by_a_number() {
    let book = book();
    book.build(&[]);
    book.edit(
        TIME,
        "grain = [\"plot\", \"season\"]\nparts = \"plot\"",
        "grain = [\"so_far\", \"plot\"]\nparts = \"so_far\"",
    );
    refused("parts-type", 2, &["build"], &book);
}

#[test]
fn parts_without_end() {
    let book = book();
    book.build(&[]);
    let many = "SELECT 'p' || i AS plot, 'now' AS season, 1.0 AS kilos, 1.0 AS so_far FROM range(201) AS r(i)\n";
    let front = HARVESTS.split("*/").next().expect("front matter");
    book.write(TIME, format!("{front}*/\n{many}"));
    refused("parts-many", 2, &["build"], &book);
}
