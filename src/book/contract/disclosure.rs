//! Disclosure control of a source: which counts of people are withheld or rounded, and which totals could give a
//! withheld one away.

use super::SourceColumn;
use crate::book::settings::Table;
use crate::frame::ColumnType;

/// What a withheld value is shown as, unless the book says otherwise.
pub const CONFIDENTIAL: &str = "[c]";

/// Rows by the values of some of their columns.
pub type RowsWhere = Vec<(String, Vec<String>)>;

/// The control of a source's counts. It acts when the source is read, before any query.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Disclosure {
    /// Columns that count people.
    pub columns: Vec<String>,
    /// Counts from the first to the second are withheld.
    pub suppress: Option<(i64, i64)>,
    /// Other counts are rounded to the nearest multiple.
    pub round_to: Option<i64>,
    /// What is shown in place of a withheld count.
    pub shorthand: String,
    /// Columns that are withheld in a row where a count is: means, rates.
    pub with: Vec<String>,
    /// Rows that are left as they are, unless they would give a withheld count away.
    pub exempt: RowsWhere,
    /// Which counts are sums of others.
    pub totals: Vec<Total>,
}

/// A sum that a reader could take a withheld count from.
#[derive(Clone, Debug, PartialEq)]
pub enum Total {
    /// A column is the sum of others in the same row.
    OfColumns(String, Vec<String>),
    /// Rows are sums of other rows that agree with them in some columns.
    OfRows {
        /// The rows that are sums.
        rows: RowsWhere,
        /// The rows that they are sums of.
        of: RowsWhere,
        /// The columns in which both agree.
        within: Vec<String>,
    },
}

/// What a pack may show of counts of people: figures in these units are neither in the range nor, where there is a step,
/// other than its multiples.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PackDisclosure {
    /// Units that count people.
    pub units: Vec<String>,
    /// Counts from the first to the second are not shown.
    pub suppress: Option<(i64, i64)>,
    /// Other counts are multiples of this.
    pub round_to: Option<i64>,
}

/// Reads `[packs.NAME.disclosure]`.
pub(in crate::book) fn read_pack_disclosure(pack: &Table<'_>) -> Option<PackDisclosure> {
    let table = pack.optional_table("disclosure")?;
    let disclosure = PackDisclosure {
        units: table.texts("units"),
        suppress: read_range(&table, "pack-disclosure"),
        round_to: table.optional_integer("round_to"),
    };
    table.finish();
    if disclosure.units.is_empty() {
        let words = "`units` is missing: in which units are people counted?";
        table.problem_at("units", "pack-disclosure", words);
    }
    if disclosure.round_to.is_some_and(|step| step < 2) {
        table.problem_at("round_to", "pack-disclosure", "`round_to` must be 2 or more");
    }
    if disclosure.suppress.is_none() && disclosure.round_to.is_none() {
        let words = "the rule allows everything: give it `suppress` or `round_to`";
        table.problem_at("units", "pack-disclosure", words);
    }
    Some(disclosure)
}

/// Reads `[sources.NAME.disclosure]`.
pub(super) fn read_disclosure(columns: &[SourceColumn], source: &Table<'_>) -> Option<Disclosure> {
    let table = source.optional_table("disclosure")?;
    let disclosure = Disclosure {
        columns: table.texts("columns"),
        suppress: read_range(&table, "source-disclosure"),
        round_to: table.optional_integer("round_to"),
        shorthand: table.optional_text("shorthand").unwrap_or_else(|| CONFIDENTIAL.to_string()),
        with: table.texts("with"),
        exempt: read_rows("exempt", &table),
        totals: table.tables("totals").iter().filter_map(|total| read_total(columns, total)).collect(),
    };
    table.finish();
    report(&disclosure, columns, &table);
    Some(disclosure)
}

fn read_range(table: &Table<'_>, code: &'static str) -> Option<(i64, i64)> {
    let range = table.optional_table("suppress")?;
    let (from, to) = (range.optional_integer("from"), range.optional_integer("to"));
    range.finish();
    match (from, to) {
        // A reader who knows the rule would know the value.
        (Some(from), Some(to)) if from > 0 && from < to => Some((from, to)),
        _ => {
            let words = "`suppress` needs `from` (1 or more) and a larger `to`: { from = 1, to = 7 }";
            table.problem_at("suppress", code, words);
            None
        }
    }
}

/// Values of columns, as `{ level = ["region", "nation"] }`.
fn read_rows(key: &str, table: &Table<'_>) -> RowsWhere {
    let Some(rows) = table.optional_table(key) else { return Vec::new() };
    let read = rows.keys().into_iter().map(|column| {
        let values = match rows.texts(&column) {
            values if !values.is_empty() => values,
            _ => rows.optional_text(&column).into_iter().collect(),
        };
        (column, values)
    });
    read.collect()
}

fn read_total(columns: &[SourceColumn], table: &Table<'_>) -> Option<Total> {
    let total = match table.optional_text("column") {
        Some(column) => {
            let parts = table.texts("is_sum_of");
            let named: Vec<String> = parts.iter().cloned().chain([column.clone()]).collect();
            super::report_unknown(&named, "is_sum_of", columns, table);
            Total::OfColumns(column, parts)
        }
        None => {
            let total = Total::OfRows {
                rows: read_rows("rows", table),
                of: read_rows("are_sums_of", table),
                within: table.texts("within"),
            };
            if let Total::OfRows { rows, of, within } = &total {
                let named: Vec<String> =
                    rows.iter().chain(of).map(|(column, _)| column.clone()).chain(within.iter().cloned()).collect();
                super::report_unknown(&named, "rows", columns, table);
                if rows.is_empty() || of.is_empty() {
                    let words = "a total needs `rows` and `are_sums_of`, or `column` and `is_sum_of`";
                    table.problem_at("rows", "source-disclosure", words);
                }
            }
            total
        }
    };
    table.finish();
    Some(total)
}

fn report(disclosure: &Disclosure, columns: &[SourceColumn], table: &Table<'_>) {
    let exempt: Vec<String> = disclosure.exempt.iter().map(|(column, _)| column.clone()).collect();
    for (key, names) in [("columns", &disclosure.columns), ("with", &disclosure.with), ("exempt", &exempt)] {
        super::report_unknown(names, key, columns, table);
    }
    if disclosure.columns.is_empty() {
        table.problem_at("columns", "source-disclosure", "`columns` is missing: which columns count people?");
    }
    for column in columns.iter().filter(|column| disclosure.columns.contains(&column.name)) {
        if column.kind != ColumnType::Integer {
            let words = format!("`{}` is no column of whole numbers; only counts can be controlled", column.name);
            table.problem_at("columns", "source-disclosure", words);
        }
    }
    if disclosure.round_to.is_some_and(|step| step < 2) {
        table.problem_at("round_to", "source-disclosure", "`round_to` must be 2 or more");
    }
    if disclosure.suppress.is_none() && disclosure.round_to.is_none() {
        let words = "the control does nothing: give it `suppress` or `round_to`";
        table.problem_at("columns", "source-disclosure", words);
    }
    let of_columns = disclosure.totals.iter().filter_map(|total| match total {
        Total::OfColumns(column, parts) => Some(parts.iter().chain([column])),
        Total::OfRows { .. } => None,
    });
    for name in of_columns.flatten().filter(|name| !disclosure.columns.contains(name)) {
        let words = format!("`{name}` is part of a sum and is not controlled: add it to `columns`");
        table.problem_at("totals", "source-disclosure", words);
    }
}
