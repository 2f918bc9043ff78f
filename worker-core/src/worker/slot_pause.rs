//! [`SlotPause`]: a worker that waits gives the slot of its limit back until it goes on.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use crate::sync::blocking::{block_until, thread_waker};
use crate::worker::record::Record;
use crate::worker::starting::carry_out;

/// The worker has given its slot back. It goes on once it has one again, or is cancelled; then this
/// is dropped.
#[must_use]
pub(crate) struct SlotPause(Arc<Record>);

impl SlotPause {
    /// `None`: it has no slot to give.
    pub(crate) fn begin(record: &Arc<Record>) -> Option<Self> {
        carry_out(record.slots()?.pause(record.id)?);
        Some(Self(record.clone()))
    }

    /// Whether the worker may go on; if not, `waker` is woken when it may. A cancel does not wake
    /// it: whoever polls this is woken by a cancel anyway.
    pub(crate) fn poll_end(&self, waker: &Waker) -> Poll<()> {
        let may_go_on =
            self.0.is_cancelled() || self.0.slots().is_none_or(|slots| slots.poll_resume(self.0.id, waker));
        if may_go_on { Poll::Ready(()) } else { Poll::Pending }
    }

    /// Blocks until the worker may go on.
    pub(crate) fn end(self) {
        let clock = self.0.clock();
        let waker = thread_waker(clock);
        block_until(&**clock, None, || self.poll_end(&waker).is_ready().then_some(()));
    }
}

/// It goes on, with or without a slot.
impl Drop for SlotPause {
    fn drop(&mut self) {
        if let Some(slots) = self.0.slots() {
            slots.stop_resuming(self.0.id);
        }
    }
}

/// Ends a pause, if there is one, as soon as the worker may go on.
pub(crate) fn poll_resume(pause: &mut Option<SlotPause>, cx: &Context<'_>) -> Poll<()> {
    if pause.as_ref().is_some_and(|pause| pause.poll_end(cx.waker()).is_pending()) {
        return Poll::Pending;
    }
    *pause = None;
    Poll::Ready(())
}
