//! [`StateChanged`] and [`ProgressChanged`], and the sinks that take them: [`EventSink`] and
//! [`ProgressSink`], which a UI implements.

use std::fmt;

use crate::panics;
use crate::worker::handle::AnyWorker;
use crate::worker::progress::Progress;
use crate::worker::state::WorkerState;

/// A worker has entered a state. Textual's `Worker.StateChanged`.
///
/// Every event is delivered, also that of a worker which has been superseded since: a handler that
/// shows the *result* from here asks [`is_revoked`](AnyWorker::is_revoked) first.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct StateChanged {
    /// The worker it happened to.
    pub worker: AnyWorker,
    /// The state it entered. The worker may be further on by the time this is read.
    pub state: WorkerState,
}

impl StateChanged {
    /// An event of `worker`. Managers make their own; this is for tests of a sink or a handler.
    ///
    /// ```
    /// use worker_core::{StateChanged, WorkerManager, WorkerState};
    ///
    /// let worker = WorkerManager::new().worker("builds").paused().thread(|_| Ok(()));
    /// let event = StateChanged::new(worker, WorkerState::Pending);
    /// assert!(event.to_string().ends_with("is PENDING"));
    /// ```
    pub fn new(worker: impl Into<AnyWorker>, state: WorkerState) -> Self {
        Self { worker: worker.into(), state }
    }

    /// Logs the error, if this is one: for a sink that cannot deliver it, so that no error is ever
    /// silent.
    pub fn log_undelivered(&self) {
        if self.state == WorkerState::Error
            && let Some(error) = self.worker.error()
        {
            // The error's `Display` and the subscriber are foreign code.
            panics::guard("logging a worker's error", || {
                tracing::error!(
                    target: "worker_core", worker = %self.worker, %error,
                    "a worker failed and no sink or subscriber was told"
                );
            });
        }
    }
}

impl fmt::Display for StateChanged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is {}", self.worker, self.state)
    }
}

/// Where state changes go.
///
/// One worker's events are emitted in order, each exactly once, on the thread that made the change:
/// the creator's, the canceller's or the worker's own. No lock of the library is held, so a sink
/// may call back into the manager. It must not block: the worker's next transition waits for it. A
/// panic in it is caught and logged.
///
/// Any `Fn(StateChanged)` is a sink:
///
/// ```
/// use worker_core::{StateChanged, WorkerManager};
///
/// let (events, log) = std::sync::mpsc::channel();
/// let workers = WorkerManager::builder()
///     .events(move |event: StateChanged| events.send(event.state).unwrap())
///     .build();
/// workers.worker("hello").thread(|_| Ok(())).wait()?;
///
/// let seen: Vec<String> = log.try_iter().map(|state| state.to_string()).collect();
/// assert_eq!(seen, ["PENDING", "RUNNING", "SUCCESS"]);
/// # Ok::<(), worker_core::WaitError>(())
/// ```
pub trait EventSink: Send + Sync {
    /// Takes one event.
    fn emit(&self, event: StateChanged);
}

impl<F: Fn(StateChanged) + Send + Sync> EventSink for F {
    fn emit(&self, event: StateChanged) {
        self(event);
    }
}

/// A running worker has come further.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ProgressChanged {
    /// The worker.
    pub worker: AnyWorker,
    /// How far it had come when the notice was read.
    pub progress: Progress,
}

impl ProgressChanged {
    /// A change of `worker`. Notices make their own; this is for tests of a handler.
    pub fn new(worker: impl Into<AnyWorker>, progress: Progress) -> Self {
        Self { worker: worker.into(), progress }
    }
}

/// Says that a worker has come further; how far is read when it is dealt with.
///
/// A worker has at most one notice under way, so a body that counts in a tight loop floods no
/// queue.
///
/// Dropping a notice unread lets the next change give a new one.
#[derive(Debug)]
pub struct ProgressNotice {
    worker: AnyWorker,
    is_read: bool,
}

impl ProgressNotice {
    pub(crate) fn new(worker: AnyWorker) -> Self {
        Self { worker, is_read: false }
    }

    /// The worker it is about.
    pub fn worker(&self) -> &AnyWorker {
        &self.worker
    }

    /// The progress now. The next change gives a new notice.
    pub fn read(mut self) -> ProgressChanged {
        self.is_read = true;
        self.worker.0.progress.take_notice();
        ProgressChanged::new(self.worker.clone(), self.worker.progress())
    }
}

impl Drop for ProgressNotice {
    fn drop(&mut self) {
        if !self.is_read {
            self.worker.0.progress.take_notice();
        }
    }
}

/// Where notices of progress go. The rules for an [`EventSink`] hold: called on the worker's
/// thread, between its `Running` and its terminal event; must not block; a panic is caught.
///
/// ```
/// use worker_core::{ProgressNotice, WorkerManager};
///
/// let (seen, log) = std::sync::mpsc::channel();
/// let workers = WorkerManager::builder()
///     .progress(move |notice: ProgressNotice| seen.send(notice.read().progress.percent()).unwrap())
///     .build();
/// workers.worker("copy").thread(|cx| {
///     cx.set_total(2);
///     cx.advance(1);
///     Ok(cx.advance(1))
/// }).wait()?;
/// assert_eq!(log.try_iter().collect::<Vec<_>>(), [0.0, 50.0, 100.0]);
/// # Ok::<(), worker_core::WaitError>(())
/// ```
pub trait ProgressSink: Send + Sync {
    /// Takes one notice.
    fn emit(&self, notice: ProgressNotice);
}

impl<F: Fn(ProgressNotice) + Send + Sync> ProgressSink for F {
    fn emit(&self, notice: ProgressNotice) {
        self(notice);
    }
}
