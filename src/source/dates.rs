//! Dates in the forms in which statistics write them. A period is dated by its first day.
//!
//! A form with `%` is one of `strptime`; where it has no day, the day is the first. The named forms know the financial
//! year, which begins in April: its last quarter and its last three months fall in the next calendar year.

use std::sync::LazyLock;

use jiff::civil::{Date, date};
use jiff::fmt::strtime::BrokenDownTime;
use regex::Regex;

/// Reads a date in one of the forms, ISO 8601 where none is given. The error is the rule that the text breaks.
pub(super) fn read(text: &str, forms: &[String]) -> Result<Date, String> {
    if forms.is_empty() {
        return text.parse::<Date>().map_err(|_| match no_such_day(text, "%Y-%m-%d") {
            true => "no such day".to_string(),
            false => "not a date such as 2026-06-21".to_string(),
        });
    }
    if let Some(found) = forms.iter().find_map(|form| by_form(text, form)) {
        return Ok(found);
    }
    if forms.iter().any(|form| no_such_day(text, form)) {
        return Err("no such day".to_string());
    }
    Err(format!("not a date written {}", forms.join(" or ")))
}

fn by_form(text: &str, form: &str) -> Option<Date> {
    match form {
        "financial quarter" => financial_quarter(text),
        "financial quarter end" => {
            let (year, month) = (financial_year(text)?, last_month(text)?);
            (month % 3 == 0).then(|| first_of(calendar_year(year, month), month - 2)).flatten()
        }
        "financial month" => {
            let (year, month) = (financial_year(text)?, last_month(text)?);
            first_of(calendar_year(year, month), month)
        }
        "month range" => month_range(text),
        "excel serial" => serial(text.parse().ok()?, false),
        _ => strptime(text, form),
    }
}

fn strptime(text: &str, form: &str) -> Option<Date> {
    let exact = |text: &str| {
        if has_day(form) {
            Date::strptime(form, text).ok()
        } else {
            Date::strptime(format!("{form} %d"), format!("{text} 01")).ok()
        }
    };
    exact(text).or_else(|| exact(&without_ordinal(text)))
}

fn has_day(form: &str) -> bool {
    ["%d", "%e", "%j", "%-d", "%F", "%D", "%x"].iter().any(|directive| form.contains(directive))
}

/// "11th June 2026" as "11 June 2026".
fn without_ordinal(text: &str) -> String {
    static ORDINAL: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?i)\b(\d{1,2})(?:st|nd|rd|th)\b").ok());
    ORDINAL.as_ref().map_or_else(|| text.to_string(), |ordinal| ordinal.replace_all(text, "$1").into_owned())
}

/// Whether the text has the form of a date, and the calendar has no such day: 31 June.
fn no_such_day(text: &str, form: &str) -> bool {
    form.contains('%')
        && has_day(form)
        && [text.to_string(), without_ordinal(text)]
            .iter()
            .any(|text| BrokenDownTime::parse(form, text).is_ok_and(|parts| parts.to_date().is_err()))
}

/// The calendar year in which a financial year begins: "2025-26", "2025/26", "2025/2026".
fn financial_year(text: &str) -> Option<i16> {
    static YEAR: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"\b((?:19|20)\d\d)\s*[-/\u{2013}_]\s*(?:20)?(\d\d)\b").ok());
    let found = YEAR.as_ref()?.captures(text)?;
    let (begins, ends) = (found[1].parse::<i16>().ok()?, found[2].parse::<i16>().ok()?);
    ((begins + 1) % 100 == ends).then_some(begins)
}

fn financial_quarter(text: &str) -> Option<Date> {
    static QUARTER: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(?i)\bq(?:uarter)?\s*([1-4])(?:\D|$)").ok());
    let quarter: i8 = QUARTER.as_ref()?.captures(text)?[1].parse().ok()?;
    let month = if quarter == 4 { 1 } else { quarter * 3 + 1 };
    first_of(calendar_year(financial_year(text)?, month), month)
}

/// The calendar year of a month of a financial year.
fn calendar_year(begins: i16, month: i8) -> i16 {
    if month < 4 { begins + 1 } else { begins }
}

fn first_of(year: i16, month: i8) -> Option<Date> {
    Date::new(year, month, 1).ok()
}

/// Months named in a text, each with the year behind it.
fn months(text: &str) -> Vec<(i8, Option<i16>)> {
    static MONTH: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let names = "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?";
        Regex::new(&format!(r"(?i)\b({names})\b\.?(?:\s+((?:19|20)\d\d)\b)?")).ok()
    });
    const STEMS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let found = MONTH.as_ref().into_iter().flat_map(|month| month.captures_iter(text));
    let read = found.filter_map(|found| {
        let stem = found[1].get(..3)?.to_lowercase();
        let month = STEMS.iter().position(|known| *known == stem)? as i8 + 1;
        Some((month, found.get(2).and_then(|year| year.as_str().parse().ok())))
    });
    read.collect()
}

fn last_month(text: &str) -> Option<i8> {
    months(text).last().map(|(month, _)| *month)
}

/// The first month of "April to June 2025".
fn month_range(text: &str) -> Option<Date> {
    let found = months(text);
    let ((first, year), (last, last_year)) = (*found.first()?, *found.last()?);
    let year = match year {
        Some(year) => year,
        None if first > last => last_year? - 1,
        None => last_year?,
    };
    first_of(year, first)
}

/// The first part of a text that looks like a day with its month in words: "11th June 2026 (tables 1 to 3)".
pub(super) fn day_in_words(text: &str) -> Option<&str> {
    static DAY: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(?i)\b\d{1,2}(?:st|nd|rd|th)?\s+[a-z]{3,9}\s+(?:19|20)\d\d\b").ok());
    DAY.as_ref()?.find(text).map(|found| found.as_str())
}

/// The day of a spreadsheet's serial number. Spreadsheets count a 29 February 1900 that never was.
pub(super) fn serial(number: f64, from_1904: bool) -> Option<Date> {
    let days = number.floor();
    if !(1.0..2_958_466.0).contains(&days) {
        return None;
    }
    let epoch = match (from_1904, days < 60.0) {
        (true, _) => date(1904, 1, 1),
        (false, true) => date(1899, 12, 31),
        (false, false) => date(1899, 12, 30),
    };
    epoch.checked_add(jiff::Span::new().try_days(days as i64).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str, form: &str) -> Option<String> {
        read(text, &[form.to_string()]).ok().map(|date| date.to_string())
    }

    #[test]
    fn a_month_is_dated_by_its_first_day() {
        for (text, form) in [
            ("Water-MARCH-2026", "Water-%B-%Y"),
            ("March 2026", "%B %Y"),
            ("march 26", "%B %y"),
            ("Mar-26", "%b-%y"),
            ("1st March 2026", "%d %B %Y"),
            ("46082", "excel serial"),
            ("2025-26 March", "financial month"),
        ] {
            assert_eq!(one(text, form).as_deref(), Some("2026-03-01"), "{text}");
        }
    }

    #[test]
    fn the_last_quarter_of_a_financial_year_falls_in_the_next_calendar_year() {
        let quarter = |text: &str| one(text, "financial quarter");
        assert_eq!(quarter("Quarter 1, 2025-26 (April to June 2025)").as_deref(), Some("2025-04-01"));
        assert_eq!(quarter("2025/26 Q4").as_deref(), Some("2026-01-01"));
        assert_eq!(one("2025-26 March", "financial quarter end").as_deref(), Some("2026-01-01"));
        assert_eq!(one("2025-26 June", "financial quarter end").as_deref(), Some("2025-04-01"));
        assert_eq!(one("2025-26 May", "financial quarter end"), None, "no quarter ends in May");
        assert_eq!(quarter("2025-27 Q1"), None, "not a financial year");
        assert_eq!(quarter("2025-26 Q5"), None);
    }

    #[test]
    fn a_range_of_months_may_cross_the_year() {
        assert_eq!(one("April to June 2025", "month range").as_deref(), Some("2025-04-01"));
        assert_eq!(one("December to February 2026", "month range").as_deref(), Some("2025-12-01"));
        assert_eq!(one("December 2024 to February 2025", "month range").as_deref(), Some("2024-12-01"));
        assert_eq!(one("Spring 2025", "month range"), None);
    }

    #[test]
    fn a_day_that_the_calendar_does_not_have_is_named_as_such() {
        for (text, form) in [("31/06/2026", "%d/%m/%Y"), ("31st June 2026", "%d %B %Y"), ("29-Feb-2025", "%d-%b-%Y")] {
            assert_eq!(read(text, &[form.to_string()]), Err("no such day".to_string()), "{text}");
        }
        assert_eq!(read("2026-06-31", &[]), Err("no such day".to_string()));
        assert_eq!(read("soon", &["%Y".to_string()]), Err("not a date written %Y".to_string()));
    }

    #[test]
    fn a_day_is_found_among_other_words() {
        assert_eq!(day_in_words("Thursday 11th June 2026 (tables 1 to 3)"), Some("11th June 2026"));
        assert_eq!(day_in_words("in the summer of 2026"), None);
    }

    #[test]
    fn serials_before_march_1900_are_a_day_off_by_tradition() {
        assert_eq!(serial(1.0, false), Some(date(1900, 1, 1)));
        assert_eq!(serial(61.0, false), Some(date(1900, 3, 1)));
        assert_eq!(serial(46082.75, false), Some(date(2026, 3, 1)));
        assert_eq!(serial(f64::NAN, false), None);
        assert_eq!(serial(1e18, false), None);
    }
}
