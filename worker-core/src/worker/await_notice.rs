//! Wakes the future of an async body when a wait for another worker begins or ends anywhere in its
//! event loop: in the body, or in a task that it spawned there.
//!
//! The body's future counts its thread as blocked while its worker waits; the waker is how it gets
//! to look.

use std::cell::RefCell;
use std::task::Waker;

use crate::sync::primitives::thread_local;

thread_local! {
    /// The waker of the body's future that runs in this thread's loop.
    static BODY: RefCell<Option<Waker>> = const { RefCell::new(None) };
}

/// Waits in this thread's loop wake `body` from now on. Gives the waker that they woke before.
pub(crate) fn set_body(body: Option<Waker>) -> Option<Waker> {
    BODY.try_with(|kept| kept.replace(body)).ok().flatten()
}

/// A wait has begun or ended on this thread.
pub(crate) fn changed() {
    let body = BODY.try_with(|kept| kept.borrow().clone()).ok().flatten();
    if let Some(body) = body {
        body.wake();
    }
}
