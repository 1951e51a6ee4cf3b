//! What the tables are: for each cell the rows and columns of which a pack shows a figure.
//!
//! A row is there if the pack prints or draws a value of it, in the order of the cell. The columns are the cell's keys,
//! those of which a value is shown, and words that the pack took to go with them, such as the unit of each row. All of
//! these are among the rows and columns that the pack's note watches, so that sheets never say what the pack has not
//! taken.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::book::ENGINE_TABLES;
use crate::cell::ColumnNote;
use crate::frame::{ColumnType, Scalar};
use crate::pack::{ClaimRecord, FigureRecord, Library, Rendered, Table, TableNotes, plain_text};

/// Longest words that are not taken for prose.
const LONGEST_LABEL: usize = 120;

/// A table behind a pack.
#[derive(Clone, Debug)]
pub(super) struct FigureTable {
    pub name: String,
    pub title: String,
    pub description: String,
    /// Keys come first.
    pub columns: Vec<FigureColumn>,
    /// Rows, each as long as `columns`.
    pub rows: Vec<Vec<FigureValue>>,
}

/// A column of it.
#[derive(Clone, Debug)]
pub(super) struct FigureColumn {
    pub name: String,
    pub meaning: String,
    pub unit: Option<String>,
    pub decimals: Option<usize>,
    pub kind: ColumnType,
    pub key: bool,
    /// Whether it holds sentences, which are read in the document and are no data.
    pub prose: bool,
}

/// A value of it.
#[derive(Clone, Debug)]
pub(super) struct FigureValue {
    pub value: Scalar,
    /// As the pack prints it, or would.
    pub text: String,
    pub shown: Shown,
}

/// Where the pack shows a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// In its text.
    Printed,
    /// In a chart, or by another function of its library.
    Drawn,
    /// Nowhere: it completes the row.
    No,
}

/// A statement that the pack makes, with the numbers behind it.
#[derive(Clone, Debug)]
pub(super) struct Statement {
    pub statement: String,
    /// Cell of claims.
    pub cell: String,
    /// What the cell is about.
    pub subject: String,
    pub holds: Option<bool>,
    pub numbers: Vec<(FigureColumn, FigureValue)>,
}

/// The tables behind a filled template, in the order in which it comes to them.
pub(super) fn tables(rendered: &Rendered, library: &Library) -> Result<Vec<FigureTable>, String> {
    let mut order: Vec<&str> = Vec::new();
    let mut figures: BTreeMap<&str, Vec<&FigureRecord>> = BTreeMap::new();
    for figure in rendered.figures.iter().filter(|figure| !ENGINE_TABLES.contains(&figure.cell.as_str())) {
        let of_cell = figures.entry(&figure.cell).or_default();
        if of_cell.is_empty() {
            order.push(&figure.cell);
        }
        of_cell.push(figure);
    }
    let taken = |name: &str| rendered.reads.get(name).map(|read| read.columns.as_slice()).unwrap_or_default();
    order
        .into_iter()
        .map(|name| {
            let notes = library.notes(name).cloned().unwrap_or_default();
            Ok(figure_table(&library.table(name)?, &notes, &figures[name], taken(name)))
        })
        .collect()
}

fn figure_table(table: &Arc<Table>, notes: &TableNotes, figures: &[&FigureRecord], taken: &[String]) -> FigureTable {
    let mut shown: BTreeMap<(usize, usize), &FigureRecord> = BTreeMap::new();
    for figure in figures {
        let Some(column) = table.frame.position(&figure.column) else { continue };
        let known = shown.entry((figure.row, column)).or_insert(figure);
        // What is printed says more of how a value is written than what is handed to a chart.
        if known.drawn && !figure.drawn {
            *known = figure;
        }
    }
    let rows: BTreeSet<usize> = shown.keys().map(|(row, _)| *row).collect();
    let positions = columns(table, &shown, taken, &rows);
    let value = |row: usize, at: usize| match shown.get(&(row, at)) {
        Some(figure) => FigureValue {
            value: tame(figure.value.clone()),
            text: plain_text(&figure.text),
            shown: if figure.drawn { Shown::Drawn } else { Shown::Printed },
        },
        None => plain_value(table, row, at),
    };
    let filled: Vec<Vec<FigureValue>> =
        rows.iter().map(|row| positions.iter().map(|at| value(*row, *at)).collect()).collect();
    let columns = positions.iter().enumerate().map(|(place, at)| FigureColumn {
        key: table.grain.contains(at),
        prose: filled.iter().any(|row| is_prose(&row[place].value)),
        kind: table.frame.column_type(*at),
        ..column(&table.names[*at], notes)
    });
    let title = if notes.title.is_empty() { humanised(&table.name) } else { notes.title.clone() };
    let mut made = FigureTable {
        name: table.name.clone(),
        title: plain_text(&title),
        description: plain_text(&notes.description),
        columns: columns.collect(),
        rows: filled,
    };
    if table.grain.is_empty() {
        number_rows(&mut made, &rows);
    }
    made
}

/// Positions of the columns of a table: its keys, and then the others in its own order.
fn columns(
    table: &Table,
    shown: &BTreeMap<(usize, usize), &FigureRecord>,
    taken: &[String],
    rows: &BTreeSet<usize>,
) -> Vec<usize> {
    let printed: BTreeSet<usize> = shown.keys().map(|(_, column)| *column).collect();
    let claim: Vec<usize> = table.claim.iter().flat_map(|(holds, statement)| [*holds, *statement]).collect();
    let label = |at: usize| {
        taken.contains(&table.names[at])
            && table.frame.column_type(at) == ColumnType::Text
            && !claim.contains(&at)
            && !rows.iter().any(|row| is_prose(&table.frame.value(*row, at)))
    };
    let others = (0..table.names.len()).filter(|at| !table.grain.contains(at) && (printed.contains(at) || label(*at)));
    table.grain.iter().copied().chain(others).collect()
}

/// Rule tables declare no key: their rows are known by their numbers.
fn number_rows(table: &mut FigureTable, rows: &BTreeSet<usize>) {
    let number = FigureColumn {
        name: "row".to_string(),
        meaning: "Row of the table".to_string(),
        unit: None,
        decimals: None,
        kind: ColumnType::Integer,
        key: true,
        prose: false,
    };
    table.columns.insert(0, number);
    for (row, filled) in rows.iter().zip(&mut table.rows) {
        let number = i64::try_from(*row).unwrap_or(i64::MAX).saturating_add(1);
        let value = FigureValue { value: Scalar::Integer(number), text: number.to_string(), shown: Shown::No };
        filled.insert(0, value);
    }
}

fn plain_value(table: &Table, row: usize, column: usize) -> FigureValue {
    FigureValue {
        value: tame(table.frame.value(row, column)),
        text: plain_text(&table.words(row, column)),
        shown: Shown::No,
    }
}

/// What is known of a column from the notes on its table.
fn column(name: &str, notes: &TableNotes) -> FigureColumn {
    let note: Option<&ColumnNote> = notes.columns.iter().find(|note| note.name == name);
    FigureColumn {
        name: name.to_string(),
        meaning: note.map(|note| plain_text(&note.meaning)).unwrap_or_default(),
        unit: note.and_then(|note| note.unit.clone()),
        decimals: note.and_then(|note| note.decimals),
        kind: ColumnType::Text,
        key: false,
        prose: false,
    }
}

/// The statements of a filled template.
pub(super) fn claims(rendered: &Rendered, library: &Library) -> Vec<Statement> {
    rendered.claims.iter().map(|claim| statement(claim, library)).collect()
}

fn statement(claim: &ClaimRecord, library: &Library) -> Statement {
    let notes = library.notes(&claim.cell).cloned().unwrap_or_default();
    let numbers = claim.numbers.iter().filter(|number| !is_prose(&number.value)).map(|number| {
        let kind = match number.value {
            Scalar::Integer(_) => ColumnType::Integer,
            Scalar::Number(_) => ColumnType::Number,
            Scalar::Date(_) => ColumnType::Date,
            _ => ColumnType::Text,
        };
        let column = FigureColumn { kind, unit: number.unit.clone(), ..column(&number.column, &notes) };
        let text = plain_text(&crate::pack::plain_words(&number.value, number.unit.as_deref(), column.decimals));
        (column, FigureValue { value: tame(number.value.clone()), text, shown: Shown::No })
    });
    Statement {
        statement: plain_text(&claim.statement),
        cell: claim.cell.clone(),
        subject: plain_text(&claim.title),
        holds: if claim.refused.is_some() { Some(false) } else { claim.holds },
        numbers: numbers.collect(),
    }
}

fn tame(value: Scalar) -> Scalar {
    match value {
        Scalar::Text(text) => Scalar::Text(plain_text(&text)),
        value => value,
    }
}

/// Whether a value is a sentence rather than a name or a label.
fn is_prose(value: &Scalar) -> bool {
    matches!(value, Scalar::Text(text)
        if text.chars().count() > LONGEST_LABEL || (text.trim_end().ends_with(['.', '?', '!']) && text.contains(' ')))
}

/// The name of a table or column in words.
pub(super) fn humanised(name: &str) -> String {
    let words = name.replace('_', " ");
    let words = words.trim();
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().collect::<String>() + letters.as_str()).unwrap_or_default()
}
