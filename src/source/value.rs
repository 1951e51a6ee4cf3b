//! A field to a typed value, or the rule that it breaks.

use std::borrow::Cow;

use super::dates;
use super::record::Field;
use crate::book::{CONFIDENTIAL, SourceColumn};
use crate::frame::{ColumnType, Scalar};

/// A value and the rule that it breaks.
type Broken = (String, String);

/// Reads a field by its column's contract.
pub(super) fn read(field: Option<&Field<'_>>, column: &SourceColumn, missing: &[String]) -> Result<Scalar, Broken> {
    let value = match field {
        None => Scalar::Missing,
        Some(Field::Value(value)) => convert(value, column, missing)?,
        Some(Field::Text(text)) => read_text(text, column, missing)?,
    };
    broken_rule(&value, column).map_or_else(|| Ok(value.clone()), |rule| Err((value.to_string(), rule)))
}

/// Whether a text stands for "no value".
pub(super) fn is_missing(text: &str, column: &SourceColumn, missing: &[String]) -> bool {
    column.missing.as_deref().unwrap_or(missing).iter().any(|word| is_same(word, text))
}

/// Whether a text is the publisher's mark of a value that is withheld.
fn is_suppressed(text: &str, column: &SourceColumn) -> bool {
    column.suppressed.iter().any(|mark| is_same(mark, text))
}

/// Whether two short texts are the same. Nearly no two begin alike, and then they are not compared further.
fn is_same(one: &str, other: &str) -> bool {
    one.as_bytes().first() == other.as_bytes().first() && one == other
}

fn read_text(text: &str, column: &SourceColumn, missing: &[String]) -> Result<Scalar, Broken> {
    let text = text.trim();
    if is_suppressed(text, column) {
        return Ok(Scalar::Suppressed(CONFIDENTIAL.to_string()));
    }
    if is_missing(text, column, missing) {
        return Ok(Scalar::Missing);
    }
    let part = captured(text, column).map_err(|rule| (text.to_string(), rule))?;
    parse(part, column).map_err(|rule| (text.to_string(), rule))
}

/// The part of a text that the column wants.
fn captured<'t>(text: &'t str, column: &SourceColumn) -> Result<&'t str, String> {
    let Some(pattern) = &column.capture else { return Ok(text) };
    let found = pattern.captures(text).and_then(|found| found.get(1));
    found.map(|part| part.as_str().trim()).ok_or_else(|| format!("does not match {pattern}"))
}

fn convert(value: &Scalar, column: &SourceColumn, missing: &[String]) -> Result<Scalar, Broken> {
    match (value, column.kind) {
        (Scalar::Text(text), _) => read_text(text, column, missing),
        (Scalar::Number(number), _) if !number.is_finite() => Err((number.to_string(), "not a number".to_string())),
        (Scalar::Missing, _)
        | (Scalar::Integer(_), ColumnType::Integer)
        | (Scalar::Number(_), ColumnType::Number)
        | (Scalar::Date(_), ColumnType::Date)
        | (Scalar::Boolean(_), ColumnType::Boolean) => Ok(value.clone()),
        (Scalar::Integer(number), ColumnType::Number) => Ok(Scalar::Number(*number as f64)),
        (Scalar::Number(number), ColumnType::Integer) => whole_number(*number)
            .map(Scalar::Integer)
            .ok_or_else(|| (number.to_string(), "not a whole number".to_string())),
        (other, _) => read_text(&other.to_string(), column, missing),
    }
}

/// The sum of fields. One that is missing counts nothing; where all are, so is the sum.
pub(super) fn sum<'r>(
    fields: impl Iterator<Item = (usize, &'r Field<'r>)>,
    column: &SourceColumn,
    missing: &[String],
) -> Result<Scalar, (usize, String, String)> {
    let mut total = None;
    for (at, field) in fields {
        // A sum without the part that is withheld would be another number.
        if matches!(field, Field::Text(text) if is_suppressed(text.trim(), column))
            || matches!(field, Field::Value(Scalar::Text(text)) if is_suppressed(text.trim(), column))
        {
            return Ok(Scalar::Suppressed(CONFIDENTIAL.to_string()));
        }
        let number = match field {
            Field::Text(text) => {
                let text = text.trim();
                if is_missing(text, column, missing) {
                    continue;
                }
                number(text).ok_or_else(|| (at, text.to_string(), "not a number".to_string()))?
            }
            Field::Value(Scalar::Missing) => continue,
            Field::Value(Scalar::Text(text)) if is_missing(text.trim(), column, missing) => continue,
            Field::Value(value) => value.number().ok_or_else(|| (at, value.to_string(), "not a number".to_string()))?,
        };
        if column.min.is_some_and(|min| number < min) {
            return Err((at, number.to_string(), format!("less than {}", column.min.unwrap_or(0.0))));
        }
        *total.get_or_insert(0.0) += number;
    }
    let Some(total) = total else { return checked(Scalar::Missing, column) };
    match column.kind {
        ColumnType::Integer => match whole_number(total) {
            Some(whole) => checked(Scalar::Integer(whole), column),
            None => Err((usize::MAX, total.to_string(), "not a whole number".to_string())),
        },
        _ => checked(Scalar::Number(total), column),
    }
}

fn checked(value: Scalar, column: &SourceColumn) -> Result<Scalar, (usize, String, String)> {
    match broken_rule(&value, column) {
        None => Ok(value),
        Some(rule) => Err((usize::MAX, value.to_string(), rule)),
    }
}

/// Several texts as one, with spaces between them; missing where one of them is.
pub(super) fn join<'r>(fields: impl Iterator<Item = Option<&'r Field<'r>>>) -> Field<'static> {
    let texts: Option<Vec<String>> = fields
        .map(|field| match field? {
            Field::Text(text) => Some(text.trim().to_string()),
            Field::Value(value) => Some(value.to_string().trim().to_string()),
        })
        .map(|text| text.filter(|text| !text.is_empty()))
        .collect();
    texts.map_or(Field::Value(Scalar::Missing), |texts| Field::Text(Cow::Owned(texts.join(" "))))
}

fn parse(text: &str, column: &SourceColumn) -> Result<Scalar, String> {
    match column.kind {
        ColumnType::Text => Ok(Scalar::Text(text.to_string())),
        ColumnType::Number => number(text).map(Scalar::Number).ok_or_else(|| "not a number".to_string()),
        ColumnType::Integer => whole(text).map(Scalar::Integer).ok_or_else(|| "not a whole number".to_string()),
        ColumnType::Boolean => match text.to_lowercase().as_str() {
            "true" | "yes" | "y" | "1" | "1.0" => Ok(Scalar::Boolean(true)),
            "false" | "no" | "n" | "0" | "0.0" => Ok(Scalar::Boolean(false)),
            _ => Err("not yes or no".to_string()),
        },
        ColumnType::Date => dates::read(text, &column.date_formats).map(Scalar::Date),
    }
}

/// A finite number. A comma is accepted only where it groups thousands.
fn number(text: &str) -> Option<f64> {
    if (1..=15).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse::<u64>().ok().map(|value| value as f64); // Nearly every number of a statistic is a count.
    }
    let plain = if text.contains(',') { Cow::Owned(ungrouped(text)?) } else { Cow::Borrowed(text) };
    if !plain.bytes().any(|byte| byte.is_ascii_digit())
        || plain.bytes().any(|byte| byte.is_ascii_alphabetic() && !matches!(byte, b'e' | b'E'))
    {
        return None;
    }
    plain.parse::<f64>().ok().filter(|value| value.is_finite()).map(|value| value + 0.0)
}

fn ungrouped(text: &str) -> Option<String> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let mut groups = whole.trim_start_matches(['-', '+']).split(',');
    let digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    let first = groups.next()?;
    let grouped =
        (1..=3).contains(&first.len()) && digits(first) && groups.all(|group| group.len() == 3 && digits(group));
    (grouped && digits(rest)).then(|| text.replace(',', ""))
}

/// A whole number, also where it is written with decimals that are nought, such as `33.0`.
fn whole(text: &str) -> Option<i64> {
    if let Ok(value) = text.parse::<i64>() {
        return Some(value);
    }
    let value = number(text)?;
    (value.fract() == 0.0 && value.abs() < 9.0e15).then_some(value as i64)
}

/// A number that is whole but for the rounding of the spreadsheet that wrote it, such as `911233.0000000001`.
fn whole_number(value: f64) -> Option<i64> {
    let whole = value.round();
    let near = (value - whole).abs() <= 1e-12 * whole.abs().max(1.0);
    (near && whole.abs() < 9.0e15).then_some(whole as i64)
}

fn broken_rule(value: &Scalar, column: &SourceColumn) -> Option<String> {
    if value.is_missing() {
        return column.required.then(|| "a value is required".to_string());
    }
    if value.is_suppressed() {
        return None;
    }
    if !column.accepted.is_empty() && !column.accepted.iter().any(|accepted| accepted.same(value)) {
        let words: Vec<String> = column.accepted.iter().take(12).map(Scalar::to_string).collect();
        return Some(format!("not one of: {}", words.join(", ")));
    }
    if let (Some(pattern), Scalar::Text(text)) = (&column.pattern, value)
        && !pattern.is_match(text)
    {
        let shown = pattern.as_str().trim_start_matches("^(?:").trim_end_matches(")$");
        return Some(format!("does not match {shown}"));
    }
    let number = value.number()?;
    match (column.min, column.max) {
        (Some(min), _) if number < min => Some(format!("less than {min}")),
        (_, Some(max)) if number > max => Some(format!("more than {max}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rank_written_with_decimals_is_a_whole_number() {
        assert_eq!(whole("33.0"), Some(33));
        assert_eq!(whole("33.5"), None);
        assert_eq!(whole("1e300"), None);
    }

    #[test]
    fn a_whole_number_may_carry_the_rounding_of_a_spreadsheet() {
        assert_eq!(whole_number(911233.0000000001), Some(911_233));
        assert_eq!(whole_number(2457397.9999999995), Some(2_457_398));
        assert_eq!(whole_number(0.5), None);
        assert_eq!(whole_number(f64::NAN), None);
    }

    #[test]
    fn words_that_rust_reads_as_numbers_are_not_numbers() {
        for text in ["inf", "NaN", "infinity", "1e999", "", "e", "0x10", "12%"] {
            assert_eq!(number(text), None, "{text}");
        }
        assert_eq!(number("1,234.5"), Some(1234.5));
        for text in ["1,23", "1,234.5,6", "1,e12", "1,234.", "+"] {
            assert_eq!(number(text).filter(|_| text != "1,234."), None, "{text}");
        }
        assert!(number("-0.0").is_some_and(|value| value.is_sign_positive()));
        assert_eq!(number("-0.5"), Some(-0.5));
    }
}
