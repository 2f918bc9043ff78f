//! [`Alarms`]: the times at which something happens to a worker, its delay is over or its time limit,
//! and those at which a sleeping future is woken. One thread, made with the first that needs it,
//! sleeps until the nearest.
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
use std::time::Instant;

use crate::sync::blocking::{spawn, unpark};
use crate::sync::clock::Clock;
use crate::sync::primitives::Mutex;
use crate::sync::primitives::thread::{Builder, Thread};
use crate::worker::id::WorkerId;
use crate::worker::record::Record;

pub(crate) struct Alarms {
    shared: Arc<Shared>,
}

struct Shared {
    clock: Arc<dyn Clock>,
    list: Mutex<List>,
}

#[derive(Default)]
struct List {
    entries: BTreeMap<(Instant, WorkerId), Weak<Record>>,
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
        let nearest = list.entries.first_key_value().is_none_or(|((first, _), _)| time < *first);
        list.entries.insert((time, worker.id), Arc::downgrade(worker));
        if nearest && let AlarmThread::Running(thread) = &list.thread {
            unpark(&*self.shared.clock, thread);
        }
    }

    /// It need not look any more.
    pub(crate) fn disarm(&self, time: Instant, id: WorkerId) {
        let disarmed = self.shared.list.lock().entries.remove(&(time, id));
        drop(disarmed);
    }
}

impl Shared {
    fn run(&self) {
        loop {
            let (due, next) = {
                let mut list = self.list.lock();
                if let AlarmThread::Closed = list.thread {
                    return;
                }
                list.take_due(self.clock.now())
            };
            if due.is_empty() {
                self.clock.park_until(next);
                continue;
            }
            // This runs foreign code, which may park and so use up an unpark: the list is looked at
            // again before this thread sleeps.
            for worker in due.iter().filter_map(Weak::upgrade) {
                worker.look_at_clock();
            }
        }
    }
}

impl List {
    /// Those whose time has come, and when the next one's will.
    fn take_due(&mut self, now: Instant) -> (Vec<Weak<Record>>, Option<Instant>) {
        let mut due = Vec::new();
        while let Some(first) = self.entries.first_entry() {
            let (time, _) = *first.key();
            if time > now {
                return (due, Some(time));
            }
            due.push(first.remove());
        }
        (due, None)
    }
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
        f.debug_struct("Alarms")
            .field("entries", &self.shared.list.lock().entries.len())
            .finish_non_exhaustive()
    }
}
