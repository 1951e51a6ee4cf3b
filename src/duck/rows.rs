//! Values in and out of DuckDB.

use duckdb::core::LogicalTypeId;
use duckdb::types::{TimeUnit, Value, ValueRef};
use duckdb::{Connection, Row, Statement};

use super::{SqlError, quoted};
use crate::frame::{ColumnType, Frame, Scalar, date_from_days, days_from_epoch};

/// A scalar as a value to append.
pub(super) fn parameter(value: &Scalar) -> Value {
    match value {
        Scalar::Missing | Scalar::Suppressed(_) => Value::Null,
        Scalar::Boolean(value) => Value::Boolean(*value),
        Scalar::Integer(value) => Value::BigInt(*value),
        Scalar::Number(value) => Value::Double(*value),
        Scalar::Text(value) => Value::Text(value.clone()),
        Scalar::Date(value) => Value::Date32(days_from_epoch(*value)),
    }
}

/// How a DuckDB type is carried in a frame, and the expression that brings it there.
fn carried(name: &str, duck_type: &str) -> (ColumnType, String) {
    let column = quoted(name);
    let base = duck_type.split('(').next().unwrap_or(duck_type);
    match base {
        _ if duck_type.ends_with(']') => (ColumnType::Text, format!("to_json({column})::VARCHAR")),
        "BOOLEAN" => (ColumnType::Boolean, column),
        "TINYINT" | "SMALLINT" | "INTEGER" | "BIGINT" | "UTINYINT" | "USMALLINT" | "UINTEGER" => {
            (ColumnType::Integer, format!("{column}::BIGINT"))
        }
        // Sums of whole numbers are HUGEINT in DuckDB; those that fit stay whole numbers.
        "HUGEINT" | "UBIGINT" | "UHUGEINT" => (ColumnType::Integer, format!("CAST({column} AS BIGINT)")),
        "DOUBLE" | "FLOAT" | "DECIMAL" => (ColumnType::Number, format!("{column}::DOUBLE")),
        "DATE" => (ColumnType::Date, column),
        "STRUCT" | "MAP" => (ColumnType::Text, format!("to_json({column})::VARCHAR")),
        _ => (ColumnType::Text, format!("{column}::VARCHAR")),
    }
}

/// The type of a frame that carries a type of DuckDB's as it is.
fn carried_plain(kind: LogicalTypeId) -> Option<ColumnType> {
    Some(match kind {
        LogicalTypeId::Boolean => ColumnType::Boolean,
        LogicalTypeId::Integer | LogicalTypeId::Bigint => ColumnType::Integer,
        LogicalTypeId::Double => ColumnType::Number,
        LogicalTypeId::Varchar => ColumnType::Text,
        LogicalTypeId::Date => ColumnType::Date,
        _ => return None,
    })
}

/// Runs a query and reads its result, if all of its columns are of types that a frame carries as they are. Nearly all
/// tables are, and so are prepared once only.
pub(super) fn read_plain(connection: &Connection, sql: &str) -> Result<Option<Frame>, SqlError> {
    const BEFORE: &str = "SELECT * FROM (";
    let problem = |error: duckdb::Error| SqlError::from_duckdb(&error, BEFORE.len());
    let mut statement = connection.prepare(&format!("{BEFORE}{sql}\n)")).map_err(problem)?;
    let kinds: Option<Vec<ColumnType>> =
        (0..statement.column_count()).map(|at| carried_plain(statement.column_logical_type(at).id())).collect();
    let Some(kinds) = kinds else { return Ok(None) };
    let values = values(&mut statement, kinds.len()).map_err(problem)?;
    let named = statement.column_names().into_iter().zip(kinds).zip(values);
    Ok(Some(Frame::from_columns(named.map(|((name, kind), values)| (name, kind, values)).collect())))
}

/// The values of a result, column by column.
fn values(statement: &mut Statement<'_>, width: usize) -> duckdb::Result<Vec<Vec<Scalar>>> {
    let mut values: Vec<Vec<Scalar>> = vec![Vec::new(); width];
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        for (at, column) in values.iter_mut().enumerate() {
            column.push(cell(row, at)?);
        }
    }
    Ok(values)
}

/// Runs a query and reads its result.
pub(super) fn read(connection: &Connection, sql: &str, columns: &[(String, String)]) -> Result<Frame, SqlError> {
    let carried: Vec<(ColumnType, String)> = columns.iter().map(|(name, kind)| carried(name, kind)).collect();
    let list: Vec<String> =
        carried.iter().zip(columns).map(|((_, term), (name, _))| format!("{term} AS {}", quoted(name))).collect();
    let before = format!("SELECT {} FROM (", list.join(", "));
    let statement = connection.prepare(&format!("{before}{sql}\n)"));
    let values = statement
        .and_then(|mut statement| values(&mut statement, columns.len()))
        .map_err(|error| SqlError::from_duckdb(&error, before.len()))?;
    let named = columns.iter().zip(carried).zip(values);
    Ok(Frame::from_columns(named.map(|(((name, _), (kind, _)), values)| (name.clone(), kind, values)).collect()))
}

fn cell(row: &Row<'_>, at: usize) -> duckdb::Result<Scalar> {
    Ok(match row.get_ref(at)? {
        ValueRef::Boolean(value) => Scalar::Boolean(value),
        ValueRef::BigInt(value) => Scalar::Integer(value),
        ValueRef::Int(value) => Scalar::Integer(value.into()),
        ValueRef::Double(value) => Scalar::Number(value),
        ValueRef::Text(bytes) => Scalar::Text(String::from_utf8_lossy(bytes).into_owned()),
        ValueRef::Date32(days) => date_from_days(days).map_or(Scalar::Missing, Scalar::Date),
        ValueRef::Timestamp(unit, value) => Scalar::Text(timestamp_words(unit, value)),
        _ => Scalar::Missing,
    })
}

fn timestamp_words(unit: TimeUnit, value: i64) -> String {
    jiff::Timestamp::from_microsecond(unit.to_micros(value)).map_or_else(|_| String::new(), |moment| moment.to_string())
}
