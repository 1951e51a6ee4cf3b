//! The exact distribution of simulated ranks.
//!
//! If each unit's value were drawn anew from N(estimate, se^2), independently, how would the ranks fall? Marshall and
//! Spiegelhalter 1998 (BMJ 316:1701) simulate; for independent normals there is no need to: the chance that unit j has
//! rank r is the integral over its own value t of the chance that exactly r - 1 of the others lie above t, a
//! Poisson-binomial law.
//!
//! With posterior means and standard deviations (see [`empirical_bayes`](super::empirical_bayes)) these are posterior
//! probabilities. With raw estimates they are *not* confidence statements: the noise is counted twice, and near ties
//! the interval they suggest can miss the truth half the time. Use [`rank_sets`](super::rank_sets) for that.

use rayon::prelude::*;

use super::error::{self, Result};
use super::{normal, order};

/// The rank of one unit as a random variable. Rank 1 is best.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitRanks {
    /// Rank of the estimate itself.
    pub point_rank: usize,
    /// Mean of the rank.
    pub expected_rank: f64,
    /// Standard deviation of the rank.
    pub sd_rank: f64,
    /// Smallest rank reached with probability 0.025.
    pub q025: usize,
    /// Median rank.
    pub q50: usize,
    /// Smallest rank reached with probability 0.975.
    pub q975: usize,
    /// Probability of being among the `top` best.
    pub p_top: f64,
    /// Probability of being among the `bottom` worst.
    pub p_bottom: f64,
    /// Probability of each rank, best first; sums to 1.
    pub probabilities: Vec<f64>,
}

impl UnitRanks {
    /// The smallest rank whose cumulative probability reaches `level`. A shortfall below 1e-9 counts as reached, so
    /// that exact ties do not hang on rounding.
    pub fn quantile(&self, level: f64) -> usize {
        quantile(&self.probabilities, level)
    }
}

/// Width of the integration, in standard errors of the unit either way, and the distance at which one unit is certainly
/// above another: what is left out is 1e-15.
const REACH: f64 = 8.0;

/// Points of a panel, handled together by vector operations.
const LANES: usize = 8;

type Lanes = [f64; LANES];

/// The exact distribution of simulated ranks, one a unit in the order given.
///
/// `top` and `bottom` are numbers of units, used for `p_top` and `p_bottom`; 0 gives a probability of 0. Cost grows with
/// the cube of the number of units (about a second for 200). One unit has rank 1 for certain.
///
/// Errors: empty, unequal lengths, a number that is not finite, a standard error of 0 or less, more than
/// [`MAX_UNITS`](super::rank_sets::MAX_UNITS), `top` or `bottom` above the number of units.
pub fn rank_distribution(
    estimates: &[f64],
    standard_errors: &[f64],
    higher_is_better: bool,
    top: usize,
    bottom: usize,
) -> Result<Vec<UnitRanks>> {
    error::estimates_and_errors(estimates, standard_errors)?;
    let p = estimates.len();
    error::at_most("estimates", p, super::rank_sets::MAX_UNITS)?;
    error::require("top", top as f64, top <= p, "at most the number of units")?;
    error::require("bottom", bottom as f64, bottom <= p, "at most the number of units")?;
    let sign = if higher_is_better { 1.0 } else { -1.0 };
    let laws: Vec<Law> = estimates.iter().zip(standard_errors).map(|(&x, &s)| Law { mean: x * sign, sd: s }).collect();
    let ranks = order::competition_ranks(estimates, higher_is_better)?;
    let describe = |j: usize| describe(ranks[j], &laws, j, top, bottom);
    Ok((0..p).into_par_iter().map(describe).collect())
}

/// A unit's value, larger being better.
#[derive(Clone, Copy)]
struct Law {
    mean: f64,
    sd: f64,
}

fn describe(point_rank: usize, laws: &[Law], j: usize, top: usize, bottom: usize) -> UnitRanks {
    let probabilities = rank_probabilities(laws, j);
    let total = |ranks: &[f64]| ranks.iter().sum::<f64>().min(1.0);
    // The mean has a closed form, and so loses no digits to the integration.
    let own = laws[j];
    let beaten_by = |other: &Law| normal::cdf((other.mean - own.mean) / libm::hypot(other.sd, own.sd));
    let others = laws.iter().enumerate().filter(|(k, _)| *k != j);
    let expected_rank = 1.0 + others.map(|(_, other)| beaten_by(other)).sum::<f64>();
    let variance: f64 = (1..).zip(&probabilities).map(|(r, p)| p * square(f64::from(r) - expected_rank)).sum();
    UnitRanks {
        point_rank,
        expected_rank,
        sd_rank: variance.sqrt(),
        q025: quantile(&probabilities, 0.025),
        q50: quantile(&probabilities, 0.5),
        q975: quantile(&probabilities, 0.975),
        p_top: total(&probabilities[..top]),
        p_bottom: total(&probabilities[laws.len() - bottom..]),
        probabilities,
    }
}

fn square(x: f64) -> f64 {
    x * x
}

fn quantile(probabilities: &[f64], level: f64) -> usize {
    let mut reached = 0.0;
    for (at, p) in probabilities.iter().enumerate() {
        reached += p;
        if reached >= level - 1e-9 {
            return at + 1;
        }
    }
    probabilities.len()
}

/// The chance of each rank of unit `j`.
fn rank_probabilities(laws: &[Law], j: usize) -> Vec<f64> {
    let own = laws[j];
    let mut sum = vec![0.0; laws.len()];
    // Units certainly above or below the whole range only shift the rank.
    let (low, high) = (own.mean - REACH * own.sd, own.mean + REACH * own.sd);
    let near: Vec<Law> =
        others(laws, j).filter(|k| k.mean + REACH * k.sd > low && k.mean - REACH * k.sd < high).collect();
    let above = others(laws, j).filter(|k| k.mean - REACH * k.sd >= high).count();
    let mut law = vec![[0.0; LANES]; near.len() + 1];
    for (start, end) in panels(own, &near) {
        let (middle, half) = ((start + end) / 2.0, (end - start) / 2.0);
        let points = GAUSS.map(|(node, _)| middle + half * node);
        let weight = |l: usize| GAUSS[l].1 * half * normal::density((points[l] - own.mean) / own.sd) / own.sd;
        let weights: Lanes = std::array::from_fn(weight);
        let (certain, doubtful) = count_above(&near, &points, &mut law);
        for (out, p) in sum[above + certain..].iter_mut().zip(&law[..=doubtful]) {
            *out += p.iter().zip(&weights).map(|(p, weight)| p * weight).sum::<f64>();
        }
    }
    // The integral is 1 to within rounding; make it so.
    let total: f64 = sum.iter().sum();
    sum.iter_mut().for_each(|p| *p /= total);
    sum
}

fn others(laws: &[Law], j: usize) -> impl Iterator<Item = Law> + '_ {
    laws.iter().enumerate().filter(move |(k, _)| *k != j).map(|(_, law)| *law)
}

/// Panels over the range of `own`, halved until none is wide beside the precision of a unit that changes within it.
fn panels(own: Law, near: &[Law]) -> Vec<(f64, f64)> {
    // The law of the number above varies over about 1.25 / sqrt(p) standard errors.
    let share = (3.0 / ((near.len() + 1) as f64).sqrt()).min(0.5);
    let width = share * own.sd;
    let count = libm::ceil(2.0 * REACH * own.sd / width) as usize;
    let edge = |i: usize| own.mean + own.sd * REACH * (2.0 * i as f64 / count as f64 - 1.0);
    let mut panels = Vec::new();
    for i in 0..count {
        split((edge(i), edge(i + 1)), near, share, 48, &mut panels);
    }
    panels
}

fn split((start, end): (f64, f64), near: &[Law], share: f64, depth: u32, panels: &mut Vec<(f64, f64)>) {
    let changes = |k: &&Law| k.mean + REACH * k.sd > start && k.mean - REACH * k.sd < end;
    let sharpest = near.iter().filter(changes).map(|k| k.sd).fold(f64::INFINITY, f64::min);
    if depth == 0 || end - start <= share * sharpest {
        panels.push((start, end));
        return;
    }
    let middle = (start + end) / 2.0;
    split((start, middle), near, share, depth - 1, panels);
    split((middle, end), near, share, depth - 1, panels);
}

/// The law of the number of units above each point: it starts at the number certainly above (the first result) and
/// covers one more than the number in doubt (the second), written to the front of `law`.
fn count_above(near: &[Law], points: &Lanes, law: &mut [Lanes]) -> (usize, usize) {
    let (mut certain, mut doubtful) = (0, 0);
    law[0] = [1.0; LANES];
    for unit in near {
        let z = points.map(|t| (unit.mean - t) / unit.sd);
        if z.iter().all(|z| *z >= REACH) {
            certain += 1;
        } else if z.iter().any(|z| *z > -REACH) {
            let above = z.map(normal::quick_cdf);
            let below = above.map(|p| 1.0 - p);
            law[doubtful + 1] = [0.0; LANES];
            for r in (1..=doubtful + 1).rev() {
                let fewer = law[r - 1];
                (0..LANES).for_each(|l| law[r][l] = law[r][l] * below[l] + fewer[l] * above[l]);
            }
            (0..LANES).for_each(|l| law[0][l] *= below[l]);
            doubtful += 1;
        }
    }
    (certain, doubtful)
}

/// Nodes and weights of Gauss-Legendre integration of order 8 over -1 to 1 (Abramowitz and Stegun, table 25.4).
const GAUSS: [(f64, f64); LANES] = [
    (-0.960_289_856_497_536_3, 0.101_228_536_290_376_26),
    (-0.796_666_477_413_626_7, 0.222_381_034_453_374_48),
    (-0.525_532_409_916_329, 0.313_706_645_877_887_3),
    (-0.183_434_642_495_649_8, 0.362_683_783_378_362),
    (0.183_434_642_495_649_8, 0.362_683_783_378_362),
    (0.525_532_409_916_329, 0.313_706_645_877_887_3),
    (0.796_666_477_413_626_7, 0.222_381_034_453_374_48),
    (0.960_289_856_497_536_3, 0.101_228_536_290_376_26),
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn analytic_checks() {
        let two = rank_distribution(&[1.0, 0.0], &[0.6, 0.8], true, 1, 1).unwrap();
        assert!((two[0].p_top - 0.841_344_746_068_543).abs() < 1e-12);
        assert!((two[1].p_top - 0.158_655_253_931_457).abs() < 1e-12);
        let four = rank_distribution(&[2.0; 4], &[0.3; 4], true, 2, 0).unwrap();
        for unit in &four {
            assert!(unit.probabilities.iter().all(|p| (p - 0.25).abs() < 1e-12));
            assert_eq!((unit.q025, unit.q50, unit.q975, unit.point_rank), (1, 2, 4, 1));
            assert_eq!(unit.p_bottom, 0.0);
        }
        let one = rank_distribution(&[2.0], &[0.3], true, 1, 1).unwrap();
        assert_eq!(one[0].probabilities, [1.0]);
        assert_eq!(one[0].expected_rank, 1.0);
    }

    #[test]
    fn very_unequal_precision_is_still_exact() {
        // A blunt unit among sharp ones: its rank law is given by the normal chances between them.
        let laws = rank_distribution(&[0.0, -1.0, 0.5, 2.0], &[1.0, 1e-9, 1e-9, 1e-9], true, 1, 1).unwrap();
        let exact = [
            normal::cdf(-2.0),
            normal::cdf(2.0) - normal::cdf(0.5),
            normal::cdf(0.5) - normal::cdf(-1.0),
            normal::cdf(-1.0),
        ];
        for (p, exact) in laws[0].probabilities.iter().zip(exact) {
            assert!((p - exact).abs() < 1e-8, "{p} {exact}");
        }
    }

    #[test]
    fn faults_are_named() {
        assert_eq!(rank_distribution(&[], &[], true, 0, 0).unwrap_err().argument, "estimates");
        assert_eq!(rank_distribution(&[1.0], &[0.0], true, 0, 0).unwrap_err().argument, "standard_errors");
        assert_eq!(rank_distribution(&[1.0], &[1.0], true, 2, 0).unwrap_err().argument, "top");
        assert_eq!(rank_distribution(&[1.0], &[1.0], true, 1, 2).unwrap_err().argument, "bottom");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn the_table_of_probabilities_is_doubly_stochastic(
            units in prop::collection::vec((-3.0..3.0f64, 0.05..2.0f64), 2..12),
            scale in 0.1..10.0f64,
            shift in -5.0..5.0f64,
        ) {
            let (x, s): (Vec<f64>, Vec<f64>) = units.iter().copied().unzip();
            let law = rank_distribution(&x, &s, true, 1, 1).unwrap();
            for rank in 0..x.len() {
                let column: f64 = law.iter().map(|unit| unit.probabilities[rank]).sum();
                prop_assert!((column - 1.0).abs() < 1e-8);
            }
            for unit in &law {
                let mean: f64 = (1..).zip(&unit.probabilities).map(|(r, p)| f64::from(r) * p).sum();
                prop_assert!((mean - unit.expected_rank).abs() < 1e-8);
            }
            let moved: Vec<f64> = x.iter().map(|x| -(x * scale + shift)).collect();
            let wider: Vec<f64> = s.iter().map(|s| s * scale).collect();
            let again = rank_distribution(&moved, &wider, false, 1, 1).unwrap();
            for (a, b) in law.iter().zip(&again) {
                prop_assert!((a.p_top - b.p_top).abs() < 1e-8 && (a.sd_rank - b.sd_rank).abs() < 1e-6);
            }
        }
    }
}
