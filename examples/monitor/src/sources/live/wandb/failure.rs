//! [`Failure`]: an error of a call, and whether to retry it.

use std::fmt;

use worker_core::Cancelled;

use crate::source::SourceError;

/// A failed call.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: SourceError,
    /// Whether a retry may succeed.
    pub(super) transient: bool,
}

impl Failure {
    pub(super) fn permanent(error: SourceError) -> Self {
        Self { error, transient: false }
    }

    pub(super) fn transient(error: SourceError) -> Self {
        Self { error, transient: true }
    }
}

impl From<Cancelled> for Failure {
    fn from(cancelled: Cancelled) -> Self {
        Self::permanent(cancelled.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}
