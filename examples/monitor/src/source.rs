//! What a source of rows is: the trait, what a fetch brings, and how it fails. Which sources there are is told in
//! [`sources`](crate::sources).
//!
//! Each method of [`Source`] takes a `&WorkerContext`. One exists only inside a worker's body and can be sent
//! nowhere, so a callback on the UI thread cannot fetch: it would not compile.

mod error;

use std::collections::HashSet;
use std::fmt;

use jiff::Timestamp;
use worker_core::WorkerContext;

use crate::model::{Row, Table};

pub use error::{Problem, SourceError};

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

    /// Adds the rows that the fetch before brought from regions that could not be asked this time, and gives their
    /// keys.
    ///
    /// Of a region that did answer nothing is kept: an old row that is not in the answer may have gone.
    #[must_use]
    pub fn keep_missed(&mut self, before: &[Row]) -> Vec<String> {
        if self.failed.is_empty() {
            return Vec::new();
        }
        let answered: HashSet<&str> = self.rows.iter().map(|row| row.key.as_str()).collect();
        let missed = |row: &&Row| {
            let silent = |part: &PartError| {
                part.extent == Extent::Whole && part.region.is_some() && part.region == row.region
            };
            self.failed.iter().any(silent) && !answered.contains(row.key.as_str())
        };
        let missed: Vec<Row> = before.iter().filter(missed).cloned().collect();
        let keys = missed.iter().map(|row| row.key.clone()).collect();
        self.rows.extend(missed);
        keys
    }
}

/// A part of a fetch that failed while others did not.
#[derive(Clone, Debug)]
pub struct PartError {
    /// The region that it concerns; `None` if it may concern any row.
    pub region: Option<String>,
    /// How much of that part is missing.
    pub extent: Extent,
    /// What went wrong.
    pub error: SourceError,
}

/// How much of a part is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// All of it: it could not be asked.
    Whole,
    /// Some of its rows: it answered, but not everything could be read.
    Some,
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
