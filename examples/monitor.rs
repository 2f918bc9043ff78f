//! The five-table monitor. `cargo run --example monitor -- --help` tells what it can do.

use std::process::ExitCode;

fn main() -> ExitCode {
    examples::monitor::main()
}
