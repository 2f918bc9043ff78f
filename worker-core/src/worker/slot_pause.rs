//! [`SlotPause`]: a worker that waits gives the slot of its limit back until it goes on.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use crate::sync::blocking::{block_until, thread_waker};
use crate::worker::record::Record;
use crate::worker::starting::carry_out;

/// The worker has given its slot back. It goes on once it has one again, or is cancelled; then this
/// is dropped.
#[must_use]
pub(crate) struct SlotPause {
    record: Arc<Record>,
    slot: Slot,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Slot {
    /// A part of a fan-out waits for its parent's under this key.
    GivenBack(Option<u64>),
    TakenAgain,
}

impl SlotPause {
    /// `None`: it has no slot to give.
    pub(crate) fn begin(record: &Arc<Record>) -> Option<Self> {
        match record.membership.shared_slot() {
            Some(shared) => shared.pause(),
            None => carry_out(record.slots()?.pause(record.id).ok()?),
        }
        Some(Self { record: record.clone(), slot: Slot::GivenBack(None) })
    }

    /// Whether the worker may go on; if not, `waker` is woken when it may. A cancel does not wake
    /// it: the body's thread or task, which polls this, is woken by a cancel anyway.
    pub(crate) fn poll_end(&mut self, waker: &Waker) -> Poll<()> {
        if let Slot::GivenBack(key) = &mut self.slot
            && !self.record.is_cancelled()
        {
            let taken = match self.record.membership.shared_slot() {
                Some(shared) => shared.poll_resume(key, waker),
                None => self.record.slots().is_none_or(|slots| slots.poll_resume(self.record.id, waker)),
            };
            if !taken {
                return Poll::Pending;
            }
            self.slot = Slot::TakenAgain;
        }
        Poll::Ready(())
    }

    /// Blocks until the worker may go on.
    pub(crate) fn end(mut self) {
        let clock = self.record.clock().clone();
        let waker = thread_waker(&clock);
        block_until(&*clock, None, || self.poll_end(&waker).is_ready().then_some(()));
    }
}

/// It goes on, with or without a slot.
impl Drop for SlotPause {
    fn drop(&mut self) {
        if let Slot::GivenBack(key) = self.slot {
            match (self.record.membership.shared_slot(), self.record.slots()) {
                (Some(shared), _) => shared.go_on_without(key),
                (None, Some(slots)) => slots.stop_resuming(self.record.id),
                (None, None) => {}
            }
        }
    }
}

/// Ends a pause, if there is one, as soon as the worker may go on.
pub(crate) fn poll_resume(pause: &mut Option<SlotPause>, cx: &Context<'_>) -> Poll<()> {
    if pause.as_mut().is_some_and(|pause| pause.poll_end(cx.waker()).is_pending()) {
        return Poll::Pending;
    }
    *pause = None;
    Poll::Ready(())
}
