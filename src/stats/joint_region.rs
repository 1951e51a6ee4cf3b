//! Rank ranges without simulation: joint regions from simple intervals, and Tukey's method for equal precision.
//!
//! Deterministic and transparent, and mostly wider than the sets of [`rank_sets`](super::rank_sets), because the ends
//! of intervals are compared and not the differences themselves.

use super::error::{self, Result};
use super::intervals::Interval;
use super::rank_sets::RankSet;
use super::{normal, order};

/// How the level of the single intervals is chosen so that all hold at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Adjustment {
    /// For independent estimates: each at level^(1/p).
    Independence,
    /// For any dependence: each at 1 - (1 - level) / p.
    Bonferroni,
}

/// A joint confidence region for all ranks.
#[derive(Debug, Clone, PartialEq)]
pub struct JointRegion {
    /// Multiplier of the standard errors.
    pub z: f64,
    /// The intervals compared, one a unit, in the units of the estimates.
    pub intervals: Vec<Interval>,
    /// Rank and range, one a unit.
    pub ranks: Vec<RankSet>,
}

/// Joint confidence region for all ranks: two units are told apart when their intervals do not overlap; intervals
/// that only touch count as apart.
///
/// Klein, Wright and Wieczorek 2020, JRSS C, doi 10.1111/rssc.12402. `decimals` rounds the ends before they are
/// compared, as the published figure does; `None` compares them as they are.
/// Errors: empty, unequal lengths, a number that is not finite, a standard error of 0 or less, `level` outside (0, 1).
pub fn joint_region(
    estimates: &[f64],
    standard_errors: &[f64],
    higher_is_better: bool,
    level: f64,
    adjustment: Adjustment,
    decimals: Option<u8>,
) -> Result<JointRegion> {
    error::level(level)?;
    error::estimates_and_errors(estimates, standard_errors)?;
    let p = estimates.len();
    let z = joint_z(p, level, adjustment);
    let round = |x: f64| match decimals {
        None => x,
        Some(places) => {
            let unit = (0..places).fold(1.0, |unit, _| unit * 10.0);
            // Half a unit is rounded away even when binary arithmetic falls just short of it.
            libm::round(x * unit * (1.0 + 4.0 * f64::EPSILON)) / unit
        }
    };
    let ends = |(x, s): (&f64, &f64)| Interval { lower: round(x - z * s), upper: round(x + z * s) };
    let intervals: Vec<Interval> = estimates.iter().zip(standard_errors).map(ends).collect();
    let places = order::competition_ranks(estimates, higher_is_better)?;
    let ranks = (0..p).map(|j| range(&intervals, j, places[j], higher_is_better)).collect();
    Ok(JointRegion { z, intervals, ranks })
}

fn joint_z(p: usize, level: f64, adjustment: Adjustment) -> f64 {
    let tail = match adjustment {
        // 1 - level^(1/p), without losing digits when p is large.
        Adjustment::Independence => -libm::expm1(libm::log(level) / p as f64),
        Adjustment::Bonferroni => (1.0 - level) / p as f64,
    };
    -normal::quantile(tail / 2.0)
}

fn range(intervals: &[Interval], j: usize, rank: usize, higher_is_better: bool) -> RankSet {
    let own = intervals[j];
    let others = || intervals.iter().enumerate().filter(|(k, _)| *k != j).map(|(_, other)| other);
    let smaller = others().filter(|other| other.upper <= own.lower).count();
    let larger = others().filter(|other| other.lower >= own.upper).count();
    let (above, below) = if higher_is_better { (larger, smaller) } else { (smaller, larger) };
    RankSet { rank, lower: 1 + above, upper: intervals.len() - below }
}

/// The level of single intervals whose non-overlap has, on average over pairs, the stated two-sided level.
///
/// Goldstein and Healy 1995, JRSS A 158:175; about 0.834 for 0.95 with equal errors. For drawing a caterpillar plot
/// only: there is no control over many comparisons. Errors: fewer than 2 standard errors, one of 0 or less, `level`
/// outside (0, 1).
pub fn goldstein_healy_level(standard_errors: &[f64], level: f64) -> Result<f64> {
    error::level(level)?;
    error::at_least("standard_errors", standard_errors.len(), 2)?;
    error::all_positive("standard_errors", standard_errors)?;
    let mut sum = 0.0;
    for j in 1..standard_errors.len() {
        for k in 0..j {
            let (a, b) = (standard_errors[j], standard_errors[k]);
            sum += (a + b) / (a * a + b * b).sqrt();
        }
    }
    let n = standard_errors.len() as f64;
    let mean = sum / (n * (n - 1.0) / 2.0);
    Ok(1.0 - normal::two_sided_p(normal::two_sided_z(level) / mean))
}

/// The critical value of all pairwise differences of `units` equally precise independent normal estimates: the
/// quantile of the studentised range over the square root of 2 (3.16 for 10 units, 4.43 for 134, at 0.95).
///
/// Errors: fewer than 2 units, `level` outside (0, 1).
pub fn tukey_critical_value(units: usize, level: f64) -> Result<f64> {
    error::level(level)?;
    error::require("units", units as f64, units >= 2, "at least 2")?;
    let (mut low, mut high) = (0.0, 40.0);
    // Bisection to the last digit: the probability increases with the range.
    for _ in 0..80 {
        let middle = 0.5 * (low + high);
        if range_probability(middle * std::f64::consts::SQRT_2, units) < level { low = middle } else { high = middle }
    }
    Ok(0.5 * (low + high))
}

/// P(greatest less smallest of `units` standard normals <= range), by the trapezium rule, which converges
/// exponentially on the whole line.
fn range_probability(range: f64, units: usize) -> f64 {
    const STEPS: i32 = 400;
    let step = 18.0 / f64::from(STEPS);
    let others = units as f64 - 1.0;
    let at = |i: i32| {
        let z = f64::from(i) * step - 9.0;
        let within = normal::cdf(z) - normal::cdf(z - range);
        if within <= 0.0 { 0.0 } else { normal::density(z) * libm::exp(others * libm::log(within)) }
    };
    units as f64 * step * (0..=STEPS).map(at).sum::<f64>()
}

/// Simultaneous rank ranges for equally precise independent estimates, by Tukey's method: no simulation, and the same
/// as a single step of [`rank_confidence`](super::rank_sets::rank_confidence).
///
/// Al Mohamad, Goeman and van Zwet, arXiv 1812.05507. Errors: no estimates, one that is not finite, `standard_error`
/// of 0 or less, `level` outside (0, 1).
pub fn tukey_ranges(
    estimates: &[f64],
    standard_error: f64,
    higher_is_better: bool,
    level: f64,
) -> Result<Vec<RankSet>> {
    error::level(level)?;
    error::all_finite("estimates", estimates)?;
    error::positive("standard_error", standard_error)?;
    let ranks = order::competition_ranks(estimates, higher_is_better)?;
    let p = estimates.len();
    if p == 1 {
        return Ok(vec![RankSet { rank: 1, lower: 1, upper: 1 }]);
    }
    let least = tukey_critical_value(p, level)? * std::f64::consts::SQRT_2 * standard_error;
    let sign = if higher_is_better { 1.0 } else { -1.0 };
    let set = |j: usize| {
        let differences = || estimates.iter().map(|x| sign * (x - estimates[j]));
        let lower = 1 + differences().filter(|d| *d > least).count();
        RankSet { rank: ranks[j], lower, upper: p - differences().filter(|d| -d > least).count() }
    };
    Ok((0..p).map(set).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn two_units_need_no_adjustment_beyond_the_pair() {
        assert!((tukey_critical_value(2, 0.95).unwrap() - 1.959_963_984_540_054).abs() < 1e-9);
        assert!((tukey_critical_value(134, 0.95).unwrap() - 4.427_4).abs() < 1e-3);
        assert!(tukey_critical_value(1, 0.95).is_err());
    }

    #[test]
    fn goldstein_healy_for_equal_errors() {
        let level = goldstein_healy_level(&[2.0, 2.0, 2.0], 0.95).unwrap();
        assert!((level - 0.834_2).abs() < 1e-4);
        assert!(goldstein_healy_level(&[1.0], 0.95).is_err());
    }

    #[test]
    fn touching_intervals_are_apart() {
        let z = joint_z(2, 0.9, Adjustment::Bonferroni);
        let region = joint_region(&[0.0, 2.0 * z], &[1.0, 1.0], true, 0.9, Adjustment::Bonferroni, None).unwrap();
        assert_eq!(region.ranks[0], RankSet { rank: 2, lower: 2, upper: 2 });
        assert_eq!(region.ranks[1], RankSet { rank: 1, lower: 1, upper: 1 });
    }

    #[test]
    fn one_unit_is_first() {
        let region = joint_region(&[5.0], &[1.0], true, 0.95, Adjustment::Independence, None).unwrap();
        assert_eq!(region.ranks, [RankSet { rank: 1, lower: 1, upper: 1 }]);
        assert!((region.z - 1.959_963_984_540_054).abs() < 1e-12);
        assert_eq!(tukey_ranges(&[5.0], 1.0, true, 0.95).unwrap()[0].upper, 1);
    }

    proptest! {
        #[test]
        fn regions_hold_the_rank_and_mirror(
            units in prop::collection::vec((-9.0..9.0f64, 0.1..3.0f64), 1..20),
            level in 0.5..0.99f64,
        ) {
            let (x, s): (Vec<f64>, Vec<f64>) = units.iter().copied().unzip();
            let negated: Vec<f64> = x.iter().map(|x| -x).collect();
            let run = |x: &[f64], higher, adjustment| joint_region(x, &s, higher, level, adjustment, None).unwrap();
            let region = run(&x, true, Adjustment::Independence);
            prop_assert_eq!(&region.ranks, &run(&negated, false, Adjustment::Independence).ranks);
            let wider = run(&x, true, Adjustment::Bonferroni);
            for (set, wider) in region.ranks.iter().zip(&wider.ranks) {
                prop_assert!(set.lower <= set.rank && set.rank <= set.upper);
                prop_assert!(wider.lower <= set.lower && set.upper <= wider.upper);
            }
        }
    }
}
