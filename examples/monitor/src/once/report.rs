//! [`Report`]: what the fetch of one table returned, ready to be printed.

use std::time::Duration;

use jiff::Timestamp;

use crate::model::{Caps, Table};
use crate::source::{Fetched, Prepared, Rows, combined};

/// The result of one table's fetch.
#[derive(Debug)]
pub(super) struct Report {
    pub(super) rows: Rows,
    pub(super) error: Option<String>,
    pub(super) elapsed: Duration,
}

impl Report {
    pub(super) fn of(table: Table, caps: Caps, fetched: Fetched<Prepared>, elapsed: Duration) -> Self {
        let mut rows = Rows::new(table, caps);
        fetched.landed.into_iter().for_each(|part| rows.land(part));
        let error = combined(&fetched.failures).map(|error| error.to_string());
        Self { rows, error, elapsed }
    }

    pub(super) fn failed(table: Table, error: Option<String>, elapsed: Duration) -> Self {
        Self { rows: Rows::new(table, Caps::default()), error, elapsed }
    }

    /// The time up to which durations of what is still running are printed.
    pub(super) fn as_of(&self) -> Timestamp {
        self.rows.oldest().unwrap_or_default()
    }
}
