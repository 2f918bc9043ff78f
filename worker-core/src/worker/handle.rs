//! The handles: [`Worker<T>`] knows the result's type, [`AnyWorker`] does not. Both are cheap to
//! clone and detach when dropped: the worker goes on.

use std::any::Any;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::ops::Deref;
use std::panic::{Location, RefUnwindSafe, UnwindSafe};
use std::sync::Arc;
use std::time::Duration;

use crate::sync::clock::Clock;
use crate::worker::body_cell::BodyCell;
use crate::worker::cancel_reason::CancelReason;
use crate::worker::error::WorkerError;
use crate::worker::id::WorkerId;
use crate::worker::progress::Progress;
use crate::worker::record::Record;
use crate::worker::state::WorkerState;

/// A worker of any result type: what events carry and lists hold.
///
/// Two handles are equal if they are of the same worker.
#[derive(Clone)]
pub struct AnyWorker(pub(crate) Arc<Record>);

impl AnyWorker {
    /// Its number: unique in the process, ordered by creation.
    pub fn id(&self) -> WorkerId {
        self.0.id
    }

    /// The name it was started under. Need not be unique.
    pub fn name(&self) -> &str {
        &self.0.spec.name
    }

    /// Its group within its scope; `"default"` if none was named.
    pub fn group(&self) -> &str {
        self.0.membership.group()
    }

    /// The name of its scope; empty for the manager's root scope.
    pub fn scope(&self) -> &str {
        self.0.membership.scope()
    }

    /// The description given at the start, at most 1000 characters of it; empty if none was given.
    pub fn description(&self) -> &str {
        self.0.spec.description.as_deref().unwrap_or_default()
    }

    /// Whether its error should end the app; see
    /// [`exit_on_error`](crate::WorkerBuilder::exit_on_error).
    pub fn exit_on_error(&self) -> bool {
        self.0.spec.exit_on_error
    }

    /// The worker that it is cancelled with, if that one is alive: the one it was started by as a
    /// [child](crate::WorkerBuilder::child), or whose [`map`](crate::WorkerContext::map) it is a
    /// part of.
    pub fn parent(&self) -> Option<AnyWorker> {
        self.0.parent().map(AnyWorker)
    }

    /// Where in the source it was started.
    pub fn spawned_at(&self) -> &'static Location<'static> {
        self.0.spec.spawned_at
    }

    /// The time since it was created, by the manager's clock.
    pub fn age(&self) -> Duration {
        self.0.clock().now().saturating_duration_since(self.0.created)
    }

    /// Its state now.
    pub fn state(&self) -> WorkerState {
        self.0.state()
    }

    /// Whether it has not begun yet.
    pub fn is_pending(&self) -> bool {
        self.state() == WorkerState::Pending
    }

    /// Whether its body is running.
    pub fn is_running(&self) -> bool {
        self.state() == WorkerState::Running
    }

    /// Whether it has ended, in whatever way.
    pub fn is_finished(&self) -> bool {
        self.state().is_finished()
    }

    /// Whether a cancel has been requested; true from the moment of the request. One atomic load.
    pub fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Why a cancel was requested, if one was. The first reason stays.
    pub fn cancel_reason(&self) -> Option<CancelReason> {
        self.0.cancel_reason()
    }

    /// Whether callbacks of this worker that still wait in a UI's queue must be dropped: it was
    /// cancelled, or, even if it had finished by then, its group or scope was cancelled as a whole.
    /// For those who write bridges.
    pub fn is_revoked(&self) -> bool {
        self.is_cancelled() || self.0.membership.is_revoked(self.0.id)
    }

    /// Whether its end must not be shown any more: it was cancelled, also after its end, or its
    /// group or scope was as a whole. One whose time ran out has failed, and is shown. For those
    /// who write bridges.
    pub fn is_end_revoked(&self) -> bool {
        let is_cancelled = !matches!(self.cancel_reason(), None | Some(CancelReason::TimedOut));
        is_cancelled || self.0.membership.is_revoked(self.0.id)
    }

    /// Cancels it, if it is [revoked](Self::is_revoked), for the reason for which it is: a cancel
    /// of its group reaches one worker after another, and one that is refused before its turn must
    /// not take that for a failure. Gives whether it is revoked. For those who write bridges.
    pub fn cancel_if_revoked(&self) -> bool {
        let is_revoked = self.is_revoked();
        if is_revoked && !self.is_cancelled() {
            self.0.cancel(self.0.membership.revoked_for(self.0.id));
        }
        is_revoked
    }

    /// Why it ended without a result: `Some` in the states `Error` and `Cancelled`, else `None`.
    pub fn error(&self) -> Option<&WorkerError> {
        self.0.error()
    }

    /// How far its body says it has come.
    pub fn progress(&self) -> Progress {
        self.0.progress()
    }

    /// Starts a worker that was created [`paused`](crate::WorkerBuilder::paused). Starting twice,
    /// or one that was not paused, changes nothing.
    pub fn start(&self) {
        self.0.start();
    }

    /// Asks the worker to stop. Idempotent; never blocks.
    ///
    /// [`is_cancelled`](Self::is_cancelled) is true at once. A pending worker is `Cancelled` at
    /// once and its body never runs. A running one is `Cancelled` when its body has really stopped:
    /// a blocking body when it returns (whatever it returns is dropped), an async one at its next
    /// await. Once this has returned on the UI thread, none of the worker's callbacks runs any more
    /// there, not even one that was queued before.
    pub fn cancel(&self) {
        self.0.cancel(CancelReason::Requested);
    }

    /// Completes as soon as a cancel of this worker is requested, at once if it was before.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    pub fn cancelled(&self) -> impl Future<Output = ()> + Send {
        self.0.cancelled()
    }

    /// The typed handle, if this worker's result is a `T`.
    pub fn downcast<T: Send + Sync + 'static>(&self) -> Option<Worker<T>> {
        self.body_cell::<T>().map(|_| Worker::new(self.clone()))
    }

    pub(crate) fn body_cell<T: Send + Sync + 'static>(&self) -> Option<&BodyCell<T>> {
        let body: &dyn Any = &self.0.body;
        body.downcast_ref()
    }
}

/// The clock of its manager. For bridges.
pub fn clock_of(worker: &AnyWorker) -> &Arc<dyn Clock> {
    worker.0.clock()
}

impl AsRef<AnyWorker> for AnyWorker {
    fn as_ref(&self) -> &AnyWorker {
        self
    }
}

impl PartialEq for AnyWorker {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id()
    }
}

impl Eq for AnyWorker {}

/// By its number, as [`Eq`]. Nothing that changes is hashed, though clippy's `mutable_key_type`
/// warns of a map with such keys; a map by [`id`](AnyWorker::id) it takes as it is.
impl Hash for AnyWorker {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id().hash(state);
    }
}

/// `worker "builds" (#7)`, with control characters of the name escaped.
impl fmt::Display for AnyWorker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "worker {:?} ({})", self.name(), self.id())
    }
}

/// `Worker { id: 7, name: "builds", state: Running }`
impl fmt::Debug for AnyWorker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker")
            .field("id", &self.id().get())
            .field("name", &self.name())
            .field("state", &self.state())
            .finish()
    }
}

/// A panic leaves no worker half changed: no lock is held while foreign code runs, and a panic of
/// the body is caught and ends the worker.
impl UnwindSafe for AnyWorker {}

/// As its [`UnwindSafe`].
impl RefUnwindSafe for AnyWorker {}

/// A worker whose result is a `T`. Everything an [`AnyWorker`] can do it can do too.
///
/// ```
/// use worker_core::{Worker, WorkerManager};
///
/// let sum: Worker<u64> = WorkerManager::new().worker("sum").thread(|_| Ok((1..=10).sum()));
/// assert_eq!(*sum.wait()?, 55);
/// assert_eq!(sum.result(), Some(&55));
/// # Ok::<(), worker_core::WaitError>(())
/// ```
pub struct Worker<T> {
    any: AnyWorker,
    result: PhantomData<fn() -> T>,
}

impl<T: Send + Sync + 'static> Worker<T> {
    /// `any` must be of a worker whose body is a `BodyCell<T>`.
    pub(crate) fn new(any: AnyWorker) -> Self {
        Self { any, result: PhantomData }
    }

    /// What the body returned: `Some` exactly in the state `Success`, for as long as a handle
    /// lives.
    pub fn result(&self) -> Option<&T> {
        match self.state() {
            WorkerState::Success => self.any.body_cell().and_then(BodyCell::value),
            _ => None,
        }
    }

    /// A guard that cancels the worker when dropped.
    ///
    /// ```
    /// use worker_core::WorkerManager;
    ///
    /// let search = WorkerManager::new().worker("search").thread(|cx| Ok(cx.sleep(std::time::Duration::MAX)?));
    /// drop(search.clone().cancel_on_drop());
    /// assert!(search.wait().unwrap_err().is_cancelled());
    /// ```
    pub fn cancel_on_drop(self) -> CancelOnDrop<T> {
        CancelOnDrop { worker: self, is_armed: true }
    }
}

impl<T> Deref for Worker<T> {
    type Target = AnyWorker;

    fn deref(&self) -> &AnyWorker {
        &self.any
    }
}

impl<T> AsRef<AnyWorker> for Worker<T> {
    fn as_ref(&self) -> &AnyWorker {
        &self.any
    }
}

impl<T> Clone for Worker<T> {
    fn clone(&self) -> Self {
        Self { any: self.any.clone(), result: PhantomData }
    }
}

impl<T> PartialEq for Worker<T> {
    fn eq(&self, other: &Self) -> bool {
        self.any == other.any
    }
}

impl<T> Eq for Worker<T> {}

/// As that of its [`AnyWorker`].
impl<T> Hash for Worker<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.any.hash(state);
    }
}

impl<T> From<Worker<T>> for AnyWorker {
    fn from(worker: Worker<T>) -> Self {
        worker.any
    }
}

impl<T> fmt::Display for Worker<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.any, f)
    }
}

impl<T> fmt::Debug for Worker<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.any, f)
    }
}

/// Cancels its worker when dropped; see [`Worker::cancel_on_drop`].
#[must_use = "dropping this cancels the worker"]
pub struct CancelOnDrop<T> {
    worker: Worker<T>,
    is_armed: bool,
}

impl<T> CancelOnDrop<T> {
    /// Gives the worker back without cancelling it.
    ///
    /// ```
    /// use worker_core::WorkerManager;
    ///
    /// let guard = WorkerManager::new().worker("save").thread(|_| Ok("saved")).cancel_on_drop();
    /// let save = guard.disarm(); // all went well: let it finish
    /// assert_eq!(save.wait()?, &"saved");
    /// # Ok::<(), worker_core::WaitError>(())
    /// ```
    pub fn disarm(mut self) -> Worker<T> {
        self.is_armed = false;
        self.worker.clone()
    }
}

impl<T> Deref for CancelOnDrop<T> {
    type Target = Worker<T>;

    fn deref(&self) -> &Worker<T> {
        &self.worker
    }
}

impl<T> AsRef<AnyWorker> for CancelOnDrop<T> {
    fn as_ref(&self) -> &AnyWorker {
        &self.worker.any
    }
}

impl<T> Drop for CancelOnDrop<T> {
    fn drop(&mut self) {
        if self.is_armed {
            self.worker.cancel();
        }
    }
}

impl<T> fmt::Debug for CancelOnDrop<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CancelOnDrop").field(&self.worker).finish()
    }
}
