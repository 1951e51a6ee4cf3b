//! Composites: weighted means of metric scores, sorted into bands, held by caps and ranked in league tables.
//!
//! Low is good throughout: scores, composites and bands all count from the best (negate scores that do not). Bands are
//! numbered from 1; a cut is the highest composite that still belongs to the better of the two bands that meet at it. A
//! unit *held at* band h cannot be in a band better than h. A league table is sorted by band, then by composite; ties
//! share the best place.
//!
//! What can be asked of a composite, in layers that must never be merged:
//!
//! | question | module |
//! |---|---|
//! | how much depends on the choice of metrics? | [`composite_bootstrap`](super::composite_bootstrap) |
//! | how much is chance and volatility in the metrics? | [`composite_simulation`](super::composite_simulation) |
//! | where in the league could this unit truly stand? | [`league_confidence`](super::league_confidence) |
//! | has this unit changed between two periods? | [`composite_change`](super::composite_change) |
//! | how much depends on the weights? | [`composite_weights`](super::composite_weights) |

use std::collections::BTreeMap;

use super::error::{self, Problem, Result, StatsError};
use super::order;

/// The most decimals a composite may be rounded to.
const MOST_DECIMALS: u32 = 9;

/// How composites become bands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Banding<'a> {
    /// Fixed cuts, ascending: band = 1 + the number of cuts below the composite.
    Cuts(&'a [f64]),
    /// So many equal groups: the cuts are the quantiles (type 7) of all composites, taken afresh from every draw.
    Quantiles(usize),
}

impl Banding<'_> {
    /// The number of bands.
    pub fn bands(&self) -> usize {
        match self {
            Self::Cuts(cuts) => cuts.len() + 1,
            Self::Quantiles(groups) => *groups,
        }
    }
}

/// How a league is made of composites. One element a unit in each slice.
#[derive(Debug, Clone, Copy)]
pub struct LeagueRules<'a> {
    /// The table each unit is ranked in, by any number.
    pub tables: &'a [usize],
    /// The best band each unit can have: 1 if it is not capped.
    pub held_at: &'a [usize],
    /// How composites become bands; all tables together.
    pub banding: Banding<'a>,
    /// Decimals that composites are rounded to before anything is made of them (a half goes away from 0); unrounded if
    /// none.
    pub decimals: Option<u32>,
}

/// Scores in long form: one element for each score that enters a composite.
#[derive(Debug, Clone, Copy)]
pub struct PairScores<'a> {
    /// The unit, a position from 0.
    pub units: &'a [usize],
    /// The metric, a position from 0.
    pub metrics: &'a [usize],
    /// Its score.
    pub scores: &'a [f64],
    /// Its weight in the unit's mean, above 0, in any unit.
    pub weights: &'a [f64],
}

/// Where a unit stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Standing {
    /// The composite, rounded as the rules say.
    pub score: f64,
    /// Its band after any cap, from 1.
    pub band: usize,
    /// Its place in its table, from 1.
    pub rank: usize,
}

/// The positions of `given` ids among `known` ones, for turning long lists of names into positions.
///
/// Errors: an id that occurs twice among `known`, a given id that is not among them.
pub fn positions(argument: &'static str, known: &[&str], given: &[&str]) -> Result<Vec<usize>> {
    let mut at = BTreeMap::new();
    for (position, id) in known.iter().enumerate() {
        if at.insert(*id, position).is_some() {
            return Err(StatsError::undefined("ids", "an id occurs twice"));
        }
    }
    let find =
        |id: &&str| at.get(*id).copied().ok_or_else(|| StatsError::unknown(argument, id, "the ids of the table"));
    given.iter().map(find).collect()
}

/// The standing of each unit with the given composites.
///
/// Errors: no units, a composite that is not finite, rules that do not fit.
pub fn standings(scores: &[f64], rules: &LeagueRules) -> Result<Vec<Standing>> {
    error::all_finite("scores", scores)?;
    let league = League::new(rules, scores.len())?;
    let rounded: Vec<f64> = scores.iter().map(|&score| league.round(score)).collect();
    Ok(league.standings(&rounded))
}

/// The weighted mean of each unit's scores, unrounded; `units` is their number.
///
/// Errors: no units, lists of unequal length, an unknown unit, a score that is not finite, a weight of 0 or less, a unit
/// without a score.
pub fn weighted_means(pairs: &PairScores, units: usize) -> Result<Vec<f64>> {
    pairs.check(units)?;
    let mut sums = vec![(0.0, 0.0); units];
    for ((&unit, score), weight) in pairs.units.iter().zip(pairs.scores).zip(pairs.weights) {
        sums[unit].0 += weight * score;
        sums[unit].1 += weight;
    }
    Ok(sums.into_iter().map(|(sum, weight)| sum / weight).collect())
}

impl PairScores<'_> {
    pub(super) fn check(&self, units: usize) -> Result<()> {
        error::at_least("ids", units, 1)?;
        error::all_finite("pair_scores", self.scores)?;
        let count = self.scores.len();
        error::length("pair_units", self.units.len(), count)?;
        error::length("pair_metrics", self.metrics.len(), count)?;
        error::length("pair_weights", self.weights.len(), count)?;
        error::all_positive("pair_weights", self.weights)?;
        let mut scored = vec![false; units];
        for (index, &unit) in self.units.iter().enumerate() {
            match scored.get_mut(unit) {
                Some(scored) => *scored = true,
                None => {
                    let requirement = "the position of a unit";
                    let problem = Problem::Value { index: Some(index), value: unit as f64, requirement };
                    return Err(StatsError::new("pair_units", problem));
                }
            }
        }
        match scored.iter().all(|scored| *scored) {
            true => Ok(()),
            false => Err(StatsError::undefined("pair_units", "a unit has no score")),
        }
    }
}

/// Rules checked and made ready for many draws.
pub(super) struct League<'a> {
    rules: LeagueRules<'a>,
    /// The units of each table.
    tables: Vec<Vec<usize>>,
    /// The number of units in the table of each unit.
    sizes: Vec<usize>,
}

/// Memory used again and again in ranking.
#[derive(Default)]
pub(super) struct Scratch {
    keys: Vec<(usize, u64, usize)>,
    sorted: Vec<f64>,
    cuts: Vec<f64>,
}

impl<'a> League<'a> {
    pub(super) fn new(rules: &LeagueRules<'a>, units: usize) -> Result<Self> {
        error::at_least("ids", units, 1)?;
        error::length("tables", rules.tables.len(), units)?;
        error::length("held_at", rules.held_at.len(), units)?;
        match rules.banding {
            Banding::Cuts([]) => {}
            Banding::Cuts(cuts) => {
                error::all_finite("cuts", cuts)?;
                let fall = cuts.windows(2).position(|pair| pair[1] < pair[0]);
                let worst = fall.map_or(0.0, |at| cuts[at + 1]);
                error::require("cuts", worst, fall.is_none(), "in ascending order")?;
            }
            Banding::Quantiles(groups) => error::require("bands", groups as f64, groups > 0, "at least 1")?,
        }
        let bands = rules.banding.bands();
        let held: Vec<f64> = rules.held_at.iter().map(|&band| band as f64).collect();
        error::all("held_at", &held, |band| band >= 1.0 && band <= bands as f64, "the number of a band, from 1")?;
        let decimals = rules.decimals.unwrap_or(0);
        error::require("decimals", f64::from(decimals), decimals <= MOST_DECIMALS, "at most 9")?;
        let mut by_table: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (unit, table) in rules.tables.iter().enumerate() {
            by_table.entry(*table).or_default().push(unit);
        }
        let mut sizes = vec![0; units];
        by_table.values().for_each(|members| members.iter().for_each(|&unit| sizes[unit] = members.len()));
        Ok(Self { rules: *rules, tables: by_table.into_values().collect(), sizes })
    }

    pub(super) fn units(&self) -> usize {
        self.sizes.len()
    }

    /// The units of each table.
    pub(super) fn tables(&self) -> &[Vec<usize>] {
        &self.tables
    }

    /// The number of units in the table of a unit.
    pub(super) fn size(&self, unit: usize) -> usize {
        self.sizes[unit]
    }

    pub(super) fn held_at(&self, unit: usize) -> usize {
        self.rules.held_at[unit]
    }

    pub(super) fn bands(&self) -> usize {
        self.rules.banding.bands()
    }

    /// The cut into a band, where cuts are fixed and there is a better band.
    pub(super) fn cut_into(&self, band: usize) -> Option<f64> {
        match self.rules.banding {
            Banding::Cuts(cuts) if band > 1 => cuts.get(band - 2).copied(),
            _ => None,
        }
    }

    /// Rounds to the decimals of the rules: first to nine, so that a half that is a half in all but binary goes away
    /// from 0, as it does in decimal arithmetic.
    pub(super) fn round(&self, score: f64) -> f64 {
        const POWERS: [f64; 10] = [1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];
        match self.rules.decimals {
            None => score,
            Some(decimals) => {
                let (kept, dropped) = (POWERS[decimals as usize], POWERS[(MOST_DECIMALS - decimals) as usize]);
                ((score * 1e9).round() / dropped).round() / kept
            }
        }
    }

    /// Bands, caps applied, of composites already rounded.
    pub(super) fn band(&self, scores: &[f64], scratch: &mut Scratch, bands: &mut [usize]) {
        let cuts = match self.rules.banding {
            Banding::Cuts(cuts) => cuts,
            Banding::Quantiles(groups) => {
                scratch.sorted.clear();
                scratch.sorted.extend_from_slice(scores);
                scratch.sorted.sort_unstable_by(f64::total_cmp);
                let cut = |group: usize| order::quantile_of_sorted(&scratch.sorted, group as f64 / groups as f64);
                scratch.cuts.clear();
                scratch.cuts.extend((1..groups).map(cut));
                &scratch.cuts
            }
        };
        for ((band, score), held) in bands.iter_mut().zip(scores).zip(self.rules.held_at) {
            let by_score = 1 + cuts.iter().filter(|cut| score > cut).count();
            *band = by_score.max(*held);
        }
    }

    /// Places in each table of composites already rounded and banded.
    pub(super) fn rank(&self, scores: &[f64], bands: &[usize], scratch: &mut Scratch, ranks: &mut [usize]) {
        for members in &self.tables {
            scratch.keys.clear();
            scratch.keys.extend(members.iter().map(|&unit| (bands[unit], sortable(scores[unit]), unit)));
            scratch.keys.sort_unstable();
            let mut previous = (0, 0, 0);
            for (place, &(band, score, unit)) in scratch.keys.iter().enumerate() {
                let tied = place > 0 && previous.0 == band && previous.1 == score;
                let rank = if tied { previous.2 } else { place + 1 };
                ranks[unit] = rank;
                previous = (band, score, rank);
            }
        }
    }

    pub(super) fn standings(&self, rounded: &[f64]) -> Vec<Standing> {
        let (mut scratch, mut bands, mut ranks) = (Scratch::default(), vec![0; self.units()], vec![0; self.units()]);
        self.band(rounded, &mut scratch, &mut bands);
        self.rank(rounded, &bands, &mut scratch, &mut ranks);
        let standing = |unit: usize| Standing { score: rounded[unit], band: bands[unit], rank: ranks[unit] };
        (0..self.units()).map(standing).collect()
    }
}

/// A whole number in the order of the numbers themselves; 0 and -0 are one.
pub(super) fn sortable(value: f64) -> u64 {
    let bits = (value + 0.0).to_bits();
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

/// How often each unit had each band and each place, over draws.
#[derive(Clone)]
pub(super) struct Counts {
    bands: usize,
    places: usize,
    by_band: Vec<u32>,
    by_rank: Vec<u32>,
    pub draws: usize,
}

impl Counts {
    pub(super) fn new(league: &League) -> Self {
        let (units, bands) = (league.units(), league.bands());
        let places = league.tables.iter().map(Vec::len).max().unwrap_or(0);
        Self { bands, places, by_band: vec![0; units * bands], by_rank: vec![0; units * places], draws: 0 }
    }

    pub(super) fn add(&mut self, bands: &[usize], ranks: &[usize]) {
        for (unit, (band, rank)) in bands.iter().zip(ranks).enumerate() {
            self.by_band[unit * self.bands + band - 1] += 1;
            self.by_rank[unit * self.places + rank - 1] += 1;
        }
        self.draws += 1;
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.by_band.iter_mut().zip(&other.by_band).for_each(|(sum, count)| *sum += count);
        self.by_rank.iter_mut().zip(&other.by_rank).for_each(|(sum, count)| *sum += count);
        self.draws += other.draws;
    }

    /// The probability of each band of a unit.
    pub(super) fn band_probabilities(&self, unit: usize) -> Vec<f64> {
        shares(&self.by_band[unit * self.bands..][..self.bands], self.draws)
    }

    /// The probability of each place of a unit among so many.
    pub(super) fn rank_probabilities(&self, unit: usize, places: usize) -> Vec<f64> {
        shares(&self.by_rank[unit * self.places..][..places], self.draws)
    }

    /// The smallest place whose cumulative share of the draws is at least `probability`.
    pub(super) fn rank_quantile(&self, unit: usize, probability: f64) -> usize {
        // A share such as 0.025 of 10,000 is a whole number in all but rounding.
        let wanted = probability * self.draws as f64 * (1.0 - 1e-12);
        let mut reached = 0.0;
        let counts = &self.by_rank[unit * self.places..][..self.places];
        let place = counts.iter().position(|&count| {
            reached += f64::from(count);
            reached >= wanted
        });
        place.map_or(self.places, |place| place + 1)
    }
}

fn shares(counts: &[u32], draws: usize) -> Vec<f64> {
    counts.iter().map(|&count| f64::from(count) / draws as f64).collect()
}
