//! Stops a build, an execution or a job.

use worker_core::WorkerContext;

use super::Gcloud;
use crate::model::Row;
use crate::source::{ErrorKind, SourceError};
use crate::sources::live::wire::Listing;

impl Gcloud {
    /// Asks the service to stop what the row stands for.
    pub(in crate::sources::live) fn stop(
        &self,
        listing: Listing,
        row: &Row,
        cx: &WorkerContext,
    ) -> Result<(), SourceError> {
        let id = id(row)?;
        let arguments: &[&str] = match listing {
            Listing::Builds => &["builds", "cancel", id],
            Listing::Executions => &["run", "jobs", "executions", "cancel", id, "--quiet"],
            Listing::Jobs => &["ai", "custom-jobs", "cancel", id],
        };
        let command = self.command(arguments, row.region.as_deref());
        self.ask(command, "word that it is being stopped", self.config.time_limit, cx, |_| {}).map(drop)
    }
}

/// What identifies a row to `gcloud`. It comes from outside, and must be no option and no filter.
pub(super) fn id(row: &Row) -> Result<&str, SourceError> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let starts_well = row.key.starts_with(|c: char| c.is_ascii_alphanumeric());
    if starts_well && row.key.chars().all(is_plain) && row.key.len() <= 128 {
        Ok(&row.key)
    } else {
        Err(SourceError::new(ErrorKind::Refused, "the service gave an id that cannot be one"))
    }
}
