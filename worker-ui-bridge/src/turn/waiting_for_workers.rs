//! Waits for workers on the UI thread, [`wait_for`](UiBridge::wait_for) and
//! [`shutdown`](UiBridge::shutdown): they pump meanwhile instead of blocking.

use std::pin::pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use worker_core::blocking::thread_waker;
use worker_core::{AnyWorker, CancelOnDrop, ShutdownReport, WaitError, Worker, WorkerManager};

use crate::error::{PumpError, WaitForError};
use crate::turn::bridge::UiBridge;

/// A worker that [`wait_for`](UiBridge::wait_for) can wait for.
pub trait Waitable: AsRef<AnyWorker> {
    /// What is given if it succeeded.
    type Output<'w>
    where
        Self: 'w;

    /// Completes when it has finished.
    fn finished(&self) -> impl Future<Output = Result<Self::Output<'_>, WaitError>>;
}

impl<T: Send + Sync + 'static> Waitable for Worker<T> {
    type Output<'w> = &'w T;

    fn finished(&self) -> impl Future<Output = Result<&T, WaitError>> {
        Worker::finished(self)
    }
}

/// Its result's type is not known.
impl Waitable for AnyWorker {
    type Output<'w> = ();

    fn finished(&self) -> impl Future<Output = Result<(), WaitError>> {
        AnyWorker::finished(self)
    }
}

impl<T: Send + Sync + 'static> Waitable for CancelOnDrop<T> {
    type Output<'w> = &'w T;

    fn finished(&self) -> impl Future<Output = Result<&T, WaitError>> {
        Worker::finished(self)
    }
}

impl<A: 'static> UiBridge<A> {
    /// Pumps until `worker` has ended, and returns its result: a `&T` of a [`Worker<T>`](Worker),
    /// nothing of an [`AnyWorker`]. Use it on the UI thread in place of [`Worker::wait`].
    ///
    /// # Errors
    ///
    /// Those of [`Worker::finished`], and those of [`pump`](Self::pump) that come before. The
    /// worker's own error is a [`WaitForError::Wait`], also with `exit_on_error`. Its events have
    /// been handled when this returns.
    ///
    /// ```
    /// use worker_core::WorkerManager;
    /// use worker_ui_bridge::UiBridge;
    ///
    /// let mut bridge = UiBridge::new();
    /// let ui = bridge.handle();
    /// let worker = WorkerManager::new().worker("ask").thread(move |_| {
    ///     Ok(ui.call_from_thread(|answer: &mut u32| *answer)? / 2) // needs a UI thread that pumps
    /// });
    /// assert_eq!(bridge.wait_for(&mut 42, &worker)?, &21);
    /// # Ok::<(), worker_ui_bridge::WaitForError>(())
    /// ```
    pub fn wait_for<'w, W: Waitable>(
        &mut self,
        app: &mut A,
        worker: &'w W,
    ) -> Result<W::Output<'w>, WaitForError> {
        let waker = thread_waker(self.clock());
        self.update_conditional_timers(app);
        let mut finished = pin!(worker.finished());
        let result = loop {
            self.before_park();
            if let Poll::Ready(result) = finished.as_mut().poll(&mut Context::from_waker(&waker)) {
                break result;
            }
            self.park_once(None);
            self.pump_for(app, worker.as_ref())?;
        };
        // The worker's terminal event is queued now, if its manager sends events to this bridge.
        let target = self.drain_target();
        while self.taken < target {
            self.pump_for(app, worker.as_ref())?;
        }
        Ok(result?)
    }

    /// One turn that does not fail with the error of `worker`, which `wait_for` returns itself.
    fn pump_for(&mut self, app: &mut A, worker: &AnyWorker) -> Result<(), PumpError> {
        match self.pump(app) {
            Err(PumpError::Worker { worker: ended, .. }) if ended == *worker => Ok(()),
            other => other.map(drop),
        }
    }

    /// The value of `taken` at which everything that is queued now has been run. Each turn takes at
    /// least one entry, so it is reached.
    fn drain_target(&self) -> u64 {
        self.taken + self.pending() as u64
    }

    /// [`WorkerManager::shutdown`] for the UI thread: pumps meanwhile, so that the last events of
    /// the workers are handled.
    ///
    /// An error of a worker does not end it. The event of the error is handled.
    ///
    /// ```
    /// use std::time::Duration;
    /// use worker_core::{StateChanged, WorkerManager};
    /// use worker_ui_bridge::UiBridge;
    ///
    /// let mut bridge = UiBridge::new();
    /// let on_change =
    ///     |seen: &mut Vec<String>, event: &StateChanged| seen.push(event.state.to_string());
    /// let events = bridge.handle().state_changes(on_change);
    /// let workers = WorkerManager::builder().events(events).build();
    /// workers.worker("poll").thread(|cx| Ok(cx.sleep(Duration::MAX)?));
    ///
    /// let mut seen = Vec::new();
    /// assert!(bridge.shutdown(&mut seen, &workers, Duration::from_secs(2)).is_clean());
    /// assert_eq!(seen.last().unwrap(), "CANCELLED");
    /// ```
    pub fn shutdown(&mut self, app: &mut A, workers: &WorkerManager, grace: Duration) -> ShutdownReport {
        let deadline = self.deadline_after(grace);
        let waker = thread_waker(self.clock());
        self.update_conditional_timers(app);
        // Refuses new workers and cancels all. The wait is the loop below.
        let report = workers.shutdown(Duration::ZERO);
        let mut finished = pin!(workers.all_finished());
        loop {
            self.before_park();
            let is_over = finished.as_mut().poll(&mut Context::from_waker(&waker)).is_ready();
            if is_over || self.now() >= deadline {
                break;
            }
            self.park_once(Some(deadline));
            if let Err(PumpError::Closed) = self.pump(app) {
                break;
            }
        }
        self.end_shutdown(app, workers, report, deadline)
    }

    /// The report of a shutdown whose wait is over, or which cannot pump any more.
    pub(super) fn end_shutdown(
        &mut self,
        app: &mut A,
        workers: &WorkerManager,
        report: ShutdownReport,
        deadline: Instant,
    ) -> ShutdownReport {
        if self.is_closed() {
            return workers.shutdown(deadline.saturating_duration_since(self.now()));
        }
        let report = if report.is_clean() { report } else { workers.shutdown(Duration::ZERO) };
        // What is queued now is run; what is queued meanwhile is not waited for.
        let target = self.drain_target();
        while self.taken < target && !matches!(self.pump(app), Err(PumpError::Closed)) {}
        report
    }
}
