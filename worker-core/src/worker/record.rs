//! [`Record`]: everything about one worker that outlives its body, in one allocation, and the order
//! of its steps: announce, begin, cancel, end.
//!
//! # How a worker ends
//!
//! The thread that moves the [lifecycle](Lifecycle) to `Settling` owns the ending and does, in this
//! order: store the outcome, enter the terminal state (from then on the worker no longer counts as
//! live), emit its event, leave the [membership](Membership), wake the waiters, release its
//! successors. So a thread that sees a terminal state sees its outcome (P4), a waiter that has been
//! woken knows that the event is out and the registry has forgotten the worker, and a successor
//! begins after the event of its predecessor.
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

use tracing::Span;

use crate::panics;
use crate::sync::blocking::{BlockingGuard, checkpoint};
use crate::sync::clock::Clock;
use crate::sync::primitives::OnceLock;
use crate::sync::primitives::atomic::{AtomicU64, Ordering};
use crate::worker::cancel_reason::{CancelReason, WorkerLabel};
use crate::worker::cancellation::{CancelListeners, Hook};
use crate::worker::error::WorkerError;
use crate::worker::id::WorkerId;
use crate::worker::lifecycle::{CancelRequest, ConditionMet, Lifecycle, Settled, StartCondition};
use crate::worker::progress::ProgressCell;
use crate::worker::sink_scope::{Emitting, is_inside_sink};
use crate::worker::state::WorkerState;
use crate::worker::suspended_tasks;
use crate::worker::waker_set::WakerSet;

/// A worker's place: its group, within a scope, within a manager.
pub(crate) trait Membership: Send + Sync {
    fn group(&self) -> &str;
    fn scope(&self) -> &str;
    /// Whether the group or a scope around it was cancelled as a whole after this worker had been
    /// created.
    fn is_revoked(&self, id: WorkerId) -> bool;
    /// The live workers that a worker held back by its restart policy waits for, and, if one of
    /// these is held back itself, those that this one waits for.
    fn predecessors(&self, id: WorkerId) -> Vec<WorkerId>;
    /// Marks a paused worker as started and decides by its restart policy what that means; `None`
    /// if it has none to decide by.
    fn start(&self, id: WorkerId) -> Option<StartDecision>;
    /// Removes a worker whose terminal event is out. Gives the successors that this releases.
    fn leave(&self, id: WorkerId) -> Vec<Arc<Record>>;
    fn services(&self) -> &dyn Services;
}

/// What a restart policy decided about a worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    Start,
    /// It starts once those before it have left.
    Queue,
    /// It was created paused: this is decided when it is started.
    Defer,
    /// It must be cancelled without having run, for this reason.
    Skip(CancelReason),
}

/// A worker has been decided or started, and its restart policy has decided about it and the
/// others.
#[must_use]
pub(crate) struct StartDecision {
    pub(crate) decision: Decision,
    /// Those it supersedes, oldest first; the caller cancels them.
    pub(crate) superseded: Vec<Arc<Record>>,
}

/// What a manager does for its workers.
pub(crate) trait Services: Send + Sync {
    fn clock(&self) -> &Arc<dyn Clock>;
    /// Queues a worker for a thread.
    fn submit(&self, worker: Arc<Record>);
    /// A worker that may be queued for a thread has been settled: its place in the queue is free.
    fn withdraw(&self);
    fn emit(&self, worker: Arc<Record>, state: WorkerState);
    fn wants_progress(&self) -> bool;
    fn emit_progress(&self, worker: Arc<Record>);
    /// The worker has ended and its terminal event is out.
    fn worker_ended(&self);
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
    /// The worker that superseded this one, or for which it was skipped. Stored before the
    /// lifecycle says so.
    cancelled_for: OnceLock<Box<WorkerLabel>>,
    cancel_listeners: CancelListeners<Weak<Record>>,
    pub(crate) progress: ProgressCell,
    /// The worker that this one is cancelled with, and the key under which it is registered there.
    parent: OnceLock<Box<(Weak<Record>, u64)>>,
    error: OnceLock<WorkerError>,
    finished: WakerSet,
    pub(crate) body: B,
}

impl<B> Record<B> {
    /// A pending worker that has met these start conditions, or is `skipped` for this reason.
    pub(crate) fn new(
        id: WorkerId,
        spec: Spec,
        membership: Arc<dyn Membership>,
        created: Instant,
        met: impl IntoIterator<Item = StartCondition>,
        skipped: Option<CancelReason>,
        body: B,
    ) -> Self {
        let (kind, other) = skipped.map(CancelReason::into_parts).unzip();
        let cancelled_for = OnceLock::new();
        if let Some(other) = other.flatten() {
            _ = cancelled_for.set(Box::new(other));
        }
        Self {
            id,
            spec,
            created,
            membership,
            begun: AtomicU64::new(NOT_BEGUN),
            span: OnceLock::new(),
            lifecycle: Lifecycle::new(met, kind),
            cancelled_for,
            cancel_listeners: CancelListeners::new(),
            progress: ProgressCell::new(),
            parent: OnceLock::new(),
            error: OnceLock::new(),
            finished: WakerSet::default(),
            body,
        }
    }
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

    /// Why a cancel was requested, if one was.
    pub(crate) fn cancel_reason(&self) -> Option<CancelReason> {
        let kind = self.lifecycle.cancel_kind()?;
        Some(kind.with(self.cancelled_for.get().map(|label| &**label)))
    }

    /// Its name and number, for those who speak of it when it is gone.
    pub(crate) fn label(&self) -> WorkerLabel {
        WorkerLabel::new(self.spec.name.clone(), self.id)
    }

    /// Cancels those that a start of this worker supersedes.
    pub(crate) fn supersede(&self, others: Vec<Arc<Record>>) {
        for other in others {
            other.cancel(CancelReason::Superseded { by: self.label() });
        }
    }

    /// Starts a worker that was created paused; its restart policy decides anew.
    pub(crate) fn start(self: &Arc<Self>) {
        if self.is_started() {
            return;
        }
        let Some(StartDecision { decision, superseded }) = self.membership.start(self.id) else {
            return self.meet(StartCondition::Started);
        };
        self.supersede(superseded);
        match decision {
            Decision::Start => self.meet(StartCondition::Released),
            Decision::Queue | Decision::Defer => {}
            Decision::Skip(reason) => self.cancel(reason),
        }
    }

    /// Marks it as started; the registry calls this under a group's lock. Its release is still to
    /// come.
    pub(crate) fn mark_started(&self) {
        let met = self.lifecycle.meet(StartCondition::Started);
        debug_assert_eq!(met, ConditionMet::Nothing, "a paused worker is released after it was started");
    }

    /// Whether its body may still have to be run.
    pub(crate) fn may_still_run(&self) -> bool {
        self.lifecycle.is_pending()
    }

    pub(crate) fn is_active(&self) -> bool {
        self.is_started() && !self.is_cancelled() && !self.state().is_finished()
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
        self.finished.wait_until(|| self.wait_is_over()).await;
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
            // A loop that has gone drops the body here: foreign code.
            ConditionMet::Launch => panics::guard("launching a worker", || self.body.launch(self)),
            ConditionMet::Settle => {
                self.discard();
                self.end_cancelled();
            }
            ConditionMet::Nothing => {}
        }
    }

    /// Cancels this worker when `parent` is cancelled, at once if it was before. Called at most
    /// once, before the worker is announced.
    pub(crate) fn cancel_with(self: &Arc<Self>, parent: &Arc<Self>) {
        match parent.cancel_listeners.add_child(Arc::downgrade(self), || parent.is_cancelled()) {
            Ok(key) => _ = self.parent.set(Box::new((Arc::downgrade(parent), key))),
            Err(_) => self.cancel(CancelReason::Parent),
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

    /// Requests a cancel of this worker and of its children, theirs, and so on. All of them have it
    /// when this returns.
    pub(crate) fn cancel(self: &Arc<Self>, reason: CancelReason) {
        // A list, not recursion: a family of workers may be deeper than the stack.
        let mut family = Vec::new();
        self.cancel_alone(reason, &mut family);
        while let Some(child) = family.pop() {
            if let Some(child) = child.upgrade() {
                child.cancel_alone(CancelReason::Parent, &mut family);
            }
        }
    }

    /// Requests a cancel of this worker, and adds its children to `family`.
    fn cancel_alone(self: &Arc<Self>, reason: CancelReason, family: &mut Vec<Weak<Record>>) {
        checkpoint(&**self.clock());
        let (kind, other) = reason.into_parts();
        if let Some(other) = other {
            _ = self.cancelled_for.set(Box::new(other));
        }
        match self.lifecycle.request_cancel(kind) {
            CancelRequest::Settle => {
                // Its body has not begun, so it has no hooks and no children; async waiters it may
                // have.
                family.extend(self.cancel_listeners.notify(&**self.clock()));
                self.discard();
                self.services().withdraw();
                self.end_cancelled();
            }
            CancelRequest::Notify => family.extend(self.cancel_listeners.notify(&**self.clock())),
            // A task that was cancelled elsewhere, and is suspended here, ends now.
            CancelRequest::Nothing if !self.state().is_finished() => {
                _ = suspended_tasks::drop_future(self.id);
            }
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
    pub(crate) fn end_cancelled(self: &Arc<Self>) {
        self.end_with_error(match self.cancel_reason() {
            Some(CancelReason::TimedOut) => WorkerError::TimedOut,
            reason => WorkerError::Cancelled(reason.unwrap_or(CancelReason::Requested)),
        });
    }

    /// Drops the body of a settled worker that never ran.
    fn discard(&self) {
        panics::guard("dropping a body", || self.body.discard());
    }

    fn end(self: &Arc<Self>, state: WorkerState) {
        if let Some((parent, key)) = self.parent.get().map(|parent| &**parent)
            && let Some(parent) = parent.upgrade()
        {
            parent.cancel_listeners.remove_child(*key);
        }
        self.lifecycle.finish(state);
        self.emit(state);
        let successors = self.membership.leave(self.id);
        self.lifecycle.mark_terminal_event_sent();
        self.finished.wake_all();
        for successor in successors {
            successor.meet(StartCondition::Released);
        }
        self.services().worker_ended();
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
