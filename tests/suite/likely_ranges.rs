//! The joint bootstrap beside the likely ranges that NHS England publishes, and the simulation without noise beside the
//! published averages, segments and places; where the published files are at hand.

use std::collections::BTreeMap;
use std::path::PathBuf;

use candour::stats::composite::{self, Banding, LeagueRules, PairScores};
use candour::stats::composite_bootstrap::{BootstrapOptions, BootstrapUnit, composite_bootstrap};
use candour::stats::composite_scoring::{Edge, EdgeKind, MetricRule, Scoring};
use candour::stats::composite_simulation::{SimulationInput, SimulationOptions, composite_simulation};

use super::harness::project;

const QUARTER: &str = "Q4 2025/26";
/// Highest average of each segment but the last, as the published segments have it (cell `segment_cuts`).
const CUTS: [f64; 3] = [2.02, 2.29, 2.57];
const HELD_AT: usize = 3;

/// A metric: number, how it is scored, whether a high value is better, natural bounds.
type Rule = (&'static str, &'static str, bool, Option<f64>, Option<f64>);

/// "part": ranked among more trusts than the file holds. The others have no value in the file, or bands of two values.
const RULES: [Rule; 12] = [
    ("005", "part", false, Some(0.0), Some(100.0)),
    ("016", "part", true, Some(0.0), Some(100.0)),
    ("035", "fixed", false, None, None),
    ("041", "part", true, None, None),
    ("057", "part above a floor", true, Some(0.0), Some(100.0)),
    ("061", "whole", true, Some(0.0), Some(10.0)),
    ("063", "part", false, Some(0.0), Some(100.0)),
    ("067", "fixed", false, None, None),
    ("080", "fixed", false, None, None),
    ("082", "part", false, Some(0.0), Some(100.0)),
    ("084", "whole", true, Some(0.0), Some(10.0)),
    ("086", "part", false, None, None),
];

/// The published league table and the scores behind it.
#[derive(Default)]
struct Published {
    codes: Vec<String>,
    average: Vec<f64>,
    segment: Vec<usize>,
    rank: Vec<usize>,
    held_at: Vec<usize>,
    score_range: Vec<[f64; 2]>,
    rank_range: Vec<[f64; 2]>,
    units: Vec<usize>,
    metrics: Vec<usize>,
    scores: Vec<f64>,
    values: Vec<f64>,
}

impl Published {
    fn read() -> Option<Self> {
        let folder = project().join("../shared/data/real/nof");
        let file = |name: &str| -> PathBuf {
            folder.join(format!("nhs-oversight-framework-mental-health-and-community-trust-{name}.csv"))
        };
        if !file("data").is_file() {
            eprintln!("passed over: no published files in {}", folder.display());
            return None;
        }
        let mut found = Self::default();
        for row in rows(file("league-table")) {
            let range = |name: &str| -> [f64; 2] {
                let (low, high) = row[name].split_once(" to ").expect("a range in words");
                [low, high].map(|end| end.trim().parse().expect("a number"))
            };
            let number = |name: &str| row[name].parse::<f64>().expect("a number");
            found.codes.push(row["Trust_code"].clone());
            found.average.push(number("Average_score"));
            found.segment.push(number("Segment") as usize);
            found.rank.push(number("Rank") as usize);
            found.held_at.push(if row["Trust_in_financial_deficit"] == "Yes" { HELD_AT } else { 1 });
            found.score_range.push(range("Likely_range_of_average_score"));
            found.rank_range.push(range("Likely_range_of_rank"));
        }
        found.read_scores(&rows(file("data")));
        Some(found)
    }

    fn read_scores(&mut self, rows: &[BTreeMap<String, String>]) {
        let quarter: Vec<_> = rows.iter().filter(|row| row["Quarter"] == QUARTER).collect();
        let number = |row: &BTreeMap<String, String>| row["Value"].parse::<f64>().unwrap_or(0.0);
        let key = |row: &BTreeMap<String, String>| (row["Trust_code"].clone(), row["Metric_ID"].clone());
        let all: BTreeMap<_, f64> = quarter.iter().map(|row| (key(row), number(row))).collect();
        for (unit, code) in self.codes.iter().enumerate() {
            for (metric, rule) in RULES.iter().enumerate() {
                // 0 is no score.
                let score = all.get(&(code.clone(), format!("OF1{}", rule.0))).copied().unwrap_or(0.0);
                if score > 0.0 {
                    self.units.push(unit);
                    self.metrics.push(metric);
                    self.scores.push(score);
                    self.values.push(all.get(&(code.clone(), format!("OF0{}", rule.0))).copied().unwrap_or(f64::NAN));
                }
            }
        }
        let others = |id: &str| id.starts_with("OF1") && !["OF1079", "OF1081"].contains(&id);
        let scored = quarter.iter().filter(|row| others(&row["Metric_ID"]) && number(row) > 0.0).count();
        assert_eq!(self.scores.len(), scored, "every published score is read");
    }
}

fn rows(path: PathBuf) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(path).expect("a published file");
    let names = reader.headers().expect("a header").clone();
    let name = |name: &str| name.trim_start_matches('\u{feff}').to_owned();
    let row = |row: csv::StringRecord| names.iter().map(name).zip(row.iter().map(str::to_owned)).collect();
    reader.records().map(|record| row(record.expect("a row"))).collect()
}

/// How near our bounds are to the published ones: mean absolute difference, and how many are no farther than `near`.
fn nearness(ours: &[f64], published: impl Iterator<Item = f64>, near: f64) -> (f64, usize) {
    let apart: Vec<f64> = ours.iter().zip(published).map(|(a, b)| (a - b).abs()).collect();
    let within = apart.iter().filter(|apart| **apart <= near + 1e-9).count();
    (apart.iter().sum::<f64>() / apart.len() as f64, within)
}

#[test]
fn the_bootstrap_reproduces_the_published_likely_ranges() {
    let Some(published) = Published::read() else { return };
    let count = published.codes.len();
    assert_eq!(count, 61);
    let (tables, weights) = (vec![0; count], vec![3.0; published.scores.len()]);
    let pairs = PairScores {
        units: &published.units,
        metrics: &published.metrics,
        scores: &published.scores,
        weights: &weights,
    };
    let rules =
        LeagueRules { tables: &tables, held_at: &published.held_at, banding: Banding::Cuts(&CUTS), decimals: Some(2) };
    for seed in [1, 2, 3] {
        let options = BootstrapOptions { draws: 20_000, seed, ..BootstrapOptions::default() };
        let found = composite_bootstrap(&pairs, &rules, &options).expect("a bootstrap");
        let ours = |of: fn(&BootstrapUnit) -> f64| -> Vec<f64> { found.iter().map(of).collect() };
        let cent = |score: f64| (score * 100.0).round() / 100.0;
        let lower: Vec<f64> = ours(|unit| unit.score_lower).into_iter().map(cent).collect();
        let upper: Vec<f64> = ours(|unit| unit.score_upper).into_iter().map(cent).collect();
        let (low_error, low_near) = nearness(&lower, published.score_range.iter().map(|range| range[0]), 0.02);
        let (high_error, high_near) = nearness(&upper, published.score_range.iter().map(|range| range[1]), 0.02);
        let (best, worst) = (ours(|unit| unit.rank_lower as f64), ours(|unit| unit.rank_upper as f64));
        let (best_error, best_exact) = nearness(&best, published.rank_range.iter().map(|range| range[0]), 0.0);
        let (worst_error, worst_exact) = nearness(&worst, published.rank_range.iter().map(|range| range[1]), 0.0);
        let all = format!(
            "score {low_error:.4} {low_near}, {high_error:.4} {high_near}; rank {best_error:.3} {best_exact}, {worst_error:.3} {worst_exact}"
        );
        eprintln!("seed {seed}: {all}");
        assert!(low_error <= 0.01 && high_error <= 0.01, "{all}");
        assert!(low_near * 10 >= count * 9 && high_near * 100 >= count * 85, "{all}");
        assert!(best_error <= 0.31 && worst_error <= 0.3 && best_exact >= 43 && worst_exact >= 45, "{all}");
    }
}

#[test]
fn without_noise_the_simulation_gives_the_published_table() {
    let Some(published) = Published::read() else { return };
    let count = published.codes.len();
    let rule = |&(_, scored, higher_is_better, lowest, highest): &Rule| {
        let floor = Edge { kind: EdgeKind::Floor, level: 70.0, score: 4.0 };
        let scoring = match scored {
            "whole" => Scoring::Rank { best: 1.0, worst: 4.0, edge: None },
            "part" => Scoring::Curve { edge: None },
            "part above a floor" => Scoring::Curve { edge: Some(floor) },
            _ => Scoring::Fixed,
        };
        MetricRule { higher_is_better, lowest, highest, scoring }
    };
    let metrics: Vec<MetricRule> = RULES.iter().map(rule).collect();
    let fixed = |metric: &usize| metrics[*metric].scoring == Scoring::Fixed;
    // So little noise that nothing changes, but everything is drawn and scored again.
    let deviations: Vec<f64> = published.metrics.iter().map(|metric| if fixed(metric) { 0.0 } else { 1e-13 }).collect();
    let weights = vec![3.0; published.scores.len()];
    let pairs = PairScores {
        units: &published.units,
        metrics: &published.metrics,
        scores: &published.scores,
        weights: &weights,
    };
    let tables = vec![0; count];
    let rules =
        LeagueRules { tables: &tables, held_at: &published.held_at, banding: Banding::Cuts(&CUTS), decimals: Some(2) };
    let input = SimulationInput {
        rules,
        published: &published.average,
        pairs,
        values: &published.values,
        deviations: &deviations,
        metrics: &metrics,
        correlation: 0.3,
    };
    let found = composite_simulation(&input, &SimulationOptions { draws: 200, seed: 1 }).expect("a simulation");
    for (unit, uncertainty) in found.units.iter().enumerate() {
        let code = &published.codes[unit];
        let standing = uncertainty.standing;
        assert_eq!(standing.score, published.average[unit], "{code}");
        assert_eq!((standing.band, standing.rank), (published.segment[unit], published.rank[unit]), "{code}");
        assert_eq!(uncertainty.band_probabilities[standing.band - 1], 1.0, "{code}");
        assert_eq!(uncertainty.rank_probabilities[standing.rank - 1], 1.0, "{code}");
        assert!(uncertainty.bias.abs() < 1e-6 && uncertainty.sd < 1e-6, "{code}");
    }
    for (offset, rule) in found.offsets.iter().zip(RULES) {
        assert!(*offset <= 0.005 + 1e-9, "the rule of metric {} misses its scores by {offset}", rule.0);
    }
    let means = composite::weighted_means(&pairs, count).expect("means");
    assert!(means.iter().zip(&published.average).all(|(mean, average)| (mean - average).abs() < 0.0101));
}
