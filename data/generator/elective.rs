//! Referral to treatment: incomplete pathways. Two bases, as published: patients of English commissioners, and those of all
//! commissioners, which are more on a border. `C_999` is the total of the treatment functions, and an extract gives parts of
//! the return that overlap: adding either up counts people twice.

use std::path::Path as FilePath;

use crate::calendar::Month;
use crate::counts::{Country, EYE_CLINICS, Path, QUARTER_ENDS, Reporter, apportion, people};
use crate::extract;
use crate::oddities;
use crate::panel::Panel;
use crate::random::Stream;
use crate::roster::Kind;
use crate::writer::{self, Failure, Style};

const FIRST: Month = Month::of(2023, 6);
/// Monthly by trust up to here, then one month by treatment function, then a full extract.
const LAST_BY_TRUST: Month = Month::of(2026, 2);
const BY_FUNCTION: Month = Month::of(2026, 3);
const EXTRACTS: [Month; 2] = [Month::of(2026, 1), Month::of(2026, 4)];

/// Code, name and size in tenths of the treatment functions.
#[rustfmt::skip]
pub const FUNCTIONS: [(&str, &str, i64); 5] = [
    ("C_100", "General Surgery Service", 2),
    ("C_110", "Trauma and Orthopaedic Service", 3),
    ("C_130", "Ophthalmology Service", 2),
    ("C_320", "Cardiology Service", 1),
    ("C_502", "Gynaecology Service", 2),
];
pub const TOTAL: (&str, &str) = ("C_999", "Total");
const OPHTHALMOLOGY: usize = 2;

/// People waiting, and for how long.
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub struct Waiting {
    pub all: i64,
    pub within_18: i64,
    pub over_52: i64,
    pub over_65: i64,
    pub over_78: i64,
}

impl Waiting {
    pub fn plus(self, other: Self) -> Self {
        Self {
            all: self.all + other.all,
            within_18: self.within_18 + other.within_18,
            over_52: self.over_52 + other.over_52,
            over_65: self.over_65 + other.over_65,
            over_78: self.over_78 + other.over_78,
        }
    }

    fn of(all: i64, within: f64, over_52: f64) -> Self {
        let within_18 = people(all as f64 * within.clamp(0.0, 1.0));
        let over_52 = people(all as f64 * over_52).min(all - within_18);
        Self { all, within_18, over_52, over_65: over_52 / 9, over_78: over_52 / 90 }
    }

    /// By treatment function, adding up to the whole.
    pub fn functions(self, reporter: &Reporter) -> [Self; FUNCTIONS.len()] {
        let sizes: Vec<i64> = if reporter.is_trust() {
            FUNCTIONS.iter().map(|function| function.2 * self.all).collect()
        } else {
            (0..FUNCTIONS.len()).map(|place| if place == OPHTHALMOLOGY { self.all } else { 0 }).collect()
        };
        let all = apportion(self.all, &sizes);
        let within = apportion(self.within_18, &all);
        let left: Vec<i64> = all.iter().zip(&within).map(|(all, within)| all - within).collect();
        let over_52 = apportion(self.over_52, &left);
        let over_65 = apportion(self.over_65, &over_52);
        let over_78 = apportion(self.over_78, &over_65);
        std::array::from_fn(|place| Self {
            all: all[place],
            within_18: within[place],
            over_52: over_52[place],
            over_65: over_65[place],
            over_78: over_78[place],
        })
    }
}

/// A month of a provider: patients of English commissioners, and the others.
#[derive(Clone, Copy)]
pub struct List {
    pub english: Waiting,
    pub others: Waiting,
}

pub fn write(folder: &FilePath, country: &Country, panel: &mut Panel) -> Result<(), Failure> {
    let lists: Vec<(&Reporter, Vec<(Month, List)>)> =
        country.those(has_a_list).map(|reporter| (reporter, months(country, reporter))).collect();
    let in_month = |wanted: Month| {
        lists.iter().filter_map(move |(reporter, months)| {
            let found = months.iter().find(|(month, _)| *month == wanted);
            found.map(|(_, list)| (*reporter, *list))
        })
    };
    let trusts = |month: Month| in_month(month).filter(|(reporter, _)| reporter.is_trust());
    for month in FIRST.to(EXTRACTS[1]) {
        for (reporter, list) in in_month(month) {
            let is_english = month <= BY_FUNCTION && reporter.is_trust();
            if is_english || EXTRACTS.contains(&month) {
                into_panel(
                    panel,
                    month,
                    reporter,
                    if is_english { list.english } else { list.english.plus(list.others) },
                );
            }
        }
    }
    let by_trust: Vec<Vec<String>> = FIRST
        .to(LAST_BY_TRUST)
        .flat_map(|month| trusts(month).map(move |(reporter, list)| trust_row(month, reporter, list.english)))
        .collect();
    write_by_trust(folder, &by_trust)?;
    let by_function: Vec<Vec<String>> =
        trusts(BY_FUNCTION).flat_map(|(reporter, list)| function_rows(reporter, list)).collect();
    write_by_function(folder, &by_function)?;
    let extracts: Vec<Vec<String>> = EXTRACTS
        .into_iter()
        .flat_map(|month| in_month(month).flat_map(move |(reporter, list)| provider_rows(month, reporter, list)))
        .collect();
    write_extracts(folder, &extracts)?;
    let april: Vec<(&Reporter, List)> = in_month(EXTRACTS[1]).collect();
    extract::write(&folder.join("raw"), EXTRACTS[1], &april)
}

fn has_a_list(reporter: &Reporter) -> bool {
    reporter.is(Kind::Acute) || reporter.code == EYE_CLINICS
}

fn months(country: &Country, reporter: &Reporter) -> Vec<(Month, List)> {
    let mut draw = Stream::of(&format!("elective {}", reporter.code));
    let path = country.path(reporter, "023", QUARTER_ENDS, 0.01);
    let usual = 0.83 + 0.02 * draw.normal();
    // A trust that does badly has more very long waits, in every month alike.
    let habit = path.as_ref().map_or(usual, |path| path.at(QUARTER_ENDS[0], 0.0));
    let long = libm::exp(0.35 * draw.normal() + 9.0 * (0.62 - habit));
    FIRST
        .to(EXTRACTS[1])
        .map(|month| (month, [(); 3].map(|()| draw.normal())))
        .filter(|(month, _)| reporter.stands(*month))
        .map(|(month, [busy, luck, wait])| {
            let within = path.as_ref().map_or(usual + 0.006 * luck, |path| level(path, month, luck));
            let over = 0.022 * long * (1.0 + 0.05 * wait);
            let over = oddities::over_a_year(reporter.code, month, over);
            let english = Waiting::of(people(reporter.size(month) * 6.0 * (1.0 + 0.01 * busy)), within, over);
            let abroad = if reporter.code == oddities::ON_THE_BORDER { 0.14 } else { 0.002 };
            let others = Waiting::of(people(abroad * english.all as f64), within - 0.03, over);
            (month, List { english, others })
        })
        .collect()
}

fn level(path: &Path, month: Month, luck: f64) -> f64 {
    path.at(month, -0.05) + if path.is_given(month) { 0.0 } else { 0.004 * luck }
}

fn into_panel(panel: &mut Panel, month: Month, reporter: &Reporter, waiting: Waiting) {
    for (metric, numerator) in [("rtt_within_18wk", waiting.within_18), ("rtt_over_52wk", waiting.over_52)] {
        panel.monthly(metric, month, reporter, [numerator, waiting.all].map(|x| x.to_string()), "published");
    }
}

fn trust_row(month: Month, reporter: &Reporter, waiting: Waiting) -> Vec<String> {
    let mut fields = vec![month.first_day(), reporter.code.to_owned(), reporter.name.clone()];
    let over_18 = waiting.all - waiting.within_18;
    let numbers = [waiting.all, waiting.within_18, over_18, waiting.over_52, waiting.over_65, waiting.over_78];
    fields.extend(numbers.map(|x| x.to_string()));
    fields
}

fn write_by_trust(folder: &FilePath, rows: &[Vec<String>]) -> Result<(), Failure> {
    let header = [
        "period",
        "org_code",
        "org_name",
        "total_incomplete",
        "within_18wk",
        "over_18wk",
        "over_52wk",
        "over_65wk",
        "over_78wk",
    ];
    writer::write(&folder.join("rtt_incomplete_trust_2023_06_2026_02.csv"), Style::Plain, &header, rows)
}

/// Each treatment function that has anybody, then the total.
fn with_total(waiting: Waiting, reporter: &Reporter) -> impl Iterator<Item = (&'static str, &'static str, Waiting)> {
    let functions = FUNCTIONS.into_iter().zip(waiting.functions(reporter)).filter(|(_, waiting)| waiting.all > 0);
    functions.map(|((code, name, _), waiting)| (code, name, waiting)).chain([(TOTAL.0, TOTAL.1, waiting)])
}

fn numbers(waiting: Waiting) -> [String; 5] {
    [waiting.all, waiting.within_18, waiting.over_52, waiting.over_65, waiting.over_78].map(|x| x.to_string())
}

fn function_rows(reporter: &Reporter, list: List) -> Vec<Vec<String>> {
    with_total(list.english, reporter)
        .map(|(code, name, waiting)| {
            let mut fields = vec![BY_FUNCTION.first_day(), reporter.region.code.to_owned(), reporter.code.to_owned()];
            fields.extend([reporter.name.clone(), code.to_owned(), name.to_owned()]);
            fields.extend(numbers(waiting));
            fields
        })
        .collect()
}

fn write_by_function(folder: &FilePath, rows: &[Vec<String>]) -> Result<(), Failure> {
    let header = [
        "period",
        "region_code",
        "org_code",
        "org_name",
        "tf_code",
        "tf_name",
        "total_all",
        "within_18wk",
        "over_52wk",
        "over_65wk",
        "over_78wk",
    ];
    writer::write(&folder.join("rtt_incomplete_provider_tf_2026_03.csv"), Style::Plain, &header, rows)
}

/// Two parts of the return: everybody waiting, and those of them with a decision to admit.
pub const PARTS: [(&str, i64); 2] = [("incomplete", 1), ("incomplete_with_dta", 5)];

/// The share of a list that is in a part.
pub fn part(waiting: Waiting, divisor: i64) -> Waiting {
    Waiting {
        all: waiting.all / divisor,
        within_18: waiting.within_18 / divisor,
        over_52: waiting.over_52 / divisor,
        over_65: waiting.over_65 / divisor,
        over_78: waiting.over_78 / divisor,
    }
}

fn provider_rows(month: Month, reporter: &Reporter, list: List) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for (name, divisor) in PARTS {
        let parts = part(list.english, divisor).plus(part(list.others, divisor));
        for (code, function, waiting) in with_total_of(list, divisor, parts, reporter) {
            let mut fields = vec![month.first_day(), name.to_owned(), reporter.code.to_owned()];
            fields.extend([reporter.name.clone(), code.to_owned(), function.to_owned()]);
            fields.extend(numbers(waiting));
            fields.push("0".to_owned());
            rows.push(fields);
        }
    }
    rows
}

/// Functions of both kinds of commissioner added up, as the full extract has them one by one.
fn with_total_of(
    list: List,
    divisor: i64,
    total: Waiting,
    reporter: &Reporter,
) -> impl Iterator<Item = (&'static str, &'static str, Waiting)> {
    let english = part(list.english, divisor).functions(reporter);
    let others = part(list.others, divisor).functions(reporter);
    let functions = FUNCTIONS.into_iter().zip(english).zip(others);
    functions
        .map(|(((code, name, _), english), others)| (code, name, english.plus(others)))
        .filter(|(_, _, waiting)| waiting.all > 0)
        .chain([(TOTAL.0, TOTAL.1, total)])
}

fn write_extracts(folder: &FilePath, rows: &[Vec<String>]) -> Result<(), Failure> {
    let header = [
        "period",
        "part",
        "org_code",
        "org_name",
        "tf_code",
        "tf_name",
        "total_all",
        "within_18wk",
        "over_52wk",
        "over_65wk",
        "over_78wk",
        "unknown_start",
    ];
    writer::write(&folder.join("rtt_provider_tf_2026.csv"), Style::Plain, &header, rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{roster, values};

    /// The total row must equal its functions in every column, or a reader who adds them up finds another number.
    #[test]
    fn functions_add_up_to_the_total() {
        let trusts = roster::trusts();
        let quarters = values::draw(&trusts);
        let country = Country::new(&trusts, &quarters);
        for reporter in country.those(has_a_list) {
            for (_, list) in months(&country, reporter) {
                for waiting in [list.english, list.others] {
                    let sum = waiting.functions(reporter).into_iter().fold(Waiting::default(), Waiting::plus);
                    assert_eq!(sum, waiting, "{}", reporter.code);
                    assert!(waiting.within_18 + waiting.over_52 <= waiting.all);
                }
            }
        }
    }
}
