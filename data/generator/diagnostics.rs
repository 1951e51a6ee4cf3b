//! Waits for diagnostic tests, provider by test. The published sheet also has a total of the tests (16); the tidied file drops it.

use std::collections::BTreeMap;
use std::path::Path;

use crate::calendar::Month;
use crate::counts::{Country, IMAGING, Reporter, people};
use crate::oddities;
use crate::panel::Panel;
use crate::random::Stream;
use crate::roster::Kind;
use crate::workbook::{self, Sheet};
use crate::writer::{self, Failure, Style};

const FIRST: Month = Month::of(2024, 4);
const LAST: Month = Month::of(2026, 3);

/// Number, name, patients waiting for each member of staff, and how much more of them wait over six weeks.
#[rustfmt::skip]
const TESTS: [(u8, &str, f64, f64); 6] = [
    (1, "Magnetic Resonance Imaging", 0.24, 0.9),
    (3, "Non-obstetric Ultrasound", 0.42, 0.7),
    (6, "Audiology - Audiology Assessments", 0.07, 1.6),
    (7, "Cardiology - Echocardiography", 0.17, 1.3),
    (12, "Colonoscopy", 0.08, 1.3),
    (15, "Gastroscopy", 0.07, 1.2),
];
/// Tests that a provider of imaging alone does.
const IMAGES: [u8; 2] = [1, 3];
const TOTAL: u8 = 16;

/// Waiting, over six weeks, over 13 weeks, planned, unscheduled, and from the list.
type Counts = [i64; 6];

const HEADER: [&str; 11] = [
    "period",
    "org_code",
    "org_name",
    "test_id",
    "test",
    "waiting_list",
    "waiting_6wk_plus",
    "waiting_13wk_plus",
    "planned_tests",
    "unscheduled_tests",
    "waiting_list_tests",
];

pub fn write(folder: &Path, country: &Country, panel: &mut Panel) -> Result<(), Failure> {
    let reports = |reporter: &Reporter| reporter.is(Kind::Acute) && reporter.code != oddities::FEW_TESTS;
    let those = country.those(|reporter| reports(reporter) || reporter.code == IMAGING);
    let mut rows = Vec::new();
    let mut england: BTreeMap<Month, Counts> = BTreeMap::new();
    let mut latest = Vec::new();
    for reporter in those {
        for (month, tests) in series(reporter) {
            let total = sum(tests.iter().map(|(_, counts)| counts));
            panel.monthly("dm01_over_6wk", month, reporter, [total[1], total[0]].map(|x| x.to_string()), "published");
            let so_far = england.entry(month).or_default();
            *so_far = sum([&*so_far, &total].into_iter());
            rows.extend(tests.iter().map(|(test, counts)| row(month, reporter, *test, counts)));
            if month == LAST {
                latest.push((reporter, tests, total));
            }
        }
    }
    rows.sort();
    writer::write(&folder.join("dm01_provider_test_monthly.csv"), Style::Plain, &HEADER, &rows)?;
    write_england(folder, &england)?;
    let file = format!("raw/Monthly-Diagnostics-Web-File-Provider-{}-{}.xlsx", LAST.name(), LAST.year());
    write_workbook(&folder.join(file), &latest, &england[&LAST])
}

fn sum<'a>(of: impl Iterator<Item = &'a Counts>) -> Counts {
    of.fold(Counts::default(), |sum, counts| std::array::from_fn(|place| sum[place] + counts[place]))
}

fn series(reporter: &Reporter) -> Vec<(Month, Vec<(usize, Counts)>)> {
    let mut draw = Stream::of(&format!("diagnostics {}", reporter.code));
    let usual = (0.185 + 0.065 * draw.normal()).clamp(0.02, 0.36);
    let habits: Vec<f64> = TESTS.iter().map(|test| test.3 * (1.0 + 0.2 * draw.normal())).collect();
    FIRST
        .to(LAST)
        .filter_map(|month| {
            let luck = draw.normal();
            let noise: Vec<f64> = TESTS.iter().map(|_| draw.normal()).collect();
            let sends = reporter.stands(month) && !oddities::sends_no_diagnostics(reporter.code, month);
            let level = usual + 0.009 * luck + oddities::diagnostics_shift(reporter.code, month);
            let tests = (0..TESTS.len())
                .filter(|test| reporter.is_trust() || IMAGES.contains(&TESTS[*test].0))
                .map(|test| (test, counts(reporter.size(month) * TESTS[test].2, level * habits[test], noise[test])))
                .collect();
            sends.then_some((month, tests))
        })
        .collect()
}

fn counts(waiting: f64, late: f64, noise: f64) -> Counts {
    let waiting = people(waiting * (1.0 + 0.03 * noise));
    let share = |share: f64| people(waiting as f64 * share);
    let late = late.clamp(0.0, 0.9);
    [waiting, share(late), share(0.3 * late), share(0.16), share(0.33), share(1.01)]
}

fn row(month: Month, reporter: &Reporter, test: usize, counts: &Counts) -> Vec<String> {
    let mut fields = vec![month.first_day(), reporter.code.to_owned(), reporter.name.clone()];
    fields.extend([TESTS[test].0.to_string(), TESTS[test].1.to_owned()]);
    fields.extend(counts.iter().map(i64::to_string));
    fields
}

fn write_england(folder: &Path, england: &BTreeMap<Month, Counts>) -> Result<(), Failure> {
    let rows: Vec<Vec<String>> = england
        .iter()
        .map(|(month, counts)| {
            let file = format!("Monthly-Diagnostics-Web-File-Provider-{}-{}.xlsx", month.name(), month.year());
            let numbers = counts.iter().map(|x| format!("{x}.0"));
            std::iter::once(month.first_day()).chain(numbers).chain([file]).collect()
        })
        .collect();
    let header: Vec<&str> = ["period"].into_iter().chain(HEADER[5..].iter().copied()).chain(["source_file"]).collect();
    writer::write(&folder.join("dm01_england_monthly.csv"), Style::Plain, &header, &rows)
}

/// A provider with its tests and their total.
type Provider<'a> = (&'a Reporter<'a>, Vec<(usize, Counts)>, Counts);

/// The last month as it is published: England first, without a code, and after each provider's tests their total.
fn write_workbook(path: &Path, providers: &[Provider<'_>], england: &Counts) -> Result<(), Failure> {
    const COLUMNS: [&str; 11] = [
        "Regional Team Name",
        "Provider Code",
        "Provider Name",
        "Diagnostic ID",
        "Diagnostic Test Name",
        "Total Waiting List",
        "Number waiting 6+ Weeks",
        "Number waiting 13+ Weeks",
        "Planned tests / procedures",
        "Unscheduled tests / procedures",
        "Waiting list tests / procedures (excluding planned)",
    ];
    let mut book = Sheet::book();
    let mut sheet = Sheet::new(&mut book, "Provider by Test")?;
    sheet.title("Waiting times and activity for diagnostic tests and procedures")?;
    let published = LAST.after(2).second_thursday();
    sheet.facts([&LAST.words(), "Invented: data collection DM01", "Provider"], &published)?;
    for (place, name) in COLUMNS.into_iter().enumerate() {
        sheet.text(13, 1 + place as u16, name)?;
    }
    let mut line = |row: u32, who: [&str; 3], test: Option<(u8, &str)>, counts: &Counts| -> Result<(), Failure> {
        for (place, text) in who.into_iter().enumerate() {
            sheet.text(row, 1 + place as u16, text)?;
        }
        if let Some((number, name)) = test {
            sheet.number(row, 4, f64::from(number))?;
            sheet.text(row, 5, name)?;
        }
        counts.iter().enumerate().try_for_each(|(place, x)| sheet.number(row, 6 + place as u16, *x as f64))
    };
    line(14, ["", "", "Total"], None, england)?;
    let mut row = 16;
    for (reporter, tests, total) in providers {
        let who = [reporter.region_name(), reporter.code, &reporter.name];
        for (test, counts) in tests {
            line(row, who, Some((TESTS[*test].0, TESTS[*test].1)), counts)?;
            row += 1;
        }
        line(row, who, Some((TOTAL, "Total")), total)?;
        row += 1;
    }
    workbook::save(book, path)
}
