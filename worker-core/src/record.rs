//! The record of one worker: everything about it that outlives its body, in one allocation.
//!
//! # How a worker ends
//!
//! Whoever moves the [lifecycle](Lifecycle) to `Settling` owns the ending and does, in this order: store the outcome,
//! leave the [home](Home) (so that it no longer counts as live), enter the terminal state, emit its event, wake the
//! waiters, let a successor go. So whoever sees a terminal state sees its outcome (P4), and a waiter that has been woken
//! knows that the event is out and the registry has forgotten the worker.
//!
//! # Locks
//!
//! A record's own locks (its watchers, its body) are leaves: nothing else is locked while one is held.

use std::any::Any;
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::io;
use std::num::NonZeroU64;
use std::panic::Location;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::time::{Duration, Instant};

use event_listener::Event;
use tracing::Span;

use crate::blocking::{listen, notify_all};
use crate::cancellation::{Hook, Watchers};
use crate::clock::Clock;
use crate::error::WorkerError;
use crate::panics;
use crate::progress::ProgressCell;
use crate::state::{CancelReason, CancelRequest, Gate, Lifecycle, Opened, Settled, WorkerState};

/// A worker's number: unique in the process, and ordered by creation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkerId(NonZeroU64);

impl WorkerId {
    /// A number never given before.
    pub(crate) fn next() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let id = LAST.fetch_add(1, Ordering::Relaxed) + 1;
        Self(NonZeroU64::new(id).expect("2^64 workers"))
    }

    /// The number itself.
    pub fn get(self) -> u64 {
        self.0.get()
    }
}

impl fmt::Display for WorkerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// The place a worker lives in, as far as its record needs it: its group, within a scope, within a manager.
pub(crate) trait Home: Send + Sync + fmt::Debug {
    fn group(&self) -> &str;
    fn scope(&self) -> &str;
    fn clock(&self) -> &Arc<dyn Clock>;
    /// Whether the group or a scope around it was cancelled as a whole after this worker had been created.
    fn revoked(&self, id: WorkerId) -> bool;
    /// The live workers that a worker held back by its restart policy waits for.
    fn predecessors(&self, id: WorkerId) -> Vec<WorkerId>;
    /// Queues a worker for a thread.
    fn launch(&self, worker: Arc<Record>);
    fn emit(&self, worker: Arc<Record>, state: WorkerState);
    fn wants_progress(&self) -> bool;
    fn emit_progress(&self, worker: Arc<Record>);
    /// Forgets a worker whose body will not run any more. Gives the successor that this sets free.
    fn leave(&self, id: WorkerId) -> Option<Arc<Record>>;
    /// All that a worker had to say is said.
    fn settled(&self);
    /// Cancels the worker for its time limit at `deadline`, unless that is lifted before.
    fn limit(&self, worker: &Arc<Record>, deadline: Instant);
    fn lift_limit(&self, id: WorkerId, deadline: Instant);
    /// Lets another thread of the pool take this one's place until what is returned is dropped.
    fn lend(&self) -> Box<dyn Any>;
    /// Runs `wait`, which blocks this thread of the pool, while another takes its place.
    fn while_blocked(&self, wait: &mut dyn FnMut());
}

/// The part of a record that knows the result's type and how to run the body.
pub(crate) trait Outcome: Any + Send + Sync {
    /// Hands a worker whose gates are all open to what will run it.
    fn launch(&self, record: &Arc<Record>);
    /// Runs the body of a worker that has begun on a thread of the pool, and settles it.
    fn run(&self, record: &Arc<Record>);
    /// Drops the body of a worker that will never run.
    fn discard(&self);
}

/// In the place of the time at which a body began, if it has not.
const NOT_BEGUN: u64 = u64::MAX;

/// What the user chose when starting the worker.
#[derive(Debug)]
pub(crate) struct Profile {
    pub(crate) name: Cow<'static, str>,
    pub(crate) description: Option<Box<str>>,
    pub(crate) exit_on_error: bool,
    pub(crate) timeout: Option<Duration>,
    pub(crate) spawned_at: &'static Location<'static>,
}

pub(crate) struct Record<O: ?Sized = dyn Outcome> {
    pub(crate) id: WorkerId,
    pub(crate) profile: Profile,
    pub(crate) home: Arc<dyn Home>,
    pub(crate) created: Instant,
    /// When the body began, in nanoseconds after `created`; `NOT_BEGUN` if it never did.
    begun: AtomicU64,
    /// Made when the worker is announced, for a subscriber is somebody else's code; empty if nobody collects it.
    span: OnceLock<Box<Span>>,
    lifecycle: Lifecycle,
    watchers: Watchers,
    pub(crate) progress: ProgressCell,
    /// The worker that this one is cancelled with, and the hook there that does it.
    parent: OnceLock<Box<(Weak<Record>, u64)>>,
    error: OnceLock<WorkerError>,
    finished: Event,
    pub(crate) outcome: O,
}

impl<O> Record<O> {
    pub(crate) fn new(
        id: WorkerId,
        profile: Profile,
        home: Arc<dyn Home>,
        created: Instant,
        open: impl IntoIterator<Item = Gate>,
        outcome: O,
    ) -> Self {
        Self {
            id,
            profile,
            created,
            home,
            begun: AtomicU64::new(NOT_BEGUN),
            span: OnceLock::new(),
            lifecycle: Lifecycle::new(open),
            watchers: Watchers::default(),
            progress: ProgressCell::new(),
            parent: OnceLock::new(),
            error: OnceLock::new(),
            finished: Event::new(),
            outcome,
        }
    }
}

thread_local! {
    /// How many event sinks this thread is inside.
    static EMITTING: Cell<usize> = const { Cell::new(0) };
    /// The children that the cancel under way on this thread has still to reach.
    static CASCADE: RefCell<Option<Vec<Arc<Record>>>> = const { RefCell::new(None) };
}

/// Cancels a child of a worker that is being cancelled. Its own children are reached from here too, not from within its cancel:
/// a family may be deeper than the stack.
fn cascade(child: &Arc<Record>) {
    let first = CASCADE.try_with(|cascade| {
        let mut cascade = cascade.borrow_mut();
        let first = cascade.is_none();
        cascade.get_or_insert_default().push(child.clone());
        first
    });
    match first {
        Ok(true) => {}
        // The cancel that is under way on this thread will reach it.
        Ok(false) => return,
        // The thread is ending and has no list any more.
        Err(_) => return child.cancel(CancelReason::Requested),
    }
    while let Some(next) = CASCADE.with_borrow_mut(|cascade| cascade.as_mut().and_then(Vec::pop)) {
        next.cancel(CancelReason::Requested);
    }
    CASCADE.set(None);
}

impl Record {
    pub(crate) fn state(&self) -> WorkerState {
        self.lifecycle.state()
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.lifecycle.is_cancelled()
    }

    pub(crate) fn is_started(&self) -> bool {
        self.lifecycle.is_started()
    }

    pub(crate) fn is_released(&self) -> bool {
        self.lifecycle.is_released()
    }

    pub(crate) fn error(&self) -> Option<&WorkerError> {
        self.state().is_finished().then(|| self.error.get()).flatten()
    }

    /// The time since the body began; `None` if it never did.
    pub(crate) fn running_for(&self) -> Option<Duration> {
        self.begun().map(|begun| self.home.clock().now().saturating_duration_since(begun))
    }

    fn begun(&self) -> Option<Instant> {
        match self.begun.load(Ordering::Acquire) {
            NOT_BEGUN => None,
            after => Some(self.created + Duration::from_nanos(after)),
        }
    }

    /// Whether a waiter may go on: the worker is finished and its event is out. Inside a sink the event cannot be waited
    /// for, as it may be the very one that is being emitted.
    pub(crate) fn may_pass(&self) -> bool {
        self.lifecycle.is_done() || (EMITTING.get() > 0 && self.state().is_finished())
    }

    /// Completes when the worker has finished and its terminal event is out.
    pub(crate) async fn finished(&self) {
        while !self.may_pass() {
            let listener = listen(&self.finished);
            if self.may_pass() {
                return;
            }
            listener.await;
        }
    }

    /// Completes when a cancel has been requested.
    pub(crate) async fn cancelled(&self) {
        self.watchers.cancelled(|| self.is_cancelled()).await;
    }

    /// Keeps `hook` until a cancel, or gives it back if that has come already.
    pub(crate) fn add_hook(&self, hook: Hook) -> Result<u64, Hook> {
        self.watchers.register(hook, || self.lifecycle.is_cancelled())
    }

    pub(crate) fn remove_hook(&self, key: u64) {
        self.watchers.unregister(key);
    }

    /// Opens a gate; the last one launches the worker.
    pub(crate) fn open(self: &Arc<Self>, gate: Gate) {
        match self.lifecycle.open(gate) {
            Opened::Launch => self.outcome.launch(self),
            Opened::Settle(reason) => {
                self.discard();
                self.end_cancelled(reason);
            }
            Opened::Nothing => {}
        }
    }

    /// Cancels this worker whenever `parent` is cancelled, also if it was before. Called at most once, before the worker
    /// is announced.
    pub(crate) fn cancel_with(self: &Arc<Self>, parent: &Arc<Self>) {
        let child = Arc::downgrade(self);
        let hook = move || {
            if let Some(child) = child.upgrade() {
                cascade(&child);
            }
        };
        match parent.add_hook(Box::new(hook)) {
            Ok(key) => _ = self.parent.set(Box::new((Arc::downgrade(parent), key))),
            Err(hook) => hook(),
        }
    }

    /// Emits the `Pending` event and only then lets anything else happen to the worker.
    pub(crate) fn announce(self: &Arc<Self>) {
        self.make_span();
        self.emit(WorkerState::Pending);
        self.open(Gate::Announced);
    }

    /// Emits the `Pending` event of a worker that cannot be started, and its end.
    pub(crate) fn announce_unable(self: &Arc<Self>, error: io::Error) {
        self.make_span();
        self.emit(WorkerState::Pending);
        self.refuse(error);
        self.open(Gate::Announced);
    }

    fn make_span(&self) {
        let span = tracing::debug_span!(
            target: "worker_core::worker", "worker",
            id = self.id.get(), name = %self.profile.name, scope = self.home.scope(), group = self.home.group(),
        );
        if !span.is_disabled() {
            let _ = self.span.set(Box::new(span));
        }
    }

    pub(crate) fn cancel(self: &Arc<Self>, reason: CancelReason) {
        self.home.clock().checkpoint();
        match self.lifecycle.request_cancel(reason) {
            CancelRequest::Settle => {
                self.discard();
                self.end_cancelled(reason);
            }
            CancelRequest::Notify => self.watchers.fire(&**self.home.clock()),
            CancelRequest::Nothing => {}
        }
    }

    /// The body is about to run on this thread. False if the worker was settled before: it must not run.
    #[must_use]
    pub(crate) fn begin(self: &Arc<Self>) -> bool {
        if !self.lifecycle.begin() {
            return false;
        }
        let now = self.home.clock().now();
        let waited = now.saturating_duration_since(self.created).as_nanos();
        self.begun.store(u64::try_from(waited).unwrap_or(NOT_BEGUN - 1), Ordering::Release);
        self.watchers.enter();
        if let Some(deadline) = self.deadline() {
            self.home.limit(self, deadline);
        }
        self.emit(WorkerState::Running);
        true
    }

    /// When the body's time is up, if it is limited and has begun.
    fn deadline(&self) -> Option<Instant> {
        self.begun()?.checked_add(self.profile.timeout?)
    }

    /// Runs the body on this thread of the pool, unless the worker was settled while it was queued.
    pub(crate) fn run(self: &Arc<Self>) {
        if self.begin() {
            self.outcome.run(self);
        }
    }

    /// Runs `f` within the worker's tracing span.
    pub(crate) fn in_span<R>(&self, f: impl FnOnce() -> R) -> R {
        match self.span.get() {
            Some(span) => span.in_scope(f),
            None => f(),
        }
    }

    /// Tells of new progress, unless the last notice of it has not been read yet.
    pub(crate) fn progressed(self: &Arc<Self>) {
        if self.home.wants_progress() && self.progress.give_notice() {
            self.home.emit_progress(self.clone());
        }
    }

    /// No thread could be made for it.
    pub(crate) fn refuse(self: &Arc<Self>, error: io::Error) {
        if self.lifecycle.give_up() {
            self.discard();
            self.end_with_error(WorkerError::NotStarted(Arc::new(error)));
        }
    }

    /// The body has stopped: says what it may become and makes the caller the owner of the ending.
    pub(crate) fn settle(&self) -> Settled {
        self.home.clock().checkpoint();
        self.watchers.leave();
        if let Some(deadline) = self.deadline() {
            self.home.lift_limit(self.id, deadline);
        }
        self.lifecycle.settle()
    }

    /// Ends a settled worker whose value the caller has stored.
    pub(crate) fn end_with_value(self: &Arc<Self>) {
        self.end(WorkerState::Success);
    }

    /// Ends a settled worker that has no value.
    pub(crate) fn end_with_error(self: &Arc<Self>, error: WorkerError) {
        let state = if error.is_cancelled() { WorkerState::Cancelled } else { WorkerState::Error };
        let _ = self.error.set(error);
        self.end(state);
    }

    /// Ends a settled worker that was cancelled.
    pub(crate) fn end_cancelled(self: &Arc<Self>, reason: CancelReason) {
        self.end_with_error(match reason {
            CancelReason::Requested => WorkerError::Cancelled,
            CancelReason::TimedOut => WorkerError::TimedOut,
        });
    }

    /// Drops the body of a settled worker that never ran.
    fn discard(&self) {
        panics::guard("dropping a body", || self.outcome.discard());
    }

    fn end(self: &Arc<Self>, state: WorkerState) {
        if let Some((parent, hook)) = self.parent.get().map(|parent| &**parent)
            && let Some(parent) = parent.upgrade()
        {
            parent.remove_hook(*hook);
        }
        let successor = self.home.leave(self.id);
        self.lifecycle.finish(state);
        self.emit(state);
        self.lifecycle.done();
        panics::guard("a waker", || notify_all(&self.finished));
        if let Some(successor) = successor {
            successor.open(Gate::Released);
        }
        self.home.settled();
    }

    fn emit(self: &Arc<Self>, state: WorkerState) {
        struct Emitted;
        impl Drop for Emitted {
            fn drop(&mut self) {
                EMITTING.set(EMITTING.get() - 1);
            }
        }
        EMITTING.set(EMITTING.get() + 1);
        let _emitted = Emitted;
        self.in_span(|| self.home.emit(self.clone(), state));
    }
}

/// The error is the user's, and so is its `Drop`.
impl<O: ?Sized> Drop for Record<O> {
    fn drop(&mut self) {
        if let Some(error) = self.error.take() {
            panics::drop_quietly(error, "dropping a worker's error");
        }
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker")
            .field("id", &self.id.get())
            .field("name", &self.profile.name)
            .field("scope", &self.home.scope())
            .field("group", &self.home.group())
            .field("lifecycle", &self.lifecycle)
            .field("spawned_at", &format_args!("{}", self.profile.spawned_at))
            .finish_non_exhaustive()
    }
}
