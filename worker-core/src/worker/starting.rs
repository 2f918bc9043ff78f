//! The steps of a [`Record`] up to the beginning of its body.
//!
//! # The gates
//!
//! A worker passes, in this order: `start()`, if it was created paused; its delay, and at the same
//! time its predecessors, as its restart policy says; a slot of its limit; a thread, or the UI's
//! loop. The first three are [start conditions](StartCondition) of its lifecycle word. Until it has
//! a thread it holds none, and a cancel takes it out of whatever it stands in.
//!
//! Time opens two gates: the end of the delay, and the end of the grace for which a start is held
//! behind bodies that do not stop. For either the worker is armed, and looks at the clock when its
//! time has come.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::panics;
use crate::sync::primitives::thread_local;
use crate::worker::cancel_reason::CancelReason;
use crate::worker::error::WorkerError;
use crate::worker::lifecycle::{ConditionMet, StartCondition};
use crate::worker::record::{Decision, Record, StartDecision};
use crate::worker::slots::Granted;
use crate::worker::state::WorkerState;

/// How long an exclusive start is held at most behind two bodies of its overlap that were cancelled
/// and do not stop: long for a body that looks at its flag now and then, short for a user who waits
/// for the newest answer.
pub(crate) const GRACE: Duration = Duration::from_millis(250);

impl Record {
    /// Cancels those that a start of this worker supersedes.
    pub(crate) fn supersede(&self, others: Vec<Arc<Record>>) {
        if others.is_empty() {
            return;
        }
        let by = self.label();
        for other in others {
            other.cancel(CancelReason::Superseded { by: by.clone() });
        }
    }

    /// Cancels this worker when `parent` is cancelled, at once if it was before. Called at most
    /// once, before the worker is announced.
    pub(crate) fn cancel_with(self: &Arc<Self>, parent: &Arc<Self>) {
        match parent.cancel_listeners.add_child(Arc::downgrade(self), || parent.is_cancelled()) {
            Ok(key) => _ = self.make_extras().parent.set((Arc::downgrade(parent), key)),
            Err(_) => self.cancel(CancelReason::Parent),
        }
    }

    /// Emits the `Pending` event and only then lets anything else happen to the worker.
    pub(crate) fn announce(self: &Arc<Self>) {
        self.make_span();
        self.emit(WorkerState::Pending);
        self.meet(StartCondition::Announced);
        self.await_time();
    }

    /// Emits the `Pending` event of a worker that cannot be started, and its end.
    pub(crate) fn announce_unable(self: &Arc<Self>, error: io::Error) {
        self.make_span();
        self.emit(WorkerState::Pending);
        self.refuse(error);
        self.meet(StartCondition::Announced);
    }

    fn make_span(&self) {
        let span = tracing::debug_span!(
            target: "worker_core::worker", "worker",
            id = self.id.get(), name = %self.spec.name, scope = self.membership.scope(), group = self.membership.group(),
        );
        if !span.is_disabled() {
            _ = self.make_extras().span.set(span);
        }
    }

    /// Starts a worker that was created paused: its restart policy decides anew, and its delay
    /// begins. Ends the delay of one that has been started.
    pub(crate) fn start(self: &Arc<Self>) {
        if self.is_started() {
            return self.end_delay();
        }
        self.begin_delay();
        match self.membership.start(self.id) {
            Some(StartDecision { decision, superseded }) => {
                self.supersede(superseded);
                match decision {
                    Decision::Start => self.meet(StartCondition::Released),
                    Decision::Queue | Decision::Hold | Decision::Defer => {}
                    Decision::Skip(reason) => self.cancel(reason),
                }
            }
            None => self.meet(StartCondition::Started),
        }
        self.await_time();
    }

    /// Marks it as started; the registry calls this under a group's lock. Its release is still to
    /// come.
    pub(crate) fn mark_started(&self) {
        let met = self.lifecycle.meet(StartCondition::Started);
        debug_assert_eq!(met, ConditionMet::Nothing, "a paused worker is released after it was started");
    }

    /// Meets a start condition; the last one launches the worker.
    pub(crate) fn meet(self: &Arc<Self>, condition: StartCondition) {
        match self.lifecycle.meet(condition) {
            ConditionMet::Launch => self.take_slot(),
            ConditionMet::Settle => {
                self.discard();
                self.end_cancelled();
            }
            ConditionMet::Nothing => {}
        }
    }

    /// Arms the worker for the gate that time opens next, if it waits for one.
    fn await_time(self: &Arc<Self>) {
        let former = self.begins_bits();
        if !self.lifecycle.awaits_time() {
            return;
        }
        if self.lifecycle.is_due() {
            if !self.membership.is_held(self.id) {
                return;
            }
            let end_of_grace = self.clock().now().checked_add(GRACE);
            // If it has begun meanwhile, that time stays.
            if !end_of_grace.is_some_and(|end| self.replace_begins(former, end)) {
                return;
            }
        }
        let Some(time) = self.begins() else { return };
        self.services().arm(self, time);
        if !self.lifecycle.awaits_time() {
            self.services().disarm(self.id, time);
        }
    }

    /// The time for which it was armed is over. Opens the gate that it waits for, or ends a body
    /// whose time is up. Changes nothing if that time has been put off.
    pub(crate) fn look_at_clock(self: &Arc<Self>) {
        let now = self.clock().now();
        let has_come = |time: Option<Instant>| time.is_some_and(|time| time <= now);
        if self.lifecycle.has_begun() {
            if has_come(self.deadline()) {
                self.cancel(CancelReason::TimedOut);
            }
        } else if has_come(self.begins()) {
            if !self.lifecycle.is_due() {
                self.end_delay();
            } else if self.membership.overtake(self.id) {
                self.meet(StartCondition::Released);
            }
        }
    }

    fn end_delay(self: &Arc<Self>) {
        if !self.lifecycle.is_due() {
            self.forget_time();
            self.meet(StartCondition::Due);
            self.await_time();
        }
    }

    /// It no longer waits for a gate that time opens.
    pub(super) fn forget_time(&self) {
        if self.begins_bits() != 0
            && let Some(time) = self.begins()
        {
            self.services().disarm(self.id, time);
        }
    }

    /// All start conditions are met: it is launched once its limit has a slot for it.
    fn take_slot(self: &Arc<Self>) {
        let Some(slots) = self.slots() else { return self.launch() };
        let admitted = slots.enter(self.id, self.clone());
        // Its end may have come before it entered.
        if self.lifecycle.is_settled() {
            self.leave_slots();
        } else if let Some(worker) = admitted {
            worker.launch();
        }
    }

    /// Gives its slot, or its place in the line, to the next.
    pub(super) fn leave_slots(&self) {
        if let Some(slots) = self.slots() {
            carry_out(slots.leave(self.id));
        }
    }

    fn launch(self: &Arc<Self>) {
        // A loop that has gone drops the body here: foreign code.
        panics::guard("launching a worker", || self.body.launch(self));
    }

    /// Runs the body on this thread of the pool, unless the worker was settled while it was queued.
    pub(crate) fn run(self: &Arc<Self>) {
        if self.begin() {
            self.body.run(self);
        }
    }

    /// The body is about to run on this thread. False if the worker was settled before: it must not
    /// run.
    #[must_use]
    pub(crate) fn begin(self: &Arc<Self>) -> bool {
        self.forget_time();
        // Before it counts as begun, so that its limit is never reckoned from the end of its delay.
        self.set_begins(self.clock().now());
        if !self.lifecycle.begin() {
            return false;
        }
        self.cancel_listeners.attach();
        if let Some(deadline) = self.deadline() {
            self.services().arm(self, deadline);
        }
        self.emit(WorkerState::Running);
        true
    }

    /// Ends a pending worker for which no thread could be made.
    pub(crate) fn refuse(self: &Arc<Self>, error: io::Error) {
        if self.lifecycle.fail_to_start() {
            self.discard();
            self.end_with_error(WorkerError::NoThread(Arc::new(error)));
        }
    }
}

thread_local! {
    /// Those that this thread still has to launch; `None`: it is launching none.
    static TO_LAUNCH: RefCell<Option<VecDeque<Arc<Record>>>> = const { RefCell::new(None) };
}

/// Starts or wakes the one that has been given a slot. A launch may end a worker, whose slot goes
/// to the next: a loop, not recursion, for the line may be longer than the stack is deep.
pub(super) fn carry_out(granted: Option<Granted<Arc<Record>>>) {
    let first = match granted {
        None => return,
        Some(Granted::Resume(waker)) => return panics::guard("a waker", || waker.wake()),
        Some(Granted::Start(worker)) => worker,
    };
    let mut next = TO_LAUNCH.with(|waiting| {
        let mut waiting = waiting.borrow_mut();
        if let Some(waiting) = &mut *waiting {
            waiting.push_back(first);
            return None;
        }
        *waiting = Some(VecDeque::new());
        Some(first)
    });
    while let Some(worker) = next {
        worker.launch();
        next = TO_LAUNCH.with(|waiting| {
            let mut waiting = waiting.borrow_mut();
            let next = waiting.as_mut().and_then(VecDeque::pop_front);
            if next.is_none() {
                *waiting = None;
            }
            next
        });
    }
}
