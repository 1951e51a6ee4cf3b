//! What a source promises beyond single values: rules between columns, series without gaps, versions of files.

use globset::{GlobBuilder, GlobMatcher};
use jiff::civil::Date;
use regex::Regex;

use super::{STATUSES, SourceColumn, read_capture, report_unknown};
use crate::book::settings::Table;
use crate::frame::{ColumnType, Scalar};

/// How columns of a row compare.
#[derive(Clone, Debug)]
pub enum Comparison {
    /// The first is at most the second.
    AtMost(String, String),
    /// The columns add up to the last, to a tolerance.
    Sum(Vec<String>, String, f64),
}

/// A rule between columns of a row. It says nothing where one of them is missing.
#[derive(Clone, Debug)]
pub struct RowRule {
    /// How they compare.
    pub comparison: Comparison,
    /// The rows that it is for: those with these values.
    pub only: Vec<(String, Scalar)>,
    /// The rows that it is not for: those with any of these values.
    pub unless: Vec<(String, Scalar)>,
}

/// The step of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Every {
    /// Each month.
    Month,
    /// Each quarter.
    Quarter,
    /// Each year.
    Year,
}

impl Every {
    /// Months from one period to the next.
    pub fn months(self) -> i32 {
        match self {
            Every::Month => 1,
            Every::Quarter => 3,
            Every::Year => 12,
        }
    }

    /// The word for one period.
    pub fn word(self) -> &'static str {
        match self {
            Every::Month => "month",
            Every::Quarter => "quarter",
            Every::Year => "year",
        }
    }
}

/// Periods that must follow each other without a gap.
#[derive(Clone, Debug)]
pub struct Series {
    /// The column that holds the first day of the period.
    pub period: String,
    /// The step.
    pub every: Every,
}

/// Status and vintage of the files that a pattern matches.
#[derive(Clone, Debug)]
pub struct VersionRule {
    /// Pattern of the file's name without its folder.
    pub files: GlobMatcher,
    /// Their status, where it is not the source's.
    pub status: Option<String>,
    /// When they were published.
    pub vintage: Option<Date>,
    /// The part of the file's name that says when, and how it is written.
    pub vintage_from: Option<(Regex, String)>,
}

pub(super) fn read_rules(columns: &[SourceColumn], table: &Table<'_>) -> Vec<RowRule> {
    table.tables("rules").iter().filter_map(|rule| read_rule(columns, rule)).collect()
}

fn read_rule(columns: &[SourceColumn], rule: &Table<'_>) -> Option<RowRule> {
    // Every key is read, so that one too many is reported once, and not also as unknown.
    let (at_most, sum_of) = (rule.texts("at_most"), rule.texts("sum_of"));
    let (total, tolerance) = (rule.optional_text("equals"), rule.optional_number("tolerance"));
    let comparison = match (rule.has("at_most"), rule.has("sum_of"), total) {
        (true, false, None) => read_at_most(&at_most, columns, rule),
        (false, true, Some(total)) => {
            report_not_numbers(&sum_of, "sum_of", columns, rule);
            report_not_numbers(std::slice::from_ref(&total), "equals", columns, rule);
            Some(Comparison::Sum(sum_of, total, tolerance.unwrap_or(0.0)))
        }
        _ => {
            let words = "a rule is `at_most = [\"a\", \"b\"]`, or `sum_of = [\"a\", \"b\"]` with `equals = \"c\"`";
            rule.problem_at("", "source-rule", words);
            None
        }
    };
    let (only, unless) = (read_values("where", columns, rule), read_values("unless", columns, rule));
    rule.finish();
    Some(RowRule { comparison: comparison?, only, unless })
}

fn read_values(key: &str, columns: &[SourceColumn], rule: &Table<'_>) -> Vec<(String, Scalar)> {
    let Some(values) = rule.optional_table(key) else { return Vec::new() };
    report_unknown(&values.keys(), "", columns, &values);
    values.keys().into_iter().filter_map(|name| Some((name.clone(), values.scalar(&name)?))).collect()
}

fn read_at_most(names: &[String], columns: &[SourceColumn], rule: &Table<'_>) -> Option<Comparison> {
    report_not_numbers(names, "at_most", columns, rule);
    let [smaller, larger] = names else {
        rule.problem_at("at_most", "source-rule", "`at_most` names two columns: the smaller, then the larger");
        return None;
    };
    Some(Comparison::AtMost(smaller.clone(), larger.clone()))
}

fn report_not_numbers(names: &[String], key: &str, columns: &[SourceColumn], rule: &Table<'_>) {
    report_unknown(names, key, columns, rule);
    for column in columns.iter().filter(|column| names.contains(&column.name) && !column.is_number()) {
        rule.problem_at(key, "source-rule", format!("`{}` is not a number", column.name));
    }
}

pub(super) fn read_series(columns: &[SourceColumn], table: &Table<'_>) -> Option<Series> {
    let series = table.optional_table("series")?;
    let period = series.text("period");
    let every = series.choice("every", &["month", "quarter", "year"]);
    series.finish();
    let every = match every {
        Some("quarter") => Every::Quarter,
        Some("year") => Every::Year,
        _ => Every::Month,
    };
    let period = period?;
    report_unknown(std::slice::from_ref(&period), "period", columns, &series);
    if columns.iter().any(|column| column.name == period && column.kind != ColumnType::Date) {
        series.problem_at("period", "source-rule", format!("`{period}` is not a date"));
    }
    Some(Series { period, every })
}

pub(super) fn read_versions(table: &Table<'_>) -> Vec<VersionRule> {
    table.tables("versions").iter().filter_map(read_version).collect()
}

fn read_version(rule: &Table<'_>) -> Option<VersionRule> {
    let files = rule.text("files");
    let status = rule.choice("status", &STATUSES).map(str::to_string);
    let vintage = rule.optional_date("vintage");
    let vintage_from = rule.optional_table("vintage_from").and_then(|from| {
        let (capture, form) = (read_capture("capture", &from), from.text("date_format"));
        from.finish();
        capture.zip(form)
    });
    rule.finish();
    let files = files?;
    match GlobBuilder::new(&files).case_insensitive(true).build() {
        Ok(glob) => Some(VersionRule { files: glob.compile_matcher(), status, vintage, vintage_from }),
        Err(error) => {
            rule.problem_at("files", "source-versions", format!("`{files}` is not a file pattern: {}", error.kind()));
            None
        }
    }
}
