//! The state together with the means to act: workers, the way back from them, and a source to fetch from.

use std::sync::Arc;

use worker_core::{Restart, Scope, StateChanged, WorkerError, WorkerState};
use worker_ui_bridge::UiHandle;

use super::action::Action;
use super::panel::{Activity, FetchStart};
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
    manual_refreshes: u64,
    wall_clock: WallClock,
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
        wall_clock: WallClock,
        screen: Scope,
        ui: UiHandle<Self>,
    ) -> Self {
        let state = State::new(settings, wall_clock.now());
        Self {
            state,
            screen_request: ScreenRequest::Redraw,
            manual_refreshes: 0,
            wall_clock,
            screen,
            ui,
            source,
        }
    }

    /// What is to be drawn.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// What the screen needs since the last call.
    pub fn take_screen_request(&mut self) -> ScreenRequest {
        std::mem::take(&mut self.screen_request)
    }

    /// Asks for something to be done about the screen.
    pub fn request_screen(&mut self, screen_request: ScreenRequest) {
        self.screen_request = self.screen_request.max(screen_request);
    }

    /// Asks for a redraw.
    pub fn request_redraw(&mut self) {
        self.request_screen(ScreenRequest::Redraw);
    }

    /// The state has changed: what is drawn of it is as of now.
    fn mark_changed(&mut self) {
        self.state.now = self.wall_clock.now();
        self.request_redraw();
    }

    /// How often a person has refreshed all tables: each time, the automatic refresh waits anew.
    pub fn manual_refreshes(&self) -> u64 {
        self.manual_refreshes
    }

    /// Turns all spinners on, then starts all workers.
    pub fn refresh_all(&mut self) {
        self.fetch(&Table::ALL);
    }

    /// Does what the timer of the automatic refresh asks for.
    pub fn auto_refresh(&mut self) {
        let due = self.state.tables_to_refresh();
        self.fetch(&due);
    }

    /// Does what a person asked for.
    pub fn dispatch(&mut self, action: Action) {
        self.mark_changed();
        match self.state.apply(action) {
            Effect::None => {}
            Effect::Fetch(tables) => {
                if action == Action::RefreshAll {
                    self.manual_refreshes += 1;
                }
                self.notify_already_loading(&tables);
                self.fetch(&tables);
            }
        }
    }

    /// Turns the spinners by one frame.
    pub fn advance_spinners(&mut self) {
        self.state.frame = self.state.frame.wrapping_add(1);
        self.request_redraw();
    }

    /// Lets durations and ages tick.
    pub fn tick(&mut self) {
        self.mark_changed();
    }

    /// Takes note of what could be seen of the last picture.
    pub fn set_visible(&mut self, visible: Visible) {
        self.state.set_visible(visible);
    }

    /// Lets the toasts in view grow older, and takes those away whose time is over.
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

    /// Ends the monitor. What comes first counts, but for a terminal that has gone: its signal says why.
    pub fn request_exit(&mut self, exit: Exit) {
        let current = &mut self.state.exit;
        match (&current, &exit) {
            (None | Some(Exit::InputEnded | Exit::InputFailed(_)), _) => *current = Some(exit),
            (Some(Exit::Requested | Exit::Signal(_)), _) => {}
        }
    }

    /// The one handler for whatever happens to workers: a spinner while they wait and run, a toast if they fail.
    pub fn on_worker_state_changed(&mut self, event: &StateChanged) {
        let Some(table) = Table::from_name(event.worker.name()) else { return };
        // A spinner may by now turn for a later worker: only its own may stop it.
        let later = match self.state.panels[table].activity() {
            Activity::Loading(worker) | Activity::Finishing(worker) | Activity::Restarting(worker) => {
                worker != event.worker.id()
            }
            Activity::Starting => true,
            Activity::Idle => false,
        };
        let again = !later && matches!(self.state.panels[table].activity(), Activity::Restarting(_));
        match event.state {
            // The spinner was turned on when the worker was started, and its rows may already have come.
            WorkerState::Pending | WorkerState::Running => return,
            WorkerState::Success | WorkerState::Cancelled if later => {}
            WorkerState::Success | WorkerState::Cancelled => {
                // Rows that have come have stopped the spinner, and have been drawn.
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

    /// Starts a worker for each of these tables that is not being fetched already. The spinners come first.
    fn fetch(&mut self, tables: &[Table]) {
        let mut startable = tables.to_vec();
        startable.retain(|&table| self.state.panels[table].request_fetch() == FetchStart::Now);
        for table in startable {
            self.start_worker(table);
        }
        self.request_redraw();
    }

    /// A person who asks for what is already under way is told so: nothing else would show that the key was heard.
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
        self.state.panels[table].set_worker(worker.id());
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
