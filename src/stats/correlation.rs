//! Rank correlation with intervals.
//!
//! Intervals are on Fisher's scale, z = atanh(r), with the variances of Bonett and Wright 2000 (Psychometrika 65:23) for
//! Spearman's and of Fieller, Hartley and Pearson 1957 (Biometrika 44:470) for Kendall's coefficient.

use super::error::{self, Result, StatsError};
use super::intervals::Interval;
use super::{normal, order};

/// A coefficient of rank correlation, from -1 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Correlation {
    /// The coefficient.
    pub coefficient: f64,
    /// Approximate interval. At a coefficient of exactly 1 or -1 Fisher's scale is infinite; the inner end is then that
    /// of half the smallest possible step short of it, and the outer end the coefficient itself.
    pub interval: Interval,
}

/// Kendall's tau-b of two lists of values for the same units.
///
/// Errors: unequal lengths, a value that is not finite, fewer than 5 units, all values of one list the same, `level`
/// outside (0, 1).
pub fn kendall(first: &[f64], second: &[f64], level: f64) -> Result<Correlation> {
    check(first, second, 5, level)?;
    let n = first.len() as f64;
    let (mut score, mut parted) = (0i64, [0i64; 2]);
    for j in 1..first.len() {
        for k in 0..j {
            let (a, b) = (sign(first[j] - first[k]), sign(second[j] - second[k]));
            score += a * b;
            parted[0] += a * a;
            parted[1] += b * b;
        }
    }
    let coefficient = (score as f64 / ((parted[0] as f64).sqrt() * (parted[1] as f64).sqrt())).clamp(-1.0, 1.0);
    let interval = fisher(coefficient, 2.0 / (n * (n - 1.0)), level, |_| 0.437 / (n - 4.0));
    Ok(Correlation { coefficient, interval })
}

/// Spearman's rho of two lists of values for the same units, ties taking mid-ranks.
///
/// Errors: as [`kendall`], but 4 units will do.
pub fn spearman(first: &[f64], second: &[f64], level: f64) -> Result<Correlation> {
    check(first, second, 4, level)?;
    let n = first.len() as f64;
    let (a, b) = (order::mid_ranks(first)?, order::mid_ranks(second)?);
    let middle = (n + 1.0) / 2.0;
    let product = |x: &[f64], y: &[f64]| -> f64 { x.iter().zip(y).map(|(x, y)| (x - middle) * (y - middle)).sum() };
    let coefficient = (product(&a, &b) / (product(&a, &a).sqrt() * product(&b, &b).sqrt())).clamp(-1.0, 1.0);
    // Mid-ranks are halves, so that perfect agreement can fall short of 1 only by rounding.
    let coefficient = if 1.0 - coefficient.abs() < 1e-14 { libm::copysign(1.0, coefficient) } else { coefficient };
    let half_step = 6.0 / (n * (n * n - 1.0));
    let interval = fisher(coefficient, half_step, level, |r| (1.0 + r * r / 2.0) / (n - 3.0));
    Ok(Correlation { coefficient, interval })
}

fn fisher(coefficient: f64, half_step: f64, level: f64, variance: impl Fn(f64) -> f64) -> Interval {
    let perfect = coefficient.abs() == 1.0;
    let r = if perfect { coefficient * (1.0 - half_step) } else { coefficient };
    let (z, reach) = (libm::atanh(r), normal::two_sided_z(level) * variance(r).sqrt());
    let (lower, upper) = (libm::tanh(z - reach), libm::tanh(z + reach));
    Interval {
        lower: if perfect && coefficient < 0.0 { -1.0 } else { lower },
        upper: if perfect && coefficient > 0.0 { 1.0 } else { upper },
    }
}

fn sign(difference: f64) -> i64 {
    i64::from(difference > 0.0) - i64::from(difference < 0.0)
}

fn check(first: &[f64], second: &[f64], needed: usize, level: f64) -> Result<()> {
    error::level(level)?;
    error::at_least("first", first.len(), needed)?;
    error::all_finite("first", first)?;
    error::length("second", second.len(), first.len())?;
    error::all_finite("second", second)?;
    for (name, values) in [("first", first), ("second", second)] {
        if values.iter().all(|value| *value == values[0]) {
            return Err(StatsError::undefined(name, "all values are the same, so that there is no order to compare"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_values() {
        let (x, y) = ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [2.0, 1.0, 4.0, 3.0, 6.0, 5.0]);
        assert!((kendall(&x, &y, 0.95).unwrap().coefficient - 0.6).abs() < 1e-15);
        assert!((spearman(&x, &y, 0.95).unwrap().coefficient - (1.0 - 36.0 / 210.0)).abs() < 1e-15);
        // Ties: tau-b of R's cor(c(1,2,2,3,4), c(1,2,3,3,5), method = "kendall").
        let tied = kendall(&[1.0, 2.0, 2.0, 3.0, 4.0], &[1.0, 2.0, 3.0, 3.0, 5.0], 0.95).unwrap();
        assert!((tied.coefficient - 8.0 / 9.0).abs() < 1e-15, "{tied:?}");
    }

    #[test]
    fn perfect_agreement_is_not_certainty() {
        let x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0];
        let back = x.map(|x| -x);
        for method in [kendall, spearman] {
            let same = method(&x, &x, 0.95).unwrap();
            assert!(same.coefficient == 1.0 && same.interval.upper == 1.0 && same.interval.lower < 0.99);
            let opposite = method(&x, &back, 0.95).unwrap();
            assert!(opposite.coefficient == -1.0 && opposite.interval.lower == -1.0);
            assert!((opposite.interval.upper + same.interval.lower).abs() < 1e-12);
        }
    }

    #[test]
    fn faults_are_named() {
        assert_eq!(kendall(&[1.0; 4], &[1.0; 4], 0.95).unwrap_err().argument, "first");
        let x = [1.0, 2.0, 3.0, 4.0, 5.0];
        assert_eq!(kendall(&x, &[1.0; 5], 0.95).unwrap_err().argument, "second");
        assert_eq!(spearman(&x, &[1.0; 4], 0.95).unwrap_err().argument, "second");
        assert_eq!(spearman(&x, &x, 1.0).unwrap_err().argument, "level");
    }

    proptest! {
        #[test]
        fn coefficients_are_symmetric_and_within_their_intervals(
            pairs in prop::collection::vec((-9i32..9, -9i32..9), 6..30),
        ) {
            let (x, y): (Vec<f64>, Vec<f64>) = pairs.iter().map(|(x, y)| (f64::from(*x), f64::from(*y))).unzip();
            prop_assume!(x.iter().any(|v| *v != x[0]) && y.iter().any(|v| *v != y[0]));
            let negated: Vec<f64> = y.iter().map(|y| -y).collect();
            for method in [kendall, spearman] {
                let one = method(&x, &y, 0.95).unwrap();
                prop_assert!((one.coefficient - method(&y, &x, 0.95).unwrap().coefficient).abs() < 1e-12);
                prop_assert!((one.coefficient + method(&x, &negated, 0.95).unwrap().coefficient).abs() < 1e-12);
                prop_assert!(one.interval.contains(one.coefficient));
            }
        }
    }
}
