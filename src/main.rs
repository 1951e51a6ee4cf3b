//! The `candour` program: see `cli` for its commands.

use std::process::ExitCode;

fn main() -> ExitCode {
    candour::cli::main()
}
