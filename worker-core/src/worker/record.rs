//! [`Record`]: everything about one worker that outlives its body, in one allocation. Its steps are
//! in [`starting`](super::starting) and [`ending`](super::ending).
//!
//! # Locks
//!
//! A record's own locks (its cancel listeners, its body) are leaves: nothing else is locked while
//! one is held.

use std::any::Any;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::panic::Location;
use std::sync::{Arc, Weak};
use std::task::Waker;
use std::time::{Duration, Instant};

use tracing::Span;

use crate::panics;
use crate::sync::blocking::BlockingGuard;
use crate::sync::clock::Clock;
use crate::sync::primitives::atomic::{AtomicU64, Ordering};
use crate::sync::primitives::{Mutex, OnceLock};
use crate::worker::cancel_reason::{CancelReason, WorkerLabel};
use crate::worker::cancellation::{CancelListeners, Hook};
use crate::worker::error::WorkerError;
use crate::worker::id::WorkerId;
use crate::worker::lifecycle::{Lifecycle, StartCondition};
use crate::worker::progress::{Progress, ProgressCell, WordsCell};
use crate::worker::sink_scope::is_inside_sink;
use crate::worker::slots::Slots;
use crate::worker::state::WorkerState;
use crate::worker::waker_set::WakerSet;

/// A worker's place: its group, within a scope, within a manager.
pub(crate) trait Membership: Send + Sync {
    fn group(&self) -> &str;
    fn scope(&self) -> &str;
    /// Whether the group or a scope around it was cancelled as a whole after this worker had been
    /// created.
    fn is_revoked(&self, id: WorkerId) -> bool;
    /// Why a revoked worker is about to be cancelled.
    fn revoked_for(&self, id: WorkerId) -> CancelReason;
    /// The live workers that a worker held back by its restart policy waits for, and, if one of
    /// these is held back itself, those that this one waits for.
    fn predecessors(&self, id: WorkerId) -> Vec<WorkerId>;
    /// Marks a paused worker as started and decides by its restart policy what that means; `None`
    /// if it has none to decide by.
    fn start(&self, id: WorkerId) -> Option<StartDecision>;
    /// Whether it waits for all but one of those before it to leave.
    fn is_held(&self, id: WorkerId) -> bool;
    /// Takes a held worker out of its queue, so that it starts although not all before it have
    /// stopped. False if it is not held.
    fn overtake(&self, id: WorkerId) -> bool;
    /// The worker of whose [fan-out](crate::WorkerContext::map) this is the place.
    fn part_of(&self) -> Option<&Arc<Record>> {
        None
    }
    /// The slot that the parts of a fan-out share with their parent.
    fn shared_slot(&self) -> Option<&dyn SharedSlot> {
        None
    }
    /// Removes a worker whose terminal event is out. Gives the successors that this releases.
    fn leave(&self, id: WorkerId) -> Vec<Arc<Record>>;
    fn services(&self) -> &dyn Services;
}

/// A slot that several threads use. It is given back while all of them wait.
pub(crate) trait SharedSlot {
    /// The calling thread begins to wait.
    fn pause(&self);
    /// Whether the thread may go on, with the slot; if not, `waker` is woken when it may look again.
    fn poll_resume(&self, key: &mut Option<u64>, waker: &Waker) -> bool;
    /// The thread goes on, with the slot or without.
    fn go_on_without(&self, key: Option<u64>);
}

/// What a restart policy decided about a worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    Start,
    /// It starts once those before it have left.
    Queue,
    /// It starts once all but one of those before it have left, and after a
    /// [grace](super::starting::GRACE) at the latest.
    Hold,
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
    /// Has the worker [look at the clock](Record::look_at_clock) at `time`, unless that is disarmed
    /// before.
    fn arm(&self, worker: &Arc<Record>, time: Instant);
    fn disarm(&self, id: WorkerId, time: Instant);
    /// Wakes `waker` at `time`, unless this key is forgotten before. An error: the thread that would
    /// do it cannot be made.
    fn wake_at(&self, time: Instant, waker: Waker) -> io::Result<u64>;
    fn forget_wake(&self, time: Instant, key: u64);
    /// The stack of threads that run bodies; `None`: the system's default.
    fn stack_size(&self) -> Option<usize>;
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

/// What the user chose when starting the worker.
#[derive(Debug)]
pub(crate) struct Spec {
    pub(crate) name: Cow<'static, str>,
    pub(crate) description: Option<Box<str>>,
    pub(crate) exit_on_error: bool,
    /// Whether its start supersedes the others in its way.
    pub(crate) supersedes: bool,
    pub(crate) spawned_at: &'static Location<'static>,
}

pub(crate) struct Record<B: ?Sized = dyn Body> {
    pub(crate) id: WorkerId,
    pub(crate) spec: Spec,
    pub(crate) membership: Arc<dyn Membership>,
    pub(crate) created: Instant,
    /// In nanoseconds after `created`: when its body began; before that, when the gate opens that
    /// time opens. While it is paused, its delay and `PAUSED`.
    begins: AtomicU64,
    pub(super) lifecycle: Lifecycle,
    /// The worker that superseded this one, or for which it was skipped. Stored before the
    /// lifecycle says so.
    pub(super) cancelled_for: OnceLock<WorkerLabel>,
    pub(super) cancel_listeners: CancelListeners<Weak<Record>>,
    pub(crate) progress: ProgressCell,
    /// Of a cancelled worker it is made when somebody asks.
    pub(super) error: OnceLock<Box<WorkerError>>,
    pub(super) finished: WakerSet,
    /// What limits how many run at once. Not one of the extras: a start with a limit would cost a
    /// third more.
    slots: Option<Arc<Slots<Arc<Record>>>>,
    /// Allocated with the first of them: most workers have none.
    extras: OnceLock<Box<Extras>>,
    pub(crate) body: B,
}

/// What most workers do without.
#[derive(Default)]
pub(crate) struct Extras {
    /// Made when the worker is announced, because a tracing subscriber is foreign code; empty if no
    /// subscriber wants it.
    pub(super) span: OnceLock<Span>,
    /// The worker that this one is cancelled with, and the key under which it is registered there.
    pub(super) parent: OnceLock<(Weak<Record>, u64)>,
    /// How long its body may run.
    pub(crate) timeout: Option<Duration>,
    words: WordsCell,
    /// The parts of its fan-out that run.
    parts: Mutex<BTreeMap<WorkerId, Arc<Record>>>,
}

/// How a record is made.
pub(crate) struct NewRecord<B> {
    pub(crate) id: WorkerId,
    pub(crate) spec: Spec,
    pub(crate) membership: Arc<dyn Membership>,
    pub(crate) created: Instant,
    pub(crate) paused: bool,
    pub(crate) delay: Duration,
    pub(crate) timeout: Option<Duration>,
    pub(crate) slots: Option<Arc<Slots<Arc<Record>>>>,
    pub(crate) body: B,
}

impl<B> NewRecord<B> {
    /// A pending worker that has met these start conditions, or is `skipped` for this reason.
    pub(crate) fn build(
        self,
        met: impl IntoIterator<Item = StartCondition>,
        skipped: Option<CancelReason>,
    ) -> Record<B> {
        let Self { id, spec, membership, created, paused, delay, timeout, slots, body } = self;
        let (kind, other) = skipped.map(CancelReason::into_parts).unzip();
        let started = (!paused).then_some(StartCondition::Started);
        let extras = OnceLock::new();
        if timeout.is_some() {
            _ = extras.set(Box::new(Extras { timeout, ..Extras::default() }));
        }
        let due = delay.is_zero().then_some(StartCondition::Due);
        let paused = if paused && !delay.is_zero() { PAUSED } else { 0 };
        Record {
            id,
            spec,
            membership,
            created,
            begins: AtomicU64::new(nanoseconds(delay) | paused),
            lifecycle: Lifecycle::new(met.into_iter().chain(started).chain(due), kind),
            cancelled_for: other.flatten().map_or_else(OnceLock::new, OnceLock::from),
            cancel_listeners: CancelListeners::new(),
            progress: ProgressCell::new(),
            error: OnceLock::new(),
            finished: WakerSet::default(),
            slots,
            extras,
            body,
        }
    }
}

/// Set in `begins` while the worker is paused: the other bits are its delay.
const PAUSED: u64 = 1 << 63;

/// The longest time that `begins` can hold: 292 years.
const NEVER: u64 = PAUSED - 1;

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).map_or(NEVER, |nanoseconds| nanoseconds.min(NEVER))
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
        Some(kind.with(self.cancelled_for.get()))
    }

    /// Its name and number, for those who speak of it when it is gone.
    pub(crate) fn label(&self) -> WorkerLabel {
        WorkerLabel::new(self.spec.name.clone(), self.id)
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
        let cancelled = || WorkerError::Cancelled(self.cancel_reason().unwrap_or(CancelReason::Requested));
        let error = match self.state() {
            WorkerState::Cancelled => Some(self.error.get_or_init(|| Box::new(cancelled()))),
            WorkerState::Error => self.error.get(),
            WorkerState::Pending | WorkerState::Running | WorkerState::Success => None,
        };
        error.map(|error| &**error)
    }

    /// The time since the body began; `None` if it never did.
    pub(crate) fn running_for(&self) -> Option<Duration> {
        let began = self.lifecycle.has_begun().then(|| self.begins())?;
        Some(self.clock().now().saturating_duration_since(began?))
    }

    /// See the field. `None`: not known yet, or later than the clock can tell.
    pub(super) fn begins(&self) -> Option<Instant> {
        let after = Some(self.begins_bits()).filter(|bits| bits & PAUSED == 0)?;
        self.created.checked_add(Duration::from_nanos(after))
    }

    pub(super) fn begins_bits(&self) -> u64 {
        self.begins.load(Ordering::Acquire)
    }

    pub(super) fn set_begins(&self, time: Instant) {
        self.begins.store(self.after_creation(time), Ordering::Release);
    }

    /// Sets the time, unless it has been changed since `former` was read.
    pub(super) fn replace_begins(&self, former: u64, time: Instant) -> bool {
        let bits = self.after_creation(time);
        self.begins.compare_exchange(former, bits, Ordering::AcqRel, Ordering::Relaxed).is_ok()
    }

    /// A paused worker is started now: its delay, if it has one, begins.
    pub(super) fn begin_delay(&self) {
        let now = self.after_creation(self.clock().now());
        let due = |bits: u64| (bits & PAUSED != 0).then(|| (bits & !PAUSED).saturating_add(now).min(NEVER));
        _ = self.begins.fetch_update(Ordering::AcqRel, Ordering::Acquire, due);
    }

    fn after_creation(&self, time: Instant) -> u64 {
        nanoseconds(time.saturating_duration_since(self.created))
    }

    /// When the body's time is up, if it is limited and has begun.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let limit = self.extras()?.timeout?;
        self.lifecycle.has_begun().then(|| self.begins())??.checked_add(limit)
    }

    pub(super) fn extras(&self) -> Option<&Extras> {
        self.extras.get().map(|extras| &**extras)
    }

    pub(super) fn make_extras(&self) -> &Extras {
        self.extras.get_or_init(Box::default)
    }

    /// What limits how many run at once, if anything does.
    pub(super) fn slots(&self) -> Option<&Slots<Arc<Record>>> {
        self.slots.as_deref()
    }

    pub(crate) fn add_part(&self, part: Arc<Record>) {
        self.make_extras().parts.lock().insert(part.id, part);
    }

    pub(crate) fn remove_part(&self, id: WorkerId) {
        let part = self.extras().and_then(|extras| extras.parts.lock().remove(&id));
        drop(part);
    }

    /// The parts of its fan-out that run now, oldest first.
    pub(crate) fn parts(&self) -> Vec<Arc<Record>> {
        self.extras().map(|extras| extras.parts.lock().values().cloned().collect()).unwrap_or_default()
    }

    /// The worker with which this one is cancelled: the one it is a child of, or a part.
    pub(crate) fn parent(&self) -> Option<Arc<Record>> {
        let of_child = || self.extras()?.parent.get()?.0.upgrade();
        self.membership.part_of().cloned().or_else(of_child)
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
        self.cancel_listeners.remove_hook(key, || self.is_cancelled());
    }

    /// Runs `f` within the worker's tracing span.
    pub(crate) fn in_span<R>(&self, f: impl FnOnce() -> R) -> R {
        match self.extras().and_then(|extras| extras.span.get()) {
            Some(span) => span.in_scope(f),
            None => f(),
        }
    }

    /// How far it has come, and what it says.
    pub(crate) fn progress(&self) -> Progress {
        let counted = self.progress.get();
        match self.extras() {
            Some(extras) => counted.with_words(extras.words.get()),
            None => counted,
        }
    }

    /// Where its body says something.
    pub(crate) fn words(&self) -> &WordsCell {
        &self.make_extras().words
    }

    /// Emits a notice of new progress, unless the last one has not been read yet.
    pub(crate) fn progressed(self: &Arc<Self>) {
        if self.services().wants_progress() && self.progress.claim_notice() {
            self.services().emit_progress(self.clone());
        }
    }
}

/// The error is a value of the user's, so its `Drop` is foreign code.
impl<B: ?Sized> Drop for Record<B> {
    fn drop(&mut self) {
        if let Some(error) = self.error.take() {
            panics::drop_quietly(*error, "dropping a worker's error");
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
