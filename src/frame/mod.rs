//! Tables in memory, carried by Polars between DuckDB, the templates and the exports.

mod scalar;

use std::sync::Arc;

use jiff::civil::Date;
use polars::prelude::{AnyValue, Column, DataFrame, DataType, IntoColumn, NamedFrom, PlSmallStr, Series};

pub use scalar::Scalar;

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// True or false.
    Boolean,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// Words.
    Text,
    /// A calendar day.
    Date,
}

/// A table: named, typed columns of equal length, rows in a meant order.
#[derive(Clone, Debug)]
pub struct Frame {
    data: Arc<DataFrame>,
    /// For each column the place of the one that says why its values are withheld.
    shorthands: Arc<[Option<usize>]>,
}

/// What the column that says why a value is withheld is called, behind the name of the value's own.
pub const SHORTHAND: &str = "_shorthand";

/// Days from 1 January 1970, the way Polars and DuckDB count dates.
pub fn days_from_epoch(date: Date) -> i32 {
    let epoch = jiff::civil::date(1970, 1, 1);
    date.since((jiff::Unit::Day, epoch)).map_or(0, |span| span.get_days())
}

/// The day that is so many days after 1 January 1970.
pub fn date_from_days(days: i32) -> Option<Date> {
    jiff::civil::date(1970, 1, 1).checked_add(jiff::Span::new().try_days(days).ok()?).ok()
}

impl Frame {
    /// Builds a table from columns of scalars. A value that does not fit its column's type is missing.
    pub fn from_columns(columns: Vec<(String, ColumnType, Vec<Scalar>)>) -> Self {
        let height = columns.first().map_or(0, |(_, _, values)| values.len());
        let columns: Vec<Column> =
            columns.into_iter().map(|(name, kind, values)| series(&name, kind, &values).into_column()).collect();
        let data = DataFrame::new(height, columns).unwrap_or_else(|_| DataFrame::empty());
        let shorthand = |name: &PlSmallStr| data.get_column_index(&format!("{name}{SHORTHAND}"));
        let shorthands = data.get_column_names().into_iter().map(shorthand).collect();
        Frame { data: Arc::new(data), shorthands }
    }

    /// Number of rows.
    pub fn height(&self) -> usize {
        self.data.height()
    }

    /// Column names, in order.
    pub fn names(&self) -> Vec<&str> {
        self.data.get_column_names().into_iter().map(PlSmallStr::as_str).collect()
    }

    /// Position of a column.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.data.get_column_index(name)
    }

    /// The type of a column.
    pub fn column_type(&self, column: usize) -> ColumnType {
        match self.data.columns().get(column).map(Column::dtype) {
            Some(DataType::Boolean) => ColumnType::Boolean,
            Some(DataType::Int64) => ColumnType::Integer,
            Some(DataType::Float64) => ColumnType::Number,
            Some(DataType::Date) => ColumnType::Date,
            _ => ColumnType::Text,
        }
    }

    /// One value. Missing where the row or column does not exist. Where the column `NAME_shorthand` says something, the
    /// value of `NAME` is withheld, whatever a query made of it.
    pub fn value(&self, row: usize, column: usize) -> Scalar {
        let plain = |column: usize| {
            self.data.columns().get(column).and_then(|column| column.get(row).ok()).map_or(Scalar::Missing, scalar)
        };
        match self.shorthands.get(column).copied().flatten().map(plain) {
            Some(Scalar::Text(shorthand)) => Scalar::Suppressed(shorthand),
            _ => plain(column),
        }
    }
}

fn series(name: &str, kind: ColumnType, values: &[Scalar]) -> Series {
    let name = PlSmallStr::from_str(name);
    match kind {
        ColumnType::Boolean => {
            let values: Vec<Option<bool>> =
                values.iter().map(|v| if let Scalar::Boolean(b) = v { Some(*b) } else { None }).collect();
            Series::new(name, values)
        }
        ColumnType::Integer => {
            let values: Vec<Option<i64>> =
                values.iter().map(|v| if let Scalar::Integer(i) = v { Some(*i) } else { None }).collect();
            Series::new(name, values)
        }
        ColumnType::Number => Series::new(name, values.iter().map(Scalar::number).collect::<Vec<_>>()),
        ColumnType::Text => {
            let values: Vec<Option<&str>> =
                values.iter().map(|v| if let Scalar::Text(s) = v { Some(s.as_str()) } else { None }).collect();
            Series::new(name, values)
        }
        ColumnType::Date => {
            let days: Vec<Option<i32>> =
                values.iter().map(|v| if let Scalar::Date(d) = v { Some(days_from_epoch(*d)) } else { None }).collect();
            let days = Series::new(name, days);
            days.cast(&DataType::Date).unwrap_or(days)
        }
    }
}

fn scalar(value: AnyValue<'_>) -> Scalar {
    match value {
        AnyValue::Boolean(value) => Scalar::Boolean(value),
        AnyValue::Int64(value) => Scalar::Integer(value),
        AnyValue::Float64(value) => Scalar::Number(value),
        AnyValue::String(value) => Scalar::Text(value.to_string()),
        AnyValue::StringOwned(value) => Scalar::Text(value.to_string()),
        AnyValue::Date(days) => date_from_days(days).map_or(Scalar::Missing, Scalar::Date),
        _ => Scalar::Missing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Frame {
        let date = jiff::civil::date(2026, 6, 21);
        Frame::from_columns(vec![
            ("code".into(), ColumnType::Text, vec![Scalar::Text("A".into()), Scalar::Text("B".into())]),
            ("n".into(), ColumnType::Integer, vec![Scalar::Integer(1), Scalar::Missing]),
            ("day".into(), ColumnType::Date, vec![Scalar::Date(date), Scalar::Missing]),
        ])
    }

    #[test]
    fn values_come_back_as_they_went_in() {
        let frame = sample();
        assert_eq!(frame.value(0, 2), Scalar::Date(jiff::civil::date(2026, 6, 21)));
        assert_eq!(frame.value(1, 1), Scalar::Missing);
        assert_eq!(frame.value(9, 9), Scalar::Missing);
    }

    #[test]
    fn a_value_that_a_shorthand_stands_beside_is_withheld() {
        let words = |words: &str| Scalar::Text(words.into());
        let frame = Frame::from_columns(vec![
            ("n".into(), ColumnType::Integer, vec![Scalar::Integer(1), Scalar::Missing, Scalar::Integer(0)]),
            ("n_shorthand".into(), ColumnType::Text, vec![Scalar::Missing, words("[c]"), words("[c]")]),
        ]);
        let withheld = Scalar::Suppressed("[c]".into());
        assert_eq!([0, 1, 2].map(|row| frame.value(row, 0)), [Scalar::Integer(1), withheld.clone(), withheld]);
        assert_eq!(frame.value(1, 1), words("[c]"));
    }
}
