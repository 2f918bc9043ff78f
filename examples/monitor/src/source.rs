//! [`Source`]: the trait of a source of rows; [`Batch`]: what a fetch returns; [`SourceError`]: how
//! it fails. [`sources`](crate::sources) has the implementations.
//!
//! [`Source::fetch`] takes a `&WorkerContext`. A context exists only inside a worker's body
//! and cannot be sent to another thread, so fetching in a callback on the UI thread is a compile
//! error.

mod batch;
mod error;

use std::fmt;

use worker_core::WorkerContext;

use crate::model::Table;

pub use batch::{Batch, Extent, PartError};
pub use error::{ErrorKind, SourceError};

/// A source of the five tables.
pub trait Source: fmt::Debug + Send + Sync + 'static {
    /// Fetches the rows of a table. Blocks the worker that calls it.
    ///
    /// # Errors
    ///
    /// What failed, and what to do about it. If the worker is cancelled, it fails soon after with
    /// [`ErrorKind::Cancelled`].
    fn fetch(&self, table: Table, cx: &WorkerContext) -> Result<Batch, SourceError>;
}
