//! How often sets for ranks cover the true rank, by simulation.
//!
//! `cargo run --release --example coverage` draws data sets from known truths and counts, for 20 units, how often each
//! kind of interval holds the true rank: the confidence sets of Mogstad, Romano, Shaikh and Wilhelm, percentiles of
//! simulated ranks (their exact law, so without Monte Carlo error of their own), and percentiles of the empirical Bayes
//! posterior. An argument sets the number of data sets. The table stands in `ARCHITECTURE.md`.

#![allow(clippy::expect_used, reason = "a program for developers may fail aloud")]

use candour::stats::empirical_bayes::{Method, empirical_bayes};
use candour::stats::normal::NormalStream;
use candour::stats::rank_distribution::{UnitRanks, rank_distribution};
use candour::stats::rank_sets::{Kind, RankInput, RankOptions, Uncertainty, rank_confidence};
use rayon::prelude::*;

const UNITS: usize = 20;
const LEVEL: f64 = 0.95;
const SEED: u64 = 20_260_401;
/// Data sets for each truth: the Monte Carlo error of the coverage of one unit is then at most 1.1 points; that of the
/// mean over units is printed.
const DATA_SETS: usize = 2_000;
/// Draws for the critical values of simultaneous sets, from a seed of their own for each data set.
const DRAWS: usize = 10_000;

/// True values, best first, and standard errors.
struct Truth {
    name: String,
    values: Vec<f64>,
    errors: Vec<f64>,
}

fn truths() -> Vec<Truth> {
    let spaced = |spacing: f64| (0..UNITS).map(|unit| -(unit as f64) * spacing).collect::<Vec<f64>>();
    let equal = [0.01, 0.1, 1.0, 3.0].map(|spacing| Truth {
        name: format!("spacing {spacing} SE"),
        values: spaced(spacing),
        errors: vec![1.0; UNITS],
    });
    // Standard errors from 0.3 to 3, tenfold, strewn over the table.
    let strewn: Vec<f64> = (0..UNITS).map(|unit| 0.3 * libm::pow(10.0, (unit * 7 % UNITS) as f64 / 19.0)).collect();
    let unequal = [0.1, 1.0].map(|spacing| Truth {
        name: format!("spacing {spacing}, SE 0.3 to 3"),
        values: spaced(spacing),
        errors: strewn.clone(),
    });
    equal.into_iter().chain(unequal).collect()
}

type Ranges = Vec<(usize, usize)>;

/// The ranges that each method gives for one data set.
fn ranges(truth: &Truth, data_set: u64) -> [Ranges; 4] {
    let mut stream = NormalStream::new(SEED, data_set);
    let x: Vec<f64> = truth.values.iter().zip(&truth.errors).map(|(value, s)| value + s * stream.normal()).collect();
    let sets = |kind: Kind| -> Ranges {
        let uncertainty = Uncertainty::StandardErrors(&truth.errors);
        let input = RankInput { estimates: &x, uncertainty, higher_is_better: true };
        let options = RankOptions { level: LEVEL, kind, draws: DRAWS, seed: data_set, ..RankOptions::default() };
        let found = rank_confidence(&input, &options).expect("the data can be ranked");
        found.ranks.iter().map(|set| (set.lower, set.upper)).collect()
    };
    let percentiles = |units: Vec<UnitRanks>| units.iter().map(|unit| (unit.q025, unit.q975)).collect::<Ranges>();
    let raw = rank_distribution(&x, &truth.errors, true, 0, 0).expect("the data have a law");
    let fit = empirical_bayes(&x, &truth.errors, Method::Reml).expect("the data can be fitted");
    // Where no variance between units is found no ranking is supported: any rank is possible.
    let posterior = fit.ranks(true, 0, 0).expect("the posterior has a law");
    let posterior = posterior.map_or_else(|| vec![(1, UNITS); UNITS], percentiles);
    [sets(Kind::Marginal), sets(Kind::Simultaneous), percentiles(raw), posterior]
}

/// How often each unit was covered, how often all were at once, and the total of the widths.
#[derive(Clone)]
struct Tally {
    covered: Vec<u32>,
    all: u32,
    width: u64,
}

impl Tally {
    fn of(ranges: &Ranges) -> Tally {
        let covered =
            |(unit, (lower, upper)): (usize, &(usize, usize))| u32::from((*lower..=*upper).contains(&(unit + 1)));
        let covered: Vec<u32> = ranges.iter().enumerate().map(covered).collect();
        let all = u32::from(covered.iter().all(|held| *held == 1));
        Tally { covered, all, width: ranges.iter().map(|(lower, upper)| (upper - lower + 1) as u64).sum() }
    }

    fn add(mut self, other: &Tally) -> Tally {
        self.covered.iter_mut().zip(&other.covered).for_each(|(sum, held)| *sum += held);
        Tally { all: self.all + other.all, width: self.width + other.width, ..self }
    }

    /// Mean and worst coverage of a unit and mean width in places.
    fn units(&self, sets: usize) -> String {
        let share = |held: f64| 100.0 * held / sets as f64;
        let mean = f64::from(self.covered.iter().sum::<u32>()) / UNITS as f64;
        let worst = f64::from(self.covered.iter().copied().min().unwrap_or(0));
        format!("{:.1} / {:.1} / {:.1}", share(mean), share(worst), self.mean_width(sets))
    }

    /// How often all units were covered at once, and mean width in places.
    fn joint(&self, sets: usize) -> String {
        format!("{:.1} / {:.1}", 100.0 * f64::from(self.all) / sets as f64, self.mean_width(sets))
    }

    fn mean_width(&self, sets: usize) -> f64 {
        self.width as f64 / (sets * UNITS) as f64
    }
}

/// The Monte Carlo standard error of a method's mean coverage, in points, from its spread over data sets.
fn standard_error(tallies: &[[Tally; 4]], method: usize) -> f64 {
    let shares: Vec<f64> = tallies
        .iter()
        .map(|tally| 100.0 * f64::from(tally[method].covered.iter().sum::<u32>()) / UNITS as f64)
        .collect();
    let count = shares.len() as f64;
    let mean = shares.iter().sum::<f64>() / count;
    let variance = shares.iter().map(|share| (share - mean) * (share - mean)).sum::<f64>() / (count - 1.0);
    (variance / count).sqrt()
}

fn main() {
    let sets = std::env::args().nth(1).map_or(DATA_SETS, |count| count.parse().expect("a number of data sets"));
    println!("{UNITS} units, {sets} data sets for each truth, level {LEVEL}; coverage in per cent, width in places\n");
    println!(
        "| truth | MRSW marginal: mean / worst unit / width | MRSW simultaneous: all at once / width \
         | percentiles of simulated ranks: mean / worst / width | percentiles of the posterior: mean / worst / width |"
    );
    println!("|---|---|---|---|---|");
    let mut error = 0.0f64;
    for truth in truths() {
        let tallies: Vec<[Tally; 4]> =
            (0..sets as u64).into_par_iter().map(|set| ranges(&truth, set).each_ref().map(Tally::of)).collect();
        let nothing = || Tally { covered: vec![0; UNITS], all: 0, width: 0 };
        let total = |method: usize| tallies.iter().fold(nothing(), |sum, tally| sum.add(&tally[method]));
        error = (0..4).map(|method| standard_error(&tallies, method)).fold(error, f64::max);
        let [marginal, simultaneous, raw, posterior] = [0, 1, 2, 3].map(total);
        println!(
            "| {} | {} | {} | {} | {} |",
            truth.name,
            marginal.units(sets),
            simultaneous.joint(sets),
            raw.units(sets),
            posterior.units(sets)
        );
    }
    println!("\nLargest Monte Carlo standard error of a mean: {error:.2} points");
}
