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

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, Thread};

use crossbeam_utils::CachePadded;
use parking_lot::{Mutex, MutexGuard};
use worker_core::blocking::{block_until, checkpoint, is_ui_thread, unpark};
use worker_core::{AnyWorker, Clock};

use crate::entry::{Callback, Entry, Key, cancelled_if_revoked};
use crate::error::PostError;
use crate::timers::TimerId;

/// A function that wakes a foreign loop.
pub(crate) type WakeLoop = Box<dyn Fn() + Send + Sync>;

pub(crate) struct Queue<A> {
    /// Away from what is only read.
    state: CachePadded<Mutex<State<A>>>,
    signs: CachePadded<Signs>,
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

/// In the order of use: what every entry touches lies together.
#[repr(C)]
struct State<A> {
    phase: Phase,
    entries: VecDeque<Entry<A>>,
    latest: Latest<A>,
    /// Timers to be stopped; looked at before any timer is run.
    cleared: Vec<TimerId>,
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

/// Whether an entry must wait when the queue is full. What the UI thread queues itself never does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Room {
    Needed,
    NotNeeded,
}

/// Why there is no way in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shut {
    Full,
    Closed,
}

/// Why a callback did not go in at once.
enum Refused<A> {
    Shut(Shut, Callback<A>),
    /// Its worker has been revoked.
    Revoked(Callback<A>),
}

/// The queue, locked, with room for an entry.
pub(crate) struct Opening<'q, A> {
    queue: &'q Queue<A>,
    state: MutexGuard<'q, State<A>>,
}

impl<A> Opening<'_, A> {
    #[inline]
    pub(crate) fn put(mut self, entry: Entry<A>) {
        let first = self.state.entries.is_empty();
        let asleep = self.state.phase == Phase::Asleep;
        self.state.entries.push_back(entry);
        // Only what changes is written: the UI thread reads both, on another core.
        if first {
            self.queue.signs.occupied.store(true, Ordering::Relaxed);
        }
        if asleep {
            self.state.phase = Phase::Awake;
        }
        let queue = self.queue;
        drop(self);
        if asleep {
            unpark(&*queue.clock, &queue.ui);
        }
        if first && let Some(wake) = &queue.waker {
            // It runs in the midst of a worker's life, which must not end with the foreign loop.
            if catch_unwind(AssertUnwindSafe(wake)).is_err() {
                tracing::error!(target: "worker_ui_bridge", "the waker of the UI loop panicked");
            }
        }
    }
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
            state: CachePadded::new(Mutex::new(state)),
            signs: CachePadded::default(),
            capacity,
            clock,
            ui: thread::current(),
            waker,
        }
    }

    /// Queues an entry whatever the capacity. Events must not wait, for a worker's life would stand still. If the queue is closed
    /// the entry comes back.
    pub(crate) fn push(&self, entry: Entry<A>) -> Result<(), Entry<A>> {
        match self.open(Room::NotNeeded) {
            Ok(opening) => {
                opening.put(entry);
                Ok(())
            }
            Err(_) => Err(entry),
        }
    }

    /// Queues a callback; waits for room if it must. On the UI thread there is always room. The wait ends when the worker is
    /// cancelled or the queue closed.
    #[inline]
    pub(crate) fn post(&self, callback: Callback<A>) -> Result<(), PostError> {
        checkpoint(&*self.clock);
        if callback.is_cancelled() {
            return Err(PostError::Cancelled);
        }
        match self.try_push(callback) {
            Err(Refused::Shut(Shut::Full, callback)) => self.wait_with(callback, Self::try_push),
            pushed => pushed.map_err(|_| PostError::Closed),
        }
    }

    #[inline]
    fn try_push(&self, callback: Callback<A>) -> Result<(), Refused<A>> {
        match self.open(Room::Needed) {
            Ok(opening) => {
                opening.put(Entry::Callback(callback));
                Ok(())
            }
            Err(shut) => Err(Refused::Shut(shut, callback)),
        }
    }

    /// As [`Self::post`], but puts the callback in the place of the one of its key, if that still waits.
    pub(crate) fn post_latest(&self, callback: Callback<A>, key: &Key) -> Result<(), PostError> {
        self.wait_with(callback, |queue, callback| queue.try_push_latest(key, callback))
    }

    fn try_push_latest(&self, key: &Key, callback: Callback<A>) -> Result<(), Refused<A>> {
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
        match self.opening(state, Room::Needed) {
            Ok(mut opening) => {
                opening.state.latest.insert(key.clone(), callback);
                opening.put(Entry::Latest(key.clone()));
                Ok(())
            }
            Err(shut) => Err(Refused::Shut(shut, callback)),
        }
    }

    /// Tries to queue a callback until there is room.
    fn wait_with(
        &self,
        callback: Callback<A>,
        mut push: impl FnMut(&Self, Callback<A>) -> Result<(), Refused<A>>,
    ) -> Result<(), PostError> {
        let mut unsent = Some(callback);
        let posted = block_until(&*self.clock, None, || {
            let callback = unsent.take()?;
            if callback.is_cancelled() {
                return Some(Err(PostError::Cancelled));
            }
            match push(self, callback) {
                Ok(()) => Some(Ok(())),
                Err(Refused::Shut(Shut::Closed, _)) => Some(Err(PostError::Closed)),
                Err(Refused::Revoked(callback)) => {
                    callback.worker().map(cancelled_if_revoked);
                    Some(Err(PostError::Cancelled))
                }
                Err(Refused::Shut(Shut::Full, callback)) => {
                    unsent = Some(callback);
                    self.wait_for_room();
                    None
                }
            }
        });
        posted.unwrap_or(Err(PostError::Closed))
    }

    /// Locks the queue, if there is the room that is needed.
    pub(crate) fn open(&self, room: Room) -> Result<Opening<'_, A>, Shut> {
        self.opening(self.state.lock(), room)
    }

    #[inline]
    fn opening<'q>(&'q self, state: MutexGuard<'q, State<A>>, room: Room) -> Result<Opening<'q, A>, Shut> {
        if state.phase == Phase::Closed {
            return Err(Shut::Closed);
        }
        if room == Room::Needed && state.entries.len() >= self.capacity && !is_ui_thread() {
            return Err(Shut::Full);
        }
        Ok(Opening { queue: self, state })
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
            unpark(&*self.clock, &thread::current());
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
            unpark(&*self.clock, thread);
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
