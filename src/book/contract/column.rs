//! One column of a source: where it comes from in the file, and what its values must be.

use regex::Regex;

use super::{read_capture, read_regex};
use crate::book::naming::is_table_name;
use crate::book::settings::Table;
use crate::frame::{ColumnType, Scalar};

/// Where a column's values come from.
#[derive(Clone, Debug)]
pub enum Origin {
    /// The column under a header.
    Header,
    /// The texts under several headers, joined by a space.
    Join(Vec<String>),
    /// The sum of what stands under all headers that match.
    Sum(Regex),
    /// One cell of the sheet: row and column from 0, and the name as written.
    Cell(u32, u32, String),
    /// The filled cell to the right of a label.
    Label(String),
    /// The name of the file.
    File,
    /// The name of the sheet.
    Sheet,
    /// The title above the table.
    Title,
}

/// One column of a source.
#[derive(Clone, Debug)]
pub struct SourceColumn {
    /// Name in SQL.
    pub name: String,
    /// Names it may have in the file: the first of them that the file has counts.
    pub headers: Vec<String>,
    /// Where its values come from.
    pub origin: Origin,
    /// Which of several columns with its header, from 1.
    pub occurrence: Option<usize>,
    /// The part of the text that is the value.
    pub capture: Option<Regex>,
    /// Words that stand for "no value" in this column, where they are not those of the source.
    pub missing: Option<Vec<String>>,
    /// The publisher's own marks of values that are withheld.
    pub suppressed: Vec<String>,
    /// Whether a missing value is that of the row above.
    pub fill_down: bool,
    /// Type.
    pub kind: ColumnType,
    /// How dates are written: `strptime` forms or named ones; ISO 8601 where empty.
    pub date_formats: Vec<String>,
    /// Whether each row must have a value.
    pub required: bool,
    /// Whether the file may lack the column.
    pub optional: bool,
    /// The only values allowed, where any are listed.
    pub accepted: Vec<Scalar>,
    /// A regular expression that the text must match.
    pub pattern: Option<Regex>,
    /// Smallest value allowed.
    pub min: Option<f64>,
    /// Largest value allowed.
    pub max: Option<f64>,
    /// Unit.
    pub unit: Option<String>,
    /// What it is.
    pub meaning: String,
}

impl SourceColumn {
    /// Whether its values are numbers.
    pub fn is_number(&self) -> bool {
        matches!(self.kind, ColumnType::Integer | ColumnType::Number)
    }
}

/// Names of forms in which dates are written that no `strptime` form can say.
pub const NAMED_DATES: [&str; 5] =
    ["financial quarter", "financial quarter end", "financial month", "month range", "excel serial"];

pub(super) fn read_columns(name: &str, table: &Table<'_>) -> Vec<SourceColumn> {
    let Some(columns) = table.optional_table("columns") else {
        table.problem_at("columns", "source-columns", format!("source `{name}` declares no columns"));
        return Vec::new();
    };
    let read: Vec<SourceColumn> =
        columns.keys().iter().filter_map(|key| read_column(key, &columns.optional_table(key)?)).collect();
    columns.finish();
    read
}

fn read_column(name: &str, table: &Table<'_>) -> Option<SourceColumn> {
    if !is_table_name(name) {
        table.problem_at(
            "",
            "source-column-name",
            format!("`{name}` cannot name a column: use lower-case letters, digits and underscores"),
        );
    }
    let headers = table.texts("header");
    let kind = match table.choice("type", &["text", "integer", "number", "date", "boolean"]) {
        Some("integer") => ColumnType::Integer,
        Some("number") => ColumnType::Number,
        Some("date") => ColumnType::Date,
        Some("boolean") => ColumnType::Boolean,
        _ => ColumnType::Text,
    };
    let column = SourceColumn {
        name: name.to_string(),
        headers: if headers.is_empty() { vec![name.to_string()] } else { headers },
        origin: read_origin(name, table),
        occurrence: read_occurrence(table),
        capture: read_capture("capture", table),
        fill_down: table.flag("fill_down"),
        suppressed: table.texts("suppressed"),
        missing: table.has("missing").then(|| table.texts("missing")),
        kind,
        date_formats: table.texts("date_format"),
        required: table.flag("required"),
        optional: table.flag("optional"),
        accepted: table.scalars("accepted"),
        pattern: read_regex("pattern", true, table),
        min: table.optional_number("min"),
        max: table.optional_number("max"),
        unit: table.optional_text("unit"),
        meaning: table.text("meaning")?,
    };
    table.finish();
    report_idle_rules(&column, table);
    Some(column)
}

/// Where a column comes from: one way only.
fn read_origin(name: &str, table: &Table<'_>) -> Origin {
    let ways: Vec<&str> =
        ["header", "join", "sum", "cell", "label", "from"].into_iter().filter(|key| table.has(key)).collect();
    if let [first, second, ..] = ways[..] {
        let words = format!("`{name}` comes from `{first}` and from `{second}`: keep one of them");
        table.problem_at(second, "source-origin", words);
    }
    // Every key is read, so that one too many is reported once, and not also as unknown.
    let (joined, sum) = (table.texts("join"), read_regex("sum", true, table));
    let (label, cell) = (table.optional_text("label"), table.optional_text("cell"));
    let named = table.choice("from", &["file", "sheet", "title"]);
    if !joined.is_empty() {
        return Origin::Join(joined);
    }
    if let Some(pattern) = sum {
        return Origin::Sum(pattern);
    }
    if let Some(label) = label {
        return Origin::Label(label);
    }
    if let Some(cell) = cell {
        match cell_position(&cell) {
            Some((row, column)) => return Origin::Cell(row, column, cell),
            None => table.problem_at("cell", "source-origin", format!("`{cell}` is not a cell such as C5")),
        }
    }
    match named {
        Some("file") => Origin::File,
        Some("sheet") => Origin::Sheet,
        Some("title") => Origin::Title,
        _ => Origin::Header,
    }
}

fn read_occurrence(table: &Table<'_>) -> Option<usize> {
    let given = table.optional_integer("occurrence")?;
    let occurrence = usize::try_from(given).ok().filter(|given| *given > 0);
    if occurrence.is_none() {
        table.problem_at("occurrence", "source-occurrence", "`occurrence` counts from 1");
    }
    occurrence
}

/// Row and column of a cell such as `C5`, both from 0.
fn cell_position(cell: &str) -> Option<(u32, u32)> {
    let letters = cell.bytes().take_while(u8::is_ascii_uppercase).count();
    if !(1..=3).contains(&letters) {
        return None;
    }
    let column = cell.bytes().take(letters).fold(0, |sum, letter| sum * 26 + u32::from(letter - b'A') + 1);
    let row = cell[letters..].parse::<u32>().ok().filter(|row| (1..=1_048_576).contains(row))?;
    Some((row - 1, column - 1))
}

/// A rule that can never speak is a mistake.
fn report_idle_rules(column: &SourceColumn, table: &Table<'_>) {
    let number = matches!(column.kind, ColumnType::Integer | ColumnType::Number);
    if column.pattern.is_some() && column.kind != ColumnType::Text {
        table.problem_at("pattern", "source-rule", format!("`pattern` is for text; `{}` is not text", column.name));
    }
    for (key, bound) in [("min", column.min), ("max", column.max)] {
        if bound.is_some() && !number {
            table.problem_at(key, "source-rule", format!("`{key}` is for numbers; `{}` is not a number", column.name));
        }
    }
    for form in column.date_formats.iter().filter(|form| !form.contains('%') && !NAMED_DATES.contains(&&***form)) {
        let words = format!("`{form}` is neither a form with % nor one of: {}", NAMED_DATES.join(", "));
        table.problem_at("date_format", "source-rule", words);
    }
    if column.occurrence.is_some() && !matches!(column.origin, Origin::Header) {
        table.problem_at("occurrence", "source-rule", "`occurrence` is for a column found by its header");
    }
    if matches!(column.origin, Origin::Sum(_)) && !number {
        table.problem_at("sum", "source-rule", format!("`sum` gives a number; `{}` is not a number", column.name));
    }
    if !column.date_formats.is_empty() && column.kind != ColumnType::Date {
        table.problem_at(
            "date_format",
            "source-rule",
            format!("`date_format` is for dates; `{}` is not a date", column.name),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_named_by_letters_and_a_row() {
        assert_eq!(cell_position("A1"), Some((0, 0)));
        assert_eq!(cell_position("AB12"), Some((11, 27)));
        for wrong in ["", "A", "1", "A0", "a1", "A-1", "ABCD1", "A99999999"] {
            assert_eq!(cell_position(wrong), None, "{wrong}");
        }
    }
}
