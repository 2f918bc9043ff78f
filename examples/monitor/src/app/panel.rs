//! [`Panel`]: the state of one table. It holds the current fetch, the outcome of the last fetch,
//! the last good rows and the selection.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use worker_core::WorkerId;

use crate::model::{Arranged, Caps, Row, Table, arrange, widest};
use crate::source::Batch;

/// Whether a fetch is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activity {
    /// Nothing is being fetched.
    Idle,
    /// A fetch was requested and its worker is not started yet. The spinner is shown.
    Starting,
    /// This worker is fetching. The spinner is shown.
    Loading(WorkerId),
    /// The rows have arrived and the worker that delivered them has not ended yet.
    Finishing(WorkerId),
    /// Another fetch was requested; it starts when this worker has ended. The spinner is shown.
    Restarting(WorkerId),
}

/// How the last fetch ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// No fetch has ended yet.
    None,
    /// All rows arrived.
    Fresh,
    /// Some rows arrived, and this failed. The rows of regions that failed as a whole are kept from
    /// an earlier fetch.
    Partial(String),
    /// The fetch failed with this error. The rows are those of an earlier fetch.
    Failed(String),
}

/// When the worker of a requested fetch can start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FetchStart {
    /// At once.
    Now,
    /// When the current worker of the table has ended, or not at all because it is already loading.
    Deferred,
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
    /// The row with this key, at whatever index it is after a refresh.
    Row {
        key: String,
        /// The last known index. If the row disappears, the row at this index is selected instead.
        index: usize,
    },
}

/// One table's state.
#[derive(Debug)]
pub struct Panel {
    table: Table,
    caps: Caps,
    activity: Activity,
    outcome: Outcome,
    rows: Arranged,
    column_widths: Vec<usize>,
    loaded_at: Option<Timestamp>,
    /// The keys of the rows kept from a fetch before `loaded_at`, with the time of that fetch.
    stale: HashMap<String, Timestamp>,
    selection: Selection,
    /// Whether the automatic refresh includes this table.
    pub auto: Switch,
}

impl Panel {
    /// Creates a panel without rows.
    pub fn new(table: Table, caps: Caps) -> Self {
        Self {
            table,
            caps,
            activity: Activity::Idle,
            outcome: Outcome::None,
            rows: Arranged::default(),
            column_widths: Vec::new(),
            loaded_at: None,
            stale: HashMap::new(),
            selection: Selection::Top,
            auto: Switch::On,
        }
    }

    /// The table of this panel.
    pub fn table(&self) -> Table {
        self.table
    }

    /// Whether a fetch is under way.
    pub fn activity(&self) -> Activity {
        self.activity
    }

    /// Whether the spinner is shown.
    pub fn is_loading(&self) -> bool {
        match self.activity {
            Activity::Idle | Activity::Finishing(_) => false,
            Activity::Starting | Activity::Loading(_) | Activity::Restarting(_) => true,
        }
    }

    /// How the last fetch ended.
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// The last good rows, sorted and capped.
    pub fn rows(&self) -> &Arranged {
        &self.rows
    }

    /// The width of the widest text per column, measured when the last rows arrived; empty before.
    /// Measuring all rows in every frame would be too slow.
    pub fn column_widths(&self) -> &[usize] {
        &self.column_widths
    }

    /// When the last good rows arrived.
    pub fn loaded_at(&self) -> Option<Timestamp> {
        self.loaded_at
    }

    /// The index of the selected row.
    pub fn selected(&self) -> usize {
        match self.selection {
            Selection::Top => 0,
            Selection::Row { index, .. } => index,
        }
    }

    /// The selected row, if the table has rows.
    pub fn selected_row(&self) -> Option<&Row> {
        self.rows.rows.get(self.selected())
    }

    /// The time of the fetch a row is from, if it is older than the other rows because its region
    /// failed since.
    pub fn row_stale_since(&self, row: &Row) -> Option<Timestamp> {
        self.stale.get(&row.key).copied()
    }

    /// The time of the fetch the oldest rows are from, if any rows are stale.
    pub fn stale_since(&self) -> Option<Timestamp> {
        match self.outcome {
            Outcome::None | Outcome::Fresh => None,
            Outcome::Partial(_) => self.stale.values().min().copied(),
            Outcome::Failed(_) => self.stale.values().copied().chain(self.loaded_at).min(),
        }
    }

    /// Shows the spinner and returns whether the fetch's worker can start at once.
    #[must_use]
    pub fn request_fetch(&mut self) -> FetchStart {
        match self.activity {
            Activity::Idle => {
                self.activity = Activity::Starting;
                FetchStart::Now
            }
            Activity::Finishing(worker) => {
                self.activity = Activity::Restarting(worker);
                FetchStart::Deferred
            }
            Activity::Starting | Activity::Loading(_) | Activity::Restarting(_) => FetchStart::Deferred,
        }
    }

    /// Stores the worker of the requested fetch.
    pub fn set_worker(&mut self, worker: WorkerId) {
        self.activity = Activity::Loading(worker);
    }

    /// Stops the spinner and replaces the rows. The selection stays on its row.
    pub fn load(&mut self, mut batch: Batch, now: Timestamp) {
        self.activity = match self.activity {
            Activity::Loading(worker) => Activity::Finishing(worker),
            Activity::Idle | Activity::Starting => Activity::Idle,
            finishing @ (Activity::Finishing(_) | Activity::Restarting(_)) => finishing,
        };
        self.outcome = batch.failure().map_or(Outcome::Fresh, |error| Outcome::Partial(error.to_string()));
        let retained = batch.retain_failed_regions(&self.rows.rows);
        let before = self.loaded_at.unwrap_or(now);
        let since = |key: String| {
            let since = self.stale.get(&key).copied().unwrap_or(before);
            (key, since)
        };
        self.stale = retained.into_iter().map(since).collect();
        self.rows = arrange(self.table, batch.rows, self.caps);
        self.column_widths = widest(self.table, &self.rows.rows, now);
        if !self.stale.is_empty() {
            let shown: HashSet<&str> = self.rows.rows.iter().map(|row| row.key.as_str()).collect();
            self.stale.retain(|key, _| shown.contains(key.as_str()));
        }
        self.loaded_at = Some(now);
        if let Selection::Row { key, index } = &self.selection {
            let same = self.rows.rows.iter().position(|row| row.key == *key);
            self.select(same.unwrap_or(*index));
        }
    }

    /// Records a failed fetch: stops the spinner and keeps the old rows.
    pub fn fail(&mut self, error: String) {
        // A fetch that delivered some rows and then failed has already stopped the spinner.
        let arrived = !matches!(self.activity, Activity::Starting | Activity::Loading(_));
        let delivered_some = arrived && matches!(self.outcome, Outcome::Partial(_));
        self.activity = Activity::Idle;
        if !delivered_some {
            self.outcome = Outcome::Failed(error);
        }
    }

    /// Records a cancelled fetch: stops the spinner.
    pub fn stop_loading(&mut self) {
        self.activity = Activity::Idle;
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

    fn select(&mut self, index: usize) {
        let index = index.min(self.rows.rows.len().saturating_sub(1));
        self.selection = match self.rows.rows.get(index) {
            Some(row) => Selection::Row { key: row.key.clone(), index },
            None => Selection::Top,
        };
    }
}

#[cfg(test)]
mod tests;
