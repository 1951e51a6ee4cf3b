//! Ranks of numbers, quantiles of samples and the quantile groups of public health.

use super::error::{self, Result, StatsError};

/// Competition ranks ("1224"): 1 + the number of strictly better values. Rank 1 is best.
///
/// Errors: empty, a value that is not finite.
pub fn competition_ranks(values: &[f64], higher_is_better: bool) -> Result<Vec<usize>> {
    error::all_finite("values", values)?;
    let better_first = order(values, higher_is_better);
    let mut ranks = vec![0; values.len()];
    for (place, &unit) in better_first.iter().enumerate() {
        let tied = place > 0 && values[better_first[place - 1]] == values[unit];
        ranks[unit] = if tied { ranks[better_first[place - 1]] } else { place + 1 };
    }
    Ok(ranks)
}

/// Mid-ranks: tied values share the mean of the places they take. Rank 1 is the smallest value.
///
/// Errors: empty, a value that is not finite.
pub fn mid_ranks(values: &[f64]) -> Result<Vec<f64>> {
    let first = competition_ranks(values, false)?;
    let mut tied = vec![0usize; values.len() + 1];
    first.iter().for_each(|&rank| tied[rank] += 1);
    Ok(first.iter().map(|&rank| rank as f64 + (tied[rank] as f64 - 1.0) / 2.0).collect())
}

/// Positions of the values from best to worst; ties keep their order.
pub(super) fn order(values: &[f64], higher_is_better: bool) -> Vec<usize> {
    let mut positions: Vec<usize> = (0..values.len()).collect();
    positions.sort_by(|&a, &b| {
        let up = values[a].total_cmp(&values[b]);
        let same = values[a] == values[b]; // -0.0 and 0.0 tie
        match (same, higher_is_better) {
            (true, _) => std::cmp::Ordering::Equal,
            (false, true) => up.reverse(),
            (false, false) => up,
        }
    });
    positions
}

/// Sample quantile with linear interpolation: type 7 of Hyndman and Fan 1996, R's default. `probability` from 0 to 1.
///
/// Errors: empty, a value that is not finite, `probability` outside [0, 1].
pub fn sample_quantile(values: &[f64], probability: f64) -> Result<f64> {
    error::all_finite("values", values)?;
    let inside = (0.0..=1.0).contains(&probability);
    error::require("probability", probability, inside, "between 0 and 1")?;
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    Ok(quantile_of_sorted(&sorted, probability))
}

pub(super) fn quantile_of_sorted(sorted: &[f64], probability: f64) -> f64 {
    let (below, share) = quantile_position(sorted.len(), probability);
    let above = (below + 1).min(sorted.len() - 1);
    interpolate(sorted[below], sorted[above], share)
}

/// Where a type 7 quantile lies among `count` sorted values: the position below it and the share of the way up.
pub(super) fn quantile_position(count: usize, probability: f64) -> (usize, f64) {
    let at = (count - 1) as f64 * probability;
    // A position such as 2.999999999999999 is 3 in all but rounding (R's `fuzz`).
    let below = libm::floor(at + 4.0 * f64::EPSILON * at.max(1.0));
    (below as usize, (at - below).max(0.0))
}

pub(super) fn interpolate(below: f64, above: f64, share: f64) -> f64 {
    if share == 0.0 { below } else { below + share * (above - below) }
}

/// The median.
pub(super) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    quantile_of_sorted(&sorted, 0.5)
}

/// Quantile groups by the rule of the Office for Health Improvement and Disparities: rank with ties taking the
/// smallest rank, then `floor(q + 1 - ceil((n + 1 - rank) / (n / q)))`, and a result of 0 becomes 1.
///
/// Group 1 holds the smallest values, or the largest if `highest_first`. Source: PHEindicatormethods, `phe_quantile`.
/// Errors: empty, a value that is not finite, `groups` of 0 or more than the number of values.
pub fn quantile_groups(values: &[f64], groups: usize, highest_first: bool) -> Result<Vec<usize>> {
    error::all_finite("values", values)?;
    if groups == 0 || groups > values.len() {
        let requirement = "at least 1 and at most the number of values";
        return Err(StatsError::value("groups", groups as f64, requirement));
    }
    let (n, q) = (values.len() as f64, groups as f64);
    let ranks = competition_ranks(values, highest_first)?;
    let group = |rank: usize| {
        let from_end = libm::ceil((n + 1.0 - rank as f64) / (n / q));
        (q + 1.0 - from_end).max(1.0) as usize
    };
    Ok(ranks.into_iter().map(group).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ties_share_the_best_place() {
        assert_eq!(competition_ranks(&[3.0, 5.0, 3.0, 1.0], true).unwrap(), [2, 1, 2, 4]);
        assert_eq!(competition_ranks(&[3.0, 5.0, 3.0, 1.0], false).unwrap(), [2, 4, 2, 1]);
        assert_eq!(competition_ranks(&[0.0, -0.0], true).unwrap(), [1, 1]);
        assert_eq!(mid_ranks(&[3.0, 5.0, 3.0, 1.0]).unwrap(), [2.5, 4.0, 2.5, 1.0]);
        assert!(competition_ranks(&[], true).is_err());
        assert!(mid_ranks(&[f64::NAN]).is_err());
    }

    #[test]
    fn quantiles_interpolate() {
        let values = [4.0, 1.0, 3.0, 2.0];
        assert_eq!(sample_quantile(&values, 0.5).unwrap(), 2.5);
        assert_eq!(sample_quantile(&values, 0.0).unwrap(), 1.0);
        assert_eq!(sample_quantile(&values, 1.0).unwrap(), 4.0);
        assert_eq!(sample_quantile(&[7.0], 0.3).unwrap(), 7.0);
        assert!(sample_quantile(&values, 1.1).is_err());
    }

    #[test]
    fn groups_of_four() {
        let values: Vec<f64> = (1..=8).map(f64::from).collect();
        assert_eq!(quantile_groups(&values, 4, false).unwrap(), [1, 1, 2, 2, 3, 3, 4, 4]);
        assert_eq!(quantile_groups(&values, 4, true).unwrap(), [4, 4, 3, 3, 2, 2, 1, 1]);
        assert!(quantile_groups(&values, 9, true).is_err());
        assert!(quantile_groups(&values, 0, true).is_err());
    }

    proptest! {
        #[test]
        fn ranks_reverse_with_the_sign(values in prop::collection::vec(-5i32..5, 1..30)) {
            let values: Vec<f64> = values.into_iter().map(f64::from).collect();
            let negated: Vec<f64> = values.iter().map(|v| -v).collect();
            prop_assert_eq!(competition_ranks(&values, true).unwrap(), competition_ranks(&negated, false).unwrap());
            let total: f64 = mid_ranks(&values).unwrap().iter().sum();
            let n = values.len() as f64;
            prop_assert_eq!(total, n * (n + 1.0) / 2.0);
        }
    }
}
