//! Tasks: workers whose future is polled on the UI's loop, and dropped there at once when its
//! worker is cancelled.
//!
//! # Invariants
//!
//! 1. The future is in its [`Task`] while it is suspended and is taken out to be polled. The code
//!    that takes it out and does not put it back settles the worker, so it is settled exactly once:
//!    at the end of a poll, by a cancel on the UI thread, at the next poll after a cancel
//!    elsewhere, or when the loop drops the task.
//! 2. [`suspended_tasks`] lists the suspended tasks of its own thread, so a cancel finds only those
//!    that it may drop there.
//! 3. A task watches for a cancel from its first suspension on: one that ends at its first poll
//!    needs no watch. The flag is looked at after every poll, and the watch is set before the loop
//!    goes on, so no cancel is missed.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use crate::body::context::{CancelHook, TaskContext};
use crate::body::local_spawn::{LocalFuture, LocalSpawn};
use crate::error::{Cancelled, Panic, Result};
use crate::panics;
use crate::sync::primitives::Mutex;
use crate::worker::body_cell::BodyFn;
use crate::worker::cancel_reason::CancelReason;
use crate::worker::current;
use crate::worker::deadlock;
use crate::worker::handle::AnyWorker;
use crate::worker::record::Record;
use crate::worker::slot_pause::{self, SlotPause};
use crate::worker::state::WorkerState;
use crate::worker::suspended_tasks::{self, Suspended};

type BodyFuture<T> = Pin<Box<dyn Future<Output = Result<T>>>>;

/// The body of a worker that runs on `ui`.
pub(crate) fn body<T, F>(ui: impl LocalSpawn + Clone + 'static, f: F) -> BodyFn<T>
where
    T: Send + Sync + 'static,
    F: AsyncFnOnce(&TaskContext) -> Result<T> + Send + 'static,
{
    BodyFn::OnUi(Box::new(move |record| {
        let (queued, own) = (QueuedTask(record), ui.clone());
        ui.spawn_local(Box::new(move || queued.begin(Box::new(own), f)));
    }))
}

/// A task in the queue to the UI thread. If it is dropped because the loop has gone, its worker is
/// cancelled.
struct QueuedTask(Arc<Record>);

impl QueuedTask {
    /// On the UI thread: makes the future, unless the worker was cancelled on the way.
    fn begin<T, F>(self, ui: Box<dyn LocalSpawn>, f: F) -> LocalFuture
    where
        T: Send + Sync + 'static,
        F: AsyncFnOnce(&TaskContext) -> Result<T> + 'static,
    {
        let record = self.0.clone();
        if !record.begin() {
            panics::drop_quietly(f, "dropping a body");
            return Box::pin(std::future::ready(()));
        }
        let worker = AnyWorker(record);
        let context = TaskContext::new(worker.clone(), ui);
        let future = Box::pin(async move { f(&context).await });
        Box::pin(Running::new(worker, future))
    }
}

impl Drop for QueuedTask {
    fn drop(&mut self) {
        if self.0.state() == WorkerState::Pending {
            self.0.cancel(CancelReason::LoopClosed);
        }
    }
}

/// A task that has begun.
struct Task<T> {
    worker: AnyWorker,
    future: RefCell<Option<BodyFuture<T>>>,
}

impl<T: Send + Sync + 'static> Task<T> {
    fn settle_with(&self, ended: Result<Result<T>, Panic>) {
        suspended_tasks::remove(self.worker.id());
        if let Some(cell) = self.worker.body_cell::<T>() {
            cell.settle_with(&self.worker.0, ended);
        }
    }

    /// Drops `future` as a part of the worker's body.
    fn abandon(&self, future: BodyFuture<T>) {
        let dropped = panics::catch(|| current::enter(self.worker.clone(), || drop(future)));
        self.settle_with(dropped.map(|()| Err(Cancelled.into())));
    }
}

impl<T: Send + Sync + 'static> Suspended for Task<T> {
    fn drop_future(&self) {
        let suspended = self.future.take();
        if let Some(future) = suspended {
            self.abandon(future);
        }
    }
}

/// What the loop polls.
struct Running<T: Send + Sync + 'static> {
    task: Rc<Task<T>>,
    /// From the first time it is suspended on.
    watch: Option<Watch>,
    /// While it awaits another worker.
    pause: Option<SlotPause>,
}

/// Ends a suspended task at once when it is cancelled on its own thread, and wakes it when it is
/// cancelled elsewhere.
struct Watch {
    /// Empty once the cancel has come.
    waker: Arc<Mutex<Option<Waker>>>,
    _hook: CancelHook,
}

impl Watch {
    /// If the cancel has come already, it ends the task now.
    fn new<T: Send + Sync + 'static>(task: &Rc<Task<T>>, waker: &Waker) -> Self {
        let id = task.worker.id();
        suspended_tasks::insert(id, task.clone());
        let waker = Arc::new(Mutex::new(Some(waker.clone())));
        let awake = waker.clone();
        let hook = CancelHook::new(task.worker.0.clone(), move || {
            if suspended_tasks::drop_future(id) {
                return;
            }
            let waker = awake.lock().take();
            if let Some(waker) = waker {
                waker.wake();
            }
        });
        Self { waker, _hook: hook }
    }

    /// A later poll may have another waker.
    fn follow(&self, waker: &Waker) {
        let next = waker.clone();
        let former = self.waker.lock().replace(next);
        drop(former);
    }
}

impl<T: Send + Sync + 'static> Running<T> {
    fn new(worker: AnyWorker, future: BodyFuture<T>) -> Self {
        let task = Rc::new(Task { worker, future: RefCell::new(Some(future)) });
        Self { task, watch: None, pause: None }
    }

    /// Keeps the future until the next poll, unless the cancel has come.
    fn suspend(&mut self, future: BodyFuture<T>, waker: &Waker) -> Poll<()> {
        self.task.future.replace(Some(future));
        match &self.watch {
            Some(watch) => watch.follow(waker),
            None => self.watch = Some(Watch::new(&self.task, waker)),
        }
        // It may have come before the watch was set, or have woken a waker of an earlier poll.
        if self.task.worker.is_cancelled() {
            self.task.drop_future();
            return Poll::Ready(());
        }
        Poll::Pending
    }
}

impl<T: Send + Sync + 'static> Future for Running<T> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let task = self.task.clone();
        let taken = task.future.take();
        let Some(mut future) = taken else { return Poll::Ready(()) };
        if task.worker.is_cancelled() {
            task.abandon(future);
            return Poll::Ready(());
        }
        let record = &task.worker.0;
        if slot_pause::poll_resume(&mut self.pause, cx).is_pending() {
            return self.suspend(future, cx.waker());
        }
        let polled = panics::catch(|| {
            current::enter(task.worker.clone(), || record.in_span(|| future.as_mut().poll(cx)))
        });
        match polled {
            Ok(Poll::Pending) => {
                if deadlock::is_waiting(record.id) {
                    self.pause = SlotPause::begin(record);
                }
                return self.suspend(future, cx.waker());
            }
            Ok(Poll::Ready(returned)) => {
                current::enter(task.worker.clone(), || {
                    panics::drop_quietly(future, "dropping a task's future");
                });
                task.settle_with(Ok(returned));
            }
            Err(panic) => {
                panics::drop_quietly(future, "dropping a task's future");
                task.settle_with(Err(panic));
            }
        }
        Poll::Ready(())
    }
}

/// The loop has gone, or has dropped the task.
impl<T: Send + Sync + 'static> Drop for Running<T> {
    fn drop(&mut self) {
        let suspended = self.task.future.take();
        if let Some(future) = suspended {
            self.task.worker.0.cancel(CancelReason::LoopClosed);
            self.task.abandon(future);
        }
    }
}
