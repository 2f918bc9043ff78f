//! Measures the release build of the monitor on a pseudo-terminal.
//!
//! `cargo bench -p tests --bench monitor` prints each measurement beside its target. With `--
//! --check`, a missed target is a failure. It takes about a minute and needs a quiet machine.

#[cfg(target_os = "linux")]
mod browse;
#[cfg(target_os = "linux")]
mod keys;
#[cfg(target_os = "linux")]
mod measurement;
#[cfg(target_os = "linux")]
mod process;
#[cfg(target_os = "linux")]
mod start;
#[cfg(target_os = "linux")]
mod steady;

use std::process::ExitCode;

/// The size of the terminal: columns and lines.
#[cfg(target_os = "linux")]
const SIZE: (u16, u16) = (120, 40);

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has_flag = |argument: &str| arguments.iter().any(|present| present == argument);
    // `cargo test --all-targets` runs this too; then it measures nothing.
    if !has_flag("--bench") {
        return ExitCode::SUCCESS;
    }
    measure(has_flag("--check"))
}

#[cfg(target_os = "linux")]
fn measure(check: bool) -> ExitCode {
    let mut measurements = start::measurements();
    measurements.extend(steady::ten_rows());
    measurements.extend(steady::thousand_rows());
    measurements.extend(keys::measurements());
    measurements.extend(browse::measurements());
    measurement::print(&measurements);
    let missed = measurements.iter().any(|measurement| !measurement.meets_target());
    if check && missed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

#[cfg(not(target_os = "linux"))]
fn measure(_check: bool) -> ExitCode {
    println!(
        "The monitor is measured on Linux only: elsewhere there is no /proc to read its use of memory from."
    );
    ExitCode::SUCCESS
}
