//! [`UiQueue`]: the one queue that everything for the UI thread goes through, in order.
//!
//! # Invariants
//!
//! 1. FIFO: what one thread queues is run in the order in which it was queued.
//! 2. Each key of `State::latest` has exactly one entry, in the queue or in the batch that was
//!    taken from it.
//! 3. A closed queue stays closed and empty. What was queued is dropped without being run; dropping
//!    a call sends its reply.
//! 4. `Phase::Parked` is set by the UI thread only, on an empty queue without requests, before it
//!    parks or awaits. The next push or request sets `Phase::Awake` and wakes what waits, once.
//! 5. The threads in `State::blocked_posters` are parked until the queue is below its capacity.
//!    Taking the entries and closing the queue unpark them all.
//!
//! The lock is a leaf. No entry is run or dropped while it is held.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::task::Waker;

use worker_core::Clock;
use worker_core::blocking::{is_ui_thread, unpark};

use crate::queue::callback::Callback;
use crate::queue::entry::{Entry, Key};
use crate::queue::flags::Flags;
use crate::queue::padding::Padded;
use crate::queue::request::Request;
use crate::queue::state::{ParkResult, Phase, Remains, State, Waiter};
use crate::sync::atomic::{AtomicU64, Ordering};
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
    /// The number of the next timer or part; 0 stands for the whole state.
    timers: AtomicU64,
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
        self.state.entries.push_back(entry);
        // Written only if it changes: the UI thread reads both on another core.
        if first {
            self.queue.flags.set_has_entries(true);
        }
        let waiter = self.state.wake();
        let queue = self.queue;
        drop(self);
        queue.wake(waiter);
        if first {
            queue.wake_loop();
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
            timers: AtomicU64::new(1),
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

    #[inline]
    fn wake(&self, waiter: Option<Waiter>) {
        match waiter {
            None => {}
            Some(Waiter::UiThread) => unpark(&*self.clock, &self.ui_thread),
            // Foreign code, which must not end the pushing thread.
            Some(Waiter::Task(waker)) => guard("the waker of a turn", || waker.wake()),
        }
    }

    #[inline]
    fn wake_loop(&self) {
        if let Some(wake) = &self.loop_waker {
            // This may be a worker's thread, which a panic of the app's waker must not end.
            guard("the function given to `waker`", wake);
        }
    }

    /// Has the UI thread do this before it runs another timer or entry. Returns the request if the
    /// queue is closed.
    pub(crate) fn request(&self, request: Request<A>) -> Result<(), Request<A>> {
        let must_wake = !matches!(request, Request::ClearTimer(_));
        let mut state = self.state.lock();
        if state.phase == Phase::Closed {
            return Err(request);
        }
        state.requests.push(request);
        self.flags.set_has_requests(true);
        if !must_wake {
            return Ok(());
        }
        let waiter = state.wake();
        // With entries in the queue, the loop has been woken for them.
        let first = state.entries.is_empty() && !std::mem::replace(&mut state.woken_for_requests, true);
        drop(state);
        self.wake(waiter);
        if first {
            self.wake_loop();
        }
        Ok(())
    }

    /// Whether there are requests. May miss one that was made just now.
    #[inline]
    pub(crate) fn has_requests(&self) -> bool {
        self.flags.has_requests()
    }

    /// The requests, in order.
    pub(crate) fn take_requests(&self) -> Vec<Request<A>> {
        if !self.has_requests() {
            return Vec::new();
        }
        let mut state = self.state.lock();
        self.flags.set_has_requests(false);
        state.woken_for_requests = false;
        std::mem::take(&mut state.requests)
    }

    /// A number for a timer.
    pub(crate) fn next_timer(&self) -> TimerId {
        TimerId(self.timers.fetch_add(1, Ordering::Relaxed))
    }

    /// A timer is due: wakes what waits for something to do, and a foreign loop if it is told so.
    pub(crate) fn wake_for_timer(&self, loop_too: bool) {
        let waiter = self.state.lock().wake();
        self.wake(waiter);
        if loop_too {
            self.wake_loop();
        }
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

    /// `Awake → Parked`, by the UI thread before it parks, or before a task awaits a turn: then the
    /// next push wakes `waiter`.
    #[must_use]
    pub(crate) fn begin_park(&self, waiter: Option<Waker>) -> ParkResult {
        let (result, former) = self.state.lock().park(waiter);
        drop(former); // foreign code
        result
    }

    /// `Parked → Awake`, by the UI thread after it has parked.
    pub(crate) fn end_park(&self) {
        if self.has_entries() {
            return; // The push has set the phase.
        }
        drop(self.state.lock().wake());
    }

    /// Closes the queue and returns what was queued. The caller drops it, which answers every call.
    #[must_use]
    pub(crate) fn close(&self) -> Remains<A> {
        let (remains, blocked_posters) = {
            let mut state = self.state.lock();
            state.phase = Phase::Closed;
            self.flags.set_closed();
            self.flags.set_has_entries(false);
            self.flags.set_has_requests(false);
            let State { entries, latest, requests, blocked_posters, .. } = &mut *state;
            let entries = std::mem::take(entries);
            let (latest, requests) = (std::mem::take(latest), std::mem::take(requests));
            (Remains { entries, latest, requests }, std::mem::take(blocked_posters))
        };
        self.unpark_all(&blocked_posters);
        remains
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
