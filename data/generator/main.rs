//! Makes the demonstration data: fictional organisations in the layouts of the official files.
//!
//!     cargo run --release --example demonstration-data -- data
//!
//! Everything is drawn from one fixed seed, so running it again writes the same bytes. `data/README.md` describes the result.

mod ambulances;
mod beds;
mod calendar;
mod cancer;
mod counts;
mod diagnostics;
mod elective;
mod emergency;
mod emergency_files;
mod extract;
mod figure;
mod likely;
mod metrics;
mod mortality;
mod oddities;
mod oversight;
mod panel;
mod parliament;
mod parquet;
mod past;
mod productivity;
mod random;
mod reference;
mod roster;
mod scoring;
mod values;
mod workbook;
mod workforce;
mod writer;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use counts::Country;
use panel::Panel;
use roster::Kind;
use writer::Failure;

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: demonstration-data FOLDER");
        return ExitCode::from(2);
    };
    match write_all(&folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::from(2)
        }
    }
}

fn write_all(folder: &Path) -> Result<(), Failure> {
    let trusts = roster::trusts();
    let quarters = values::draw(&trusts);
    let results = [0, 1, 2, 3].map(|quarter| scoring::score(&trusts, &quarters[quarter], quarter));

    let nof = folder.join("nof");
    for kind in Kind::ALL {
        oversight::write_data(&nof, &trusts, &results, kind)?;
        oversight::write_league_table(&nof, &trusts, &results[3], kind)?;
    }
    oversight::write_extract(&nof, &trusts, &results[2])?;
    productivity::write(&folder.join("productivity"), &trusts, &results[2])?;
    reference::write(&folder.join("reference"), &trusts)?;
    parliament::write(&folder.join("parliament"))?;
    write_counts(folder, &Country::new(&trusts, &quarters))
}

/// The counts behind the metrics, one folder for each publication, and the panel made from them.
fn write_counts(folder: &Path, country: &Country) -> Result<(), Failure> {
    let mut panel = Panel::default();
    emergency::write(&folder.join("ae"), country, &mut panel)?;
    ambulances::write(&folder.join("ambulance"), country, &mut panel)?;
    elective::write(&folder.join("rtt"), country, &mut panel)?;
    cancer::write(&folder.join("cancer"), country, &mut panel)?;
    diagnostics::write(&folder.join("diagnostics"), country, &mut panel)?;
    beds::write(&folder.join("beds"), country, &mut panel)?;
    workforce::write(&folder.join("workforce"), country, &mut panel)?;
    mortality::write(&folder.join("shmi"), country)?;
    past::write_activity(&folder.join("activity"), country)?;
    past::write_costs(&folder.join("costs"), country)?;
    panel.write(&folder.join("panel"))
}
