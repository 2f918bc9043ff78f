//! [`shutdown`]: refuses new workers, cancels all, waits at most a grace period, and reports which
//! have not stopped.

use std::fmt;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use crate::manager::engine::Engine;
use crate::manager::registry::{ScopeNode, cancel_all};
use crate::sync::blocking::block_on;
use crate::worker::cancel_reason::CancelReason;
use crate::worker::current::current_worker;
use crate::worker::handle::AnyWorker;
use crate::worker::id::WorkerId;
use crate::worker::record::Record;

/// The result of [`WorkerManager::shutdown`](crate::WorkerManager::shutdown).
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct ShutdownReport {
    /// The workers that had not stopped when the time was up, oldest first. Their threads are left
    /// behind and do not keep the process from exiting.
    pub abandoned: Vec<Abandoned>,
}

impl ShutdownReport {
    /// Whether every worker has stopped.
    pub fn is_clean(&self) -> bool {
        self.abandoned.is_empty()
    }
}

/// A worker that had not stopped when a shutdown's time was up.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Abandoned {
    /// The worker.
    pub worker: AnyWorker,
    /// How long its body had been running.
    pub running_for: Duration,
    /// Where it was started.
    pub spawned_at: &'static Location<'static>,
}

impl Abandoned {
    fn new(worker: AnyWorker) -> Self {
        let running_for = worker.0.running_for().unwrap_or_default();
        let spawned_at = worker.spawned_at();
        Self { worker, running_for, spawned_at }
    }
}

/// `worker "builds" (#7), running for 3.2s, started at src/app.rs:12:9`
impl fmt::Display for Abandoned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { worker, running_for, spawned_at } = self;
        write!(f, "{worker}, running for {:.1}s, started at {spawned_at}", running_for.as_secs_f64())
    }
}

/// Closes the root, cancels every worker, and waits until they have stopped or `grace` is over.
pub(crate) fn shutdown(root: &Arc<ScopeNode>, grace: Duration) -> ShutdownReport {
    root.close(&CancelReason::Shutdown);
    // Workers from here on are refused: they are on no report, however far their refusal is.
    let first_refused = WorkerId::next();
    cancel_all(root.revoke_all(), &CancelReason::Shutdown);
    let engine = root.engine();
    let own = current_worker().ok().filter(|worker| root.get(worker.id()).is_some());
    let closing = own.as_ref().map(|own| Closing::enter(engine, own.id()));
    wait_until_ended(engine, closing.is_some(), grace);
    let leaving = if closing.is_some() { engine.closing.lock().clone() } else { Vec::new() };
    let is_left = |record: &Arc<Record>| record.id < first_refused && !leaving.contains(&record.id);
    let still_there = root.live().into_iter().filter(is_left);
    ShutdownReport { abandoned: still_there.map(AnyWorker).map(Abandoned::new).collect() }
}

/// A worker is inside a shutdown of its own manager until this is dropped: others that are so do
/// not wait for it, nor it for them.
struct Closing<'a> {
    engine: &'a Engine,
    id: WorkerId,
}

impl<'a> Closing<'a> {
    fn enter(engine: &'a Engine, id: WorkerId) -> Self {
        engine.closing.lock().push(id);
        engine.recheck();
        Self { engine, id }
    }
}

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        self.engine.closing.lock().retain(|id| *id != self.id);
    }
}

/// Blocks until every worker has ended, or, in a worker, every one that is not inside a shutdown.
fn wait_until_ended(engine: &Engine, in_worker: bool, grace: Duration) {
    let deadline = engine.clock.now().checked_add(grace);
    let left = || if in_worker { engine.closing.lock().len() } else { 0 };
    block_on(&engine.clock, deadline, engine.ended(left));
}
