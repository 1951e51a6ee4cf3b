//! A field to a typed value, or the rule that it breaks.

use jiff::civil::Date;

use super::Field;
use crate::book::SourceColumn;
use crate::frame::{ColumnType, Scalar};

/// A value and the rule that it breaks.
type Broken = (String, String);

/// Reads a field by its column's contract.
pub(super) fn read(field: Option<&Field>, column: &SourceColumn, missing: &[String]) -> Result<Scalar, Broken> {
    let value = match field {
        None => Scalar::Missing,
        Some(Field::Value(value)) => convert(value, column, missing)?,
        Some(Field::Text(text)) => {
            let text = text.trim();
            if missing.iter().any(|word| word == text) {
                Scalar::Missing
            } else {
                parse(text, column).map_err(|rule| (text.to_string(), rule))?
            }
        }
    };
    broken_rule(&value, column).map_or(Ok(value.clone()), |rule| Err((value.to_string(), rule)))
}

fn convert(value: &Scalar, column: &SourceColumn, missing: &[String]) -> Result<Scalar, Broken> {
    match (value, column.kind) {
        (Scalar::Text(text), _) => read(Some(&Field::Text(text.clone())), column, missing),
        (Scalar::Number(number), _) if !number.is_finite() => Err((number.to_string(), "not a number".to_string())),
        (Scalar::Missing, _)
        | (Scalar::Integer(_), ColumnType::Integer)
        | (Scalar::Number(_), ColumnType::Number)
        | (Scalar::Date(_), ColumnType::Date)
        | (Scalar::Boolean(_), ColumnType::Boolean) => Ok(value.clone()),
        (Scalar::Integer(number), ColumnType::Number) => Ok(Scalar::Number(*number as f64)),
        (other, _) => parse(&other.to_string(), column).map_err(|rule| (other.to_string(), rule)),
    }
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
        ColumnType::Date => {
            date(text, &column.date_formats).map(Scalar::Date).ok_or_else(|| match &column.date_formats[..] {
                [] => "not a date such as 2026-06-21".to_string(),
                formats => format!("not a date written {}", formats.join(" or ")),
            })
        }
    }
}

/// A finite number. A comma is accepted only where it groups thousands.
fn number(text: &str) -> Option<f64> {
    let plain = if text.contains(',') { ungrouped(text)? } else { text.to_string() };
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

fn date(text: &str, formats: &[String]) -> Option<Date> {
    if formats.is_empty() {
        return text.parse::<Date>().ok();
    }
    formats.iter().find_map(|format| Date::strptime(format, text).ok())
}

fn broken_rule(value: &Scalar, column: &SourceColumn) -> Option<String> {
    if value.is_missing() {
        return column.required.then(|| "a value is required".to_string());
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

    #[test]
    fn dates_are_read_in_the_stated_form_only() {
        assert_eq!(date("21/06/2026", &["%d/%m/%Y".into()]), Some(jiff::civil::date(2026, 6, 21)));
        assert_eq!(date("21/06/2026", &[]), None);
    }
}
