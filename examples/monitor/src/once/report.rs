//! [`Report`]: what came of one table, ready to be printed.

use std::time::Duration;

use jiff::Timestamp;

use crate::source::Rows;

/// What came of one table.
#[derive(Debug)]
pub(super) struct Report {
    pub(super) rows: Rows,
    /// Why some rows, or all, are missing.
    pub(super) error: Option<String>,
    pub(super) elapsed: Duration,
}

impl Report {
    /// The time up to which durations of what is still running are printed.
    pub(super) fn as_of(&self) -> Timestamp {
        self.rows.oldest().unwrap_or_default()
    }
}
