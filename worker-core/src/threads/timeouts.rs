//! [`Timeouts`]: the time limits of running workers. One thread, made with the first limit, sleeps
//! until the nearest one and cancels the worker.
//!
//! # Invariants
//!
//! A timeout is armed when the body begins and disarmed when it has stopped. Arming the nearest one
//! unparks the thread, which holds no worker itself. The thread ends when the manager's last worker
//! and handle are gone. The list's lock is a leaf; workers are cancelled outside it. Cancel hooks
//! run on this thread, so one that blocks delays the other timeouts.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::sync::{Arc, Weak};
use std::time::Instant;

use crate::sync::blocking::{spawn, unpark};
use crate::sync::clock::Clock;
use crate::sync::primitives::Mutex;
use crate::sync::primitives::thread::{Builder, Thread};
use crate::worker::cancel_reason::CancelReason;
use crate::worker::id::WorkerId;
use crate::worker::record::Record;

pub(crate) struct Timeouts {
    shared: Arc<Shared>,
}

struct Shared {
    clock: Arc<dyn Clock>,
    list: Mutex<List>,
}

#[derive(Default)]
struct List {
    entries: BTreeMap<(Instant, WorkerId), Weak<Record>>,
    thread: TimeoutThread,
}

/// The thread that enforces the limits.
#[derive(Default)]
enum TimeoutThread {
    #[default]
    NotSpawned,
    Running(Thread),
    Closed,
}

impl Timeouts {
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
        if let TimeoutThread::NotSpawned = list.thread {
            let shared = self.shared.clone();
            let thread = Builder::new().name("worker-timeouts".into());
            let run = Box::new(move || shared.run());
            list.thread = TimeoutThread::Running(spawn(&*self.shared.clock, thread, run)?);
        }
        Ok(())
    }

    /// Cancels `worker` at `deadline`, unless it has ended by then.
    pub(crate) fn arm(&self, deadline: Instant, worker: &Arc<Record>) {
        let mut list = self.shared.list.lock();
        let nearest = list.entries.first_key_value().is_none_or(|((first, _), _)| deadline < *first);
        list.entries.insert((deadline, worker.id), Arc::downgrade(worker));
        if nearest && let TimeoutThread::Running(thread) = &list.thread {
            unpark(&*self.shared.clock, thread);
        }
    }

    /// The worker has ended, or its time was up.
    pub(crate) fn disarm(&self, deadline: Instant, id: WorkerId) {
        let disarmed = self.shared.list.lock().entries.remove(&(deadline, id));
        drop(disarmed);
    }
}

impl Shared {
    fn run(&self) {
        loop {
            let (due, next) = {
                let mut list = self.list.lock();
                if let TimeoutThread::Closed = list.thread {
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
                worker.cancel(CancelReason::TimedOut);
            }
        }
    }
}

impl List {
    /// Those whose time is up, and when the next one's is.
    fn take_due(&mut self, now: Instant) -> (Vec<Weak<Record>>, Option<Instant>) {
        let mut due = Vec::new();
        while let Some(first) = self.entries.first_entry() {
            let (deadline, _) = *first.key();
            if deadline > now {
                return (due, Some(deadline));
            }
            due.push(first.remove());
        }
        (due, None)
    }
}

impl Timeouts {
    /// Ends the thread. Called when no worker is left.
    pub(crate) fn close(&self) {
        let former = std::mem::replace(&mut self.shared.list.lock().thread, TimeoutThread::Closed);
        if let TimeoutThread::Running(thread) = former {
            unpark(&*self.shared.clock, &thread);
        }
    }
}

impl fmt::Debug for Timeouts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timeouts")
            .field("entries", &self.shared.list.lock().entries.len())
            .finish_non_exhaustive()
    }
}
