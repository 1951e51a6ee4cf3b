//! The one error type of the library, and the checks that raise it.
//!
//! An error always names the argument as the caller knows it and says what was wrong with it, so that a layer
//! above can pass the words on unchanged.

use std::fmt;

/// What was wrong, and with which argument.
#[derive(Debug, Clone, PartialEq)]
pub struct StatsError {
    /// The argument, named as in the function's signature.
    pub argument: &'static str,
    /// What was wrong with it.
    pub problem: Problem,
}

/// The ways an argument can be wrong. Items are counted from 0 here and from 1 in messages.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Problem {
    /// No items at all.
    Empty,
    /// Fewer items than the method needs.
    TooFew {
        /// The least number that would do.
        needed: usize,
        /// The number given.
        got: usize,
    },
    /// More items than the method accepts.
    TooMany {
        /// The greatest number that would do.
        limit: usize,
        /// The number given.
        got: usize,
    },
    /// Two slices that describe the same units differ in length.
    WrongLength {
        /// The length expected.
        expected: usize,
        /// The length given.
        got: usize,
    },
    /// A number outside what the method accepts (a NaN or an infinity included).
    Value {
        /// Position in the slice, or none for a single number.
        index: Option<usize>,
        /// The number given.
        value: f64,
        /// What it must be, to follow the words "must be".
        requirement: &'static str,
    },
    /// A covariance matrix that is not symmetric.
    NotSymmetric,
    /// A covariance matrix with a negative variance in some direction.
    NotPositiveSemidefinite,
    /// The quantity is not defined for these data; the text says why.
    Undefined(&'static str),
    /// A name that is not one of those known.
    Unknown {
        /// The name given.
        name: String,
        /// The names that would do.
        expected: &'static str,
    },
}

/// The result of every fallible function of the library.
pub type Result<T> = std::result::Result<T, StatsError>;

impl StatsError {
    /// An error about the named argument.
    pub fn new(argument: &'static str, problem: Problem) -> Self {
        Self { argument, problem }
    }

    pub(super) fn value(argument: &'static str, value: f64, requirement: &'static str) -> Self {
        Self::new(argument, Problem::Value { index: None, value, requirement })
    }

    pub(super) fn undefined(argument: &'static str, why: &'static str) -> Self {
        Self::new(argument, Problem::Undefined(why))
    }

    pub(super) fn unknown(argument: &'static str, name: &str, expected: &'static str) -> Self {
        Self::new(argument, Problem::Unknown { name: name.to_owned(), expected })
    }
}

impl fmt::Display for StatsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.argument;
        match &self.problem {
            Problem::Empty => write!(f, "`{name}` is empty"),
            Problem::TooFew { needed, got } => {
                write!(f, "`{name}` needs at least {needed} items, but has {got}")
            }
            Problem::TooMany { limit, got } => {
                write!(f, "`{name}` may have at most {limit} items, but has {got}")
            }
            Problem::WrongLength { expected, got } => {
                write!(f, "`{name}` must have {expected} items, as the others have, but has {got}")
            }
            Problem::Value { index: None, value, requirement } => {
                write!(f, "`{name}` must be {requirement}, but is {value}")
            }
            Problem::Value { index: Some(at), value, requirement } => {
                write!(f, "`{name}` must be {requirement}, but item {} is {value}", at + 1)
            }
            Problem::NotSymmetric => write!(f, "`{name}` must be symmetric"),
            Problem::NotPositiveSemidefinite => {
                write!(f, "`{name}` must be a covariance matrix, but has a direction of negative variance")
            }
            Problem::Undefined(why) => write!(f, "`{name}`: {why}"),
            Problem::Unknown { name: given, expected } => {
                write!(f, "`{name}` must be one of {expected}, but is '{given}'")
            }
        }
    }
}

impl std::error::Error for StatsError {}

/// A confidence or coverage level: strictly between 0 and 1.
pub(super) fn level(level: f64) -> Result<()> {
    if level > 0.0 && level < 1.0 {
        return Ok(());
    }
    Err(StatsError::value("level", level, "strictly between 0 and 1"))
}

/// A finite number.
pub(super) fn finite(argument: &'static str, value: f64) -> Result<()> {
    require(argument, value, value.is_finite(), "a finite number")
}

/// A finite number of at least 0.
pub(super) fn non_negative(argument: &'static str, value: f64) -> Result<()> {
    require(argument, value, value.is_finite() && value >= 0.0, "a finite number of at least 0")
}

/// A finite number above 0.
pub(super) fn positive(argument: &'static str, value: f64) -> Result<()> {
    require(argument, value, value.is_finite() && value > 0.0, "a finite number greater than 0")
}

/// A single number that must satisfy `holds`.
pub(super) fn require(argument: &'static str, value: f64, holds: bool, requirement: &'static str) -> Result<()> {
    if holds { Ok(()) } else { Err(StatsError::value(argument, value, requirement)) }
}

/// At least one item, all finite.
pub(super) fn all_finite(argument: &'static str, values: &[f64]) -> Result<()> {
    all(argument, values, f64::is_finite, "a finite number")
}

/// At least one item, all finite and at least 0.
pub(super) fn all_non_negative(argument: &'static str, values: &[f64]) -> Result<()> {
    all(argument, values, |v| v.is_finite() && v >= 0.0, "a finite number of at least 0")
}

/// At least one item, all finite and above 0.
pub(super) fn all_positive(argument: &'static str, values: &[f64]) -> Result<()> {
    all(argument, values, |v| v.is_finite() && v > 0.0, "a finite number greater than 0")
}

/// At least one item, every one satisfying `holds`.
pub(super) fn all(
    argument: &'static str,
    values: &[f64],
    holds: impl Fn(f64) -> bool,
    requirement: &'static str,
) -> Result<()> {
    if values.is_empty() {
        return Err(StatsError::new(argument, Problem::Empty));
    }
    match values.iter().position(|&v| !holds(v)) {
        None => Ok(()),
        Some(at) => {
            let problem = Problem::Value { index: Some(at), value: values[at], requirement };
            Err(StatsError::new(argument, problem))
        }
    }
}

/// A slice of the length expected.
pub(super) fn length(argument: &'static str, got: usize, expected: usize) -> Result<()> {
    if got == expected {
        return Ok(());
    }
    Err(StatsError::new(argument, Problem::WrongLength { expected, got }))
}

/// A slice of at least `needed` items.
pub(super) fn at_least(argument: &'static str, got: usize, needed: usize) -> Result<()> {
    match got {
        0 if needed > 0 => Err(StatsError::new(argument, Problem::Empty)),
        _ if got < needed => Err(StatsError::new(argument, Problem::TooFew { needed, got })),
        _ => Ok(()),
    }
}

/// A slice of at most `limit` items.
pub(super) fn at_most(argument: &'static str, got: usize, limit: usize) -> Result<()> {
    if got <= limit {
        return Ok(());
    }
    Err(StatsError::new(argument, Problem::TooMany { limit, got }))
}

/// Estimates and their standard errors: non-empty, equally long, finite, errors above 0.
pub(super) fn estimates_and_errors(estimates: &[f64], standard_errors: &[f64]) -> Result<()> {
    all_finite("estimates", estimates)?;
    length("standard_errors", standard_errors.len(), estimates.len())?;
    all_positive("standard_errors", standard_errors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_the_argument_and_count_from_one() {
        let error = all_positive("standard_errors", &[1.0, 0.0]).unwrap_err();
        assert_eq!(error.to_string(), "`standard_errors` must be a finite number greater than 0, but item 2 is 0");
        let error = level(1.5).unwrap_err();
        assert_eq!(error.to_string(), "`level` must be strictly between 0 and 1, but is 1.5");
        assert_eq!(all_finite("estimates", &[]).unwrap_err().to_string(), "`estimates` is empty");
        let error = estimates_and_errors(&[1.0], &[1.0, 2.0]).unwrap_err();
        assert_eq!(error.to_string(), "`standard_errors` must have 1 items, as the others have, but has 2");
    }

    #[test]
    fn not_a_number_is_never_a_level() {
        for bad in [f64::NAN, 0.0, 1.0, -0.1, f64::INFINITY] {
            assert!(level(bad).is_err(), "{bad}");
        }
        assert!(level(0.95).is_ok());
    }
}
