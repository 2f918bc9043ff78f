//! [`WaitUntil`], a wait for a condition, and [`WakerSet`], its waiters.
//!
//! # Invariants
//!
//! A waiter registers, then looks at its condition; [`WakerSet::wake_all`] is called after the
//! condition was made true. Between the two halves stands a sequentially consistent fence on either
//! side, so either the waiter sees the condition or `wake_all` sees the waiter.
//!
//! The lock is a leaf. Wakers are cloned, dropped and woken outside it, each wake guarded on its
//! own: a waker may drop its own future, block or panic.

use std::collections::BTreeMap;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use crate::panics;
use crate::sync::primitives::Mutex;
use crate::sync::primitives::atomic::{AtomicBool, Ordering, fence};

#[derive(Default)]
pub(crate) struct WakerSet {
    /// Allocated with the first waiter: mostly there is none.
    list: Mutex<Option<Box<List>>>,
    /// Whether there ever was a waiter. Until then no lock is taken.
    is_used: AtomicBool,
}

#[derive(Default)]
struct List {
    waiting: BTreeMap<u64, Waker>,
    next: u64,
}

impl WakerSet {
    /// Completes once `condition` holds. The code that makes it hold calls
    /// [`wake_all`](Self::wake_all) afterwards. Dropping the future is harmless.
    pub(crate) fn wait_until<C: Fn() -> bool>(&self, condition: C) -> WaitUntil<'_, Self, C> {
        WaitUntil::new(self, condition)
    }

    /// Wakes every waiter.
    pub(crate) fn wake_all(&self) {
        fence(Ordering::SeqCst);
        if !self.is_used.load(Ordering::Relaxed) {
            return;
        }
        let waiting = self.list.lock().as_mut().map(|list| std::mem::take(&mut list.waiting));
        wake_each(waiting.into_iter().flat_map(BTreeMap::into_values));
    }
}

impl Waiters for WakerSet {
    fn register(&self, key: Option<u64>, waker: Waker) -> u64 {
        let (key, former) = {
            let mut list = self.list.lock();
            let list = list.get_or_insert_default();
            let key = key.unwrap_or_else(|| {
                list.next += 1;
                list.next
            });
            (key, list.waiting.insert(key, waker))
        };
        self.is_used.store(true, Ordering::Relaxed);
        fence(Ordering::SeqCst);
        drop(former);
        key
    }

    fn unregister(&self, key: u64) {
        let waker = self.list.lock().as_mut().and_then(|list| list.waiting.remove(&key));
        drop(waker);
    }
}

/// Wakes each, outside every lock.
pub(crate) fn wake_each(wakers: impl Iterator<Item = Waker>) {
    for waker in wakers {
        panics::guard("a waker", || waker.wake());
    }
}

impl fmt::Debug for WakerSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let waiting = self.list.lock().as_ref().map_or(0, |list| list.waiting.len());
        f.debug_struct("WakerSet").field("waiting", &waiting).finish_non_exhaustive()
    }
}

/// Where waiters register.
pub(crate) trait Waiters {
    /// Keeps `waker` under `key`, or under a new one, to be woken once: after the condition was
    /// made true.
    fn register(&self, key: Option<u64>, waker: Waker) -> u64;
    fn unregister(&self, key: u64);
}

/// Completes once a condition holds, see [`WakerSet::wait_until`].
#[must_use = "futures do nothing unless polled"]
pub(crate) struct WaitUntil<'a, S: Waiters, C> {
    set: &'a S,
    condition: C,
    /// Under which it is registered.
    key: Option<u64>,
}

impl<'a, S: Waiters, C: Fn() -> bool> WaitUntil<'a, S, C> {
    pub(crate) fn new(set: &'a S, condition: C) -> Self {
        Self { set, condition, key: None }
    }
}

impl<S: Waiters, C: Fn() -> bool + Unpin> Future for WaitUntil<'_, S, C> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if !(self.condition)() {
            let key = self.set.register(self.key, cx.waker().clone());
            self.key = Some(key);
            if !(self.condition)() {
                return Poll::Pending;
            }
        }
        Poll::Ready(())
    }
}

impl<S: Waiters, C> Drop for WaitUntil<'_, S, C> {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            self.set.unregister(key);
        }
    }
}
