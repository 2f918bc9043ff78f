//! [`Engine`]: what all workers of one manager share, its clock, its threads and its listeners.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use event_listener::{Event, EventListener};

use crate::body::executor::EventLoop;
use crate::panics;
use crate::sync::blocking::{BlockingGuard, checkpoint};
use crate::sync::clock::Clock;
use crate::sync::event::{listen, notify_all};
use crate::sync::primitives::atomic::{AtomicUsize, Ordering};
use crate::threads::pool::{Job, Limits, Pool};
use crate::threads::timeouts::Timeouts;
use crate::worker::event::Listeners;
use crate::worker::id::WorkerId;
use crate::worker::record::{Record, Services};
use crate::worker::state::WorkerState;

pub(crate) struct Engine {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) timeouts: Timeouts,
    pub(crate) event_loop: Arc<dyn EventLoop>,
    pub(crate) listeners: Listeners,
    pool: Pool<Arc<Record>>,
    /// Workers that have been admitted and whose terminal event is not out yet.
    unsettled: AtomicUsize,
    settled: Event,
}

impl Job for Arc<Record> {
    fn run(self) {
        Record::run(&self);
    }

    fn refuse(self, error: std::io::Error) {
        Record::refuse(&self, error);
    }
}

impl Engine {
    pub(crate) fn new(
        limits: Limits,
        clock: Arc<dyn Clock>,
        event_loop: Arc<dyn EventLoop>,
        listeners: Listeners,
    ) -> Self {
        Self {
            pool: Pool::new(limits, clock.clone()),
            timeouts: Timeouts::new(clock.clone()),
            event_loop,
            clock,
            listeners,
            unsettled: AtomicUsize::new(0),
            settled: Event::new(),
        }
    }

    pub(crate) fn worker_admitted(&self) {
        self.unsettled.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn unsettled(&self) -> usize {
        self.unsettled.load(Ordering::Acquire)
    }

    /// Notified each time a worker has settled.
    pub(crate) fn listen_settled(&self) -> EventListener {
        listen(&self.settled)
    }
}

impl Services for Engine {
    fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    fn submit(&self, worker: Arc<Record>) {
        self.pool.submit(worker);
    }

    fn emit(&self, worker: Arc<Record>, state: WorkerState) {
        checkpoint(&*self.clock);
        self.listeners.emit(worker, state);
    }

    fn wants_progress(&self) -> bool {
        self.listeners.wants_progress()
    }

    fn emit_progress(&self, worker: Arc<Record>) {
        self.listeners.emit_progress(worker);
    }

    fn worker_settled(&self) {
        self.unsettled.fetch_sub(1, Ordering::AcqRel);
        panics::guard("a waker", || notify_all(&self.settled));
    }

    fn arm_timeout(&self, worker: &Arc<Record>, deadline: Instant) {
        self.timeouts.arm(deadline, worker);
    }

    fn disarm_timeout(&self, id: WorkerId, deadline: Instant) {
        self.timeouts.disarm(deadline, id);
    }

    fn block_in_place(&self) -> BlockingGuard {
        self.pool.block_in_place()
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("pool", &self.pool)
            .field("timeouts", &self.timeouts)
            .field("unsettled", &self.unsettled())
            .finish_non_exhaustive()
    }
}
