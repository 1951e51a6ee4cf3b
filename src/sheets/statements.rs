//! The sheets of a pack's statements: what it says because the data bear it out, and the numbers behind each.

use std::collections::BTreeSet;

use super::Subject;
use super::figures::{Statement, humanised};
use super::form::Form;
use super::grid::{Cell, Grid, GridColumn, Names, Sheet};
use super::notes::{NOT_AVAILABLE, Notes};
use super::tables::{above, cell, unit_words};
use super::workbook::Sourced;

/// The sheets; none where nothing is stated.
pub(super) fn sheets(made: &[Statement], subject: &Subject, names: &mut Names, notes: &mut Notes) -> Vec<Sourced> {
    if made.is_empty() {
        return Vec::new();
    }
    let behind = made.iter().filter_map(|statement| subject.behind.get(&statement.cell)).flatten().copied();
    let behind: Vec<usize> = behind.collect::<BTreeSet<usize>>().into_iter().collect();
    let mut sheets = vec![(stated(made, &behind, subject, names, notes), behind.clone())];
    sheets.extend(numbers(made, &behind, subject, names, notes).map(|sheet| (sheet, behind)));
    sheets
}

fn stated(made: &[Statement], behind: &[usize], subject: &Subject, names: &mut Names, notes: &mut Notes) -> Sheet {
    let mut marks = BTreeSet::new();
    let mut rows = Vec::new();
    for (at, one) in made.iter().enumerate() {
        let holds = match one.holds {
            Some(true) => "yes",
            Some(false) => "no",
            None => NOT_AVAILABLE,
        };
        if one.holds.is_none() {
            marks.insert(NOT_AVAILABLE.to_string());
        }
        rows.push(vec![Cell::count(at + 1), Cell::text(&one.statement), Cell::text(holds), Cell::text(&one.subject)]);
    }
    let columns = vec![
        GridColumn::numbers("Statement number", 11),
        GridColumn::words("Statement", 90),
        GridColumn::words("Whether it holds", 10),
        GridColumn::words("What the check is about", 50),
    ];
    notes.use_all(&marks);
    let about = "Sentences that the document prints only because the data bear them out.";
    let lines = above(about, &marks, behind, subject);
    let table = Grid::new("statements", columns, rows);
    Sheet::with_table(names.give("Statements"), "Statements made", about, lines, table)
}

/// The numbers behind the statements, one in each row.
fn numbers(
    made: &[Statement],
    behind: &[usize],
    subject: &Subject,
    names: &mut Names,
    notes: &mut Notes,
) -> Option<Sheet> {
    let mut marks = BTreeSet::new();
    let mut rows = Vec::new();
    for (at, one) in made.iter().enumerate() {
        // A number that is missing is one that the statement does without.
        for (column, value) in one.numbers.iter().filter(|(_, value)| !value.value.is_missing()) {
            let what = if column.meaning.is_empty() { humanised(&column.name) } else { column.meaning.clone() };
            rows.push(vec![
                Cell::count(at + 1),
                Cell::text(&what),
                cell(value, Form::of(&value.text, column.unit.as_deref()), &mut marks),
                Cell::text(unit_words(column).unwrap_or("none")),
            ]);
        }
    }
    let columns = vec![
        GridColumn::numbers("Statement number", 11),
        GridColumn::words("What it is", 70),
        GridColumn::numbers("Value", 40),
        GridColumn::words("Unit", 24),
    ];
    notes.use_all(&marks);
    let about = "The numbers and names behind each statement, by the number of the statement.";
    let lines = above(about, &marks, behind, subject);
    if rows.is_empty() {
        return None;
    }
    let table = Grid::new("statement_numbers", columns, rows);
    let title = "Numbers behind the statements";
    Some(Sheet::with_table(names.give("Statement numbers"), title, about, lines, table))
}
