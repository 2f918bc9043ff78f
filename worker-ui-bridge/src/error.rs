//! The error types: [`CallError`], [`PostError`], [`TryPostError`], [`PauseError`],
//! [`WaitForError`], [`PumpError`], one for each operation.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use worker_core::{AnyWorker, BoxError, Panic, WaitError, WorkerError};

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

/// Why a [source](crate::UiHandle::source) was not paused: its read has not ended in time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the source {name:?} was not paused: its read blocks, and nothing interrupts it \
     (see `Source::interrupt_with`)"
)]
pub struct PauseError {
    pub(crate) name: Arc<str>,
}

/// Why [`wait_for`](crate::UiBridge::wait_for) returned no value.
///
/// Its `Debug` is the error in words, as that of [`PumpError`].
#[derive(Clone, thiserror::Error)]
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
///
/// Its `Debug`, which is what `main` prints, is the error in words with all its sources:
///
/// ```
/// use worker_core::WorkerManager;
/// use worker_ui_bridge::UiBridge;
///
/// let mut bridge = UiBridge::new();
/// let events = bridge.handle().state_changes(|_: &mut (), _event| {});
/// let workers = WorkerManager::builder().events(events).build();
/// let worker = workers.worker("fetch").thread(|_| Err::<(), _>("no route to host".into()));
///
/// let error = loop {
///     if let Err(error) = bridge.wait(&mut ()) {
///         break error;
///     }
/// };
/// assert_eq!(format!("{error:?}"), format!("{worker}: no route to host"));
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub enum PumpError {
    /// A worker with [`exit_on_error`](worker_core::WorkerBuilder::exit_on_error), the default,
    /// ended in `Error`. The handler of its event has run. What was queued behind the event has
    /// not; a further [`pump`](crate::UiBridge::pump) runs it.
    ///
    /// It shows both, so its `source` is what stands behind the worker's error.
    #[non_exhaustive]
    Worker {
        /// The worker.
        worker: AnyWorker,
        /// Its error.
        error: WorkerError,
    },
    /// The `read` function of a [source](crate::UiHandle::source) panicked, and the source has
    /// ended. What it had read before was delivered. A further [`pump`](crate::UiBridge::pump) goes
    /// on.
    #[non_exhaustive]
    SourcePanicked {
        /// The name of the source.
        name: Arc<str>,
        /// What it panicked with.
        panic: Arc<Panic>,
    },
    /// The app has ended the loop, by [`fail`](crate::UiHandle::fail). What was queued behind the
    /// callback that did is kept; a further [`pump`](crate::UiBridge::pump) runs it.
    #[non_exhaustive]
    App {
        /// The app's error.
        error: Arc<BoxError>,
    },
    /// The bridge is closed.
    Closed,
}

impl fmt::Display for PumpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Worker { worker, error } => write!(f, "{worker}: {error}"),
            Self::SourcePanicked { name, panic } => write!(f, "the source {name:?} has ended: {panic}"),
            Self::App { error } => write!(f, "{error}"),
            Self::Closed => f.write_str("the turn was not run: the UI bridge is closed"),
        }
    }
}

impl Error for PumpError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Worker { error, .. } => error.source(),
            Self::App { error } => error.source(),
            Self::SourcePanicked { .. } | Self::Closed => None,
        }
    }
}

impl fmt::Debug for PumpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_chain(f, self)
    }
}

impl fmt::Debug for WaitForError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_chain(f, self)
    }
}

/// The error and its sources in one line, for what `main` returns.
fn write_chain(f: &mut fmt::Formatter<'_>, error: &dyn Error) -> fmt::Result {
    write!(f, "{error}")?;
    let mut source = error.source();
    while let Some(cause) = source {
        write!(f, ": {cause}")?;
        source = cause.source();
    }
    Ok(())
}
