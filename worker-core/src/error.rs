//! The error types: [`WorkerError`], [`WaitError`], [`Cancelled`], [`NoActiveWorker`]; and
//! [`Panic`], a caught panic.

use std::backtrace::Backtrace;
use std::error::Error;
use std::fmt;
use std::io;
use std::sync::Arc;

/// Any error a body may end with.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// What a body returns: `?` takes any error, and `Ok(x)` needs no annotation.
pub type Result<T, E = BoxError> = std::result::Result<T, E>;

/// The worker was cancelled: a body that meets this should pass it on with `?` and so end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("the worker was cancelled")]
#[non_exhaustive]
pub struct Cancelled;

/// There is no worker here: [`current_worker`](crate::current_worker) was called outside a worker's
/// body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("no worker is active here: current_worker() works only inside a worker's body")]
#[non_exhaustive]
pub struct NoActiveWorker;

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
    /// The worker was cancelled.
    #[error("cancelled")]
    Cancelled,
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
        matches!(self, Self::Cancelled)
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

/// A panic that was caught: what was said, where, and how the code got there.
pub struct Panic {
    pub(crate) message: String,
    pub(crate) location: Option<Location>,
    pub(crate) backtrace: Option<Backtrace>,
}

/// A place in source code.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Location {
    /// The file, as the compiler was given it.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

impl Panic {
    /// The panic's message; a note if its payload was not text.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Where it panicked. `None` only if another panic hook replaced the library's own.
    pub fn location(&self) -> Option<&Location> {
        self.location.as_ref()
    }

    /// The stack at the panic. `None` only if another panic hook replaced the library's own.
    pub fn backtrace(&self) -> Option<&Backtrace> {
        self.backtrace.as_ref()
    }
}

impl fmt::Display for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.location {
            Some(location) => write!(f, " (at {location})"),
            None => Ok(()),
        }
    }
}

/// Without the backtrace, which is long: ask [`Panic::backtrace`] for it.
impl fmt::Debug for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Panic")
            .field("message", &self.message)
            .field("location", &self.location)
            .finish_non_exhaustive()
    }
}
