//! [`WorkerManager`], the entry point: starts workers, lists them, shuts down.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::manager::engine::Engine;
use crate::manager::receiver::Receiver;
use crate::manager::registry::{ScopeNode, cancel_all, with_parts};
use crate::manager::scope::Scope;
use crate::manager::scope_handle::ScopeHandle;
use crate::manager::shutdown::{self, ShutdownReport};
use crate::manager::worker_builder::WorkerBuilder;
use crate::worker::cancel_reason::CancelReason;
use crate::worker::current::current_worker;
use crate::worker::error::WaitError;
use crate::worker::event::StateChanged;
use crate::worker::handle::AnyWorker;
use crate::worker::id::WorkerId;

/// Starts workers and knows the live ones. A handle: clones are of the same manager.
///
/// Dropping the last handle cancels nothing; [`shutdown`](Self::shutdown) does. A worker that was
/// created paused and is neither started nor cancelled is kept for ever.
///
/// ```
/// use worker_core::WorkerManager;
///
/// let workers = WorkerManager::new();
/// let greeting = workers.worker("greet").thread(|_| Ok("hello".to_owned()));
/// assert_eq!(greeting.wait()?, "hello");
/// assert!(workers.is_empty(), "a finished worker leaves the list");
/// # Ok::<(), worker_core::WaitError>(())
/// ```
#[derive(Clone)]
pub struct WorkerManager {
    root: ScopeHandle,
}

impl WorkerManager {
    pub(crate) fn with_engine(engine: Engine, exit_on_error: bool) -> Self {
        Self { root: ScopeHandle::new(ScopeNode::root(Arc::new(engine)), exit_on_error) }
    }

    /// Begins a worker in the root scope, which nothing but [`shutdown`](Self::shutdown) closes.
    pub fn worker(&self, name: impl Into<Cow<'static, str>>) -> WorkerBuilder {
        WorkerBuilder::new(self.root.clone(), name.into())
    }

    /// Makes a scope: a screen or a widget, whose workers are cancelled when it is dropped.
    pub fn scope(&self, name: impl Into<Cow<'static, str>>) -> Scope {
        Scope::new(self.root.nested(name.into()))
    }

    /// The live workers of all scopes, oldest first; among them the parts of their
    /// [fan-outs](crate::WorkerContext::map), which are not counted elsewhere.
    pub fn workers(&self) -> Vec<AnyWorker> {
        with_parts(self.root.live())
    }

    /// How many workers are alive, in all scopes.
    pub fn len(&self) -> usize {
        self.root.len()
    }

    /// Whether no worker is alive.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the worker of this number is alive here.
    pub fn contains(&self, id: WorkerId) -> bool {
        self.root.get(id).is_some()
    }

    /// The live worker of this number.
    pub fn get(&self, id: WorkerId) -> Option<AnyWorker> {
        self.root.get(id).map(AnyWorker)
    }

    /// Starts every worker that was created [`paused`](WorkerBuilder::paused), oldest first.
    pub fn start_all(&self) {
        self.workers().iter().for_each(AnyWorker::start);
    }

    /// Cancels every worker of every scope and gives them, oldest first.
    pub fn cancel_all(&self) -> Vec<AnyWorker> {
        cancel_all(self.root.revoke_all(), &CancelReason::Requested)
    }

    /// Cancels the workers of a group of the root scope and gives them, oldest first. Groups within
    /// other scopes are theirs: see [`Scope::cancel_group`].
    pub fn cancel_group(&self, group: &str) -> Vec<AnyWorker> {
        cancel_all(self.root.revoke_group(group), &CancelReason::Requested)
    }

    /// As [`Scope::is_busy`], for the root scope.
    pub fn is_busy(&self, group: &str) -> bool {
        self.root.is_busy(group)
    }

    /// Blocks until all the given workers have finished; `workers.workers()` are all that live now.
    ///
    /// # Errors
    ///
    /// The first error met, in the given order, after waiting for all of them. A wait that is
    /// refused (see [`AnyWorker::wait`]) ends it at once.
    pub fn wait_for_complete(
        &self,
        workers: impl IntoIterator<Item: AsRef<AnyWorker>>,
    ) -> Result<(), WaitError> {
        let mut first = Ok(());
        for worker in workers {
            match worker.as_ref().wait() {
                Ok(()) => {}
                Err(error @ WaitError::Worker(_)) => first = first.and(Err(error)),
                Err(refused) => return Err(refused),
            }
        }
        first
    }

    /// Completes when no worker is alive and every terminal event is out. Workers that are started
    /// meanwhile count; inside a worker's body that worker itself does not.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    pub fn all_finished(&self) -> impl Future<Output = ()> + Send {
        let engine = self.root.engine();
        let own = usize::from(current_worker().is_ok_and(|worker| self.contains(worker.id())));
        engine.ended(move || own)
    }

    /// Every state change from now on, in a channel without bound: for logs and tests. A UI takes
    /// an [`EventSink`](crate::ManagerBuilder::events). See [`Receiver`].
    pub fn subscribe(&self) -> Receiver<StateChanged> {
        self.root.engine().listeners.subscribe()
    }

    /// Takes no new workers from now on, cancels all, and waits at most `grace` for them to stop.
    ///
    /// Never hangs, and names the workers that did not stop. A worker started afterwards is
    /// `Cancelled` without having run. May be called on the UI thread: workers do not need it to
    /// stop.
    pub fn shutdown(&self, grace: Duration) -> ShutdownReport {
        shutdown::shutdown(&self.root, grace)
    }
}

/// `WorkerManager { workers: 3 }`; with `{:#?}` also its threads and its alarms.
impl fmt::Debug for WorkerManager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let in_detail = f.alternate();
        let mut shown = f.debug_struct("WorkerManager");
        shown.field("workers", &self.len());
        if in_detail {
            shown.field("engine", self.root.engine());
        }
        shown.finish()
    }
}
