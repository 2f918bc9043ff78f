//! Closing a [`UiBridge`], by [`close`](UiBridge::close) or by dropping it: everything queued is
//! dropped.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::queue::entry::Entry;
use crate::time::timers::Timers;
use crate::turn::bridge::UiBridge;

impl<A: 'static> UiBridge<A> {
    /// Closes the bridge: every pending and later call returns `Closed`, and nothing queued is run.
    /// Dropping the bridge does the same.
    pub fn close(&mut self) {
        self.drop_everything();
    }
}

impl<A> UiBridge<A> {
    fn drop_everything(&mut self) {
        let (queued, mut latest) = self.queue.close();
        let taken = std::mem::take(&mut self.batch);
        for entry in taken.into_iter().chain(queued) {
            match &entry {
                Entry::Event(_, event) => event.log_undelivered(),
                Entry::Latest(key) => drop_or_log(latest.remove(key)),
                _ => {}
            }
            drop_or_log(entry);
        }
        drop_or_log(std::mem::replace(&mut self.timers, Timers::new()));
        std::mem::take(&mut self.tasks).into_futures().for_each(drop_or_log);
    }
}

impl<A> Drop for UiBridge<A> {
    fn drop(&mut self) {
        self.drop_everything();
    }
}

/// Drops a value of the app's. A panic in its `Drop` is logged, so that the rest is dropped, too.
fn drop_or_log<T>(value: T) {
    if catch_unwind(AssertUnwindSafe(|| drop(value))).is_err() {
        tracing::error!(
            target: "worker_ui_bridge",
            "the `Drop` of a queued callback, a timer or a task panicked while the bridge was closed"
        );
    }
}
