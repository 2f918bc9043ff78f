//! Turns and a shutdown that are awaited, for a loop that is an app's `select!`.

use std::future::poll_fn;
use std::pin::pin;
use std::task::{Context, Poll};
use std::time::Duration;

use worker_core::{ShutdownReport, WorkerManager};

use crate::error::PumpError;
use crate::queue::state::ParkResult;
use crate::time::timers::{Origin, Timer};
use crate::turn::bridge::UiBridge;
use crate::turn::pump::Pumped;

impl<A: 'static> UiBridge<A> {
    /// Waits until there is something to do, then runs one turn: [`wait`](Self::wait) for async
    /// code, in any executor on the UI thread.
    ///
    /// For timers, a thread of its own wakes the task; it is made with the first timer that is
    /// waited for. While a turn is awaited, it is the task that is woken: a [`wait`](Self::wait)
    /// afterwards is fine, two awaits at once are impossible.
    ///
    /// # Errors
    ///
    /// Those of [`pump`](Self::pump).
    ///
    /// # Cancel safety
    ///
    /// A poll runs a whole turn or nothing. Dropping the future loses nothing, and nothing runs
    /// twice.
    ///
    /// ```
    /// use worker_core::WorkerManager;
    /// use worker_ui_bridge::UiBridge;
    ///
    /// # pollster::block_on(async {
    /// let mut bridge = UiBridge::new();
    /// let ui = bridge.handle();
    /// WorkerManager::new().worker("fetch").thread(move |_| {
    ///     Ok(ui.call_from_thread(|rows: &mut Vec<&str>| rows.push("fetched"))?)
    /// });
    ///
    /// let mut rows = Vec::new();
    /// while rows.is_empty() {
    ///     bridge.turn(&mut rows).await?; // one branch of a `select!`
    /// }
    /// # Ok::<(), worker_ui_bridge::PumpError>(())
    /// # }).unwrap();
    /// ```
    pub async fn turn(&mut self, app: &mut A) -> Result<Pumped, PumpError> {
        poll_fn(|cx| self.poll_turn(app, cx)).await
    }

    /// Runs one turn, or has the task woken when there is something to do.
    fn poll_turn(&mut self, app: &mut A, cx: &mut Context<'_>) -> Poll<Result<Pumped, PumpError>> {
        self.update_conditional_timers(app);
        loop {
            self.before_park();
            let waker = cx.waker().clone();
            let is_due = self.is_due(None);
            let parked = if is_due { ParkResult::Refused } else { self.queue.begin_park(Some(waker)) };
            match parked {
                ParkResult::Refused => return Poll::Ready(self.turn_until(app, None)),
                ParkResult::Requests => {}
                ParkResult::Parked => {
                    // Now, not before: an alarm that rings wakes what is parked.
                    self.alarm.set(self.timers.next_deadline());
                    return Poll::Pending;
                }
            }
        }
    }

    /// [`shutdown`](Self::shutdown) for async code.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the manager shut down: it takes no new workers, and all are
    /// cancelled. Only the report is lost.
    ///
    /// ```
    /// use std::time::Duration;
    /// use worker_core::WorkerManager;
    /// use worker_ui_bridge::UiBridge;
    ///
    /// # pollster::block_on(async {
    /// let mut bridge = UiBridge::new();
    /// let workers = WorkerManager::new();
    /// workers.worker("poll").thread(|cx| Ok(cx.sleep(Duration::MAX)?));
    /// assert!(bridge.shutdown_async(&mut (), &workers, Duration::from_secs(2)).await.is_clean());
    /// # });
    /// ```
    pub async fn shutdown_async(
        &mut self,
        app: &mut A,
        workers: &WorkerManager,
        grace: Duration,
    ) -> ShutdownReport {
        let deadline = self.deadline_after(grace);
        let id = self.queue.next_timer();
        self.timers.add(id, Timer::new(deadline, None, Origin::default(), |_| {}));
        // Refuses new workers and cancels all. The wait is below.
        let report = workers.shutdown(Duration::ZERO);
        let mut finished = pin!(workers.all_finished());
        poll_fn(|cx| {
            if finished.as_mut().poll(cx).is_ready() || self.now() >= deadline {
                return Poll::Ready(());
            }
            match self.poll_turn(app, cx) {
                Poll::Ready(Err(PumpError::Closed)) => Poll::Ready(()),
                Poll::Ready(_) => {
                    cx.waker().wake_by_ref();
                    Poll::Pending
                }
                Poll::Pending => Poll::Pending,
            }
        })
        .await;
        self.clear(id);
        self.end_shutdown(app, workers, report, deadline)
    }
}
