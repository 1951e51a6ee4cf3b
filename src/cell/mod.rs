//! Cells: SQL files, the graph they form, and their results.

mod cache;
mod checks;
mod determinism;
mod front_matter;
mod graph;
mod part_checks;
mod parts;
mod run;
mod schedule;

pub use cache::Cache;
pub use checks::{CheckResult, DataTest, TestRule, run_checks};
pub use determinism::check_determinism;
pub use front_matter::{Accepted, ClaimNote, ColumnNote, FrontMatter, PartsNote};
pub use graph::{Cell, Graph};
pub use run::{CellPlan, CellResult, KeptTable, Progress, Results, plan_cells, run_cells};
