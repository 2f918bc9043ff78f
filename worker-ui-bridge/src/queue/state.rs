//! [`State`]: what the queue's lock protects.

use std::collections::{HashMap, VecDeque};
use std::task::Waker;

use crate::queue::callback::Callback;
use crate::queue::entry::{Entry, Key};
use crate::queue::request::Request;
use crate::sync::thread::Thread;

/// See the [module](self).
pub(super) struct State<A> {
    pub(super) phase: Phase,
    /// What the next push wakes, in the phase `Parked`: a task that awaits a turn; `None`: the UI
    /// thread.
    waiter: Option<Waker>,
    pub(super) entries: VecDeque<Entry<A>>,
    pub(super) latest: Latest<A>,
    /// What the UI thread must do before it runs another timer or entry, in this order.
    pub(super) requests: Vec<Request<A>>,
    /// Whether a foreign loop has been woken for them.
    pub(super) woken_for_requests: bool,
    /// Threads that are parked until the queue is below its capacity.
    pub(super) blocked_posters: Vec<Thread>,
}

/// The newest callback of each key that has an entry in the queue, or in the batch that was taken
/// from it.
pub(crate) type Latest<A> = HashMap<Key, Callback<A>>;

/// What a closed queue leaves to be dropped.
pub(crate) struct Remains<A> {
    pub(crate) entries: VecDeque<Entry<A>>,
    pub(crate) latest: Latest<A>,
    pub(crate) requests: Vec<Request<A>>,
}

/// What the UI thread is doing, as far as posting threads must know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// It is running, or looks at the queue again before it parks.
    Awake,
    /// It is parked, or about to park, or a task of its awaits a turn.
    Parked,
    /// The bridge is closed.
    Closed,
}

impl<A> State<A> {
    pub(super) fn new() -> Self {
        Self {
            phase: Phase::Awake,
            waiter: None,
            entries: VecDeque::new(),
            latest: HashMap::new(),
            requests: Vec::new(),
            woken_for_requests: false,
            blocked_posters: Vec::new(),
        }
    }

    /// `Awake → Parked`, if there is nothing to do. Gives the waiter of a park that was not ended,
    /// or `waiter` itself if there is something: the caller drops it outside the lock.
    pub(super) fn park(&mut self, waiter: Option<Waker>) -> (ParkResult, Option<Waker>) {
        if self.phase == Phase::Closed || !self.entries.is_empty() {
            return (ParkResult::Refused, waiter);
        }
        if !self.requests.is_empty() {
            return (ParkResult::Requests, waiter);
        }
        self.phase = Phase::Parked;
        (ParkResult::Parked, std::mem::replace(&mut self.waiter, waiter))
    }

    /// `Parked → Awake`. Gives what the caller must wake, outside the lock.
    #[must_use]
    pub(super) fn wake(&mut self) -> Option<Waiter> {
        if self.phase != Phase::Parked {
            return None;
        }
        self.phase = Phase::Awake;
        Some(self.waiter.take().map_or(Waiter::UiThread, Waiter::Task))
    }
}

/// Whether the UI thread may park.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ParkResult {
    Parked,
    /// No: there are requests. When they have been carried out, it may.
    Requests,
    /// No: there are entries, or the queue is closed.
    Refused,
}

/// What waits for something to do.
pub(super) enum Waiter {
    UiThread,
    /// A task that awaits a turn.
    Task(Waker),
}
