//! How far places hang on the weights of the metrics: composites under random weights.
//!
//! In every draw the metrics have one set of weights for all units, from a Dirichlet law about the weights given, and every
//! unit's composite is the mean of its own scores with them. The range of places answers "what if the weights had been
//! others", within the law drawn from; it is no statement of statistical uncertainty and must not be merged with one.
//!
//! Saisana, Saltelli and Tarantola 2005, JRSS A 168:307; OECD and JRC, Handbook on Constructing Composite Indicators, 2008.

use rayon::prelude::*;

use super::composite::{self, Counts, League, LeagueRules, PairScores, Scratch, Standing};
use super::error::{self, Result};
use super::normal::NormalStream;
use super::special;

/// Draws of one random stream. Part of the meaning of a seed: changing it changes results.
const BLOCK: usize = 256;

/// How to draw.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WeightOptions {
    /// How near to the weights given, above 0: the Dirichlet parameter of a metric of average weight. 1 makes all sets of
    /// weights alike likely (for metrics weighted alike); a weight then varies by about its own size. At 10 it varies by
    /// about a third of its size.
    pub concentration: f64,
    /// Share of the draws between the two percentiles, strictly between 0 and 1.
    pub level: f64,
    /// Draws, at least 100.
    pub draws: usize,
    /// Seed of the draws.
    pub seed: u64,
}

impl Default for WeightOptions {
    fn default() -> Self {
        Self { concentration: 1.0, level: 0.9, draws: 10_000, seed: 20_260_401 }
    }
}

/// The places of one unit under random weights.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WeightRanks {
    /// With the weights given.
    pub standing: Standing,
    /// Lower percentile of its place: the 5% point at level 0.9.
    pub lower: usize,
    /// Upper percentile of its place.
    pub upper: usize,
    /// Mean place.
    pub mean_rank: f64,
    /// Mean number of places from that with the weights given; over all units, the average shift of the handbook.
    pub mean_shift: f64,
}

/// Places under random weights, one result a unit; bands and caps apply in every draw.
///
/// Errors: as [`composite_bootstrap`](super::composite_bootstrap::composite_bootstrap), and a concentration of 0 or less.
pub fn random_weight_ranks(
    pairs: &PairScores,
    rules: &LeagueRules,
    options: &WeightOptions,
) -> Result<Vec<WeightRanks>> {
    error::level(options.level)?;
    error::require("draws", options.draws as f64, options.draws >= 100, "at least 100")?;
    error::positive("concentration", options.concentration)?;
    let league = League::new(rules, rules.tables.len())?;
    let means = composite::weighted_means(pairs, league.units())?;
    let rounded: Vec<f64> = means.iter().map(|&mean| league.round(mean)).collect();
    let most = pairs.metrics.iter().max().copied().unwrap_or(0);
    let limit = super::rank_sets::MAX_UNITS;
    error::require("pair_metrics", most as f64, most < limit, "the position of a metric, below 2000")?;
    let shapes = shapes(pairs, options.concentration);
    let block = |block: usize| {
        let mut stream = NormalStream::new(options.seed, block as u64);
        let mut counts = Counts::new(&league);
        let (mut scratch, mut bands, mut ranks) =
            (Scratch::default(), vec![0; league.units()], vec![0; league.units()]);
        let mut factors = vec![0.0; shapes.len()];
        let mut sums = vec![(0.0, 0.0); league.units()];
        let mut scores = vec![0.0; league.units()];
        for _ in 0..BLOCK.min(options.draws - block * BLOCK) {
            for (factor, &shape) in factors.iter_mut().zip(&shapes) {
                let u = stream.uniform();
                // Over its mean, so that weights given stay the expectation. A gamma of shape 1 is exponential.
                *factor = match shape {
                    0.0 => 0.0,
                    1.0 => -libm::log(u),
                    _ => special::chi_squared_lower(u, 2.0 * shape) / (2.0 * shape),
                };
            }
            sums.fill((0.0, 0.0));
            for (pair, (&unit, &metric)) in pairs.units.iter().zip(pairs.metrics).enumerate() {
                // Never quite 0, lest a unit be left without weight.
                let weight = pairs.weights[pair] * factors[metric].max(1e-12);
                sums[unit].0 += weight * pairs.scores[pair];
                sums[unit].1 += weight;
            }
            scores.iter_mut().zip(&sums).for_each(|(score, (sum, weight))| *score = league.round(sum / weight));
            league.band(&scores, &mut scratch, &mut bands);
            league.rank(&scores, &bands, &mut scratch, &mut ranks);
            counts.add(&bands, &ranks);
        }
        counts
    };
    let blocks: Vec<Counts> = (0..options.draws.div_ceil(BLOCK)).into_par_iter().map(block).collect();
    let mut counts = Counts::new(&league);
    blocks.iter().for_each(|block| counts.merge(block));
    let tail = (1.0 - options.level) / 2.0;
    let unit = |(unit, standing): (usize, Standing)| {
        let law = counts.rank_probabilities(unit, league.size(unit));
        let mean = |of: &dyn Fn(f64) -> f64| law.iter().enumerate().map(|(at, p)| of((at + 1) as f64) * p).sum();
        WeightRanks {
            standing,
            lower: counts.rank_quantile(unit, tail),
            upper: counts.rank_quantile(unit, 1.0 - tail),
            mean_rank: mean(&|place| place),
            mean_shift: mean(&|place| (place - standing.rank as f64).abs()),
        }
    };
    Ok(league.standings(&rounded).into_iter().enumerate().map(unit).collect())
}

/// The Dirichlet parameter of each metric: its mean weight over the mean of those of all metrics, times the concentration.
fn shapes(pairs: &PairScores, concentration: f64) -> Vec<f64> {
    let metrics = pairs.metrics.iter().max().map_or(0, |most| most + 1);
    let mut sums = vec![(0.0, 0.0); metrics];
    for (&metric, weight) in pairs.metrics.iter().zip(pairs.weights) {
        sums[metric].0 += weight;
        sums[metric].1 += 1.0;
    }
    let weights: Vec<f64> = sums.iter().map(|&(sum, count)| if count > 0.0 { sum / count } else { 0.0 }).collect();
    let used = sums.iter().filter(|sum| sum.1 > 0.0).count() as f64;
    let mean = weights.iter().sum::<f64>() / used;
    weights.iter().map(|weight| concentration * weight / mean).collect()
}
