//! Sheets before they are written in a format: lines of words, and tables of cells.

use std::borrow::Cow;
use std::collections::BTreeSet;

use jiff::civil::Date;

use super::form::Form;
use crate::pack::{date_words, plain_text};

/// Most characters of a cell that every program takes.
const LONGEST_TEXT: usize = 32_000;
/// Most characters of a sheet's name.
const LONGEST_NAME: usize = 31;

/// A workbook.
#[derive(Debug)]
pub(super) struct Workbook {
    pub properties: Properties,
    pub sheets: Vec<Sheet>,
}

/// What the file says of itself.
#[derive(Debug)]
pub(super) struct Properties {
    pub title: String,
    pub about: String,
    pub author: String,
    pub date: Date,
    pub language: String,
    pub tool: String,
}

/// A sheet: lines in the first column, and under them at most one table.
#[derive(Debug)]
pub(super) struct Sheet {
    pub name: String,
    pub lines: Vec<Line>,
    /// What it holds, for the list of contents.
    pub about: String,
    /// Width of the first column where there is no table; lines wrap in it.
    pub width: Option<usize>,
    pub table: Option<Grid>,
}

/// A line of words.
#[derive(Debug)]
pub(super) struct Line {
    pub text: String,
    pub weight: Weight,
}

/// How a line stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    Title,
    Strong,
    Plain,
}

/// A table.
#[derive(Debug)]
pub(super) struct Grid {
    /// The name by which formulae know it.
    pub name: String,
    pub columns: Vec<GridColumn>,
    pub rows: Vec<Vec<Cell>>,
}

/// A column of a table.
#[derive(Debug)]
pub(super) struct GridColumn {
    pub heading: String,
    /// Numbers stand right, and so does shorthand among them.
    pub right: bool,
    pub wrap: bool,
    /// Whether words stand a little in, away from the numbers before them.
    pub indent: bool,
    /// In characters.
    pub width: usize,
}

/// A cell of a table.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    Text(String),
    /// A number with its form, and in words.
    Number(f64, Form, String),
    Day(Date),
    /// Words that lead to the sheet of this name.
    Link(String),
}

impl Sheet {
    /// A sheet with one table under a title and some lines.
    pub fn with_table(name: String, title: &str, about: &str, lines: Vec<String>, table: Grid) -> Sheet {
        let plain = lines.into_iter().map(|text| Line::new(Weight::Plain, &text));
        let lines = std::iter::once(Line::new(Weight::Title, title)).chain(plain).collect();
        Sheet { name, lines, about: clipped(about), width: None, table: Some(table) }
    }
}

impl Line {
    pub fn new(weight: Weight, text: &str) -> Line {
        Line { text: clipped(text), weight }
    }
}

impl Grid {
    /// A table; its name begins with a word, because names such as `q3` are those of cells.
    pub fn new(name: &str, mut columns: Vec<GridColumn>, rows: Vec<Vec<Cell>>) -> Grid {
        for at in 1..columns.len() {
            columns[at].indent = columns[at - 1].right && !columns[at].right;
        }
        Grid { name: format!("table_{name}"), columns, rows }
    }
}

impl GridColumn {
    /// A column of words that wrap.
    pub fn words(heading: &str, width: usize) -> GridColumn {
        GridColumn { heading: heading.to_string(), right: false, wrap: true, indent: false, width }
    }

    /// A column of numbers.
    pub fn numbers(heading: &str, width: usize) -> GridColumn {
        GridColumn { right: true, ..GridColumn::words(heading, width) }
    }
}

impl Cell {
    pub fn text(text: &str) -> Cell {
        Cell::Text(clipped(text))
    }

    pub fn count(number: usize) -> Cell {
        Cell::number(number as f64, Form { grouped: true, ..Form::default() })
    }

    pub fn number(number: f64, form: Form) -> Cell {
        Cell::Number(number, form, form.words(number))
    }

    /// The words that a reader sees in it.
    pub fn words(&self) -> Cow<'_, str> {
        match self {
            Cell::Text(words) | Cell::Link(words) | Cell::Number(.., words) => Cow::Borrowed(words),
            Cell::Day(day) => Cow::Owned(date_words(*day)),
        }
    }
}

/// Words of which every program takes all, without control characters.
fn clipped(text: &str) -> String {
    let text = plain_text(text);
    if text.chars().count() <= LONGEST_TEXT {
        return text;
    }
    text.chars().take(LONGEST_TEXT).chain(['…']).collect()
}

/// Names of sheets, no two of which are the same to a program that does not tell capital letters from small ones.
pub(super) struct Names {
    given: BTreeSet<String>,
}

impl Names {
    /// The names of the sheets that every workbook has, and the one that Excel keeps for itself, are taken.
    pub fn new() -> Names {
        let taken = ["cover", "contents", "notes", "sources", "history"];
        Names { given: taken.map(str::to_string).into() }
    }

    /// A name as near to the one wanted as may be.
    pub fn give(&mut self, wanted: &str) -> String {
        let allowed = |c: char| if "[]:*?/\\'".contains(c) { ' ' } else { c };
        let wanted: String = wanted.chars().map(allowed).collect();
        let mut number = 1;
        loop {
            let ending = if number == 1 { String::new() } else { format!(" {number}") };
            let room = LONGEST_NAME - ending.len();
            let name = format!("{}{ending}", wanted.chars().take(room).collect::<String>().trim()).trim().to_string();
            if !name.is_empty() && self.given.insert(name.to_lowercase()) {
                return name;
            }
            number += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_sheets_are_short_and_differ() {
        let mut names = Names::new();
        let long = "Provider waiting times by specialty and month";
        let given: Vec<String> = ["History", "A/B", "a b", long, long, ""].map(|wanted| names.give(wanted)).to_vec();
        assert_eq!(
            given,
            ["History 2", "A B", "a b 2", "Provider waiting times by speci", "Provider waiting times by spe 2", "2"]
        );
    }

    #[test]
    fn words_are_cut_where_a_program_would_refuse_them() {
        let long = "a".repeat(40_000);
        assert_eq!(clipped(&long).chars().count(), LONGEST_TEXT + 1);
        assert_eq!(clipped("a\nb\u{202e}c"), "a bc");
    }

    #[test]
    fn words_behind_numbers_stand_in() {
        let columns = vec![GridColumn::numbers("n", 9), GridColumn::words("w", 9), GridColumn::words("v", 9)];
        let grid = Grid::new("t", columns, Vec::new());
        assert_eq!(grid.columns.iter().map(|column| column.indent).collect::<Vec<_>>(), [false, true, false]);
    }
}
