//! [`State`]: what the queue's lock protects.

use std::collections::{HashMap, VecDeque};

use crate::queue::callback::Callback;
use crate::queue::entry::{Entry, Key};
use crate::sync::thread::Thread;
use crate::time::timers::TimerId;

/// See the [module](self).
pub(super) struct State<A> {
    pub(super) phase: Phase,
    pub(super) entries: VecDeque<Entry<A>>,
    pub(super) latest: Latest<A>,
    /// Timers that the UI thread must clear before it runs another one.
    pub(super) cleared_timers: Vec<TimerId>,
    /// Threads that are parked until the queue is below its capacity.
    pub(super) blocked_posters: Vec<Thread>,
}

/// The newest callback of each key that has an entry in the queue, or in the batch that was taken
/// from it.
pub(crate) type Latest<A> = HashMap<Key, Callback<A>>;

/// What the UI thread is doing, as far as posting threads must know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// It is running, or looks at the queue again before it parks.
    Awake,
    /// It is parked, or about to park.
    Parked,
    /// The bridge is closed.
    Closed,
}

impl<A> State<A> {
    pub(super) fn new() -> Self {
        Self {
            phase: Phase::Awake,
            entries: VecDeque::new(),
            latest: HashMap::new(),
            cleared_timers: Vec::new(),
            blocked_posters: Vec::new(),
        }
    }
}
