//! Worked cases from reference software, each checked at the tolerance its own README states.
//!
//! The cases live beside the project, in `../shared/reference`; where that folder is absent every test here prints one
//! line and passes over. Each test loads inputs, asks `compute` for answers and compares: `compute` is the only part
//! that knows how the answers are obtained. Run with `--nocapture` to see how close each came.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test's helper may fail as a test does")]

use std::collections::BTreeMap;
use std::path::PathBuf;

/// One row of a CSV file, by column.
pub(super) type Row = BTreeMap<String, String>;

/// The folder of a case, if it is here.
pub(super) fn case(name: &str) -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/reference").join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("passed over: no reference case {name} in ../shared/reference");
    None
}

fn read(path: PathBuf) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    reader.deserialize().map(|row| row.unwrap_or_else(|error| panic!("{}: {error}", path.display()))).collect()
}

pub(super) fn text<'a>(row: &'a Row, column: &str) -> &'a str {
    row.get(column).unwrap_or_else(|| panic!("no column {column} in {row:?}"))
}

/// A number, or none where the reference has no answer.
pub(super) fn maybe(row: &Row, column: &str) -> Option<f64> {
    match text(row, column) {
        "" | "NA" => None,
        number => Some(number.parse().unwrap_or_else(|_| panic!("{column}: {number} is not a number"))),
    }
}

pub(super) fn number(row: &Row, column: &str) -> f64 {
    maybe(row, column).unwrap_or_else(|| panic!("{column} is missing in {row:?}"))
}

pub(super) fn whole(row: &Row, column: &str) -> usize {
    number(row, column) as usize
}

pub(super) fn flag(row: &Row, column: &str) -> bool {
    match text(row, column) {
        "True" | "TRUE" | "1" | "1.0" => true,
        "False" | "FALSE" | "0" | "0.0" => false,
        other => panic!("{column}: {other} is neither true nor false"),
    }
}

fn numbers(rows: &[Row], column: &str) -> Vec<f64> {
    rows.iter().map(|row| number(row, column)).collect()
}

/// Counts, where a missing one means none.
fn counts(rows: &[Row], column: &str) -> Vec<f64> {
    rows.iter().map(|row| maybe(row, column).unwrap_or(0.0)).collect()
}

/// Rows grouped by the values of some columns, in order of those values.
fn groups(rows: Vec<Row>, columns: &[&str]) -> BTreeMap<Vec<String>, Vec<Row>> {
    let mut groups: BTreeMap<Vec<String>, Vec<Row>> = BTreeMap::new();
    for row in rows {
        let key = columns.iter().map(|column| text(&row, column).to_owned()).collect();
        groups.entry(key).or_default().push(row);
    }
    groups
}

fn find<'a>(rows: &'a [Row], column: &str, value: &str) -> &'a Row {
    rows.iter().find(|row| text(row, column) == value).unwrap_or_else(|| panic!("no {column} {value}"))
}

/// Counts comparisons and keeps the worst.
pub(super) struct Check {
    name: String,
    compared: usize,
    /// Largest deviation as a share of its tolerance, and where.
    worst: (f64, String),
    wrong: Vec<String>,
}

impl Check {
    pub(super) fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), compared: 0, worst: (0.0, String::new()), wrong: Vec::new() }
    }

    /// Within `tolerance`, in the units of the number.
    pub(super) fn absolute(&mut self, what: &str, got: f64, expected: f64, tolerance: f64) {
        let share = (got - expected).abs() / tolerance;
        self.compared += 1;
        if share > self.worst.0 {
            self.worst = (share, what.to_owned());
        }
        if share > 1.0 || share.is_nan() {
            self.wrong.push(format!("{what}: {got}, expected {expected} within {tolerance}"));
        }
    }

    /// Within `tolerance` relative to the expected number (absolute below 1e-12 of nothing).
    pub(super) fn relative(&mut self, what: &str, got: f64, expected: f64, tolerance: f64) {
        self.absolute(what, got, expected, tolerance * expected.abs().max(1e-12));
    }

    pub(super) fn exact<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, got: T, expected: T) {
        self.compared += 1;
        if got != expected {
            self.wrong.push(format!("{what}: {got:?}, expected {expected:?}"));
        }
    }

    pub(super) fn finish(self) {
        self.finish_allowing(0);
    }

    /// Ends the check, letting so many comparisons be wrong.
    pub(super) fn finish_allowing(self, allowed: usize) {
        let Self { name, compared, worst, wrong } = self;
        let at = if worst.1.is_empty() { String::new() } else { format!(" at {}", worst.1) };
        let off = wrong.len();
        println!(
            "{name}: {compared} compared, {off} off ({allowed} allowed), worst {:.1e} of its tolerance{at}",
            worst.0
        );
        assert!(compared > 0, "{name}: nothing was compared");
        assert!(off <= allowed, "{name}: {off} of {compared} off, such as\n{}", wrong[..off.min(8)].join("\n"));
    }
}

/// How answers are obtained: here by calling the library.
mod compute {
    use candour::stats::control_chart::{self, ChartOptions, ChartPoint};
    use candour::stats::empirical_bayes::{self, EmpiricalBayes};
    use candour::stats::funnel;
    use candour::stats::index_numbers::{self, Period};
    use candour::stats::intervals::{self, Interval, Mean};
    use candour::stats::joint_region::{self, Adjustment, JointRegion};
    use candour::stats::order;
    use candour::stats::overdispersion::{self, Funnel, Measure};
    use candour::stats::rank_distribution::{self, UnitRanks};
    use candour::stats::rank_sets::{self, Kind, RankInput, RankOptions, RankSet, RankSets, Side, Uncertainty};
    use candour::stats::standardised::{self, StandardisedRate, StandardisedRatio};
    use candour::stats::volatility::{self, NullVolatility};

    type Ends = (f64, f64);

    fn ends(interval: Interval) -> Ends {
        (interval.lower, interval.upper)
    }

    pub fn wilson(x: f64, n: f64, level: f64) -> Ends {
        ends(intervals::wilson_interval(x, n, level).unwrap())
    }

    pub fn byar(count: f64, level: f64) -> Ends {
        ends(intervals::byar_interval(count, level).unwrap())
    }

    pub fn rate(count: f64, exposure: f64, level: f64) -> Ends {
        ends(intervals::rate_interval(count, exposure, level).unwrap())
    }

    pub fn mean(values: &[f64], level: f64) -> Mean {
        intervals::mean_interval(values, level).unwrap()
    }

    /// Value and ends, or none if suppressed.
    pub fn direct(events: &[f64], populations: &[f64], weights: &[f64], level: f64) -> Option<(f64, Ends)> {
        shown(standardised::direct_rate(events, populations, weights, level).unwrap())
    }

    pub fn repeated(people: &[&[f64]], populations: &[f64], weights: &[f64], level: f64) -> Option<(f64, Ends)> {
        shown(standardised::direct_rate_repeated(people, populations, weights, level).unwrap())
    }

    fn shown(rate: StandardisedRate) -> Option<(f64, Ends)> {
        match rate {
            StandardisedRate::Suppressed { .. } => None,
            StandardisedRate::Rate { value, interval, .. } => Some((value, ends(interval))),
        }
    }

    pub fn indirect(observed: f64, groups: [&[f64]; 3], level: f64) -> StandardisedRatio {
        let expected = standardised::expected_events(groups[0], groups[1], groups[2]).unwrap();
        standardised::indirect_ratio(observed, expected, level).unwrap()
    }

    pub struct SetOptions<'a> {
        pub higher_is_better: bool,
        pub kind: &'a str,
        pub level: f64,
        pub stepdown: bool,
        pub side: Side,
        pub draws: usize,
    }

    pub fn rank_sets(estimates: &[f64], errors: &[f64], options: &SetOptions) -> RankSets {
        let uncertainty = Uncertainty::StandardErrors(errors);
        let input = RankInput { estimates, uncertainty, higher_is_better: options.higher_is_better };
        let kind: Kind = options.kind.parse().unwrap();
        let options = RankOptions {
            level: options.level,
            kind,
            side: options.side,
            stepdown: options.stepdown,
            draws: options.draws,
            ..RankOptions::default()
        };
        rank_sets::rank_confidence(&input, &options).unwrap()
    }

    pub fn region(x: &[f64], s: &[f64], level: f64, bonferroni: bool, decimals: Option<u8>) -> JointRegion {
        let adjustment = if bonferroni { Adjustment::Bonferroni } else { Adjustment::Independence };
        joint_region::joint_region(x, s, false, level, adjustment, decimals).unwrap()
    }

    pub fn goldstein_healy(errors: &[f64], level: f64) -> f64 {
        joint_region::goldstein_healy_level(errors, level).unwrap()
    }

    pub fn tukey(units: usize, level: f64) -> f64 {
        joint_region::tukey_critical_value(units, level).unwrap()
    }

    pub fn tukey_ranges(estimates: &[f64], error: f64, higher_is_better: bool, level: f64) -> Vec<RankSet> {
        joint_region::tukey_ranges(estimates, error, higher_is_better, level).unwrap()
    }

    pub fn distribution(x: &[f64], s: &[f64], higher_is_better: bool, top: usize, bottom: usize) -> Vec<UnitRanks> {
        rank_distribution::rank_distribution(x, s, higher_is_better, top, bottom).unwrap()
    }

    pub fn volatility(units: &[UnitRanks]) -> Vec<NullVolatility> {
        volatility::null_volatility(units, 4).unwrap()
    }

    pub fn bayes(x: &[f64], s: &[f64], method: &str) -> EmpiricalBayes {
        empirical_bayes::empirical_bayes(x, s, method.parse().unwrap()).unwrap()
    }

    pub fn bayes_ranks(fit: &EmpiricalBayes, higher: bool, top: usize, bottom: usize) -> Option<Vec<UnitRanks>> {
        fit.ranks(higher, top, bottom).unwrap()
    }

    pub fn overdispersed(measure: Measure, x: &[f64], n: &[f64]) -> Funnel {
        overdispersion::funnel(measure, x, n, 0.1).unwrap()
    }

    pub fn proportion_limits(average: f64, n: f64, level: f64) -> Ends {
        ends(funnel::proportion_limits(average, n, level).unwrap())
    }

    pub fn position(value: f64, inner: Ends, outer: Ends) -> funnel::Position {
        let interval = |(lower, upper)| Interval { lower, upper };
        funnel::position(value, interval(inner), interval(outer))
    }

    pub fn ratio_position(observed: f64, expected: f64) -> funnel::Position {
        funnel::ratio_position(observed, expected, 0.95, 0.998).unwrap()
    }

    pub fn quantile_groups(values: &[f64], groups: usize, highest_first: bool) -> Vec<usize> {
        order::quantile_groups(values, groups, highest_first).unwrap()
    }

    pub fn chart(values: &[f64], rebase: &[usize], options: &ChartOptions) -> Vec<ChartPoint> {
        control_chart::xmr_chart(values, rebase, options).unwrap()
    }

    /// Laspeyres, Paasche, Fisher and Törnqvist.
    pub fn indices(first: Period, second: Period) -> [f64; 4] {
        [index_numbers::laspeyres, index_numbers::paasche, index_numbers::fisher, index_numbers::tornqvist]
            .map(|index| index(first, second).unwrap())
    }
}

mod phe_intervals {
    use super::*;

    const TOLERANCE: f64 = 1e-9;
    const CASE: &str = "phe-intervals";

    fn compare(check: &mut Check, what: &str, row: &Row, columns: [&str; 2], ends: (f64, f64), scale: f64) {
        for (column, got) in columns.into_iter().zip([ends.0, ends.1]) {
            if let Some(expected) = maybe(row, column) {
                check.relative(&format!("{what} {column}"), got * scale, expected, TOLERANCE);
            }
        }
    }

    const LEVELS: [(f64, [&str; 2]); 2] =
        [(0.95, ["lower95_0cl", "upper95_0cl"]), (0.998, ["lower99_8cl", "upper99_8cl"])];

    #[test]
    fn wilson() {
        let Some(folder) = case(CASE) else { return };
        let mut check = Check::new("phe-intervals, Wilson");
        for row in read(folder.join("expected_wilson.csv")) {
            let (x, n) = (number(&row, "x"), number(&row, "n"));
            for (level, columns) in LEVELS.into_iter().chain([(0.9, ["lower90", "upper90"])]) {
                compare(&mut check, &format!("{x} of {n}"), &row, columns, compute::wilson(x, n, level), 1.0);
            }
        }
        check.finish();
    }

    #[test]
    fn workbook_of_byar_and_wilson() {
        let Some(folder) = case(CASE) else { return };
        let mut check = Check::new("phe-intervals, Byar and Wilson workbook");
        for row in read(folder.join("expected_byars_wilson_sheet.csv")) {
            let level = if text(&row, "confidence") == "95%" { 0.95 } else { 0.998 };
            let x = number(&row, "x");
            let ends = maybe(&row, "n").map_or_else(|| compute::byar(x, level), |n| compute::wilson(x, n, level));
            compare(&mut check, &format!("{x}"), &row, ["lowercl", "uppercl"], ends, 1.0);
        }
        check.finish();
    }

    #[test]
    fn rates() {
        let Some(folder) = case(CASE) else { return };
        let mut check = Check::new("phe-intervals, rates");
        for row in read(folder.join("expected_rates.csv")) {
            let (x, n) = (number(&row, "x"), number(&row, "n"));
            for (level, columns) in LEVELS {
                compare(&mut check, &format!("{x} of {n}"), &row, columns, compute::rate(x, n, level), 1e5);
            }
        }
        check.finish();
    }

    #[test]
    fn directly_standardised_rates() {
        let Some(folder) = case(CASE) else { return };
        let mut check = Check::new("phe-intervals, directly standardised rates");
        let inputs = groups(read(folder.join("input_dsr.csv")), &["area"]);
        for row in read(folder.join("expected_dsr.csv")) {
            let area = text(&row, "area").to_owned();
            let ages = &inputs[std::slice::from_ref(&area)];
            let [x, n, w] = ["count", "pop", "esp2013"].map(|column| counts(ages, column));
            for (level, columns) in LEVELS {
                rate(&mut check, &area, &row, columns, compute::direct(&x, &n, &w, level));
            }
        }
        check.finish();
    }

    #[test]
    fn repeated_events() {
        let Some(folder) = case(CASE) else { return };
        let mut check = Check::new("phe-intervals, repeated events");
        let inputs = groups(read(folder.join("input_dsrni.csv")), &["area"]);
        for row in read(folder.join("expected_dsrni.csv")) {
            let area = text(&row, "area").to_owned();
            let ages = &inputs[std::slice::from_ref(&area)];
            let people = ["f1", "f2", "f3", "f4"].map(|column| counts(ages, column));
            let people: Vec<&[f64]> = people.iter().map(Vec::as_slice).collect();
            let [n, w] = ["pop", "esp2013"].map(|column| numbers(ages, column));
            for (level, columns) in LEVELS {
                rate(&mut check, &area, &row, columns, compute::repeated(&people, &n, &w, level));
            }
        }
        check.finish();
    }

    fn rate(check: &mut Check, area: &str, row: &Row, columns: [&str; 2], got: Option<(f64, (f64, f64))>) {
        check.exact(&format!("{area} shown"), got.is_some(), maybe(row, "value").is_some());
        if let Some((value, ends)) = got {
            check.relative(area, value * 1e5, number(row, "value"), TOLERANCE);
            compare(check, area, row, columns, ends, 1e5);
        }
    }

    #[test]
    fn indirectly_standardised_ratios() {
        let Some(folder) = case(CASE) else { return };
        let mut check = Check::new("phe-intervals, indirectly standardised ratios");
        let inputs = groups(read(folder.join("input_isr.csv")), &["area"]);
        for row in read(folder.join("expected_isr.csv")) {
            let area = text(&row, "area").to_owned();
            let ages = &inputs[std::slice::from_ref(&area)];
            let [n, x, m] = ["pop", "refcount", "refpop"].map(|column| counts(ages, column));
            let observed = counts(ages, "count").iter().sum();
            for (level, columns) in LEVELS {
                let ratio = compute::indirect(observed, [&n, &x, &m], level);
                check.relative(&area, ratio.expected, number(&row, "expected"), TOLERANCE);
                check.relative(&area, ratio.value, number(&row, "value"), TOLERANCE);
                compare(&mut check, &area, &row, columns, (ratio.interval.lower, ratio.interval.upper), 1.0);
            }
        }
        check.finish();
    }

    #[test]
    fn means() {
        let Some(folder) = case(CASE) else { return };
        let mut check = Check::new("phe-intervals, means");
        let inputs = groups(read(folder.join("input_mean.csv")), &["area"]);
        for row in read(folder.join("expected_mean.csv")) {
            let area = text(&row, "area").to_owned();
            let values = numbers(&inputs[std::slice::from_ref(&area)], "values");
            for (level, columns) in LEVELS {
                let mean = compute::mean(&values, level);
                check.relative(&area, mean.mean, number(&row, "value"), TOLERANCE);
                check.relative(&area, mean.standard_deviation, number(&row, "stdev"), TOLERANCE);
                compare(&mut check, &area, &row, columns, (mean.interval.lower, mean.interval.upper), 1.0);
            }
        }
        check.finish();
    }
}

mod phe_funnel_limits {
    use super::*;
    use candour::stats::funnel::Position;

    fn words(position: Position) -> &'static str {
        match position {
            Position::HighOuter => "High (0.001)",
            Position::HighInner => "High (0.025)",
            Position::Within => "Not significant",
            Position::LowInner => "Low (0.025)",
            Position::LowOuter => "Low (0.001)",
        }
    }

    #[test]
    fn proportions() {
        let Some(folder) = case("phe-funnel-limits") else { return };
        let mut check = Check::new("phe-funnel-limits, proportions");
        let inputs = read(folder.join("input.csv"));
        let [total, out_of] = ["numerator", "denominator"].map(|column| numbers(&inputs, column).iter().sum::<f64>());
        for row in read(folder.join("expected.csv")) {
            let area = text(&row, "Area");
            let (x, n) = (number(&row, "numerator"), number(&row, "denominator"));
            check.relative(area, total / out_of, number(&row, "average"), 1e-9);
            let [inner, outer] = [0.95, 0.998].map(|level| compute::proportion_limits(total / out_of, n, level));
            let expected = ["lower95", "upper95", "lower998", "upper998"].map(|column| number(&row, column));
            for (got, expected) in [inner.0, inner.1, outer.0, outer.1].into_iter().zip(expected) {
                check.relative(area, got, expected, 1e-9);
            }
            check.exact(area, words(compute::position(x / n, inner, outer)), text(&row, "significance"));
        }
        check.finish();
    }

    #[test]
    fn ratios() {
        let Some(folder) = case("phe-funnel-limits") else { return };
        let mut check = Check::new("phe-funnel-limits, ratios");
        for row in read(folder.join("expected_ratio.csv")) {
            let (observed, expected) = (number(&row, "obs"), number(&row, "expected"));
            let what = format!("{observed} of {expected}");
            for (level, columns) in [(0.95, ["low95", "high95"]), (0.998, ["low998", "high998"])] {
                let (lower, upper) = compute::rate(observed, expected, level);
                check.relative(&what, lower, number(&row, columns[0]), 1e-9);
                check.relative(&what, upper, number(&row, columns[1]), 1e-9);
            }
            let position = compute::ratio_position(observed, expected);
            check.exact(&what, words(position), text(&row, "significance"));
        }
        check.finish();
    }

    #[test]
    fn quantile_groups() {
        let Some(folder) = case("phe-funnel-limits") else { return };
        let mut check = Check::new("phe-funnel-limits, quantile groups");
        let rows = read(folder.join("quantile_ties.csv"));
        let highest_first = text(&rows[0], "qinverted").contains("highest");
        let groups = compute::quantile_groups(&numbers(&rows, "v"), whole(&rows[0], "nquantiles"), highest_first);
        for (row, group) in rows.iter().zip(groups) {
            check.exact(text(row, "v"), group, whole(row, "quantile"));
        }
        check.finish();
    }
}

mod funnel_overdispersion {
    use super::*;
    use candour::stats::overdispersion::Measure;

    const CASE: &str = "funnel-overdispersion";

    fn measure(case: &str) -> Measure {
        match &case[..6] {
            "sr_shm" => Measure::RatioLog,
            "sr_cqc" => Measure::RatioSquareRoot,
            "pr_med" | "pr_sma" => Measure::Proportion,
            _ => Measure::RatioOfCounts,
        }
    }

    #[test]
    fn limits_and_flags() {
        let Some(folder) = case(CASE) else { return };
        let dispersions = read(folder.join("dispersion.csv"));
        let inputs = groups(read(folder.join("input.csv")), &["case"]);
        for (key, expected) in groups(read(folder.join("expected.csv")), &["case"]) {
            let name = &key[0];
            let mut check = Check::new(format!("{CASE}, {name}"));
            let input = &inputs[&key];
            // SHMI rounds expected numbers to two decimals before anything else.
            let rounded = name.starts_with("sr_shmi") && !name.ends_with("norounding");
            let round = |n: f64| if rounded { libm::round(n * 100.0) / 100.0 } else { n };
            let n: Vec<f64> = numbers(input, "denominator").into_iter().map(round).collect();
            let funnel = compute::overdispersed(measure(name), &numbers(input, "numerator"), &n);
            let dispersion = find(&dispersions, "case", name);
            check.relative("phi", funnel.phi, number(dispersion, "phi"), 1e-9);
            check.relative("tau2", funnel.tau2, number(dispersion, "tau2"), 1e-9);
            for (at, input) in input.iter().enumerate() {
                let group = text(input, "group");
                let row = find(&expected, "group", group);
                check.relative(&format!("{group} z"), funnel.units[at].z, number(row, "Uzscore"), 1e-9);
                if let Some(z) = maybe(row, "Wuzscore") {
                    check.relative(&format!("{group} z used"), funnel.units[at].used_z.unwrap(), z, 1e-9);
                } else {
                    check.exact(&format!("{group} dropped"), funnel.units[at].used_z, None);
                }
                if flag(row, "limits_usable") {
                    compare_limits(&mut check, &funnel, at, row);
                }
            }
            check.finish();
        }
    }

    fn compare_limits(check: &mut Check, funnel: &candour::stats::overdispersion::Funnel, at: usize, row: &Row) {
        for (level, suffix) in [(0.95, "95"), (0.998, "99")] {
            let (wide, narrow) = (funnel.limits(at, level).unwrap(), funnel.chance_limits(at, level).unwrap());
            for (column, got) in [
                (format!("OD{suffix}LCL"), wide.lower),
                (format!("OD{suffix}UCL"), wide.upper),
                (format!("LCL{suffix}"), narrow.lower),
                (format!("UCL{suffix}"), narrow.upper),
            ] {
                check.relative(&format!("{} {column}", text(row, "group")), got, number(row, &column), 1e-9);
            }
        }
        check.exact(text(row, "group"), funnel.is_outlier(at, 0.998).unwrap(), flag(row, "outlier"));
    }
}

mod xmr {
    use super::*;
    use candour::stats::control_chart::{Assurance, ChartOptions, ChartPoint, Direction, Signal, Variation};

    fn signal_words(signal: Signal) -> &'static str {
        match signal {
            Signal::CommonCause => "Common Cause",
            Signal::AboveLimit => "Above UCL",
            Signal::BelowLimit => "Below LCL",
            Signal::Rising => "7 Point Trend (Increasing)",
            Signal::Falling => "7 Point Trend (Decreasing)",
            Signal::TwoInThreeAbove => "2 in 3 Above CL",
            Signal::TwoInThreeBelow => "2 in 3 Below CL",
            Signal::ShiftAbove => "7 Points Above CL",
            Signal::ShiftBelow => "7 Points Below CL",
        }
    }

    fn variation_words(variation: Variation) -> &'static str {
        match variation {
            Variation::CommonCause => "common_cause",
            Variation::Improvement => "special_cause_improvement",
            Variation::Concern => "special_cause_concern",
            Variation::NeutralHigh => "special_cause_neutral_high",
            Variation::NeutralLow => "special_cause_neutral_low",
        }
    }

    fn assurance_words(assurance: Option<Assurance>) -> &'static str {
        match assurance {
            None => "",
            Some(Assurance::Passes) => "consistent_pass",
            Some(Assurance::Fails) => "consistent_fail",
            Some(Assurance::HitAndMiss) => "inconsistent",
        }
    }

    #[test]
    fn charts() {
        let Some(folder) = case("xmr-plot-the-dots") else { return };
        let icons = read(folder.join("icons.csv"));
        let mut check = Check::new("xmr-plot-the-dots");
        for (key, mut rows) in groups(read(folder.join("expected.csv")), &["case", "org_code"]) {
            rows.sort_by(|a, b| text(a, "period").cmp(text(b, "period")));
            let (name, unit) = (&key[0], &key[1]);
            let direction = match name {
                name if name.contains("neutral") => Direction::Neutral,
                name if name.contains("increase") => Direction::Increase,
                _ => Direction::Decrease,
            };
            let options = ChartOptions {
                screen: !name.contains("noscreen"),
                baseline: name.contains("fix12").then_some(12),
                ..ChartOptions::default()
            };
            let starts =
                |at: &usize| *at > 0 && text(&rows[*at], "rebase_group") != text(&rows[at - 1], "rebase_group");
            let rebase: Vec<usize> = (0..rows.len()).filter(starts).collect();
            let points = compute::chart(&numbers(&rows, "value"), &rebase, &options);
            for (row, point) in rows.iter().zip(&points) {
                compare(&mut check, &format!("{name} {unit} {}", text(row, "period")), row, point, direction);
            }
            let icon = icons.iter().find(|icon| text(icon, "case") == name && text(icon, "org_code") == unit);
            if let (Some(icon), Some(last), Some(row)) = (icon, points.last(), rows.last()) {
                let what = format!("{name} {unit} icon");
                check.exact(&what, variation_words(last.signal.variation(direction)), text(icon, "point_type"));
                check.exact(&what, assurance(row, last, direction), text(icon, "assurance"));
            }
        }
        check.finish();
    }

    fn assurance(row: &Row, point: &ChartPoint, direction: Direction) -> &'static str {
        assurance_words(maybe(row, "target").and_then(|target| point.assurance(target, direction)))
    }

    fn compare(check: &mut Check, what: &str, row: &Row, point: &ChartPoint, direction: Direction) {
        for (column, got) in [("mean_col", point.mean), ("lpl", point.lower), ("upl", point.upper)] {
            check.relative(what, got, number(row, column), 1e-9);
        }
        check.exact(what, point.outside, flag(row, "outside_limits"));
        check.exact(what, f64::from(point.side), number(row, "relative_to_mean"));
        check.exact(what, point.near, flag(row, "close_to_limits"));
        check.exact(what, signal_words(point.signal), text(row, "special_cause_type"));
        check.exact(what, variation_words(point.signal.variation(direction)), text(row, "point_type"));
        check.exact(what, assurance(row, point, direction), text(row, "assurance"));
    }
}

mod confidence_sets {
    use super::compute::SetOptions;
    use super::*;
    use candour::stats::rank_sets::{RankSets, Side};

    /// A table and what it is called in the reference files.
    struct Table {
        units: Vec<String>,
        estimates: Vec<f64>,
        errors: Vec<f64>,
        higher_is_better: bool,
    }

    fn pisa(folder: &std::path::Path, subject: &str) -> Table {
        let (score, error) = (format!("{subject}_score"), format!("{subject}_se"));
        let rows: Vec<Row> =
            read(folder.join("input.csv")).into_iter().filter(|row| maybe(row, &score).is_some()).collect();
        Table {
            units: rows.iter().map(|row| text(row, "jurisdiction").to_owned()).collect(),
            estimates: numbers(&rows, &score),
            errors: numbers(&rows, &error),
            higher_is_better: true,
        }
    }

    fn travel(folder: &std::path::Path) -> Table {
        let rows = read(folder.join("input.csv"));
        Table {
            units: rows.iter().map(|row| text(row, "Abbreviation").to_owned()).collect(),
            estimates: numbers(&rows, "Estimate_2dec"),
            errors: numbers(&rows, "SE_2dec"),
            higher_is_better: false,
        }
    }

    impl Table {
        fn sets(&self, kind: &str, level: f64, stepdown: bool, side: Side, draws: usize) -> RankSets {
            let options = SetOptions { higher_is_better: self.higher_is_better, kind, level, stepdown, side, draws };
            compute::rank_sets(&self.estimates, &self.errors, &options)
        }

        fn place(&self, unit: &str) -> usize {
            self.units.iter().position(|name| name == unit).unwrap_or_else(|| panic!("no unit {unit}"))
        }
    }

    /// Compares one block of sets: inside the stated bounds at 100,000 draws, equal to them (up to 2) at 1,000,000.
    fn compare(name: &str, unit: &str, sets: &RankSets, table: &Table, rows: &[Row], steps: &[Row], draws: usize) {
        let many = draws >= 1_000_000;
        let mut check = Check::new(format!("{name}, {draws} draws"));
        let mut rank_check = Check::new(format!("{name}, ranks and first critical values"));
        for row in rows {
            let what = text(row, unit);
            let set = sets.ranks[table.place(what)];
            rank_check.exact(what, set.rank, whole(row, "rank"));
            let within = |bound: usize, from: &str, to: &str| (whole(row, from)..=whole(row, to)).contains(&bound);
            if many {
                check.exact(&format!("{what} lower"), set.lower, whole(row, "L"));
                check.exact(&format!("{what} upper"), set.upper, whole(row, "U"));
            }
            rank_check.exact(&format!("{what} lower {}", set.lower), within(set.lower, "L_min", "L_max"), true);
            rank_check.exact(&format!("{what} upper {}", set.upper), within(set.upper, "U_min", "U_max"), true);
            check.compared += 1;
        }
        for step in steps.iter().filter(|step| whole(step, "step") == 1) {
            let family = if text(step, unit).is_empty() { 0 } else { table.place(text(step, unit)) };
            let value = sets.families[family][0].critical_value;
            let tolerance = if many { 0.005 } else { 0.012 };
            rank_check.absolute(
                &format!("critical value {}", text(step, unit)),
                value,
                number(step, "crit"),
                tolerance,
            );
        }
        rank_check.finish();
        check.finish_allowing(2);
    }

    fn pisa_blocks(draws: usize) {
        let Some(folder) = case("csranks-pisa2018") else { return };
        let columns = ["subject", "kind", "coverage", "stepdown"];
        let steps = groups(read(folder.join("critical_values.csv")), &columns);
        for (key, rows) in groups(read(folder.join("expected.csv")), &columns) {
            let table = pisa(&folder, &key[0]);
            let sets = table.sets(&key[1], key[2].parse().unwrap(), key[3] == "True", Side::Both, draws);
            let steps = steps.get(&key).map_or(&[][..], Vec::as_slice);
            compare(&format!("csranks-pisa2018 {}", key.join(" ")), "jurisdiction", &sets, &table, &rows, steps, draws);
        }
    }

    fn travel_blocks(draws: usize) {
        let Some(folder) = case("mrsw-traveltime2011") else { return };
        let columns = ["kind", "coverage"];
        let steps = groups(read(folder.join("critical_values.csv")), &columns);
        let table = travel(&folder);
        for (key, rows) in groups(read(folder.join("expected.csv")), &columns) {
            let sets = table.sets(&key[0], key[1].parse().unwrap(), true, Side::Both, draws);
            let steps = steps.get(&key).map_or(&[][..], Vec::as_slice);
            compare(&format!("mrsw-traveltime2011 {}", key.join(" ")), "abbr", &sets, &table, &rows, steps, draws);
        }
    }

    #[test]
    fn pisa_2018() {
        pisa_blocks(100_000);
    }

    #[test]
    fn travel_times() {
        travel_blocks(100_000);
    }

    #[test]
    #[ignore = "ten seconds: a million draws a critical value"]
    fn with_a_million_draws() {
        pisa_blocks(1_000_000);
        travel_blocks(1_000_000);
    }

    #[test]
    fn tau_best_and_worst() {
        let Some(folder) = case("csranks-pisa2018") else { return };
        let mut check = Check::new("csranks-pisa2018, tau best and worst");
        let table = pisa(&folder, "math");
        let lower = |level| table.sets("simultaneous", level, true, Side::Lower, 100_000);
        let (lower95, lower90) = (lower(0.95), lower(0.9));
        let upper95 = table.sets("simultaneous", 0.95, true, Side::Upper, 100_000);
        let (best95, best90, worst95) = (lower95.tau_best(5), lower90.tau_best(5), upper95.tau_worst(5));
        for row in read(folder.join("tau_sets.csv")) {
            let what = text(&row, "jurisdiction");
            let at = table.place(what);
            check.exact(&format!("{what} lower 95"), lower95.ranks[at].lower, whole(&row, "lower_L_95"));
            check.exact(&format!("{what} lower 90"), lower90.ranks[at].lower, whole(&row, "lower_L_90"));
            check.exact(&format!("{what} upper 95"), upper95.ranks[at].upper, whole(&row, "upper_U_95"));
            check.exact(&format!("{what} best 95"), best95[at], flag(&row, "taubest5_95"));
            check.exact(&format!("{what} best 90"), best90[at], flag(&row, "taubest5_90"));
            check.exact(&format!("{what} worst 95"), worst95[at], flag(&row, "tauworst5_95"));
        }
        check.finish();
    }

    #[test]
    fn tukey() {
        let Some(folder) = case("icranks-tukey") else { return };
        let mut check = Check::new("icranks-tukey, critical values");
        for row in read(folder.join("studentized_range.csv")) {
            for (level, column) in [(0.95, "crit_95_equal_se"), (0.9, "crit_90_equal_se")] {
                let got = compute::tukey(whole(&row, "p"), level);
                check.absolute(&format!("{} {level}", text(&row, "p")), got, number(&row, column), 1e-4);
            }
        }
        check.finish();
        let inputs = groups(read(folder.join("input.csv")), &["case"]);
        let expected = groups(read(folder.join("expected.csv")), &["case", "method", "alpha"]);
        for (key, rows) in expected.iter().filter(|(key, _)| key[1].contains("Tukey")) {
            let mut check = Check::new(format!("icranks-tukey {}", key.join(" ")));
            let input = &inputs[&key[..1]];
            let level = 1.0 - key[2].parse::<f64>().unwrap();
            let (y, sigma) = (numbers(input, "y"), numbers(input, "sigma"));
            let equal = sigma.iter().all(|s| *s == sigma[0]);
            let stepdown = key[1] == "SeqTukey";
            for (higher_is_better, ends) in [(false, ["L_asc", "U_asc"]), (true, ["L_desc", "U_desc"])] {
                let options = SetOptions {
                    higher_is_better,
                    kind: "simultaneous",
                    level,
                    stepdown,
                    side: Side::Both,
                    draws: 400_000,
                };
                let sets = match equal && !stepdown {
                    true => compute::tukey_ranges(&y, sigma[0], higher_is_better, level),
                    false => compute::rank_sets(&y, &sigma, &options).ranks,
                };
                // The travel times were simulated with 20,000 draws: a step of slack.
                let slack = if key[0] == "traveltime2011" { 1.0 } else { 0.5 };
                for (set, input) in sets.iter().zip(input) {
                    let row = find(rows, "unit", text(input, "unit"));
                    for (got, column) in [set.lower, set.upper].into_iter().zip(ends) {
                        check.absolute(text(row, "unit"), got as f64, number(row, column), slack);
                    }
                }
            }
            check.finish();
        }
    }
}

mod joint_regions {
    use super::*;

    #[test]
    fn travel_times() {
        let Some(folder) = case("kww-traveltime2011") else { return };
        let input = read(folder.join("input.csv"));
        for (key, expected) in groups(read(folder.join("expected.csv")), &["case"]) {
            let name = &key[0];
            let mut check = Check::new(format!("kww-traveltime2011 {name}"));
            let one_decimal = name.contains("1dec");
            let x = numbers(&input, if one_decimal { "Estimate_1dec" } else { "Estimate_2dec" });
            let mut s = numbers(&input, if one_decimal { "MOE_1dec" } else { "SE_2dec" });
            if one_decimal {
                // A margin of error is a 90% interval.
                s.iter_mut().for_each(|s| *s /= candour::stats::normal::quantile(0.95));
            }
            let level = 1.0 - number(&expected[0], "alpha");
            let decimals = name.contains("rounded").then_some(1).filter(|_| !name.contains("unrounded"));
            let region = compute::region(&x, &s, level, text(&expected[0], "crit") == "bonf", decimals);
            for (at, input) in input.iter().enumerate() {
                let what = text(input, "Abbreviation");
                let row = find(&expected, "abbr", what);
                check.absolute("z", region.z, number(row, "z"), 1e-6);
                check.absolute(what, region.intervals[at].lower, number(row, "ci_lo"), 1e-9);
                check.absolute(what, region.intervals[at].upper, number(row, "ci_hi"), 1e-9);
                check.exact(what, region.ranks[at].lower, whole(row, "L"));
                check.exact(what, region.ranks[at].upper, whole(row, "U"));
            }
            check.finish();
        }
    }

    #[test]
    fn goldstein_healy() {
        let Some(folder) = case("kww-traveltime2011") else { return };
        let mut check = Check::new("kww-traveltime2011 Goldstein-Healy");
        let errors = numbers(&read(folder.join("input.csv")), "SE_2dec");
        for row in read(folder.join("goldstein_healy.csv")) {
            let level = compute::goldstein_healy(&errors, number(&row, "pairwise_target_level"));
            check.absolute("level", level, number(&row, "individual_interval_level"), 1e-9);
        }
        check.finish();
    }
}

mod rank_laws {
    use super::*;
    use candour::stats::rank_distribution::UnitRanks;

    pub(super) fn compare(check: &mut Check, unit: &UnitRanks, row: &Row, what: &str, tolerance: f64) {
        check.exact(what, unit.point_rank, whole(row, "point_rank"));
        let last = unit.probabilities.len() - 1;
        for (column, got) in [
            ("expected_rank", unit.expected_rank),
            ("sd_rank", unit.sd_rank),
            ("p_top", unit.p_top),
            ("p_bottom", unit.p_bottom),
            ("p_rank1", unit.probabilities[0]),
            ("p_rank_last", unit.probabilities[last]),
        ] {
            check.absolute(&format!("{what} {column}"), got, number(row, column), tolerance);
        }
        // A quantile hangs on the comparison of a probability with a level, and the file says how close that was.
        if number(row, "min_cdf_gap") > tolerance {
            for (column, got) in [("q025", unit.q025), ("q50", unit.q50), ("q975", unit.q975)] {
                check.exact(&format!("{what} {column}"), got, whole(row, column));
            }
        }
    }

    #[test]
    fn exact_distribution_and_null_volatility() {
        let Some(folder) = case("exact-rank-distribution") else { return };
        let expected = groups(read(folder.join("expected.csv")), &["case"]);
        let volatility = groups(read(folder.join("null_volatility.csv")), &["case"]);
        for (key, input) in groups(read(folder.join("input.csv")), &["case"]) {
            let name = &key[0];
            let mut check = Check::new(format!("exact-rank-distribution {name}"));
            let (top, bottom) = (whole(&input[0], "top_tau"), whole(&input[0], "bottom_tau"));
            let higher = flag(&input[0], "higher_is_better");
            let units = compute::distribution(&numbers(&input, "est"), &numbers(&input, "se"), higher, top, bottom);
            let moves = compute::volatility(&units);
            let masses = folder.join(format!("pmf_{name}.csv"));
            let masses = if masses.is_file() { read(masses) } else { Vec::new() };
            for (at, input) in input.iter().enumerate() {
                let what = text(input, "unit");
                compare(&mut check, &units[at], find(&expected[&key], "unit", what), what, 1e-8);
                if !masses.is_empty() {
                    let row = find(&masses, "unit", what);
                    for (rank, p) in units[at].probabilities.iter().enumerate() {
                        check.absolute(&format!("{what} mass"), *p, number(row, &format!("r{}", rank + 1)), 1e-8);
                    }
                }
                if let Some(rows) = volatility.get(&key) {
                    let row = find(rows, "unit", what);
                    let quarter = &moves[at].group_probabilities;
                    for (column, got) in [
                        ("exp_abs_rank_change_null", moves[at].expected_change),
                        ("p_rank_changes_null", moves[at].p_rank_changes),
                        ("p_quartile_changes_null", moves[at].p_group_changes),
                        ("p_q1", quarter[0]),
                        ("p_q2", quarter[1]),
                        ("p_q3", quarter[2]),
                        ("p_q4", quarter[3]),
                    ] {
                        check.absolute(&format!("{what} {column}"), got, number(row, column), 1e-8);
                    }
                }
            }
            check.finish();
        }
    }
}

mod empirical_bayes {
    use super::*;

    const CASE: &str = "empirical-bayes";

    fn tolerance(method: &str) -> f64 {
        if matches!(method, "DL" | "HE") { 1e-9 } else { 1e-6 }
    }

    #[test]
    fn fits() {
        let Some(folder) = case(CASE) else { return };
        let inputs = groups(read(folder.join("input.csv")), &["case"]);
        let posteriors = groups(read(folder.join("posterior.csv")), &["case", "method"]);
        for row in read(folder.join("expected.csv")) {
            let (name, method) = (text(&row, "case").to_owned(), text(&row, "method").to_owned());
            let mut check = Check::new(format!("{CASE} {name} {method}"));
            let input = &inputs[std::slice::from_ref(&name)];
            let fit = compute::bayes(&numbers(input, "est"), &numbers(input, "se"), &method);
            if method == "PM" {
                // The reference's root is R's `uniroot` at its default tolerance, 1.2e-4 on tau^2, and no better.
                check.absolute("tau2", fit.tau2, number(&row, "tau2"), 1.3e-4);
                check.absolute("mu", fit.mu, number(&row, "mu"), 1e-5);
                check.finish();
                continue;
            }
            for (column, got) in [
                ("mu", fit.mu),
                ("se_mu", fit.se_mu),
                ("tau2", fit.tau2),
                ("Q", fit.q),
                ("I2", fit.i2),
                ("H2", fit.h2),
                ("rankability_median", fit.rankability),
                ("mean_reliability", fit.mean_reliability),
            ] {
                check.relative(column, got, number(&row, column), tolerance(&method));
            }
            if let Some(rows) = posteriors.get(&[name, method][..]) {
                for (unit, input) in fit.units.iter().zip(input) {
                    let what = text(input, "unit");
                    let row = find(rows, "unit", what);
                    check.relative(what, unit.shrinkage, number(row, "B"), 1e-6);
                    check.relative(what, unit.mean, number(row, "post_mean"), 1e-6);
                    check.relative(what, unit.sd, number(row, "post_sd_known_hyper"), 1e-6);
                    check.relative(what, unit.sd_with_mu, number(row, "metafor_blup_se"), 1e-6);
                }
            }
            check.finish();
        }
    }

    #[test]
    fn posterior_ranks() {
        let Some(folder) = case(CASE) else { return };
        let inputs = groups(read(folder.join("input.csv")), &["case"]);
        for (key, rows) in groups(read(folder.join("posterior_ranks.csv")), &["case"]) {
            let mut check = Check::new(format!("{CASE} ranks {}", key[0]));
            let posterior = key[0].ends_with("_EB_REML");
            let name = key[0].trim_end_matches("_EB_REML").trim_end_matches("_raw").to_owned();
            let higher = !matches!(name.as_str(), "medpar_log_sr" | "traveltime2011");
            let input = &inputs[&[name][..]];
            let (x, s) = (numbers(input, "est"), numbers(input, "se"));
            let (top, bottom) = (whole(&rows[0], "top_tau"), whole(&rows[0], "bottom_tau"));
            let units = match posterior {
                true => compute::bayes_ranks(&compute::bayes(&x, &s, "REML"), higher, top, bottom).unwrap(),
                false => compute::distribution(&x, &s, higher, top, bottom),
            };
            // The reference rests on a tau^2 good to 1e-6, which moves ranks by a little more than their own 1e-8.
            let tolerance = if posterior { 1e-6 } else { 1e-8 };
            for (unit, input) in units.iter().zip(input) {
                let what = text(input, "unit");
                rank_laws::compare(&mut check, unit, find(&rows, "unit", what), what, tolerance);
            }
            check.finish();
        }
    }
}

mod quantity_indices {
    use super::*;
    use candour::stats::index_numbers::{self, Period};

    const NAMES: [&str; 4] = ["laspeyres", "paasche", "fisher", "tornqvist"];

    #[test]
    fn twelve_periods_of_four_products() {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data/real/productivity/test_vectors");
        if !folder.is_dir() {
            eprintln!("passed over: no productivity test vectors in ../shared/data/real");
            return;
        }
        let mut periods: Vec<(usize, Vec<Row>)> = groups(read(folder.join("quantity_index_input.csv")), &["time"])
            .into_iter()
            .map(|(key, rows)| (key[0].parse().unwrap(), rows))
            .collect();
        periods.sort_by_key(|(time, _)| *time);
        let sorted = |mut rows: Vec<Row>| {
            rows.sort_by(|a, b| text(a, "product_id").cmp(text(b, "product_id")));
            (numbers(&rows, "quantity"), numbers(&rows, "price"))
        };
        let periods: Vec<(Vec<f64>, Vec<f64>)> = periods.into_iter().map(|(_, rows)| sorted(rows)).collect();
        let period = |at: usize| Period { volumes: &periods[at].0, unit_costs: &periods[at].1 };
        let mut check = Check::new("productivity test vectors");
        let mut links: [Vec<f64>; 4] = Default::default();
        for (at, row) in read(folder.join("quantity_index_expected.csv")).iter().enumerate() {
            let fixed = compute::indices(period(0), period(at));
            let step = compute::indices(period(at.saturating_sub(1)), period(at));
            for (index, name) in NAMES.into_iter().enumerate() {
                if at > 0 {
                    links[index].push(step[index]);
                }
                let chained = index_numbers::chain(&links[index]).unwrap();
                // The file has ten decimals.
                check.absolute(name, step[index], number(row, &format!("{name}_pop")), 6e-10);
                check.absolute(name, chained[at], number(row, &format!("{name}_chained")), 6e-10);
                check.absolute(name, fixed[index], number(row, &format!("{name}_fixed_base")), 6e-10);
            }
        }
        check.finish();
    }
}
