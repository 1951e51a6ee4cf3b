//! Where the data stand: the member of an archive, the sheets of a workbook, the tables of a sheet.

use regex::Regex;

use super::{Origin, Reader, SourceColumn, read_capture, read_regex, report_unknown};
use crate::book::settings::Table;

/// Where the data stand in an archive or a workbook.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// Pattern of the one member of an archive.
    pub member: Option<String>,
    /// Sheets, each a name or pattern, or several with `|` between them.
    pub sheets: Vec<String>,
    /// The row in which the header is expected, from 1.
    pub header_row: Option<u32>,
    /// How many lines the header has: 1 or 2.
    pub header_rows: u32,
    /// Whether a sheet holds several tables, each with its own header.
    pub stacked: bool,
    /// The title above a table.
    pub title: Option<Regex>,
    /// The first cell of a row that is no longer data.
    pub ends_at: Option<Regex>,
    /// Label of the date of publication.
    pub published: Option<String>,
    /// Label of the date of revision.
    pub revised: Option<String>,
}

/// Headers that become rows.
#[derive(Clone, Debug)]
pub struct Unpivot {
    /// Which headers, and which part of them is kept.
    pub headers: Regex,
    /// The column that takes that part.
    pub name: String,
    /// The column that takes the values.
    pub value: String,
}

pub(super) fn read_layout(reader: Reader, columns: &[SourceColumn], table: &Table<'_>) -> Layout {
    let printed = table.optional_table("printed");
    let label = |key: &str| printed.as_ref().and_then(|printed| printed.optional_text(key));
    let layout = Layout {
        member: table.optional_text("member"),
        sheets: table.texts("sheets"),
        header_row: read_row(table),
        header_rows: if read_header_rows(table) { 2 } else { 1 },
        stacked: table.flag("stacked"),
        title: read_capture("title", table),
        ends_at: read_regex("ends_at", false, table),
        published: label("published"),
        revised: label("revised"),
    };
    if let Some(printed) = printed {
        printed.finish();
    }
    report_needs(reader, &layout, columns, table);
    layout
}

fn read_row(table: &Table<'_>) -> Option<u32> {
    let given = table.optional_integer("header_row")?;
    let row = u32::try_from(given).ok().filter(|row| (1..=1_048_576).contains(row));
    if row.is_none() {
        table.problem_at("header_row", "source-layout", "`header_row` is a row of a sheet, from 1");
    }
    row
}

fn read_header_rows(table: &Table<'_>) -> bool {
    let given = table.optional_integer("header_rows").unwrap_or(1);
    if !(1..=2).contains(&given) {
        table.problem_at("header_rows", "source-layout", "`header_rows` is 1 or 2");
    }
    given == 2
}

/// Keys that the reader needs, and keys that mean nothing to it.
fn report_needs(reader: Reader, layout: &Layout, columns: &[SourceColumn], table: &Table<'_>) {
    if reader == Reader::Zip && layout.member.is_none() {
        table.problem_at("reader", "source-layout", "an archive needs `member`: a pattern such as \"*.csv\"");
    }
    if reader != Reader::Zip && layout.member.is_some() {
        table.problem_at("member", "source-layout", "`member` is for `reader = \"zip\"`");
    }
    if reader == Reader::Workbook {
        if layout.sheets.is_empty() {
            table.problem_at("reader", "source-layout", "a workbook needs `sheets`: a list of names or patterns");
        }
        return;
    }
    for key in ["sheets", "header_row", "header_rows", "stacked", "title", "ends_at", "printed"] {
        if table.has(key) {
            table.problem_at(key, "source-layout", format!("`{key}` is for `reader = \"workbook\"`"));
        }
    }
    let of_sheet = |column: &&SourceColumn| {
        matches!(column.origin, Origin::Cell(..) | Origin::Label(_) | Origin::Sheet | Origin::Title)
    };
    for column in columns.iter().filter(of_sheet) {
        let words = format!("`{}` comes from a sheet, and only `reader = \"workbook\"` has sheets", column.name);
        table.problem_at("reader", "source-layout", words);
    }
}

pub(super) fn read_unpivot(columns: &[SourceColumn], table: &Table<'_>) -> Option<Unpivot> {
    let unpivot = table.optional_table("unpivot")?;
    let headers = read_capture("headers", &unpivot);
    let (name, value) = (unpivot.text("name"), unpivot.text("value"));
    unpivot.finish();
    let (headers, name, value) = (headers?, name?, value?);
    report_unknown(std::slice::from_ref(&name), "name", columns, &unpivot);
    report_unknown(std::slice::from_ref(&value), "value", columns, &unpivot);
    if name == value {
        unpivot.problem_at("value", "source-unpivot", "`name` and `value` are two columns");
    }
    Some(Unpivot { headers, name, value })
}
