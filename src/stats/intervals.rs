//! Intervals for one number: proportions, counts, means, differences and ratios.
//!
//! Counts are `f64`, because weighted and estimated counts are not whole; they need not be. Levels are two-sided
//! coverage, 0.95 for "95%". Formulae are those of the Public Health England technical guide *Confidence Intervals*
//! (2018) and the R package PHEindicatormethods where one exists there.

use super::error::{self, Result, StatsError};
use super::{normal, special};

/// The two ends of an interval, in the units of the estimate; `lower <= upper`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub lower: f64,
    /// Upper end.
    pub upper: f64,
}

impl Interval {
    /// Both ends multiplied by a positive number (for "per 100,000").
    pub fn scaled(self, by: f64) -> Self {
        Self { lower: self.lower * by, upper: self.upper * by }
    }

    /// Whether the value lies in the interval, ends included.
    pub fn contains(self, value: f64) -> bool {
        self.lower <= value && value <= self.upper
    }
}

/// Wilson score interval for a proportion `x / n`; always within 0 and 1.
///
/// Wilson 1927, JASA 22:209. Errors: `n` not above 0, `x` below 0 or above `n`, `level` outside (0, 1).
pub fn wilson_interval(x: f64, n: f64, level: f64) -> Result<Interval> {
    error::level(level)?;
    share_of("x", x, "n", n)?;
    let z = normal::two_sided_z(level);
    let centre = 2.0 * x + z * z;
    let reach = z * (z * z + 4.0 * x * (1.0 - x / n)).sqrt();
    let below = 2.0 * (n + z * z);
    Ok(Interval {
        lower: if x == 0.0 { 0.0 } else { ((centre - reach) / below).max(0.0) },
        upper: if x == n { 1.0 } else { ((centre + reach) / below).min(1.0) },
    })
}

/// Byar's approximate interval for a Poisson count. The lower end is 0 for a count of 0, and wherever the
/// approximation would go below 0 (a count of 1 at 99.8%).
///
/// Breslow and Day 1987, volume 2, page 69. Errors: `count` below 0, `level` outside (0, 1).
pub fn byar_interval(count: f64, level: f64) -> Result<Interval> {
    error::level(level)?;
    error::non_negative("count", count)?;
    let z = normal::two_sided_z(level);
    let limit = |x: f64, z: f64| {
        let root = (1.0 - 1.0 / (9.0 * x) + z / (3.0 * x.sqrt())).max(0.0);
        x * root * root * root
    };
    let lower = if count == 0.0 { 0.0 } else { limit(count, -z) };
    Ok(Interval { lower, upper: limit(count + 1.0, z) })
}

/// Exact interval for a Poisson count, from the chi-squared law. The lower end is 0 for a count of 0.
///
/// Garwood 1936, Biometrika 28:437. Errors: `count` below 0, `level` outside (0, 1).
pub fn poisson_interval(count: f64, level: f64) -> Result<Interval> {
    error::level(level)?;
    error::non_negative("count", count)?;
    let tail = (1.0 - level) / 2.0;
    let lower = if count == 0.0 { 0.0 } else { special::chi_squared_lower(tail, 2.0 * count) / 2.0 };
    let upper = special::chi_squared_upper(tail, 2.0 * count + 2.0) / 2.0;
    Ok(Interval { lower, upper })
}

/// The interval English public health uses for a count: exact below 10 events, Byar's from 10.
///
/// Errors: as [`byar_interval`].
pub fn count_interval(count: f64, level: f64) -> Result<Interval> {
    if count < 10.0 { poisson_interval(count, level) } else { byar_interval(count, level) }
}

/// Interval for a rate `count / exposure`, in events per unit of exposure: [`count_interval`] over the exposure.
///
/// Errors: as [`byar_interval`]; `exposure` not above 0.
pub fn rate_interval(count: f64, exposure: f64, level: f64) -> Result<Interval> {
    error::positive("exposure", exposure)?;
    Ok(count_interval(count, level)?.scaled(1.0 / exposure))
}

/// A sample mean with its Student interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mean {
    /// How many values.
    pub count: usize,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation, with n - 1 below.
    pub standard_deviation: f64,
    /// Student interval for the mean.
    pub interval: Interval,
}

/// Mean of a sample with Student's t interval, all in the units of the values.
///
/// Errors: fewer than 2 values, a value that is not finite, `level` outside (0, 1).
pub fn mean_interval(values: &[f64], level: f64) -> Result<Mean> {
    error::level(level)?;
    error::at_least("values", values.len(), 2)?;
    error::all_finite("values", values)?;
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
    let standard_deviation = (squares / (count - 1.0)).sqrt();
    let t = special::student_upper((1.0 - level) / 2.0, count - 1.0);
    let reach = t * standard_deviation / count.sqrt();
    let interval = Interval { lower: mean - reach, upper: mean + reach };
    Ok(Mean { count: values.len(), mean, standard_deviation, interval })
}

/// Newcombe's interval for a difference of two independent proportions, `x1 / n1 - x2 / n2`; within -1 and 1.
///
/// Newcombe 1998, Statistics in Medicine 17:873, method 10 (Wilson limits, no continuity correction).
/// Errors: as [`wilson_interval`], naming the argument of the side at fault.
pub fn newcombe_interval(x1: f64, n1: f64, x2: f64, n2: f64, level: f64) -> Result<Interval> {
    error::level(level)?;
    share_of("x1", x1, "n1", n1)?;
    share_of("x2", x2, "n2", n2)?;
    let (p1, p2) = (x1 / n1, x2 / n2);
    let (one, two) = (wilson_interval(x1, n1, level)?, wilson_interval(x2, n2, level)?);
    Ok(Interval {
        lower: p1 - p2 - libm::hypot(p1 - one.lower, two.upper - p2),
        upper: p1 - p2 + libm::hypot(one.upper - p1, p2 - two.lower),
    })
}

/// Interval for a ratio of two independent proportions, `(x1 / n1) / (x2 / n2)`, normal on the log scale with
/// variance `1/x1 - 1/n1 + 1/x2 - 1/n2`.
///
/// Katz, Baptista, Azen and Pike 1978, Biometrics 34:469. That variance is undefined when an `x` is 0 and nil when
/// both proportions are 1; then one half is added to the events and to the non-events of both sides (Agresti 2013,
/// section 3.1), except that the lower end is 0 when `x1` is 0 and the upper infinite when `x2` is 0.
/// Errors: as [`newcombe_interval`].
pub fn risk_ratio_interval(x1: f64, n1: f64, x2: f64, n2: f64, level: f64) -> Result<Interval> {
    error::level(level)?;
    share_of("x1", x1, "n1", n1)?;
    share_of("x2", x2, "n2", n2)?;
    let degenerate = x1 == 0.0 || x2 == 0.0 || (x1 == n1 && x2 == n2);
    let add = if degenerate { 0.5 } else { 0.0 };
    let (a, m, b, n) = (x1 + add, n1 + 2.0 * add, x2 + add, n2 + 2.0 * add);
    let variance = 1.0 / a - 1.0 / m + 1.0 / b - 1.0 / n;
    Ok(ratio_ends((a / m) / (b / n), variance, x1, x2, level))
}

/// Interval for a ratio of two independent Poisson rates, `(x1 / t1) / (x2 / t2)`, normal on the log scale with
/// variance `1/x1 + 1/x2`.
///
/// Zero counts as in [`risk_ratio_interval`] (one half added to both counts). Errors: a count below 0, an exposure
/// `t` not above 0, `level` outside (0, 1).
pub fn rate_ratio_interval(x1: f64, t1: f64, x2: f64, t2: f64, level: f64) -> Result<Interval> {
    error::level(level)?;
    error::non_negative("x1", x1)?;
    error::positive("t1", t1)?;
    error::non_negative("x2", x2)?;
    error::positive("t2", t2)?;
    let add = if x1 == 0.0 || x2 == 0.0 { 0.5 } else { 0.0 };
    let (a, b) = (x1 + add, x2 + add);
    Ok(ratio_ends((a / t1) / (b / t2), 1.0 / a + 1.0 / b, x1, x2, level))
}

fn ratio_ends(ratio: f64, log_variance: f64, x1: f64, x2: f64, level: f64) -> Interval {
    let factor = libm::exp(normal::two_sided_z(level) * log_variance.sqrt());
    Interval {
        lower: if x1 == 0.0 { 0.0 } else { ratio / factor },
        upper: if x2 == 0.0 { f64::INFINITY } else { ratio * factor },
    }
}

/// A ratio of two estimates by the delta method.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ratio {
    /// First over second.
    pub ratio: f64,
    /// Standard error of the natural logarithm of the ratio.
    pub log_standard_error: f64,
    /// Interval, normal on the log scale.
    pub interval: Interval,
    /// False when the second estimate is within 3 standard errors of 0: the interval is then not to be relied on,
    /// and draws or Fieller's method should be used.
    pub reliable: bool,
}

/// Ratio of two positive estimates with standard errors `s1` and `s2` and covariance `covariance` (0 if
/// independent): `se^2(log) = (s1/x1)^2 + (s2/x2)^2 - 2 covariance / (x1 x2)`.
///
/// Errors: an estimate not above 0, a standard error below 0, a covariance larger than the errors allow, `level`
/// outside (0, 1).
pub fn delta_ratio(x1: f64, s1: f64, x2: f64, s2: f64, covariance: f64, level: f64) -> Result<Ratio> {
    error::level(level)?;
    error::positive("x1", x1)?;
    error::non_negative("s1", s1)?;
    error::positive("x2", x2)?;
    error::non_negative("s2", s2)?;
    let allowed = covariance.abs() <= s1 * s2 * (1.0 + 1e-9);
    error::require("covariance", covariance, allowed, "no larger than the product of the standard errors")?;
    let (r1, r2) = (s1 / x1, s2 / x2);
    let log_variance = (r1 * r1 + r2 * r2 - 2.0 * covariance / (x1 * x2)).max(0.0);
    let interval = ratio_ends(x1 / x2, log_variance, x1, x2, level);
    Ok(Ratio { ratio: x1 / x2, log_standard_error: log_variance.sqrt(), interval, reliable: x2 > 3.0 * s2 })
}

fn share_of(x_name: &'static str, x: f64, n_name: &'static str, n: f64) -> Result<()> {
    error::positive(n_name, n)?;
    error::non_negative(x_name, x)?;
    if x > n {
        return Err(StatsError::value(x_name, x, "no greater than the number it is out of"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn near(interval: Interval, lower: f64, upper: f64, tolerance: f64) {
        assert!((interval.lower - lower).abs() <= tolerance, "{interval:?}");
        assert!((interval.upper - upper).abs() <= tolerance, "{interval:?}");
    }

    #[test]
    fn wilson_at_the_ends() {
        near(wilson_interval(0.0, 10.0, 0.95).unwrap(), 0.0, 0.277_532_799_862_889, 1e-14);
        near(wilson_interval(10.0, 10.0, 0.95).unwrap(), 1.0 - 0.277_532_799_862_889, 1.0, 1e-14);
        assert_eq!(wilson_interval(1.0, 0.0, 0.95).unwrap_err().argument, "n");
        assert_eq!(wilson_interval(3.0, 2.0, 0.95).unwrap_err().argument, "x");
        assert_eq!(wilson_interval(-1.0, 2.0, 0.95).unwrap_err().argument, "x");
        assert_eq!(wilson_interval(1.0, 2.0, 1.0).unwrap_err().argument, "level");
        assert_eq!(wilson_interval(f64::NAN, 2.0, 0.95).unwrap_err().argument, "x");
    }

    #[test]
    fn poisson_of_nothing_is_minus_log_alpha() {
        near(poisson_interval(0.0, 0.95).unwrap(), 0.0, -libm::log(0.025), 1e-12);
        near(poisson_interval(1.0, 0.95).unwrap(), 0.025_317_807_984_29, 5.571_643_390_939, 1e-10);
        near(byar_interval(0.0, 0.95).unwrap(), 0.0, 3.764_3, 0.15);
        assert_eq!(byar_interval(1.0, 0.998).unwrap().lower, 0.0);
    }

    #[test]
    fn exact_and_byar_agree_for_large_counts() {
        for count in [1e3, 1e5, 7e6, 1e9] {
            let (exact, byar) = (poisson_interval(count, 0.95).unwrap(), byar_interval(count, 0.95).unwrap());
            assert!((exact.lower / byar.lower - 1.0).abs() < 1e-5, "{count} {exact:?} {byar:?}");
            assert!((exact.upper / byar.upper - 1.0).abs() < 1e-5, "{count} {exact:?} {byar:?}");
        }
    }

    #[test]
    fn newcombe_matches_the_published_example() {
        // Newcombe 1998, table II, contrast (a), method 10: 56/70 - 48/80.
        near(newcombe_interval(56.0, 70.0, 48.0, 80.0, 0.95).unwrap(), 0.0524, 0.3339, 5e-5);
        // Contrast (g): 10/10 - 0/10.
        near(newcombe_interval(10.0, 10.0, 0.0, 10.0, 0.95).unwrap(), 0.6075, 1.0, 5e-5);
        assert_eq!(newcombe_interval(1.0, 2.0, 3.0, 2.0, 0.95).unwrap_err().argument, "x2");
    }

    #[test]
    fn ratios_with_zero_counts_are_defined() {
        let interval = risk_ratio_interval(0.0, 10.0, 5.0, 10.0, 0.95).unwrap();
        assert!(interval.lower == 0.0 && interval.upper.is_finite());
        let interval = rate_ratio_interval(3.0, 10.0, 0.0, 10.0, 0.95).unwrap();
        assert!(interval.lower > 0.0 && interval.upper == f64::INFINITY);
        let interval = risk_ratio_interval(10.0, 10.0, 10.0, 10.0, 0.95).unwrap();
        assert!(interval.lower < 1.0 && interval.upper > 1.0);
        near(rate_ratio_interval(20.0, 100.0, 10.0, 100.0, 0.95).unwrap(), 0.936_184, 4.272_666, 1e-5);
    }

    #[test]
    fn delta_ratio_flags_a_weak_denominator() {
        let ratio = delta_ratio(10.0, 1.0, 2.0, 0.8, 0.0, 0.95).unwrap();
        assert!(!ratio.reliable && ratio.ratio == 5.0);
        let same = delta_ratio(10.0, 1.0, 10.0, 1.0, 1.0, 0.95).unwrap();
        near(same.interval, 1.0, 1.0, 1e-7);
        assert_eq!(delta_ratio(1.0, 0.1, 1.0, 0.1, 5.0, 0.95).unwrap_err().argument, "covariance");
    }

    #[test]
    fn a_mean_needs_two_values() {
        assert!(mean_interval(&[1.0], 0.95).is_err());
        let mean = mean_interval(&[1.0, 1.0, 1.0], 0.95).unwrap();
        assert_eq!(mean.interval, Interval { lower: 1.0, upper: 1.0 });
    }

    proptest! {
        #[test]
        fn wilson_stays_in_range_and_contains_the_share(n in 1u32..100_000, part in 0.0..=1.0f64, level in 0.5..0.999f64) {
            let n = f64::from(n);
            let x = libm::floor(part * n);
            let interval = wilson_interval(x, n, level).unwrap();
            prop_assert!(0.0 <= interval.lower && interval.upper <= 1.0);
            prop_assert!(interval.contains(x / n));
            let mirror = wilson_interval(n - x, n, level).unwrap();
            prop_assert!((mirror.lower - (1.0 - interval.upper)).abs() < 1e-12);
        }

        #[test]
        fn count_intervals_contain_the_count_and_widen(count in 0u32..2_000_000, level in 0.5..0.99f64) {
            let count = f64::from(count);
            for method in [byar_interval, poisson_interval, count_interval] {
                let (narrow, wide) = (method(count, level).unwrap(), method(count, level + 0.009).unwrap());
                prop_assert!(narrow.contains(count));
                prop_assert!(wide.lower <= narrow.lower && narrow.upper <= wide.upper);
            }
        }

        #[test]
        fn differences_and_ratios_mirror(x1 in 0u32..50, x2 in 0u32..50) {
            let (x1, x2) = (f64::from(x1), f64::from(x2));
            let one = newcombe_interval(x1, 50.0, x2, 60.0, 0.95).unwrap();
            let two = newcombe_interval(x2, 60.0, x1, 50.0, 0.95).unwrap();
            prop_assert!((one.lower + two.upper).abs() < 1e-12);
            prop_assert!(one.contains(x1 / 50.0 - x2 / 60.0));
            let one = rate_ratio_interval(x1, 50.0, x2, 60.0, 0.95).unwrap();
            let two = rate_ratio_interval(x2, 60.0, x1, 50.0, 0.95).unwrap();
            prop_assert!((one.lower * two.upper - 1.0).abs() < 1e-9 || x1 == 0.0);
        }
    }
}
