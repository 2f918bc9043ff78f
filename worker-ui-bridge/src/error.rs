//! The error types: [`CallError`], [`PostError`], [`TryPostError`], [`WaitForError`],
//! [`PumpError`], one for each operation.

use std::fmt;
use std::sync::Arc;

use worker_core::{AnyWorker, Panic, WaitError, WorkerError};

/// Why [`call_from_thread`](crate::UiHandle::call_from_thread) or [`call`](crate::UiHandle::call)
/// returned no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// It was called on the UI thread, where it would wait for itself.
    #[error(
        "`call_from_thread` was called on the UI thread, which it would block for ever: \
         use the state directly, or `post`"
    )]
    UiThread,
    /// The bridge is closed.
    #[error("the call was not answered: the UI bridge is closed")]
    Closed,
    /// The calling worker was cancelled.
    #[error("the call was not answered: the calling worker was cancelled")]
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
    /// The bridge is closed.
    #[error("the callback was not queued: the UI bridge is closed")]
    Closed,
    /// The posting worker was cancelled.
    #[error("the callback was not queued: the posting worker was cancelled")]
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

/// Why a callback was not queued at once. Returns the callback.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TryPostError<F> {
    /// The queue is full.
    #[error("the callback was not queued: the queue is full; try later, or use `post`, which waits")]
    Full(F),
    /// The bridge is closed.
    #[error("the callback was not queued: the UI bridge is closed")]
    Closed(F),
    /// The posting worker was cancelled.
    #[error("the callback was not queued: the posting worker was cancelled")]
    Cancelled(F),
}

impl<F> TryPostError<F> {
    /// The callback that was not queued.
    pub fn into_inner(self) -> F {
        match self {
            Self::Full(f) | Self::Closed(f) | Self::Cancelled(f) => f,
        }
    }

    /// Whether the queue was full.
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Full(_))
    }
}

/// Without the callback, which need not be `Debug`.
impl<F> fmt::Debug for TryPostError<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full(_) => "Full",
            Self::Closed(_) => "Closed",
            Self::Cancelled(_) => "Cancelled",
        })
    }
}

/// Why [`wait_for`](crate::UiBridge::wait_for) returned no value.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WaitForError {
    /// The worker ended without a value, or cannot be waited for.
    #[error(transparent)]
    Wait(#[from] WaitError),
    /// A turn ended the loop before the worker had ended.
    #[error(transparent)]
    Pump(#[from] PumpError),
}

/// Why a turn of the UI loop ended the loop.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PumpError {
    /// A worker with [`exit_on_error`](worker_core::WorkerBuilder::exit_on_error), the default,
    /// ended in `Error`. The handler of its event has run. What was queued behind the event has
    /// not; a further [`pump`](crate::UiBridge::pump) runs it.
    #[error("{worker}: {error}")]
    Worker {
        /// The worker.
        worker: AnyWorker,
        /// Its error.
        #[source]
        error: WorkerError,
    },
    /// The `read` function of a [source](crate::UiHandle::source) panicked, and the source has
    /// ended. What it had read before was delivered. A further [`pump`](crate::UiBridge::pump) goes
    /// on.
    #[error("the source {name:?} has ended: {panic}")]
    SourcePanicked {
        /// The name of the source.
        name: Arc<str>,
        /// What it panicked with.
        panic: Arc<Panic>,
    },
    /// The bridge is closed.
    #[error("the turn was not run: the UI bridge is closed")]
    Closed,
}
