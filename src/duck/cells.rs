//! Columns of values on their way into DuckDB, many rows at a time.

use std::ops::Range;
use std::sync::Arc;

use duckdb::arrow::array::{ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, StringArray};
use duckdb::arrow::datatypes::{DataType, Field, Schema};
use duckdb::arrow::error::ArrowError;
use duckdb::arrow::record_batch::RecordBatch;

use crate::frame::ColumnType;

/// The values of a column, where there is one.
#[derive(Clone, Copy, Debug)]
pub enum Cells<'v> {
    /// Yes or no.
    Boolean(&'v [Option<bool>]),
    /// Whole numbers.
    Integer(&'v [Option<i64>]),
    /// Numbers.
    Number(&'v [Option<f64>]),
    /// Days since 1 January 1970.
    Date(&'v [Option<i32>]),
    /// Numbers of words, and the words; missing where a number is that of no word.
    Text(&'v [u32], &'v [Arc<str>]),
}

impl Cells<'_> {
    /// The number of rows.
    pub(super) fn len(&self) -> usize {
        match self {
            Cells::Boolean(cells) => cells.len(),
            Cells::Integer(cells) => cells.len(),
            Cells::Number(cells) => cells.len(),
            Cells::Date(cells) => cells.len(),
            Cells::Text(cells, _) => cells.len(),
        }
    }

    pub(super) fn kind(&self) -> ColumnType {
        match self {
            Cells::Boolean(_) => ColumnType::Boolean,
            Cells::Integer(_) => ColumnType::Integer,
            Cells::Number(_) => ColumnType::Number,
            Cells::Date(_) => ColumnType::Date,
            Cells::Text(..) => ColumnType::Text,
        }
    }

    fn arrow_type(&self) -> DataType {
        match self {
            Cells::Boolean(_) => DataType::Boolean,
            Cells::Integer(_) => DataType::Int64,
            Cells::Number(_) => DataType::Float64,
            Cells::Date(_) => DataType::Date32,
            Cells::Text(..) => DataType::Utf8,
        }
    }

    fn array(&self, rows: Range<usize>) -> ArrayRef {
        match self {
            Cells::Boolean(cells) => Arc::new(BooleanArray::from_iter(cells[rows].iter().copied())),
            Cells::Integer(cells) => Arc::new(Int64Array::from_iter(cells[rows].iter().copied())),
            Cells::Number(cells) => Arc::new(Float64Array::from_iter(cells[rows].iter().copied())),
            Cells::Date(cells) => Arc::new(Date32Array::from_iter(cells[rows].iter().copied())),
            Cells::Text(cells, words) => {
                Arc::new(StringArray::from_iter(cells[rows].iter().map(|word| words.get(*word as usize))))
            }
        }
    }
}

/// Some rows of columns. All columns have them.
pub(super) fn batch(columns: &[(String, Cells<'_>)], rows: Range<usize>) -> Result<RecordBatch, ArrowError> {
    let fields: Vec<Field> = columns.iter().map(|(name, cells)| Field::new(name, cells.arrow_type(), true)).collect();
    let arrays = columns.iter().map(|(_, cells)| cells.array(rows.clone())).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::duck::Session;
    use crate::frame::{Scalar, date_from_days};

    #[test]
    fn columns_come_out_as_they_went_in() {
        let height = 40_000usize;
        let words: Vec<Arc<str>> = vec!["".into(), "é, \"x\"".into()];
        let every_third = |row: usize| !row.is_multiple_of(3);
        let booleans: Vec<Option<bool>> = (0..height).map(|row| every_third(row).then_some(row % 2 == 0)).collect();
        let integers: Vec<Option<i64>> = (0..height).map(|row| every_third(row).then_some(row as i64 - 7)).collect();
        let numbers: Vec<Option<f64>> = (0..height).map(|row| every_third(row).then_some(row as f64 / 10.0)).collect();
        let dates: Vec<Option<i32>> = (0..height).map(|row| every_third(row).then_some(row as i32 - 9)).collect();
        let texts: Vec<u32> = (0..height).map(|row| if every_third(row) { row as u32 % 2 } else { u32::MAX }).collect();
        let columns = [
            ("b", Cells::Boolean(&booleans)),
            ("i", Cells::Integer(&integers)),
            ("n", Cells::Number(&numbers)),
            ("d", Cells::Date(&dates)),
            ("t", Cells::Text(&texts, &words)),
        ]
        .map(|(name, cells)| (name.to_string(), cells));
        let session = Session::open().unwrap();
        session.create_table_of("t", &columns).unwrap();
        let frame = session.table("t").unwrap();
        assert_eq!(frame.height(), height);
        for row in [0, 1, 2, 2047, 2048, 32_767, 32_768, height - 1] {
            let kept = |value: Scalar| if every_third(row) { value } else { Scalar::Missing };
            let expected = [
                kept(Scalar::Boolean(row % 2 == 0)),
                kept(Scalar::Integer(row as i64 - 7)),
                kept(Scalar::Number(row as f64 / 10.0)),
                kept(Scalar::Date(date_from_days(row as i32 - 9).unwrap())),
                kept(Scalar::Text(words[row % 2].to_string())),
            ];
            assert_eq!([0, 1, 2, 3, 4].map(|column| frame.value(row, column)), expected, "row {row}");
        }
        session.create_table_of("none", &[("t".to_string(), Cells::Text(&[], &words))]).unwrap();
        assert_eq!(session.count("SELECT * FROM none").unwrap(), 0);
    }
}
