//! [`Record`]: everything about one worker that outlives its body, in one allocation.
//!
//! # How a worker ends
//!
//! The thread that moves the [lifecycle](Lifecycle) to `Settling` owns the ending and does, in this
//! order: store the outcome, leave the [membership](Membership) (so that the worker no longer
//! counts as live), enter the terminal state, emit its event, wake the waiters, release a
//! successor. So a thread that sees a terminal state sees its outcome (P4), and a waiter that has
//! been woken knows that the event is out and the registry has forgotten the worker.
//!
//! # Locks
//!
//! A record's own locks (its cancel listeners, its body) are leaves: nothing else is locked while
//! one is held.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::io;
use std::panic::Location;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use event_listener::Event;
use tracing::Span;

use crate::error::WorkerError;
use crate::panics;
use crate::sync::blocking::{BlockingGuard, checkpoint};
use crate::sync::clock::Clock;
use crate::sync::event::{listen, notify_all};
use crate::sync::primitives::atomic::{AtomicU64, Ordering};
use crate::sync::primitives::{OnceLock, thread_local};
use crate::worker::cancellation::{CancelListeners, Cascade, Hook};
use crate::worker::emitting::{Emitting, is_inside_sink};
use crate::worker::id::WorkerId;
use crate::worker::lifecycle::{
    CancelReason, CancelRequest, ConditionMet, Lifecycle, Settled, StartCondition,
};
use crate::worker::progress::ProgressCell;
use crate::worker::state::WorkerState;

/// A worker's place: its group, within a scope, within a manager.
pub(crate) trait Membership: Send + Sync {
    fn group(&self) -> &str;
    fn scope(&self) -> &str;
    /// Whether the group or a scope around it was cancelled as a whole after this worker had been
    /// created.
    fn is_revoked(&self, id: WorkerId) -> bool;
    /// The live workers that a worker held back by its restart policy waits for.
    fn predecessors(&self, id: WorkerId) -> Vec<WorkerId>;
    /// Removes a worker whose body will not run any more. Gives the successor that this releases.
    fn leave(&self, id: WorkerId) -> Option<Arc<Record>>;
    fn services(&self) -> &dyn Services;
}

/// What a manager does for its workers.
pub(crate) trait Services: Send + Sync {
    fn clock(&self) -> &Arc<dyn Clock>;
    /// Queues a worker for a thread.
    fn submit(&self, worker: Arc<Record>);
    fn emit(&self, worker: Arc<Record>, state: WorkerState);
    fn wants_progress(&self) -> bool;
    fn emit_progress(&self, worker: Arc<Record>);
    /// The worker has ended and its terminal event is out.
    fn worker_settled(&self);
    /// Cancels the worker at `deadline`, unless the timeout is disarmed before.
    fn arm_timeout(&self, worker: &Arc<Record>, deadline: Instant);
    fn disarm_timeout(&self, id: WorkerId, deadline: Instant);
    /// The calling thread blocks until the guard is dropped; if it is one of the pool's, another
    /// takes its place.
    fn block_in_place(&self) -> BlockingGuard;
}

/// The part of a record that knows the result's type and how to run the body.
pub(crate) trait Body: Any + Send + Sync {
    /// Hands a worker whose start conditions are all met to what will run it.
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
pub(crate) struct Spec {
    pub(crate) name: Cow<'static, str>,
    pub(crate) description: Option<Box<str>>,
    pub(crate) exit_on_error: bool,
    pub(crate) timeout: Option<Duration>,
    pub(crate) spawned_at: &'static Location<'static>,
}

pub(crate) struct Record<B: ?Sized = dyn Body> {
    pub(crate) id: WorkerId,
    pub(crate) spec: Spec,
    pub(crate) membership: Arc<dyn Membership>,
    pub(crate) created: Instant,
    /// When the body began, in nanoseconds after `created`; `NOT_BEGUN` if it never did.
    begun: AtomicU64,
    /// Made when the worker is announced, because a tracing subscriber is foreign code; empty if no
    /// subscriber wants it.
    span: OnceLock<Box<Span>>,
    lifecycle: Lifecycle,
    cancel_listeners: CancelListeners,
    pub(crate) progress: ProgressCell,
    /// The worker that this one is cancelled with, and the hook there that does it.
    parent: OnceLock<Box<(Weak<Record>, u64)>>,
    error: OnceLock<WorkerError>,
    finished: Event,
    pub(crate) body: B,
}

impl<B> Record<B> {
    pub(crate) fn new(
        id: WorkerId,
        spec: Spec,
        membership: Arc<dyn Membership>,
        created: Instant,
        met: impl IntoIterator<Item = StartCondition>,
        body: B,
    ) -> Self {
        Self {
            id,
            spec,
            created,
            membership,
            begun: AtomicU64::new(NOT_BEGUN),
            span: OnceLock::new(),
            lifecycle: Lifecycle::new(met),
            cancel_listeners: CancelListeners::default(),
            progress: ProgressCell::new(),
            parent: OnceLock::new(),
            error: OnceLock::new(),
            finished: Event::new(),
            body,
        }
    }
}

thread_local! {
    static CASCADE: Cascade<Arc<Record>> = const { Cascade::new() };
}

impl Record {
    pub(crate) fn services(&self) -> &dyn Services {
        self.membership.services()
    }

    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        self.services().clock()
    }

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
        self.begun().map(|begun| self.clock().now().saturating_duration_since(begun))
    }

    fn begun(&self) -> Option<Instant> {
        match self.begun.load(Ordering::Acquire) {
            NOT_BEGUN => None,
            after => Some(self.created + Duration::from_nanos(after)),
        }
    }

    /// Whether a wait for this worker is over: it is finished and its event is out. Inside a sink
    /// the event is not waited for, because it may be the one that is being emitted.
    pub(crate) fn wait_is_over(&self) -> bool {
        self.lifecycle.terminal_event_sent() || (is_inside_sink() && self.state().is_finished())
    }

    /// Completes when the worker has finished and its terminal event is out.
    pub(crate) async fn finished(&self) {
        while !self.wait_is_over() {
            let listener = listen(&self.finished);
            if self.wait_is_over() {
                return;
            }
            listener.await;
        }
    }

    /// Completes when a cancel has been requested.
    pub(crate) async fn cancelled(&self) {
        self.cancel_listeners.cancelled(|| self.is_cancelled()).await;
    }

    /// Keeps `hook` until a cancel, or gives it back if that has come already.
    pub(crate) fn add_hook(&self, hook: Hook) -> Result<u64, Hook> {
        self.cancel_listeners.add_hook(hook, || self.lifecycle.is_cancelled())
    }

    pub(crate) fn remove_hook(&self, key: u64) {
        self.cancel_listeners.remove_hook(key);
    }

    /// Meets a start condition; the last one launches the worker.
    pub(crate) fn meet(self: &Arc<Self>, condition: StartCondition) {
        match self.lifecycle.meet(condition) {
            ConditionMet::Launch => self.body.launch(self),
            ConditionMet::Settle(reason) => {
                self.discard();
                self.end_cancelled(reason);
            }
            ConditionMet::Nothing => {}
        }
    }

    /// Cancels this worker when `parent` is cancelled, at once if it was before. Called at most
    /// once, before the worker is announced.
    pub(crate) fn cancel_with(self: &Arc<Self>, parent: &Arc<Self>) {
        let child = Arc::downgrade(self);
        let hook = move || {
            if let Some(child) = child.upgrade() {
                Cascade::reach(&CASCADE, child, |child| child.cancel(CancelReason::Requested));
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
        self.meet(StartCondition::Announced);
    }

    /// Emits the `Pending` event of a worker that cannot be started, and its end.
    pub(crate) fn announce_unable(self: &Arc<Self>, error: io::Error) {
        self.make_span();
        self.emit(WorkerState::Pending);
        self.refuse(error);
        self.meet(StartCondition::Announced);
    }

    fn make_span(&self) {
        let span = tracing::debug_span!(
            target: "worker_core::worker", "worker",
            id = self.id.get(), name = %self.spec.name, scope = self.membership.scope(), group = self.membership.group(),
        );
        if !span.is_disabled() {
            let _ = self.span.set(Box::new(span));
        }
    }

    pub(crate) fn cancel(self: &Arc<Self>, reason: CancelReason) {
        checkpoint(&**self.clock());
        match self.lifecycle.request_cancel(reason) {
            CancelRequest::Settle => {
                self.discard();
                self.end_cancelled(reason);
            }
            CancelRequest::Notify => self.cancel_listeners.notify(&**self.clock()),
            CancelRequest::Nothing => {}
        }
    }

    /// The body is about to run on this thread. False if the worker was settled before: it must not
    /// run.
    #[must_use]
    pub(crate) fn begin(self: &Arc<Self>) -> bool {
        if !self.lifecycle.begin() {
            return false;
        }
        let now = self.clock().now();
        let waited = now.saturating_duration_since(self.created).as_nanos();
        self.begun.store(u64::try_from(waited).unwrap_or(NOT_BEGUN - 1), Ordering::Release);
        self.cancel_listeners.attach();
        if let Some(deadline) = self.deadline() {
            self.services().arm_timeout(self, deadline);
        }
        self.emit(WorkerState::Running);
        true
    }

    /// When the body's time is up, if it is limited and has begun.
    fn deadline(&self) -> Option<Instant> {
        self.begun()?.checked_add(self.spec.timeout?)
    }

    /// Runs the body on this thread of the pool, unless the worker was settled while it was queued.
    pub(crate) fn run(self: &Arc<Self>) {
        if self.begin() {
            self.body.run(self);
        }
    }

    /// Runs `f` within the worker's tracing span.
    pub(crate) fn in_span<R>(&self, f: impl FnOnce() -> R) -> R {
        match self.span.get() {
            Some(span) => span.in_scope(f),
            None => f(),
        }
    }

    /// Emits a notice of new progress, unless the last one has not been read yet.
    pub(crate) fn progressed(self: &Arc<Self>) {
        if self.services().wants_progress() && self.progress.claim_notice() {
            self.services().emit_progress(self.clone());
        }
    }

    /// Ends a pending worker for which no thread could be made.
    pub(crate) fn refuse(self: &Arc<Self>, error: io::Error) {
        if self.lifecycle.fail_to_start() {
            self.discard();
            self.end_with_error(WorkerError::NotStarted(Arc::new(error)));
        }
    }

    /// The body has stopped. Says what the worker may become; the caller now owns the ending.
    pub(crate) fn settle(&self) -> Settled {
        checkpoint(&**self.clock());
        self.cancel_listeners.detach();
        if let Some(deadline) = self.deadline() {
            self.services().disarm_timeout(self.id, deadline);
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
        panics::guard("dropping a body", || self.body.discard());
    }

    fn end(self: &Arc<Self>, state: WorkerState) {
        if let Some((parent, hook)) = self.parent.get().map(|parent| &**parent)
            && let Some(parent) = parent.upgrade()
        {
            parent.remove_hook(*hook);
        }
        let successor = self.membership.leave(self.id);
        self.lifecycle.finish(state);
        self.emit(state);
        self.lifecycle.mark_terminal_event_sent();
        panics::guard("a waker", || notify_all(&self.finished));
        if let Some(successor) = successor {
            successor.meet(StartCondition::Released);
        }
        self.services().worker_settled();
    }

    fn emit(self: &Arc<Self>, state: WorkerState) {
        let _emitting = Emitting::enter();
        self.in_span(|| self.services().emit(self.clone(), state));
    }
}

/// The error is a value of the user's, so its `Drop` is foreign code.
impl<B: ?Sized> Drop for Record<B> {
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
            .field("name", &self.spec.name)
            .field("scope", &self.membership.scope())
            .field("group", &self.membership.group())
            .field("lifecycle", &self.lifecycle)
            .field("spawned_at", &format_args!("{}", self.spec.spawned_at))
            .finish_non_exhaustive()
    }
}
