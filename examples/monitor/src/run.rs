//! The monitor in a terminal: ties state, picture, input, timers and workers together, and takes them apart again.
//!
//! However it ends (a key, an error, the terminal's end, a panic), the order is the same: the terminal is given back
//! first, so that whatever is said afterwards can be read; then the bridge closes and the workers are cancelled and
//! waited for, a moment.

mod panics;
mod surface;
mod terminal;
mod timers;

use std::env;
use std::io::{self, IsTerminal};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, Instant};

use crossterm::event::{self, Event};
use ratatui::layout::Rect;
use worker_core::{Abandoned, StateChanged, WorkerManager, install_panic_hook};
use worker_ui_bridge::{PumpError, UiBridge, UiHandle};

use crate::app::{App, Exit, ScreenRequest};
use crate::input::{self, Input};
use crate::setup::Setup;
use crate::signals::{self, ForcedExit, GRACE, Signal, SignalEvent};
use crate::ui::{self, Theme};
use panics::PanicRecorder;
use surface::Surface;
use terminal::Screen;
use timers::Timers;

/// A terminal that has gone is told by its signal too, which may come a little later.
const SIGNAL_WAIT: Duration = Duration::from_millis(500);

/// Why the monitor could not be run, or not to its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// Input or output is no terminal.
    #[error(
        "{0} is not a terminal, and the monitor draws on one; start it in a terminal, or use --once to print the tables"
    )]
    NoTerminal(&'static str),
    /// The terminal cannot place anything on its screen.
    #[error(
        "the terminal is a dumb one (TERM=dumb), and the monitor draws all over it; start it in another one, or use --once to print the tables"
    )]
    DumbTerminal,
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
pub struct RunReport {
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
pub fn run(setup: Setup, theme: Theme) -> RunReport {
    if let Err(error) = require_terminal() {
        return RunReport { result: Err(error), abandoned: Vec::new(), panics: Vec::new() };
    }
    let panics = PanicRecorder::install();
    // In front of all others: a worker's panic is an error of its table and nobody else's business.
    install_panic_hook();

    let mut bridge = UiBridge::new();
    let ui = bridge.handle();
    let on_change = |app: &mut App, event: &StateChanged| app.on_worker_state_changed(event);
    let workers = WorkerManager::builder().events(ui.state_changes(on_change)).build();
    let mut app = App::new(setup.settings, setup.source, setup.wall_clock, workers.scope("monitor"), ui);

    let outcome = catch_unwind(AssertUnwindSafe(|| {
        // Before the terminal is taken: from then on nothing may end the process without giving it back.
        watch_signals(&workers, bridge.handle()).map_err(RunError::Signals)?;
        let result = run_in_terminal(&mut app, &mut bridge, theme);
        resolve_exit(result, &mut app, &mut bridge)
    }));
    bridge.close();
    drop(app);
    drop(bridge);
    let report = workers.shutdown(GRACE);
    let panics = panics.into_messages();
    match outcome {
        Ok(result) => RunReport { result, abandoned: report.abandoned, panics },
        Err(panic) => resume_unwind(panic),
    }
}

fn require_terminal() -> Result<(), RunError> {
    if !io::stdin().is_terminal() {
        return Err(RunError::NoTerminal("standard input"));
    }
    if !io::stdout().is_terminal() {
        return Err(RunError::NoTerminal("standard output"));
    }
    if env::var_os("TERM").is_some_and(|term| term == "dumb") {
        return Err(RunError::DumbTerminal);
    }
    Ok(())
}

fn watch_signals(workers: &WorkerManager, ui: UiHandle<App>) -> io::Result<()> {
    // The UI thread ends everything in order, unless it hangs, on a terminal that nobody reads for example.
    let forced_exit = ForcedExit { after: GRACE, cleanup: terminal::restore_mode };
    signals::watch(workers.clone(), forced_exit, move |event| {
        // A full queue is one of a UI thread that hangs.
        let _ = ui.try_post(move |app: &mut App| match event {
            SignalEvent::Terminate(signal) => app.request_exit(Exit::Signal(signal)),
            SignalEvent::Continue => app.request_screen(ScreenRequest::Reacquire),
        });
    })
}

/// Why it ended: when a terminal hangs up, reading it, drawing on it and the signal race each other.
fn resolve_exit(
    result: Result<(), RunError>,
    app: &mut App,
    bridge: &mut UiBridge<App>,
) -> Result<(), RunError> {
    if !matches!(result, Err(RunError::Terminal(_) | RunError::Input(_) | RunError::InputEnded)) {
        return result;
    }
    let until = Instant::now() + SIGNAL_WAIT;
    while let Some(left) = until.checked_duration_since(Instant::now()) {
        if bridge.wait_timeout(app, left).is_err() {
            break;
        }
        if let Some(Exit::Signal(signal)) = app.state().exit {
            return Err(RunError::Signal(signal));
        }
    }
    result
}

/// From the setting up of the terminal to its giving back.
fn run_in_terminal(app: &mut App, bridge: &mut UiBridge<App>, theme: Theme) -> Result<(), RunError> {
    let mut screen = Screen::enter().map_err(RunError::Terminal)?;
    bridge
        .handle()
        .source("terminal", event::read, |app: &mut App, reading: io::Result<Event>| match reading {
            Ok(event) => match input::map_event(&event) {
                Input::Action(action) => app.dispatch(action),
                Input::Screen(request) => app.request_screen(request),
                Input::Ignored => {}
            },
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => app.request_exit(Exit::InputEnded),
            Err(error) => app.request_exit(Exit::InputFailed(error.to_string())),
        })
        .map_err(RunError::Terminal)?;
    app.refresh_all();
    let mut timers = Timers::default();
    loop {
        match &app.state().exit {
            None => {}
            Some(Exit::Requested) => return Ok(()),
            Some(Exit::InputEnded) => return Err(RunError::InputEnded),
            Some(Exit::Signal(signal)) => return Err(RunError::Signal(*signal)),
            Some(Exit::InputFailed(why)) => return Err(RunError::Input(why.clone())),
        }
        prepare_turn(&mut screen, &mut timers, bridge, app, theme).map_err(RunError::Terminal)?;
        let _turn = bridge.wait(app)?;
    }
}

/// What the loop does before each turn.
fn prepare_turn(
    surface: &mut impl Surface,
    timers: &mut Timers,
    bridge: &mut UiBridge<App>,
    app: &mut App,
    theme: Theme,
) -> io::Result<()> {
    redraw_if_needed(surface, app, theme)?;
    timers.sync(bridge, app);
    Ok(())
}

/// Does what the screen needs.
fn redraw_if_needed(surface: &mut impl Surface, app: &mut App, theme: Theme) -> io::Result<()> {
    match app.take_screen_request() {
        ScreenRequest::None => return Ok(()),
        ScreenRequest::Redraw => {}
        ScreenRequest::RedrawAll => surface.invalidate()?,
        ScreenRequest::Reacquire => surface.reacquire()?,
        ScreenRequest::Suspend => surface.suspend()?,
    }
    let mut area = Rect::ZERO;
    surface.draw(|frame| {
        area = frame.area();
        ui::render(frame, app.state(), theme);
    })?;
    let visible = ui::visible(area, app.state());
    app.set_visible(visible);
    Ok(())
}

#[cfg(test)]
mod tests;
