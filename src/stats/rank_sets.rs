//! Confidence sets for ranks.
//!
//! Mogstad, Romano, Shaikh and Wilhelm, "Inference for ranks with applications to mobility across neighbourhoods and
//! academic achievement across countries", Review of Economic Studies 2024, doi 10.1093/restud/rdad006; R package
//! `csranks`. Every order "j is above k" of interest is tested with control of the probability of any wrong claim; a
//! unit's set then runs from 1 + the number of units shown above it, to the number of units less those shown below.
//!
//! Coverage holds asymptotically and uniformly, with ties and near ties. It needs estimates that are roughly normal with
//! known covariance; independence is not needed. A *marginal* set covers the rank of one unit named in advance;
//! *simultaneous* sets cover all of them at once. Reading marginal sets down a table overstates certainty.

use super::error::{self, Problem, Result, StatsError};
use super::order;
use super::rank_stepdown::{Table, Test};

/// The most units accepted: memory grows with the square.
pub const MAX_UNITS: usize = 2000;

/// Draws by default: enough for a critical value good to about 0.003.
pub const DEFAULT_DRAWS: usize = 100_000;

/// How uncertain the estimates are.
#[derive(Debug, Clone, Copy)]
pub enum Uncertainty<'a> {
    /// Independent estimates with these standard errors, all above 0.
    StandardErrors(&'a [f64]),
    /// The covariance matrix, row by row, p x p; it may be singular.
    Covariance(&'a [f64]),
    /// Replicates of all the estimates (a bootstrap, say), row by row, draws x p. The replicates themselves are used
    /// as draws, about their means, so that no normality is assumed; `draws` and `seed` are then unused.
    Replicates(&'a [f64]),
}

/// A table to be ranked.
#[derive(Debug, Clone, Copy)]
pub struct RankInput<'a> {
    /// One estimate a unit.
    pub estimates: &'a [f64],
    /// How uncertain they are, in the same units.
    pub uncertainty: Uncertainty<'a>,
    /// Whether rank 1 is the highest estimate, or the lowest.
    pub higher_is_better: bool,
}

/// For whom a set must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// For each unit by itself.
    Marginal,
    /// For all units at once.
    Simultaneous,
    /// For these units at once (positions from 0); the others get the whole range.
    Subset(Vec<usize>),
}

impl std::str::FromStr for Kind {
    type Err = StatsError;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "marginal" => Ok(Self::Marginal),
            "simultaneous" => Ok(Self::Simultaneous),
            _ => Err(StatsError::unknown("kind", name, "'marginal' or 'simultaneous'")),
        }
    }
}

/// Which end of the set is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Both ends.
    Both,
    /// How good the rank could be; the other end is the last place.
    Lower,
    /// How bad the rank could be; the other end is the first place.
    Upper,
}

/// How to compute the sets.
#[derive(Debug, Clone, PartialEq)]
pub struct RankOptions {
    /// Coverage, strictly between 0 and 1.
    pub level: f64,
    /// For whom.
    pub kind: Kind,
    /// Which ends.
    pub side: Side,
    /// Whether to repeat with what is left after each round of rejections (never wider).
    pub stepdown: bool,
    /// Draws for each critical value, at least 100.
    pub draws: usize,
    /// Seed of the draws.
    pub seed: u64,
    /// Whether to simulate even where it is not needed. Critical values of marginal sets of independent estimates
    /// are otherwise integrated exactly, and `draws` and `seed` do not matter to them.
    pub simulate: bool,
}

impl Default for RankOptions {
    fn default() -> Self {
        Self {
            level: 0.95,
            kind: Kind::Simultaneous,
            side: Side::Both,
            stepdown: true,
            draws: DEFAULT_DRAWS,
            seed: 20_260_401,
            simulate: false,
        }
    }
}

/// The rank of one unit and its confidence set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RankSet {
    /// Rank of the estimate: 1 + the number of strictly better estimates.
    pub rank: usize,
    /// The best rank the data are consistent with.
    pub lower: usize,
    /// The worst rank the data are consistent with.
    pub upper: usize,
}

/// What the data say of one unit against another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Shown to be better.
    Above,
    /// Shown to be worse.
    Below,
    /// Cannot be told apart.
    Unclear,
}

/// One step of a stepdown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// The critical value.
    pub critical_value: f64,
    /// The smallest distance of any tested |t| from it.
    pub smallest_gap: f64,
    /// Hypotheses tested.
    pub tested: usize,
    /// Hypotheses rejected.
    pub rejected: usize,
}

/// Confidence sets for a table.
#[derive(Debug, Clone, PartialEq)]
pub struct RankSets {
    /// One a unit, in the order given.
    pub ranks: Vec<RankSet>,
    /// The steps of each family of hypotheses: one family for simultaneous sets, one a unit for marginal ones.
    /// A family with nothing to test has no steps.
    pub families: Vec<Vec<Step>>,
    /// The smallest |t - c| of all: if it is within a few Monte Carlo errors of the critical value (0.003 at 100,000
    /// draws), another seed could move a bound by one place (integrated critical
    /// values do not depend on the seed). Infinite if nothing was tested.
    pub stability: f64,
    pub(super) verdicts: Vec<Verdict>,
}

impl RankSets {
    /// Whether unit `j` has been told apart from unit `k` (positions from 0), within the family of unit `j`.
    pub fn verdict(&self, j: usize, k: usize) -> Verdict {
        self.verdicts[j * self.ranks.len() + k]
    }

    /// How many other units unit `j` cannot be told apart from.
    pub fn unclear(&self, j: usize) -> usize {
        let row = &self.verdicts[j * self.ranks.len()..][..self.ranks.len()];
        row.iter().filter(|verdict| **verdict == Verdict::Unclear).count() - 1
    }

    /// The units that could truly be among the `tau` best. At the stated level all of those are among them, if the
    /// sets are simultaneous.
    pub fn tau_best(&self, tau: usize) -> Vec<bool> {
        self.ranks.iter().map(|set| set.lower <= tau).collect()
    }

    /// The units that could truly be among the `tau` worst; see [`RankSets::tau_best`].
    pub fn tau_worst(&self, tau: usize) -> Vec<bool> {
        self.ranks.iter().map(|set| set.upper + tau > self.ranks.len()).collect()
    }
}

/// Confidence sets for the ranks of a table.
///
/// Units are handled in order of their estimates, so the order they are given in does not matter (except between units
/// with the same estimate and precision). One unit has the set 1 to 1. Two units whose difference has no variance are
/// told apart exactly when their estimates differ.
///
/// Errors: no estimates or more than [`MAX_UNITS`], a length that does not match, a number that is not finite, a
/// standard error of 0 or less, a matrix that is not a covariance, fewer than 100 draws or replicates, a level outside
/// (0, 1), a subset that names no unit or an unknown one.
pub fn rank_confidence(input: &RankInput, options: &RankOptions) -> Result<RankSets> {
    check(input, options)?;
    let table = Table::new(input)?;
    let mut test = Test::new(&table, options);
    test.run(&table, options);
    let ranks = order::competition_ranks(input.estimates, input.higher_is_better)?;
    Ok(test.sets(&table, ranks, options.side))
}

fn check(input: &RankInput, options: &RankOptions) -> Result<()> {
    let p = input.estimates.len();
    error::level(options.level)?;
    error::all_finite("estimates", input.estimates)?;
    error::at_most("estimates", p, MAX_UNITS)?;
    let draws = options.draws as f64;
    error::require("draws", draws, options.draws >= 100, "at least 100")?;
    if let Kind::Subset(units) = &options.kind {
        error::at_least("units", units.len(), 1)?;
        let known = units.iter().all(|&unit| unit < p);
        let worst = units.iter().max().copied().unwrap_or(0) as f64;
        error::require("units", worst, known, "a position in the table")?;
    }
    match input.uncertainty {
        Uncertainty::StandardErrors(errors) => error::estimates_and_errors(input.estimates, errors),
        Uncertainty::Covariance(matrix) => check_covariance(matrix, p),
        Uncertainty::Replicates(values) => {
            error::all_finite("replicates", values)?;
            let expected = values.len() / p * p;
            error::length("replicates", values.len(), expected)?;
            error::at_least("replicates", values.len(), 100 * p)
        }
    }
}

fn check_covariance(matrix: &[f64], p: usize) -> Result<()> {
    error::all_finite("covariance", matrix)?;
    error::length("covariance", matrix.len(), p * p)?;
    for j in 0..p {
        for k in 0..j {
            let (one, two) = (matrix[j * p + k], matrix[k * p + j]);
            if (one - two).abs() > 1e-9 * (matrix[j * p + j] + matrix[k * p + k]).abs() {
                return Err(StatsError::new("covariance", Problem::NotSymmetric));
            }
        }
    }
    Ok(())
}
#[cfg(test)]
mod tests {
    use super::super::joint_region::{self, Adjustment};
    use super::super::normal::NormalStream;
    use super::*;
    use proptest::prelude::*;

    fn sets(x: &[f64], s: &[f64], higher_is_better: bool, options: &RankOptions) -> RankSets {
        let input = RankInput { estimates: x, uncertainty: Uncertainty::StandardErrors(s), higher_is_better };
        rank_confidence(&input, options).unwrap()
    }

    fn quick(kind: Kind) -> RankOptions {
        RankOptions { kind, draws: 2_000, simulate: true, ..RankOptions::default() }
    }

    fn fault(x: &[f64], uncertainty: Uncertainty, options: &RankOptions) -> &'static str {
        rank_confidence(&RankInput { estimates: x, uncertainty, higher_is_better: true }, options).unwrap_err().argument
    }

    #[test]
    fn clear_tables_have_one_place_each_and_tied_ones_all() {
        for kind in [Kind::Marginal, Kind::Simultaneous] {
            let clear = sets(&[30.0, 10.0, 20.0], &[1.0; 3], true, &quick(kind.clone()));
            assert_eq!(
                clear.ranks.iter().map(|r| (r.rank, r.lower, r.upper)).collect::<Vec<_>>(),
                [(1, 1, 1), (3, 3, 3), (2, 2, 2)]
            );
            assert_eq!(clear.verdict(0, 1), Verdict::Above);
            assert_eq!(clear.verdict(1, 2), Verdict::Below);
            assert_eq!(clear.unclear(0), 0);
            let tied = sets(&[5.0; 4], &[1.0, 2.0, 3.0, 4.0], true, &quick(kind));
            assert!(tied.ranks.iter().all(|r| (r.rank, r.lower, r.upper) == (1, 1, 4)));
            assert_eq!(tied.unclear(2), 3);
        }
    }

    #[test]
    fn one_unit_is_first_and_two_are_an_ordinary_test() {
        let one = sets(&[5.0], &[1.0], true, &RankOptions::default());
        assert_eq!((one.ranks[0], one.stability), (RankSet { rank: 1, lower: 1, upper: 1 }, f64::INFINITY));
        for kind in [Kind::Marginal, Kind::Simultaneous] {
            let options = RankOptions { kind, ..RankOptions::default() };
            let apart = sets(&[0.0, 1.97], &[0.6, 0.8], true, &options);
            assert_eq!(apart.ranks[1], RankSet { rank: 1, lower: 1, upper: 1 });
            let close = sets(&[0.0, 1.95], &[0.6, 0.8], true, &options);
            assert_eq!(close.ranks[1], RankSet { rank: 1, lower: 1, upper: 2 });
        }
    }

    #[test]
    fn faults_are_named() {
        use Uncertainty::{Covariance, Replicates, StandardErrors};
        let options = RankOptions::default();
        assert_eq!(fault(&[], StandardErrors(&[]), &options), "estimates");
        assert_eq!(fault(&[1.0, f64::NAN], StandardErrors(&[1.0; 2]), &options), "estimates");
        assert_eq!(fault(&[1.0, 2.0], StandardErrors(&[1.0]), &options), "standard_errors");
        assert_eq!(fault(&[1.0, 2.0], StandardErrors(&[1.0, 0.0]), &options), "standard_errors");
        assert_eq!(fault(&[1.0, 2.0], StandardErrors(&[1.0, -1.0]), &options), "standard_errors");
        assert_eq!(fault(&[1.0, 2.0], Covariance(&[1.0, 0.0, 0.0]), &options), "covariance");
        assert_eq!(fault(&[1.0, 2.0], Covariance(&[1.0, 0.5, 0.0, 1.0]), &options), "covariance");
        assert_eq!(fault(&[1.0, 2.0], Covariance(&[1.0, 2.0, 2.0, 1.0]), &options), "covariance");
        assert_eq!(fault(&[1.0, 2.0], Replicates(&[0.0; 10]), &options), "replicates");
        assert_eq!(fault(&[1.0, 2.0], Replicates(&[0.0; 201]), &options), "replicates");
        let with = |change: fn(&mut RankOptions)| {
            let mut options = RankOptions::default();
            change(&mut options);
            fault(&[1.0, 2.0], StandardErrors(&[1.0; 2]), &options)
        };
        assert_eq!(with(|options| options.level = 1.0), "level");
        assert_eq!(with(|options| options.draws = 10), "draws");
        assert_eq!(with(|options| options.kind = Kind::Subset(vec![])), "units");
        assert_eq!(with(|options| options.kind = Kind::Subset(vec![2])), "units");
        assert_eq!("both".parse::<Kind>().unwrap_err().argument, "kind");
        let many = vec![0.0; MAX_UNITS + 1];
        assert_eq!(fault(&many, StandardErrors(&many), &options), "estimates");
    }

    #[test]
    fn integration_agrees_with_simulation() {
        let x: Vec<f64> = (0..12).map(|i| f64::from(i * i) * 0.12).collect();
        let s: Vec<f64> = (0..12).map(|i| 0.3 + f64::from(i % 4) * 0.4).collect();
        for side in [Side::Both, Side::Lower, Side::Upper] {
            let run = |simulate| {
                let options =
                    RankOptions { kind: Kind::Marginal, draws: 200_000, simulate, side, ..RankOptions::default() };
                sets(&x, &s, true, &options)
            };
            let (exact, simulated) = (run(false), run(true));
            for (one, two) in exact.families.iter().zip(&simulated.families) {
                assert!((one[0].critical_value - two[0].critical_value).abs() < 0.015, "{one:?} {two:?}");
            }
        }
    }

    #[test]
    fn a_subset_of_all_is_simultaneous_and_of_one_is_marginal() {
        let x = [1.0, 2.5, 2.0, 6.0, 4.5];
        let s = [0.5, 0.7, 0.6, 0.9, 0.4];
        let all = sets(&x, &s, true, &quick(Kind::Subset(vec![0, 1, 2, 3, 4])));
        assert_eq!(all, sets(&x, &s, true, &quick(Kind::Simultaneous)));
        let marginal = sets(&x, &s, true, &quick(Kind::Marginal));
        for unit in 0..5 {
            let one = sets(&x, &s, true, &quick(Kind::Subset(vec![unit])));
            assert_eq!(one.ranks[unit], marginal.ranks[unit]);
        }
    }

    #[test]
    fn one_sided_sets_leave_the_other_end_open() {
        let x = [1.0, 2.5, 2.0, 6.0, 4.5];
        let s = [0.5, 0.7, 0.6, 0.9, 0.4];
        for kind in [Kind::Marginal, Kind::Simultaneous] {
            let both = sets(&x, &s, true, &quick(kind.clone()));
            let lower = sets(&x, &s, true, &RankOptions { side: Side::Lower, ..quick(kind.clone()) });
            let upper = sets(&x, &s, true, &RankOptions { side: Side::Upper, ..quick(kind) });
            for unit in 0..5 {
                assert_eq!((lower.ranks[unit].upper, upper.ranks[unit].lower), (5, 1));
                assert!(lower.ranks[unit].lower >= both.ranks[unit].lower);
                assert!(upper.ranks[unit].upper <= both.ranks[unit].upper);
            }
            assert!(lower.tau_best(1)[3] && !lower.tau_best(1)[0]);
            assert!(upper.tau_worst(1)[0] && !upper.tau_worst(1)[3]);
        }
    }

    #[test]
    fn a_diagonal_covariance_is_independence() {
        let x = [1.0, 2.5, 2.0, 6.0, 4.5];
        let s = [0.5, 0.75, 0.625, 1.0, 0.25];
        let mut matrix = [0.0; 25];
        (0..5).for_each(|j| matrix[j * 6] = s[j] * s[j]);
        let input = RankInput { estimates: &x, uncertainty: Uncertainty::Covariance(&matrix), higher_is_better: true };
        for kind in [Kind::Marginal, Kind::Simultaneous] {
            assert_eq!(rank_confidence(&input, &quick(kind.clone())).unwrap(), sets(&x, &s, true, &quick(kind)));
        }
    }

    #[test]
    fn shared_noise_does_not_blur_the_order() {
        // A common shock of standard deviation 10, own noise of 0.1.
        let x = [1.0, 2.0, 3.0];
        let matrix: Vec<f64> = (0..9).map(|i| if i % 4 == 0 { 100.01 } else { 100.0 }).collect();
        let input = RankInput { estimates: &x, uncertainty: Uncertainty::Covariance(&matrix), higher_is_better: false };
        let result = rank_confidence(&input, &quick(Kind::Simultaneous)).unwrap();
        assert!(result.ranks.iter().all(|set| set.lower == set.rank && set.upper == set.rank));
        // The same through replicates of the estimates.
        let mut stream = NormalStream::new(1, 0);
        let replicates: Vec<f64> = (0..3_000)
            .flat_map(|_| {
                let shock = 10.0 * stream.normal();
                x.map(|x| x + shock + 0.1 * stream.normal())
            })
            .collect();
        let input = RankInput { uncertainty: Uncertainty::Replicates(&replicates), ..input };
        let again = rank_confidence(&input, &quick(Kind::Simultaneous)).unwrap();
        assert_eq!(again.ranks, result.ranks);
        let value = |sets: &RankSets| sets.families[0][0].critical_value;
        assert!((value(&again) - value(&result)).abs() < 0.15);
    }

    #[test]
    fn a_difference_without_variance_is_known() {
        // Units 0 and 1 share all their noise; units 2 and 3 have none.
        let matrix = [1.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        let x = [1.0, 1.001, 9.0, 9.0];
        let input = RankInput { estimates: &x, uncertainty: Uncertainty::Covariance(&matrix), higher_is_better: true };
        for kind in [Kind::Marginal, Kind::Simultaneous] {
            let result = rank_confidence(&input, &quick(kind)).unwrap();
            assert_eq!(result.verdict(1, 0), Verdict::Above);
            assert_eq!(result.verdict(2, 3), Verdict::Unclear);
            let places: Vec<_> = result.ranks.iter().map(|r| (r.lower, r.upper)).collect();
            assert_eq!(places, [(4, 4), (3, 3), (1, 2), (1, 2)]);
        }
    }

    #[test]
    fn threads_do_not_matter() {
        let x: Vec<f64> = (0..20).map(|i| libm::sin(f64::from(i)) * 3.0).collect();
        let s: Vec<f64> = (0..20).map(|i| 0.4 + 0.1 * f64::from(i % 3)).collect();
        let run = |threads, kind: &Kind, simulate| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let options = RankOptions { draws: 30_000, simulate, kind: kind.clone(), ..RankOptions::default() };
            pool.install(|| sets(&x, &s, true, &options))
        };
        for (kind, simulate) in [(Kind::Simultaneous, true), (Kind::Marginal, true), (Kind::Marginal, false)] {
            let one = run(1, &kind, simulate);
            assert_eq!(one, run(2, &kind, simulate));
            assert_eq!(one, run(7, &kind, simulate));
        }
    }

    fn table() -> impl Strategy<Value = Vec<(f64, f64)>> {
        prop::collection::vec((-4.0..4.0f64, 0.1..1.5f64), 1..14)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn sets_hold_the_published_rank_and_nest(units in table(), higher in any::<bool>()) {
            let (x, s): (Vec<f64>, Vec<f64>) = units.into_iter().unzip();
            let run = |kind: Kind, stepdown, level| {
                sets(&x, &s, higher, &RankOptions { stepdown, level, ..quick(kind) }).ranks
            };
            let inside = |inner: &[RankSet], outer: &[RankSet]| {
                inner.iter().zip(outer).all(|(i, o)| o.lower <= i.lower && i.upper <= o.upper)
            };
            for kind in [Kind::Marginal, Kind::Simultaneous] {
                let stepped = run(kind.clone(), true, 0.9);
                prop_assert!(stepped.iter().all(|r| 1 <= r.lower && r.lower <= r.rank && r.rank <= r.upper && r.upper <= x.len()));
                prop_assert!(inside(&stepped, &run(kind.clone(), false, 0.9)));
                prop_assert!(inside(&stepped, &run(kind, true, 0.97)));
            }
            prop_assert!(inside(&run(Kind::Marginal, true, 0.9), &run(Kind::Simultaneous, true, 0.9)));
        }

        #[test]
        fn order_sign_scale_and_shift_do_not_matter(units in table(), turn in 0usize..14, power in -3i32..4) {
            let scale = libm::exp2(f64::from(power));
            let (x, s): (Vec<f64>, Vec<f64>) = units.iter().copied().unzip();
            for kind in [Kind::Marginal, Kind::Simultaneous] {
                let base = sets(&x, &s, true, &quick(kind.clone()));
                let negated: Vec<f64> = x.iter().map(|x| -x).collect();
                prop_assert_eq!(&base.ranks, &sets(&negated, &s, false, &quick(kind.clone())).ranks);
                let (scaled, wider): (Vec<f64>, Vec<f64>) = units.iter().map(|(x, s)| (x * scale, s * scale)).unzip();
                prop_assert_eq!(&base.ranks, &sets(&scaled, &wider, true, &quick(kind.clone())).ranks);
                if base.stability > 1e-9 {
                    let shifted: Vec<f64> = x.iter().map(|x| x + 100.0).collect();
                    prop_assert_eq!(&base.ranks, &sets(&shifted, &s, true, &quick(kind.clone())).ranks);
                }
                let mut turned = units.clone();
                turned.rotate_left(turn % units.len());
                let (x, s): (Vec<f64>, Vec<f64>) = turned.into_iter().unzip();
                let mut ranks = sets(&x, &s, true, &quick(kind)).ranks;
                ranks.rotate_right(turn % units.len());
                prop_assert_eq!(&base.ranks, &ranks);
            }
        }

        #[test]
        fn for_equal_errors_the_joint_region_is_wider(x in prop::collection::vec(-6.0..6.0f64, 2..14)) {
            let s = vec![0.5; x.len()];
            let options = RankOptions { stepdown: false, draws: 20_000, ..RankOptions::default() };
            let single = sets(&x, &s, true, &options);
            let region = joint_region::joint_region(&x, &s, true, 0.95, Adjustment::Independence, None).unwrap();
            for (set, range) in single.ranks.iter().zip(&region.ranks) {
                prop_assert!(range.lower <= set.lower && set.upper <= range.upper);
            }
        }
    }
}
