//! Rules between the columns of a row, and between the rows of a series.

use jiff::civil::Date;

use super::store::Rows;
use crate::book::{Comparison, Contract, Every, RowRule, Series};
use crate::diagnostic::Diagnostic;
use crate::frame::Scalar;

/// A rule that a row breaks, and the column that shows it.
pub(super) struct Broken {
    pub column: usize,
    pub value: String,
    pub rule: String,
}

/// The rules that a row of typed values breaks. A rule says nothing where a value is missing.
pub(super) fn broken(contract: &Contract, row: &[Scalar]) -> Vec<Broken> {
    let position = |name: &String| contract.columns.iter().position(|column| column.name == *name);
    let value = |name: &String| row.get(position(name)?);
    let holds = |(name, wanted): &(String, Scalar)| value(name).is_some_and(|found| found.same(wanted));
    let applies = |rule: &&RowRule| rule.only.iter().all(holds) && !rule.unless.iter().any(holds);
    let found = contract.rules.iter().filter(applies).filter_map(|rule| match &rule.comparison {
        Comparison::AtMost(smaller, larger) => {
            let (small, large) = (value(smaller)?.number()?, value(larger)?.number()?);
            let rule = format!("more than {larger}, which is {large}");
            (small > large).then(|| Some(Broken { column: position(smaller)?, value: small.to_string(), rule }))?
        }
        Comparison::Sum(parts, total, tolerance) => {
            let numbers: Option<Vec<f64>> = parts.iter().map(|part| value(part)?.number()).collect();
            let (sum, stated) = (numbers?.iter().sum::<f64>(), value(total)?.number()?);
            let rule = format!("not the sum of {}, which is {sum}", parts.join(" + "));
            let differs = (sum - stated).abs() > *tolerance;
            differs.then(|| Some(Broken { column: position(total)?, value: stated.to_string(), rule }))?
        }
    });
    found.collect()
}

/// The gaps of a series as one warning.
pub(super) fn gaps(contract: &Contract, series: &Series, rows: &Rows) -> Option<Diagnostic> {
    let column = contract.columns.iter().position(|column| column.name == series.period)?;
    let mut periods: Vec<Date> = (0..rows.len())
        .filter_map(|row| if let Scalar::Date(date) = rows.value(row, column) { Some(date) } else { None })
        .collect();
    periods.sort_unstable();
    periods.dedup();
    let found: Vec<(Date, Date, i32)> =
        periods.windows(2).filter_map(|pair| gap(pair[0], pair[1], series.every)).collect();
    if found.is_empty() {
        return None;
    }
    let missing: i32 = found.iter().map(|(_, _, count)| count).sum();
    let (unit, verb) = (series.every.word(), if missing == 1 { "is" } else { "are" });
    let plural = if missing == 1 { "" } else { "s" };
    let words = format!("source `{}`: {missing} {unit}{plural} {verb} missing between others", contract.name);
    let mut shown: Vec<String> = found.iter().take(6).map(|gap| gap_words(gap, series.every)).collect();
    if found.len() > 6 {
        shown.push(format!("and {} more gaps", found.len() - 6));
    }
    Some(Diagnostic::warning("source-gap", words).note(format!("no rows for {}", shown.join("; "))).help(
        "add the missing files; a chart or a change across the gap compares periods that do not follow each other",
    ))
}

/// The first and last period missing between two that are there, and how many.
fn gap(before: Date, after: Date, every: Every) -> Option<(Date, Date, i32)> {
    let months = |date: Date| i32::from(date.year()) * 12 + i32::from(date.month());
    let missing = (months(after) - months(before)) / every.months() - 1;
    if missing < 1 {
        return None;
    }
    let moved = |date: Date, steps: i32| date.checked_add(jiff::Span::new().months(steps * every.months())).ok();
    Some((moved(before, 1)?, moved(after, -1)?, missing))
}

fn gap_words((first, last, _): &(Date, Date, i32), every: Every) -> String {
    let shown = |date: &Date| match every {
        Every::Month => date.strftime("%B %Y").to_string(),
        Every::Quarter => format!("the quarter from {}", date.strftime("%B %Y")),
        Every::Year => date.strftime("%Y").to_string(),
    };
    if first == last { shown(first) } else { format!("{} to {}", shown(first), shown(last)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_gap_is_named_by_its_first_and_last_period() {
        let found = gap(date(2025, 10, 1), date(2026, 2, 1), Every::Month).unwrap();
        assert_eq!(gap_words(&found, Every::Month), "November 2025 to January 2026");
        assert_eq!(gap(date(2025, 12, 1), date(2026, 1, 1), Every::Month), None);
        assert_eq!(gap(date(2025, 10, 1), date(2026, 1, 1), Every::Quarter), None);
        let found = gap(date(2025, 4, 1), date(2025, 10, 1), Every::Quarter).unwrap();
        assert_eq!(gap_words(&found, Every::Quarter), "the quarter from July 2025");
    }
}
