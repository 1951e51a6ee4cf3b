//! The ended monthly activity return and the costs of its time, for what can be shown of activity and staff with them.
//! The unit costs are invented like everything else.

use std::path::Path;

use crate::calendar::Month;
use crate::counts::{Country, Reporter, people};
use crate::random::Stream;
use crate::roster::Kind;
use crate::workforce;
use crate::writer::{self, Failure, Style};

const FIRST: Month = Month::of(2012, 4);
const LAST: Month = Month::of(2017, 3);

const HEADER: [&str; 17] = [
    "period",
    "org_code",
    "org_name",
    "elective_ordinary",
    "elective_daycase",
    "elective_total",
    "planned_ordinary",
    "planned_daycase",
    "planned_total",
    "elective_nhs_tc",
    "non_elective",
    "gp_referrals_made_all",
    "gp_referrals_seen_all",
    "gp_referrals_made_ga",
    "gp_referrals_seen_ga",
    "other_referrals_made_ga",
    "outpatient_first",
];

pub fn write_activity(folder: &Path, country: &Country) -> Result<(), Failure> {
    let mut rows = Vec::new();
    for reporter in acute(country) {
        let mut draw = Stream::of(&format!("activity {}", reporter.code));
        let mut trend = 0.06 * draw.normal();
        for month in FIRST.to(LAST) {
            if month.number() == 4 {
                trend += 0.012 + 0.032 * draw.normal();
            }
            let luck = [(); 4].map(|()| draw.normal());
            let staff = workforce::in_post(reporter, FIRST).unwrap_or_default() as f64 / 100.0;
            rows.push(activity_row(month, reporter, staff * libm::exp(trend), luck));
        }
    }
    rows.sort();
    writer::write(&folder.join("mar_provider_monthly_2012_2017.csv"), Style::Plain, &HEADER, &rows)
}

fn acute<'a>(country: &'a Country<'a>) -> impl Iterator<Item = &'a Reporter<'a>> {
    country.those(|reporter| reporter.is(Kind::Acute))
}

fn activity_row(month: Month, reporter: &Reporter, size: f64, luck: [f64; 4]) -> Vec<String> {
    let count = |each: f64, luck: f64| people(size * each * month.days() as f64 / 30.4 * (1.0 + 0.03 * luck));
    let [ordinary, daycase] = [count(0.12, luck[0]), count(0.5, luck[1])];
    let referrals = count(1.3, luck[3]);
    let of_referrals = |share: f64| people(referrals as f64 * share);
    let numbers = [
        ordinary,
        daycase,
        ordinary + daycase,
        ordinary / 20,
        daycase / 8,
        ordinary / 20 + daycase / 8,
        0,
        count(0.45, luck[2]),
        referrals,
        of_referrals(0.86),
        of_referrals(0.94),
        of_referrals(0.81),
        of_referrals(0.57),
        of_referrals(1.25),
    ];
    let mut fields = vec![month.first_day(), reporter.code.to_owned(), reporter.name.clone()];
    fields.extend(numbers.iter().map(i64::to_string));
    fields
}

pub fn write_costs(folder: &Path, country: &Country) -> Result<(), Failure> {
    const UNIT_COSTS: [(&str, u32); 6] = [
        ("elective_ordinary", 3500),
        ("elective_daycase", 750),
        ("non_elective", 1700),
        ("excess_bed_day", 310),
        ("outpatient_attendance", 125),
        ("ae_attendance", 150),
    ];
    let rows: Vec<Vec<String>> =
        UNIT_COSTS.iter().map(|(name, cost)| vec![(*name).to_owned(), cost.to_string()]).collect();
    let header = ["activity", "unit_cost_gbp_2016_17"];
    writer::write(&folder.join("national_unit_costs_2016_17.csv"), Style::Plain, &header, &rows)?;

    let header = [
        "org_code",
        "org_name",
        "region",
        "org_type",
        "peer_group",
        "mff",
        "total_expenditure_unadjusted",
        "total_expenditure_mff",
        "rci_unadjusted",
        "rci_mff",
        "city",
        "lat",
        "lon",
    ];
    let rows: Vec<Vec<String>> = acute(country).map(cost_row).collect();
    writer::write(&folder.join("reference_costs_2015_16_trust.csv"), Style::Plain, &header, &rows)
}

fn cost_row(reporter: &Reporter) -> Vec<String> {
    let mut draw = Stream::of(&format!("costs {}", reporter.code));
    let forces = 1.0 + 0.12 * draw.uniform();
    let index = 100.0 + 7.0 * draw.normal();
    let spent = people(reporter.size(FIRST) * 52_000.0 * index / 100.0 * forces) as f64;
    let mut fields = vec![reporter.code.to_owned(), reporter.name.clone(), reporter.region.name.to_owned()];
    fields.extend(["Acute", "ACUTE"].map(String::from));
    fields.extend([format!("{forces:.6}"), format!("{spent:.1}"), format!("{:.1}", spent / forces)]);
    fields.extend([format!("{:.4}", index * forces), format!("{index:.4}")]);
    fields.extend([String::new(), String::new(), String::new()]);
    fields
}
