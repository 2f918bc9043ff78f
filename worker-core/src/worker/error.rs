//! [`WorkerError`] and [`WaitError`]: why a worker, or a wait for one, gave no result.

use std::error::Error;
use std::io;
use std::sync::Arc;

use crate::error::{Cancelled, Panic};
use crate::worker::cancel_reason::CancelReason;

/// Why a worker has no result.
///
/// Each variant's `Display` names its cause, and the `source` is what stands behind that cause: a
/// chain that is printed says each thing once.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorkerError {
    /// The body returned this error.
    #[error(transparent)]
    Failed(Arc<dyn Error + Send + Sync>),
    /// The body panicked.
    #[error("panicked: {0}")]
    Panicked(Arc<Panic>),
    /// The worker was cancelled, for this reason.
    #[error("cancelled: {0}")]
    Cancelled(CancelReason),
    /// The worker's own [time limit](crate::WorkerBuilder::timeout) ran out, and it was cancelled
    /// for it. It has ended. Not [`WaitError::Timeout`], which is a wait that gave up.
    #[error("timed out")]
    TimedOut,
    /// No thread could be made for the worker, so its body never ran. It has ended. Not
    /// [`WaitError::NotStarted`], which is a paused worker that has not been started yet.
    #[error("could not be started: {0}; the process or system thread limit was reached")]
    NoThread(Arc<io::Error>),
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
    /// The worker was created [paused](crate::WorkerBuilder::paused) and has not been started. It is
    /// still pending. Not [`WorkerError::NoThread`], which is a worker that could not be started.
    #[error("the worker has not been started: call start() on it first")]
    NotStarted,
    /// The time given to the wait ran out; the worker goes on. Not [`WorkerError::TimedOut`], which
    /// is the end of a worker by its own time limit.
    #[error("not finished in the given time; the worker goes on")]
    Timeout,
    /// The worker that was *waiting* was cancelled; the one it waited for goes on. Of that one the
    /// cancel is a [`WorkerError::Cancelled`].
    #[error("the wait ended because the waiting worker was cancelled")]
    WaiterCancelled,
}

impl WaitError {
    /// Whether a cancel ended the wait: of the worker that was waited for, or of the worker that
    /// was waiting. Either way nothing has failed, and there is nothing to report or to try again.
    /// The variants tell the two apart.
    pub fn is_cancelled(&self) -> bool {
        match self {
            Self::Worker(error) => error.is_cancelled(),
            Self::WaiterCancelled => true,
            _ => false,
        }
    }

    /// Whether time ran out: that of the wait, or the worker's own. The variants tell the two
    /// apart.
    pub fn is_timeout(&self) -> bool {
        match self {
            Self::Worker(error) => error.is_timeout(),
            Self::Timeout => true,
            _ => false,
        }
    }
}

/// The waiting worker meets its own cancel.
impl From<Cancelled> for WaitError {
    fn from(_: Cancelled) -> Self {
        Self::WaiterCancelled
    }
}
