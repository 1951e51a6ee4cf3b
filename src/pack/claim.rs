//! Claims: statements that may be printed only because a query says that they hold.
//!
//! A cell of claims has a column that says whether each row's statement holds, a column with the statement, and the
//! numbers behind it. A statement that does not hold, or whose inputs are missing, stops publication; in a draft it
//! is printed struck through, with the reason.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, LazyLock};

use minijinja::Value;
use minijinja::value::{Object, ObjectRepr};
use regex::Regex;
use serde::Serialize;

use super::figure::{Figure, Row};
use super::format::{self, Style};
use crate::frame::Scalar;

/// A number as statements write it.
static NUMBER: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\d[\d,]*(?:\.\d+)?").ok());

/// A row of a cell of claims.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    pub row: Row,
    /// Position of the column that says whether it holds.
    pub holds: usize,
    /// Position of the column with the statement.
    pub statement: usize,
}

/// A claim that was printed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClaimRecord {
    /// Number of the figure that is its statement.
    pub figure: usize,
    /// Cell of claims.
    pub cell: String,
    /// What the cell is about.
    pub title: String,
    /// Columns that identify the claim, with their values.
    pub key: Vec<(String, Scalar)>,
    /// The statement.
    pub statement: String,
    /// Whether it holds; missing where its inputs are.
    pub holds: Option<bool>,
    /// Why it may not be said, where it may not.
    pub refused: Option<String>,
    /// The numbers behind it: column, value and unit.
    pub numbers: Vec<ClaimNumber>,
}

/// A value behind a claim.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClaimNumber {
    /// Column.
    pub column: String,
    /// Value.
    pub value: Scalar,
    /// Unit.
    pub unit: Option<String>,
}

impl ClaimRecord {
    /// The numbers behind it that its statement writes.
    pub fn stated(&self) -> Vec<&ClaimNumber> {
        let Some(pattern) = NUMBER.as_ref() else { return Vec::new() };
        let written: Vec<&str> =
            pattern.find_iter(&self.statement).map(|found| found.as_str().trim_end_matches(',')).collect();
        self.numbers.iter().filter(|number| written.iter().any(|text| is_written_as(number, text))).collect()
    }
}

impl Claim {
    /// The figure that is the statement.
    pub fn figure(&self) -> Figure {
        self.row.figure(self.statement)
    }

    /// The record of the claim, printed as the figure of this number. Every column of the row is behind it.
    pub fn record(&self, figure: usize) -> ClaimRecord {
        let table = &self.row.table;
        let numbers = (0..table.names.len()).filter(|at| *at != self.holds && *at != self.statement).map(|at| {
            let figure = self.row.figure(at);
            ClaimNumber {
                column: table.names[at].clone(),
                value: figure.scalar(),
                unit: figure.unit().map(str::to_string),
            }
        });
        let numbers: Vec<ClaimNumber> = numbers.collect();
        ClaimRecord {
            figure,
            cell: table.name.clone(),
            title: table.title.clone(),
            key: table.key(self.row.row),
            statement: self.figure().scalar().to_string(),
            holds: self.holds(),
            refused: self.refused(&numbers),
            numbers,
        }
    }

    /// Whether the query says that the statement holds.
    pub fn holds(&self) -> Option<bool> {
        match self.row.figure(self.holds).scalar() {
            Scalar::Boolean(holds) => Some(holds),
            _ => None,
        }
    }

    /// Why the statement may not be printed, if it may not.
    fn refused(&self, numbers: &[ClaimNumber]) -> Option<String> {
        let statement = match self.figure().scalar() {
            Scalar::Text(words) if !words.trim().is_empty() => words,
            _ => return Some("it has no statement".to_string()),
        };
        match self.holds() {
            Some(true) => {}
            Some(false) => return Some("it does not hold".to_string()),
            None => return Some("what it rests on is missing".to_string()),
        }
        let stray = stray_numbers(&statement, numbers);
        (!stray.is_empty())
            .then(|| format!("no column behind it has the value {}, rounded as it is written", stray.join(", ")))
    }
}

impl Object for Claim {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        match key {
            "holds" => Some(self.holds().map_or_else(|| Value::from(()), Value::from)),
            "row" => Some(Value::from_object(self.row.clone())),
            _ => None,
        }
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn is_true(self: &Arc<Self>) -> bool {
        self.holds() == Some(true)
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.figure().words())
    }
}

/// Numbers in a statement that are the value of no column behind it.
///
/// A number counts as a column's value if it is the value rounded as it is written, with or without its sign (a fall
/// of 3.7% is a growth of −3.7%), as a per cent or a fraction; or if it is part of a text behind the claim, such as a
/// period or a name.
fn stray_numbers(statement: &str, numbers: &[ClaimNumber]) -> Vec<String> {
    let Some(pattern) = NUMBER.as_ref() else { return Vec::new() };
    // Words and days behind the claim are taken out first, the longest first, so that a year in a period is not taken
    // for a figure.
    let mut texts: Vec<String> = numbers.iter().filter_map(|number| spelled(&number.value)).collect();
    texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
    let mut rest = statement.to_string();
    for text in texts.iter().filter(|text| text.bytes().any(|byte| byte.is_ascii_digit())) {
        rest = rest.replace(text.as_str(), " ");
    }
    let found = pattern.find_iter(&rest).map(|found| found.as_str().trim_end_matches(',').to_string());
    let mut stray: BTreeMap<String, ()> = BTreeMap::new();
    for written in found.filter(|written| !numbers.iter().any(|number| is_written_as(number, written))) {
        stray.insert(written, ());
    }
    stray.into_keys().collect()
}

fn spelled(value: &Scalar) -> Option<String> {
    match value {
        Scalar::Text(text) => Some(text.clone()),
        Scalar::Date(date) => Some(format::date_words(*date)),
        _ => None,
    }
}

fn is_written_as(number: &ClaimNumber, written: &str) -> bool {
    let value = match number.value {
        Scalar::Integer(value) => Scalar::Integer(value.saturating_abs()),
        Scalar::Number(value) => Scalar::Number(value.abs()),
        _ => return false,
    };
    let decimals = written.split_once('.').map_or(0, |(_, places)| places.len());
    let style = Style { decimals: Some(decimals), ..Style::default() };
    let shown = |unit: Option<&str>| {
        let words = format::words(&value, unit, None, &style);
        words.trim_matches(|c: char| !c.is_ascii_digit()).replace(',', "")
    };
    let written = written.replace(',', "");
    shown(None) == written || shown(Some("fraction")) == written
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(value: Scalar) -> ClaimNumber {
        ClaimNumber { column: "c".to_string(), value, unit: None }
    }

    #[test]
    fn every_number_of_a_statement_must_be_behind_it() {
        let behind = [
            number(Scalar::Number(0.1127785492106085)),
            number(Scalar::Number(-0.0365692340860149)),
            number(Scalar::Integer(129)),
            number(Scalar::Text("2024/25 compared with 2023/24".into())),
        ];
        let holds = "Grew by 11.3% in 2024/25 compared with 2023/24, with 3.7% less resource, 1 of 129.";
        assert_eq!(stray_numbers(holds, &behind), ["1"]);
        assert_eq!(stray_numbers("by over 11%", &behind), Vec::<String>::new());
        assert_eq!(stray_numbers("by over 12%", &behind), ["12"]);
        assert_eq!(stray_numbers("in 2024/25", &behind), ["2024", "25"]);
        assert_eq!(stray_numbers("1,290 mills", &[number(Scalar::Integer(1290))]), Vec::<String>::new());
    }
}
