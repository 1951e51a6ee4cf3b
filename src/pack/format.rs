//! How a value is printed: by its unit and decimals, the way British statistics print numbers.

use jiff::civil::Date;

use crate::frame::Scalar;

/// Shorthand for "not available", as the Government Analysis Function writes it in tables.
pub(super) const NOT_AVAILABLE: &str = "[x]";

/// A minus sign, which is as wide as a plus sign and is read aloud as "minus".
const MINUS: char = '\u{2212}';

/// How to print one value. The default prints by unit and decimals alone.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Style {
    pub decimals: Option<usize>,
    pub signed: bool,
    pub ordinal: bool,
    pub plain: bool,
    pub percent: bool,
    pub missing: Option<String>,
    /// Whether what stands in place of a withheld value may be printed.
    pub shown: bool,
}

/// A value in words.
pub(super) fn words(value: &Scalar, unit: Option<&str>, decimals: Option<usize>, style: &Style) -> String {
    let unit = if style.plain { None } else { unit };
    let decimals = style.decimals.or(decimals);
    match value {
        Scalar::Missing => style.missing.clone().unwrap_or_else(|| NOT_AVAILABLE.to_string()),
        Scalar::Boolean(true) => "yes".to_string(),
        Scalar::Boolean(false) => "no".to_string(),
        Scalar::Text(text) | Scalar::Suppressed(text) => text.clone(),
        Scalar::Date(date) => date_words(*date),
        Scalar::Integer(number) if style.ordinal => ordinal(*number),
        Scalar::Number(number) if style.ordinal && number.fract() == 0.0 => ordinal(*number as i64),
        Scalar::Integer(number) => measure(&number.to_string(), unit, decimals, style),
        Scalar::Number(number) if number.is_finite() => measure(&number.to_string(), unit, decimals, style),
        Scalar::Number(_) => NOT_AVAILABLE.to_string(),
    }
}

/// A value in words, by its unit and decimals alone.
pub(crate) fn plain_words(value: &Scalar, unit: Option<&str>, decimals: Option<usize>) -> String {
    words(value, unit, decimals, &Style::default())
}

/// A day in words: 21 June 2026.
pub fn date_words(date: Date) -> String {
    date.strftime("%-d %B %Y").to_string()
}

fn measure(number: &str, unit: Option<&str>, decimals: Option<usize>, style: &Style) -> String {
    let share = unit == Some("fraction");
    let shift = if share { 2 } else { 0 };
    let default = if share { Some(1) } else { None };
    let rounded = round(number, shift, decimals.or(default));
    let (negative, digits) = match rounded.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, rounded.as_str()),
    };
    let zero = digits.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    let sign = match (negative && !zero, style.signed && !zero) {
        (true, _) => MINUS.to_string(),
        (false, true) => "+".to_string(),
        (false, false) => String::new(),
    };
    let before = if unit == Some("£") { "£" } else { "" };
    let after = if share || style.percent || unit == Some("%") { "%" } else { "" };
    format!("{sign}{before}{}{after}", grouped(digits))
}

/// Rounds a decimal number written in full, half away from nought, after moving its point `shift`
/// places to the right. Works on the digits, because 2.675 as a binary number is less than 2.675.
fn round(number: &str, shift: usize, decimals: Option<usize>) -> String {
    let (negative, number) = match number.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, number),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let mut fraction = fraction.to_string();
    while fraction.len() < shift {
        fraction.push('0');
    }
    let (moved, fraction) = fraction.split_at(shift);
    let whole = format!("{whole}{moved}");
    let whole = whole.trim_start_matches('0');
    let places = decimals.unwrap_or_else(|| fraction.trim_end_matches('0').len().min(2));
    let mut digits: Vec<u8> =
        whole.bytes().chain(fraction.bytes().chain(std::iter::repeat(b'0')).take(places)).collect();
    if fraction.as_bytes().get(places).is_some_and(|digit| *digit >= b'5') {
        increment(&mut digits);
    }
    let split = digits.len() - places;
    let text = |part: &[u8]| part.iter().map(|byte| char::from(*byte)).collect::<String>();
    let whole = if split == 0 { "0".to_string() } else { text(&digits[..split]) };
    let point = if places == 0 { String::new() } else { format!(".{}", text(&digits[split..])) };
    format!("{}{whole}{point}", if negative { "-" } else { "" })
}

fn increment(digits: &mut Vec<u8>) {
    for digit in digits.iter_mut().rev() {
        if *digit < b'9' {
            *digit += 1;
            return;
        }
        *digit = b'0';
    }
    digits.insert(0, b'1');
}

/// Thousands with commas.
fn grouped(digits: &str) -> String {
    let (whole, rest) = digits.find('.').map_or((digits, ""), |at| digits.split_at(at));
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + rest
}

fn ordinal(number: i64) -> String {
    let ending = match (number.unsigned_abs() % 100, number.unsigned_abs() % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    let sign = if number < 0 { MINUS.to_string() } else { String::new() };
    format!("{sign}{}{ending}", grouped(&number.unsigned_abs().to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(value: f64, unit: Option<&str>, decimals: Option<usize>) -> String {
        words(&Scalar::Number(value), unit, decimals, &Style::default())
    }

    #[test]
    fn numbers_are_printed_by_unit() {
        assert_eq!(shown(0.1127785492106085, Some("fraction"), None), "11.3%");
        assert_eq!(shown(-0.0365692340860149, Some("fraction"), Some(1)), "\u{2212}3.7%");
        assert_eq!(shown(9.03, Some("%"), None), "9.03%");
        assert_eq!(shown(1234567.0, Some("count"), Some(0)), "1,234,567");
        assert_eq!(shown(-1500.0, Some("£"), None), "\u{2212}£1,500");
        assert_eq!(shown(1.5, Some("score"), Some(2)), "1.50");
    }

    #[test]
    fn halves_round_away_from_nought_as_people_expect() {
        assert_eq!(shown(2.675, None, Some(2)), "2.68");
        assert_eq!(shown(-0.005, None, Some(2)), "\u{2212}0.01");
        assert_eq!(shown(9.999, None, Some(2)), "10.00");
        assert_eq!(shown(0.0004, Some("fraction"), Some(1)), "0.0%");
        assert_eq!(shown(-0.0004, Some("fraction"), Some(1)), "0.0%");
    }

    #[test]
    fn signs_ordinals_and_missing_values() {
        let signed = Style { signed: true, ..Style::default() };
        assert_eq!(words(&Scalar::Number(0.2), None, Some(2), &signed), "+0.20");
        assert_eq!(words(&Scalar::Number(0.0), None, Some(2), &signed), "0.00");
        let ordinal = Style { ordinal: true, ..Style::default() };
        let shown: Vec<String> =
            [1, 2, 3, 4, 11, 112, 121].iter().map(|n| words(&Scalar::Integer(*n), None, None, &ordinal)).collect();
        assert_eq!(shown, ["1st", "2nd", "3rd", "4th", "11th", "112th", "121st"]);
        assert_eq!(words(&Scalar::Integer(-123_456), None, None, &ordinal), "\u{2212}123,456th");
        assert_eq!(words(&Scalar::Missing, Some("%"), None, &Style::default()), "[x]");
    }

    #[test]
    fn dates_are_in_full() {
        assert_eq!(date_words(jiff::civil::date(2026, 6, 1)), "1 June 2026");
    }
}
