//! One table's state: what is being fetched, how the last fetch ended, and the last good rows.

use jiff::Timestamp;
use worker_core::WorkerId;

use super::super::model::{Arranged, Row, Table, arrange};
use super::super::sources::Batch;

/// Whether a fetch is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activity {
    /// Nothing is being fetched.
    Idle,
    /// The spinner turns: a fetch was asked for, and its worker is not there yet.
    Starting,
    /// The spinner turns: this worker is fetching.
    Loading(WorkerId),
}

/// How the last fetch ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// None has ended yet.
    None,
    /// All rows came.
    Fresh,
    /// Some rows came; what failed is told. Those that may be missing are still the old ones.
    Partial(String),
    /// It failed, and why; the rows are those of an earlier fetch.
    Failed(String),
}

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// On.
    On,
    /// Off.
    Off,
}

impl Switch {
    /// The other one.
    #[must_use]
    pub const fn flipped(self) -> Self {
        match self {
            Self::On => Self::Off,
            Self::Off => Self::On,
        }
    }
}

/// One table's state.
#[derive(Debug)]
pub struct Panel {
    table: Table,
    activity: Activity,
    outcome: Outcome,
    rows: Arranged,
    loaded_at: Option<Timestamp>,
    selected: usize,
    /// Whether the automatic refresh includes this table.
    pub auto: Switch,
}

impl Panel {
    /// A table of which nothing is known yet.
    pub fn new(table: Table) -> Self {
        Self {
            table,
            activity: Activity::Idle,
            outcome: Outcome::None,
            rows: Arranged::default(),
            loaded_at: None,
            selected: 0,
            auto: Switch::On,
        }
    }

    /// Which table it is.
    pub fn table(&self) -> Table {
        self.table
    }

    /// Whether a fetch is under way.
    pub fn activity(&self) -> Activity {
        self.activity
    }

    /// Whether the spinner turns.
    pub fn is_loading(&self) -> bool {
        self.activity != Activity::Idle
    }

    /// How the last fetch ended.
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// The last good rows, as they are shown.
    pub fn rows(&self) -> &Arranged {
        &self.rows
    }

    /// When the last good rows came.
    pub fn loaded_at(&self) -> Option<Timestamp> {
        self.loaded_at
    }

    /// The index of the selected row.
    pub fn selected(&self) -> usize {
        self.selected
    }

    /// The selected row, if there are any rows.
    pub fn selected_row(&self) -> Option<&Row> {
        self.rows.rows.get(self.selected)
    }

    /// Whether a text of this table changes as time goes by.
    pub fn ticks(&self) -> bool {
        let stale = matches!(self.outcome, Outcome::Failed(_) | Outcome::Partial(_));
        stale || self.rows.rows.iter().any(Row::ticks)
    }

    /// A fetch was asked for: the spinner turns from now on.
    pub fn start(&mut self) {
        self.activity = Activity::Starting;
    }

    /// The fetch that was asked for has a worker.
    pub fn fetching(&mut self, worker: WorkerId) {
        self.activity = Activity::Loading(worker);
    }

    /// Rows have come: the spinner stops and they replace the old ones. The selection stays on its row.
    pub fn load(&mut self, mut batch: Batch, now: Timestamp) {
        self.activity = Activity::Idle;
        self.outcome = batch.failure().map_or(Outcome::Fresh, |error| Outcome::Partial(error.to_string()));
        let selected = self.selected_row().map(|row| row.key.clone());
        batch.keep_missed(&self.rows.rows);
        self.rows = arrange(self.table, batch.rows);
        self.loaded_at = Some(now);
        let same = selected.and_then(|key| self.rows.rows.iter().position(|row| row.key == key));
        self.selected = same.unwrap_or(self.selected).min(self.rows.rows.len().saturating_sub(1));
    }

    /// The fetch failed: the spinner stops, the old rows stay.
    pub fn fail(&mut self, error: String) {
        // A fetch that brought a part of the rows and then failed has stopped the spinner with them.
        let brought_some = self.activity == Activity::Idle && matches!(self.outcome, Outcome::Partial(_));
        self.activity = Activity::Idle;
        if !brought_some {
            self.outcome = Outcome::Failed(error);
        }
    }

    /// The fetch ended without rows and without an error: it was cancelled.
    pub fn stop(&mut self) {
        self.activity = Activity::Idle;
    }

    /// Moves the selection by so many rows, to an end at most.
    pub fn select_by(&mut self, rows: i16) {
        let last = self.rows.rows.len().saturating_sub(1);
        self.selected = self.selected.saturating_add_signed(isize::from(rows)).min(last);
    }

    /// Selects the first row.
    pub fn select_first(&mut self) {
        self.selected = 0;
    }

    /// Selects the last row.
    pub fn select_last(&mut self) {
        self.selected = self.rows.rows.len().saturating_sub(1);
    }
}

#[cfg(test)]
mod tests;
