//! The program: a thin `main` over the `monitor` library. `cargo run --example monitor -- --help`
//! lists its options.

use std::process::ExitCode;

fn main() -> ExitCode {
    monitor::main()
}
