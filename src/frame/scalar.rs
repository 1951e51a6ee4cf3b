//! One value, of one of the few types that published statistics need.

use std::cmp::Ordering;
use std::fmt;

use jiff::civil::Date;
use serde::{Serialize, Serializer};

/// A single value. `Missing` is "not published" or "not applicable": never zero.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    /// No value.
    Missing,
    /// A value that is withheld so that it gives nobody away, with what is shown in its place, such as `[c]`. The value
    /// itself is nowhere in memory.
    Suppressed(String),
    /// True or false.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// Words.
    Text(String),
    /// A calendar day.
    Date(Date),
}

impl Scalar {
    /// Whether there is no value.
    pub fn is_missing(&self) -> bool {
        matches!(self, Scalar::Missing)
    }

    /// Whether the value is withheld.
    pub fn is_suppressed(&self) -> bool {
        matches!(self, Scalar::Suppressed(_))
    }

    /// The value as a number, where it is one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Scalar::Integer(value) => Some(*value as f64),
            Scalar::Number(value) => Some(*value),
            _ => None,
        }
    }

    /// The name of the type, for messages.
    pub fn type_name(&self) -> &'static str {
        match self {
            Scalar::Missing => "missing",
            Scalar::Suppressed(_) => "suppressed",
            Scalar::Boolean(_) => "boolean",
            Scalar::Integer(_) => "integer",
            Scalar::Number(_) => "number",
            Scalar::Text(_) => "text",
            Scalar::Date(_) => "date",
        }
    }

    /// The value with its type as one text, from which [`Scalar::from_tagged`] gives it back exactly.
    pub fn tagged(&self) -> String {
        format!("{}:{self}", self.type_name())
    }

    /// The value that a tagged text stands for.
    pub fn from_tagged(text: &str) -> Option<Scalar> {
        let (kind, value) = text.split_once(':')?;
        Some(match kind {
            "missing" => Scalar::Missing,
            "suppressed" => Scalar::Suppressed(value.to_string()),
            "boolean" => Scalar::Boolean(value.parse().ok()?),
            "integer" => Scalar::Integer(value.parse().ok()?),
            "number" => Scalar::Number(value.parse().ok()?),
            "text" => Scalar::Text(value.to_string()),
            "date" => Scalar::Date(value.parse().ok()?),
            _ => return None,
        })
    }

    /// Whether two values are the same thing to a reader: `3` equals `3.0`.
    pub fn same(&self, other: &Scalar) -> bool {
        match (self.number(), other.number()) {
            (Some(a), Some(b)) => a == b,
            _ => self == other,
        }
    }

    /// A total order: missing first, then withheld, then by type, then by value.
    pub fn order(&self, other: &Scalar) -> Ordering {
        let class = |value: &Scalar| match value {
            Scalar::Missing => 0,
            Scalar::Suppressed(_) => 1,
            Scalar::Boolean(_) => 2,
            Scalar::Integer(_) | Scalar::Number(_) => 3,
            Scalar::Date(_) => 4,
            Scalar::Text(_) => 5,
        };
        match (self, other) {
            (Scalar::Boolean(a), Scalar::Boolean(b)) => a.cmp(b),
            (Scalar::Text(a), Scalar::Text(b)) | (Scalar::Suppressed(a), Scalar::Suppressed(b)) => a.cmp(b),
            (Scalar::Date(a), Scalar::Date(b)) => a.cmp(b),
            (Scalar::Integer(a), Scalar::Integer(b)) => a.cmp(b),
            _ => match (self.number(), other.number()) {
                (Some(a), Some(b)) => a.total_cmp(&b),
                _ => class(self).cmp(&class(other)),
            },
        }
    }
}

impl fmt::Display for Scalar {
    /// Plain text for messages, file names and CSV; a missing value is empty, a withheld one what is shown for it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scalar::Missing => Ok(()),
            Scalar::Boolean(value) => value.fmt(f),
            Scalar::Integer(value) => value.fmt(f),
            Scalar::Number(value) => value.fmt(f),
            Scalar::Text(value) | Scalar::Suppressed(value) => value.fmt(f),
            Scalar::Date(value) => value.fmt(f),
        }
    }
}

impl Serialize for Scalar {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Scalar::Missing => serializer.serialize_none(),
            Scalar::Boolean(value) => serializer.serialize_bool(*value),
            Scalar::Integer(value) => serializer.serialize_i64(*value),
            Scalar::Number(value) => serializer.serialize_f64(*value),
            Scalar::Text(value) | Scalar::Suppressed(value) => serializer.serialize_str(value),
            Scalar::Date(value) => serializer.collect_str(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_number_equals_the_same_number_with_decimals() {
        assert!(Scalar::Integer(3).same(&Scalar::Number(3.0)));
        assert!(!Scalar::Integer(3).same(&Scalar::Text("3".into())));
        assert!(!Scalar::Missing.same(&Scalar::Integer(0)));
    }

    #[test]
    fn a_tagged_value_comes_back_as_it_was() {
        let day = Scalar::Date(jiff::civil::date(2026, 6, 21));
        let withheld = Scalar::Suppressed("[c]".into());
        let others = [Scalar::Number(0.1 + 0.2), Scalar::Integer(-3), Scalar::Text("a:b".into()), day, withheld];
        for value in others.into_iter().chain([Scalar::Missing]) {
            assert_eq!(Scalar::from_tagged(&value.tagged()), Some(value));
        }
        assert_eq!(Scalar::from_tagged("integer:x"), None);
    }

    #[test]
    fn the_order_is_total_even_with_values_that_are_not_numbers() {
        let nan = Scalar::Number(f64::NAN);
        assert_eq!(nan.order(&nan), Ordering::Equal);
        assert_eq!(Scalar::Missing.order(&Scalar::Integer(i64::MIN)), Ordering::Less);
    }
}
