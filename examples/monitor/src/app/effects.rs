//! [`App`]: the [`State`] together with what its changes need: a scope to start workers in, a
//! handle to the UI thread and a [`Fetcher`].

use jiff::SignedDuration;
use worker_core::{Scope, StateChanged, WorkerState};
use worker_ui_bridge::{TimerId, UiHandle};

use super::action::Action;
use super::failure_watch::FailureWatch;
use super::overlay::Overlay;
use super::panel::{Switch, reason};
use super::screen_request::ScreenRequest;
use super::settings::Settings;
use super::severity::Severity;
use super::state::{Exit, State, Visible};
use super::terminal_output::TerminalOutput;
use super::worker_list;
use crate::model::Table;
use crate::source::{Fetcher, PartError, SourceError, combined};
use crate::wall_clock::WallClock;

/// The application. It lives on the UI thread; workers reach it as the `&mut App` of a callback.
#[derive(Debug)]
pub struct App {
    pub(super) state: State,
    screen_request: Option<ScreenRequest>,
    /// What the next frame writes beside what it draws.
    pub(super) terminal_output: Vec<TerminalOutput>,
    refresh_timer: Option<TimerId>,
    wall_clock: WallClock,
    /// The scope of the screen's workers. Dropping it cancels them.
    pub(super) screen: Scope,
    pub(super) ui: UiHandle<Self>,
    pub(super) fetcher: Fetcher,
    /// What fails is told, if that is on.
    failure_watch: FailureWatch,
    profile_request: bool,
    /// The row whose log is followed.
    pub(super) followed: Option<(Table, String)>,
}

impl App {
    /// Creates a monitor that fetches with workers of `screen`. Fetches nothing
    /// before [`App::refresh_all`].
    pub fn new(
        settings: Settings,
        fetcher: Fetcher,
        wall_clock: WallClock,
        screen: Scope,
        ui: UiHandle<Self>,
    ) -> Self {
        let state = State::new(settings, wall_clock.now());
        Self {
            state,
            screen_request: None,
            terminal_output: Vec::new(),
            refresh_timer: None,
            wall_clock,
            screen,
            ui,
            fetcher,
            failure_watch: FailureWatch::default(),
            profile_request: false,
            followed: None,
        }
    }

    /// The state, to be drawn.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Brings what is drawn up to date. Called before each frame.
    pub fn prepare_frame(&mut self) {
        self.state.prepare_frame(self.wall_clock.now());
        if let Overlay::Workers(view) = &mut self.state.overlay {
            view.workers = worker_list::lines(self.fetcher.workers());
        }
    }

    /// Returns what the screen needs besides, since the last call, and resets it.
    pub fn take_screen_request(&mut self) -> Option<ScreenRequest> {
        self.screen_request.take()
    }

    /// Returns what is to be written to the terminal besides, since the last call.
    pub fn take_terminal_output(&mut self) -> Vec<TerminalOutput> {
        std::mem::take(&mut self.terminal_output)
    }

    /// Requests an operation on the screen. The strongest request since the last frame wins.
    pub fn request_screen(&mut self, screen_request: ScreenRequest) {
        self.screen_request = self.screen_request.max(Some(screen_request));
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
        self.note_next_refresh();
    }

    /// Stores when the refresh timer fires next, for the countdown.
    fn note_next_refresh(&mut self) {
        let period = SignedDuration::try_from(self.state.settings.refresh).ok();
        let is_on = self.refresh_timer.is_some();
        let next = period.filter(|_| is_on).and_then(|period| self.wall_clock.now().checked_add(period).ok());
        self.state.next_refresh = next;
    }

    /// Leaves all that is shown and starts anew with another profile: its settings, its source, a
    /// scope of its own. The workers of the former one are cancelled.
    pub fn change_profile(
        &mut self,
        settings: Settings,
        fetcher: Fetcher,
        wall_clock: WallClock,
        screen: Scope,
    ) {
        if let Some(timer) = self.refresh_timer.take() {
            self.ui.clear(timer);
        }
        let (screen_request, terminal_output) = (self.screen_request, self.take_terminal_output());
        let (toasts, auto) = (std::mem::take(&mut self.state.toasts), self.state.auto);
        *self = Self {
            screen_request,
            terminal_output,
            ..Self::new(settings, fetcher, wall_clock, screen, self.ui.clone())
        };
        // What was said can still be read, and what was switched off stays so.
        (self.state.toasts, self.state.auto) = (toasts, auto);
        self.restart_refresh_timer();
        self.refresh_all();
    }

    /// Whether the next profile was asked for since the last call.
    pub fn take_profile_request(&mut self) -> bool {
        std::mem::take(&mut self.profile_request)
    }

    /// Says that there is no profile to switch to.
    pub fn report_no_other_profile(&mut self) {
        let text = "There is no other profile; add [profiles.NAME] to the configuration file";
        self.state.toasts.push(Severity::Information, None, text);
    }

    /// Starts the fetch of every table.
    pub fn refresh_all(&mut self) {
        self.fetch(&Table::ALL);
    }

    /// Fetches what an automatic refresh includes. Called by the refresh timer.
    pub fn auto_refresh(&mut self) {
        self.note_next_refresh();
        let due = self.state.tables_to_refresh(self.wall_clock.now());
        self.fetch(&due);
    }

    /// Applies an action of the user and fetches what it asks for.
    pub fn dispatch(&mut self, action: Action) {
        if action == Action::Open && self.confirm() {
            return;
        }
        let tables = self.state.apply(action);
        self.serve_overlay();
        self.act_on_row(action);
        self.profile_request |= action == Action::NextProfile;
        if let Action::RefreshAll | Action::ToggleAuto = action {
            self.restart_refresh_timer();
        }
        self.notify_already_loading(&tables);
        self.fetch(&tables);
    }

    /// Inserts a pasted text where a text is being typed.
    pub fn paste(&mut self, text: &str) {
        self.state.paste(text);
    }

    /// Advances the spinners by one frame.
    pub fn advance_spinners(&mut self) {
        self.state.spinner = self.state.spinner.wrapping_add(1);
    }

    /// Stores what the last frame had room for.
    pub fn set_visible(&mut self, visible: Visible) {
        self.state.set_visible(visible);
    }

    /// Advances the age of the visible toasts and removes the expired ones.
    pub fn age_toasts(&mut self) {
        self.state.toasts.age();
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

    /// Handles every state change of a worker: shows a toast if it has failed. Spinner and rows
    /// follow from the table's `Resource`.
    pub fn on_worker_state_changed(&mut self, event: &StateChanged) {
        let Some(table) = Table::from_name(event.worker.name()) else { return };
        if event.state == WorkerState::Error
            && let Some(error) = event.worker.error()
        {
            self.toast_failure(table, &reason(error));
            if let Some(error) = error.downcast_ref::<SourceError>() {
                self.back_off(table, error);
            }
        }
    }

    fn back_off(&mut self, table: Table, error: &SourceError) {
        let (refresh, now) = (self.state.settings.refresh, self.wall_clock.now());
        self.state.backoffs.failed(table, error, refresh, now);
    }

    /// A table has been fetched, but for these parts.
    fn on_fetched(&mut self, table: Table, failures: &[PartError]) {
        self.tell_failures(table);
        if failures.is_empty() {
            self.state.backoffs.succeeded(table, self.wall_clock.now());
        }
        for failure in failures {
            self.back_off(table, &failure.error);
        }
        if let Some(failure) = combined(failures) {
            self.toast_failure(table, &failure.to_string());
        }
    }

    /// Starts a worker for each of these tables that is not being fetched already. It fetches on a
    /// thread of its own; the rows land in the table's panel, on the UI thread, region by region.
    pub(super) fn fetch(&mut self, tables: &[Table]) {
        if !tables.is_empty() {
            self.failure_watch.start_refresh();
        }
        for &table in tables {
            let (fetcher, ui) = (self.fetcher.clone(), self.ui.clone());
            let panel = self.ui.focus(move |app: &mut Self| &mut app.state.panels[table]);
            let worker = self.screen.worker(table.name());
            self.state.panels[table].fetch(worker, &panel, move |cx, land| {
                let failures = fetcher.fetch(table, cx, move |cx, part| land(cx, part))?;
                Ok(ui.post(move |app| app.on_fetched(table, &failures))?)
            });
        }
    }

    /// Rings the bell, if that is on, for rows that have failed since they were seen active.
    fn tell_failures(&mut self, table: Table) {
        if !self.state.settings.bell {
            return;
        }
        let rows = self.state.panels[table].rows();
        let failed = self.failure_watch.newly_failed(table, rows, self.wall_clock.now());
        if failed.is_empty() {
            return;
        }
        let text = format!("Failed in {table}: {}", failed.join(", "));
        self.state.toasts.push(Severity::Warning, None, text);
        if self.failure_watch.is_first_of_refresh() {
            self.terminal_output.push(TerminalOutput::Bell);
        }
    }

    fn toast_failure(&mut self, table: Table, reason: &str) {
        self.state.toasts.push(Severity::Error, Some(table), format!("Error loading {table}: {reason}"));
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
}

#[cfg(test)]
mod tests;
