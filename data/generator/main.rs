//! Makes the demonstration data: fictional organisations in the layouts of the official files.
//!
//!     cargo run --release --example demonstration-data -- data
//!
//! Everything is drawn from one fixed seed, so running it again writes the same bytes. `data/README.md` describes the result.

mod figure;
mod likely;
mod metrics;
mod oddities;
mod oversight;
mod panel;
mod parquet;
mod productivity;
mod random;
mod reference;
mod roster;
mod scoring;
mod values;
mod writer;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

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
    panel::write(&folder.join("panel"), &trusts, &quarters)
}
