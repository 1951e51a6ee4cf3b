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
    /// draws), another seed could move a bound by one place. Infinite if nothing was tested.
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
    /// sets are simultaneous (section 3.4 of the paper).
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
