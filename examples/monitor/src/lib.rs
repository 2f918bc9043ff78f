//! A terminal monitor of five tables: builds, launch agent executions, Vertex AI jobs, active and
//! completed W&B runs. It is the example application of `worker-core` and `worker-ui-bridge`.
//!
//! Five workers fetch concurrently, each table is shown as soon as its own rows arrive, and the UI
//! thread never blocks. The monitor is a library with a thin program, `examples/monitor.rs`, so
//! that tests reach every part.
//!
//! # The essence
//!
//! Three places show how the two libraries are used:
//!
//! 1. **start a worker:** [`App::refresh_all`](app::App::refresh_all) starts one worker per table
//!    (`fetch` in `app/effects.rs`);
//! 2. **receive the rows:** they land in the table's [`Panel`](app::Panel), which holds them as a
//!    `Resource`, on the UI thread;
//! 3. **draw:** [`run::run`] waits for something to do, and [`ui::render`] draws the
//!    [`State`](app::State).
//!
//! # Modules
//!
//! ```text
//! model       rows, cells, tables; no I/O, no widgets
//! wall_clock  the time of day
//! signals     the signals that end the process
//! options     what can be set by a flag and in the file
//! cli         the command line                           → options
//! config      the configuration file and its profiles    → model, options, cli
//! source      the trait `Source` and its errors          → model
//! sources     demo and live; on worker threads only      → model, wall_clock, source
//! app         state, actions, workers; no drawing       → model, wall_clock, signals, source
//! input       terminal events to actions                 → model, app
//! ui          draws the state; changes nothing           → model, app, input
//! setup       options, environment to a source           → model, wall_clock, options, config,
//!                                                          source, sources, app
//! once        --once, --watch: without a screen          → model, cli, source
//! run         terminal, timers, workers                  → wall_clock, signals, source, app, input,
//!                                                          ui, setup
//! ```
//!
//! Each module names only modules above it: those to the right of its arrow. The table in
//! `docs/architecture.md` says the same, and the test `tests/end_to_end/tidy.rs` compares it with
//! the imports. `app` depends on the trait `Source`, not on the sources that implement it.

use std::env;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

use clap::Parser;

pub mod app;
pub mod cli;
pub mod config;
pub mod input;
pub mod model;
pub mod once;
pub mod options;
pub mod run;
pub mod setup;
pub mod signals;
pub mod source;
pub mod sources;
pub mod ui;
pub mod wall_clock;

use crate::cli::{Cli, Format};
use crate::config::Config;
use crate::once::{Completeness, Once};
use crate::run::{RunError, RunReport};
use crate::setup::Setup;
use crate::signals::{ForcedExit, GRACE, Signal, SignalEvent};
use crate::ui::{Charset, Theme};

/// Exit status: something failed.
const FAILED: u8 = 1;

/// Exit status: the command line is wrong, or there is no usable terminal.
const BAD_USAGE: u8 = 2;

/// The program: parses the command line, then prints the tables once or runs until the user quits.
///
/// Exit status: 0 on success, 1 if anything failed, 2 for wrong usage or a missing terminal.
pub fn main() -> ExitCode {
    let cli = Cli::parse().check().unwrap_or_else(|error| error.exit());
    let config = match Config::load(&cli) {
        Ok(config) => config,
        Err(error) => {
            report_error(&error.to_string());
            return ExitCode::from(BAD_USAGE);
        }
    };
    if cli.print_config {
        return write_all(&config.to_toml());
    }
    let setup = setup::setup_profiles(config.profiles);
    if cli.once || cli.watch {
        return print(&cli, &setup);
    }
    exit_code(&run::run(setup, theme(&cli)))
}

/// What the terminal shows, as the command line and the environment say.
fn theme(cli: &Cli) -> Theme {
    let no_color = env::var_os("NO_COLOR");
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].map(env::var_os);
    let charset =
        if cli.ascii { Charset::Ascii } else { Charset::for_locale(locale.each_ref().map(Option::as_deref)) };
    Theme::for_no_color(no_color.as_deref()).with_charset(charset)
}

fn print(cli: &Cli, setup: &Setup) -> ExitCode {
    let once = Once::new(setup.source.clone(), setup.settings.caps);
    let (workers, stop) = (once.workers().clone(), once.stop());
    let terminated_by: Arc<OnceLock<Signal>> = Arc::default();
    let received = terminated_by.clone();
    // What has come until then is printed, if its reader still takes it.
    let forced_exit = ForcedExit { after: GRACE, cleanup: || {} };
    let watched = signals::watch(workers.clone(), forced_exit, move |event| {
        if let SignalEvent::Terminate(signal) = event {
            received.get_or_init(|| signal);
            stop();
        }
    });
    if let Err(error) = watched {
        report_error(&RunError::Signals(error).to_string());
        return ExitCode::from(FAILED);
    }
    let mut out = io::BufWriter::new(io::stdout());
    let printed = if cli.watch {
        once.watch(setup.settings.refresh, &mut out).map(|()| Completeness::Complete)
    } else {
        once.print(cli.format.unwrap_or(Format::Table), &mut out)
    };
    workers.shutdown(GRACE);
    match (printed, terminated_by.get()) {
        (_, Some(signal)) => ExitCode::from(signal.exit_code()),
        (Ok(Completeness::Complete), None) => ExitCode::SUCCESS,
        (Ok(Completeness::Incomplete), None) => ExitCode::from(FAILED),
        (Err(error), None) => {
            report_error(&format!("the tables could not be written to standard output: {error}"));
            ExitCode::from(FAILED)
        }
    }
}

fn write_all(text: &str) -> ExitCode {
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            report_error(&format!("standard output cannot be written to: {error}"));
            ExitCode::from(FAILED)
        }
        _ => ExitCode::SUCCESS,
    }
}

fn exit_code(finished: &RunReport) -> ExitCode {
    for abandoned in &finished.abandoned {
        report_error(&format!("still running when the monitor ended: {abandoned}"));
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

/// Writes a message to standard error. A failure to write is ignored: there is nowhere left to
/// report it.
fn report_error(what: &str) {
    let _ = writeln!(io::stderr(), "monitor: {}", model::text::escape(what));
}

#[cfg(test)]
mod tests;
