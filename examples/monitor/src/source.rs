//! What a source of rows is: the trait, what a fetch brings, and how it fails. Which sources there are is told in
//! [`sources`](crate::sources).
//!
//! Each method of [`Source`] takes a `&WorkerContext`. One exists only inside a worker's body and can be sent
//! nowhere, so a callback on the UI thread cannot fetch: it would not compile.

mod batch;
mod error;

use std::fmt;

use worker_core::WorkerContext;

use crate::model::Table;

pub use batch::{Batch, Extent, PartError};
pub use error::{ErrorKind, SourceError};

/// A place to fetch the five tables from: one blocking method each.
///
/// # Errors
///
/// Every method fails with a [`SourceError`] that tells a person what failed and what to do, and with
/// [`ErrorKind::Cancelled`] soon after its worker was cancelled.
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
