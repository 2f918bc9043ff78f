//! [`State`]: everything that is drawn, and the changes that actions make to it.

use jiff::Timestamp;
use worker_ui_bridge::Resource;

use super::action::Action;
use super::backoff::Backoffs;
use super::filter_line::FilterLine;
use super::overlay::{ErrorView, Overlay, RowView, Scroll, WorkersView};
use super::panel::{Panel, Switch};
use super::problem::Problem;
use super::settings::Settings;
use super::severity::Severity;
use super::tail::Tail;
use super::toast::Toasts;
use crate::model::{PerTable, Phase, Row, Table};
use crate::signals::Signal;

/// Why the monitor ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The user quit.
    Requested,
    /// The terminal reported the end of its input.
    InputEnded,
    /// Reading the terminal failed.
    InputFailed(String),
    /// A signal asked the process to terminate.
    Signal(Signal),
}

/// Everything that is drawn.
#[derive(Debug)]
pub struct State {
    /// The options.
    pub settings: Settings,
    /// One panel per table.
    pub panels: PerTable<Panel>,
    /// The focused table, which keys act on.
    pub focus: Table,
    /// Whether the focused table alone is shown.
    pub zoom: Switch,
    /// The line in which a filter is being typed.
    pub filter_line: Option<FilterLine>,
    /// The popup on top of the tables.
    pub overlay: Overlay,
    /// The messages in the corner.
    pub toasts: Toasts,
    /// The log that is followed in the overlay.
    pub tail: Resource<Self, Tail>,
    /// The services that the automatic refresh leaves alone for a while.
    pub backoffs: Backoffs,
    /// Whether the tables are refreshed automatically.
    pub auto: Switch,
    /// When the tables are refreshed next, if they are by themselves.
    pub next_refresh: Option<Timestamp>,
    /// The columns and lines of the screen as of the last frame.
    pub screen: (u16, u16),
    /// The time of day as of the frame.
    pub now: Timestamp,
    /// How far the spinners have turned.
    pub spinner: usize,
    /// Set once the monitor is to end.
    pub exit: Option<Exit>,
}

/// What a frame has room for, given the size of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visible {
    /// How many toasts, counted from the first, are visible.
    pub toasts: usize,
    /// The first line of the overlay's last page.
    pub last_page: u16,
    /// The columns and lines of the screen.
    pub screen: (u16, u16),
}

impl State {
    /// Creates five empty tables.
    pub fn new(settings: Settings, now: Timestamp) -> Self {
        Self {
            panels: PerTable::from_fn(|table| Panel::new(table, settings.caps)),
            settings,
            focus: Table::Builds,
            zoom: Switch::Off,
            filter_line: None,
            overlay: Overlay::None,
            screen: (0, 0),
            toasts: Toasts::default(),
            tail: Resource::new(|state: &mut Self| &mut state.tail),
            backoffs: Backoffs::default(),
            auto: Switch::On,
            next_refresh: None,
            now,
            spinner: 0,
            exit: None,
        }
    }

    /// Whether any spinner is shown.
    pub fn is_loading(&self) -> bool {
        self.panels.iter().any(|(_, panel)| panel.is_loading())
    }

    /// The tables that an automatic refresh includes at this time.
    pub fn tables_to_refresh(&self, now: Timestamp) -> Vec<Table> {
        let is_due = |table: &Table| {
            self.panels[*table].auto == Switch::On && self.backoffs.until(*table, now).is_none()
        };
        match self.auto {
            Switch::Off => Vec::new(),
            Switch::On => Table::ALL.into_iter().filter(is_due).collect(),
        }
    }

    /// Brings everything up to date that follows the time and the rows, for the next frame.
    pub fn prepare_frame(&mut self, now: Timestamp) {
        self.now = now;
        for table in Table::ALL {
            self.panels[table].follow_rows(now);
        }
        self.toasts.stamp(now);
        match &mut self.overlay {
            Overlay::Row(view) => {
                let mut rows = self.panels[view.table].rows().iter();
                if let Some(row) = rows.find(|row| row.key == view.row.key)
                    && *row != view.row
                {
                    view.row = row.clone();
                }
            }
            Overlay::Error(view) => {
                if let Some(problem) = Problem::of(&self.panels[view.table]) {
                    view.problem = Some(problem);
                }
            }
            // `App::prepare_frame` reads the list of workers.
            Overlay::None
            | Overlay::Help(_)
            | Overlay::Log(_)
            | Overlay::Tail(_)
            | Overlay::Stop(_)
            | Overlay::Workers(_) => {}
        }
    }

    /// Stores what the last frame had room for.
    pub fn set_visible(&mut self, visible: Visible) {
        self.toasts.set_visible(visible.toasts);
        self.screen = visible.screen;
        // The frame with the empty line is drawn, and a user takes longer for the next key.
        if let Some(line) = &self.filter_line {
            self.panels[line.table].prepare_filter(self.now);
        }
        if let Some(scroll) = self.overlay.scroll_mut() {
            scroll.set_last_page(visible.last_page);
        }
    }

    /// Applies an action and returns the tables that are to be fetched.
    #[must_use]
    pub fn apply(&mut self, action: Action) -> Vec<Table> {
        // Rows may have come since the last frame.
        for table in Table::ALL {
            self.panels[table].follow_rows(self.now);
        }
        match action {
            Action::Quit => self.exit = Some(Exit::Requested),
            Action::CloseOrQuit if !self.is_covered() => self.exit = Some(Exit::Requested),
            Action::Close if !self.is_covered() => self.clear_filter(),
            Action::CloseOrQuit | Action::Close => self.overlay = Overlay::None,
            Action::RefreshAll => return Table::ALL.to_vec(),
            Action::RefreshFocused => return vec![self.focus],
            Action::CancelFetch => self.cancel_fetch(),
            Action::ToggleAuto => self.toggle_auto(),
            Action::ToggleAutoFocused => {
                let auto = &mut self.panels[self.focus].auto;
                *auto = auto.toggled();
            }
            Action::NextTable => self.focus_on(self.focus.next()),
            Action::PreviousTable => self.focus_on(self.focus.previous()),
            Action::GoTo(table) => self.focus_on(table),
            Action::OpenFilter => self.open_filter(),
            Action::EditFilter(edit) => self.edit_filter(edit),
            Action::KeepFilter => self.keep_filter(),
            Action::ClearFilter => self.clear_filter(),
            Action::SortByNext => self.sort_by_next(),
            Action::TurnSort => self.turn_sort(),
            Action::SortBy(table, column) => self.sort_by_clicked(table, column),
            Action::ToggleZoom => self.toggle_zoom(),
            Action::Select(table, place) => self.select(table, place),
            Action::MoveIn(table, rows) => self.move_in(table, rows),
            Action::Move(rows) => self.move_by(rows),
            Action::First => match self.overlay.scroll_mut() {
                Some(scroll) => scroll.scroll_to_start(),
                None => self.panels[self.focus].select_first(),
            },
            Action::Last => match self.overlay.scroll_mut() {
                Some(scroll) => scroll.scroll_to_end(),
                None => self.panels[self.focus].select_last(),
            },
            Action::Open => self.open_row(),
            Action::StepRow(rows) => self.step_row(rows),
            Action::Help => {
                self.overlay = match self.overlay {
                    Overlay::Help(_) => Overlay::None,
                    _ => Overlay::Help(Scroll::default()),
                };
            }
            Action::ShowLog => {
                self.overlay = match self.overlay {
                    Overlay::Log(_) => Overlay::None,
                    _ => Overlay::Log(Scroll::default()),
                };
            }
            Action::ShowWorkers => {
                self.overlay = match self.overlay {
                    Overlay::Workers(_) => Overlay::None,
                    _ => Overlay::Workers(WorkersView::default()),
                };
            }
            Action::ShowError => {
                self.overlay = match self.overlay {
                    Overlay::Error(_) => Overlay::None,
                    _ => Overlay::Error(self.error_view()),
                };
            }
            Action::FollowLog => match self.view_of_selected(Scroll::following()) {
                Some(view) => self.overlay = Overlay::Tail(view),
                None => self.say("No row is selected"),
            },
            Action::AskToStop => match self.view_of_selected(Scroll::default()) {
                Some(view) if view.row.phase == Phase::Active => self.overlay = Overlay::Stop(view),
                Some(_) => self.say("It has ended already"),
                None => self.say("No row is selected"),
            },
            Action::DismissToasts => self.toasts.dismiss(),
            // Done by `App`: they change nothing here.
            Action::CopyKey | Action::CopyUrl | Action::OpenUrl | Action::NextProfile => {}
        }
        Vec::new()
    }

    fn say(&mut self, text: &str) {
        self.toasts.push(Severity::Information, None, text);
    }

    fn cancel_fetch(&mut self) {
        let table = self.focus;
        let text = if self.panels[table].cancel_fetch() {
            format!("Stopped loading {table}")
        } else {
            format!("Nothing to stop: {table} is not loading")
        };
        self.toasts.push(Severity::Information, None, text);
    }

    fn toggle_auto(&mut self) {
        self.auto = self.auto.toggled();
        let text = match self.auto {
            Switch::On => format!("Auto-refresh is on, every {:?}", self.settings.refresh),
            Switch::Off => "Auto-refresh is off; r refreshes".to_owned(),
        };
        self.toasts.push(Severity::Information, None, text);
    }

    /// Whether a popup is on top of the tables.
    pub(super) fn is_covered(&self) -> bool {
        !matches!(self.overlay, Overlay::None)
    }

    /// Focuses a table. Not while a popup is open: the popup would go, and the next Esc or `q`
    /// would be meant for it. A filter that was being typed is kept.
    pub(super) fn focus_on(&mut self, table: Table) {
        if !self.is_covered() {
            self.focus = table;
            self.filter_line = None;
        }
    }

    pub(super) fn move_by(&mut self, rows: i16) {
        match self.overlay.scroll_mut() {
            Some(scroll) => scroll.scroll_by(rows),
            None => self.panels[self.focus].select_by(rows),
        }
    }

    fn open_row(&mut self) {
        if !self.is_covered() {
            self.show_row(self.focus);
        }
    }

    fn step_row(&mut self, rows: i16) {
        if let Overlay::Row(view) = &self.overlay {
            let table = view.table;
            self.panels[table].select_by(rows);
            self.show_row(table);
        }
    }

    /// Shows the selected row from its top, unless it is shown already.
    fn show_row(&mut self, table: Table) {
        if let Some(row) = self.panels[table].selected_row() {
            if matches!(&self.overlay, Overlay::Row(view) if view.row.key == row.key) {
                return;
            }
            let view = RowView { table, row: row.clone(), scroll: Scroll::default() };
            self.overlay = Overlay::Row(Box::new(view));
        }
    }

    /// The row that is open, or the selected one of the focused table.
    pub(super) fn open_or_selected_row(&self) -> Option<(Table, &Row)> {
        match &self.overlay {
            Overlay::Row(view) | Overlay::Tail(view) | Overlay::Stop(view) => Some((view.table, &view.row)),
            _ => Some((self.focus, self.panels[self.focus].selected_row()?)),
        }
    }

    fn view_of_selected(&self, scroll: Scroll) -> Option<Box<RowView>> {
        let (table, row) = self.open_or_selected_row()?;
        Some(Box::new(RowView { table, row: row.clone(), scroll }))
    }

    fn error_view(&self) -> ErrorView {
        let (table, scroll) = (self.focus, Scroll::default());
        ErrorView { table, problem: Problem::of(&self.panels[table]), scroll }
    }
}

#[cfg(test)]
mod tests;
