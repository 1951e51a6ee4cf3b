//! Rows in memory, column by column. A word that returns is kept once, so that a large file stays small.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::duck::Cells;
use crate::frame::{ColumnType, Scalar, date_from_days, days_from_epoch};

/// Marks a text that is missing.
const NO_WORD: u32 = u32::MAX;

/// The rows of a source.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    columns: Vec<Column>,
    height: usize,
}

#[derive(Clone, Debug)]
enum Column {
    Boolean(Vec<Option<bool>>),
    Integer(Vec<Option<i64>>),
    Number(Vec<Option<f64>>),
    Date(Vec<Option<i32>>),
    Text(Vec<u32>, Words),
}

#[derive(Clone, Debug, Default)]
struct Words {
    words: Vec<Arc<str>>,
    known: BTreeMap<Arc<str>, u32>,
}

impl Words {
    fn code(&mut self, text: &str, last: Option<u32>) -> u32 {
        // Files are sorted: most often a word is the one of the row before.
        if let Some(last) = last.filter(|last| self.words.get(*last as usize).is_some_and(|word| **word == *text)) {
            return last;
        }
        if let Some(code) = self.known.get(text) {
            return *code;
        }
        let (word, code) = (Arc::<str>::from(text), self.words.len() as u32);
        self.words.push(word.clone());
        self.known.insert(word, code);
        code
    }
}

impl Rows {
    /// No rows, of columns with these types.
    pub fn new(columns: &[(String, ColumnType)]) -> Self {
        let columns = columns.iter().map(|(_, kind)| match kind {
            ColumnType::Boolean => Column::Boolean(Vec::new()),
            ColumnType::Integer => Column::Integer(Vec::new()),
            ColumnType::Number => Column::Number(Vec::new()),
            ColumnType::Date => Column::Date(Vec::new()),
            ColumnType::Text => Column::Text(Vec::new(), Words::default()),
        });
        Rows { columns: columns.collect(), height: 0 }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.height
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.height == 0
    }

    /// Adds a row with a value for each column. A value of another type is missing.
    pub fn push(&mut self, row: &[Scalar]) {
        for (column, value) in self.columns.iter_mut().zip(row) {
            match column {
                Column::Boolean(cells) => {
                    cells.push(if let Scalar::Boolean(value) = value { Some(*value) } else { None })
                }
                Column::Integer(cells) => {
                    cells.push(if let Scalar::Integer(value) = value { Some(*value) } else { None })
                }
                Column::Number(cells) => cells.push(value.number()),
                Column::Date(cells) => {
                    cells.push(if let Scalar::Date(value) = value { Some(days_from_epoch(*value)) } else { None });
                }
                Column::Text(cells, words) => {
                    let last = cells.last().copied();
                    cells.push(if let Scalar::Text(text) = value { words.code(text, last) } else { NO_WORD });
                }
            }
        }
        self.height += 1;
    }

    /// Puts another value in the place of one. A value of another type is missing.
    pub fn set(&mut self, row: usize, column: usize, value: &Scalar) {
        fn put<T>(cells: &mut [T], row: usize, value: T) {
            if let Some(cell) = cells.get_mut(row) {
                *cell = value;
            }
        }
        match self.columns.get_mut(column) {
            Some(Column::Boolean(cells)) => {
                put(cells, row, if let Scalar::Boolean(b) = value { Some(*b) } else { None })
            }
            Some(Column::Integer(cells)) => {
                put(cells, row, if let Scalar::Integer(i) = value { Some(*i) } else { None })
            }
            Some(Column::Number(cells)) => put(cells, row, value.number()),
            Some(Column::Date(cells)) => {
                put(cells, row, if let Scalar::Date(date) = value { Some(days_from_epoch(*date)) } else { None });
            }
            Some(Column::Text(cells, words)) => {
                put(cells, row, if let Scalar::Text(text) = value { words.code(text, None) } else { NO_WORD });
            }
            None => {}
        }
    }

    /// One value. Missing where the row or column does not exist.
    pub fn value(&self, row: usize, column: usize) -> Scalar {
        let found = self.columns.get(column).and_then(|column| match column {
            Column::Boolean(cells) => cells.get(row).copied().flatten().map(Scalar::Boolean),
            Column::Integer(cells) => cells.get(row).copied().flatten().map(Scalar::Integer),
            Column::Number(cells) => cells.get(row).copied().flatten().map(Scalar::Number),
            Column::Date(cells) => cells.get(row).copied().flatten().and_then(date_from_days).map(Scalar::Date),
            Column::Text(cells, words) => {
                words.words.get(*cells.get(row)? as usize).map(|word| Scalar::Text(word.to_string()))
            }
        });
        found.unwrap_or(Scalar::Missing)
    }

    /// The values of each column.
    pub fn cells(&self) -> impl Iterator<Item = Cells<'_>> {
        self.columns.iter().map(|column| match column {
            Column::Boolean(cells) => Cells::Boolean(cells),
            Column::Integer(cells) => Cells::Integer(cells),
            Column::Number(cells) => Cells::Number(cells),
            Column::Date(cells) => Cells::Date(cells),
            Column::Text(cells, words) => Cells::Text(cells, &words.words),
        })
    }

    /// An order of two rows by one column in which only equality has a meaning.
    pub fn compare(&self, column: usize, one: usize, other: usize) -> Ordering {
        match self.columns.get(column) {
            Some(Column::Boolean(cells)) => cells.get(one).cmp(&cells.get(other)),
            Some(Column::Integer(cells)) => cells.get(one).cmp(&cells.get(other)),
            Some(Column::Date(cells)) => cells.get(one).cmp(&cells.get(other)),
            Some(Column::Text(cells, _)) => cells.get(one).cmp(&cells.get(other)),
            Some(Column::Number(cells)) => {
                let bits = |row: usize| cells.get(row).copied().flatten().map(|value| (value + 0.0).to_bits());
                bits(one).cmp(&bits(other))
            }
            None => Ordering::Equal,
        }
    }

    /// Keeps the rows that are marked.
    pub fn retain(&mut self, keep: &[bool]) {
        fn kept<T: Copy>(cells: &mut Vec<T>, keep: &[bool]) {
            let mut at = 0;
            cells.retain(|_| {
                at += 1;
                keep.get(at - 1).copied().unwrap_or(false)
            });
        }
        for column in &mut self.columns {
            match column {
                Column::Boolean(cells) => kept(cells, keep),
                Column::Integer(cells) => kept(cells, keep),
                Column::Number(cells) => kept(cells, keep),
                Column::Date(cells) => kept(cells, keep),
                Column::Text(cells, _) => kept(cells, keep),
            }
        }
        self.height = keep.iter().take(self.height).filter(|keep| **keep).count();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_as_they_went_in() {
        let date = jiff::civil::date(2026, 6, 21);
        let rows = [
            [
                Scalar::Text("A".into()),
                Scalar::Integer(1),
                Scalar::Number(0.5),
                Scalar::Date(date),
                Scalar::Boolean(true),
            ],
            [Scalar::Missing, Scalar::Missing, Scalar::Missing, Scalar::Missing, Scalar::Missing],
            [
                Scalar::Text("A".into()),
                Scalar::Integer(2),
                Scalar::Number(0.5),
                Scalar::Date(date),
                Scalar::Boolean(false),
            ],
        ];
        let kinds = [ColumnType::Text, ColumnType::Integer, ColumnType::Number, ColumnType::Date, ColumnType::Boolean];
        let mut store = Rows::new(&kinds.map(|kind| (String::new(), kind)));
        rows.iter().for_each(|row| store.push(row));
        for (row, values) in rows.iter().enumerate() {
            for (column, value) in values.iter().enumerate() {
                assert_eq!(store.value(row, column), *value);
            }
        }
        assert_eq!(store.compare(0, 0, 2), Ordering::Equal);
        assert_ne!(store.compare(1, 0, 2), Ordering::Equal);
        let mut changed = store.clone();
        (0..5).for_each(|column| changed.set(1, column, &rows[0][column]));
        assert_eq!((0..5).map(|column| changed.value(1, column)).collect::<Vec<_>>(), rows[0]);
        store.retain(&[true, false, true]);
        assert_eq!((store.len(), store.value(1, 1)), (2, Scalar::Integer(2)));
    }
}
