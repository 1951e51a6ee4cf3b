//! Disclosure control: counts of few people are withheld and others rounded when a source is read, before any query can
//! reckon with them.
//!
//! A withheld value is missing in its own column, so that nothing can be reckoned from it, and the column beside it,
//! `NAME_shorthand`, says what stands in its place. Publishers' own marks are read into the same form.

use std::collections::BTreeMap;

use super::SourceTable;
use super::protect::{Count, Sum, protect};
use crate::book::{Disclosure, RowsWhere, Total};
use crate::diagnostic::{Diagnostic, Outcome};
use crate::frame::{SHORTHAND, Scalar};

/// What the rule shows of a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    Withheld,
    Value(i64),
}

/// What is shown of a count that is not exempt. Nought stays nought.
fn shown(value: i64, suppress: Option<(i64, i64)>, round_to: Option<i64>) -> Shown {
    match (suppress, round_to) {
        (Some((from, to)), _) if (from..=to).contains(&value) => Shown::Withheld,
        (_, Some(step)) if value > 0 => Shown::Value(value.saturating_add(step / 2) / step * step),
        _ => Shown::Value(value),
    }
}

/// The least and the largest count that would be shown as this one is.
pub(super) fn shown_range(value: i64, suppress: Option<(i64, i64)>, round_to: Option<i64>) -> (i64, i64) {
    let rule = |value: i64| shown(value, suppress, round_to);
    if let (Shown::Withheld, Some(range)) = (rule(value), suppress) {
        return range;
    }
    let steps = round_to.unwrap_or(1);
    let same = |other: &i64| *other >= 0 && rule(*other) == rule(value);
    let least = (1..=steps).map(|by| value.saturating_sub(by)).take_while(same).last().unwrap_or(value);
    let most = (1..=steps).map(|by| value.saturating_add(by)).take_while(same).last().unwrap_or(value);
    (least, most)
}

/// Applies a source's control to its rows, and takes values out of its rejects.
pub(super) fn control(table: &mut SourceTable) -> Outcome<()> {
    let Some(rule) = table.contract.disclosure.clone() else { return Ok(()) };
    let work = Work::of(&rule, table);
    let mut counts = work.counts(&rule, table);
    let sums = work.sums(&rule, table);
    let given_away = protect(&mut counts, &sums);
    if let Some(at) = given_away.first() {
        let (row, column) = work.places[*at];
        let words = format!(
            "source `{}`: a withheld count of `{}` can be worked out from what is shown",
            table.contract.name, table.columns[column].0
        );
        let own = table.contract.columns.len();
        let place = format!("{} line {}", table.rows.value(row, own + FILE), table.rows.value(row, own + LINE));
        return Err(Diagnostic::check("source-disclosure", words)
            .note(place)
            .help("round counts, or take the total out of the source's columns")
            .into());
    }
    work.write(&rule, &counts, table);
    // A reject is told with the value that stood in the file.
    let held = |column: &String| column.is_empty() || rule.columns.contains(column) || rule.with.contains(column);
    for reject in table.rejects.iter_mut().filter(|reject| held(&reject.column)) {
        reject.value = rule.shorthand.clone();
        // A rule between columns tells the other one's value.
        reject.rule = reject.rule.split(", which is").next().unwrap_or_default().to_string();
    }
    Ok(())
}

/// Columns that every source has after its own.
const FILE: usize = 0;
const LINE: usize = 1;

/// The counts of a source that are controlled.
struct Work {
    /// Row and column of each count.
    places: Vec<(usize, usize)>,
    /// Number of a count by its row and column.
    numbers: BTreeMap<(usize, usize), usize>,
}

impl Work {
    fn of(rule: &Disclosure, table: &SourceTable) -> Work {
        let columns: Vec<usize> = rule.columns.iter().filter_map(|name| position(table, name)).collect();
        let cells = (0..table.rows.len()).flat_map(|row| columns.iter().map(move |column| (row, *column)));
        // A count that is not there, or that the publisher withheld, is known to nobody.
        let is_count = |(row, column): &(usize, usize)| matches!(table.rows.value(*row, *column), Scalar::Integer(_));
        let places: Vec<(usize, usize)> = cells.filter(is_count).collect();
        let numbers = places.iter().enumerate().map(|(number, place)| (*place, number)).collect();
        Work { places, numbers }
    }

    fn counts(&self, rule: &Disclosure, table: &SourceTable) -> Vec<Count> {
        let exempt = Chosen::of(&rule.exempt, table);
        let count = |(row, column): &(usize, usize)| {
            let value = if let Scalar::Integer(value) = table.rows.value(*row, *column) { value } else { 0 };
            let exempt = !rule.exempt.is_empty() && exempt.has(table, *row);
            let withheld = !exempt && shown(value, rule.suppress, rule.round_to) == Shown::Withheld;
            let range = if exempt { (value, value) } else { shown_range(value, rule.suppress, rule.round_to) };
            Count { value, range, withheld, exempt }
        };
        self.places.iter().map(count).collect()
    }

    fn sums(&self, rule: &Disclosure, table: &SourceTable) -> Vec<Sum> {
        let mut sums = Vec::new();
        for total in &rule.totals {
            match total {
                Total::OfColumns(column, parts) => self.sums_of_columns(column, parts, table, &mut sums),
                Total::OfRows { rows, of, within } => {
                    let (rows, of) = (Chosen::of(rows, table), Chosen::of(of, table));
                    for column in rule.columns.iter().filter_map(|name| position(table, name)) {
                        self.sums_of_rows(column, (&rows, &of), within, table, &mut sums);
                    }
                }
            }
        }
        sums
    }

    fn sums_of_columns(&self, column: &str, parts: &[String], table: &SourceTable, sums: &mut Vec<Sum>) {
        let Some(total) = position(table, column) else { return };
        let parts: Vec<usize> = parts.iter().filter_map(|part| position(table, part)).collect();
        for row in 0..table.rows.len() {
            let parts = parts.iter().filter_map(|part| self.numbers.get(&(row, *part)).copied()).collect();
            sums.extend(self.numbers.get(&(row, total)).map(|total| Sum { total: *total, parts }));
        }
    }

    /// Versions of a figure are sums of their own version's parts.
    fn sums_of_rows(
        &self,
        column: usize,
        (rows, of): (&Chosen, &Chosen),
        within: &[String],
        table: &SourceTable,
        sums: &mut Vec<Sum>,
    ) {
        let versions = if table.contract.keep_versions { &["_vintage", "_status"][..] } else { &[] };
        let within: Vec<usize> = within
            .iter()
            .map(String::as_str)
            .chain(versions.iter().copied())
            .filter_map(|name| position(table, name))
            .collect();
        let mut groups: BTreeMap<Vec<String>, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
        for row in 0..table.rows.len() {
            let Some(number) = self.numbers.get(&(row, column)) else { continue };
            let group = || within.iter().map(|column| table.rows.value(row, *column).tagged()).collect();
            if rows.has(table, row) {
                groups.entry(group()).or_default().0.push(*number);
            } else if of.has(table, row) {
                groups.entry(group()).or_default().1.push(*number);
            }
        }
        for (totals, parts) in groups.into_values().filter(|(_, parts)| !parts.is_empty()) {
            sums.extend(totals.into_iter().map(|total| Sum { total, parts: parts.clone() }));
        }
    }

    /// Writes what is shown of each count, and withholds what goes with one that is withheld.
    fn write(&self, rule: &Disclosure, counts: &[Count], table: &mut SourceTable) {
        let mut withheld: Vec<usize> = Vec::new();
        for ((row, column), count) in self.places.iter().zip(counts) {
            match shown(count.value, rule.suppress, rule.round_to) {
                _ if count.withheld => {
                    withhold(table, *row, *column, &rule.shorthand);
                    withheld.push(*row);
                }
                Shown::Value(value) if !count.exempt => table.rows.set(*row, *column, &Scalar::Integer(value)),
                _ => {}
            }
        }
        withheld.dedup();
        let with: Vec<usize> = rule.with.iter().filter_map(|name| position(table, name)).collect();
        for (row, column) in withheld.iter().flat_map(|row| with.iter().map(move |column| (*row, *column))) {
            if !table.rows.value(row, column).is_missing() {
                withhold(table, row, column, &rule.shorthand);
            }
        }
    }
}

/// Takes a value out of a table, and puts what is shown for it beside it.
fn withhold(table: &mut SourceTable, row: usize, column: usize, shorthand: &str) {
    table.rows.set(row, column, &Scalar::Missing);
    let beside = table.columns.get(column).and_then(|(name, _)| position(table, &format!("{name}{SHORTHAND}")));
    if let Some(beside) = beside {
        table.rows.set(row, beside, &Scalar::Text(shorthand.to_string()));
    }
}

/// Rows by the values of some columns.
struct Chosen(Vec<(usize, Vec<String>)>);

impl Chosen {
    fn of(wanted: &RowsWhere, table: &SourceTable) -> Chosen {
        let columns = wanted.iter().filter_map(|(name, values)| Some((position(table, name)?, values.clone())));
        Chosen(columns.collect())
    }

    fn has(&self, table: &SourceTable, row: usize) -> bool {
        self.0.iter().all(|(column, values)| values.contains(&table.rows.value(row, *column).to_string()))
    }
}

fn position(table: &SourceTable, name: &str) -> Option<usize> {
    table.columns.iter().position(|(column, _)| column == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_shown_by_the_rule() {
        let rule = |value: i64| shown(value, Some((1, 7)), Some(5));
        let values = [0, 1, 7, 8, 12, 13, 100].map(rule);
        let shown = [0, 0, 0, 10, 10, 15, 100].map(Shown::Value);
        assert_eq!(values[3..], shown[3..]);
        assert_eq!(values[..3], [Shown::Value(0), Shown::Withheld, Shown::Withheld]);
        assert_eq!(rule(-3), Shown::Value(-3));
    }

    #[test]
    fn a_reader_may_take_a_count_for_any_that_is_shown_like_it() {
        let range = |value: i64| shown_range(value, Some((1, 7)), Some(5));
        assert_eq!([0, 3, 8, 12, 13, 17].map(range), [(0, 0), (1, 7), (8, 12), (8, 12), (13, 17), (13, 17)]);
        assert_eq!(shown_range(4, None, Some(5)), (3, 7));
        assert_eq!(shown_range(2, None, Some(5)), (0, 2));
        assert_eq!(shown_range(9, Some((1, 7)), None), (9, 9));
        assert_eq!(shown_range(i64::MAX, None, Some(5)).1, i64::MAX);
    }
}
