//! [`shutdown`]: refuses new workers, cancels all, waits at most a grace period, and reports which
//! have not stopped.

use std::fmt;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::manager::engine::Engine;
use crate::manager::registry::ScopeNode;
use crate::manager::scope;
use crate::sync::blocking::{block_until, thread_waker};
use crate::worker::current::current_worker;
use crate::worker::handle::AnyWorker;

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
    root.close();
    scope::cancel(root.revoke_all());
    // A worker that shuts its own manager down must not wait for itself.
    let own = current_worker().ok().filter(|worker| root.get(worker.id()).is_some());
    wait_until_settled(root.engine(), usize::from(own.is_some()), grace);
    let still_there = root.live().into_iter().map(AnyWorker).filter(|worker| Some(worker) != own.as_ref());
    ShutdownReport { abandoned: still_there.map(Abandoned::new).collect() }
}

/// Blocks until at most `left` workers have not settled.
fn wait_until_settled(engine: &Engine, left: usize, grace: Duration) {
    let waker = thread_waker(&engine.clock);
    let deadline = engine.clock.now().checked_add(grace);
    let mut listener = engine.listen_settled();
    block_until(&*engine.clock, deadline, || {
        loop {
            if engine.unsettled() <= left {
                return Some(());
            }
            match Pin::new(&mut listener).poll(&mut Context::from_waker(&waker)) {
                Poll::Ready(()) => listener = engine.listen_settled(),
                Poll::Pending => return None,
            }
        }
    });
}
