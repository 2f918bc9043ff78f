//! [`listen`] and [`notify_all`]: a change that other threads or tasks wait for.

use event_listener::{Event, EventListener};

use crate::sync::primitives::atomic::{Ordering, fence};

/// Listens for [`notify_all`]. A look, after this, at the awaited condition either sees the change
/// or the listener is woken.
pub(crate) fn listen(event: &Event) -> EventListener {
    let listener = event.listen();
    // Between listening and looking. `listen` takes the event's lock and issues no fence of its
    // own, and `notify_all` does not take that lock while there is no listener.
    fence(Ordering::SeqCst);
    listener
}

/// Wakes every listener. Unlike [`Event::notify`] it allocates nothing while there never was one.
pub(crate) fn notify_all(event: &Event) {
    // Between the change and the look at the listeners; its other half is in `listen`, so one of
    // the two sides sees the other.
    fence(Ordering::SeqCst);
    if event.total_listeners() > 0 {
        event.notify(usize::MAX);
    }
}
