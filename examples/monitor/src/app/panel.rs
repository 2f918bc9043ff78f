//! One table's state: what is being fetched, how the last fetch ended, and the last good rows.

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
    /// The spinner turns: a fetch was asked for, and its worker is not there yet.
    Starting,
    /// The spinner turns: this worker is fetching.
    Loading(WorkerId),
    /// The rows have come; this worker that brought them has not quite ended.
    Finishing(WorkerId),
    /// The spinner turns: another fetch was asked for, and begins when this worker has ended.
    Restarting(WorkerId),
}

/// How the last fetch ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// None has ended yet.
    None,
    /// All rows came.
    Fresh,
    /// Some rows came; what failed is told. Those of regions that could not be asked are still the old ones.
    Partial(String),
    /// It failed, and why; the rows are those of an earlier fetch.
    Failed(String),
}

/// When the worker of a fetch that was asked for can start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FetchStart {
    /// Now.
    Now,
    /// A worker of this table is still there.
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
    /// The other one.
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
    /// The first one, whichever it is: the newest stays in view until somebody moves.
    Top,
    /// This one, wherever it goes.
    Row {
        key: String,
        /// Where it was last seen: if it goes, its place is taken by what is there then.
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
    /// The keys of the rows that are from an earlier fetch than `loaded_at`, and from when.
    stale: HashMap<String, Timestamp>,
    selection: Selection,
    /// Whether the automatic refresh includes this table.
    pub auto: Switch,
}

impl Panel {
    /// A table of which nothing is known yet.
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
        match self.activity {
            Activity::Idle | Activity::Finishing(_) => false,
            Activity::Starting | Activity::Loading(_) | Activity::Restarting(_) => true,
        }
    }

    /// How the last fetch ended.
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// The last good rows, as they are shown.
    pub fn rows(&self) -> &Arranged {
        &self.rows
    }

    /// How wide the widest text of each column was when the last good rows came; nothing before. Looking at all rows
    /// each time the screen is drawn would be dear.
    pub fn column_widths(&self) -> &[usize] {
        &self.column_widths
    }

    /// When the last good rows came.
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

    /// The selected row, if there are any rows.
    pub fn selected_row(&self) -> Option<&Row> {
        self.rows.rows.get(self.selected())
    }

    /// From when a row is, if it is older than the others because its region could not be asked since.
    pub fn row_stale_since(&self, row: &Row) -> Option<Timestamp> {
        self.stale.get(&row.key).copied()
    }

    /// From when the oldest rows are.
    pub fn stale_since(&self) -> Option<Timestamp> {
        match self.outcome {
            Outcome::None | Outcome::Fresh => None,
            Outcome::Partial(_) => self.stale.values().min().copied(),
            Outcome::Failed(_) => self.stale.values().copied().chain(self.loaded_at).min(),
        }
    }

    /// A fetch was asked for: the spinner turns from now on. Says whether its worker can start at once.
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

    /// The fetch that was asked for has a worker.
    pub fn set_worker(&mut self, worker: WorkerId) {
        self.activity = Activity::Loading(worker);
    }

    /// Rows have come: the spinner stops and they replace the old ones. A row that somebody has selected stays so.
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

    /// The fetch failed: the spinner stops, the old rows stay.
    pub fn fail(&mut self, error: String) {
        // A fetch that brought a part of the rows and then failed has stopped the spinner with them.
        let came = !matches!(self.activity, Activity::Starting | Activity::Loading(_));
        let brought_some = came && matches!(self.outcome, Outcome::Partial(_));
        self.activity = Activity::Idle;
        if !brought_some {
            self.outcome = Outcome::Failed(error);
        }
    }

    /// The fetch ended without rows and without an error: it was cancelled.
    pub fn stop_loading(&mut self) {
        self.activity = Activity::Idle;
    }

    /// Moves the selection by so many rows, to an end at most.
    pub fn select_by(&mut self, rows: i16) {
        self.select(self.selected().saturating_add_signed(isize::from(rows)));
    }

    /// Selects the first row, whichever it will be.
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
