//! How long the statistics of ranks take, and how much memory.
//!
//! `cargo bench --bench statistics` prints a table and judges nothing; `ARCHITECTURE.md` keeps the figures of one run.

#![allow(clippy::expect_used, reason = "a program for developers may fail aloud")]

use std::hint::black_box;
use std::time::Instant;

use candour::stats::composite::{Banding, LeagueRules, PairScores, weighted_means};
use candour::stats::composite_bootstrap::{BootstrapOptions, composite_bootstrap};
use candour::stats::composite_scoring::{MetricRule, Scoring};
use candour::stats::composite_simulation::{SimulationInput, SimulationOptions, composite_simulation};
use candour::stats::empirical_bayes::{Method, empirical_bayes};
use candour::stats::normal::NormalStream;
use candour::stats::order::competition_ranks;
use candour::stats::rank_distribution::rank_distribution;
use candour::stats::rank_sets::{Kind, RankInput, RankOptions, RankSets, Uncertainty, rank_confidence};

const UNITS: usize = 205;
const RUNS: usize = 5;
const SEED: u64 = 3;

/// A league of 205 units whose true values are spread over about ten standard errors, precision within a factor of 3.
struct League {
    estimates: Vec<f64>,
    errors: Vec<f64>,
    /// A covariance with a slight negative correlation, as scores given by rank have.
    covariance: Vec<f64>,
}

impl League {
    fn new() -> League {
        let mut stream = NormalStream::new(SEED, 0);
        let place = |unit: usize| unit as f64 / UNITS as f64 - 0.5;
        let estimates = (0..UNITS).map(|unit| place(unit) * 10.0 + stream.normal()).collect();
        let errors: Vec<f64> = (0..UNITS).map(|_| 0.5 + stream.uniform()).collect();
        let correlation = |j: usize, k: usize| if j == k { 1.0 } else { -0.003 };
        let pairs = (0..UNITS).flat_map(|j| (0..UNITS).map(move |k| (j, k)));
        let covariance = pairs.map(|(j, k)| correlation(j, k) * errors[j] * errors[k]).collect();
        League { estimates, errors, covariance }
    }

    fn sets(&self, uncertainty: Uncertainty, kind: Kind, simulate: bool) -> RankSets {
        let input = RankInput { estimates: &self.estimates, uncertainty, higher_is_better: true };
        let options = RankOptions { kind, simulate, ..RankOptions::default() };
        rank_confidence(&input, &options).expect("the league can be ranked")
    }

    fn independent(&self, kind: Kind, simulate: bool) -> RankSets {
        self.sets(Uncertainty::StandardErrors(&self.errors), kind, simulate)
    }
}

/// A league of composites: every unit has every metric, scored by rank, every third unit is capped.
struct Composites {
    units: Vec<usize>,
    metrics: Vec<usize>,
    values: Vec<f64>,
    scores: Vec<f64>,
    weights: Vec<f64>,
    deviations: Vec<f64>,
    published: Vec<f64>,
    tables: Vec<usize>,
    held_at: Vec<usize>,
    cuts: Vec<f64>,
    rules: Vec<MetricRule>,
}

const METRICS: usize = 25;

impl Composites {
    fn new() -> Composites {
        let mut stream = NormalStream::new(SEED + 1, 0);
        let quality: Vec<f64> = (0..UNITS).map(|_| stream.normal() * 0.5).collect();
        let pairs: Vec<(usize, usize)> =
            (0..METRICS).flat_map(|metric| (0..UNITS).map(move |unit| (unit, metric))).collect();
        let values: Vec<f64> = pairs
            .iter()
            .map(|(unit, _)| (5000.0 + 1000.0 * (quality[*unit] + stream.normal())).round() / 100.0)
            .collect();
        let score = |rank: usize| 1.0 + 3.0 * (rank - 1) as f64 / (UNITS - 1) as f64;
        let ranked =
            values.chunks(UNITS).flat_map(|values| competition_ranks(values, false).expect("values can be ranked"));
        let scores: Vec<f64> = ranked.map(score).collect();
        let (units, metrics): (Vec<usize>, Vec<usize>) = pairs.into_iter().unzip();
        let weights = vec![1.0; scores.len()];
        let pairs = PairScores { units: &units, metrics: &metrics, scores: &scores, weights: &weights };
        let means = weighted_means(&pairs, UNITS).expect("every unit has scores");
        let published: Vec<f64> = means.iter().map(|mean| (mean * 100.0).round() / 100.0).collect();
        let mut sorted = published.clone();
        sorted.sort_by(f64::total_cmp);
        let scoring = Scoring::Rank { best: 1.0, worst: 4.0, edge: None };
        let rule = MetricRule { higher_is_better: false, lowest: Some(0.0), highest: Some(100.0), scoring };
        Composites {
            deviations: vec![3.0; scores.len()],
            tables: (0..UNITS).map(|unit| usize::from(unit >= 134) + usize::from(unit >= 195)).collect(),
            held_at: (0..UNITS).map(|unit| if unit % 3 == 0 { 3 } else { 1 }).collect(),
            cuts: [51, 102, 153].map(|place| sorted[place]).to_vec(),
            rules: vec![rule; METRICS],
            units,
            metrics,
            values,
            scores,
            weights,
            published,
        }
    }

    fn pairs(&self) -> PairScores<'_> {
        PairScores { units: &self.units, metrics: &self.metrics, scores: &self.scores, weights: &self.weights }
    }

    fn league(&self) -> LeagueRules<'_> {
        let banding = Banding::Cuts(&self.cuts);
        LeagueRules { tables: &self.tables, held_at: &self.held_at, banding, decimals: Some(2) }
    }

    fn simulation(&self) -> SimulationInput<'_> {
        SimulationInput {
            rules: self.league(),
            published: &self.published,
            pairs: self.pairs(),
            values: &self.values,
            deviations: &self.deviations,
            metrics: &self.rules,
            correlation: 0.3,
        }
    }
}

/// Seconds, in the middle of the runs, and the peak of resident memory in MiB where the system tells.
fn measure<T>(mut work: impl FnMut() -> T) -> (f64, Option<f64>) {
    // Writing 5 sets the peak back to what is in use now; where that is refused the peak is that of the whole program.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let mut seconds: Vec<f64> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            black_box(work());
            start.elapsed().as_secs_f64()
        })
        .collect();
    seconds.sort_by(f64::total_cmp);
    (seconds[RUNS / 2], peak())
}

fn peak() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let kibibytes = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(kibibytes.trim().trim_end_matches("kB").trim().parse::<f64>().ok()? / 1024.0)
}

fn report(name: &str, (seconds, peak): (f64, Option<f64>)) {
    let memory = peak.map_or_else(|| "unknown".to_owned(), |peak| format!("{peak:.0}"));
    println!("| {name:<70} | {seconds:>10.3} | {memory:>14} |");
}

fn main() {
    let league = League::new();
    let fit = empirical_bayes(&league.estimates, &league.errors, Method::Reml).expect("the league can be fitted");
    println!("{UNITS} units, {RUNS} runs each, {} threads\n", rayon::current_num_threads());
    println!("| {:<70} | {:>10} | {:>14} |", "what", "median s", "peak MiB");
    println!("|{:-<72}|{:->11}:|{:->15}:|", "", "", "");
    let joint = Uncertainty::Covariance(&league.covariance);
    report("simultaneous sets, stepdown, 100,000 draws", measure(|| league.independent(Kind::Simultaneous, false)));
    report("the same with a full covariance", measure(|| league.sets(joint, Kind::Simultaneous, false)));
    report("marginal sets of all units, integrated", measure(|| league.independent(Kind::Marginal, false)));
    report("marginal sets of all units, 100,000 draws", measure(|| league.independent(Kind::Marginal, true)));
    report("the same with a full covariance", measure(|| league.sets(joint, Kind::Marginal, false)));
    report(
        "exact distribution of all ranks",
        measure(|| rank_distribution(&league.estimates, &league.errors, true, 51, 51)),
    );
    report("empirical Bayes and its exact posterior ranks", measure(|| fit.ranks(true, 51, 51)));
    let composites = Composites::new();
    report(
        "10,000 joint replicates of a league, 25 metrics",
        measure(|| composite_simulation(&composites.simulation(), &SimulationOptions::default())),
    );
    report(
        "10,000 replicates of the choice of metrics",
        measure(|| composite_bootstrap(&composites.pairs(), &composites.league(), &BootstrapOptions::default())),
    );
    let sets = league.independent(Kind::Simultaneous, false);
    let steps: Vec<String> = sets.families[0].iter().map(|step| format!("{:.4}", step.critical_value)).collect();
    println!("\nCritical values of the simultaneous stepdown: {}; stability {:.4}", steps.join(", "), sets.stability);
}
