//! Staff in post and sickness absence. The means of the two financial years of the productivity figures are exactly those
//! that the comparison with staff prints.

use std::path::Path;

use crate::calendar::Month;
use crate::counts::{Country, Reporter, people};
use crate::panel::Panel;
use crate::productivity;
use crate::random::Stream;
use crate::roster::Kind;
use crate::writer::{self, Failure, Style};

/// The years of the ended activity return, which are set beside staff, and the years that matter now.
const PAST: (Month, Month) = (Month::of(2012, 4), Month::of(2017, 3));
const RECENT: (Month, Month) = (Month::of(2022, 5), Month::of(2025, 4));
const SICKNESS: (Month, Month) = (Month::of(2024, 4), Month::of(2026, 3));
/// The middle months of the quarters that the four oversight figures are of: they come a quarter late.
const SICKNESS_QUARTERS: [Month; 4] = [Month::of(2025, 2), Month::of(2025, 5), Month::of(2025, 8), Month::of(2025, 11)];

const SICKNESS_HEADER: [&str; 11] = [
    "period",
    "org_code",
    "org_name",
    "org_type",
    "nhse_region_code",
    "nhse_region_name",
    "ics_code",
    "ics_name",
    "fte_days_lost",
    "fte_days_available",
    "sickness_absence_rate_percent",
];

pub fn write(folder: &Path, country: &Country, panel: &mut Panel) -> Result<(), Failure> {
    let mut staff = Vec::new();
    for reporter in country.those(Reporter::is_trust) {
        for month in PAST.0.to(PAST.1).chain(RECENT.0.to(RECENT.1)) {
            let is_held = month >= RECENT.0 || reporter.is(Kind::Acute);
            if let Some(cents) = in_post(reporter, month).filter(|_| is_held) {
                staff.push(staff_row(month, reporter, cents));
            }
        }
    }
    staff.sort();
    let header = ["period", "org_code", "fte", "hc"];
    writer::write(&folder.join("workforce_all_staff_org_monthly.csv"), Style::Plain, &header, &staff)?;

    let mut sickness = Vec::new();
    for reporter in country.those(Reporter::is_trust) {
        sickness.extend(sickness_rows(country, reporter, panel));
    }
    sickness.sort();
    writer::write(&folder.join("sickness_absence_org_monthly.csv"), Style::Plain, &SICKNESS_HEADER, &sickness)
}

fn staff_row(month: Month, reporter: &Reporter, cents: i64) -> Vec<String> {
    let headcount = people(cents as f64 / 100.0 * 1.14);
    vec![month.first_day(), reporter.code.to_owned(), (cents as f64 / 100.0).to_string(), headcount.to_string()]
}

/// Full-time equivalents in hundredths.
pub fn in_post(reporter: &Reporter, month: Month) -> Option<i64> {
    if !reporter.stands(month) {
        return None;
    }
    let trust = reporter.trust?;
    if trust.code != reporter.code {
        return Some(steady(reporter, month));
    }
    let (before, after) = productivity::staff_means(trust);
    Some(match month.financial_year() {
        2023 => of_year(reporter, month, before, after),
        2024 => of_year(reporter, month, after, before),
        year if year > 2024 => drifted(reporter, month, after, 2024),
        _ => drifted(reporter, month, before, 2023),
    })
}

/// An organisation that closed: as many as it brought to its successor.
fn steady(reporter: &Reporter, month: Month) -> i64 {
    libm::round(100.0 * reporter.size(month) * (1.0 + 0.002 * wobble(reporter, month))) as i64
}

fn wobble(reporter: &Reporter, month: Month) -> f64 {
    Stream::of(&format!("staff {} {}", reporter.code, month.first_day())).normal()
}

/// A month of a year whose mean is given: the last month takes what rounding left.
fn of_year(reporter: &Reporter, month: Month, mean: i64, other: i64) -> i64 {
    let april = Month::of(month.financial_year(), 4);
    // Towards the mean of the other year, so that the two join up.
    let towards = if month.financial_year() == 2023 { other - mean } else { mean - other } as f64 / mean as f64;
    let shape = |month: Month| {
        let way = 0.06 * f64::from(month.since(april)) * towards;
        reporter.size(month) * (1.0 + way + 0.002 * wobble(reporter, month))
    };
    let total: f64 = april.to(april.after(11)).map(shape).sum();
    let cents = |month: Month| libm::round(12.0 * mean as f64 * shape(month) / total) as i64;
    if month < april.after(11) {
        return cents(month);
    }
    12 * mean - april.to(april.after(10)).map(cents).sum::<i64>()
}

/// Years outside: growth of two per cent a year before and one after.
fn drifted(reporter: &Reporter, month: Month, mean: i64, from_year: i32) -> i64 {
    let years = f64::from(month.since(Month::of(from_year, 10))) / 12.0;
    let growth = if years < 0.0 { 0.02 } else { 0.01 };
    libm::round(mean as f64 * libm::exp(growth * years) * (1.0 + 0.002 * wobble(reporter, month))) as i64
}

fn sickness_rows(country: &Country, reporter: &Reporter, panel: &mut Panel) -> Vec<Vec<String>> {
    let mut draw = Stream::of(&format!("sickness {}", reporter.code));
    let path = country.path(reporter, "082", SICKNESS_QUARTERS, 0.01).expect("every trust has a rate");
    let mut rows = Vec::new();
    for month in SICKNESS.0.to(SICKNESS.1) {
        let luck = draw.normal();
        let Some(cents) = in_post(reporter, month) else { continue };
        let winter = if matches!(month.number(), 11 | 12 | 1) { 1.05 } else { 1.0 };
        let rate = (path.at(month, 0.05) * winter * (1.0 + 0.025 * luck)).clamp(0.005, 0.2);
        let available = cents as f64 / 100.0 * month.days() as f64;
        let days = [rate * available, available].map(|x| format!("{x:.4}"));
        panel.monthly("sickness_absence", month, reporter, days.clone(), "published");
        rows.push(sickness_row(month, reporter, days));
    }
    rows
}

fn sickness_row(month: Month, reporter: &Reporter, days: [String; 2]) -> Vec<String> {
    let rate = {
        let [lost, available] = [0, 1].map(|place| days[place].parse::<f64>().unwrap_or_default());
        format!("{:.2}", 100.0 * lost / available)
    };
    let kind = match reporter.trust.map(|trust| trust.kind) {
        Some(Kind::Acute) => "Acute",
        Some(Kind::Ambulance) => "Ambulance",
        _ => "Mental Health",
    };
    let mut fields = vec![month.first_day(), reporter.code.to_owned(), reporter.name.clone(), kind.to_owned()];
    fields.extend([reporter.region.code, reporter.region_name(), reporter.board.0, ""].map(String::from));
    fields.extend(days);
    fields.push(rate);
    fields
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{roster, values};

    /// The book recomputes the means of both years from the months and sets them beside those printed.
    #[test]
    fn months_have_the_means_that_are_printed() {
        let trusts = roster::trusts();
        let quarters = values::draw(&trusts);
        let country = Country::new(&trusts, &quarters);
        for reporter in country.those(|reporter| reporter.is(Kind::Acute) && reporter.code.starts_with('Z')) {
            let Some(trust) = reporter.trust.filter(|trust| trust.code == reporter.code) else { continue };
            let (before, after) = productivity::staff_means(trust);
            for (year, mean) in [(2023, before), (2024, after)] {
                let months = Month::of(year, 4).to(Month::of(year + 1, 3));
                let sum: i64 = months.filter_map(|month| in_post(reporter, month)).sum();
                assert_eq!(sum, 12 * mean, "{} {year}", reporter.code);
            }
        }
    }
}
