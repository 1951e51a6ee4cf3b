//! How much ranks move between two periods when nothing has changed.
//!
//! Two independent periods with the same truth each draw a rank from the same law (see
//! [`rank_distribution`](super::rank_distribution)); what moves then is chance alone. Print it beside the movement
//! observed: "moved 14 places; 11 expected by chance". For the change in the value itself see
//! [`compare_pair`](super::pairwise::compare_pair).

use super::error::{self, Result};
use super::normal;
use super::rank_distribution::UnitRanks;

/// The movement expected of one unit if nothing changed.
#[derive(Debug, Clone, PartialEq)]
pub struct NullVolatility {
    /// Mean of |rank in one period - rank in the other|, in places.
    pub expected_change: f64,
    /// Probability that the two ranks differ.
    pub p_rank_changes: f64,
    /// Probability that the two groups differ.
    pub p_group_changes: f64,
    /// Probability of each group in one period, best first.
    pub group_probabilities: Vec<f64>,
}

/// The movement expected of each unit if nothing changed, with `groups` equal groups of ranks (4 for quarters):
/// group = floor(groups x (rank - 1) / units), counted from 0.
///
/// Errors: no units, `groups` of 0.
pub fn null_volatility(units: &[UnitRanks], groups: usize) -> Result<Vec<NullVolatility>> {
    error::at_least("units", units.len(), 1)?;
    error::require("groups", groups as f64, groups > 0, "at least 1")?;
    Ok(units.iter().map(|unit| unit_volatility(&unit.probabilities, groups)).collect())
}

fn unit_volatility(probabilities: &[f64], groups: usize) -> NullVolatility {
    let mut group_probabilities = vec![0.0; groups];
    for (at, p) in probabilities.iter().enumerate() {
        group_probabilities[groups * at / probabilities.len()] += p;
    }
    let same = |law: &[f64]| law.iter().map(|p| p * p).sum::<f64>();
    // E|R - R'| is twice the sum over places of P(R <= place) P(R > place).
    let mut reached = 0.0;
    let mut expected_change = 0.0;
    for p in probabilities {
        reached += p;
        expected_change += 2.0 * reached * (1.0 - reached).max(0.0);
    }
    NullVolatility {
        expected_change,
        p_rank_changes: (1.0 - same(probabilities)).max(0.0),
        p_group_changes: (1.0 - same(&group_probabilities)).max(0.0),
        group_probabilities,
    }
}

/// Mean Kendall correlation between the orders of two independent periods with the same truth: the mean over pairs of
/// (2 P(one beats the other) - 1)^2. An observed correlation near it shows no more change than chance.
///
/// Errors: fewer than 2 units, unequal lengths, a number that is not finite, a standard error of 0 or less.
pub fn null_kendall(estimates: &[f64], standard_errors: &[f64]) -> Result<f64> {
    error::estimates_and_errors(estimates, standard_errors)?;
    error::at_least("estimates", estimates.len(), 2)?;
    let mut sum = 0.0;
    for j in 1..estimates.len() {
        for k in 0..j {
            let z = (estimates[j] - estimates[k]) / libm::hypot(standard_errors[j], standard_errors[k]);
            let sign = 1.0 - normal::two_sided_p(z);
            sum += sign * sign;
        }
    }
    let n = estimates.len() as f64;
    Ok(sum / (n * (n - 1.0) / 2.0))
}

#[cfg(test)]
mod tests {
    use super::super::rank_distribution::rank_distribution;
    use super::*;

    #[test]
    fn four_tied_units_move_as_four_dice() {
        let units = rank_distribution(&[0.0; 4], &[1.0; 4], true, 1, 1).unwrap();
        for unit in null_volatility(&units, 4).unwrap() {
            assert!((unit.expected_change - 1.25).abs() < 1e-10);
            assert!((unit.p_rank_changes - 0.75).abs() < 1e-10);
            assert!((unit.p_group_changes - 0.75).abs() < 1e-10);
        }
        assert!(null_volatility(&units, 0).is_err());
        assert!(null_volatility(&[], 4).is_err());
    }

    #[test]
    fn kendall_is_nil_for_ties_and_full_for_certainty() {
        assert!(null_kendall(&[1.0, 1.0, 1.0], &[1.0; 3]).unwrap().abs() < 1e-15);
        assert!((null_kendall(&[0.0, 100.0, 200.0], &[1.0; 3]).unwrap() - 1.0).abs() < 1e-15);
        assert!(null_kendall(&[0.0], &[1.0]).is_err());
    }
}
