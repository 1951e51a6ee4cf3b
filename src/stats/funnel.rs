//! Funnel limits for proportions and ratios when chance alone is at work.
//!
//! For limits that also allow for real differences between units, see [`overdispersion`](super::overdispersion).

use super::error::{self, Result};
use super::intervals::{self, Interval};
use super::{normal, special};

/// Where a unit lies relative to two pairs of limits, customarily 95% and 99.8%.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// Below the outer lower limit.
    LowOuter,
    /// Below the inner lower limit.
    LowInner,
    /// Within the inner limits.
    Within,
    /// Above the inner upper limit.
    HighInner,
    /// Above the outer upper limit.
    HighOuter,
}

/// Where a value lies relative to inner and outer limits; a value on a limit is within it.
pub fn position(value: f64, inner: Interval, outer: Interval) -> Position {
    match value {
        v if v < outer.lower => Position::LowOuter,
        v if v > outer.upper => Position::HighOuter,
        v if v < inner.lower => Position::LowInner,
        v if v > inner.upper => Position::HighInner,
        _ => Position::Within,
    }
}

/// Limits for a proportion out of `n` about an average: where a Wilson interval would just touch the average, which
/// reduces to average +- z sqrt(average (1 - average) / n). Not cut at 0 and 1.
///
/// The method of Fingertips (PHEindicatormethods, `calculate_funnel_limits`). Errors: `average` outside [0, 1], `n` of 0
/// or less, `level` outside (0, 1).
pub fn proportion_limits(average: f64, n: f64, level: f64) -> Result<Interval> {
    error::level(level)?;
    error::require("average", average, (0.0..=1.0).contains(&average), "between 0 and 1")?;
    error::positive("n", n)?;
    let reach = normal::two_sided_z(level) * (average * (1.0 - average) / n).sqrt();
    Ok(Interval { lower: average - reach, upper: average + reach })
}

/// Where an observed number lies against the number expected: the interval of the ratio (exact below 10 events,
/// Byar's from 10) at two levels, significant when it excludes 1. A unit is high when its interval lies above 1.
///
/// Errors: `observed` below 0, `expected` of 0 or less, a level outside (0, 1).
pub fn ratio_position(observed: f64, expected: f64, inner_level: f64, outer_level: f64) -> Result<Position> {
    error::positive("expected", expected)?;
    let inner = intervals::count_interval(observed, inner_level)?.scaled(1.0 / expected);
    let outer = intervals::count_interval(observed, outer_level)?.scaled(1.0 / expected);
    Ok(match (inner, outer) {
        (_, o) if o.lower > 1.0 => Position::HighOuter,
        (_, o) if o.upper < 1.0 => Position::LowOuter,
        (i, _) if i.lower > 1.0 => Position::HighInner,
        (i, _) if i.upper < 1.0 => Position::LowInner,
        _ => Position::Within,
    })
}

/// Exact binomial limits for a proportion out of `n` about a target, interpolated so that they are smooth in `n`.
///
/// Spiegelhalter 2005, Statistics in Medicine 24:1185, appendix: r the smallest number with P(R <= r) >= q,
/// a = (P(R <= r) - q) / P(R = r), limit (r - a) / n, cut at 0. Errors: `target` outside (0, 1), `n` of 0, `level`
/// outside (0, 1).
pub fn exact_binomial_limits(target: f64, n: u64, level: f64) -> Result<Interval> {
    error::level(level)?;
    error::require("target", target, target > 0.0 && target < 1.0, "strictly between 0 and 1")?;
    error::positive("n", n as f64)?;
    let tail = (1.0 - level) / 2.0;
    let limit = |q: f64| {
        let r = smallest_reaching(target, n, q);
        let (reached, before) = (
            special::binomial_cdf(r as f64, n as f64, target),
            special::binomial_cdf(r as f64 - 1.0, n as f64, target),
        );
        let excess = (reached - q) / (reached - before);
        ((r as f64 - excess) / n as f64).max(0.0)
    };
    Ok(Interval { lower: limit(tail), upper: limit(1.0 - tail) })
}

fn smallest_reaching(target: f64, n: u64, q: f64) -> u64 {
    let (mut low, mut high) = (0, n);
    while low < high {
        let middle = low + (high - low) / 2;
        if special::binomial_cdf(middle as f64, n as f64, target) >= q { high = middle } else { low = middle + 1 }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn limits_are_where_wilson_touches_the_average() {
        let (average, n) = (0.3, 250.0);
        let limits = proportion_limits(average, n, 0.95).unwrap();
        let low = intervals::wilson_interval(limits.lower * n, n, 0.95).unwrap();
        let high = intervals::wilson_interval(limits.upper * n, n, 0.95).unwrap();
        assert!((low.upper - average).abs() < 1e-12);
        assert!((high.lower - average).abs() < 1e-12);
    }

    #[test]
    fn positions() {
        let (inner, outer) = (Interval { lower: 0.4, upper: 0.6 }, Interval { lower: 0.3, upper: 0.7 });
        let positions = [0.2, 0.35, 0.4, 0.65, 0.8].map(|v| position(v, inner, outer));
        use Position::*;
        assert_eq!(positions, [LowOuter, LowInner, Within, HighInner, HighOuter]);
        assert_eq!(ratio_position(50.0, 25.0, 0.95, 0.998).unwrap(), HighOuter);
        assert_eq!(ratio_position(0.0, 1.0, 0.95, 0.998).unwrap(), Within);
        assert_eq!(ratio_position(0.0, 0.0, 0.95, 0.998).unwrap_err().argument, "expected");
    }

    #[test]
    fn the_binomial_law_adds_up() {
        // Bin(4, 1/2): 1, 5, 11, 15, 16 sixteenths.
        for (r, sixteenths) in [1.0, 5.0, 11.0, 15.0, 16.0].into_iter().enumerate() {
            assert!((special::binomial_cdf(r as f64, 4.0, 0.5) - sixteenths / 16.0).abs() < 1e-14);
        }
    }

    proptest! {
        #[test]
        fn exact_limits_straddle_the_target_and_narrow(target in 0.02..0.98f64, n in 20u64..3000) {
            let limits = exact_binomial_limits(target, n, 0.95).unwrap();
            prop_assert!(0.0 <= limits.lower && limits.lower < target && target < limits.upper && limits.upper <= 1.0);
            let outer = exact_binomial_limits(target, n, 0.998).unwrap();
            prop_assert!(outer.lower <= limits.lower && limits.upper <= outer.upper);
        }
    }
}
