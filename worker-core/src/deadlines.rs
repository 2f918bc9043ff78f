//! The time limits of running workers: one thread, made with the first limit, that sleeps until the nearest one.
//!
//! # Invariants
//!
//! A limit is entered when the body begins and lifted when it has stopped; whoever enters the nearest one unparks the thread,
//! which holds no worker itself. The thread ends when the manager's last worker and handle are gone. The list's lock is a leaf;
//! workers are cancelled outside it. Cancel hooks run on this thread, so one that blocks delays the other limits.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::sync::{Arc, Weak};
use std::thread::{self, Thread};
use std::time::Instant;

use parking_lot::Mutex;

use crate::clock::Clock;
use crate::record::{Record, WorkerId};
use crate::state::CancelReason;

pub(crate) struct Deadlines {
    shared: Arc<Shared>,
}

struct Shared {
    clock: Arc<dyn Clock>,
    list: Mutex<List>,
}

#[derive(Default)]
struct List {
    entries: BTreeMap<(Instant, WorkerId), Weak<Record>>,
    keeper: Keeper,
}

/// The thread that keeps the limits.
#[derive(Default)]
enum Keeper {
    #[default]
    NotMade,
    Made(Thread),
    Dismissed,
}

impl Deadlines {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { shared: Arc::new(Shared { clock, list: Mutex::default() }) }
    }

    /// Makes sure that limits are kept.
    ///
    /// # Errors
    ///
    /// If the thread cannot be made.
    pub(crate) fn ready(&self) -> io::Result<()> {
        let mut list = self.shared.list.lock();
        if let Keeper::NotMade = list.keeper {
            let shared = self.shared.clone();
            let thread = thread::Builder::new().name("worker-deadlines".into());
            list.keeper = Keeper::Made(self.shared.clock.spawn(thread, Box::new(move || shared.keep()))?);
        }
        Ok(())
    }

    /// Cancels `worker` at `deadline`, unless it has ended by then.
    pub(crate) fn enter(&self, deadline: Instant, worker: &Arc<Record>) {
        let mut list = self.shared.list.lock();
        let nearest = list.entries.first_key_value().is_none_or(|((first, _), _)| deadline < *first);
        list.entries.insert((deadline, worker.id), Arc::downgrade(worker));
        if nearest && let Keeper::Made(keeper) = &list.keeper {
            self.shared.clock.unpark(keeper);
        }
    }
}

impl Deadlines {
    /// The worker has ended, or its time was up.
    pub(crate) fn lift(&self, deadline: Instant, id: WorkerId) {
        let lifted = self.shared.list.lock().entries.remove(&(deadline, id));
        drop(lifted);
    }
}

impl Shared {
    fn keep(&self) {
        loop {
            let (due, next) = {
                let mut list = self.list.lock();
                if let Keeper::Dismissed = list.keeper {
                    return;
                }
                list.take_due(self.clock.now())
            };
            for worker in due.iter().filter_map(Weak::upgrade) {
                worker.cancel(CancelReason::TimedOut);
            }
            self.clock.park_until(next);
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

impl Drop for Deadlines {
    fn drop(&mut self) {
        let keeper = std::mem::replace(&mut self.shared.list.lock().keeper, Keeper::Dismissed);
        if let Keeper::Made(thread) = keeper {
            self.shared.clock.unpark(&thread);
        }
    }
}

impl fmt::Debug for Deadlines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deadlines")
            .field("entries", &self.shared.list.lock().entries.len())
            .finish_non_exhaustive()
    }
}
