//! What can go wrong, one type per operation.

use std::fmt;

use worker_core::{AnyWorker, WaitError, WorkerError};

/// Why [`call_from_thread`](crate::UiHandle::call_from_thread) gave no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// It was called on the UI thread, where waiting for the UI thread would never end.
    #[error("call_from_thread must not be called on the UI thread: use the state directly, or post")]
    UiThread,
    /// The bridge is closed: the UI has gone.
    #[error("the UI bridge is closed")]
    Closed,
    /// The calling worker was cancelled.
    #[error("the worker was cancelled")]
    Cancelled,
    /// The callback panicked on the UI thread.
    #[error("the callback panicked on the UI thread")]
    Panicked,
}

impl CallError {
    /// Whether the calling worker was cancelled.
    pub fn is_cancelled(self) -> bool {
        self == Self::Cancelled
    }
}

/// Why a callback was not queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PostError {
    /// The bridge is closed: the UI has gone.
    #[error("the UI bridge is closed")]
    Closed,
    /// The posting worker was cancelled.
    #[error("the worker was cancelled")]
    Cancelled,
}

impl PostError {
    /// Whether the posting worker was cancelled.
    pub fn is_cancelled(self) -> bool {
        self == Self::Cancelled
    }
}

impl From<PostError> for CallError {
    fn from(error: PostError) -> Self {
        match error {
            PostError::Closed => Self::Closed,
            PostError::Cancelled => Self::Cancelled,
        }
    }
}

/// Why a callback was not queued at once; it comes back inside.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TryPostError<F> {
    /// The queue has no room now.
    #[error("the UI's queue is full")]
    Full(F),
    /// The bridge is closed: the UI has gone.
    #[error("the UI bridge is closed")]
    Closed(F),
    /// The posting worker was cancelled.
    #[error("the worker was cancelled")]
    Cancelled(F),
}

impl<F> TryPostError<F> {
    /// The callback that was not queued.
    pub fn into_inner(self) -> F {
        match self {
            Self::Full(f) | Self::Closed(f) | Self::Cancelled(f) => f,
        }
    }

    /// Whether there was no room.
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Full(_))
    }
}

/// Without the callback, which has nothing to show.
impl<F> fmt::Debug for TryPostError<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full(_) => "Full",
            Self::Closed(_) => "Closed",
            Self::Cancelled(_) => "Cancelled",
        })
    }
}

/// Why [`wait_for`](crate::UiBridge::wait_for) gave no value.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WaitForError {
    /// The worker that was waited for has no value, or cannot be waited for.
    #[error(transparent)]
    Wait(#[from] WaitError),
    /// Meanwhile something else ended the loop.
    #[error(transparent)]
    Pump(#[from] PumpError),
}

/// Why a turn of the UI loop ended the loop.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PumpError {
    /// A worker with [`exit_on_error`](worker_core::WorkerBuilder::exit_on_error), the default, ended in `Error`. The
    /// handler of its event has run; what was queued behind it has not, and may still be pumped.
    #[error("{worker}: {error}")]
    Worker {
        /// The worker.
        worker: AnyWorker,
        /// Its error.
        #[source]
        error: WorkerError,
    },
    /// The bridge is closed: nothing will ever be queued or run again.
    #[error("the UI bridge is closed")]
    Closed,
}
