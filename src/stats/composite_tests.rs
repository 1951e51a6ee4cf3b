//! Tests of the composites, apart from their confidence sets.

use proptest::prelude::*;

use super::composite::{self, Banding, LeagueRules, PairScores};
use super::composite_bootstrap::{BootstrapOptions, composite_bootstrap};
use super::composite_change::{ChangeVerdict, MovementOptions, composite_change, null_movement};
use super::composite_scoring::{Edge, EdgeKind, MetricRule, ScoreBand, Scoring};
use super::composite_simulation::{self as simulation, Model, Noise, SimulationInput, SimulationOptions};
use super::composite_weights::{WeightOptions, random_weight_ranks};
use super::league_confidence::LeagueUncertainty;
use super::{StatsError, order};

/// A league that owns its lists.
#[derive(Debug, Clone)]
pub(super) struct Owned {
    pub tables: Vec<usize>,
    pub held_at: Vec<usize>,
    pub cuts: Vec<f64>,
    pub decimals: Option<u32>,
    pub published: Vec<f64>,
    pub units: Vec<usize>,
    pub metrics: Vec<usize>,
    pub scores: Vec<f64>,
    pub weights: Vec<f64>,
    pub values: Vec<f64>,
    pub deviations: Vec<f64>,
    pub rules: Vec<MetricRule>,
    pub correlation: f64,
}

impl Owned {
    pub fn league(&self) -> LeagueRules<'_> {
        let (tables, held_at) = (&self.tables, &self.held_at);
        LeagueRules { tables, held_at, banding: Banding::Cuts(&self.cuts), decimals: self.decimals }
    }

    pub fn pairs(&self) -> PairScores<'_> {
        PairScores { units: &self.units, metrics: &self.metrics, scores: &self.scores, weights: &self.weights }
    }

    pub fn input(&self) -> SimulationInput<'_> {
        SimulationInput {
            rules: self.league(),
            published: &self.published,
            pairs: self.pairs(),
            values: &self.values,
            deviations: &self.deviations,
            metrics: &self.rules,
            correlation: self.correlation,
        }
    }

    fn fault(&self) -> &'static str {
        simulation::composite_simulation(&self.input(), &SimulationOptions::default()).unwrap_err().argument
    }
}

fn plain(scoring: Scoring) -> MetricRule {
    MetricRule { higher_is_better: false, lowest: None, highest: None, scoring }
}

const SPREAD: Scoring = Scoring::Rank { best: 1.0, worst: 4.0, edge: None };

/// Five units and three metrics, one of each kind of scoring, with noise of two points.
fn small() -> Owned {
    let bands = [(f64::NEG_INFINITY, 4.0), (-1.0, 2.0), (0.5, 1.0)];
    let bands = bands.map(|(from, score)| ScoreBand { from, included: true, score }).to_vec();
    let values = [[10.0, 12.0, 13.0, 15.0, 15.5], [50.0, 80.0, 75.0, 60.0, 71.0], [1.0, 0.2, -2.0, -0.8, 0.6]];
    let scores = [[1.0, 1.75, 2.5, 3.25, 4.0], [4.0, 1.0, 1.6, 4.0, 2.2], [1.0, 2.0, 4.0, 2.0, 1.0]];
    let deviations = [[1.5, 1.0, 1.0, 0.0, 1.2], [25.0, 3.0, 6.0, 11.0, 2.0], [0.6, 0.4, 1.5, 0.1, 0.0]];
    let cell = |table: [[f64; 5]; 3]| table.concat();
    let floor = Edge { kind: EdgeKind::Floor, level: 70.0, score: 4.0 };
    let mut owned = Owned {
        tables: vec![0; 5],
        held_at: vec![1, 1, 1, 2, 2],
        cuts: vec![1.8, 2.6],
        decimals: Some(2),
        published: vec![],
        units: [0, 1, 2, 3, 4].repeat(3),
        metrics: [[0; 5], [1; 5], [2; 5]].concat(),
        scores: cell(scores),
        weights: [[3.0; 5], [3.0; 5], [1.0; 5]].concat(),
        values: cell(values),
        deviations: cell(deviations),
        rules: vec![
            plain(SPREAD),
            MetricRule {
                higher_is_better: true,
                lowest: Some(0.0),
                highest: Some(100.0),
                scoring: Scoring::Curve { edge: Some(floor) },
            },
            MetricRule { higher_is_better: true, ..plain(Scoring::Bands(bands)) },
        ],
        correlation: 0.0,
    };
    owned.published = published(&owned);
    owned
}

fn published(owned: &Owned) -> Vec<f64> {
    let means = composite::weighted_means(&owned.pairs(), owned.tables.len()).unwrap();
    composite::standings(&means, &owned.league()).unwrap().iter().map(|standing| standing.score).collect()
}

#[test]
fn simulation_agrees_with_enumeration() {
    let owned = small();
    let model = Model::new(&owned.input()).unwrap();
    let mut draw = model.scratch();
    let outcomes = 1usize << 15;
    let mut scores = vec![[0.0; 5]; outcomes];
    let (mut bands, mut ranks) = ([[0.0; 3]; 5], [[0.0; 5]; 5]);
    for (outcome, row) in scores.iter_mut().enumerate() {
        draw.z.iter_mut().enumerate().for_each(|(at, z)| *z = if outcome >> at & 1 == 1 { 1.0 } else { -1.0 });
        model.apply(&mut draw);
        row.copy_from_slice(&draw.changes);
        let composites: Vec<f64> = (0..5).map(|unit| model.composite(unit, draw.changes[unit])).collect();
        for (unit, standing) in composite::standings(&composites, &owned.league()).unwrap().iter().enumerate() {
            bands[unit][standing.band - 1] += 1.0 / outcomes as f64;
            ranks[unit][standing.rank - 1] += 1.0 / outcomes as f64;
        }
    }
    let draws = 40_000;
    let found = simulation::simulate(&model, SimulationOptions { draws, seed: 5 }, Noise::TwoPoint);
    let share_error = |p: f64| 4.0 * (p * (1.0 - p) / draws as f64).sqrt() + 1e-12;
    let mean = |of: &dyn Fn(&[f64; 5]) -> f64| scores.iter().map(of).sum::<f64>() / outcomes as f64;
    for unit in 0..5 {
        let uncertainty = &found.units[unit];
        for (p, exact) in uncertainty.band_probabilities.iter().zip(bands[unit]) {
            assert!((p - exact).abs() <= share_error(exact), "band of {unit}: {p} {exact}");
        }
        for (p, exact) in uncertainty.rank_probabilities.iter().zip(ranks[unit]) {
            assert!((p - exact).abs() <= share_error(exact), "rank of {unit}: {p} {exact}");
        }
        let bias = mean(&|row| row[unit]);
        let sd = mean(&|row| (row[unit] - bias) * (row[unit] - bias)).sqrt();
        assert!((uncertainty.bias - bias).abs() <= 4.0 * sd / (draws as f64).sqrt(), "bias of {unit}");
        for other in 0..5 {
            let centre = mean(&|row| row[other]);
            let product = |row: &[f64; 5]| (row[unit] - bias) * (row[other] - centre);
            let exact = mean(&product);
            let spread = mean(&|row| (product(row) - exact) * (product(row) - exact)).sqrt();
            let error = (found.covariance[unit * 5 + other] - exact).abs();
            assert!(error <= 4.0 * spread / (draws as f64).sqrt() + 1e-9, "covariance of {unit}, {other}: {error}");
        }
        let shares: f64 = (0..3).map(|metric| found.shares[metric * 5 + unit]).sum();
        assert!((shares - 1.0).abs() < 1e-9);
    }
    assert!(bands[0].iter().all(|p| *p > 0.01 || *p == 0.0));
    assert_eq!(found.units[3].band_probabilities[0], 0.0, "held at the second band");
}

#[test]
fn threads_and_repeats_do_not_matter() {
    let owned = small();
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let options = SimulationOptions { draws: 5_001, seed: 3 };
        pool.install(|| {
            let bootstrap = composite_bootstrap(&owned.pairs(), &owned.league(), &BootstrapOptions::default()).unwrap();
            let weights = random_weight_ranks(&owned.pairs(), &owned.league(), &WeightOptions::default()).unwrap();
            (simulation::composite_simulation(&owned.input(), &options).unwrap(), bootstrap, weights)
        })
    };
    assert_eq!(run(1), run(2));
    assert_eq!(run(1), run(5));
    let options = SimulationOptions { draws: 2_000, seed: 3 };
    let replicates = simulation::composite_replicates(&owned.input(), &options).unwrap();
    let covariance = simulation::composite_simulation(&owned.input(), &options).unwrap().covariance;
    let variance = replicates.chunks(5).map(|row| row[0] * row[0]).sum::<f64>() / 1999.0;
    assert!((variance - covariance[0]).abs() < 1e-12);
}

#[test]
fn correlation_widens_composites_and_what_is_fixed_stays() {
    let mut owned = small();
    let sd = |owned: &Owned, unit: usize| {
        simulation::composite_simulation(&owned.input(), &SimulationOptions::default()).unwrap().units[unit].sd
    };
    let (alone, before) = (sd(&owned, 2), sd(&owned, 1));
    owned.correlation = 0.6;
    assert!(sd(&owned, 2) > alone && sd(&owned, 1) > before);
    owned.deviations.fill(0.0);
    let still = simulation::composite_simulation(&owned.input(), &SimulationOptions::default()).unwrap();
    for (unit, standing) in still.units.iter().zip(composite::standings(&owned.published, &owned.league()).unwrap()) {
        assert_eq!(unit.standing, standing);
        assert_eq!((unit.bias, unit.sd, unit.modelled_weight, unit.top_driver), (0.0, 0.0, 0.0, None));
        assert_eq!(unit.band_probabilities[standing.band - 1], 1.0);
        assert_eq!(unit.rank_probabilities[standing.rank - 1], 1.0);
    }
    let mut owned = small();
    owned.rules[0].scoring = Scoring::Fixed;
    let some = simulation::composite_simulation(&owned.input(), &SimulationOptions::default()).unwrap();
    assert!((some.units[0].modelled_weight - 4.0 / 7.0).abs() < 1e-12);
    assert!(some.units[0].top_driver.unwrap().0 > 0);
}

#[test]
fn faults_are_named() {
    let with = |change: fn(&mut Owned)| {
        let mut owned = small();
        change(&mut owned);
        owned.fault()
    };
    assert_eq!(with(|o| o.published[0] = f64::NAN), "published");
    assert_eq!(with(|o| o.published[0] = 1.234), "published");
    assert_eq!(with(|o| o.published = vec![]), "ids");
    assert_eq!(with(|o| o.tables = vec![0; 4]), "tables");
    assert_eq!(with(|o| o.held_at[0] = 4), "held_at");
    assert_eq!(with(|o| o.held_at[0] = 0), "held_at");
    assert_eq!(with(|o| o.cuts = vec![2.0, 1.0]), "cuts");
    assert_eq!(with(|o| o.decimals = Some(12)), "decimals");
    assert_eq!(with(|o| o.scores[0] = f64::NAN), "pair_scores");
    assert_eq!(with(|o| o.units[0] = 9), "pair_units");
    assert_eq!(with(|o| o.units = vec![0; 15]), "pair_units");
    assert_eq!(with(|o| o.metrics[0] = 9), "pair_metrics");
    assert_eq!(with(|o| o.metrics[0] = 1), "pair_metrics");
    assert_eq!(with(|o| o.weights[0] = 0.0), "pair_weights");
    assert_eq!(with(|o| o.values[0] = f64::NAN), "pair_values");
    assert_eq!(with(|o| o.values[5] = 101.0), "pair_values");
    assert_eq!(with(|o| o.deviations[0] = -1.0), "pair_sds");
    assert_eq!(with(|o| o.correlation = 1.0), "correlation");
    assert_eq!(with(|o| o.rules[1].lowest = Some(200.0)), "highest");
    assert_eq!(with(|o| o.rules[2].scoring = Scoring::Bands(vec![])), "band_from");
    let owned = small();
    let bootstrap = BootstrapOptions { draws: 10, ..BootstrapOptions::default() };
    assert_eq!(composite_bootstrap(&owned.pairs(), &owned.league(), &bootstrap).unwrap_err().argument, "draws");
    let weights = WeightOptions { concentration: 0.0, ..WeightOptions::default() };
    assert_eq!(random_weight_ranks(&owned.pairs(), &owned.league(), &weights).unwrap_err().argument, "concentration");
    assert_eq!(composite::positions("pair_units", &["a", "b"], &["b", "a"]).unwrap(), [1, 0]);
    assert_eq!(composite::positions("pair_units", &["a"], &["c"]).unwrap_err().argument, "pair_units");
    assert_eq!(composite::positions("pair_units", &["a", "a"], &["a"]).unwrap_err().argument, "ids");
}

#[test]
fn one_unit_and_all_ties() {
    let pairs = |units: &'static [usize], scores: &'static [f64]| PairScores {
        units,
        metrics: &[0, 0, 0][..units.len()],
        scores,
        weights: &[1.0; 3][..units.len()],
    };
    let rules = |count: usize| LeagueRules {
        tables: &[7; 3][..count],
        held_at: &[1; 3][..count],
        banding: Banding::Quantiles(4),
        decimals: None,
    };
    let one = composite_bootstrap(&pairs(&[0], &[2.5]), &rules(1), &BootstrapOptions::default()).unwrap();
    assert_eq!((one[0].score_lower, one[0].score_upper, one[0].rank_lower, one[0].rank_upper), (2.5, 2.5, 1, 1));
    let tied = composite_bootstrap(&pairs(&[0, 1, 2], &[2.5; 3]), &rules(3), &BootstrapOptions::default()).unwrap();
    assert!(tied.iter().all(|unit| unit.standing.rank == 1 && unit.rank_upper == 1 && unit.standing.band == 1));
    let weights = random_weight_ranks(&pairs(&[0, 1, 2], &[2.5; 3]), &rules(3), &WeightOptions::default()).unwrap();
    assert!(weights.iter().all(|unit| (unit.lower, unit.upper, unit.mean_shift) == (1, 1, 0.0)));
    assert_eq!(
        composite_bootstrap(&pairs(&[], &[]), &rules(0), &BootstrapOptions::default()).unwrap_err().argument,
        "ids"
    );
}

#[test]
fn rounding_is_that_of_decimals() {
    let rules = LeagueRules { tables: &[0], held_at: &[1], banding: Banding::Cuts(&[2.35]), decimals: Some(2) };
    // 2.345 is a little below in binary and a half in decimals.
    for (mean, rounded, band) in [(2.345, 2.35, 1), (2.344_999, 2.34, 1), (2.355, 2.36, 2), (2.35, 2.35, 1)] {
        let standing = composite::standings(&[mean], &rules).unwrap()[0];
        assert_eq!((standing.score, standing.band), (rounded, band), "{mean}");
    }
}

#[test]
fn changes_are_judged_by_the_rule() {
    let run = |sd: f64, overlap: f64| {
        let (before, after) = ([2.0, 2.0, 2.0], [2.5, 2.05, 2.5]);
        let deviations = [sd, sd, 0.0];
        composite_change((&before, &deviations), (&after, &deviations), &[overlap; 3], 0.95).unwrap()
    };
    let clear = run(0.1, 0.0);
    assert_eq!(clear[0].verdict, ChangeVerdict::Real);
    assert!((clear[0].adjusted_p - 2.0 * clear[0].difference.p_value).abs() < 1e-12, "two are modelled");
    assert_eq!(clear[1].verdict, ChangeVerdict::NoClear);
    assert_eq!(clear[2].verdict, ChangeVerdict::NotModelled);
    assert_eq!(run(0.3, 0.0)[0].verdict, ChangeVerdict::NoClear);
    assert_eq!(run(0.3, 0.75)[0].verdict, ChangeVerdict::Real, "shared data leave less to chance");
    let fault = |result: Result<Vec<_>, StatsError>| result.unwrap_err().argument;
    assert_eq!(fault(composite_change((&[1.0], &[0.1]), (&[1.0], &[0.1]), &[1.5], 0.95)), "overlap");
    assert_eq!(fault(composite_change((&[1.0], &[0.1]), (&[1.0, 2.0], &[0.1; 2]), &[0.0], 0.95)), "after");
    assert_eq!(fault(composite_change((&[], &[]), (&[], &[]), &[], 0.95)), "before");
}

#[test]
fn four_tied_units_move_as_four_dice() {
    let rules = LeagueRules { tables: &[0; 4], held_at: &[1; 4], banding: Banding::Quantiles(4), decimals: None };
    let options = MovementOptions { draws: 40_000, seed: 1 };
    let run =
        |overlap: f64, uncertainty| null_movement(&[2.0; 4], uncertainty, &[overlap; 4], &rules, &options).unwrap();
    let mut covariance = vec![0.0; 16];
    (0..4).for_each(|unit| covariance[unit * 5] = 0.01);
    for uncertainty in [LeagueUncertainty::Deviations(&[0.1; 4]), LeagueUncertainty::Covariance(&covariance)] {
        let moved = run(0.0, uncertainty);
        for unit in &moved.units {
            assert!((unit.expected - 1.25).abs() < 0.02 && (unit.p_band_changes - 0.75).abs() < 0.01);
            assert!((unit.p_at_least(0) - 1.0).abs() < 1e-9 && (unit.p_at_least(1) - 0.75).abs() < 0.01);
        }
        assert!((moved.tables[0].mean_movement - 1.25).abs() < 0.02);
        assert!(run(0.75, uncertainty).units[0].expected < 0.9);
        assert_eq!(run(1.0, uncertainty).units[0].expected, 0.0);
    }
}

/// Hidden values, published rounded; scores from the hidden ones.
fn league() -> impl Strategy<Value = Owned> {
    (1usize..12, 1usize..5).prop_flat_map(|(units, metrics)| {
        let hidden = prop::collection::vec(0.0..6.0f64, units * metrics);
        let present = prop::collection::vec(prop::bool::weighted(0.8), units * metrics);
        let kinds = prop::collection::vec((0usize..4, any::<bool>()), metrics);
        let held = prop::collection::vec(1usize..4, units);
        (hidden, present, kinds, held, 0.0..0.8f64).prop_map(move |(hidden, present, kinds, held_at, correlation)| {
            build(units, &hidden, &present, &kinds, held_at, correlation)
        })
    })
}

fn build(
    units: usize,
    hidden: &[f64],
    present: &[bool],
    kinds: &[(usize, bool)],
    held_at: Vec<usize>,
    correlation: f64,
) -> Owned {
    let mut owned = Owned {
        tables: (0..units).map(|unit| unit % 2).collect(),
        held_at,
        cuts: vec![1.9, 2.3, 2.7],
        decimals: Some(2),
        published: vec![],
        units: vec![],
        metrics: vec![],
        scores: vec![],
        weights: vec![],
        values: vec![],
        deviations: vec![],
        rules: vec![],
        correlation,
    };
    for (metric, &(kind, higher_is_better)) in kinds.iter().enumerate() {
        let held: Vec<usize> = (0..units).filter(|unit| metric == 0 || present[metric * units + unit]).collect();
        let values: Vec<f64> = held.iter().map(|unit| hidden[metric * units + unit]).collect();
        let level = 3.0;
        let edge = match kind {
            1 => Some(Edge { kind: EdgeKind::Floor, level, score: 4.0 }),
            2 => Some(Edge { kind: EdgeKind::Standard, level, score: 1.0 }),
            _ => None,
        };
        let (best, worst) = [(1.0, 4.0), (1.0, 3.0), (2.0, 4.0), (1.0, 4.0)][kind];
        let meets = |value: f64| if higher_is_better { value >= level } else { value <= level };
        let apart = |value: f64| match kind {
            1 => !meets(value),
            2 => meets(value),
            _ => false,
        };
        let inside: Vec<f64> = values.iter().copied().filter(|value| !apart(*value)).collect();
        let ranks =
            if inside.is_empty() { vec![] } else { order::competition_ranks(&inside, higher_is_better).unwrap() };
        let mut ranks = ranks.into_iter();
        for (&unit, &value) in held.iter().zip(&values) {
            let score = match (apart(value), edge) {
                (true, Some(edge)) => edge.score,
                _ => best + (worst - best) * (ranks.next().unwrap() - 1) as f64 / (inside.len().max(2) - 1) as f64,
            };
            owned.units.push(unit);
            owned.metrics.push(metric);
            owned.scores.push((score * 100.0).round() / 100.0);
            owned.weights.push(if metric == 1 { 1.0 } else { 3.0 });
            owned.values.push(value.round());
            owned.deviations.push(if unit % 3 == 2 { 0.0 } else { 0.4 });
        }
        let scoring = if kind == 3 { Scoring::Curve { edge } } else { Scoring::Rank { best, worst, edge } };
        owned.rules.push(MetricRule { higher_is_better, lowest: Some(0.0), highest: Some(6.0), scoring });
    }
    owned.published = published(&owned);
    // As published, once in a while a hundredth off for reasons unknown.
    owned.published[0] = ((owned.published[0] + 0.01) * 100.0).round() / 100.0;
    owned
}

proptest! {
    #[test]
    fn without_noise_everything_is_as_published(owned in league()) {
        let model = Model::new(&owned.input()).unwrap();
        let mut draw = model.scratch();
        draw.z.fill(0.0);
        model.apply(&mut draw);
        let composites: Vec<f64> = (0..owned.published.len()).map(|unit| model.composite(unit, draw.changes[unit])).collect();
        prop_assert!(draw.changes.iter().all(|change| *change == 0.0));
        prop_assert_eq!(&composites, &owned.published);
        prop_assert_eq!(
            composite::standings(&composites, &owned.league()).unwrap(),
            composite::standings(&owned.published, &owned.league()).unwrap()
        );
    }

    #[test]
    fn rules_find_the_published_scores_but_for_rounding(owned in league()) {
        let options = SimulationOptions { draws: 100, seed: 1 };
        let found = simulation::composite_simulation(&owned.input(), &options).unwrap();
        prop_assert!(found.offsets.iter().all(|offset| *offset <= 0.005 + 1e-9), "{:?}", found.offsets);
    }

    #[test]
    fn probabilities_and_shares_are_such(owned in league()) {
        let options = SimulationOptions { draws: 200, seed: 2 };
        let found = simulation::composite_simulation(&owned.input(), &options).unwrap();
        let whole = |law: &[f64]| (law.iter().sum::<f64>() - 1.0).abs() < 1e-9;
        for (unit, uncertainty) in found.units.iter().enumerate() {
            prop_assert!(whole(&uncertainty.band_probabilities) && whole(&uncertainty.rank_probabilities));
            prop_assert!(uncertainty.band_probabilities[..owned.held_at[unit] - 1].iter().all(|p| *p == 0.0));
            prop_assert!((0.0..=1.0 + 1e-12).contains(&uncertainty.modelled_weight));
            let relative = owned.rules.iter().any(|rule| matches!(rule.scoring, Scoring::Rank { .. }));
            prop_assert!(relative || uncertainty.modelled_weight > 0.0 || uncertainty.sd == 0.0);
            let own = found.shares.iter().zip(&owned.units).filter(|(_, of)| **of == unit);
            let sum: f64 = own.map(|(share, _)| share).sum();
            prop_assert!(uncertainty.sd == 0.0 || (sum - 1.0).abs() < 1e-6);
        }
    }

    #[test]
    fn the_order_of_the_pairs_does_not_matter_to_the_standing(owned in league(), turn in 0usize..9) {
        let mut turned = owned.clone();
        let by = turn % owned.units.len();
        for list in [&mut turned.scores, &mut turned.weights] { list.rotate_left(by); }
        turned.units.rotate_left(by);
        turned.metrics.rotate_left(by);
        let run = |owned: &Owned| composite_bootstrap(&owned.pairs(), &owned.league(), &BootstrapOptions { draws: 100, ..BootstrapOptions::default() }).unwrap();
        for (one, two) in run(&owned).iter().zip(run(&turned)) {
            prop_assert_eq!(one.standing, two.standing);
            prop_assert!(one.score_lower <= one.score_upper && one.rank_lower <= one.rank_upper);
        }
    }
}
