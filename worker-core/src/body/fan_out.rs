//! [`FanOut`]: what the parts of one [`map`](crate::WorkerContext::map) share with the worker whose
//! body made them.
//!
//! # Invariants
//!
//! 1. A part is a worker without events, groups and policies. It is listed with its parent from its
//!    beginning to its end. A cancel of the parent, and of the rest when a part has failed, sets its
//!    flag and then goes through the list; a part looks at both flags once it is listed: so none is
//!    missed.
//! 2. The parent's slot is in use while one of the threads goes on. The last that begins to wait
//!    gives it back; the first that has waited takes it again.
//!
//! The lock on the slot's state comes before that of a limit's slots, and before that of the
//! parent's own fan-out, if the parent is a part itself. Workers are launched outside it.

use std::fmt::Write;
use std::io;
use std::sync::{Arc, Weak};
use std::task::{Wake, Waker};
use std::time::{Duration, Instant};

use crate::sync::blocking::{BlockingGuard, block_until, checkpoint, thread_waker};
use crate::sync::clock::Clock;
use crate::sync::primitives::Mutex;
use crate::sync::primitives::atomic::{AtomicBool, Ordering};
use crate::worker::cancel_reason::CancelReason;
use crate::worker::id::WorkerId;
use crate::worker::lifecycle::StartCondition;
use crate::worker::record::{Body, Membership, NewRecord, Record, Services, SharedSlot, Spec, StartDecision};
use crate::worker::slot_pause::SlotPause;
use crate::worker::state::WorkerState;
use crate::worker::waker_set::{Waiters, WakerSet};

pub(crate) struct FanOut {
    parent: Arc<Record>,
    /// A part has failed: no other begins.
    is_called_off: AtomicBool,
    slot: Mutex<Slot>,
    /// Those that wait until they may go on.
    waiting: WakerSet,
    this: Weak<Self>,
}

struct Slot {
    /// The threads, the body's among them, that do not wait.
    going_on: usize,
    /// The threads that were made for the parts and have not ended.
    threads: usize,
    /// Whether the body's own thread waits for these.
    body_waits: bool,
    state: SlotState,
}

/// What has become of the parent's slot.
enum SlotState {
    InUse,
    /// It is being given back.
    Pausing,
    GivenBack(SlotPause),
}

impl FanOut {
    /// Of `parent`, whose own thread goes on.
    pub(crate) fn new(parent: Arc<Record>) -> Arc<Self> {
        let slot = Slot { going_on: 1, threads: 0, body_waits: false, state: SlotState::InUse };
        let slot = Mutex::new(slot);
        Arc::new_cyclic(|this| Self {
            parent,
            is_called_off: AtomicBool::new(false),
            slot,
            waiting: WakerSet::default(),
            this: this.clone(),
        })
    }

    pub(crate) fn parent(&self) -> &Arc<Record> {
        &self.parent
    }

    /// A thread for the parts has been made.
    pub(crate) fn thread_made(&self) {
        let mut slot = self.slot.lock();
        slot.going_on += 1;
        slot.threads += 1;
    }

    /// A thread for the parts ends, or could not be made. The last leaves the slot to the body's own
    /// thread, if that waits for it.
    pub(crate) fn thread_ended(&self) {
        let is_inherited = {
            let mut slot = self.slot.lock();
            slot.threads -= 1;
            slot.threads == 0 && slot.body_waits
        };
        if !is_inherited {
            self.pause();
        }
    }

    /// The body's own thread begins to wait for the others.
    pub(crate) fn body_waits(&self) {
        self.slot.lock().body_waits = true;
        self.pause();
    }

    /// A part, which the calling thread runs now. `None`: it was cancelled before it began.
    pub(crate) fn begin_part(self: &Arc<Self>, number: usize) -> Option<Arc<Record>> {
        checkpoint(&**self.parent.clock());
        let parent = &*self.parent.spec.name;
        let mut name = String::with_capacity(parent.len() + "[1000]".len());
        // Writing to a string does not fail.
        _ = write!(name, "{parent}[{number}]");
        let spec = Spec {
            name: name.into(),
            description: None,
            exit_on_error: false,
            supersedes: false,
            spawned_at: self.parent.spec.spawned_at,
        };
        let new = NewRecord {
            id: WorkerId::next(),
            spec,
            membership: self.clone(),
            created: self.parent.clock().now(),
            paused: false,
            delay: Duration::ZERO,
            timeout: None,
            slots: None,
            body: NoBody,
        };
        let part: Arc<Record> =
            Arc::new(new.build([StartCondition::Announced, StartCondition::Released], None));
        self.parent.add_part(part.clone());
        if self.parent.is_cancelled() {
            part.cancel(CancelReason::Parent);
        } else if self.is_called_off.load(Ordering::Acquire) {
            part.cancel(CancelReason::PartFailed);
        }
        part.begin().then_some(part)
    }

    /// A part has failed: cancels those that run, and those that are about to begin.
    pub(crate) fn call_off(&self) {
        self.is_called_off.store(true, Ordering::Release);
        for part in self.parent.parts() {
            part.cancel(CancelReason::PartFailed);
        }
    }

    /// Blocks the parent's own thread until it may go on.
    pub(crate) fn resume(&self) {
        let clock = self.parent.clock();
        let (waker, mut key) = (thread_waker(clock), None);
        block_until(&**clock, None, || self.poll_resume(&mut key, &waker).then_some(()));
    }

    fn try_resume(&self) -> bool {
        let waker = self.this.upgrade().map_or_else(|| Waker::noop().clone(), Waker::from);
        let (resumed, ended) = {
            let mut slot = self.slot.lock();
            let may_go_on = match &mut slot.state {
                SlotState::InUse => true,
                SlotState::Pausing => false,
                SlotState::GivenBack(pause) => pause.poll_end(&waker).is_ready(),
            };
            if may_go_on {
                slot.going_on += 1;
                (true, Some(std::mem::replace(&mut slot.state, SlotState::InUse)))
            } else {
                (false, None)
            }
        };
        if let Some(SlotState::GivenBack(ended)) = ended {
            drop(ended);
            self.waiting.wake_all();
        }
        resumed
    }
}

/// The parent's slot is there again.
impl Wake for FanOut {
    fn wake(self: Arc<Self>) {
        self.waiting.wake_all();
    }
}

impl SharedSlot for FanOut {
    fn pause(&self) {
        {
            let mut slot = self.slot.lock();
            slot.going_on -= 1;
            if slot.going_on > 0 || !matches!(slot.state, SlotState::InUse) {
                return;
            }
            slot.state = SlotState::Pausing;
        }
        let pause = SlotPause::begin(&self.parent);
        self.slot.lock().state = pause.map_or(SlotState::InUse, SlotState::GivenBack);
        self.waiting.wake_all();
    }

    fn poll_resume(&self, key: &mut Option<u64>, waker: &Waker) -> bool {
        if self.try_resume() {
            return true;
        }
        let registered = *key.insert(self.waiting.register(*key, waker.clone()));
        let resumed = self.try_resume();
        if resumed {
            self.waiting.unregister(registered);
        }
        resumed
    }

    fn go_on_without(&self, key: Option<u64>) {
        if let Some(key) = key {
            self.waiting.unregister(key);
        }
        self.slot.lock().going_on += 1;
    }
}

/// The place of a part is in its parent.
impl Membership for FanOut {
    fn group(&self) -> &str {
        self.parent.membership.group()
    }

    fn scope(&self) -> &str {
        self.parent.membership.scope()
    }

    fn is_revoked(&self, _: WorkerId) -> bool {
        self.parent.is_cancelled() || self.parent.membership.is_revoked(self.parent.id)
    }

    fn revoked_for(&self, _: WorkerId) -> CancelReason {
        CancelReason::Parent
    }

    fn predecessors(&self, _: WorkerId) -> Vec<WorkerId> {
        Vec::new()
    }

    fn start(&self, _: WorkerId) -> Option<StartDecision> {
        None
    }

    fn is_held(&self, _: WorkerId) -> bool {
        false
    }

    fn overtake(&self, _: WorkerId) -> bool {
        false
    }

    fn part_of(&self) -> Option<&Arc<Record>> {
        Some(&self.parent)
    }

    fn shared_slot(&self) -> Option<&dyn SharedSlot> {
        Some(self)
    }

    fn leave(&self, id: WorkerId) -> Vec<Arc<Record>> {
        self.parent.remove_part(id);
        Vec::new()
    }

    fn services(&self) -> &dyn Services {
        self
    }
}

/// The parent's, but that a part has no events.
impl Services for FanOut {
    fn clock(&self) -> &Arc<dyn Clock> {
        self.parent.clock()
    }

    fn submit(&self, _: Arc<Record>) {}

    fn withdraw(&self) {}

    fn emit(&self, _: Arc<Record>, _: WorkerState) {}

    fn wants_progress(&self) -> bool {
        self.parent.services().wants_progress()
    }

    fn emit_progress(&self, part: Arc<Record>) {
        self.parent.services().emit_progress(part);
    }

    fn worker_ended(&self) {}

    fn arm(&self, worker: &Arc<Record>, time: Instant) {
        self.parent.services().arm(worker, time);
    }

    fn disarm(&self, id: WorkerId, time: Instant) {
        self.parent.services().disarm(id, time);
    }

    fn wake_at(&self, time: Instant, waker: Waker) -> io::Result<u64> {
        self.parent.services().wake_at(time, waker)
    }

    fn forget_wake(&self, time: Instant, key: u64) {
        self.parent.services().forget_wake(time, key);
    }

    fn stack_size(&self) -> Option<usize> {
        self.parent.services().stack_size()
    }

    fn block_in_place(&self) -> BlockingGuard {
        self.parent.services().block_in_place()
    }
}

/// A part is run by the code that made it.
struct NoBody;

impl Body for NoBody {
    fn launch(&self, _: &Arc<Record>) {}

    fn run(&self, _: &Arc<Record>) {}

    fn discard(&self) {}
}
