//! [`Source`]: what a source of rows can be asked.

use std::fmt;

use worker_core::{Result, WorkerContext};

use super::batch::Batch;
use super::error::{ErrorKind, SourceError};
use crate::model::{Row, Table};

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
    /// [`ErrorKind::Cancelled`].
    fn fetch(&self, table: Table, region: Option<&str>, cx: &WorkerContext) -> Result<Batch, SourceError>;

    /// Asks the service to stop what a row stands for: a build, an execution, a job.
    ///
    /// # Errors
    ///
    /// In the service's own words; or that this cannot be stopped from here.
    fn stop(&self, table: Table, _: &Row, _: &WorkerContext) -> Result<(), SourceError> {
        Err(SourceError::new(ErrorKind::Refused, format!("{table} cannot be stopped from here")))
    }

    /// Opens the page or the log of a row in the user's browser. Blocks the worker that calls it.
    ///
    /// # Errors
    ///
    /// Why that is not possible here.
    fn open_url(&self, _: &str, _: &WorkerContext) -> Result<(), SourceError> {
        Err(SourceError::new(ErrorKind::Refused, "URLs cannot be opened from here"))
    }

    /// Gives the last lines of the log of what a row stands for to `lines`, and while it runs those
    /// that are added. Blocks the worker that calls it.
    ///
    /// # Errors
    ///
    /// What failed, and what to do about it; or an error of `lines`.
    fn follow_log(&self, table: Table, _: &Row, _: &WorkerContext, _: &Lines<'_>) -> Result<()> {
        Err(SourceError::new(ErrorKind::Refused, format!("{table} have no log that can be read from here"))
            .into())
    }
}

/// Takes lines of a log, without their ends.
pub type Lines<'a> = dyn Fn(Vec<String>) -> Result<()> + 'a;
