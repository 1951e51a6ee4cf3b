//! Deaths observed and expected in hospital, in the layout of the indicator: counts rounded to five, and a band.

use std::path::Path;

use crate::calendar::Month;
use crate::counts::{Country, Reporter, people};
use crate::oddities;
use crate::random::Stream;
use crate::writer::{self, Failure, Style};

const YEAR: Month = Month::of(2025, 1);
const HEADER: [&str; 8] =
    ["period", "org_code", "org_name", "shmi_value", "shmi_banding", "spells", "observed_deaths", "expected_deaths"];

pub fn write(folder: &Path, country: &Country) -> Result<(), Failure> {
    let those = country.those(|reporter| reporter.is_general() && reporter.stands(YEAR));
    let rows: Vec<Vec<String>> = those.map(row).collect();
    writer::write(&folder.join("shmi_trust_2025.csv"), Style::Plain, &HEADER, &rows)
}

fn row(reporter: &Reporter) -> Vec<String> {
    let mut draw = Stream::of(&format!("mortality {}", reporter.code));
    let expected = reporter.size(YEAR) * 0.26 * (1.0 + 0.06 * draw.normal());
    // The rest stay well inside limits drawn in any way, so that no band hangs on how they are.
    let usual = (1.0 + 0.015 * draw.normal()).clamp(0.975, 1.025);
    let (level, band) = oddities::mortality(reporter.code).unwrap_or((usual, 2));
    let observed = people(level * expected) as f64;
    let fives = |x: f64| (5.0 * libm::round(x / 5.0)).to_string();
    let spells = 5 * people(expected * 30.0 / 5.0);
    let mut fields = vec!["2025-01 to 2025-12".to_owned(), reporter.code.to_owned(), reporter.name.clone()];
    fields.extend([format!("{:.4}", observed / expected), band.to_string(), spells.to_string()]);
    fields.extend([observed, expected].map(fives));
    fields
}
