//! [`run`]: the monitor in a terminal. It connects state, drawing, input, timers and workers, and
//! shuts them down in order.
//!
//! The order of the shutdown is always the same, whether a key, an error, the end of the terminal
//! or a panic ends the monitor: first the terminal is restored, so that later messages are
//! readable; then the bridge is closed; then the workers are cancelled and waited for, at most
//! [`GRACE`].

mod panics;
mod sequences;
mod surface;
mod terminal;

use std::env;
use std::io::{self, IsTerminal};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, Instant};

use crossterm::event::{self, Event};
use ratatui::layout::Rect;
use worker_core::{Abandoned, Scope, StateChanged, WorkerManager, install_panic_hook};
use worker_ui_bridge::{PumpError, UiBridge, UiHandle};

use crate::app::{App, Exit, ScreenRequest, Settings, Switch, Toasts};
use crate::input::{self, Input, Mode};
use crate::setup::Setup;
use crate::signals::{self, ForcedExit, GRACE, Signal, SignalEvent};
use crate::source::Fetcher;
use crate::ui::{self, Theme};
use crate::wall_clock::WallClock;
use panics::PanicRecorder;
use surface::Surface;
use terminal::Screen;

/// Eight frames a second.
const SPINNER: Duration = Duration::from_millis(125);

/// The time of day, durations and ages are shown in seconds.
const CLOCK: Duration = Duration::from_secs(1);

/// How long to wait for the signal of a terminal that has hung up. It may arrive after the read
/// error.
const SIGNAL_WAIT: Duration = Duration::from_millis(500);

/// Why the monitor could not start, or ended early.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// Standard input or output is not a terminal.
    #[error("{0} is not a terminal; start the monitor in a terminal, or use --once to print the tables")]
    NoTerminal(&'static str),
    /// The terminal has no cursor addressing.
    #[error(
        "the terminal cannot position its cursor (TERM=dumb); start the monitor in another terminal, or use --once to print the tables"
    )]
    DumbTerminal,
    /// The terminal could not be set up or drawn on.
    #[error(
        "the terminal cannot be used: {0}; start the monitor in another terminal, or use --once to print the tables"
    )]
    Terminal(io::Error),
    /// The terminal could not be read.
    #[error("the terminal cannot be read: {0}")]
    Input(String),
    /// Signal handlers could not be installed.
    #[error("signal handlers could not be installed: {0}; start the monitor again")]
    Signals(io::Error),
    /// The terminal's input ended.
    #[error("the terminal's input has ended")]
    InputEnded,
    /// A signal asked the process to terminate.
    #[error("ended by {}", .0.name())]
    Signal(Signal),
    /// The bridge stopped with an error.
    #[error(transparent)]
    Stopped(#[from] PumpError),
}

/// How a run ended.
#[derive(Debug)]
pub struct RunReport {
    /// `Ok` if the user quit.
    pub result: Result<(), RunError>,
    /// Workers that did not stop. Their threads end with the process.
    pub abandoned: Vec<Abandoned>,
    /// Messages of panics on threads other than the UI thread and the workers.
    pub panics: Vec<String>,
}

/// Runs the monitor until the user quits.
///
/// # Panics
///
/// A panic on the UI thread, while drawing or in a callback, is resumed after the terminal has been
/// restored.
pub fn run(setup: Setup, theme: Theme) -> RunReport {
    if let Err(error) = require_terminal() {
        return RunReport { result: Err(error), abandoned: Vec::new(), panics: Vec::new() };
    }
    let panics = PanicRecorder::install();
    // Installed last, so it runs first: it handles panics of workers, which become errors of their
    // tables.
    install_panic_hook();

    let mut bridge = UiBridge::new();
    let ui = bridge.handle();
    let on_change = |app: &mut App, event: &StateChanged| app.on_worker_state_changed(event);
    let workers = WorkerManager::builder().events(ui.state_changes(on_change)).build();
    let mut screens = Screens { setup, workers: workers.clone() };
    let (settings, fetcher, wall_clock, scope) = screens.current();
    let mut app = App::new(settings, fetcher, wall_clock, scope, ui);

    let outcome = catch_unwind(AssertUnwindSafe(|| {
        // Signals are watched before the terminal is set up, so that every signal restores it.
        watch_signals(&workers, bridge.handle()).map_err(RunError::Signals)?;
        let mouse = screens.setup.mouse;
        let result = run_in_terminal(&mut app, &mut bridge, &mut screens, theme, mouse);
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
    // The UI thread shuts down in order. If it hangs, for example on a terminal that is not read,
    // the signal thread ends the process.
    let forced_exit = ForcedExit { after: GRACE, cleanup: terminal::restore_mode };
    signals::watch(workers.clone(), forced_exit, move |event| {
        // The queue is full only if the UI thread hangs; then the forced exit follows.
        let _ = ui.try_post(move |app: &mut App| match event {
            SignalEvent::Terminate(signal) => app.request_exit(Exit::Signal(signal)),
            SignalEvent::Continue => app.request_screen(ScreenRequest::Reacquire),
        });
    })
}

/// Returns the cause of the exit. When a terminal hangs up, the read error, the write error and the
/// signal race; the signal is the cause.
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

/// Makes what a screen needs, for each profile.
struct Screens {
    setup: Setup,
    workers: WorkerManager,
}

impl Screens {
    fn current(&self) -> (Settings, Fetcher, WallClock, Scope) {
        let Setup { source, wall_clock, settings, .. } = self.setup.clone();
        (settings, Fetcher::new(source, self.workers.clone()), wall_clock, self.workers.scope("monitor"))
    }

    /// Switches to the next profile, if that was asked for.
    fn change_if_requested(&mut self, app: &mut App) {
        if !app.take_profile_request() {
            return;
        }
        match self.setup.next_profile() {
            Some(setup) => {
                self.setup = setup;
                let (settings, fetcher, wall_clock, scope) = self.current();
                app.change_profile(settings, fetcher, wall_clock, scope);
            }
            None => app.report_no_other_profile(),
        }
    }
}

/// Sets the terminal up, runs the loop and restores the terminal.
fn run_in_terminal(
    app: &mut App,
    bridge: &mut UiBridge<App>,
    screens: &mut Screens,
    theme: Theme,
    mouse: Switch,
) -> Result<(), RunError> {
    let mut screen = Screen::enter(mouse).map_err(RunError::Terminal)?;
    bridge
        .handle()
        .source("terminal", event::read, |app: &mut App, reading: io::Result<Event>| match reading {
            Ok(event) => on_event(app, &event),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => app.request_exit(Exit::InputEnded),
            Err(error) => app.request_exit(Exit::InputFailed(error.to_string())),
        })
        .map_err(RunError::Terminal)?;
    set_timers(bridge, app);
    app.refresh_all();
    loop {
        match &app.state().exit {
            None => {}
            Some(Exit::Requested) => return Ok(()),
            Some(Exit::InputEnded) => return Err(RunError::InputEnded),
            Some(Exit::Signal(signal)) => return Err(RunError::Signal(*signal)),
            Some(Exit::InputFailed(why)) => return Err(RunError::Input(why.clone())),
        }
        screens.change_if_requested(app);
        draw(&mut screen, app, theme).map_err(RunError::Terminal)?;
        bridge.next_frame(app)?;
    }
}

fn on_event(app: &mut App, event: &Event) {
    match input::map_event(event, Mode::of(app.state())) {
        Input::Action(action) => app.dispatch(action),
        Input::Paste(text) => app.paste(text),
        Input::Mouse(mouse) => {
            if let Some(action) = ui::action_at(mouse, app.state()) {
                app.dispatch(action);
            }
        }
        Input::Screen(request) => app.request_screen(request),
        Input::Ignored => {}
    }
}

/// Sets the timers. Those that the state does not need now make no wake-ups: an idle screen has
/// only those of its clock.
fn set_timers(bridge: &mut UiBridge<App>, app: &mut App) {
    bridge.set_interval(CLOCK, |_| {}); // the next frame shows the time
    bridge.set_interval_while(SPINNER, |app: &App| app.state().is_loading(), App::advance_spinners);
    let shows_toasts = |app: &App| app.state().toasts.visible() > 0;
    bridge.set_interval_while(Toasts::TICK, shows_toasts, App::age_toasts);
    app.restart_refresh_timer();
}

/// Carries out the pending [`ScreenRequest`] and draws.
fn draw(surface: &mut impl Surface, app: &mut App, theme: Theme) -> io::Result<()> {
    match app.take_screen_request() {
        None => {}
        Some(ScreenRequest::RedrawAll) => surface.invalidate()?,
        Some(ScreenRequest::Reacquire) => surface.reacquire()?,
        Some(ScreenRequest::Suspend) => surface.suspend()?,
    }
    for output in app.take_terminal_output() {
        surface.write(&sequences::sequence(&output))?;
    }
    app.prepare_frame();
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
