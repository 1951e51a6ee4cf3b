//! Can two be told apart, and is the published top group truly the top group?

use super::error::{self, Result, StatsError};
use super::intervals::Interval;
use super::{normal, order};

/// The difference of two estimates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// Second less first, in the units of the estimates.
    pub difference: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// Normal interval for the difference.
    pub interval: Interval,
    /// Two-sided p-value of no difference.
    pub p_value: f64,
    /// Whether the two can be told apart: the interval leaves out 0.
    pub distinct: bool,
}

/// Compares two estimates, each with its standard error, whose errors have the correlation `correlation`: 0 if they
/// share nothing; for one unit in two rolling periods the share of time they overlap (0.75 between consecutive
/// quarters of a 12-month measure).
///
/// One pair chosen in advance: over many pairs use [`rank_sets`](super::rank_sets) or
/// [`multiplicity`](super::multiplicity). Without variance in the difference the two are distinct exactly when they
/// differ. Errors: an estimate that is not finite, a standard error below 0, a correlation outside [-1, 1], `level`
/// outside (0, 1).
pub fn compare_pair(
    (first, first_error): (f64, f64),
    (second, second_error): (f64, f64),
    correlation: f64,
    level: f64,
) -> Result<Difference> {
    error::level(level)?;
    error::finite("first", first)?;
    error::non_negative("first_error", first_error)?;
    error::finite("second", second)?;
    error::non_negative("second_error", second_error)?;
    error::require("correlation", correlation, (-1.0..=1.0).contains(&correlation), "between -1 and 1")?;
    let shared = 2.0 * correlation * first_error * second_error;
    let variance = (first_error * first_error + second_error * second_error - shared).max(0.0);
    let (difference, standard_error) = (second - first, variance.sqrt());
    let reach = normal::two_sided_z(level) * standard_error;
    let interval = Interval { lower: difference - reach, upper: difference + reach };
    let p_value = match standard_error {
        0.0 => f64::from(u8::from(difference == 0.0)),
        s => normal::two_sided_p(difference / s),
    };
    Ok(Difference { difference, standard_error, interval, p_value, distinct: difference.abs() > reach })
}

/// Whether the observed best group is shown to be the true best group.
#[derive(Debug, Clone, PartialEq)]
pub struct TopSet {
    /// Which units are in the observed group; where the edge is tied, the earlier of the tied.
    pub members: Vec<bool>,
    /// The smallest standardised difference of any insider over any outsider; 0 if the edge is tied.
    pub smallest_z: f64,
    /// The level of error at which the group would just be verified.
    pub p_value: f64,
    /// Whether it is verified at the level asked.
    pub verified: bool,
}

/// Is the observed group of the `size` best truly the best, at the given level? For independent normal estimates it is
/// if every insider beats every outsider in the ordinary two-sided test: no correction for many comparisons is needed.
/// For the worst group ask with `higher_is_better` turned round.
///
/// arXiv 2503.01065; for unequal variances also arXiv 2501.14142. Errors: empty, unequal lengths, a number that is not
/// finite, a standard error of 0 or less, `size` of 0 or not below the number of units, `level` outside (0, 1).
pub fn verify_top_set(
    estimates: &[f64],
    standard_errors: &[f64],
    higher_is_better: bool,
    size: usize,
    level: f64,
) -> Result<TopSet> {
    error::level(level)?;
    error::estimates_and_errors(estimates, standard_errors)?;
    if size == 0 || size >= estimates.len() {
        return Err(StatsError::value("size", size as f64, "at least 1 and below the number of units"));
    }
    let best_first = order::order(estimates, higher_is_better);
    let (inside, outside) = best_first.split_at(size);
    let lead = |&(j, k): &(usize, usize)| {
        (estimates[j] - estimates[k]).abs() / libm::hypot(standard_errors[j], standard_errors[k])
    };
    let pairs = inside.iter().flat_map(|&j| outside.iter().map(move |&k| (j, k)));
    let smallest_z = pairs.map(|pair| lead(&pair)).fold(f64::INFINITY, f64::min);
    let mut members = vec![false; estimates.len()];
    inside.iter().for_each(|&unit| members[unit] = true);
    let p_value = normal::two_sided_p(smallest_z);
    Ok(TopSet { members, smallest_z, p_value, verified: smallest_z > normal::two_sided_z(level) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_data_narrow_the_difference() {
        let apart = compare_pair((2.0, 0.3), (2.5, 0.4), 0.0, 0.95).unwrap();
        assert!((apart.standard_error - 0.5).abs() < 1e-15 && !apart.distinct);
        assert!((apart.p_value - 0.317_310_507_862_914).abs() < 1e-12);
        let rolling = compare_pair((2.0, 0.3), (2.5, 0.4), 0.75, 0.95).unwrap();
        assert!(rolling.standard_error < apart.standard_error && rolling.p_value < apart.p_value);
        assert_eq!(compare_pair((2.0, 0.3), (2.5, 0.3), 2.0, 0.95).unwrap_err().argument, "correlation");
        assert_eq!(compare_pair((2.0, -0.3), (2.5, 0.3), 0.0, 0.95).unwrap_err().argument, "first_error");
    }

    #[test]
    fn without_noise_a_difference_is_certain() {
        let same = compare_pair((2.0, 0.0), (2.0, 0.0), 0.0, 0.95).unwrap();
        assert!(!same.distinct && same.p_value == 1.0);
        let differs = compare_pair((2.0, 0.0), (2.1, 0.0), 0.0, 0.95).unwrap();
        assert!(differs.distinct && differs.p_value == 0.0);
    }

    #[test]
    fn a_top_set_is_verified_by_its_closest_pair() {
        let (x, s) = ([10.0, 1.0, 9.0, 2.0], [1.0; 4]);
        let top = verify_top_set(&x, &s, true, 2, 0.95).unwrap();
        assert_eq!(top.members, [true, false, true, false]);
        assert!(top.verified && (top.smallest_z - 7.0 / 2f64.sqrt()).abs() < 1e-12);
        assert!(!verify_top_set(&x, &s, true, 1, 0.95).unwrap().verified);
        let bottom = verify_top_set(&x, &s, false, 2, 0.95).unwrap();
        assert_eq!(bottom.members, [false, true, false, true]);
        let tied = verify_top_set(&[1.0, 1.0, 0.0], &[0.01; 3], true, 1, 0.95).unwrap();
        assert_eq!((tied.members, tied.smallest_z, tied.verified), (vec![true, false, false], 0.0, false));
        assert_eq!(verify_top_set(&x, &s, true, 4, 0.95).unwrap_err().argument, "size");
        assert_eq!(verify_top_set(&x, &s, true, 0, 0.95).unwrap_err().argument, "size");
    }
}
