//! Data tests: what must hold of a cell's rows. A failing test shows sample rows.

use super::graph::Cell;
use crate::diagnostic::{Diagnostic, Place};
use crate::duck::{Session, SqlError, literal, quoted, statement};
use crate::frame::{Frame, Scalar};
use jiff::civil::Date;

/// Most sample rows shown of a failing test.
const SAMPLE: usize = 5;
/// Most columns shown of a sample row.
const SAMPLE_COLUMNS: usize = 8;

/// A rule.
#[derive(Clone, Debug, PartialEq)]
pub enum TestRule {
    /// No two rows have the same values in these columns, and none is missing.
    Grain(Vec<String>),
    /// No two rows have the same values in these columns.
    Unique(Vec<String>),
    /// These columns are never missing.
    NotNull(Vec<String>),
    /// A column has only these values.
    Accepted(String, Vec<Scalar>),
    /// A column lies between bounds, ends included.
    Range(String, Option<f64>, Option<f64>),
    /// Each value of a column occurs in another table's column.
    Relationship(String, (String, String)),
    /// The number of rows lies between bounds, ends included.
    Rows(Option<i64>, Option<i64>),
    /// The newest day in a column lies within so many days of the edition's date.
    Fresh(String, i64),
    /// No row is selected by a query (`Ok`) or a condition over the cell (`Err`).
    Sql(Result<String, String>),
}

/// A data test.
#[derive(Clone, Debug, PartialEq)]
pub struct DataTest {
    /// Its name, if it was given one.
    pub name: Option<String>,
    /// Whether a failure is a warning only.
    pub warn: bool,
    /// Where it is declared.
    pub place: Place,
    /// What must hold.
    pub rule: TestRule,
}

/// What a test found.
#[derive(Clone, Debug)]
pub struct CheckResult {
    /// Cell.
    pub cell: String,
    /// The test in words.
    pub name: String,
    /// Failing rows.
    pub failing: u64,
    /// Whether a failure is a warning only.
    pub warn: bool,
    /// The problem to report, if it failed.
    pub problem: Option<Diagnostic>,
}

impl CheckResult {
    /// What a test found that passed.
    pub(super) fn passed(cell: &Cell, test: &DataTest) -> CheckResult {
        CheckResult { cell: cell.name.clone(), name: test.words(), failing: 0, warn: test.warn, problem: None }
    }
}

impl DataTest {
    /// The test that every cell has.
    pub(super) fn grain(columns: &[String], place: Place) -> Self {
        DataTest { name: None, warn: false, place, rule: TestRule::Grain(columns.to_vec()) }
    }

    /// The test in words.
    pub fn words(&self) -> String {
        self.name.clone().unwrap_or_else(|| match &self.rule {
            TestRule::Grain(columns) => format!("one row for each {}", columns.join(", ")),
            TestRule::Unique(columns) => format!("{} unique", columns.join(", ")),
            TestRule::NotNull(columns) => format!("{} never missing", columns.join(", ")),
            TestRule::Accepted(column, _) => format!("{column} has accepted values"),
            TestRule::Range(column, min, max) => format!("{column} {}", between(*min, *max)),
            TestRule::Relationship(column, (table, other)) => format!("each {column} is in {table}.{other}"),
            TestRule::Rows(min, max) => {
                format!("number of rows {}", between(min.map(|v| v as f64), max.map(|v| v as f64)))
            }
            TestRule::Fresh(column, days) => format!("{column} within {days} days of the edition"),
            TestRule::Sql(Ok(query) | Err(query)) => query.split_whitespace().collect::<Vec<_>>().join(" "),
        })
    }

    /// The tables that it reads, where the book does not write its query; they cannot change from run to run.
    pub(super) fn known_reads(&self, cell: &str) -> Option<Vec<String>> {
        match &self.rule {
            TestRule::Sql(_) => None,
            TestRule::Relationship(_, (other, _)) => Some(vec![cell.to_string(), other.clone()]),
            _ => Some(vec![cell.to_string()]),
        }
    }

    /// What is asked of each row alone: the condition by which one fails. None where rows are asked together, other tables
    /// are asked too, or the book writes the condition itself.
    fn failing_condition(&self) -> Option<String> {
        match &self.rule {
            TestRule::Grain(columns) | TestRule::NotNull(columns) => Some(missing(columns)),
            TestRule::Accepted(column, values) => {
                let list: Vec<String> = values.iter().map(sql_value).collect();
                let column = quoted(column);
                Some(format!("{column} IS NOT NULL AND {column} NOT IN ({})", list.join(", ")))
            }
            TestRule::Range(column, min, max) => {
                let column = quoted(column);
                let below = min.map(|min| format!("{column} < {min}"));
                let above = max.map(|max| format!("{column} > {max}"));
                let terms: Vec<String> =
                    below.into_iter().chain(above).chain([format!("isnan({column}::DOUBLE)")]).collect();
                Some(terms.join(" OR "))
            }
            TestRule::Unique(_)
            | TestRule::Relationship(..)
            | TestRule::Rows(..)
            | TestRule::Fresh(..)
            | TestRule::Sql(_) => None,
        }
    }

    /// A query of the failing rows.
    pub(super) fn failing_rows(&self, cell: &str, edition: Date) -> String {
        let table = quoted(cell);
        match &self.rule {
            TestRule::Grain(columns) => {
                let gaps = format!("SELECT * FROM {table} WHERE {}", missing(columns));
                format!("({}) UNION ALL BY NAME ({gaps})", doubles(&table, columns))
            }
            TestRule::Unique(columns) => doubles(&table, columns),
            TestRule::NotNull(_) | TestRule::Accepted(..) | TestRule::Range(..) => {
                format!("SELECT * FROM {table} WHERE {}", self.failing_condition().unwrap_or_default())
            }
            TestRule::Relationship(column, (other, target)) => {
                let (column, other, target) = (quoted(column), quoted(other), quoted(target));
                format!(
                    "SELECT * FROM {table} AS one WHERE one.{column} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {other} AS other WHERE other.{target} = one.{column})"
                )
            }
            TestRule::Rows(min, max) => {
                let (min, max) = (min.unwrap_or(0), max.unwrap_or(i64::MAX));
                format!(
                    "SELECT * FROM (SELECT count(*) AS number_of_rows FROM {table}) WHERE number_of_rows NOT BETWEEN {min} AND {max}"
                )
            }
            TestRule::Fresh(column, days) => {
                let column = quoted(column);
                format!(
                    "SELECT * FROM (SELECT max({column})::DATE AS newest FROM {table}) WHERE newest IS NULL OR newest < DATE '{edition}' - {days}"
                )
            }
            TestRule::Sql(Ok(query)) => statement(query).to_string(),
            TestRule::Sql(Err(condition)) => format!("SELECT * FROM {table} WHERE {condition}\n"),
        }
    }
}

fn between(min: Option<f64>, max: Option<f64>) -> String {
    match (min, max) {
        (Some(min), Some(max)) => format!("from {min} to {max}"),
        (Some(min), None) => format!("at least {min}"),
        (None, Some(max)) => format!("at most {max}"),
        (None, None) => "unbounded".to_string(),
    }
}

fn doubles(table: &str, columns: &[String]) -> String {
    let list = columns.iter().map(|column| quoted(column)).collect::<Vec<_>>().join(", ");
    format!("SELECT {list}, count(*) AS number_of_rows FROM {table} GROUP BY ALL HAVING count(*) > 1")
}

/// The condition that one of some columns is missing.
fn missing(columns: &[String]) -> String {
    let terms: Vec<String> = columns.iter().map(|column| format!("{} IS NULL", quoted(column))).collect();
    terms.join(" OR ")
}

fn sql_value(value: &Scalar) -> String {
    match value {
        Scalar::Text(text) => literal(text),
        Scalar::Date(date) => format!("DATE '{date}'"),
        Scalar::Missing | Scalar::Suppressed(_) => "NULL".to_string(),
        other => other.to_string(),
    }
}

/// Runs some tests of a cell. A test that cannot run is a problem of its own.
pub fn run_checks(cell: &Cell, tests: &[&DataTest], session: &Session, edition: Date) -> Vec<CheckResult> {
    let passed = passed_at_once(cell, tests, session);
    let tests = tests.iter().zip(passed);
    tests.map(|(test, passed)| run_check(cell, test, passed, session, edition)).collect()
}

/// Looks through a cell's rows once for all tests that ask something of each row: says of each test whether no row fails
/// what it asks. Where the query cannot run, because a test is wrong, nothing is said, and each test tells for itself.
fn passed_at_once(cell: &Cell, tests: &[&DataTest], session: &Session) -> Vec<bool> {
    let conditions: Vec<Option<String>> = tests.iter().map(|test| test.failing_condition()).collect();
    let terms: Vec<String> = (conditions.iter().enumerate())
        .filter_map(|(at, condition)| Some(format!("count(*) FILTER ({}) AS test_{at}", condition.as_ref()?)))
        .collect();
    let counted = match terms.is_empty() {
        true => None,
        false => session.frame(&format!("SELECT {} FROM {}", terms.join(", "), quoted(&cell.name))).ok(),
    };
    let passed = |at: usize| {
        let counted = counted.as_ref()?;
        Some(counted.value(0, counted.position(&format!("test_{at}"))?) == Scalar::Integer(0))
    };
    (0..tests.len()).map(|at| passed(at).unwrap_or(false)).collect()
}

/// Runs a test. `passed` says that no row fails what it asks of each.
fn run_check(cell: &Cell, test: &DataTest, passed: bool, session: &Session, edition: Date) -> CheckResult {
    let query = match &test.rule {
        // What is left to ask is asked of all rows together.
        TestRule::Grain(columns) if passed => doubles(&quoted(&cell.name), columns),
        _ if passed => {
            return CheckResult::passed(cell, test);
        }
        _ => test.failing_rows(&cell.name, edition),
    };
    let outcome = failing(session, &query, test.known_reads(&cell.name).is_none());
    let (failing, problem) = match outcome {
        Ok((_, None)) => (0, None),
        Ok((count, Some(sample))) => (count, Some(failure(cell, test, count, &sample))),
        Err(error) => {
            let words = format!("the test \"{}\" of `{}` cannot run: {}", test.words(), cell.name, error.message);
            let problem = Diagnostic::fault("test-sql", words).at(test.place.clone());
            (0, Some(error.hinting(problem)))
        }
    };
    CheckResult { cell: cell.name.clone(), name: test.words(), failing, warn: test.warn, problem }
}

/// How many rows a test finds, and some of them.
fn failing(session: &Session, query: &str, is_of_the_book: bool) -> Result<(u64, Option<Frame>), SqlError> {
    if is_of_the_book && let Some(volatile) = session.lineage(query)?.volatile.first() {
        return Err(SqlError::plain(format!("`{}` gives another answer on another run", volatile.name)));
    }
    let count = session.count(query)?;
    // Nearly every test passes: rows are asked for only where there are some.
    let sample = match count {
        0 => None,
        _ => Some(session.frame(&format!("SELECT * FROM ({query}) ORDER BY ALL LIMIT {SAMPLE}"))?),
    };
    Ok((count, sample))
}

fn failure(cell: &Cell, test: &DataTest, count: u64, sample: &Frame) -> Diagnostic {
    let rows = if count == 1 { "1 row fails".to_string() } else { format!("{count} rows fail") };
    let words = format!("`{}`: {rows} the test \"{}\"", cell.name, test.words());
    let mut problem =
        if test.warn { Diagnostic::warning("data-test", words) } else { Diagnostic::check("data-test", words) };
    for line in sample_lines(sample) {
        problem = problem.note(line);
    }
    if count > SAMPLE as u64 {
        problem = problem.note(format!("and {} more", count - SAMPLE as u64));
    }
    problem.at(test.place.clone())
}

fn sample_lines(sample: &Frame) -> Vec<String> {
    let names = sample.names();
    let line = |row: usize| {
        let shown = names.iter().take(SAMPLE_COLUMNS).enumerate();
        let values = shown.map(|(at, name)| match sample.value(row, at) {
            Scalar::Missing => format!("{name} missing"),
            value => format!("{name} = {}", value.to_string().chars().take(60).collect::<String>()),
        });
        let more = if names.len() > SAMPLE_COLUMNS { ", …" } else { "" };
        format!("{}{more}", values.collect::<Vec<_>>().join(", "))
    };
    (0..sample.height()).map(line).collect()
}
