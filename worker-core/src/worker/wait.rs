//! Waiting for a worker, blocking and async.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use crate::sync::blocking::{block_until, thread_waker};
use crate::sync::ui_thread::is_ui_thread;
use crate::sync::yielding::yield_until;
use crate::worker::await_notice;
use crate::worker::cancel_reason::CancelReason;
use crate::worker::current::current_worker;
use crate::worker::deadlock::{Cycle, Edges};
use crate::worker::error::{WaitError, WorkerError};
use crate::worker::handle::{AnyWorker, Worker};
use crate::worker::record::Record;
use crate::worker::slot_pause::SlotPause;

impl AnyWorker {
    /// Blocks until the worker has finished and its terminal event has been emitted.
    ///
    /// Inside another worker's body the wait gives that worker's thread back to the pool for as
    /// long as it lasts, so that the one waited for always finds a thread; and it ends if the
    /// waiting worker is cancelled. The worker waited for is never cancelled by its waiters.
    ///
    /// # Errors
    ///
    /// [`WaitError::Worker`] if it ended without a result; and at once, instead of a wait that
    /// would not end or must not be: [`WaitError::Deadlock`], [`WaitError::NotStarted`],
    /// [`WaitError::UiThread`].
    pub fn wait(&self) -> Result<(), WaitError> {
        self.wait_until(None)
    }

    /// As [`wait`](Self::wait), for at most `limit`.
    ///
    /// # Errors
    ///
    /// Those of [`wait`](Self::wait), and [`WaitError::Timeout`] when the time is up. The worker
    /// goes on.
    pub fn wait_timeout(&self, limit: Duration) -> Result<(), WaitError> {
        self.wait_until(Some(limit))
    }

    fn wait_until(&self, limit: Option<Duration>) -> Result<(), WaitError> {
        // Where a wait is refused, a worker that has ended is as good as one whose event is out.
        let refused_here = is_ui_thread() || !self.0.is_started();
        let need_not_wait = self.0.wait_is_over() || (refused_here && self.is_finished());
        if !need_not_wait {
            self.block(limit)?;
        }
        self.ended()
    }

    /// Completes when the worker has finished: [`wait`](Self::wait) for async code, in any executor.
    ///
    /// # Errors
    ///
    /// Those of [`Worker::finished`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing, and never touches the worker.
    ///
    /// ```
    /// use worker_core::WorkerManager;
    ///
    /// let workers = WorkerManager::new();
    /// workers.worker("first").thread(|_| Ok(1));
    /// workers.worker("second").thread(|_| Ok("two"));
    /// let all = workers.workers(); // of whatever result types
    /// let both = workers.worker("both").thread_async(async move |_| {
    ///     for worker in &all {
    ///         worker.finished().await?;
    ///     }
    ///     Ok(all.iter().all(|worker| worker.is_finished()))
    /// });
    /// assert!(*both.wait()?);
    /// # Ok::<(), worker_core::WaitError>(())
    /// ```
    pub async fn finished(&self) -> Result<(), WaitError> {
        if !self.0.wait_is_over() {
            let waiter = current_worker().ok().filter(|_| !self.is_finished());
            let edge = waiter.map(|waiter| AwaitEdge::add(&waiter.0, &self.0)).transpose();
            let _edge = edge.map_err(|_| WaitError::Deadlock)?;
            if !self.0.is_started() && !self.is_finished() {
                return Err(WaitError::NotStarted);
            }
            self.0.finished().await;
        }
        self.ended()
    }

    /// Why a worker that has ended has no result, if it has none.
    fn ended(&self) -> Result<(), WaitError> {
        match self.error() {
            Some(error) => Err(WaitError::Worker(error.clone())),
            None => Ok(()),
        }
    }

    fn block(&self, limit: Option<Duration>) -> Result<(), WaitError> {
        let deadline = limit.and_then(|limit| self.0.clock().now().checked_add(limit));
        let waiter = current_worker().ok();
        let edges = waiter.as_ref().map(|waiter| Edges::add(&waiter.0, &self.0)).transpose();
        let edges = edges.map_err(|_| WaitError::Deadlock)?;
        if !self.0.is_started() {
            return Err(WaitError::NotStarted);
        }
        if is_ui_thread() {
            return Err(WaitError::UiThread);
        }
        let blocking = waiter.as_ref().map(|waiter| waiter.0.services().block_in_place());
        let pause = waiter.as_ref().and_then(|waiter| SlotPause::begin(&waiter.0));
        let ended = park(&self.0, waiter.as_ref(), deadline);
        drop(edges);
        pause.into_iter().for_each(SlotPause::end);
        drop(blocking);
        ended.unwrap_or(Err(WaitError::Timeout))
    }
}

/// The edge of an await. The event loop that it stands in is told of it, and of its end.
struct AwaitEdge {
    edges: Option<Edges>,
}

impl AwaitEdge {
    fn add(waiter: &Arc<Record>, target: &Arc<Record>) -> Result<Self, Cycle> {
        let edges = Some(Edges::add(waiter, target)?);
        await_notice::changed();
        Ok(Self { edges })
    }
}

impl Drop for AwaitEdge {
    fn drop(&mut self) {
        self.edges = None;
        await_notice::changed();
    }
}

/// Parks until the target is finished or the waiter cancelled; `None` if the deadline came first.
fn park(
    target: &Arc<Record>,
    waiter: Option<&AnyWorker>,
    deadline: Option<Instant>,
) -> Option<Result<(), WaitError>> {
    let clock = target.clock();
    let waker = thread_waker(clock);
    let is_cancelled = || waiter.is_some_and(AnyWorker::is_cancelled);
    yield_until(&**clock, || target.wait_is_over() || is_cancelled());
    let mut finished = pin!(target.finished());
    block_until(&**clock, deadline, || match finished.as_mut().poll(&mut Context::from_waker(&waker)) {
        Poll::Ready(()) => Some(Ok(())),
        Poll::Pending if is_cancelled() => Some(Err(WaitError::WaiterCancelled)),
        Poll::Pending => None,
    })
}

impl<T: Send + Sync + 'static> Worker<T> {
    /// Blocks until the worker has finished, and gives its result. See [`AnyWorker::wait`] for what
    /// is refused and why.
    ///
    /// # Errors
    ///
    /// Those of [`AnyWorker::wait`].
    pub fn wait(&self) -> Result<&T, WaitError> {
        AnyWorker::wait(self)?;
        self.value()
    }

    /// As [`wait`](Self::wait), for at most `limit`.
    ///
    /// # Errors
    ///
    /// Those of [`AnyWorker::wait_timeout`].
    pub fn wait_timeout(&self, limit: Duration) -> Result<&T, WaitError> {
        AnyWorker::wait_timeout(self, limit)?;
        self.value()
    }

    /// Completes when the worker has finished, with its result: [`wait`](Self::wait) for async
    /// code, in any executor. Awaiting the worker itself, or a reference to it, does the same.
    ///
    /// Dropping the future never touches the worker.
    ///
    /// # Errors
    ///
    /// Those of [`wait`](Self::wait), except [`WaitError::UiThread`], for nothing is blocked. A
    /// circle of awaits is refused too, even if one of them has another way out; whatever runs in a
    /// worker's loop, also what it spawned there, awaits in its name, from its first poll until it
    /// is dropped.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    ///
    /// ```
    /// use worker_core::WorkerManager;
    ///
    /// let workers = WorkerManager::new();
    /// let half = workers.worker("half").thread(|_| Ok(21));
    /// let whole = workers.worker("whole").thread_async(async move |_| Ok(half.finished().await? * 2));
    /// assert_eq!(*whole.wait()?, 42);
    /// # Ok::<(), worker_core::WaitError>(())
    /// ```
    pub async fn finished(&self) -> Result<&T, WaitError> {
        AnyWorker::finished(self).await?;
        self.value()
    }

    /// The value of a worker that a wait has found finished without an error.
    fn value(&self) -> Result<&T, WaitError> {
        self.result().ok_or_else(|| WaitError::Worker(WorkerError::Cancelled(CancelReason::Requested)))
    }
}

/// `(&worker).await`: see [`Worker::finished`].
impl<'a, T: Send + Sync + 'static> IntoFuture for &'a Worker<T> {
    type Output = Result<&'a T, WaitError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.finished())
    }
}

/// `worker.await`: see [`Worker::finished`]. The result is cloned, because other handles may share
/// it.
impl<T: Clone + Send + Sync + 'static> IntoFuture for Worker<T> {
    type Output = Result<T, WaitError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.finished().await.cloned() })
    }
}
