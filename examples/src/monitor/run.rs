//! The monitor in a terminal: ties state, picture, input, timers and workers together, and takes them apart again.
//!
//! However it ends (a key, an error, the terminal's end, a panic), the order is the same: the terminal is given back
//! first, so that whatever is said afterwards can be read; then the bridge closes and the workers are cancelled and
//! waited for, a moment.

mod panics;
mod terminal;
mod timers;

use std::io::{self, IsTerminal};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::Duration;

use crossterm::event::{self, Event};
use worker_core::{Abandoned, StateChanged, WorkerManager, install_panic_hook};
use worker_ui_bridge::{PumpError, UiBridge};

use super::app::{App, Exit};
use super::input::{self, Input};
use super::setup::Setup;
use super::signals::{EndSignals, Signal};
use super::ui::{self, Theme};
use panics::PanicWatch;
use terminal::Screen;
use timers::Timers;

/// How long workers are waited for when the monitor ends.
pub const GRACE: Duration = Duration::from_secs(2);

/// Why the monitor could not be run, or not to its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// Input or output is no terminal.
    #[error(
        "{0} is not a terminal, and the monitor draws on one; start it in a terminal, or use --once to print the tables"
    )]
    NoTerminal(&'static str),
    /// The terminal cannot be set up, or not be drawn on.
    #[error(
        "the terminal cannot be used: {0}; start the monitor in another one, or use --once to print the tables"
    )]
    Terminal(#[source] io::Error),
    /// The terminal cannot be read.
    #[error("the terminal cannot be read: {0}")]
    Input(String),
    /// Signals cannot be caught.
    #[error("signals cannot be caught: {0}; close other programs and start the monitor again")]
    Signals(#[source] io::Error),
    /// The terminal has gone.
    #[error("the terminal's input has ended")]
    InputEnded,
    /// The process was asked to end.
    #[error("ended by {}", .0.name())]
    Signal(Signal),
    /// The loop has ended by itself.
    #[error("the monitor stopped: {0}")]
    Stopped(#[from] PumpError),
}

/// The end of a run.
#[derive(Debug)]
pub struct Finished {
    /// Whether the person asked for it.
    pub result: Result<(), RunError>,
    /// Workers that would not stop. Their threads end with the process.
    pub abandoned: Vec<Abandoned>,
    /// What threads other than the UI's and the workers' have said when they panicked.
    pub panics: Vec<String>,
}

/// Runs the monitor until somebody leaves it.
///
/// # Panics
///
/// A panic on the UI thread (while drawing, or in a callback) goes on from here, after the terminal has been given
/// back.
pub fn run(setup: Setup, theme: Theme) -> Finished {
    if let Err(error) = need_terminal() {
        return Finished { result: Err(error), abandoned: Vec::new(), panics: Vec::new() };
    }
    let panics = PanicWatch::install();
    // In front of all others: a worker's panic is an error of its table and nobody else's business.
    install_panic_hook();

    let mut bridge = UiBridge::new();
    let ui = bridge.handle();
    let on_change = |app: &mut App, event: &StateChanged| app.on_worker_state_changed(event);
    let workers = WorkerManager::builder().events(ui.state_changes(on_change)).build();
    let mut app = App::new(setup.settings, setup.source, setup.wall, workers.scope("monitor"), ui);

    let outcome = catch_unwind(AssertUnwindSafe(|| live(&mut app, &mut bridge, theme)));
    bridge.close();
    drop(app);
    drop(bridge);
    let report = workers.shutdown(GRACE);
    let panics = panics.said();
    match outcome {
        Ok(result) => Finished { result, abandoned: report.abandoned, panics },
        Err(panic) => resume_unwind(panic),
    }
}

fn need_terminal() -> Result<(), RunError> {
    if !io::stdin().is_terminal() {
        return Err(RunError::NoTerminal("standard input"));
    }
    if !io::stdout().is_terminal() {
        return Err(RunError::NoTerminal("standard output"));
    }
    Ok(())
}

/// From the setting up of the terminal to its giving back.
fn live(app: &mut App, bridge: &mut UiBridge<App>, theme: Theme) -> Result<(), RunError> {
    let mut screen = Screen::enter().map_err(RunError::Terminal)?;
    bridge
        .handle()
        .source("terminal", event::read, |app: &mut App, reading: io::Result<Event>| match reading {
            Ok(event) => match input::meaning(&event) {
                Input::Act(action) => app.act(action),
                Input::Redraw => app.redraw(),
                Input::Nothing => {}
            },
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => app.leave(Exit::InputEnded),
            Err(error) => app.leave(Exit::InputFailed(error.to_string())),
        })
        .map_err(RunError::Terminal)?;
    let mut signals = EndSignals::catch().map_err(RunError::Signals)?;
    bridge
        .handle()
        .source(
            "signals",
            move || signals.wait(),
            |app: &mut App, signal: Option<Signal>| {
                if let Some(signal) = signal {
                    app.leave(Exit::Signal(signal));
                }
            },
        )
        .map_err(RunError::Signals)?;
    app.refresh_all();
    let mut timers = Timers::default();
    loop {
        match &app.state().exit {
            None => {}
            Some(Exit::Asked) => return Ok(()),
            Some(Exit::InputEnded) => return Err(RunError::InputEnded),
            Some(Exit::Signal(signal)) => return Err(RunError::Signal(*signal)),
            Some(Exit::InputFailed(why)) => return Err(RunError::Input(why.clone())),
        }
        timers.follow(bridge, app);
        if app.take_outdated() {
            screen.draw(|frame| ui::render(frame, app.state(), theme)).map_err(RunError::Terminal)?;
        }
        let _turn = bridge.wait(app)?;
    }
}
