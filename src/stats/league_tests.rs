//! Tests of the confidence sets for places in a league with caps.

use proptest::prelude::*;

use super::composite::{Banding, LeagueRules};
use super::league_confidence::{LeagueOptions, LeagueSets, LeagueUncertainty, league_confidence};
use super::normal::NormalStream;
use super::rank_sets::{Kind, RankInput, RankOptions, Uncertainty, Verdict, rank_confidence};

const CUTS: [f64; 3] = [1.9, 2.3, 2.7];

fn rules<'a>(tables: &'a [usize], held_at: &'a [usize]) -> LeagueRules<'a> {
    LeagueRules { tables, held_at, banding: Banding::Cuts(&CUTS), decimals: None }
}

fn quick(simultaneous: bool) -> LeagueOptions {
    LeagueOptions { simultaneous, draws: 2_000, ..LeagueOptions::default() }
}

fn sets(scores: &[f64], deviations: &[f64], held_at: &[usize], options: &LeagueOptions) -> LeagueSets {
    let tables = vec![0; scores.len()];
    league_confidence(scores, LeagueUncertainty::Deviations(deviations), &rules(&tables, held_at), options).unwrap()
}

fn places(sets: &LeagueSets) -> Vec<(usize, usize, usize)> {
    sets.ranks.iter().map(|set| (set.rank, set.lower, set.upper)).collect()
}

#[test]
fn clear_leagues_have_one_place_each() {
    // Held at the third band: the best score of all comes after every unit with a better band.
    let (scores, held_at) = ([1.0, 2.0, 2.2, 2.5, 3.5], [3, 1, 1, 1, 1]);
    for simultaneous in [false, true] {
        let clear = sets(&scores, &[0.01; 5], &held_at, &quick(simultaneous));
        assert_eq!(places(&clear), [(3, 3, 3), (1, 1, 1), (2, 2, 2), (4, 4, 4), (5, 5, 5)]);
        assert_eq!(clear.verdict(1, 0), Some(Verdict::Above));
        assert_eq!(clear.verdict(0, 1), Some(Verdict::Below));
        assert_eq!((clear.verdict(0, 0), clear.ranks[0].unclear, clear.ranks[0].others), (None, 0, 4));
    }
}

#[test]
fn a_unit_near_the_cut_decides_for_those_held() {
    // Unit 1 may or may not have a better band than unit 0 can have, though their composites are far apart.
    let unsure = sets(&[1.0, 2.28], &[0.05, 0.05], &[3, 1], &quick(true));
    assert_eq!(places(&unsure), [(2, 1, 2), (1, 1, 2)]);
    // The same two without the cap are told apart.
    let free = sets(&[1.0, 2.28], &[0.05, 0.05], &[1, 1], &quick(true));
    assert_eq!(places(&free), [(1, 1, 1), (2, 2, 2)]);
    // Held alike, they are ranked by their composites.
    let alike = sets(&[1.0, 2.28], &[0.05, 0.05], &[3, 3], &quick(true));
    assert_eq!(places(&alike), [(1, 1, 1), (2, 2, 2)]);
    // The composite of a held unit matters only above the cut.
    let below = sets(&[2.0, 2.15], &[0.3, 0.001], &[3, 1], &quick(true));
    assert_eq!(places(&below), [(2, 2, 2), (1, 1, 1)]);
}

#[test]
fn what_has_no_variance_is_known() {
    for simultaneous in [false, true] {
        let known = sets(&[2.0, 2.1, 2.1, 2.3, 2.5], &[0.0; 5], &[3, 1, 1, 1, 1], &quick(simultaneous));
        // The fourth is just at the cut, so it has the better band.
        assert_eq!(places(&known), [(4, 4, 4), (1, 1, 2), (1, 1, 2), (3, 3, 3), (5, 5, 5)]);
        assert_eq!(known.stability, f64::INFINITY);
        let one = sets(&[2.0], &[0.3], &[3], &quick(simultaneous));
        assert_eq!(places(&one), [(1, 1, 1)]);
        let tied = sets(&[2.0; 4], &[0.1, 0.2, 0.3, 0.0], &[1; 4], &quick(simultaneous));
        assert!(places(&tied).iter().all(|set| *set == (1, 1, 4)));
    }
}

#[test]
fn without_caps_the_sets_are_those_of_one_number() {
    let mut stream = NormalStream::new(11, 0);
    let scores: Vec<f64> = (0..15).map(|_| 2.3 + 0.4 * stream.normal()).collect();
    let deviations: Vec<f64> = (0..15).map(|_| 0.02 + 0.15 * stream.uniform()).collect();
    for (simultaneous, kind) in [(false, Kind::Marginal), (true, Kind::Simultaneous)] {
        let league = sets(&scores, &deviations, &[1; 15], &LeagueOptions { stepdown: false, ..quick(simultaneous) });
        let input = RankInput {
            estimates: &scores,
            uncertainty: Uncertainty::StandardErrors(&deviations),
            higher_is_better: false,
        };
        let options = RankOptions { kind, draws: 2_000, simulate: true, stepdown: false, ..RankOptions::default() };
        let plain = rank_confidence(&input, &options).unwrap();
        let expected: Vec<_> = plain.ranks.iter().map(|set| (set.rank, set.lower, set.upper)).collect();
        assert_eq!(places(&league), expected);
        for unit in 0..15 {
            assert_eq!(league.ranks[unit].unclear, plain.unclear(unit));
        }
        // Held alike, bands make no difference.
        let held = sets(&scores, &deviations, &[3; 15], &LeagueOptions { stepdown: false, ..quick(simultaneous) });
        assert_eq!(places(&held), expected);
    }
}

#[test]
fn the_three_kinds_of_uncertainty_agree() {
    let scores = [1.5, 1.8, 2.0, 2.25, 2.6, 3.0];
    let deviations = [0.1, 0.2, 0.1, 0.05, 0.2, 0.1];
    let held_at = [1, 3, 1, 1, 3, 1];
    let mut covariance = vec![0.0; 36];
    (0..6).for_each(|unit| covariance[unit * 7] = deviations[unit] * deviations[unit]);
    let mut stream = NormalStream::new(2, 0);
    let replicates: Vec<f64> = (0..60_000).map(|at| deviations[at % 6] * stream.normal()).collect();
    let tables = [0; 6];
    let all = [
        LeagueUncertainty::Deviations(&deviations),
        LeagueUncertainty::Covariance(&covariance),
        LeagueUncertainty::Replicates(&replicates),
    ];
    for simultaneous in [false, true] {
        let options = LeagueOptions { simultaneous, draws: 20_000, ..LeagueOptions::default() };
        let run = |uncertainty| league_confidence(&scores, uncertainty, &rules(&tables, &held_at), &options).unwrap();
        let found = all.map(run);
        assert_eq!(places(&found[0]), places(&found[1]));
        let value = |sets: &LeagueSets| sets.families[0][0].critical_value;
        assert_eq!(value(&found[0]), value(&found[1]));
        assert!((value(&found[0]) - value(&found[2])).abs() < 0.06);
    }
}

#[test]
fn faults_are_named() {
    let tables = [0; 2];
    let fault = |scores: &[f64], uncertainty, held_at: &[usize], options: &LeagueOptions| {
        league_confidence(scores, uncertainty, &rules(&tables, held_at), options).unwrap_err().argument
    };
    use LeagueUncertainty::{Covariance, Deviations, Replicates};
    let options = quick(true);
    let fine = Deviations(&[0.1; 2]);
    assert_eq!(fault(&[], Deviations(&[]), &[], &options), "scores");
    assert_eq!(fault(&[1.0, f64::NAN], fine, &[1; 2], &options), "scores");
    assert_eq!(fault(&[1.0, 2.0], Deviations(&[0.1]), &[1; 2], &options), "deviations");
    assert_eq!(fault(&[1.0, 2.0], Deviations(&[0.1, -0.1]), &[1; 2], &options), "deviations");
    assert_eq!(fault(&[1.0, 2.0], Covariance(&[1.0; 3]), &[1; 2], &options), "covariance");
    assert_eq!(fault(&[1.0, 2.0], Covariance(&[1.0, 0.5, 0.0, 1.0]), &[1; 2], &options), "covariance");
    assert_eq!(fault(&[1.0, 2.0], Covariance(&[1.0, 2.0, 2.0, 1.0]), &[1; 2], &options), "covariance");
    assert_eq!(fault(&[1.0, 2.0], Replicates(&[0.0; 20]), &[1; 2], &options), "replicates");
    assert_eq!(fault(&[1.0, 2.0], fine, &[1, 5], &options), "held_at");
    assert_eq!(fault(&[1.0, 2.0], fine, &[1; 2], &LeagueOptions { level: 0.0, ..options }), "level");
    assert_eq!(fault(&[1.0, 2.0], fine, &[1; 2], &LeagueOptions { draws: 1, ..options }), "draws");
    let quartiles = LeagueRules { banding: Banding::Quantiles(4), ..rules(&tables, &[1, 3]) };
    assert_eq!(league_confidence(&[1.0, 2.0], fine, &quartiles, &options).unwrap_err().argument, "held_at");
}

/// Coverage over `sets` data sets: of each unit's true place by its marginal set, and of all by the simultaneous ones.
fn coverage(truth: &[f64], deviations: &[f64], held_at: &[usize], tries: u64) -> (Vec<f64>, f64) {
    let ahead = |j: usize, k: usize| {
        let band = |unit: usize| (1 + CUTS.iter().filter(|cut| truth[unit] > **cut).count()).max(held_at[unit]);
        (band(j), truth[j]) < (band(k), truth[k])
    };
    let count = truth.len();
    let true_places: Vec<(usize, usize)> = (0..count)
        .map(|j| {
            let before = (0..count).filter(|&k| ahead(k, j)).count();
            (1 + before, count - (0..count).filter(|&k| ahead(j, k)).count())
        })
        .collect();
    let (mut single, mut joint) = (vec![0.0; count], 0.0);
    for attempt in 0..tries {
        let mut stream = NormalStream::new(99, attempt);
        let scores: Vec<f64> = truth.iter().zip(deviations).map(|(x, s)| x + s * stream.normal()).collect();
        for simultaneous in [false, true] {
            let options = LeagueOptions { simultaneous, draws: 1_000, seed: attempt, ..LeagueOptions::default() };
            let found = sets(&scores, deviations, held_at, &options);
            let covers = |unit: usize| {
                let (set, (first, last)) = (found.ranks[unit], true_places[unit]);
                set.lower <= first && last <= set.upper
            };
            if simultaneous {
                joint += f64::from(u8::from((0..count).all(covers))) / tries as f64;
            } else {
                (0..count).filter(|&unit| covers(unit)).for_each(|unit| single[unit] += 1.0 / tries as f64);
            }
        }
    }
    (single, joint)
}

#[test]
fn sets_cover_with_near_ties_and_caps() {
    let held_at = [1, 3, 1, 3, 1, 1, 3, 1, 1, 3];
    // Four standard errors below 0.95 for 300 tries.
    let least = 0.95 - 4.0 * (0.95f64 * 0.05 / 300.0).sqrt();
    for spacing in [0.0, 0.01, 0.1, 1.0] {
        let deviations: Vec<f64> = (0..10).map(|unit| 0.1 + 0.05 * f64::from(unit % 3)).collect();
        // About the cut into the third band, where caps matter most.
        let truth: Vec<f64> = (0..10).map(|unit| 2.3 + 0.1 * spacing * (f64::from(unit) - 4.5)).collect();
        let (single, joint) = coverage(&truth, &deviations, &held_at, 300);
        assert!(single.iter().all(|share| *share >= least), "spacing {spacing}: {single:?}");
        assert!(joint >= least, "spacing {spacing}: {joint}");
    }
}

fn table() -> impl Strategy<Value = Vec<(f64, f64, usize)>> {
    // Steps of a tenth, so that ties with each other and with cuts come up.
    let score = (10i32..40).prop_map(|tenths| f64::from(tenths) / 10.0);
    let deviation = prop_oneof![Just(0.0), 0.01..0.5f64];
    prop::collection::vec((score, deviation, 1usize..5), 1..14)
}

proptest! {
    #[test]
    fn the_published_place_is_in_its_set(units in table(), cases in 1u32..3) {
        let scores: Vec<f64> = units.iter().map(|unit| unit.0).collect();
        let deviations: Vec<f64> = units.iter().map(|unit| unit.1).collect();
        let held_at: Vec<usize> = units.iter().map(|unit| unit.2).collect();
        let tables: Vec<usize> = (0..units.len()).map(|unit| unit % cases as usize).collect();
        let mut wide = Vec::new();
        for simultaneous in [false, true] {
            let options = LeagueOptions { draws: 500, ..quick(simultaneous) };
            let uncertainty = LeagueUncertainty::Deviations(&deviations);
            let found = league_confidence(&scores, uncertainty, &rules(&tables, &held_at), &options).unwrap();
            for (unit, set) in found.ranks.iter().enumerate() {
                prop_assert!(set.lower <= set.rank && set.rank <= set.upper && set.upper <= set.others + 1, "{:?}", set);
                prop_assert_eq!(set.unclear, set.upper - set.lower);
                for other in 0..units.len() {
                    let (one, two) = (found.verdict(unit, other), found.verdict(other, unit));
                    prop_assert_eq!(one.is_some(), unit != other && tables[unit] == tables[other]);
                    let opposite = matches!((one, two), (Some(Verdict::Above), Some(Verdict::Above)) | (Some(Verdict::Below), Some(Verdict::Below)));
                    prop_assert!(!opposite);
                }
            }
            wide.push(found);
        }
        for (marginal, joint) in wide[0].ranks.iter().zip(&wide[1].ranks) {
            prop_assert!(joint.lower <= marginal.lower && marginal.upper <= joint.upper, "{:?} {:?}", marginal, joint);
        }
    }

    #[test]
    fn a_narrower_level_never_widens(units in table()) {
        let scores: Vec<f64> = units.iter().map(|unit| unit.0).collect();
        let deviations: Vec<f64> = units.iter().map(|unit| unit.1).collect();
        let held_at: Vec<usize> = units.iter().map(|unit| unit.2).collect();
        let run = |level, stepdown| sets(&scores, &deviations, &held_at, &LeagueOptions { level, stepdown, ..quick(true) });
        let (narrow, base, single) = (run(0.8, true), run(0.95, true), run(0.95, false));
        for ((narrow, base), single) in narrow.ranks.iter().zip(&base.ranks).zip(&single.ranks) {
            prop_assert!(base.lower <= narrow.lower && narrow.upper <= base.upper);
            prop_assert!(single.lower <= base.lower && base.upper <= single.upper);
        }
    }
}
