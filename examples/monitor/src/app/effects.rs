//! [`App`]: the [`State`] together with what its changes need: a scope to start workers in, a
//! handle to the UI thread and a [`Source`] to fetch from.

use std::sync::Arc;

use worker_core::{Restart, Scope, StateChanged, WorkerError, WorkerState};
use worker_ui_bridge::{TimerId, UiHandle};

use super::action::Action;
use super::panel::{Activity, FetchStart, Switch};
use super::screen_request::ScreenRequest;
use super::settings::Settings;
use super::state::{Effect, Exit, State, Visible};
use super::toast::Severity;
use crate::model::Table;
use crate::source::{Batch, Source};
use crate::wall_clock::WallClock;

/// The application. It lives on the UI thread; workers reach it as the `&mut App` of a callback.
#[derive(Debug)]
pub struct App {
    state: State,
    screen_request: ScreenRequest,
    refresh_timer: Option<TimerId>,
    wall_clock: WallClock,
    /// The scope of the screen's workers. Dropping it cancels them.
    screen: Scope,
    ui: UiHandle<Self>,
    source: Arc<dyn Source>,
}

impl App {
    /// Creates a monitor that fetches from `source` with workers of `screen`. Fetches nothing
    /// before [`App::refresh_all`].
    pub fn new(
        settings: Settings,
        source: Arc<dyn Source>,
        wall_clock: WallClock,
        screen: Scope,
        ui: UiHandle<Self>,
    ) -> Self {
        let state = State::new(settings, wall_clock.now());
        Self {
            state,
            screen_request: ScreenRequest::Redraw,
            refresh_timer: None,
            wall_clock,
            screen,
            ui,
            source,
        }
    }

    /// The state, to be drawn.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Returns what the screen needs since the last call, and resets it.
    pub fn take_screen_request(&mut self) -> ScreenRequest {
        std::mem::take(&mut self.screen_request)
    }

    /// Requests an operation on the screen. The strongest request since the last draw wins.
    pub fn request_screen(&mut self, screen_request: ScreenRequest) {
        self.screen_request = self.screen_request.max(screen_request);
    }

    /// Requests a redraw.
    pub fn request_redraw(&mut self) {
        self.request_screen(ScreenRequest::Redraw);
    }

    /// Updates the time that is drawn and requests a redraw.
    fn mark_changed(&mut self) {
        self.state.now = self.wall_clock.now();
        self.request_redraw();
    }

    /// Starts the interval of the automatic refresh anew, if that is on.
    pub fn restart_refresh_timer(&mut self) {
        if let Some(timer) = self.refresh_timer.take() {
            self.ui.clear(timer);
        }
        if self.state.auto == Switch::On {
            let timer = self.ui.set_interval(self.state.settings.refresh, Self::auto_refresh);
            self.refresh_timer = Some(timer);
        }
    }

    /// Starts the fetch of every table: first all spinners, then the workers.
    pub fn refresh_all(&mut self) {
        self.fetch(&Table::ALL);
    }

    /// Fetches what an automatic refresh includes. Called by the refresh timer.
    pub fn auto_refresh(&mut self) {
        let due = self.state.tables_to_refresh();
        self.fetch(&due);
    }

    /// Applies an action of the user and runs its effect.
    pub fn dispatch(&mut self, action: Action) {
        self.mark_changed();
        let effect = self.state.apply(action);
        if let Action::RefreshAll | Action::ToggleAuto = action {
            self.restart_refresh_timer();
        }
        match effect {
            Effect::None => {}
            Effect::Fetch(tables) => {
                self.notify_already_loading(&tables);
                self.fetch(&tables);
            }
        }
    }

    /// Advances the spinners by one frame.
    pub fn advance_spinners(&mut self) {
        self.state.frame = self.state.frame.wrapping_add(1);
        self.request_redraw();
    }

    /// Updates the clock, durations and ages.
    pub fn tick(&mut self) {
        self.mark_changed();
    }

    /// Stores what the last frame had room for.
    pub fn set_visible(&mut self, visible: Visible) {
        self.state.set_visible(visible);
    }

    /// Advances the age of the visible toasts and removes the expired ones.
    pub fn age_toasts(&mut self) {
        let before = self.state.toasts.len();
        self.state.toasts.age();
        if self.state.toasts.len() != before {
            self.request_redraw();
        }
    }

    /// Shows a message.
    pub fn toast(&mut self, severity: Severity, text: impl Into<String>) {
        self.state.toasts.push(severity, None, text);
        self.request_redraw();
    }

    /// Ends the monitor. The first exit wins, except that a signal replaces the end of the input:
    /// when a terminal hangs up, both occur, and the signal is the cause.
    pub fn request_exit(&mut self, exit: Exit) {
        let current = &mut self.state.exit;
        match (&current, &exit) {
            (None | Some(Exit::InputEnded | Exit::InputFailed(_)), _) => *current = Some(exit),
            (Some(Exit::Requested | Exit::Signal(_)), _) => {}
        }
    }

    /// Handles every state change of a worker: a spinner while it is pending or running, a toast if
    /// it fails.
    pub fn on_worker_state_changed(&mut self, event: &StateChanged) {
        let Some(table) = Table::from_name(event.worker.name()) else { return };
        // The spinner may belong to a later worker by now. Only that worker may stop it.
        let later = match self.state.panels[table].activity() {
            Activity::Loading(worker) | Activity::Finishing(worker) | Activity::Restarting(worker) => {
                worker != event.worker.id()
            }
            Activity::Starting => true,
            Activity::Idle => false,
        };
        let again = !later && matches!(self.state.panels[table].activity(), Activity::Restarting(_));
        match event.state {
            // The spinner was started with the worker, and the rows may have arrived already.
            WorkerState::Pending | WorkerState::Running => return,
            WorkerState::Success | WorkerState::Cancelled if later => {}
            WorkerState::Success | WorkerState::Cancelled => {
                // Rows that have arrived have stopped the spinner and requested a redraw already.
                if self.state.panels[table].is_loading() {
                    self.mark_changed();
                }
                self.state.panels[table].stop_loading();
            }
            WorkerState::Error => {
                self.mark_changed();
                let reason = reason(event.worker.error());
                let text = format!("Error loading {table}: {reason}");
                self.state.toasts.push(Severity::Error, Some(table), text);
                if !later {
                    self.state.panels[table].fail(reason);
                }
            }
        }
        if again {
            self.fetch(&[table]);
        }
    }

    pub(super) fn load(&mut self, table: Table, batch: Batch) {
        self.state.now = self.wall_clock.now();
        self.state.load(table, batch);
        self.request_redraw();
    }

    /// Starts a worker for each of these tables that is not being fetched already. All spinners are
    /// started before the first worker.
    fn fetch(&mut self, tables: &[Table]) {
        let mut startable = tables.to_vec();
        startable.retain(|&table| self.state.panels[table].request_fetch() == FetchStart::Now);
        for table in startable {
            self.start_worker(table);
        }
        self.request_redraw();
    }

    /// Shows a toast for tables that are already loading. Without it, pressing the key would have
    /// no visible effect.
    fn notify_already_loading(&mut self, tables: &[Table]) {
        let panels = &self.state.panels;
        let loading: Vec<&str> =
            tables.iter().filter(|&&table| panels[table].is_loading()).map(|table| table.name()).collect();
        if !loading.is_empty() {
            let text = format!("Still loading {}", loading.join(", "));
            self.state.toasts.push(Severity::Information, None, text);
        }
    }

    fn start_worker(&mut self, table: Table) {
        let (source, ui) = (self.source.clone(), self.ui.clone());
        let worker = self
            .screen
            .worker(table.name())
            .group(table.name())
            // A worker that has delivered its rows may still be running.
            .restart(Restart::KeepPrevious)
            .exit_on_error(false)
            .thread(move |cx| {
                let batch = source.fetch(table, cx)?;
                let failure = batch.failure();
                ui.call_from_thread(move |app: &mut Self| Self::update(table)(app, batch))?;
                match failure {
                    None => Ok(()),
                    Some(failure) => Err(failure.into()),
                }
            });
        self.state.panels[table].set_worker(worker.id());
    }
}

/// The failure of a worker as a message for the user.
fn reason(error: Option<&WorkerError>) -> String {
    match error {
        Some(error) if error.panic().is_some() => {
            format!("{error}; this is a bug in the monitor, the other tables go on")
        }
        Some(error) => error.to_string(),
        None => "unknown error".to_owned(),
    }
}

#[cfg(test)]
mod tests;
