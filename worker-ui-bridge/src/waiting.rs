//! The waits that block elsewhere and pump here.

use std::pin::pin;
use std::task::{Context, Poll};
use std::time::Duration;

use worker_core::blocking::thread_waker;
use worker_core::{AnyWorker, ShutdownReport, Worker, WorkerManager};

use crate::bridge::UiBridge;
use crate::error::{PumpError, WaitForError};

impl<A: 'static> UiBridge<A> {
    /// Pumps until `worker` has ended, and gives its result: what a wait is on the UI thread.
    ///
    /// # Errors
    ///
    /// Those of [`Worker::finished`], and those of [`pump`](Self::pump) that come before. The worker's own error is a
    /// [`WaitForError::Wait`], whether or not it would end the loop, and its events have been handled when this returns.
    ///
    /// ```
    /// use worker_core::WorkerManager;
    /// use worker_ui_bridge::UiBridge;
    ///
    /// let mut bridge = UiBridge::new();
    /// let ui = bridge.handle();
    /// let worker = WorkerManager::new().worker("ask").thread(move |_| {
    ///     Ok(ui.call_from_thread(|answer: &mut u32| *answer)? / 2) // the UI must turn for this
    /// });
    /// assert_eq!(bridge.wait_for(&mut 42, &worker)?, &21);
    /// # Ok::<(), worker_ui_bridge::WaitForError>(())
    /// ```
    pub fn wait_for<'w, T: Send + Sync + 'static>(
        &mut self,
        app: &mut A,
        worker: &'w Worker<T>,
    ) -> Result<&'w T, WaitForError> {
        let waker = thread_waker(self.clock());
        let mut finished = pin!(worker.finished());
        let result = loop {
            if let Poll::Ready(result) = finished.as_mut().poll(&mut Context::from_waker(&waker)) {
                break result;
            }
            self.nap(None);
            self.pump_for(app, worker)?;
        };
        // Its terminal event is queued now, if it is for this bridge.
        let until = self.heard_out();
        while self.taken < until {
            self.pump_for(app, worker)?;
        }
        Ok(result?)
    }

    /// A turn in which the error of `worker` ends nothing: whoever waits for it is told.
    fn pump_for(&mut self, app: &mut A, worker: &AnyWorker) -> Result<(), PumpError> {
        match self.pump(app) {
            Err(PumpError::Worker { worker: ended, .. }) if ended == *worker => Ok(()),
            other => other.map(drop),
        }
    }

    /// How many entries will have been taken when all that are queued now have been. Each turn takes at least one.
    fn heard_out(&self) -> u64 {
        self.taken + self.waiting() as u64
    }

    /// [`WorkerManager::shutdown`] for the UI thread: pumps meanwhile, so that what the workers still have to say is heard.
    ///
    /// Errors of workers do not end it; their events are handled as ever.
    ///
    /// ```
    /// use std::time::Duration;
    /// use worker_core::{StateChanged, WorkerManager};
    /// use worker_ui_bridge::UiBridge;
    ///
    /// let mut bridge = UiBridge::new();
    /// let on_change = |seen: &mut Vec<String>, event: &StateChanged| seen.push(event.state.to_string());
    /// let workers = WorkerManager::builder().events(bridge.handle().state_changes(on_change)).build();
    /// workers.worker("poll").thread(|cx| Ok(cx.sleep(Duration::MAX)?));
    ///
    /// let mut seen = Vec::new();
    /// assert!(bridge.shutdown(&mut seen, &workers, Duration::from_secs(2)).is_clean());
    /// assert_eq!(seen.last().unwrap(), "CANCELLED");
    /// ```
    pub fn shutdown(&mut self, app: &mut A, workers: &WorkerManager, grace: Duration) -> ShutdownReport {
        let deadline = self.after(grace);
        let waker = thread_waker(self.clock());
        // Refuses and cancels; the waiting is ours.
        let mut report = workers.shutdown(Duration::ZERO);
        let mut finished = pin!(workers.all_finished());
        while finished.as_mut().poll(&mut Context::from_waker(&waker)).is_pending() && self.now() < deadline {
            self.nap(Some(deadline));
            if let Err(PumpError::Closed) = self.pump(app) {
                let left = deadline.saturating_duration_since(self.now());
                return workers.shutdown(left);
            }
        }
        if !report.is_clean() {
            report = workers.shutdown(Duration::ZERO);
        }
        // What has been said until now is heard; what comes meanwhile is not waited for.
        let until = self.heard_out();
        while self.taken < until && !matches!(self.pump(app), Err(PumpError::Closed)) {}
        report
    }
}
