//! The stepdown behind [`rank_sets`](super::rank_sets): which orders are tested, which have been rejected.

use rayon::prelude::*;

use super::error::Result;
use super::rank_draws::{Draws, Noise, Row};
use super::rank_exact::{self, Comparison};
use super::rank_sets::{Kind, RankInput, RankOptions, RankSet, RankSets, Side, Step, Uncertainty, Verdict};

/// The input in order of the estimates, best first, on a scale where larger is better.
pub(super) struct Table {
    /// Position in the input of each unit in order.
    positions: Vec<usize>,
    estimates: Vec<f64>,
    /// Covariance of the estimates, or only its diagonal.
    covariance: Vec<f64>,
    diagonal: bool,
    noise: Noise,
    replicates: Option<usize>,
}

impl Table {
    pub(super) fn new(input: &RankInput) -> Result<Self> {
        let p = input.estimates.len();
        let sign = if input.higher_is_better { 1.0 } else { -1.0 };
        let spread = spread(input);
        let mut positions: Vec<usize> = (0..p).collect();
        positions.sort_by(|&a, &b| {
            let [one, two] = [a, b].map(|unit| input.estimates[unit] * sign + 0.0);
            two.total_cmp(&one).then(spread[a].total_cmp(&spread[b]))
        });
        let estimates = positions.iter().map(|&unit| input.estimates[unit] * sign).collect();
        let pick = |values: &[f64]| -> Vec<f64> { positions.iter().map(|&unit| values[unit]).collect() };
        let mut replicates = None;
        let (covariance, diagonal, noise) = match input.uncertainty {
            Uncertainty::StandardErrors(errors) => {
                let errors = pick(errors);
                (errors.iter().map(|s| s * s).collect(), true, Noise::Independent(errors))
            }
            Uncertainty::Covariance(matrix) => {
                let sorted: Vec<f64> = positions.iter().flat_map(|&j| pick(&matrix[j * p..][..p])).collect();
                let noise = Noise::correlated(&sorted, p)?;
                (sorted, false, noise)
            }
            Uncertainty::Replicates(values) => {
                let centred = centre(values, p, &positions);
                replicates = Some(centred.len() / p);
                (covariance_of(&centred, p), false, Noise::Replicates(centred, p))
            }
        };
        Ok(Self { positions, estimates, covariance, diagonal, noise, replicates })
    }

    fn units(&self) -> usize {
        self.positions.len()
    }

    /// Standard error of the difference of two units; 0 if it is nil in all but rounding.
    fn standard_error(&self, j: usize, k: usize) -> f64 {
        if self.diagonal {
            return (self.covariance[j] + self.covariance[k]).sqrt();
        }
        let at = |j: usize, k: usize| self.covariance[j * self.units() + k];
        let (total, variance) = (at(j, j) + at(k, k), at(j, j) + at(k, k) - 2.0 * at(j, k));
        if variance <= 1e-12 * total { 0.0 } else { variance.sqrt() }
    }
}

/// A measure of precision used only to put units with the same estimate in a definite order.
fn spread<'a>(input: &RankInput<'a>) -> std::borrow::Cow<'a, [f64]> {
    let p = input.estimates.len();
    match input.uncertainty {
        Uncertainty::StandardErrors(errors) => errors.into(),
        Uncertainty::Covariance(matrix) => (0..p).map(|j| matrix[j * p + j]).collect(),
        Uncertainty::Replicates(values) => values[..p].into(),
    }
}

/// Replicates about their means, units in the given order.
fn centre(values: &[f64], p: usize, positions: &[usize]) -> Vec<f64> {
    let draws = (values.len() / p) as f64;
    let mut mean = vec![0.0; p];
    values.chunks(p).for_each(|row| mean.iter_mut().zip(row).for_each(|(m, v)| *m += v));
    mean.iter_mut().for_each(|m| *m /= draws);
    values.chunks(p).flat_map(|row| positions.iter().map(|&unit| row[unit] - mean[unit])).collect()
}

/// Covariance matrix of centred replicates, with n - 1 below.
fn covariance_of(centred: &[f64], p: usize) -> Vec<f64> {
    let mut matrix = vec![0.0; p * p];
    for row in centred.chunks(p) {
        for j in 0..p {
            let (a, out) = (row[j], &mut matrix[j * p..][..p]);
            out.iter_mut().zip(row).for_each(|(sum, b)| *sum += a * b);
        }
    }
    let below = (centred.len() / p - 1) as f64;
    matrix.iter_mut().for_each(|sum| *sum /= below);
    matrix
}

/// A pair of units and which of its two orders are still hypotheses.
struct Pair {
    j: u32,
    k: u32,
    t: f64,
    scale: f64,
    j_above: bool,
    k_above: bool,
}

/// The state of the test of every family.
pub(super) struct Test {
    families: Vec<Vec<Pair>>,
    steps: Vec<Vec<Step>>,
    /// Families that may still reject something.
    active: Vec<bool>,
    /// A verdict for each unit (in its own family) and other unit, in table order.
    verdicts: Vec<Verdict>,
    marginal: bool,
}

impl Test {
    pub(super) fn new(table: &Table, options: &RankOptions) -> Self {
        let p = table.units();
        let marginal = options.kind == Kind::Marginal;
        let mut member = vec![true; p];
        if let Kind::Subset(units) = &options.kind {
            let inside = |unit: &usize| units.contains(unit);
            member = table.positions.iter().map(inside).collect();
        }
        let count = if marginal { p } else { 1 };
        let mut test = Self {
            families: (0..count).map(|_| Vec::new()).collect(),
            steps: vec![Vec::new(); count],
            active: vec![true; count],
            verdicts: vec![Verdict::Unclear; p * p],
            marginal,
        };
        for j in 0..p {
            let others = if marginal { 0..p } else { j + 1..p };
            for k in others.filter(|&k| k != j) {
                // An order is a hypothesis when it bears on an end wanted of a unit wanted.
                let (own, other) = (member[j], member[k] && !marginal);
                let j_above = (own && options.side != Side::Lower) || (other && options.side != Side::Upper);
                let k_above = (own && options.side != Side::Upper) || (other && options.side != Side::Lower);
                if j_above || k_above {
                    test.add(table, if marginal { j } else { 0 }, (j, k), j_above, k_above);
                }
            }
        }
        test
    }

    fn add(&mut self, table: &Table, family: usize, (j, k): (usize, usize), j_above: bool, k_above: bool) {
        let difference = table.estimates[j] - table.estimates[k];
        let error = table.standard_error(j, k);
        if error > 0.0 {
            let scale = 1.0 / error;
            let pair = Pair { j: j as u32, k: k as u32, t: difference * scale, scale, j_above, k_above };
            self.families[family].push(pair);
        } else if difference > 0.0 && j_above {
            self.decide(j, k, table.units());
        } else if difference < 0.0 && k_above {
            self.decide_other(j, k, table.units());
        }
    }

    /// Records that `j`, whose family it is, is above `k`.
    fn decide(&mut self, j: usize, k: usize, p: usize) {
        self.verdicts[j * p + k] = Verdict::Above;
        if !self.marginal {
            self.verdicts[k * p + j] = Verdict::Below;
        }
    }

    /// Records that `k` is above `j`, whose family it is.
    fn decide_other(&mut self, j: usize, k: usize, p: usize) {
        self.verdicts[j * p + k] = Verdict::Below;
        if !self.marginal {
            self.verdicts[k * p + j] = Verdict::Above;
        }
    }

    pub(super) fn run(&mut self, table: &Table, options: &RankOptions) {
        let draws = Draws::new(&table.noise, table.replicates.unwrap_or(options.draws), options.seed);
        loop {
            let live: Vec<usize> = (0..self.families.len())
                .filter(|&f| self.active[f] && self.families[f].iter().any(|pair| pair.j_above || pair.k_above))
                .collect();
            if live.is_empty() {
                return;
            }
            let values = match &table.noise {
                // The one pair of a table of two is the same family either way.
                Noise::Independent(errors)
                    if table.diagonal && (self.marginal || table.units() == 2) && !options.simulate =>
                {
                    live.par_iter().map(|&f| exact_value(&self.families[f], errors, options.level)).collect()
                }
                _ => {
                    let rows: Vec<Vec<Row>> = live.iter().map(|&f| rows(&self.families[f])).collect();
                    draws.critical_values(&rows, options.level)
                }
            };
            for (&family, value) in live.iter().zip(values) {
                let rejected = self.step(family, value, table.units());
                self.active[family] = options.stepdown && rejected > 0;
            }
        }
    }

    /// Rejects what lies beyond the critical value; returns how many hypotheses that was.
    fn step(&mut self, family: usize, critical_value: f64, p: usize) -> usize {
        let mut pairs = std::mem::take(&mut self.families[family]);
        let mut step = Step { critical_value, smallest_gap: f64::INFINITY, tested: 0, rejected: 0 };
        for pair in &mut pairs {
            let (j, k) = (pair.j as usize, pair.k as usize);
            step.tested += usize::from(pair.j_above) + usize::from(pair.k_above);
            if pair.j_above {
                step.smallest_gap = step.smallest_gap.min((pair.t - critical_value).abs());
                if pair.t > critical_value {
                    pair.j_above = false;
                    step.rejected += 1;
                    self.decide(j, k, p);
                }
            }
            if pair.k_above {
                step.smallest_gap = step.smallest_gap.min((-pair.t - critical_value).abs());
                if -pair.t > critical_value {
                    pair.k_above = false;
                    step.rejected += 1;
                    self.decide_other(j, k, p);
                }
            }
        }
        self.families[family] = pairs;
        self.steps[family].push(step);
        step.rejected
    }

    /// The sets, back in the order of the input.
    pub(super) fn sets(self, table: &Table, ranks: Vec<usize>, side: Side) -> RankSets {
        let p = table.units();
        let mut sets = vec![RankSet { rank: 0, lower: 1, upper: p }; p];
        let mut verdicts = vec![Verdict::Unclear; p * p];
        let mut families = self.steps.clone();
        for (place, &unit) in table.positions.iter().enumerate() {
            let row = &self.verdicts[place * p..][..p];
            let count = |verdict| row.iter().filter(|v| **v == verdict).count();
            let lower = if side == Side::Upper { 1 } else { 1 + count(Verdict::Below) };
            let upper = if side == Side::Lower { p } else { p - count(Verdict::Above) };
            sets[unit] = RankSet { rank: ranks[unit], lower, upper };
            for (k, verdict) in row.iter().enumerate() {
                verdicts[unit * p + table.positions[k]] = *verdict;
            }
            if self.marginal {
                families[unit].clone_from(&self.steps[place]);
            }
        }
        let gaps = families.iter().flatten().map(|step| step.smallest_gap);
        let stability = gaps.fold(f64::INFINITY, f64::min);
        RankSets { ranks: sets, families, stability, verdicts }
    }
}

/// The remaining hypotheses of a family, arranged for the inner loop. Pairs of one unit stand together.
fn rows(pairs: &[Pair]) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for pair in pairs.iter().filter(|pair| pair.j_above || pair.k_above) {
        let unit = pair.j as usize;
        if rows.last().is_none_or(|row| row.unit != unit) {
            rows.push(Row { unit, both: Vec::new(), one: Vec::new() });
        }
        let Some(row) = rows.last_mut() else { continue };
        match (pair.j_above, pair.k_above) {
            (true, true) => row.both.push((pair.k, pair.scale)),
            (true, false) => row.one.push((pair.k, pair.scale)),
            (false, _) => row.one.push((pair.k, -pair.scale)),
        }
    }
    rows
}

/// The critical value of a marginal family of independent units, all of whose pairs have the same unit first.
fn exact_value(pairs: &[Pair], errors: &[f64], level: f64) -> f64 {
    let tested = || pairs.iter().filter(|pair| pair.j_above || pair.k_above);
    let comparison = |pair: &Pair| Comparison {
        other: errors[pair.k as usize],
        difference: 1.0 / pair.scale,
        above: pair.j_above,
        below: pair.k_above,
    };
    let comparisons: Vec<Comparison> = tested().map(comparison).collect();
    let own = tested().next().map_or(1.0, |pair| errors[pair.j as usize]);
    rank_exact::critical_value(own, &comparisons, level)
}
