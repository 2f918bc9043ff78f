//! [`UiQueue`]: the one queue that everything for the UI thread goes through, in order.
//!
//! # Invariants
//!
//! 1. FIFO: what one thread queues is run in the order in which it was queued.
//! 2. Each key of `State::latest` has exactly one entry, in the queue or in the batch that was
//!    taken from it.
//! 3. A closed queue stays closed and empty. What was queued is dropped without being run; dropping
//!    a call sends its reply.
//! 4. `Phase::Parked` is set by the UI thread only, on an empty queue, before it parks. The next
//!    push sets `Phase::Awake` and unparks the UI thread, once.
//! 5. The threads in `State::blocked_posters` are parked until the queue is below its capacity.
//!    Taking the entries and closing the queue unpark them all.
//!
//! The lock is a leaf. No entry is run or dropped while it is held.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use worker_core::Clock;
use worker_core::blocking::{is_ui_thread, unpark};

use crate::queue::callback::Callback;
use crate::queue::entry::{Entry, Key};
use crate::queue::flags::Flags;
use crate::queue::padding::Padded;
use crate::queue::state::{Latest, Phase, State};
use crate::sync::thread::{self, Thread};
use crate::sync::{Mutex, MutexGuard, guard};
use crate::time::timers::TimerId;

/// Wakes a loop that is not the bridge's own.
pub(crate) type LoopWaker = Box<dyn Fn() + Send + Sync>;

/// See the [module](self).
pub(crate) struct UiQueue<A> {
    pub(super) state: Padded<Mutex<State<A>>>,
    flags: Padded<Flags>,
    pub(super) capacity: usize,
    pub(crate) clock: Arc<dyn Clock>,
    ui_thread: Thread,
    loop_waker: Option<LoopWaker>,
}

/// Whether a push is refused while the queue is full. Pushes of the UI thread never are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Capacity {
    Enforced,
    Ignored,
}

/// Why the queue accepts no entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Full,
    Closed,
}

/// The locked queue, which accepts one entry.
#[must_use = "nothing is queued until `push` is called"]
pub(crate) struct PushGuard<'q, A> {
    queue: &'q UiQueue<A>,
    state: MutexGuard<'q, State<A>>,
}

impl<A> PushGuard<'_, A> {
    /// Queues the entry, unlocks the queue and wakes the UI thread if it is parked.
    #[inline]
    pub(crate) fn push(mut self, entry: Entry<A>) {
        let first = self.state.entries.is_empty();
        let parked = self.state.phase == Phase::Parked;
        self.state.entries.push_back(entry);
        // Written only if it changes: the UI thread reads both on another core.
        if first {
            self.queue.flags.set_has_entries(true);
        }
        if parked {
            self.state.phase = Phase::Awake;
        }
        let queue = self.queue;
        drop(self);
        if parked {
            unpark(&*queue.clock, &queue.ui_thread);
        }
        if first && let Some(wake) = &queue.loop_waker {
            // This may be a worker's thread, which a panic of the app's waker must not end.
            guard("the function given to `waker`", wake);
        }
    }

    /// Queues the first callback of a key.
    pub(super) fn push_latest(mut self, key: &Key, callback: Callback<A>) {
        self.state.latest.insert(key.clone(), callback);
        self.push(Entry::Latest(key.clone()));
    }
}

impl<A> UiQueue<A> {
    /// An empty queue. The calling thread becomes the UI thread.
    pub(crate) fn new(capacity: usize, clock: Arc<dyn Clock>, loop_waker: Option<LoopWaker>) -> Self {
        Self {
            state: Padded::new(Mutex::new(State::new())),
            flags: Padded::default(),
            capacity,
            clock,
            ui_thread: thread::current(),
            loop_waker,
        }
    }

    /// Locks the queue for one push.
    pub(crate) fn lock_for_push(&self, capacity: Capacity) -> Result<PushGuard<'_, A>, Refusal> {
        self.admit(self.state.lock(), capacity)
    }

    #[inline]
    pub(super) fn admit<'q>(
        &'q self,
        state: MutexGuard<'q, State<A>>,
        capacity: Capacity,
    ) -> Result<PushGuard<'q, A>, Refusal> {
        if state.phase == Phase::Closed {
            return Err(Refusal::Closed);
        }
        if capacity == Capacity::Enforced && state.entries.len() >= self.capacity && !is_ui_thread() {
            return Err(Refusal::Full);
        }
        Ok(PushGuard { queue: self, state })
    }

    /// Queues an entry whatever the capacity. State changes use this: a worker that waited here
    /// could not go on. Returns the entry if the queue is closed.
    pub(crate) fn push(&self, entry: Entry<A>) -> Result<(), Entry<A>> {
        match self.lock_for_push(Capacity::Ignored) {
            Ok(guard) => {
                guard.push(entry);
                Ok(())
            }
            Err(_) => Err(entry),
        }
    }

    /// Asks the UI thread to clear a timer before it runs another one.
    pub(crate) fn clear_timer(&self, timer: TimerId) {
        let mut state = self.state.lock();
        state.cleared_timers.push(timer);
        self.flags.set_has_cleared_timers(true);
    }

    /// The timers to clear.
    pub(crate) fn take_cleared_timers(&self) -> Vec<TimerId> {
        if !self.flags.has_cleared_timers() {
            return Vec::new();
        }
        let mut state = self.state.lock();
        self.flags.set_has_cleared_timers(false);
        std::mem::take(&mut state.cleared_timers)
    }

    /// The callback of a key whose entry is being run.
    pub(crate) fn take_latest(&self, key: &Key) -> Option<Callback<A>> {
        self.state.lock().latest.remove(key)
    }

    /// How many entries are queued.
    pub(crate) fn len(&self) -> usize {
        if self.has_entries() { self.state.lock().entries.len() } else { 0 }
    }

    /// Whether entries are queued. May miss one that was queued just now;
    /// [`begin_park`](Self::begin_park) does not.
    pub(crate) fn has_entries(&self) -> bool {
        self.flags.has_entries()
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.flags.is_closed()
    }

    /// Moves all entries into `batch`, which must be empty.
    pub(crate) fn take_entries(&self, batch: &mut VecDeque<Entry<A>>) {
        debug_assert!(batch.is_empty(), "the entries of the batch come before those of the queue");
        let blocked_posters = {
            let mut state = self.state.lock();
            std::mem::swap(&mut state.entries, batch);
            self.flags.set_has_entries(false);
            std::mem::take(&mut state.blocked_posters)
        };
        self.unpark_all(&blocked_posters);
    }

    fn unpark_all(&self, threads: &[Thread]) {
        for thread in threads {
            unpark(&*self.clock, thread);
        }
    }

    /// `Awake → Parked`, by the UI thread before it parks. False if it must not park: the queue has
    /// entries or is closed.
    #[must_use]
    pub(crate) fn begin_park(&self) -> bool {
        let mut state = self.state.lock();
        let may_park = state.entries.is_empty() && state.phase != Phase::Closed;
        if may_park {
            state.phase = Phase::Parked;
        }
        may_park
    }

    /// `Parked → Awake`, by the UI thread after it has parked.
    pub(crate) fn end_park(&self) {
        if self.has_entries() {
            return; // The push has set the phase.
        }
        let mut state = self.state.lock();
        if state.phase == Phase::Parked {
            state.phase = Phase::Awake;
        }
    }

    /// Closes the queue and returns what was queued. The caller drops it, which answers every call.
    #[must_use]
    pub(crate) fn close(&self) -> (VecDeque<Entry<A>>, Latest<A>) {
        let (entries, latest, blocked_posters) = {
            let mut state = self.state.lock();
            state.phase = Phase::Closed;
            self.flags.set_closed();
            self.flags.set_has_entries(false);
            let State { entries, latest, blocked_posters, .. } = &mut *state;
            (std::mem::take(entries), std::mem::take(latest), std::mem::take(blocked_posters))
        };
        self.unpark_all(&blocked_posters);
        (entries, latest)
    }
}

impl<A> fmt::Debug for UiQueue<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (entries, phase, blocked_posters) = {
            let state = self.state.lock();
            (state.entries.len(), state.phase, state.blocked_posters.len())
        };
        f.debug_struct("UiQueue")
            .field("entries", &entries)
            .field("phase", &phase)
            .field("blocked_posters", &blocked_posters)
            .finish_non_exhaustive()
    }
}
