//! A sheet of a workbook: its filled cells, and nothing for the empty ones, however far the sheet claims to reach.

use std::borrow::Cow;

use jiff::civil::Date;

use super::record::{Field, plain};
use crate::frame::Scalar;

/// A filled cell.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    Text(String),
    Number(f64),
    Boolean(bool),
    Date(Date),
}

impl Cell {
    /// The cell as a person reads it.
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Cell::Text(text) => Cow::Borrowed(text),
            Cell::Number(number) => Cow::Owned(number.to_string()),
            Cell::Boolean(value) => Cow::Owned(value.to_string()),
            Cell::Date(date) => Cow::Owned(date.to_string()),
        }
    }

    /// The cell as a field of a record.
    pub fn field(&self) -> Field<'_> {
        match self {
            Cell::Text(text) => Field::Text(Cow::Borrowed(text)),
            Cell::Number(number) => Field::Value(Scalar::Number(*number)),
            Cell::Boolean(value) => Field::Value(Scalar::Boolean(*value)),
            Cell::Date(date) => Field::Value(Scalar::Date(*date)),
        }
    }
}

/// A row: its index from 0, and its filled cells with their columns from 0, in order.
pub(super) type SheetRow = (u32, Vec<(u32, Cell)>);

/// A sheet.
#[derive(Clone, Debug, Default)]
pub(super) struct Sheet {
    pub name: String,
    /// Rows with filled cells, in order.
    pub rows: Vec<SheetRow>,
}

impl Sheet {
    /// Builds a sheet from cells in any order. Where a position comes twice the last counts.
    pub fn new(name: &str, mut cells: Vec<(u32, u32, Cell)>) -> Self {
        cells.retain(|(_, _, cell)| !matches!(cell, Cell::Text(text) if text.trim().is_empty()));
        if !cells.is_sorted_by_key(|(row, column, _)| (*row, *column)) {
            cells.sort_by_key(|(row, column, _)| (*row, *column));
        }
        let mut rows: Vec<SheetRow> = Vec::new();
        for (row, column, cell) in cells {
            match rows.last_mut() {
                Some((last, filled)) if *last == row => match filled.last_mut() {
                    Some((same, found)) if *same == column => *found = cell,
                    _ => filled.push((column, cell)),
                },
                _ => rows.push((row, vec![(column, cell)])),
            }
        }
        Sheet { name: name.to_string(), rows }
    }

    /// The filled cell at a position.
    pub fn cell(&self, row: u32, column: u32) -> Option<&Cell> {
        let at = self.rows.binary_search_by_key(&row, |(row, _)| *row).ok()?;
        cell_in(&self.rows[at].1, column)
    }

    /// The filled cell to the right of the first cell with this label: its row, column and value.
    pub fn right_of(&self, label: &str) -> Option<(u32, u32, Option<&Cell>)> {
        let wanted = plain(label);
        let found = self.rows.iter().find_map(|(row, cells)| {
            let at = cells.iter().position(|(_, cell)| matches!(cell, Cell::Text(text) if plain(text) == wanted))?;
            Some((*row, cells[at].0, cells.get(at + 1)))
        });
        let (row, column, value) = found?;
        Some((row, value.map_or(column + 1, |(column, _)| *column), value.map(|(_, cell)| cell)))
    }
}

/// The filled cell of a row in a column.
pub(super) fn cell_in(cells: &[(u32, Cell)], column: u32) -> Option<&Cell> {
    cells.binary_search_by_key(&column, |(column, _)| *column).ok().map(|at| &cells[at].1)
}

/// The name of a cell, such as `C17`, from its row and column from 0.
pub(super) fn cell_name(row: u32, column: u32) -> String {
    let (mut letters, mut rest) = (Vec::new(), column + 1);
    while rest > 0 {
        letters.push(char::from(b'A' + ((rest - 1) % 26) as u8));
        rest = (rest - 1) / 26;
    }
    let letters: String = letters.iter().rev().collect();
    format!("{letters}{}", row + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_named_as_spreadsheets_name_them() {
        assert_eq!(cell_name(16, 2), "C17");
        assert_eq!(cell_name(0, 25), "Z1");
        assert_eq!(cell_name(0, 26), "AA1");
        assert_eq!(cell_name(1_048_575, 16_383), "XFD1048576");
    }

    #[test]
    fn a_label_gives_the_next_filled_cell_of_its_row() {
        let text = |text: &str| Cell::Text(text.to_string());
        let cells = vec![(5, 1, text("Period: ")), (5, 4, text("May 26")), (9, 1, text("Revised:")), (2, 0, text(" "))];
        let sheet = Sheet::new("Plots", cells);
        assert_eq!(sheet.right_of("period:"), Some((5, 4, Some(&text("May 26")))));
        assert_eq!(sheet.right_of("Revised:"), Some((9, 2, None)));
        assert_eq!(sheet.right_of("Published:"), None);
        assert_eq!(sheet.rows.len(), 2, "a cell of spaces is empty");
    }
}
