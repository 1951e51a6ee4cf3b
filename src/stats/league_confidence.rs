//! Confidence sets for places in a league that is sorted by band, then by composite, with some units held at a band.
//!
//! The method is that of [`rank_sets`](super::rank_sets) (Mogstad, Romano, Shaikh and Wilhelm 2024), which is for units
//! sorted by one number. A league with caps comes down to it exactly. Let low composites be good, and let c be the cut
//! into the band at which unit j is held. Among units held alike the order is that of the composites. If j is held at a
//! worse band than k, then k is ahead of j just when the composite of k is below max(that of j, c): below c it is in a
//! better band than j can be in; otherwise the two are held alike. So the cuts join the table as units without variance,
//! all differences are tested together with one critical value, stepwise, and
//!
//! - k is shown ahead of j when its composite is significantly below c or significantly below that of j;
//! - j is shown ahead of k when the composite of k is significantly above both.
//!
//! Whenever no difference is wrongly found, no order is wrongly claimed, so the sets cover as those of the method do: at
//! the level or above, for one unit named in advance (marginal) or for all units of a table at once (simultaneous).
//! Each table is a family of its own.
//!
//! Two units whose difference has no modelled variance are taken as known exactly: their order counts as shown. The sets
//! then say what the model knows, and a league of which little is modelled has narrow sets for that reason alone.

use std::collections::{BTreeMap, BTreeSet};

use super::composite::{League, LeagueRules};
use super::error::{self, Problem, Result, StatsError};
use super::rank_draws::{Draws, Noise, Row};
use super::rank_sets::{MAX_UNITS, Step, Verdict};

/// How uncertain the composites are. Nothing needs to have variance.
#[derive(Debug, Clone, Copy)]
pub enum LeagueUncertainty<'a> {
    /// Independent composites with these standard deviations.
    Deviations(&'a [f64]),
    /// Normal, with this covariance matrix, row by row, units x units.
    Covariance(&'a [f64]),
    /// Centred replicates, row by row, draws x units, used as draws: no normality is assumed, `draws` and `seed` are
    /// unused.
    Replicates(&'a [f64]),
}

/// How to compute the sets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LeagueOptions {
    /// Coverage, strictly between 0 and 1.
    pub level: f64,
    /// Whether sets hold for all units of a table at once, or for each by itself.
    pub simultaneous: bool,
    /// Whether to repeat with what is left after each round of rejections (never wider).
    pub stepdown: bool,
    /// Draws for each critical value, at least 100.
    pub draws: usize,
    /// Seed of the draws.
    pub seed: u64,
}

impl Default for LeagueOptions {
    fn default() -> Self {
        let draws = super::rank_sets::DEFAULT_DRAWS;
        Self { level: 0.95, simultaneous: false, stepdown: true, draws, seed: 20_260_401 }
    }
}

/// The place of one unit and its confidence set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeagueSet {
    /// Place in its table.
    pub rank: usize,
    /// The best place the data are consistent with.
    pub lower: usize,
    /// The worst place the data are consistent with.
    pub upper: usize,
    /// How many others of its table it cannot be told apart from.
    pub unclear: usize,
    /// How many others there are.
    pub others: usize,
}

/// Confidence sets for a league.
#[derive(Debug, Clone, PartialEq)]
pub struct LeagueSets {
    /// One a unit, in the order given.
    pub ranks: Vec<LeagueSet>,
    /// The smallest distance of any tested difference from its critical value, in standard errors: within about 0.01 at
    /// 100,000 draws another seed could move a bound by a place. Infinite if nothing was tested.
    pub stability: f64,
    /// The steps of each family: one a table if simultaneous, one a unit if not; without any if nothing was tested.
    pub families: Vec<Vec<Step>>,
    verdicts: BTreeMap<(usize, usize), Verdict>,
}

impl LeagueSets {
    /// What is shown of unit `j` (within its own family) against unit `k` of the same table: [`Verdict::Above`] if `j` is
    /// ahead. Units of different tables, and a unit and itself, are not compared.
    pub fn verdict(&self, j: usize, k: usize) -> Option<Verdict> {
        self.verdicts.get(&(j, k)).copied()
    }

    /// Every ordered pair of units of one table, in order, with what is shown of it.
    pub fn pairs(&self) -> impl Iterator<Item = (usize, usize, Verdict)> {
        self.verdicts.iter().map(|(&(j, k), &verdict)| (j, k, verdict))
    }
}

/// Confidence sets for places in the league that `scores` make under `rules`.
///
/// Errors: no units or more than [`MAX_UNITS`], a length that does not match, a number that is not finite, a deviation
/// below 0, a matrix that is not a covariance, fewer than 100 draws or replicates, `level` outside (0, 1), rules that do
/// not fit, caps without fixed cuts (`held_at`).
pub fn league_confidence(
    scores: &[f64],
    uncertainty: LeagueUncertainty,
    rules: &LeagueRules,
    options: &LeagueOptions,
) -> Result<LeagueSets> {
    error::level(options.level)?;
    error::require("draws", options.draws as f64, options.draws >= 100, "at least 100")?;
    error::all_finite("scores", scores)?;
    error::at_most("scores", scores.len(), MAX_UNITS)?;
    check(uncertainty, scores.len())?;
    let league = League::new(rules, scores.len())?;
    let rounded: Vec<f64> = scores.iter().map(|&score| league.round(score)).collect();
    let capped = rules.held_at.iter().position(|&band| band > 1 && league.cut_into(band).is_none());
    if let Some(at) = capped {
        let requirement = "1 (no cap) where bands have no fixed cuts";
        let problem = Problem::Value { index: Some(at), value: rules.held_at[at] as f64, requirement };
        return Err(StatsError::new("held_at", problem));
    }
    let standings = league.standings(&rounded);
    let mut sets: Vec<LeagueSet> = standings
        .iter()
        .map(|standing| LeagueSet { rank: standing.rank, lower: 1, upper: 1, unclear: 0, others: 0 })
        .collect();
    let (mut families, mut verdicts, mut stability) = (Vec::new(), BTreeMap::new(), f64::INFINITY);
    for members in league.tables() {
        let table = Table::new(&league, members, &rounded, uncertainty)?;
        let (found, steps) = table.test(options);
        for (&j, row) in table.units.iter().zip(&found) {
            let count = |verdict| row.iter().filter(|one| **one == Some(verdict)).count();
            let set = &mut sets[j];
            set.others = table.units.len() - 1;
            set.lower = 1 + count(Verdict::Below);
            set.upper = table.units.len() - count(Verdict::Above);
            set.unclear = count(Verdict::Unclear);
            let named = table.units.iter().zip(row).filter_map(|(&k, verdict)| Some(((j, k), (*verdict)?)));
            verdicts.extend(named);
        }
        stability = steps.iter().flatten().map(|step| step.smallest_gap).fold(stability, f64::min);
        if options.simultaneous {
            families.extend(steps);
        } else {
            families.resize(scores.len(), Vec::new());
            table.units.iter().zip(steps).for_each(|(&unit, steps)| families[unit] = steps);
        }
    }
    Ok(LeagueSets { ranks: sets, stability, families, verdicts })
}

pub(super) fn check(uncertainty: LeagueUncertainty, units: usize) -> Result<()> {
    match uncertainty {
        LeagueUncertainty::Deviations(deviations) => {
            error::all_non_negative("deviations", deviations)?;
            error::length("deviations", deviations.len(), units)
        }
        LeagueUncertainty::Covariance(matrix) => {
            error::all_finite("covariance", matrix)?;
            error::length("covariance", matrix.len(), units * units)?;
            for j in 0..units {
                for k in 0..j {
                    let (one, two) = (matrix[j * units + k], matrix[k * units + j]);
                    if (one - two).abs() > 1e-9 * (matrix[j * units + j] + matrix[k * units + k]).abs() {
                        return Err(StatsError::new("covariance", Problem::NotSymmetric));
                    }
                }
            }
            Ok(())
        }
        LeagueUncertainty::Replicates(values) => {
            error::all_finite("replicates", values)?;
            error::length("replicates", values.len(), values.len() / units * units)?;
            error::at_least("replicates", values.len(), 100 * units)
        }
    }
}

/// One table, its units in order of their composites, followed by the cuts that bear on its caps.
struct Table {
    /// The units, as numbered in the league.
    units: Vec<usize>,
    held_at: Vec<usize>,
    /// The place of the cut into each band, among units and cuts.
    cuts: BTreeMap<usize, usize>,
    /// Composites and cuts.
    values: Vec<f64>,
    covariance: Vec<f64>,
    noise: Noise,
    draws: Option<usize>,
}

/// A difference under test: of the first of the two over the second.
struct Pair {
    first: u32,
    second: u32,
    t: f64,
    scale: f64,
    /// -1 or 1 once the first is shown to be below or above the second.
    shown: i8,
}

impl Table {
    fn new(league: &League, members: &[usize], scores: &[f64], uncertainty: LeagueUncertainty) -> Result<Self> {
        let all = league.units();
        let variance = |unit: usize| match uncertainty {
            LeagueUncertainty::Deviations(deviations) => deviations[unit] * deviations[unit],
            LeagueUncertainty::Covariance(matrix) => matrix[unit * all + unit],
            LeagueUncertainty::Replicates(values) => values[unit],
        };
        let mut units = members.to_vec();
        // In order of the composites, so that the order given does not matter.
        units.sort_by(|&a, &b| scores[a].total_cmp(&scores[b]).then(variance(a).total_cmp(&variance(b))));
        let held_at: Vec<usize> = units.iter().map(|&unit| league.held_at(unit)).collect();
        let least = held_at.iter().copied().min().unwrap_or(1);
        let bands: BTreeSet<usize> = held_at.iter().copied().filter(|&band| band > least).collect();
        let mut values: Vec<f64> = units.iter().map(|&unit| scores[unit]).collect();
        let mut cuts = BTreeMap::new();
        for band in bands {
            if let Some(cut) = league.cut_into(band) {
                cuts.insert(band, values.len());
                values.push(cut);
            }
        }
        let size = values.len();
        let at = |j: usize, k: usize| match (units.get(j), units.get(k)) {
            (Some(&j), Some(&k)) => Some((j, k)),
            _ => None,
        };
        let mut covariance = vec![0.0; size * size];
        let (noise, draws) = match uncertainty {
            LeagueUncertainty::Deviations(_) => {
                (0..units.len()).for_each(|j| covariance[j * size + j] = variance(units[j]));
                let deviations = (0..size).map(|j| covariance[j * size + j].sqrt()).collect();
                (Noise::Independent(deviations), None)
            }
            LeagueUncertainty::Covariance(matrix) => {
                for j in 0..size {
                    for k in 0..size {
                        covariance[j * size + k] = at(j, k).map_or(0.0, |(j, k)| matrix[j * all + k]);
                    }
                }
                (Noise::correlated(&covariance, size)?, None)
            }
            LeagueUncertainty::Replicates(replicates) => {
                let cuts = size - units.len();
                let row =
                    |row: &[f64]| units.iter().map(|&unit| row[unit]).chain(std::iter::repeat_n(0.0, cuts)).collect();
                let rows: Vec<f64> = replicates.chunks(all).flat_map(|all| -> Vec<f64> { row(all) }).collect();
                let draws = rows.len() / size;
                for row in rows.chunks(size) {
                    for j in 0..size {
                        (0..size).for_each(|k| covariance[j * size + k] += row[j] * row[k]);
                    }
                }
                covariance.iter_mut().for_each(|sum| *sum /= (draws - 1) as f64);
                (Noise::Replicates(rows, size), Some(draws))
            }
        };
        Ok(Self { units, held_at, cuts, values, covariance, noise, draws })
    }

    /// The cut that decides between two units held differently, as long as they are.
    fn cut_between(&self, j: usize, k: usize) -> Option<usize> {
        let (one, two) = (self.held_at[j], self.held_at[k]);
        if one == two { None } else { self.cuts.get(&one.max(two)).copied() }
    }

    fn pair(&self, first: usize, second: usize) -> Pair {
        let size = self.values.len();
        let at = |j: usize, k: usize| self.covariance[j * size + k];
        let (total, variance) =
            (at(first, first) + at(second, second), at(first, first) + at(second, second) - 2.0 * at(first, second));
        let difference = self.values[first] - self.values[second];
        let ids = (first as u32, second as u32);
        if variance > 1e-12 * total {
            let scale = 1.0 / variance.sqrt();
            return Pair { first: ids.0, second: ids.1, t: difference * scale, scale, shown: 0 };
        }
        // A composite just at a cut belongs to the better band.
        let at_cut = second >= self.units.len() && difference == 0.0;
        let shown = if at_cut || difference < 0.0 { -1 } else { i8::from(difference > 0.0) };
        Pair { first: ids.0, second: ids.1, t: 0.0, scale: 0.0, shown }
    }

    /// The differences that bear on the places of the units wanted: a unit's with every other, and those with cuts.
    fn family(&self, wanted: impl Fn(usize) -> bool) -> Vec<Pair> {
        let count = self.units.len();
        let mut pairs = Vec::new();
        let mut with_cuts = BTreeSet::new();
        for j in 0..count {
            for k in j + 1..count {
                if !wanted(j) && !wanted(k) {
                    continue;
                }
                pairs.push(self.pair(j, k));
                if let Some(cut) = self.cut_between(j, k) {
                    let freer = if self.held_at[j] < self.held_at[k] { j } else { k };
                    with_cuts.insert((freer, cut));
                }
            }
        }
        pairs.extend(with_cuts.into_iter().map(|(unit, cut)| self.pair(unit, cut)));
        pairs
    }

    /// What is shown of each unit against each other, and the steps of each family.
    fn test(&self, options: &LeagueOptions) -> (Vec<Vec<Option<Verdict>>>, Vec<Vec<Step>>) {
        let count = self.units.len();
        let mut families: Vec<Vec<Pair>> = match options.simultaneous {
            true => vec![self.family(|_| true)],
            false => (0..count).map(|unit| self.family(|j| j == unit)).collect(),
        };
        let mut steps: Vec<Vec<Step>> = vec![Vec::new(); families.len()];
        let mut active = vec![true; families.len()];
        let draws = Draws::new(&self.noise, self.draws.unwrap_or(options.draws), options.seed);
        loop {
            let open = |family: &Vec<Pair>| family.iter().any(|pair| pair.scale > 0.0 && pair.shown == 0);
            let live: Vec<usize> = (0..families.len()).filter(|&f| active[f] && open(&families[f])).collect();
            if live.is_empty() {
                break;
            }
            let tested: Vec<Vec<Row>> = live.iter().map(|&f| rows(&families[f])).collect();
            let values = draws.critical_values(&tested, options.level);
            for (&family, value) in live.iter().zip(values) {
                let step = reject(&mut families[family], value);
                active[family] = options.stepdown && step.rejected > 0;
                steps[family].push(step);
            }
        }
        let verdicts = (0..count).map(|j| {
            let family = &families[if options.simultaneous { 0 } else { j }];
            let mut shown = BTreeMap::new();
            for pair in family.iter().filter(|pair| pair.shown != 0) {
                shown.insert((pair.first as usize, pair.second as usize), pair.shown);
            }
            let others = (0..count).map(|k| (k != j).then(|| self.verdict(&shown, j, k)));
            others.collect()
        });
        (verdicts.collect(), steps)
    }

    /// The order of two units from what is shown of their composites.
    fn verdict(&self, shown: &BTreeMap<(usize, usize), i8>, j: usize, k: usize) -> Verdict {
        let below = |a: usize, b: usize| match a < b {
            true => shown.get(&(a, b)) == Some(&-1),
            false => shown.get(&(b, a)) == Some(&1),
        };
        // Whether `one` is shown ahead of `two`.
        let ahead = |one: usize, two: usize| match (self.cut_between(one, two), self.held_at[one] < self.held_at[two]) {
            (None, _) => below(one, two),
            (Some(cut), true) => below(one, two) || below(one, cut),
            (Some(cut), false) => below(one, two) && below(cut, two),
        };
        match (ahead(j, k), ahead(k, j)) {
            (true, _) => Verdict::Above,
            (_, true) => Verdict::Below,
            _ => Verdict::Unclear,
        }
    }
}

/// The differences still open, arranged for the inner loop. Both directions are open until one is shown; the other is
/// then still a hypothesis (a true one), kept in the family as the method has it.
fn rows(pairs: &[Pair]) -> Vec<Row> {
    let mut rows: BTreeMap<usize, Row> = BTreeMap::new();
    for pair in pairs.iter().filter(|pair| pair.scale > 0.0) {
        let unit = pair.first as usize;
        let row = rows.entry(unit).or_insert_with(|| Row { unit, both: Vec::new(), one: Vec::new() });
        match pair.shown {
            0 => row.both.push((pair.second, pair.scale)),
            // Shown to be below: that the first is above is all that is left.
            -1 => row.one.push((pair.second, pair.scale)),
            _ => row.one.push((pair.second, -pair.scale)),
        }
    }
    rows.into_values().collect()
}

/// Rejects what lies beyond the critical value.
fn reject(pairs: &mut [Pair], critical_value: f64) -> Step {
    let mut step = Step { critical_value, smallest_gap: f64::INFINITY, tested: 0, rejected: 0 };
    for pair in pairs.iter_mut().filter(|pair| pair.scale > 0.0) {
        step.tested += if pair.shown == 0 { 2 } else { 1 };
        if pair.shown == 0 {
            step.smallest_gap = step.smallest_gap.min((pair.t.abs() - critical_value).abs());
            if pair.t.abs() > critical_value {
                pair.shown = if pair.t < 0.0 { -1 } else { 1 };
                step.rejected += 1;
            }
        }
    }
    step
}
