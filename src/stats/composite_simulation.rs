//! How much of a composite, its band and its place is chance and volatility in the metrics.
//!
//! Every draw takes every modelled value anew about the one published, scores all units again by each metric's own rule,
//! averages with the published weights and missing pattern, sorts into bands, applies caps and ranks. Values come from
//! normal laws with the standard deviations given, put on a natural bound where they cross it; metrics of one unit may
//! share a factor (Gaussian copula, one correlation for all pairs, oriented so that a unit has a good or a bad period in
//! all metrics alike). Without noise every unit has exactly its published composite, band and place.
//!
//! Marshall and Spiegelhalter 1998, BMJ 316:1701, for single measures. The draws carry noise twice, once in what was
//! published and once more here, so composites are pulled to the middle: `bias` says how far. Percentiles of the simulated
//! places are not confidence limits ([`league_confidence`](super::league_confidence) makes those from the covariance).
//! What has no standard deviation is held still, and the results speak only of what is modelled: `modelled_weight` says
//! how much that is.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::composite::{Counts, League, LeagueRules, PairScores, Scratch, Standing};
use super::composite_scoring::{Entry, Keys, Metric, MetricRule};
use super::error::{self, Problem, Result, StatsError};
use super::normal::NormalStream;

/// Draws of one random stream. Part of the meaning of a seed: changing it changes results.
const BLOCK: usize = 256;
/// Blocks in flight at once: bounds memory at ROUND covariance matrices.
const ROUND: usize = 16;

/// Draws by default.
pub const DEFAULT_DRAWS: usize = 10_000;

/// What is simulated. Long lists have one element for each score that enters a composite.
#[derive(Debug, Clone, Copy)]
pub struct SimulationInput<'a> {
    /// How the league is made.
    pub rules: LeagueRules<'a>,
    /// The published composite of each unit.
    pub published: &'a [f64],
    /// The scores, before rounding if they are known so, and their weights.
    pub pairs: PairScores<'a>,
    /// The values on their own scales; NaN where there is none, if the deviation is 0.
    pub values: &'a [f64],
    /// Standard deviations of the values on the same scales; 0 for a value held still.
    pub deviations: &'a [f64],
    /// The rule of each metric.
    pub metrics: &'a [MetricRule],
    /// Correlation between any two metrics of a unit, from 0 to 1 (below 1).
    pub correlation: f64,
}

/// How to draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SimulationOptions {
    /// Draws, at least 100.
    pub draws: usize,
    /// Seed of the draws.
    pub seed: u64,
}

impl Default for SimulationOptions {
    fn default() -> Self {
        Self { draws: DEFAULT_DRAWS, seed: 20_260_401 }
    }
}

/// What the draws say of one unit.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitUncertainty {
    /// As published.
    pub standing: Standing,
    /// Mean composite of the draws less the published one: how far relative scoring and doubled noise pull it.
    pub bias: f64,
    /// Standard deviation of the composite.
    pub sd: f64,
    /// Probability of each band, best first, caps applied.
    pub band_probabilities: Vec<f64>,
    /// Probability of each place in the unit's table, from the first.
    pub rank_probabilities: Vec<f64>,
    /// Mean place.
    pub expected_rank: f64,
    /// Probability of a place in the best quarter of the table: 4 x place <= units.
    pub p_best_quarter: f64,
    /// Probability of a place in the worst quarter: 4 x place > 3 x units.
    pub p_worst_quarter: f64,
    /// Share of the unit's weight in scores whose value is modelled.
    pub modelled_weight: f64,
    /// The metric with the greatest share of the variance and that share; none without variance.
    pub top_driver: Option<(usize, f64)>,
}

/// The results of a simulation.
#[derive(Debug, Clone, PartialEq)]
pub struct Simulation {
    /// One a unit.
    pub units: Vec<UnitUncertainty>,
    /// Covariance of the composites before rounding, row by row, units x units.
    pub covariance: Vec<f64>,
    /// One for each score: the share of the variance of its unit's composite that it drives (the covariance of its part
    /// with the whole, over the variance of the whole). They sum to 1 over a unit, and may be negative; all 0 without
    /// variance.
    pub shares: Vec<f64>,
    /// For each metric, the greatest difference between a score given and what the rule makes of its value: more than
    /// rounding says that the rule is not the publisher's. 0 for a metric held still.
    pub offsets: Vec<f64>,
    /// Draws made.
    pub draws: usize,
}

/// Simulates a league; see the head of the module.
///
/// Errors: lists of unequal length, an unknown unit or metric, a metric twice for one unit, a unit without a score, a
/// number that is not finite, a deviation below 0, a value without which a deviation means nothing or that lies beyond
/// its metric's bounds, a published composite with more decimals than the rules allow, a correlation outside [0, 1),
/// fewer than 100 draws, rules that do not fit.
pub fn composite_simulation(input: &SimulationInput, options: &SimulationOptions) -> Result<Simulation> {
    let draws = options.draws;
    error::require("draws", draws as f64, draws >= 100, "at least 100")?;
    let model = Model::new(input)?;
    Ok(simulate(&model, *options, Noise::Normal))
}

/// Centred draws of all composites, row by row, draws x units: the same draws as those of [`composite_simulation`].
///
/// Errors: as there.
pub fn composite_replicates(input: &SimulationInput, options: &SimulationOptions) -> Result<Vec<f64>> {
    error::require("draws", options.draws as f64, options.draws >= 100, "at least 100")?;
    let model = Model::new(input)?;
    let blocks = (0..options.draws.div_ceil(BLOCK)).into_par_iter().map(|block| {
        let mut rows = Vec::new();
        model.block(*options, block, Noise::Normal, |_, changes| rows.extend_from_slice(changes));
        rows
    });
    let mut rows: Vec<f64> = blocks.flatten_iter().collect();
    let units = input.published.len();
    for unit in 0..units {
        let mean = rows.iter().skip(unit).step_by(units).sum::<f64>() / options.draws as f64;
        rows.iter_mut().skip(unit).step_by(units).for_each(|value| *value -= mean);
    }
    Ok(rows)
}

/// The law of the standardised noise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Noise {
    Normal,
    /// -1 or 1, alike likely: a law that can be enumerated.
    #[cfg(test)]
    TwoPoint,
}

/// A league ready to be drawn.
pub(super) struct Model<'a> {
    league: League<'a>,
    published: &'a [f64],
    metrics: Vec<Option<Metric>>,
    /// For each score its unit, its share of the unit's weight and the score itself.
    pairs: Vec<(usize, f64, f64)>,
    metric_of: &'a [usize],
    /// The weighted mean of the scores of each unit, before and after rounding.
    means: Vec<f64>,
    rounded: Vec<f64>,
    modelled: Vec<f64>,
    loading: (f64, f64),
}

/// Memory of one thread.
pub(super) struct Draw {
    factors: Vec<f64>,
    /// For each score, its standardised noise.
    pub z: Vec<f64>,
    /// The same for the metric in hand.
    noise: Vec<f64>,
    drawn: Vec<f64>,
    scored: Vec<f64>,
    keys: Keys,
    /// For each score, what the draw added to its unit's composite.
    pub parts: Vec<f64>,
    /// For each unit, what the draw added to its composite.
    pub changes: Vec<f64>,
}

impl<'a> Model<'a> {
    pub(super) fn new(input: &SimulationInput<'a>) -> Result<Self> {
        let units = input.published.len();
        let league = League::new(&input.rules, units)?;
        error::all_finite("published", input.published)?;
        let fits = |&score: &f64| (league.round(score) - score).abs() < 1e-9;
        let odd = input.published.iter().find(|score| !fits(score));
        error::require(
            "published",
            odd.copied().unwrap_or(0.0),
            odd.is_none(),
            "rounded to the decimals of the rules",
        )?;
        input.pairs.check(units)?;
        check(input)?;
        let mut entries: Vec<Vec<Entry>> = vec![Vec::new(); input.metrics.len()];
        for (pair, &metric) in input.pairs.metrics.iter().enumerate() {
            let (value, score, sd) = (input.values[pair], input.pairs.scores[pair], input.deviations[pair]);
            if value.is_finite() {
                entries[metric].push(Entry { pair, value, score, sd });
            }
        }
        let metrics: Vec<Option<Metric>> =
            input.metrics.iter().zip(entries).map(|(rule, entries)| rule.prepare(entries)).collect::<Result<_>>()?;
        let mut weights = vec![0.0; units];
        input.pairs.units.iter().zip(input.pairs.weights).for_each(|(&unit, weight)| weights[unit] += weight);
        let pair = |((&unit, weight), &score): ((&usize, &f64), &f64)| (unit, weight / weights[unit], score);
        let pairs: Vec<_> =
            input.pairs.units.iter().zip(input.pairs.weights).zip(input.pairs.scores).map(pair).collect();
        let mut modelled = vec![0.0; units];
        for entry in metrics.iter().flatten().flat_map(|metric| &metric.entries).filter(|entry| entry.sd > 0.0) {
            modelled[pairs[entry.pair].0] += pairs[entry.pair].1;
        }
        let means = super::composite::weighted_means(&input.pairs, units)?;
        let rounded = means.iter().map(|&mean| league.round(mean)).collect();
        let loading = (input.correlation.sqrt(), (1.0 - input.correlation).sqrt());
        let metric_of = input.pairs.metrics;
        Ok(Self { league, published: input.published, metrics, pairs, metric_of, means, rounded, modelled, loading })
    }

    pub(super) fn scratch(&self) -> Draw {
        let (units, pairs) = (self.league.units(), self.pairs.len());
        Draw {
            factors: vec![0.0; units],
            z: vec![0.0; pairs],
            noise: Vec::with_capacity(units),
            drawn: vec![0.0; units],
            scored: vec![0.0; units],
            keys: Keys::new(),
            parts: vec![0.0; pairs],
            changes: vec![0.0; units],
        }
    }

    /// Fills `z`, metric by metric, with the next draws of the stream. The factors are drawn whatever the correlation,
    /// so that different correlations are compared on the same draws.
    fn next(&self, stream: &mut NormalStream, noise: Noise, draw: &mut Draw) {
        let mut one = || match noise {
            Noise::Normal => stream.normal(),
            #[cfg(test)]
            Noise::TwoPoint => libm::copysign(1.0, stream.normal()),
        };
        draw.factors.fill_with(&mut one);
        for entry in self.metrics.iter().flatten().flat_map(|metric| &metric.entries) {
            let own = self.loading.1 * one();
            draw.z[entry.pair] = self.loading.0 * draw.factors[self.pairs[entry.pair].0] + own;
        }
    }

    /// Scores the draw whose standardised noise is in `z`, one for each score.
    pub(super) fn apply(&self, draw: &mut Draw) {
        draw.changes.fill(0.0);
        for metric in self.metrics.iter().flatten() {
            // A unit has a metric once at most, so there is room for all.
            let count = metric.entries.len();
            draw.noise.clear();
            draw.noise.extend(metric.entries.iter().map(|entry| draw.z[entry.pair]));
            metric.draw(&draw.noise, &mut draw.drawn[..count], &mut draw.keys, &mut draw.scored[..count]);
            for (entry, scored) in metric.entries.iter().zip(&draw.scored) {
                let (unit, share, score) = self.pairs[entry.pair];
                let part = share * (scored - score);
                draw.parts[entry.pair] = part;
                draw.changes[unit] += part;
            }
        }
    }

    /// The composite of a unit as it would be published: the published one, moved by as much as the rounded mean moves.
    pub(super) fn composite(&self, unit: usize, change: f64) -> f64 {
        let moved = self.league.round(self.means[unit] + change) - self.rounded[unit];
        self.league.round(self.published[unit] + moved)
    }

    /// Runs one block of draws, handing over each draw's parts and changes.
    fn block(&self, options: SimulationOptions, block: usize, noise: Noise, mut take: impl FnMut(&[f64], &[f64])) {
        let mut stream = NormalStream::new(options.seed, block as u64);
        let mut draw = self.scratch();
        for _ in 0..BLOCK.min(options.draws - block * BLOCK) {
            self.next(&mut stream, noise, &mut draw);
            self.apply(&mut draw);
            take(&draw.parts, &draw.changes);
        }
    }
}

fn check(input: &SimulationInput) -> Result<()> {
    let pairs = input.pairs.scores.len();
    error::length("pair_values", input.values.len(), pairs)?;
    error::length("pair_sds", input.deviations.len(), pairs)?;
    error::all_non_negative("pair_sds", input.deviations)?;
    let inside = (0.0..1.0).contains(&input.correlation);
    error::require("correlation", input.correlation, inside, "at least 0 and below 1")?;
    let mut seen = BTreeSet::new();
    for (index, (&metric, &unit)) in input.pairs.metrics.iter().zip(input.pairs.units).enumerate() {
        let fault = |value, requirement| Problem::Value { index: Some(index), value, requirement };
        if metric >= input.metrics.len() {
            return Err(StatsError::new("pair_metrics", fault(metric as f64, "the position of a metric")));
        }
        if !seen.insert((unit, metric)) {
            return Err(StatsError::undefined("pair_metrics", "a unit has the same metric twice"));
        }
        let value = input.values[index];
        if !value.is_finite() && (input.deviations[index] > 0.0 || value.is_infinite()) {
            return Err(StatsError::new("pair_values", fault(value, "a finite number where there is a deviation")));
        }
    }
    Ok(())
}

/// Sums over the draws of one block.
struct Sums {
    counts: Counts,
    changes: Vec<f64>,
    /// Lower triangle, packed by rows.
    products: Vec<f64>,
    parts: Vec<f64>,
    part_products: Vec<f64>,
}

impl Sums {
    fn new(model: &Model) -> Self {
        let (units, pairs) = (model.league.units(), model.pairs.len());
        Self {
            counts: Counts::new(&model.league),
            changes: vec![0.0; units],
            products: vec![0.0; units * (units + 1) / 2],
            parts: vec![0.0; pairs],
            part_products: vec![0.0; pairs],
        }
    }

    fn add(&mut self, model: &Model, parts: &[f64], changes: &[f64]) {
        self.changes.iter_mut().zip(changes).for_each(|(sum, change)| *sum += change);
        let mut rows = self.products.as_mut_slice();
        for (unit, &change) in changes.iter().enumerate() {
            let (row, rest) = rows.split_at_mut(unit + 1);
            rows = rest;
            if change != 0.0 {
                row.iter_mut().zip(changes).for_each(|(sum, other)| *sum += change * other);
            }
        }
        for (pair, part) in parts.iter().enumerate() {
            self.parts[pair] += part;
            self.part_products[pair] += part * changes[model.pairs[pair].0];
        }
    }

    fn merge(&mut self, other: &Self) {
        self.counts.merge(&other.counts);
        let lists = [
            (&mut self.changes, &other.changes),
            (&mut self.products, &other.products),
            (&mut self.parts, &other.parts),
            (&mut self.part_products, &other.part_products),
        ];
        for (sums, others) in lists {
            sums.iter_mut().zip(others).for_each(|(sum, value)| *sum += value);
        }
    }
}

pub(super) fn simulate(model: &Model, options: SimulationOptions, noise: Noise) -> Simulation {
    let units = model.league.units();
    let mut total = Sums::new(model);
    let blocks: Vec<usize> = (0..options.draws.div_ceil(BLOCK)).collect();
    for round in blocks.chunks(ROUND) {
        let sums: Vec<Sums> = round
            .par_iter()
            .map(|&block| {
                let mut sums = Sums::new(model);
                let (mut scratch, mut bands, mut ranks) = (Scratch::default(), vec![0; units], vec![0; units]);
                let mut scores = vec![0.0; units];
                model.block(options, block, noise, |parts, changes| {
                    sums.add(model, parts, changes);
                    for (unit, score) in scores.iter_mut().enumerate() {
                        *score = model.composite(unit, changes[unit]);
                    }
                    model.league.band(&scores, &mut scratch, &mut bands);
                    model.league.rank(&scores, &bands, &mut scratch, &mut ranks);
                    sums.counts.add(&bands, &ranks);
                });
                sums
            })
            .collect();
        sums.iter().for_each(|block| total.merge(block));
    }
    results(model, &total)
}

fn results(model: &Model, sums: &Sums) -> Simulation {
    let (units, draws) = (model.league.units(), sums.counts.draws);
    let (count, below) = (draws as f64, (draws - 1) as f64);
    let mut covariance = vec![0.0; units * units];
    let mut packed = sums.products.iter();
    for j in 0..units {
        for (k, product) in (0..=j).zip(&mut packed) {
            let value = (product - sums.changes[j] * sums.changes[k] / count) / below;
            covariance[j * units + k] = if j == k { value.max(0.0) } else { value };
            covariance[k * units + j] = covariance[j * units + k];
        }
    }
    let share = |(pair, &(unit, ..)): (usize, &(usize, f64, f64))| {
        let with = (sums.part_products[pair] - sums.parts[pair] * sums.changes[unit] / count) / below;
        let variance = covariance[unit * units + unit];
        if variance > 0.0 { with / variance } else { 0.0 }
    };
    let shares: Vec<f64> = model.pairs.iter().enumerate().map(share).collect();
    let standings = model.league.standings(model.published);
    let unit = |unit: usize| {
        let places = model.league.size(unit);
        let rank_probabilities = sums.counts.rank_probabilities(unit, places);
        let sum = |wanted: &dyn Fn(usize) -> bool| {
            let places = rank_probabilities.iter().enumerate().filter(|(place, _)| wanted(place + 1));
            places.map(|(_, p)| p).sum::<f64>()
        };
        let own = model.pairs.iter().zip(&shares).zip(model.metric_of).filter(|((pair, _), _)| pair.0 == unit);
        let driver = own.map(|((_, &share), &metric)| (metric, share)).max_by(|a, b| a.1.total_cmp(&b.1));
        UnitUncertainty {
            standing: standings[unit],
            bias: sums.changes[unit] / count,
            sd: covariance[unit * units + unit].sqrt(),
            band_probabilities: sums.counts.band_probabilities(unit),
            expected_rank: rank_probabilities.iter().enumerate().map(|(place, p)| (place + 1) as f64 * p).sum(),
            p_best_quarter: sum(&|place| 4 * place <= places),
            p_worst_quarter: sum(&|place| 4 * place > 3 * places),
            rank_probabilities,
            modelled_weight: model.modelled[unit],
            top_driver: driver.filter(|(_, share)| *share > 0.0),
        }
    };
    let offsets = model.metrics.iter().map(|metric| metric.as_ref().map_or(0.0, Metric::greatest_offset)).collect();
    Simulation { units: (0..units).map(unit).collect(), covariance, shares, offsets, draws }
}
