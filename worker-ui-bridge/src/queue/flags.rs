//! [`Flags`]: what the UI thread reads of the queue's state without its lock. Only there for speed.
//!
//! *What it gives.* A turn asks nine times whether there are entries, requests or a close;
//! each is a load instead of a lock that posting threads contend for. Together with the padding
//! and the pacing of floods, a post from another core took 205 ns instead of 403 ns
//! (`docs/decisions/0013-what-made-the-libraries-fast.md`). *Without it* the UI thread takes the
//! lock for each of these questions and nothing else changes.
//!
//! *Invariant.* The flags are written under the queue's lock only. A reader without the lock may
//! see a value late; before the UI thread parks it looks again under the lock.

use crate::sync::atomic::{AtomicBool, Ordering};

/// See the [module](self).
#[derive(Default)]
pub(super) struct Flags {
    has_entries: AtomicBool,
    has_requests: AtomicBool,
    /// Set by the UI thread only.
    closed: AtomicBool,
}

impl Flags {
    #[inline]
    pub(super) fn has_entries(&self) -> bool {
        self.has_entries.load(Ordering::Relaxed)
    }

    #[inline]
    pub(super) fn set_has_entries(&self, value: bool) {
        self.has_entries.store(value, Ordering::Relaxed);
    }

    #[inline]
    pub(super) fn has_requests(&self) -> bool {
        self.has_requests.load(Ordering::Relaxed)
    }

    #[inline]
    pub(super) fn set_has_requests(&self, value: bool) {
        self.has_requests.store(value, Ordering::Relaxed);
    }

    #[inline]
    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    pub(super) fn set_closed(&self) {
        self.closed.store(true, Ordering::Relaxed);
    }
}
