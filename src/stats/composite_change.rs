//! Has a composite changed between two periods, and how far would places move if nothing had?
//!
//! The change of one unit is judged by its standard deviations in both periods and by how much data the periods share
//! ([`compare_pair`](super::pairwise::compare_pair)): covariance = overlap x the product of the two deviations, an overlap of
//! 0.75 being that of a measure over twelve months taken every quarter. Over many units the rate of false discoveries is
//! controlled (Benjamini and Hochberg). The rule: a *real change* is one whose adjusted p-value is at most 1 - level; anything
//! else modelled is *no clear change*, which is not to say that nothing changed. A unit of which nothing is modelled gets
//! neither word.
//!
//! Movement of places is set beside that of two periods with the same truth: both draw the league anew, each with its own
//! noise and the share of noise that the overlap makes common. See also [`volatility`](super::volatility), which is exact for
//! units ranked by one number.

use rayon::prelude::*;

use super::composite::{League, LeagueRules, Scratch};
use super::error::{self, Result, StatsError};
use super::league_confidence::{self, LeagueUncertainty};
use super::multiplicity::{self, Method};
use super::normal::NormalStream;
use super::order;
use super::pairwise::{self, Difference};
use super::rank_draws;

/// Draws of one random stream. Part of the meaning of a seed: changing it changes results.
const BLOCK: usize = 256;

/// What is said of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeVerdict {
    /// The adjusted p-value is at most 1 - level.
    Real,
    /// It is not: chance could have done it.
    NoClear,
    /// Neither period has a standard deviation.
    NotModelled,
}

impl ChangeVerdict {
    /// The words for it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Real => "real change",
            Self::NoClear => "no clear change",
            Self::NotModelled => "not modelled",
        }
    }
}

/// The change of one unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CompositeChange {
    /// After less before, with its interval (for this unit alone) and p-value.
    pub difference: Difference,
    /// The p-value adjusted for the number of units; 1 if not modelled.
    pub adjusted_p: f64,
    /// What the rule says.
    pub verdict: ChangeVerdict,
}

/// The changes of many units between two periods. `overlap` is the share of data the two periods have in common, from 0
/// to 1, one a unit.
///
/// Errors: no units, lists of unequal length, a number that is not finite, a deviation below 0, an overlap outside [0, 1],
/// `level` outside (0, 1).
pub fn composite_change(
    (before, before_deviations): (&[f64], &[f64]),
    (after, after_deviations): (&[f64], &[f64]),
    overlap: &[f64],
    level: f64,
) -> Result<Vec<CompositeChange>> {
    error::level(level)?;
    error::all_finite("before", before)?;
    error::all_finite("after", after)?;
    error::length("after", after.len(), before.len())?;
    for (name, deviations) in [("before_sds", before_deviations), ("after_sds", after_deviations)] {
        error::all_non_negative(name, deviations)?;
        error::length(name, deviations.len(), before.len())?;
    }
    check_overlap(overlap, before.len())?;
    let mut changes = Vec::with_capacity(before.len());
    for unit in 0..before.len() {
        let ends = [(before[unit], before_deviations[unit]), (after[unit], after_deviations[unit])];
        let difference = pairwise::compare_pair(ends[0], ends[1], overlap[unit], level)?;
        let modelled = difference.standard_error > 0.0;
        let verdict = if modelled { ChangeVerdict::NoClear } else { ChangeVerdict::NotModelled };
        changes.push(CompositeChange { difference, adjusted_p: 1.0, verdict });
    }
    let modelled = || changes.iter().filter(|change| change.verdict != ChangeVerdict::NotModelled);
    let p_values: Vec<f64> = modelled().map(|change| change.difference.p_value).collect();
    if !p_values.is_empty() {
        let adjusted = multiplicity::false_discovery(&p_values, Method::BenjaminiHochberg)?;
        let judged = changes.iter_mut().filter(|change| change.verdict != ChangeVerdict::NotModelled);
        for (change, adjusted) in judged.zip(adjusted) {
            change.adjusted_p = adjusted;
            // 1 - 0.95 is above 0.05 by a rounding error; no p-value is so exact as to care.
            change.verdict = if adjusted <= 1.0 - level { ChangeVerdict::Real } else { ChangeVerdict::NoClear };
        }
    }
    Ok(changes)
}

fn check_overlap(overlap: &[f64], units: usize) -> Result<()> {
    error::all("overlap", overlap, |share| (0.0..=1.0).contains(&share), "between 0 and 1")?;
    error::length("overlap", overlap.len(), units)
}

/// How to draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MovementOptions {
    /// Pairs of periods drawn, at least 100.
    pub draws: usize,
    /// Seed of the draws.
    pub seed: u64,
}

impl Default for MovementOptions {
    fn default() -> Self {
        Self { draws: 10_000, seed: 20_260_401 }
    }
}

/// The movement of one unit if nothing had changed.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitMovement {
    /// Mean of the places moved, up or down.
    pub expected: f64,
    /// The least number of places that 95 of 100 movements do not exceed.
    pub at_most_95: usize,
    /// Probability of a movement of each number of places, from 0.
    pub probabilities: Vec<f64>,
    /// Probability that the bands of the two periods differ.
    pub p_band_changes: f64,
}

impl UnitMovement {
    /// Probability of moving so many places or more, up or down, if nothing had changed.
    pub fn p_at_least(&self, places: usize) -> f64 {
        self.probabilities.iter().skip(places).sum()
    }
}

/// The movement of one table if nothing had changed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TableMovement {
    /// The table, as numbered in the rules.
    pub table: usize,
    /// Expected mean over units of the places moved.
    pub mean_movement: f64,
    /// 95% point of that mean (type 7).
    pub mean_movement_95: f64,
    /// Expected number of units whose band differs.
    pub band_changes: f64,
    /// 95% point of that number (type 7).
    pub band_changes_95: f64,
}

/// The movement expected between two periods if nothing had changed.
#[derive(Debug, Clone, PartialEq)]
pub struct NullMovement {
    /// One a unit.
    pub units: Vec<UnitMovement>,
    /// One a table, by its number.
    pub tables: Vec<TableMovement>,
}

/// How far units would move between two periods with the same truth, taken to be the composites given: in each period
/// composite = given + sqrt(overlap) x shared noise + sqrt(1 - overlap) x own noise, all normal with the uncertainty given
/// (deviations or covariance), then rounded, banded, capped and ranked.
///
/// Since the composites given carry noise of their own, near ties are more spread than they truly are and the movement is
/// a little understated. Errors: as [`league_confidence`](super::league_confidence::league_confidence), replicates, an
/// overlap outside [0, 1].
pub fn null_movement(
    scores: &[f64],
    uncertainty: LeagueUncertainty,
    overlap: &[f64],
    rules: &LeagueRules,
    options: &MovementOptions,
) -> Result<NullMovement> {
    error::require("draws", options.draws as f64, options.draws >= 100, "at least 100")?;
    error::all_finite("scores", scores)?;
    error::at_most("scores", scores.len(), super::rank_sets::MAX_UNITS)?;
    league_confidence::check(uncertainty, scores.len())?;
    check_overlap(overlap, scores.len())?;
    let league = League::new(rules, scores.len())?;
    let loadings = overlap.iter().map(|share| (share.sqrt(), (1.0 - share).sqrt())).collect();
    let null = Null { league, scores, factor: Factor::new(uncertainty, scores.len())?, loadings };
    let blocks = (0..options.draws.div_ceil(BLOCK)).into_par_iter();
    let blocks: Vec<Moves> = blocks.map(|block| null.block(options, block)).collect();
    Ok(null.results(rules, &blocks, options.draws))
}

struct Null<'a> {
    league: League<'a>,
    scores: &'a [f64],
    factor: Factor,
    /// For each unit the share of common and of own noise, as factors.
    loadings: Vec<(f64, f64)>,
}

/// What moved in one block.
struct Moves {
    /// Units x places moved.
    counts: Vec<u32>,
    band_changes: Vec<u32>,
    /// For each table and draw, the sum of places moved and the bands changed.
    by_draw: Vec<Vec<(f64, f64)>>,
}

impl Null<'_> {
    fn block(&self, options: &MovementOptions, block: usize) -> Moves {
        let (units, tables) = (self.league.units(), self.league.tables());
        let mut stream = NormalStream::new(options.seed, block as u64);
        let mut noise = [vec![0.0; units], vec![0.0; units], vec![0.0; units]];
        let mut scratch = Scratch::default();
        let mut scores = vec![0.0; units];
        let mut periods = [(vec![0; units], vec![0; units]), (vec![0; units], vec![0; units])];
        let mut moves = Moves {
            counts: vec![0; units * units],
            band_changes: vec![0; units],
            by_draw: vec![Vec::with_capacity(BLOCK); tables.len()],
        };
        for _ in 0..BLOCK.min(options.draws - block * BLOCK) {
            noise.iter_mut().for_each(|noise| self.factor.fill(&mut stream, noise));
            let [shared, own @ ..] = &noise;
            for (own, (bands, ranks)) in own.iter().zip(&mut periods) {
                for (unit, score) in scores.iter_mut().enumerate() {
                    let (common, apart) = self.loadings[unit];
                    *score = self.league.round(self.scores[unit] + common * shared[unit] + apart * own[unit]);
                }
                self.league.band(&scores, &mut scratch, bands);
                self.league.rank(&scores, bands, &mut scratch, ranks);
            }
            let [(bands_1, ranks_1), (bands_2, ranks_2)] = &periods;
            for (members, by_draw) in tables.iter().zip(&mut moves.by_draw) {
                let mut sums = (0.0, 0.0);
                for &unit in members {
                    let places = ranks_1[unit].abs_diff(ranks_2[unit]);
                    let changed = u32::from(bands_1[unit] != bands_2[unit]);
                    moves.counts[unit * units + places] += 1;
                    moves.band_changes[unit] += changed;
                    sums = (sums.0 + places as f64, sums.1 + f64::from(changed));
                }
                by_draw.push(sums);
            }
        }
        moves
    }

    fn results(&self, rules: &LeagueRules, blocks: &[Moves], draws: usize) -> NullMovement {
        let units = self.league.units();
        let share = |count: u32| f64::from(count) / draws as f64;
        let unit = |unit: usize| {
            let count = |places: usize| blocks.iter().map(|block| block.counts[unit * units + places]).sum();
            let probabilities: Vec<f64> = (0..self.league.size(unit)).map(|places| share(count(places))).collect();
            let mut reached = 0.0;
            let at_most_95 = probabilities.iter().position(|p| {
                reached += p;
                reached >= 0.95 - 1e-12
            });
            UnitMovement {
                expected: probabilities.iter().enumerate().map(|(places, p)| places as f64 * p).sum(),
                at_most_95: at_most_95.unwrap_or(0),
                p_band_changes: share(blocks.iter().map(|block| block.band_changes[unit]).sum()),
                probabilities,
            }
        };
        let table = |(at, members): (usize, &Vec<usize>)| {
            let column = |pick: fn(&(f64, f64)) -> f64, over: f64| {
                let mut values: Vec<f64> = blocks
                    .iter()
                    .flat_map(|block| block.by_draw[at].iter().map(move |sums| pick(sums) / over))
                    .collect();
                let mean = values.iter().sum::<f64>() / draws as f64;
                values.sort_unstable_by(f64::total_cmp);
                (mean, order::quantile_of_sorted(&values, 0.95))
            };
            let (mean_movement, mean_movement_95) = column(|sums| sums.0, members.len() as f64);
            let (band_changes, band_changes_95) = column(|sums| sums.1, 1.0);
            let table = rules.tables[members[0]];
            TableMovement { table, mean_movement, mean_movement_95, band_changes, band_changes_95 }
        };
        NullMovement {
            units: (0..units).map(unit).collect(),
            tables: self.league.tables().iter().enumerate().map(table).collect(),
        }
    }
}

/// Makes normal draws of all composites.
enum Factor {
    Deviations(Vec<f64>),
    /// The lower Cholesky factor, packed by rows.
    Triangle(Vec<f64>),
}

impl Factor {
    fn new(uncertainty: LeagueUncertainty, units: usize) -> Result<Self> {
        match uncertainty {
            LeagueUncertainty::Deviations(deviations) => Ok(Self::Deviations(deviations.to_vec())),
            LeagueUncertainty::Covariance(matrix) => Ok(Self::Triangle(rank_draws::cholesky(matrix, units)?)),
            LeagueUncertainty::Replicates(_) => {
                Err(StatsError::undefined("replicates", "movement needs deviations or a covariance matrix"))
            }
        }
    }

    fn fill(&self, stream: &mut NormalStream, noise: &mut [f64]) {
        noise.fill_with(|| stream.normal());
        match self {
            Self::Deviations(deviations) => noise.iter_mut().zip(deviations).for_each(|(z, sd)| *z *= sd),
            Self::Triangle(triangle) => {
                // From the last row up, because row i needs the plain draws 0..=i.
                for i in (0..noise.len()).rev() {
                    let row = &triangle[i * (i + 1) / 2..][..=i];
                    noise[i] = row.iter().zip(&*noise).map(|(weight, z)| weight * z).sum();
                }
            }
        }
    }
}
