//! The five-table monitor: builds, launch agent executions, Vertex AI jobs, and active and completed W&B runs.
//!
//! Five workers fetch side by side, each table is shown the moment its own rows come, and the UI thread never waits
//! for any of them. It is a library, with a thin program on top, so that tests reach every part.
//!
//! ```text
//! model ◄── sources   demo and live; run on worker threads only
//!   ▲ ▲       ▲
//!   │ └────── app     state, one update function per table, toasts; no drawing
//!   │          ▲
//!   └── ui ────┤      the picture of the state; changes nothing
//!        input ┤      keys and what they mean
//!          run ┘      terminal, timers, workers: ties it all together
//! cli ◄─ setup        command line and environment → a source
//! once                --once: the same sources without a screen
//! signals             what asks the process to end
//! ```

use std::io::{self, Write};
use std::process::{self, ExitCode};
use std::sync::{Arc, OnceLock};
use std::thread;

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
pub mod sources;
pub mod ui;
pub mod wall;

use cli::Cli;
use once::Verdict;
use run::{Finished, RunError};
use setup::Setup;
use signals::{EndSignals, Signal};

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
    say_goodbye(&run::run(setup, theme))
}

fn print_once(cli: &Cli, setup: &Setup) -> ExitCode {
    let workers = WorkerManager::new();
    let asked_to_end = match end_on_signal(&workers) {
        Ok(asked_to_end) => asked_to_end,
        Err(error) => {
            complain(&format!("signals cannot be caught: {error}; close other programs and try again"));
            return ExitCode::from(FAILED);
        }
    };
    let reports = once::fetch(&workers, &setup.source);
    if let Some(signal) = asked_to_end.get() {
        return ExitCode::from(signal.exit_code());
    }
    let mut out = io::BufWriter::new(io::stdout());
    if let Err(error) = reports.print(cli.format, &mut out) {
        complain(&format!("the tables could not be written to standard output: {error}"));
        return ExitCode::from(FAILED);
    }
    match reports.verdict() {
        Verdict::Complete => ExitCode::SUCCESS,
        Verdict::Incomplete => ExitCode::from(FAILED),
    }
}

/// On a signal, ends the workers, so that nothing they started outlives the process; then the process, if it has not
/// ended by then.
fn end_on_signal(workers: &WorkerManager) -> io::Result<Arc<OnceLock<Signal>>> {
    let mut signals = EndSignals::catch()?;
    let asked_to_end = Arc::new(OnceLock::new());
    let (workers, asked) = (workers.clone(), asked_to_end.clone());
    thread::Builder::new().name("signals".to_owned()).spawn(move || {
        if let Some(signal) = signals.wait() {
            asked.get_or_init(|| signal);
            workers.shutdown(run::GRACE);
            process::exit(i32::from(signal.exit_code()));
        }
    })?;
    Ok(asked_to_end)
}

fn say_goodbye(finished: &Finished) -> ExitCode {
    for abandoned in &finished.abandoned {
        complain(&format!("still at work when the monitor ended: {abandoned}"));
    }
    for panic in &finished.panics {
        complain(panic);
    }
    match &finished.result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error.to_string());
            ExitCode::from(match error {
                RunError::NoTerminal(_) => BAD_USAGE,
                RunError::Signal(signal) => signal.exit_code(),
                _ => FAILED,
            })
        }
    }
}

/// Says something on standard error. If that cannot be written to either, there is nobody left to tell.
fn complain(what: &str) {
    let _ = writeln!(io::stderr(), "monitor: {}", model::text::escape(what));
}
