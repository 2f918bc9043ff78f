//! The five-table monitor: builds, launch agent executions, Vertex AI jobs, and active and completed W&B runs.
//!
//! Five workers fetch side by side, each table is shown the moment its own rows come, and the UI thread never waits
//! for any of them. It is a library, with a thin program on top, so that tests reach every part.
//!
//! ```text
//! model    what the tables say; no I/O, no widgets
//! wall     the time of day
//! signals  what asks the process to end
//! cli      the command line
//! source   the trait `Source`, what a fetch brings      → model
//! sources  demo and live; on worker threads only        → source, model, wall
//! app      state, updates, toasts; no drawing           → source, model, wall, signals
//! input    keys and what they mean                      → app
//! ui       the picture of the state; changes nothing    → input, app, model
//! setup    command line and environment → a source      → sources, source, app, cli, wall, model
//! once     --once: the same without a screen            → source, model, cli
//! run      terminal, timers, workers: ties it together  → setup, ui, input, app, signals
//! ```
//!
//! To the right of each module stands all that it names of the others, every one of them above it; a test reads the
//! `use` lines to keep it so. `app` knows the trait `Source`, and none of the sources.

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use clap::Parser;
use worker_core::WorkerManager;

pub mod app;
pub mod cli;
pub mod input;
pub mod model;
pub mod once;
pub mod run;
pub mod setup;
pub mod signals;
pub mod source;
pub mod sources;
pub mod ui;
pub mod wall_clock;

use crate::cli::Cli;
use crate::once::Completeness;
use crate::run::{RunError, RunReport};
use crate::setup::Setup;
use crate::signals::{ForcedExit, Signal, SignalEvent};

/// Something failed.
const FAILED: u8 = 1;

/// The command line or the place it was started in does not do.
const BAD_USAGE: u8 = 2;

/// The program: reads the command line, then prints once or runs until somebody leaves.
///
/// Ends with 0 if all went well, 1 if anything failed, 2 for bad usage, which includes a screen without a terminal.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let setup = setup::setup(&cli);
    if cli.once {
        return print_once(&cli, &setup);
    }
    let no_color = std::env::var_os("NO_COLOR");
    let theme = ui::Theme::for_no_color(no_color.as_deref());
    exit_code(&run::run(setup, theme))
}

fn print_once(cli: &Cli, setup: &Setup) -> ExitCode {
    let workers = WorkerManager::new();
    let terminated_by: Arc<OnceLock<Signal>> = Arc::default();
    let received = terminated_by.clone();
    let forced_exit = ForcedExit { after: Duration::ZERO, cleanup: || {} };
    let watched = signals::watch(workers.clone(), forced_exit, move |event| {
        if let SignalEvent::Terminate(signal) = event {
            received.get_or_init(|| signal);
        }
    });
    if let Err(error) = watched {
        report_error(&RunError::Signals(error).to_string());
        return ExitCode::from(FAILED);
    }
    let reports = once::fetch(&workers, &setup.source, setup.settings.caps);
    if let Some(signal) = terminated_by.get() {
        return ExitCode::from(signal.exit_code());
    }
    let mut out = io::BufWriter::new(io::stdout());
    if let Err(error) = reports.print(cli.format, &mut out) {
        report_error(&format!("the tables could not be written to standard output: {error}"));
        return ExitCode::from(FAILED);
    }
    match reports.completeness() {
        Completeness::Complete => ExitCode::SUCCESS,
        Completeness::Incomplete => ExitCode::from(FAILED),
    }
}

fn exit_code(finished: &RunReport) -> ExitCode {
    for abandoned in &finished.abandoned {
        report_error(&format!("still at work when the monitor ended: {abandoned}"));
    }
    for panic in &finished.panics {
        report_error(panic);
    }
    match &finished.result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report_error(&error.to_string());
            ExitCode::from(match error {
                RunError::NoTerminal(_) | RunError::DumbTerminal => BAD_USAGE,
                RunError::Signal(signal) => signal.exit_code(),
                _ => FAILED,
            })
        }
    }
}

/// Says something on standard error. If that cannot be written to either, there is nobody left to tell.
fn report_error(what: &str) {
    let _ = writeln!(io::stderr(), "monitor: {}", model::text::escape(what));
}

#[cfg(test)]
mod tests;
