//! [`Report`]: what the fetch of one table returned, ready to be printed.

use std::time::Duration;

use jiff::Timestamp;

use crate::model::{Arranged, Caps, Table, arrange};
use crate::source::{Batch, SourceError};

/// The result of one table's fetch.
#[derive(Clone, Debug)]
pub(super) struct Report {
    pub(super) rows: Arranged,
    pub(super) as_of: Timestamp,
    pub(super) error: Option<String>,
    pub(super) elapsed: Duration,
}

impl Report {
    pub(super) fn of(
        table: Table,
        fetched: Result<Batch, SourceError>,
        caps: Caps,
        elapsed: Duration,
    ) -> Self {
        match fetched {
            Ok(batch) => {
                let error = batch.failure().map(|error| error.to_string());
                Self { as_of: batch.as_of, rows: arrange(table, batch.rows, caps), error, elapsed }
            }
            Err(error) => Self::failed(error.to_string(), elapsed),
        }
    }

    pub(super) fn failed(error: String, elapsed: Duration) -> Self {
        Self { rows: Arranged::default(), as_of: Timestamp::UNIX_EPOCH, error: Some(error), elapsed }
    }
}
