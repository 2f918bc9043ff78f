//! [`WorkerContext`] and [`TaskContext`]: what a body is given, its own worker seen from inside.

use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::ops::Deref;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Poll, Waker};
use std::time::Duration;

use crate::body::local_spawn::{LocalSpawn, WakeupGuard};
use crate::bounded_text::{MAX_TEXT, cut};
use crate::error::Cancelled;
use crate::panics;
use crate::sync::blocking::block_until;
use crate::worker::handle::AnyWorker;
use crate::worker::record::Record;

/// Makes a context neither `Send` nor `Sync`. The compiler's message names it.
trait OnlyInsideTheWorkersBody {}

/// What every body can do with its own worker, whatever kind it is. Both contexts dereference to
/// it.
///
/// Neither `Send` nor `Sync`: it stays inside the body.
pub struct BodyContext {
    worker: AnyWorker,
    _confined: PhantomData<dyn OnlyInsideTheWorkersBody>,
}

impl BodyContext {
    fn new(worker: AnyWorker) -> Self {
        Self { worker, _confined: PhantomData }
    }

    /// The worker whose body this is.
    pub fn worker(&self) -> &AnyWorker {
        &self.worker
    }

    /// Whether the worker should stop: look at it in loops. One atomic load.
    pub fn is_cancelled(&self) -> bool {
        self.worker.is_cancelled()
    }

    /// Ends the body if the worker was cancelled, by `cx.check()?`.
    ///
    /// # Errors
    ///
    /// [`Cancelled`] if so.
    pub fn check(&self) -> Result<(), Cancelled> {
        if self.is_cancelled() { Err(Cancelled) } else { Ok(()) }
    }

    /// Completes as soon as the worker is cancelled, at once if it was before. For bodies that run
    /// futures of their own.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    pub async fn cancelled(&self) {
        self.worker.0.cancelled().await;
    }

    /// Calls `hook` when the worker is cancelled, at once if it was before: to end what only
    /// another thread can end, like a child process or a connection.
    ///
    /// The hook runs on the cancelling thread, which may be the UI thread, so it must not block.
    /// Dropping the returned guard takes it away, and so does the end of the body; if the worker has
    /// been cancelled and the hook has not run yet, it is run then. A panic in
    /// a hook is caught and logged.
    ///
    /// ```
    /// use std::process::Command;
    /// # use worker_core::WorkerManager;
    /// use std::sync::{Arc, Mutex};
    ///
    /// let worker = WorkerManager::new().worker("child").thread(|cx| {
    ///     let child = Arc::new(Mutex::new(Command::new("sleep").arg("1000").spawn()?));
    ///     let _kill = cx.on_cancel({
    ///         let child = child.clone();
    ///         move || drop(child.lock().unwrap().kill())
    ///     });
    ///     # cx.worker().cancel();
    ///     while child.lock().unwrap().try_wait()?.is_none() {
    ///         cx.sleep(std::time::Duration::from_millis(10))?;
    ///     }
    ///     Ok(())
    /// });
    /// # assert!(worker.wait().unwrap_err().is_cancelled());
    /// ```
    pub fn on_cancel(&self, hook: impl FnOnce() + Send + 'static) -> CancelHook {
        CancelHook::new(self.worker.0.clone(), hook)
    }

    /// Says how many steps there are. `None`, or never calling this: not known.
    pub fn set_total(&self, total: impl Into<Option<u64>>) {
        self.worker.0.progress.set_total(total.into());
        self.worker.0.progressed();
    }

    /// Says that `steps` more are done.
    pub fn advance(&self, steps: u64) {
        self.worker.0.progress.advance(steps);
        self.worker.0.progressed();
    }

    /// Says in words what it does, at most 1000 characters of it: the newest text is in the worker's
    /// [progress](AnyWorker::progress). An empty one takes it away.
    ///
    /// ```
    /// use worker_core::WorkerManager;
    ///
    /// let worker = WorkerManager::new().worker("sync").thread(|cx| {
    ///     cx.set_message("reading the index");
    ///     cx.set_message(format!("fetching {}", "README.md"));
    ///     Ok(())
    /// });
    /// worker.wait()?;
    /// assert_eq!(worker.progress().message(), Some("fetching README.md"));
    /// # Ok::<(), worker_core::WaitError>(())
    /// ```
    pub fn set_message(&self, text: impl AsRef<str>) {
        let text = cut(text.as_ref(), MAX_TEXT);
        self.worker.0.words().set_message((!text.is_empty()).then(|| text.into()));
        self.worker.0.progressed();
    }

    /// Says how many steps are done in all, and how many there are, as Textual's `update` does.
    pub fn update(&self, completed: u64, total: impl Into<Option<u64>>) {
        self.worker.0.progress.set_total(total.into());
        self.worker.0.progress.set_completed(completed);
        self.worker.0.progressed();
    }
}

impl fmt::Debug for BodyContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BodyContext").field(&self.worker).finish()
    }
}

/// A thread worker's view of itself, and the proof that blocking is allowed here.
///
/// One exists only inside the body of a thread worker, on that thread: it is neither `Send` nor
/// `Sync`. A function that blocks takes a `&WorkerContext` and thereby cannot be called from the UI
/// thread, and a callback that is sent to the UI thread cannot carry one:
///
/// ```compile_fail,E0277
/// # use worker_core::{WorkerContext, WorkerManager};
/// fn send_to_ui(callback: impl FnOnce() + Send + 'static) { /* … */ }
/// fn fetch(cx: &WorkerContext) {}
///
/// WorkerManager::new().worker("builds").thread(|cx| {
///     send_to_ui(move || fetch(cx)); // `dyn OnlyInsideTheWorkersBody` cannot be shared …
///     Ok(())
/// });
/// ```
#[derive(Debug)]
pub struct WorkerContext(BodyContext);

impl WorkerContext {
    pub(crate) fn new(worker: AnyWorker) -> Self {
        Self(BodyContext::new(worker))
    }

    /// Blocks for `duration`, by the manager's clock; a cancel, also an earlier one, ends it at
    /// once.
    ///
    /// A duration too long for the clock, like `Duration::MAX`, sleeps until cancelled.
    ///
    /// # Errors
    ///
    /// [`Cancelled`] if the worker was cancelled before the time was up.
    pub fn sleep(&self, duration: Duration) -> Result<(), Cancelled> {
        let clock = self.worker.0.clock();
        let deadline = clock.now().checked_add(duration);
        let cancelled = || self.is_cancelled().then_some(());
        match block_until(&**clock, deadline, cancelled) {
            Some(()) => Err(Cancelled),
            None => Ok(()),
        }
    }
}

impl Deref for WorkerContext {
    type Target = BodyContext;

    fn deref(&self) -> &BodyContext {
        &self.0
    }
}

/// A UI task's view of itself: what a [`WorkerContext`] can, without what blocks. No blocking
/// source accepts it.
///
/// One exists only inside the body of a [`task`](crate::WorkerBuilder::task), on the UI thread.
pub struct TaskContext {
    body: BodyContext,
    ui: Box<dyn LocalSpawn>,
}

impl TaskContext {
    pub(crate) fn new(worker: AnyWorker, ui: Box<dyn LocalSpawn>) -> Self {
        Self { body: BodyContext::new(worker), ui }
    }

    /// Completes after `duration`, by the clock of the UI's loop. Nothing is polled meanwhile.
    ///
    /// A duration too long for the clock, like `Duration::MAX`, lasts until the worker is
    /// cancelled.
    ///
    /// # Errors
    ///
    /// [`Cancelled`] if the worker was cancelled, as in [`WorkerContext::sleep`]. As a cancelled
    /// task is dropped at its await, a body seldom sees it.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future ends the sleep.
    pub async fn sleep(&self, duration: Duration) -> Result<(), Cancelled> {
        let deadline = self.ui.now().checked_add(duration);
        let mut wakeup: Option<(Waker, WakeupGuard)> = None;
        let mut woken = pin!(self.cancelled());
        poll_fn(|cx| {
            if woken.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Err(Cancelled));
            }
            let Some(deadline) = deadline else { return Poll::Pending };
            if deadline <= self.ui.now() {
                return Poll::Ready(Ok(()));
            }
            if !wakeup.as_ref().is_some_and(|(known, _)| known.will_wake(cx.waker())) {
                wakeup = Some((cx.waker().clone(), self.ui.wake_at(deadline, cx.waker().clone())));
            }
            Poll::Pending
        })
        .await
    }
}

impl fmt::Debug for TaskContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TaskContext").field(&self.body).finish()
    }
}

impl Deref for TaskContext {
    type Target = BodyContext;

    fn deref(&self) -> &BodyContext {
        &self.body
    }
}

/// A hook that waits for a cancel; see [`BodyContext::on_cancel`].
///
/// Dropping it takes the hook away; if the worker has been cancelled and the hook has not run yet, it
/// runs then. One that has begun to run on the cancelling thread runs to its end.
#[must_use = "dropping this takes the hook away"]
pub struct CancelHook {
    /// `None` if the cancel had come before, and the hook has run.
    waiting: Option<(Arc<Record>, u64)>,
}

impl CancelHook {
    pub(crate) fn new(record: Arc<Record>, hook: impl FnOnce() + Send + 'static) -> Self {
        match record.add_hook(Box::new(hook)) {
            Ok(key) => Self { waiting: Some((record, key)) },
            Err(hook) => {
                panics::guard("a cancel hook", hook);
                Self { waiting: None }
            }
        }
    }
}

impl Drop for CancelHook {
    fn drop(&mut self) {
        if let Some((record, key)) = self.waiting.take() {
            record.remove_hook(key);
        }
    }
}

impl fmt::Debug for CancelHook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancelHook").field("waiting", &self.waiting.is_some()).finish()
    }
}
