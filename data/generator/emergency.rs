//! Attendances at emergency departments: the tidied files of providers and of England, and the figures behind the official
//! ones, in their first and their revised version.

use std::collections::BTreeMap;
use std::path::Path as FilePath;

use crate::calendar::Month;
use crate::counts::{Country, Path, QUARTER_ENDS, Reporter, WALK_IN_CENTRES, people};
use crate::emergency_files;
use crate::oddities;
use crate::panel::Panel;
use crate::random::Stream;
use crate::roster::Kind;
use crate::writer::{self, Failure, Style};

const FIRST: Month = Month::of(2023, 6);
const LAST: Month = Month::of(2026, 5);

const NUMBERS: [&str; 20] = [
    "att_type1",
    "att_type2",
    "att_type3",
    "att_total",
    "within4_type1",
    "within4_type2",
    "within4_type3",
    "within4_total",
    "over4_type1",
    "over4_type2",
    "over4_type3",
    "over4_total",
    "adm_type1",
    "adm_type2",
    "adm_type3",
    "adm_via_ae",
    "adm_other",
    "adm_total",
    "dta_over4",
    "dta_over12",
];

/// A provider's month, by type of department.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Return {
    pub attendances: [i64; 3],
    /// Missing where the trust published no four-hour figures.
    pub over_4: Option<[i64; 3]>,
    pub admissions: [i64; 3],
    pub other_admissions: i64,
    pub dta_4_to_12: i64,
    pub dta_over_12: i64,
}

/// A month of every provider.
pub type Returns<'a> = BTreeMap<Month, Vec<(&'a Reporter<'a>, Return)>>;

pub fn write(folder: &FilePath, country: &Country, panel: &mut Panel) -> Result<(), Failure> {
    let returns = returns(country);
    let mut rows = Vec::new();
    let mut england = Vec::new();
    for (month, of_month) in &returns {
        let mut sums = [None; NUMBERS.len()];
        for (reporter, counts) in of_month {
            let numbers = numbers(counts);
            for (sum, number) in sums.iter_mut().zip(numbers) {
                *sum = add(*sum, number);
            }
            let names =
                [month.first_day(), reporter.code.to_owned(), reporter.region_name().to_owned(), reporter.name.clone()];
            rows.push(names.into_iter().chain(numbers.map(text)).collect());
            into_panel(panel, *month, reporter, counts);
        }
        let file = emergency_files::workbook_name(*month);
        england.push(std::iter::once(month.first_day()).chain(sums.map(text)).chain([file]).collect());
    }
    let header = |before: &[&'static str], after: &[&'static str]| [before, NUMBERS.as_slice(), after].concat();
    let of_providers = header(&["period", "org_code", "region", "org_name"], &[]);
    writer::write(&folder.join("ae_provider_monthly.csv"), Style::Plain, &of_providers, &rows)?;
    writer::write(
        &folder.join("ae_england_monthly.csv"),
        Style::Plain,
        &header(&["period"], &["source_file"]),
        &england,
    )?;
    emergency_files::write(folder, &returns)
}

fn add(a: Option<i64>, b: Option<i64>) -> Option<i64> {
    if a.is_none() { b } else { a.map(|a| a + b.unwrap_or(0)) }
}

fn text(number: Option<i64>) -> String {
    number.map_or(String::new(), |x| x.to_string())
}

/// In the order of the columns. Without four-hour figures those of every type are missing, not zero.
fn numbers(counts: &Return) -> [Option<i64>; NUMBERS.len()] {
    let sum = |types: [i64; 3]| types.iter().sum::<i64>();
    let four = |types: Option<[i64; 3]>| -> [Option<i64>; 4] {
        types.map_or([None; 4], |[a, b, c]| [a, b, c, a + b + c].map(Some))
    };
    let within = counts.over_4.map(|over| std::array::from_fn(|place| counts.attendances[place] - over[place]));
    let via = sum(counts.admissions);
    let last = [
        counts.other_admissions,
        via + counts.other_admissions,
        counts.dta_4_to_12 + counts.dta_over_12,
        counts.dta_over_12,
    ];
    let all = [
        four(Some(counts.attendances)),
        four(within),
        four(counts.over_4),
        four(Some(counts.admissions)),
        last.map(Some),
    ];
    let mut numbers = all.into_iter().flatten();
    std::array::from_fn(|_| numbers.next().flatten())
}

fn into_panel(panel: &mut Panel, month: Month, reporter: &Reporter, counts: &Return) {
    let mut push = |metric: &str, numerator: i64, denominator: i64| {
        if denominator > 0 {
            panel.monthly(metric, month, reporter, [numerator, denominator].map(|x| x.to_string()), "published");
        }
    };
    let (all, type_1) = (counts.attendances.iter().sum::<i64>(), counts.attendances[0]);
    if let Some(over) = counts.over_4 {
        push("ae_4hr_all_types", all - over.iter().sum::<i64>(), all);
        push("ae_4hr_type1", type_1 - over[0], type_1);
    }
    push("ae_12hr_from_dta", counts.dta_over_12, counts.admissions.iter().sum());
}

pub fn returns<'a>(country: &'a Country<'a>) -> Returns<'a> {
    let mut returns = Returns::new();
    for reporter in country.those(|reporter| departments(reporter).is_some()) {
        for (month, counts) in months(country, reporter) {
            returns.entry(month).or_default().push((reporter, counts));
        }
    }
    returns
}

/// Attendances a month for each member of staff: major departments, single specialties, minor injuries.
fn departments(reporter: &Reporter) -> Option<[f64; 3]> {
    let Some(trust) = reporter.trust else {
        return WALK_IN_CENTRES.contains(&reporter.code).then_some([0.0, 0.0, 1.0]);
    };
    match (trust.kind, trust.subtype) {
        (Kind::Acute, "Acute - Teaching") => Some([1.25, 0.08, 0.57]),
        (Kind::Acute, "Acute - Specialist") => (trust.code == oddities::EYES_AND_EARS).then_some([0.0, 2.4, 0.0]),
        (Kind::Acute, _) => Some([1.3, 0.0, 0.6]),
        (Kind::MentalHealthAndCommunity, "Community") => Some([0.0, 0.0, 1.1]),
        _ => None,
    }
}

/// A major department's levels: the share within four hours of all types, and of long waits for a bed.
struct Major {
    within: Path,
    waits: Path,
}

fn months(country: &Country, reporter: &Reporter) -> Vec<(Month, Return)> {
    let mut draw = Stream::of(&format!("emergency {}", reporter.code));
    let each = departments(reporter).unwrap_or_default();
    let within = country.path(reporter, "013", QUARTER_ENDS, 0.01);
    let waits = country.path(reporter, "014", QUARTER_ENDS, 0.01);
    let major = within.zip(waits).map(|(within, waits)| Major { within, waits });
    FIRST
        .to(LAST)
        .map(|month| (month, [(); 4].map(|()| draw.normal())))
        .filter(|(month, _)| reporter.stands(*month))
        .map(|(month, luck)| {
            let busy = 1.0 + 0.03 * luck[0] + if matches!(month.number(), 5..=7) { 0.03 } else { 0.0 };
            let attendances = each.map(|each| people(reporter.size(month) * each * busy * month.days() as f64 / 30.4));
            let mut counts = match &major {
                Some(major) => of_major(reporter, month, major, attendances, luck),
                None => of_minor(attendances, luck),
            };
            if oddities::has_no_four_hours(reporter.code, month) {
                counts.over_4 = None;
            }
            (month, counts)
        })
        .collect()
}

fn of_minor(attendances: [i64; 3], luck: [f64; 4]) -> Return {
    let over = |place: usize, share: f64| people(attendances[place] as f64 * (share + 0.003 * luck[1]).max(0.001));
    let admissions = [0, attendances[1] / 40, 0];
    Return {
        attendances,
        over_4: Some([0, over(1, 0.04), over(2, 0.014)]),
        admissions,
        other_admissions: attendances[1] / 30,
        dta_4_to_12: 0,
        dta_over_12: 0,
    }
}

/// Minor units see nearly everybody in time, so whoever waits longer waits in the major department.
fn of_major(reporter: &Reporter, month: Month, major: &Major, attendances: [i64; 3], luck: [f64; 4]) -> Return {
    let winter = if month < QUARTER_ENDS[0] && matches!(month.number(), 11 | 12 | 1 | 2) { -0.015 } else { 0.0 };
    let given = major.within.is_given(month);
    let share = major.within.at(month, -0.04) + if given { 0.0 } else { winter + 0.011 * luck[1] };
    let all: i64 = attendances.iter().sum();
    let over_all = people((1.0 - share.clamp(0.3, 0.99)) * all as f64);
    let minor = [attendances[1] / 25, attendances[2] / 60].map(|over| over.min(over_all / 2));
    let over_major = (over_all - minor[0] - minor[1]).min(attendances[0]);
    let admissions = [people(attendances[0] as f64 * 0.27), attendances[1] / 40, attendances[2] / 150];
    let via: i64 = admissions.iter().sum();
    let wait = (major.waits.at(month, 0.1) * (1.0 + 0.08 * luck[2])).max(0.002);
    let wait = oddities::long_waits(reporter.code, month, wait);
    let dta_over_12 = people(wait * via as f64);
    Return {
        attendances,
        over_4: Some([over_major, minor[0], minor[1]]),
        admissions,
        other_admissions: people(via as f64 * (0.36 + 0.01 * luck[3])),
        dta_4_to_12: people((0.14 + 1.1 * wait) * via as f64).min(via - dta_over_12.min(via)),
        dta_over_12,
    }
}
