//! The one queue that everything for the UI thread goes through, in order.
//!
//! # Invariants
//!
//! 1. FIFO. What one thread queues is run in the order in which it was queued.
//! 2. Each key of `latest` has exactly one entry, in the queue or in the batch that was taken from it.
//! 3. Once closed, always closed, and empty. What was queued is dropped unrun; dropping a call answers its caller.
//! 4. `Asleep` is set only by the UI thread, on an empty queue, before it parks. Whoever queues something next takes it
//!    away and unparks the UI thread, once.
//! 5. Threads in `waiting` are parked until there is room; every taking of the queue, and its closing, unparks them all.
//!
//! The lock is a leaf; no entry is run or dropped while it is held.

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::task::Waker;
use std::thread::{self, Thread};
use std::time::Instant;

use parking_lot::{Mutex, MutexGuard};
use worker_core::blocking::{block_until, is_ui_thread};
use worker_core::{AnyWorker, Clock, LocalFuture, ProgressChanged, ProgressNotice, StateChanged};

use crate::error::PostError;
use crate::stall::Place;
use crate::timers::TimerId;

/// Something the UI thread has to do.
pub(crate) enum Entry<A> {
    Callback(Callback<A>),
    Event(Arc<Handler<A, StateChanged>>, StateChanged),
    /// The place of the newest callback of this key, which waits in `State::latest`.
    Latest(Key),
    Progress(Arc<Handler<A, ProgressChanged>>, ProgressNotice),
    /// A new future, to be made and first polled on the UI thread.
    Spawn(MakeFuture),
    /// A future that was woken.
    Task(TaskId),
    /// Something that wants to be woken at a time, if it still does when its turn comes.
    WakeAt(Instant, Weak<Alarm>),
}

/// A task's number, unique within its bridge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct TaskId(pub(crate) u64);

/// Tells callbacks that replace each other from others.
pub(crate) type Key = Cow<'static, str>;

/// What a sleep waits for; dropped with it.
pub(crate) struct Alarm {
    pub(crate) waker: Waker,
    /// Its timer, once there is one.
    pub(crate) timer: OnceLock<TimerId>,
}

/// Makes a future on the UI thread.
pub(crate) type MakeFuture = Box<dyn FnOnce() -> LocalFuture + Send>;

/// A callback, and on whose behalf it was queued. Only what the closure holds is on the heap: the rest is read in passing.
pub(crate) struct Callback<A> {
    run: Box<dyn FnOnce(&mut A) + Send>,
    pub(crate) place: Place,
    /// The worker that queued it: if that is revoked by the time its turn comes, it is dropped instead.
    worker: Option<AnyWorker>,
}

impl<A> Callback<A> {
    pub(crate) fn new(
        worker: Option<AnyWorker>,
        place: Place,
        run: impl FnOnce(&mut A) + Send + 'static,
    ) -> Self {
        Self { run: Box::new(run), place, worker }
    }

    fn worker(&self) -> Option<&AnyWorker> {
        self.worker.as_ref()
    }

    /// Runs it on the UI thread, or drops it. False if it was dropped.
    pub(crate) fn run(self, app: &mut A) -> bool {
        let revoked = self.worker().is_some_and(AnyWorker::is_revoked);
        if !revoked {
            (self.run)(app);
        }
        !revoked
    }
}

pub(crate) type HandlerFn<A, E> = Box<dyn Fn(&mut A, &E) + Send + Sync>;

/// What is done with an event on the UI thread.
pub(crate) struct Handler<A, E> {
    pub(crate) run: HandlerFn<A, E>,
    /// Where it was set.
    pub(crate) place: Place,
}

/// A function that wakes a foreign loop.
pub(crate) type WakeLoop = Box<dyn Fn() + Send + Sync>;

pub(crate) struct Queue<A> {
    state: Mutex<State<A>>,
    signs: Signs,
    capacity: usize,
    pub(crate) clock: Arc<dyn Clock>,
    ui: Thread,
    waker: Option<WakeLoop>,
}

/// What the UI thread can see of the state without the lock. Written under the lock; may be seen late.
#[derive(Default)]
struct Signs {
    /// There are entries.
    occupied: AtomicBool,
    /// There are timers to be stopped.
    clearing: AtomicBool,
    /// It is closed, which only the UI thread does.
    closed: AtomicBool,
}

struct State<A> {
    entries: VecDeque<Entry<A>>,
    latest: Latest<A>,
    /// Timers to be stopped; looked at before any timer is run.
    cleared: Vec<TimerId>,
    phase: Phase,
    waiting: Vec<Thread>,
}

/// The newest callback of each key that has an entry in the queue, or in the batch that was taken from it.
pub(crate) type Latest<A> = HashMap<Key, Callback<A>>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The UI thread is running, or will look before it sleeps.
    Awake,
    /// The UI thread is parked.
    Asleep,
    Closed,
}

/// Whether a worker is revoked; if so it is cancelled when this returns.
///
/// A group that is cancelled as a whole is revoked first, then its workers are cancelled one by one. One that learns of it here may
/// be ahead of its turn, and the error it is given must not count as its own.
pub(crate) fn cancelled_if_revoked(worker: &AnyWorker) -> bool {
    let revoked = worker.is_revoked();
    if revoked {
        worker.cancel();
    }
    revoked
}

/// Whether an entry must wait when the queue is full. What the UI thread queues itself never does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Room {
    Needed,
    NotNeeded,
}

/// Why an entry did not go in at once.
pub(crate) enum Refused<E> {
    Full(E),
    Closed(E),
    /// Its worker has been revoked.
    Revoked(E),
}

impl<A> Queue<A> {
    /// The calling thread becomes the UI thread.
    pub(crate) fn new(capacity: usize, clock: Arc<dyn Clock>, waker: Option<WakeLoop>) -> Self {
        let state = State {
            entries: VecDeque::new(),
            latest: HashMap::new(),
            cleared: Vec::new(),
            phase: Phase::Awake,
            waiting: Vec::new(),
        };
        Self {
            state: Mutex::new(state),
            signs: Signs::default(),
            capacity,
            clock,
            ui: thread::current(),
            waker,
        }
    }

    /// Queues an entry whatever the capacity. Events must not wait, for a worker's life would stand still.
    pub(crate) fn push(&self, entry: Entry<A>) -> Result<(), Refused<Entry<A>>> {
        self.insert(self.state.lock(), Room::NotNeeded, entry, |entry, _| entry)
    }

    /// Queues a callback if there is room; a callback from the UI thread always finds room.
    pub(crate) fn try_push<F>(
        &self,
        callback: F,
        entry: impl FnOnce(F) -> Callback<A>,
    ) -> Result<(), Refused<F>> {
        self.insert(self.state.lock(), Room::Needed, callback, |callback, _| Entry::Callback(entry(callback)))
    }

    /// Puts a callback in the place of the one of its key, if that still waits; otherwise queues it as the others.
    fn try_push_latest(&self, key: &Key, callback: Callback<A>) -> Result<(), Refused<Callback<A>>> {
        let mut state = self.state.lock();
        // Looked at under the lock: a superseded worker must not replace what its successor has posted meanwhile.
        if callback.worker().is_some_and(AnyWorker::is_revoked) {
            return Err(Refused::Revoked(callback));
        }
        if let Some(waiting) = state.latest.get_mut(key) {
            let former = std::mem::replace(waiting, callback);
            drop(state);
            drop(former);
            return Ok(());
        }
        self.insert(state, Room::Needed, callback, |callback, latest| {
            latest.insert(key.clone(), callback);
            Entry::Latest(key.clone())
        })
    }

    /// Makes an entry of `item` and queues it, if it finds the room it needs. Otherwise the item comes back.
    fn insert<I>(
        &self,
        mut state: MutexGuard<'_, State<A>>,
        room: Room,
        item: I,
        entry: impl FnOnce(I, &mut Latest<A>) -> Entry<A>,
    ) -> Result<(), Refused<I>> {
        if state.phase == Phase::Closed {
            return Err(Refused::Closed(item));
        }
        if room == Room::Needed && state.entries.len() >= self.capacity && !is_ui_thread() {
            return Err(Refused::Full(item));
        }
        let first = state.entries.is_empty();
        let entry = entry(item, &mut state.latest);
        state.entries.push_back(entry);
        self.signs.occupied.store(true, Ordering::Relaxed);
        let asleep = state.phase == Phase::Asleep;
        state.phase = Phase::Awake;
        drop(state);
        if asleep {
            self.clock.unpark(&self.ui);
        }
        if first && let Some(wake) = &self.waker {
            // It runs in the midst of a worker's life, which must not end with the foreign loop.
            if catch_unwind(AssertUnwindSafe(wake)).is_err() {
                tracing::error!(target: "worker_ui_bridge", "the waker of the UI loop panicked");
            }
        }
        Ok(())
    }

    /// Queues a callback; waits for room if it must. With a key it replaces the one of that key that still waits.
    ///
    /// The wait ends when the worker is cancelled or the queue closed. On the UI thread there is always room.
    pub(crate) fn post(&self, callback: Callback<A>, key: Option<&Key>) -> Result<(), PostError> {
        let mut unsent = Some(callback);
        let posted = block_until(&*self.clock, None, || {
            let callback = unsent.take()?;
            if callback.worker().is_some_and(AnyWorker::is_cancelled) {
                return Some(Err(PostError::Cancelled));
            }
            let tried = match key {
                None => self.try_push(callback, |callback| callback),
                Some(key) => self.try_push_latest(key, callback),
            };
            match tried {
                Ok(()) => Some(Ok(())),
                Err(Refused::Closed(_)) => Some(Err(PostError::Closed)),
                Err(Refused::Revoked(callback)) => {
                    callback.worker().map(cancelled_if_revoked);
                    Some(Err(PostError::Cancelled))
                }
                Err(Refused::Full(callback)) => {
                    unsent = Some(callback);
                    self.wait_for_room();
                    None
                }
            }
        });
        posted.unwrap_or(Err(PostError::Closed))
    }

    /// Stops a timer before it runs again.
    pub(crate) fn clear(&self, timer: TimerId) {
        let mut state = self.state.lock();
        state.cleared.push(timer);
        self.signs.clearing.store(true, Ordering::Relaxed);
    }

    /// The timers to be stopped.
    pub(crate) fn take_cleared(&self) -> Vec<TimerId> {
        if !self.signs.clearing.load(Ordering::Relaxed) {
            return Vec::new();
        }
        let mut state = self.state.lock();
        self.signs.clearing.store(false, Ordering::Relaxed);
        std::mem::take(&mut state.cleared)
    }

    /// The callback whose turn has come with its key's entry.
    pub(crate) fn take_latest(&self, key: &Key) -> Option<Callback<A>> {
        self.state.lock().latest.remove(key)
    }

    /// The calling thread is unparked when there is room, now or later.
    fn wait_for_room(&self) {
        let mut state = self.state.lock();
        if state.phase == Phase::Closed || state.entries.len() < self.capacity {
            self.clock.unpark(&thread::current());
        } else if !state.waiting.iter().any(|waiting| waiting.id() == thread::current().id()) {
            state.waiting.push(thread::current());
        }
    }

    /// How many entries wait.
    pub(crate) fn len(&self) -> usize {
        if self.is_occupied() { self.state.lock().entries.len() } else { 0 }
    }

    /// Whether entries wait. One that was queued just now may not be seen yet; before the UI thread sleeps it is.
    pub(crate) fn is_occupied(&self) -> bool {
        self.signs.occupied.load(Ordering::Relaxed)
    }

    /// Moves everything that waits into `batch`, which is empty.
    pub(crate) fn take(&self, batch: &mut VecDeque<Entry<A>>) {
        debug_assert!(batch.is_empty(), "what was taken before comes first");
        let waiting = {
            let mut state = self.state.lock();
            std::mem::swap(&mut state.entries, batch);
            self.signs.occupied.store(false, Ordering::Relaxed);
            std::mem::take(&mut state.waiting)
        };
        self.unpark_all(&waiting);
    }

    fn unpark_all(&self, threads: &[Thread]) {
        for thread in threads {
            self.clock.unpark(thread);
        }
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.signs.closed.load(Ordering::Relaxed)
    }

    /// The UI thread is about to park. False if it must not: there is something to do, or the queue is closed.
    pub(crate) fn fall_asleep(&self) -> bool {
        let mut state = self.state.lock();
        let may_sleep = state.entries.is_empty() && state.phase != Phase::Closed;
        if may_sleep {
            state.phase = Phase::Asleep;
        }
        may_sleep
    }

    /// The UI thread is back from a park.
    pub(crate) fn wake_up(&self) {
        if self.is_occupied() {
            return; // whoever queued it has said so
        }
        let mut state = self.state.lock();
        if state.phase == Phase::Asleep {
            state.phase = Phase::Awake;
        }
    }

    /// Closes the queue and gives what waits in it. Dropping that answers every caller.
    #[must_use]
    pub(crate) fn close(&self) -> (VecDeque<Entry<A>>, Latest<A>) {
        let (entries, latest, waiting) = {
            let mut state = self.state.lock();
            state.phase = Phase::Closed;
            self.signs.closed.store(true, Ordering::Relaxed);
            self.signs.occupied.store(false, Ordering::Relaxed);
            let State { entries, latest, waiting, .. } = &mut *state;
            (std::mem::take(entries), std::mem::take(latest), std::mem::take(waiting))
        };
        self.unpark_all(&waiting);
        (entries, latest)
    }
}

impl<A> fmt::Debug for Queue<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (entries, phase, waiting) = {
            let state = self.state.lock();
            (state.entries.len(), state.phase, state.waiting.len())
        };
        f.debug_struct("Queue")
            .field("entries", &entries)
            .field("phase", &phase)
            .field("waiting", &waiting)
            .finish_non_exhaustive()
    }
}
