//! How much a composite depends on the choice of metrics: a joint bootstrap over each unit's metrics.
//!
//! In every draw each unit resamples its own metrics with replacement, as many as it has, all alike to be drawn; its
//! composite is the weighted mean of those drawn. Bands, caps and places follow. The percentiles of the draws say how far
//! the composite and the place hang on which metrics happen to be in the scheme. They say nothing of sampling error in
//! the values, of delay in reporting or of the rules, and are not a confidence interval for a place
//! ([`league_confidence`](super::league_confidence) is).
//!
//! Percentile bootstrap: Efron 1979, Annals of Statistics 7:1. Percentiles of scores are type 7 of Hyndman and Fan, those
//! of places the smallest place whose cumulative share of the draws reaches the level.

use rayon::prelude::*;

use super::composite::{Counts, League, LeagueRules, PairScores, Scratch, Standing};
use super::error::{self, Result};
use super::normal::NormalStream;
use super::order;

/// Draws of one random stream. Part of the meaning of a seed: changing it changes results.
const BLOCK: usize = 512;

/// Draws by default.
pub const DEFAULT_DRAWS: usize = 10_000;

/// How to draw.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BootstrapOptions {
    /// Share of the draws between the two percentiles, strictly between 0 and 1.
    pub level: f64,
    /// Draws, at least 100.
    pub draws: usize,
    /// Seed of the draws.
    pub seed: u64,
}

impl Default for BootstrapOptions {
    fn default() -> Self {
        Self { level: 0.95, draws: DEFAULT_DRAWS, seed: 20_260_401 }
    }
}

/// How one unit fared over the draws.
#[derive(Debug, Clone, PartialEq)]
pub struct BootstrapUnit {
    /// With the scores as given.
    pub standing: Standing,
    /// Lower percentile of its composite.
    pub score_lower: f64,
    /// Upper percentile of its composite.
    pub score_upper: f64,
    /// Lower percentile of its place.
    pub rank_lower: usize,
    /// Upper percentile of its place.
    pub rank_upper: usize,
    /// The share of draws in each band, best first.
    pub band_probabilities: Vec<f64>,
}

/// Percentiles of composites and places over resampled metrics, one result a unit.
///
/// Composites are rounded as the rules say before bands and places; percentiles of scores are taken of the rounded
/// composites. A unit with one metric has the same composite in every draw. Draws of a unit depend on its position and
/// its own scores alone.
///
/// Errors: no units, lists of unequal length, an unknown unit, a unit without a score, a score that is not finite, a weight
/// of 0 or less, cuts out of order, a cap that is no band, `level` outside (0, 1), fewer than 100 draws.
pub fn composite_bootstrap(
    pairs: &PairScores,
    rules: &LeagueRules,
    options: &BootstrapOptions,
) -> Result<Vec<BootstrapUnit>> {
    error::level(options.level)?;
    error::require("draws", options.draws as f64, options.draws >= 100, "at least 100")?;
    let league = League::new(rules, rules.tables.len())?;
    pairs.check(league.units())?;
    let mut scores: Vec<Vec<Weighted>> = vec![Vec::new(); league.units()];
    for ((&unit, &score), &weight) in pairs.units.iter().zip(pairs.scores).zip(pairs.weights) {
        scores[unit].push(Weighted { product: weight * score, weight });
    }
    let bootstrap = Bootstrap { league, scores, options: *options };
    let blocks: Vec<Counts> = (0..options.draws.div_ceil(BLOCK)).into_par_iter().map(|b| bootstrap.block(b)).collect();
    let mut counts = Counts::new(&bootstrap.league);
    blocks.iter().for_each(|block| counts.merge(block));
    let all = |scores: &Vec<Weighted>| bootstrap.league.round(mean(scores.iter()));
    let rounded: Vec<f64> = bootstrap.scores.iter().map(all).collect();
    let standings = bootstrap.league.standings(&rounded);
    Ok(standings.into_par_iter().enumerate().map(|(unit, standing)| bootstrap.unit(unit, standing, &counts)).collect())
}

#[derive(Clone, Copy)]
struct Weighted {
    product: f64,
    weight: f64,
}

fn mean<'a>(scores: impl Iterator<Item = &'a Weighted>) -> f64 {
    let (sum, weight) = scores.fold((0.0, 0.0), |(sum, weight), one| (sum + one.product, weight + one.weight));
    sum / weight
}

struct Bootstrap<'a> {
    league: League<'a>,
    scores: Vec<Vec<Weighted>>,
    options: BootstrapOptions,
}

impl Bootstrap<'_> {
    /// The composites of one unit in one block of draws.
    fn composites(&self, unit: usize, block: usize) -> impl Iterator<Item = f64> {
        let size = BLOCK.min(self.options.draws - block * BLOCK);
        let mut stream = NormalStream::new(self.options.seed, ((unit as u64) << 32) | block as u64);
        let scores = &self.scores[unit];
        let count = scores.len();
        let one = move || &scores[((stream.uniform() * count as f64) as usize).min(count - 1)];
        let mut one = one;
        (0..size).map(move |_| self.league.round(mean((0..count).map(|_| one()))))
    }

    fn block(&self, block: usize) -> Counts {
        let units = self.league.units();
        let drawn: Vec<Vec<f64>> = (0..units).map(|unit| self.composites(unit, block).collect()).collect();
        let mut counts = Counts::new(&self.league);
        let (mut scratch, mut bands, mut ranks) = (Scratch::default(), vec![0; units], vec![0; units]);
        let mut scores = vec![0.0; units];
        for draw in 0..drawn[0].len() {
            scores.iter_mut().zip(&drawn).for_each(|(score, drawn)| *score = drawn[draw]);
            self.league.band(&scores, &mut scratch, &mut bands);
            self.league.rank(&scores, &bands, &mut scratch, &mut ranks);
            counts.add(&bands, &ranks);
        }
        counts
    }

    /// Draws the unit's composites again, which takes less memory than keeping those of every unit.
    fn unit(&self, unit: usize, standing: Standing, counts: &Counts) -> BootstrapUnit {
        let blocks = 0..self.options.draws.div_ceil(BLOCK);
        let mut drawn: Vec<f64> = blocks.flat_map(|block| self.composites(unit, block)).collect();
        drawn.sort_unstable_by(f64::total_cmp);
        let tail = (1.0 - self.options.level) / 2.0;
        BootstrapUnit {
            standing,
            score_lower: order::quantile_of_sorted(&drawn, tail),
            score_upper: order::quantile_of_sorted(&drawn, 1.0 - tail),
            rank_lower: counts.rank_quantile(unit, tail),
            rank_upper: counts.rank_quantile(unit, 1.0 - tail),
            band_probabilities: counts.band_probabilities(unit),
        }
    }
}
