//! [`Source`]: the trait of a source of rows; [`Batch`]: what a fetch returns; [`SourceError`]: how
//! it fails. [`sources`](crate::sources) has the implementations.
//!
//! Each method of [`Source`] takes a `&WorkerContext`. A context exists only inside a worker's body
//! and cannot be sent to another thread, so fetching in a callback on the UI thread is a compile
//! error.

mod batch;
mod error;

use std::fmt;

use worker_core::WorkerContext;

use crate::model::Table;

pub use batch::{Batch, Extent, PartError};
pub use error::{ErrorKind, SourceError};

/// A source of the five tables, with one blocking method for each.
///
/// # Errors
///
/// Every method fails with a [`SourceError`] that says what failed and what to do about it. If the
/// worker is cancelled, it fails soon after with [`ErrorKind::Cancelled`].
#[expect(clippy::missing_errors_doc, reason = "said once, above, for all of them")]
pub trait Source: fmt::Debug + Send + Sync + 'static {
    /// Builds of Cloud Build.
    fn builds(&self, cx: &WorkerContext) -> Result<Batch, SourceError>;
    /// Executions of the launch agent.
    fn runner(&self, cx: &WorkerContext) -> Result<Batch, SourceError>;
    /// Custom jobs of Vertex AI.
    fn vertex(&self, cx: &WorkerContext) -> Result<Batch, SourceError>;
    /// Running W&B runs.
    fn active(&self, cx: &WorkerContext) -> Result<Batch, SourceError>;
    /// Ended W&B runs.
    fn completed(&self, cx: &WorkerContext) -> Result<Batch, SourceError>;

    /// The rows of the given table.
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
