//! The `candour` program: see `cli` for its commands.

use std::process::ExitCode;

/// Setting pages makes and drops millions of small things, which the system's allocator is slow at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    candour::cli::main()
}
