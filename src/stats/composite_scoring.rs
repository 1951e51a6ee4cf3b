//! How a metric's values become scores, so that they can be drawn and scored again.
//!
//! Published values are rounded, and so tie where the publisher's own did not; scores tell the order within such a tie.
//! Tied values with different scores are therefore spread, in the order of their scores, over the width of what was
//! rounded (within the natural bounds, and each on its own side of a level that sets units apart). What then still differs from the scores given (scores rounded by the
//! publisher, say) is carried as an offset of the unit, so that values without noise get exactly the scores given.

use super::composite::sortable;
use super::error::{self, Problem, Result, StatsError};

/// How values of one metric become scores. Low scores are good.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricRule {
    /// Whether a high value is good.
    pub higher_is_better: bool,
    /// The lowest value possible, if there is one. A value drawn beyond a bound is put on it, where several units may
    /// then tie, as they do in published figures.
    pub lowest: Option<f64>,
    /// The highest value possible, if there is one.
    pub highest: Option<f64>,
    /// From values to scores.
    pub scoring: Scoring,
}

/// From values to scores.
#[derive(Debug, Clone, PartialEq)]
pub enum Scoring {
    /// The scores given, whatever the values.
    Fixed,
    /// By place among all units with the metric: `best + (worst - best) (r - 1) / (n - 1)`, ties sharing the best place.
    /// For a metric whose whole pool is here: every unit's score then depends on all values.
    Rank {
        /// Score of the first place.
        best: f64,
        /// Score of the last place.
        worst: f64,
        /// A level that sets some units apart; n and r then count the others only.
        edge: Option<Edge>,
    },
    /// By the curve through the values and scores given, straight between them and flat beyond them. For a metric of
    /// whose pool only a part is here: the curve stands for the rest of the pool, which is held still.
    Curve {
        /// A level that sets some units apart; the curve runs through the others only.
        edge: Option<Edge>,
    },
    /// By fixed bands, ascending in the value. The first must start at negative infinity.
    Bands(Vec<ScoreBand>),
}

/// A level beyond which a unit is scored apart from the rest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Edge {
    /// Which side of it is set apart.
    pub kind: EdgeKind,
    /// The level, a value of the metric.
    pub level: f64,
    /// The score of those set apart.
    pub score: f64,
}

/// Which side of a level is set apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EdgeKind {
    /// Units worse than the level.
    Floor,
    /// Units at the level or better.
    Standard,
}

/// One band of values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScoreBand {
    /// Where it starts.
    pub from: f64,
    /// Whether a value of exactly `from` is in it.
    pub included: bool,
    /// Its score.
    pub score: f64,
}

impl std::str::FromStr for EdgeKind {
    type Err = StatsError;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "floor" => Ok(Self::Floor),
            "standard" => Ok(Self::Standard),
            _ => Err(StatsError::unknown("edge", name, "'floor' or 'standard'")),
        }
    }
}

/// One unit's part in a metric.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    /// Position in the long lists.
    pub pair: usize,
    pub value: f64,
    pub score: f64,
    pub sd: f64,
}

/// A metric ready to be scored again and again.
pub(super) struct Metric {
    pub entries: Vec<Entry>,
    /// Values on a scale where low is good, ties spread.
    pub values: Vec<f64>,
    /// Bounds on that scale.
    bounds: (f64, f64),
    rule: Rule,
    /// What the rule makes of the values without noise.
    base: Vec<f64>,
    /// The least and greatest score possible.
    range: (f64, f64),
}

/// A rule on the scale where low is good.
enum Rule {
    Rank { best: f64, worst: f64, edge: Option<Edge> },
    Curve { nodes: Vec<(f64, f64)>, edge: Option<Edge> },
    Bands { bands: Vec<ScoreBand>, sign: f64 },
}

/// Memory used again and again in scoring.
pub(super) type Keys = Vec<(u64, u32)>;

impl MetricRule {
    /// The rule made ready for the units with a value; nothing if the metric is fixed or has no noise anywhere.
    pub(super) fn prepare(&self, entries: Vec<Entry>) -> Result<Option<Metric>> {
        self.check()?;
        if self.scoring == Scoring::Fixed || entries.iter().all(|entry| entry.sd == 0.0) {
            return Ok(None);
        }
        for entry in &entries {
            let inside =
                self.lowest.is_none_or(|low| entry.value >= low) && self.highest.is_none_or(|high| entry.value <= high);
            if !inside {
                let problem = Problem::Value {
                    index: Some(entry.pair),
                    value: entry.value,
                    requirement: "within the bounds of its metric",
                };
                return Err(StatsError::new("pair_values", problem));
            }
        }
        let sign = if self.higher_is_better { -1.0 } else { 1.0 };
        let ends = [self.lowest, self.highest].map(|end| end.map(|end| sign * end));
        let (low, high) = if self.higher_is_better { (ends[1], ends[0]) } else { (ends[0], ends[1]) };
        let bounds = (low.unwrap_or(f64::NEG_INFINITY), high.unwrap_or(f64::INFINITY));
        let turn = |edge: &Option<Edge>| edge.map(|edge| Edge { level: sign * edge.level, ..edge });
        let edge = match &self.scoring {
            Scoring::Rank { edge, .. } | Scoring::Curve { edge } => turn(edge),
            _ => None,
        };
        let values = spread_ties(&entries, sign, bounds, edge);
        let rule = match &self.scoring {
            Scoring::Fixed => return Ok(None),
            Scoring::Rank { best, worst, .. } => Rule::Rank { best: *best, worst: *worst, edge },
            Scoring::Curve { .. } => Rule::Curve { nodes: curve(&entries, &values, edge), edge },
            Scoring::Bands(bands) => Rule::Bands { bands: bands.clone(), sign },
        };
        let given = entries.iter().map(|entry| entry.score);
        let range = rule
            .ends()
            .into_iter()
            .chain(given)
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), score| (low.min(score), high.max(score)));
        let mut base = vec![0.0; entries.len()];
        rule.score(&values, &mut Keys::new(), &mut base);
        Ok(Some(Metric { entries, values, bounds, rule, base, range }))
    }

    fn check(&self) -> Result<()> {
        let ordered = match (self.lowest, self.highest) {
            (Some(low), Some(high)) => low < high,
            _ => true,
        };
        error::require(
            "lowest",
            self.lowest.unwrap_or(0.0),
            self.lowest.is_none_or(f64::is_finite),
            "a finite number",
        )?;
        error::require(
            "highest",
            self.highest.unwrap_or(0.0),
            self.highest.is_none_or(f64::is_finite),
            "a finite number",
        )?;
        error::require("highest", self.highest.unwrap_or(0.0), ordered, "above the lowest")?;
        let edge = match &self.scoring {
            Scoring::Rank { best, worst, edge } => {
                error::finite("best", *best)?;
                error::finite("worst", *worst)?;
                error::require("worst", *worst, best <= worst, "at least the best")?;
                edge
            }
            Scoring::Curve { edge } => edge,
            Scoring::Bands(bands) => return check_bands(bands),
            Scoring::Fixed => return Ok(()),
        };
        match edge {
            Some(edge) => {
                error::finite("edge_level", edge.level)?;
                error::finite("edge_score", edge.score)
            }
            None => Ok(()),
        }
    }
}

fn check_bands(bands: &[ScoreBand]) -> Result<()> {
    error::at_least("band_from", bands.len(), 1)?;
    let open = bands[0].from == f64::NEG_INFINITY;
    error::require("band_from", bands[0].from, open, "negative infinity in the first band of a metric")?;
    if bands.len() > 1 {
        let froms: Vec<f64> = bands[1..].iter().map(|band| band.from).collect();
        error::all_finite("band_from", &froms)?;
        let fall = froms.windows(2).find(|pair| pair[1] < pair[0]).map_or(0.0, |pair| pair[1]);
        error::require("band_from", fall, froms.is_sorted(), "in ascending order within a metric")?;
    }
    let scores: Vec<f64> = bands.iter().map(|band| band.score).collect();
    error::all_finite("band_scores", &scores)
}

impl Edge {
    /// Whether a value (low is good) is set apart.
    fn beyond(&self, value: f64) -> bool {
        match self.kind {
            EdgeKind::Floor => value > self.level,
            EdgeKind::Standard => value <= self.level,
        }
    }
}

/// Values where low is good, spread as the module's head says.
fn spread_ties(entries: &[Entry], sign: f64, bounds: (f64, f64), edge: Option<Edge>) -> Vec<f64> {
    let values: Vec<f64> = entries.iter().map(|entry| sign * entry.value + 0.0).collect();
    let mut order: Vec<usize> = (0..entries.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]).then(entries[a].score.total_cmp(&entries[b].score)));
    let reach = 0.45 * step(&values);
    let mut spread = values.clone();
    for tied in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let value = values[tied[0]];
        let (low, high) = ((value - reach).max(bounds.0), (value + reach).min(bounds.1));
        match edge.filter(|edge| low <= edge.level && edge.level <= high) {
            None => spread_out(entries, tied, value, (low, high), &mut spread),
            Some(edge) => {
                // Those set apart and the others, each on its own side of the level.
                let apart = |at: &&usize| (entries[**at].score - edge.score).abs() < 1e-9;
                let worse = |at: &&usize| apart(at) == (edge.kind == EdgeKind::Floor);
                let (above, below): (Vec<usize>, Vec<usize>) = tied.iter().partition(|at| worse(at));
                spread_out(entries, &below, value.min(edge.level), (low, edge.level), &mut spread);
                let least = edge.level + 0.05 * reach;
                spread_out(entries, &above, value.max(least), (least, high.max(least)), &mut spread);
            }
        }
    }
    spread
}

/// Spreads units with one value, in order of their scores, between two ends; units with one score stay where they are.
fn spread_out(entries: &[Entry], tied: &[usize], value: f64, (low, high): (f64, f64), spread: &mut [f64]) {
    let levels: Vec<&[usize]> = tied.chunk_by(|&a, &b| entries[a].score == entries[b].score).collect();
    let count = levels.len() as f64;
    for (place, level) in levels.iter().enumerate() {
        let at = if levels.len() == 1 { value } else { low + (high - low) * (place as f64 + 0.5) / count };
        level.iter().for_each(|&unit| spread[unit] = at);
    }
}

/// The unit in which values are rounded: the greatest power of ten, from 1 down to a thousand-millionth, of which all are
/// multiples.
fn step(values: &[f64]) -> f64 {
    let mut scale = 1.0;
    for _ in 0..9 {
        let whole = |value: &f64| (value * scale - (value * scale).round()).abs() < 1e-6;
        if values.iter().all(whole) {
            break;
        }
        scale *= 10.0;
    }
    1.0 / scale
}

/// The rising curve nearest to the values and scores (pool adjacent violators), equal values averaged.
fn curve(entries: &[Entry], values: &[f64], edge: Option<Edge>) -> Vec<(f64, f64)> {
    let inside = |(value, entry): (&f64, &Entry)| {
        (!edge.is_some_and(|edge| edge.beyond(*value))).then_some((*value, entry.score))
    };
    let mut points: Vec<(f64, f64)> = values.iter().zip(entries).filter_map(inside).collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    // Blocks of points with one score: the sum of scores, their number, the values.
    let mut blocks: Vec<(f64, f64, Vec<f64>)> = Vec::new();
    for same in points.chunk_by(|a, b| a.0 == b.0) {
        let sum = same.iter().map(|point| point.1).sum::<f64>();
        let equal = same.iter().all(|point| point.1 == same[0].1);
        let score = if equal { same[0].1 } else { sum / same.len() as f64 };
        let mut block = (score, 1.0, vec![same[0].0]);
        while let Some(last) = blocks.last()
            && last.0 / last.1 > block.0 / block.1
        {
            let Some(mut last) = blocks.pop() else { break };
            last.2.append(&mut block.2);
            block = (last.0 + block.0, last.1 + block.1, last.2);
        }
        blocks.push(block);
    }
    blocks
        .into_iter()
        .flat_map(|(sum, count, values)| values.into_iter().map(move |value| (value, sum / count)))
        .collect()
}

impl Metric {
    /// Draws the values about what they are (`z` standard normal, above 0 being worse) and scores them again.
    pub(super) fn draw(&self, z: &[f64], drawn: &mut [f64], keys: &mut Keys, scores: &mut [f64]) {
        for (((drawn, value), entry), z) in drawn.iter_mut().zip(&self.values).zip(&self.entries).zip(z) {
            *drawn = if entry.sd > 0.0 { (value + entry.sd * z).clamp(self.bounds.0, self.bounds.1) } else { *value };
        }
        self.rule.score(drawn, keys, scores);
        for ((score, base), entry) in scores.iter_mut().zip(&self.base).zip(&self.entries) {
            *score = (entry.score + (*score - base)).clamp(self.range.0, self.range.1);
        }
    }

    /// The greatest difference between a score given and what the rule makes of the value.
    pub(super) fn greatest_offset(&self) -> f64 {
        self.entries.iter().zip(&self.base).map(|(entry, base)| (entry.score - base).abs()).fold(0.0, f64::max)
    }
}

impl Rule {
    /// The scores the rule can give at its ends.
    fn ends(&self) -> Vec<f64> {
        let edge_score = |edge: &Option<Edge>| edge.map(|edge| edge.score);
        match self {
            Self::Rank { best, worst, edge } => [*best, *worst].into_iter().chain(edge_score(edge)).collect(),
            Self::Curve { nodes, edge } => nodes.iter().map(|node| node.1).chain(edge_score(edge)).collect(),
            Self::Bands { bands, .. } => bands.iter().map(|band| band.score).collect(),
        }
    }

    fn score(&self, values: &[f64], keys: &mut Keys, scores: &mut [f64]) {
        match self {
            Self::Rank { best, worst, edge } => rank_scores(values, (*best, *worst), *edge, keys, scores),
            Self::Curve { nodes, edge } => {
                for (score, &value) in scores.iter_mut().zip(values) {
                    *score = match edge {
                        Some(edge) if nodes.is_empty() || edge.beyond(value) => edge.score,
                        _ => interpolate(nodes, value),
                    };
                }
            }
            Self::Bands { bands, sign } => {
                for (score, value) in scores.iter_mut().zip(values) {
                    let value = sign * value;
                    let starts = |band: &&ScoreBand| value > band.from || (band.included && value == band.from);
                    *score = bands.iter().rev().find(starts).unwrap_or(&bands[0]).score;
                }
            }
        }
    }
}

fn rank_scores(values: &[f64], (best, worst): (f64, f64), edge: Option<Edge>, keys: &mut Keys, scores: &mut [f64]) {
    keys.clear();
    for (at, &value) in values.iter().enumerate() {
        match edge {
            Some(edge) if edge.beyond(value) => scores[at] = edge.score,
            _ => keys.push((sortable(value), at as u32)),
        }
    }
    keys.sort_unstable();
    let steps = (keys.len().max(2) - 1) as f64;
    let (mut previous, mut place) = (0, 0.0);
    for (at, &(key, unit)) in keys.iter().enumerate() {
        if key != previous {
            (previous, place) = (key, at as f64);
        }
        scores[unit as usize] = best + (worst - best) * place / steps;
    }
}

fn interpolate(nodes: &[(f64, f64)], value: f64) -> f64 {
    let above = nodes.partition_point(|node| node.0 <= value);
    match (nodes.get(above.wrapping_sub(1)), nodes.get(above)) {
        (None, None) => f64::NAN,
        (None, Some(node)) | (Some(node), None) => node.1,
        (Some(&(x0, y0)), Some(_)) if x0 == value => y0,
        (Some(&(x0, y0)), Some(&(x1, y1))) => y0 + (y1 - y0) * ((value - x0) / (x1 - x0)),
    }
}
