//! [`ManagerBuilder`]: configures a [`WorkerManager`].

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

#[cfg(not(feature = "tokio"))]
use crate::body::event_loop::BlockOn as DefaultLoop;
use crate::body::event_loop::EventLoop;
#[cfg(feature = "tokio")]
use crate::body::tokio_loop::TokioLoop as DefaultLoop;
use crate::manager::engine::Engine;
use crate::manager::listeners::Listeners;
use crate::manager::worker_manager::WorkerManager;
use crate::panics;
use crate::sync::clock::{Clock, SystemClock};
use crate::threads::pool::Limits;
use crate::worker::event::{EventSink, ProgressSink};

/// How many threads a manager makes at most, unless told otherwise. Bodies mostly wait for
/// something outside, so this is far above the number of cores; a thread blocked in a wait for
/// another worker is not counted.
const DEFAULT_MAX_THREADS: usize = 64;

/// How long a thread stays without work, unless told otherwise.
const DEFAULT_IDLE_TIMEOUT: Duration = Duration::from_secs(10);

impl WorkerManager {
    /// A manager whose events go nowhere; see [`builder`](Self::builder) for one that tells a UI.
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Configures a manager.
    pub fn builder() -> ManagerBuilder {
        ManagerBuilder::default()
    }
}

impl Default for WorkerManager {
    fn default() -> Self {
        Self::new()
    }
}

/// Configures a [`WorkerManager`].
#[must_use = "nothing is made until `.build()` is called"]
pub struct ManagerBuilder {
    limits: Limits,
    clock: Arc<dyn Clock>,
    event_loop: Arc<dyn EventLoop>,
    exit_on_error: bool,
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
            event_loop: Arc::new(DefaultLoop),
            exit_on_error: true,
            sink: None,
            progress: None,
        }
    }
}

impl ManagerBuilder {
    /// At most this many threads take up bodies; further workers stay pending. At least 1; 64 by
    /// default.
    ///
    /// A thread whose body waits for another worker is not counted while it waits, and another
    /// takes its place. When it comes back, its body and the other's run side by side until one of
    /// them ends.
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

    /// What the bodies of [`thread_async`](crate::WorkerBuilder::thread_async) run in; see
    /// [`EventLoop`] for the default.
    pub fn event_loop(mut self, event_loop: impl EventLoop + 'static) -> Self {
        self.event_loop = Arc::new(event_loop);
        self
    }

    /// Whether an error of a worker ends the app, for workers and scopes that do not say it
    /// themselves. On by default, as in Textual; see
    /// [`WorkerBuilder::exit_on_error`](crate::WorkerBuilder::exit_on_error) and
    /// [`Scope::exit_on_error`](crate::Scope::exit_on_error).
    pub fn exit_on_error(mut self, exit: bool) -> Self {
        self.exit_on_error = exit;
        self
    }

    /// Where state changes go. Without a sink and without subscribers, errors are logged by
    /// tracing.
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
        panics::ensure_hook();
        let listeners = Listeners::new(self.sink, self.progress);
        let engine = Engine::new(self.limits, self.clock, self.event_loop, listeners);
        WorkerManager::with_engine(engine, self.exit_on_error)
    }
}

impl fmt::Debug for ManagerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ManagerBuilder")
            .field("limits", &self.limits)
            .field("clock", &self.clock)
            .field("exit_on_error", &self.exit_on_error)
            .finish_non_exhaustive()
    }
}
