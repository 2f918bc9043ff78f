//! [`WorkerError`] and [`WaitError`]: why a worker, or a wait for one, gave no result.

use std::error::Error;
use std::io;
use std::sync::Arc;

use crate::error::{Cancelled, Panic};
use crate::worker::cancel_reason::CancelReason;

/// Why a worker has no result.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorkerError {
    /// The body returned this error.
    #[error("{0}")]
    Failed(#[source] Arc<dyn Error + Send + Sync>),
    /// The body panicked.
    #[error("panicked: {0}")]
    Panicked(Arc<Panic>),
    /// The worker was cancelled, for this reason.
    #[error("cancelled: {0}")]
    Cancelled(CancelReason),
    /// The worker's own time limit ran out, and it was cancelled for it.
    #[error("timed out")]
    TimedOut,
    /// The worker could not be started: no thread could be made for it.
    #[error("could not be started: {0}; the process or system thread limit was reached")]
    NotStarted(#[source] Arc<io::Error>),
}

impl WorkerError {
    /// Whether the worker was cancelled (and not by its own time limit).
    pub fn is_cancelled(&self) -> bool {
        matches!(self, Self::Cancelled(_))
    }

    /// Whether the worker's own time limit ran out.
    pub fn is_timeout(&self) -> bool {
        matches!(self, Self::TimedOut)
    }

    /// What the body panicked with, if it did.
    pub fn panic(&self) -> Option<&Panic> {
        match self {
            Self::Panicked(panic) => Some(panic),
            _ => None,
        }
    }

    /// The body's own error as the type it had, if it failed with an `E`.
    pub fn downcast_ref<E: Error + 'static>(&self) -> Option<&E> {
        match self {
            Self::Failed(error) => error.downcast_ref(),
            _ => None,
        }
    }
}

/// Why a wait gave no result.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WaitError {
    /// The worker ended without a result.
    #[error(transparent)]
    Worker(#[from] WorkerError),
    /// The wait could never end: the worker waits, directly or through others, for the one that is
    /// asking.
    #[error("this wait would never end: the awaited worker is, or waits for, the waiting worker")]
    Deadlock,
    /// The calling thread is a UI thread, which must not block.
    #[error("the UI thread must not block on a worker: use UiBridge::wait_for, or react to its StateChanged")]
    UiThread,
    /// The worker was created paused and has not been started.
    #[error("the worker has not been started: call start() on it first")]
    NotStarted,
    /// The time given to the wait ran out; the worker goes on.
    #[error("not finished in the given time; the worker goes on")]
    Timeout,
    /// The worker that was waiting was itself cancelled; the one it waited for goes on.
    #[error("the wait ended because the waiting worker was cancelled")]
    Cancelled,
}

impl WaitError {
    /// Whether the worker that was waited for had been cancelled.
    pub fn is_cancelled(&self) -> bool {
        matches!(self, Self::Worker(error) if error.is_cancelled())
    }

    /// Whether time ran out: that of the wait, or the worker's own.
    pub fn is_timeout(&self) -> bool {
        match self {
            Self::Worker(error) => error.is_timeout(),
            Self::Timeout => true,
            _ => false,
        }
    }
}

impl From<Cancelled> for WaitError {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}
