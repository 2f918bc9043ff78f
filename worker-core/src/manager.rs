//! The front door.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::Receiver;

use crate::builder::WorkerBuilder;
use crate::clock::{Clock, SystemClock};
use crate::current::current_worker;
use crate::engine::Engine;
use crate::error::WaitError;
use crate::event::{EventSink, ProgressSink, StateChanged};
use crate::own_loop::{DefaultLoop, EventLoop};
use crate::panics;
use crate::pool::Limits;
use crate::record::WorkerId;
use crate::registry::ScopeNode;
use crate::scope::{self, Scope};
use crate::shutdown::{self, ShutdownReport};
use crate::worker::AnyWorker;

/// How many threads a manager makes at most, unless told otherwise. Bodies mostly wait for something outside, so this is
/// far above the number of cores; a thread blocked in a wait for another worker is not counted.
const DEFAULT_MAX_THREADS: usize = 64;

/// How long a thread stays without work, unless told otherwise.
const DEFAULT_IDLE_TIMEOUT: Duration = Duration::from_secs(10);

/// Starts workers and knows the live ones. A handle: clones are of the same manager.
///
/// Dropping the last handle cancels nothing; [`shutdown`](Self::shutdown) does. A worker that was created paused and is neither
/// started nor cancelled is kept for ever.
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
    root: Arc<ScopeNode>,
}

impl WorkerManager {
    /// A manager whose events go nowhere; see [`builder`](Self::builder) for one that tells a UI.
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Configures a manager.
    pub fn builder() -> ManagerBuilder {
        ManagerBuilder::default()
    }

    /// Begins a worker in the root scope, which nothing but [`shutdown`](Self::shutdown) closes.
    pub fn worker(&self, name: impl Into<Cow<'static, str>>) -> WorkerBuilder {
        WorkerBuilder::new(self.root.clone(), name.into())
    }

    /// Makes a scope: a screen or a widget, whose workers are cancelled when it is dropped.
    pub fn scope(&self, name: impl Into<Cow<'static, str>>) -> Scope {
        Scope::new(self.root.nest(name.into()))
    }

    /// The live workers of all scopes, oldest first.
    pub fn workers(&self) -> Vec<AnyWorker> {
        self.root.live().into_iter().map(AnyWorker).collect()
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
        scope::cancel(self.root.revoke_all())
    }

    /// Cancels the workers of a group of the root scope and gives them, oldest first. Groups within other scopes are theirs:
    /// see [`Scope::cancel_group`].
    pub fn cancel_group(&self, group: &str) -> Vec<AnyWorker> {
        scope::cancel(self.root.revoke_group(group))
    }

    /// Blocks until all the given workers have finished; `workers.workers()` are all that live now.
    ///
    /// # Errors
    ///
    /// The first error met, in the given order, after waiting for all of them. A wait that is refused (see
    /// [`AnyWorker::wait`]) ends it at once.
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

    /// Completes when no worker is alive and every terminal event is out. Workers that are started meanwhile count; inside a
    /// worker's body that worker itself does not.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    pub fn all_finished(&self) -> impl Future<Output = ()> + Send {
        let engine = self.root.engine();
        let own = usize::from(current_worker().is_ok_and(|worker| self.contains(worker.id())));
        async move {
            while engine.unsettled() > own {
                let settled = engine.listen();
                if engine.unsettled() <= own {
                    return;
                }
                settled.await;
            }
        }
    }

    /// Every state change from now on, in a channel without bound: for logs and tests. A UI takes an
    /// [`EventSink`](ManagerBuilder::events).
    pub fn subscribe(&self) -> Receiver<StateChanged> {
        self.root.engine().subscribe()
    }

    /// Takes no new workers from now on, cancels all, and waits at most `grace` for them to stop.
    ///
    /// Never hangs, and says who did not stop. A worker started afterwards is `Cancelled` without having run. May be called
    /// on the UI thread: workers do not need it to stop.
    pub fn shutdown(&self, grace: Duration) -> ShutdownReport {
        shutdown::shutdown(&self.root, grace)
    }
}

impl Default for WorkerManager {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for WorkerManager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkerManager")
            .field("workers", &self.len())
            .field("engine", self.root.engine())
            .finish()
    }
}

/// Configures a [`WorkerManager`].
#[must_use = "nothing is made until `.build()` is called"]
pub struct ManagerBuilder {
    limits: Limits,
    clock: Arc<dyn Clock>,
    event_loop: Arc<dyn EventLoop>,
    sink: Option<Box<dyn EventSink>>,
    progress: Option<Box<dyn ProgressSink>>,
}

impl Default for ManagerBuilder {
    fn default() -> Self {
        Self {
            limits: Limits {
                max_threads: DEFAULT_MAX_THREADS,
                idle_timeout: Some(DEFAULT_IDLE_TIMEOUT),
                stack_size: None,
            },
            clock: Arc::new(SystemClock),
            event_loop: Arc::new(DefaultLoop::default()),
            sink: None,
            progress: None,
        }
    }
}

impl ManagerBuilder {
    /// At most this many threads take up bodies; further workers stay pending. At least 1; 64 by default.
    ///
    /// A thread whose body waits for another worker is not counted while it waits, and another takes its place. When it comes
    /// back, its body and the other's run side by side until one of them ends.
    pub fn max_threads(mut self, max: usize) -> Self {
        self.limits.max_threads = max.max(1);
        self
    }

    /// Threads without work end after this time; `None`: only with the manager. 10 s by default.
    pub fn idle_timeout(mut self, idle: impl Into<Option<Duration>>) -> Self {
        self.limits.idle_timeout = idle.into();
        self
    }

    /// The stack of each thread, in bytes. Rust's default, 2 MiB, unless told otherwise.
    pub fn stack_size(mut self, bytes: usize) -> Self {
        self.limits.stack_size = Some(bytes);
        self
    }

    /// The clock for sleeps, time limits, ages and idle threads. The system's by default.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// What the bodies of [`thread_async`](WorkerBuilder::thread_async) run in; see [`EventLoop`] for the default.
    pub fn event_loop(mut self, event_loop: impl EventLoop + 'static) -> Self {
        self.event_loop = Arc::new(event_loop);
        self
    }

    /// Where state changes go. Without a sink and without subscribers, errors are logged by tracing.
    pub fn events(mut self, sink: impl EventSink + 'static) -> Self {
        self.sink = Some(Box::new(sink));
        self
    }

    /// Where notices of progress go. Without it, progress is only read from handles.
    pub fn progress(mut self, sink: impl ProgressSink + 'static) -> Self {
        self.progress = Some(Box::new(sink));
        self
    }

    /// Makes the manager. No thread is made before the first worker.
    pub fn build(self) -> WorkerManager {
        panics::watch();
        let engine = Engine::new(self.limits, self.clock, self.event_loop, self.sink, self.progress);
        WorkerManager { root: ScopeNode::root(Arc::new(engine)) }
    }
}

impl fmt::Debug for ManagerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ManagerBuilder")
            .field("limits", &self.limits)
            .field("clock", &self.clock)
            .finish_non_exhaustive()
    }
}
