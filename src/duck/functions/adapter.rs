//! The one adapter between DuckDB's vectors and the functions.

use std::error::Error;
use std::sync::Arc;

use duckdb::Connection;
use duckdb::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float64Array, Float64Builder, Int64Array, ListArray, ListBuilder,
    RecordBatch, StringArray, StringBuilder, StructArray,
};
use duckdb::arrow::buffer::{NullBuffer, OffsetBuffer};
use duckdb::arrow::datatypes::{DataType, Field as ArrowField, Fields, Float64Type, Int64Type};
use duckdb::vscalar::{ArrowFunctionSignature, VArrowScalar};

use super::{Answer, Arguments, Field, Function, Given, Gives, Memory, Named, Type, functions};
use crate::frame::Scalar;

/// The function at one position of the list of all functions, as a type of its own: DuckDB's Rust interface
/// asks a type, not a value, for signatures.
struct Registered<const AT: usize>;

const IDS: Named = ("ids", Type::Texts);

fn function_at(at: usize) -> Result<&'static Function, String> {
    functions().nth(at).ok_or_else(|| format!("no function number {at}"))
}

impl<const AT: usize> VArrowScalar for Registered<AT> {
    type State = Memory;

    fn invoke(memory: &Self::State, input: RecordBatch) -> Result<Arc<dyn Array>, Box<dyn Error>> {
        let function = function_at(AT)?;
        let takes = function
            .takes
            .iter()
            .find(|takes| takes.len() == input.num_columns())
            .ok_or("wrong number of arguments")?;
        let answers: Result<Vec<Answer>, String> =
            (0..input.num_rows()).map(|row| answer(function, takes, &input, row, memory)).collect();
        Ok(to_arrow(function.gives, &answers?)?)
    }

    fn signatures() -> Vec<ArrowFunctionSignature> {
        let Ok(function) = function_at(AT) else { return Vec::new() };
        let signature = |takes: &'static [Named], ids: &DataType| {
            let kind = |named: &Named| if *named == IDS { ids.clone() } else { arrow_type(named.1) };
            ArrowFunctionSignature::exact(takes.iter().map(kind).collect(), answer_type(function.gives))
        };
        // Units are as often numbered as named. With two lists to choose from DuckDB would refuse a bare NULL; it
        // prefers a single number to a list, and so has one, which is refused with words of its own.
        let kinds = [Type::Texts, Type::Wholes, Type::Whole].map(arrow_type);
        let variants = |takes: &&'static [Named]| -> Vec<ArrowFunctionSignature> {
            let count = if takes.contains(&IDS) { kinds.len() } else { 1 };
            kinds[..count].iter().map(|ids| signature(takes, ids)).collect()
        };
        function.takes.iter().flat_map(variants).collect()
    }
}

fn answer(
    function: &Function,
    takes: &'static [Named],
    input: &RecordBatch,
    row: usize,
    memory: &Memory,
) -> Result<Answer, String> {
    let mut values = Vec::with_capacity(takes.len());
    for column in input.columns() {
        match given(column, row) {
            Some(value) => values.push(value),
            None => return Ok(Answer::Missing),
        }
    }
    memory.answer(function, &Arguments { names: takes, values }).map_err(|words| format!("{}: {words}", function.name))
}

fn arrow_type(kind: Type) -> DataType {
    let list = |item: DataType| DataType::List(Arc::new(ArrowField::new("item", item, true)));
    match kind {
        Type::Number => DataType::Float64,
        Type::Whole => DataType::Int64,
        Type::Flag => DataType::Boolean,
        Type::Text => DataType::Utf8,
        Type::Numbers => list(DataType::Float64),
        Type::Wholes => list(DataType::Int64),
        Type::Flags => list(DataType::Boolean),
        Type::Texts => list(DataType::Utf8),
        Type::Table => list(list(DataType::Float64)),
    }
}

fn fields_type(fields: &[Named]) -> Fields {
    fields.iter().map(|(name, kind)| ArrowField::new(*name, arrow_type(*kind), true)).collect()
}

fn answer_type(gives: Gives) -> DataType {
    match gives {
        Gives::Number => DataType::Float64,
        Gives::Struct(fields) => DataType::Struct(fields_type(fields)),
        Gives::List(fields) => {
            DataType::List(Arc::new(ArrowField::new("item", DataType::Struct(fields_type(fields)), true)))
        }
    }
}

/// The value of a column in a row; none if it is NULL.
fn given(column: &ArrayRef, row: usize) -> Option<Given> {
    if column.is_null(row) {
        return None;
    }
    match column.data_type() {
        DataType::List(item) => {
            let items = column.as_list::<i32>().value(row);
            Some(match item.data_type() {
                DataType::List(_) => Given::Lists((0..items.len()).map(|at| list_of(&items, at)).collect()),
                _ => Given::Many(scalars(&items)),
            })
        }
        _ => Some(Given::One(scalar(column, row))),
    }
}

fn scalars(items: &ArrayRef) -> Vec<Scalar> {
    (0..items.len()).map(|at| scalar(items, at)).collect()
}

fn list_of(lists: &ArrayRef, at: usize) -> Option<Vec<Scalar>> {
    (!lists.is_null(at)).then(|| scalars(&lists.as_list::<i32>().value(at)))
}

fn scalar(column: &ArrayRef, row: usize) -> Scalar {
    if column.is_null(row) {
        return Scalar::Missing;
    }
    match column.data_type() {
        DataType::Float64 => Scalar::Number(column.as_primitive::<Float64Type>().value(row)),
        DataType::Int64 => Scalar::Integer(column.as_primitive::<Int64Type>().value(row)),
        DataType::Boolean => Scalar::Boolean(column.as_boolean().value(row)),
        DataType::Utf8 => Scalar::Text(column.as_string::<i32>().value(row).to_string()),
        _ => Scalar::Missing,
    }
}

fn to_arrow(gives: Gives, answers: &[Answer]) -> Result<ArrayRef, String> {
    match gives {
        Gives::Number => {
            let numbers = answers.iter().map(|answer| match answer {
                Answer::Number(value) if value.is_finite() => Some(*value),
                _ => None,
            });
            Ok(Arc::new(numbers.collect::<Float64Array>()))
        }
        Gives::Struct(fields) => {
            let rows: Vec<Option<&[Field]>> = answers
                .iter()
                .map(|answer| if let Answer::Row(row) = answer { Some(row.as_slice()) } else { None })
                .collect();
            Ok(Arc::new(structure(fields, &rows)?))
        }
        Gives::List(fields) => list(fields, answers),
    }
}

fn list(fields: &'static [Named], answers: &[Answer]) -> Result<ArrayRef, String> {
    let none: Vec<Vec<Field>> = Vec::new();
    let lists: Vec<&Vec<Vec<Field>>> =
        answers.iter().map(|answer| if let Answer::Rows(rows) = answer { rows } else { &none }).collect();
    let present: Vec<bool> = answers.iter().map(|answer| matches!(answer, Answer::Rows(_))).collect();
    let offsets = OffsetBuffer::from_lengths(lists.iter().map(|rows| rows.len()));
    let rows: Vec<Option<&[Field]>> =
        lists.iter().flat_map(|rows| rows.iter().map(|row| Some(row.as_slice()))).collect();
    let item = Arc::new(ArrowField::new("item", DataType::Struct(fields_type(fields)), true));
    let array = ListArray::try_new(item, offsets, Arc::new(structure(fields, &rows)?), Some(NullBuffer::from(present)));
    Ok(Arc::new(array.map_err(|error| error.to_string())?))
}

fn structure(fields: &'static [Named], rows: &[Option<&[Field]>]) -> Result<StructArray, String> {
    let columns: Vec<ArrayRef> =
        fields.iter().enumerate().map(|(at, (_, kind))| field_column(*kind, at, rows)).collect();
    let present = NullBuffer::from(rows.iter().map(Option::is_some).collect::<Vec<bool>>());
    StructArray::try_new(fields_type(fields), columns, Some(present)).map_err(|error| error.to_string())
}

fn field_column(kind: Type, at: usize, rows: &[Option<&[Field]>]) -> ArrayRef {
    let one = |row: &Option<&[Field]>| match row.and_then(|row| row.get(at)) {
        Some(Field::One(value)) => value.clone(),
        _ => Scalar::Missing,
    };
    match kind {
        Type::Whole => Arc::new(
            rows.iter()
                .map(|row| if let Scalar::Integer(v) = one(row) { Some(v) } else { None })
                .collect::<Int64Array>(),
        ),
        Type::Flag => Arc::new(
            rows.iter()
                .map(|row| if let Scalar::Boolean(v) = one(row) { Some(v) } else { None })
                .collect::<BooleanArray>(),
        ),
        Type::Text => Arc::new(
            rows.iter().map(|row| if let Scalar::Text(v) = one(row) { Some(v) } else { None }).collect::<StringArray>(),
        ),
        Type::Numbers => number_lists(at, rows),
        Type::Texts => text_lists(at, rows),
        _ => Arc::new(rows.iter().map(|row| one(row).number()).collect::<Float64Array>()),
    }
}

fn number_lists(at: usize, rows: &[Option<&[Field]>]) -> ArrayRef {
    let mut builder = ListBuilder::new(Float64Builder::new());
    for row in rows {
        match row.and_then(|row| row.get(at)) {
            Some(Field::Numbers(values)) => {
                values.iter().for_each(|value| builder.values().append_value(*value));
                builder.append(true);
            }
            _ => builder.append(false),
        }
    }
    Arc::new(builder.finish())
}

fn text_lists(at: usize, rows: &[Option<&[Field]>]) -> ArrayRef {
    let mut builder = ListBuilder::new(StringBuilder::new());
    for row in rows {
        match row.and_then(|row| row.get(at)) {
            Some(Field::Texts(values)) => {
                values.iter().for_each(|value| builder.values().append_value(value));
                builder.append(true);
            }
            _ => builder.append(false),
        }
    }
    Arc::new(builder.finish())
}

macro_rules! register {
    ($connection:expr, $count:expr, $memory:expr; $($at:literal)*) => {{
        // A function past the last number here would never be registered: the test of all examples would fail.
        $(if $at < $count { $connection.register_scalar_function_with_state::<Registered<$at>>(function_at($at).map_or("", |function| function.name), $memory)?; })*
    }};
}

/// Registers all functions with a database. What they keep, they keep in this memory.
pub(in crate::duck) fn register_all(connection: &Connection, memory: &Memory) -> duckdb::Result<()> {
    let count = functions().count();
    register!(connection, count, memory; 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64 65 66 67 68 69 70 71 72 73 74 75 76 77 78 79);
    Ok(())
}
