//! Printing a result: for people, and as CSV, JSON or Parquet.

use std::fmt::Write as _;

use clap::ValueEnum;

use crate::cell::ColumnNote;
use crate::duck::{Session, SqlError};
use crate::frame::{Frame, Scalar};

/// Most rows shown to people.
const SHOWN: usize = 60;
/// Widest column shown to people, in characters.
const WIDEST: usize = 48;

/// Form of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Columns, for people
    Table,
    /// Comma-separated values
    Csv,
    /// A list of objects
    Json,
    /// Apache Parquet
    Parquet,
}

/// A table of the session in some form.
pub(super) fn write_frame(
    session: &Session,
    table: &str,
    format: Format,
    notes: &[ColumnNote],
) -> Result<Vec<u8>, SqlError> {
    if format == Format::Parquet {
        return session.parquet_bytes(table);
    }
    let frame = session.table(table)?;
    Ok(match format {
        Format::Csv => csv(&frame).map_err(|error| SqlError::plain(error.to_string()))?,
        Format::Json => json(&frame),
        _ => people(&frame, notes).into_bytes(),
    })
}

fn csv(frame: &Frame) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(frame.names())?;
    for row in 0..frame.height() {
        writer.write_record((0..frame.names().len()).map(|column| frame.value(row, column).to_string()))?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

fn json(frame: &Frame) -> Vec<u8> {
    let names = frame.names();
    let object = |row: usize| -> serde_json::Map<String, serde_json::Value> {
        let pairs = names.iter().enumerate();
        pairs
            .map(|(at, name)| ((*name).to_string(), serde_json::to_value(frame.value(row, at)).unwrap_or_default()))
            .collect()
    };
    let rows: Vec<String> = (0..frame.height()).map(|row| serde_json::Value::Object(object(row)).to_string()).collect();
    let body = rows.join(",\n  ");
    if rows.is_empty() { b"[]\n".to_vec() } else { format!("[\n  {body}\n]\n").into_bytes() }
}

/// Columns under their names, numbers to the right, with decimals as the cell declares them.
fn people(frame: &Frame, notes: &[ColumnNote]) -> String {
    let names = frame.names();
    let rows = frame.height().min(SHOWN);
    let columns: Vec<Vec<String>> = names
        .iter()
        .enumerate()
        .map(|(at, name)| {
            let decimals = notes.iter().find(|note| note.name == *name).and_then(|note| note.decimals);
            let values = (0..rows).map(|row| shown(&frame.value(row, at), decimals));
            std::iter::once((*name).to_string()).chain(values).collect()
        })
        .collect();
    let numeric: Vec<bool> =
        (0..names.len()).map(|at| (0..rows).any(|row| frame.value(row, at).number().is_some())).collect();
    let widths: Vec<usize> =
        columns.iter().map(|column| column.iter().map(|text| text.chars().count()).max().unwrap_or(0)).collect();
    let mut text = String::new();
    for line in 0..=rows {
        let fields = columns
            .iter()
            .zip(&widths)
            .zip(&numeric)
            .map(|((column, width), numeric)| pad(&column[line], *width, *numeric));
        let _ = writeln!(text, "{}", fields.collect::<Vec<_>>().join("  ").trim_end());
        if line == 0 {
            let _ = writeln!(text, "{}", widths.iter().map(|width| "-".repeat(*width)).collect::<Vec<_>>().join("  "));
        }
    }
    if frame.height() > rows {
        let _ = writeln!(text, "… {} rows in all; --format csv prints them", frame.height());
    }
    text
}

fn shown(value: &Scalar, decimals: Option<usize>) -> String {
    let text = match (value, decimals) {
        (Scalar::Number(number), Some(decimals)) => format!("{number:.decimals$}"),
        _ => value.to_string(),
    };
    let tame: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if tame.chars().count() > WIDEST { tame.chars().take(WIDEST - 1).chain(['…']).collect() } else { tame }
}

fn pad(text: &str, width: usize, right: bool) -> String {
    let space = " ".repeat(width.saturating_sub(text.chars().count()));
    if right { format!("{space}{text}") } else { format!("{text}{space}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::ColumnType;

    #[test]
    fn a_table_lines_up_and_json_keeps_missing_values() {
        let frame = Frame::from_columns(vec![
            ("name".into(), ColumnType::Text, vec![Scalar::Text("a,b".into()), Scalar::Missing]),
            ("n".into(), ColumnType::Number, vec![Scalar::Number(1.5), Scalar::Number(12.0)]),
        ]);
        assert_eq!(people(&frame, &[]), "name    n\n----  ---\na,b   1.5\n       12\n");
        assert_eq!(String::from_utf8(csv(&frame).unwrap()).unwrap(), "name,n\n\"a,b\",1.5\n,12\n");
        assert_eq!(
            String::from_utf8(json(&frame)).unwrap(),
            "[\n  {\"name\":\"a,b\",\"n\":1.5},\n  {\"name\":null,\"n\":12.0}\n]\n"
        );
    }
}
