//! The official monthly files of emergency departments, when each came out, and what a revision changed.

use std::path::Path;

use crate::calendar::Month;
use crate::counts::Reporter;
use crate::emergency::{Return, Returns};
use crate::oddities::{self, Restated};
use crate::writer::{self, Failure, Style};

/// The columns of the monthly CSV, and the names that a comparison of two files gives them.
#[rustfmt::skip]
const MEASURES: [(&str, &str); 18] = [
    ("A&E attendances Type 1", "a_e_attendances_type_1"),
    ("A&E attendances Type 2", "a_e_attendances_type_2"),
    ("A&E attendances Other A&E Department", "a_e_attendances_other_a_e_department"),
    ("A&E attendances Booked Appointments Type 1", "a_e_attendances_booked_appointments_type_1"),
    ("A&E attendances Booked Appointments Type 2", "a_e_attendances_booked_appointments_type_2"),
    ("A&E attendances Booked Appointments Other Department", "a_e_attendances_booked_appointments_other_department"),
    ("Attendances over 4hrs Type 1", "attendances_over_4hrs_type_1"),
    ("Attendances over 4hrs Type 2", "attendances_over_4hrs_type_2"),
    ("Attendances over 4hrs Other Department", "attendances_over_4hrs_other_department"),
    ("Attendances over 4hrs Booked Appointments Type 1", "attendances_over_4hrs_booked_appointments_type_1"),
    ("Attendances over 4hrs Booked Appointments Type 2", "attendances_over_4hrs_booked_appointments_type_2"),
    ("Attendances over 4hrs Booked Appointments Other Department", "attendances_over_4hrs_booked_appointments_other_department"),
    ("Patients who have waited 4-12 hs from DTA to admission", "patients_who_have_waited_4_12_hs_from_dta_to_admission"),
    ("Patients who have waited 12+ hrs from DTA to admission", "patients_who_have_waited_12_hrs_from_dta_to_admission"),
    ("Emergency admissions via A&E - Type 1", "emergency_admissions_via_a_e_type_1"),
    ("Emergency admissions via A&E - Type 2", "emergency_admissions_via_a_e_type_2"),
    ("Emergency admissions via A&E - Other A&E department", "emergency_admissions_via_a_e_other_a_e_department"),
    ("Other emergency admissions", "other_emergency_admissions"),
];

type Cells = [i64; MEASURES.len()];

/// Months whose first and revised files are both held, with the names of the files.
struct Revision {
    month: Month,
    revised_in: Month,
    first_file: &'static str,
    revised_file: &'static str,
    /// Whether the two files themselves are among the data.
    is_here: bool,
}

const REVISIONS: [Revision; 2] = [
    Revision {
        month: Month::of(2025, 6),
        revised_in: Month::of(2025, 12),
        first_file: "June-2025-CSV-zzd1.csv",
        revised_file: "Monthly-AE-June-2025-revised-zzd2.csv",
        is_here: false,
    },
    Revision {
        month: oddities::RESTATED,
        revised_in: Month::of(2026, 5),
        first_file: "October-2025-CSV-zzd3.csv",
        revised_file: "Monthly-AE-October-2025-revised-zzd4.csv",
        is_here: true,
    },
];

/// A month revised without a first file to compare it with.
const REVISED_ALONE: (Month, Month, &str) =
    (Month::of(2026, 3), Month::of(2026, 5), "Monthly-AE-March-2026-revised-zzd5.csv");

pub fn workbook_name(month: Month) -> String {
    format!("{}-{}-AE-by-provider-zzd.xls", month.name(), month.year())
}

pub fn write(folder: &Path, returns: &Returns) -> Result<(), Failure> {
    write_dates(folder, returns)?;
    let mut rows = Vec::new();
    for revision in &REVISIONS {
        let revised = file_rows(&returns[&revision.month]);
        let first = first_version(revision.month, &revised);
        rows.extend(changes(revision, &first, &revised));
        if revision.is_here {
            write_csv(&folder.join("raw_csv").join(revision.first_file), revision.month, &first)?;
            write_csv(&folder.join("raw_csv").join(revision.revised_file), revision.month, &revised)?;
        }
    }
    let (month, _, file) = REVISED_ALONE;
    write_csv(&folder.join("raw_csv").join(file), month, &file_rows(&returns[&month]))?;
    let header = [
        "period",
        "org_code",
        "measure",
        "first_value",
        "revised_value",
        "first_file",
        "revised_file",
        "change",
        "is_england_total",
    ];
    writer::write(&folder.join("ae_restatements_2025_26.csv"), Style::Plain, &header, &rows)
}

fn write_dates(folder: &Path, returns: &Returns) -> Result<(), Failure> {
    let revised = |month: Month| {
        let revision = REVISIONS.iter().find(|revision| revision.month == month).map(|revision| revision.revised_in);
        revision.or_else(|| (REVISED_ALONE.0 == month).then_some(REVISED_ALONE.1))
    };
    let rows: Vec<Vec<String>> = returns
        .keys()
        .map(|month| {
            let published = month.after(1).second_thursday();
            let revised = revised(*month).map_or("nan".to_owned(), Month::second_thursday);
            vec![month.first_day(), workbook_name(*month), published, revised, "Published".to_owned()]
        })
        .collect();
    let header = ["period", "source_file", "Published", "Revised", "Status"];
    writer::write(&folder.join("ae_source_files.csv"), Style::Plain, &header, &rows)
}

/// One row of a monthly CSV.
#[derive(Clone)]
struct Row {
    code: String,
    region: String,
    name: String,
    cells: Cells,
}

fn file_rows(returns: &[(&Reporter, Return)]) -> Vec<Row> {
    returns
        .iter()
        .map(|(reporter, counts)| Row {
            code: reporter.code.to_owned(),
            // Official files leave a space at the end.
            region: format!("NHS ENGLAND {} ", reporter.region_name().to_uppercase()),
            name: reporter.name.clone(),
            cells: cells(counts),
        })
        .collect()
}

/// Booked appointments apart from the rest, as the CSV has them: 3% of major departments and 6% of minor units.
fn cells(counts: &Return) -> Cells {
    const BOOKED_OF_100: [i64; 3] = [3, 0, 6];
    let over = counts.over_4.unwrap_or_default();
    let mut cells = [0; MEASURES.len()];
    for place in 0..3 {
        let booked = counts.attendances[place] * BOOKED_OF_100[place] / 100;
        // Somebody who has booked waits less often.
        let booked_over = over[place] * BOOKED_OF_100[place] / 300;
        cells[place] = counts.attendances[place] - booked;
        cells[3 + place] = booked;
        cells[6 + place] = over[place] - booked_over;
        cells[9 + place] = booked_over;
        cells[14 + place] = counts.admissions[place];
    }
    cells[12] = counts.dta_4_to_12;
    cells[13] = counts.dta_over_12;
    cells[17] = counts.other_admissions;
    cells
}

/// The file first published: restated cells put back, and providers that were left out taken away.
fn first_version(month: Month, revised: &[Row]) -> Vec<Row> {
    let restated = || oddities::RESTATEMENTS.iter().filter(|restated| restated.month == month);
    revised
        .iter()
        .filter(|row| !oddities::LEFT_OUT_AT_FIRST.contains(&(month, row.code.as_str())))
        .cloned()
        .map(|mut row| {
            for Restated { measure, change, .. } in restated().filter(|restated| restated.code == row.code) {
                let place = MEASURES.iter().position(|names| names.1 == *measure).expect("a measure of the file");
                row.cells[place] -= change;
            }
            row
        })
        .collect()
}

fn total(rows: &[Row]) -> Row {
    let cells = std::array::from_fn(|place| rows.iter().map(|row| row.cells[place]).sum());
    Row { code: "TOTAL".to_owned(), region: "TOTAL".to_owned(), name: "TOTAL".to_owned(), cells }
}

fn write_csv(path: &Path, month: Month, rows: &[Row]) -> Result<(), Failure> {
    let period = format!("MSitAE-{}-{}", month.name().to_uppercase(), month.year());
    let line = |period: &str, row: &Row| -> Vec<String> {
        let names = [period, &row.code, &row.region, &row.name].map(String::from);
        names.into_iter().chain(row.cells.iter().map(i64::to_string)).collect()
    };
    let mut lines: Vec<Vec<String>> = rows.iter().map(|row| line(&period, row)).collect();
    lines.push(line("TOTAL", &total(rows)));
    let header: Vec<&str> = ["Period", "Org Code", "Parent Org", "Org name"]
        .into_iter()
        .chain(MEASURES.iter().map(|names| names.0))
        .collect();
    writer::write(path, Style::Plain, &header, &lines)
}

/// Every cell that differs, provider by provider and for the printed total.
fn changes(revision: &Revision, first: &[Row], revised: &[Row]) -> Vec<Vec<String>> {
    let totals = (total(first), total(revised));
    let pairs = revised.iter().map(|row| (first.iter().find(|first| first.code == row.code), row));
    let mut rows = Vec::new();
    for (before, after) in pairs.chain([(Some(&totals.0), &totals.1)]) {
        for (place, (_, measure)) in MEASURES.iter().enumerate() {
            let old = before.map(|row| row.cells[place]);
            let new = after.cells[place];
            if old == Some(new) || (old.is_none() && new == 0) {
                continue;
            }
            let is_total = if after.code == "TOTAL" { "True" } else { "False" };
            let mut fields = vec![revision.month.first_day(), after.code.clone(), (*measure).to_owned()];
            fields.extend([old.map_or(String::new(), |x| format!("{x}.0")), format!("{new}.0")]);
            fields.extend([revision.first_file, revision.revised_file].map(String::from));
            fields.extend([format!("{}.0", new - old.unwrap_or(0)), is_total.to_owned()]);
            rows.push(fields);
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counts::Country;
    use crate::{emergency, roster, values};

    /// What the book tests of the official comparison: cells of providers add up to the cell of the printed total.
    #[test]
    fn restated_cells_add_up_to_the_restated_total() {
        let trusts = roster::trusts();
        let quarters = values::draw(&trusts);
        let country = Country::new(&trusts, &quarters);
        let returns = emergency::returns(&country);
        for revision in &REVISIONS {
            let revised = file_rows(&returns[&revision.month]);
            let first = first_version(revision.month, &revised);
            let rows = changes(revision, &first, &revised);
            assert!(first.iter().all(|row| row.cells.iter().all(|x| *x >= 0)), "a first version below nothing");
            for (_, measure) in MEASURES {
                let change = |of_total: bool| -> f64 {
                    let wanted = rows.iter().filter(|row| row[2] == measure && (row[1] == "TOTAL") == of_total);
                    wanted.map(|row| row[7].parse::<f64>().expect("a number")).sum()
                };
                assert_eq!(change(false), change(true), "{measure}");
            }
            assert!(rows.iter().any(|row| row[1] != "TOTAL" && !row[3].is_empty()));
        }
    }
}
