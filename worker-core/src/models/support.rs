//! [`check`] runs a model; [`StillClock`] is a clock without time, [`Alone`] a worker's place
//! without a manager.

use std::io;
use std::panic::Location;
use std::sync::Arc;
use std::task::Waker;
use std::time::{Duration, Instant};

use crate::sync::blocking::BlockingGuard;
use crate::sync::clock::Clock;
use crate::sync::primitives::{Mutex, thread};
use crate::worker::body_cell::{BodyCell, BodyFn};
use crate::worker::id::WorkerId;
use crate::worker::lifecycle::StartCondition;
use crate::worker::record::{Membership, NewRecord, Record, Services, Spec, StartDecision};
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

/// The place of workers that nothing manages: keeps their states in the order of the events.
pub(super) struct Alone {
    clock: Arc<dyn Clock>,
    pub(super) events: Mutex<Vec<WorkerState>>,
}

impl Alone {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { clock: still_clock(), events: Mutex::new(Vec::new()) })
    }

    /// A worker that has been announced and started, and gives 7.
    pub(super) fn worker(self: &Arc<Self>) -> Arc<Record> {
        self.worker_with(|| Ok(7))
    }

    /// A worker whose body may run for no time at all.
    pub(super) fn worker_without_time(self: &Arc<Self>) -> Arc<Record> {
        self.make_worker(|| Ok(7), Some(Duration::ZERO))
    }

    pub(super) fn worker_with(
        self: &Arc<Self>,
        body: impl FnOnce() -> crate::Result<u32> + Send + 'static,
    ) -> Arc<Record> {
        self.make_worker(body, None)
    }

    fn make_worker(
        self: &Arc<Self>,
        body: impl FnOnce() -> crate::Result<u32> + Send + 'static,
        timeout: Option<Duration>,
    ) -> Arc<Record> {
        let spec = Spec {
            name: "w".into(),
            description: None,
            exit_on_error: false,
            supersedes: false,
            spawned_at: Location::caller(),
        };
        let met = [StartCondition::Announced, StartCondition::Released];
        let code = BodyFn::OnThread(Box::new(move |_| body()));
        let new = NewRecord {
            id: WorkerId::next(),
            spec,
            membership: self.clone(),
            created: self.clock.now(),
            paused: false,
            delay: Duration::ZERO,
            timeout,
            slots: None,
            body: BodyCell::new(code),
        };
        Arc::new(new.build(met, None))
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

    fn submit(&self, _: Arc<Record>) {}

    fn withdraw(&self) {}

    fn emit(&self, _: Arc<Record>, state: WorkerState) {
        self.events.lock().push(state);
    }

    fn wants_progress(&self) -> bool {
        false
    }

    fn emit_progress(&self, _: Arc<Record>) {}

    fn worker_ended(&self) {}

    fn arm(&self, _: &Arc<Record>, _: Instant) {}

    fn disarm(&self, _: WorkerId, _: Instant) {}

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
