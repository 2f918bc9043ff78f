//! What a body meets: [`Cancelled`], [`NoActiveWorker`]; and [`Panic`], a caught panic.

use std::backtrace::Backtrace;
use std::error::Error;
use std::fmt;
use std::io;

/// Any error a body may end with.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// What a body returns: `?` takes any error, and `Ok(x)` needs no annotation.
pub type Result<T, E = BoxError> = std::result::Result<T, E>;

/// The worker was cancelled: a body that meets this should pass it on with `?` and so end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("the worker was cancelled")]
#[non_exhaustive]
pub struct Cancelled;

/// For bodies whose errors are those of I/O. Of the kind `Other`, because the standard library
/// tries again what was `Interrupted`.
impl From<Cancelled> for io::Error {
    fn from(cancelled: Cancelled) -> Self {
        Self::other(cancelled)
    }
}

/// There is no worker here: [`current_worker`](crate::current_worker) was called outside a worker's
/// body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("no worker is active here: current_worker() works only inside a worker's body")]
#[non_exhaustive]
pub struct NoActiveWorker;

/// A panic that was caught: what was said, where, and how the code got there.
pub struct Panic {
    pub(crate) message: String,
    pub(crate) location: Option<Location>,
    pub(crate) backtrace: Option<Backtrace>,
}

/// A place in source code.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
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

/// What tokio's types panic with outside a runtime.
const NO_REACTOR: &str = "there is no reactor running";

/// What to do then.
const HOW_TO_GET_ONE: &str = ": worker-core's feature `tokio` gives each body of `thread_async` a runtime, \
    and `event_loop(tokio::runtime::Handle::current())` gives all of a manager the app's";

impl Panic {
    /// As a worker's error says it.
    pub(crate) fn with_hint(mut self) -> Self {
        if self.message.starts_with(NO_REACTOR) {
            self.message.push_str(HOW_TO_GET_ONE);
        }
        self
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
