//! The state together with the means to act: workers, the way back from them, and a source to fetch from.

use std::sync::Arc;

use worker_core::{Restart, Scope, StateChanged, WorkerError, WorkerState};
use worker_ui_bridge::UiHandle;

use super::super::model::Table;
use super::super::sources::{Batch, Source};
use super::super::wall::Wall;
use super::state::Request;
use super::{Action, Activity, Exit, Settings, Severity, State, ToastId};

/// The application. It lives on the UI thread; workers reach it as the `&mut App` of a callback.
#[derive(Debug)]
pub struct App {
    state: State,
    drawn: Drawn,
    wall: Wall,
    /// The screen's workers: dropping it cancels them.
    screen: Scope,
    ui: UiHandle<Self>,
    source: Arc<dyn Source>,
}

/// Whether the screen shows the state as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Drawn {
    Current,
    Outdated,
}

impl App {
    /// A monitor that fetches from `source` with workers of `screen`. Nothing is fetched before [`App::refresh_all`].
    pub fn new(
        settings: Settings,
        source: Arc<dyn Source>,
        wall: Wall,
        screen: Scope,
        ui: UiHandle<Self>,
    ) -> Self {
        let state = State::new(settings, wall.now());
        Self { state, drawn: Drawn::Outdated, wall, screen, ui, source }
    }

    /// What is to be drawn.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Whether something has changed since the last call: then it is time to draw.
    pub fn take_outdated(&mut self) -> bool {
        std::mem::replace(&mut self.drawn, Drawn::Current) == Drawn::Outdated
    }

    /// Asks for a redraw.
    pub fn redraw(&mut self) {
        self.drawn = Drawn::Outdated;
    }

    /// Turns all spinners on, then starts all workers.
    pub fn refresh_all(&mut self) {
        self.fetch(&Table::ALL);
    }

    /// Does what the timer of the automatic refresh asks for.
    pub fn auto_refresh(&mut self) {
        let due = self.state.due();
        self.fetch(&due);
    }

    /// Does what a person asked for.
    pub fn act(&mut self, action: Action) {
        self.state.now = self.wall.now();
        self.redraw();
        match self.state.act(action) {
            Request::Nothing => {}
            Request::Fetch(tables) => self.fetch(&tables),
        }
    }

    /// Turns the spinners by one frame.
    pub fn turn_spinners(&mut self) {
        self.state.frame = self.state.frame.wrapping_add(1);
        self.redraw();
    }

    /// Lets durations and ages tick.
    pub fn tick(&mut self) {
        self.state.now = self.wall.now();
        self.redraw();
    }

    /// Takes a toast away, its time being over.
    pub fn dismiss(&mut self, toast: ToastId) {
        self.state.toasts.dismiss(toast);
        self.redraw();
    }

    /// The toasts that have just come into view and want a timer.
    pub fn take_new_toasts(&mut self) -> Vec<(ToastId, std::time::Duration)> {
        self.state.toasts.take_new()
    }

    /// Shows a message.
    pub fn toast(&mut self, severity: Severity, text: impl Into<String>) {
        self.state.toasts.push(severity, text);
        self.redraw();
    }

    /// Ends the monitor.
    pub fn leave(&mut self, why: Exit) {
        self.state.exit.get_or_insert(why);
    }

    /// The one handler for whatever happens to workers: a spinner while they wait and run, a toast if they fail.
    pub fn on_worker_state_changed(&mut self, event: &StateChanged) {
        let Some(table) = Table::from_name(event.worker.name()) else { return };
        self.state.now = self.wall.now();
        self.redraw();
        // A spinner may by now turn for a later worker: only its own may stop it.
        let later = match self.state.panels[table].activity() {
            Activity::Loading(worker) => worker != event.worker.id(),
            Activity::Starting => true,
            Activity::Idle => false,
        };
        match event.state {
            // The spinner was turned on when the worker was started, and its rows may already have come.
            WorkerState::Pending | WorkerState::Running => {}
            WorkerState::Success | WorkerState::Cancelled if later => {}
            WorkerState::Success | WorkerState::Cancelled => self.state.panels[table].stop(),
            WorkerState::Error => {
                let reason = reason(event.worker.error());
                self.state.toasts.push(Severity::Error, format!("Error loading {table}: {reason}"));
                if !later {
                    self.state.panels[table].fail(reason);
                }
            }
        }
    }

    pub(super) fn load(&mut self, table: Table, batch: Batch) {
        self.state.now = self.wall.now();
        self.state.load(table, batch);
        self.redraw();
    }

    /// Starts a worker for each of these tables that is not being fetched already. The spinners come first.
    fn fetch(&mut self, tables: &[Table]) {
        let idle: Vec<Table> =
            tables.iter().copied().filter(|&table| !self.state.panels[table].is_loading()).collect();
        for &table in &idle {
            self.state.panels[table].start();
        }
        for &table in &idle {
            self.start_worker(table);
        }
        self.redraw();
    }

    fn start_worker(&mut self, table: Table) {
        let (source, ui) = (self.source.clone(), self.ui.clone());
        let worker = self
            .screen
            .worker(table.name())
            .group(table.name())
            // A worker that has handed over its rows may not have ended yet.
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
        self.state.panels[table].fetching(worker.id());
    }
}

/// Why a worker failed, for a person.
fn reason(error: Option<&WorkerError>) -> String {
    match error {
        Some(error) if error.panic().is_some() => {
            format!("{error}; this is a bug in the monitor, the other tables go on")
        }
        Some(error) => error.to_string(),
        None => "for no reason it gave".to_owned(),
    }
}

#[cfg(test)]
mod tests;
