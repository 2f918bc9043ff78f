//! How a thread blocks: one loop, [`block_until`], that every blocking wait goes through. For those
//! who write a bridge to another UI.
//!
//! All waits use the thread's own park token. A token may be stale, so returning from a park means
//! nothing by itself: the condition is checked again, here and only here.
//!
//! Threads are made, parked and unparked through a [`Clock`], so that a test that replaces it
//! decides when they run.

use std::cell::RefCell;
use std::io;
use std::marker::PhantomData;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::time::Instant;

use crate::sync::clock::Clock;
use crate::sync::primitives::thread::{self, Builder, Thread};
use crate::sync::primitives::thread_local;

pub use crate::sync::ui_thread::{UiThreadMark, is_ui_thread};

/// Blocks the calling thread until `ready` gives a value; `None` once `deadline` has come without
/// one.
///
/// `ready` is asked first, then after every unpark. What makes it ready must unpark this thread
/// afterwards ([`thread_waker`] makes a waker that does). Cancelling a worker unparks the thread
/// that runs its body, so a `ready` that looks at the worker's cancel flag needs no other hook.
pub fn block_until<R>(
    clock: &dyn Clock,
    deadline: Option<Instant>,
    mut ready: impl FnMut() -> Option<R>,
) -> Option<R> {
    checkpoint(clock);
    loop {
        if let Some(value) = ready() {
            return Some(value);
        }
        if deadline.is_some_and(|deadline| deadline <= clock.now()) {
            return None;
        }
        clock.park_until(deadline);
    }
}

/// Blocks the calling thread until `future` completes; `None` once `deadline` has come without it.
pub(crate) fn block_on<F: Future>(
    clock: &Arc<dyn Clock>,
    deadline: Option<Instant>,
    future: F,
) -> Option<F::Output> {
    let waker = thread_waker(clock);
    let mut future = pin!(future);
    block_until(&**clock, deadline, || match future.as_mut().poll(&mut Context::from_waker(&waker)) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    })
}

/// Ends the park of `thread` on `clock`, or its next one. May be called under a lock.
#[inline]
pub fn unpark(clock: &dyn Clock, thread: &Thread) {
    #[cfg(feature = "testing")]
    if let Some(scheduler) = clock.scheduler() {
        return scheduler.unpark(thread);
    }
    let _ = clock;
    thread.unpark();
}

/// Makes a thread that runs `main`, and that parks on `clock`. May be called under a lock.
///
/// # Errors
///
/// If the system cannot make another thread.
pub fn spawn(clock: &dyn Clock, thread: Builder, main: Box<dyn FnOnce() + Send>) -> io::Result<Thread> {
    #[cfg(feature = "testing")]
    if let Some(scheduler) = clock.scheduler() {
        return scheduler.spawn(thread, main);
    }
    let _ = clock;
    thread.spawn(main).map(|handle| handle.thread().clone())
}

/// As [`spawn`], for a thread that may borrow what outlives `scope`.
#[cfg(not(worker_loom))]
pub(crate) fn spawn_scoped<'scope>(
    clock: &dyn Clock,
    scope: &'scope thread::Scope<'scope, '_>,
    thread: Builder,
    main: impl FnOnce() + Send + 'scope,
) -> io::Result<()> {
    #[cfg(feature = "testing")]
    if let Some(scheduler) = clock.scheduler() {
        let expected = scheduler.expect_thread()?;
        let main = || {
            let mut main = Some(main);
            expected.run(&mut || main.take().into_iter().for_each(|main| main()));
        };
        return thread.spawn_scoped(scope, main).map(drop);
    }
    let _ = clock;
    thread.spawn_scoped(scope, main).map(drop)
}

/// A point at which a test may let another thread run first; in a program, nothing. Call it under
/// no lock.
#[inline]
pub fn checkpoint(clock: &dyn Clock) {
    #[cfg(feature = "testing")]
    if let Some(scheduler) = clock.scheduler() {
        scheduler.checkpoint();
    }
    let _ = clock;
}

thread_local! {
    /// The waker that this thread was given last, with its clock.
    static WAKER: RefCell<Option<Arc<Unpark>>> = const { RefCell::new(None) };
}

struct Unpark {
    thread: Thread,
    clock: Arc<dyn Clock>,
}

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        unpark(&*self.clock, &self.thread);
    }
}

/// A waker that ends the calling thread's park on `clock`. Made once per thread and clock.
pub fn thread_waker(clock: &Arc<dyn Clock>) -> Waker {
    let make = || Arc::new(Unpark { thread: thread::current(), clock: clock.clone() });
    let kept = WAKER.try_with(|kept| {
        let mut kept = kept.borrow_mut();
        match &*kept {
            Some(same) if Arc::ptr_eq(&same.clock, clock) => same.clone(),
            _ => kept.insert(make()).clone(),
        }
    });
    // A thread that is ending has no thread-locals left.
    Waker::from(kept.unwrap_or_else(|_| make()))
}

/// The calling thread counts as blocked until this is dropped, on the same thread.
#[must_use = "the thread counts as blocked only while the guard lives"]
pub(crate) struct BlockingGuard {
    blocked: Option<Arc<dyn EndBlocking>>,
    _confined: PhantomData<*const ()>,
}

/// Counts blocked threads: a thread pool.
pub(crate) trait EndBlocking {
    /// The calling thread, which was counted as blocked, no longer is.
    fn end_blocking(&self);
}

impl BlockingGuard {
    /// `blocked` has counted the calling thread as blocked. `None`: the thread is not a pool's.
    pub(crate) fn new(blocked: Option<Arc<dyn EndBlocking>>) -> Self {
        Self { blocked, _confined: PhantomData }
    }
}

impl Drop for BlockingGuard {
    fn drop(&mut self) {
        if let Some(blocked) = &self.blocked {
            blocked.end_blocking();
        }
    }
}
