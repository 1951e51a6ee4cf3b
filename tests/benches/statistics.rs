//! How long the statistics of ranks take, and how much memory.
//!
//! `cargo bench --bench statistics` prints a table and judges nothing; `ARCHITECTURE.md` keeps the figures of one run.

#![allow(clippy::expect_used, reason = "a program for developers may fail aloud")]

use std::hint::black_box;
use std::time::Instant;

use candour::stats::empirical_bayes::{Method, empirical_bayes};
use candour::stats::normal::NormalStream;
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
    let sets = league.independent(Kind::Simultaneous, false);
    let steps: Vec<String> = sets.families[0].iter().map(|step| format!("{:.4}", step.critical_value)).collect();
    println!("\nCritical values of the simultaneous stepdown: {}; stability {:.4}", steps.join(", "), sets.stability);
}
