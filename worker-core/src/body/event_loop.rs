//! [`EventLoop`]: what runs an async body on a thread of the pool, each body in a loop of its own.
//!
//! The body's future is made, polled and dropped inside the loop, as a part of its worker, before
//! the worker is settled. A loop that drops it before its end makes the worker fail.

use std::cell::Cell;
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker, ready};

use crate::body::context::WorkerContext;
use crate::body::local_spawn::LocalFuture;
use crate::error::{Cancelled, Result};
use crate::sync::blocking::{block_until, thread_waker};
use crate::sync::clock::{Clock, SystemClock};
use crate::sync::primitives::atomic::{AtomicBool, Ordering};
use crate::worker::await_notice;
use crate::worker::body_cell::BodyFn;
use crate::worker::current::{self, current_worker};
use crate::worker::deadlock;
use crate::worker::handle::AnyWorker;
use crate::worker::slot_pause::{self, SlotPause};

/// An event loop that the async body of a thread worker can run in.
///
/// The default is [`BlockOn`]; with the feature `tokio` it is `TokioLoop`, so that code written for
/// tokio runs as it is. Another is given to
/// [`ManagerBuilder::event_loop`](crate::ManagerBuilder::event_loop):
///
/// ```
/// use worker_core::{EventLoop, LocalFuture, WorkerManager};
///
/// struct Mine;
///
/// impl EventLoop for Mine {
///     fn run(&self, future: LocalFuture) {
///         pollster::block_on(future);
///     }
/// }
///
/// let workers = WorkerManager::builder().event_loop(Mine).build();
/// assert_eq!(*workers.worker("seven").thread_async(async |_| Ok(7)).wait()?, 7);
/// # Ok::<(), worker_core::WaitError>(())
/// ```
pub trait EventLoop: Send + Sync {
    /// Runs `future` to its end on the calling thread. Called once per worker, from several threads
    /// at the same time.
    fn run(&self, future: LocalFuture);
}

/// A small block-on: runs anything that brings its own reactor, or needs none. The default without
/// the feature `tokio`.
///
/// It parks through the manager's [`Clock`], as everything else does.
#[derive(Clone, Copy, Debug, Default)]
pub struct BlockOn;

impl EventLoop for BlockOn {
    fn run(&self, mut future: LocalFuture) {
        let clock = current_worker()
            .map_or_else(|_| Arc::new(SystemClock) as Arc<dyn Clock>, |worker| worker.0.clock().clone());
        let woken = Arc::new(Woken { flag: AtomicBool::new(true), thread: thread_waker(&clock) });
        let waker = Waker::from(woken.clone());
        block_until(&*clock, None, || {
            while woken.flag.swap(false, Ordering::AcqRel) {
                if future.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
                    return Some(());
                }
            }
            None
        });
    }
}

/// Remembers a wake: a wait inside the poll may use up its unpark.
struct Woken {
    flag: AtomicBool,
    thread: Waker,
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.flag.store(true, Ordering::Release);
        self.thread.wake_by_ref();
    }
}

/// The body of a thread worker that is async.
pub(crate) fn body<T, F>(event_loop: Arc<dyn EventLoop>, f: F) -> BodyFn<T>
where
    T: Send + Sync + 'static,
    F: AsyncFnOnce(&WorkerContext) -> Result<T> + Send + 'static,
{
    BodyFn::OnThread(Box::new(move |record| {
        let worker = AnyWorker(record.clone());
        let ended = Rc::new(Cell::new(None));
        let future = Box::pin({
            let (worker, ended) = (worker.clone(), ended.clone());
            async move {
                let context = WorkerContext::new(worker.clone());
                ended.set(Some(until_cancelled(&worker, f(&context)).await));
            }
        });
        current::enter(worker, || event_loop.run(future));
        ended
            .take()
            .unwrap_or_else(|| Err("the event loop dropped the worker's future before its end".into()))
    }))
}

/// Runs a body's future, and drops it at its next await once its worker is cancelled.
///
/// While the worker awaits another, in the body or in a task of its loop, its thread counts as
/// blocked, and it gives the slot of its limit back: the other may need them.
async fn until_cancelled<T>(worker: &AnyWorker, body: impl Future<Output = Result<T>>) -> Result<T> {
    let (mut body, mut cancelled) = (pin!(body), pin!(worker.cancelled()));
    let _waits = WaitsWakeBody;
    let (mut blocking, mut pause) = (None, None);
    poll_fn(|cx| {
        if cancelled.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Err(Cancelled.into()));
        }
        ready!(slot_pause::poll_resume(&mut pause, cx));
        drop(blocking.take());
        // What the poll itself changes is seen below; it need not wake.
        await_notice::set_body(None);
        let polled = body.as_mut().poll(cx);
        if polled.is_pending() {
            if deadlock::is_waiting(worker.id()) {
                blocking = Some(worker.0.services().block_in_place());
                pause = SlotPause::begin(&worker.0);
            }
            await_notice::set_body(Some(cx.waker().clone()));
        }
        polled
    })
    .await
}

/// While it lives, waits in this thread's loop may wake the body.
struct WaitsWakeBody;

impl Drop for WaitsWakeBody {
    fn drop(&mut self) {
        await_notice::set_body(None);
    }
}
