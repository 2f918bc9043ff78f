//! Where the rows come from. Everything here blocks, and so runs on worker threads only.
//!
//! Each method of [`Source`] takes a `&WorkerContext`. One exists only inside a worker's body and can be sent
//! nowhere, so a callback on the UI thread cannot fetch: it would not compile.

pub mod demo;
mod error;
pub mod live;

use std::fmt;

use jiff::Timestamp;
use worker_core::WorkerContext;

use super::model::{Row, Table};

pub use demo::Demo;
pub use error::{Problem, SourceError};
pub use live::Live;

/// What one fetch of one table brought.
#[derive(Debug)]
pub struct Batch {
    /// The rows, in the order in which the source gave them.
    pub rows: Vec<Row>,
    /// The time of which they tell. Durations of what still runs are counted up to it when they are printed.
    pub as_of: Timestamp,
    /// What could not be asked, or not read, each with its error. The rows that are here are good.
    pub failed: Vec<PartError>,
}

impl Batch {
    /// Rows that are all there.
    pub fn whole(rows: Vec<Row>, as_of: Timestamp) -> Self {
        Self { rows, as_of, failed: Vec::new() }
    }

    /// All that failed as one error; nothing if nothing did.
    pub fn failure(&self) -> Option<SourceError> {
        SourceError::of_parts(&self.failed)
    }

    /// Adds those of the rows from the fetch before that this one may have missed because of a failure.
    pub fn keep_missed(&mut self, before: &[Row]) {
        let missed = |row: &&Row| {
            let failed = |part: &PartError| part.region.is_none() || part.region == row.region;
            self.failed.iter().any(failed) && self.rows.iter().all(|new| new.key != row.key)
        };
        let missed: Vec<Row> = before.iter().filter(missed).cloned().collect();
        self.rows.extend(missed);
    }
}

/// A part of a fetch that failed while others did not.
#[derive(Clone, Debug)]
pub struct PartError {
    /// The region that it concerns; `None` if it may concern any row.
    pub region: Option<String>,
    /// What went wrong.
    pub error: SourceError,
}

/// A place to fetch the five tables from: one blocking method each.
///
/// # Errors
///
/// Every method fails with a [`SourceError`] that tells a person what failed and what to do, and with
/// [`Problem::Cancelled`] soon after its worker was cancelled.
#[expect(clippy::missing_errors_doc, reason = "said once, above, for all of them")]
pub trait Source: fmt::Debug + Send + Sync + 'static {
    /// Cloud Build's builds.
    fn builds(&self, cx: &WorkerContext) -> Result<Batch, SourceError>;
    /// The launch agent's executions.
    fn runner(&self, cx: &WorkerContext) -> Result<Batch, SourceError>;
    /// Vertex AI's custom jobs.
    fn vertex(&self, cx: &WorkerContext) -> Result<Batch, SourceError>;
    /// W&B runs that go on.
    fn active(&self, cx: &WorkerContext) -> Result<Batch, SourceError>;
    /// W&B runs that have ended.
    fn completed(&self, cx: &WorkerContext) -> Result<Batch, SourceError>;

    /// The rows of any one table.
    fn fetch(&self, table: Table, cx: &WorkerContext) -> Result<Batch, SourceError> {
        match table {
            Table::Builds => self.builds(cx),
            Table::Runner => self.runner(cx),
            Table::Vertex => self.vertex(cx),
            Table::Active => self.active(cx),
            Table::Completed => self.completed(cx),
        }
    }
}

#[cfg(test)]
mod tests;
