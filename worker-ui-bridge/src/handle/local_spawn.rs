//! [`LocalSpawn`] for [`UiHandle`]: the UI's loop, as `worker_core` sees it, for async workers.

use std::sync::Arc;
use std::task::Waker;
use std::time::Instant;

use worker_core::{LocalFuture, LocalSpawn, WakeupGuard};

use crate::handle::ui_handle::UiHandle;
use crate::queue::entry::Entry;
use crate::time::timed_wakeup::TimedWakeup;

impl<A: 'static> LocalSpawn for UiHandle<A> {
    fn spawn_local(&self, make: Box<dyn FnOnce() -> LocalFuture + Send>) {
        // A closed queue returns the entry. Dropping it cancels the worker.
        let _ = self.queue().push(Entry::Spawn(make));
    }

    fn now(&self) -> Instant {
        self.queue().clock.now()
    }

    fn wake_at(&self, deadline: Instant, waker: Waker) -> WakeupGuard {
        let wakeup = TimedWakeup::new(waker);
        let _ = self.queue().push(Entry::WakeAt(deadline, Arc::downgrade(&wakeup)));
        let queue = self.queue().clone();
        WakeupGuard::new(move || {
            if let Some(timer) = wakeup.timer() {
                queue.clear_timer(timer);
            }
        })
    }
}
