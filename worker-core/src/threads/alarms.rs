//! [`Alarms`]: the times at which something happens to a worker, because its delay or its time limit
//! is over, and those at which a sleeping future is woken. One thread, made with the first that
//! needs it, sleeps until the nearest.
//!
//! # Invariants
//!
//! An alarm is a reason to look, no more: what has to happen, the worker
//! [finds out itself](Record::look_at_clock). Setting the nearest unparks the thread, which holds no
//! worker itself. The thread ends when the manager's last worker and handle are gone. The list's
//! lock is a leaf; workers look, and wakers are woken, outside it. Cancel hooks run on this thread,
//! so one that blocks delays the other alarms.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::sync::{Arc, Weak};
use std::task::Waker;
use std::time::Instant;

use crate::sync::blocking::{spawn, unpark};
use crate::sync::clock::Clock;
use crate::sync::primitives::Mutex;
use crate::sync::primitives::thread::{Builder, Thread};
use crate::worker::id::WorkerId;
use crate::worker::record::Record;
use crate::worker::waker_set::wake_each;

pub(crate) struct Alarms {
    shared: Arc<Shared>,
}

struct Shared {
    clock: Arc<dyn Clock>,
    list: Mutex<List>,
}

#[derive(Default)]
struct List {
    workers: BTreeMap<(Instant, WorkerId), Weak<Record>>,
    sleeps: BTreeMap<(Instant, u64), Waker>,
    last_key: u64,
    /// When the thread looks at the list, if not before; in the past while it is at work, and will
    /// look again. `None`: it sleeps without an end.
    looks_at: Option<Instant>,
    thread: AlarmThread,
}

/// The thread that sleeps until the nearest.
#[derive(Default)]
enum AlarmThread {
    #[default]
    NotSpawned,
    Running(Thread),
    Closed,
}

impl Alarms {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { shared: Arc::new(Shared { clock, list: Mutex::default() }) }
    }

    /// Makes sure that the thread is there.
    ///
    /// # Errors
    ///
    /// If the thread cannot be made.
    pub(crate) fn ensure_thread(&self) -> io::Result<()> {
        let mut list = self.shared.list.lock();
        if let AlarmThread::NotSpawned = list.thread {
            let shared = self.shared.clone();
            let thread = Builder::new().name("worker-alarms".into());
            let run = Box::new(move || shared.run());
            list.thread = AlarmThread::Running(spawn(&*self.shared.clock, thread, run)?);
        }
        Ok(())
    }

    /// Has `worker` look at the clock at `time`.
    pub(crate) fn arm(&self, time: Instant, worker: &Arc<Record>) {
        let mut list = self.shared.list.lock();
        list.workers.insert((time, worker.id), Arc::downgrade(worker));
        self.shared.wake_by(&mut list, time);
    }

    /// It need not look any more.
    pub(crate) fn disarm(&self, time: Instant, id: WorkerId) {
        let disarmed = self.shared.list.lock().workers.remove(&(time, id));
        drop(disarmed);
    }

    /// Wakes `waker` at `time`, unless the key that this gives is [forgotten](Self::forget_wake)
    /// before.
    ///
    /// # Errors
    ///
    /// If the thread cannot be made.
    pub(crate) fn wake_at(&self, time: Instant, waker: Waker) -> io::Result<u64> {
        self.ensure_thread()?;
        let mut list = self.shared.list.lock();
        list.last_key += 1;
        let key = list.last_key;
        list.sleeps.insert((time, key), waker);
        self.shared.wake_by(&mut list, time);
        Ok(key)
    }

    pub(crate) fn forget_wake(&self, time: Instant, key: u64) {
        let forgotten = self.shared.list.lock().sleeps.remove(&(time, key));
        drop(forgotten);
    }
}

impl Shared {
    /// Sees to it that the thread looks at the list at `time` or before.
    fn wake_by(&self, list: &mut List, time: Instant) {
        if list.looks_at.is_none_or(|looks_at| time < looks_at)
            && let AlarmThread::Running(thread) = &list.thread
        {
            list.looks_at = Some(time);
            unpark(&*self.clock, thread);
        }
    }

    fn run(&self) {
        loop {
            let (due, until) = {
                let mut list = self.list.lock();
                if let AlarmThread::Closed = list.thread {
                    return;
                }
                let now = self.clock.now();
                let due = list.take_due(now);
                list.looks_at = if due.is_empty() { list.next() } else { Some(now) };
                (due, list.looks_at)
            };
            if due.is_empty() {
                self.clock.park_until(until);
                continue;
            }
            // This runs foreign code, which may park and so use up an unpark: the list is looked at
            // again before this thread sleeps.
            for worker in due.workers.iter().filter_map(Weak::upgrade) {
                worker.look_at_clock();
            }
            wake_each(due.sleeps.into_iter());
        }
    }
}

/// What has to be done now.
struct Due {
    workers: Vec<Weak<Record>>,
    sleeps: Vec<Waker>,
}

impl Due {
    fn is_empty(&self) -> bool {
        self.workers.is_empty() && self.sleeps.is_empty()
    }
}

impl List {
    /// Those whose time has come.
    fn take_due(&mut self, now: Instant) -> Due {
        Due { workers: take_until(&mut self.workers, now), sleeps: take_until(&mut self.sleeps, now) }
    }

    /// When the next one's time comes.
    fn next(&self) -> Option<Instant> {
        let worker = self.workers.first_key_value().map(|((time, _), _)| *time);
        let sleep = self.sleeps.first_key_value().map(|((time, _), _)| *time);
        worker.into_iter().chain(sleep).min()
    }
}

fn take_until<K: Ord, V>(alarms: &mut BTreeMap<(Instant, K), V>, now: Instant) -> Vec<V> {
    let mut due = Vec::new();
    while let Some(first) = alarms.first_entry().filter(|first| first.key().0 <= now) {
        due.push(first.remove());
    }
    due
}

impl Alarms {
    /// Ends the thread. Called when no worker is left.
    pub(crate) fn close(&self) {
        let former = std::mem::replace(&mut self.shared.list.lock().thread, AlarmThread::Closed);
        if let AlarmThread::Running(thread) = former {
            unpark(&*self.shared.clock, &thread);
        }
    }
}

impl fmt::Debug for Alarms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (workers, sleeps) = {
            let list = self.shared.list.lock();
            (list.workers.len(), list.sleeps.len())
        };
        f.debug_struct("Alarms").field("workers", &workers).field("sleeps", &sleeps).finish_non_exhaustive()
    }
}
