//! Cancer waits: three standards. Treatment within 62 days is shared between two trusts, so its counts end in halves.

use std::collections::BTreeMap;
use std::path::Path as FilePath;

use crate::calendar::Month;
use crate::counts::{Country, Path, QUARTER_ENDS, Reporter, apportion, people};
use crate::oddities;
use crate::panel::Panel;
use crate::random::Stream;
use crate::writer::{self, Failure, Style};

const FIRST: Month = Month::of(2024, 4);
/// The last month is provisional.
const LAST: Month = Month::of(2026, 3);

/// One standard, its total and the parts of it.
struct Standard {
    id: &'static str,
    metric: &'static str,
    /// The oversight metric that it follows.
    follows: Option<&'static str>,
    total: &'static str,
    /// Name and size of each part, in tenths.
    parts: &'static [(&'static str, i64)],
    /// Patients a month for each member of staff.
    volume: f64,
    /// Counted in halves of patients: one patient is two of them.
    halves: i64,
    noise: f64,
    earlier: f64,
}

#[rustfmt::skip]
const STANDARDS: [Standard; 3] = [
    Standard { id: "28_day_fds", metric: "cancer_28d_fds", follows: Some("010"), total: "ALL ROUTES", parts: &[], volume: 0.28, halves: 1, noise: 0.012, earlier: -0.03 },
    Standard { id: "31_day", metric: "cancer_31d", follows: None, total: "ALL STAGES", parts: &[("FIRST TREATMENT", 6), ("SUBSEQUENT TREATMENT", 4)], volume: 0.055, halves: 1, noise: 0.008, earlier: 0.0 },
    Standard { id: "62_day", metric: "cancer_62d", follows: Some("011"), total: "ALL ROUTES", parts: &[("URGENT SUSPECTED CANCER", 7), ("SCREENING", 1), ("CONSULTANT UPGRADE", 2)], volume: 0.035, halves: 2, noise: 0.02, earlier: -0.05 },
];

const HEADER: [&str; 9] =
    ["period", "standard", "route_or_stage", "org_code", "org_name", "total", "within", "after", "status"];
const ENGLAND_HEADER: [&str; 8] =
    ["period", "standard", "route_or_stage", "total", "within", "after", "source_file", "status"];

/// Patients and those within the standard, in halves.
#[derive(Clone, Copy, Default)]
struct Counts {
    total: i64,
    within: i64,
}

pub fn write(folder: &FilePath, country: &Country, panel: &mut Panel) -> Result<(), Failure> {
    let mut rows = Vec::new();
    let mut england: BTreeMap<(Month, usize, usize), Counts> = BTreeMap::new();
    for (place, standard) in STANDARDS.iter().enumerate() {
        for reporter in country.those(Reporter::is_general) {
            for (month, lines) in series(country, reporter, standard) {
                for (line, counts) in lines.iter().enumerate() {
                    rows.push(row(month, standard, line, reporter, *counts));
                    let sum = england.entry((month, place, line)).or_default();
                    sum.total += counts.total;
                    sum.within += counts.within;
                }
                let of = [lines[0].within, lines[0].total].map(patients);
                panel.monthly(standard.metric, month, reporter, of, status(month));
            }
        }
    }
    rows.sort();
    writer::write(&folder.join("cancer_provider_monthly.csv"), Style::Plain, &HEADER, &rows)?;
    let england: Vec<Vec<String>> = england.into_iter().map(england_row).collect();
    writer::write(&folder.join("cancer_england_monthly.csv"), Style::Plain, &ENGLAND_HEADER, &england)
}

/// Each month with its lines: the total, then its parts.
fn series(country: &Country, reporter: &Reporter, standard: &Standard) -> Vec<(Month, Vec<Counts>)> {
    let mut draw = Stream::of(&format!("cancer {} {}", standard.id, reporter.code));
    let usual = 0.945 + 0.015 * draw.normal();
    let path = standard.follows.map(|metric| country.path(reporter, metric, QUARTER_ENDS, 0.01));
    if matches!(path, Some(None)) {
        return Vec::new();
    }
    FIRST
        .to(LAST)
        .map(|month| (month, draw.normal(), draw.normal()))
        .filter(|(month, ..)| *month != oddities::MONTH_WITHOUT_CANCER && reporter.stands(*month))
        .map(|(month, busy, luck)| {
            let level = match &path {
                Some(Some(path)) => level(path, standard, month, luck),
                _ => oddities::cancer_level(reporter.code).unwrap_or(usual) + standard.noise * luck,
            };
            let total = people(reporter.size(month) * standard.volume * standard.halves as f64 * (1.0 + 0.05 * busy));
            // Whole patients count as two halves.
            let counts = Counts { total, within: people(level.clamp(0.0, 1.0) * total as f64) };
            (month, lines(standard, counts))
        })
        .collect()
}

fn level(path: &Path, standard: &Standard, month: Month, luck: f64) -> f64 {
    path.at(month, standard.earlier) + if path.is_given(month) { 0.0 } else { standard.noise * luck }
}

fn lines(standard: &Standard, counts: Counts) -> Vec<Counts> {
    let sizes: Vec<i64> = standard.parts.iter().map(|part| part.1 * counts.total).collect();
    let totals = apportion(counts.total, &sizes);
    let within = apportion(counts.within, &totals);
    let parts = totals.into_iter().zip(within).map(|(total, within)| Counts { total, within });
    let unit = 2 / standard.halves;
    let whole = |counts: Counts| Counts { total: unit * counts.total, within: unit * counts.within };
    std::iter::once(counts).chain(parts.take(standard.parts.len())).map(whole).collect()
}

/// Halves as the files write patients: 127.0 or 63.5.
fn patients(halves: i64) -> String {
    format!("{:?}", halves as f64 / 2.0)
}

fn status(month: Month) -> &'static str {
    if month == LAST { "provisional" } else { "final" }
}

fn line_name(standard: &Standard, line: usize) -> &'static str {
    if line == 0 { standard.total } else { standard.parts[line - 1].0 }
}

fn row(month: Month, standard: &Standard, line: usize, reporter: &Reporter, counts: Counts) -> Vec<String> {
    let mut fields = vec![month.first_day()];
    fields.extend([standard.id, line_name(standard, line), reporter.code, &reporter.name].map(String::from));
    fields.extend([counts.total, counts.within, counts.total - counts.within].map(patients));
    fields.push(status(month).to_owned());
    fields
}

fn england_row(((month, place, line), counts): ((Month, usize, usize), Counts)) -> Vec<String> {
    let standard = &STANDARDS[place];
    let kind = if month == LAST { "PROVISIONAL" } else { "FINAL" };
    let file = format!("{}-{}-CWT-CRS-PROVIDER-WORKBOOK-{kind}.xlsx", month.name().to_uppercase(), month.year());
    let mut fields = vec![month.first_day()];
    fields.extend([standard.id, line_name(standard, line)].map(String::from));
    fields.extend([counts.total, counts.within, counts.total - counts.within].map(patients));
    fields.extend([file, status(month).to_owned()]);
    fields
}
