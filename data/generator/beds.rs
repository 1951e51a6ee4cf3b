//! Beds open overnight by quarter, and operations cancelled at the last minute.

use std::collections::BTreeMap;
use std::path::Path;

use crate::calendar::Month;
use crate::counts::{Country, Reporter, people};
use crate::oddities;
use crate::panel::Panel;
use crate::random::Stream;
use crate::roster::Kind;
use crate::workbook::Sheet;
use crate::writer::{self, Failure, Style};

/// Last months of the quarters.
const FIRST: Month = Month::of(2022, 6);
const LAST: Month = Month::of(2026, 3);
const PRINTED_FROM: Month = Month::of(2025, 6);
const CANCELLED_FROM: Month = Month::of(2023, 6);

/// General and acute, maternity, mental illness, learning disabilities; available and occupied, in bed-days.
type Beds = [[i64; 2]; 4];

pub fn write(folder: &Path, country: &Country, panel: &mut Panel) -> Result<(), Failure> {
    let mut rows = Vec::new();
    let mut england: BTreeMap<Month, Beds> = BTreeMap::new();
    let mut latest = Vec::new();
    for reporter in country.those(Reporter::is_trust) {
        for (month, beds) in series(reporter) {
            let sums = england.entry(month).or_default();
            for (sum, beds) in sums.iter_mut().flatten().zip(beds.as_flattened()) {
                *sum += beds;
            }
            if beds[0][0] > 0 {
                let of = [beds[0][1], beds[0][0]].map(|days| average(days, month));
                panel.quarterly("ga_bed_occupancy", month, reporter, of);
            }
            rows.push(row(month, reporter, &beds));
            if month == LAST {
                latest.push((reporter, beds));
            }
        }
    }
    rows.sort();
    writer::write(
        &folder.join("kh03_overnight_quarterly.csv"),
        Style::Plain,
        &header(&["org_code", "org_name"]),
        &rows,
    )?;
    let printed: Vec<Vec<String>> =
        england.range(PRINTED_FROM..).map(|(month, beds)| england_row(*month, beds)).collect();
    writer::write(&folder.join("kh03_england_quarterly.csv"), Style::Plain, &header(&[]), &printed)?;
    write_workbook(&folder.join("raw/Beds-Open-Overnight-Web_File-Q4-2025-26.xlsx"), &latest, &england[&LAST])?;
    write_cancelled(folder, country)
}

fn quarters(from: Month) -> impl Iterator<Item = Month> {
    from.to(LAST).filter(|month| month.number() % 3 == 0)
}

fn series(reporter: &Reporter) -> Vec<(Month, Beds)> {
    let Some(trust) = reporter.trust else { return Vec::new() };
    // Beds for each member of staff.
    let wards = match (trust.kind, trust.subtype) {
        (Kind::Acute, _) if trust.is_specialist() => [0.07, 0.0, 0.0, 0.0],
        (Kind::Acute, _) => [0.085, 0.006, 0.0, 0.0],
        (Kind::MentalHealthAndCommunity, "Community") => [0.045, 0.0, 0.0, 0.0],
        (Kind::MentalHealthAndCommunity, _) => [0.0, 0.0, 0.07, 0.003],
        (Kind::Ambulance, _) => return Vec::new(),
    };
    let mut draw = Stream::of(&format!("beds {}", reporter.code));
    let usual = [0.915, 0.58, 0.89, 0.62].map(|share| share + 0.02 * draw.normal());
    quarters(FIRST)
        .filter(|month| reporter.stands(*month))
        .map(|month| {
            let mut beds = Beds::default();
            for (place, (ward, usual)) in wards.into_iter().zip(usual).enumerate() {
                let [open, full] = [(); 2].map(|()| draw.normal());
                let days = reporter.size(month) * ward * month.days_of_quarter() as f64;
                let available = people(days * (1.0 + 0.008 * open));
                let share = oddities::occupancy(reporter.code).filter(|_| place == 0).unwrap_or(usual) + 0.006 * full;
                beds[place] = [available, people(available as f64 * share.min(0.995))];
            }
            (month, beds)
        })
        .collect()
}

/// The average day of the quarter, with all its decimals: they give the bed-days back.
fn average(bed_days: i64, month: Month) -> String {
    format!("{:?}", bed_days as f64 / month.days_of_quarter() as f64)
}

fn header(who: &[&'static str]) -> Vec<&'static str> {
    let names = [
        ["total_available", "total_occupied"],
        ["ga_available", "ga_occupied"],
        ["maternity_available", "maternity_occupied"],
        ["mh_available", "mh_occupied"],
        ["ld_available", "ld_occupied"],
    ];
    std::iter::once("period_end").chain(who.iter().copied()).chain(names.into_iter().flatten()).collect()
}

/// The totals, then each kind of bed: available and occupied.
fn averages(month: Month, beds: &Beds) -> Vec<String> {
    let total = |side: usize| beds.iter().map(|kind| kind[side]).sum::<i64>();
    [total(0), total(1)].iter().chain(beds.as_flattened()).map(|days| average(*days, month)).collect()
}

fn row(month: Month, reporter: &Reporter, beds: &Beds) -> Vec<String> {
    let mut fields = vec![month.last_day(), reporter.code.to_owned(), reporter.name.clone()];
    fields.extend(averages(month, beds));
    fields
}

fn england_row(month: Month, beds: &Beds) -> Vec<String> {
    std::iter::once(month.last_day()).chain(averages(month, beds)).collect()
}

/// The last quarter as it is published: two lines of header, England above the trusts without a code.
fn write_workbook(path: &Path, trusts: &[(&Reporter, Beds)], england: &Beds) -> Result<(), Failure> {
    const KINDS: [&str; 5] = ["Total ", "General & Acute", "Learning Disabilities", "Maternity", "Mental Illness"];
    // In that order, from: total, general and acute, maternity, mental illness, learning disabilities.
    const PLACES: [usize; 5] = [0, 1, 4, 2, 3];
    let mut book = Sheet::book();
    let mut sheet = Sheet::new(&mut book, "NHS Trust by Sector")?;
    sheet.title("Average daily number of available and occupied beds open overnight by sector")?;
    sheet.facts(
        ["January to March 2026", "Invented: data collection KH03", "Provider"],
        &LAST.after(2).second_thursday(),
    )?;
    sheet.text(12, 1, "Provider Level Data")?;
    sheet.text(13, 6, "Available")?;
    sheet.text(13, 12, "Occupied")?;
    for (place, name) in ["Year", "Period End", "Region Code", "Org Code", "Org Name"].into_iter().enumerate() {
        sheet.text(14, 1 + place as u16, name)?;
    }
    for (place, name) in KINDS.into_iter().enumerate() {
        sheet.text(14, 6 + place as u16, name)?;
        sheet.text(14, 12 + place as u16, name)?;
    }
    let mut line = |row: u32, who: [&str; 3], beds: &Beds| -> Result<(), Failure> {
        for (place, text) in ["2025-26", "March"].into_iter().chain(who).enumerate() {
            sheet.text(row, 1 + place as u16, text)?;
        }
        let averages = averages(LAST, beds);
        for (column, place) in PLACES.into_iter().enumerate() {
            sheet.number(row, 6 + column as u16, averages[2 * place].parse()?)?;
            sheet.number(row, 12 + column as u16, averages[2 * place + 1].parse()?)?;
        }
        Ok(())
    };
    line(15, ["", "", "England"], england)?;
    for (place, (reporter, beds)) in trusts.iter().enumerate() {
        line(17 + place as u32, [reporter.region.code, reporter.code, &reporter.name], beds)?;
    }
    crate::workbook::save(book, path)
}

fn write_cancelled(folder: &Path, country: &Country) -> Result<(), Failure> {
    let mut rows = Vec::new();
    for reporter in country.those(|reporter| reporter.is(Kind::Acute)) {
        let mut draw = Stream::of(&format!("cancelled {}", reporter.code));
        let usual = (0.2 + 0.06 * draw.normal()).clamp(0.04, 0.5);
        for month in quarters(CANCELLED_FROM) {
            let [busy, slow, held] = [(); 3].map(|()| draw.normal());
            if !reporter.stands(month) {
                continue;
            }
            let cancelled = people(reporter.size(month) * 0.014 * (1.0 + 0.12 * busy));
            let late = people(cancelled as f64 * (usual + 0.03 * slow).clamp(0.0, 1.0));
            let (year, quarter) = (month.financial_year(), (month.number() / 3 + 2) % 4 + 1);
            let in_hospital = reporter.size(month) * 0.016 * (1.0 + 0.05 * held);
            let mut fields = vec![format!("{year}-{} Q{quarter}", (year + 1) % 100), reporter.code.to_owned()];
            fields.extend([reporter.name.clone(), format!("{cancelled}.0"), format!("{late}.0")]);
            fields.extend([format!("{in_hospital:.2}"), format!("{:.1}", libm::ceil(1.2 * in_hospital))]);
            fields.push(format!("{}.0", month.days_of_quarter()));
            rows.push(fields);
        }
    }
    rows.sort();
    let header = [
        "fy_quarter",
        "org_code",
        "org_name",
        "last_minute_cancelled_ops",
        "not_treated_within_28d",
        "nctr_daily_mean",
        "nctr_daily_max",
        "nctr_days_reported",
    ];
    writer::write(&folder.join("cancelled_ops_nctr_quarterly.csv"), Style::Plain, &header, &rows)
}
