//! [`Emitting`]: marks the thread as inside an event sink. A wait in a sink must not wait for the
//! event that the sink was called with.

use std::cell::Cell;

use crate::sync::primitives::thread_local;

thread_local! {
    /// How many sinks this thread is inside: a sink may cause further events.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// The thread is inside a sink until this is dropped.
#[must_use]
pub(crate) struct Emitting(());

impl Emitting {
    pub(crate) fn enter() -> Self {
        DEPTH.with(|depth| depth.set(depth.get() + 1));
        Self(())
    }
}

impl Drop for Emitting {
    fn drop(&mut self) {
        DEPTH.with(|depth| depth.set(depth.get() - 1));
    }
}

/// Whether the calling thread is inside an event sink.
pub fn is_inside_sink() -> bool {
    DEPTH.with(Cell::get) > 0
}
