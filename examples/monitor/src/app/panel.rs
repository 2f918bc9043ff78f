//! [`Panel`]: the state of one table: its rows, as a [`Resource`], which of them are shown, and the
//! selection.
//!
//! A panel does not know the app. What its worker fetches lands through a handle on the panel
//! alone, and nothing can be fetched there: a source takes a `&WorkerContext`, and there is none on
//! the UI thread.

use std::sync::Arc;

use jiff::Timestamp;
use worker_core::{Result, WorkerBuilder, WorkerContext, WorkerError};
use worker_ui_bridge::{Resource, UiHandle};

use super::filter::Filter;
use super::view::{Sort, View};
use crate::model::{Caps, Row, Table};
use crate::source::{Part, Rows};

/// Lands what came from a region in its panel.
pub type Land = Arc<dyn Fn(&WorkerContext, Part) -> Result<()> + Send + Sync>;

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// On.
    On,
    /// Off.
    Off,
}

impl Switch {
    /// The other value.
    #[must_use]
    pub const fn toggled(self) -> Self {
        match self {
            Self::On => Self::Off,
            Self::Off => Self::On,
        }
    }
}

/// Which row is selected.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Selection {
    /// Always the first row, so that the newest row is selected until the user moves the selection.
    Top,
    /// The row with this key, wherever it is after a refresh.
    Row {
        key: String,
        /// Its last known place among the rows shown. If it disappears, the row there is selected.
        place: usize,
    },
}

/// One table's state.
#[derive(Debug)]
pub struct Panel {
    table: Table,
    caps: Caps,
    fetched: Resource<Self, Rows>,
    view: View,
    selection: Selection,
    /// Whether the automatic refresh includes this table.
    pub auto: Switch,
}

impl Panel {
    /// Creates a panel without rows.
    pub fn new(table: Table, caps: Caps) -> Self {
        let fetched = Resource::new(|panel: &mut Self| &mut panel.fetched);
        Self { table, caps, fetched, view: View::default(), selection: Selection::Top, auto: Switch::On }
    }

    /// Fetches the rows with this worker, unless they are being fetched already. `fetch` is given
    /// what lands the rows of a region.
    #[track_caller]
    pub fn fetch<F>(&mut self, worker: WorkerBuilder, ui: &UiHandle<Self>, fetch: F)
    where
        F: FnOnce(&WorkerContext, Land) -> Result<()> + Send + 'static,
    {
        let (table, caps) = (self.table, self.caps);
        self.fetched.fetch_parts(worker, ui, move |cx, landing| {
            let landing = landing.clone();
            let land = move |cx: &WorkerContext, part: Part| {
                let part = Rows::prepare(table, caps, part);
                let rows = move || Rows::new(table, caps);
                Ok(landing.update(cx, move |present| present.get_or_insert_with(rows).land(part))?)
            };
            fetch(cx, Arc::new(land))
        });
    }

    /// The table of this panel.
    pub fn table(&self) -> Table {
        self.table
    }

    /// Whether the spinner is shown.
    pub fn is_loading(&self) -> bool {
        self.fetched.is_fetching()
    }

    /// How many regions have come and how many there are, while rows of several are being fetched.
    pub fn regions_fetched(&self) -> Option<(u64, u64)> {
        let progress = self.fetched.worker()?.progress();
        let total = progress.total().filter(|total| *total > 1)?;
        Some((progress.completed(), total))
    }

    /// Cancels the fetch that is under way. Gives whether there was one.
    #[must_use]
    pub fn cancel_fetch(&mut self) -> bool {
        let was_loading = self.is_loading();
        self.fetched.cancel();
        was_loading
    }

    /// The last good rows; `None` before the first.
    pub fn loaded(&self) -> Option<&Rows> {
        loaded(&self.fetched)
    }

    /// The last good rows, newest first and capped, shown or not; empty before the first.
    pub fn rows(&self) -> &[Row] {
        self.loaded().map_or(&[], |rows| &rows.arranged.rows)
    }

    /// Which rows are shown, and in which order.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// The row at a place among those that are shown.
    pub fn shown(&self, place: usize) -> Option<&Row> {
        self.rows().get(*self.view.order().get(place)?)
    }

    /// Whether the last fetch failed. The rows are those of an earlier fetch.
    pub fn has_failed(&self) -> bool {
        self.fetched.error().is_some()
    }

    /// Why the last fetch failed.
    pub fn error(&self) -> Option<String> {
        self.fetched.error().map(reason)
    }

    /// The time the oldest rows are as of, if any are older than the last fetch.
    pub fn stale_since(&self) -> Option<Timestamp> {
        let rows = self.loaded()?;
        if self.has_failed() { rows.oldest() } else { rows.oldest_stale() }
    }

    /// The place of the selected row among those that are shown. It stays on its row while others
    /// come and go.
    pub fn selected(&self) -> usize {
        let Selection::Row { key, place } = &self.selection else { return 0 };
        if self.shown(*place).is_some_and(|row| row.key == *key) {
            return *place;
        }
        self.place_of(key).unwrap_or_else(|| self.clamped(*place))
    }

    /// The place of the row with this key among those that are shown.
    pub fn place_of(&self, key: &str) -> Option<usize> {
        let rows = self.rows();
        self.view.order().iter().position(|&index| rows.get(index).is_some_and(|row| row.key == key))
    }

    /// The selected row, if any is shown.
    pub fn selected_row(&self) -> Option<&Row> {
        self.shown(self.selected())
    }

    /// Makes what a filter needs, before it is typed.
    pub(super) fn prepare_filter(&mut self, now: Timestamp) {
        self.view.prepare_filter(loaded(&self.fetched), self.table, now);
    }

    /// Shows the rows that this filter matches.
    pub(super) fn set_filter(&mut self, text: &str, now: Timestamp) {
        let filter = Filter::new(self.table, text);
        self.view.set_filter(filter, loaded(&self.fetched), self.table, now);
        self.follow_selection();
    }

    /// Sorts the rows by a column, or puts them in their usual order.
    pub(super) fn set_sort(&mut self, sort: Option<Sort>, now: Timestamp) {
        self.view.set_sort(sort, loaded(&self.fetched), self.table, now);
        self.follow_selection();
    }

    /// Moves the selection by this many rows, clamped to the first and the last row.
    pub fn select_by(&mut self, rows: i16) {
        self.select(self.selected().saturating_add_signed(isize::from(rows)));
    }

    /// Selects the first row, also when later fetches change which row that is.
    pub fn select_first(&mut self) {
        self.selection = Selection::Top;
    }

    /// Selects the last row.
    pub fn select_last(&mut self) {
        self.select(usize::MAX);
    }

    /// Brings up to date what is shown and selected, if the rows have changed.
    pub fn follow_rows(&mut self, now: Timestamp) {
        self.view.follow(loaded(&self.fetched), self.table, now);
        self.follow_selection();
    }

    /// Stores where the selected row is now. If it has gone, the row in its place is selected.
    fn follow_selection(&mut self) {
        if let Selection::Row { place, .. } = self.selection {
            let selected = self.selected();
            if selected != place || self.selected_row().is_none() {
                self.select(selected);
            }
        }
    }

    /// Selects the row at this place, or the last one.
    pub fn select(&mut self, place: usize) {
        let place = self.clamped(place);
        self.selection = match self.shown(place) {
            Some(row) => Selection::Row { key: row.key.clone(), place },
            None => Selection::Top,
        };
    }

    fn clamped(&self, place: usize) -> usize {
        place.min(self.view.len().saturating_sub(1))
    }
}

/// The rows that were fetched. Borrows no more than they, unlike [`Panel::loaded`].
fn loaded(fetched: &Resource<Panel, Rows>) -> Option<&Rows> {
    fetched.data().filter(|rows| rows.oldest().is_some())
}

/// The failure of a worker as a message for the user.
pub(super) fn reason(error: &WorkerError) -> String {
    match error.panic() {
        Some(_) => format!("{error}; this is a bug in the monitor, the other tables go on"),
        None => error.to_string(),
    }
}

#[cfg(test)]
mod tests;
