//! Closing a [`UiBridge`], by [`close`](UiBridge::close) or by dropping it: everything queued is
//! dropped.

use crate::queue::entry::Entry;
use crate::queue::state::Remains;
use crate::sync::drop_quietly;
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
        let Remains { entries: queued, mut latest, requests } = self.queue.close();
        let taken = std::mem::take(&mut self.batch);
        for entry in taken.into_iter().chain(queued) {
            match &entry {
                Entry::Event(_, event) => event.log_undelivered(),
                Entry::Latest(key) => drop_app_value(latest.remove(key)),
                Entry::Callback(_)
                | Entry::Progress(..)
                | Entry::Spawn(_)
                | Entry::Task(_)
                | Entry::SourcePanicked(..) => {}
            }
            drop_app_value(entry);
        }
        requests.into_iter().for_each(drop_app_value);
        drop_app_value(std::mem::take(&mut self.timers));
        std::mem::take(&mut self.tasks).into_futures().for_each(drop_app_value);
    }
}

impl<A> Drop for UiBridge<A> {
    fn drop(&mut self) {
        self.drop_everything();
    }
}

/// Drops a value of the app's. A panic in its `Drop` is logged, so that the rest is dropped, too.
fn drop_app_value<T>(value: T) {
    drop_quietly(value, "dropping a queued callback, a timer or a task of a closed bridge");
}
