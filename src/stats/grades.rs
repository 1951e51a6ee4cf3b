//! How many bands can the data carry?
//!
//! Kline, Rose and Walters 2024, "A discrimination report card", American Economic Review, arXiv 2306.13005: with
//! pi_ij the posterior probability that unit i is better than unit j, choose the bands that minimise
//! (1 - lambda) x discordance - lambda x tau. Putting i in a band above j costs 1 - (1 + lambda) pi_ij, keeping them
//! together costs nothing; two units alone are parted only if pi_ij > 1 / (1 + lambda). With lambda 0 all are one band;
//! with lambda 1 any lean parts them.

use super::error::{self, Result};
use super::{normal, order};

/// Up to so many units every ordering into bands is tried (47,293 for 7), so that the optimum is exact.
pub const EXACT_UNITS: usize = 7;

/// Bands and how good they are.
#[derive(Debug, Clone, PartialEq)]
pub struct Grades {
    /// Band of each unit, from 1, the highest values.
    pub grades: Vec<usize>,
    /// Number of bands.
    pub count: usize,
    /// Expected share of all pairs that are parted the wrong way round.
    pub discordance: f64,
    /// Expected rank correlation of bands and true values: over all pairs, the share parted rightly less the share
    /// parted wrongly.
    pub tau: f64,
    /// Whether the bands are the true optimum. Above [`EXACT_UNITS`] units only bands that are unbroken in the order of
    /// posterior means are considered, and this is false: the result is then an approximation.
    pub exact: bool,
}

/// The best bands for posterior means and standard deviations, higher being better (negate the means otherwise).
///
/// Ties between equally good bands go to the fewest. A standard deviation of 0 is a value known for certain.
/// Errors: empty, unequal lengths, a number that is not finite, a standard deviation below 0, `lambda` outside [0, 1],
/// more than [`MAX_UNITS`](super::rank_sets::MAX_UNITS).
pub fn grades(posterior_means: &[f64], posterior_sds: &[f64], lambda: f64) -> Result<Grades> {
    error::all_finite("posterior_means", posterior_means)?;
    error::at_most("posterior_means", posterior_means.len(), super::rank_sets::MAX_UNITS)?;
    error::length("posterior_sds", posterior_sds.len(), posterior_means.len())?;
    error::all_non_negative("posterior_sds", posterior_sds)?;
    error::require("lambda", lambda, (0.0..=1.0).contains(&lambda), "between 0 and 1")?;
    let best_first = order::order(posterior_means, true);
    let pairs = Pairs::new(posterior_means, posterior_sds, &best_first, lambda);
    let exact = pairs.units <= EXACT_UNITS;
    let bands = if exact { best_weak_order(&pairs) } else { best_contiguous(&pairs) };
    let mut grades = vec![0; bands.len()];
    best_first.iter().zip(&bands).for_each(|(&unit, &band)| grades[unit] = band + 1);
    Ok(pairs.describe(grades, &bands, exact))
}

/// All pairs of units, in order of posterior means.
struct Pairs {
    units: usize,
    lambda: f64,
    /// pi[i][j], row by row: the probability that i is better than j.
    better: Vec<f64>,
}

/// Gains smaller than this are rounding.
const NIL: f64 = 1e-12;

impl Pairs {
    fn new(means: &[f64], sds: &[f64], best_first: &[usize], lambda: f64) -> Self {
        let units = best_first.len();
        let mut better = vec![0.5; units * units];
        for (i, &a) in best_first.iter().enumerate() {
            for (j, &b) in best_first.iter().enumerate() {
                let (lead, spread) = (means[a] - means[b], libm::hypot(sds[a], sds[b]));
                better[i * units + j] = match spread {
                    _ if lead == 0.0 => 0.5,
                    0.0 => f64::from(u8::from(lead > 0.0)),
                    _ => normal::cdf(lead / spread),
                };
            }
        }
        Self { units, lambda, better }
    }

    /// The cost of putting i in a band above j.
    fn cost(&self, i: usize, j: usize) -> f64 {
        1.0 - (1.0 + self.lambda) * self.better[i * self.units + j]
    }

    fn describe(&self, grades: Vec<usize>, bands: &[usize], exact: bool) -> Grades {
        let (mut wrong, mut lead) = (0.0, 0.0);
        for i in 0..self.units {
            for j in (0..self.units).filter(|&j| bands[i] < bands[j]) {
                let right = self.better[i * self.units + j];
                wrong += 1.0 - right;
                lead += 2.0 * right - 1.0;
            }
        }
        let pairs = (self.units * (self.units - 1) / 2).max(1) as f64;
        let count = bands.iter().max().map_or(0, |last| last + 1);
        Grades { grades, count, discordance: wrong / pairs, tau: lead / pairs, exact }
    }
}

/// The cheapest bands among those unbroken in the order given: a dynamic programme over where the last band starts.
fn best_contiguous(pairs: &Pairs) -> Vec<usize> {
    let n = pairs.units;
    // together[start][end]: what keeping start..end in one band saves, all pairs within it costing nothing.
    let mut best = vec![(0.0, 0usize, 0usize); n + 1]; // saving, bands, start of the last band
    let mut within = vec![0.0; n]; // for the current end, by start
    for end in 1..=n {
        let last = end - 1;
        let mut added = 0.0;
        for start in (0..end).rev() {
            // The pairs that `last` makes with start..last.
            if start < last {
                added += pairs.cost(start, last);
            }
            within[start] += added;
        }
        best[end] = (0..end)
            .map(|start| (best[start].0 + within[start], best[start].1 + 1, start))
            .reduce(|a, b| if b.0 > a.0 + NIL || (b.0 > a.0 - NIL && b.1 < a.1) { b } else { a })
            .unwrap_or((0.0, 0, 0));
    }
    let mut bands = vec![0; n];
    let mut end = n;
    while end > 0 {
        let (_, count, start) = best[end];
        bands[start..end].fill(count - 1);
        end = start;
    }
    bands
}

/// The cheapest of all weak orders, by trying each.
fn best_weak_order(pairs: &Pairs) -> Vec<usize> {
    let start = best_contiguous(pairs);
    let mut search = Search { pairs, bands: vec![0; pairs.units], best: (cost_of(pairs, &start), start) };
    search.place(0, 0, 0.0);
    search.best.1
}

fn cost_of(pairs: &Pairs, bands: &[usize]) -> f64 {
    let all = (0..pairs.units).flat_map(|i| (0..pairs.units).map(move |j| (i, j)));
    all.filter(|&(i, j)| bands[i] < bands[j]).map(|(i, j)| pairs.cost(i, j)).sum()
}

struct Search<'a> {
    pairs: &'a Pairs,
    bands: Vec<usize>,
    best: (f64, Vec<usize>),
}

impl Search<'_> {
    /// Tries every band for `unit` and those after it; `used` is the number of bands so far, as a set of bits.
    fn place(&mut self, unit: usize, used: u32, cost: f64) {
        let n = self.pairs.units;
        if unit == n {
            // Only assignments without a gap, so that each weak order is tried once.
            let count = used.count_ones();
            if used + 1 == 1 << count {
                self.consider(cost, count as usize);
            }
            return;
        }
        for band in 0..n {
            self.bands[unit] = band;
            let added: f64 = (0..unit)
                .map(|other| match self.bands[other].cmp(&band) {
                    std::cmp::Ordering::Less => self.pairs.cost(other, unit),
                    std::cmp::Ordering::Equal => 0.0,
                    std::cmp::Ordering::Greater => self.pairs.cost(unit, other),
                })
                .sum();
            self.place(unit + 1, used | 1 << band, cost + added);
        }
    }

    fn consider(&mut self, cost: f64, count: usize) {
        let fewest = self.best.1.iter().max().map_or(0, |last| last + 1);
        if cost < self.best.0 - NIL || (cost < self.best.0 + NIL && count < fewest) {
            self.best = (cost, self.bands.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn two_units_part_at_the_stated_probability() {
        for lambda in [0.25, 0.5, 0.9] {
            let edge = normal::quantile(1.0 / (1.0 + lambda)) * 2f64.sqrt();
            let bands = |lead: f64| grades(&[0.0, lead], &[1.0, 1.0], lambda).unwrap();
            assert_eq!(bands(edge - 1e-6).grades, [1, 1]);
            let apart = bands(edge + 1e-6);
            assert_eq!((apart.grades, apart.count, apart.exact), (vec![2, 1], 2, true));
        }
    }

    #[test]
    fn the_ends_of_lambda() {
        let (means, sds) = ([3.0, 1.0, 2.0, 2.5], [0.4, 0.5, 0.6, 0.3]);
        assert_eq!(grades(&means, &sds, 0.0).unwrap().grades, [1; 4]);
        assert_eq!(grades(&means, &sds, 1.0).unwrap().grades, [1, 4, 3, 2]);
        assert_eq!(grades(&[1.0; 9], &[0.0; 9], 0.5).unwrap().count, 1);
        assert_eq!(grades(&[1.0; 9], &[0.0; 9], 1.0).unwrap().count, 1);
        let one = grades(&[4.0], &[1.0], 0.5).unwrap();
        assert_eq!((one.grades, one.discordance, one.tau), (vec![1], 0.0, 0.0));
    }

    #[test]
    fn clear_clusters_are_found_and_marked_approximate() {
        let means: Vec<f64> = (0..12).map(|i| f64::from(i / 4) * 10.0 + 0.01 * f64::from(i % 4)).collect();
        let result = grades(&means, &[1.0; 12], 0.5).unwrap();
        assert_eq!(result.grades, [3, 3, 3, 3, 2, 2, 2, 2, 1, 1, 1, 1]);
        assert!(!result.exact && result.discordance < 1e-6 && (result.tau - 48.0 / 66.0).abs() < 1e-6);
    }

    #[test]
    fn faults_are_named() {
        let fault = |m: &[f64], s: &[f64], lambda| grades(m, s, lambda).unwrap_err().argument;
        assert_eq!(fault(&[], &[], 0.5), "posterior_means");
        assert_eq!(fault(&[1.0], &[1.0, 2.0], 0.5), "posterior_sds");
        assert_eq!(fault(&[1.0], &[-1.0], 0.5), "posterior_sds");
        assert_eq!(fault(&[1.0], &[1.0], 1.5), "lambda");
        assert_eq!(fault(&[1.0], &[1.0], f64::NAN), "lambda");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn for_equal_precision_the_dynamic_programme_is_the_optimum(
            means in prop::collection::vec(-2.0..2.0f64, 1..6),
            sd in 0.1..2.0f64,
            lambda in 0.0..1.0f64,
        ) {
            let sds = vec![sd; means.len()];
            let pairs = Pairs::new(&means, &sds, &order::order(&means, true), lambda);
            let (quick, full) = (best_contiguous(&pairs), best_weak_order(&pairs));
            prop_assert!((cost_of(&pairs, &quick) - cost_of(&pairs, &full)).abs() < 1e-9);
        }

        #[test]
        fn the_search_is_never_worse_than_the_dynamic_programme(
            units in prop::collection::vec((-2.0..2.0f64, 0.0..2.0f64), 1..6),
            lambda in 0.0..1.0f64,
        ) {
            let (means, sds): (Vec<f64>, Vec<f64>) = units.into_iter().unzip();
            let pairs = Pairs::new(&means, &sds, &order::order(&means, true), lambda);
            let (quick, full) = (best_contiguous(&pairs), best_weak_order(&pairs));
            prop_assert!(cost_of(&pairs, &full) <= cost_of(&pairs, &quick) + 1e-9);
        }
    }
}
