//! The steps of a [`Record`] from a cancel, or the end of its body, to its own end.
//!
//! # How a worker ends
//!
//! The thread that moves the [lifecycle](super::lifecycle) to `Settling` owns the ending and does,
//! in this order: store the outcome, enter the terminal state (from then on the worker no longer
//! counts as live), emit its event, leave the [membership](super::record::Membership), wake the
//! waiters, give its slot to the next, release its successors. So a thread that sees a terminal
//! state sees its outcome (P4), a waiter that has been woken knows that the event is out and the
//! registry has forgotten the worker, and a worker that begins in its place begins after its event.

use std::sync::{Arc, Weak};

use crate::panics;
use crate::sync::blocking::checkpoint;
use crate::worker::cancel_reason::{CancelKind, CancelReason};
use crate::worker::error::WorkerError;
use crate::worker::lifecycle::{CancelRequest, Settled, StartCondition};
use crate::worker::record::Record;
use crate::worker::sink_scope::Emitting;
use crate::worker::state::WorkerState;
use crate::worker::suspended_tasks;

impl Record {
    /// Requests a cancel of this worker and of its children, theirs, and so on. All of them have it
    /// when this returns.
    pub(crate) fn cancel(self: &Arc<Self>, reason: CancelReason) {
        // A list, not recursion: a family of workers may be deeper than the stack.
        let mut family = Vec::new();
        self.cancel_alone(reason, &mut family);
        while let Some(child) = family.pop() {
            if let Some(child) = child.upgrade() {
                child.cancel_alone(CancelReason::Parent, &mut family);
            }
        }
    }

    /// Requests a cancel of this worker, and adds its children to `family`.
    fn cancel_alone(self: &Arc<Self>, reason: CancelReason, family: &mut Vec<Weak<Record>>) {
        checkpoint(&**self.clock());
        let (kind, other) = reason.into_parts();
        if let Some(other) = other {
            _ = self.cancelled_for.set(other);
        }
        match self.lifecycle.request_cancel(kind) {
            CancelRequest::Settle => {
                // Its body has not begun, so it has no hooks and no children; async waiters it may
                // have.
                self.notify_listeners(family);
                self.forget_time();
                self.discard();
                self.services().withdraw();
                self.end_cancelled();
            }
            CancelRequest::Notify => {
                self.notify_listeners(family);
                family.extend(self.parts().iter().map(Arc::downgrade));
            }
            // A task that was cancelled elsewhere, and is suspended here, ends now.
            CancelRequest::Nothing if !self.state().is_finished() => {
                _ = suspended_tasks::drop_future(self.id);
            }
            CancelRequest::Nothing => {}
        }
    }

    fn notify_listeners(&self, family: &mut Vec<Weak<Record>>) {
        if let Some(children) = self.cancel_listeners.notify(&**self.clock()) {
            family.extend(children);
        }
    }

    /// The body has stopped. Says what the worker may become; the caller now owns the ending.
    pub(crate) fn settle(&self) -> Settled {
        checkpoint(&**self.clock());
        self.cancel_listeners.detach(|| self.is_cancelled());
        if let Some(deadline) = self.deadline() {
            self.services().disarm(self.id, deadline);
        }
        self.lifecycle.settle()
    }

    /// Ends a settled worker whose value the caller has stored.
    pub(crate) fn end_with_value(self: &Arc<Self>) {
        self.end(WorkerState::Success);
    }

    /// Ends a settled worker that has no value and was not cancelled.
    pub(crate) fn end_with_error(self: &Arc<Self>, error: WorkerError) {
        let _ = self.error.set(Box::new(error));
        self.end(WorkerState::Error);
    }

    /// Ends a settled worker that was cancelled.
    pub(crate) fn end_cancelled(self: &Arc<Self>) {
        if self.lifecycle.cancel_kind() == Some(CancelKind::TimedOut) {
            self.end_with_error(WorkerError::TimedOut);
        } else {
            self.end(WorkerState::Cancelled);
        }
    }

    /// Drops the body of a settled worker that never ran.
    pub(super) fn discard(&self) {
        panics::guard("dropping a body", || self.body.discard());
    }

    fn end(self: &Arc<Self>, state: WorkerState) {
        if let Some((parent, key)) = self.extras().and_then(|extras| extras.parent.get())
            && let Some(parent) = parent.upgrade()
        {
            parent.cancel_listeners.remove_child(*key);
        }
        self.lifecycle.finish(state);
        self.emit(state);
        let successors = self.membership.leave(self.id);
        self.lifecycle.mark_terminal_event_sent();
        self.finished.wake_all();
        self.leave_slots();
        for successor in successors {
            successor.meet(StartCondition::Released);
        }
        self.services().worker_ended();
    }

    pub(super) fn emit(self: &Arc<Self>, state: WorkerState) {
        let _emitting = Emitting::enter();
        self.in_span(|| self.services().emit(self.clone(), state));
    }
}
