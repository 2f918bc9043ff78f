//! [`TimedWakeup`]: a waker that a timer calls, for a task that sleeps.
//!
//! The task holds the `Arc`, everything else a `Weak`. Dropping the `Arc` therefore cancels the
//! wake-up; if its timer has been set by then, the dropping code clears that too.

use std::sync::{Arc, Weak};
use std::task::Waker;
use std::time::Instant;

use crate::sync::OnceLock;
use crate::time::timers::{TimerId, Timers};

/// See the [module](self).
pub(crate) struct TimedWakeup {
    waker: Waker,
    /// Set by [`schedule`].
    timer: OnceLock<TimerId>,
}

impl TimedWakeup {
    pub(crate) fn new(waker: Waker) -> Arc<Self> {
        Arc::new(Self { waker, timer: OnceLock::new() })
    }

    /// The timer that will call the waker, once it has been set.
    pub(crate) fn timer(&self) -> Option<TimerId> {
        self.timer.get().copied()
    }
}

/// Sets the timer of a wake-up, unless that has been cancelled.
pub(crate) fn schedule<A>(wakeup: &Weak<TimedWakeup>, deadline: Instant, timers: &mut Timers<A>) {
    let Some(wanted) = wakeup.upgrade() else { return };
    let wakeup = wakeup.clone();
    let timer = timers.add(deadline, None, None, move |_| {
        if let Some(wakeup) = wakeup.upgrade() {
            wakeup.waker.wake_by_ref();
        }
    });
    let _ = wanted.timer.set(timer);
}
