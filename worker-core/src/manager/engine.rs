//! [`Engine`] implements [`Services`]: passes a worker to the pool, the alarms and the listeners
//! of its manager.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::task::Waker;
use std::time::Instant;

use crate::body::event_loop::EventLoop;
use crate::manager::listeners::Listeners;
use crate::sync::blocking::{BlockingGuard, checkpoint};
use crate::sync::clock::Clock;
use crate::sync::primitives::Mutex;
use crate::sync::primitives::atomic::{AtomicUsize, Ordering};
use crate::threads::alarms::Alarms;
use crate::threads::pool::{Job, Limits, Pool};
use crate::worker::id::WorkerId;
use crate::worker::record::{Record, Services};
use crate::worker::state::WorkerState;
use crate::worker::waker_set::WakerSet;

pub(crate) struct Engine {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) alarms: Alarms,
    pub(crate) event_loop: Arc<dyn EventLoop>,
    pub(crate) listeners: Listeners,
    pool: Pool<Arc<Record>>,
    /// Handles through which workers can be started.
    handles: AtomicUsize,
    /// Workers that have been decided and whose terminal event is not out yet.
    not_ended: AtomicUsize,
    /// Workers that are inside a shutdown of this manager. They do not wait for each other.
    pub(crate) closing: Mutex<Vec<WorkerId>>,
    ended: WakerSet,
}

impl Job for Arc<Record> {
    fn run(self) {
        Record::run(&self);
    }

    fn refuse(self, error: io::Error) {
        Record::refuse(&self, error);
    }

    fn is_stale(&self) -> bool {
        !self.may_still_run()
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
            alarms: Alarms::new(clock.clone()),
            event_loop,
            clock,
            listeners,
            handles: AtomicUsize::new(0),
            not_ended: AtomicUsize::new(0),
            closing: Mutex::default(),
            ended: WakerSet::default(),
        }
    }

    pub(crate) fn worker_admitted(&self) {
        self.not_ended.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn not_ended(&self) -> usize {
        self.not_ended.load(Ordering::Acquire)
    }

    /// Completes when at most `left()` workers have not ended. A change of `left` needs a
    /// [`recheck`](Self::recheck).
    pub(crate) async fn ended(&self, left: impl Fn() -> usize + Unpin) {
        self.ended.wait_until(|| self.not_ended() <= left()).await;
    }

    pub(crate) fn recheck(&self) {
        self.ended.wake_all();
    }

    pub(crate) fn handle_made(&self) {
        self.handles.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn handle_dropped(&self) {
        self.handles.fetch_sub(1, Ordering::SeqCst);
        self.close_if_unused();
    }

    /// Ends the threads and the subscriptions if no worker is left and none can be started any
    /// more. A handle of a finished worker, even one that it returned itself, keeps neither.
    fn close_if_unused(&self) {
        if self.handles.load(Ordering::SeqCst) == 0 && self.not_ended.load(Ordering::SeqCst) == 0 {
            self.pool.close();
            self.alarms.close();
            self.listeners.disconnect();
        }
    }
}

impl Services for Engine {
    fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    fn submit(&self, worker: Arc<Record>) {
        self.pool.submit(worker);
    }

    fn withdraw(&self) {
        self.pool.withdraw();
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

    fn worker_ended(&self) {
        self.not_ended.fetch_sub(1, Ordering::SeqCst);
        self.ended.wake_all();
        self.close_if_unused();
    }

    fn arm(&self, worker: &Arc<Record>, time: Instant) {
        self.alarms.arm(time, worker);
    }

    fn disarm(&self, id: WorkerId, time: Instant) {
        self.alarms.disarm(time, id);
    }

    fn wake_at(&self, time: Instant, waker: Waker) -> io::Result<u64> {
        self.alarms.wake_at(time, waker)
    }

    fn forget_wake(&self, time: Instant, key: u64) {
        self.alarms.forget_wake(time, key);
    }

    fn stack_size(&self) -> Option<usize> {
        self.pool.stack_size()
    }

    fn block_in_place(&self) -> BlockingGuard {
        self.pool.block_in_place()
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("pool", &self.pool)
            .field("alarms", &self.alarms)
            .field("not_ended", &self.not_ended())
            .finish_non_exhaustive()
    }
}
