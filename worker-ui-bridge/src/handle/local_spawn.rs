//! [`LocalSpawn`] for [`UiHandle`]: the UI's loop, as `worker_core` sees it, for async workers.

use std::task::Waker;
use std::time::Instant;

use worker_core::{LocalFuture, LocalSpawn, WakeupGuard};

use crate::handle::ui_handle::UiHandle;
use crate::queue::request::NewTimer;

impl<A: 'static> LocalSpawn for UiHandle<A> {
    fn spawn_local(&self, make: Box<dyn FnOnce() -> LocalFuture + Send>) {
        self.target.spawn(make);
    }

    fn now(&self) -> Instant {
        self.target.clock().now()
    }

    fn wake_at(&self, deadline: Instant, waker: Waker) -> WakeupGuard {
        let wake = move |_: &mut A| waker.wake_by_ref();
        let timer = self.target.set_timer(NewTimer {
            due: deadline,
            period: None,
            call_site: None,
            worker: None,
            action: Box::new(wake),
        });
        let target = self.target.clone();
        WakeupGuard::new(move || target.clear_timer(timer))
    }
}
