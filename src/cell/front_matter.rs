//! What a cell says of itself: TOML in the comment that begins its file.

use super::checks::{DataTest, TestRule};
use super::determinism::KINDS;
use crate::book::settings::{Document, Table};
use crate::diagnostic::{Diagnostic, Outcome, Place};
use crate::duck::HazardKind;

/// What is known of a column of a result.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnNote {
    /// Column name.
    pub name: String,
    /// Unit, such as `score`, `%` or `rank`.
    pub unit: Option<String>,
    /// What it is.
    pub meaning: String,
    /// Decimals shown when it is printed.
    pub decimals: Option<usize>,
    /// Why it does not matter that some of the values that it is computed from are withheld.
    pub withheld: Option<String>,
}

/// Which columns of a cell of claims say whether each holds, and what it states.
#[derive(Clone, Debug, PartialEq)]
pub struct ClaimNote {
    /// A column of yes and no; missing where the inputs are.
    pub holds: String,
    /// The statement in words.
    pub statement: String,
}

/// By which column a result is kept in parts.
#[derive(Clone, Debug)]
pub struct PartsNote {
    /// The first column of the grain.
    pub column: String,
    /// Where it is declared.
    pub place: Place,
}

/// A cell's front matter.
#[derive(Clone, Debug)]
pub struct FrontMatter {
    /// Title.
    pub title: String,
    /// What it computes and why.
    pub description: String,
    /// Columns that identify a row.
    pub grain: Vec<String>,
    /// How the result is kept in parts, if it is.
    pub parts: Option<PartsNote>,
    /// Columns.
    pub columns: Vec<ColumnNote>,
    /// Data tests, the grain's own among them.
    pub tests: Vec<DataTest>,
    /// What it claims, if it is a cell of claims.
    pub claim: Option<ClaimNote>,
    /// Ways in which the answer hangs on the order of rows that the author has thought of.
    pub determinism: Vec<Accepted>,
}

/// A way in which an answer may hang on the order of rows, with a reason why it does no harm.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// Its key in `[determinism]`.
    pub key: String,
    /// The way.
    pub kind: HazardKind,
    /// Where it is declared.
    pub place: Place,
}

/// Reads the front matter of a query file.
pub(super) fn read(file: &str, text: &str) -> Outcome<FrontMatter> {
    let Some(part) = comment(text) else {
        return Err(Diagnostic::fault("cell-front-matter", format!("{file} does not begin with its front matter"))
            .in_file(file)
            .help("begin it with a comment /* … */ that holds title = \"…\", grain = [\"…\"] and [columns]")
            .help("`candour new DIR` makes a small book with cells to copy")
            .into());
    };
    let document = Document { file: file.to_string(), text: text.to_string(), part };
    document.read(read_table)
}

/// The inside of the comment at the beginning of a text.
fn comment(text: &str) -> Option<std::ops::Range<usize>> {
    let start = text.len() - text.trim_start().len();
    let inside = text[start..].strip_prefix("/*")?;
    let end = inside.find("*/")?;
    Some(start + 2..start + 2 + end)
}

fn read_table(table: &Table<'_>) -> Option<FrontMatter> {
    let title = table.text("title");
    let description = table.optional_text("description").unwrap_or_default();
    let grain = table.texts("grain");
    if grain.is_empty() {
        table.report(
            Diagnostic::fault("cell-grain", "`grain` is missing: the columns that identify a row")
                .at(table.place("grain"))
                .help("a cell of one row may name any column that is never missing"),
        );
    }
    let parts = table.optional_text("parts").map(|column| PartsNote { column, place: table.place("parts") });
    if parts.as_ref().is_some_and(|parts| Some(&parts.column) != grain.first()) {
        table.problem_at(
            "parts",
            "cell-parts",
            "`parts` must name the first column of `grain`, by which rows are in order",
        );
    }
    let columns = table.optional_table("columns").map(|columns| read_columns(&columns)).unwrap_or_default();
    let mut tests = vec![DataTest::grain(&grain, table.place("grain"))];
    tests.extend(table.tables("tests").iter().filter_map(read_test));
    let determinism = table.optional_table("determinism").map(|table| read_accepted(&table)).unwrap_or_default();
    let claim = table.optional_table("claim").map(|claim| read_claim(&claim));
    Some(FrontMatter { title: title?, description, grain, parts, columns, tests, claim, determinism })
}

fn read_claim(table: &Table<'_>) -> ClaimNote {
    let named = |key: &str| table.optional_text(key).unwrap_or_else(|| key.to_string());
    let note = ClaimNote { holds: named("holds"), statement: named("statement") };
    table.finish();
    note
}

/// What the author has thought of, each with a reason.
fn read_accepted(table: &Table<'_>) -> Vec<Accepted> {
    let read = KINDS.into_iter().filter_map(|(key, _, kind)| {
        let reason = table.optional_text(key)?;
        if reason.trim().is_empty() {
            table.problem_at(key, "determinism-reason", format!("`{key}` needs a reason: why can it not matter?"));
        }
        Some(Accepted { key: key.to_string(), kind, place: table.place(key) })
    });
    let read = read.collect();
    table.finish();
    read
}

fn read_columns(table: &Table<'_>) -> Vec<ColumnNote> {
    let read = table.keys().into_iter().filter_map(|name| {
        let column = table.optional_table(&name)?;
        let decimals = column.optional_integer("decimals");
        if decimals.is_some_and(|decimals| !(0..=15).contains(&decimals)) {
            column.problem_at("decimals", "cell-decimals", "`decimals` must be from 0 to 15");
        }
        let note = ColumnNote {
            unit: column.optional_text("unit"),
            meaning: column.text("meaning").unwrap_or_default(),
            withheld: column.optional_text("withheld"),
            decimals: decimals.and_then(|decimals| usize::try_from(decimals).ok()),
            name,
        };
        if note.withheld.as_deref().is_some_and(|reason| reason.trim().is_empty()) {
            column.problem_at("withheld", "cell-withheld", "`withheld` needs a reason: why can it not matter?");
        }
        column.finish();
        Some(note)
    });
    read.collect()
}

const CHECKS: [&str; 8] = ["unique", "not_null", "accepted", "range", "relationship", "rows", "fresh", "sql"];

fn read_test(table: &Table<'_>) -> Option<DataTest> {
    table.text("check");
    let check = table.choice("check", &CHECKS);
    let column = || table.text("column");
    let columns = || {
        let columns = [table.texts("columns"), table.optional_text("column").into_iter().collect()].concat();
        if columns.is_empty() {
            table.problem_at("columns", "test-columns", "this check needs `column` or `columns`");
        }
        columns
    };
    let check = check?;
    if matches!(check, "range" | "rows") && !table.has("min") && !table.has("max") {
        table.problem_at(
            "check",
            "test-bounds",
            format!("the check \"{check}\" needs `min` or `max`, or it could never fail"),
        );
    }
    let rule = match check {
        "unique" => TestRule::Unique(columns()),
        "not_null" => TestRule::NotNull(columns()),
        "accepted" => TestRule::Accepted(column()?, table.scalars("values")),
        "range" => TestRule::Range(column()?, table.optional_number("min"), table.optional_number("max")),
        "relationship" => TestRule::Relationship(column()?, read_target(table)?),
        "rows" => TestRule::Rows(table.optional_integer("min"), table.optional_integer("max")),
        "fresh" => TestRule::Fresh(column()?, table.optional_integer("within_days").unwrap_or(0)),
        _ => TestRule::Sql(read_assertion(table)?),
    };
    let test = DataTest {
        name: table.optional_text("name"),
        warn: table.choice("severity", &["error", "warn"]) == Some("warn"),
        place: table.place(""),
        rule,
    };
    table.finish();
    Some(test)
}

fn read_target(table: &Table<'_>) -> Option<(String, String)> {
    let target = table.text("to")?;
    let parts = target.split_once('.').map(|(cell, column)| (cell.to_string(), column.to_string()));
    if parts.is_none() {
        table.problem_at("to", "test-target", "`to` must be \"table.column\"");
    }
    parts
}

/// A condition that selects failing rows, as a whole query.
fn read_assertion(table: &Table<'_>) -> Option<Result<String, String>> {
    match (table.optional_text("where"), table.optional_text("query")) {
        (Some(condition), None) => Some(Err(condition)),
        (None, Some(query)) => Some(Ok(query)),
        _ => {
            table.problem_at("check", "test-sql", "an SQL check needs `where` (a condition that selects failing rows) or `query` (a SELECT of failing rows)");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn front_matter_is_read_from_the_first_comment() {
        let text = "/*\ntitle = \"T\"\ngrain = [\"a\"]\n[columns]\na = { meaning = \"A\" }\n[[tests]]\ncheck = \"range\"\ncolumn = \"a\"\nmin = 1\n*/\nSELECT 1 AS a";
        let front = read("a.sql", text).unwrap();
        assert_eq!((front.title.as_str(), front.columns.len(), front.tests.len()), ("T", 1, 2));
    }

    #[test]
    fn an_unknown_key_is_reported_at_its_line() {
        let problems = read("a.sql", "/*\ntitle = \"T\"\ngrian = [\"a\"]\n*/ SELECT 1").unwrap_err();
        assert!(problems.to_string().contains("did you mean `grain`?"), "{problems}");
        assert_eq!(problems.0.len(), 2);
    }
}
