//! [`Source`]: what a source of rows can be asked.

use std::fmt;

use worker_core::WorkerContext;

use super::batch::Batch;
use super::error::SourceError;
use crate::model::Table;

/// A source of the five tables.
pub trait Source: fmt::Debug + Send + Sync + 'static {
    /// The regions that a table is fetched from, each by a question of its own; none if one
    /// question is enough.
    fn regions(&self, _: Table) -> Vec<String> {
        Vec::new()
    }

    /// Fetches the rows of a table, from one region if it has some. Blocks the worker that calls
    /// it.
    ///
    /// # Errors
    ///
    /// What failed, and what to do about it. If the worker is cancelled, it fails soon after with
    /// [`ErrorKind::Cancelled`](super::ErrorKind::Cancelled).
    fn fetch(&self, table: Table, region: Option<&str>, cx: &WorkerContext) -> Result<Batch, SourceError>;
}
