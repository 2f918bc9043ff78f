//! [`WorkerBuilder`]: configures a worker; `spawn` has its restart policy decide, cancels the
//! workers that it supersedes, and announces it.

use std::borrow::Cow;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use crate::body::context::{TaskContext, WorkerContext};
use crate::body::local_spawn::LocalSpawn;
use crate::body::{event_loop, task};
use crate::bounded_text::{MAX_TEXT, cut};
use crate::error::Result;
use crate::manager::limit::ConcurrencyLimit;
use crate::manager::restart::Restart;
use crate::manager::scope_handle::ScopeHandle;
use crate::worker::body_cell::{BodyCell, BodyFn};
use crate::worker::current::{self, current_worker};
use crate::worker::handle::{AnyWorker, Worker};
use crate::worker::lifecycle::StartCondition;
use crate::worker::record::{Decision, NewRecord, Record, Spec};

/// A worker about to be started; made by [`WorkerManager::worker`](crate::WorkerManager::worker) or
/// [`Scope::worker`](crate::Scope::worker).
///
/// ```
/// use worker_core::WorkerManager;
///
/// let workers = WorkerManager::new();
/// let search = workers
///     .worker("search")
///     .group("search")
///     .exclusive() // a newer search cancels this one
///     .exit_on_error(false) // an error is shown, and the app goes on
///     .thread(|cx| {
///         cx.check()?;
///         Ok(vec!["a hit"])
///     });
/// assert_eq!(search.wait()?.len(), 1);
/// # Ok::<(), worker_core::WaitError>(())
/// ```
#[derive(Debug)]
#[must_use = "nothing runs until `.thread(…)` is called"]
pub struct WorkerBuilder {
    scope: ScopeHandle,
    name: Cow<'static, str>,
    group: Option<Cow<'static, str>>,
    description: Option<Box<str>>,
    restart: Restart,
    exit_on_error: bool,
    timeout: Option<Duration>,
    delay: Duration,
    limit: Option<ConcurrencyLimit>,
    parent: Option<AnyWorker>,
    start: Start,
    /// Where it was asked for, if a bridge starts it for others.
    requested_at: Option<&'static Location<'static>>,
}

/// Says where in the source it was asked for: [`spawned_at`](AnyWorker::spawned_at) is that place. For a
/// bridge's resources, which start workers for others.
pub fn requested_at(worker: WorkerBuilder, place: &'static Location<'static>) -> WorkerBuilder {
    WorkerBuilder { requested_at: Some(place), ..worker }
}

/// Its restart policy. For a bridge's resources.
pub fn restart_of(worker: &WorkerBuilder) -> Restart {
    worker.restart
}

#[derive(Debug, PartialEq, Eq)]
enum Start {
    AtOnce,
    Paused,
}

impl WorkerBuilder {
    pub(crate) fn new(scope: ScopeHandle, name: Cow<'static, str>) -> Self {
        let exit_on_error = scope.exit_on_error;
        Self {
            scope,
            name,
            group: None,
            description: None,
            restart: Restart::default(),
            exit_on_error,
            timeout: None,
            delay: Duration::ZERO,
            limit: None,
            parent: None,
            start: Start::AtOnce,
            requested_at: None,
        }
    }

    /// Puts it into a group of its scope instead of `"default"`. A [restart policy](Self::restart)
    /// then counts all workers of that group; without a group it counts those of the same name, and
    /// strangers are never in each other's way.
    pub fn group(mut self, group: impl Into<Cow<'static, str>>) -> Self {
        self.group = Some(group.into());
        self
    }

    /// Says what it does, for an inspector. At most 1000 characters are kept.
    pub fn description(mut self, description: impl AsRef<str>) -> Self {
        self.description = Some(cut(description.as_ref(), MAX_TEXT).into());
        self
    }

    /// Cancels the others in its way, then starts: of several exclusive starts at the same time
    /// exactly one stays uncancelled. The same as [`Restart::CancelPrevious`].
    pub fn exclusive(self) -> Self {
        self.restart(Restart::CancelPrevious)
    }

    /// What the start does about the others in its way: the workers of its (scope, group), or, if
    /// no [`group`](Self::group) is given, those of the same name in its scope.
    pub fn restart(mut self, restart: Restart) -> Self {
        self.restart = restart;
        self
    }

    /// Whether an error of this worker should end the app, by coming out of its UI loop. Either way
    /// the error is on the handle and in the event.
    ///
    /// Unless this is called, the [scope](crate::Scope::exit_on_error) says it, or else the
    /// [manager](crate::ManagerBuilder::exit_on_error), where it is on by default, as in Textual.
    pub fn exit_on_error(mut self, exit: bool) -> Self {
        self.exit_on_error = exit;
        self
    }

    /// How long its body may run. When that is over, it is cancelled and ends in
    /// [`Error(TimedOut)`](crate::WorkerError::TimedOut) once it has stopped. The time in the queue
    /// does not count.
    ///
    /// ```
    /// use std::time::Duration;
    /// use worker_core::{Worker, WorkerManager};
    ///
    /// let slow: Worker<()> = WorkerManager::new()
    ///     .worker("slow")
    ///     .timeout(Duration::from_millis(1))
    ///     .thread(|cx| Ok(cx.sleep(Duration::MAX)?));
    /// assert!(slow.wait().unwrap_err().is_timeout());
    /// ```
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = Some(limit);
        self
    }

    /// Lets it wait before it starts: it stays pending for `duration` and holds no thread.
    /// [`start`](AnyWorker::start) ends the delay at once, a cancel at any time. One that is
    /// created [`paused`](Self::paused) begins its delay when it is started.
    ///
    /// With [`exclusive`](Self::exclusive) that is a debounce: of a burst of starts only the last
    /// runs, this long after it. A delayed worker is in the others' way from its creation on.
    ///
    /// ```
    /// use std::time::Duration;
    /// use worker_core::WorkerManager;
    ///
    /// let workers = WorkerManager::new();
    /// let search = |query| {
    ///     let search = workers.worker("search").exclusive().delay(Duration::from_millis(20));
    ///     search.thread(move |_| Ok(format!("hits for {query}")))
    /// };
    /// let (r, ru, rust) = (search("r"), search("ru"), search("rust"));
    /// assert!(r.is_cancelled() && ru.is_cancelled()); // their bodies never ran
    /// assert_eq!(rust.wait()?, "hits for rust");
    /// # Ok::<(), worker_core::WaitError>(())
    /// ```
    pub fn delay(mut self, duration: Duration) -> Self {
        self.delay = duration;
        self
    }

    /// Lets it run only while fewer than the limit's workers do. Until then it is pending and holds
    /// no thread. See [`ConcurrencyLimit`].
    pub fn limit(mut self, limit: &ConcurrencyLimit) -> Self {
        self.limit = Some(limit.clone());
        self
    }

    /// Makes it a child of the worker in whose body this is called: it is cancelled when that one
    /// is. If the parent ends in another way, the child goes on. Outside a worker's body this
    /// changes nothing.
    ///
    /// ```
    /// use std::time::Duration;
    /// use worker_core::WorkerManager;
    ///
    /// let workers = WorkerManager::new();
    /// let parent = workers.worker("parent").thread({
    ///     let workers = workers.clone();
    ///     move |cx| {
    ///         let child = workers.worker("child").child().thread(|cx| Ok(cx.sleep(Duration::MAX)?));
    ///         cx.worker().cancel();
    ///         assert!(child.is_cancelled());
    ///         Ok(())
    ///     }
    /// });
    /// assert!(parent.wait().unwrap_err().is_cancelled());
    /// ```
    pub fn child(mut self) -> Self {
        self.parent = current_worker().ok();
        self
    }

    /// Creates it without starting it: it stays pending until [`start`](AnyWorker::start) or
    /// [`start_all`](crate::WorkerManager::start_all). Its restart policy is applied when it is
    /// created, and again when it is started: then it meets the workers that were started in
    /// between. Until then it is in no other worker's way.
    pub fn paused(mut self) -> Self {
        self.start = Start::Paused;
        self
    }

    /// Starts a thread worker: `body` runs on a thread of its own and may block as it likes.
    ///
    /// The result's type is inferred from what the body returns; a body that never returns `Ok`
    /// needs it named, as in `let poll: Worker<()> = …`.
    ///
    /// A scope that is closed, or a manager that was shut down, gives a worker that is `Cancelled`
    /// without having run.
    #[track_caller]
    pub fn thread<T, F>(self, body: F) -> Worker<T>
    where
        T: Send + Sync + 'static,
        F: FnOnce(&WorkerContext) -> Result<T> + Send + 'static,
    {
        let run = move |record: &Arc<Record>| {
            let worker = AnyWorker(record.clone());
            let context = WorkerContext::new(worker.clone());
            current::enter(worker, || body(&context))
        };
        self.spawn(Location::caller(), BodyFn::OnThread(Box::new(run)))
    }

    /// Starts a thread worker with an async body: it runs in an event loop of its own on a thread
    /// of its own.
    ///
    /// For async code that may also block. The future need not be `Send`. A cancel drops it at its
    /// next await; while it blocks, by `cx.sleep` or otherwise, the rules of
    /// [`thread`](Self::thread) hold.
    ///
    /// The loop is the manager's [`EventLoop`](crate::EventLoop). With the feature `tokio` each
    /// worker has a tokio runtime of its own. An app that shares an HTTP client among its workers
    /// gives the manager its runtime, so that they share connections, too:
    /// `WorkerManager::builder().event_loop(tokio::runtime::Handle::current())`.
    ///
    /// ```
    /// use std::rc::Rc;
    /// use worker_core::WorkerManager;
    ///
    /// let worker = WorkerManager::new().worker("async").thread_async(async |cx| {
    ///     let not_send = Rc::new(20);
    ///     std::future::ready(()).await;
    ///     cx.check()?;
    ///     Ok(*not_send + 1)
    /// });
    /// assert_eq!(*worker.wait()?, 21);
    /// # Ok::<(), worker_core::WaitError>(())
    /// ```
    #[track_caller]
    pub fn thread_async<T, F>(self, body: F) -> Worker<T>
    where
        T: Send + Sync + 'static,
        F: AsyncFnOnce(&WorkerContext) -> Result<T> + Send + 'static,
    {
        let event_loop = self.scope.engine().event_loop.clone();
        self.spawn(Location::caller(), event_loop::body(event_loop, body))
    }

    /// Starts an async worker on the UI's own loop: `body`'s future is polled on the UI thread,
    /// between callbacks.
    ///
    /// For async code that never blocks: it is given a [`TaskContext`], which no blocking source
    /// accepts. The future need not be `Send`. A cancel on the UI thread drops it at once, one from
    /// elsewhere at its next turn on the loop. If the loop goes, so does the worker: it is
    /// `Cancelled`.
    #[track_caller]
    pub fn task<T, F>(self, ui: &(impl LocalSpawn + Clone + 'static), body: F) -> Worker<T>
    where
        T: Send + Sync + 'static,
        F: AsyncFnOnce(&TaskContext) -> Result<T> + Send + 'static,
    {
        self.spawn(Location::caller(), task::body(ui.clone(), body))
    }

    fn spawn<T: Send + Sync + 'static>(
        self,
        spawned_at: &'static Location<'static>,
        body_fn: BodyFn<T>,
    ) -> Worker<T> {
        let Self { scope, name, group, description, restart, exit_on_error, timeout, .. } = self;
        let (supersedes, spawned_at) = (restart.supersedes(), self.requested_at.unwrap_or(spawned_at));
        let spec = Spec { name, description, exit_on_error, supersedes, spawned_at };
        let created = scope.engine().clock.now();
        let (delay, paused) = (self.delay, self.start == Start::Paused);
        let slots = self.limit.map(ConcurrencyLimit::into_slots);
        let (record, decided) =
            scope.admit(spec, group, restart, paused, |id, spec, membership, decision| {
                let released = (*decision == Decision::Start).then_some(StartCondition::Released);
                let skipped = match decision {
                    Decision::Skip(reason) => Some(reason.clone()),
                    _ => None,
                };
                let body = BodyCell::new(body_fn);
                let new = NewRecord { id, spec, membership, created, paused, delay, timeout, slots, body };
                Arc::new(new.build(released, skipped))
            });
        record.supersede(decided.superseded);
        if let Some(parent) = self.parent {
            record.cancel_with(&parent.0);
        }
        let needs_alarm = timeout.is_some()
            || !delay.is_zero()
            || decided.decision == Decision::Hold
            || (paused && supersedes);
        let thread_ready = if needs_alarm { scope.engine().alarms.ensure_thread() } else { Ok(()) };
        match thread_ready {
            Ok(()) => record.announce(),
            Err(error) => record.announce_unable(error),
        }
        Worker::new(AnyWorker(record))
    }
}
