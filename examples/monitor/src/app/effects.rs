//! The state together with the means to act: workers, the way back from them, and a source to fetch from.

use std::sync::Arc;

use worker_core::{Restart, Scope, StateChanged, WorkerError, WorkerState};
use worker_ui_bridge::UiHandle;

use super::state::Request;
use super::{Action, Activity, Exit, Seen, Settings, Severity, Start, State, Upkeep};
use crate::model::Table;
use crate::source::{Batch, Source};
use crate::wall::Wall;

/// The application. It lives on the UI thread; workers reach it as the `&mut App` of a callback.
#[derive(Debug)]
pub struct App {
    state: State,
    upkeep: Upkeep,
    refreshes: u64,
    wall: Wall,
    /// The screen's workers: dropping it cancels them.
    screen: Scope,
    ui: UiHandle<Self>,
    source: Arc<dyn Source>,
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
        Self { state, upkeep: Upkeep::Draw, refreshes: 0, wall, screen, ui, source }
    }

    /// What is to be drawn.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// What the screen needs since the last call.
    pub fn take_upkeep(&mut self) -> Upkeep {
        std::mem::take(&mut self.upkeep)
    }

    /// Asks for something to be done about the screen.
    pub fn ask_for(&mut self, upkeep: Upkeep) {
        self.upkeep = self.upkeep.max(upkeep);
    }

    /// Asks for a redraw.
    pub fn redraw(&mut self) {
        self.ask_for(Upkeep::Draw);
    }

    /// The state has changed: what is drawn of it is as of now.
    fn changed(&mut self) {
        self.state.now = self.wall.now();
        self.redraw();
    }

    /// How often a person has refreshed all tables: each time, the automatic refresh waits anew.
    pub fn refreshes(&self) -> u64 {
        self.refreshes
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
        self.changed();
        match self.state.act(action) {
            Request::Nothing => {}
            Request::Fetch(tables) => {
                if action == Action::RefreshAll {
                    self.refreshes += 1;
                }
                self.tell_of_loading(&tables);
                self.fetch(&tables);
            }
        }
    }

    /// Turns the spinners by one frame.
    pub fn turn_spinners(&mut self) {
        self.state.frame = self.state.frame.wrapping_add(1);
        self.redraw();
    }

    /// Lets durations and ages tick.
    pub fn tick(&mut self) {
        self.changed();
    }

    /// Takes note of what could be seen of the last picture.
    pub fn see(&mut self, seen: Seen) {
        self.state.see(seen);
    }

    /// Lets the toasts in view grow older, and takes those away whose time is over.
    pub fn age_toasts(&mut self) {
        let before = self.state.toasts.len();
        self.state.toasts.age();
        if self.state.toasts.len() != before {
            self.redraw();
        }
    }

    /// Shows a message.
    pub fn toast(&mut self, severity: Severity, text: impl Into<String>) {
        self.state.toasts.push(severity, None, text);
        self.redraw();
    }

    /// Ends the monitor. What comes first counts, but for a terminal that has gone: its signal says why.
    pub fn leave(&mut self, why: Exit) {
        let exit = &mut self.state.exit;
        match (&exit, &why) {
            (None | Some(Exit::InputEnded | Exit::InputFailed(_)), _) => *exit = Some(why),
            (Some(Exit::Asked | Exit::Signal(_)), _) => {}
        }
    }

    /// The one handler for whatever happens to workers: a spinner while they wait and run, a toast if they fail.
    pub fn on_worker_state_changed(&mut self, event: &StateChanged) {
        let Some(table) = Table::from_name(event.worker.name()) else { return };
        // A spinner may by now turn for a later worker: only its own may stop it.
        let later = match self.state.panels[table].activity() {
            Activity::Loading(worker) | Activity::Ending(worker) | Activity::Again(worker) => {
                worker != event.worker.id()
            }
            Activity::Starting => true,
            Activity::Idle => false,
        };
        let again = !later && matches!(self.state.panels[table].activity(), Activity::Again(_));
        match event.state {
            // The spinner was turned on when the worker was started, and its rows may already have come.
            WorkerState::Pending | WorkerState::Running => return,
            WorkerState::Success | WorkerState::Cancelled if later => {}
            WorkerState::Success | WorkerState::Cancelled => {
                // Rows that have come have stopped the spinner, and have been drawn.
                if self.state.panels[table].is_loading() {
                    self.changed();
                }
                self.state.panels[table].stop();
            }
            WorkerState::Error => {
                self.changed();
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
        self.state.now = self.wall.now();
        self.state.load(table, batch);
        self.redraw();
    }

    /// Starts a worker for each of these tables that is not being fetched already. The spinners come first.
    fn fetch(&mut self, tables: &[Table]) {
        let mut startable = tables.to_vec();
        startable.retain(|&table| self.state.panels[table].start() == Start::Now);
        for table in startable {
            self.start_worker(table);
        }
        self.redraw();
    }

    /// A person who asks for what is already under way is told so: nothing else would show that the key was heard.
    fn tell_of_loading(&mut self, tables: &[Table]) {
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
