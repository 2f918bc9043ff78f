//! [`Report`]: what came of one table, ready to be printed.

use std::time::Duration;

use jiff::Timestamp;

use crate::model::Row;
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
    /// The time up to which a duration of this row is printed if it is still running.
    pub(super) fn as_of(&self, row: &Row) -> Timestamp {
        self.rows.as_of(row).unwrap_or_default()
    }
}
