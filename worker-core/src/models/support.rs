//! [`check`] runs a model; [`StillClock`] is a clock without time, [`Alone`] a worker's place
//! without a manager.

use std::collections::BTreeSet;
use std::io;
use std::panic::Location;
use std::sync::Arc;
use std::task::Waker;
use std::time::{Duration, Instant};

use crate::sync::blocking::BlockingGuard;
use crate::sync::clock::Clock;
use crate::sync::primitives::{Mutex, thread};
use crate::worker::body_cell::{BodyCell, BodyFn};
use crate::worker::cancel_reason::CancelReason;
use crate::worker::id::WorkerId;
use crate::worker::lifecycle::StartCondition;
use crate::worker::record::{Membership, NewRecord, Record, Services, Spec, StartDecision};
use crate::worker::slots::Slots;
use crate::worker::state::WorkerState;

/// Runs `model` in every order of its threads, with at most `preemptions` switches of a thread that
/// could have gone on; `None`: all.
pub(super) fn check(preemptions: impl Into<Option<usize>>, model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = preemptions.into();
    builder.check(model);
}

/// The time stands still; a park ends with an unpark.
#[derive(Debug)]
pub(super) struct StillClock(Instant);

pub(super) fn still_clock() -> Arc<dyn Clock> {
    Arc::new(StillClock(Instant::now()))
}

impl Clock for StillClock {
    fn now(&self) -> Instant {
        self.0
    }

    fn park_until(&self, _: Option<Instant>) {
        thread::park();
    }
}

/// The place of workers that nothing manages. It keeps what a manager would be asked to do.
pub(super) struct Alone {
    clock: Arc<dyn Clock>,
    /// The states in the order of the events.
    pub(super) events: Mutex<Vec<WorkerState>>,
    launched: Mutex<Vec<WorkerId>>,
    armed: Mutex<BTreeSet<(Instant, WorkerId)>>,
}

/// What a worker of a model is made with.
pub(super) struct Made {
    pub(super) met: Vec<StartCondition>,
    pub(super) slots: Option<Arc<Slots<Arc<Record>>>>,
    /// It is over at once: the worker was made so long ago.
    pub(super) delay: Duration,
    pub(super) timeout: Option<Duration>,
}

impl Default for Made {
    /// Announced and started, without limits.
    fn default() -> Self {
        let met = vec![StartCondition::Announced, StartCondition::Released];
        Self { met, slots: None, delay: Duration::ZERO, timeout: None }
    }
}

impl Alone {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            clock: still_clock(),
            events: Mutex::default(),
            launched: Mutex::default(),
            armed: Mutex::default(),
        })
    }

    /// A worker that has been announced and started, and gives 7.
    pub(super) fn worker(self: &Arc<Self>) -> Arc<Record> {
        self.worker_with(|| Ok(7))
    }

    pub(super) fn worker_with(
        self: &Arc<Self>,
        body: impl FnOnce() -> crate::Result<u32> + Send + 'static,
    ) -> Arc<Record> {
        self.make_worker(Made::default(), body)
    }

    pub(super) fn make(self: &Arc<Self>, made: Made) -> Arc<Record> {
        self.make_worker(made, || Ok(7))
    }

    fn make_worker(
        self: &Arc<Self>,
        made: Made,
        body: impl FnOnce() -> crate::Result<u32> + Send + 'static,
    ) -> Arc<Record> {
        let Made { met, slots, delay, timeout } = made;
        let spec = Spec {
            name: "w".into(),
            description: None,
            exit_on_error: false,
            supersedes: false,
            spawned_at: Location::caller(),
        };
        let code = BodyFn::OnThread(Box::new(move |_| body()));
        let new = NewRecord {
            id: WorkerId::next(),
            spec,
            membership: self.clone(),
            created: self.clock.now().checked_sub(delay).expect("a short delay"),
            paused: false,
            delay,
            timeout,
            slots,
            body: BodyCell::new(code),
        };
        Arc::new(new.build(met, None))
    }

    /// Those that were handed to the pool, in that order.
    pub(super) fn launched(&self) -> Vec<WorkerId> {
        self.launched.lock().clone()
    }

    pub(super) fn is_anything_armed(&self) -> bool {
        !self.armed.lock().is_empty()
    }

    pub(super) fn states(&self) -> Vec<WorkerState> {
        self.events.lock().clone()
    }
}

impl Membership for Alone {
    fn group(&self) -> &str {
        "default"
    }

    fn scope(&self) -> &str {
        ""
    }

    fn is_revoked(&self, _: WorkerId) -> bool {
        false
    }

    fn revoked_for(&self, _: WorkerId) -> CancelReason {
        CancelReason::Requested
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

    fn leave(&self, _: WorkerId) -> Vec<Arc<Record>> {
        Vec::new()
    }

    fn services(&self) -> &dyn Services {
        self
    }
}

impl Services for Alone {
    fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    fn submit(&self, worker: Arc<Record>) {
        self.launched.lock().push(worker.id);
    }

    fn withdraw(&self) {}

    fn emit(&self, _: Arc<Record>, state: WorkerState) {
        self.events.lock().push(state);
    }

    fn wants_progress(&self) -> bool {
        false
    }

    fn emit_progress(&self, _: Arc<Record>) {}

    fn worker_ended(&self) {}

    fn arm(&self, worker: &Arc<Record>, time: Instant) {
        self.armed.lock().insert((time, worker.id));
    }

    fn disarm(&self, id: WorkerId, time: Instant) {
        self.armed.lock().remove(&(time, id));
    }

    fn wake_at(&self, _: Instant, _: Waker) -> io::Result<u64> {
        Ok(0)
    }

    fn forget_wake(&self, _: Instant, _: u64) {}

    fn stack_size(&self) -> Option<usize> {
        None
    }

    fn block_in_place(&self) -> BlockingGuard {
        BlockingGuard::new(None)
    }
}
