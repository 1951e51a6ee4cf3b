//! The one place that needs the engine: Parquet is written by DuckDB, through it.

use std::path::Path;

use crate::writer::Failure;

/// Writes the rows of a CSV file as Parquet, in their order, with the types that DuckDB finds in
/// them: dates, doubles, booleans and text.
pub fn write(parquet: &Path, csv: &Path) -> Result<(), Failure> {
    candour::duck::csv_to_parquet(csv, parquet)?;
    Ok(())
}
