//! The register of trusts, open and closed, and the mergers between them.

use std::path::Path;

use crate::calendar::Month;
use crate::oddities;
use crate::random::Stream;
use crate::roster::{Kind, REGIONS, Region, Trust};
use crate::writer::{self, Failure, Style};

pub struct Merger {
    pub old_code: &'static str,
    pub old_name: &'static str,
    pub new_code: &'static str,
    date: &'static str,
    /// The day before.
    closed: &'static str,
    region: usize,
}

impl Merger {
    /// All mergers are on the first of a month.
    pub fn month(&self) -> Month {
        let number = |from: usize, to: usize| self.date[from..to].parse().expect("a date");
        Month::of(number(0, 4), number(5, 7))
    }

    /// A code of five characters is younger than its organisations: it came with the merger.
    pub fn makes_a_new_code(&self) -> bool {
        self.new_code.len() > 3
    }

    /// How much of the merged organisation came from the old one.
    pub fn share(&self) -> f64 {
        if self.makes_a_new_code() { 1.0 } else { 0.1 }
    }
}

#[rustfmt::skip]
const MERGERS: [Merger; 5] = [
    Merger { old_code: "ZY1", old_name: "Snipeholm Hospital NHS Trust", new_code: "ZA8", date: "2019-04-01", closed: "2019-03-31", region: 3 },
    Merger { old_code: "ZY2", old_name: "Lamplight University Hospital NHS Trust", new_code: "ZB1", date: "2020-10-01", closed: "2020-09-30", region: 1 },
    Merger { old_code: "ZY3", old_name: "Thistlemere Mental Health NHS Trust", new_code: "ZP1", date: "2022-04-01", closed: "2022-03-31", region: 4 },
    Merger { old_code: "ZY4", old_name: "Teasel Vale Hospital NHS Trust", new_code: "ZC9", date: "2024-07-01", closed: "2024-06-30", region: 2 },
    Merger { old_code: "ZY5", old_name: "Kestrelmouth Mental Health NHS Trust", new_code: "ZP4K2", date: "2024-11-01", closed: "2024-10-31", region: 6 },
];

/// Divided between two trusts, so none of its figures can be given to one of them.
const DIVIDED: Merger = Merger {
    old_code: "ZY6",
    old_name: "Curlewshire and Gorsehaven Mental Health NHS Trust",
    new_code: "ZM6",
    date: "2021-10-01",
    closed: "2021-09-30",
    region: 3,
};
const DIVIDED_ALSO_TO: &str = "ZN2";

const HEADER: [&str; 18] = [
    "org_code",
    "org_name",
    "status",
    "open_date",
    "close_date",
    "region_code",
    "region",
    "icb_code_2025",
    "icb_name_2025",
    "icb_code_ods_2026",
    "postcode",
    "lat",
    "lon",
    "esr_org_type",
    "trust_type",
    "trust_subtype",
    "type1_ae_first",
    "type1_ae_last",
];

/// Mergers from a month on.
pub fn mergers_since(month: Month) -> impl Iterator<Item = &'static Merger> {
    MERGERS.iter().filter(move |merger| merger.month() >= month)
}

pub fn absorbed_in_2024_25(code: &str) -> bool {
    MERGERS.iter().any(|merger| merger.new_code == code && ("2024-04-01".."2025-04-01").contains(&merger.date))
}

pub fn write(folder: &Path, trusts: &[Trust]) -> Result<(), Failure> {
    let mut rows: Vec<Vec<String>> =
        trusts.iter().map(open_row).chain(MERGERS.iter().chain([&DIVIDED]).map(closed_row)).collect();
    rows.sort();
    writer::write(&folder.join("trusts.csv"), Style::Plain, &HEADER, &rows)?;

    let mergers: Vec<Vec<String>> = MERGERS
        .iter()
        .map(|merger| {
            [merger.old_code, merger.new_code, merger.date, merger.old_name, "demonstration"].map(String::from).to_vec()
        })
        .collect();
    let header = ["old_code", "new_code", "effective_date", "note", "source"];
    writer::write(&folder.join("trust_mergers_2018_2025.csv"), Style::Plain, &header, &mergers)?;
    write_successors(folder)
}

/// The register's own list of successors, up to 2022.
fn write_successors(folder: &Path) -> Result<(), Failure> {
    let whole = MERGERS.iter().filter(|merger| merger.month() < Month::of(2023, 1));
    let divided = [DIVIDED.new_code, DIVIDED_ALSO_TO].map(|code| (DIVIDED.old_code, code, DIVIDED.date));
    let rows: Vec<Vec<String>> = whole
        .map(|merger| (merger.old_code, merger.new_code, merger.date))
        .chain(divided)
        .map(|(old, new, date)| [old, new, date, "demonstration"].map(String::from).to_vec())
        .collect();
    let header = ["old_code", "new_code", "effective_date", "source"];
    writer::write(&folder.join("trust_successors_to_2022.csv"), Style::Plain, &header, &rows)
}

fn open_row(trust: &Trust) -> Vec<String> {
    let mut draw = Stream::of(&format!("register {}", trust.code));
    let founded = format!("{}-{}-01", 1992 + draw.index(26), ["04", "10"][draw.index(2)]);
    let successor = MERGERS.iter().find(|merger| merger.new_code == trust.code && trust.code.len() > 3);
    let opened = successor.map_or(founded, |merger| merger.date.to_owned());
    // Postcodes in no area that exists; no coordinates, since there is nowhere to point.
    let postcode = format!("ZZ{} {}QQ", 1 + draw.index(98), 1 + draw.index(9));
    let (board_code, board_name) = trust.region.boards[trust.board];
    let (status, closed) =
        if oddities::is_in_league_table(trust) { ("open", "") } else { ("closed", oddities::LAST_DAY) };
    let has_emergency_department = trust.kind == Kind::Acute && !trust.is_specialist();
    let (first, last) = match (has_emergency_department, closed) {
        (false, _) => ("", ""),
        (true, "") => ("2019-04-01", "2026-05-01"),
        (true, _) => ("2019-04-01", "2026-03-01"),
    };
    let staff_record_type = match (trust.kind, trust.subtype) {
        (Kind::Acute, _) => "Acute",
        (Kind::Ambulance, _) => "Ambulance",
        (_, "Community") => "Community Provider Trust",
        _ => "Mental Health",
    };
    let mut fields = vec![trust.code.to_owned(), trust.name.to_uppercase()];
    fields.extend([status, &opened, closed].map(String::from));
    fields.extend([trust.region.code, trust.region.name, board_code, board_name, board_code].map(String::from));
    fields.extend([postcode, String::new(), String::new()]);
    fields.extend([staff_record_type, trust.kind.label(), trust.subtype, first, last].map(String::from));
    fields
}

fn closed_row(merger: &Merger) -> Vec<String> {
    let region: &Region = &REGIONS[merger.region];
    let mut fields = vec![merger.old_code.to_owned(), merger.old_name.to_uppercase()];
    fields.extend(["closed", "2001-04-01", merger.closed, region.code, region.name].map(String::from));
    fields.extend(
        [region.boards[0].0, region.boards[0].1, region.boards[0].0, "ZZ99 9QQ", "", "", "", "", "", "", ""]
            .map(String::from),
    );
    fields
}
